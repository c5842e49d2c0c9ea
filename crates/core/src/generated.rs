//! What generated code uses. Not a part of the public API: it changes with the generator.

pub use bytes;
pub use reqwest;
pub use serde;
pub use serde_json;

#[cfg(feature = "mock")]
pub use httpmock;
#[cfg(feature = "mock")]
pub use regex;
#[cfg(feature = "schemars")]
pub use schemars;

#[cfg(feature = "schemars")]
pub use crate::schema::json_schema;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde::Serialize;

use crate::error::DecodeError;

pub use crate::error::Failure;
pub use crate::exchange::{FETCH, Fetch};
pub use crate::field::Problems;
pub use crate::pages::{Pages, next_cursor};
pub use crate::private::masked;
pub use crate::provider::{
    By, Condition, Credential, Exchange, ExpiryFormat, Lookup, LookupKey, Provider, Recipe, Scheme, Server,
};
pub use crate::request::{Request, RequestBuilder};
pub use crate::response::RawResponse;
pub use crate::settings::Settings;
pub use crate::transport::{Call, CallOptions, Transport};

/// All but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text with all escaped that may mean something in a URL.
pub(crate) fn escaped(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

/// A value as one segment of a path.
pub fn encode_path(segment: &str) -> String {
    escaped(segment).to_string()
}

/// The pattern of a path segment as it is sent.
#[cfg(feature = "mock")]
pub fn path_pattern(segment: &str) -> String {
    regex::escape(&encode_path(segment))
}

/// A query parameter: left out when absent, repeated for a list.
pub struct QueryParam<'a, T> {
    name: &'a str,
    value: &'a T,
}

impl<'a, T> QueryParam<'a, T> {
    /// A parameter with its value.
    pub fn new(name: &'a str, value: &'a T) -> Self {
        Self { name, value }
    }
}

impl<T: Serialize> QueryParam<'_, T> {
    pub(crate) fn name(&self) -> &str {
        self.name
    }

    /// Its values as text.
    pub(crate) fn texts(&self) -> Result<Vec<String>, BuildError> {
        use serde_json::Value;
        let text = |value: Value| match value {
            Value::String(text) => Ok(text),
            Value::Bool(flag) => Ok(flag.to_string()),
            Value::Number(number) => Ok(number.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                Err(BuildError::new("a query parameter must be a plain value"))
            }
        };
        let value = serde_json::to_value(self.value);
        match value.map_err(|error| BuildError::new(DecodeError::from(&error)))? {
            Value::Array(items) => items.into_iter().map(text).collect(),
            Value::Null => Ok(Vec::new()),
            single => Ok(vec![text(single)?]),
        }
    }
}

/// A request that could not be built: a header value with characters that no header can carry.
pub struct BuildError(Box<dyn std::error::Error + Send + Sync>);

impl BuildError {
    pub(crate) fn new(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }

    /// The same as a failure of `operation`; nothing was sent.
    pub fn at(self, operation: &'static crate::Operation) -> Failure {
        Failure::invalid_request(
            operation,
            vec![crate::Problem::new("request", "has a value that HTTP cannot carry")],
        )
        .with_source(self.0)
    }
}

impl From<reqwest::Error> for BuildError {
    fn from(error: reqwest::Error) -> Self {
        Self(Box::new(error.without_url()))
    }
}

impl From<reqwest::header::InvalidHeaderValue> for BuildError {
    fn from(error: reqwest::header::InvalidHeaderValue) -> Self {
        Self(Box::new(error))
    }
}
