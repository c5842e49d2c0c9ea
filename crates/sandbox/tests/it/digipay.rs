//! DigiPay: a token that runs out, a failure inside a 200, and secrets that do not come back.

use std::time::Duration;

use enroll_sandbox::Sandbox;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{answer, client, sandbox};

const REGISTER: &str = "/digipay/v3/auth/user_register";
const USERS: &str = "/digipay/v3/user/user_detail";

fn request(sandbox: &Sandbox, method: Method, path: &str) -> RequestBuilder {
    client().request(method, format!("{}{path}", sandbox.digipay().base_url()))
}

async fn authenticate(sandbox: &Sandbox) -> (String, String) {
    let digipay = sandbox.digipay();
    let exchange = request(sandbox, Method::POST, "/digipay/v3/auth/authenticate")
        .basic_auth(digipay.client_id(), Some(digipay.client_secret()));
    let (status, body) = answer(exchange).await;
    assert_eq!((status, &body["status_code"]), (200, &json!(200)));
    let text = |name: &str| body["data"][name].as_str().unwrap().to_owned();
    (text("access_token"), text("expiry_time"))
}

/// A sandbox, and a token for it.
struct Session {
    sandbox: Sandbox,
    token: String,
}

impl Session {
    async fn start() -> Self {
        let sandbox = sandbox().await;
        let (token, _) = authenticate(&sandbox).await;
        Self { sandbox, token }
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let request = request(&self.sandbox, method, path)
            .header("Authorization", format!("Token {}", self.token))
            .header("CompanyID", self.sandbox.digipay().company_id());
        answer(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    async fn register(&self, body: Value) -> (u16, Value) {
        self.call(Method::POST, REGISTER, Some(body)).await
    }
}

/// The body of the seed page, stray characters included; only the secrets are our own.
fn seed() -> Value {
    json!({
        "dial_code": "+91", "phone_number": "123456789", "user_type": 2, "first_name": "kgkjkl",
        "account_number_prefix": "ACCT", "last_name": "Doe", "password": "planted-password",
        "email": "john.doe@example.com\"", "login_pin": "planted-login-pin",
        "transaction_pin": "planted-transaction-pin", "status_id": 1, "birth_date": 946684800000_i64,
        "image": "https://example.com/profile/john.jpg", "kyc_status": 2, "kyc_process_status": "3",
        "location_point": "{ \"\"latitude\"\": 37.7749, \"\"longitude\"\": -122.4194 },",
        "device_type": 2, "device_id": "ABCDE12345", "parent_user_id": "parent123\"",
        "device_unique_id": "UNIQUE123", "referral_code": "REFCODE123", "cretaed_by": "admin",
    })
}

#[tokio::test]
async fn the_registration_of_the_seed_page_works_and_gives_no_secret_back() {
    let session = Session::start().await;
    let (status, body) = session.register(seed()).await;
    assert_eq!(status, 200);
    assert_eq!((&body["success"], &body["error"]), (&json!(1), &json!([])));
    assert_eq!(body["data"]["message"], "User registered successfully.");
    assert_eq!(body["data"]["token"]["type"], "Token");
    let id = body["data"]["user_id"].as_str().unwrap();
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");

    let (status, read) = session.call(Method::GET, &format!("{USERS}/{id}"), None).await;
    assert_eq!(status, 200);
    let user = &read["data"]["users"][0];
    assert_eq!((&user["id"], &user["phone_number"]), (&json!(id), &json!("123456789")));
    assert_eq!((&user["created_by"], &user["kyc_process_status"]), (&json!("admin"), &json!("3")));
    assert!(user["account_number"].as_str().unwrap().starts_with("ACCT"));
    let (_, listed) = session.call(Method::GET, USERS, None).await;
    assert_eq!(&listed["data"]["users"][0], user);
    for answered in [&body, &read, &listed] {
        assert!(!answered.to_string().contains("planted"), "{answered}");
    }

    let users = session.sandbox.digipay().users();
    assert_eq!((users.len(), users[0].id.as_str()), (1, id));
    assert_eq!(users[0].details.transaction_pin.as_deref(), Some("planted-transaction-pin"));
    assert_eq!(users[0].details.birth_date, Some(946_684_800_000));
    let shown = format!("{users:?}");
    assert!(
        !shown.contains("planted") && !shown.contains("example.com") && shown.contains("[secret]"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_taken_phone_number_is_a_failure_inside_a_200() {
    let session = Session::start().await;
    session.register(json!({ "dial_code": "+1", "phone_number": "4155550123" })).await;
    let (status, body) = session.register(json!({ "dial_code": "+1", "phone_number": "4155550123" })).await;
    assert_eq!((status, &body["success"]), (200, &json!(0)));
    assert_eq!(body["error"], json!(["PHONE_NUMBER_ALREADY_EXISTS"]));
    assert!(body["data"]["message"].is_string());
    assert_eq!(session.sandbox.digipay().users().len(), 1);
    let (_, body) = session.register(json!({ "dial_code": "+44", "phone_number": "4155550123" })).await;
    assert_eq!(body["success"], 1);
}

#[tokio::test]
async fn a_wrong_type_is_the_bad_request_of_the_seed_page() {
    let session = Session::start().await;
    let bad_request = json!({ "success": 0, "error": [1], "data": { "message": "BAD_REQUEST" } });
    for wrong in [
        json!({ "user_type": "2" }),
        json!({ "phone_number": 123456789 }),
        json!({ "location_point": { "latitude": 37.7749, "longitude": -122.4194 } }),
        json!([]),
    ] {
        assert_eq!(session.register(wrong).await, (400, bad_request.clone()));
    }
    assert_eq!(session.sandbox.digipay().users(), []);
}

#[tokio::test]
async fn a_token_runs_out_after_an_hour() {
    let session = Session::start().await;
    let (_, first_expiry) = authenticate(&session.sandbox).await;
    assert_eq!((first_expiry.len(), &first_expiry[10..11]), (19, " "));
    session.sandbox.advance(Duration::from_secs(3_590));
    assert_eq!(session.call(Method::GET, USERS, None).await.0, 200);
    session.sandbox.advance(Duration::from_secs(11));
    let (status, body) = session.call(Method::GET, USERS, None).await;
    assert_eq!(status, 401);
    assert_eq!(body, json!({ "success": 0, "error": ["The token has expired."], "data": {} }));

    let (token, second_expiry) = authenticate(&session.sandbox).await;
    assert!(second_expiry > first_expiry);
    let renewed = Session { token, ..session };
    assert_eq!(renewed.call(Method::GET, USERS, None).await.0, 200);
}

#[tokio::test]
async fn every_credential_is_checked() {
    let Session { sandbox, token } = Session::start().await;
    let company = sandbox.digipay().company_id().to_owned();
    let client_id = sandbox.digipay().client_id().to_owned();
    let register = || request(&sandbox, Method::POST, REGISTER).json(&json!({ "phone_number": "1" }));
    let exchange = || request(&sandbox, Method::POST, "/digipay/v3/auth/authenticate");
    let attempts = [
        register(),
        register().header("CompanyID", &company),
        register().header("Authorization", format!("Token {token}")),
        register().header("Authorization", format!("Token {token}")).header("CompanyID", "wrong"),
        register().header("Authorization", format!("Bearer {token}")).header("CompanyID", &company),
        register().header("Authorization", "Token wrong").header("CompanyID", &company),
        exchange(),
        exchange().basic_auth(&client_id, Some("wrong")),
        exchange().header("Authorization", format!("Token {token}")),
    ];
    for attempt in attempts {
        let (status, body) = answer(attempt).await;
        assert_eq!((status, &body["success"], &body["data"]), (401, &json!(0), &json!({})));
        assert!(body["error"][0].is_string(), "{body}");
    }
    assert_eq!(sandbox.digipay().users(), []);
}

#[tokio::test]
async fn users_are_listed_with_filters_and_pages() {
    let session = Session::start().await;
    for number in 0..12 {
        let user_type = if number < 3 { 5 } else { 2 };
        let user = json!({ "phone_number": format!("415555{number:04}"), "user_type": user_type });
        assert_eq!(session.register(user).await.1["success"], 1);
    }
    let phones = async |query: &str| {
        let (status, body) = session.call(Method::GET, &format!("{USERS}{query}"), None).await;
        assert_eq!(status, 200, "{body}");
        let users = body["data"]["users"].as_array().unwrap().clone();
        users.iter().map(|user| user["phone_number"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first_page = phones("").await;
    assert_eq!((first_page.len(), first_page[0].as_str()), (10, "4155550011"));
    assert_eq!(phones("?skip=10").await, ["4155550001", "4155550000"]);
    assert_eq!(phones("?skip=2&limit=1").await, ["4155550009"]);
    assert_eq!(phones("?user_type=5").await.len(), 3);
    assert_eq!(phones("?search_keyword=0007").await, ["4155550007"]);
    let id = session.sandbox.digipay().users()[4].id.clone();
    assert_eq!(phones(&format!("?user_id={id}")).await, ["4155550004"]);
    for refused in ["?limit=ten", "?user_type=x", "?start_date=today"] {
        assert_eq!(session.call(Method::GET, &format!("{USERS}{refused}"), None).await.0, 400, "{refused}");
    }
}

#[tokio::test]
async fn a_list_has_an_order_and_a_span_of_time() {
    let session = Session::start().await;
    session.register(json!({ "phone_number": "4155550101" })).await;
    session.sandbox.advance(Duration::from_secs(60));
    session.register(json!({ "phone_number": "4155550102" })).await;
    let users = session.sandbox.digipay().users();
    let (first, second) = (&users[0], &users[1]);

    let ids = async |query: String| {
        let (_, users) = session.call(Method::GET, &format!("{USERS}{query}"), None).await;
        let path = format!("/digipay/v3/transaction/user_wallet{query}");
        let (_, wallets) = session.call(Method::GET, &path, None).await;
        let listed = |list: &Value, name: &str| match list {
            Value::Array(items) => items.iter().map(|item| item[name].as_str().unwrap().to_owned()).collect(),
            item => vec![item[name].as_str().unwrap().to_owned()],
        };
        let ids = listed(&users["data"]["users"], "id");
        assert_eq!(listed(&wallets["data"]["wallet"], "user_id"), ids, "{query}");
        ids
    };
    let oldest_first = "?sorting=%7B%22created_date%22%3A%20%22ASC%22%7D".to_owned();
    assert_eq!(ids(oldest_first).await, [&*first.id, &*second.id]);
    for newest_first in ["", "?sorting=x", "?skip=-1", "?limit=99999999999999999999"] {
        assert_eq!(ids(newest_first.to_owned()).await, [&*second.id, &*first.id], "{newest_first}");
    }
    assert_eq!(ids(format!("?start_date={}", second.created_date)).await, [&*second.id]);
    assert_eq!(ids(format!("?end_date={}", first.created_date)).await, [&*first.id]);
    assert_eq!(ids("?search_keyword=0102".to_owned()).await, [&*second.id]);

    let change = json!({ "id": first.id, "first_name": "Ada" });
    session.sandbox.advance(Duration::from_secs(60));
    session.call(Method::PUT, USERS, Some(change)).await;
    let changed = session.sandbox.digipay().users()[0].updated_date;
    let (_, body) = session.call(Method::GET, &format!("{USERS}?updated_date={changed}"), None).await;
    assert_eq!(body["data"]["users"].as_array().unwrap().len(), 1);
    assert_eq!(body["data"]["users"][0]["id"], *first.id);
}

#[tokio::test]
async fn a_user_is_changed_and_deleted_by_id() {
    let session = Session::start().await;
    let (_, body) = session.register(json!({ "phone_number": "4155550123", "first_name": "Ada" })).await;
    let id = body["data"]["user_id"].as_str().unwrap().to_owned();
    session.register(json!({ "phone_number": "4155550124" })).await;
    session.sandbox.advance(Duration::from_secs(60));

    let change = json!({ "id": id, "last_name": "Lovelace", "display_name": "Ada" });
    let (status, body) = session.call(Method::PUT, USERS, Some(change)).await;
    assert_eq!((status, &body["success"]), (200, &json!(1)));
    let user = &session.sandbox.digipay().users()[0];
    assert_eq!(user.details.first_name.as_deref(), Some("Ada"));
    assert_eq!(user.details.last_name.as_deref(), Some("Lovelace"));
    assert!(user.updated_date >= user.created_date + 60);

    let taken = json!({ "id": id, "phone_number": "4155550124" });
    assert_eq!(session.call(Method::PUT, USERS, Some(taken)).await.1["success"], 0);
    assert_eq!(session.call(Method::PUT, USERS, Some(json!({ "id": "unknown" }))).await.0, 404);
    assert_eq!(session.call(Method::PUT, USERS, Some(json!({ "first_name": "Ada" }))).await.0, 400);

    let path = format!("{USERS}/{id}");
    let (status, body) = session.call(Method::DELETE, &path, None).await;
    assert_eq!((status, &body["data"]["message"]), (200, &json!("User detail deleted successfully.")));
    assert_eq!(session.call(Method::GET, &path, None).await.0, 404);
    assert_eq!(session.call(Method::DELETE, &path, None).await.0, 404);
    assert_eq!(session.sandbox.digipay().users().len(), 1);
}

#[tokio::test]
async fn every_user_has_a_wallet() {
    const WALLETS: &str = "/digipay/v3/transaction/user_wallet";
    let session = Session::start().await;
    for number in ["4155550123", "4155550124"] {
        session.register(json!({ "phone_number": number })).await;
    }
    let id = session.sandbox.digipay().users()[0].id.clone();
    let (status, one) = session.call(Method::GET, &format!("{WALLETS}/{id}"), None).await;
    assert_eq!((status, &one["data"]["wallet"]["user_id"]), (200, &json!(id)));
    assert_eq!(session.call(Method::GET, &format!("{WALLETS}?user_id={id}"), None).await, (200, one));
    let (_, all) = session.call(Method::GET, WALLETS, None).await;
    assert_eq!(all["data"]["wallet"].as_array().unwrap().len(), 2);
    assert_eq!(session.call(Method::GET, &format!("{WALLETS}/unknown"), None).await.0, 404);
}
