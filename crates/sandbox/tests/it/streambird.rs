//! Streambird: two kinds of identifiers, default wallets, and a search with pages.

use std::time::Duration;

use enroll_sandbox::Sandbox;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{answer, client, sandbox};

async fn call(sandbox: &Sandbox, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let streambird = sandbox.streambird();
    let request = client()
        .request(method, format!("{}{path}", streambird.base_url()))
        .bearer_auth(streambird.api_key());
    answer(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

async fn create(sandbox: &Sandbox, body: Value) -> (u16, Value) {
    call(sandbox, Method::POST, "/v1/auth/users/create", Some(body)).await
}

async fn search(sandbox: &Sandbox, body: Value) -> (u16, Value) {
    call(sandbox, Method::POST, "/v1/auth/users/search", Some(body)).await
}

fn assert_id(id: &Value, prefix: &str) {
    let id = id.as_str().unwrap();
    let rest = id.strip_prefix(prefix).unwrap_or_else(|| panic!("{id}"));
    assert!(rest.len() == 27 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
}

#[tokio::test]
async fn a_user_is_created_with_ids_of_what_was_given() {
    let sandbox = sandbox().await;
    let (status, body) = create(
        &sandbox,
        json!({
            "email": "sandbox@example.com", "last_name": "Smith", "first_name": "John",
            "phone_number": "+14152222222", "requires_verification": true,
        }),
    )
    .await;
    assert_eq!(status, 200);
    assert_eq!(body["status"], "pending");
    assert_id(&body["user_id"], "user_");
    assert_id(&body["email_id"], "email_");
    assert_id(&body["phone_number_id"], "pn_");
    assert_eq!(body.get("user"), None);

    let (_, body) =
        create(&sandbox, json!({ "email": "ada@example.com", "wallet_type": "SOL", "include_user": true }))
            .await;
    assert_eq!(body["status"], "active");
    assert_eq!(body["phone_number_id"], json!(null));
    let user = &body["user"];
    assert_eq!((&user["user_id"], &user["active"]), (&body["user_id"], &json!(true)));
    assert_eq!(user["emails"][0]["id"], body["email_id"]);
    assert_eq!(user["phone_numbers"], json!([]));
    assert_eq!(user["wallets"][0]["wallet_type"], "SOL");
    assert_eq!(user["wallets"][0]["is_default"], true);
    assert!(user["created_at"].as_i64().unwrap() > 1_700_000_000, "epoch seconds: {user}");

    let path = format!("/v1/auth/users/{}", body["user_id"].as_str().unwrap());
    assert_eq!(call(&sandbox, Method::GET, &path, None).await, (200, user.clone()));
    let users = sandbox.streambird().users();
    assert_eq!(users.len(), 2);
    assert_eq!(users[0].wallets[0].wallet_type, "ETH");
    let shown = format!("{users:?}");
    assert!(
        !shown.contains("example.com") && !shown.contains("Smith") && !shown.contains("+1415"),
        "{shown}"
    );
}

#[tokio::test]
async fn what_cannot_be_a_user_is_refused() {
    let sandbox = sandbox().await;
    for wrong in [
        json!({}),
        json!({ "first_name": "Ada" }),
        json!({ "email": "not-an-address" }),
        json!({ "email": "" }),
        json!({ "phone_number": "4155550123" }),
        json!({ "email": "ada@example.com", "phone_number": "+1 415 555 0123" }),
        json!({ "email": "ada@example.com", "first_name": "" }),
        json!({ "email": "ada@example.com", "wallet_type": 1 }),
        json!({ "email": "ada@example.com", "include_user": "yes" }),
    ] {
        let (status, body) = create(&sandbox, wrong.clone()).await;
        assert_eq!((status, &body["status_code"]), (400, &json!(400)), "{wrong}");
        assert!(body["error_type"].is_string() && body["error_message"].is_string(), "{body}");
    }
    assert_eq!(sandbox.streambird().users(), []);
}

#[tokio::test]
async fn an_identifier_belongs_to_one_user() {
    let sandbox = sandbox().await;
    let (_, ada) =
        create(&sandbox, json!({ "email": "ada@example.com", "phone_number": "+14155550123" })).await;
    create(&sandbox, json!({ "email": "grace@example.com" })).await;
    for taken in [
        json!({ "email": "ada@example.com" }),
        json!({ "email": "new@example.com", "phone_number": "+14155550123" }),
    ] {
        let (status, body) = create(&sandbox, taken).await;
        assert_eq!((status, &body["status_code"]), (409, &json!(409)));
    }
    let update = format!("/v1/auth/users/{}/update", ada["user_id"].as_str().unwrap());
    let taken = json!({ "emails": [{ "email": "grace@example.com" }] });
    assert_eq!(call(&sandbox, Method::PUT, &update, Some(taken)).await.0, 409);
    assert_eq!(sandbox.streambird().users().len(), 2);

    let delete = format!("/v1/auth/users/emails/{}/delete", ada["email_id"].as_str().unwrap());
    let (status, body) = call(&sandbox, Method::DELETE, &delete, None).await;
    assert_eq!((status, &body["user_id"]), (200, &ada["user_id"]));
    assert_eq!(call(&sandbox, Method::DELETE, &delete, None).await.0, 404);
    assert_eq!(create(&sandbox, json!({ "email": "ada@example.com" })).await.0, 200);
}

#[tokio::test]
async fn an_update_adds_identifiers_and_merges_metadata() {
    let sandbox = sandbox().await;
    let metadata = json!({ "plan": "trial", "seats": 1 });
    let (_, created) =
        create(&sandbox, json!({ "email": "ada@example.com", "first_name": "Ada", "metadata": metadata }))
            .await;
    let path = format!("/v1/auth/users/{}/update", created["user_id"].as_str().unwrap());
    sandbox.advance(Duration::from_secs(60));
    let change = json!({
        "last_name": "Lovelace",
        "emails": [{ "email": "ada@example.com" }, { "email": "countess@example.com" }],
        "phone_numbers": [{ "phone_number": "+14155550123" }],
        "metadata": { "plan": null, "beta": true },
    });
    let (status, body) = call(&sandbox, Method::PUT, &path, Some(change)).await;
    assert_eq!(status, 200);
    assert_eq!(body["emails"][0]["id"], created["email_id"]);
    assert_id(&body["phone_numbers"][0]["id"], "pn_");

    let user = &sandbox.streambird().users()[0];
    assert_eq!((user.first_name.as_str(), user.last_name.as_str()), ("Ada", "Lovelace"));
    let emails: Vec<_> = user.emails.iter().map(|email| email.value.as_str()).collect();
    assert_eq!(emails, ["ada@example.com", "countess@example.com"]);
    assert_eq!(json!(user.metadata), json!({ "seats": 1, "beta": true }));
    assert!(user.updated_at >= user.created_at + 60);

    let replacement = json!({ "metadata": { "plan": "paid" }, "replace_metadata": true });
    call(&sandbox, Method::PUT, &path, Some(replacement)).await;
    assert_eq!(json!(sandbox.streambird().users()[0].metadata), json!({ "plan": "paid" }));
}

#[tokio::test]
async fn a_deleted_user_is_gone() {
    let sandbox = sandbox().await;
    let (_, created) = create(&sandbox, json!({ "phone_number": "+14155550123" })).await;
    let user_id = created["user_id"].as_str().unwrap();
    let delete = format!("/v1/auth/users/{user_id}/delete");
    let deleted = json!({ "message": "Successfully deleted user", "user_id": user_id });
    assert_eq!(call(&sandbox, Method::DELETE, &delete, None).await, (200, deleted));
    assert_eq!(call(&sandbox, Method::GET, &format!("/v1/auth/users/{user_id}"), None).await.0, 404);
    assert_eq!(sandbox.streambird().users(), []);
}

#[tokio::test]
async fn a_search_pages_through_what_matches() {
    let sandbox = sandbox().await;
    for number in 10..35 {
        let pending = number % 2 == 0;
        let user = json!({ "email": format!("user-{number}@example.com"), "requires_verification": pending });
        assert_eq!(create(&sandbox, user).await.0, 200);
    }
    let mut found = Vec::new();
    let mut request = json!({ "limit": 10 });
    loop {
        let (status, page) = search(&sandbox, request.clone()).await;
        assert_eq!((status, &page["total_count"]), (200, &json!(25)));
        let users = page["users"].as_array().unwrap();
        found.extend(users.iter().map(|user| user["emails"][0]["email"].as_str().unwrap().to_owned()));
        request["starting_after"] = users[users.len() - 1]["user_id"].clone();
        if page["has_more"] == false {
            break;
        }
    }
    let expected: Vec<_> = (10..35).map(|number| format!("user-{number}@example.com")).collect();
    assert_eq!(found, expected);

    let count = async |operator: &str, fields: Value| {
        let filters = json!({ "operator": operator, "fields": fields });
        let (status, page) = search(&sandbox, json!({ "filters": filters })).await;
        assert_eq!(status, 200, "{page}");
        page["total_count"].as_u64().unwrap()
    };
    let email = |value: &str| json!({ "field": "email", "operator": "eq", "value": value });
    let pending = json!({ "field": "status", "operator": "in", "values": ["pending"] });
    assert_eq!(count("AND", json!([email("user-12@example.com")])).await, 1);
    assert_eq!(count("AND", json!([email("user-13@example.com"), pending])).await, 0);
    assert_eq!(count("OR", json!([email("user-13@example.com"), pending])).await, 14);
    let between =
        json!({ "field": "email", "operator": "between", "value": "user-20@", "second_value": "user-30@" });
    assert_eq!(count("AND", json!([between])).await, 10);
    assert_eq!(count("AND", json!([{ "field": "email", "operator": "lt", "value": "user-11@" }])).await, 1);
    assert_eq!(count("AND", json!([{ "field": "email", "operator": "gt", "value": "user-33@" }])).await, 2);
}

#[tokio::test]
async fn a_search_by_a_part_finds_names_addresses_and_numbers() {
    let sandbox = sandbox().await;
    let ada = json!({ "phone_number": "+14152222222", "first_name": "Ada", "last_name": "Lovelace" });
    create(&sandbox, ada).await;
    create(&sandbox, json!({ "email": "grace@example.com" })).await;
    for (field, value, user) in [
        ("phone_number_match", "2222222", 0),
        ("full_name_match", "ada love", 0),
        ("email_match", "GRACE@", 1),
    ] {
        let condition = json!({ "field": field, "operator": "eq", "value": value });
        let filters = json!({ "operator": "OR", "fields": [condition] });
        let (_, page) = search(&sandbox, json!({ "limit": 100, "filters": filters })).await;
        assert_eq!(page["total_count"], 1, "{field}");
        assert_eq!(page["users"][0]["user_id"], sandbox.streambird().users()[user].user_id, "{field}");
    }
}

#[tokio::test]
async fn a_search_takes_every_documented_field_and_compares_no_value_with_one_of_another_type() {
    let sandbox = sandbox().await;
    create(&sandbox, json!({ "email": "ada@example.com" })).await;
    for (field, value, users) in [
        ("email_verified", json!(false), 1),
        ("email_verified", json!("false"), 0),
        ("phone_number_verified", json!(false), 0),
        ("totp_id", json!("x"), 0),
        ("totp_verified", json!(true), 0),
        ("idp_provider", json!("google"), 0),
        ("email", json!(5), 0),
        ("email", json!(null), 0),
    ] {
        let filters = json!({ "field": field, "operator": "eq", "value": value });
        let filters = json!({ "operator": "AND", "fields": [filters] });
        let (status, page) = search(&sandbox, json!({ "filters": filters })).await;
        assert_eq!((status, &page["total_count"]), (200, &json!(users)), "{filters}");
    }
}

#[tokio::test]
async fn a_search_that_is_not_understood_is_refused() {
    let sandbox = sandbox().await;
    let filters = |operator: &str, field: &str, comparison: &str| {
        let field = json!({ "field": field, "operator": comparison, "value": "x" });
        json!({ "filters": { "operator": operator, "fields": [field] } })
    };
    for wrong in [
        json!({ "limit": 9 }),
        json!({ "limit": 101 }),
        json!({ "limit": "50" }),
        json!({ "starting_after": "user_unknown" }),
        json!({ "filters": { "operator": "AND", "fields": [] } }),
        filters("XOR", "email", "eq"),
        filters("AND", "shoe_size", "eq"),
        filters("AND", "email_match", "in"),
        filters("AND", "email", "like"),
        filters("AND", "email", "between"),
        filters("AND", "email", "in"),
    ] {
        assert_eq!(search(&sandbox, wrong.clone()).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_user_has_one_wallet_of_a_type() {
    let sandbox = sandbox().await;
    let (_, created) = create(&sandbox, json!({ "email": "ada@example.com", "include_user": true })).await;
    let default = &created["user"]["wallets"][0];
    let create_wallet = async |wallet_type: &str| {
        let body = json!({ "wallet_type": wallet_type, "user_id": created["user_id"] });
        call(&sandbox, Method::POST, "/v1/wallets/create", Some(body)).await
    };
    assert_eq!(create_wallet("ETH").await, (200, default.clone()));
    assert_eq!(create_wallet("ethereum").await, (200, default.clone()));
    let (status, bitcoin) = create_wallet("BTC").await;
    assert_eq!(status, 200);
    assert_id(&bitcoin["id"], "wallet_");
    assert_ne!(bitcoin["id"], default["id"]);
    assert_eq!(sandbox.streambird().users()[0].wallets.len(), 2);

    let wallet_id = bitcoin["id"].as_str().unwrap();
    assert_eq!(
        call(&sandbox, Method::GET, &format!("/v1/wallets/{wallet_id}"), None).await,
        (200, bitcoin.clone())
    );
    let delete = format!("/v1/auth/users/wallets/{wallet_id}/delete");
    assert_eq!(call(&sandbox, Method::DELETE, &delete, None).await.0, 400);
    let nobody = json!({ "wallet_type": "ETH", "user_id": "user_unknown" });
    assert_eq!(call(&sandbox, Method::POST, "/v1/wallets/create", Some(nobody)).await.0, 404);
}

#[tokio::test]
async fn the_key_is_checked() {
    let sandbox = sandbox().await;
    let url = format!("{}/v1/auth/users/create", sandbox.streambird().base_url());
    assert!(sandbox.streambird().api_key().starts_with("sk_test_"));
    for key in ["", "sk_test_wrong"] {
        let request = client().post(&url).bearer_auth(key).json(&json!({ "email": "ada@example.com" }));
        let (status, body) = answer(request).await;
        assert_eq!((status, &body["status_code"]), (401, &json!(401)));
    }
    assert_eq!(sandbox.streambird().users(), []);
}
