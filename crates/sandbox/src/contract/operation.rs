//! One operation: what it demands of a request, and what it may answer.

use std::collections::BTreeMap;

use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use super::answer::Answer;
use super::content::{Body, Contents, RawContents};
use super::credentials::Credentials;
use super::document::{Document, Security};
use super::parameter::{self, Parameter, Place};
use super::path;
use super::report::{Kind, Report, Violation};

/// An operation of a spec.
pub(crate) struct OperationContract {
    id: String,
    method: String,
    path: String,
    credentials: Credentials,
    parameters: Vec<Parameter>,
    body: Contents,
    body_is_required: bool,
    answers: Vec<Answer>,
}

/// A request whose operation is known.
pub(crate) struct Request<'a> {
    pub(crate) headers: &'a HeaderMap,
    /// Still encoded, without the question mark.
    pub(crate) query: Option<&'a str>,
    /// Decoded, as the route found them.
    pub(crate) path: &'a [(&'a str, String)],
    pub(crate) body: &'a [u8],
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawOperation {
    operation_id: String,
    #[serde(default)]
    parameters: Vec<Value>,
    request_body: Option<Value>,
    responses: BTreeMap<String, Value>,
    security: Option<Security>,
}

#[derive(Deserialize)]
struct RawBody {
    #[serde(default)]
    required: bool,
    content: RawContents,
}

impl OperationContract {
    pub(super) fn read(
        document: &Document,
        method: &str,
        path: &str,
        shared_parameters: Option<&Value>,
        operation: &Value,
    ) -> Result<Self, String> {
        let raw: RawOperation = document.load(operation)?;
        let path = document.base_path()? + path;
        let parameters = Parameter::read_all(document, shared_parameters, &raw.parameters)?;
        for name in path::names(&path)? {
            if !parameters.iter().any(|parameter| parameter.is_in(Place::Path, name)) {
                return Err(format!(
                    "the path's parameter {name} is not declared; state it under `parameters`"
                ));
            }
        }
        let body: Option<RawBody> = raw.request_body.map(|body| document.load(&body)).transpose()?;
        let body = body.unwrap_or(RawBody { required: false, content: RawContents::new() });
        let answers = raw.responses.iter().map(|(status, answer)| {
            Answer::read(document, status, answer).map_err(|error| format!("answer {status}: {error}"))
        });
        Ok(Self {
            id: raw.operation_id,
            method: method.to_ascii_uppercase(),
            credentials: Credentials::read(document, raw.security)?,
            parameters,
            body: Contents::read(document, &body.content).map_err(|error| format!("body: {error}"))?,
            body_is_required: body.required,
            answers: answers.collect::<Result<_, _>>()?,
            path,
        })
    }

    /// The `operationId`.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// In upper case.
    pub(crate) fn method(&self) -> &str {
        &self.method
    }

    /// The template, with the base path of the document's first server.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong with a request, in the order in which a provider would mind; a few things at most.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn check(&self, request: &Request<'_>) -> Vec<Violation> {
        self.judge(request).0
    }

    /// The same, with the body as it was read, if it could be.
    pub(crate) fn judge(&self, request: &Request<'_>) -> (Vec<Violation>, Option<Value>) {
        let mut report = Report::default();
        let Request { headers, body, .. } = *request;
        let body = Body::from(body);
        self.credentials.check(headers, &mut report);
        let content = self.body.of_body(headers, body, self.body_is_required, &mut report);
        parameter::check(&self.parameters, request, &mut report);
        let read = content.and_then(|content| Some((content, content.parse(body, &mut report)?)));
        let read = read.map(|(content, value)| {
            content.schema.check(&value, "body", &mut report);
            value.into_owned()
        });
        (report.into_violations(), read)
    }

    /// The schema of the body that is documented for a status.
    pub(crate) fn answer_schema(&self, status: u16) -> Option<&Value> {
        Answer::of_status(&self.answers, status)?.schema()
    }

    /// What is wrong with an answer; a few things at most.
    pub(crate) fn check_answer<'a>(
        &self,
        status: u16,
        headers: &HeaderMap,
        body: impl Into<Body<'a>>,
    ) -> Vec<Violation> {
        let mut report = Report::default();
        match Answer::of_status(&self.answers, status) {
            Some(answer) => answer.check(headers, body.into(), &mut report),
            None => report.add("status", Kind::Undeclared, "is not declared"),
        }
        report.into_violations()
    }
}
