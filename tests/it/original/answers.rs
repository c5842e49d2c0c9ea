//! What the client makes of each documented answer of Original's, and of those that are not documented.

use enroll::httpmock::MockServer;
use enroll::original::mock::MockServerExt;
use enroll::original::mock::operations::{CreateUserThen, FindUserThen, GetUserThen};
use enroll::original::{Client, types};
use enroll::{Delivery, OneOrMany};
use serde_json::json;

use super::{client, created};
use crate::support::{Capture, printed};

#[tokio::test]
async fn the_201_reaches_the_user_with_its_headers() {
    let server = MockServer::start_async().await;
    server.create_user(|_, then| {
        then.created(&created())
            .into_inner()
            .header("x-ratelimit-remaining", "99")
            .header("x-request-id", "r-1");
    });
    let answer = client(&server).create_user().send().await.unwrap();
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.data.uid, "452711987655");
    assert_eq!(answer.headers()["x-ratelimit-remaining"], "99");
    assert_eq!(answer.request_id(), Some("r-1"));
}

#[tokio::test]
async fn another_2xx_than_the_documented_one_is_a_success_too() {
    let server = MockServer::start_async().await;
    let client = client(&server);
    for status in [200, 202] {
        server.reset_async().await;
        server.create_user(|_, then| {
            then.into_inner().status(status).json_body_obj(&created());
        });
        let answer = client.create_user().send().await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(*answer, created());
    }
}

#[tokio::test]
async fn that_nobody_was_found_is_an_answer() {
    let server = MockServer::start_async().await;
    let client = client(&server);
    for body in [json!({"success": false, "data": null}), json!({"success": false})] {
        server.reset_async().await;
        server.find_user(|_, then| {
            then.into_inner().status(200).json_body(body);
        });
        let by_email = client.get_user_by_email().email("ada@example.com").send().await.unwrap();
        let by_id = client.get_user_by_external_id().user_external_id("member-42").send().await.unwrap();
        for answer in [by_email, by_id] {
            assert!(!answer.success);
            assert_eq!(answer.data, None);
        }
    }
}

fn detail(message: &str) -> types::ErrorDetail {
    types::ErrorDetail::new().with_code("invalid").with_message(message).with_field_name("email")
}

/// Error bodies in both documented forms: one cause, and a list of them.
fn refusals() -> [types::ErrorResponse; 2] {
    let (first, second) = (detail("Enter a valid email address."), detail("This value cannot be used."));
    [OneOrMany::One(first.clone()), OneOrMany::Many(vec![first, second])].map(|details| {
        let error = types::ErrorBody::new().with_type("validation_error").with_detail(details);
        types::ErrorResponse::new(false).with_error(error)
    })
}

/// What a failed call has to say of a status.
fn assert_refused(error: enroll::Error<types::ErrorResponse>, status: u16, body: &types::ErrorResponse) {
    assert_eq!(error.status().unwrap(), status);
    let delivery = if status < 500 { Delivery::Rejected } else { Delivery::Unknown };
    assert_eq!(error.delivery(), delivery, "{status}");
    assert_eq!(error.is_denied(), matches!(status, 401 | 403));
    assert_eq!(error.is_throttled(), status == 429);
    assert!(!error.is_unreadable());
    let printed = printed(&error);
    assert!(!printed.contains("Enter a valid"), "the message may quote a person's datum: {printed}");
    assert!(format!("{:?}", error.body().unwrap()).contains("message: Some([personal])"));
    assert_eq!(error.into_body().as_ref(), Some(body));
}

/// Answers an operation with every documented failure in both forms, and checks what the calls make of it.
macro_rules! assert_every_refusal {
    ($operation:ident, $then:ident, [$($call:expr),+]) => {
        let answers: [(u16, fn($then, &types::ErrorResponse) -> $then); 8] = [
            (400, $then::bad_request),
            (401, $then::unauthorized),
            (403, $then::forbidden),
            (404, $then::not_found),
            (500, |then, body| then.server_error(500, body)),
            (503, |then, body| then.server_error(503, body)),
            (409, |then, body| then.default_response(409, body)),
            (429, |then, body| then.default_response(429, body)),
        ];
        let server = MockServer::start_async().await;
        let client = client(&server);
        for (status, answer) in answers {
            for body in refusals() {
                $(
                    server.reset_async().await;
                    let capture = Capture::default();
                    server.$operation(|when, then| {
                        capture.watch(when.into_inner());
                        answer(then, &body);
                    });
                    assert_refused($call(&client).send().await.unwrap_err(), status, &body);
                    capture.single();
                )+
            }
        }
    };
}

#[tokio::test]
async fn every_documented_failure_of_a_creation_reaches_the_user_typed() {
    assert_every_refusal!(create_user, CreateUserThen, [|client: &Client| client.create_user()]);
}

#[tokio::test]
async fn every_documented_failure_of_a_get_reaches_the_user_typed() {
    assert_every_refusal!(get_user, GetUserThen, [|client: &Client| client.get_user().uid("452711987655")]);
}

#[tokio::test]
async fn every_documented_failure_of_a_lookup_reaches_the_user_typed() {
    assert_every_refusal!(
        find_user,
        FindUserThen,
        [
            |client: &Client| client.get_user_by_email().email("ada@example.com"),
            |client: &Client| client.get_user_by_external_id().user_external_id("member-42")
        ]
    );
}

#[tokio::test]
async fn that_the_user_exists_reaches_the_user_typed_in_both_forms() {
    let server = MockServer::start_async().await;
    let client = client(&server);
    let cause = json!({"code": "bad_request", "message": "User already exists."});
    for detail in [cause.clone(), json!([cause])] {
        server.reset_async().await;
        server.create_user(|_, then| {
            let error = json!({"type": "client_error", "detail": detail});
            then.into_inner().status(400).json_body(json!({"success": false, "error": error}));
        });
        let error = client.create_user().email("ada@example.com").send().await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::Rejected);
        let error = error.into_body().unwrap().error.unwrap();
        assert_eq!(error.r#type, Some(types::ErrorType::ClientError));
        let details = error.detail.unwrap();
        assert_eq!(details.as_slice().len(), 1);
        let first = details.first().unwrap();
        assert_eq!(first.code.as_deref(), Some("bad_request"));
        assert_eq!(first.message.as_ref().unwrap().expose(), "User already exists.");
        assert_eq!(first.field_name, None);
    }
}

#[tokio::test]
async fn a_failure_in_no_documented_form_keeps_status_and_bytes() {
    let server = MockServer::start_async().await;
    let client = client(&server);
    for (status, delivery, text) in [
        (404, Delivery::Rejected, "Not Found"),
        (502, Delivery::Unknown, "<html>canary-31aa</html>"),
        (400, Delivery::Rejected, r#"{"detail":"canary-31aa"}"#),
    ] {
        server.reset_async().await;
        server.create_user(|_, then| {
            then.into_inner().status(status).body(text);
        });
        let error = client.create_user().send().await.unwrap_err();
        assert_eq!(error.status().unwrap(), status);
        assert_eq!(error.delivery(), delivery);
        assert_eq!(error.body(), None);
        assert_eq!(error.raw_body(), text);
        let printed = printed(&error);
        assert!(!printed.contains("canary-31aa"), "{printed}");
        assert!(printed.contains(&format!("[{} bytes]", text.len())), "{printed}");
    }
}

#[tokio::test]
async fn a_success_without_a_uid_is_unreadable_and_took_effect() {
    const BODY: &str = r#"{"success":true,"data":{}}"#;
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.create_user(|when, then| {
        capture.watch(when.into_inner());
        then.into_inner().status(201).body(BODY);
    });
    let error = client(&server).create_user().send().await.unwrap_err();
    assert!(error.is_unreadable());
    assert_eq!(error.delivery(), Delivery::Accepted);
    assert_eq!(error.raw_body(), BODY);
    capture.single();
}

#[tokio::test]
async fn words_that_are_not_known_survive_a_round_trip() {
    let server = MockServer::start_async().await;
    let wallets = json!([{"network": "Polygon"}, {"network": "Base Sepolia", "chain_id": 84532}]);
    let found = json!({"success": true, "data": {"uid": "452711987655", "wallets": wallets}});
    server.get_user(|when, then| {
        when.uid("452711987655");
        then.into_inner().status(200).json_body(found.clone());
    });
    let refused = json!({"success": false, "error": {"type": "quota_error", "detail": []}});
    server.create_user(|_, then| {
        then.into_inner().status(402).json_body(refused.clone());
    });
    let client = client(&server);

    let answer = client.get_user().uid("452711987655").send().await.unwrap();
    let wallets = answer.data.wallets.as_deref().unwrap();
    assert_eq!(wallets[0].network, Some(types::WalletNetwork::Polygon));
    assert!(matches!(wallets[1].network, Some(types::WalletNetwork::Unknown(_))));
    assert_eq!(wallets[1].network.as_ref().unwrap().as_str(), "Base Sepolia");
    assert_eq!(serde_json::to_value(&*answer).unwrap(), found);

    let error = client.create_user().send().await.unwrap_err().into_body().unwrap();
    let kind = error.error.as_ref().unwrap().r#type.as_ref().unwrap();
    assert!(matches!(kind, types::ErrorType::Unknown(_)));
    assert_eq!(kind.as_str(), "quota_error");
    assert_eq!(serde_json::to_value(&error).unwrap(), refused);
}

#[tokio::test]
async fn unknown_fields_and_nulls_in_an_answer_are_tolerated() {
    let server = MockServer::start_async().await;
    server.get_user(|_, then| {
        then.into_inner().status(200).json_body(json!({
            "success": true,
            "data": {
                "uid": "452711987655",
                "created_at": null,
                "email": null,
                "user_external_id": null,
                "client_id": null,
                "wallets": [{"address": null, "explorer_url": null, "network": null, "chain_id": null, "x": 1}],
                "tier": {"of": "tomorrow"},
            },
            "meta": [],
        }));
    });
    let answer = client(&server).get_user().uid("452711987655").send().await.unwrap();
    assert_eq!(answer.data, types::User::new("452711987655").with_wallets(vec![types::Wallet::new()]));
}
