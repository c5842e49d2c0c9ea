//! The request of each operation exactly as it is received, and the value that its answer becomes.

use enroll::httpmock::MockServer;
use enroll::streambird::mock::MockServerExt;
use enroll::streambird::types::{self, WalletType};
use serde_json::{Value, json};

use super::{CREDENTIALS, USER, client};
use crate::support::Capture;

/// What was received is this and nothing else. The base URL of these tests has a path and a trailing slash, as a
/// gateway's may.
fn assert_received(server: &MockServer, capture: &Capture, method: &str, path: &str, body: Option<Value>) {
    capture.single().assert(server, method, &format!("/gateway{path}"), CREDENTIALS, body);
}

fn gateway(server: &MockServer) -> enroll::streambird::Client {
    client(format!("{}/gateway/", server.base_url()))
}

fn deleted(message: &str) -> types::DeleteResponse {
    types::DeleteResponse::new(USER).with_message(message)
}

fn wallet() -> types::Wallet {
    types::Wallet::new("wallet_fake")
        .with_app_id("app_fake")
        .with_user_id(USER)
        .with_public_address("0x00000000000000000000000000000000000fa4e1")
        .with_wallet_type(WalletType::Sol)
        .with_is_default(true)
        .with_created_at(1_659_638_371)
}

#[tokio::test]
async fn create_user_sends_every_field_and_nothing_else() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    let created = types::CreateUserResponse::new(USER)
        .with_status("pending")
        .with_email_id("email_fake")
        .with_phone_number_id("pn_fake")
        .with_user(types::User::new(USER).with_first_name("Ada").with_active(false));
    server.create_user(|when, then| {
        capture.watch(when.into_inner());
        then.ok(&created);
    });
    let answer = gateway(&server)
        .create_user()
        .email("ada@example.com")
        .phone_number(String::from("+14155550123"))
        .first_name(Some("Ada"))
        .middle_name("")
        .last_name("Lovelace")
        .requires_verification(true)
        .wallet_type("SOL")
        .include_user(true)
        .metadata(json!({"plan": "trial", "limits": {"users": 3, "tags": ["a", null, 1.5]}, "note": null}))
        .send()
        .await
        .unwrap();
    assert_eq!(*answer, created);
    assert_eq!(answer.status(), 200);
    let sent = json!({
        "email": "ada@example.com",
        "phone_number": "+14155550123",
        "first_name": "Ada",
        "middle_name": "",
        "last_name": "Lovelace",
        "requires_verification": true,
        "wallet_type": "SOL",
        "include_user": true,
        "metadata": {"plan": "trial", "limits": {"users": 3, "tags": ["a", null, 1.5]}, "note": null},
    });
    assert_received(&server, &capture, "POST", "/v1/auth/users/create", Some(sent));
}

#[tokio::test]
async fn create_user_sends_no_field_that_was_not_given() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.create_user(|when, then| {
        capture.watch(when.into_inner());
        then.created(&types::CreateUserResponse::new(USER));
    });
    let answer = gateway(&server)
        .create_user()
        .phone_number("+14155550123")
        .email(None::<&str>)
        .include_user(false)
        .send()
        .await
        .unwrap();
    assert_eq!(*answer, types::CreateUserResponse::new(USER));
    assert_eq!(answer.status(), 201);
    let sent = json!({"phone_number": "+14155550123", "include_user": false});
    assert_received(&server, &capture, "POST", "/v1/auth/users/create", Some(sent));
}

#[tokio::test]
async fn get_user_asks_by_the_path_alone() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    let user = types::User::new(USER)
        .with_status("active")
        .with_emails([types::UserEmail::new().with_id("email_fake").with_email("ada@example.com")])
        .with_wallets([wallet()]);
    server.get_user(|when, then| {
        capture.watch(when.user_id(USER).into_inner());
        then.ok(&user);
    });
    assert_eq!(*gateway(&server).get_user().user_id(USER).send().await.unwrap(), user);
    assert_received(&server, &capture, "GET", &format!("/v1/auth/users/{USER}"), None);
}

#[tokio::test]
async fn update_user_sends_every_field_and_nothing_else() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    let updated = types::UpdateUserResponse::new(USER)
        .with_emails([types::UserEmail::new().with_email("ada@example.com")])
        .with_phone_numbers([types::UserPhoneNumber::new().with_phone_number("+14155550123")])
        .with_user(types::User::new(USER).with_last_name("Lovelace"));
    server.update_user(|when, then| {
        capture.watch(when.user_id(USER).into_inner());
        then.ok(&updated);
    });
    let answer = gateway(&server)
        .update_user()
        .user_id(USER)
        .first_name("Ada")
        .middle_name("")
        .last_name("Lovelace")
        .emails([
            types::EmailToAttach::new("ada@example.com"),
            types::EmailToAttach::new("countess@example.com"),
        ])
        .phone_numbers(vec![types::PhoneNumberToAttach::new("+14155550123")])
        .metadata(json!({"plan": {"name": "paid", "since": null}}))
        .replace_metadata(false)
        .send()
        .await
        .unwrap();
    assert_eq!(*answer, updated);
    let sent = json!({
        "first_name": "Ada",
        "middle_name": "",
        "last_name": "Lovelace",
        "emails": [{"email": "ada@example.com"}, {"email": "countess@example.com"}],
        "phone_numbers": [{"phone_number": "+14155550123"}],
        "metadata": {"plan": {"name": "paid", "since": null}},
        "replace_metadata": false,
    });
    assert_received(&server, &capture, "PUT", &format!("/v1/auth/users/{USER}/update"), Some(sent));
}

#[tokio::test]
async fn delete_user_asks_by_the_path_alone() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.delete_user(|when, then| {
        capture.watch(when.user_id(USER).into_inner());
        then.ok(&deleted("Successfully deleted user"));
    });
    let answer = gateway(&server).delete_user().user_id(USER).send().await.unwrap();
    assert_eq!(*answer, deleted("Successfully deleted user"));
    assert_received(&server, &capture, "DELETE", &format!("/v1/auth/users/{USER}/delete"), None);
}

#[tokio::test]
async fn delete_email_asks_by_the_path_alone() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.delete_email(|when, then| {
        capture.watch(when.email_id("email_fake").into_inner());
        then.ok(&deleted("Successfully deleted user email"));
    });
    let answer = gateway(&server).delete_email().email_id("email_fake").send().await.unwrap();
    assert_eq!(*answer, deleted("Successfully deleted user email"));
    assert_received(&server, &capture, "DELETE", "/v1/auth/users/emails/email_fake/delete", None);
}

#[tokio::test]
async fn delete_phone_number_has_the_plural_in_its_path() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.delete_phone_number(|when, then| {
        capture.watch(when.phone_number_id("pn_fake").into_inner());
        then.ok(&deleted("Successfully deleted user phone number"));
    });
    let answer = gateway(&server).delete_phone_number().phone_number_id("pn_fake").send().await.unwrap();
    assert_eq!(*answer, deleted("Successfully deleted user phone number"));
    assert_received(&server, &capture, "DELETE", "/v1/auth/users/phone_numbers/pn_fake/delete", None);
}

#[tokio::test]
async fn delete_wallet_asks_by_the_path_alone() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.delete_wallet(|when, then| {
        capture.watch(when.wallet_id("wallet_fake").into_inner());
        then.ok(&deleted("Successfully deleted user wallet"));
    });
    let answer = gateway(&server).delete_wallet().wallet_id("wallet_fake").send().await.unwrap();
    assert_eq!(*answer, deleted("Successfully deleted user wallet"));
    assert_received(&server, &capture, "DELETE", "/v1/auth/users/wallets/wallet_fake/delete", None);
}

#[tokio::test]
async fn search_users_sends_its_limit_cursor_and_filters_in_the_body() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    let page = types::SearchUsersResponse::new()
        .with_users([types::User::new(USER)])
        .with_total_count(10)
        .with_has_more(false);
    server.search_users(|when, then| {
        capture.watch(when.into_inner());
        then.ok(&page);
    });
    let status = types::SearchFilter::new("status", "in").with_values([json!("active").into()]);
    let answer = gateway(&server)
        .search_users()
        .limit(50)
        .starting_after(USER)
        .filters(types::SearchFilters::new("AND").with_fields([status]))
        .send()
        .await
        .unwrap();
    assert_eq!(*answer, page);
    let sent = json!({
        "limit": 50,
        "starting_after": USER,
        "filters": {"operator": "AND", "fields": [{"field": "status", "operator": "in", "values": ["active"]}]},
    });
    assert_received(&server, &capture, "POST", "/v1/auth/users/search", Some(sent));
}

#[tokio::test]
async fn search_users_without_anything_sends_an_empty_object() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.search_users(|when, then| {
        capture.watch(when.into_inner());
        then.ok(&types::SearchUsersResponse::new().with_users([]));
    });
    gateway(&server).search_users().send().await.unwrap();
    assert_received(&server, &capture, "POST", "/v1/auth/users/search", Some(json!({})));
}

#[tokio::test]
async fn create_wallet_sends_both_fields_and_nothing_else() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.create_wallet(|when, then| {
        capture.watch(when.into_inner());
        then.created(&wallet());
    });
    let answer =
        gateway(&server).create_wallet().wallet_type(WalletType::Sol).user_id(USER).send().await.unwrap();
    assert_eq!(*answer, wallet());
    assert_eq!(answer.status(), 201);
    let sent = json!({"wallet_type": "SOL", "user_id": USER});
    assert_received(&server, &capture, "POST", "/v1/wallets/create", Some(sent));
}

#[tokio::test]
async fn get_wallet_asks_by_the_path_alone() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.get_wallet(|when, then| {
        capture.watch(when.wallet_id("wallet_fake").into_inner());
        then.ok(&wallet());
    });
    assert_eq!(*gateway(&server).get_wallet().wallet_id("wallet_fake").send().await.unwrap(), wallet());
    assert_received(&server, &capture, "GET", "/v1/wallets/wallet_fake", None);
}

#[tokio::test]
async fn an_id_stays_one_segment_of_the_path_whatever_is_in_it() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    let hostile = "emails/é x?a=1#b%2e/../delete\r\n";
    server.delete_user(|when, then| {
        capture.watch(when.user_id(hostile).into_inner());
        then.ok(&deleted("Successfully deleted user"));
    });
    gateway(&server).delete_user().user_id(hostile).send().await.unwrap();
    let path = "/v1/auth/users/emails%2F%C3%A9%20x%3Fa%3D1%23b%252e%2F..%2Fdelete%0D%0A/delete";
    assert_received(&server, &capture, "DELETE", path, None);
}
