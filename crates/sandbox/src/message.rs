//! A call as a provider sees it, and its answer, in a form that is easy to read and to build.

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

/// One request, after its operation has been found.
pub(crate) struct Call {
    headers: HeaderMap,
    query: Vec<(String, String)>,
    parameters: Vec<String>,
    body: Bytes,
}

impl Call {
    pub(crate) fn new(parts: &Parts, parameters: Vec<String>, body: Bytes) -> Self {
        let query = Query::try_from_uri(&parts.uri).map(|Query(pairs)| pairs).unwrap_or_default();
        Self { headers: parts.headers.clone(), query, parameters, body }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// What follows the scheme's word in `Authorization`, if the word is this one. Its case does not matter (RFC 9110).
    pub(crate) fn authorization(&self, scheme: &str) -> Option<&str> {
        let (word, credential) = self.header(AUTHORIZATION.as_str())?.split_once(' ')?;
        word.eq_ignore_ascii_case(scheme).then_some(credential)
    }

    /// A parameter of the query string, decoded.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the path, decoded, counted from zero.
    pub(crate) fn parameter(&self, index: usize) -> &str {
        self.parameters.get(index).map_or("", String::as_str)
    }

    pub(crate) fn has_body(&self) -> bool {
        !self.body.is_empty()
    }

    /// Whether a body, if there is one, says that it is JSON.
    pub(crate) fn is_json(&self) -> bool {
        let media_type = self.header(CONTENT_TYPE.as_str()).and_then(|value| value.split(';').next());
        !self.has_body() || media_type.is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json"))
    }

    /// The body as a JSON object; or else what is wrong with it, without repeating any of it.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, String> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err("the body must be a JSON object".to_owned()),
            Err(_) => Err("the body is not valid JSON".to_owned()),
        }
    }
}

/// A property that holds text. One that is null counts as left out.
pub(crate) fn text(object: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{name} must be a string")),
    }
}

/// A property that holds true or false. One that is null counts as left out.
pub(crate) fn flag(object: &Map<String, Value>, name: &str) -> Result<Option<bool>, String> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(format!("{name} must be a boolean")),
    }
}

/// A property that holds an object. One that is null counts as left out.
pub(crate) fn map(object: &Map<String, Value>, name: &str) -> Result<Option<Map<String, Value>>, String> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map.clone())),
        Some(_) => Err(format!("{name} must be an object")),
    }
}

/// One response, kept as a value until it is sent.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    header: Option<(HeaderName, HeaderValue)>,
    body: Body,
}

#[derive(Debug)]
enum Body {
    /// Boxed, because an answer is also the error of the functions that refuse.
    Json(Box<Value>),
    Text(String),
}

impl Answer {
    pub(crate) fn json(status: StatusCode, body: Value) -> Self {
        Self { status, header: None, body: Body::Json(Box::new(body)) }
    }

    pub(crate) fn text(status: StatusCode, body: impl Into<String>) -> Self {
        Self { status, header: None, body: Body::Text(body.into()) }
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match self.body {
            Body::Json(value) => (self.status, axum::Json(value)).into_response(),
            Body::Text(text) => (self.status, text).into_response(),
        };
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
