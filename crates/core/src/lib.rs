//! What every `enroll` client shares at run time: transport, credentials, errors, private data.
//!
//! Most users need the facade `enroll` alone, which re-exports what is of use to them. This crate knows no provider by
//! name: what is special about one is data that its generated client passes in.

mod attempt;
mod authenticate;
mod credentials;
mod ensure;
mod error;
mod exchange;
mod field;
#[doc(hidden)]
pub mod generated;
mod http;
mod outcome;
mod pages;
mod pointed;
mod preview;
mod private;
mod provider;
mod request;
mod response;
mod retry;
mod salvage;
#[cfg(feature = "schemars")]
mod schema;
mod settings;
mod transport;
mod values;
mod waiter;

pub use ensure::{Ensured, Origin};
pub use error::{Attempt, Delivery, Error, NoBody};
pub use field::{IntoField, IntoNullable, Null, Nullable, Problem};
pub use http::{Http, HttpOptions};
pub use outcome::Outcome;
pub use pages::Pages;
pub use preview::Preview;
pub use private::{NotAnObject, Personal, Secret};
pub use provider::{Operation, Replay};
pub use reqwest::StatusCode;
pub use reqwest::header::HeaderMap;
pub use response::Response;
pub use retry::Retry;
pub use settings::ConfigError;
pub use values::{EpochMillis, EpochSeconds, IntegerOrString, OneOrMany, UnknownValue};
pub use waiter::{WaitError, Waiter};
