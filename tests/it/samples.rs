//! The samples of the documentation: compiled, and run against the sandbox.

use crate::support::sandbox;

include!(concat!(env!("OUT_DIR"), "/samples.rs"));

/// A sample may speak of a user that is not there. It may not be refused on this side, nor for its credentials, nor as
/// something that the provider cannot read.
fn assert_reasonable<E: std::fmt::Display>(
    provider: &str,
    results: Vec<(&'static str, Result<enroll::StatusCode, E>)>,
) {
    assert!(!results.is_empty(), "{provider} has no samples");
    for (name, result) in results {
        if let Err(error) = result {
            let message = error.to_string();
            assert!(message.contains("HTTP 404"), "the sample of {provider} {name} fails: {message}");
        }
    }
}

#[tokio::test]
async fn every_sample_runs() {
    let (_sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    // All are run before any is looked at, so that `cargo xtask peers` sees every operation also when some fail.
    let digipay = digipay::all(clients.digipay().unwrap()).await;
    let haptik = haptik::all(clients.haptik().unwrap()).await;
    let original = original::all(clients.original().unwrap()).await;
    let streambird = streambird::all(clients.streambird().unwrap()).await;
    assert_reasonable("digipay", digipay);
    assert_reasonable("haptik", haptik);
    assert_reasonable("original", original);
    assert_reasonable("streambird", streambird);
}

#[tokio::test]
async fn the_samples_create_a_user_each() {
    let (sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    digipay::user_register(clients.digipay().unwrap()).await.unwrap();
    haptik::create_user(clients.haptik().unwrap()).await.unwrap();
    original::create_user(clients.original().unwrap()).await.unwrap();
    streambird::create_user(clients.streambird().unwrap()).await.unwrap();
    assert_eq!(sandbox.digipay().users().len(), 1);
    assert_eq!(sandbox.haptik().users().len(), 1);
    assert_eq!(sandbox.original().users().len(), 1);
    assert_eq!(sandbox.streambird().users().len(), 1);
}

#[tokio::test]
async fn the_samples_of_outcomes_tell_what_has_become_of_the_account() {
    let (_sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    let clients = &clients;
    let next = |results: Vec<(&'static str, Result<&'static str, _>)>| -> Vec<_> {
        let unwrap = |result: Result<&'static str, Box<dyn std::error::Error + Send + Sync>>| result.unwrap();
        results.into_iter().map(|(name, result)| (name, unwrap(result))).collect()
    };
    let all = || async {
        [
            next(digipay::outcomes(clients.digipay().unwrap()).await),
            next(haptik::outcomes(clients.haptik().unwrap()).await),
            next(original::outcomes(clients.original().unwrap()).await),
            next(streambird::outcomes(clients.streambird().unwrap()).await),
        ]
        .concat()
    };
    let operations = ["user_register", "create_user", "create_user", "create_user"];
    assert_eq!(all().await, operations.map(|name| (name, "keep its id")));
    let there = "ask who it is: the account was there before this call";
    let second = ["show why to the customer", "keep its id", there, there];
    let second: Vec<_> = operations.into_iter().zip(second).collect();
    assert_eq!(all().await, second, "DigiPay documents no such answer, and Haptik updates");
}
