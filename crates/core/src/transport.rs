//! How a call goes: authenticate, send one attempt, read it, and maybe send another.
//!
//! Every future here may be dropped at any await: nothing is left half done on this side. What the provider has
//! received by then is not known, as with a time-out.

use std::borrow::Cow;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, StatusCode, Url};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tracing::Span;

use crate::credentials::{Credentials, Values};
use crate::error::{Attempt, Delivery, Failure, Kind};
use crate::http::Http;
use crate::preview::Preview;
use crate::provider::{Operation, Provider};
use crate::request::Request;
use crate::response::RawResponse;
use crate::retry::{Budget, Class, Retry, retry_after};

/// The connection to one provider: base URL, credentials, pooled HTTP client. Clones share all of it.
#[doc(hidden)]
#[derive(Clone)]
pub struct Transport {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) provider: &'static Provider,
    pub(crate) base_url: Url,
    /// The base URL without a trailing slash, so that a path can be appended.
    base: String,
    pub(crate) http: Http,
    /// The one of `http` that goes to the base URL.
    client: reqwest::Client,
    pub(crate) credentials: Credentials,
    budget: Budget,
    /// What a request holds while it is under way.
    pub(crate) turns: Semaphore,
    /// The addresses of the paths that have no parameter.
    urls: Mutex<Vec<(&'static str, Arc<Url>)>>,
}

/// A request that is ready to be sent, with what decides how.
#[doc(hidden)]
#[derive(Clone)]
pub struct Call {
    pub(crate) operation: &'static Operation,
    pub(crate) request: Request,
    pub(crate) class: Class,
    pub(crate) options: CallOptions,
}

/// What the caller has said for one call.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    /// In place of the client's.
    pub retry: Option<Retry>,
    /// In place of the client's time-out for an operation.
    pub deadline: Option<Duration>,
    /// In addition to what the operation sends.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// The moment at which the call must have ended; set when several calls share one.
    until: Option<Instant>,
}

impl Call {
    /// A call of an operation. `keyed` is whether the request carries one of the keys that make a repeat harmless.
    pub fn new(
        operation: &'static Operation,
        mut request: Request,
        keyed: bool,
        mut options: CallOptions,
    ) -> Self {
        request.add_headers(std::mem::take(&mut options.headers));
        Self { operation, request, class: Class::of(operation.replay, keyed), options }
    }

    /// A look for what this call may have made, by the same deadline.
    pub(crate) fn for_lookup(&self, operation: &'static Operation, request: Request) -> Self {
        Self { operation, request, class: Class::of(operation.replay, false), options: self.options.clone() }
    }
}

impl Transport {
    pub(crate) fn new(provider: &'static Provider, base_url: Url, http: Http, credentials: Values) -> Self {
        let base = base_url.as_str().trim_end_matches('/').to_owned();
        let client = http.client(&base_url).clone();
        let credentials = Credentials::new(credentials);
        let budget = Budget::new();
        // No machine has so many connections as a semaphore has permits, on any target.
        let turns = usize::try_from(http.options.max_in_flight).unwrap_or(usize::MAX);
        let turns = Semaphore::new(turns.min(Semaphore::MAX_PERMITS));
        let urls = Mutex::default();
        Self {
            shared: Arc::new(Shared {
                provider,
                base_url,
                base,
                http,
                client,
                credentials,
                budget,
                turns,
                urls,
            }),
        }
    }

    /// The base URL without a trailing slash.
    pub(crate) fn base_url(&self) -> &str {
        &self.shared.base
    }

    /// The address of a path below the base URL. One that the generator has written down is put together once.
    pub(crate) fn url(&self, path: impl Into<Cow<'static, str>>) -> Arc<Url> {
        let path = match path.into() {
            Cow::Borrowed(path) => path,
            Cow::Owned(path) => return Arc::new(self.joined(&path)),
        };
        let mut urls = self.shared.urls.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, url)) = urls.iter().find(|(known, _)| *known == path) {
            return Arc::clone(url);
        }
        let url = Arc::new(self.joined(path));
        urls.push((path, Arc::clone(&url)));
        url
    }

    fn joined(&self, path: &str) -> Url {
        let mut url = self.shared.base_url.clone();
        url.set_path(&format!("{}{path}", url.path().trim_end_matches('/')));
        url
    }

    /// The HTTP client.
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.shared.client
    }

    /// The call as it would be sent, with everything private masked. Its request was built under
    /// [`masked`](crate::private::masked).
    pub fn preview(&self, call: &Call) -> Preview {
        Preview::new(self, call)
    }

    /// Makes a call, within its deadline. Boxed, so that all that happens in a call is compiled with this crate, once, and not
    /// with each program; and so that a caller's own future stays small.
    pub fn execute(
        &self,
        call: Call,
    ) -> Pin<Box<dyn Future<Output = Result<RawResponse, Failure>> + Send + '_>> {
        Box::pin(async move { self.observed(&call).await })
    }

    async fn observed(&self, call: &Call) -> Result<RawResponse, Failure> {
        let operation = call.operation;
        // The names are OpenTelemetry's for an HTTP client. The path's template and the host are shown; the path and
        // the query that are sent are not, because they may hold an identifier of a person.
        let span = tracing::info_span!(
            "enroll",
            otel.name = operation.name,
            otel.kind = "client",
            enroll.provider = operation.provider,
            enroll.operation = operation.name,
            enroll.delivery = tracing::field::Empty,
            http.request.method = operation.method,
            url.template = operation.path,
            server.address = self.shared.base_url.host_str(),
            server.port = self.shared.base_url.port_or_known_default(),
            http.response.status_code = tracing::field::Empty,
            error.type = tracing::field::Empty,
        );
        let result = within(&span, pin!(self.run(call))).await;
        match &result {
            Ok(response) => {
                span.record("http.response.status_code", response.status());
                // The last attempt has written down what its answer says: the body need not be looked into again.
                if let Some(last) = response.last {
                    let delivery = together(&response.earlier, last.delivery);
                    span.record("enroll.delivery", tracing::field::debug(delivery));
                }
            }
            Err(failure) => {
                span.record("error.type", failure.kind.name());
                span.record("enroll.delivery", tracing::field::debug(failure.delivery));
            }
        }
        result
    }

    async fn run(&self, call: &Call) -> Result<RawResponse, Failure> {
        let retry = self.retry(call);
        let deadline = self.until(call);
        let Call { operation, ref request, class, .. } = *call;
        let mut renewable =
            operation.security.iter().copied().find(|scheme| self.shared.credentials.can_renew(scheme));
        self.shared.budget.deposit();
        let mut earlier: Vec<Attempt> = Vec::new();
        let mut refused = None;
        let mut waited = Duration::ZERO;
        loop {
            let number = u32::try_from(earlier.len()).unwrap_or(u32::MAX).saturating_add(1);
            let mut headers = request.headers(operation.security.len());
            let start = Instant::now();
            let authenticated =
                self.authenticate(operation, request, &mut headers, refused.as_ref(), deadline).await;
            let result = match authenticated {
                Ok(()) => {
                    let used = renewable.and_then(|scheme| headers.get(scheme.header).cloned());
                    let result =
                        self.attempt(operation, request, &mut headers, number, waited, deadline).await;
                    match &result {
                        Ok(response) if response.status == StatusCode::UNAUTHORIZED => refused = used,
                        _ => {}
                    }
                    result
                }
                Err(failure) => Err(failure),
            };
            let seen = Seen::of(&result, &|| self.now());
            let attempt = Attempt {
                number,
                waited,
                took: start.elapsed(),
                delivery: seen.delivery,
                status: seen.status,
            };
            // A 401 is the provider's word that it did nothing, so that even a create may be sent again with a new
            // token. It earns exactly one, at once.
            if seen.status == Some(StatusCode::UNAUTHORIZED)
                && let Some(scheme) = renewable.take()
            {
                if retry.max_attempts > 1 {
                    waited = Duration::ZERO;
                    earlier.push(attempt);
                    continue;
                }
                // Nothing is sent twice here, but the next call shall not use this token again.
                self.shared.credentials.forget(scheme, refused.as_ref());
            }
            let pause = self.pause_before_next(&retry, class, &seen, number, deadline);
            match pause {
                Some(pause) if self.shared.budget.withdraw() => {
                    waited = pause;
                    earlier.push(attempt);
                    self.sleep(pause).await;
                }
                _ => return concluded(result, earlier, attempt, seen.retry_after),
            }
        }
    }

    /// How long to wait before the next attempt; `None` if there shall be none.
    fn pause_before_next(
        &self,
        retry: &Retry,
        class: Class,
        seen: &Seen,
        number: u32,
        deadline: Instant,
    ) -> Option<Duration> {
        // A success that broke off may be asked for again where that does no harm: it cannot be read.
        let broken_off = seen.broken_off && matches!(class, Class::Safe | Class::Upsert);
        let may = class.may_repeat(seen.delivery, seen.status, seen.retry_after.is_some());
        if !seen.curable || number >= retry.max_attempts || !(may || broken_off) {
            return None;
        }
        let pause = match seen.retry_after {
            // Coming back sooner than asked would be refused again.
            Some(wait) if wait > retry.max_retry_after => return None,
            Some(wait) => wait,
            None => retry.backoff(number, self.random()),
        };
        // To wait for a time at which the call must have ended is of no use.
        (Instant::now() + pause < deadline).then_some(pause)
    }

    /// Waits between two rounds of a call that consists of several; `false` if there is no time left, or no budget.
    pub(crate) async fn pause(&self, call: &Call, round: u32) -> bool {
        let pause = self.retry(call).backoff(round, self.random());
        if Instant::now() + pause >= self.until(call) || !self.shared.budget.withdraw() {
            return false;
        }
        self.sleep(pause).await;
        true
    }

    /// The same call with its deadline fixed, so that all its parts share it.
    pub(crate) fn with_deadline(&self, mut call: Call) -> Call {
        call.options.until = Some(self.until(&call));
        call
    }

    /// The retry policy of a call.
    pub(crate) fn retry(&self, call: &Call) -> Retry {
        call.options.retry.unwrap_or(self.shared.http.options.retry)
    }

    fn until(&self, call: &Call) -> Instant {
        let limit = call.options.deadline.unwrap_or(self.shared.http.options.operation_timeout);
        call.options.until.unwrap_or_else(|| Instant::now() + limit)
    }

    pub(crate) async fn sleep(&self, time: Duration) {
        (self.shared.http.options.sleep.0)(time).await;
    }

    pub(crate) fn random(&self) -> f64 {
        (self.shared.http.options.random.0)()
    }

    pub(crate) fn now(&self) -> SystemTime {
        (self.shared.http.options.clock.0)()
    }

    /// A request without a body for an operation whose path has no parameter.
    pub(crate) fn request(&self, operation: &'static Operation) -> Option<Request> {
        // Those that OpenAPI has. To parse one would make room for any other.
        let method = match operation.method {
            "DELETE" => Method::DELETE,
            "GET" => Method::GET,
            "HEAD" => Method::HEAD,
            "OPTIONS" => Method::OPTIONS,
            "PATCH" => Method::PATCH,
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            "TRACE" => Method::TRACE,
            _ => return None,
        };
        Some(Request::new(method, self.url(operation.path)))
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

/// Does something inside a span, as `tracing`'s `instrument` does, but where it is: a call's future is some thousand bytes
/// long, and would be moved for it.
pub(crate) async fn within<F: Future>(span: &Span, mut future: Pin<&mut F>) -> F::Output {
    poll_fn(|context| {
        let _entered = span.enter();
        future.as_mut().poll(context)
    })
    .await
}

/// What an attempt came to, as far as it decides about the next.
struct Seen {
    delivery: Delivery,
    status: Option<StatusCode>,
    retry_after: Option<Duration>,
    /// Whether a success began to come and broke off.
    broken_off: bool,
    /// Whether time may cure it: an invalid request or refused credentials will be no better later.
    curable: bool,
}

impl Seen {
    fn of(result: &Result<RawResponse, Failure>, now: &dyn Fn() -> SystemTime) -> Self {
        match result {
            Ok(response) => Self {
                delivery: response.delivery(),
                status: Some(response.status),
                retry_after: retry_after(&response.headers, now),
                broken_off: response.is_broken_off(),
                // A server that sends us elsewhere will do so again.
                curable: !response.status.is_redirection(),
            },
            Err(failure) => Self {
                delivery: failure.delivery,
                status: None,
                retry_after: failure.retry_after,
                broken_off: false,
                curable: failure.kind.is_curable(),
            },
        }
    }
}

/// The call's result, with what all its attempts together mean.
fn concluded(
    result: Result<RawResponse, Failure>,
    mut earlier: Vec<Attempt>,
    last: Attempt,
    retry_after: Option<Duration>,
) -> Result<RawResponse, Failure> {
    match result {
        Ok(response) => Ok(RawResponse { earlier, last: Some(last), retry_after, ..response }),
        Err(mut failure) => {
            failure.delivery = together(&earlier, failure.delivery);
            earlier.push(last);
            failure.attempts = earlier;
            failure.retry_after = retry_after;
            Err(failure)
        }
    }
}

/// What can have become of the request, all attempts considered: that the last did nothing does not undo an earlier one.
pub(crate) fn together(earlier: &[Attempt], last: Delivery) -> Delivery {
    let earlier = || earlier.iter().map(|attempt| attempt.delivery);
    match last {
        Delivery::Accepted => Delivery::Accepted,
        _ if earlier().any(|delivery| matches!(delivery, Delivery::Unknown | Delivery::Accepted)) => {
            Delivery::Unknown
        }
        Delivery::NotSent if earlier().any(|delivery| delivery == Delivery::Rejected) => Delivery::Rejected,
        last => last,
    }
}

/// Why a call can fail before, between and after attempts, for metrics.
impl Kind {
    fn is_curable(self) -> bool {
        !matches!(self, Self::InvalidRequest | Self::NoToken { denied: true } | Self::WrongHost)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid request",
            Self::NoToken { .. } => "no token",
            Self::WrongHost => "wrong host",
            Self::Connect => "no connection",
            Self::ConnectTimeout(_) => "connect time-out",
            Self::Timeout(_) => "time-out",
            Self::Interrupted => "connection broke",
            Self::Status => "status",
            Self::FailureInSuccess => "failure in a success",
            Self::Unreadable => "unreadable answer",
        }
    }
}
