//! The sandbox's own interface over HTTP, for tests in any language: `openapi.yaml` documents it.

use std::time::Duration;

use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::contract::{Kind, Route};
use crate::exchange::{Received, Services};
use crate::fault::{Fault, When};
use crate::message::{Answer, Call, text};
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
            let refused = refuse(StatusCode::METHOD_NOT_ALLOWED, "the method is not allowed for this path");
            match HeaderValue::from_str(&allowed.join(", ")) {
                Ok(allow) => refused.with_header(ALLOW, allow),
                Err(_) => refused,
            }
        }
        Route::Found { operation, parameters } => {
            let call = Call::new(&parts, parameters, body);
            let violations = operation.check(&call.as_request());
            if violations.is_empty() {
                return handle(services, operation.id(), &call).unwrap_or_else(|refused| refused);
            }
            let is_media_type = violations.iter().any(|violation| violation.kind == Kind::MediaType);
            let status =
                if is_media_type { StatusCode::UNSUPPORTED_MEDIA_TYPE } else { StatusCode::BAD_REQUEST };
            refuse(status, &sentence(&violations))
        }
    }
}

fn handle(services: &Services, operation: &str, call: &Call) -> Result<Answer, Answer> {
    match operation {
        "getHealth" => Ok(done(health(services))),
        "getDocument" => {
            let yaml = HeaderValue::from_static("application/yaml");
            Ok(Answer::empty(StatusCode::OK).with_text(DOCUMENT).with_header(CONTENT_TYPE, yaml))
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
            services.all().into_iter().for_each(|service| service.plan().clear());
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
        "providers": services.all().map(Service::name),
    })
}

fn state(services: &Services) -> Value {
    let providers: Map<String, Value> = services
        .all()
        .into_iter()
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
    let credentials: Vec<&str> =
        services.all().into_iter().flat_map(Service::headers).map(|(name, _)| name).collect();
    let is_secret = |name: &str| services.all().iter().any(|service| service.contract().is_secret(name));
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
    let faults = services.all().into_iter().flat_map(|service| {
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
    let NewFault { when, fault } = serde_json::from_value(Value::Object(body))
        .map_err(|_| refuse(StatusCode::BAD_REQUEST, "the fault is not one that is documented"))?;
    service.plan().schedule(operation, when, fault);
    Ok(Answer::json(StatusCode::CREATED, faults(services)))
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
