//! The SDK as a stranger uses it: through the facade, against the sandbox and typed mocks.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod checkout;
mod configuration;
mod configuration_file;
mod digipay;
mod examples;
mod exotic;
mod haptik;
mod logs;
mod never_twice;
mod original;
mod preview;
mod promises;
mod redaction;
mod redaction_of_logs;
mod repeats;
mod samples;
mod streambird;
mod support;
mod tidy;
mod transport;
mod wire;
