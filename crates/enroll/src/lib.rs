#![doc = include_str!("../README.md")]

mod config;
#[cfg(feature = "config-file")]
mod file;

pub use config::{Clients, Config};
#[cfg(feature = "mock")]
pub use enroll_core::generated::httpmock;
pub use enroll_core::{
    Attempt, ConfigError, Delivery, Ensured, EpochMillis, EpochSeconds, Error, HeaderMap, Http, HttpOptions,
    IntegerOrString, IntoField, IntoNullable, NoBody, Null, Nullable, OneOrMany, Operation, Origin, Outcome,
    Pages, Personal, Preview, Problem, Replay, Response, Retry, Secret, StatusCode, UnknownValue, WaitError,
    Waiter,
};

#[cfg(feature = "digipay")]
#[doc(inline)]
pub use enroll_digipay as digipay;
#[cfg(feature = "haptik")]
#[doc(inline)]
pub use enroll_haptik as haptik;
#[cfg(feature = "original")]
#[doc(inline)]
pub use enroll_original as original;
#[cfg(feature = "streambird")]
#[doc(inline)]
pub use enroll_streambird as streambird;
