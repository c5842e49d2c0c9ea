//! The way of one request, from its arrival to the answer that may have gone wrong.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;

use crate::clock::Clock;
use crate::contract::{OperationContract, Route};
use crate::control;
use crate::cors::Cors;
use crate::digipay::DigiPay;
use crate::fault::{Documented, Fault, Held, Reaction, react};
use crate::haptik::Haptik;
use crate::message::{Answer, Call, Head, WRONG_METHOD};
use crate::mint::Mint;
use crate::original::Original;
use crate::requests::{ReceivedRequest, RequestLog};
use crate::service::{Emulated, Service, sentence};
use crate::streambird::Streambird;
use crate::stub::Stub;

/// Everything behind the server's addresses.
pub(crate) struct Services {
    pub(crate) clock: Arc<Clock>,
    pub(crate) log: RequestLog,
    pub(crate) haptik: Emulated<Haptik>,
    pub(crate) original: Emulated<Original>,
    pub(crate) streambird: Emulated<Streambird>,
    pub(crate) digipay: Emulated<DigiPay>,
    /// The other providers, in alphabetical order.
    pub(crate) stubs: Vec<Emulated<Stub>>,
    /// For what is left to chance, such as delays.
    pub(crate) mint: Mint,
    /// The longest body that a provider is given.
    pub(crate) longest_body: usize,
    /// Whose pages may read the answers.
    pub(crate) cors: Option<Cors>,
}

/// A request that has arrived whole, or too long.
pub(crate) struct Received {
    pub(crate) parts: Parts,
    pub(crate) body: Bytes,
}

impl Services {
    /// Every provider, in the order of their ports.
    pub(crate) fn all(&self) -> impl Iterator<Item = &dyn Service> {
        let own: [&dyn Service; 4] = [&self.haptik, &self.original, &self.streambird, &self.digipay];
        own.into_iter().chain(self.stubs.iter().map(|stub| -> &dyn Service { stub }))
    }

    pub(crate) fn find(&self, name: &str) -> Option<&dyn Service> {
        self.all().find(|service| service.name() == name)
    }

    /// Forgets everything but the credentials.
    pub(crate) fn reset(&self) {
        self.clock.reset();
        self.log.clear();
        self.all().for_each(Service::reset);
    }

    /// Answers a request. `only` is the provider that has the address to itself; otherwise the first segment of a path
    /// names one.
    pub(crate) async fn exchange(&self, only: Option<&'static str>, request: Received) -> Reaction {
        let whole_path = request.parts.uri.path().to_owned();
        let (first, rest) = first_segment(&whole_path);
        if first.starts_with('_') {
            return Reaction::Answer(control::answer(self, request));
        }
        let (name, path) = only.map_or((first, rest), |name| (name, whole_path.as_str()));
        let Some(service) = self.find(name) else {
            let names: Vec<_> = self.all().map(|service| format!("/{}", service.name())).collect();
            let message = format!("no such provider; there are {}", names.join(", "));
            return self.turn_away(None, request, None, Answer::text(StatusCode::NOT_FOUND, message));
        };
        match service.contract().route(request.parts.method.as_str(), path) {
            Route::Unknown => {
                let refused = service.refuse(StatusCode::NOT_FOUND, "the path does not exist");
                self.turn_away(Some(service.name()), request, None, refused)
            }
            Route::WrongMethod { allowed } => {
                let refused = service.refuse(StatusCode::METHOD_NOT_ALLOWED, WRONG_METHOD);
                self.turn_away(Some(service.name()), request, None, refused.with_allowed(&allowed))
            }
            Route::Found { operation, parameters } => {
                self.serve(service, operation, parameters, request).await
            }
        }
    }

    async fn serve(
        &self,
        service: &dyn Service,
        operation: &'static OperationContract,
        parameters: Vec<(&'static str, String)>,
        request: Received,
    ) -> Reaction {
        let id = operation.id();
        if request.body.len() > self.longest_body {
            let message = format!("the body is longer than {} bytes", self.longest_body);
            let refused = service.refuse(StatusCode::PAYLOAD_TOO_LARGE, &message);
            return self.turn_away(Some(service.name()), request, Some(id), refused);
        }
        let fault = service.plan().take(id, service.spares(id));
        let Received { parts, body } = request;
        let head = Arc::new(Head::from(parts));
        self.record(Some(service.name()), Arc::clone(&head), &body, Some(id), fault.as_ref());
        let mut call = Call::new(head, parameters, body);

        for Held { mut call, .. } in service.plan().arrived(id) {
            self.judge_and_act(service, operation, &mut call);
        }
        let answer = match &fault {
            Some(Fault::CommitLate) => {
                service.plan().hold(id, call);
                Answer::empty(StatusCode::OK)
            }
            Some(Fault::RefuseCredentials) => {
                service.refuse(StatusCode::UNAUTHORIZED, "the credentials are wrong or have expired")
            }
            Some(fault) if !fault.commits() => Answer::empty(StatusCode::OK),
            _ => self.judge_and_act(service, operation, &mut call),
        };
        log(Some(service.name()), Some(id), &answer, fault.as_ref());
        let Some(fault) = fault else { return Reaction::Answer(answer) };
        if let Fault::Delay(delay) = fault {
            self.clock.sleep(delay.draw(self.mint.fraction())).await;
        }
        let schema = operation.answer_schema(answer.status().as_u16());
        let documented = schema.map(|schema| Documented { document: service.contract().document(), schema });
        react(&fault, answer, documented)
    }

    /// Answers a request that comes to no operation. No fault happens to it, and none is used up.
    fn turn_away(
        &self,
        provider: Option<&'static str>,
        request: Received,
        operation: Option<&'static str>,
        refused: Answer,
    ) -> Reaction {
        let Received { parts, body } = request;
        self.record(provider, Arc::new(parts.into()), &body, operation, None);
        log(provider, operation, &refused, None);
        Reaction::Answer(refused)
    }

    fn judge_and_act(
        &self,
        service: &dyn Service,
        operation: &'static OperationContract,
        call: &mut Call,
    ) -> Answer {
        let violations = call.judge(operation);
        let answer = service.act(operation.id(), call, &violations);
        let own = operation.check_answer(answer.status().as_u16(), answer.headers(), answer.as_body());
        if !own.is_empty() {
            self.log.note_deviation(format!("{} {}: {}", service.name(), operation.id(), sentence(&own)));
        }
        answer
    }

    fn record(
        &self,
        provider: Option<&'static str>,
        head: Arc<Head>,
        body: &Bytes,
        operation: Option<&'static str>,
        fault: Option<&Fault>,
    ) {
        let body = match body.get(..self.longest_body) {
            // A copy, so that what is too long is not kept as a whole.
            Some(beginning) => Bytes::copy_from_slice(beginning),
            None => body.clone(),
        };
        self.log.record(ReceivedRequest { provider, operation, fault: fault.cloned(), head, body });
    }
}

/// Writes a line for a request: neither the path nor anything else that the client chose, since all of it may be
/// somebody's.
fn log(provider: Option<&str>, operation: Option<&str>, answer: &Answer, fault: Option<&Fault>) {
    tracing::info!(
        provider,
        operation,
        http.response.status_code = answer.status().as_u16(),
        fault = fault.map(Fault::name),
    );
}

/// The first segment of a path, and what follows it.
fn first_segment(path: &str) -> (&str, &str) {
    let Some(relative) = path.strip_prefix('/') else { return ("", path) };
    relative.split_at(relative.find('/').unwrap_or(relative.len()))
}

#[cfg(test)]
mod tests {
    use http::Request;
    use serde_json::{Value, json};

    use super::*;
    use crate::builder::Builder;
    use crate::contract::Violation;
    use crate::service::{Handler, Provider};

    /// A provider that does not answer as its own document says.
    struct Liar;

    impl Provider for Liar {
        const NAME: &'static str = "liar";
        const SPEC: &'static str = r#"{
            "openapi": "3.0.3", "info": { "title": "Liar", "version": "1" },
            "servers": [{ "url": "https://liar.example.com" }], "security": [],
            "paths": { "/user": { "get": { "operationId": "getUser", "responses": { "200": {
                "description": "A user.",
                "content": { "application/json": { "schema": {
                    "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } }
                } } }
            } } } } }
        }"#;
        const HANDLERS: &'static [(&'static str, Handler<Self>)] =
            &[("getUser", |_, _| Ok(Answer::json(StatusCode::OK, json!({ "id": "planted-value".len() }))))];

        fn authorize(&self, _operation: &'static str, _call: &Call) -> Result<(), Answer> {
            Ok(())
        }

        fn refuse(&self, status: StatusCode, message: &str) -> Answer {
            Answer::text(status, message)
        }

        fn reject(&self, _violations: &[Violation]) -> Answer {
            self.refuse(StatusCode::IM_A_TEAPOT, "no")
        }

        fn headers(&self) -> Vec<(&'static str, String)> {
            Vec::new()
        }

        fn environment(&self, _base_url: &str) -> Vec<(&'static str, String)> {
            Vec::new()
        }

        fn state(&self) -> Value {
            Value::Null
        }

        fn reset(&self) {}
    }

    fn received(uri: &str) -> Received {
        let (parts, ()) = Request::get(uri).body(()).unwrap().into_parts();
        Received { parts, body: Bytes::new() }
    }

    #[tokio::test]
    async fn an_answer_that_is_not_documented_is_noted_whatever_the_client_gets() {
        let services = Builder::default().services(&Builder::base_urls("")).unwrap();
        let liar = Emulated::new(Liar, String::new()).unwrap();
        let operation = liar.contract().operations().next().unwrap();
        let serve = async |uri| {
            let reaction = services.serve(&liar, operation, Vec::new(), received(uri)).await;
            let Reaction::Answer(answer) = reaction else { panic!("{reaction:?}") };
            answer.status().as_u16()
        };
        assert_eq!(serve("/user").await, 200);
        assert_eq!(services.log.deviations(), ["liar getUser: body /id: value is not of type \"string\""]);
        // A refusal is an answer too, and this one's status is not declared.
        assert_eq!(serve("/user?unknown=1").await, 418);
        assert_eq!(services.log.deviations()[1], "liar getUser: status: is not declared");
        // What a fault makes of an answer is not the sandbox's mistake, and what it hides still is.
        liar.next(Fault::DropBeforeCommit);
        services.serve(&liar, operation, Vec::new(), received("/user")).await;
        assert_eq!(services.log.deviations().len(), 2);
        liar.next(Fault::CommitThenDrop);
        services.serve(&liar, operation, Vec::new(), received("/user")).await;
        assert_eq!(services.log.deviations().len(), 3);
        services.reset();
        assert_eq!(services.log.deviations(), [""; 0]);
    }
}
