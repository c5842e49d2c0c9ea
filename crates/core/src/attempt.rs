//! One attempt: a request is sent once, and its answer is read up to a limit.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Request, Response, StatusCode};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::error::{BodyTooLong, Delivery, Failure, Kind};
use crate::provider::Operation;
use crate::response::RawResponse;
use crate::transport::Transport;

impl Transport {
    /// Sends a request once and reads the answer.
    pub(crate) async fn attempt(
        &self,
        operation: &'static Operation,
        request: Request,
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
        let now = Instant::now();
        let (limit, until) = match now + options.attempt_timeout {
            end if end < deadline => (options.attempt_timeout, end),
            _ => (whole_millis(deadline.saturating_duration_since(now)), deadline),
        };
        if limit.is_zero() {
            return Err(Failure::new(operation, Kind::Timeout(limit), Delivery::NotSent));
        }
        let sent = self.http().execute(request).instrument(span.clone());
        let response = match tokio::time::timeout_at(until, sent).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(self.classify(operation, error)),
            Err(_) => return Err(Failure::new(operation, Kind::Timeout(limit), Delivery::Unknown)),
        };
        let status = response.status();
        span.record("http.response.status_code", status.as_u16());
        let headers = response.headers().clone();
        let (body, cut) = read(response, options.max_body, until, limit).await;
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
            attempts: Vec::new(),
            retry_after: None,
        })
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

/// What is left of a deadline, as a person reads it: without the microseconds that the call took to get here.
fn whole_millis(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from((time.as_micros() + 500) / 1_000).unwrap_or(u64::MAX))
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
            Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            Ok(Ok(None)) => return (body.freeze(), None),
            Ok(Err(error)) => return (body.freeze(), Some(error.without_url().into())),
            Err(_) => {
                return (body.freeze(), Some(format!("the body did not arrive within {limit:?}").into()));
            }
        }
    }
}
