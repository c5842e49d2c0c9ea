//! The contracts of the four specs, by the specs' own examples and by requests that each break one rule.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod requests;
mod schemas;

use http::HeaderMap;

use super::{Contract, Request, Route, Violation, examples};
use crate::SPECS;

fn contract(provider: &str) -> Contract {
    let (_, spec) = SPECS.iter().find(|(name, _)| *name == provider).unwrap();
    Contract::read(spec).unwrap()
}

/// What is wrong with a request; an operation must be found for it.
fn check(
    contract: &Contract,
    method: &str,
    target: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Vec<Violation> {
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    match contract.route(method, path) {
        Route::Found { operation, parameters } => {
            operation.check(&Request { headers, query, path: &parameters, body })
        }
        _ => panic!("{method} {target} leads nowhere"),
    }
}

#[test]
fn every_operation_of_the_specs_is_read() {
    let ids = |provider: &str| -> Vec<_> {
        let contract = contract(provider);
        let mut ids: Vec<_> = contract.operations().map(|operation| operation.id().to_owned()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids("haptik"), ["createUser", "updateUser", "updateUserLanguage"]);
    assert_eq!(ids("original"), ["createUser", "findUser", "getUser"]);
    assert_eq!(ids("streambird").len(), 10);
    assert_eq!(ids("digipay").len(), 8);
}

#[test]
fn every_documented_request_and_answer_is_as_documented() {
    let mut all = 0;
    for (provider, spec) in SPECS {
        let contract = contract(provider);
        let (mut requests, mut answers) = (0, 0);
        for example in examples::of(spec).unwrap() {
            let place = format!("{provider} {} {:?} {}", example.operation, example.status, example.name);
            let violations = match &example.status {
                None => {
                    requests += 1;
                    check(&contract, &example.method, &example.target, &example.headers, &example.body)
                }
                Some(status) => {
                    answers += 1;
                    let operation = contract.operations().find(|it| it.id() == example.operation).unwrap();
                    // A status that is in the range, or none that is documented.
                    let status = status.replace("XX", "21").parse().unwrap_or(418);
                    operation.check_answer(status, &example.headers, &*example.body)
                }
            };
            assert_eq!(violations, [], "{place}");
        }
        assert!(requests >= 1 && answers >= 1, "{provider}: {requests} requests, {answers} answers");
        all += requests + answers;
    }
    assert!(all > 100, "only {all} examples were found");
}
