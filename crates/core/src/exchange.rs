//! Fetches the tokens that a provider hands out: an operation is called for one before the call that needs it.
//!
//! Few providers do this. The scheme of one that does names the code ([`FETCH`]), and nothing else does, so that a linker leaves it
//! out of a program that calls the others.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use reqwest::header::HeaderValue;
use tokio::time::Instant;

use crate::credentials::{Header, parse_expiry};
use crate::error::{Delivery, Error, Failure, Kind, NoBody};
use crate::pointed::{Scalar, pointed};
use crate::provider::{Exchange, Operation, Scheme};
use crate::transport::Transport;

/// Who needs a token, and what is known of it.
pub(crate) struct Wanted<'a> {
    pub(crate) caller: &'static Operation,
    pub(crate) scheme: &'static Scheme,
    pub(crate) exchange: &'static Exchange,
    /// A value that the provider did not accept.
    pub(crate) refused: Option<&'a HeaderValue>,
    pub(crate) deadline: Instant,
}

/// A pointer to what fetches a token.
pub struct Fetch(pub(crate) for<'a> fn(&'a Transport, Wanted<'a>) -> Fetching<'a>);

/// Boxed, because the exchange is a call itself and a future cannot contain its own kind.
type Fetching<'a> = Pin<Box<dyn Future<Output = Result<HeaderValue, Failure>> + Send + 'a>>;

/// For a scheme whose token is exchanged.
pub const FETCH: Fetch = Fetch(|transport, wanted| Box::pin(transport.fetched(wanted)));

impl fmt::Debug for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fetch")
    }
}

impl Transport {
    /// The header with a new token, fetched by one caller while the others wait for it.
    async fn fetched(&self, wanted: Wanted<'_>) -> Result<HeaderValue, Failure> {
        let Wanted { caller, scheme, exchange, refused, deadline } = wanted;
        let credentials = &self.shared.credentials;
        let fetching = tokio::time::timeout_at(deadline, credentials.fetching.acquire()).await;
        let Ok(Ok(_fetching)) = fetching else {
            return Err(Failure::new(caller, Kind::NoToken { denied: false }, Delivery::NotSent));
        };
        // Somebody else may have fetched one while this call waited.
        match credentials.header(scheme, || self.now(), refused) {
            Ok(Header::Ready(value)) => Ok(value),
            Ok(Header::Fetch(_)) => self.exchanged(caller, scheme, exchange, deadline).await,
            Err(error) => Err(self.no_token(caller, error.into())),
        }
    }

    /// Exchanges credentials for a token. `caller` is who needs it.
    async fn exchanged(
        &self,
        caller: &'static Operation,
        scheme: &'static Scheme,
        exchange: &'static Exchange,
        deadline: Instant,
    ) -> Result<HeaderValue, Failure> {
        let Exchange { operation, token, expires, value, .. } = exchange;
        let Some(request) = self.request(operation) else {
            return Err(self.no_token(caller, "the exchange's path has a parameter".into()));
        };
        let request = request.accepting_json();
        let mut headers = request.headers(operation.security.len());
        let answer = match self.authenticate(operation, &request, &mut headers, None, deadline).await {
            Ok(()) => self.attempt(operation, &request, &mut headers, 1, Duration::ZERO, deadline).await,
            Err(failure) => Err(failure),
        };
        let answer = answer.map_err(|failure| self.unreachable(caller, failure.into()))?;
        if !answer.status.is_success() {
            return Err(self.unreachable(caller, answer.unexpected()));
        }
        let now = self.now();
        let body = answer.json();
        let body = body.map_err(|failure| self.no_token(caller, Error::<NoBody>::from(failure).into()))?;
        let found = pointed(&body, token);
        let found =
            found.as_ref().and_then(Scalar::text).filter(|text| !text.is_empty()).ok_or_else(|| {
                self.no_token(caller, format!("the answer of {operation} has no token at {token}").into())
            })?;
        let expires =
            expires.and_then(|(pointer, format)| parse_expiry(&pointed(&body, pointer)?, format, now));
        self.shared
            .credentials
            .keep_fetched(scheme, value, found, expires, now)
            .map_err(|error| self.no_token(caller, error.into()))
    }

    /// The caller's request was not sent, because an exchange failed. Whether waiting helps depends on how.
    fn unreachable(&self, caller: &'static Operation, error: Error<NoBody>) -> Failure {
        let denied = error.delivery() == Delivery::Rejected && !error.is_throttled();
        let retry_after = crate::retry::retry_after(error.headers(), &|| self.now());
        let kind = match error.kind() {
            kind @ (Kind::Connect | Kind::ConnectTimeout(_)) => kind,
            _ => Kind::NoToken { denied },
        };
        let cure = if denied { self.credentials_cure() } else { String::new() };
        let mut failure = Failure::new(caller, kind, Delivery::NotSent).with_cure(cure).with_source(error);
        failure.retry_after = retry_after;
        failure
    }
}
