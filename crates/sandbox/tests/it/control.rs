//! The control interface, used as a test in another language uses it: over HTTP, and by nothing else.

use std::time::Duration;

use enroll_sandbox::Sandbox;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::raw::Raw;
use crate::{Call, PROVIDERS, answer, client, sandbox};

/// A caller that knows a sandbox's address.
struct Control {
    base_url: String,
}

impl Control {
    fn of(sandbox: &Sandbox) -> Self {
        Self { base_url: sandbox.base_url().to_owned() }
    }

    fn request(&self, method: &str, path: &str) -> RequestBuilder {
        client().request(method.parse().unwrap(), format!("{}{path}", self.base_url))
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = answer(self.request("GET", path)).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        answer(self.request("POST", path).json(&body)).await
    }

    async fn delete(&self, path: &str) -> Value {
        let (status, body) = answer(self.request("DELETE", path)).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// A request to a provider, by what the state says of where it is and what it wants to see.
    async fn call(&self, provider: &str, method: &str, path: &str) -> RequestBuilder {
        let state = self.get("/_control/state").await;
        let provider = &state["providers"][provider];
        let url = format!("{}{path}", provider["base_url"].as_str().unwrap());
        let mut request = client().request(method.parse().unwrap(), url);
        for (name, value) in provider["headers"].as_object().unwrap() {
            request = request.header(name, value.as_str().unwrap());
        }
        request
    }

    async fn users(&self, provider: &str) -> Vec<Value> {
        let state = self.get("/_control/state").await;
        state["providers"][provider]["users"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn the_state_is_all_that_a_client_needs_and_shows_users_without_their_secrets() {
    let sandbox = sandbox().await;
    let control = Control::of(&sandbox);
    let registration = json!({
        "dial_code": "+1", "phone_number": "4155550123", "password": "canary-password",
        "login_pin": "canary-login-pin", "transaction_pin": "canary-transaction-pin",
    });
    for (provider, path, body, status) in [
        ("haptik", "/v1.0/user/", json!({ "auth_id": "member-42", "auth_code": "canary-code" }), 200),
        ("original", "/user", json!({ "email": "ada@example.com" }), 201),
        ("streambird", "/v1/auth/users/create", json!({ "email": "ada@example.com" }), 200),
        ("digipay", "/digipay/v3/auth/user_register", registration, 200),
    ] {
        assert_eq!(control.users(provider).await, [Value::Null; 0], "{provider}");
        let create = control.call(provider, "POST", path).await.json(&body);
        assert_eq!(answer(create).await.0, status, "{provider}");
    }
    let state = control.get("/_control/state").await;
    assert_eq!(state["deviations"], json!([]));
    assert_eq!(state["clock"]["ahead_seconds"], 0);
    let user = |provider: &str| &state["providers"][provider]["users"][0];
    assert_eq!(user("haptik")["auth_id"], "member-42");
    assert_eq!(user("haptik")["auth_code"], "[secret]");
    assert_eq!(user("original")["email"], "ada@example.com");
    assert_eq!(user("streambird")["emails"][0]["email"], "ada@example.com");
    assert_eq!(user("digipay")["phone_number"], "4155550123");
    assert!(!state.to_string().contains("canary"), "{state}");
    for (name, value) in sandbox.environment() {
        let providers = state["providers"].as_object().unwrap().values();
        let shown: Vec<_> = providers.map(|provider| &provider["environment"][name]).collect();
        assert!(shown.contains(&&json!(value)), "{name}");
    }
}

#[tokio::test]
async fn requests_are_shown_without_credentials_and_secrets() {
    let sandbox = sandbox().await;
    let control = Control::of(&sandbox);
    let secret = json!({
        "phone_number": "4155550123", "password": "canary-password", "login_pin": null,
        "nested": [{ "deep": { "transaction_pin": ["canary-pin"], "other": 1 } }],
    });
    let create = Call::create(&sandbox, "digipay", 1).with_body(secret);
    create.send().await;
    // The same goes astray: to another provider, to none, and to a path that does not exist.
    let haptik = Call::create(&sandbox, "haptik", 1);
    let astray = [
        format!("{}/v1.0/user/", sandbox.haptik().base_url()),
        format!("{}/digipayy/v3/auth/user_register", sandbox.base_url()),
        format!("{}/nowhere", sandbox.digipay().base_url()),
    ];
    for url in astray {
        let headers = [create.headers.clone(), haptik.headers.clone()].concat();
        Call { url, headers, ..create.clone() }.request().send().await.unwrap();
    }
    let get = Call::get(&sandbox, "original", "/user?email=ada%40example.com");
    get.request().header("x-seen", "yes").send().await.unwrap();

    let shown = control.get("/_control/requests").await;
    assert!(!shown.to_string().contains("canary"), "{shown}");
    let credentials: Vec<_> = [&create, &haptik, &get].iter().flat_map(|call| call.headers.clone()).collect();
    for (name, value) in credentials {
        let (_, credential) = value.split_once(' ').unwrap_or(("", &value));
        assert!(!shown.to_string().contains(credential), "{name} in {shown}");
    }
    let requests = shown["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 5);
    for request in &requests[..4] {
        let body = &request["body"];
        assert_eq!((&body["password"], &body["login_pin"]), (&json!("[secret]"), &Value::Null));
        assert_eq!(body["nested"][0]["deep"], json!({ "transaction_pin": "[secret]", "other": 1 }));
        assert_eq!(body["phone_number"], "4155550123");
        assert_eq!(request["headers"]["companyid"], "[secret]");
        assert_eq!(request["body_length"], json!(create.body.as_ref().unwrap().to_string().len()));
    }
    assert_eq!(
        (&requests[0]["provider"], &requests[0]["operation"]),
        (&json!("digipay"), &json!("userRegister"))
    );
    assert_eq!((&requests[2]["provider"], &requests[2]["operation"]), (&Value::Null, &Value::Null));
    let last = &requests[4];
    assert_eq!((&last["method"], &last["body"]), (&json!("GET"), &Value::Null));
    assert_eq!(last["path"], "/original/v1/user?email=ada%40example.com");
    assert_eq!(last["headers"]["authorization"], "[secret]");
    assert_eq!(
        (&last["headers"]["x-api-key"], &last["headers"]["x-seen"]),
        (&json!("[secret]"), &json!("yes"))
    );

    assert_eq!(control.delete("/_control/requests").await, json!({ "requests": [] }));
    assert_eq!(control.get("/_control/requests").await, json!({ "requests": [] }));
}

#[tokio::test]
async fn looking_takes_no_token_away_from_a_client() {
    let sandbox = sandbox().await;
    let control = Control::of(&sandbox);
    let create = Call::create(&sandbox, "digipay", 1);
    assert_eq!(create.send().await.0, 200);
    let mut raw = Raw::connect(&sandbox).await;
    for _ in 0..600 {
        // More than DigiPay keeps tokens.
        for path in ["state", "requests"] {
            raw.write(format!("GET /_control/{path} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
            raw.answer().await;
        }
    }
    assert_eq!(create.send().await.0, 200);
    // What is shown is good when it is shown, however long that goes on.
    let list = "/digipay/v3/user/user_detail";
    for _ in 0..4 {
        assert_eq!(answer(control.call("digipay", "GET", list).await).await.0, 200);
        sandbox.advance(Duration::from_secs(1_790));
    }
}

#[tokio::test]
async fn faults_are_asked_for_listed_and_taken_back() {
    let sandbox = sandbox().await;
    let control = Control::of(&sandbox);
    let scheduled = [
        json!({ "provider": "digipay", "operation": "userRegister", "when": { "nth": 1 }, "fault": { "kind": "commit_then_drop" } }),
        json!({ "provider": "streambird", "operation": null, "when": { "nth": 2 }, "fault": {
            "kind": "reply_before_commit", "status": 429, "headers": { "retry-after": "7" }, "body": "",
        } }),
        json!({ "provider": "original", "operation": null, "when": "always", "fault": {
            "kind": "delay", "distribution": "exponential", "mean_milliseconds": 0,
        } }),
        json!({ "provider": "haptik", "operation": null, "when": { "nth": 1 }, "fault": { "kind": "missing_field" } }),
    ];
    for fault in &scheduled {
        let mut wanted = fault.clone();
        wanted.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        if fault["when"] == json!({ "nth": 1 }) {
            // The next is what is meant when nothing is said.
            wanted.as_object_mut().unwrap().remove("when");
        }
        let (status, listed) = control.post("/_control/faults", wanted).await;
        assert_eq!(status, 201, "{listed}");
        assert!(listed["faults"].as_array().unwrap().contains(fault), "{listed}");
    }
    assert_eq!(control.get("/_control/faults").await["faults"].as_array().unwrap().len(), 4);

    assert_eq!(Raw::send(&sandbox, Call::create(&sandbox, "digipay", 1).bytes()).await.all().await, "");
    assert_eq!(control.users("digipay").await.len(), 1);
    assert_eq!(Call::create(&sandbox, "streambird", 1).send().await.0, 200);
    let throttled = Call::create(&sandbox, "streambird", 2).request().send().await.unwrap();
    assert_eq!(
        (throttled.status().as_u16(), &throttled.headers()["retry-after"]),
        (429, &"7".parse().unwrap())
    );
    assert_eq!(Call::create(&sandbox, "original", 1).send().await.0, 201);
    assert_eq!(Call::create(&sandbox, "haptik", 1).send().await.1.get("auth_id"), None);
    let happened = control.get("/_control/requests").await;
    let kinds = happened["requests"].as_array().unwrap().iter().map(|it| it["fault"]["kind"].clone());
    let expected = [
        json!("commit_then_drop"),
        Value::Null,
        json!("reply_before_commit"),
        json!("delay"),
        json!("missing_field"),
    ];
    assert_eq!(kinds.collect::<Vec<_>>(), expected);

    // Only what is for all requests is still to happen.
    assert_eq!(control.get("/_control/faults").await["faults"], json!([scheduled[2]]));
    assert_eq!(control.delete("/_control/faults").await, json!({ "faults": [] }));
    Call::create(&sandbox, "original", 2).send().await;
    assert_eq!(sandbox.requests().last().unwrap().fault(), None);
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_the_reason() {
    let sandbox = sandbox().await;
    let control = Control::of(&sandbox);
    let fault = |body: Value| control.request("POST", "/_control/faults").json(&body);
    let drop = json!({ "kind": "commit_then_drop" });
    let with = |provider: &str, fault: Value| json!({ "provider": provider, "fault": fault });
    let seconds =
        |seconds: Value| control.request("POST", "/_control/clock").json(&json!({ "seconds": seconds }));
    let nobody = "/_control/original/users/nobody/mint";
    for (request, status, reason) in [
        (fault(json!({ "provider": "haptik" })), 400, "body /fault: is required"),
        (fault(json!([])), 400, "body"),
        (
            fault(with("haptik", json!({ "kind": "explode" }))),
            400,
            "body /fault: unknown variant `explode`, expected one of",
        ),
        (fault(with("haptik", json!({ "kind": "nulls", "status": 500 }))), 400, "body /fault"),
        (fault(with("haptik", json!({ "kind": "reply_before_commit", "status": 99 }))), 400, "body /fault"),
        (fault(json!({ "provider": "haptik", "fault": drop, "when": { "nth": 0 } })), 400, "body /when"),
        (
            fault(json!({ "provider": "haptik", "fault": drop, "wen": "next" })),
            400,
            "body /wen: is not declared",
        ),
        (fault(with("nobody", drop.clone())), 404, "there is no such provider"),
        (
            fault(json!({ "provider": "haptik", "operation": "userRegister", "fault": drop })),
            404,
            "the provider has no such operation",
        ),
        (seconds(json!(-1)), 400, "minimum of 0; /_control/openapi.yaml says what is asked for"),
        (seconds(json!(1.5)), 400, "body /seconds"),
        (seconds(json!(315_360_001)), 400, "body /seconds"),
        (control.request("POST", "/_control/clock"), 400, "body: is required"),
        (
            control.request("POST", "/_control/clock").body("{").header("content-type", "application/json"),
            400,
            "JSON",
        ),
        (
            control.request("POST", "/_control/clock").body("{}").header("content-type", "text/plain"),
            415,
            "application/json",
        ),
        (
            control.request("POST", "/_control/faults").json(&json!({ "x": "x".repeat(70_000) })),
            413,
            "too long",
        ),
        (control.request("POST", nobody), 404, "there is no such user"),
        (control.request("POST", "/_control/streambird/users/nobody/verify"), 404, "there is no such user"),
        (control.request("POST", "/_control/original/users/%FF/mint"), 404, "no such path"),
        (
            control.request("GET", "/_control/nothing"),
            404,
            "no such path; /_control/openapi.yaml has them all",
        ),
        (control.request("GET", "/_"), 404, "no such path"),
    ] {
        let (answered, body) = answer(request).await;
        let error = body["error"].as_str().unwrap();
        assert!(answered == status && error.contains(reason), "{status} {reason}: {answered} {body}");
        assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    }
    for (method, path, allowed) in [
        ("PUT", "/_control/faults", "GET, POST, DELETE"),
        ("POST", "/_control/requests", "GET, DELETE"),
        ("GET", "/_control/reset", "POST"),
        ("GET", nobody, "POST"),
        ("DELETE", "/_health", "GET"),
    ] {
        let response = control.request(method, path).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["allow"]),
            (405, &allowed.parse().unwrap())
        );
    }
    assert_eq!(control.get("/_control/faults").await, json!({ "faults": [] }));
    assert_eq!(control.get("/_control/clock").await["ahead_seconds"], 0);
}

#[tokio::test]
async fn a_reset_leaves_nothing_but_addresses_and_credentials() {
    let sandbox = sandbox().await;
    let control = Control::of(&sandbox);
    for provider in PROVIDERS {
        Call::create(&sandbox, provider, 1).send().await;
        control.post("/_control/faults", json!({ "provider": provider, "fault": { "kind": "nulls" } })).await;
    }
    control.post("/_control/clock", json!({ "seconds": 60 })).await;
    let old_token = Call::create(&sandbox, "digipay", 2);
    let environment = sandbox.environment();

    let (status, health) = answer(control.request("POST", "/_control/reset")).await;
    assert_eq!((status, health), (200, control.get("/_health").await));
    for provider in PROVIDERS {
        assert_eq!(control.users(provider).await, [Value::Null; 0]);
    }
    assert_eq!(control.get("/_control/requests").await, json!({ "requests": [] }));
    assert_eq!(control.get("/_control/faults").await, json!({ "faults": [] }));
    assert_eq!(control.get("/_control/clock").await["ahead_seconds"], 0);
    assert_eq!(sandbox.environment(), environment);
    assert_eq!(old_token.send().await.0, 401);
    assert_eq!(Call::create(&sandbox, "haptik", 1).send().await.1["auth_id"], "member-1");
}

#[tokio::test]
async fn the_clock_goes_ahead_as_far_as_it_is_told() {
    let sandbox = sandbox().await;
    let control = Control::of(&sandbox);
    let before = control.get("/_control/clock").await;
    assert_eq!(before["ahead_seconds"], 0);
    let (status, after) = control.post("/_control/clock", json!({ "seconds": 3_600 })).await;
    assert_eq!((status, &after["ahead_seconds"]), (200, &json!(3_600)));
    assert!(after["now"].as_str() > before["now"].as_str());
    assert_eq!(control.post("/_control/clock", json!({ "seconds": 0 })).await.1["ahead_seconds"], 3_600);

    let create = Call::create(&sandbox, "digipay", 1);
    control.post("/_control/clock", json!({ "seconds": 3_601 })).await;
    assert_eq!(create.send().await.0, 401, "the token has expired");
    for _ in 0..100 {
        control.post("/_control/clock", json!({ "seconds": 315_360_000 })).await;
    }
    assert_eq!(Call::create(&sandbox, "digipay", 1).send().await.0, 200);
}

#[tokio::test]
async fn a_user_of_original_has_a_wallet_after_minting_or_after_some_time() {
    let sandbox = Sandbox::builder().wallet_after(Duration::from_secs(90)).start().await.unwrap();
    let control = Control::of(&sandbox);
    for number in [1, 2] {
        Call::create(&sandbox, "original", number).send().await;
    }
    let wallets = async || {
        let users = control.users("original").await;
        users.iter().map(|user| user["wallets"].as_array().unwrap().len()).collect::<Vec<_>>()
    };
    assert_eq!(wallets().await, [0, 0]);
    let uid = control.users("original").await[0]["uid"].as_str().unwrap().to_owned();
    let mint = format!("/_control/original/users/{uid}/mint");
    let (status, state) = answer(control.request("POST", &mint)).await;
    assert_eq!((status, &state["providers"]["original"]["users"][1]["wallets"]), (200, &json!([])));
    assert_eq!(wallets().await, [1, 0]);
    let (_, read) = Call::get(&sandbox, "original", &format!("/user/{uid}")).send().await;
    assert_eq!(read["data"]["wallets"], control.users("original").await[0]["wallets"]);

    control.post("/_control/clock", json!({ "seconds": 89 })).await;
    assert_eq!(wallets().await, [1, 0]);
    control.post("/_control/clock", json!({ "seconds": 1 })).await;
    assert_eq!(wallets().await, [1, 1]);
    assert_eq!(answer(control.request("POST", &mint)).await.0, 200);
    assert_eq!(sandbox.deviations(), [""; 0]);
}

#[tokio::test]
async fn a_user_of_streambird_is_active_once_everything_is_verified() {
    let sandbox = sandbox().await;
    let control = Control::of(&sandbox);
    for user in [
        json!({ "email": "ada@example.com", "phone_number": "+14155550123", "requires_verification": true }),
        json!({ "email": "grace@example.com", "requires_verification": true }),
    ] {
        let (_, created) = Call::create(&sandbox, "streambird", 1).with_body(user).send().await;
        assert_eq!(created["status"], "pending");
    }
    let user_id = control.users("streambird").await[0]["user_id"].as_str().unwrap().to_owned();
    let verify = format!("/_control/streambird/users/{user_id}/verify");
    let (status, state) = answer(control.request("POST", &verify)).await;
    assert_eq!(status, 200);
    let [ada, grace] = [0, 1].map(|index| &state["providers"]["streambird"]["users"][index]);
    assert_eq!((&ada["status"], &ada["active"]), (&json!("active"), &json!(true)));
    assert_eq!(
        (&ada["emails"][0]["verified"], &ada["phone_numbers"][0]["verified"]),
        (&json!(true), &json!(true))
    );
    assert_eq!((&grace["status"], &grace["emails"][0]["verified"]), (&json!("pending"), &json!(false)));
    let (_, read) = Call::get(&sandbox, "streambird", &format!("/v1/auth/users/{user_id}")).send().await;
    assert_eq!(&read, ada);
}

#[tokio::test]
async fn the_document_that_is_served_is_the_file() {
    let sandbox = sandbox().await;
    let response = Control::of(&sandbox).request("GET", "/_control/openapi.yaml").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(response.text().await.unwrap(), include_str!("../../openapi.yaml"));
}
