//! progenitor's client, with what it leaves to its user: the HTTP client, and credentials, of which it knows nothing.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};

#[allow(clippy::all, clippy::unwrap_used, dead_code, missing_docs, unused, reason = "it is generated")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

pub use generated::Client;
pub use generated::types::CreateUserRequest;

/// A client with its credentials.
pub fn client(base_url: &str, token: &str, client_id: &str) -> Result<Client, Box<dyn std::error::Error>> {
    // As in the program by hand.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut authorization = HeaderValue::from_str(&format!("Bearer {token}"))?;
    authorization.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, authorization);
    headers.insert("client-id", HeaderValue::from_str(client_id)?);
    let http = reqwest::Client::builder()
        .user_agent("sign-up/1.0")
        .default_headers(headers)
        .timeout(Duration::from_secs(15))
        .build()?;
    Ok(Client::new_with_client(base_url, http))
}
