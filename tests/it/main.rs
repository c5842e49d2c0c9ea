//! The SDK as a stranger uses it: through the facade, against the sandbox and typed mocks.

mod haptik;
mod logs;
mod samples;
mod support;
mod transport;
mod wire;
