//! A sandbox with a seed repeats itself, and one with another seed does not.

use std::time::Duration;

use enroll_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::raw::Raw;
use crate::{Call, PROVIDERS, client};

/// Everything that a sandbox with this seed says: its credentials, and the body of its answer to every kind of request.
async fn said(seed: u64, looked_at: bool) -> Vec<String> {
    let sandbox = Sandbox::builder().seed(seed).wallet_after(Duration::ZERO).start().await.unwrap();
    let mut said = vec![sandbox.digipay().token()];
    for (name, value) in sandbox.environment() {
        if !name.ends_with("_BASE_URL") {
            said.push(format!("{name}={value}"));
        }
    }
    let mut calls = Vec::new();
    for number in 1..=3 {
        if looked_at {
            // Whoever looks changes nothing.
            for path in ["/_control/state", "/_control/requests", "/_health"] {
                client().get(format!("{}{path}", sandbox.base_url())).send().await.unwrap();
            }
        }
        calls.extend(PROVIDERS.map(|provider| Call::create(&sandbox, provider, number)));
    }
    let search = Call::create(&sandbox, "streambird", 0).with_body(json!({}));
    let wallet = "/digipay/v3/transaction/user_wallet";
    calls.extend([
        Call::get(&sandbox, "original", "/user?user_external_id=member-2"),
        Call { url: search.url.replace("/create", "/search"), ..search },
        Call::get(&sandbox, "digipay", "/digipay/v3/user/user_detail"),
        Call::get(&sandbox, "digipay", wallet),
    ]);
    for call in calls {
        sandbox.advance(Duration::from_secs(60));
        let (head, body) = Raw::send(&sandbox, call.bytes()).await.answer().await;
        assert!(head.starts_with("HTTP/1.1 20"), "{head}{body}");
        said.push(body);
    }
    said
}

#[tokio::test]
async fn one_seed_gives_the_same_bytes_whoever_looks() {
    assert_eq!(said(7, false).await, said(7, true).await);
}

#[tokio::test]
async fn two_seeds_have_nothing_in_common_but_the_dates() {
    let (one, other) = (said(7, false).await, said(8, false).await);
    for (one, other) in one.iter().zip(&other) {
        // Haptik makes up nothing: its users have the caller's own identifiers.
        assert_eq!(one == other, one.contains("\"auth_id\""), "{one}\n{other}");
    }
    let dates = |said: &[String]| {
        let found: Value = serde_json::from_str(&said[said.len() - 4]).unwrap();
        found["data"]["created_at"].as_str().unwrap().to_owned()
    };
    assert_eq!(dates(&one), dates(&other));
    assert!(dates(&one).starts_with("2026-01-01T00:0"), "{}", dates(&one));
}

#[tokio::test]
async fn without_a_seed_no_two_sandboxes_are_alike() {
    let [one, other] = [Sandbox::start().await.unwrap(), Sandbox::start().await.unwrap()];
    let create = async |sandbox: &Sandbox| Call::create(sandbox, "original", 1).send().await.1;
    assert_ne!(create(&one).await["data"]["uid"], create(&other).await["data"]["uid"]);
}
