//! Original: two unique keys, two ways to say "not found", and a token that the caller signs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use enroll_sandbox::Sandbox;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{answer, client, sandbox};

fn jwt(header: &Value, claims: &Value, secret: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(&signed);
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn hs256() -> Value {
    json!({ "alg": "HS256", "typ": "JWT" })
}

fn claims() -> Value {
    json!({ "resource": "*", "action": "*", "user_id": "*" })
}

fn with(mut claims: Value, name: &str, value: impl Into<Value>) -> Value {
    claims[name] = value.into();
    claims
}

fn call(sandbox: &Sandbox, method: Method, path: &str) -> RequestBuilder {
    let original = sandbox.original();
    client()
        .request(method, format!("{}{path}", original.base_url()))
        .header("X-API-KEY", original.api_key())
        .bearer_auth(jwt(&hs256(), &claims(), original.api_secret()))
}

async fn create(sandbox: &Sandbox, body: Value) -> (u16, Value) {
    answer(call(sandbox, Method::POST, "/user").json(&body)).await
}

async fn get(sandbox: &Sandbox, path: &str) -> (u16, Value) {
    answer(call(sandbox, Method::GET, path)).await
}

#[tokio::test]
async fn a_created_user_can_be_read_and_found() {
    let sandbox = sandbox().await;
    let (status, created) =
        create(&sandbox, json!({ "user_external_id": "member-42", "email": "ada+1@example.com" })).await;
    assert_eq!(status, 201);
    let uid = created["data"]["uid"].as_str().unwrap().to_owned();
    assert_eq!(created, json!({ "success": true, "data": { "uid": uid } }));
    assert!(uid.len() == 12 && uid.bytes().all(|byte| byte.is_ascii_digit()), "{uid}");

    let (status, read) = get(&sandbox, &format!("/user/{uid}")).await;
    assert_eq!(status, 200);
    let created_at = read["data"]["created_at"].as_str().unwrap();
    assert_eq!((created_at.len(), &created_at[10..11], &created_at[26..]), (27, "T", "Z"));
    let user = json!({
        "uid": uid, "user_external_id": "member-42", "email": "ada+1@example.com",
        "created_at": created_at, "wallets": [],
    });
    assert_eq!(read, json!({ "success": true, "data": user }));

    assert_eq!(get(&sandbox, "/user?email=ada%2B1%40example.com").await, (200, read.clone()));
    assert_eq!(get(&sandbox, "/user?user_external_id=member-42").await, (200, read));
    let users = sandbox.original().users();
    assert_eq!((users.len(), users[0].uid.as_str()), (1, uid.as_str()));
    assert!(!format!("{users:?}").contains("example.com"));
}

#[tokio::test]
async fn a_user_needs_no_key_at_all() {
    let sandbox = sandbox().await;
    // The object may be empty, and it has to be there.
    assert_eq!(answer(call(&sandbox, Method::POST, "/user")).await.0, 400);
    assert_eq!(create(&sandbox, json!({})).await.0, 201);
    assert_eq!(create(&sandbox, json!({ "user_external_id": null, "email": null })).await.0, 201);
    assert_eq!(sandbox.original().users().len(), 2);
}

#[tokio::test]
async fn either_key_makes_a_user_unique() {
    let sandbox = sandbox().await;
    create(&sandbox, json!({ "user_external_id": "member-42", "email": "ada@example.com" })).await;
    let exists = json!({
        "success": false,
        "error": { "type": "client_error", "detail": { "code": "bad_request", "message": "User already exists." } },
    });
    for taken in [
        json!({ "user_external_id": "member-42" }),
        json!({ "email": "ada@example.com" }),
        json!({ "user_external_id": "member-43", "email": "ada@example.com" }),
    ] {
        assert_eq!(create(&sandbox, taken).await, (400, exists.clone()));
    }
    assert_eq!(sandbox.original().users().len(), 1);
    assert_eq!(create(&sandbox, json!({ "email": "grace@example.com" })).await.0, 201);
}

#[tokio::test]
async fn an_invalid_value_is_named() {
    let sandbox = sandbox().await;
    let email =
        json!({ "code": "invalid", "message": "Enter a valid email address.", "field_name": "email" });
    let (status, body) = create(&sandbox, json!({ "email": "not-an-address" })).await;
    assert_eq!(status, 400);
    let error = json!({ "type": "validation_error", "detail": email });
    assert_eq!(body, json!({ "success": false, "error": error }));

    let (status, body) = create(&sandbox, json!({ "user_external_id": 42, "email": "not-an-address" })).await;
    assert_eq!(status, 400);
    assert_eq!(body["error"]["detail"][0], email);
    assert_eq!(body["error"]["detail"][1]["field_name"], "user_external_id");

    let (status, body) =
        answer(call(&sandbox, Method::POST, "/user").header("content-type", "application/json").body("{"))
            .await;
    assert_eq!((status, &body["error"]["type"]), (400, &json!("client_error")));
    assert_eq!(sandbox.original().users(), []);
}

#[tokio::test]
async fn an_absent_user_is_404_by_uid_and_null_by_key() {
    let sandbox = sandbox().await;
    let (status, body) = get(&sandbox, "/user/000000000000").await;
    assert_eq!((status, &body["error"]["detail"]["message"]), (404, &json!("User not found.")));
    let absent = json!({ "success": false, "data": null });
    assert_eq!(get(&sandbox, "/user?email=ada@example.com").await, (200, absent.clone()));
    assert_eq!(get(&sandbox, "/user?user_external_id=member-42").await, (200, absent));
    assert_eq!(get(&sandbox, "/user").await.0, 400);

    let empty_uid = call(&sandbox, Method::GET, "/user/").send().await.unwrap();
    assert_eq!(empty_uid.status(), 404);
    assert_eq!(empty_uid.text().await.unwrap(), "Not Found");
}

#[tokio::test]
async fn the_token_is_verified() {
    let sandbox = sandbox().await;
    let key = sandbox.original().api_key().to_owned();
    let secret = sandbox.original().api_secret().to_owned();
    let url = format!("{}/user", sandbox.original().base_url());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let attempt = |key: &str, token: &str| {
        answer(client().post(&url).header("X-API-KEY", key).bearer_auth(token).json(&json!({})))
    };

    let good = jwt(&hs256(), &claims(), &secret);
    let (signed, _) = good.rsplit_once('.').unwrap();
    let refused = [
        "not-a-token".to_owned(),
        format!("{signed}."),
        jwt(&hs256(), &claims(), "another secret"),
        jwt(&json!({ "alg": "none" }), &claims(), &secret),
        jwt(&json!({ "alg": "HS512" }), &claims(), &secret),
        jwt(&hs256(), &json!({ "resource": "*", "action": "*" }), &secret),
        jwt(&hs256(), &with(claims(), "action", "read"), &secret),
        jwt(&hs256(), &with(claims(), "api_key", "another key"), &secret),
        jwt(&hs256(), &with(claims(), "exp", now - 1), &secret),
        jwt(&hs256(), &with(claims(), "exp", "tomorrow"), &secret),
    ];
    for token in &refused {
        let (status, body) = attempt(&key, token).await;
        assert_eq!(status, 401, "{token}");
        assert_eq!(body["error"]["type"], "client_error");
        assert_eq!(body["error"]["detail"]["code"], "unauthorized");
    }
    assert_eq!(attempt("another key", &good).await.0, 401);
    assert_eq!(sandbox.original().users(), []);

    let full = with(with(claims(), "api_key", key.as_str()), "exp", now + 300);
    for accepted in [good, jwt(&hs256(), &full, &secret)] {
        assert_eq!(attempt(&key, &accepted).await.0, 201);
    }
    sandbox.advance(Duration::from_secs(301));
    assert_eq!(attempt(&key, &jwt(&hs256(), &full, &secret)).await.0, 401);
}
