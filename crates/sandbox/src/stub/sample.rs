//! A value that a schema accepts, made from what the schema says and from its examples.

use std::cell::Cell;

use serde_json::{Map, Value, json};

use super::spec::Document;

/// Schemas may contain themselves. What lies deeper than this is left out.
const DEEPEST: usize = 8;

/// How many values are made of schemas at most before only what is required is made: some documents have thousands.
const MOST: usize = 500;

/// A value of a schema.
pub(super) fn of(document: Document, schema: &'static Value) -> Value {
    Sampler { document, made: Cell::new(0) }.sample(schema, 0)
}

struct Sampler {
    document: Document,
    made: Cell<usize>,
}

impl Sampler {
    fn sample(&self, schema: &'static Value, depth: usize) -> Value {
        self.made.set(self.made.get() + 1);
        let schema = self.document.resolve(schema);
        if let Some(example) = schema.get("example").or_else(|| schema.get("default")) {
            return example.clone();
        }
        if let Some(value) = schema["enum"].as_array().and_then(|values| values.first()) {
            return value.clone();
        }
        if depth > DEEPEST && (schema["nullable"] == true || depth > 2 * DEEPEST) {
            return Value::Null;
        }
        let mut parts = Map::new();
        for part in schema["allOf"].as_array().into_iter().flatten() {
            match self.sample(part, depth + 1) {
                Value::Object(object) => parts.extend(object),
                // Beside `allOf: [$ref]` stands what cannot stand beside a reference.
                other => return other,
            }
        }
        let first = ["anyOf", "oneOf"].iter().find_map(|it| schema[*it].as_array()?.first());
        if let Some(first) =
            first.filter(|first| first.get("required").is_none() || first.get("type").is_some())
        {
            match self.sample(first, depth + 1) {
                Value::Object(object) => parts.extend(object),
                other => return other,
            }
        }
        match schema["type"].as_str() {
            Some("string") => text(schema).into(),
            Some("integer") => number(schema).into(),
            Some("number") => json!(number(schema)),
            Some("boolean") => true.into(),
            Some("array") => {
                let least = schema["minItems"].as_u64().unwrap_or(u64::from(depth < 3));
                // As many as a spec can mean: the contract refuses an answer that is too short.
                (0..least.min(16)).map(|_| self.sample(&schema["items"], depth + 1)).collect()
            }
            _ => {
                let required = |name: &str| {
                    schema["required"].as_array().is_some_and(|names| names.iter().any(|it| it == name))
                };
                for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                    let is_wanted = depth < 3 && self.made.get() < MOST;
                    if depth <= DEEPEST && (is_wanted || required(name)) {
                        parts.insert(name.clone(), self.sample(schema, depth + 1));
                    }
                }
                Value::Object(parts)
            }
        }
    }
}

fn text(schema: &Value) -> String {
    let text = match schema["format"].as_str() {
        Some("email") => "ada@example.com",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        Some("date-time") => "2026-01-01T00:00:00Z",
        Some("date") => "2026-01-01",
        Some("uri" | "url") => "https://example.com",
        Some("ipv4") => "192.0.2.1",
        _ => "text",
    };
    let least = usize::try_from(schema["minLength"].as_u64().unwrap_or(0)).unwrap_or(0).min(4_096);
    let most = usize::try_from(schema["maxLength"].as_u64().unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    let padded = format!("{text}{}", "x".repeat(least.saturating_sub(text.len())));
    padded.chars().take(most).collect()
}

fn number(schema: &Value) -> i64 {
    let least = schema["minimum"].as_f64().map_or(i64::MIN, |least| least.ceil() as i64);
    let most = schema["maximum"].as_f64().map_or(i64::MAX, |most| most.floor() as i64);
    1.clamp(least, most.max(least))
}

/// What stands at a pointer, made if it is not there: `*` is the first item of a list.
pub(super) fn place<'a>(
    value: &'a mut Value,
    pointer: &str,
    item: &dyn Fn(&str) -> Value,
) -> Option<&'a mut Value> {
    let mut place = value;
    let mut walked = String::new();
    for token in pointer.split('/').skip(1) {
        walked = format!("{walked}/{token}");
        let token = token.replace("~1", "/").replace("~0", "~");
        if place.is_null() {
            *place = if token == "*" { json!([]) } else { json!({}) };
        }
        place = match place {
            Value::Object(object) => object.entry(token).or_insert(Value::Null),
            Value::Array(items) => {
                let index = token.parse().unwrap_or(0);
                if items.is_empty() && index == 0 {
                    items.push(item(&walked));
                }
                items.get_mut(index)?
            }
            _ => return None,
        };
    }
    Some(place)
}
