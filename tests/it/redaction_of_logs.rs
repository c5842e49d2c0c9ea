//! Nothing leaks into logs, from this SDK or from what it is built on, at any level.

use std::time::Duration;

use enroll::HttpOptions;
use enroll_sandbox::Sandbox;
use serde_json::json;

use crate::logs::Logs;
use crate::redaction::{Creates, EMAIL, NAME, TOKEN, assert_hidden, clients, config, success};
use crate::wire::{Then, Wire, nobody};

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

/// Sends the creates of all providers, whatever comes of it.
async fn create_everywhere(base_url: &str, http: HttpOptions) {
    let creates = Creates::new(&config(base_url).with_http(http.with_no_proxy()).build().unwrap());
    let _ = creates.haptik.send().await;
    let _ = creates.original.send().await;
    let _ = creates.streambird.send().await;
    let _ = creates.digipay.send().await;
}

#[tokio::test]
async fn creates_are_logged_by_template_and_status() {
    let logs = Logs::capture();
    let wire = Wire::json(200, &success()).await;
    create_everywhere(&wire.base_url(), HttpOptions::default()).await;
    assert_eq!(wire.requests().len(), 4);
    let sent = format!("{:?}", wire.requests());
    assert!(sent.contains(EMAIL) && sent.contains(NAME) && sent.contains(TOKEN), "the canaries were sent");
    assert_logs_hide(
        &logs,
        &[
            r#"rpc.system="haptik" http.request.method="POST" url.template="/v1.0/user/" server.address="127.0.0.1""#,
            r#"otel.name="user_register""#,
            "http.response.status_code=200",
        ],
    );
}

#[tokio::test]
async fn signed_and_exchanged_tokens_are_not_logged() {
    let sandbox = Sandbox::start().await.unwrap();
    let logs = Logs::capture();
    let set = sandbox.config().build().unwrap();
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
    assert_logs_hide(&logs, &[r#"rpc.system="original""#, r#"rpc.system="digipay""#]);
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
    create_everywhere(&wire.base_url(), HttpOptions::default()).await;
    assert_eq!(wire.requests().len(), 4);
    assert_logs_hide(&logs, &["http.response.status_code=401"]);
}

#[tokio::test]
async fn unreadable_answers_are_not_logged() {
    let logs = Logs::capture();
    for body in ["{\"auth_id\": {\"canary-mail@example.com\": 1}}", "canary-token"] {
        let wire = Wire::json(200, body).await;
        create_everywhere(&wire.base_url(), HttpOptions::default()).await;
        assert_eq!(wire.requests().len(), 4);
    }
    assert_logs_hide(&logs, &["http.response.status_code=200"]);
}

#[tokio::test]
async fn refused_and_broken_connections_are_logged_by_kind() {
    let logs = Logs::capture();
    let silent = Wire::start("", Then::Close).await;
    for base_url in [nobody().await, silent.base_url()] {
        create_everywhere(&base_url, HttpOptions::default()).await;
        let set = clients(&base_url);
        set.original().unwrap().get_user_by_email().email(EMAIL).send().await.unwrap_err();
    }
    assert_eq!(silent.requests().len(), 5);
    assert_logs_hide(&logs, &["error.type=Connect", "error.type=Interrupted"]);
}

#[tokio::test]
async fn time_outs_are_logged_by_kind() {
    let logs = Logs::capture();
    let wire = Wire::start("", Then::StopTheClock).await;
    let set = config(&wire.base_url())
        .with_http(HttpOptions::default().with_no_proxy().with_attempt_timeout(Duration::from_secs(7)))
        .build()
        .unwrap();
    let error = set.original().unwrap().get_user_by_email().email(EMAIL).send().await.unwrap_err();
    assert!(error.is_timeout());
    assert_logs_hide(&logs, &["error.type=Timeout(7s)"]);
}
