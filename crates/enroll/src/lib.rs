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

/// DigiPay has no lookup by which an account could be found again, so that its create call cannot make sure of one. This
/// compiles,
///
/// ```no_run
/// # async fn example(digipay: enroll::digipay::Client) {
/// let _ = digipay.user_register().dial_code("+1").phone_number("4155550123").outcome().await;
/// # }
/// ```
///
/// and this does not, though nothing but the last call differs:
///
/// ```compile_fail,E0599
/// # async fn example(digipay: enroll::digipay::Client) {
/// let _ = digipay.user_register().dial_code("+1").phone_number("4155550123").ensure().await;
/// # }
/// ```
#[cfg(all(doctest, feature = "digipay"))]
struct DigiPayHasNoEnsure;
