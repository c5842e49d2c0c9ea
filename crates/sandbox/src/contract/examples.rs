//! The examples that a spec documents, as requests and answers: for tests and for the seeds of the fuzzer.

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value};

use super::METHODS;
use super::document::{Document, Security};

/// A request or an answer that should be fine.
#[derive(Clone)]
pub(crate) struct Example {
    pub(crate) operation: String,
    /// The example's name.
    pub(crate) name: String,
    pub(crate) method: String,
    /// Path and query, as they stand in a request.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The status of an answer as the spec writes it; a request has none.
    pub(crate) status: Option<String>,
}

/// Every example of a spec: each request and answer body, and one request for an operation that takes no body.
pub(crate) fn of(spec: &str) -> Result<Vec<Example>, String> {
    let document = Document::parse(spec)?;
    let mut examples = Vec::new();
    for (path, item) in document.paths()? {
        for method in METHODS {
            let Some(operation) = item.get(method) else { continue };
            let base = Example {
                operation: text(&operation["operationId"]),
                name: "parameters".to_owned(),
                method: method.to_uppercase(),
                target: document.base_path()? + path,
                headers: HeaderMap::new(),
                body: Vec::new(),
                status: None,
            };
            let request = with_parameters(&document, operation, &base)?;
            match operation.get("requestBody") {
                Some(body) => examples.extend(with_bodies(&document.load(body)?, &request)),
                None => examples.push(request),
            }
            for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
                let answer_base = Example { status: Some(status.clone()), ..base.clone() };
                examples.extend(with_bodies(&document.load(answer)?, &answer_base));
            }
        }
    }
    Ok(examples)
}

/// The request with an example of every parameter, and with made-up credentials.
fn with_parameters(document: &Document, operation: &Value, base: &Example) -> Result<Example, String> {
    let mut request = base.clone();
    let mut query = Vec::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let parameter = document.resolve(parameter)?;
        let (name, example) = (text(&parameter["name"]), text(&parameter["example"]));
        match parameter["in"].as_str() {
            Some("path") => request.target = request.target.replace(&format!("{{{name}}}"), &example),
            Some("query") => query.push(format!("{name}={example}")),
            other => return Err(format!("no example can be made of a parameter in {other:?}")),
        }
    }
    if !query.is_empty() {
        request.target = format!("{}?{}", request.target, query.join("&").replace(' ', "+"));
    }
    let own: Option<Security> = operation.get("security").map(|own| document.load(own)).transpose()?;
    let security = own.map_or_else(|| document.security(), Ok)?;
    for scheme in security.first().into_iter().flat_map(|schemes| schemes.keys()) {
        let scheme: Map<String, Value> = document.security_scheme(scheme)?;
        let (header, value) = match scheme.get("scheme") {
            Some(word) => (AUTHORIZATION, format!("{} fake", text(word))),
            None => (text(&scheme["name"]).parse().map_err(|_| "no name of a header")?, "fake".to_owned()),
        };
        request.headers.insert(header, HeaderValue::try_from(value).map_err(|error| error.to_string())?);
    }
    Ok(request)
}

/// The request or answer once with each body that is documented.
fn with_bodies(part: &Map<String, Value>, base: &Example) -> Vec<Example> {
    let mut examples = Vec::new();
    for (media_type, content) in part.get("content").and_then(Value::as_object).into_iter().flatten() {
        let named = content["examples"].as_object().into_iter().flatten();
        let single = content.get("example").map(|value| ("example", value));
        for (name, value) in named.map(|(name, example)| (name.as_str(), &example["value"])).chain(single) {
            let mut example =
                Example { name: name.to_owned(), body: value.to_string().into_bytes(), ..base.clone() };
            example.headers.extend(HeaderValue::from_str(media_type).ok().map(|it| (CONTENT_TYPE, it)));
            examples.push(example);
        }
    }
    examples
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
