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

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Serialize, Serializer};

pub use crate::error::Failure;
pub use crate::field::Problems;
pub use crate::pages::{Pages, next_cursor};
pub use crate::private::masked;
pub use crate::provider::{
    By, Condition, Credential, ExpiryFormat, Lookup, LookupKey, Provider, Recipe, Scheme, Server,
};
pub use crate::response::RawResponse;
pub use crate::settings::Settings;
pub use crate::transport::{Call, CallOptions, Transport};

/// RFC 3986's unreserved characters stay as they are in a path segment; everything else is escaped.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A value as one segment of a path.
pub fn encode_path(segment: &str) -> String {
    utf8_percent_encode(segment, SEGMENT).to_string()
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

impl<T: Serialize> Serialize for QueryParam<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde_json::Value;
        let text = |value: Value| match value {
            Value::String(text) => Some(text),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        };
        let values = match serde_json::to_value(self.value).map_err(S::Error::custom)? {
            Value::Array(items) => items,
            Value::Null => Vec::new(),
            single => vec![single],
        };
        let mut pairs = serializer.serialize_seq(None)?;
        for value in values {
            let text =
                text(value).ok_or_else(|| S::Error::custom("a query parameter must be a plain value"))?;
            pairs.serialize_element(&(self.name, text))?;
        }
        pairs.end()
    }
}

/// A request that could not be built: a header value with characters that no header can carry.
pub struct BuildError(Box<dyn std::error::Error + Send + Sync>);

impl BuildError {
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
