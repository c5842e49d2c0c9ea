//! Answers: the value with its status, headers and request id beside it, and how bytes become one.

use std::fmt;
use std::ops::Deref;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::de::DeserializeOwned;

use crate::error::{DecodeError, Delivery, Error, Failure, Kind};
use crate::provider::Operation;

/// A successful answer. It derefs to the value, so that `user.auth_id` and `user.status()` both work.
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    status: StatusCode,
    headers: HeaderMap,
}

impl<T> Response<T> {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The provider's id of this request, to quote to its support, if a header that usually carries one came.
    pub fn request_id(&self) -> Option<&str> {
        ["x-request-id", "request-id", "x-correlation-id", "cf-ray"]
            .iter()
            .find_map(|name| self.headers.get(*name)?.to_str().ok())
    }

    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The same answer with another value made from this one.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response { value: change(self.value), status: self.status, headers: self.headers }
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Shows the status and the value, whose own `Debug` hides what is private; headers are not shown.
impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

/// An answer whose body has been read but not interpreted. Generated code turns it into a typed one.
#[doc(hidden)]
pub struct RawResponse {
    pub(crate) operation: &'static Operation,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Why the body is not whole, if it is not.
    pub(crate) cut: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// What a person does about a 401 or 403.
    pub(crate) cure: String,
}

impl RawResponse {
    /// The status as a number, to match on.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The typed value of a success.
    pub fn success<T: DeserializeOwned, E>(self) -> Result<Response<T>, Error<E>> {
        let failure = |raw: Self, source| {
            let delivery = if raw.status.is_success() { Delivery::Accepted } else { raw.delivery() };
            Failure { source: Some(source), ..raw.into_failure(Kind::Unreadable, delivery) }.into()
        };
        let mut raw = self;
        if let Some(cut) = raw.cut.take() {
            return Err(failure(raw, cut));
        }
        match serde_json::from_slice(&raw.body) {
            Ok(value) => Ok(Response { value, status: raw.status, headers: raw.headers }),
            Err(error) => {
                let source = Box::new(DecodeError::from(&error));
                Err(failure(raw, source))
            }
        }
    }

    /// A success whose body does not matter.
    pub fn empty(self) -> Response<()> {
        Response { value: (), status: self.status, headers: self.headers }
    }

    /// A success whose body no schema describes.
    pub fn bytes(self) -> Response<Bytes> {
        Response { value: self.body, status: self.status, headers: self.headers }
    }

    /// Whether there is no body.
    pub fn is_empty(&self) -> bool {
        self.body.is_empty() && self.cut.is_none()
    }

    /// Whether the JSON body has the value `expected` (as JSON text) at `pointer`.
    pub fn says(&self, pointer: &str, expected: &str) -> bool {
        let parse = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).ok();
        match (parse(&self.body), parse(expected.as_bytes())) {
            (Some(body), Some(expected)) => body.pointer(pointer) == Some(&expected),
            _ => false,
        }
    }

    /// A documented failure: the provider's own body reaches the user typed, if it has the documented form.
    pub fn failure<B: DeserializeOwned, E>(self, wrap: impl FnOnce(B) -> E) -> Error<E> {
        let body = serde_json::from_slice(&self.body).ok().map(wrap);
        let (kind, delivery) = if self.status.is_success() {
            (Kind::FailureInSuccess, Delivery::Rejected)
        } else {
            (Kind::Status, self.delivery())
        };
        Error::with_body(self.into_failure(kind, delivery), body)
    }

    /// A failure without a documented body.
    pub fn unexpected<E>(self) -> Error<E> {
        let delivery = self.delivery();
        self.into_failure(Kind::Status, delivery).into()
    }

    /// What the status alone says of a failed request: only a 4xx is the provider's word that it did nothing. A 5xx may
    /// come from a gateway that gave up waiting, a redirect from a server that had already acted.
    fn delivery(&self) -> Delivery {
        match self.status.as_u16() {
            200..=299 => Delivery::Accepted,
            400..=499 => Delivery::Rejected,
            _ => Delivery::Unknown,
        }
    }

    fn into_failure(self, kind: Kind, delivery: Delivery) -> Failure {
        Failure {
            status: Some(self.status),
            headers: self.headers,
            raw: self.body,
            source: self.cut,
            cure: self.cure,
            ..Failure::new(self.operation, kind, delivery)
        }
    }
}
