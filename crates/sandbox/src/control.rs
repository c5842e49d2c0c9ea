//! The sandbox's own interface over HTTP, for tests in any language: `openapi.yaml` documents it.

use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::contract::{Kind, Route};
use crate::exchange::{Received, Services};
use crate::fault::{Fault, When};
use crate::message::{Answer, Call, WRONG_METHOD, text};
use crate::requests::ReceivedRequest;
use crate::service::{Service, contract, sentence};

const DOCUMENT: &str = include_str!("../openapi.yaml");

/// Answers a request whose path begins with an underscore, which is no provider's name.
pub(crate) fn answer(services: &Services, request: Received) -> Answer {
    let Received { parts, body } = request;
    if body.len() > services.longest_body {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long");
    }
    let contract = match contract("_control", DOCUMENT) {
        Ok(contract) => contract,
        Err(error) => return refuse(StatusCode::INTERNAL_SERVER_ERROR, &error),
    };
    match contract.route(parts.method.as_str(), parts.uri.path()) {
        Route::Unknown => refuse(StatusCode::NOT_FOUND, "no such path; /_control/openapi.yaml has them all"),
        Route::WrongMethod { allowed } => {
            refuse(StatusCode::METHOD_NOT_ALLOWED, WRONG_METHOD).with_allowed(&allowed)
        }
        Route::Found { operation, parameters } => {
            let mut call = Call::new(Arc::new(parts.into()), parameters, body);
            let violations = call.judge(operation);
            if violations.is_empty() {
                return handle(services, operation.id(), &call).unwrap_or_else(|refused| refused);
            }
            let is_media_type = violations.iter().any(|violation| violation.kind == Kind::MediaType);
            if is_media_type {
                return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, &sentence(&violations));
            }
            let reason = misread_fault(&call).unwrap_or_else(|| sentence(&violations));
            refuse(
                StatusCode::BAD_REQUEST,
                &format!("{reason}; /_control/openapi.yaml says what is asked for"),
            )
        }
    }
}

fn handle(services: &Services, operation: &str, call: &Call) -> Result<Answer, Answer> {
    match operation {
        "getHealth" => Ok(done(health(services))),
        "getDocument" => {
            // As text, which any reader shows as it is.
            let text = HeaderValue::from_static("text/plain; charset=utf-8");
            Ok(Answer::empty(StatusCode::OK).with_text(DOCUMENT).with_header(CONTENT_TYPE, text))
        }
        "getState" => Ok(done(state(services))),
        "reset" => {
            services.reset();
            Ok(done(health(services)))
        }
        "listRequests" => Ok(done(requests(services))),
        "clearRequests" => {
            services.log.clear();
            Ok(done(requests(services)))
        }
        "listFaults" => Ok(done(faults(services))),
        "addFault" => add_fault(services, call),
        "clearFaults" => {
            services.all().for_each(|service| service.plan().clear());
            Ok(done(faults(services)))
        }
        "getClock" => Ok(done(clock(services))),
        "advanceClock" => {
            let seconds = call.object().get("seconds").and_then(Value::as_u64).unwrap_or(0);
            services.clock.advance(Duration::from_secs(seconds));
            Ok(done(clock(services)))
        }
        "mintForUser" => found(services.original.mint(call.parameter("uid"))).map(|()| done(state(services))),
        "verifyUser" => {
            found(services.streambird.verify(call.parameter("user_id"))).map(|()| done(state(services)))
        }
        // The document and this list are held together by a test.
        _ => Err(refuse(StatusCode::NOT_FOUND, "the operation is documented, and not there")),
    }
}

fn health(services: &Services) -> Value {
    json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "providers": services.all().map(Service::name).collect::<Vec<_>>(),
    })
}

fn state(services: &Services) -> Value {
    let providers: Map<String, Value> = services
        .all()
        .map(|service| {
            let mut shown = service.state();
            shown["base_url"] = service.base_url().into();
            shown["headers"] = pairs(service.headers());
            shown["environment"] = pairs(service.environment());
            (service.name().to_owned(), shown)
        })
        .collect();
    json!({ "clock": clock(services), "providers": providers, "deviations": services.log.deviations() })
}

fn pairs(pairs: Vec<(&'static str, String)>) -> Value {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect()
}

fn clock(services: &Services) -> Value {
    json!({
        "now": services.clock.now().iso_8601(),
        "ahead_seconds": services.clock.ahead().as_secs(),
    })
}

fn requests(services: &Services) -> Value {
    let credentials: Vec<&str> = services.all().flat_map(Service::headers).map(|(name, _)| name).collect();
    let is_secret = |name: &str| services.all().any(|service| service.contract().is_secret(name));
    let requests = services.log.all();
    let requests: Vec<Value> = requests.iter().map(|it| shown(it, &credentials, &is_secret)).collect();
    json!({ "requests": requests })
}

/// A request for somebody who looks into the sandbox: without credentials, passwords and PINs. Those of all providers
/// are taken out, because a request can also have gone to the wrong one.
fn shown(request: &ReceivedRequest, credentials: &[&str], is_secret: &impl Fn(&str) -> bool) -> Value {
    let is_credential = |name: &str| credentials.iter().any(|it| it.eq_ignore_ascii_case(name));
    let headers: Map<String, Value> = request
        .headers()
        .map(|(name, value)| match is_credential(name) {
            true => (name.to_owned(), "[secret]".into()),
            false => (name.to_owned(), String::from_utf8_lossy(value).into()),
        })
        .collect();
    let mut body = serde_json::from_slice(request.body()).unwrap_or(Value::Null);
    mask(&mut body, is_secret);
    json!({
        "provider": request.provider(),
        "operation": request.operation(),
        "fault": request.fault(),
        "method": request.method(),
        "path": request.path(),
        "headers": headers,
        "body": body,
        "body_length": request.body().len(),
    })
}

fn mask(value: &mut Value, is_secret: &impl Fn(&str) -> bool) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                if is_secret(name) && !value.is_null() {
                    *value = "[secret]".into();
                } else {
                    mask(value, is_secret);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, is_secret)),
        _ => {}
    }
}

fn faults(services: &Services) -> Value {
    let faults = services.all().flat_map(|service| {
        service.plan().scheduled().into_iter().map(|it| {
            json!({
                "provider": service.name(),
                "operation": it.operation,
                "when": it.when,
                "fault": it.fault,
            })
        })
    });
    json!({ "faults": faults.collect::<Vec<_>>() })
}

#[derive(Deserialize)]
struct NewFault {
    #[serde(default = "next")]
    when: When,
    fault: Fault,
}

fn next() -> When {
    When::Next
}

fn add_fault(services: &Services, call: &Call) -> Result<Answer, Answer> {
    let body = call.object();
    let provider = text(&body, "provider").unwrap_or_default();
    let service =
        services.find(&provider).ok_or_else(|| refuse(StatusCode::NOT_FOUND, "there is no such provider"))?;
    let operation = match text(&body, "operation") {
        None => None,
        Some(wanted) => {
            let mut known = service.contract().operations().map(|operation| operation.id());
            let operation = known.find(|known| *known == wanted);
            let unknown = || refuse(StatusCode::NOT_FOUND, "the provider has no such operation");
            Some(operation.ok_or_else(unknown)?)
        }
    };
    let NewFault { when, fault } = serde_json::from_value(Value::Object(body.into_owned()))
        .map_err(|_| refuse(StatusCode::BAD_REQUEST, "the fault is not one that is documented"))?;
    service.plan().schedule(operation, when, fault);
    Ok(Answer::json(StatusCode::CREATED, faults(services)))
}

/// What is wrong with a fault, where that can be told: it has many forms, and a validator only knows that it has none.
fn misread_fault(call: &Call) -> Option<String> {
    let fault = call.object().into_owned().remove("fault")?;
    let error = serde_json::from_value::<Fault>(fault).err()?;
    Some(format!("body /fault: {error}"))
}

fn found(was_found: bool) -> Result<(), Answer> {
    if was_found { Ok(()) } else { Err(refuse(StatusCode::NOT_FOUND, "there is no such user")) }
}

fn done(body: Value) -> Answer {
    Answer::json(StatusCode::OK, body)
}

fn refuse(status: StatusCode, message: &str) -> Answer {
    Answer::json(status, json!({ "error": message }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bytes::Bytes;
    use http::Request;

    use super::*;
    use crate::builder::Builder;
    use crate::contract::Contract;
    use crate::fault::Reaction;

    fn services() -> Services {
        Builder::default().services(&Builder::base_urls("http://127.0.0.1:4010")).unwrap()
    }

    fn document() -> &'static Contract {
        contract("_control", DOCUMENT).unwrap()
    }

    fn request(method: &str, path: &str, headers: Vec<(&'static str, String)>, body: &Value) -> Received {
        let mut request =
            Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        Received { parts, body }
    }

    /// The answer of the control interface, which must be a documented one.
    #[track_caller]
    fn asked(services: &Services, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let answered = answer(services, request(method, path, Vec::new(), body));
        let status = answered.status().as_u16();
        let text = answered.body();
        let operation = match document().route(method, path) {
            Route::Found { operation, .. } => operation,
            _ => document().operations().next().unwrap(),
        };
        assert_eq!(
            operation.check_answer(status, answered.headers(), text.as_bytes()),
            [],
            "{method} {path}: {text}"
        );
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    /// Creates a user at every provider, and sends something to none.
    async fn make_use_of(services: &Services) {
        for (service, path, body) in [
            (&services.haptik as &dyn Service, "/haptik/v1.0/user/", json!({ "auth_id": "a" })),
            (&services.original, "/original/v1/user", json!({ "email": "ada@example.com" })),
            (
                &services.streambird,
                "/streambird/v1/auth/users/create",
                json!({ "email": "ada@example.com", "requires_verification": true }),
            ),
            (&services.digipay, "/digipay/digipay/v3/auth/user_register", json!({ "password": "planted" })),
        ] {
            let reaction = services.exchange(None, request("POST", path, service.headers(), &body)).await;
            let Reaction::Answer(answer) = reaction else { panic!("{reaction:?}") };
            assert!(answer.status().is_success(), "{answer:?}");
        }
        services.exchange(None, request("GET", "/nowhere", Vec::new(), &Value::Null)).await;
    }

    #[tokio::test]
    async fn every_operation_of_the_document_is_there_and_answers_as_documented() {
        let services = services();
        make_use_of(&services).await;
        let (uid, user_id) = {
            let (original, streambird) = (services.original.users(), services.streambird.users());
            (original[0].uid.clone(), streambird[0].user_id.clone())
        };
        let fault = json!({ "provider": "haptik", "fault": { "kind": "nulls" } });
        // Requests of the providers to look at, before and after everything else.
        assert_eq!(asked(&services, "GET", "/_control/requests", &Value::Null).0, 200);
        let mut operations = 0;
        for operation in document().operations() {
            let body = match operation.id() {
                "advanceClock" => json!({ "seconds": 60 }),
                "addFault" => fault.clone(),
                // It would take the users away from the others.
                "reset" => continue,
                _ => Value::Null,
            };
            let path = operation.path().replace("{uid}", &uid).replace("{user_id}", &user_id);
            let (status, answered) = asked(&services, operation.method(), &path, &body);
            assert!(status == 200 || status == 201, "{} {answered}", operation.id());
            operations += 1;
        }
        assert!(operations > 10, "only {operations} operations");
        assert_eq!(asked(&services, "POST", "/_control/reset", &Value::Null).0, 200);
    }

    #[test]
    fn every_refusal_is_as_documented_and_says_why() {
        let services = services();
        for (method, path, body, status, reason) in [
            ("GET", "/_control/nothing", Value::Null, 404, "no such path"),
            ("PUT", "/_control/faults", Value::Null, 405, "the method is not allowed"),
            ("POST", "/_control/clock", json!({ "seconds": -1 }), 400, "body /seconds"),
            ("POST", "/_control/clock", json!("x".repeat(100_000)), 413, "too long"),
            ("POST", "/_control/original/users/x/mint", Value::Null, 404, "there is no such user"),
            (
                "POST",
                "/_control/faults",
                json!({ "provider": "haptik", "fault": { "kind": "explode" } }),
                400,
                "unknown variant `explode`, expected one of `drop_before_commit`",
            ),
            (
                "POST",
                "/_control/faults",
                json!({ "provider": "haptik", "fault": { "kind": "delay", "distribution": "fixed" } }),
                400,
                "missing field `milliseconds`",
            ),
        ] {
            let (answered, body) = asked(&services, method, path, &body);
            let error = body["error"].as_str().unwrap();
            assert!(answered == status && error.contains(reason), "{status} {reason}: {answered} {error}");
        }
    }

    #[test]
    fn every_fault_that_is_documented_can_be_asked_for_and_is_listed_as_it_is_documented() {
        let services = services();
        let schemas = &document().document()["components"]["schemas"];
        let kinds = schemas["PlainFault"]["properties"]["kind"]["enum"].as_array().unwrap();
        let mut faults: Vec<Value> = kinds.iter().map(|kind| json!({ "kind": kind })).collect();
        faults.extend([
            json!({ "kind": "reply_before_commit", "status": 503 }),
            json!({ "kind": "commit_then_reply", "status": 599, "headers": { "a": "b" }, "body": "c", "length": 9 }),
            json!({ "kind": "missing_field" }),
            json!({ "kind": "missing_field", "pointer": "/user_id" }),
            json!({ "kind": "delay", "distribution": "fixed", "milliseconds": 1 }),
            json!({ "kind": "delay", "distribution": "uniform", "from_milliseconds": 1, "to_milliseconds": 2 }),
            json!({ "kind": "delay", "distribution": "exponential", "mean_milliseconds": 1 }),
        ]);
        for when in [json!("next"), json!("always"), json!({ "nth": 1_000 })] {
            for fault in &faults {
                let wanted =
                    json!({ "provider": "original", "operation": "getUser", "when": when, "fault": fault });
                let (status, body) = asked(&services, "POST", "/_control/faults", &wanted);
                assert_eq!(status, 201, "{wanted}: {body}");
            }
        }
        let (_, listed) = asked(&services, "GET", "/_control/faults", &Value::Null);
        let listed = listed["faults"].as_array().unwrap();
        let is_listed = |fault: &&Value| listed.iter().any(|it| it["fault"]["kind"] == fault["kind"]);
        assert_eq!(faults.iter().find(|fault| !is_listed(fault)), None);

        // And there is none beside them: serde's own list of names is in its message.
        let error = serde_json::from_value::<Fault>(json!({ "kind": "" })).unwrap_err().to_string();
        let known: BTreeSet<&str> = error.split('`').skip(3).step_by(2).collect();
        let documented: BTreeSet<&str> = faults.iter().filter_map(|fault| fault["kind"].as_str()).collect();
        assert_eq!(known, documented);
    }
}
