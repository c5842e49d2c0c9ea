//! Recorded exchanges as an OpenAPI document: operations by method and path, schemas by what all samples have in common.
//!
//! No value is taken over, whatever it is: examples are made up later, from the schemas. What remains of a recording is
//! the names of things, and even of those what could be somebody's is left out.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToTitleCase;
use serde_json::{Map, Value, json};

use super::exchange::{Exchange, pairs};
use super::infer::{Sample, looks_private};

/// Segments that stand behind a collection and are no identifiers.
const WORDS: [&str; 40] = [
    "accept",
    "activate",
    "batch",
    "bulk",
    "cancel",
    "check",
    "confirm",
    "count",
    "create",
    "current",
    "deactivate",
    "delete",
    "disable",
    "enable",
    "exists",
    "export",
    "find",
    "import",
    "invite",
    "list",
    "login",
    "logout",
    "lookup",
    "me",
    "new",
    "password",
    "query",
    "refresh",
    "register",
    "resend",
    "reset",
    "search",
    "self",
    "session",
    "signup",
    "stats",
    "status",
    "token",
    "update",
    "verify",
];

/// Headers that say nothing of one provider.
const COMMON: [&str; 30] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "dnt",
    "expect",
    "host",
    "if-none-match",
    "keep-alive",
    "origin",
    "postman-token",
    "pragma",
    "priority",
    "proxy-authorization",
    "referer",
    "te",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
];

/// The document.
pub(super) fn document(name: &str, exchanges: &[Exchange]) -> Result<Value, String> {
    let values = recorded_values(exchanges);
    let templates = templates(exchanges, &values);
    let mut operations: BTreeMap<(String, String), Vec<&Exchange>> = BTreeMap::new();
    let mut order: Vec<(String, String)> = Vec::new();
    for (exchange, template) in exchanges.iter().zip(&templates) {
        let key = (path(template), exchange.method.clone());
        if !order.contains(&key) {
            order.push(key.clone());
        }
        operations.entry(key).or_default().push(exchange);
    }
    let mut schemes = Map::new();
    let mut paths = Map::new();
    for key in order {
        let Some(samples) = operations.get(&key) else { continue };
        let (path, method) = key;
        let operation = operation(&path, samples, &values, &mut schemes)?;
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[method.to_lowercase()] = operation;
    }
    let requirement: Map<String, Value> = schemes.keys().map(|name| (name.clone(), json!([]))).collect();
    let security = if requirement.is_empty() { json!([]) } else { json!([requirement]) };
    Ok(json!({
        "openapi": "3.0.3",
        "info": {"title": name.to_title_case(), "version": "unknown"},
        "security": security,
        "paths": paths,
        "components": {"securitySchemes": schemes},
    }))
}

/// Every value that stands in a body, as a text in lower case: what a path repeats of them is an identifier.
fn recorded_values(exchanges: &[Exchange]) -> BTreeSet<String> {
    fn collect(value: &Value, values: &mut BTreeSet<String>) {
        match value {
            Value::String(text) => drop(values.insert(text.to_lowercase())),
            Value::Number(number) => drop(values.insert(number.to_string())),
            Value::Array(items) => items.iter().for_each(|item| collect(item, values)),
            Value::Object(object) => object.values().for_each(|value| collect(value, values)),
            _ => {}
        }
    }
    let mut values = BTreeSet::new();
    for exchange in exchanges {
        for body in [&exchange.body, &exchange.answer] {
            if let Ok(value) = serde_json::from_str::<Value>(body) {
                collect(&value, &mut values);
            }
        }
        values.extend(pairs(&exchange.body).into_iter().map(|(_, value)| value.to_lowercase()));
        values.extend(exchange.query.iter().map(|(_, value)| value.to_lowercase()));
    }
    values
}

/// The segments of each path, with `None` for identifiers.
fn templates(exchanges: &[Exchange], values: &BTreeSet<String>) -> Vec<Vec<Option<String>>> {
    let mut templates: Vec<Vec<Option<String>>> = exchanges
        .iter()
        .map(|exchange| {
            let mut before = "";
            exchange
                .segments
                .iter()
                .map(|segment| {
                    let kept = is_word(segment, before, values).then(|| segment.clone());
                    before = segment;
                    kept
                })
                .collect()
        })
        .collect();
    // Two paths of one method that differ in one place only, where neither has a common word, are one.
    for one in 0..templates.len() {
        for other in one + 1..templates.len() {
            if exchanges[one].method != exchanges[other].method
                || templates[one].len() != templates[other].len()
            {
                continue;
            }
            let differing: Vec<usize> = (0..templates[one].len())
                .filter(|index| templates[one][*index] != templates[other][*index])
                .collect();
            let [index] = differing.as_slice() else { continue };
            let common = |segment: &Option<String>| {
                segment.as_ref().is_some_and(|word| WORDS.contains(&word.as_str()) || word.ends_with('s'))
            };
            let verb = |segment: &Option<String>| segment.is_none() && exchanges[one].segments.len() > *index;
            let (first, second) = (&templates[one][*index], &templates[other][*index]);
            if *index == 0 || common(first) || common(second) || (verb(first) && verb(second)) {
                continue;
            }
            templates[one][*index] = None;
            templates[other][*index] = None;
        }
    }
    templates
}

/// Whether a segment is the provider's own word, and no identifier.
fn is_word(segment: &str, before: &str, values: &BTreeSet<String>) -> bool {
    let version = segment.len() <= 5
        && segment.starts_with('v')
        && segment[1..].chars().all(|c| c.is_ascii_digit() || c == '.')
        && segment.len() > 1;
    if version {
        return true;
    }
    let plain = segment.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '-' | '_' | '.'));
    let camel = segment.chars().all(|c| c.is_ascii_alphabetic());
    let behind_collection = before.len() > 3 && before.ends_with('s') && !before.ends_with("ss");
    let behind_word = WORDS.contains(&segment) || segment.ends_with('s') || segment.contains(['_', '-']);
    (plain || camel)
        && segment.len() <= 32
        && !values.contains(&segment.to_lowercase())
        && (!behind_collection || behind_word)
        && !looks_private(segment)
}

fn path(template: &[Option<String>]) -> String {
    let mut names = BTreeSet::new();
    let mut before = "item".to_owned();
    let mut path = String::new();
    for segment in template {
        path.push('/');
        match segment {
            Some(word) => {
                path.push_str(word);
                before.clone_from(word);
            }
            None => {
                let one = before.strip_suffix('s').unwrap_or(&before).to_lowercase().replace(['-', '.'], "_");
                let mut name = format!("{one}_id");
                let mut number = 2;
                while !names.insert(name.clone()) {
                    name = format!("{one}_id_{number}");
                    number += 1;
                }
                path.push_str(&format!("{{{name}}}"));
            }
        }
    }
    if path.is_empty() { "/".to_owned() } else { path }
}

fn operation(
    path: &str,
    samples: &[&Exchange],
    values: &BTreeSet<String>,
    schemes: &mut Map<String, Value>,
) -> Result<Value, String> {
    let mut operation = Map::new();
    operation.insert("parameters".to_owned(), parameters(path, samples, values, schemes).into());
    let mut body: Option<(String, Sample)> = None;
    for exchange in samples.iter().filter(|exchange| !exchange.body.trim().is_empty()) {
        let media_type = essence(exchange.header("content-type"));
        let value = match media_type.as_str() {
            "application/x-www-form-urlencoded" => {
                let pairs = pairs(exchange.body.trim());
                pairs.into_iter().map(|(name, value)| (name, Value::from(value))).collect::<Map<_, _>>().into()
            }
            _ => read_json(&exchange.body).ok_or_else(|| {
                format!(
                    "{}: the body of this request is neither JSON nor a form ({media_type}), which is all that can be sent; \
                     take the exchange out",
                    exchange.place
                )
            })?,
        };
        let (known, sample) = body.get_or_insert_with(|| (media_type.clone(), Sample::default()));
        if known.contains("form") != media_type.contains("form") {
            return Err(format!("{}: the body is a form here and JSON in another exchange", exchange.place));
        }
        sample.add(&value, values);
    }
    if let Some((media_type, sample)) = body {
        let is_form = media_type.contains("form");
        let known = is_form || media_type.ends_with("+json") && media_type.starts_with("application/");
        let media_type = if known { media_type } else { "application/json".to_owned() };
        let mut content = Map::new();
        content.insert(media_type, json!({"schema": sample.schema()}));
        operation.insert("requestBody".to_owned(), json!({"required": true, "content": content}));
    }
    let mut responses = Map::new();
    let statuses: BTreeSet<u16> = samples.iter().map(|exchange| exchange.status).collect();
    for status in statuses {
        let answers: Vec<_> = samples.iter().filter(|exchange| exchange.status == status).collect();
        let mut sample = Sample::default();
        let (mut json, mut other) = (false, false);
        for exchange in &answers {
            match read_json(&exchange.answer) {
                Some(value) => {
                    json = true;
                    sample.add(&value, values);
                }
                None => other |= !exchange.answer.trim().is_empty(),
            }
        }
        let mut response =
            json!({"description": format!("Seen in {} of the recorded exchanges.", answers.len())});
        if json {
            let vendors = answers.iter().map(|exchange| essence(exchange.answer_header("content-type")));
            let media_type = vendors.into_iter().find(|name| name.ends_with("+json"));
            let media_type = media_type.unwrap_or_else(|| "application/json".to_owned());
            // Where something else than JSON was answered too, nothing is sure.
            let schema = if other { json!({}) } else { sample.schema() };
            let mut content = Map::new();
            content.insert(media_type, json!({"schema": schema}));
            response["content"] = content.into();
        } else if other {
            response["content"] = json!({"text/plain": {"schema": {"type": "string"}}});
        }
        responses.insert(status.to_string(), response);
    }
    operation.insert("responses".to_owned(), responses.into());
    Ok(operation.into())
}

fn parameters(
    path: &str,
    samples: &[&Exchange],
    values: &BTreeSet<String>,
    schemes: &mut Map<String, Value>,
) -> Vec<Value> {
    let mut parameters: Vec<Value> = path
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    let mut queries: BTreeMap<&str, (usize, Sample)> = BTreeMap::new();
    let mut headers: BTreeMap<&str, usize> = BTreeMap::new();
    for exchange in samples {
        let mut seen = BTreeMap::new();
        for (name, value) in &exchange.query {
            *seen.entry(name.as_str()).or_insert(0) += 1;
            queries.entry(name).or_default().1.add(&plain(value), values);
        }
        for (name, count) in seen {
            if let Some((known, sample)) = queries.get_mut(name) {
                *known += 1;
                sample.repeated |= count > 1;
            }
        }
        for (name, value) in &exchange.headers {
            if name == "authorization" || is_credential(name) {
                let scheme = scheme(name, value);
                let key = if name == "authorization" { "authorization" } else { name };
                schemes.entry(key.to_owned()).or_insert(scheme);
            } else if !COMMON.contains(&name.as_str())
                && !name.starts_with("sec-")
                && !name.starts_with("x-forwarded")
                && !looks_private(name)
            {
                *headers.entry(name).or_default() += 1;
            }
        }
    }
    let always = |count: usize| count == samples.len() && count > 1;
    for (name, (count, sample)) in queries {
        if looks_private(name) || name.is_empty() {
            continue;
        }
        let schema = if sample.repeated {
            json!({"type": "array", "items": {"type": "string"}})
        } else {
            sample.schema()
        };
        parameters.push(json!({"name": name, "in": "query", "required": always(count), "schema": schema}));
    }
    for (name, count) in headers {
        parameters.push(
            json!({"name": name, "in": "header", "required": always(count), "schema": {"type": "string"}}),
        );
    }
    parameters
}

/// Whether a header is called like one that says who calls.
fn is_credential(name: &str) -> bool {
    let idempotency = name.contains("idempotency");
    !idempotency
        && name
            .split(['-', '_'])
            .any(|word| ["key", "apikey", "token", "secret", "auth", "session", "signature"].contains(&word))
}

fn scheme(name: &str, value: &str) -> Value {
    match value.split_whitespace().next().map(str::to_lowercase).as_deref() {
        Some("bearer") if name == "authorization" => json!({"type": "http", "scheme": "bearer"}),
        Some("basic") if name == "authorization" => json!({"type": "http", "scheme": "basic"}),
        _ => json!({"type": "apiKey", "in": "header", "name": name}),
    }
}

/// A value of a query as what it looks like.
fn plain(value: &str) -> Value {
    match value {
        "true" | "false" => Value::Bool(value == "true"),
        _ => match value.parse::<i64>() {
            Ok(number) if number.to_string() == value => number.into(),
            _ => value.into(),
        },
    }
}

fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_lowercase()
}

/// JSON; `None` if it is none, or nested too deep.
fn read_json(text: &str) -> Option<Value> {
    serde_json::from_str(text.trim()).ok()
}
