//! What the sandbox received, kept so that a test can look at it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::fault::Fault;
use crate::message::Head;
use crate::redact::Redacted;

/// How many requests are kept; the oldest make room for new ones.
const KEPT: usize = 1_000;

/// A request as it arrived, whatever was then answered.
///
/// `Debug` shows which headers there were and how long the body was, but neither their content nor the query: all of
/// them may hold a credential or a person's data.
#[derive(Clone)]
pub struct ReceivedRequest {
    pub(crate) provider: Option<&'static str>,
    pub(crate) operation: Option<&'static str>,
    pub(crate) fault: Option<Fault>,
    pub(crate) head: Arc<Head>,
    pub(crate) body: Bytes,
}

impl ReceivedRequest {
    /// The provider that it was for, if there is such a provider.
    pub fn provider(&self) -> Option<&'static str> {
        self.provider
    }

    /// The `operationId` of the spec, if the request was for an operation that the sandbox has.
    pub fn operation(&self) -> Option<&'static str> {
        self.operation
    }

    /// What went wrong with it on purpose.
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// The method, in upper case.
    pub fn method(&self) -> &str {
        self.head.method.as_str()
    }

    /// The path with its query, still encoded. It begins with the provider's name, as in `/haptik/v1.0/user/`, unless it
    /// came to a port that the provider has to itself.
    pub fn path(&self) -> &str {
        self.head.uri.path_and_query().map_or("", |it| it.as_str())
    }

    /// Every header in the order of arrival; names are in lower case, and a name may occur twice.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
    }

    /// The first value of a header, if it is text. The name's case does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body. It is empty if there was none, and cut off where it was longer than the sandbox accepts.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for ReceivedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, query) = match self.path().split_once('?') {
            Some((path, _)) => (path, Some(Redacted::Personal)),
            None => (self.path(), None),
        };
        f.debug_struct("ReceivedRequest")
            .field("provider", &self.provider)
            .field("operation", &self.operation)
            .field("fault", &self.fault.as_ref().map(Fault::name))
            .field("method", &self.method())
            .field("path", &path)
            .field("query", &query)
            .field("headers", &self.head.headers.keys().map(|name| name.as_str()).collect::<Vec<_>>())
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

/// The requests received so far, and what was wrong with the answers.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    requests: Mutex<VecDeque<ReceivedRequest>>,
    deviations: Mutex<VecDeque<String>>,
}

impl RequestLog {
    pub(crate) fn record(&self, request: ReceivedRequest) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if requests.len() == KEPT {
            requests.pop_front();
        }
        requests.push_back(request);
    }

    /// Keeps what the sandbox itself answered otherwise than a spec documents.
    pub(crate) fn note_deviation(&self, deviation: String) {
        tracing::warn!(deviation, "the sandbox did not answer as documented");
        let mut deviations = self.deviations.lock().unwrap_or_else(PoisonError::into_inner);
        if deviations.len() == KEPT {
            deviations.pop_front();
        }
        deviations.push_back(deviation);
    }

    pub(crate) fn deviations(&self) -> Vec<String> {
        self.deviations.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.deviations.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn all(&self) -> Vec<ReceivedRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    fn request(path: &str) -> ReceivedRequest {
        let headers = [("authorization", "Bearer planted-token")]
            .into_iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        let body = Bytes::from_static(b"planted-body");
        let head = Head { method: Method::GET, uri: path.parse().unwrap(), headers };
        ReceivedRequest { provider: None, operation: None, fault: None, head: Arc::new(head), body }
    }

    #[test]
    fn the_oldest_request_makes_room() {
        let log = RequestLog::default();
        for number in 0..=KEPT {
            log.record(request(&format!("/{number}")));
        }
        let kept = log.all();
        assert_eq!(kept.len(), KEPT);
        assert_eq!(kept[0].path(), "/1");
        assert_eq!(kept[KEPT - 1].path(), "/1000");
    }

    #[test]
    fn debug_shows_no_header_value_no_query_and_no_body() {
        let shown = format!("{:?}", request("/original/v1/user?email=planted@example.com"));
        for planted in ["planted-token", "planted-body", "planted@example.com"] {
            assert!(!shown.contains(planted), "{shown}");
        }
        assert!(
            shown.contains("authorization") && shown.contains("[personal]") && shown.contains("12 bytes")
        );
    }
}
