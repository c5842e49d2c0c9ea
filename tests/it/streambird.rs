//! Streambird: what each operation sends, what is refused before anything is sent, what is made of each answer, and
//! what is left behind.

mod answers;
mod failures;
mod refusals;
mod requests;
mod sandbox;
mod search;
mod wallet_types;

use enroll::streambird::Client;
use enroll_sandbox::Sandbox;

use crate::support::{self, once};

/// What the provider documents for credentials.
const CREDENTIALS: &[(&str, &str)] = &[("authorization", "Bearer sk_test_fake")];

/// An id as the documentation shows them.
const USER: &str = "user_24wFP9pDa9YiMJLun94iKykoZs2";

/// A client of a mock server, or of what stands before one. It sends every request once.
fn client(base_url: impl Into<String>) -> Client {
    Client::builder().api_key("sk_test_fake").base_url(base_url).http(once()).build().unwrap()
}

/// A sandbox, and a client of it.
async fn sandbox() -> (Sandbox, Client) {
    let (sandbox, config) = support::sandbox().await;
    let client = config.build().unwrap().streambird().unwrap().clone();
    (sandbox, client)
}
