//! The SDK as a stranger uses it: through the facade, against the sandbox and typed mocks.

mod digipay;
mod haptik;
mod samples;
mod support;
