//! What can go wrong with a call, and whether the request may have taken effect all the same.
//!
//! One opaque [`Error`] with predicates and accessors. Its `Display` says one thing once and names the cure; neither
//! `Display` nor `Debug` shows a header, a body, a secret or a personal datum, and no cause in the chain does.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::field::{Problem, write_problems};
use crate::provider::Operation;
use crate::salvage::salvage;

/// Whether a request that failed can have taken effect. The question to ask before sending it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// Nothing left this machine: the request was not valid, credentials could not be had, or no connection came about.
    NotSent,
    /// The provider answered no.
    Rejected,
    /// It may have taken effect: bytes may have arrived, and no usable answer came.
    Unknown,
    /// It took effect: a success arrived, but could not be read.
    Accepted,
}

/// One sending of a request, or the try of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// Which it was, from 1.
    pub number: u32,
    /// How long was waited before it.
    pub waited: Duration,
    /// How long it took.
    pub took: Duration,
    /// What can have become of it.
    pub delivery: Delivery,
    /// The status of its answer, if one came.
    pub status: Option<StatusCode>,
}

/// A call that did not give its value. `E` is the provider's own error body.
///
/// The example `handle_errors` of the facade shows every predicate.
pub struct Error<E = NoBody> {
    failure: Failure,
    body: Option<Box<E>>,
}

/// The error body of an operation for which none is documented: there is no value of this type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoBody {}

impl<E> Error<E> {
    /// Whether the request may have taken effect.
    pub fn delivery(&self) -> Delivery {
        self.failure.delivery
    }

    /// The provider's and the operation's name: `acme create_user`.
    pub fn operation(&self) -> &'static Operation {
        self.failure.operation
    }

    /// The status of the answer, if one came.
    pub fn status(&self) -> Option<StatusCode> {
        self.failure.status
    }

    /// The headers of the answer; empty if none came.
    pub fn headers(&self) -> &HeaderMap {
        &self.failure.headers
    }

    /// The provider's own error body, if it came in a documented form.
    pub fn body(&self) -> Option<&E> {
        self.body.as_deref()
    }

    /// The provider's own error body, by value.
    pub fn into_body(self) -> Option<E> {
        self.body.map(|body| *body)
    }

    /// The bytes of the answer's body as they came, up to the configured limit; empty if none came. They may hold
    /// personal data and secrets: do not log them.
    pub fn raw_body(&self) -> &Bytes {
        &self.failure.raw
    }

    /// Every attempt that was made, the last one last. The error's own accessors speak of the last; what
    /// [`delivery`](Self::delivery) says holds for all of them together.
    pub fn attempts(&self) -> &[Attempt] {
        &self.failure.attempts
    }

    /// How long the provider asks to wait before coming back, if it does.
    pub fn retry_after(&self) -> Option<Duration> {
        self.failure.retry_after
    }

    /// The new account's id, as far as it can be read out of an answer that cannot be read as a whole. With
    /// [`Delivery::Accepted`] this is the account that was made.
    pub fn created_id(&self) -> Option<String> {
        let pointer = self.failure.operation.creates?;
        let answered = self.failure.status.is_some_and(|status| status.is_success());
        if answered && self.failure.kind == Kind::Unreadable {
            salvage(&self.failure.raw, pointer)
        } else {
            None
        }
    }

    /// Whether an account may have been made: the outcome is unknown, or a success could not be read.
    pub fn is_in_doubt(&self) -> bool {
        matches!(self.failure.delivery, Delivery::Unknown | Delivery::Accepted)
    }

    /// The provider says that the account exists already, in the words that its spec knows for this. Unless the account
    /// is [in doubt](Self::is_in_doubt), which it is when an earlier attempt may have made it, this call did not make
    /// it.
    pub fn is_existing(&self) -> bool {
        self.failure.exists
    }

    /// Everything that is wrong with the request; empty unless [`is_invalid_request`](Self::is_invalid_request).
    pub fn problems(&self) -> &[Problem] {
        &self.failure.problems
    }

    /// A field is missing or invalid; [`problems`](Self::problems) names all of them. Nothing was sent.
    pub fn is_invalid_request(&self) -> bool {
        matches!(self.failure.kind, Kind::InvalidRequest)
    }

    /// No connection came about: name resolution, connecting, TLS. Nothing was sent.
    pub fn is_connect(&self) -> bool {
        matches!(self.failure.kind, Kind::Connect | Kind::ConnectTimeout(_))
    }

    /// A time-out ran out. Nothing was sent if it was the one for connecting ([`is_connect`](Self::is_connect));
    /// otherwise the request may have taken effect.
    pub fn is_timeout(&self) -> bool {
        matches!(self.failure.kind, Kind::ConnectTimeout(_) | Kind::Timeout(_))
    }

    /// The provider answered no, with a status or inside a success ([`body`](Self::body) tells why), and no attempt can
    /// have taken effect.
    pub fn is_rejected(&self) -> bool {
        self.failure.delivery == Delivery::Rejected
    }

    /// Our credentials are at fault, not the request: a 401 or 403, or the provider refused us a token.
    pub fn is_denied(&self) -> bool {
        matches!(self.failure.kind, Kind::NoToken { denied: true } | Kind::WrongHost)
            || matches!(self.failure.status, Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN))
    }

    /// The provider asks to slow down (429), or to come back at a certain time (503 with `Retry-After`).
    pub fn is_throttled(&self) -> bool {
        match self.failure.status {
            Some(StatusCode::TOO_MANY_REQUESTS) => true,
            Some(StatusCode::SERVICE_UNAVAILABLE) => self.failure.retry_after.is_some(),
            _ => false,
        }
    }

    /// The answer came but was not in a form that could be read. With a 2xx the request took effect.
    pub fn is_unreadable(&self) -> bool {
        matches!(self.failure.kind, Kind::Unreadable)
    }
}

impl<E> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure.fmt(f)
    }
}

impl<E> fmt::Debug for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.failure, f)
    }
}

impl<E> std::error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.failure.source.as_deref().map(|source| source as _)
    }
}

impl<E> From<Failure> for Error<E> {
    fn from(failure: Failure) -> Self {
        Self { failure, body: None }
    }
}

impl<E> Error<E> {
    pub(crate) fn kind(&self) -> Kind {
        self.failure.kind
    }

    pub(crate) fn with_body(failure: Failure, body: Option<E>) -> Self {
        Self { failure, body: body.map(Box::new) }
    }
}

/// What went wrong, whatever the type of the error body. Behind a pointer, because a result is handed on by many functions.
#[doc(hidden)]
pub struct Failure(Box<Details>);

/// What a [`Failure`] points to.
pub struct Details {
    pub(crate) operation: &'static Operation,
    pub(crate) kind: Kind,
    pub(crate) delivery: Delivery,
    pub(crate) status: Option<StatusCode>,
    pub(crate) headers: HeaderMap,
    pub(crate) raw: Bytes,
    pub(crate) problems: Vec<Problem>,
    pub(crate) cure: String,
    pub(crate) exists: bool,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The kinds of failure. Private, so that a new one is no breaking change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    InvalidRequest,
    /// A token could not be had: refused, or out of reach for now.
    NoToken {
        denied: bool,
    },
    /// The request would take credentials to another host.
    WrongHost,
    Connect,
    ConnectTimeout(Duration),
    Timeout(Duration),
    Interrupted,
    Status,
    FailureInSuccess,
    Unreadable,
}

impl Deref for Failure {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl DerefMut for Failure {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

impl Failure {
    pub(crate) fn new(operation: &'static Operation, kind: Kind, delivery: Delivery) -> Self {
        Self(Box::new(Details {
            operation,
            kind,
            delivery,
            status: None,
            headers: HeaderMap::new(),
            raw: Bytes::new(),
            problems: Vec::new(),
            cure: String::new(),
            exists: false,
            retry_after: None,
            attempts: Vec::new(),
            source: None,
        }))
    }

    /// The request is not valid, and was not sent.
    pub fn invalid_request(operation: &'static Operation, problems: Vec<Problem>) -> Self {
        let mut failure = Self::new(operation, Kind::InvalidRequest, Delivery::NotSent);
        failure.problems = problems;
        failure
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    pub(crate) fn with_cure(mut self, cure: String) -> Self {
        self.cure = cure;
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.operation)?;
        match self.kind {
            Kind::InvalidRequest => return write_problems(f, &self.problems),
            Kind::NoToken { denied: true } => f.write_str("no token could be had")?,
            Kind::NoToken { denied: false } => f.write_str("no token could be had for now")?,
            Kind::WrongHost => f.write_str("the request does not go to the host of the base URL")?,
            Kind::Connect => f.write_str("no connection to the provider")?,
            Kind::ConnectTimeout(limit) => write!(f, "no connection within {}", Span(limit))?,
            Kind::Timeout(Duration::ZERO) => f.write_str("the call's time was up")?,
            Kind::Timeout(limit) => write!(f, "no answer within {}", Span(limit))?,
            Kind::Interrupted => f.write_str("the connection broke before an answer came")?,
            Kind::Status if self.exists => {
                write!(f, "the provider says that the account exists already, by {}", Status(self.status))?;
            }
            Kind::Status => write!(f, "the provider answered {}", Status(self.status))?,
            Kind::FailureInSuccess => {
                write!(f, "the provider refused the request, inside an answer of {}", Status(self.status))?;
            }
            Kind::Unreadable => write!(f, "the answer of {} could not be read", Status(self.status))?,
        }
        // Otherwise it would sound as if the last attempt alone had the effect that follows.
        if self.attempts.len() > 1 {
            write!(f, ", at the last of {} attempts", self.attempts.len())?;
        }
        f.write_str(match self.delivery {
            Delivery::NotSent => "; nothing was sent",
            Delivery::Rejected => "",
            Delivery::Unknown => "; the request may have taken effect",
            Delivery::Accepted => "; the request took effect",
        })?;
        if let Some(wait) = self.retry_after.filter(|wait| !wait.is_zero()) {
            // A date is some fraction of a second away, and too soon is in vain.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            write!(f, "; come back in {seconds}s")?;
        }
        if !self.cure.is_empty() {
            write!(f, "; {}", self.cure)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("operation", &format_args!("{}", self.operation))
            .field("kind", &self.kind)
            .field("delivery", &self.delivery)
            .field("status", &self.status)
            .field("headers", &format_args!("[{} headers]", self.headers.len()))
            .field("body", &format_args!("[{} bytes]", self.raw.len()))
            .field("problems", &self.problems)
            .field("attempts", &self.attempts)
            .field("source", &self.source)
            .finish()
    }
}

/// A status with its reason phrase, as a person reads it.
struct Status(Option<StatusCode>);

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(status) => match status.canonical_reason() {
                Some(reason) => write!(f, "HTTP {} ({reason})", status.as_u16()),
                None => write!(f, "HTTP {}", status.as_u16()),
            },
            None => f.write_str("no status"),
        }
    }
}

/// A time as a person reads it: what is left of a deadline has nanoseconds, which say nothing.
struct Span(Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.saturating_add(Duration::from_micros(500)).as_millis();
        write!(f, "{:?}", Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)))
    }
}

/// Why a body could not be read. serde's own message is not kept, because it quotes the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DecodeError {
    category: &'static str,
    line: usize,
    column: usize,
}

impl From<&serde_json::Error> for DecodeError {
    fn from(error: &serde_json::Error) -> Self {
        use serde_json::error::Category;
        let category = match error.classify() {
            Category::Io => "cannot be read",
            Category::Syntax => "is not JSON",
            Category::Data => "is JSON of another shape than documented",
            Category::Eof => "ends too early",
        };
        Self { category, line: error.line(), column: error.column() }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the body {} (line {}, column {})", self.category, self.line, self.column)
    }
}

impl std::error::Error for DecodeError {}

/// The body was longer than the configured limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BodyTooLong(pub(crate) usize);

impl fmt::Display for BodyTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the body is longer than {} bytes; raise it with `HttpOptions::with_max_body`", self.0)
    }
}

impl std::error::Error for BodyTooLong {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_whole_milliseconds() {
        let told = |nanos| Span(Duration::from_nanos(nanos)).to_string();
        assert_eq!(told(49_853_983), "50ms");
        assert_eq!(told(15_000_000_000), "15s");
        assert_eq!(told(9_999_400_000), "9.999s");
        assert_eq!(Span(Duration::MAX).to_string(), Span(Duration::from_millis(u64::MAX)).to_string());
    }
}
