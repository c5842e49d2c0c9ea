//! A request by its parts, how the examples of a spec give it, and how it is sent.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde_json::{Map, Value, json};

use super::expression::Exchange;
use crate::spec::{Operation, members};

/// A sandbox answers at once.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a request has beside its credentials.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prepared {
    pub(crate) path: Map<String, Value>,
    pub(crate) query: Map<String, Value>,
    pub(crate) header: Map<String, Value>,
    pub(crate) body: Option<Value>,
}

impl Prepared {
    /// What the examples give: the parameters that must be there, and a body.
    pub(crate) fn by_example(operation: Operation<'_>) -> Self {
        let mut prepared = Self::default();
        for parameter in operation.parameters() {
            let required = parameter["required"] == true || parameter["in"] == "path";
            let (Some(name), Some(place)) = (parameter["name"].as_str(), parameter["in"].as_str()) else {
                continue;
            };
            let example = parameter.get("example").or_else(|| parameter["schema"].get("example"));
            if let (true, Some(example)) = (required, example) {
                prepared.set(place, name, example.clone());
            }
        }
        prepared.body = operation.body().and_then(|(_, content)| {
            let examples = &content["examples"];
            let named =
                examples.get("typical").or_else(|| members(examples).map(|(_, example)| example).next());
            named.map(|example| example["value"].clone()).or_else(|| content.get("example").cloned())
        });
        prepared
    }

    /// Takes over what a link says. A link of which something is missing changes nothing.
    pub(crate) fn follow(&mut self, link: &Value, exchange: &Exchange) -> bool {
        let mut linked = self.clone();
        for (name, value) in members(&link["parameters"]) {
            let Some(value) = exchange.evaluate(value) else { return false };
            let (place, name) = name.split_once('.').unwrap_or(("path", name));
            linked.set(place, name, value);
        }
        if let Some(body) = link.get("requestBody") {
            let Some(body) = exchange.evaluate(body) else { return false };
            linked.body = Some(match (linked.body.take(), body) {
                (Some(Value::Object(own)), Value::Object(given)) => own.into_iter().chain(given).collect(),
                (_, body) => body,
            });
        }
        *self = linked;
        true
    }

    /// The request as `/live.json` has it.
    pub(crate) fn shown(self) -> Value {
        let Self { path, query, header, body } = self;
        json!({ "path": path, "query": query, "header": header, "body": body })
    }

    fn set(&mut self, place: &str, name: &str, value: Value) {
        let place = match place {
            "query" => &mut self.query,
            "header" => &mut self.header,
            _ => &mut self.path,
        };
        place.insert(name.to_owned(), value);
    }
}

/// Sends requests to the sandbox.
pub(crate) struct Client(reqwest::Client);

impl Client {
    pub(crate) fn new() -> Result<Self, String> {
        // Only loopback is called, in clear; but a reqwest that is built with rustls wants to be told of its
        // cryptography all the same.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let client =
            reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls).timeout(PATIENCE).build();
        client.map(Self).map_err(|error| error.to_string())
    }

    /// Sends a request; `None` if it cannot be built, or is not answered.
    pub(crate) async fn send(
        &self,
        base_url: &str,
        operation: Operation<'_>,
        credentials: &[(String, String)],
        request: &Prepared,
    ) -> Option<Exchange> {
        let method: Method = operation.method.to_uppercase().parse().ok()?;
        let mut call = self.0.request(method, url(base_url, operation.path, request)?);
        let own = request.header.iter().map(|(name, value)| (name.clone(), text(value)));
        let mut headers = HeaderMap::new();
        for (name, value) in own.chain(credentials.iter().cloned()) {
            headers.insert(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
        }
        if let Some((body, (media_type, _))) = request.body.as_ref().zip(operation.body()) {
            if media_type == "application/x-www-form-urlencoded" {
                let fields: Vec<_> = members(body).map(|(name, value)| (name, text(value))).collect();
                call = call.form(&fields);
            } else {
                call = call.header("content-type", media_type).body(body.to_string());
            }
        }
        let answer = call.headers(headers).send().await.ok()?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = serde_json::from_slice(&answer.bytes().await.ok()?).unwrap_or_default();
        Some(Exchange { request: request.clone(), status, headers, body })
    }
}

fn url(base_url: &str, path: &str, request: &Prepared) -> Option<Url> {
    let mut url = Url::parse(base_url).ok()?;
    {
        let mut segments = url.path_segments_mut().ok()?;
        for segment in path.split('/').skip(1) {
            let filled = request.path.iter().fold(segment.to_owned(), |segment, (name, value)| {
                segment.replace(&format!("{{{name}}}"), &text(value))
            });
            segments.push(&filled);
        }
    }
    for (name, value) in &request.query {
        url.query_pairs_mut().append_pair(name, &text(value));
    }
    Some(url)
}

/// A value as a path, a query or a header has it.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
