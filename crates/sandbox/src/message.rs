//! A call as a provider sees it, and its answer, in a form that is easy to read and to build.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use bytes::{BufMut as _, Bytes, BytesMut};
use http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri};
use http_body_util::Full;
use serde_json::{Map, Value};

use crate::contract::{self, OperationContract, Request, Violation};

/// One request, after its operation has been found.
///
/// `Debug` shows nothing of it: all of it may be a credential or a person's data.
#[derive(Clone)]
pub(crate) struct Call {
    head: Arc<Head>,
    query: Vec<(String, String)>,
    parameters: Vec<(&'static str, String)>,
    body: Bytes,
    /// The body as the spec's validator has read it, once it has.
    read: Option<Value>,
}

/// What stands before a request's body. Whoever acts on the request has it, and whoever remembers that it came. It has no
/// `Debug`: all of it may be a credential or a person's data.
pub(crate) struct Head {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
}

impl From<Parts> for Head {
    fn from(Parts { method, uri, headers, .. }: Parts) -> Self {
        Self { method, uri, headers }
    }
}

impl Call {
    pub(crate) fn new(head: Arc<Head>, parameters: Vec<(&'static str, String)>, body: Bytes) -> Self {
        let query = head.uri.query().unwrap_or_default();
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Self { head, query, parameters, body, read: None }
    }

    /// What the spec has against the call.
    pub(crate) fn judge(&mut self, operation: &OperationContract) -> Vec<Violation> {
        let (violations, read) = operation.judge(&self.as_request());
        self.read = read;
        violations
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).and_then(|value| value.to_str().ok())
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

    /// A parameter of the path, decoded.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.parameters.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value)
    }

    /// What the spec's validator looks at.
    fn as_request(&self) -> Request<'_> {
        Request {
            headers: &self.head.headers,
            query: self.head.uri.query(),
            path: &self.parameters,
            body: &self.body,
        }
    }

    /// The body as a JSON object. It is empty if there is none, which the spec then allows.
    pub(crate) fn object(&self) -> Cow<'_, Map<String, Value>> {
        match &self.read {
            Some(Value::Object(object)) => Cow::Borrowed(object),
            _ => Cow::Owned(Map::new()),
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}

/// A property that holds text. One that is null counts as left out.
pub(crate) fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// A property that holds true or false. One that is null counts as left out.
pub(crate) fn flag(object: &Map<String, Value>, name: &str) -> Option<bool> {
    object.get(name).and_then(Value::as_bool)
}

/// A property that holds an object. One that is null counts as left out.
pub(crate) fn map(object: &Map<String, Value>, name: &str) -> Option<Map<String, Value>> {
    object.get(name).and_then(Value::as_object).cloned()
}

/// What is said of a method that a path does not have.
pub(crate) const WRONG_METHOD: &str = "the method is not allowed for this path";

/// One response, kept as a value until it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    /// Boxed, as the body is, because an answer is also the error of the functions that refuse.
    headers: Box<HeaderMap>,
    body: Body,
}

#[derive(Clone, Debug)]
enum Body {
    Json(Box<Value>),
    Text(String),
}

impl Answer {
    pub(crate) fn json(status: StatusCode, body: Value) -> Self {
        let answer = Self { body: Body::Json(Box::new(body)), ..Self::empty(status) };
        answer.with_header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
    }

    pub(crate) fn text(status: StatusCode, body: impl Into<String>) -> Self {
        Self::empty(status)
            .with_text(body)
            .with_header(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: Box::default(), body: Body::Text(String::new()) }
    }

    /// Sets a field of the head.
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Names the methods that a path has, in the answer to one that it has not.
    pub(crate) fn with_allowed(self, methods: &[&str]) -> Self {
        match HeaderValue::from_str(&methods.join(", ")) {
            Ok(methods) => self.with_header(ALLOW, methods),
            Err(_) => self,
        }
    }

    /// Puts another body in the place of this one, and says nothing of its type.
    pub(crate) fn with_text(mut self, body: impl Into<String>) -> Self {
        self.body = Body::Text(body.into());
        self
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(crate) fn content_type(&self) -> HeaderValue {
        self.headers.get(CONTENT_TYPE).cloned().unwrap_or_else(|| HeaderValue::from_static(""))
    }

    /// The body as it is sent.
    pub(crate) fn body(&self) -> Cow<'_, str> {
        match &self.body {
            Body::Json(value) => Cow::Owned(value.to_string()),
            Body::Text(text) => Cow::Borrowed(text),
        }
    }

    /// The body for the spec's validator, which need not read what was a value before it was written.
    pub(crate) fn as_body(&self) -> contract::Body<'_> {
        match &self.body {
            Body::Json(value) => contract::Body::Value(value),
            Body::Text(text) => contract::Body::Bytes(text.as_bytes()),
        }
    }

    pub(crate) fn json_mut(&mut self) -> Option<&mut Value> {
        match &mut self.body {
            Body::Json(value) => Some(value),
            Body::Text(_) => None,
        }
    }

    pub(crate) fn into_response(self) -> Response<Full<Bytes>> {
        let body = match self.body {
            Body::Json(value) => value.to_string(),
            Body::Text(text) => text,
        };
        let mut response = Response::new(Full::new(Bytes::from(body)));
        *response.status_mut() = self.status;
        *response.headers_mut() = *self.headers;
        response
    }

    /// The answer as HTTP/1.1 writes it, and how long its head is.
    pub(crate) fn into_bytes(self) -> (Bytes, usize) {
        let mut bytes = BytesMut::new();
        bytes.put_slice(format!("HTTP/1.1 {}\r\n", self.status).as_bytes());
        for (name, value) in self.headers.iter() {
            for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                bytes.put_slice(part);
            }
        }
        let body = self.body();
        bytes.put_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
        let head = bytes.len();
        bytes.put_slice(body.as_bytes());
        (bytes.freeze(), head)
    }
}
