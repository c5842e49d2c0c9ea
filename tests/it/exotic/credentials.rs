//! The fixture's recipes: basic, signed, and exchanged with either form of expiry.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use enroll::httpmock::MockServer;
use enroll::{Delivery, HttpOptions};
use enroll_tests::mock::MockServerExt;
use enroll_tests::types::{Badge, BadgeDetails, Session};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};

use super::{BASIC, answer, assert_received, builder, client};
use crate::support::Capture;

/// A clock that tests move, in seconds since 1970.
#[derive(Clone)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn at(seconds: u64) -> (Self, HttpOptions) {
        let clock = Self(Arc::new(AtomicU64::new(seconds)));
        let now = clock.0.clone();
        let options = HttpOptions::default()
            .with_clock(move || UNIX_EPOCH + Duration::from_secs(now.load(Ordering::Relaxed)));
        (clock, options)
    }

    fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_signed_token_has_the_claims_and_the_signature_that_the_recipe_says() {
    let server = MockServer::start_async().await;
    let (_, http) = Clock::at(1_700_000_000);
    let client = builder(&server).signing_key("fake-key").tenant("fake-tenant").http(http).build().unwrap();
    let capture = answer(&server, 204, "", "");
    client.get_signed().send().await.unwrap();

    let received = capture.single();
    let token = received.headers["authorization"].strip_prefix("JWT ").unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (head, claims) = signed.split_once('.').unwrap();
    let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap();
    let parse = |part: &str| serde_json::from_slice::<Value>(&decode(part)).unwrap();
    assert_eq!(parse(head), json!({"alg": "HS256", "typ": "JWT"}));
    let expected =
        json!({"tenant": "fake-tenant", "scope": "all of fake-tenant", "exp": 1_700_000_000 + 300});
    assert_eq!(parse(claims), expected);
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"fake-key").unwrap();
    mac.update(signed.as_bytes());
    mac.verify_slice(&decode(signature)).unwrap();

    let authorization = received.headers["authorization"].clone();
    let headers = [("accept", "*/*"), ("authorization", authorization.as_str()), ("x-tenant", "fake-tenant")];
    assert_received(&received, &server, ("GET", "/signed"), &headers, "");
}

/// The provider would be asked with an empty key, and answer with a refusal that explains nothing.
#[tokio::test]
async fn a_call_whose_credentials_are_not_set_is_not_sent() {
    let server = MockServer::start_async().await;
    let capture = answer(&server, 204, "", "");
    let error = client(&server).get_signed().send().await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(error.is_denied());
    assert!(error.to_string().contains("EXOTIC_SIGNING_KEY"), "{error}");
    assert_eq!(capture.count(), 0);
}

#[tokio::test]
async fn a_token_that_is_good_for_some_seconds_is_kept_and_then_renewed() {
    let server = MockServer::start_async().await;
    let (clock, http) = Clock::at(1_700_000_000);
    let client = builder(&server).http(http).build().unwrap();
    let logins = Capture::default();
    let mut login = server.login(|when, then| {
        logins.watch(when.into_inner());
        then.ok(&Session::new("fake-token-1").with_expires_in(3600));
    });
    let calls = answer(&server, 201, "application/json", r#"{"type":"round"}"#);
    let create = async || client.create_thing().r#type("round").owner(enroll::Null).send().await.unwrap();
    create().await;
    create().await;
    assert_eq!(login.calls(), 1, "a token is kept");
    let headers = [("accept", "application/json"), ("authorization", BASIC)];
    assert_received(&logins.single(), &server, ("POST", "/login"), &headers, "");

    // Half a minute before its end it is not used any more.
    clock.set(1_700_000_000 + 3600 - 31);
    create().await;
    assert_eq!(login.calls(), 1);
    login.delete();
    let login = server.login(|_, then| {
        then.ok(&Session::new("fake-token-2").with_expires_in(3600));
    });
    clock.set(1_700_000_000 + 3600 - 29);
    create().await;
    assert_eq!(login.calls(), 1, "a token that expires is renewed");
    let sent =
        calls.all().iter().map(|received| received.headers["authorization"].clone()).collect::<Vec<_>>();
    let (first, second) = ("Bearer fake-token-1", "Bearer fake-token-2");
    assert_eq!(sent, [first, first, first, second]);
}

#[tokio::test]
async fn a_token_that_is_good_until_a_point_in_time_is_kept_and_then_renewed() {
    let server = MockServer::start_async().await;
    let (clock, http) = Clock::at(1_700_000_000);
    let client = builder(&server).http(http).build().unwrap();
    let hand_out = |id: &str, until: i64| {
        let details = BadgeDetails::new().with_id(id).with_until(until);
        server.badge(|_, then| {
            then.ok(&Badge::new().with_badge(details));
        })
    };
    let calls = Capture::default();
    server.get_badged(|when, then| {
        calls.watch(when.into_inner());
        then.no_content();
    });
    let mut first = hand_out("fake-badge-1", 1_700_000_100);
    client.get_badged().send().await.unwrap();
    clock.set(1_700_000_069);
    client.get_badged().send().await.unwrap();
    assert_eq!(first.calls(), 1, "a token is kept");
    first.delete();
    let second = hand_out("fake-badge-2", 1_700_000_200);
    clock.set(1_700_000_071);
    client.get_badged().send().await.unwrap();
    assert_eq!(second.calls(), 1, "a token that expires is renewed");
    let received = calls.all();
    for (received, badge) in received.iter().zip(["fake-badge-1", "fake-badge-1", "fake-badge-2"]) {
        assert_received(received, &server, ("GET", "/badged"), &[("accept", "*/*"), ("x-badge", badge)], "");
    }
    assert_eq!(received.len(), 3);
}
