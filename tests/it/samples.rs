//! The samples of the documentation: compiled, and run against the sandbox, for every provider that there is.

use std::pin::Pin;

use enroll::{Clients, Config, ConfigError, StatusCode};
use enroll_sandbox::{Fault, Sandbox};
use serde_json::Value;

use crate::support::{once, providers, sandbox, spec};

include!(concat!(env!("OUT_DIR"), "/samples.rs"));

/// What has become of several calls, by their names.
type Results<'a, T> = Pin<Box<dyn Future<Output = Vec<(&'static str, Result<T, Failed>)>> + 'a>>;
type Failed = Box<dyn std::error::Error + Send + Sync>;

/// How the samples of a provider are run.
struct Run {
    provider: &'static str,
    configured: fn(&Clients) -> Result<(), ConfigError>,
    /// Every operation.
    all: for<'a> fn(&'a Clients) -> Results<'a, StatusCode>,
    /// What is to be done next, for every operation that makes an account.
    outcomes: for<'a> fn(&'a Clients) -> Results<'a, &'static str>,
    /// The same for every operation that can make sure that the account is there.
    ensures: for<'a> fn(&'a Clients) -> Results<'a, &'static str>,
}

fn runs() -> Vec<Run> {
    let mut runs: Vec<Run> = include!(concat!(env!("OUT_DIR"), "/runs.rs"));
    runs.sort_by_key(|run| run.provider);
    assert_eq!(runs.iter().map(|run| run.provider).collect::<Vec<_>>(), providers());
    runs
}

impl Run {
    async fn outcomes(&self, clients: &Clients) -> Vec<(&'static str, &'static str)> {
        let results = (self.outcomes)(clients).await.into_iter();
        results.map(|(name, result)| (name, result.unwrap())).collect()
    }

    /// What the spec says of an operation by its name in Rust, and the body of its sample.
    fn replay(&self, name: &str) -> (String, Value, Value) {
        let spec = spec(self.provider);
        let snake_case = |id: &str| -> String {
            let letters =
                id.chars().map(|it| if it.is_ascii_uppercase() { format!("_{it}") } else { it.to_string() });
            letters.collect::<String>().to_lowercase()
        };
        let items = spec["paths"].as_object().unwrap().values().filter_map(Value::as_object);
        let operation = items
            .flat_map(|item| item.values())
            .find(|it| it["operationId"].as_str().is_some_and(|id| snake_case(id) == name))
            .unwrap_or_else(|| panic!("{} has no operation {name}", self.provider));
        let json = &operation["requestBody"]["content"]["application/json"];
        let examples = json["examples"].as_object();
        let example = examples.and_then(|all| all.get("typical").or_else(|| all.values().next()));
        let body = example.map_or(Value::Null, |example| example["value"].clone());
        (operation["operationId"].as_str().unwrap().to_owned(), operation["x-enroll-replay"].clone(), body)
    }
}

const KEEP: &str = "keep its id";
const THERE: &str = "ask who it is: the account was there before this call";
const LOOK: &str = "look before sending it again: the account may be there";

/// A sample may speak of a user that is not there. It may not be refused on this side, nor for its credentials, nor as
/// something that the provider cannot read.
fn assert_reasonable(provider: &str, results: Vec<(&'static str, Result<StatusCode, Failed>)>) {
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
    let mut results = Vec::new();
    for run in runs() {
        results.push((run.provider, (run.all)(&clients).await));
    }
    for (provider, results) in results {
        assert_reasonable(provider, results);
    }
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
    assert_eq!(sandbox.deviations(), [""; 0]);
}

#[tokio::test]
async fn the_samples_of_outcomes_tell_what_has_become_of_the_account() {
    let (_sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    for run in runs() {
        let first = run.outcomes(&clients).await;
        assert!(first.iter().all(|(_, next)| *next == KEEP), "{} {first:?}", run.provider);
        for (name, next) in run.outcomes(&clients).await {
            let (_, replay, body) = run.replay(name);
            let expected = match (run.provider, replay["class"].as_str().unwrap()) {
                // Its sandbox knows phone numbers as unique, and no page says so.
                ("digipay", _) => "show why to the customer",
                (_, "keyed") if has_key(&replay, &body) => THERE,
                _ => KEEP,
            };
            assert_eq!(next, expected, "the second {} {name}", run.provider);
        }
    }
}

#[tokio::test]
async fn the_samples_of_making_sure_can_be_run_again_and_again() {
    let (sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    let mut ensured = 0;
    for run in runs() {
        for (name, next) in (run.ensures)(&clients).await {
            assert_eq!(next.unwrap(), KEEP, "the first {} {name}", run.provider);
        }
        for (name, next) in (run.ensures)(&clients).await {
            let (_, replay, _) = run.replay(name);
            let expected = match replay["class"].as_str().unwrap() {
                "keyed" => "keep its id, and look whose work it is",
                _ => KEEP,
            };
            assert_eq!(next.unwrap(), expected, "the second {} {name}", run.provider);
            ensured += 1;
        }
    }
    assert!(ensured >= 3);
    assert_eq!(sandbox.haptik().users().len(), 1);
    assert_eq!(sandbox.original().users().len(), 1);
    assert_eq!(sandbox.streambird().users().len(), 1);
}

/// Those that have no tests of their own, since a spec is all that there is of them.
#[tokio::test]
async fn a_lost_answer_makes_no_second_account_at_a_provider_without_an_emulation() {
    for run in runs() {
        // Not by way of the judges, to whom a lost answer is a violation.
        let sandbox = Sandbox::start().await.unwrap();
        let clients = sandbox.config().build().unwrap();
        let Some(stub) = sandbox.stubs().find(|stub| stub.name() == run.provider) else { continue };
        let names: Vec<_> = run.outcomes(&clients).await.into_iter().map(|(name, _)| name).collect();
        for name in names {
            sandbox.reset();
            let (id, replay, body) = run.replay(name);
            stub.on(&id).next(Fault::CommitThenDrop);
            let all = run.outcomes(&clients).await;
            let (_, next) = all.iter().find(|(known, _)| *known == name).unwrap();
            let requests = sandbox.requests();
            let sent = requests.iter().filter(|request| request.operation() == Some(&id)).count();
            let expected = match replay["class"].as_str().unwrap() {
                "upsert" | "safe" => (KEEP, 2),
                _ => (LOOK, 1),
            };
            assert_eq!((*next, sent), expected, "{} {name} {replay} {body}", run.provider);
            assert!(stub.users().len() <= all.len(), "{} {name}: {:?}", run.provider, stub.users());
        }
        assert_eq!(sandbox.deviations(), [""; 0], "{}", run.provider);
    }
}

#[tokio::test]
async fn wrong_credentials_are_the_callers_to_mend_and_make_no_account() {
    let (sandbox, _) = sandbox().await;
    let environment = sandbox.environment();
    let variable = |wanted: &str| {
        let (_, value) = environment.iter().find(|(name, _)| *name == wanted)?;
        Some(if wanted.ends_with("_BASE_URL") { value.clone() } else { format!("{value}x") })
    };
    let clients = Config::from_variables(variable).with_http(once()).build().unwrap();
    for run in runs() {
        let spec = spec(run.provider);
        let free = without_credentials(&spec);
        let open = spec["x-enroll-credentials"].as_object().is_none_or(|all| all.is_empty());
        for (name, next) in run.outcomes(&clients).await {
            // A token that is exchanged is refused before anything is sent.
            let is_refused = next.starts_with("page us") || next.starts_with("correct it");
            assert!(
                is_refused || open || free.contains(&name.replace('_', "")),
                "{} {name}: {next}",
                run.provider
            );
        }
        let stub = sandbox.stubs().find(|stub| stub.name() == run.provider);
        assert!(
            open || !free.is_empty() || stub.is_none_or(|stub| stub.users().is_empty()),
            "{}",
            run.provider
        );
    }
    assert!(sandbox.haptik().users().is_empty() && sandbox.original().users().is_empty());
    assert!(sandbox.streambird().users().is_empty() && sandbox.digipay().users().is_empty());
}

/// The operations that carry no credentials, which none that are wrong can keep from making an account. Their names are in
/// lower case.
fn without_credentials(spec: &Value) -> Vec<String> {
    let items = spec["paths"].as_object().into_iter().flat_map(|paths| paths.values());
    let operations = items.filter_map(Value::as_object).flat_map(|item| item.values());
    let free = operations.filter(|operation| operation["security"].as_array().is_some_and(Vec::is_empty));
    free.filter_map(|operation| Some(operation["operationId"].as_str()?.to_lowercase())).collect()
}

#[test]
fn a_provider_that_is_not_configured_says_what_it_needs() {
    let clients = Config::new().build().unwrap();
    for run in runs() {
        let spec = spec(run.provider);
        let Err(error) = (run.configured)(&clients) else {
            let needed = spec["x-enroll-credentials"].as_object().is_some_and(|all| !all.is_empty());
            assert!(!needed, "{} is there without a credential", run.provider);
            continue;
        };
        let message = error.to_string();
        let credentials = spec["x-enroll-credentials"].as_object().into_iter().flat_map(|all| all.values());
        let variables = credentials.chain([&spec["x-enroll-base-url"]]).filter_map(|it| it["env"].as_str());
        let named = variables.filter(|variable| message.contains(*variable)).count();
        assert!(named > 0, "{}: {message}", run.provider);
    }
}

fn has_key(replay: &Value, body: &Value) -> bool {
    let keys = replay["keys"].as_array().into_iter().flatten().filter_map(Value::as_str);
    keys.into_iter().any(|key| body.get(key).is_some_and(|value| !value.is_null()))
}
