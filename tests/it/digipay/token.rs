//! The token: when it is exchanged, how long it is kept, and what a 401 earns.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use enroll::digipay::mock::MockServerExt;
use enroll::digipay::{Client, types};
use enroll::httpmock::{HttpMockResponse, Mock, MockServer};
use enroll::{Delivery, Error, HttpOptions, Personal, Retry};
use enroll_sandbox::Sandbox;
use serde_json::{Value, json};

use super::{builder, no_users, registered};
use crate::support::{Capture, Waits, sandbox};

/// When the token of the documentation's sample runs out: `2024-01-24 18:18:38` in Indian time, in epoch seconds.
const SAMPLE_EXPIRY: u64 = 1_706_100_518;

/// A clock that stands still until it is set, in epoch seconds.
#[derive(Clone)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn at(seconds: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seconds)))
    }

    fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::SeqCst);
    }

    fn options(&self) -> HttpOptions {
        let seconds = Arc::clone(&self.0);
        let now = move || SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.load(Ordering::SeqCst));
        Waits::default().options().with_clock(now)
    }
}

/// A client of the mock server that has to exchange its credentials for a token, an hour before the sample expires.
fn exchanging(server: &MockServer) -> Client {
    exchanging_at(server, &Clock::at(SAMPLE_EXPIRY - 3_600))
}

fn exchanging_at(server: &MockServer, clock: &Clock) -> Client {
    builder(server)
        .client_id("fake-client")
        .client_secret("canary-secret")
        .http(clock.options())
        .build()
        .unwrap()
}

/// Answers the first exchange with `fake-token-1`, the next with `fake-token-2`, and so on.
fn numbered_tokens(server: &MockServer) -> Mock<'_> {
    let issued = AtomicUsize::new(0);
    server.authenticate(|_, then| {
        then.into_inner().respond_with(move |_| {
            let number = issued.fetch_add(1, Ordering::SeqCst) + 1;
            let token = format!("fake-token-{number}");
            let answer = json!({"data": {"access_token": token, "expiry_time": "2024-01-24 18:18:38"}});
            let response = HttpMockResponse::builder().status(200);
            response.header("content-type", "application/json").body(answer.to_string()).build()
        });
    })
}

/// Accepts `list_users` with this token.
fn lists_for<'a>(server: &'a MockServer, token: &str) -> Mock<'a> {
    server.list_users(|when, then| {
        when.into_inner().header("authorization", format!("Token {token}"));
        then.ok(&no_users());
    })
}

/// Refuses `list_users` with this token.
fn refuses<'a>(server: &'a MockServer, token: &str) -> Mock<'a> {
    server.list_users(|when, then| {
        when.into_inner().header("authorization", format!("Token {token}"));
        then.default_response(401, &expired());
    })
}

fn expired() -> types::Failure {
    types::Failure::new(0).with_error(vec![Personal::from("The token has expired.")])
}

/// Polls every call once: each then waits, either for an answer or for another call.
async fn start<F: Future>(calls: &mut [Pin<Box<F>>]) {
    poll_fn(|context| {
        for call in calls.iter_mut() {
            assert!(call.as_mut().poll(context).is_pending());
        }
        Poll::Ready(())
    })
    .await;
}

/// An exchange that is answered when the sender is dropped, and not before.
fn held_back(server: &MockServer) -> (mpsc::Sender<()>, Mock<'_>) {
    let (release, gate) = mpsc::channel();
    let gate = Mutex::new(gate);
    let exchange = server.authenticate(|when, then| {
        when.into_inner().is_true(move |_| gate.lock().unwrap().recv().is_err());
        then.ok(&types::AuthenticateAnswer::new(types::AuthenticateAnswerData::new("fake-token-1")));
    });
    (release, exchange)
}

/// Everything that a log shows of an error: its text, its `Debug`, and those of its causes.
fn shown(error: &(dyn std::error::Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(|error| format!("{error}\n{error:?}\n")).collect()
}

/// The operations that the sandbox received, in order.
fn operations(sandbox: &Sandbox) -> Vec<&'static str> {
    sandbox.requests().iter().filter_map(|request| request.operation()).collect()
}

#[tokio::test]
async fn a_call_exchanges_the_credentials_first_and_sends_the_token() {
    let server = MockServer::start_async().await;
    let (exchange, register) = (Capture::default(), Capture::default());
    server.authenticate(|when, then| {
        exchange.watch(when.into_inner());
        let data = types::AuthenticateAnswerData::new("fake-token-1").with_expiry_time("2024-01-24 18:18:38");
        then.ok(&types::AuthenticateAnswer::new(data).with_status_code(200));
    });
    server.user_register(|when, then| {
        register.watch(when.into_inner());
        then.ok(&registered());
    });
    exchanging(&server).user_register().first_name("Ada").send().await.unwrap();
    exchange.single().assert(
        &server,
        "POST",
        "/gateway/digipay/v3/auth/authenticate",
        // `fake-client:canary-secret` in Base64.
        &[("authorization", "Basic ZmFrZS1jbGllbnQ6Y2FuYXJ5LXNlY3JldA==")],
        None,
    );
    register.single().assert(
        &server,
        "POST",
        "/gateway/digipay/v3/auth/user_register",
        &[("authorization", "Token fake-token-1"), ("companyid", "fake-company")],
        Some(json!({"first_name": "Ada"})),
    );
}

#[tokio::test]
async fn ten_callers_share_one_exchange() {
    let server = MockServer::start_async().await;
    let (release, exchange) = held_back(&server);
    let list = lists_for(&server, "fake-token-1");
    let client = exchanging(&server);
    let mut calls: Vec<_> = (0..10).map(|_| Box::pin(client.clone().list_users().send())).collect();
    start(&mut calls).await;
    drop(release);
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(exchange.calls_async().await, 1);
    assert_eq!(list.calls_async().await, 10);
    // The token stays with the client for later calls.
    client.list_users().send().await.unwrap();
    assert_eq!(exchange.calls_async().await, 1);
}

#[tokio::test]
async fn a_caller_that_gives_up_during_the_exchange_does_not_hold_up_the_others() {
    let server = MockServer::start_async().await;
    let (release, exchange) = held_back(&server);
    let list = lists_for(&server, "fake-token-1");
    let client = exchanging(&server);
    let mut calls: Vec<_> = (0..2).map(|_| Box::pin(client.list_users().send())).collect();
    start(&mut calls).await;
    let patient = calls.pop().unwrap();
    // The first call is the one that exchanges.
    drop(calls);
    drop(release);
    patient.await.unwrap();
    assert!(exchange.calls_async().await >= 1);
    assert_eq!(list.calls_async().await, 1);
}

#[tokio::test]
async fn a_401_earns_one_new_token_and_one_more_attempt_with_the_same_body() {
    let server = MockServer::start_async().await;
    let exchange = numbered_tokens(&server);
    let refused = server.user_register(|when, then| {
        when.into_inner().header("authorization", "Token fake-token-1");
        then.default_response(401, &expired());
    });
    let again = Capture::default();
    server.user_register(|when, then| {
        again.watch(when.into_inner().header("authorization", "Token fake-token-2"));
        then.ok(&registered());
    });
    let answer = exchanging(&server).user_register().first_name("Ada").send().await.unwrap();
    assert_eq!(answer.data.user_id, "fake-user");
    assert_eq!(exchange.calls_async().await, 2);
    assert_eq!(refused.calls_async().await, 1);
    again.single().assert(
        &server,
        "POST",
        "/gateway/digipay/v3/auth/user_register",
        &[("authorization", "Token fake-token-2"), ("companyid", "fake-company")],
        Some(json!({"first_name": "Ada"})),
    );
}

#[tokio::test]
async fn the_second_401_is_final() {
    let server = MockServer::start_async().await;
    let exchange = numbered_tokens(&server);
    let register = server.user_register(|_, then| {
        then.default_response(401, &expired());
    });
    let error = exchanging(&server).user_register().first_name("Ada").send().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 401);
    assert!(error.is_denied());
    assert_eq!(error.delivery(), Delivery::Rejected);
    assert_eq!(error.body(), Some(&expired()));
    assert!(error.to_string().contains("DIGIPAY_CLIENT_SECRET"), "{error}");
    assert_eq!(register.calls_async().await, 2);
    assert_eq!(exchange.calls_async().await, 2);
}

#[tokio::test]
async fn no_other_refusal_earns_a_new_token_or_a_second_registration() {
    let server = MockServer::start_async().await;
    let exchange = numbered_tokens(&server);
    for status in [403, 404, 408, 409, 500, 502, 503, 504] {
        let mut register = server.user_register(|_, then| {
            then.default_response(status, &types::Failure::new(0));
        });
        let error = exchanging(&server).user_register().first_name("Ada").send().await.unwrap_err();
        assert_eq!(error.status().unwrap(), status);
        assert_eq!(register.calls_async().await, 1, "{status}");
        register.delete();
    }
    assert_eq!(exchange.calls_async().await, 8, "each client exchanged once");
}

#[tokio::test]
async fn without_repeats_a_refused_token_fails_the_call_and_the_next_one_gets_a_new_token() {
    let off = |client: &Client| client.list_users().retry(Retry::off());
    for by_client in [true, false] {
        let server = MockServer::start_async().await;
        let exchange = numbered_tokens(&server);
        let refused = refuses(&server, "fake-token-1");
        let accepted = lists_for(&server, "fake-token-2");
        let http = Clock::at(SAMPLE_EXPIRY - 3_600).options();
        let http = if by_client { http.with_retry(Retry::off()) } else { http };
        let client = builder(&server).client_id("fake-client").client_secret("fake-secret").http(http);
        let client = client.build().unwrap();
        let call = || if by_client { client.list_users() } else { off(&client) };
        let error = call().send().await.unwrap_err();
        assert!(error.is_denied());
        assert_eq!(error.attempts().len(), 1);
        assert_eq!((exchange.calls_async().await, refused.calls_async().await), (1, 1));
        assert_eq!(call().send().await.unwrap().attempts(), 1);
        assert_eq!((exchange.calls_async().await, refused.calls_async().await), (2, 1));
        assert_eq!(accepted.calls_async().await, 1);
    }
}

#[tokio::test]
async fn a_token_is_renewed_before_sending_when_its_indian_time_is_about_to_come() {
    let server = MockServer::start_async().await;
    let exchange = numbered_tokens(&server);
    let (first, second) = (lists_for(&server, "fake-token-1"), lists_for(&server, "fake-token-2"));
    let clock = Clock::at(SAMPLE_EXPIRY - 3_600);
    let client = exchanging_at(&server, &clock);
    client.list_users().send().await.unwrap();
    clock.set(SAMPLE_EXPIRY - 31);
    client.list_users().send().await.unwrap();
    assert_eq!(first.calls_async().await, 2);
    assert_eq!(exchange.calls_async().await, 1);
    // So close to its end, a token might run out on its way.
    clock.set(SAMPLE_EXPIRY - 30);
    client.list_users().send().await.unwrap();
    assert_eq!(first.calls_async().await, 2);
    assert_eq!(second.calls_async().await, 1);
    assert_eq!(exchange.calls_async().await, 2);
}

#[tokio::test]
async fn a_token_that_seems_to_have_run_out_already_is_used_until_it_is_refused() {
    let server = MockServer::start_async().await;
    let exchange = numbered_tokens(&server);
    let mut accepted = lists_for(&server, "fake-token-1");
    // A year later: the clocks or the time zones disagree.
    let client = exchanging_at(&server, &Clock::at(SAMPLE_EXPIRY + 31_536_000));
    for _ in 0..3 {
        client.list_users().send().await.unwrap();
    }
    assert_eq!(accepted.calls_async().await, 3);
    assert_eq!(exchange.calls_async().await, 1);
    accepted.delete();
    let refused = refuses(&server, "fake-token-1");
    let renewed = lists_for(&server, "fake-token-2");
    for _ in 0..2 {
        client.list_users().send().await.unwrap();
    }
    assert_eq!(refused.calls_async().await, 1);
    assert_eq!(renewed.calls_async().await, 2);
    assert_eq!(exchange.calls_async().await, 2);
}

#[tokio::test]
async fn an_expiry_that_cannot_be_read_means_that_the_token_is_used_until_it_is_refused() {
    for expiry in [json!("tomorrow"), json!(""), json!(1_706_100_518), Value::Null] {
        let server = MockServer::start_async().await;
        let exchange = server.authenticate(|_, then| {
            let data = json!({"access_token": "fake-token-1", "expiry_time": expiry});
            then.into_inner().status(200).json_body(json!({"data": data}));
        });
        let list = lists_for(&server, "fake-token-1");
        let client = exchanging(&server);
        client.list_users().send().await.unwrap();
        client.list_users().send().await.unwrap();
        assert_eq!(list.calls_async().await, 2, "{expiry}");
        assert_eq!(exchange.calls_async().await, 1, "{expiry}");
    }
}

#[tokio::test]
async fn a_token_that_is_given_is_never_exchanged_and_a_401_is_final() {
    let server = MockServer::start_async().await;
    let exchange = numbered_tokens(&server);
    let register = server.user_register(|when, then| {
        when.into_inner().header("authorization", "Token given-token");
        then.default_response(401, &expired());
    });
    let client = builder(&server)
        .token("given-token")
        .client_id("fake-client")
        .client_secret("fake-secret")
        .build()
        .unwrap();
    let error = client.user_register().first_name("Ada").send().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 401);
    assert!(error.is_denied() && error.is_rejected());
    assert_eq!(register.calls_async().await, 1);
    assert_eq!(exchange.calls_async().await, 0);
}

#[tokio::test]
async fn a_refused_exchange_sends_nothing_else_and_names_the_variables_and_no_secret() {
    let server = MockServer::start_async().await;
    let mut refused = server.authenticate(|_, then| {
        let failure = types::Failure::new(0).with_error(vec![Personal::from("canary-answer")]);
        then.default_response(401, &failure);
    });
    let register = server.user_register(|_, then| {
        then.ok(&registered());
    });
    let client = exchanging(&server);
    let error = client.user_register().first_name("canary-name").send().await.unwrap_err();
    assert!(error.is_denied());
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(!error.is_rejected());
    assert_eq!(error.operation().to_string(), "digipay user_register");
    assert_eq!(refused.calls_async().await, 1);
    assert_eq!(register.calls_async().await, 0);
    let message = error.to_string();
    for variable in ["DIGIPAY_COMPANY_ID", "DIGIPAY_TOKEN", "DIGIPAY_CLIENT_ID", "DIGIPAY_CLIENT_SECRET"] {
        assert!(message.contains(variable), "{message}");
    }
    let shown = shown(&error);
    // The secret as it is, and as Basic credentials.
    for planted in ["canary", "fake-client", "ZmFrZS1jbGllbnQ6"] {
        assert!(!shown.contains(planted), "{shown}");
    }
    assert!(shown.contains("digipay authenticate") && shown.contains("401"), "{shown}");
    assert!(shown.contains(" bytes]"), "{shown}");

    // A refusal is not kept: once the account is mended, the next call works.
    refused.delete();
    numbered_tokens(&server);
    client.user_register().first_name("Ada").send().await.unwrap();
    assert_eq!(register.calls_async().await, 1);
}

#[tokio::test]
async fn an_exchange_without_a_usable_token_sends_nothing_else() {
    for body in [
        json!({}),
        json!({"status_code": 200, "data": {}}),
        json!({"data": {"access_token": ""}}),
        json!({"data": {"access_token": null}}),
        json!({"data": {"access_token": 7}}),
        json!({"data": "canary"}),
        json!({"success": 0, "error": ["canary"], "data": {}}),
        json!({"data": {"access_token": "canary\nX-Injected: 1"}}),
        json!("canary"),
    ] {
        let server = MockServer::start_async().await;
        server.authenticate(|_, then| {
            then.into_inner().status(200).json_body(body.clone());
        });
        let error = denied_by(&server).await;
        assert!(!shown(&error).contains("canary"), "{}", shown(&error));
    }
}

#[tokio::test]
async fn an_exchange_that_fails_in_other_ways_sends_nothing_else() {
    for (status, body) in [(200, "<h1>canary</h1>"), (200, ""), (400, "{}")] {
        let server = MockServer::start_async().await;
        let exchange = exchange_answers(&server, status, body);
        let error = denied_by(&server).await;
        assert_eq!(exchange.calls_async().await, 1, "credentials that are refused are no better later");
        assert!(!shown(&error).contains("canary"), "{}", shown(&error));
    }
}

#[tokio::test]
async fn an_exchange_that_may_work_later_is_tried_again_and_sends_nothing_else() {
    for (status, body) in [(302, ""), (429, "canary"), (500, "canary"), (503, "")] {
        let server = MockServer::start_async().await;
        let exchange = exchange_answers(&server, status, body);
        let error = without_token(&server).await;
        assert!(!error.is_denied(), "{error}");
        let message = "digipay user_register: no token could be had for now, at the last of 3 attempts; nothing \
                       was sent";
        assert_eq!(error.to_string(), message);
        assert_eq!(exchange.calls_async().await, 3, "{status}");
        assert!(!shown(&error).contains("canary"), "{}", shown(&error));
    }
}

fn exchange_answers<'a>(server: &'a MockServer, status: u16, body: &str) -> Mock<'a> {
    server.authenticate(|_, then| {
        then.into_inner().status(status).header("location", "/canary").body(body);
    })
}

/// The error of a registration at a server whose exchange gives no token.
async fn without_token(server: &MockServer) -> Error<types::Failure> {
    let register = server.user_register(|_, then| {
        then.ok(&registered());
    });
    let error = exchanging(server).user_register().first_name("Ada").send().await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent, "{error}");
    assert_eq!(register.calls_async().await, 0);
    error
}

/// The same, where the credentials are at fault.
async fn denied_by(server: &MockServer) -> Error<types::Failure> {
    let error = without_token(server).await;
    assert!(error.is_denied(), "{error}");
    error
}

#[tokio::test]
async fn an_exchange_refused_after_a_401_ends_the_call_without_a_second_attempt() {
    let server = MockServer::start_async().await;
    let mut exchange = numbered_tokens(&server);
    let list = refuses(&server, "fake-token-1");
    let ready = server.get_user(|_, then| {
        then.ok(&types::UserAnswer::new(1, types::UserAnswerData::new()));
    });
    let client = exchanging(&server);
    client.get_user().id("fake-user").send().await.unwrap();
    assert_eq!(ready.calls_async().await, 1);
    exchange.delete();
    server.authenticate(|_, then| {
        then.default_response(401, &types::Failure::new(0));
    });
    let error = client.list_users().send().await.unwrap_err();
    assert!(error.is_denied());
    assert_eq!(list.calls_async().await, 1);
}

#[tokio::test]
async fn ten_calls_on_the_sandbox_exchange_once() {
    let (sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    let digipay = clients.digipay().unwrap();
    let mut calls: Vec<_> = (0..10).map(|_| Box::pin(digipay.list_users().send())).collect();
    start(&mut calls).await;
    for call in calls {
        call.await.unwrap();
    }
    let received = operations(&sandbox);
    assert_eq!(received.len(), 11);
    assert_eq!(received[0], "authenticate");
    assert!(received[1..].iter().all(|operation| *operation == "listUsers"));
}

#[tokio::test]
async fn a_token_that_ran_out_by_the_clock_is_replaced_before_anything_is_sent() {
    let (sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    let digipay = clients.digipay().unwrap();
    digipay.user_register().first_name("Ada").send().await.unwrap();
    sandbox.advance(Duration::from_secs(3_600));
    digipay.user_register().first_name("Grace").send().await.unwrap();
    // Had the old token been sent, a refused registration would stand among them.
    assert_eq!(operations(&sandbox), ["authenticate", "userRegister", "authenticate", "userRegister"]);
    assert_eq!(sandbox.digipay().users().len(), 2);
}

#[tokio::test]
async fn calls_that_are_refused_together_renew_the_token_once() {
    let (sandbox, config) = sandbox().await;
    // The client's own clock stands still, so that it learns of the expiry from the provider.
    let config = config.with_http(Clock::at(SAMPLE_EXPIRY).options());
    let clients = config.build().unwrap();
    let digipay = clients.digipay().unwrap();
    digipay.list_users().send().await.unwrap();
    sandbox.advance(Duration::from_secs(7_200));
    let mut calls: Vec<_> = (0..10).map(|_| Box::pin(digipay.user_register().send())).collect();
    start(&mut calls).await;
    for call in calls {
        call.await.unwrap();
    }
    let received = operations(&sandbox);
    assert_eq!(received.iter().filter(|operation| **operation == "authenticate").count(), 2);
    assert_eq!(sandbox.digipay().users().len(), 10, "a refused attempt registers nobody");
}
