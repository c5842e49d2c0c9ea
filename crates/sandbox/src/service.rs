//! A provider as the server sees it: a spec, a table of handlers, faults, and what can be asked and told about it.

use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::{LazyLock, Mutex, PoisonError};

use http::StatusCode;
use serde_json::Value;

use crate::contract::{Contract, Kind, OperationContract, Violation};
use crate::fault::{Fault, Faults, Plan};
use crate::message::{Answer, Call};

/// What is special about a provider. Its spec says everything else.
pub(crate) trait Provider: Send + Sync + Sized + 'static {
    /// The first segment of every path, and the provider's name everywhere else in this repository.
    const NAME: &'static str;

    /// The OpenAPI document that requests are judged by.
    const SPEC: &'static str;

    /// What answers each operation of the spec, by its `operationId`.
    const HANDLERS: &'static [(&'static str, Handler<Self>)];

    /// The operation that hands out credentials, if there is one. Faults of the whole provider spare it, because a test
    /// that spoils "the next request" does not mean one that it never wrote.
    const CREDENTIALS: Option<&'static str> = None;

    /// Refuses a call whose credentials the provider would not accept.
    fn authorize(&self, operation: &'static str, call: &Call) -> Result<(), Answer>;

    /// Says no in the provider's own shape.
    fn refuse(&self, status: StatusCode, message: &str) -> Answer;

    /// Refuses a call for what the spec says against it. There is at least one violation.
    fn reject(&self, violations: &[Violation]) -> Answer {
        self.refuse(StatusCode::BAD_REQUEST, &sentence(violations))
    }

    /// Fields of a head that are good for every operation of the provider, for a client that has no SDK.
    fn headers(&self) -> Vec<(&'static str, String)>;

    /// What an SDK has to be told, as environment variables.
    fn environment(&self, base_url: &str) -> Vec<(&'static str, String)>;

    /// Everything that the provider keeps, without its secrets.
    fn state(&self) -> Value;

    /// Forgets everything but the credentials.
    fn reset(&self);
}

/// Answers one operation, for a call that the spec has nothing against.
pub(crate) type Handler<P> = fn(&P, &Call) -> Result<Answer, Answer>;

/// A running provider: what it keeps, and the faults that are to happen at it.
pub struct Emulated<P> {
    pub(crate) provider: P,
    pub(crate) base_url: String,
    pub(crate) plan: Plan,
    pub(crate) contract: &'static Contract,
}

impl<P> Emulated<P> {
    /// What to configure as the base URL; it has no slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The next request goes wrong that nothing else is to happen to.
    ///
    /// Where a provider hands out tokens at an address of its own, such requests are not counted, and faults do not
    /// happen to them unless they are asked for with [`on`](Self::on).
    pub fn next(&self, fault: Fault) -> Faults<'_> {
        let faults = self.faults(None);
        faults.next(fault);
        faults
    }

    /// The request with this number from now on goes wrong; the next one is number 1.
    pub fn nth(&self, number: u32, fault: Fault) -> Faults<'_> {
        let faults = self.faults(None);
        faults.nth(number, fault);
        faults
    }

    /// Every request goes wrong that no other fault is meant for.
    pub fn always(&self, fault: Fault) -> Faults<'_> {
        let faults = self.faults(None);
        faults.always(fault);
        faults
    }

    /// The faults of one operation, by its `operationId`. They come before those of the whole provider.
    ///
    /// # Panics
    ///
    /// If the provider has no such operation: a test that misspells one would otherwise prove nothing.
    #[track_caller]
    pub fn on(&self, operation: &str) -> Faults<'_> {
        let known = self.contract.operations().find(|it| it.id() == operation);
        match known {
            Some(known) => self.faults(Some(known.id())),
            None => {
                let known: Vec<_> = self.contract.operations().map(OperationContract::id).collect();
                panic!("there is no operation {operation}; there are {}", known.join(", "))
            }
        }
    }

    /// Takes back every fault that is still to happen.
    pub fn clear_faults(&self) {
        self.plan.clear();
    }

    fn faults(&self, operation: Option<&'static str>) -> Faults<'_> {
        Faults { plan: &self.plan, operation }
    }
}

impl<P> Deref for Emulated<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.provider
    }
}

impl<P> fmt::Debug for Emulated<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulated").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

#[expect(private_bounds, reason = "the trait is how the sandbox is written, and of no use to who uses it")]
impl<P: Provider> Emulated<P> {
    /// # Errors
    ///
    /// When the spec cannot be understood, or does not fit the handlers.
    pub(crate) fn new(provider: P, base_url: String) -> Result<Self, String> {
        let contract = contract(P::NAME, P::SPEC)?;
        for operation in contract.operations() {
            if handler::<P>(operation.id()).is_none() {
                return Err(format!("specs/{}.yaml: nothing here answers {}", P::NAME, operation.id()));
            }
        }
        Ok(Self { provider, base_url, plan: Plan::default(), contract })
    }
}

/// A provider of any kind.
pub(crate) trait Service: Send + Sync {
    fn name(&self) -> &'static str;
    fn base_url(&self) -> &str;
    fn contract(&self) -> &'static Contract;
    fn plan(&self) -> &Plan;

    /// Whether faults of the whole provider spare this operation.
    fn spares(&self, operation: &str) -> bool;

    /// Acts upon a call, and answers. The spec's violations are found by the caller, and judged after the credentials,
    /// as a provider's gateway does.
    fn act(&self, operation: &'static str, call: &Call, violations: &[Violation]) -> Answer;

    fn refuse(&self, status: StatusCode, message: &str) -> Answer;
    fn headers(&self) -> Vec<(&'static str, String)>;
    fn environment(&self) -> Vec<(&'static str, String)>;
    fn state(&self) -> Value;
    fn reset(&self);
}

impl<P: Provider> Service for Emulated<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn base_url(&self) -> &str {
        &self.base_url
    }

    fn contract(&self) -> &'static Contract {
        self.contract
    }

    fn plan(&self) -> &Plan {
        &self.plan
    }

    fn spares(&self, operation: &str) -> bool {
        P::CREDENTIALS == Some(operation)
    }

    fn act(&self, operation: &'static str, call: &Call, violations: &[Violation]) -> Answer {
        let answered = self.provider.authorize(operation, call).and_then(|()| {
            if let Some(violation) = violations.iter().find(|it| it.kind == Kind::MediaType) {
                let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
                return Err(self.provider.refuse(status, &violation.to_string()));
            }
            if !violations.is_empty() {
                return Err(self.provider.reject(violations));
            }
            match handler::<P>(operation) {
                Some(handle) => handle(&self.provider, call),
                None => Err(self.provider.refuse(StatusCode::NOT_FOUND, "the operation does not exist")),
            }
        });
        answered.unwrap_or_else(|refused| refused)
    }

    fn refuse(&self, status: StatusCode, message: &str) -> Answer {
        self.provider.refuse(status, message)
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        self.provider.headers()
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        self.provider.environment(&self.base_url)
    }

    fn state(&self) -> Value {
        self.provider.state()
    }

    fn reset(&self) {
        self.plan.clear();
        self.provider.reset();
    }
}

fn handler<P: Provider>(operation: &str) -> Option<Handler<P>> {
    P::HANDLERS.iter().find(|(id, _)| *id == operation).map(|(_, handle)| *handle)
}

/// The violations in one sentence.
pub(crate) fn sentence(violations: &[Violation]) -> String {
    violations.iter().map(Violation::to_string).collect::<Vec<_>>().join("; ")
}

/// A spec as it is read once for all sandboxes of a process: they are many in a test suite, and specs are few and do
/// not change, so that they may stay for as long as the process does.
pub(crate) fn contract(name: &'static str, spec: &str) -> Result<&'static Contract, String> {
    static READ: LazyLock<Mutex<HashMap<&'static str, &'static Contract>>> = LazyLock::new(Mutex::default);
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(contract) = read.get(name) {
        return Ok(contract);
    }
    let contract = Contract::read(spec).map_err(|error| format!("{name}.yaml: {error}"))?;
    let contract: &'static Contract = Box::leak(Box::new(contract));
    read.insert(name, contract);
    Ok(contract)
}
