//! Ten thousand calls at once at each provider: nobody is lost, nobody is there twice, and what is kept stays bounded.

use std::collections::BTreeSet;
use std::sync::Arc;

use enroll_sandbox::Sandbox;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::client;

/// So many people, and each is created twice at the same time.
const PEOPLE: usize = 5_000;

/// All calls are made at once, and so many of them are on the wire at a time: a process may not have a file open for
/// each of ten thousand.
const ON_THE_WIRE: usize = 128;

/// Makes the calls of everybody, in an order in which the two of one person meet. Returns how many had this status.
async fn create(call: impl Fn(String) -> RequestBuilder, is_created: fn(u16, &Value) -> bool) -> usize {
    let places = Arc::new(Semaphore::new(ON_THE_WIRE));
    let mut calls = JoinSet::new();
    for person in (0..PEOPLE).flat_map(|person| [person, person]) {
        let (call, places) = (call(name(person)), Arc::clone(&places));
        calls.spawn(async move {
            let _place = places.acquire_owned().await.unwrap();
            let answer = call.send().await.unwrap();
            let status = answer.status().as_u16();
            let body = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
            is_created(status, &body)
        });
    }
    calls.join_all().await.into_iter().filter(|is_created| *is_created).count()
}

fn name(person: usize) -> String {
    format!("{person:05}")
}

/// Asserts that everybody is there once.
fn assert_everybody(users: impl IntoIterator<Item = String>) {
    let users: Vec<_> = users.into_iter().collect();
    let expected: BTreeSet<_> = (0..PEOPLE).map(name).collect();
    assert_eq!(users.len(), PEOPLE, "nobody twice");
    assert!(users.into_iter().collect::<BTreeSet<_>>() == expected, "nobody lost");
}

/// The five digits in which people differ.
fn digits(key: &str) -> String {
    key.chars().filter(char::is_ascii_digit).rev().take(5).collect::<Vec<_>>().into_iter().rev().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_lost_and_nobody_is_there_twice() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client();
    let post = |base_url: &str, path: &str, headers: &[(&str, &str)], body: Value| {
        let call = client.post(format!("{base_url}{path}")).json(&body);
        headers.iter().fold(call, |call, (name, value)| call.header(*name, *value))
    };

    let haptik = sandbox.haptik();
    let bearer = format!("Bearer {}", haptik.token());
    let headers = [("authorization", bearer.as_str()), ("client-id", haptik.client_id())];
    let call = |name| post(haptik.base_url(), "/v1.0/user/", &headers, json!({ "auth_id": name }));
    assert_eq!(create(call, |status, _| status == 200).await, 2 * PEOPLE, "the second updates the first");
    assert_everybody(haptik.users().into_iter().map(|user| user.auth_id));

    let original = sandbox.original();
    let bearer = format!("Bearer {}", original.token());
    let headers = [("authorization", bearer.as_str()), ("x-api-key", original.api_key())];
    let call = |name| post(original.base_url(), "/user", &headers, json!({ "user_external_id": name }));
    assert_eq!(create(call, |status, _| status == 201).await, PEOPLE);
    assert_everybody(original.users().into_iter().filter_map(|user| user.user_external_id));

    let streambird = sandbox.streambird();
    let bearer = format!("Bearer {}", streambird.api_key());
    let headers = [("authorization", bearer.as_str())];
    let call = |name| {
        let body =
            json!({ "email": format!("ada{name}@example.com"), "phone_number": format!("+14155{name}") });
        post(streambird.base_url(), "/v1/auth/users/create", &headers, body)
    };
    assert_eq!(create(call, |status, _| status == 200).await, PEOPLE);
    assert_everybody(streambird.users().iter().map(|user| digits(&user.phone_numbers[0].value)));

    let digipay = sandbox.digipay();
    let token = format!("Token {}", digipay.token());
    let headers = [("authorization", token.as_str()), ("companyid", digipay.company_id())];
    let call = |name| {
        let body = json!({ "dial_code": "+1", "phone_number": format!("41555{name}") });
        post(digipay.base_url(), "/digipay/v3/auth/user_register", &headers, body)
    };
    assert_eq!(create(call, |status, body| status == 200 && body["success"] == 1).await, PEOPLE);
    let phones = digipay.users().into_iter().filter_map(|user| user.details.phone_number);
    assert_everybody(phones.map(|phone| digits(&phone)));

    assert_eq!(sandbox.requests().len(), 1_000, "of all those calls");
    assert_eq!(sandbox.deviations(), [""; 0]);
}
