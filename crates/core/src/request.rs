//! Requests before they are sent: what an operation asks for, from which each attempt is made.
//!
//! An attempt's own request goes to the connection with all that it holds, so that something must be kept for a repeat. What
//! is kept is little: the body's bytes are shared, and headers become a map only when they are sent.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde::Serialize;
use serde_json::Value;

use crate::error::DecodeError;
use crate::generated::{BuildError, QueryParam, escaped};
use crate::transport::Transport;

/// reqwest adds the `user-agent`; what hyper adds goes to a copy.
const ADDED_LATER: usize = 1;

/// A request without credentials.
#[doc(hidden)]
#[derive(Clone)]
pub struct Request {
    pub(crate) method: Method,
    /// Shared with the transport where the path has no parameter: each attempt takes a copy anyway.
    pub(crate) url: Arc<Url>,
    accept: Option<HeaderValue>,
    content_type: Option<HeaderValue>,
    /// The others; a later one replaces an earlier one of the same name.
    others: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Option<Bytes>,
}

impl Request {
    /// A request without headers and body.
    pub(crate) fn new(method: Method, url: Arc<Url>) -> Self {
        Self { method, url, accept: None, content_type: None, others: Vec::new(), body: None }
    }

    /// Asks for JSON.
    pub(crate) fn accepting_json(mut self) -> Self {
        self.accept = Some(JSON);
        self
    }

    /// The body, which is JSON.
    pub(crate) fn with_json(mut self, body: impl Into<Bytes>) -> Self {
        self.content_type = Some(JSON);
        self.body = Some(body.into());
        self
    }

    /// Calls the body's media type by another name.
    pub fn set_content_type(&mut self, media_type: &'static str) {
        self.content_type = Some(HeaderValue::from_static(media_type));
    }

    /// Adds a parameter to the query, escaped as RFC 3986 has it. Forms write a blank as `+`, which a server may also take for
    /// a plus.
    pub(crate) fn add_query(&mut self, name: &str, value: &str) {
        let url = Arc::make_mut(&mut self.url);
        let earlier = url.query().map(|query| format!("{query}&")).unwrap_or_default();
        url.set_query(Some(&format!("{earlier}{}={}", escaped(name), escaped(value))));
    }

    pub(crate) fn add_headers(&mut self, headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>) {
        self.others.extend(headers);
    }

    /// The headers, with room for those of so many schemes.
    pub(crate) fn headers(&self, schemes: usize) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(2 + self.others.len() + schemes + ADDED_LATER);
        let named = [(&ACCEPT, self.accept.as_ref()), (&CONTENT_TYPE, self.content_type.as_ref())];
        let named = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
        for (name, value) in named.chain(self.others.iter().map(|(name, value)| (name, value))) {
            put(&mut headers, name.clone(), value.clone());
        }
        headers
    }

    /// What is sent once, with these headers.
    pub(crate) fn attempt(&self, headers: HeaderMap) -> reqwest::Request {
        let mut request = reqwest::Request::new(self.method.clone(), Url::clone(&self.url));
        *request.headers_mut() = headers;
        *request.body_mut() = self.body.clone().map(Into::into);
        request
    }
}

/// Puts a header into a map, in place of one of the same name: long code, which each place that inserts would have.
#[inline(never)]
pub(crate) fn put(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.insert(name, value);
}

/// A flat object as `application/x-www-form-urlencoded`.
fn encoded(body: &impl Serialize) -> Result<String, BuildError> {
    let body = serde_json::to_value(body).map_err(|error| BuildError::new(DecodeError::from(&error)))?;
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in body.as_object().into_iter().flatten() {
        match value {
            Value::Null => {}
            Value::String(text) => _ = form.append_pair(name, text),
            Value::Bool(_) | Value::Number(_) => _ = form.append_pair(name, &value.to_string()),
            Value::Array(_) | Value::Object(_) => {
                return Err(BuildError::new("a field of a form must be a plain value"));
            }
        }
    }
    Ok(form.finish())
}

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Builds a request step by step, as generated code does. What goes wrong is told at the end.
pub struct RequestBuilder {
    request: Request,
    error: Option<BuildError>,
}

impl RequestBuilder {
    /// A request to this path below the base URL.
    pub fn new(transport: &Transport, method: Method, path: impl Into<Cow<'static, str>>) -> Self {
        let request = Request::new(method, transport.url(path));
        Self { request, error: None }
    }

    /// A header that all requests of the operation have.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if name == ACCEPT {
            self.request.accept = Some(value);
        } else {
            self.request.add_headers([(name, value)]);
        }
        self
    }

    /// Headers that are parameters.
    #[must_use]
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        let named = headers.iter().map(|(name, value)| (name.clone(), value.clone()));
        self.request.add_headers(named);
        self
    }

    /// A parameter of the query.
    #[must_use]
    pub fn query<T: Serialize>(mut self, parameter: &QueryParam<'_, T>) -> Self {
        match parameter.texts() {
            Ok(texts) => {
                for text in &texts {
                    self.request.add_query(parameter.name(), text);
                }
            }
            Err(error) => self.error = Some(error),
        }
        self
    }

    /// A body of JSON.
    #[must_use]
    pub fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => self.request = self.request.with_json(bytes),
            Err(error) => self.error = Some(BuildError::new(DecodeError::from(&error))),
        }
        self
    }

    /// A body as forms on pages have it.
    #[must_use]
    pub fn form(mut self, body: &impl Serialize) -> Self {
        match encoded(body) {
            Ok(text) => {
                self.request.content_type = Some(FORM);
                self.request.body = Some(text.into());
            }
            Err(error) => self.error = Some(error),
        }
        self
    }

    /// The request.
    ///
    /// # Errors
    /// If a value cannot be written down.
    pub fn build(self) -> Result<Request, BuildError> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.request),
        }
    }
}
