//! What several tests need: a sandbox, a look at the request exactly as it was received, and another environment.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use enroll::httpmock::{HttpMockRequest, MockServer, When};
use enroll::{Config, HttpOptions, Retry};
use enroll_sandbox::Sandbox;
use serde_json::Value;

/// A sandbox, and the configuration of clients that use it: straight, or by way of the judges that
/// `cargo xtask peers` puts before it.
///
/// Judges forward to one port, so that with them there is one sandbox at a time, and one test.
pub(crate) async fn sandbox() -> (Sandbox, Config) {
    let Ok(judges) = std::env::var("ENROLL_JUDGES") else {
        let sandbox = Sandbox::start().await.unwrap();
        let config = sandbox.config();
        return (sandbox, config);
    };
    // `PORT=4010 HAPTIK_BASE_URL=http://127.0.0.1:4011 …`
    let variable = |wanted: &str| {
        let mut variables = judges.split(' ').filter_map(|variable| variable.split_once('='));
        variables.find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
    };
    let sandbox = Sandbox::builder().port(variable("PORT").unwrap().parse().unwrap()).start().await.unwrap();
    let config = sandbox.config().overlay(Config::from_variables(variable));
    (sandbox, config)
}

/// The names of all providers, the stems of the specs, in alphabetical order.
pub(crate) fn providers() -> Vec<String> {
    let specs = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../specs")).unwrap();
    let mut names: Vec<_> = specs
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// A provider's spec.
pub(crate) fn spec(provider: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../specs/{provider}.yaml"));
    let text = std::fs::read_to_string(&path).unwrap();
    enroll_codegen::read(&path, &text).unwrap()
}

/// Options of a client that sends every request once: for tests of what one answer means.
pub(crate) fn once() -> HttpOptions {
    HttpOptions::default().with_no_proxy().with_retry(Retry::off())
}

/// The waits between attempts, which are noted and not waited.
#[derive(Clone, Default)]
pub(crate) struct Waits(Arc<Mutex<Vec<Duration>>>);

impl Waits {
    /// Options of a client that repeats as it does by default, and whose jitter always gives half of the back-off.
    pub(crate) fn options(&self) -> HttpOptions {
        let waits = Arc::clone(&self.0);
        HttpOptions::default().with_no_proxy().with_random(|| 0.5).with_sleep(move |wait| {
            waits.lock().unwrap().push(wait);
            std::future::ready(())
        })
    }

    /// How long each wait would have taken so far, in milliseconds.
    pub(crate) fn millis(&self) -> Vec<u128> {
        self.0.lock().unwrap().iter().map(Duration::as_millis).collect()
    }
}

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
    /// Notes every request that reaches the server, whatever it is, where none is expected.
    pub(crate) fn of_any(server: &MockServer) -> Self {
        let capture = Self::default();
        server.mock(|when, then| {
            capture.watch(when);
            then.status(200);
        });
        capture
    }

    /// Notes every request that the mock's other conditions let through.
    pub(crate) fn watch(&self, when: When) -> When {
        let received = self.0.clone();
        when.is_true(move |request| {
            received.lock().unwrap().push(Received::of(request));
            true
        })
    }

    /// The requests that were received, the oldest first.
    pub(crate) fn all(&self) -> Vec<Received> {
        self.0.lock().unwrap().clone()
    }

    /// How many requests were received.
    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// The one request that was received.
    pub(crate) fn single(&self) -> Received {
        let mut received = self.all();
        assert_eq!(received.len(), 1, "one request was expected: {received:?}");
        received.remove(0)
    }

    /// Asserts that nothing was received.
    pub(crate) fn assert_empty(&self) {
        assert_eq!(self.all(), [], "no request was expected");
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

/// Everything that a log may show of an error: both ways to print it, and every cause.
pub(crate) fn printed(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(|error| format!("{error}\n{error:?}\n{error:#?}\n")).collect()
}

/// The subjects of the problems of a request that was not sent, in alphabetical order.
pub(crate) fn subjects<E>(error: &enroll::Error<E>) -> Vec<&str> {
    let mut subjects: Vec<_> = error.problems().iter().map(|problem| problem.subject.as_str()).collect();
    subjects.sort_unstable();
    subjects
}

/// Runs a test once more, in a process that has this environment and no other: a process cannot change its own safely.
pub(crate) async fn repeat_with_environment(test: &str, variables: Vec<(&'static str, String)>) {
    let mut copy = Command::new(std::env::current_exe().unwrap());
    copy.args(["--exact", test]).env_clear().envs(variables);
    let output = tokio::task::spawn_blocking(move || copy.output().unwrap()).await.unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("1 passed"), "there is no test {test}: {printed}");
}
