//! The sandbox over HTTP, as a client meets it: what is answered, and what is left behind.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod digipay;
mod haptik;
mod original;
mod server;
mod streambird;

use enroll_sandbox::Sandbox;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;

/// A client that takes no notice of the machine's proxy settings.
fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

async fn sandbox() -> Sandbox {
    Sandbox::start().await.unwrap()
}

/// Status and JSON body of the answer; an answer without JSON fails the test.
async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), json(response).await)
}

async fn json(response: Response) -> Value {
    let body = response.bytes().await.unwrap();
    serde_json::from_slice(&body)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&body)))
}
