#![doc = include_str!("../README.md")]

// `each_provider!`, written by the build script from the names of the specs.
include!(concat!(env!("OUT_DIR"), "/providers.rs"));

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

macro_rules! modules {
    ($($name:ident, $with:ident, $package:ident, $feature:literal;)*) => {
        $(
            #[cfg(feature = $feature)]
            #[doc(inline)]
            pub use $package as $name;
        )*
    };
}

each_provider!(modules);

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
