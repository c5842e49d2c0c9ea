//! One attempt: a request is sent once, and its answer is read up to a limit.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::OnceLock;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, Sleep};

use crate::error::{BodyTooLong, Delivery, Failure, Kind};
use crate::provider::Operation;
use crate::request::Request;
use crate::response::RawResponse;
use crate::transport::{Transport, within};

impl Transport {
    /// Sends a request once, with these headers, which are taken, and reads the answer. By reference, because a future keeps
    /// what it is given twice: until it begins, and from then on.
    pub(crate) async fn attempt(
        &self,
        operation: &'static Operation,
        request: &Request,
        headers: &mut HeaderMap,
        number: u32,
        waited: Duration,
        deadline: Instant,
    ) -> Result<RawResponse, Failure> {
        apart(pin!(self.attempt_here(operation, request, headers, number, waited, deadline))).await
    }

    async fn attempt_here(
        &self,
        operation: &'static Operation,
        request: &Request,
        headers: &mut HeaderMap,
        number: u32,
        waited: Duration,
        deadline: Instant,
    ) -> Result<RawResponse, Failure> {
        let span = tracing::debug_span!(
            "attempt",
            enroll.operation = operation.name,
            http.request.resend_count = number - 1,
            enroll.waited_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX),
            http.response.status_code = tracing::field::Empty,
        );
        let options = &self.shared.http.options;
        let Some(_turn) = self.turn(deadline).await else {
            return Err(Failure::new(operation, Kind::Timeout(Duration::ZERO), Delivery::NotSent)
                .with_cure("allow more at a time with `HttpOptions::with_max_in_flight`".to_owned()));
        };
        let now = Instant::now();
        let (limit, until) = match now + options.attempt_timeout {
            end if end < deadline => (options.attempt_timeout, end),
            _ => (whole_millis(deadline.saturating_duration_since(now)), deadline),
        };
        if limit.is_zero() {
            return Err(Failure::new(operation, Kind::Timeout(limit), Delivery::NotSent));
        }
        let mut time = pin!(tokio::time::sleep_until(until));
        let sent = self.http().execute(request.attempt(std::mem::take(headers)));
        let mut response = match before(time.as_mut(), within(&span, pin!(sent))).await {
            Some(Ok(response)) => response,
            Some(Err(error)) => return Err(self.classify(operation, error)),
            None => return Err(Failure::new(operation, Kind::Timeout(limit), Delivery::Unknown)),
        };
        let status = response.status();
        span.record("http.response.status_code", status.as_u16());
        let headers = std::mem::take(response.headers_mut());
        let (body, cut) = read(response, options.max_body, time, limit).await;
        let cure = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => self.credentials_cure(),
            _ if status.is_redirection() => "redirects are not followed; correct the base URL".to_owned(),
            _ => String::new(),
        };
        Ok(RawResponse {
            operation,
            status,
            headers,
            body,
            cut,
            cure,
            earlier: Vec::new(),
            last: None,
            retry_after: None,
            hidden: OnceLock::new(),
        })
    }

    /// Waits until fewer requests are under way than may be. Mostly there is no need to.
    async fn turn(&self, deadline: Instant) -> Option<SemaphorePermit<'_>> {
        let turns = &self.shared.turns;
        match turns.try_acquire() {
            Ok(turn) => Some(turn),
            Err(_) => tokio::time::timeout_at(deadline, turns.acquire()).await.ok()?.ok(),
        }
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
        let cure = match delivery {
            Delivery::NotSent => format!("check the network and {}", self.shared.provider.base_url_env),
            _ => String::new(),
        };
        Failure::new(operation, kind, delivery).with_cure(cure).with_source(error.without_url())
    }

    /// Which settings to look at when the provider does not accept our credentials.
    pub(crate) fn credentials_cure(&self) -> String {
        let names: Vec<_> =
            self.shared.provider.credentials.iter().map(|credential| credential.env).collect();
        format!("check {}", names.join(", "))
    }
}

/// The same future, whose code is not put into that of whoever waits for it: there are two who do, and it is long.
async fn apart<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    #[inline(never)]
    fn poll<F: Future>(future: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
        future.poll(context)
    }
    poll_fn(|context| poll(future.as_mut(), context)).await
}

/// What is left of a deadline, as a person reads it: without the microseconds that the call took to get here.
fn whole_millis(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from((time.as_micros() + 500) / 1_000).unwrap_or(u64::MAX))
}

/// What a future gives, or nothing if the time is up first. One timer serves all that an attempt waits for.
async fn before<F: Future>(mut time: Pin<&mut Sleep>, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => time.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// Reads a body up to `max` bytes, and says why it is not whole if it is not.
async fn read(
    mut response: Response,
    max: usize,
    mut time: Pin<&mut Sleep>,
    limit: Duration,
) -> (Bytes, Option<Box<dyn std::error::Error + Send + Sync>>) {
    let mut body = Bytes::new();
    loop {
        match before(time.as_mut(), response.chunk()).await {
            Some(Ok(Some(chunk))) if body.len() + chunk.len() > max => {
                let rest = max - body.len();
                return (joined(body, chunk.slice(..rest)), Some(BodyTooLong(max).into()));
            }
            Some(Ok(Some(chunk))) => body = joined(body, chunk),
            Some(Ok(None)) => return (body, None),
            Some(Err(error)) => return (body, Some(error.without_url().into())),
            None => return (body, Some(format!("the body did not arrive within {limit:?}").into())),
        }
    }
}

/// Both, one after the other. Most bodies come as one chunk, which is then not copied.
fn joined(body: Bytes, chunk: Bytes) -> Bytes {
    if body.is_empty() {
        return chunk;
    }
    let mut both = BytesMut::from(body);
    both.extend_from_slice(&chunk);
    both.freeze()
}
