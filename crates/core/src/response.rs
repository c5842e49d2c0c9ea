//! Answers: the value with its status, headers and request id beside it, and how bytes become one.

use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, Visitor};

use crate::error::{Attempt, BodyTooLong, DecodeError, Delivery, Error, Failure, Kind};
use crate::pointed::{Scalar, pointed};
use crate::provider::Operation;
use crate::transport::together;

/// A successful answer. It derefs to the value, so that `user.auth_id` and `user.status()` both work.
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    status: StatusCode,
    headers: HeaderMap,
    attempts: u32,
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

    /// How many attempts it took.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The same answer with another value made from this one.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response {
            value: change(self.value),
            status: self.status,
            headers: self.headers,
            attempts: self.attempts,
        }
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
    /// The attempts before the one that gave this.
    pub(crate) earlier: Vec<Attempt>,
    /// The attempt that gave this; none if it is no part of a call.
    pub(crate) last: Option<Attempt>,
    pub(crate) retry_after: Option<Duration>,
    /// Whether a failure hides in it, once that has been looked up.
    pub(crate) hidden: OnceLock<bool>,
}

impl RawResponse {
    /// The status as a number, to match on.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The typed value of a success.
    pub fn success<T: DeserializeOwned, E>(mut self) -> Result<Response<T>, Error<E>> {
        match self.cut.take() {
            Some(cut) => Err(self.unreadable(cut).into()),
            None => match decode(&self.body) {
                Ok(value) => Ok(self.answered(value)),
                Err(error) => Err(self.undecoded(&error).into()),
            },
        }
    }

    /// The body of a success, if it is JSON as a whole.
    pub(crate) fn json(mut self) -> Result<Bytes, Failure> {
        match self.cut.take() {
            Some(cut) => Err(self.unreadable(cut)),
            None => match serde_json::from_slice::<IgnoredAny>(&self.body) {
                Ok(_) => Ok(self.body),
                Err(error) => Err(self.undecoded(&error)),
            },
        }
    }

    /// A success whose body does not matter.
    pub fn empty(self) -> Response<()> {
        self.answered(())
    }

    /// A success whose body no schema describes.
    pub fn bytes(self) -> Response<Bytes> {
        let body = self.body.clone();
        self.answered(body)
    }

    /// Whether there is no body.
    pub fn is_empty(&self) -> bool {
        self.body.is_empty() && self.cut.is_none()
    }

    /// Whether the JSON body has the value `expected` (as JSON text) at `pointer`.
    pub fn says(&self, pointer: &str, expected: &str) -> bool {
        // Whether this is a hidden failure is asked by the transport, and again by who decodes it.
        if self.operation.hides == Some((pointer, expected)) {
            return *self.hidden.get_or_init(|| self.looks(pointer, expected));
        }
        self.looks(pointer, expected)
    }

    fn looks(&self, pointer: &str, expected: &str) -> bool {
        let found = pointed(&self.body, pointer);
        found.is_some() && found == Scalar::parse(expected)
    }

    /// A documented failure: the provider's own body reaches the user typed, if it has the documented form.
    pub fn failure<B: DeserializeOwned, E>(self, wrap: impl FnOnce(B) -> E) -> Error<E> {
        let body = decode(&self.body).ok().map(wrap);
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

    /// What the status says: only a 4xx is the provider's word that it did nothing. A 5xx may come from a gateway that
    /// gave up waiting, a redirect from a server that had already acted. And what a 2xx says that hides a failure.
    pub(crate) fn delivery(&self) -> Delivery {
        match self.status.as_u16() {
            200..=299 if self.operation.hides.is_some_and(|(pointer, equals)| self.says(pointer, equals)) => {
                Delivery::Rejected
            }
            200..=299 => Delivery::Accepted,
            400..=499 => Delivery::Rejected,
            _ => Delivery::Unknown,
        }
    }

    /// Whether this is a success that came whole.
    pub(crate) fn is_whole_success(&self) -> bool {
        self.status.is_success() && self.cut.is_none()
    }

    /// Whether this is a success that began to come and broke off. One that is too long did not.
    pub(crate) fn is_broken_off(&self) -> bool {
        self.status.is_success() && self.cut.as_ref().is_some_and(|cut| !cut.is::<BodyTooLong>())
    }

    /// A 2xx took effect, even if it cannot be read; unless the provider hides failures inside successes, and the place
    /// that would say so is what cannot be read.
    fn delivery_of_unreadable(&self) -> Delivery {
        match (self.delivery(), self.operation.hides) {
            (Delivery::Accepted, Some((pointer, _))) => match pointed(&self.body, pointer) {
                Some(_) => Delivery::Accepted,
                None => Delivery::Unknown,
            },
            (delivery, _) => delivery,
        }
    }

    /// Once, and not with each type that an answer is read as.
    #[cold]
    #[inline(never)]
    fn unreadable(self, source: Box<dyn std::error::Error + Send + Sync>) -> Failure {
        let delivery = self.delivery_of_unreadable();
        let mut failure = self.into_failure(Kind::Unreadable, delivery);
        failure.source = Some(source);
        failure
    }

    fn undecoded(self, error: &serde_json::Error) -> Failure {
        self.unreadable(Box::new(DecodeError::from(error)))
    }

    fn answered<T>(self, value: T) -> Response<T> {
        let attempts = self.last.map_or(0, |last| last.number);
        Response { value, status: self.status, headers: self.headers, attempts }
    }

    fn into_failure(mut self, kind: Kind, delivery: Delivery) -> Failure {
        // When the attempt was written down, it was not known yet whether its answer can be read.
        let last = self.last.map(|last| Attempt { delivery, ..last });
        let exists = delivery == Delivery::Rejected
            && self.operation.exists.iter().any(|condition| {
                condition.status == self.status.as_u16() && self.says(condition.pointer, condition.equals)
            });
        let together = together(&self.earlier, delivery);
        self.earlier.extend(last);
        let mut failure = Failure::new(self.operation, kind, together);
        failure.status = Some(self.status);
        failure.headers = self.headers;
        failure.raw = self.body;
        failure.source = self.cut;
        failure.cure = self.cure;
        failure.exists = exists;
        failure.retry_after = self.retry_after;
        failure.attempts = self.earlier;
        failure
    }
}

/// Decodes a body. serde reads a struct from a JSON list too, field by field, which would make a user out of any list of
/// texts: where the outermost type is a struct, only an object will do.
fn decode<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = T::deserialize(Outermost(&mut deserializer))?;
    deserializer.end()?;
    Ok(value)
}

struct Outermost<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Outermost<D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_option(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}
