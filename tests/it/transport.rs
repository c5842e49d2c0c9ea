//! What every call has in common on the wire: what is sent, what is made of answers, silence and broken connections, and
//! that nothing is sent elsewhere. What is sent again is in `repeats.rs`; here every request is sent once.

use std::error::Error as _;
use std::time::Duration;

use enroll::haptik::types::{Failure, User};
use enroll::{Config, Delivery, Error, HttpOptions, Response};
use enroll_sandbox::Sandbox;
use tokio::net::TcpSocket;

use crate::logs::Logs;
use crate::support::{once, repeat_with_environment, sandbox};
use crate::wire::{Then, Wire, answer, cut_answer, haptik, nobody};

const USER: &str = r#"{"auth_id": "member-42"}"#;

async fn create(base_url: &str, http: HttpOptions) -> Result<Response<User>, Error<Failure>> {
    haptik(base_url, http).create_user().auth_id("member-42").send().await
}

/// The error of a create against `wire`, of which exactly one request must have arrived.
async fn failed_create(wire: &Wire, http: HttpOptions) -> Error<Failure> {
    let error = create(&wire.base_url(), http).await.unwrap_err();
    assert_eq!(wire.requests().len(), 1, "one request and no other");
    error
}

/// The whole error as a person logs it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

#[tokio::test]
async fn the_head_has_the_documented_headers_once_each_and_no_other() {
    let wire = Wire::json(200, USER).await;
    create(&wire.base_url(), once()).await.unwrap();
    let requests = wire.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].line, "POST /v1.0/user/ HTTP/1.1");
    assert_eq!(requests[0].body, r#"{"auth_id":"member-42"}"#);
    let host = format!("host: {}", wire.address());
    let user_agent = concat!("user-agent: enroll/", env!("CARGO_PKG_VERSION"));
    let expected = [
        "accept: application/json",
        "authorization: Bearer fake-token",
        "client-id: fake-client",
        "content-length: 23",
        "content-type: application/json",
        &host,
        user_agent,
    ];
    assert_eq!(requests[0].headers, expected);
}

#[tokio::test]
async fn the_product_stands_before_the_sdk_in_the_user_agent() {
    let wire = Wire::json(200, USER).await;
    let http = once().with_user_agent("shop/7 (+https://shop.example.com)");
    create(&wire.base_url(), http).await.unwrap();
    let expected =
        concat!("user-agent: shop/7 (+https://shop.example.com) enroll/", env!("CARGO_PKG_VERSION"))
            .to_owned();
    assert!(wire.requests()[0].headers.contains(&expected), "{:?}", wire.requests());
}

#[tokio::test]
async fn a_base_url_with_and_without_a_slash_gives_the_same_target() {
    let wire = Wire::json(200, USER).await;
    for suffix in ["/gateway", "/gateway/", "/gateway//"] {
        create(&format!("{}{suffix}", wire.base_url()), once()).await.unwrap();
    }
    let requests = wire.requests();
    assert_eq!(requests.len(), 3);
    for request in requests {
        assert_eq!(request.line, "POST /gateway/v1.0/user/ HTTP/1.1");
    }
}

#[tokio::test]
async fn a_refused_connection_is_not_sent() {
    let error = create(&nobody().await, once()).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(error.is_connect());
    assert!(!error.is_timeout());
    assert!(error.status().is_none());
    assert_eq!(
        error.to_string(),
        "haptik create_user: no connection to the provider; nothing was sent; check the \
         network and HAPTIK_BASE_URL"
    );
    assert!(error.source().is_some(), "the cause is kept");
}

#[tokio::test]
async fn a_connection_that_does_not_come_about_in_time_is_not_sent() {
    // The queue of a listener that never accepts takes one connection; the next one waits for ever.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let _first = tokio::net::TcpStream::connect(address).await.unwrap();
    tokio::time::pause();
    let http = once().with_connect_timeout(Duration::from_secs(3));
    let error = create(&format!("http://{address}"), http).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(error.is_connect());
    assert!(error.is_timeout());
    assert_eq!(
        error.to_string(),
        "haptik create_user: no connection within 3s; nothing was sent; check the network \
         and HAPTIK_BASE_URL"
    );
}

#[tokio::test]
async fn a_connection_closed_before_the_answer_leaves_open_what_happened() {
    let wire = Wire::start("", Then::Close).await;
    let error = failed_create(&wire, once()).await;
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert!(!error.is_connect());
    assert!(error.to_string().ends_with("the request may have taken effect"), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_no_http_leaves_open_what_happened() {
    let wire = Wire::start("220 mail.example.com ready\r\n\r\n", Then::Close).await;
    let error = failed_create(&wire, once()).await;
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert!(error.status().is_none());
}

#[tokio::test]
async fn a_success_that_breaks_off_took_effect_and_its_first_part_is_kept() {
    let wire = Wire::start(cut_answer(200, r#"{"auth_id": "#), Then::Close).await;
    let error = failed_create(&wire, once()).await;
    assert_eq!(error.delivery(), Delivery::Accepted);
    assert!(error.is_unreadable());
    assert_eq!(error.status().unwrap(), 200);
    assert_eq!(error.raw_body(), r#"{"auth_id": "#);
    assert_eq!(
        error.to_string(),
        "haptik create_user: the answer of HTTP 200 (OK) could not be read; the request took effect"
    );
    assert!(error.source().is_some());
}

#[tokio::test]
async fn a_complete_value_in_a_body_that_breaks_off_is_not_believed() {
    let wire = Wire::start(cut_answer(200, USER), Then::Close).await;
    let error = failed_create(&wire, once()).await;
    assert_eq!(error.delivery(), Delivery::Accepted);
    assert_eq!(error.raw_body(), USER);
}

#[tokio::test]
async fn a_refusal_that_breaks_off_is_a_refusal() {
    let wire = Wire::start(cut_answer(400, r#"{"error_message": "no"#), Then::Close).await;
    let error = failed_create(&wire, once()).await;
    assert_eq!(error.delivery(), Delivery::Rejected);
    assert!(error.is_rejected());
    assert!(error.body().is_none());
    assert_eq!(error.raw_body(), r#"{"error_message": "no"#);
    assert_eq!(error.to_string(), "haptik create_user: the provider answered HTTP 400 (Bad Request)");
}

#[tokio::test]
async fn statuses_say_whether_the_request_may_have_taken_effect() {
    let expected = [
        (400, Delivery::Rejected),
        (401, Delivery::Rejected),
        (404, Delivery::Rejected),
        (429, Delivery::Rejected),
        (500, Delivery::Unknown),
        (502, Delivery::Unknown),
        (503, Delivery::Unknown),
    ];
    for (status, delivery) in expected {
        let wire = Wire::json(status, r#"{"error_message": "no"}"#).await;
        let error = failed_create(&wire, once()).await;
        assert_eq!((error.status().unwrap().as_u16(), error.delivery()), (status, delivery));
        assert_eq!(error.is_denied(), status == 401);
        assert_eq!(error.is_throttled(), status == 429);
        assert_eq!(error.body().unwrap().error_message.expose(), "no");
    }
}

#[tokio::test]
async fn an_unreadable_success_took_effect() {
    for body in ["", "null", "[]", "<html>", r#"{"auth_id": 7}"#] {
        let wire = Wire::json(200, body).await;
        let error = failed_create(&wire, once()).await;
        assert_eq!(error.delivery(), Delivery::Accepted, "{body}");
        assert!(error.is_unreadable());
        assert_eq!(error.raw_body(), body);
    }
}

#[tokio::test]
async fn silence_after_the_request_ends_with_the_attempts_time_out() {
    let wire = Wire::start("", Then::StopTheClock).await;
    let http = once().with_attempt_timeout(Duration::from_secs(7));
    let error = failed_create(&wire, http).await;
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert!(error.is_timeout());
    assert!(!error.is_connect());
    assert_eq!(
        error.to_string(),
        "haptik create_user: no answer within 7s; the request may have taken effect"
    );
}

#[tokio::test]
async fn the_operations_time_out_ends_an_attempt_that_may_take_longer() {
    let wire = Wire::start("", Then::StopTheClock).await;
    let http =
        once().with_attempt_timeout(Duration::from_secs(60)).with_operation_timeout(Duration::from_secs(4));
    let error = failed_create(&wire, http).await;
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert!(error.to_string().contains("no answer within 4s"), "{error}");
}

#[tokio::test]
async fn silence_while_a_token_is_fetched_means_that_the_call_was_not_sent() {
    let wire = Wire::start("", Then::StopTheClock).await;
    let client = enroll::digipay::Client::builder()
        .company_id("fake-company")
        .client_id("fake-client")
        .client_secret("fake-secret")
        .base_url(wire.base_url())
        .http(once())
        .build()
        .unwrap();
    let error = client.user_register().email("ada@example.com").send().await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(!error.is_denied(), "the exchange may work later");
    assert_eq!(error.to_string(), "digipay user_register: no token could be had for now; nothing was sent");
    assert!(chain(&error).contains("no answer within 15s"), "{}", chain(&error));
    let requests = wire.requests();
    assert_eq!(requests.len(), 1);
    assert!(!requests[0].line.contains("user"), "only the exchange was sent: {}", requests[0].line);
    assert_eq!(requests[0].body, "");
}

#[tokio::test]
async fn a_body_that_stops_coming_ends_with_the_time_out_and_its_status_counts() {
    for (status, delivery) in [(200, Delivery::Accepted), (400, Delivery::Rejected), (500, Delivery::Unknown)]
    {
        // The clock is stopped once the status is known, which is before the body has come.
        let _logs = Logs::react("http.response.status_code=", tokio::time::pause);
        let wire = Wire::start(cut_answer(status, r#"{"auth_id""#), Then::Keep).await;
        let error = failed_create(&wire, once()).await;
        assert_eq!(error.delivery(), delivery);
        assert_eq!(error.raw_body(), r#"{"auth_id""#);
        assert!(chain(&error).ends_with("the body did not arrive within 15s"), "{}", chain(&error));
        tokio::time::resume();
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_an_error_that_keeps_the_first_part() {
    let wire = Wire::json(200, USER).await;
    let error = failed_create(&wire, once().with_max_body(USER.len() - 1)).await;
    assert_eq!(error.delivery(), Delivery::Accepted);
    assert!(error.is_unreadable());
    assert_eq!(error.raw_body(), &USER[..USER.len() - 1]);
    let chain = chain(&error);
    assert!(
        chain.ends_with("the body is longer than 23 bytes; raise it with `HttpOptions::with_max_body`"),
        "{chain}"
    );
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_read() {
    let wire = Wire::json(200, USER).await;
    let http = once().with_max_body(USER.len());
    assert_eq!(*create(&wire.base_url(), http).await.unwrap(), User::new("member-42"));
}

#[tokio::test]
async fn a_refusal_over_the_limit_is_a_refusal() {
    let wire = Wire::json(400, r#"{"error_message": "a long story"}"#).await;
    let error = failed_create(&wire, once().with_max_body(5)).await;
    assert_eq!(error.delivery(), Delivery::Rejected);
    assert!(error.body().is_none());
    assert_eq!(error.raw_body(), r#"{"err"#);
}

#[tokio::test]
async fn a_call_waits_for_its_turn_and_nothing_was_sent_if_none_comes() {
    let wire = Wire::start("", Then::StopTheClock).await;
    let client = wire.haptik(once().with_max_in_flight(1));
    let first = client.create_user().auth_id("member-42").send();
    let second = client.create_user().auth_id("member-43").deadline(Duration::from_secs(5)).send();
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first.unwrap_err().delivery(), Delivery::Unknown);
    assert_eq!(
        second.unwrap_err().to_string(),
        "haptik create_user: the call's time was up; nothing was sent; allow more at a time with \
         `HttpOptions::with_max_in_flight`"
    );
    assert_eq!(wire.requests().len(), 1);
}

#[tokio::test]
async fn calls_in_turn_all_come_through() {
    let wire = Wire::json(200, USER).await;
    let client = wire.haptik(once().with_max_in_flight(1));
    let create = || client.create_user().auth_id("member-42").send();
    let (first, second, third) = tokio::join!(create(), create(), create());
    assert!(first.is_ok() && second.is_ok() && third.is_ok());
    assert_eq!(wire.requests().len(), 3);
}

#[tokio::test]
async fn no_redirect_is_followed() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Wire::json(200, USER).await;
        let location = format!("location: {}/v1.0/user/\r\n", elsewhere.base_url());
        let wire = Wire::start(answer(status, &location, ""), Then::Keep).await;
        let error = failed_create(&wire, once()).await;
        assert_eq!(elsewhere.requests().len(), 0, "{status} was followed");
        assert_eq!(error.status().unwrap(), status);
        assert_eq!(error.delivery(), Delivery::Unknown, "a server may act and then redirect");
        let message = error.to_string();
        assert!(message.ends_with("redirects are not followed; correct the base URL"), "{message}");
        assert!(!message.contains(&elsewhere.base_url()));
    }
}

#[tokio::test]
async fn a_redirect_to_the_same_host_is_not_followed_either() {
    let wire = Wire::start(answer(308, "location: /v1.0/user\r\n", ""), Then::Keep).await;
    failed_create(&wire, once()).await;
}

#[tokio::test]
async fn calls_one_after_the_other_use_one_connection() {
    let wire = Wire::json(200, USER).await;
    let client = wire.haptik(once());
    client.create_user().auth_id("member-42").send().await.unwrap();
    client.clone().update_user().auth_id("member-42").send().await.unwrap();
    let connections: Vec<_> = wire.requests().iter().map(|request| request.connection).collect();
    assert_eq!(connections, [0, 0]);
}

#[tokio::test]
async fn the_clients_of_one_configuration_share_their_connections() {
    let wire = Wire::json(200, r#"{"auth_id": "member-42", "user_id": "user_1"}"#).await;
    let base_url = wire.base_url();
    let clients = Config::new()
        .with_http(once())
        .with_haptik(enroll::haptik::Client::builder().token("fake").client_id("fake").base_url(&base_url))
        .with_streambird(enroll::streambird::Client::builder().api_key("sk_test_fake").base_url(&base_url))
        .build()
        .unwrap();
    clients.haptik().unwrap().create_user().auth_id("member-42").send().await.unwrap();
    clients.streambird().unwrap().create_user().email("ada@example.com").send().await.unwrap();
    let connections: Vec<_> = wire.requests().iter().map(|request| request.connection).collect();
    assert_eq!(connections, [0, 0]);
}

#[tokio::test]
async fn an_answer_keeps_status_headers_and_request_id_beside_its_value() {
    let headers =
        "content-type: application/json\r\nx-request-id: fake-request-1\r\nx-canary: fake-header-value\r\n";
    let wire = Wire::start(answer(202, headers, USER), Then::Keep).await;
    let answer = create(&wire.base_url(), once()).await.unwrap();
    assert_eq!(answer.status(), 202);
    assert_eq!(answer.headers()["x-canary"], "fake-header-value");
    assert_eq!(answer.request_id(), Some("fake-request-1"));
    assert_eq!(answer.auth_id, "member-42", "the value is reached through the answer");
    let debug = format!("{answer:?}");
    assert!(debug.starts_with("Response { status: 202, value: User {"), "{debug}");
    assert!(!debug.contains("fake-header-value") && !debug.contains("fake-request-1"), "{debug}");
    let named = answer.map(|user| user.auth_id);
    assert_eq!((named.status().as_u16(), named.request_id()), (202, Some("fake-request-1")));
    assert_eq!(named.into_inner(), "member-42");
}

#[tokio::test]
async fn an_error_keeps_the_headers_of_the_answer() {
    let wire = Wire::start(answer(503, "retry-after: 7\r\n", ""), Then::Keep).await;
    let error = failed_create(&wire, once()).await;
    assert_eq!(error.headers()["retry-after"], "7");
    assert!(!format!("{error:?}").contains("retry-after"));
}

#[tokio::test]
async fn a_request_id_is_found_under_its_usual_names() {
    for name in ["x-request-id", "request-id", "x-correlation-id", "cf-ray"] {
        let wire = Wire::start(answer(200, &format!("{name}: fake-request-1\r\n"), USER), Then::Keep).await;
        let answer = create(&wire.base_url(), once()).await.unwrap();
        assert_eq!(answer.request_id(), Some("fake-request-1"), "{name}");
    }
    let wire = Wire::json(200, USER).await;
    assert_eq!(create(&wire.base_url(), once()).await.unwrap().request_id(), None);
}

/// Set for a copy of this process in which the environment names a proxy: with `off`, the client ignores it.
const PROXY: &str = "ENROLL_TESTS_PROXY";

/// Runs a test once more, in a process in which the environment configures a client of `sandbox` and names a proxy.
async fn repeat_with_proxy(test: &str, sandbox: &Sandbox, base_url: &str, mode: &str) -> Wire {
    let proxy = Wire::json(200, USER).await;
    let mut environment = sandbox.environment();
    environment.retain(|(name, _)| *name != "HAPTIK_BASE_URL");
    environment.extend([
        ("HAPTIK_BASE_URL", base_url.to_owned()),
        ("http_proxy", proxy.base_url()),
        (PROXY, mode.to_owned()),
    ]);
    repeat_with_environment(test, environment).await;
    proxy
}

/// What the copy does.
async fn create_by_environment(mode: &str) {
    let http = HttpOptions::default().with_plain_http_allowed();
    let http = if mode == "off" { http.with_no_proxy() } else { http };
    let clients = Config::from_env().with_http(http).build().unwrap();
    clients.haptik().unwrap().create_user().auth_id("member-42").send().await.unwrap();
}

#[tokio::test]
async fn the_environments_proxy_is_used_unless_switched_off() {
    if let Ok(mode) = std::env::var(PROXY) {
        return create_by_environment(&mode).await;
    }
    let name = "transport::the_environments_proxy_is_used_unless_switched_off";
    let sandbox = Sandbox::start().await.unwrap();
    // The unspecified address leads to this machine and is no loopback address, like that of any other machine.
    let base_url = sandbox.haptik().base_url().replace("127.0.0.1", "0.0.0.0");
    let proxy = repeat_with_proxy(name, &sandbox, &base_url, "on").await;
    assert_eq!(proxy.requests().len(), 1);
    assert_eq!(proxy.requests()[0].line, format!("POST {base_url}/v1.0/user/ HTTP/1.1"));
    assert_eq!(sandbox.requests().len(), 0);

    let proxy = repeat_with_proxy(name, &sandbox, &base_url, "off").await;
    assert_eq!(proxy.requests().len(), 0);
    assert_eq!(sandbox.haptik().users().len(), 1);
}

#[tokio::test]
async fn no_proxy_ever_sees_what_is_meant_for_this_machine() {
    if let Ok(mode) = std::env::var(PROXY) {
        return create_by_environment(&mode).await;
    }
    let name = "transport::no_proxy_ever_sees_what_is_meant_for_this_machine";
    let sandbox = Sandbox::start().await.unwrap();
    let proxy = repeat_with_proxy(name, &sandbox, sandbox.haptik().base_url(), "on").await;
    assert_eq!(proxy.requests().len(), 0);
    assert_eq!(sandbox.requests().len(), 1);
    assert_eq!(sandbox.haptik().users().len(), 1);
}

#[tokio::test]
async fn a_failure_inside_a_success_is_a_refusal_in_the_history_too() {
    let (_sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    let register = clients.digipay().unwrap().user_register().dial_code("+1").phone_number("4155550123");
    let _ = register.clone().send().await.unwrap();
    let error = register.send().await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Rejected);
    let history: Vec<_> = error.attempts().iter().map(|attempt| attempt.delivery).collect();
    assert_eq!(history, [Delivery::Rejected]);
}

#[tokio::test]
async fn an_account_that_exists_is_named_in_the_message() {
    let (_sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    let create = clients.original().unwrap().create_user().user_external_id("member-42");
    let _ = create.clone().send().await.unwrap();
    let error = create.send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "original create_user: the provider says that the account exists already, by HTTP 400 (Bad Request)"
    );
}
