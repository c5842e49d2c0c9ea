//! Answers that are almost right: changed where the provider's document allows or forbids something.

use serde_json::{Value, json};

/// How deep references are followed. Documents may be recursive, and answers are not deeper than this.
const DEEPEST: usize = 64;

/// An answer's schema, and the document that its references lead into.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Documented<'a> {
    pub(crate) document: &'a Value,
    pub(crate) schema: &'a Value,
}

/// Gives every property that has a list of values another one.
pub(super) fn unknown_enum_value(documented: Documented<'_>, answer: &mut Value) {
    documented.visit(answer, 0, &mut |schema, value| {
        let Some(listed) = schema.get("enum").and_then(Value::as_array) else { return };
        match value {
            Value::String(text) if listed.iter().any(Value::is_string) => {
                "value_unknown_to_the_document".clone_into(text);
            }
            Value::Number(_) if listed.iter().any(Value::is_number) => {
                let largest = listed.iter().filter_map(Value::as_i64).max().unwrap_or(0);
                *value = json!(largest.saturating_add(1));
            }
            _ => {}
        }
    });
}

/// Gives every object a property that the document does not know.
pub(super) fn extra_field(answer: &mut Value) {
    match answer {
        Value::Object(object) => {
            object.values_mut().for_each(extra_field);
            object.insert("property_unknown_to_the_document".to_owned(), json!({ "nested": [1, null] }));
        }
        Value::Array(items) => items.iter_mut().for_each(extra_field),
        _ => {}
    }
}

/// Takes a property away: the one that the pointer names, or else the first that the document requires.
pub(super) fn missing_field(documented: Option<Documented<'_>>, answer: &mut Value, pointer: Option<&str>) {
    let required = || documented.and_then(|it| it.required(it.schema, 0)).map(|name| format!("/{name}"));
    let Some(pointer) = pointer.map(str::to_owned).or_else(required) else { return };
    let Some((parent, name)) = pointer.rsplit_once('/') else { return };
    let name = name.replace("~1", "/").replace("~0", "~");
    match answer.pointer_mut(parent) {
        Some(Value::Object(object)) => {
            object.remove(&name);
        }
        Some(Value::Array(items)) => {
            if let Some(index) = name.parse().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}

/// Makes everything null that the document allows to be null, whether it was there or not.
pub(super) fn nulls(documented: Documented<'_>, answer: &mut Value) {
    documented.visit(answer, 0, &mut |schema, value| {
        let Value::Object(object) = value else { return };
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if documented.is_nullable(property, 0) {
                object.insert(name.clone(), Value::Null);
            }
        }
    });
}

impl<'a> Documented<'a> {
    /// Shows every part of an answer with every schema that is meant for it, the outer ones first.
    fn visit(self, value: &mut Value, depth: usize, change: &mut impl FnMut(&Value, &mut Value)) {
        let Some(schema) = self.resolve(self.schema).filter(|_| depth < DEEPEST) else { return };
        let meant: Vec<_> = self.parts(schema).filter(|part| part.fits(value, depth + 1)).collect();
        change(schema, value);
        for part in meant {
            part.visit(value, depth + 1, change);
        }
        match value {
            Value::Object(object) => {
                let properties = schema.get("properties").and_then(Value::as_object);
                let others = schema.get("additionalProperties");
                for (name, value) in object {
                    if let Some(schema) = properties.and_then(|it| it.get(name)).or(others) {
                        Self { schema, ..self }.visit(value, depth + 1, change);
                    }
                }
            }
            Value::Array(items) => {
                if let Some(schema) = schema.get("items") {
                    items.iter_mut().for_each(|item| Self { schema, ..self }.visit(item, depth + 1, change));
                }
            }
            _ => {}
        }
    }

    /// Whether a value may be meant by this schema: as much of a validator as tells alternatives apart.
    fn fits(self, value: &Value, depth: usize) -> bool {
        let Some(schema) = self.resolve(self.schema).filter(|_| depth < DEEPEST) else { return false };
        let listed = schema.get("enum").and_then(Value::as_array);
        let is_of_type = match schema.get("type").and_then(Value::as_str) {
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("string") => value.is_string(),
            Some("integer" | "number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            _ => true,
        };
        let mut required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        let mut properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let alternatives: Vec<_> = self.alternatives(schema).collect();
        listed.is_none_or(|listed| listed.contains(value))
            && is_of_type
            && required.all(|name| name.as_str().is_some_and(|name| value.get(name).is_some()))
            && properties.all(|(name, schema)| {
                let property = Self { schema, ..self };
                value.get(name).is_none_or(|value| value.is_null() || property.fits(value, depth + 1))
            })
            && (alternatives.is_empty() || alternatives.iter().any(|it| it.fits(value, depth + 1)))
    }

    /// The first property that a schema, or a part of it, requires.
    fn required(self, schema: &'a Value, depth: usize) -> Option<&'a str> {
        let schema = self.resolve(schema).filter(|_| depth < DEEPEST)?;
        let own = schema.get("required").and_then(|names| names.get(0)).and_then(Value::as_str);
        own.or_else(|| self.parts(schema).find_map(|part| part.required(part.schema, depth + 1)))
    }

    fn is_nullable(self, schema: &Value, depth: usize) -> bool {
        let Some(schema) = self.resolve(schema).filter(|_| depth < DEEPEST) else { return false };
        let listed = schema.get("enum").and_then(Value::as_array);
        schema.get("nullable") == Some(&Value::Bool(true))
            || listed.is_some_and(|listed| listed.contains(&Value::Null))
            || Documented { schema, ..self }
                .alternatives(schema)
                .any(|part| part.is_nullable(part.schema, depth + 1))
    }

    fn parts(self, schema: &'a Value) -> impl Iterator<Item = Self> {
        self.alternatives(schema).chain(self.list(schema, "allOf"))
    }

    fn alternatives(self, schema: &'a Value) -> impl Iterator<Item = Self> {
        self.list(schema, "anyOf").chain(self.list(schema, "oneOf"))
    }

    fn list(self, schema: &'a Value, keyword: &str) -> impl Iterator<Item = Self> + use<'a> {
        let schemas = schema.get(keyword).and_then(Value::as_array).into_iter().flatten();
        schemas.map(move |schema| Self { schema, ..self })
    }

    /// The schema that a reference leads to, or the schema itself.
    fn resolve<'s>(self, mut schema: &'s Value) -> Option<&'s Value>
    where
        'a: 's,
    {
        for _ in 0..DEEPEST {
            let Some(reference) = schema.get("$ref").and_then(Value::as_str) else { return Some(schema) };
            schema = self.document.pointer(reference.strip_prefix('#')?)?;
        }
        None
    }
}

/// The first half of a text, cut between two characters.
pub(super) fn first_half(text: &str) -> &str {
    let middle = (0..=text.len() / 2).rev().find(|index| text.is_char_boundary(*index));
    &text[..middle.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        json!({
            "components": { "schemas": {
                "User": {
                    "allOf": [
                        { "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } } },
                        { "properties": {
                            "name": { "type": "string", "nullable": true },
                            "nickname": { "anyOf": [{ "type": "string" }, { "enum": [null] }] },
                            "status": { "anyOf": [{ "enum": ["active"] }, { "type": "string" }] },
                            "kind": { "type": "integer", "enum": [1, 2] },
                            "parent": { "oneOf": [
                                { "$ref": "#/components/schemas/User" },
                                { "enum": [null] },
                            ] },
                            "tags": { "type": "array", "items": { "enum": ["a"] } },
                            "more": { "type": "object", "additionalProperties": { "enum": ["b"] } },
                        } },
                    ],
                },
                "Loop": { "$ref": "#/components/schemas/Loop" },
            } },
            "answer": { "$ref": "#/components/schemas/User" },
            "loop": { "$ref": "#/components/schemas/Loop" },
        })
    }

    fn user() -> Value {
        json!({
            "id": "1", "name": "Ada", "nickname": "A", "status": "active", "kind": 1, "tags": ["a"], "more": { "x": "b" },
            "parent": { "id": "2", "status": "active" },
        })
    }

    fn changed(change: impl FnOnce(Documented<'_>, &mut Value)) -> Value {
        let document = document();
        let mut answer = user();
        change(Documented { document: &document, schema: &document["answer"] }, &mut answer);
        answer
    }

    #[test]
    fn every_listed_value_becomes_another() {
        let answer = changed(unknown_enum_value);
        let unknown = "value_unknown_to_the_document";
        assert_eq!(answer["status"], unknown);
        assert_eq!(answer["parent"]["status"], unknown);
        assert_eq!(answer["tags"][0], unknown);
        assert_eq!(answer["more"]["x"], unknown);
        assert_eq!(answer["kind"], 3);
        assert_eq!((&answer["name"], &answer["nickname"]), (&json!("Ada"), &json!("A")));
    }

    #[test]
    fn everything_nullable_becomes_null_and_nothing_else() {
        let answer = changed(nulls);
        assert_eq!([&answer["name"], &answer["nickname"], &answer["parent"]], [&Value::Null; 3]);
        assert_eq!((&answer["id"], &answer["status"]), (&json!("1"), &json!("active")));
    }

    #[test]
    fn of_two_alternatives_only_the_one_that_is_meant_counts() {
        let document = json!({ "answer": { "anyOf": [
            { "required": ["success"], "properties": { "success": { "enum": [1] }, "data": { "type": "object" } } },
            { "properties": { "success": { "enum": [0] }, "data": { "type": "object", "nullable": true } } },
        ] } });
        let schema = Documented { document: &document, schema: &document["answer"] };
        let nulled = |success| {
            let mut answer = json!({ "success": success, "data": {} });
            nulls(schema, &mut answer);
            answer["data"].is_null()
        };
        assert_eq!((nulled(1), nulled(0)), (false, true));
    }

    #[test]
    fn the_first_required_property_is_missing_or_the_one_that_is_named() {
        assert_eq!(changed(|schema, answer| missing_field(Some(schema), answer, None)).get("id"), None);
        let answer = changed(|_, answer| missing_field(None, answer, Some("/parent/id")));
        assert_eq!(answer["parent"], json!({ "status": "active" }));
        assert_eq!(changed(|_, answer| missing_field(None, answer, Some("/tags/0")))["tags"], json!([]));
        for nowhere in ["", "x", "/", "/nobody/id", "/tags/9", "/id/x"] {
            assert_eq!(changed(|_, answer| missing_field(None, answer, Some(nowhere))), user(), "{nowhere}");
        }
    }

    #[test]
    fn every_object_gets_a_property_more() {
        let answer = changed(|_, answer| extra_field(answer));
        let unknown = "property_unknown_to_the_document";
        for object in [&answer, &answer["parent"], &answer["more"]] {
            assert!(object.get(unknown).is_some(), "{object}");
        }
    }

    #[test]
    fn a_document_that_leads_in_circles_changes_nothing() {
        let document = document();
        let circle = Documented { document: &document, schema: &document["loop"] };
        let mut answer = user();
        unknown_enum_value(circle, &mut answer);
        nulls(circle, &mut answer);
        missing_field(Some(circle), &mut answer, None);
        assert_eq!(answer, user());
    }

    #[test]
    fn a_text_is_halved_between_characters() {
        assert_eq!(first_half("añb"), "a");
        assert_eq!(first_half(""), "");
    }
}
