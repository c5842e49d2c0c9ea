//! Pages of an origin that the sandbox was told of may read its answers, and no others.

use enroll_sandbox::Sandbox;
use enroll_sandbox::fault::Reply;
use reqwest::{Method, Response};

use crate::{Call, Fault, PROVIDERS, client, next, sandbox, users};

const SITE: &str = "http://127.0.0.1:4000";
const STRANGER: &str = "http://127.0.0.1:4001";

async fn open_sandbox() -> Sandbox {
    Sandbox::builder().allow_origin(SITE).start().await.unwrap()
}

/// The browser's question before a request that it would not send by itself.
async fn preflight(url: &str, origin: &str) -> Response {
    client()
        .request(Method::OPTIONS, url)
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
        .send()
        .await
        .unwrap()
}

#[track_caller]
fn field<'a>(answer: &'a Response, name: &str) -> Option<&'a str> {
    answer.headers().get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_preflight_is_answered_for_every_provider_and_is_no_request_of_theirs() {
    let sandbox = open_sandbox().await;
    for provider in PROVIDERS {
        let call = Call::create(&sandbox, provider, 1);
        next(&sandbox, provider, &Fault::CommitThenDrop);
        let answer = preflight(&call.url, SITE).await;
        assert_eq!(answer.status(), 204, "{provider}");
        assert_eq!(field(&answer, "access-control-allow-origin"), Some(SITE));
        assert_eq!(field(&answer, "access-control-allow-methods"), Some("POST"));
        assert_eq!(field(&answer, "access-control-allow-headers"), Some("authorization,content-type"));
        assert_eq!(field(&answer, "vary"), Some("Origin"));
    }
    assert!(sandbox.requests().is_empty());
    // The faults wait for the requests themselves.
    for provider in PROVIDERS {
        Call::create(&sandbox, provider, 1).request().send().await.unwrap_err();
        assert_eq!(users(&sandbox, provider), 1);
    }
}

#[tokio::test]
async fn every_answer_can_be_read_whole_by_the_page_that_asked() {
    let sandbox = open_sandbox().await;
    for provider in PROVIDERS {
        let call = Call::create(&sandbox, provider, 1);
        let stranger = Call { headers: Vec::new(), ..call.clone() };
        let nowhere = Call { url: format!("{}/nowhere", sandbox.base_url()), ..call.clone() };
        let empty = Call { url: format!("{}/{provider}/nowhere", sandbox.base_url()), ..call.clone() };
        let mut answers = Vec::new();
        for call in [&call, &stranger, &nowhere, &empty] {
            answers.push(call.request().header("origin", SITE).send().await.unwrap());
        }
        let reply = Reply::throttled(Some("7")).with_header("access-control-allow-origin", STRANGER);
        for fault in [Fault::ReplyBeforeCommit(reply), Fault::RefuseCredentials, Fault::TruncateJson] {
            next(&sandbox, provider, &fault);
            answers.push(call.request().header("origin", SITE).send().await.unwrap());
        }
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status().as_u16()).collect();
        assert!([200, 201].contains(&statuses[0]), "{provider} {statuses:?}");
        assert_eq!(statuses[1..6], [401, 404, 404, 429, 401], "{provider}");
        for answer in &answers {
            assert_eq!(field(answer, "access-control-allow-origin"), Some(SITE), "{provider} {answer:?}");
            assert_eq!(field(answer, "vary"), Some("Origin"));
        }
        assert_eq!(field(&answers[0], "access-control-expose-headers"), Some("content-type"));
        let exposed = field(&answers[4], "access-control-expose-headers").unwrap();
        assert!(exposed.contains("retry-after"), "{exposed}");
    }
}

#[tokio::test]
async fn another_origin_gets_an_answer_that_its_page_may_not_read() {
    let sandbox = open_sandbox().await;
    let call = Call::create(&sandbox, "haptik", 1);
    let asked = preflight(&call.url, STRANGER).await;
    let answered = call.request().header("origin", STRANGER).send().await.unwrap();
    let without = call.request().send().await.unwrap();
    for answer in [&asked, &answered, &without] {
        assert!(answer.status().is_success());
        assert_eq!(field(answer, "vary"), Some("Origin"));
        let open = answer.headers().keys().filter(|name| name.as_str().starts_with("access-control-"));
        assert_eq!(open.count(), 0, "{answer:?}");
    }
}

#[tokio::test]
async fn without_a_word_nothing_is_open() {
    let sandbox = sandbox().await;
    let call = Call::create(&sandbox, "haptik", 1);
    assert_eq!(preflight(&call.url, SITE).await.status(), 405);
    assert_eq!(sandbox.requests().len(), 1);
    let answer = call.request().header("origin", SITE).send().await.unwrap();
    assert_eq!((field(&answer, "vary"), field(&answer, "access-control-allow-origin")), (None, None));
}

#[tokio::test]
async fn an_origin_that_is_none_keeps_the_sandbox_from_starting() {
    let error = Sandbox::builder().allow_origin("*").start().await.unwrap_err().to_string();
    assert_eq!(error, "\"*\" is no origin; give a scheme, a host and a port, as in http://127.0.0.1:4000");
}

#[tokio::test]
async fn the_fields_that_are_good_for_every_operation_are_told_by_provider() {
    let sandbox = sandbox().await;
    let all = sandbox.headers();
    for provider in PROVIDERS {
        let (_, headers) = all.iter().find(|(name, _)| *name == provider).unwrap();
        let call = Call { headers: headers.clone(), ..Call::create(&sandbox, provider, 1) };
        assert!(call.request().send().await.unwrap().status().is_success(), "{provider}");
    }
    assert_eq!(all.len(), sandbox.base_urls().len());
}
