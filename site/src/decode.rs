//! `POST /decode`: what the SDK makes of an answer that was pasted.
//!
//! Nothing here reads an answer by itself. The real client calls a sandbox that gives the pasted bytes for an answer, so
//! that the value, the error, the outcome and the number of attempts are what a program would see. That sandbox is one of
//! its own, and forgets everything after each call.

mod advice;
mod calls;
mod compare;

use std::io;

use enroll::{Http, HttpOptions};
use enroll_sandbox::fault::Reply;
use enroll_sandbox::{Fault, Sandbox};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use self::calls::{CALLS, Call, Ran};
use self::compare::Comparison;
use crate::spec::{self, Operation};

/// Decodes what is pasted.
pub(crate) struct Decoder {
    /// One call at a time: the sandbox gives to every request what was pasted last.
    sandbox: Mutex<Sandbox>,
    http: Http,
}

/// What is asked for. What is left out, or null, is guessed.
#[derive(Deserialize)]
struct Pasted {
    provider: Option<String>,
    operation: Option<String>,
    status: Option<u16>,
    content_type: Option<String>,
    body: String,
}

/// An operation and a status that the payload may be an answer of.
#[derive(Clone, Copy)]
struct Candidate {
    call: &'static Call,
    status: u16,
}

/// What became of a candidate.
struct Tried {
    candidate: Candidate,
    ran: Ran,
    comparison: Comparison,
}

impl Decoder {
    pub(crate) async fn start() -> io::Result<Self> {
        // There is nobody whom a wait would spare.
        let options = HttpOptions::default().with_no_proxy().with_sleep(|_| std::future::ready(()));
        let http = Http::new(options).map_err(io::Error::other)?;
        Ok(Self { sandbox: Mutex::new(Sandbox::start().await?), http })
    }

    /// Reads the request, and gives the best reading with those that are as good.
    ///
    /// # Errors
    /// In words for the person who pasted.
    pub(crate) async fn decode(&self, request: &[u8]) -> Result<Value, String> {
        let pasted: Pasted = serde_json::from_slice(request)
            .map_err(|error| format!("the request is not as /decode takes it: {error}"))?;
        let candidates = candidates(&pasted)?;
        let payload = payload(&pasted)?;
        let mut tried = Vec::new();
        for candidate in candidates {
            let ran = self.run(candidate, &pasted).await?;
            let comparison = compare(candidate, &ran, payload.as_ref());
            tried.push(Tried { candidate, ran, comparison });
        }
        // The sort is stable: among equals, the order of the specs.
        tried.sort_by_key(Tried::rank);
        let Some(best) = tried.first() else { return Err("there is no such answer".to_owned()) };
        if named(&pasted.operation).is_none() && best.comparison.known == 0 {
            return Err(
                "this is JSON, and no documented answer has any of its fields; choose the provider and the \
                        operation to see what the SDK does with it"
                    .to_owned(),
            );
        }
        let others = tried[1..].iter().take_while(|it| it.is_as_good_as(best)).map(|it| it.candidate.shown());
        Ok(json!({ "best": best.reading(), "others": others.collect::<Vec<_>>() }))
    }

    /// Has the SDK call the operation, and gives it what was pasted for an answer.
    async fn run(&self, candidate: Candidate, pasted: &Pasted) -> Result<Ran, String> {
        let Candidate { call, status } = candidate;
        let sandbox = self.sandbox.lock().await;
        let media_type = named(&pasted.content_type).unwrap_or("application/json");
        let reply = Reply::status(status).with_header("content-type", media_type).with_body(&pasted.body);
        // New clients for each call: what they share, such as the budget of repeats, would tell of the calls before.
        let clients = sandbox.config().shared_http(self.http.clone()).build();
        let clients = clients.map_err(|error| error.to_string())?;
        let faults = sandbox.faults_of(call.provider, call.operation);
        let faults = faults.ok_or("the sandbox does not know the operation; build the site again")?;
        faults.always(Fault::ReplyBeforeCommit(reply));
        let ran = (call.run)(&clients).await;
        sandbox.reset();
        ran.map_err(|error| format!("the call of {} cannot be made: {error}", call.method))
    }
}

/// A choice that was made; an empty one is none.
fn named(choice: &Option<String>) -> Option<&str> {
    choice.as_deref().filter(|choice| !choice.is_empty())
}

/// The payload as JSON. What is none can still be shown to the SDK, if it is said whose answer it is.
fn payload(pasted: &Pasted) -> Result<Option<Value>, String> {
    let hint = "choose the provider and the operation to see what the SDK does with it";
    match serde_json::from_str(&pasted.body) {
        Ok(payload) => Ok(Some(payload)),
        Err(_) if named(&pasted.operation).is_some() => Ok(None),
        Err(_) if pasted.body.trim().is_empty() => {
            Err("nothing was pasted; paste the body of an answer".to_owned())
        }
        Err(error) => Err(format!("this is not JSON ({error}); {hint}")),
    }
}

/// Every answer that is documented and fits what was chosen.
fn candidates(pasted: &Pasted) -> Result<Vec<Candidate>, String> {
    if pasted.status.is_some_and(|status| !(200..=599).contains(&status)) {
        return Err("the status of an answer is a number from 200 to 599".to_owned());
    }
    let (provider, operation) = (named(&pasted.provider), named(&pasted.operation));
    let of_provider: Vec<_> =
        CALLS.iter().filter(|call| provider.is_none_or(|it| it == call.provider)).collect();
    if let (Some(name), true) = (provider, of_provider.is_empty()) {
        let mut known: Vec<_> = CALLS.iter().map(|call| call.provider).collect();
        known.dedup();
        return Err(format!("there is no provider {name:?}; there are {}", known.join(", ")));
    }
    let is_meant = |call: &&&Call| operation.is_none_or(|it| it == call.operation || it == call.method);
    let meant: Vec<_> = of_provider.iter().filter(is_meant).collect();
    if let (Some(name), true) = (operation, meant.is_empty()) {
        let known: Vec<_> = of_provider.iter().map(|call| call.operation).collect();
        return Err(format!("there is no operation {name:?}; there are {}", known.join(", ")));
    }
    let candidates = meant.into_iter().flat_map(|call| {
        let documented = call.documented().map(|operation| statuses(operation)).unwrap_or_default();
        let statuses = pasted.status.map_or(documented, |status| vec![status]);
        statuses.into_iter().map(|status| Candidate { call, status })
    });
    Ok(candidates.collect())
}

/// A status for each documented answer. One that is documented for many is tried with the most usual of them.
fn statuses(operation: Operation<'_>) -> Vec<u16> {
    let number = |status: &str| match status.strip_suffix("XX") {
        Some(hundred) => hundred.parse().map_or(500, |hundred: u16| hundred * 100),
        None => status.parse().unwrap_or(500),
    };
    let mut statuses: Vec<u16> = operation.answers().map(|(status, _)| number(status)).collect();
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}

fn compare(candidate: Candidate, ran: &Ran, payload: Option<&Value>) -> Comparison {
    let read = ran.typed.as_ref().and_then(|typed| typed.value.as_ref());
    let (Some(payload), Some(read)) = (payload, read) else { return Comparison::default() };
    let answer = candidate.call.documented().and_then(|operation| {
        let content = &operation.answer(candidate.status)?["content"];
        Some((operation.spec, spec::members(content).next()?.1.get("schema")?))
    });
    Comparison::of(payload, read, answer)
}

impl Candidate {
    fn shown(&self) -> Value {
        json!({ "provider": self.call.provider, "operation": self.call.operation, "status": self.status })
    }
}

impl Tried {
    /// How good it is, the best first: by how much of the payload is known, then successes, then new accounts.
    fn rank(&self) -> (bool, u64, bool, bool) {
        let unread = self.ran.typed.is_none();
        (unread, u64::MAX - self.comparison.share(), !self.ran.is_success(), !self.candidate.call.creates)
    }

    fn is_as_good_as(&self, best: &Self) -> bool {
        self.ran.typed.is_some() == best.ran.typed.is_some()
            && self.comparison.share() == best.comparison.share()
    }

    fn reading(&self) -> Value {
        let Self { candidate: Candidate { call, status }, ran, comparison } = self;
        let verdict = match ran.error {
            None => "success",
            Some(_) if ran.unreadable => "unreadable",
            Some(_) => "failure",
        };
        json!({
            "provider": call.provider,
            "operation": call.operation,
            "method": call.method,
            "status": status,
            "verdict": verdict,
            "type": ran.typed.as_ref().map(|typed| &typed.name),
            "value": ran.typed.as_ref().and_then(|typed| typed.value.as_ref()),
            "debug": ran.typed.as_ref().map_or(&ran.debug, |typed| &typed.debug),
            "unknown": comparison.unknown,
            "nulls": comparison.nulls,
            "changed": comparison.changed,
            "error": ran.error,
            "outcome": ran.outcome,
            "delivery": ran.delivery.map(|delivery| format!("{delivery:?}")),
            "attempts": ran.attempts,
            "next": advice::next(call, *status, ran),
        })
    }
}
