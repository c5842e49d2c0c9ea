//! Haptik's call on hyper's pooled client: what cannot be saved. Without TLS, time-outs, redirects and proxies.

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::{Deserialize, Serialize};

/// A client of Haptik.
pub struct Haptik {
    http: Client<HttpConnector, Full<Bytes>>,
    users: Uri,
    authorization: HeaderValue,
    client_id: HeaderValue,
}

/// What is sent.
#[derive(Serialize)]
pub struct CreateUser<'a> {
    pub auth_id: &'a str,
    pub mobile_no: &'a str,
    pub email: &'a str,
    pub name: &'a str,
    pub language_code: &'a str,
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
    /// Whatever is the same for all calls is made once.
    pub fn new(base_url: &str, token: &str, client_id: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Ok(Self {
            http: Client::builder(TokioExecutor::new()).build(connector),
            users: format!("{base_url}/v1.0/user/").parse()?,
            authorization: format!("Bearer {token}").parse()?,
            client_id: client_id.parse()?,
        })
    }

    /// Creates a user, or updates the one with this `auth_id`.
    pub async fn create_user(&self, user: &CreateUser<'_>) -> Result<User, Box<dyn std::error::Error>> {
        let mut request = Request::new(Full::from(serde_json::to_vec(user)?));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.users.clone();
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, self.authorization.clone());
        headers.insert("client-id", self.client_id.clone());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let response = self.http.request(request).await?;
        if !response.status().is_success() {
            return Err(format!("HTTP {}", response.status()).into());
        }
        let body = response.into_body().collect().await?.to_bytes();
        Ok(serde_json::from_slice(&body)?)
    }
}
