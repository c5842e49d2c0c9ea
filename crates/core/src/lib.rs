//! What every `enroll` client shares at run time: transport, credentials, errors, private data.
//!
//! Most users need the facade `enroll` alone, which re-exports what is of use to them. This crate knows no provider by
//! name: what is special about one is data that its generated client passes in.

mod credentials;
mod error;
mod field;
#[doc(hidden)]
pub mod generated;
mod http;
mod pages;
mod private;
mod provider;
mod response;
#[cfg(feature = "schemars")]
mod schema;
mod settings;
mod transport;
mod values;

pub use error::{Delivery, Error, NoBody};
pub use field::{IntoField, IntoNullable, Null, Nullable, Problem};
pub use http::{Http, HttpOptions};
pub use pages::Pages;
pub use private::{NotAnObject, Personal, Secret};
pub use provider::{Operation, Replay};
pub use reqwest::StatusCode;
pub use reqwest::header::HeaderMap;
pub use response::Response;
pub use settings::ConfigError;
pub use values::{EpochMillis, EpochSeconds, IntegerOrString, OneOrMany, UnknownValue};
