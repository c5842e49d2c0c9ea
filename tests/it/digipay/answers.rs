//! What is made of DigiPay's answers: a failure inside a success, the documented statuses, and values that come in more
//! than one form.

use enroll::digipay::mock::MockServerExt;
use enroll::digipay::{Client, types};
use enroll::httpmock::MockServer;
use enroll::{Delivery, Error, IntegerOrString, OneOrMany, Personal};
use serde_json::{Value, json};

use super::{client, registered};

/// Makes every call once, and gives the errors.
async fn errors_of_every_call(client: &Client) -> Vec<Error<types::Failure>> {
    vec![
        client.user_register().first_name("Ada").send().await.unwrap_err(),
        client.list_users().send().await.unwrap_err(),
        client.get_user().id("fake-user").send().await.unwrap_err(),
        client.update_user().id("fake-user").send().await.unwrap_err(),
        client.delete_user().id("fake-user").send().await.unwrap_err(),
        client.list_user_wallets().send().await.unwrap_err(),
        client.get_user_wallet().id("fake-user").send().await.unwrap_err(),
    ]
}

/// The items of `error` in a failure's body, as a user of the SDK reads them.
fn reasons(error: &Error<types::Failure>) -> Vec<IntegerOrString> {
    let items = error.body().unwrap().error.iter().flatten();
    items.map(|item| item.expose().clone()).collect()
}

fn message(error: &Error<types::Failure>) -> Option<&str> {
    error.body()?.data.as_ref()?.message.as_ref().map(|text| text.expose().as_str())
}

/// A user of the JSON that a read answers with.
async fn read_user(user: Value) -> types::User {
    let server = MockServer::start_async().await;
    server.get_user(|_, then| {
        let body = json!({"success": 1, "error": [], "data": {"users": [user]}});
        then.into_inner().status(200).json_body(body);
    });
    let answer = client(&server).get_user().id("fake-user").send().await.unwrap().into_inner();
    answer.data.users.unwrap().remove(0)
}

#[tokio::test]
async fn success_0_inside_a_200_is_an_error_of_every_operation() {
    let server = MockServer::start_async().await;
    let failure = types::Failure::new(0)
        .with_error(vec![Personal::from("PHONE_NUMBER_ALREADY_EXISTS")])
        .with_data(types::FailureData::new().with_message("Phone number already exists."));
    let anything = server.mock(|_, then| {
        then.status(200).json_body_obj(&failure);
    });
    let errors = errors_of_every_call(&client(&server)).await;
    for error in &errors {
        assert_eq!(error.status().unwrap(), 200, "{error}");
        assert_eq!(error.delivery(), Delivery::Rejected, "{error}");
        assert!(error.is_rejected() && !error.is_unreadable() && !error.is_denied(), "{error}");
        assert_eq!(error.body(), Some(&failure));
        assert_eq!(message(error), Some("Phone number already exists."));
        // The provider's text may quote what was sent, so that it is in the body and not in the message.
        let shown = format!("{error} {error:?}");
        assert!(!shown.to_lowercase().contains("phone"), "{shown}");
        assert!(shown.contains("refused the request, inside an answer of HTTP 200"), "{shown}");
    }
    assert_eq!(anything.calls_async().await, errors.len(), "nothing is sent twice");
}

#[tokio::test]
async fn the_flag_decides_inside_any_other_success_too() {
    let server = MockServer::start_async().await;
    let failure = types::Failure::new(0).with_error(vec![Personal::from(1)]);
    server.mock(|_, then| {
        then.status(201).json_body_obj(&failure);
    });
    for error in errors_of_every_call(&client(&server)).await {
        assert_eq!(error.status().unwrap(), 201, "{error}");
        assert_eq!(error.delivery(), Delivery::Rejected, "{error}");
        assert_eq!(error.body(), Some(&failure));
    }
}

#[tokio::test]
async fn success_1_with_an_undocumented_2xx_is_a_registration() {
    let server = MockServer::start_async().await;
    server.user_register(|_, then| {
        then.into_inner().status(201).json_body_obj(&registered());
    });
    let answer = client(&server).user_register().first_name("Ada").send().await.unwrap();
    assert_eq!(answer.data.user_id, "fake-user");
    assert_eq!(answer.status(), 201);
}

#[tokio::test]
async fn a_refusal_without_details_is_a_refusal_all_the_same() {
    for body in [
        json!({"success": 0}),
        json!({"success": 0, "error": [], "data": null}),
        json!({"success": 0, "data": {}}),
        json!({"success": 0, "error": [], "data": {"message": null, "later": 1}}),
    ] {
        let server = MockServer::start_async().await;
        server.user_register(|_, then| {
            then.into_inner().status(200).json_body(body.clone());
        });
        let error = client(&server).user_register().send().await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::Rejected, "{body}");
        assert_eq!(error.body().unwrap().success, 0, "{body}");
        assert_eq!(message(&error), None, "{body}");
    }
}

#[tokio::test]
async fn errors_come_as_integers_and_as_texts() {
    let server = MockServer::start_async().await;
    server.user_register(|_, then| {
        let body = json!({"success": 0, "error": [1, "2", "EMAIL_TAKEN", -7], "data": {"message": "NO"}});
        then.into_inner().status(400).json_body(body);
    });
    let error = client(&server).user_register().send().await.unwrap_err();
    let expected: [IntegerOrString; 4] = [1.into(), 2.into(), "EMAIL_TAKEN".into(), (-7).into()];
    assert_eq!(reasons(&error), expected);
}

#[tokio::test]
async fn every_documented_failure_reaches_the_user_typed() {
    // The page's own body of 400; the others are modelled on it.
    let failure = types::Failure::new(0)
        .with_error(vec![Personal::from(1)])
        .with_data(types::FailureData::new().with_message("BAD_REQUEST"));
    for (status, delivery) in [
        (400, Delivery::Rejected),
        (404, Delivery::Rejected),
        // Not listed on any page, and so answered by `default`.
        (401, Delivery::Rejected),
        (409, Delivery::Rejected),
        (429, Delivery::Rejected),
        (500, Delivery::Unknown),
        (503, Delivery::Unknown),
    ] {
        let server = MockServer::start_async().await;
        let register = server.user_register(|_, then| {
            match status {
                400 => then.bad_request(&failure),
                404 => then.not_found(&failure),
                500 => then.internal_server_error(&failure),
                other => then.default_response(other, &failure),
            };
        });
        let error = client(&server).user_register().first_name("Ada").send().await.unwrap_err();
        assert_eq!(error.status().unwrap(), status);
        assert_eq!(error.delivery(), delivery, "{status}");
        assert_eq!(error.body(), Some(&failure), "{status}");
        assert_eq!(error.is_denied(), status == 401);
        assert_eq!(error.is_throttled(), status == 429);
        assert_eq!(register.calls_async().await, 1, "{status} is not tried again");
    }
}

#[tokio::test]
async fn a_failure_of_another_form_keeps_its_status_and_bytes() {
    let server = MockServer::start_async().await;
    server.user_register(|_, then| {
        then.into_inner().status(502).header("content-type", "text/html").body("<h1>Bad Gateway</h1>");
    });
    let error = client(&server).user_register().send().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 502);
    assert_eq!(error.body(), None);
    assert_eq!(&error.raw_body()[..], b"<h1>Bad Gateway</h1>");
    assert_eq!(error.delivery(), Delivery::Unknown);
}

#[tokio::test]
async fn a_registration_that_cannot_be_read_has_taken_effect() {
    let server = MockServer::start_async().await;
    server.user_register(|_, then| {
        then.into_inner().status(200).json_body(json!({"success": 1, "error": [], "data": {}}));
    });
    let error = client(&server).user_register().send().await.unwrap_err();
    assert!(error.is_unreadable(), "{error}");
    assert_eq!(error.delivery(), Delivery::Accepted);
}

#[tokio::test]
async fn kyc_fields_are_read_as_integers_numeric_texts_and_other_texts() {
    for (sent, expected) in [
        (json!(3), Some(IntegerOrString::Integer(3))),
        (json!("3"), Some(IntegerOrString::Integer(3))),
        (json!("VERIFIED"), Some(IntegerOrString::String("VERIFIED".to_owned()))),
        (json!("03"), Some(IntegerOrString::String("03".to_owned()))),
        (json!(""), Some(IntegerOrString::String(String::new()))),
        (Value::Null, None),
    ] {
        let user =
            read_user(json!({"id": "fake-user", "kyc_status": sent, "kyc_process_status": sent})).await;
        assert_eq!(user.kyc_status, expected, "{sent}");
        assert_eq!(user.kyc_process_status, expected, "{sent}");
    }
}

#[tokio::test]
async fn a_user_may_lack_everything_but_the_id_and_have_what_nobody_knows() {
    assert_eq!(read_user(json!({"id": "fake-user"})).await, types::User::new("fake-user"));
    let nulls = json!({
        "id": "fake-user", "first_name": null, "email": null, "verification": null, "birth_date": null,
        "location_point": null, "rating": null, "device_info": null, "login_pin": null, "created_date": null,
    });
    let user = read_user(nulls).await;
    assert_eq!(user.first_name, None);
    assert_eq!(user.device_info, None);
    let user = read_user(json!({"id": "fake-user", "added_later": {"deep": [1, 2]}, "rating": 4})).await;
    assert_eq!(user.rating, Some(4.0));
}

#[tokio::test]
async fn the_sister_deployment_s_place_for_a_user_is_read_too() {
    let server = MockServer::start_async().await;
    server.get_user(|_, then| {
        let user =
            json!({"id": "fake-user", "device_info": {"device_type": "IOS", "device_id": "fake-device"}});
        then.into_inner().status(200).json_body(json!({"success": 1, "data": {"user_detail": user}}));
    });
    let answer = client(&server).get_user().id("fake-user").send().await.unwrap();
    let user = answer.data.user_detail.as_ref().unwrap();
    assert_eq!(user.id, "fake-user");
    assert_eq!(user.device_info.as_ref().unwrap().device_type, Some("IOS".into()));
    assert_eq!(answer.data.users, None);
}

#[tokio::test]
async fn wallets_are_read_as_one_as_several_and_as_none() {
    for (wallet, ids) in [
        (json!({"id": "first", "wallet_balance": 100}), vec!["first"]),
        (json!([{"id": "first"}, {"id": "second", "wallet_balance": 0.5}]), vec!["first", "second"]),
        (json!([]), vec![]),
        (Value::Null, vec![]),
    ] {
        let server = MockServer::start_async().await;
        let body = json!({"success": 1, "error": [], "data": {"wallet": wallet}});
        server.list_user_wallets(|_, then| {
            then.into_inner().status(200).json_body(body.clone());
        });
        server.get_user_wallet(|_, then| {
            then.into_inner().status(200).json_body(body.clone());
        });
        let client = client(&server);
        let list = client.list_user_wallets().send().await.unwrap().into_inner();
        let single = client.get_user_wallet().id("fake-user").send().await.unwrap().into_inner();
        for wallets in [list.data.wallet, single.data.wallet] {
            let wallets = wallets.as_ref().map_or(&[][..], OneOrMany::as_slice);
            assert_eq!(wallets.iter().map(|wallet| wallet.id.as_str()).collect::<Vec<_>>(), ids);
        }
    }
}
