//! Haptik: what each operation sends, what it makes of each documented answer, and what the sandbox's state is then.

use enroll::Delivery;
use enroll::haptik::mock::MockServerExt;
use enroll::haptik::{Client, types};
use enroll::httpmock::MockServer;
use enroll_sandbox::Sandbox;
use serde_json::json;

use crate::support::Capture;

/// What the provider documents for credentials.
const CREDENTIALS: &[(&str, &str)] = &[("authorization", "Bearer fake-token"), ("client-id", "fake-client")];

/// A client of the mock server. The base URL has a path and a trailing slash, as a gateway's may.
fn client(server: &MockServer) -> Client {
    Client::builder()
        .token("fake-token")
        .client_id("fake-client")
        .base_url(format!("{}/gateway/", server.base_url()))
        .build()
        .unwrap()
}

fn user() -> types::User {
    types::User::new("member-42").with_name("Ada Lovelace").with_email("ada@example.com")
}

#[tokio::test]
async fn create_user_sends_every_field_and_nothing_else() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.create_user(|when, then| {
        capture.watch(when.into_inner());
        then.ok(&user());
    });
    let answer = client(&server)
        .create_user()
        .auth_id("member-42")
        .auth_code("fake-auth-code")
        .mobile_no("+14155550123")
        .email("ada@example.com")
        .name(String::from("Ada Lovelace"))
        .language_code(Some("en"))
        .custom_data(json!({"plan": "gold"}))
        .phone_model("Difference Engine")
        .os_version("2")
        .package_name(None::<&str>)
        .send()
        .await
        .unwrap();
    assert_eq!(*answer, user());
    assert_eq!(answer.status(), 200);
    capture.single().assert(
        &server,
        "POST",
        "/gateway/v1.0/user/",
        CREDENTIALS,
        Some(json!({
            "auth_id": "member-42",
            "auth_code": "fake-auth-code",
            "mobile_no": "+14155550123",
            "email": "ada@example.com",
            "name": "Ada Lovelace",
            "language_code": "en",
            "custom_data": {"plan": "gold"},
            "phone_model": "Difference Engine",
            "os_version": "2",
        })),
    );
}

#[tokio::test]
async fn the_documented_401_reaches_the_user_typed() {
    let server = MockServer::start_async().await;
    server.create_user(|_, then| {
        then.unauthorized(&types::Failure::new("invalid authorization details"));
    });
    let error = client(&server).create_user().auth_id("member-42").send().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 401);
    assert_eq!(error.delivery(), Delivery::Rejected);
    assert!(error.is_denied());
    assert_eq!(error.body().unwrap().error_message.expose(), "invalid authorization details");
}

#[tokio::test]
async fn creating_twice_leaves_one_user_with_the_later_details() {
    let sandbox = Sandbox::start().await.unwrap();
    let clients = sandbox.config().build().unwrap();
    let haptik = clients.haptik().unwrap();
    haptik.create_user().auth_id("member-42").name("Ada").send().await.unwrap();
    haptik.create_user().auth_id("member-42").name("Ada Lovelace").send().await.unwrap();
    let users = sandbox.haptik().users();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].name.as_deref(), Some("Ada Lovelace"));
}
