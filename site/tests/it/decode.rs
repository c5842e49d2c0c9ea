//! What `/decode` says of answers that are pasted.

use enroll_site::Site;
use serde_json::{Value, json};

use crate::{client, operations, resolve, site, specs};

/// Status and body of the answer to a request.
async fn decode(site: &Site, request: &Value) -> (u16, Value) {
    let answer = client().post(format!("{}/decode", site.url())).json(request).send().await.unwrap();
    (answer.status().as_u16(), crate::json(answer).await)
}

async fn best(site: &Site, request: &Value) -> Value {
    let (status, answer) = decode(site, request).await;
    assert_eq!(status, 200, "{request}: {answer}");
    answer["best"].clone()
}

async fn refused(site: &Site, request: &Value) -> String {
    let (status, answer) = decode(site, request).await;
    assert_eq!(status, 400, "{request}: {answer}");
    answer["error"].as_str().unwrap().to_owned()
}

/// A documented sample of an answer.
struct Sample {
    provider: String,
    operation: String,
    status: u16,
    body: Value,
    /// Whether it is a refusal, by its status or because it hides in a success.
    failed: bool,
}

fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for (provider, spec) in specs() {
        for (_, _, operation) in operations(&spec) {
            for (documented, answer) in operation["responses"].as_object().unwrap() {
                let answer = resolve(&spec, answer);
                let hidden = &answer["x-enroll-failure"];
                let hides = |body: &Value| {
                    let found = hidden["pointer"].as_str().and_then(|pointer| body.pointer(pointer));
                    found.is_some_and(|value| *value == hidden["equals"])
                };
                let status = match documented.strip_suffix("XX") {
                    Some(hundred) => hundred.parse::<u16>().unwrap() * 100,
                    None => documented.parse().unwrap_or(500),
                };
                let contents = answer["content"].as_object().into_iter().flat_map(|content| content.values());
                for example in
                    contents.filter_map(|content| content["examples"].as_object()).flat_map(|it| it.values())
                {
                    let body = resolve(&spec, example)["value"].clone();
                    let failed = status >= 300 || hides(&body);
                    let operation = operation["operationId"].as_str().unwrap().to_owned();
                    samples.push(Sample { provider: provider.clone(), operation, status, body, failed });
                }
            }
        }
    }
    assert!(samples.len() > 100, "only {} samples were found", samples.len());
    samples
}

#[tokio::test]
async fn every_documented_sample_is_what_it_is() {
    let (site, _folder) = site().await;
    for Sample { provider, operation, status, body, failed } in samples() {
        let request = json!({
            "provider": provider, "operation": operation, "status": status, "body": body.to_string(),
        });
        let best = best(&site, &request).await;
        let title = format!("{provider} {operation} {status} {body}: {best}");
        assert_eq!(best["verdict"], if failed { "failure" } else { "success" }, "{title}");
        assert_eq!((&best["provider"], &best["operation"]), (&json!(provider), &json!(operation)));
        assert_eq!(best["status"], status);
        assert!(best["type"].is_string() && !best["value"].is_null(), "{title}");
        assert_eq!(best["error"].is_string(), failed, "{title}");
        assert_eq!(best["delivery"].is_string(), failed, "{title}");
        assert!(best["attempts"].as_u64().unwrap() >= 1 && best["next"].is_string(), "{title}");
    }
}

#[tokio::test]
async fn a_documented_sample_is_recognized_with_nothing_named() {
    let (site, _folder) = site().await;
    let mut seen = Vec::new();
    for Sample { provider, operation, body, .. } in samples() {
        // The same words are documented for many operations, and no words at all say nothing.
        if body == json!({}) || seen.contains(&(provider.clone(), body.clone())) {
            continue;
        }
        let (status, answer) = decode(&site, &json!({ "body": body.to_string() })).await;
        assert_eq!(status, 200, "{body}: {answer}");
        let is_right = |it: &Value| it["provider"] == *provider && it["operation"] == *operation;
        let others = answer["others"].as_array().unwrap();
        assert!(
            is_right(&answer["best"]) || others.iter().any(is_right),
            "{provider} {operation} {body}: {answer}"
        );
        seen.push((provider, body));
    }
}

#[tokio::test]
async fn what_a_type_makes_of_a_payload_is_told() {
    let (site, _folder) = site().await;
    let body = json!({
        "success": true,
        "data": {"uid": "1", "email": null, "shoe/size": 7, "wallets": [], "created_at": "2024-02-26T13:12:31Z"},
    });
    let request =
        json!({"provider": "original", "operation": "getUser", "status": 200, "body": body.to_string()});
    let reading = best(&site, &request).await;
    assert_eq!(reading["unknown"], json!(["/data/shoe~1size"]));
    assert_eq!(reading["nulls"], json!(["/data/email"]));
    assert_eq!(reading["changed"], json!([]));
    assert_eq!(reading["value"]["data"]["uid"], "1");
    // A number where a text of digits is documented too is read as what it stands for.
    let body = json!({"success": 1, "error": [], "data": {"users": [{"id": "1", "kyc_status": "1"}]}});
    let request = json!({"provider": "digipay", "operation": "getUser", "body": body.to_string()});
    let reading = best(&site, &request).await;
    assert_eq!(
        reading["changed"],
        json!([{"pointer": "/data/users/0/kyc_status", "pasted": "1", "read": 1}])
    );
}

#[tokio::test]
async fn it_is_the_sdk_that_says_what_becomes_of_the_account() {
    let (site, _folder) = site().await;
    let exists = json!({"success": false, "error": {"type": "client_error", "detail": {"message": "User already exists."}}});
    let refused = json!({"success": 0, "error": [1], "data": {"message": "NO"}});
    let html = "<html>Bad Gateway</html>";
    for (provider, operation, status, body, verdict, outcome, delivery, attempts) in [
        ("original", "createUser", 400, exists.to_string(), "failure", "Existing", "Rejected", 1),
        ("digipay", "userRegister", 200, refused.to_string(), "failure", "Rejected", "Rejected", 1),
        ("digipay", "userRegister", 200, html.to_owned(), "unreadable", "Unknown", "Unknown", 1),
        ("haptik", "createUser", 502, html.to_owned(), "failure", "Unknown", "Unknown", 3),
        ("original", "createUser", 502, html.to_owned(), "failure", "Unknown", "Unknown", 1),
        ("streambird", "createUser", 429, "{}".to_owned(), "failure", "Throttled", "Rejected", 3),
        ("streambird", "createUser", 200, "[]".to_owned(), "unreadable", "Unknown", "Accepted", 1),
        ("original", "createUser", 401, "{}".to_owned(), "failure", "Denied", "Rejected", 1),
    ] {
        let request = json!({"provider": provider, "operation": operation, "status": status, "body": body});
        let reading = best(&site, &request).await;
        let found = ["verdict", "outcome", "delivery", "attempts"].map(|key| reading[key].clone());
        assert_eq!(found, [json!(verdict), json!(outcome), json!(delivery), json!(attempts)], "{reading}");
    }
    // What is right to do is up to what a repeat does, and to whether there is a lookup.
    for (provider, operation, wanted) in [
        ("haptik", "createUser", "sending the request again does no harm"),
        (
            "original",
            "createUser",
            "never send the request again without a look. `ensure()` looks the account up",
        ),
        ("digipay", "userRegister", "There is no `ensure()`"),
        ("original", "getUser", "since the call only reads"),
        ("streambird", "updateUser", "sending it again does no harm"),
    ] {
        let request = json!({"provider": provider, "operation": operation, "status": 502, "body": html});
        let reading = best(&site, &request).await;
        assert!(reading["next"].as_str().unwrap().contains(wanted), "{reading}");
    }
    // Each call has the whole budget of repeats.
    for _ in 0..12 {
        let request = json!({"provider": "haptik", "operation": "createUser", "status": 502, "body": "x"});
        assert_eq!(best(&site, &request).await["attempts"], 3);
    }
}

#[tokio::test]
async fn where_it_fails_and_what_can_be_saved_is_told() {
    let (site, _folder) = site().await;
    let body = "{\"success\": true,\n \"data\": {\"uid\": 7}}";
    let request = json!({"provider": "original", "operation": "createUser", "status": 201, "body": body});
    let reading = best(&site, &request).await;
    assert_eq!(reading["verdict"], "unreadable", "{reading}");
    let error = reading["error"].as_str().unwrap();
    assert!(error.contains("JSON of another shape than documented (line 2, column"), "{error}");
    let cut = json!({"provider": "original", "operation": "createUser", "status": 201,
        "body": "{\"success\": true, \"data\": {\"uid\": \"452711987655\", "});
    let reading = best(&site, &cut).await;
    assert_eq!(reading["delivery"], "Accepted");
    assert!(reading["next"].as_str().unwrap().contains("created_id()"), "{reading}");
}

#[tokio::test]
async fn rubbish_gets_a_clear_answer() {
    let (site, _folder) = site().await;
    let endless = "[".repeat(100_000);
    for (request, wanted) in [
        (json!({"body": ""}), "nothing was pasted; paste the body of an answer"),
        (
            json!({"body": "hello"}),
            "this is not JSON (expected value at line 1 column 1); choose the provider",
        ),
        (json!({ "body": endless }), "this is not JSON (recursion limit exceeded"),
        (
            json!({"body": "{\"shoe_size\": 7}"}),
            "no documented answer has any of its fields; choose the provider",
        ),
        (json!({"body": "7"}), "no documented answer has any of its fields"),
        (json!({"body": "{}"}), "no documented answer has any of its fields"),
        (json!({"provider": "acme", "body": "{}"}), "there is no provider \"acme\"; there are "),
        (
            json!({"provider": "haptik", "operation": "getUser", "body": "{}"}),
            "there is no operation \"getUser\"; there are createUser, ",
        ),
        (json!({"status": 99, "body": "{}"}), "the status of an answer is a number from 200 to 599"),
        (json!({"status": "200", "body": "{}"}), "the request is not as /decode takes it: "),
        (json!({}), "the request is not as /decode takes it: missing field `body`"),
        (json!([]), "the request is not as /decode takes it: "),
    ] {
        let error = refused(&site, &request).await;
        assert!(error.contains(wanted), "{wanted}: {error}");
    }
    for (body, wanted) in [
        ("", "unreadable"),
        ("hello", "unreadable"),
        (endless.as_str(), "unreadable"),
        ("\u{0}", "unreadable"),
    ] {
        let request = json!({"provider": "haptik", "operation": "createUser", "status": 200, "body": body});
        assert_eq!(best(&site, &request).await["verdict"], wanted);
    }
    // What no header can carry is not sent, and what is not there counts as not chosen.
    let request =
        json!({"provider": "", "operation": null, "content_type": "a\nb", "body": "{\"auth_id\": \"1\"}"});
    assert_eq!(best(&site, &request).await["operation"], "createUser");
}

#[tokio::test]
async fn what_is_too_long_is_told_and_read_to_its_end() {
    let (site, _folder) = site().await;
    for length in [1024 * 1024, 8 * 1024 * 1024] {
        let answer =
            client().post(format!("{}/decode/", site.url())).json(&json!({ "body": "x".repeat(length) }));
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), 413);
        let error = crate::json(answer).await["error"].as_str().unwrap().to_owned();
        assert_eq!(error, "what was pasted is longer than 1 MiB; paste a part of it");
    }
    let long = json!({"provider": "haptik", "operation": "createUser", "status": 200,
        "body": json!({"auth_id": "x".repeat(1_000_000)}).to_string()});
    assert_eq!(best(&site, &long).await["verdict"], "success");
}
