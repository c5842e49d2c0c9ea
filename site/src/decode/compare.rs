//! A payload held against what its type kept of it.

use serde_json::{Value, json};

use crate::spec::Spec;

/// What a type made of a payload.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Comparison {
    /// Pointers to what the type does not know.
    pub(crate) unknown: Vec<String>,
    /// Pointers to nulls.
    pub(crate) nulls: Vec<String>,
    /// What was read as another value: `{"pointer", "pasted", "read"}`.
    pub(crate) changed: Vec<Value>,
    /// How many single values the type knows, and how many there are.
    pub(crate) known: u64,
    all: u64,
}

impl Comparison {
    /// `documented` is the schema of the answer: a null that was left out when the value was written again is told by it
    /// from a field that is not known.
    pub(crate) fn of(pasted: &Value, read: &Value, documented: Option<(&Spec, &Value)>) -> Self {
        let mut comparison = Self::default();
        let schemas = documented.map_or_else(Vec::new, |(spec, schema)| spec.branches(schema));
        let spec = documented.map(|(spec, _)| spec);
        comparison.walk(spec, pasted, read, &schemas, String::new());
        comparison.all = single_values(pasted);
        let unknown = comparison.unknown.iter().filter_map(|pointer| pasted.pointer(pointer));
        // Of an empty object, nothing can be known.
        let nothing = pasted.as_object().is_some_and(serde_json::Map::is_empty);
        comparison.known = match nothing {
            true => 0,
            false => comparison.all.saturating_sub(unknown.map(single_values).sum()),
        };
        comparison
    }

    /// How much of the payload is known, of a million.
    pub(crate) fn share(&self) -> u64 {
        (self.known * 1_000_000).checked_div(self.all).unwrap_or(0)
    }

    fn walk(&mut self, spec: Option<&Spec>, pasted: &Value, read: &Value, schemas: &[&Value], at: String) {
        match (pasted, read) {
            (Value::Null, _) => self.nulls.push(at),
            // Such as the body of an answer that has none.
            (_, Value::Null) => self.unknown.push(at),
            (Value::Object(pasted), Value::Object(read)) => {
                for (name, value) in pasted {
                    let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                    let inner = inner(spec, schemas, |schema| schema["properties"].get(name));
                    match (read.get(name), value) {
                        (Some(read), _) => self.walk(spec, value, read, &inner, at),
                        (None, Value::Null) if !inner.is_empty() => self.nulls.push(at),
                        (None, _) => self.unknown.push(at),
                    }
                }
            }
            (Value::Array(pasted), Value::Array(read)) => {
                let inner = inner(spec, schemas, |schema| schema.get("items"));
                for (index, value) in pasted.iter().enumerate() {
                    let at = format!("{at}/{index}");
                    match read.get(index) {
                        Some(read) => self.walk(spec, value, read, &inner, at),
                        None => self.unknown.push(at),
                    }
                }
            }
            (pasted, read) if !is_same(pasted, read) => {
                self.changed.push(json!({ "pointer": at, "pasted": pasted, "read": read }));
            }
            _ => {}
        }
    }
}

fn inner<'a>(
    spec: Option<&'a Spec>,
    schemas: &[&'a Value],
    part: impl Fn(&'a Value) -> Option<&'a Value>,
) -> Vec<&'a Value> {
    let parts = schemas.iter().filter_map(|schema| part(schema));
    spec.map_or_else(Vec::new, |spec| parts.flat_map(|part| spec.branches(part)).collect())
}

/// Whether two single values are the same; a number may be written in two ways.
fn is_same(one: &Value, other: &Value) -> bool {
    one == other || (one.is_number() && one.as_f64() == other.as_f64())
}

/// How many values there are in a value that have none in them.
fn single_values(value: &Value) -> u64 {
    match value {
        Value::Object(object) if !object.is_empty() => object.values().map(single_values).sum(),
        Value::Array(items) if !items.is_empty() => items.iter().map(single_values).sum(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(pasted: &Value, read: &Value) -> Comparison {
        let spec = Spec {
            name: "acme",
            document: json!({"components": {"schemas": {
                "User": {"properties": {"nick": {}, "list": {"type": "array", "items": {"$ref": "#/components/schemas/User"}}}}
            }}}),
        };
        Comparison::of(
            pasted,
            read,
            Some((&spec, &json!({"anyOf": [{"$ref": "#/components/schemas/User"}, {"type": "string"}]}))),
        )
    }

    #[test]
    fn what_is_not_kept_is_unknown_and_what_is_null_is_told() {
        let pasted = json!({"id": "1", "nick": null, "a/b": [1, {"c": 2}], "list": [{"nick": null, "e": null}], "n": 1.0});
        let read = json!({"id": 1, "list": [{}], "n": 1});
        let comparison = compare(&pasted, &read);
        assert_eq!(comparison.unknown, ["/a~1b", "/list/0/e"]);
        assert_eq!(comparison.nulls, ["/nick", "/list/0/nick"]);
        assert_eq!(comparison.changed, [json!({"pointer": "/id", "pasted": "1", "read": 1})]);
        assert_eq!((comparison.known, comparison.all), (4, 7));
    }

    #[test]
    fn a_payload_of_which_all_is_known_is_all_of_a_million() {
        let value = json!({"id": 1, "empty": {}, "list": []});
        assert_eq!(compare(&value, &value).share(), 1_000_000);
        assert_eq!(compare(&json!({"x": 1}), &json!({})).share(), 0);
        assert_eq!(compare(&json!({"x": 1}), &Value::Null).unknown, [""]);
        assert_eq!(compare(&json!({"x": 1}), &Value::Null).share(), 0);
        assert_eq!(Comparison::default().share(), 0);
    }
}
