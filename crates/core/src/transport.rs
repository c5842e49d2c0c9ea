//! How a call goes: authenticate, send one attempt, read it (bounded), renew a refused token once.
//!
//! Every future here may be dropped at any await: nothing is left half done on this side. What the provider has
//! received by then is not known, as with a time-out.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Request, Response, StatusCode, Url};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::credentials::{Credentials, Header, parse_expiry};
use crate::error::{BodyTooLong, Delivery, Failure, Kind};
use crate::http::Http;
use crate::private::Secret;
use crate::provider::{Operation, Provider, Recipe, Scheme};
use crate::response::RawResponse;

/// The connection to one provider: base URL, credentials, pooled HTTP client. Clones share all of it.
#[doc(hidden)]
#[derive(Clone)]
pub struct Transport {
    shared: Arc<Shared>,
}

struct Shared {
    provider: &'static Provider,
    base_url: Url,
    /// The base URL without a trailing slash, so that a path can be appended.
    base: String,
    http: Http,
    credentials: Credentials,
}

impl Transport {
    pub(crate) fn new(
        provider: &'static Provider,
        base_url: Url,
        http: Http,
        credentials: BTreeMap<&'static str, Secret>,
    ) -> Self {
        let base = base_url.as_str().trim_end_matches('/').to_owned();
        let credentials = Credentials::new(credentials);
        Self { shared: Arc::new(Shared { provider, base_url, base, http, credentials }) }
    }

    /// The base URL without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.shared.base
    }

    /// The HTTP client, for building requests.
    pub fn http(&self) -> &reqwest::Client {
        self.shared.http.client(&self.shared.base_url)
    }

    /// Makes a call, within the operation's time-out.
    pub async fn execute(
        &self,
        operation: &'static Operation,
        request: Request,
    ) -> Result<RawResponse, Failure> {
        // The names are OpenTelemetry's for an HTTP client. The path's template and the host are shown; the path and
        // the query that are sent are not, because they may hold an identifier of a person.
        let span = tracing::info_span!(
            "enroll",
            otel.name = operation.name,
            otel.kind = "client",
            rpc.system = operation.provider,
            http.request.method = operation.method,
            url.template = operation.path,
            server.address = self.shared.base_url.host_str(),
            server.port = self.shared.base_url.port_or_known_default(),
            http.response.status_code = tracing::field::Empty,
            error.type = tracing::field::Empty,
        );
        let limit = self.shared.http.options.operation_timeout;
        let call = self.call(operation, request, Instant::now() + limit);
        let result = call.instrument(span.clone()).await;
        match &result {
            Ok(response) => {
                span.record("http.response.status_code", response.status());
            }
            Err(failure) => {
                span.record("error.type", tracing::field::debug(failure.kind));
            }
        }
        result
    }

    async fn call(
        &self,
        operation: &'static Operation,
        request: Request,
        deadline: Instant,
    ) -> Result<RawResponse, Failure> {
        let renewable =
            operation.security.iter().copied().find(|scheme| self.shared.credentials.can_renew(scheme));
        let again = renewable.and_then(|_| request.try_clone());
        let mut request = request;
        self.authenticate(operation, &mut request, None, deadline).await?;
        let refused = renewable.and_then(|scheme| request.headers().get(scheme.header).cloned());
        let response = self.attempt(operation, request, 1, deadline).await?;
        // A 401 is the provider's word that it did nothing, so that even a create may be sent again with a new token.
        // It earns exactly one: the second answer is final.
        match again {
            Some(mut again) if response.status == StatusCode::UNAUTHORIZED => {
                self.authenticate(operation, &mut again, refused.as_ref(), deadline).await?;
                self.attempt(operation, again, 2, deadline).await
            }
            _ => Ok(response),
        }
    }

    /// Puts the credentials' headers on the request. A value equal to `refused` is not used again.
    async fn authenticate(
        &self,
        operation: &'static Operation,
        request: &mut Request,
        refused: Option<&HeaderValue>,
        deadline: Instant,
    ) -> Result<(), Failure> {
        // Credentials belong to the host of the base URL. Requests are built from it, so that this cannot happen; and
        // if it ever does, nothing is sent.
        if request.url().origin() != self.shared.base_url.origin() {
            return Err(Failure::new(operation, Kind::Credentials, Delivery::NotSent)
                .with_cure("the request does not go to the host of the base URL".to_owned()));
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
        let failed = |source| {
            Failure::new(operation, Kind::Credentials, Delivery::NotSent)
                .with_cure(self.credentials_cure())
                .with_source(source)
        };
        let ready = || credentials.header(scheme, self.now(), refused);
        if let Header::Ready(value) = ready().map_err(|error| failed(error.into()))? {
            return Ok(value);
        }
        let fetching = credentials.fetching.lock();
        let _fetching = tokio::time::timeout_at(deadline, fetching).await.map_err(|_| {
            let limit = self.shared.http.options.operation_timeout;
            Failure::new(operation, Kind::ConnectTimeout(limit), Delivery::NotSent)
        })?;
        // Somebody else may have fetched one while this call waited.
        if let Header::Ready(value) = ready().map_err(|error| failed(error.into()))? {
            return Ok(value);
        }
        // Boxed, because the exchange is a call itself and a future cannot contain its own kind.
        Box::pin(self.fetch(scheme, deadline)).await.map_err(failed)
    }

    /// Exchanges credentials for a token, as the scheme's recipe says.
    async fn fetch(
        &self,
        scheme: &'static Scheme,
        deadline: Instant,
    ) -> Result<HeaderValue, Box<dyn std::error::Error + Send + Sync>> {
        let Recipe::Exchange { operation, token, expires, .. } = &scheme.recipe else {
            return Err("the scheme exchanges no token".into());
        };
        let method = operation.method.parse()?;
        let mut request = Request::new(method, format!("{}{}", self.base_url(), operation.path).parse()?);
        request.headers_mut().insert(reqwest::header::ACCEPT, HeaderValue::from_static("application/json"));
        let error = |failure| crate::Error::<crate::NoBody>::from(failure);
        self.authenticate(operation, &mut request, None, deadline).await.map_err(error)?;
        let response = self.attempt(operation, request, 1, deadline).await.map_err(error)?;
        if !response.status.is_success() {
            return Err(response.unexpected::<crate::NoBody>().into());
        }
        let now = self.now();
        let body = response.success::<serde_json::Value, crate::NoBody>()?;
        let found = body.pointer(token).and_then(serde_json::Value::as_str).filter(|text| !text.is_empty());
        let found = found.ok_or_else(|| format!("the answer of {operation} has no token at {token}"))?;
        let expires = expires.and_then(|(pointer, format)| parse_expiry(body.pointer(pointer)?, format, now));
        Ok(self.shared.credentials.keep_fetched(scheme, found, expires, now)?)
    }

    /// Sends a request once and reads the answer.
    async fn attempt(
        &self,
        operation: &'static Operation,
        request: Request,
        number: u32,
        deadline: Instant,
    ) -> Result<RawResponse, Failure> {
        let span = tracing::debug_span!(
            "attempt",
            http.request.resend_count = number - 1,
            http.response.status_code = tracing::field::Empty,
        );
        let options = &self.shared.http.options;
        let (limit, until) = match Instant::now() + options.attempt_timeout {
            end if end < deadline => (options.attempt_timeout, end),
            _ => (options.operation_timeout, deadline),
        };
        let sent = self.http().execute(request).instrument(span.clone());
        let response = match tokio::time::timeout_at(until, sent).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(self.classify(operation, error)),
            Err(_) => return Err(Failure::new(operation, Kind::Timeout(limit), Delivery::Unknown)),
        };
        span.record("http.response.status_code", response.status().as_u16());
        let status = response.status();
        let headers = response.headers().clone();
        let (body, cut) = read(response, options.max_body, until, limit).await;
        let cure = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => self.credentials_cure(),
            _ if status.is_redirection() => "redirects are not followed; correct the base URL".to_owned(),
            _ => String::new(),
        };
        Ok(RawResponse { operation, status, headers, body, cut, cure })
    }

    /// What a failure of the connection means. The URL is taken out, because its query may be personal.
    fn classify(&self, operation: &'static Operation, error: reqwest::Error) -> Failure {
        let (kind, delivery) = if error.is_connect() {
            match error.is_timeout() {
                true => (Kind::ConnectTimeout(self.shared.http.options.connect_timeout), Delivery::NotSent),
                false => (Kind::Connect, Delivery::NotSent),
            }
        } else {
            (Kind::Interrupted, Delivery::Unknown)
        };
        Failure::new(operation, kind, delivery).with_source(error.without_url())
    }

    fn now(&self) -> SystemTime {
        (self.shared.http.options.clock.0)()
    }

    /// Which settings to look at when the provider does not accept our credentials.
    fn credentials_cure(&self) -> String {
        let names: Vec<_> =
            self.shared.provider.credentials.iter().map(|credential| credential.env).collect();
        format!("check {}", names.join(", "))
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("provider", &self.shared.provider.name)
            .field("host", &self.shared.base_url.host_str())
            .finish_non_exhaustive()
    }
}

/// Reads a body up to `max` bytes, and says why it is not whole if it is not.
async fn read(
    mut response: Response,
    max: usize,
    until: Instant,
    limit: Duration,
) -> (Bytes, Option<Box<dyn std::error::Error + Send + Sync>>) {
    let mut body = BytesMut::new();
    loop {
        match tokio::time::timeout_at(until, response.chunk()).await {
            Ok(Ok(Some(chunk))) if body.len() + chunk.len() > max => {
                body.extend_from_slice(&chunk[..max - body.len()]);
                return (body.freeze(), Some(BodyTooLong(max).into()));
            }
            // The usual answer is one chunk, which is passed on without a copy.
            Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            Ok(Ok(None)) => return (body.freeze(), None),
            Ok(Err(error)) => return (body.freeze(), Some(error.without_url().into())),
            Err(_) => {
                return (body.freeze(), Some(format!("the body did not arrive within {limit:?}").into()));
            }
        }
    }
}
