//! The sandbox over HTTP, as a client meets it: what is answered, and what is left behind.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod crowd;
mod digipay;
mod haptik;
mod original;
mod server;
mod streambird;

use enroll_sandbox::Sandbox;
use std::sync::Arc;

use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;

/// A client that takes no notice of the machine's proxy settings.
fn client() -> Client {
    // The workspace builds reqwest with rustls and without a default provider of cryptography, so one is named here.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Client::builder().no_proxy().tls_backend_preconfigured(tls).build().unwrap()
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
