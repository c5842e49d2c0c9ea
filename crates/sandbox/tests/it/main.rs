//! The sandbox over HTTP, as a client meets it: what is answered, and what is left behind.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod control;
mod cors;
mod crowd;
mod digipay;
mod faults;
mod haptik;
mod limits;
mod original;
#[cfg(unix)]
mod program;
mod raw;
mod seed;
mod server;
mod spoilt;
mod streambird;

use std::net::SocketAddr;
use std::sync::Arc;

use enroll_sandbox::{Fault, Sandbox};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

/// The providers, in the order of their ports.
const PROVIDERS: [&str; 4] = ["haptik", "original", "streambird", "digipay"];

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
    (response.status().as_u16(), json_of(response).await)
}

async fn json_of(response: Response) -> Value {
    let body = response.bytes().await.unwrap();
    serde_json::from_slice(&body)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&body)))
}

fn address(sandbox: &Sandbox) -> SocketAddr {
    sandbox.base_url().strip_prefix("http://").unwrap().parse().unwrap()
}

/// A request that has all that the provider asks for, to be sent by a client or byte by byte.
#[derive(Clone)]
struct Call {
    method: &'static str,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
}

impl Call {
    /// The creation of a user that has this number in its identifier.
    fn create(sandbox: &Sandbox, provider: &'static str, number: usize) -> Self {
        let (path, body) = match provider {
            "haptik" => ("/v1.0/user/", json!({ "auth_id": format!("member-{number}") })),
            "original" => ("/user", json!({ "user_external_id": format!("member-{number}") })),
            "streambird" => {
                let email = format!("member-{number}@example.com");
                ("/v1/auth/users/create", json!({ "email": email, "include_user": true }))
            }
            _ => {
                let phone_number = format!("415555{number:04}");
                let body = json!({ "dial_code": "+1", "phone_number": phone_number });
                ("/digipay/v3/auth/user_register", body)
            }
        };
        Self { method: "POST", body: Some(body), ..Self::get(sandbox, provider, path) }
    }

    fn get(sandbox: &Sandbox, provider: &'static str, path: &str) -> Self {
        let (base_url, headers) = match provider {
            "haptik" => {
                let haptik = sandbox.haptik();
                let bearer = format!("Bearer {}", haptik.token());
                let client_id = haptik.client_id().to_owned();
                (haptik.base_url(), vec![("authorization", bearer), ("client-id", client_id)])
            }
            "original" => {
                let original = sandbox.original();
                let bearer = format!("Bearer {}", original.token());
                let api_key = original.api_key().to_owned();
                (original.base_url(), vec![("authorization", bearer), ("x-api-key", api_key)])
            }
            "streambird" => {
                let streambird = sandbox.streambird();
                let bearer = format!("Bearer {}", streambird.api_key());
                (streambird.base_url(), vec![("authorization", bearer)])
            }
            _ => {
                let digipay = sandbox.digipay();
                let token = format!("Token {}", digipay.token());
                let company_id = digipay.company_id().to_owned();
                (digipay.base_url(), vec![("authorization", token), ("companyid", company_id)])
            }
        };
        Self { method: "GET", url: format!("{base_url}{path}"), headers, body: None }
    }

    fn with_body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    fn request(&self) -> RequestBuilder {
        let mut request = client().request(self.method.parse().unwrap(), &self.url);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        match &self.body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    async fn send(&self) -> (u16, Value) {
        answer(self.request()).await
    }

    /// The request as HTTP/1.1 writes it.
    fn bytes(&self) -> Vec<u8> {
        let body = self.body.as_ref().map_or_else(String::new, Value::to_string);
        self.bytes_with(body.as_bytes())
    }

    /// The same with another body, which need not be JSON.
    fn bytes_with(&self, body: &[u8]) -> Vec<u8> {
        [self.head(body.len(), "").as_bytes(), body].concat()
    }

    /// The head of the request, with these lines more in it.
    fn head(&self, length: usize, lines: &str) -> String {
        let path = &self.url[self.url.find("//").unwrap() + 2..];
        let path = &path[path.find('/').unwrap()..];
        let headers: String =
            self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let method = self.method;
        format!(
            "{method} {path} HTTP/1.1\r\nhost: sandbox\r\n{headers}{lines}content-type: application/json\r\n\
             content-length: {length}\r\n\r\n"
        )
    }
}

/// How many users a provider has.
fn users(sandbox: &Sandbox, provider: &str) -> usize {
    match provider {
        "haptik" => sandbox.haptik().users().len(),
        "original" => sandbox.original().users().len(),
        "streambird" => sandbox.streambird().users().len(),
        _ => sandbox.digipay().users().len(),
    }
}

/// Has the next request to a provider go wrong.
fn next(sandbox: &Sandbox, provider: &str, fault: &Fault) {
    let fault = fault.clone();
    let _ = match provider {
        "haptik" => sandbox.haptik().next(fault),
        "original" => sandbox.original().next(fault),
        "streambird" => sandbox.streambird().next(fault),
        _ => sandbox.digipay().next(fault),
    };
}

/// Checks that the last request went wrong as it was asked for, and that this does not count as a mistake of the
/// sandbox's own.
#[track_caller]
fn assert_happened(sandbox: &Sandbox, fault: &Fault) {
    assert_eq!(sandbox.requests().last().unwrap().fault(), Some(fault));
    assert_eq!(sandbox.deviations(), [""; 0]);
}

/// Lets the others go on until something has come about.
async fn until(has_come: impl Fn() -> bool) {
    while !has_come() {
        tokio::task::yield_now().await;
    }
}
