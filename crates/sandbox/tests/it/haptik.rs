//! Haptik: one user per `auth_id`, whatever is sent how often.

use enroll_sandbox::Sandbox;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{answer, client, sandbox};

fn call(sandbox: &Sandbox, method: Method, path: &str, body: &Value) -> RequestBuilder {
    let haptik = sandbox.haptik();
    client()
        .request(method, format!("{}{path}", haptik.base_url()))
        .bearer_auth(haptik.token())
        .header("client-id", haptik.client_id())
        .json(body)
}

#[tokio::test]
async fn a_registration_creates_a_user_and_a_second_one_updates_it() {
    let sandbox = sandbox().await;
    let first = json!({ "auth_id": "member-42", "name": "Ada Lovelace", "email": "ada@example.com" });
    let (status, body) = answer(call(&sandbox, Method::POST, "/v1.0/user/", &first)).await;
    assert_eq!(status, 200);
    let registered = json!({ "auth_id": "member-42", "name": "Ada Lovelace", "email": "ada@example.com", "mobile_no": null });
    assert_eq!(body, registered);

    let second = json!({ "auth_id": "member-42", "mobile_no": "+14155550123" });
    let (status, body) = answer(call(&sandbox, Method::POST, "/v1.0/user/", &second)).await;
    assert_eq!(status, 200);
    assert_eq!(body["name"], "Ada Lovelace");

    let third =
        json!({ "auth_id": "member-42", "auth_code": "fake-code", "custom_data": { "city": "London" } });
    assert_eq!(answer(call(&sandbox, Method::PUT, "/v1.0/user/", &third)).await.0, 200);

    let users = sandbox.haptik().users();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(users[0].mobile_no.as_deref(), Some("+14155550123"));
    assert_eq!(users[0].email.as_deref(), Some("ada@example.com"));
    assert_eq!(users[0].auth_code.as_deref(), Some("fake-code"));
    assert_eq!(users[0].custom_data.as_ref().unwrap()["city"], "London");

    let shown = format!("{users:?}");
    assert!(!shown.contains("Ada") && !shown.contains("fake-code") && !shown.contains("London"), "{shown}");
    assert!(shown.contains("[personal]") && shown.contains("[secret]"));
}

#[tokio::test]
async fn a_put_for_an_unknown_user_registers_it() {
    let sandbox = sandbox().await;
    let body = json!({ "auth_id": "new" });
    assert_eq!(answer(call(&sandbox, Method::PUT, "/v1.0/user/", &body)).await.0, 200);
    assert_eq!(sandbox.haptik().users()[0].auth_id, "new");
}

#[tokio::test]
async fn both_credentials_are_checked() {
    let sandbox = sandbox().await;
    let url = format!("{}/v1.0/user/", sandbox.haptik().base_url());
    let (token, client_id) = (sandbox.haptik().token().to_owned(), sandbox.haptik().client_id().to_owned());
    let post = || client().post(&url).json(&json!({ "auth_id": "member-42" }));
    let attempts = [
        post(),
        post().bearer_auth(&token),
        post().header("client-id", &client_id),
        post().bearer_auth("wrong").header("client-id", &client_id),
        post().bearer_auth(&token).header("client-id", "wrong"),
        post().header("authorization", &token).header("client-id", &client_id),
        post().header("authorization", format!("Token {token}")).header("client-id", &client_id),
    ];
    for attempt in attempts {
        let (status, body) = answer(attempt).await;
        assert_eq!((status, body), (401, json!({ "error_message": "invalid authorization details" })));
    }
    assert_eq!(sandbox.haptik().users(), []);
    assert_eq!(answer(post().bearer_auth(&token).header("client-id", &client_id)).await.0, 200);
}

#[tokio::test]
async fn a_wrong_body_is_refused_and_changes_nothing() {
    let sandbox = sandbox().await;
    let good = json!({ "auth_id": "member-42", "name": "Ada" });
    answer(call(&sandbox, Method::POST, "/v1.0/user/", &good)).await;
    let before = sandbox.haptik().users();
    for wrong in [
        json!({}),
        json!([]),
        json!({ "auth_id": "member-42", "email": null }),
        json!({ "auth_id": null }),
        json!({ "auth_id": 42 }),
        json!({ "auth_id": "member-42", "name": "Augusta", "email": 42 }),
        json!({ "auth_id": "member-42", "name": "Augusta", "custom_data": { "a": { "b": 1 } } }),
    ] {
        let (status, body) = answer(call(&sandbox, Method::POST, "/v1.0/user/", &wrong)).await;
        assert_eq!(status, 400, "{wrong}");
        assert!(body["error_message"].is_string(), "{body}");
    }
    let malformed = call(&sandbox, Method::POST, "/v1.0/user/", &good).body("{\"auth_id\":");
    assert_eq!(answer(malformed).await.0, 400);
    assert_eq!(sandbox.haptik().users(), before);
}

#[tokio::test]
async fn a_path_without_its_slash_does_not_exist() {
    let sandbox = sandbox().await;
    let body = json!({ "auth_id": "member-42" });
    assert_eq!(answer(call(&sandbox, Method::POST, "/v1.0/user", &body)).await.0, 404);
    assert_eq!(sandbox.haptik().users(), []);
}

#[tokio::test]
async fn a_language_is_set_for_a_registered_user_only() {
    let sandbox = sandbox().await;
    let language = json!({ "auth_id": "member-42", "language_code": "hi" });
    let set = || answer(call(&sandbox, Method::POST, "/v1.0/update_user_language/", &language));
    assert_eq!(set().await, (403, json!({ "error_message": "user is not registered" })));
    answer(call(&sandbox, Method::POST, "/v1.0/user/", &json!({ "auth_id": "member-42", "name": "Ada" })))
        .await;
    assert_eq!(set().await, (200, language.clone()));
    let users = sandbox.haptik().users();
    assert_eq!(users[0].language_code.as_deref(), Some("hi"));
    assert_eq!(users[0].name.as_deref(), Some("Ada"));
}
