//! Haptik: what each operation sends, what it makes of each documented answer, and what the sandbox's state is then.

use enroll::Delivery;
use enroll::haptik::mock::MockServerExt;
use enroll::haptik::{Client, types};
use enroll::httpmock::MockServer;
use serde_json::{Value, json};

use crate::support::{Capture, once, printed, sandbox, subjects};

/// What the provider documents for credentials.
const CREDENTIALS: &[(&str, &str)] = &[("authorization", "Bearer fake-token"), ("client-id", "fake-client")];

/// A client of the mock server. The base URL has a path and a trailing slash, as a gateway's may.
fn client(server: &MockServer) -> Client {
    Client::builder()
        .token("fake-token")
        .client_id("fake-client")
        .base_url(format!("{}/gateway/", server.base_url()))
        .http(once())
        .build()
        .unwrap()
}

fn user() -> types::User {
    types::User::new("member-42").with_name("Ada Lovelace").with_email("ada@example.com")
}

/// Sets every field of a call. Registration and update have the same ones, on builders of their own.
macro_rules! with_every_field {
    ($call:expr) => {
        $call
            .auth_id("member-42")
            .auth_code("fake-auth-code")
            .mobile_no("+14155550123")
            .email("ada@example.com")
            .name(String::from("Ada Lovelace"))
            .language_code(Some("en"))
            .custom_data(json!({"plan": "gold"}))
            .phone_model("Difference Engine")
            .os_version("2")
            .package_name("com.example.chat")
    };
}

/// The body that has every field.
fn every_field() -> Value {
    json!({
        "auth_id": "member-42",
        "auth_code": "fake-auth-code",
        "mobile_no": "+14155550123",
        "email": "ada@example.com",
        "name": "Ada Lovelace",
        "language_code": "en",
        "custom_data": {"plan": "gold"},
        "phone_model": "Difference Engine",
        "os_version": "2",
        "package_name": "com.example.chat",
    })
}

#[tokio::test]
async fn create_user_sends_every_field_and_nothing_else() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.create_user(|when, then| {
        capture.watch(when.into_inner());
        then.ok(&user());
    });
    let answer = with_every_field!(client(&server).create_user()).send().await.unwrap();
    assert_eq!(*answer, user());
    assert_eq!(answer.status(), 200);
    let body = Some(every_field());
    capture.single().assert(&server, "POST", "/gateway/v1.0/user/", CREDENTIALS, body);
}

#[tokio::test]
async fn update_user_puts_every_field_and_nothing_else() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.update_user(|when, then| {
        capture.watch(when.into_inner());
        then.ok(&user());
    });
    let answer = with_every_field!(client(&server).update_user()).send().await.unwrap();
    assert_eq!(*answer, user());
    let body = Some(every_field());
    capture.single().assert(&server, "PUT", "/gateway/v1.0/user/", CREDENTIALS, body);
}

#[tokio::test]
async fn a_field_that_is_not_set_or_set_to_none_is_left_out() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.create_user(|when, then| {
        capture.watch(when.into_inner());
        then.ok(&user());
    });
    client(&server)
        .create_user()
        .auth_id("member-42")
        .name(None::<&str>)
        .custom_data(None::<Value>)
        .send()
        .await
        .unwrap();
    let body = Some(json!({"auth_id": "member-42"}));
    capture.single().assert(&server, "POST", "/gateway/v1.0/user/", CREDENTIALS, body);
}

#[tokio::test]
async fn update_user_language_sends_the_user_and_the_language() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    let updated = types::UserLanguage::new("member-42").with_language_code("hi");
    server.update_user_language(|when, then| {
        capture.watch(when.into_inner());
        then.ok(&updated);
    });
    let call = client(&server).update_user_language().auth_id("member-42").language_code("hi");
    assert_eq!(*call.send().await.unwrap(), updated);
    let body = Some(json!({"auth_id": "member-42", "language_code": "hi"}));
    capture.single().assert(&server, "POST", "/gateway/v1.0/update_user_language/", CREDENTIALS, body);
}

#[tokio::test]
async fn everything_that_is_missing_or_wrong_is_reported_at_once_and_nothing_is_sent() {
    let server = MockServer::start_async().await;
    let capture = Capture::of_any(&server);
    let client = client(&server);

    let error = client.create_user().custom_data(json!("canary-5e1f")).send().await.unwrap_err();
    assert!(error.is_invalid_request());
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.status(), None);
    assert_eq!(subjects(&error), ["auth_id", "custom_data"]);
    let message = error.to_string();
    assert!(message.contains("`auth_id` is required; call `.auth_id(…)`"), "{message}");
    assert!(message.contains("`custom_data` must be a JSON object"), "{message}");
    assert!(!printed(&error).contains("canary-5e1f"), "a problem does not repeat the value");

    let error = client.update_user().name("Ada").send().await.unwrap_err();
    assert_eq!(subjects(&error), ["auth_id"]);
    let error = client.update_user_language().send().await.unwrap_err();
    assert_eq!(subjects(&error), ["auth_id", "language_code"]);
    capture.assert_empty();
}

#[tokio::test]
async fn the_documented_401_reaches_the_user_typed() {
    let server = MockServer::start_async().await;
    let failure = types::Failure::new("invalid authorization details");
    server.create_user(|_, then| {
        then.unauthorized(&failure);
    });
    server.update_user(|_, then| {
        then.unauthorized(&failure);
    });
    server.update_user_language(|_, then| {
        then.unauthorized(&failure);
    });
    let client = client(&server);
    for error in [
        client.create_user().auth_id("member-42").send().await.unwrap_err(),
        client.update_user().auth_id("member-42").send().await.unwrap_err(),
        client.update_user_language().auth_id("member-42").language_code("hi").send().await.unwrap_err(),
    ] {
        assert_eq!(error.status().unwrap(), 401);
        assert_eq!(error.delivery(), Delivery::Rejected);
        assert!(error.is_denied());
        assert_eq!(error.body().unwrap().error_message.expose(), "invalid authorization details");
    }
}

#[tokio::test]
async fn any_other_refusal_reaches_the_user_typed() {
    let server = MockServer::start_async().await;
    let failure = types::Failure::new("user is not registered");
    server.create_user(|_, then| {
        then.default_response(400, &failure);
    });
    server.update_user(|_, then| {
        then.default_response(403, &failure);
    });
    server.update_user_language(|_, then| {
        then.default_response(429, &failure);
    });
    let client = client(&server);
    let call = client.update_user_language().auth_id("member-42").language_code("hi");
    for (status, error) in [
        (400, client.create_user().auth_id("member-42").send().await.unwrap_err()),
        (403, client.update_user().auth_id("member-42").send().await.unwrap_err()),
        (429, call.send().await.unwrap_err()),
    ] {
        assert_eq!(error.status().unwrap(), status);
        assert_eq!(error.delivery(), Delivery::Rejected);
        assert_eq!(error.is_denied(), status == 403);
        assert_eq!(error.is_throttled(), status == 429);
        assert_eq!(error.into_body(), Some(failure.clone()));
    }
}

#[tokio::test]
async fn a_500_of_html_keeps_status_and_bytes() {
    const HTML: &str = "<html><body>canary-77b2</body></html>";
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.create_user(|when, then| {
        capture.watch(when.into_inner());
        then.into_inner().status(500).header("content-type", "text/html").body(HTML);
    });
    let error = client(&server).create_user().auth_id("member-42").send().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 500);
    assert_eq!(
        error.delivery(),
        Delivery::Unknown,
        "a gateway may have given up waiting for a create that worked"
    );
    assert_eq!(error.body(), None);
    assert_eq!(error.raw_body(), HTML);
    let printed = printed(&error);
    assert!(!printed.contains("canary-77b2"), "{printed}");
    assert!(printed.contains(&format!("[{} bytes]", HTML.len())), "{printed}");
    capture.single();
}

#[tokio::test]
async fn a_success_without_the_identifier_is_unreadable_and_took_effect() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.create_user(|when, then| {
        capture.watch(when.into_inner());
        then.into_inner().status(200).json_body(json!({"name": "canary-9c40"}));
    });
    let error = client(&server).create_user().auth_id("member-42").send().await.unwrap_err();
    assert!(error.is_unreadable());
    assert_eq!(error.delivery(), Delivery::Accepted);
    assert_eq!(error.status().unwrap(), 200);
    assert_eq!(error.body(), None);
    assert_eq!(error.raw_body(), r#"{"name":"canary-9c40"}"#);
    let printed = printed(&error);
    assert!(printed.contains("the request took effect"), "{printed}");
    assert!(!printed.contains("canary-9c40"), "{printed}");
    assert!(printed.contains("[22 bytes]"), "{printed}");
    capture.single();
}

#[tokio::test]
async fn unknown_fields_and_nulls_in_an_answer_are_tolerated() {
    let server = MockServer::start_async().await;
    server.create_user(|_, then| {
        then.into_inner().status(200).json_body(json!({
            "auth_id": "member-42",
            "mobile_no": null,
            "email": null,
            "name": "Ada Lovelace",
            "haptik_id": 7,
            "tags": [{"of": "tomorrow"}],
        }));
    });
    server.update_user_language(|_, then| {
        then.into_inner()
            .status(200)
            .json_body(json!({"auth_id": "member-42", "language_code": null, "x": 1}));
    });
    let client = client(&server);
    let answer = client.create_user().auth_id("member-42").send().await.unwrap();
    assert_eq!(*answer, types::User::new("member-42").with_name("Ada Lovelace"));
    let call = client.update_user_language().auth_id("member-42").language_code("hi");
    assert_eq!(*call.send().await.unwrap(), types::UserLanguage::new("member-42"));
}

#[tokio::test]
async fn creating_twice_leaves_one_user_with_the_later_details() {
    let (sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    let haptik = clients.haptik().unwrap();
    haptik.create_user().auth_id("member-42").name("Ada").send().await.unwrap();
    haptik.create_user().auth_id("member-42").name("Ada Lovelace").send().await.unwrap();
    let users = sandbox.haptik().users();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].name.as_deref(), Some("Ada Lovelace"));
}

#[tokio::test]
async fn every_field_is_kept_and_an_update_changes_only_what_it_names() {
    let (sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    let haptik = clients.haptik().unwrap();
    with_every_field!(haptik.create_user()).send().await.unwrap();
    haptik.update_user().auth_id("member-42").mobile_no("+14155550124").send().await.unwrap();
    haptik.update_user_language().auth_id("member-42").language_code("hi").send().await.unwrap();
    let users = sandbox.haptik().users();
    assert_eq!(users.len(), 1);
    let user = &users[0];
    assert_eq!(user.mobile_no.as_deref(), Some("+14155550124"));
    assert_eq!(user.language_code.as_deref(), Some("hi"));
    let kept = json!({
        "auth_id": user.auth_id,
        "auth_code": user.auth_code,
        "mobile_no": "+14155550123",
        "email": user.email,
        "name": user.name,
        "language_code": "en",
        "custom_data": user.custom_data,
        "phone_model": user.phone_model,
        "os_version": user.os_version,
        "package_name": user.package_name,
    });
    assert_eq!(kept, every_field(), "the rest is as it was created");
}

#[tokio::test]
async fn what_the_provider_refuses_leaves_no_user() {
    let (sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    let haptik = clients.haptik().unwrap();

    let call = haptik.create_user().auth_id("member-42").custom_data(json!({"home": {"city": "London"}}));
    let error = call.send().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 400);
    assert_eq!(error.body().unwrap().error_message.expose(), "custom_data must not be nested");

    let call = haptik.update_user_language().auth_id("member-42").language_code("hi");
    let error = call.send().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 403);
    assert_eq!(error.body().unwrap().error_message.expose(), "user is not registered");

    let stranger = Client::builder()
        .token("fake-token-of-nobody")
        .client_id(sandbox.haptik().client_id())
        .base_url(sandbox.haptik().base_url())
        .http(once())
        .build()
        .unwrap();
    let error = stranger.create_user().auth_id("member-42").send().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 401);
    assert!(error.is_denied());
    assert!(error.to_string().contains("check HAPTIK_TOKEN, HAPTIK_CLIENT_ID"), "{error}");

    assert_eq!(sandbox.haptik().users(), []);
    assert_eq!(sandbox.requests().len(), 3, "nothing is repeated");
}
