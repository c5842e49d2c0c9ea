//! Haptik's call written by hand, as one would who needs just this one.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};

/// A client of Haptik.
pub struct Haptik {
    http: reqwest::Client,
    base_url: String,
}

/// What is sent.
#[derive(Serialize)]
pub struct CreateUser<'a> {
    pub auth_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile_no: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language_code: Option<&'a str>,
}

/// What is answered.
#[derive(Debug, Deserialize)]
pub struct User {
    pub auth_id: String,
    #[allow(dead_code, reason = "read for its cost")]
    pub mobile_no: Option<String>,
    #[allow(dead_code, reason = "read for its cost")]
    pub email: Option<String>,
    #[allow(dead_code, reason = "read for its cost")]
    pub name: Option<String>,
}

impl Haptik {
    /// The credentials are the same for every call, so that they are default headers.
    pub fn new(base_url: &str, token: &str, client_id: &str) -> Result<Self, Box<dyn std::error::Error>> {
        // reqwest is compiled without a provider of its own, because `ring` builds faster than aws-lc. There may be one already.
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
        Ok(Self { http, base_url: base_url.to_owned() })
    }

    /// Creates a user, or updates the one with this `auth_id`.
    pub async fn create_user(&self, user: &CreateUser<'_>) -> reqwest::Result<User> {
        self.http
            .post(format!("{}/v1.0/user/", self.base_url))
            .json(user)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await
    }
}
