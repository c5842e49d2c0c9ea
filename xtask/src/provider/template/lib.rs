//! {description}, generated from `specs/{name}.yaml`.
//!
//! Most users take it from the facade, as `enroll::{module}`.

#[allow(
    missing_docs,
    unused_mut,
    unused_qualifications,
    clippy::all,
    clippy::restriction,
    reason = "generated code: what it lacks, its spec lacks"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

pub use generated::*;

/// Typed mocks of the operations, on `httpmock`: `server.create_user(|when, then| …)`.
#[cfg(feature = "mock")]
#[allow(
    missing_docs,
    unused_qualifications,
    clippy::all,
    clippy::restriction,
    reason = "generated code: what it lacks, its spec lacks"
)]
pub mod mock {
    include!(concat!(env!("OUT_DIR"), "/mock.rs"));
}
