//! Nothing leaks into logs, from this SDK or from what it is built on, at any level.

use std::time::Duration;

use serde_json::json;

use crate::logs::Logs;
use crate::redaction::{Creates, EMAIL, NAME, TOKEN, assert_hidden, clients, config, success};
use crate::support::{Waits, once, sandbox};
use crate::wire::{Then, Wire, answer, nobody};

/// Looks for the canaries in what was logged, and that something was: by this SDK, and by the crates below it.
fn assert_logs_hide(logs: &Logs, expected: &[&str]) {
    let text = logs.text();
    assert_hidden(&text);
    for words in
        expected.iter().chain(&["enroll_core::transport span enroll", "reqwest::connect", "hyper_util::"])
    {
        assert!(text.contains(words), "{words} in:\n{text}");
    }
}

/// Sends the creates of all providers once, whatever comes of it.
async fn create_everywhere(base_url: &str) {
    let creates = Creates::new(&clients(base_url));
    let _ = creates.haptik.send().await;
    let _ = creates.original.send().await;
    let _ = creates.streambird.send().await;
    let _ = creates.digipay.send().await;
}

#[tokio::test]
async fn creates_are_logged_by_template_and_status() {
    let logs = Logs::capture();
    let wire = Wire::json(200, &success()).await;
    create_everywhere(&wire.base_url()).await;
    assert_eq!(wire.requests().len(), 4);
    let sent = format!("{:?}", wire.requests());
    assert!(sent.contains(EMAIL) && sent.contains(NAME) && sent.contains(TOKEN), "the canaries were sent");
    assert_logs_hide(
        &logs,
        &[
            r#"enroll.provider="haptik" enroll.operation="create_user" http.request.method="POST" url.template="/v1.0/user/""#,
            r#"otel.name="user_register""#,
            "http.response.status_code=200",
        ],
    );
}

#[tokio::test]
async fn signed_and_exchanged_tokens_are_not_logged() {
    let (sandbox, config) = sandbox().await;
    let logs = Logs::capture();
    let set = config.build().unwrap();
    set.original().unwrap().create_user().email(EMAIL).send().await.unwrap();
    set.digipay().unwrap().user_register().email(EMAIL).send().await.unwrap();
    let text = logs.text();
    assert_hidden(&text);
    assert_eq!(sandbox.requests().len(), 3, "one of them is the exchange");
    for request in sandbox.requests() {
        let header = request.header("authorization").unwrap();
        let (_, token) = header.split_once(' ').unwrap();
        assert!(!text.contains(token), "{header} is logged");
    }
    for (name, value) in sandbox.environment() {
        assert!(name.ends_with("_BASE_URL") || !text.contains(&value), "{name} is logged");
    }
    assert_logs_hide(&logs, &[r#"enroll.provider="original""#, r#"enroll.provider="digipay""#]);
}

#[tokio::test]
async fn lookups_are_logged_without_their_query_and_path() {
    let logs = Logs::capture();
    let wire = Wire::json(200, &crate::redaction::original_success()).await;
    let set = clients(&wire.base_url());
    let original = set.original().unwrap();
    original.get_user_by_email().email(EMAIL).send().await.unwrap();
    original.get_user_by_external_id().user_external_id("canary-42").send().await.unwrap();
    original.get_user().uid("canary-42").send().await.unwrap();
    let lines: Vec<_> = wire.requests().into_iter().map(|request| request.line).collect();
    assert_eq!(lines[0], "GET /user?email=canary-mail%40example.com HTTP/1.1");
    assert_logs_hide(&logs, &[r#"url.template="/user""#, r#"url.template="/user/{uid}""#]);
}

#[tokio::test]
async fn refusals_are_logged_without_what_they_say() {
    let logs = Logs::capture();
    let body = json!({"error_message": format!("{EMAIL} is taken"), "success": false}).to_string();
    let wire = Wire::json(401, &body).await;
    create_everywhere(&wire.base_url()).await;
    assert_eq!(wire.requests().len(), 4);
    assert_logs_hide(&logs, &["http.response.status_code=401"]);
}

#[tokio::test]
async fn unreadable_answers_are_not_logged() {
    let logs = Logs::capture();
    for body in ["{\"auth_id\": {\"canary-mail@example.com\": 1}}", "canary-token"] {
        let wire = Wire::json(200, body).await;
        create_everywhere(&wire.base_url()).await;
        assert_eq!(wire.requests().len(), 4);
    }
    assert_logs_hide(&logs, &["http.response.status_code=200"]);
}

#[tokio::test]
async fn refused_and_broken_connections_are_logged_by_kind() {
    let logs = Logs::capture();
    let silent = Wire::start("", Then::Close).await;
    for base_url in [nobody().await, silent.base_url()] {
        create_everywhere(&base_url).await;
        let set = clients(&base_url);
        set.original().unwrap().get_user_by_email().email(EMAIL).send().await.unwrap_err();
    }
    assert_eq!(silent.requests().len(), 5);
    assert_logs_hide(&logs, &[r#"error.type="no connection""#, r#"error.type="connection broke""#]);
}

#[tokio::test]
async fn time_outs_are_logged_by_kind() {
    let logs = Logs::capture();
    let wire = Wire::start("", Then::StopTheClock).await;
    let set = config(&wire.base_url())
        .with_http(once().with_attempt_timeout(Duration::from_secs(7)))
        .build()
        .unwrap();
    let error = set.original().unwrap().get_user_by_email().email(EMAIL).send().await.unwrap_err();
    assert!(error.is_timeout());
    assert_logs_hide(&logs, &[r#"error.type="time-out""#]);
}

#[tokio::test]
async fn a_call_and_each_of_its_attempts_have_a_span_of_their_own() {
    let logs = Logs::capture();
    let wire = Wire::script(vec![
        (Vec::new(), Then::Close),
        (answer(429, "retry-after: 7\r\n", ""), Then::Keep),
        (answer(400, "", "{}"), Then::Keep),
    ])
    .await;
    let set = config(&wire.base_url()).with_http(Waits::default().options()).build().unwrap();
    Creates::new(&set).haptik.send().await.unwrap_err();
    let text = logs.text();
    let port = wire.address().port();
    let own = text.lines().filter(|line| line.starts_with("enroll_core::"));
    assert_eq!(
        own.collect::<Vec<_>>(),
        [
            format!(
                r#"enroll_core::transport span enroll otel.name="create_user" otel.kind="client" enroll.provider="haptik" enroll.operation="create_user" http.request.method="POST" url.template="/v1.0/user/" server.address="127.0.0.1" server.port={port}"#
            ),
            attempt_span("create_user", 0, 0),
            attempt_span("create_user", 1, 100),
            attempt_span("create_user", 2, 7_000),
        ]
    );
    // The last answer's status, and what all three attempts together mean.
    let last =
        text.lines().filter(|line| line.starts_with(" enroll.delivery") || line.starts_with(" http.resp"));
    let expected = [
        " http.response.status_code=429",
        " http.response.status_code=400",
        " http.response.status_code=400",
        " enroll.delivery=Unknown",
    ];
    assert_eq!(last.collect::<Vec<_>>(), expected);
    assert_hidden(&text);
}

#[tokio::test]
async fn a_refusal_inside_a_success_is_logged_as_one() {
    let (_sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    let register =
        || clients.digipay().unwrap().user_register().dial_code("+1").phone_number("4155550123").send();
    register().await.unwrap();
    let logs = Logs::capture();
    register().await.unwrap_err();
    let text = logs.text();
    assert!(text.lines().any(|line| line == " enroll.delivery=Rejected"), "{text}");
    assert!(text.lines().any(|line| line == " http.response.status_code=200"), "{text}");
    assert_hidden(&text);
}

#[tokio::test]
async fn the_exchange_of_a_token_is_an_attempt_of_its_own_operation() {
    let (_sandbox, config) = sandbox().await;
    let logs = Logs::capture();
    config.build().unwrap().digipay().unwrap().user_register().email(EMAIL).send().await.unwrap();
    let text = logs.text();
    let attempts: Vec<_> = text.lines().filter(|line| line.contains(" span attempt ")).collect();
    assert_eq!(attempts, [attempt_span("authenticate", 0, 0), attempt_span("user_register", 0, 0)]);
    assert!(text.lines().any(|line| line == " enroll.delivery=Accepted"), "{text}");
}

fn attempt_span(operation: &str, resent: u32, waited: u64) -> String {
    format!(
        r#"enroll_core::attempt span attempt enroll.operation="{operation}" http.request.resend_count={resent} enroll.waited_ms={waited}"#
    )
}
