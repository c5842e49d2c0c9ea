//! Puts the credentials' headers on a request, and fetches the tokens that a provider hands out.

use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Request, Url};
use serde::de::IgnoredAny;
use tokio::time::Instant;

use crate::credentials::{Header, NoHeader, parse_expiry};
use crate::error::{Delivery, Error, Failure, Kind, NoBody};
use crate::pointed::{Scalar, pointed};
use crate::provider::{Operation, Recipe, Scheme};
use crate::transport::Transport;

type Cause = Box<dyn std::error::Error + Send + Sync>;

impl Transport {
    /// Puts the credentials' headers on the request. A value equal to `refused` is not used again.
    pub(crate) async fn authenticate(
        &self,
        operation: &'static Operation,
        request: &mut Request,
        refused: Option<&HeaderValue>,
        deadline: Instant,
    ) -> Result<(), Failure> {
        // Credentials belong to the host of the base URL. Requests are built from it, so that this cannot happen; and
        // if it ever does, nothing is sent.
        if !same_origin(request.url(), &self.shared.base_url) {
            return Err(Failure::new(operation, Kind::WrongHost, Delivery::NotSent));
        }
        for scheme in operation.security.iter().copied() {
            let value = self.header(operation, scheme, refused, deadline).await?;
            request.headers_mut().insert(HeaderName::from_static(scheme.header), value);
        }
        Ok(())
    }

    async fn header(
        &self,
        operation: &'static Operation,
        scheme: &'static Scheme,
        refused: Option<&HeaderValue>,
        deadline: Instant,
    ) -> Result<HeaderValue, Failure> {
        let credentials = &self.shared.credentials;
        let ready = || credentials.header(scheme, || self.now(), refused);
        let failed = |error: NoHeader| self.no_token(operation, error.into());
        if let Header::Ready(value) = ready().map_err(failed)? {
            return Ok(value);
        }
        let fetching = tokio::time::timeout_at(deadline, credentials.fetching.acquire()).await;
        let Ok(Ok(_fetching)) = fetching else {
            return Err(Failure::new(operation, Kind::NoToken { denied: false }, Delivery::NotSent));
        };
        // Somebody else may have fetched one while this call waited.
        if let Header::Ready(value) = ready().map_err(failed)? {
            return Ok(value);
        }
        // Boxed, because the exchange is a call itself and a future cannot contain its own kind.
        Box::pin(self.fetch(operation, scheme, deadline)).await
    }

    /// Exchanges credentials for a token, as the scheme's recipe says. `caller` is who needs it.
    async fn fetch(
        &self,
        caller: &'static Operation,
        scheme: &'static Scheme,
        deadline: Instant,
    ) -> Result<HeaderValue, Failure> {
        let Recipe::Exchange { operation, token, expires, .. } = &scheme.recipe else {
            return Err(self.no_token(caller, "the scheme exchanges no token".into()));
        };
        let Some(request) = self.request(operation) else {
            return Err(self.no_token(caller, "the exchange's path has a parameter".into()));
        };
        let mut request = request.accepting_json().attempt(operation.security.len());
        let answer = match self.authenticate(operation, &mut request, None, deadline).await {
            Ok(()) => self.attempt(operation, request, 1, Duration::ZERO, deadline).await,
            Err(failure) => Err(failure),
        };
        let answer = answer.map_err(|failure| self.unreachable(caller, failure.into()))?;
        if !answer.status.is_success() {
            return Err(self.unreachable(caller, answer.unexpected()));
        }
        let now = self.now();
        let body = answer.body.clone();
        answer.success::<IgnoredAny, NoBody>().map_err(|error| self.no_token(caller, error.into()))?;
        let found = pointed(&body, token);
        let found =
            found.as_ref().and_then(Scalar::text).filter(|text| !text.is_empty()).ok_or_else(|| {
                self.no_token(caller, format!("the answer of {operation} has no token at {token}").into())
            })?;
        let expires =
            expires.and_then(|(pointer, format)| parse_expiry(&pointed(&body, pointer)?, format, now));
        self.shared
            .credentials
            .keep_fetched(scheme, found, expires, now)
            .map_err(|error| self.no_token(caller, error.into()))
    }

    /// The caller's request was not sent, because an exchange failed. Whether waiting helps depends on how.
    fn unreachable(&self, caller: &'static Operation, error: Error<NoBody>) -> Failure {
        let denied = error.delivery() == Delivery::Rejected && !error.is_throttled();
        let retry_after = crate::retry::retry_after(error.headers(), || self.now());
        let kind = match error.kind() {
            kind @ (Kind::Connect | Kind::ConnectTimeout(_)) => kind,
            _ => Kind::NoToken { denied },
        };
        let cure = if denied { self.credentials_cure() } else { String::new() };
        let mut failure = Failure::new(caller, kind, Delivery::NotSent).with_cure(cure).with_source(error);
        failure.retry_after = retry_after;
        failure
    }

    /// The caller's request was not sent, because our credentials do not make a header.
    fn no_token(&self, caller: &'static Operation, cause: Cause) -> Failure {
        Failure::new(caller, Kind::NoToken { denied: true }, Delivery::NotSent)
            .with_cure(self.credentials_cure())
            .with_source(cause)
    }
}

/// Whether two addresses have the same scheme, host and port, which is what an origin is for http and https. `Url::origin`
/// would write both down for each request.
fn same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host() == other.host()
        && one.port_or_known_default() == other.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let same = |one: &str, other: &str| same_origin(&one.parse().unwrap(), &other.parse().unwrap());
        assert!(same("https://example.com/a?b", "https://example.com:443"));
        assert!(!same("https://example.com", "http://example.com"));
        assert!(!same("https://example.com", "https://example.com.evil.example"));
        assert!(!same("https://example.com", "https://example.com:444"));
        assert!(!same("http://127.0.0.1:80", "http://127.0.0.2:80"));
    }
}
