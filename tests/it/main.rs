//! The SDK as a stranger uses it: through the facade, against the sandbox and typed mocks.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod exotic;
mod haptik;
mod samples;
mod support;
mod tidy;
