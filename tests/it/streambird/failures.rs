//! Every documented failure of every operation: typed, sent once, and clear about whether it took effect.

use enroll::httpmock::MockServer;
use enroll::streambird::mock::MockServerExt;
use enroll::streambird::mock::operations::CreateUserThen;
use enroll::streambird::types::ErrorBody;
use enroll::streambird::{Client, types};
use enroll::{Delivery, Error};

use super::{USER, client};

/// How a call fails that the provider does not answer well, for each operation.
async fn failures(client: &Client) -> Vec<(&'static str, Error<ErrorBody>)> {
    vec![
        ("create_user", client.create_user().email("ada@example.com").send().await.unwrap_err()),
        ("get_user", client.get_user().user_id(USER).send().await.unwrap_err()),
        ("update_user", client.update_user().user_id(USER).send().await.unwrap_err()),
        ("delete_user", client.delete_user().user_id(USER).send().await.unwrap_err()),
        ("delete_email", client.delete_email().email_id("email_fake").send().await.unwrap_err()),
        (
            "delete_phone_number",
            client.delete_phone_number().phone_number_id("pn_fake").send().await.unwrap_err(),
        ),
        ("delete_wallet", client.delete_wallet().wallet_id("wallet_fake").send().await.unwrap_err()),
        ("search_users", client.search_users().send().await.unwrap_err()),
        ("create_wallet", client.create_wallet().wallet_type("ETH").user_id(USER).send().await.unwrap_err()),
        ("get_wallet", client.get_wallet().wallet_id("wallet_fake").send().await.unwrap_err()),
    ]
}

fn body(status: u16) -> ErrorBody {
    ErrorBody::new()
        .with_status_code(status)
        .with_error_type("example")
        .with_error_message("An example text.")
}

/// Only a 4xx is the provider's word that it did nothing.
fn delivery(status: u16) -> Delivery {
    if status < 500 { Delivery::Rejected } else { Delivery::Unknown }
}

#[tokio::test]
async fn every_documented_status_of_every_operation_reaches_the_user_typed_after_one_request() {
    for status in [400, 401, 402, 404, 409, 429, 500, 503, 504] {
        let server = MockServer::start_async().await;
        let any = server.mock(|_, then| {
            then.status(status).json_body_obj(&body(status));
        });
        let failures = failures(&client(server.base_url())).await;
        any.assert_calls_async(failures.len()).await;
        for (operation, error) in failures {
            assert_eq!(error.operation().name, operation);
            assert_eq!(error.status().unwrap(), status, "{operation}");
            assert_eq!(error.body(), Some(&body(status)), "{operation} {status}");
            assert_eq!(error.delivery(), delivery(status), "{operation} {status}");
            assert_eq!(error.is_rejected(), status < 500, "{operation} {status}");
            assert_eq!(error.is_denied(), status == 401, "{operation} {status}");
            assert_eq!(error.is_throttled(), status == 429, "{operation} {status}");
            assert!(!error.is_invalid_request() && !error.is_unreadable(), "{operation} {status}");
        }
    }
}

#[tokio::test]
async fn the_mocks_answer_each_failure_of_create_user_with_its_status() {
    type Answer = fn(CreateUserThen, &ErrorBody) -> CreateUserThen;
    let documented: [(u16, Answer); 9] = [
        (400, CreateUserThen::bad_request),
        (401, CreateUserThen::unauthorized),
        (404, CreateUserThen::not_found),
        (409, CreateUserThen::conflict),
        (429, CreateUserThen::too_many_requests),
        (500, CreateUserThen::internal_server_error),
        (503, CreateUserThen::service_unavailable),
        (504, CreateUserThen::gateway_timeout),
        (418, |then, body| then.default_response(418, body)),
    ];
    for (status, answer) in documented {
        let server = MockServer::start_async().await;
        let create = server.create_user(|when, then| {
            when.body(&types::CreateUserRequest::new().with_email("ada@example.com"));
            answer(then, &body(status));
        });
        let error =
            client(server.base_url()).create_user().email("ada@example.com").send().await.unwrap_err();
        create.assert_async().await;
        assert_eq!(error.status().unwrap(), status);
        assert_eq!(error.into_body(), Some(body(status)));
    }
}

#[tokio::test]
async fn a_refused_key_is_reported_with_the_variable_to_check() {
    let server = MockServer::start_async().await;
    server.get_user(|_, then| {
        then.unauthorized(&body(401));
    });
    let error = client(server.base_url()).get_user().user_id(USER).send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "streambird get_user: the provider answered HTTP 401 (Unauthorized); check STREAMBIRD_API_KEY"
    );
}

#[tokio::test]
async fn a_failure_without_a_readable_body_keeps_its_status_and_its_bytes() {
    const HTML: &str = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    for (status, text) in [(404, ""), (409, ""), (429, "null"), (502, HTML), (500, r#"{"status_code": "#)] {
        let server = MockServer::start_async().await;
        let any = server.mock(|_, then| {
            then.status(status).header("content-type", "text/html").body(text);
        });
        let failures = failures(&client(server.base_url())).await;
        any.assert_calls_async(failures.len()).await;
        for (operation, error) in failures {
            assert_eq!(error.status().unwrap(), status, "{operation}");
            assert_eq!(error.body(), None, "{operation} {status}");
            assert_eq!(error.raw_body(), text, "{operation} {status}");
            assert_eq!(error.delivery(), delivery(status), "{operation} {status}");
        }
    }
}

#[tokio::test]
async fn an_error_body_of_which_every_property_is_missing_is_still_one() {
    let server = MockServer::start_async().await;
    server.create_user(|_, then| {
        then.into_inner().status(400).body(r#"{"errors": [{"param": "email"}]}"#);
    });
    let error = client(server.base_url()).create_user().email("ada@example.com").send().await.unwrap_err();
    assert_eq!(error.body(), Some(&ErrorBody::new()));
}

#[tokio::test]
async fn a_success_that_cannot_be_read_is_reported_as_having_taken_effect() {
    for (status, text) in [(200, "<html></html>"), (200, ""), (204, ""), (200, r#"{"id": 1, "users": 1}"#)] {
        let server = MockServer::start_async().await;
        let any = server.mock(|_, then| {
            then.status(status).body(text);
        });
        let failures = failures(&client(server.base_url())).await;
        any.assert_calls_async(failures.len()).await;
        for (operation, error) in failures {
            assert!(error.is_unreadable(), "{operation} {text}");
            assert_eq!(error.delivery(), Delivery::Accepted, "{operation} {text}");
            assert!(error.to_string().ends_with("could not be read; the request took effect"), "{error}");
        }
    }
}

#[tokio::test]
async fn no_error_shows_what_the_provider_quotes_or_what_was_sent() {
    let server = MockServer::start_async().await;
    let quoting = ErrorBody::new().with_error_message("canary@example.com is taken");
    server.create_user(|_, then| {
        then.conflict(&quoting);
    });
    let call = client(server.base_url()).create_user().email("canary@example.com");
    let built = format!("{call:?}");
    assert!(!built.contains("canary") && built.contains("email: Some([personal])"), "{built}");
    assert!(!built.contains("sk_test_fake"), "{built}");
    let error = call.send().await.unwrap_err();
    assert_eq!(error.body().unwrap().error_message.as_ref().unwrap().expose(), "canary@example.com is taken");
    let body = format!("{:?}", error.body());
    assert!(!body.contains("canary") && body.contains("error_message: Some([personal])"), "{body}");
    assert_eq!(error.to_string(), "streambird create_user: the provider answered HTTP 409 (Conflict)");
    let debug = format!("{error:?}");
    assert!(!debug.contains("canary") && debug.contains(" bytes]"), "{debug}");
}
