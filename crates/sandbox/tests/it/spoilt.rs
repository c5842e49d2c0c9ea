//! Faults that leave the connection alone and spoil what is in the answer.

use enroll_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};

use crate::raw::Raw;
use crate::{Call, PROVIDERS, assert_happened, next, sandbox, users};

const UNKNOWN: &str = "value_unknown_to_the_document";

/// What the provider answers to a creation, with this fault.
async fn spoilt(sandbox: &Sandbox, provider: &'static str, number: usize, fault: &Fault) -> Value {
    next(sandbox, provider, fault);
    let (status, body) = Call::create(sandbox, provider, number).send().await;
    assert!(status < 300, "{provider}: {status}");
    assert_happened(sandbox, fault);
    body
}

/// What the provider answers to a look at the user of number 1, which must exist, with this fault. Haptik has no such
/// operation.
async fn spoilt_read(sandbox: &Sandbox, provider: &'static str, fault: &Fault) -> Value {
    let path = match provider {
        "original" => format!("/user/{}", sandbox.original().users()[0].uid),
        "streambird" => format!("/v1/auth/users/{}", sandbox.streambird().users()[0].user_id),
        _ => format!("/digipay/v3/user/user_detail/{}", sandbox.digipay().users()[0].id),
    };
    next(sandbox, provider, fault);
    let (status, body) = Call::get(sandbox, provider, &path).send().await;
    assert_eq!(status, 200);
    assert_happened(sandbox, fault);
    body
}

#[tokio::test]
async fn json_ends_in_its_middle_and_the_message_is_complete() {
    for provider in PROVIDERS {
        let sandbox = sandbox().await;
        next(&sandbox, provider, &Fault::TruncateJson);
        let mut raw = Raw::send(&sandbox, Call::create(&sandbox, provider, 1).bytes()).await;
        let (head, body) = raw.answer().await;
        assert!(head.contains("content-type: application/json\r\n"), "{provider}: {head}");
        assert!(body.len() > 1 && body.starts_with('{'), "{provider}: {body}");
        let error = serde_json::from_str::<Value>(&body).unwrap_err();
        assert!(error.is_eof(), "{provider}: {error}");
        assert_happened(&sandbox, &Fault::TruncateJson);

        // The connection goes on.
        raw.write(Call::create(&sandbox, provider, 2).bytes()).await;
        assert!(serde_json::from_str::<Value>(&raw.answer().await.1).is_ok(), "{provider}");
        assert_eq!(users(&sandbox, provider), 2, "{provider}");
    }
}

#[tokio::test]
async fn an_answer_says_that_it_is_html() {
    for provider in PROVIDERS {
        let sandbox = sandbox().await;
        next(&sandbox, provider, &Fault::WrongContentType);
        let response = Call::create(&sandbox, provider, 1).request().send().await.unwrap();
        let types: Vec<_> = response.headers().get_all("content-type").iter().collect();
        assert_eq!(types, ["text/html"], "{provider}");
        assert!(serde_json::from_str::<Value>(&response.text().await.unwrap()).is_ok(), "{provider}");
        assert_happened(&sandbox, &Fault::WrongContentType);
        assert_eq!(users(&sandbox, provider), 1, "{provider}");
    }
}

#[tokio::test]
async fn listed_values_become_others() {
    let sandbox = sandbox().await;
    let fault = Fault::UnknownEnumValue;
    let created = spoilt(&sandbox, "streambird", 1, &fault).await;
    assert_eq!(created["status"], UNKNOWN);
    assert_eq!(created["user"]["status"], UNKNOWN);
    assert_eq!(created["user"]["wallets"][0]["wallet_type"], UNKNOWN);
    assert_eq!(created["user"]["emails"][0]["email"], "member-1@example.com");
    assert_eq!(spoilt_read(&sandbox, "streambird", &fault).await["status"], UNKNOWN);
    // The user is what it was.
    assert_eq!(sandbox.streambird().users()[0].status, "active");

    spoilt(&sandbox, "original", 1, &fault).await;
    assert!(sandbox.original().mint(&sandbox.original().users()[0].uid));
    let read = spoilt_read(&sandbox, "original", &fault).await;
    assert_eq!(read["data"]["wallets"][0]["network"], UNKNOWN);
    next(&sandbox, "original", &fault);
    let (status, refused) = Call::create(&sandbox, "original", 1).send().await;
    assert_eq!((status, &refused["error"]["type"]), (400, &json!(UNKNOWN)));
}

#[tokio::test]
async fn an_answer_without_listed_values_is_left_as_it_is() {
    let sandbox = sandbox().await;
    let haptik = spoilt(&sandbox, "haptik", 1, &Fault::UnknownEnumValue).await;
    assert_eq!(haptik, json!({ "auth_id": "member-1", "mobile_no": null, "email": null, "name": null }));
    spoilt(&sandbox, "digipay", 1, &Fault::UnknownEnumValue).await;
    let digipay = spoilt_read(&sandbox, "digipay", &Fault::UnknownEnumValue).await;
    assert!(!digipay.to_string().contains(UNKNOWN), "{digipay}");
}

#[tokio::test]
async fn every_object_has_a_property_more() {
    for (provider, objects) in [
        ("haptik", &[""][..]),
        ("original", &["", "/data"]),
        ("streambird", &["", "/user", "/user/emails/0", "/user/wallets/0", "/user/metadata"]),
        ("digipay", &["", "/data", "/data/token"]),
    ] {
        let sandbox = sandbox().await;
        let body = spoilt(&sandbox, provider, 1, &Fault::ExtraField).await;
        for object in objects {
            let extra = body.pointer(&format!("{object}/property_unknown_to_the_document"));
            assert!(extra.is_some(), "{provider} {object}: {body}");
        }
        if provider != "haptik" {
            let body = spoilt_read(&sandbox, provider, &Fault::ExtraField).await;
            assert!(body.get("property_unknown_to_the_document").is_some(), "{provider}: {body}");
        }
    }
}

#[tokio::test]
async fn a_required_property_is_missing_or_the_one_that_is_named() {
    for (provider, required, pointer) in [
        ("haptik", "/auth_id", "/email"),
        ("original", "/success", "/data/uid"),
        ("streambird", "/user_id", "/user/emails/0/email"),
        ("digipay", "/success", "/data/user_id"),
    ] {
        let sandbox = sandbox().await;
        let whole = Call::create(&sandbox, provider, 1).send().await.1;
        let first = spoilt(&sandbox, provider, 2, &Fault::MissingField { pointer: None }).await;
        let named = Fault::MissingField { pointer: Some(pointer.to_owned()) };
        let second = spoilt(&sandbox, provider, 3, &named).await;
        let has = |body: &Value, pointer| body.pointer(pointer).is_some();
        assert!(has(&whole, required) && has(&whole, pointer), "{provider}: {whole}");
        assert!(!has(&first, required) && has(&first, pointer), "{provider}: {first}");
        assert!(has(&second, required) && !has(&second, pointer), "{provider}: {second}");
        assert_eq!(users(&sandbox, provider), 3);
    }
}

#[tokio::test]
async fn everything_is_null_that_may_be() {
    let sandbox = sandbox().await;
    let details = json!({ "auth_id": "member-1", "name": "Ada Lovelace", "email": "ada@example.com" });
    next(&sandbox, "haptik", &Fault::Nulls);
    let (_, haptik) = Call::create(&sandbox, "haptik", 1).with_body(details).send().await;
    assert_eq!(haptik, json!({ "auth_id": "member-1", "mobile_no": null, "email": null, "name": null }));
    assert_happened(&sandbox, &Fault::Nulls);
    assert_eq!(sandbox.haptik().users()[0].name.as_deref(), Some("Ada Lovelace"));

    let streambird = spoilt(&sandbox, "streambird", 1, &Fault::Nulls).await;
    let user_id = sandbox.streambird().users()[0].user_id.clone();
    assert_eq!(streambird["user_id"], json!(user_id));
    for pointer in ["/status", "/email_id", "/user"] {
        assert_eq!(streambird.pointer(pointer), Some(&Value::Null), "{pointer}");
    }

    let digipay = spoilt(&sandbox, "digipay", 1, &Fault::Nulls).await;
    assert_eq!((&digipay["success"], &digipay["data"]["token"]), (&json!(1), &Value::Null));
    assert_eq!(digipay["data"]["user_id"], json!(sandbox.digipay().users()[0].id));
    let digipay = spoilt_read(&sandbox, "digipay", &Fault::Nulls).await;
    assert_eq!(digipay.pointer("/data/users"), Some(&Value::Null));

    let original = spoilt(&sandbox, "original", 1, &Fault::Nulls).await;
    assert_eq!(original["success"], true);
    let original = spoilt_read(&sandbox, "original", &Fault::Nulls).await;
    let uid = &sandbox.original().users()[0].uid;
    assert_eq!(original["data"]["uid"], json!(uid));
    assert_eq!(original["data"]["user_external_id"], Value::Null);
}

#[tokio::test]
async fn credentials_are_refused_in_each_providers_own_shape() {
    for (provider, pointer) in [
        ("haptik", "/error_message"),
        ("original", "/error/detail/message"),
        ("streambird", "/error_message"),
        ("digipay", "/error/0"),
    ] {
        let sandbox = sandbox().await;
        let create = Call::create(&sandbox, provider, 1);
        let wrong = Call { headers: Vec::new(), ..create.clone() };
        let (status, real) = wrong.send().await;
        assert_eq!(status, 401, "{provider}");

        next(&sandbox, provider, &Fault::RefuseCredentials);
        let (status, body) = create.send().await;
        assert_eq!(status, 401, "{provider}");
        assert_happened(&sandbox, &Fault::RefuseCredentials);
        // The same shape as that of a real refusal, whatever the words are.
        let names = |body: &Value| body.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&body), names(&real), "{provider}");
        assert!(body.pointer(pointer).is_some_and(Value::is_string), "{provider}: {body}");
        assert_eq!(users(&sandbox, provider), 0, "{provider}");
        assert!(create.send().await.0 < 300, "{provider}");
    }
}
