//! Registering a user: every field of the documentation's page, its own sample, and the forms that values may be given
//! in.

use std::time::{Duration, SystemTime};

use enroll::digipay::builder::UserRegister;
use enroll::digipay::mock::MockServerExt;
use enroll::digipay::types;
use enroll::httpmock::MockServer;
use enroll::{EpochMillis, IntegerOrString, Secret};
use serde_json::{Value, json};

use super::{CREDENTIALS, client, registered};
use crate::support::Capture;

/// The body that reaches the provider for the fields that `fill` sets.
async fn body_of(fill: impl FnOnce(UserRegister) -> UserRegister) -> Value {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.user_register(|when, then| {
        capture.watch(when.into_inner());
        then.ok(&registered());
    });
    fill(client(&server).user_register()).send().await.unwrap();
    serde_json::from_str(&capture.single().body).unwrap()
}

#[tokio::test]
async fn user_register_sends_every_field_and_nothing_else() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    let answer = types::UserRegisterAnswer::new(
        1,
        types::UserRegisterAnswerData::new("ebccea2ac4114b5aaa790221f72d3799")
            .with_message("User registered successfully.")
            .with_token(types::UserToken::new().with_type("Token").with_token("fake-user-token")),
    )
    .with_error([]);
    server.user_register(|when, then| {
        capture.watch(when.into_inner());
        then.ok(&answer);
    });
    let registered = client(&server)
        .user_register()
        .dial_code("+1")
        .phone_number("4155550123")
        .user_type(2)
        .first_name("Ada")
        .last_name(String::from("Lovelace"))
        .account_number_prefix("ACCT")
        .password("fake-password")
        .email(Some("ada@example.com"))
        .login_pin(Secret::from("0000"))
        .transaction_pin("1111")
        .status_id(1)
        .birth_date(946_684_800_000_i64)
        .image("https://example.com/profile/ada.jpg")
        .kyc_status(2)
        .country_id("US")
        .kyc_process_status(3)
        .location_point(r#"{"latitude": 37.7749, "longitude": -122.4194}"#)
        .device_type(2)
        .device_id("fake-device")
        .parent_user_id("fake-parent")
        .device_unique_id("fake-unique-device")
        .referral_code("REFCODE123")
        .created_by("admin")
        .send()
        .await
        .unwrap();
    assert_eq!(*registered, answer);
    assert_eq!(registered.data.user_id, "ebccea2ac4114b5aaa790221f72d3799");
    let token = registered.data.token.as_ref().unwrap();
    assert_eq!(token.token.as_ref().unwrap().expose(), "fake-user-token");
    capture.single().assert(
        &server,
        "POST",
        "/gateway/digipay/v3/auth/user_register",
        CREDENTIALS,
        Some(json!({
            "dial_code": "+1",
            "phone_number": "4155550123",
            "user_type": 2,
            "first_name": "Ada",
            "last_name": "Lovelace",
            "account_number_prefix": "ACCT",
            "password": "fake-password",
            "email": "ada@example.com",
            "login_pin": "0000",
            "transaction_pin": "1111",
            "status_id": 1,
            "birth_date": 946_684_800_000_i64,
            "image": "https://example.com/profile/ada.jpg",
            "kyc_status": 2,
            "country_id": "US",
            "kyc_process_status": 3,
            // A string that holds JSON, and not an object.
            "location_point": "{\"latitude\": 37.7749, \"longitude\": -122.4194}",
            "device_type": 2,
            "device_id": "fake-device",
            "parent_user_id": "fake-parent",
            "device_unique_id": "fake-unique-device",
            "referral_code": "REFCODE123",
            // Misspelt on the wire, and there only.
            "cretaed_by": "admin",
        })),
    );
}

#[tokio::test]
async fn a_registration_of_nothing_sends_an_empty_object() {
    assert_eq!(body_of(|register| register).await, json!({}));
}

#[tokio::test]
async fn the_sample_of_the_page_is_sent_as_printed_but_for_the_recorded_correction() {
    let sample = r#"{
        "dial_code": "+91",
        "phone_number": "123456789",
        "user_type": 2,
        "first_name": "kgkjkl",
        "account_number_prefix": "ACCT",
        "last_name": "Doe",
        "password": "123",
        "email": "john.doe@example.com\"",
        "login_pin": "1234",
        "transaction_pin": "5678",
        "status_id": 1,
        "birth_date": 946684800000,
        "image": "https://example.com/profile/john.jpg",
        "kyc_status": 2,
        "kyc_process_status": "3",
        "location_point": "{ \"\"latitude\"\": 37.7749, \"\"longitude\"\": -122.4194 },",
        "device_type": 2,
        "device_id": "ABCDE12345",
        "parent_user_id": "parent123\"",
        "device_unique_id": "UNIQUE123",
        "referral_code": "REFCODE123",
        "cretaed_by": "admin"
    }"#;
    let sent = body_of(|register| {
        register
            .dial_code("+91")
            .phone_number("123456789")
            .user_type(2)
            .first_name("kgkjkl")
            .account_number_prefix("ACCT")
            .last_name("Doe")
            .password("123")
            .email("john.doe@example.com\"")
            .login_pin("1234")
            .transaction_pin("5678")
            .status_id(1)
            .birth_date(946_684_800_000_i64)
            .image("https://example.com/profile/john.jpg")
            .kyc_status(2)
            .kyc_process_status("3")
            .location_point(r#"{ ""latitude"": 37.7749, ""longitude"": -122.4194 },"#)
            .device_type(2)
            .device_id("ABCDE12345")
            .parent_user_id("parent123\"")
            .device_unique_id("UNIQUE123")
            .referral_code("REFCODE123")
            .created_by("admin")
    })
    .await;
    let mut expected: Value = serde_json::from_str(sample).unwrap();
    // Int or numeric string when read, int when sent.
    expected["kyc_process_status"] = json!(3);
    assert_eq!(sent, expected);
    // The same sample, read as the typed request and written again.
    let typed: types::UserRegisterRequest = serde_json::from_str(sample).unwrap();
    assert_eq!(serde_json::to_value(typed).unwrap(), expected);
}

#[tokio::test]
async fn kyc_process_status_is_sent_as_an_integer_however_it_is_given() {
    let expected = json!({"kyc_process_status": 3});
    assert_eq!(body_of(|register| register.kyc_process_status(3)).await, expected);
    assert_eq!(body_of(|register| register.kyc_process_status("3")).await, expected);
    assert_eq!(body_of(|register| register.kyc_process_status(String::from("3"))).await, expected);
    assert_eq!(body_of(|register| register.kyc_process_status(IntegerOrString::Integer(3))).await, expected);
    // What is no number stays as it is, so that the provider can say what it thinks of it.
    let other = body_of(|register| register.kyc_process_status("VERIFIED")).await;
    assert_eq!(other, json!({"kyc_process_status": "VERIFIED"}));
}

#[tokio::test]
async fn birth_date_is_sent_in_milliseconds_however_it_is_given() {
    let expected = json!({"birth_date": 946_684_800_000_i64});
    let instant = SystemTime::UNIX_EPOCH + Duration::from_secs(946_684_800);
    assert_eq!(body_of(|register| register.birth_date(946_684_800_000_i64)).await, expected);
    assert_eq!(body_of(|register| register.birth_date(EpochMillis(946_684_800_000))).await, expected);
    assert_eq!(body_of(|register| register.birth_date(EpochMillis::from(instant))).await, expected);
    // Ada Lovelace was born on 10 December 1815, and many users before 1970.
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(4_862_160_000);
    let early = body_of(|register| register.birth_date(Some(EpochMillis::from(before)))).await;
    assert_eq!(early, json!({"birth_date": -4_862_160_000_000_i64}));
}

#[tokio::test]
async fn neither_the_request_nor_the_answer_prints_what_is_private() {
    let server = MockServer::start_async().await;
    server.user_register(|_, then| {
        let data = types::UserRegisterAnswerData::new("fake-user")
            .with_token(types::UserToken::new().with_token("canary-user-token"));
        then.ok(&types::UserRegisterAnswer::new(1, data));
    });
    let register = client(&server)
        .user_register()
        .password("canary-password")
        .login_pin("canary-pin")
        .transaction_pin("canary-pin-2")
        .phone_number("canary-phone")
        .email("canary@example.com")
        .birth_date(1_234_567_890_123_i64)
        .location_point("canary-location")
        .device_id("canary-device");
    let request = format!("{register:?}");
    assert!(!request.contains("canary") && !request.contains("1234567890123"), "{request}");
    assert_eq!(request.matches("[secret]").count(), 3);
    assert_eq!(request.matches("[personal]").count(), 5);
    let answer = register.send().await.unwrap();
    assert_eq!(answer.data.token.as_ref().unwrap().token.as_ref().unwrap().expose(), "canary-user-token");
    let answer = format!("{answer:?}");
    assert!(!answer.contains("canary"), "{answer}");
    assert!(answer.contains("[secret]"), "{answer}");
}
