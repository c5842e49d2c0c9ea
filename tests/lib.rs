//! A provider that does not exist, generated from `fixtures/exotic.yaml` as a provider's crate is from its spec. The tests
//! themselves are in `it/`.

#[allow(
    missing_docs,
    unused_mut,
    unused_qualifications,
    clippy::all,
    reason = "generated code: what it lacks, its spec lacks"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/exotic.rs"));
}

pub use generated::*;

/// Typed mocks of the operations.
#[cfg(feature = "mock")]
#[allow(missing_docs, unused_qualifications, clippy::all, reason = "generated code")]
pub mod mock {
    include!(concat!(env!("OUT_DIR"), "/exotic_mock.rs"));
}
