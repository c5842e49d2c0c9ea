//! The SDK as a stranger uses it: through the facade, against the sandbox and typed mocks.

mod examples;
mod haptik;
mod samples;
mod support;
