//! The fixture provider: what the generator can do that none of the four providers has need of.

mod answers;
mod credentials;
mod requests;
mod samples;

use std::collections::BTreeMap;

use enroll::httpmock::{MockServer, When};
use enroll_tests::{Client, ClientBuilder};

use crate::support::{Capture, Received};

/// `fake-user:fake-password`.
const BASIC: &str = "Basic ZmFrZS11c2VyOmZha2UtcGFzc3dvcmQ=";

fn builder(server: &MockServer) -> ClientBuilder {
    Client::builder().username("fake-user").password("fake-password").base_url(server.base_url())
}

fn client(server: &MockServer) -> Client {
    builder(server).build().unwrap()
}

/// A client of a server that hands out the token `fake-token`.
fn client_with_session(server: &MockServer) -> Client {
    use enroll_tests::mock::MockServerExt;
    use enroll_tests::types::Session;

    server.login(|_, then| {
        then.ok(&Session::new("fake-token").with_expires_in(3600));
    });
    client(server)
}

/// Answers any call with `status` and `body`, and keeps what was received.
fn answer(server: &MockServer, status: u16, media_type: &str, body: &str) -> Capture {
    let capture = Capture::default();
    server.mock(|when: When, then| {
        // The token's own operation has a mock of its own.
        capture.watch(when.path_not("/login"));
        let then = then.status(status).body(body);
        if !media_type.is_empty() {
            then.header("content-type", media_type);
        }
    });
    capture
}

/// Asserts on everything that was received: nothing undocumented is sent.
fn assert_received(
    received: &Received,
    server: &MockServer,
    target: (&str, &str),
    headers: &[(&str, &str)],
    body: &str,
) {
    assert_eq!((received.method.as_str(), received.target.as_str()), target);
    let mut expected: BTreeMap<String, String> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    expected.insert("host".to_owned(), server.address().to_string());
    expected.insert("user-agent".to_owned(), concat!("enroll/", env!("CARGO_PKG_VERSION")).to_owned());
    if !body.is_empty() {
        expected.insert("content-length".to_owned(), body.len().to_string());
    }
    assert_eq!(received.headers, expected);
    assert_eq!(received.body, body);
}
