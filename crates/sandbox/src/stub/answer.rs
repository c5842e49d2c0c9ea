//! Answers of a stub: the documented example, or one made from the schema, with what the stub knows in its place.

use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use super::record::{User, text};
use super::spec::{Collection, Operation, members, success};
use super::{Stub, sample};
use crate::message::{Answer, Call};

/// Where an error has words for people, in the order in which they are looked for.
const WORDS: [&str; 8] =
    ["message", "error_message", "detail", "error_description", "description", "reason", "error", "title"];

/// How a request says how many it wants of a list.
const LIMITS: [&str; 4] = ["limit", "page_size", "per_page", "count"];

impl Stub {
    /// Whether an operation says how an answer of a status looks.
    pub(super) fn documents(&self, operation: &Operation, status: u16) -> bool {
        self.response(operation, &[status]).is_some()
    }

    /// Says no: by the first of these statuses that the operation documents, and in the shape that it documents.
    pub(super) fn no(&self, operation: &Operation, statuses: &[u16], message: &str) -> Answer {
        let Some((status, response)) = self.response(operation, statuses) else {
            // Where a failure hides in a 2xx, it is documented there.
            return self.failure_inside(operation, message).unwrap_or_else(|| {
                let status = statuses.first().and_then(|status| StatusCode::from_u16(*status).ok());
                Answer::text(status.unwrap_or(StatusCode::BAD_REQUEST), message)
            });
        };
        let mut candidates = self.bodies(response);
        candidates.retain(|body| !says_exists(response, body));
        if candidates.is_empty() {
            candidates = self.bodies(response);
        }
        let first = candidates.first().cloned();
        let mut worded = first.map(|mut body| {
            let _ = put_words(&mut body, message);
            body
        });
        // Whatever is wrong, it is not that there is such a user already.
        if let Some(body) = &mut worded {
            unsay_exists(response, body);
        }
        self.choose(operation, status, response, worded.into_iter().chain(candidates).collect())
    }

    /// Says that there is such a user already.
    pub(super) fn exists(&self, operation: &Operation) -> Answer {
        let responses = members(&operation.raw["responses"]);
        let found = responses
            .map(|(status, response)| (status, self.document.resolve(response)))
            .find(|(_, response)| response.get("x-enroll-exists").is_some());
        let Some((status, response)) = found else {
            let documented = self.response(operation, &[409]).is_some();
            let statuses: &[u16] = if documented { &[409] } else { &[400, 422] };
            return self.no(operation, statuses, "there is such a user already");
        };
        let mut candidates = self.bodies(response);
        candidates.sort_by_key(|body| !says_exists(response, body));
        let condition = &response["x-enroll-exists"][0];
        for body in &mut candidates {
            if !says_exists(response, body) {
                put(body, condition["pointer"].as_str().unwrap_or_default(), condition["equals"].clone());
            }
        }
        self.choose(operation, status.parse().unwrap_or(409), response, candidates)
    }

    /// The answer of success with some values in their places.
    pub(super) fn yes(&self, operation: &Operation, places: &[(&'static str, Value)]) -> Answer {
        self.success(operation, |body| places.iter().for_each(|(at, value)| put(body, at, value.clone())))
    }

    /// The answer of success, in which what the request said is repeated under the same names.
    pub(super) fn yes_with(&self, operation: &Operation, fields: &Map<String, Value>) -> Answer {
        self.success(operation, |body| echo(body, fields))
    }

    /// The answer of success about a user. The user stands beside `id` in it, or where there is an id.
    pub(super) fn yes_about(
        &self,
        operation: &Operation,
        known: &Collection,
        user: &User,
        id: Option<&str>,
    ) -> Answer {
        let schema = self.success_schema(operation);
        self.success(operation, |body| {
            let place = match id.and_then(|id| id.rsplit_once('/')) {
                Some((parent, _)) => parent.to_owned(),
                None => place_of_user(body, known).unwrap_or_default(),
            };
            if let Some(node) = sample::place(body, &place, &|_| json!({})) {
                self.fill_in(node, self.document.schema_at(schema, &place), known, user);
            }
            if let Some(id) = id {
                put(body, id, user.id.clone());
            }
        })
    }

    /// The answer of success about all that were found, or about the first, as the documented answer has it.
    pub(super) fn yes_with_list(
        &self,
        operation: &Operation,
        known: &Collection,
        found: &[User],
        place: Option<&str>,
        call: &Call,
    ) -> Answer {
        let schema = self.success_schema(operation);
        let Some(template) = self.templates(operation).into_iter().next() else {
            return self.yes(operation, &[]);
        };
        let pagination = &operation.raw["x-enroll-pagination"];
        let place = place.or_else(|| pagination["items"].as_str()).map(str::to_owned);
        let place = place.or_else(|| place_of_list(&template, 0)).unwrap_or_default();
        let schema_there = self.document.resolve(self.document.schema_at(schema, &place));
        let is_list =
            template.pointer(&place).is_some_and(Value::is_array) || schema_there["type"] == "array";
        if !is_list {
            let Some(user) = found.first() else { return self.absent(operation) };
            return self.success(operation, |body| {
                if let Some(node) = sample::place(body, &place, &|_| json!({})) {
                    if !node.is_object() {
                        *node = sample::of(self.document, schema_there);
                    }
                    self.fill_in(node, schema_there, known, user);
                }
            });
        }
        let item_schema = self.document.schema_at(schema, &format!("{place}/*"));
        let documented = template.pointer(&place).and_then(|list| list.get(0)).cloned();
        let item = documented.unwrap_or_else(|| sample::of(self.document, item_schema));
        let (page, more) = page(found, pagination, call, &|user| {
            let mut item = item.clone();
            self.fill_in(&mut item, item_schema, known, user);
            item
        });
        self.success(operation, |body| {
            put(body, &place, Value::Array(page.clone()));
            if let Some(at) = pagination["more"].as_str() {
                put(body, at, more.into());
            }
        })
    }

    /// An id for a new record, of the form that the documented one has.
    pub(super) fn fresh_id(&self, operation: &Operation, pointer: &str) -> Value {
        let example = self.templates(operation).into_iter().find_map(|body| body.pointer(pointer).cloned());
        // Without a zero at the beginning, which a number would lose.
        let digits = |length: usize| format!("1{}", self.mint.digits(length - 1));
        let Some(Value::String(example)) = example else {
            // A number, or an id that no example shows.
            return digits(9).parse::<u64>().map_or_else(
                |_| self.mint.hex(16).into(),
                |id| match example {
                    Some(Value::Number(_)) => id.into(),
                    _ => self.mint.hex(16).into(),
                },
            );
        };
        let is_uuid = example.len() == 36 && example.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
        if is_uuid {
            let hex = |length| self.mint.hex(length);
            return format!("{}-{}-4{}-8{}-{}", hex(8), hex(4), hex(3), hex(3), hex(12)).into();
        }
        if !example.is_empty() && example.bytes().all(|it| it.is_ascii_digit()) {
            return digits(example.len().max(6)).into();
        }
        let (prefix, rest) =
            example.rfind(['_', '-', ':']).map_or(("", example.as_str()), |at| example.split_at(at + 1));
        let length = rest.len().max(12);
        let is_hex = rest.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        let rest = if is_hex { self.mint.hex(length) } else { self.mint.alphanumeric(length) };
        format!("{prefix}{rest}").into()
    }

    /// Says that there is nobody, in a success or as an error, as it is documented.
    fn absent(&self, operation: &Operation) -> Answer {
        let condition =
            success(self.document, operation.raw).map(|(_, response)| &response["x-enroll-absent"]);
        let Some(condition) = condition.filter(|it| it.is_object()) else {
            return self.no(operation, &[404, 410], "there is no such user");
        };
        let Some((status, response)) = success(self.document, operation.raw) else {
            return self.no(operation, &[404], "there is no such user");
        };
        let mut candidates = self.bodies(response);
        candidates.sort_by_key(|body| !holds(condition, body));
        for body in &mut candidates {
            put(body, condition["pointer"].as_str().unwrap_or_default(), condition["equals"].clone());
        }
        self.choose(operation, status, response, candidates)
    }

    fn failure_inside(&self, operation: &Operation, message: &str) -> Option<Answer> {
        let (status, response) = success(self.document, operation.raw)?;
        let condition = response.get("x-enroll-failure")?;
        let mut candidates = self.bodies(response);
        candidates.retain(|body| holds(condition, body) && !says_exists(response, body));
        let mut worded = candidates.first()?.clone();
        put_words(&mut worded, message)?;
        candidates.insert(0, worded);
        Some(self.choose(operation, status, response, candidates))
    }

    /// Answers with success: a documented example that is none of failure or absence, once it is changed, if it is
    /// valid then; else with one that is.
    fn success(&self, operation: &Operation, change: impl Fn(&mut Value)) -> Answer {
        let Some((status, response)) = success(self.document, operation.raw) else {
            return Answer::empty(StatusCode::OK);
        };
        let templates = self.templates(operation);
        let changed = templates.iter().cloned().map(|mut body| {
            change(&mut body);
            body
        });
        let candidates = changed.collect::<Vec<_>>().into_iter().chain(templates.clone()).collect();
        self.choose(operation, status, response, candidates)
    }

    fn success_schema(&self, operation: &Operation) -> &'static Value {
        let json =
            success(self.document, operation.raw).and_then(|(_, response)| self.document.json(response));
        json.map_or(&Value::Null, |json| &json["schema"])
    }

    /// The bodies that a success may have.
    fn templates(&self, operation: &Operation) -> Vec<Value> {
        let Some((_, response)) = success(self.document, operation.raw) else { return Vec::new() };
        let mut bodies = self.bodies(response);
        let is_other = |body: &Value| {
            ["x-enroll-failure", "x-enroll-absent"]
                .iter()
                .any(|it| response.get(it).is_some_and(|it| holds(it, body)))
        };
        bodies.retain(|body| !is_other(body));
        bodies
    }

    /// The documented bodies of an answer, and one that is made from the schema.
    fn bodies(&self, response: &'static Value) -> Vec<Value> {
        let Some(json) = self.document.json(response) else { return Vec::new() };
        let named = members(&json["examples"]).map(|(_, example)| &self.document.resolve(example)["value"]);
        let mut bodies: Vec<Value> = named.chain(json.get("example")).cloned().collect();
        bodies.push(sample::of(self.document, &json["schema"]));
        bodies
    }

    /// The first of several bodies that is as documented.
    fn choose(
        &self,
        operation: &Operation,
        status: u16,
        response: &'static Value,
        bodies: Vec<Value>,
    ) -> Answer {
        let code = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        let with_head = |mut answer: Answer| {
            for (name, header) in members(&response["headers"]) {
                let header = self.document.resolve(header);
                let value = header
                    .get("example")
                    .map_or_else(|| text(&sample::of(self.document, &header["schema"])), text);
                if let (true, Ok(name), Ok(value)) =
                    (header["required"] == true, name.parse::<HeaderName>(), HeaderValue::from_str(&value))
                {
                    answer = answer.with_header(name, value);
                }
            }
            answer
        };
        let Some((media_type, content)) = members(&response["content"]).next() else {
            return with_head(Answer::empty(code));
        };
        if self.document.json(response).is_none() {
            let body = content
                .get("example")
                .map_or_else(|| text(&sample::of(self.document, &content["schema"])), text);
            let media_type =
                HeaderValue::from_str(media_type).unwrap_or(HeaderValue::from_static("text/plain"));
            return with_head(Answer::empty(code).with_text(body).with_header(CONTENT_TYPE, media_type));
        }
        let media_type =
            members(&response["content"]).map(|(name, _)| name).find(|name| name.contains("json"));
        let media_type = media_type.and_then(|name| HeaderValue::from_str(name).ok());
        let finished = |body: Value| {
            let answer = with_head(Answer::json(code, body));
            match &media_type {
                Some(media_type) => answer.with_header(CONTENT_TYPE, media_type.clone()),
                None => answer,
            }
        };
        let is_documented = |answer: &Answer| {
            operation.contract.check_answer(status, answer.headers(), answer.as_body()).is_empty()
        };
        let mut answers = bodies.into_iter().map(finished);
        let first = answers.next().unwrap_or_else(|| Answer::empty(code));
        if is_documented(&first) { first } else { answers.find(is_documented).unwrap_or(first) }
    }

    /// What an operation documents for the first of these statuses, or for their range, or for all others.
    fn response(&self, operation: &Operation, statuses: &[u16]) -> Option<(u16, &'static Value)> {
        let named = |name: &str| operation.raw["responses"].get(name);
        let exact = statuses.iter().find_map(|status| Some((*status, named(&status.to_string())?)));
        let range =
            || statuses.iter().find_map(|status| Some((*status, named(&format!("{}XX", status / 100))?)));
        let other = || Some((*statuses.first()?, named("default")?));
        let (status, response) = exact.or_else(range).or_else(other)?;
        Some((status, self.document.resolve(response)))
    }

    /// Puts a user where a documented one stands, so that nothing is left of that one.
    fn fill_in(&self, node: &mut Value, schema: &'static Value, known: &Collection, user: &User) {
        let Value::Object(object) = node else { return };
        let properties = self.document.properties(schema);
        let mut names: Vec<String> = object.keys().cloned().collect();
        names.extend(properties.iter().map(|(name, _)| (*name).to_owned()));
        let resolved = self.document.resolve(schema);
        let is_required =
            |name: &str| resolved["required"].as_array().is_some_and(|all| all.iter().any(|it| it == name));
        for name in names {
            let told = known.properties.contains(&name.as_str()) || known.id_names.contains(&name.as_str());
            if !told {
                continue;
            }
            let property = properties.iter().find(|(it, _)| *it == name).map(|(_, schema)| *schema);
            match user.get(&name) {
                Some(value) => {
                    object.insert(name, value.clone());
                }
                None if !object.contains_key(&name) => {}
                None if property.is_some_and(|it| self.document.resolve(it)["nullable"] == true) => {
                    object.insert(name, Value::Null);
                }
                None if is_required(&name) => {}
                None => {
                    object.remove(&name);
                }
            }
        }
        for (property, at) in &known.matches {
            match (user.get(property), at.split_once("/*")) {
                (Some(value), _) => {
                    let item =
                        |walked: &str| sample::of(self.document, self.document.schema_at(schema, walked));
                    if let Some(place) = sample::place(node, at, &item) {
                        *place = value.clone();
                    }
                }
                (None, Some((list, _))) => put(node, list, json!([])),
                (None, None) => {}
            }
        }
    }
}

/// A part of a list that is given in pages, and whether there is more.
fn page(
    found: &[User],
    pagination: &'static Value,
    call: &Call,
    item: &dyn Fn(&User) -> Value,
) -> (Vec<Value>, bool) {
    let body = call.object();
    let asked = |name: &str| call.query(name).map(str::to_owned).or_else(|| body.get(name).map(text));
    let mut items: Vec<Value> = found.iter().map(item).collect();
    let next = pagination["next"].as_str().unwrap_or_default();
    if let Some(cursor) = pagination["cursor"].as_str().and_then(asked)
        && let Some(at) = items.iter().position(|item| item.pointer(next).map(text).as_ref() == Some(&cursor))
    {
        items.drain(..=at);
    }
    let limit = LIMITS.iter().find_map(|name| asked(name)?.parse().ok()).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    (items, more)
}

/// The object that has an id, the outermost first; lists are not looked into.
fn place_of_user(body: &Value, known: &Collection) -> Option<String> {
    let mut level = vec![(String::new(), body)];
    while !level.is_empty() {
        let has_id =
            |(_, value): &&(String, &Value)| known.id_names.iter().any(|name| value.get(name).is_some());
        if let Some((place, _)) = level.iter().find(has_id) {
            return Some(place.clone());
        }
        let below = level.iter().flat_map(|(place, value)| {
            let inner = value.as_object().into_iter().flatten();
            inner.map(move |(name, value)| {
                (format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")), value)
            })
        });
        level = below.filter(|(_, value)| value.is_object()).collect();
    }
    None
}

/// The outermost list of a body.
fn place_of_list(body: &Value, depth: usize) -> Option<String> {
    match body {
        Value::Array(_) => Some(String::new()),
        Value::Object(object) if depth < 4 => object.iter().find_map(|(name, value)| {
            let below = place_of_list(value, depth + 1)?;
            Some(format!("/{}{below}", name.replace('~', "~0").replace('/', "~1")))
        }),
        _ => None,
    }
}

/// Repeats what was said under the same names, where it is of the same kind. Lists are somebody else's.
fn echo(body: &mut Value, fields: &Map<String, Value>) {
    let Value::Object(object) = body else { return };
    for (name, value) in object {
        match fields.get(name) {
            Some(said) if std::mem::discriminant(said) == std::mem::discriminant(value) => {
                value.clone_from(said)
            }
            _ => echo(value, fields),
        }
    }
}

fn put(body: &mut Value, pointer: &str, value: Value) {
    if let Some(place) = sample::place(body, pointer, &|_| Value::Null) {
        *place = value;
    }
}

fn put_words(body: &mut Value, message: &str) -> Option<()> {
    let object = body.as_object_mut()?;
    for name in WORDS {
        if let Some(Value::String(words)) = object.get_mut(name) {
            message.clone_into(words);
            return Some(());
        }
    }
    object.values_mut().find_map(|value| put_words(value, message))
}

/// Whether a condition of the spec holds: `equals` stands at `pointer`.
fn holds(condition: &Value, body: &Value) -> bool {
    let pointer = condition["pointer"].as_str().unwrap_or_default();
    body.pointer(pointer) == Some(&condition["equals"])
}

fn says_exists(response: &Value, body: &Value) -> bool {
    response["x-enroll-exists"]
        .as_array()
        .is_some_and(|all| all.iter().any(|condition| holds(condition, body)))
}

fn unsay_exists(response: &Value, body: &mut Value) {
    for condition in response["x-enroll-exists"].as_array().into_iter().flatten() {
        if holds(condition, body)
            && let Some(place) = body.pointer_mut(condition["pointer"].as_str().unwrap_or_default())
        {
            *place = if place.is_string() { "refused".into() } else { Value::Null };
        }
    }
}
