//! DigiPay: what each operation sends, and how identifiers and search texts travel. The modules below hold what takes
//! more room: registration, answers, the token, the configuration, and the state that is left in the sandbox.

mod answers;
mod configuration;
mod registration;
mod sandbox;
mod token;

use enroll::digipay::mock::MockServerExt;
use enroll::digipay::{Client, ClientBuilder, types};
use enroll::httpmock::MockServer;
use enroll::{EpochSeconds, OneOrMany, Personal};
use serde_json::json;

use crate::support::{Capture, once};

/// What the provider documents for credentials.
const CREDENTIALS: &[(&str, &str)] = &[("authorization", "Token fake-token"), ("companyid", "fake-company")];

/// An identifier with everything that means something in an address, and the same as one segment of a path.
const AWKWARD_ID: &str = "a/../b?c=d&e#f%2F ü";
const AWKWARD_SEGMENT: &str = "a%2F..%2Fb%3Fc%3Dd%26e%23f%252F%20%C3%BC";

/// A builder of clients of the mock server. The base URL has a path and a trailing slash, as a gateway's may.
fn builder(server: &MockServer) -> ClientBuilder {
    Client::builder().company_id("fake-company").base_url(format!("{}/gateway/", server.base_url()))
}

/// A client of the mock server that has a token already, and sends every request once.
fn client(server: &MockServer) -> Client {
    builder(server).token("fake-token").http(once()).build().unwrap()
}

fn registered() -> types::UserRegisterAnswer {
    types::UserRegisterAnswer::new(1, types::UserRegisterAnswerData::new("fake-user"))
}

fn no_users() -> types::UserListAnswer {
    types::UserListAnswer::new(1, types::UserListAnswerData::new().with_users(Vec::new()))
}

fn done(message: &str) -> types::MessageAnswer {
    types::MessageAnswer::new(1).with_data(types::MessageAnswerData::new().with_message(message))
}

#[tokio::test]
async fn authenticate_sends_basic_credentials_no_company_and_no_body() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    let token = types::AuthenticateAnswer::new(types::AuthenticateAnswerData::new("fake-token"));
    server.authenticate(|when, then| {
        capture.watch(when.into_inner());
        then.ok(&token);
    });
    let client = builder(&server).client_id("fake-client").client_secret("fake-secret").build().unwrap();
    let answer = client.authenticate().send().await.unwrap();
    assert_eq!(*answer, token);
    capture.single().assert(
        &server,
        "POST",
        "/gateway/digipay/v3/auth/authenticate",
        // `fake-client:fake-secret` in Base64.
        &[("authorization", "Basic ZmFrZS1jbGllbnQ6ZmFrZS1zZWNyZXQ=")],
        None,
    );
}

#[tokio::test]
async fn authenticate_without_a_client_id_sends_nothing() {
    let server = MockServer::start_async().await;
    let exchange = server.authenticate(|_, then| {
        then.ok(&types::AuthenticateAnswer::new(types::AuthenticateAnswerData::new("fake-token")));
    });
    // The token that is given is enough for every other operation.
    let error = client(&server).authenticate().send().await.unwrap_err();
    assert_eq!(exchange.calls_async().await, 0);
    assert_eq!(error.delivery(), enroll::Delivery::NotSent);
    let message = error.to_string();
    assert!(message.contains("DIGIPAY_CLIENT_ID") && message.contains("DIGIPAY_CLIENT_SECRET"), "{message}");
}

#[tokio::test]
async fn list_users_sends_every_filter_in_the_query_and_nothing_else() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.list_users(|when, then| {
        let when = when
            .user_id("fake-user")
            .user_type(2)
            .created_by("admin")
            .updated_date("1756551930")
            .status_id(1)
            .kyc_status(2)
            .kyc_process_status(3)
            .is_active(true)
            .skip(20)
            .limit(10)
            .start_date(1_756_551_924)
            .end_date(1_756_638_324)
            .sorting(r#"{"created_date": "DESC"}"#)
            .search_keyword("a&b=c +%ü");
        capture.watch(when.into_inner());
        then.ok(&no_users());
    });
    let answer = client(&server)
        .list_users()
        .user_id("fake-user")
        .user_type(2)
        .created_by("admin")
        .updated_date("1756551930")
        .status_id(1)
        .kyc_status(2)
        .kyc_process_status(3)
        .is_active(true)
        .skip(20)
        .limit(Some(10))
        .start_date(EpochSeconds(1_756_551_924))
        .end_date(1_756_638_324_i64)
        .sorting(r#"{"created_date": "DESC"}"#)
        .search_keyword("a&b=c +%ü")
        .send()
        .await
        .unwrap();
    assert_eq!(*answer, no_users());
    let received = capture.single();
    let (path, query) = received.target.split_once('?').unwrap();
    assert_eq!(path, "/gateway/digipay/v3/user/user_detail");
    let mut pairs: Vec<_> = query.split('&').collect();
    pairs.sort_unstable();
    assert_eq!(
        pairs,
        [
            "created_by=admin",
            "end_date=1756638324",
            "is_active=true",
            "kyc_process_status=3",
            "kyc_status=2",
            "limit=10",
            "search_keyword=a%26b%3Dc%20%2B%25%C3%BC",
            "skip=20",
            "sorting=%7B%22created_date%22%3A%20%22DESC%22%7D",
            "start_date=1756551924",
            "status_id=1",
            "updated_date=1756551930",
            "user_id=fake-user",
            "user_type=2",
        ]
    );
    received.assert(&server, "GET", &received.target, CREDENTIALS, None);
}

#[tokio::test]
async fn list_users_without_filters_has_no_query() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.list_users(|when, then| {
        capture.watch(when.into_inner());
        then.ok(&no_users());
    });
    client(&server).list_users().search_keyword(None::<&str>).send().await.unwrap();
    capture.single().assert(&server, "GET", "/gateway/digipay/v3/user/user_detail", CREDENTIALS, None);
}

#[tokio::test]
async fn get_user_sends_the_id_as_one_segment_of_the_path() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    let answer = types::UserAnswer::new(
        1,
        types::UserAnswerData::new().with_users([types::User::new(AWKWARD_ID).with_first_name("Ada")]),
    );
    server.get_user(|when, then| {
        capture.watch(when.id(AWKWARD_ID).into_inner());
        then.ok(&answer);
    });
    let user = client(&server).get_user().id(AWKWARD_ID).send().await.unwrap();
    assert_eq!(*user, answer);
    let path = format!("/gateway/digipay/v3/user/user_detail/{AWKWARD_SEGMENT}");
    capture.single().assert(&server, "GET", &path, CREDENTIALS, None);
}

#[tokio::test]
async fn update_user_sends_every_field_and_nothing_else() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.update_user(|when, then| {
        capture.watch(when.into_inner());
        then.ok(&done("User detail updated successfully."));
    });
    let answer = client(&server)
        .update_user()
        .id("fake-user")
        .first_name("Ada")
        .last_name("Lovelace")
        .password("fake-password")
        .email("ada@example.com")
        .dial_code("+1")
        .phone_number("4155550123")
        .login_pin("0000")
        .transaction_pin("1111")
        .user_type(2)
        .role_id("1234")
        .updated_date("1756551930")
        .device_info(json!({"device_id": "fake-device", "device_type": 2}))
        .verification(json!({"is_email": true}))
        .status_id(1)
        .birth_date(1_078_203_600)
        .image("https://example.com/profile/ada.jpg")
        .country_id("US")
        .kyc_status(2)
        .kyc_process_status("2")
        .location_point(json!({"type": "Point", "coordinates": [-122.4194, 37.7749]}))
        .rating(4.5)
        .account_number("1000000000001")
        .parent_user_id("fake-parent")
        .display_name("Countess")
        .kyc_status_id("123")
        .send()
        .await
        .unwrap();
    assert_eq!(*answer, done("User detail updated successfully."));
    capture.single().assert(
        &server,
        "PUT",
        "/gateway/digipay/v3/user/user_detail",
        CREDENTIALS,
        Some(json!({
            "id": "fake-user",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "password": "fake-password",
            "email": "ada@example.com",
            "dial_code": "+1",
            "phone_number": "4155550123",
            "login_pin": "0000",
            "transaction_pin": "1111",
            "user_type": 2,
            "role_id": "1234",
            "updated_date": "1756551930",
            "device_info": {"device_id": "fake-device", "device_type": 2},
            "verification": {"is_email": true},
            "status_id": 1,
            "birth_date": 1_078_203_600,
            "image": "https://example.com/profile/ada.jpg",
            "country_id": "US",
            "kyc_status": 2,
            "kyc_process_status": 2,
            "location_point": {"type": "Point", "coordinates": [-122.4194, 37.7749]},
            "rating": 4.5,
            "account_number": "1000000000001",
            "parent_user_id": "fake-parent",
            "display_name": "Countess",
            "kyc_status_id": "123",
        })),
    );
}

#[tokio::test]
async fn delete_user_sends_the_id_as_one_segment_of_the_path() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.delete_user(|when, then| {
        capture.watch(when.id(AWKWARD_ID).into_inner());
        then.ok(&done("User detail deleted successfully."));
    });
    let answer = client(&server).delete_user().id(AWKWARD_ID).send().await.unwrap();
    assert_eq!(*answer, done("User detail deleted successfully."));
    let path = format!("/gateway/digipay/v3/user/user_detail/{AWKWARD_SEGMENT}");
    capture.single().assert(&server, "DELETE", &path, CREDENTIALS, None);
}

#[tokio::test]
async fn list_user_wallets_sends_every_filter_in_the_query_and_nothing_else() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    let answer = types::UserWalletListAnswer::new(
        1,
        types::UserWalletListAnswerData::new()
            .with_wallet(OneOrMany::Many(vec![types::UserWallet::new("fake-record").with_is_default(true)])),
    );
    server.list_user_wallets(|when, then| {
        capture.watch(when.into_inner());
        then.ok(&answer);
    });
    let wallets = client(&server)
        .list_user_wallets()
        .wallet_id("fake-wallet")
        .user_id("fake-user")
        .currency_id("fake-currency")
        .is_active(false)
        .skip(0)
        .limit(10)
        .start_date(1_756_551_924_i64)
        .end_date(EpochSeconds(1_756_638_324))
        .sorting("ASC")
        .search_keyword("4155550123")
        .send()
        .await
        .unwrap();
    assert_eq!(*wallets, answer);
    let received = capture.single();
    let (path, query) = received.target.split_once('?').unwrap();
    assert_eq!(path, "/gateway/digipay/v3/transaction/user_wallet");
    let mut pairs: Vec<_> = query.split('&').collect();
    pairs.sort_unstable();
    assert_eq!(
        pairs,
        [
            "currency_id=fake-currency",
            "end_date=1756638324",
            "is_active=false",
            "limit=10",
            "search_keyword=4155550123",
            "skip=0",
            "sorting=ASC",
            "start_date=1756551924",
            "user_id=fake-user",
            "wallet_id=fake-wallet",
        ]
    );
    received.assert(&server, "GET", &received.target, CREDENTIALS, None);
}

#[tokio::test]
async fn get_user_wallet_sends_the_id_as_one_segment_of_the_path() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    let wallet = types::UserWallet::new("fake-record").with_wallet_balance(12.5);
    let answer = types::UserWalletAnswer::new(
        1,
        types::UserWalletAnswerData::new().with_wallet(OneOrMany::One(wallet)),
    );
    server.get_user_wallet(|when, then| {
        capture.watch(when.id(AWKWARD_ID).into_inner());
        then.ok(&answer);
    });
    let read = client(&server).get_user_wallet().id(AWKWARD_ID).send().await.unwrap();
    let balance = read.data.wallet.as_ref().and_then(OneOrMany::first).unwrap().wallet_balance;
    assert_eq!(balance, Some(Personal::from(12.5)));
    let path = format!("/gateway/digipay/v3/transaction/user_wallet/{AWKWARD_SEGMENT}");
    capture.single().assert(&server, "GET", &path, CREDENTIALS, None);
}

#[tokio::test]
async fn an_id_that_would_address_another_resource_is_refused_before_anything_is_sent() {
    let server = MockServer::start_async().await;
    let anything = server.mock(|_, then| {
        then.status(200).json_body_obj(&done("must not be reached"));
    });
    let client = client(&server);
    for id in ["", ".", ".."] {
        let errors = [
            client.get_user().id(id).send().await.unwrap_err(),
            client.delete_user().id(id).send().await.unwrap_err(),
            client.get_user_wallet().id(id).send().await.unwrap_err(),
        ];
        for error in errors {
            assert!(error.is_invalid_request(), "{error}");
            assert_eq!(error.problems()[0].subject, "id");
        }
    }
    let error = client.update_user().first_name("Ada").send().await.unwrap_err();
    assert_eq!(error.problems()[0].message, "is required; call `.id(…)`");
    assert_eq!(anything.calls_async().await, 0);
}
