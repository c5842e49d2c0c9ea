//! What several tests need: a look at the request exactly as it was received.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use enroll::httpmock::{HttpMockRequest, MockServer, When};
use serde_json::Value;

/// The requests that a mock received. A request that no mock matches is answered with an error by the mock server, so
/// that a call with a wrong method or path fails.
#[derive(Clone, Default)]
pub(crate) struct Capture(Arc<Mutex<Vec<Received>>>);

/// A request as it was received.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Received {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Capture {
    /// Notes every request that the mock's other conditions let through.
    pub(crate) fn watch(&self, when: When) -> When {
        let received = self.0.clone();
        when.is_true(move |request| {
            received.lock().unwrap().push(Received::of(request));
            true
        })
    }

    /// The requests that were received, in their order.
    pub(crate) fn all(&self) -> Vec<Received> {
        self.0.lock().unwrap().clone()
    }

    /// How many requests were received.
    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// The one request that was received.
    pub(crate) fn single(&self) -> Received {
        let received = self.0.lock().unwrap();
        assert_eq!(received.len(), 1, "one request was expected: {received:?}");
        received[0].clone()
    }
}

impl Received {
    fn of(request: &HttpMockRequest) -> Self {
        let uri = request.uri();
        let headers = request.headers_vec();
        Self {
            method: request.method_str().to_owned(),
            target: uri.path_and_query().map_or_else(String::new, ToString::to_string),
            headers: headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect(),
            body: String::from_utf8(request.body_ref().to_vec()).unwrap(),
        }
    }

    /// Asserts that this and nothing else was sent: `headers` are those that the provider documents for credentials;
    /// the ones that every request has are added here.
    pub(crate) fn assert(
        &self,
        server: &MockServer,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) {
        assert_eq!(self.method, method);
        assert_eq!(self.target, target);
        let mut expected: BTreeMap<String, String> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        expected.insert("accept".to_owned(), "application/json".to_owned());
        expected.insert("host".to_owned(), server.address().to_string());
        expected.insert("user-agent".to_owned(), concat!("enroll/", env!("CARGO_PKG_VERSION")).to_owned());
        match &body {
            Some(body) => {
                expected.insert("content-type".to_owned(), "application/json".to_owned());
                expected.insert("content-length".to_owned(), self.body.len().to_string());
                assert_eq!(serde_json::from_str::<Value>(&self.body).unwrap(), *body);
            }
            None => assert_eq!(self.body, ""),
        }
        assert_eq!(self.headers, expected, "nothing undocumented is sent");
    }
}
