//! `GET /live.json`: for every operation a request that succeeds now, with credentials that the sandbox takes.
//!
//! What a request has comes from the spec alone: the operation's own examples, and the links that lead to it. A link's
//! source is really called, so that the user or the wallet is there by the time a button is pressed.

mod credentials;
mod expression;
mod person;
mod request;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use enroll_sandbox::Sandbox;
use serde_json::{Map, Value, json};

use self::credentials::Credentials;
use self::expression::Exchange;
use self::request::{Client, Prepared};
use crate::spec::{Operation, SPECS, Spec, members};

/// How long a chain of links may be: a user, its wallets, one of them.
const LONGEST_CHAIN: usize = 6;

/// Makes the requests.
pub(crate) struct Live {
    sandbox: Arc<Sandbox>,
    client: Client,
    /// How many persons were made up so far.
    persons: AtomicU32,
}

/// A provider in the sandbox.
struct Provider<'a> {
    spec: &'a Spec,
    base_url: &'a str,
    credentials: Credentials,
}

impl Live {
    pub(crate) fn new(sandbox: Arc<Sandbox>) -> Result<Self, String> {
        Ok(Self { sandbox, client: Client::new()?, persons: AtomicU32::new(0) })
    }

    /// All providers with all their operations.
    pub(crate) async fn requests(&self) -> Value {
        let mut providers = Map::new();
        for (name, base_url) in self.sandbox.base_urls() {
            let Some(spec) = SPECS.iter().find(|spec| spec.name == name) else { continue };
            let provider = Provider { spec, base_url, credentials: Credentials::of(spec, &self.sandbox) };
            let shown = json!({
                "base_url": base_url,
                "authentication": provider.credentials.for_scalar(spec),
                "requests": self.requests_of(&provider).await,
            });
            providers.insert(name.to_owned(), shown);
        }
        json!({ "providers": providers })
    }

    async fn requests_of(&self, provider: &Provider<'_>) -> Map<String, Value> {
        self.introduce(provider).await;
        let mut requests = Map::new();
        for operation in provider.spec.operations() {
            let prepared = self.prepare(provider, operation, &[]).await;
            requests.insert(operation.id().to_owned(), prepared.shown());
        }
        requests
    }

    /// Makes the person of the examples, whom other examples look for. Whether it was there before does not matter.
    async fn introduce(&self, provider: &Provider<'_>) {
        for operation in provider.spec.operations().filter(Operation::creates) {
            let _ = self.send(provider, operation, &Prepared::by_example(operation)).await;
        }
    }

    /// The request of an operation, after everything it needs was made. `chain` has the operations that it is made for.
    fn prepare<'a>(
        &'a self,
        provider: &'a Provider<'a>,
        operation: Operation<'a>,
        chain: &'a [&'a str],
    ) -> Pin<Box<dyn Future<Output = Prepared> + Send + 'a>> {
        Box::pin(async move {
            let mut prepared = Prepared::by_example(operation);
            if operation.creates() {
                person::make_new(
                    operation,
                    &mut prepared.body,
                    self.persons.fetch_add(1, Ordering::Relaxed) + 1,
                );
                return prepared;
            }
            let chain = [chain, &[operation.id()]].concat();
            for (source, status, link) in links_to(provider.spec, operation.id()) {
                if chain.len() >= LONGEST_CHAIN || chain.contains(&source.id()) {
                    continue;
                }
                let asked = self.prepare(provider, source, &chain).await;
                let Some(exchange) = self.send(provider, source, &asked).await else { continue };
                if exchange.has_status(status) && prepared.follow(link, &exchange) {
                    break;
                }
            }
            prepared
        })
    }

    async fn send(
        &self,
        provider: &Provider<'_>,
        operation: Operation<'_>,
        request: &Prepared,
    ) -> Option<Exchange> {
        let headers = provider.credentials.headers(operation);
        self.client.send(provider.base_url, operation, &headers, request).await
    }
}

/// The links that lead to an operation, with the operation whose answer of this status has them. Those of operations
/// that make an account come first: what is new is free to be changed and deleted.
fn links_to<'a>(spec: &'a Spec, id: &str) -> Vec<(Operation<'a>, &'a str, &'a Value)> {
    let mut found = Vec::new();
    for source in spec.operations() {
        for (status, answer) in source.answers() {
            let links = members(&answer["links"]).map(|(_, link)| spec.resolve(link));
            found.extend(links.filter(|link| link["operationId"] == id).map(|link| (source, status, link)));
        }
    }
    found.sort_by_key(|(source, _, _)| !source.creates());
    found
}
