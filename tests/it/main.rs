//! The SDK as a stranger uses it: through the facade, against the sandbox and typed mocks.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod configuration;
mod configuration_file;
mod haptik;
mod logs;
mod promises;
mod redaction;
mod redaction_of_logs;
mod samples;
mod support;
mod transport;
mod wire;
