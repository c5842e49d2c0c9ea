//! What is read from answers that differ from the samples: a user who exists must not become an error over a detail.

use enroll::EpochSeconds;
use enroll::httpmock::MockServer;
use enroll::streambird::mock::MockServerExt;
use enroll::streambird::types::{self, UserStatus, WalletType};
use serde_json::{Value, json};

use super::{USER, client};

/// What creating a user makes of this body.
async fn created(body: &str) -> types::CreateUserResponse {
    let server = MockServer::start_async().await;
    server.create_user(|_, then| {
        then.into_inner().status(200).body(body);
    });
    let answer = client(server.base_url()).create_user().email("ada@example.com").send().await;
    answer.unwrap().into_inner()
}

/// What reading a user makes of this body.
async fn read(body: Value) -> types::User {
    let server = MockServer::start_async().await;
    server.get_user(|_, then| {
        then.into_inner().status(200).json_body(body);
    });
    client(server.base_url()).get_user().user_id(USER).send().await.unwrap().into_inner()
}

#[tokio::test]
async fn the_sample_with_null_lists_and_undocumented_keys_is_read() {
    let user = created(
        r#"{"user_id": "user_27omXGknF0uVnO4fpVLbP6cVM8v", "app_id": "00000000-0000-4000-8000-000000000000",
            "first_name": "Wayne", "status": "pending", "active": false, "updated_at": 1649994850,
            "created_at": 1649994850, "emails": null, "phone_numbers": null, "wallets": null,
            "email_id": "email_27omXJMY3TqFKQrlZLNFDoifWwV", "requires_verification": true,
            "email": "wayne@example.com", "not_documented": {"at": ["all"]}}"#,
    )
    .await;
    let expected = types::CreateUserResponse::new("user_27omXGknF0uVnO4fpVLbP6cVM8v")
        .with_app_id("00000000-0000-4000-8000-000000000000")
        .with_first_name("Wayne")
        .with_status(UserStatus::Pending)
        .with_active(false)
        .with_updated_at(1_649_994_850)
        .with_created_at(1_649_994_850)
        .with_email_id("email_27omXJMY3TqFKQrlZLNFDoifWwV")
        .with_requires_verification(true)
        .with_email("wayne@example.com");
    assert_eq!(user, expected);
    assert_eq!((user.emails, user.phone_numbers, user.wallets), (None, None, None));
}

#[tokio::test]
async fn a_new_user_of_whom_only_the_id_is_told_is_a_success() {
    assert_eq!(created(r#"{"user_id": "u"}"#).await, types::CreateUserResponse::new("u"));
    let nulls =
        r#"{"user_id": "u", "status": null, "email_id": null, "phone_number_id": null, "user": null}"#;
    assert_eq!(created(nulls).await, types::CreateUserResponse::new("u"));
}

#[tokio::test]
async fn empty_ids_are_read_as_they_come() {
    let user = created(r#"{"user_id": "", "email_id": "", "phone_number_id": "", "status": ""}"#).await;
    assert_eq!(user.user_id, "");
    assert_eq!((user.email_id.as_deref(), user.phone_number_id.as_deref()), (Some(""), Some("")));
    assert_eq!(user.status.unwrap().as_str(), "");
}

#[tokio::test]
async fn details_of_lists_may_be_missing_or_null() {
    let mut user = read(json!({
        "user_id": USER,
        "emails": [{}, {"id": null, "email": null, "verified": null, "created_at": null, "extra": 1}],
        "phone_numbers": [],
        "wallets": [{"id": "wallet_fake", "app_id": null, "wallet_type": null, "public_address": null}],
        "idp_providers": [{"provider": "google"}],
        "totps": [{"verified": false}],
        "webauthn_credentials": [{"of": {"unknown": "shape"}}],
        "metadata": null,
    }))
    .await;
    let expected = types::User::new(USER)
        .with_emails([types::UserEmail::new(), types::UserEmail::new()])
        .with_phone_numbers([])
        .with_wallets([types::Wallet::new("wallet_fake")])
        .with_idp_providers([types::IdpProvider::new().with_provider("google")])
        .with_totps([types::Totp::new().with_verified(false)]);
    let passkeys = user.webauthn_credentials.take().unwrap();
    assert_eq!(passkeys[0].expose()["of"], json!({"unknown": "shape"}));
    assert_eq!(user, expected);
}

#[tokio::test]
async fn a_point_in_time_is_read_however_the_number_is_written() {
    for (written, seconds) in [
        ("1640000000", 1_640_000_000),
        ("1.64e9", 1_640_000_000),
        ("1640000000.0", 1_640_000_000),
        ("1640000000.9", 1_640_000_000),
        ("0", 0),
        ("-1", -1),
    ] {
        let user = created(&format!(r#"{{"user_id": "u", "created_at": {written}}}"#)).await;
        assert_eq!(user.created_at, Some(EpochSeconds(seconds)), "{written}");
    }
}

#[tokio::test]
async fn a_status_that_is_not_documented_survives() {
    let user =
        created(r#"{"user_id": "u", "status": "suspended", "user": {"user_id": "u", "status": "Active"}}"#)
            .await;
    let status = user.status.clone().unwrap();
    assert!(matches!(status, UserStatus::Unknown(_)));
    assert_eq!(status, UserStatus::from("suspended"));
    assert_eq!(status.to_string(), "suspended");
    assert_eq!(
        serde_json::to_value(&user).unwrap(),
        json!({"user_id": "u", "status": "suspended", "user": {"user_id": "u", "status": "Active"}})
    );
}

#[tokio::test]
async fn documented_statuses_are_read_as_their_names() {
    for (written, status) in [("pending", UserStatus::Pending), ("active", UserStatus::Active)] {
        let user = read(json!({"user_id": USER, "status": written})).await;
        assert_eq!(user.status, Some(status.clone()));
        assert_eq!(status.as_str(), written);
    }
}

#[tokio::test]
async fn metadata_comes_back_as_it_is_nested() {
    let metadata =
        json!({"plan": {"name": "paid", "seats": [1, 2.5, null, {"deep": [[]]}]}, "": "empty key"});
    let user = read(json!({"user_id": USER, "metadata": metadata})).await;
    assert_eq!(Value::from(user.metadata.unwrap().into_exposed()), metadata);
}

#[tokio::test]
async fn a_user_when_printed_shows_ids_and_no_person() {
    let person = json!({
        "user_id": USER,
        "first_name": "canary-first",
        "middle_name": "canary-middle",
        "last_name": "canary-last",
        "emails": [{"id": "email_fake", "email": "canary@example.com"}],
        "phone_numbers": [{"phone_number": "canary-phone"}],
        "wallets": [{"id": "wallet_fake", "public_address": "canary-address", "wallet_type": "ETH"}],
        "idp_providers": [{"provider_subject": "canary-subject"}],
        "webauthn_credentials": [{"canary-key": "canary-passkey"}],
        "metadata": {"canary-key": "canary-metadata"},
    });
    let user = read(person.clone()).await;
    assert_eq!(serde_json::to_value(&user).unwrap(), person, "every canary was read");
    let shown = format!("{user:?}");
    assert!(!shown.contains("canary"), "{shown}");
    assert_eq!(shown.matches("[personal]").count(), 9, "{shown}");
    assert!(shown.contains(USER) && shown.contains("email_fake") && shown.contains("wallet_fake"), "{shown}");
}

#[tokio::test]
async fn a_wallet_type_that_is_not_documented_survives_inside_a_user() {
    let user = read(json!({"user_id": USER, "wallets": [{"id": "w", "wallet_type": "DOGE"}]})).await;
    let wallet_type = user.wallets.unwrap().remove(0).wallet_type.unwrap();
    assert_eq!(wallet_type, WalletType::from("DOGE"));
    assert_eq!(serde_json::to_value(&wallet_type).unwrap(), json!("DOGE"));
}
