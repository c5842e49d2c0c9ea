//! Values against schemas, by a validator that nobody here wrote.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, ValidationError, Validator};
use serde_json::{Map, Value, json};

use super::view::{entries, escape, items};

/// The schemas of a document as JSON Schema, Draft 4, on which OpenAPI 3.0 is built.
pub(super) struct Schemas<'a> {
    root: &'a Value,
    /// References to schemas that are branches of themselves.
    endless: BTreeSet<String>,
    compiled: RefCell<BTreeMap<String, Result<std::rc::Rc<Validator>, String>>>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        let endless = entries(&root["components"]["schemas"])
            .map(|(name, _)| format!("#/components/schemas/{}", escape(name)))
            .filter(|reference| comes_back(root, reference))
            .collect();
        Self { root, endless, compiled: RefCell::default() }
    }

    /// What is wrong with a value by the schema at `pointer`, with the place in the value: the first thing.
    pub(super) fn error(&self, pointer: &str, value: &Value) -> Option<(String, String)> {
        let validator = self.validator(pointer).ok()?;
        let error = validator.iter_errors(value).next()?;
        Some(told(&error))
    }

    /// Why there is no telling, if the schema itself is not to be used.
    pub(super) fn refused(&self, pointer: &str) -> Option<String> {
        self.validator(pointer).err()
    }

    fn validator(&self, pointer: &str) -> Result<std::rc::Rc<Validator>, String> {
        if let Some(known) = self.compiled.borrow().get(pointer) {
            return known.clone();
        }
        let result = self.compile(pointer).map(std::rc::Rc::new);
        self.compiled.borrow_mut().insert(pointer.to_owned(), result.clone());
        result
    }

    fn compile(&self, pointer: &str) -> Result<Validator, String> {
        let schema = self.root.pointer(pointer).ok_or("is not there")?;
        // Only what the schema reaches goes in: a document has many others.
        let mut reached = BTreeMap::new();
        let mut open = vec![schema];
        while let Some(value) = open.pop() {
            if value["$ref"].as_str().is_some_and(|reference| self.endless.contains(reference)) {
                return Err("it holds itself without an end".to_owned());
            }
            if let Some(name) = value["$ref"].as_str().and_then(|at| at.strip_prefix("#/components/schemas/"))
                && let Some(target) = self.root["components"]["schemas"].get(name)
                && reached.insert(name, converted(target)).is_none()
            {
                open.push(target);
            }
            open.extend(entries(value).map(|(_, inner)| inner));
            open.extend(items(value));
        }
        let whole = json!({"allOf": [converted(schema)], "components": {"schemas": reached}});
        jsonschema::options()
            .with_draft(Draft::Draft4)
            .should_validate_formats(true)
            .build(&whole)
            .map_err(|error| error.to_string())
    }
}

/// Of a union, what is wrong by the branch that comes furthest.
fn told(error: &ValidationError<'_>) -> (String, String) {
    let at = error.instance_path().to_string();
    let context = match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => context,
        _ => return (at, error.to_string()),
    };
    let inner = context.iter().flatten().map(told).max_by_key(|(inner, _)| inner.len());
    inner.filter(|(inner, _)| inner.len() > at.len()).unwrap_or((at, "it fits none of its forms".to_owned()))
}

/// Whether a reference leads back to itself by references and branches alone, so that a validator would never come to a
/// value.
fn comes_back(root: &Value, reference: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![reference];
    while let Some(next) = open.pop() {
        if let Some(schema) = next.strip_prefix('#').and_then(|at| root.pointer(at)) {
            let mut found = Vec::new();
            branches(schema, &mut found);
            if found.contains(&reference) {
                return true;
            }
            open.extend(found.into_iter().filter(|reference| seen.insert(*reference)));
        }
    }
    false
}

/// The references by which a schema says more of the same value.
fn branches<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
    found.extend(schema["$ref"].as_str());
    for key in ["allOf", "anyOf", "oneOf"] {
        items(&schema[key]).for_each(|branch| branches(branch, found));
    }
    if schema["not"].is_object() {
        branches(&schema["not"], found);
    }
}

/// `nullable` is a type more in JSON Schema. What is no schema is kept as it is.
fn converted(schema: &Value) -> Value {
    match schema {
        Value::Object(object) => {
            let mut converted_object: Map<_, _> = object
                .iter()
                .filter(|(key, _)| !matches!(key.as_str(), "example" | "default") && !key.starts_with("x-"))
                .map(|(key, value)| match key.as_str() {
                    // The names of properties are no keywords.
                    "properties" => (key.clone(), properties(value)),
                    "enum" | "required" => (key.clone(), value.clone()),
                    _ => (key.clone(), converted(value)),
                })
                .collect();
            if let Some(declared) = object.get("properties")
                && let Some(Value::Array(required)) = converted_object.get_mut("required")
            {
                // That one is not declared is said once, by a rule of its own.
                required.retain(|name| name.as_str().is_none_or(|name| declared.get(name).is_some()));
                if required.is_empty() {
                    converted_object.remove("required");
                }
            }
            if object.get("nullable") == Some(&Value::Bool(true)) {
                if let Some(ty) = object.get("type").filter(|ty| ty.is_string()) {
                    converted_object.insert("type".to_owned(), json!([ty, "null"]));
                }
                if let Some(Value::Array(values)) = converted_object.get_mut("enum") {
                    values.push(Value::Null);
                }
            }
            converted_object.into()
        }
        Value::Array(list) => list.iter().map(converted).collect(),
        other => other.clone(),
    }
}

fn properties(properties: &Value) -> Value {
    match properties {
        Value::Object(object) => object
            .iter()
            .map(|(name, schema)| (name.clone(), converted(schema)))
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_a_value_where_the_schema_says_so_and_nowhere_else() {
        let root = json!({"components": {"schemas": {
            "Name": {"type": "string", "nullable": true, "enum": ["a"]},
            "User": {"type": "object", "properties": {
                "nullable": {"type": "boolean"},
                "example": {"$ref": "#/components/schemas/Name"},
                "other": {"anyOf": [{"$ref": "#/components/schemas/User"}, {"enum": [null]}]},
            }},
        }}});
        let schemas = Schemas::new(&root);
        let user = "/components/schemas/User";
        assert_eq!(schemas.error(user, &json!({"nullable": true, "example": null, "other": null})), None);
        assert_eq!(schemas.error(user, &json!({"example": "a", "other": {"example": "a"}})), None);
        let (at, message) = schemas.error(user, &json!({"nullable": null})).unwrap();
        assert_eq!((at.as_str(), message.as_str()), ("/nullable", "null is not of type \"boolean\""));
        assert_eq!(schemas.error(user, &json!({"example": "b"})).unwrap().0, "/example");
        let (at, message) = schemas.error(user, &json!({"other": 1})).unwrap();
        assert_eq!((at.as_str(), message.as_str()), ("/other", "it fits none of its forms"));
        let (at, message) = schemas.error(user, &json!({"other": {"nullable": 1}})).unwrap();
        assert_eq!((at.as_str(), message.as_str()), ("/other/nullable", "1 is not of type \"boolean\""));
    }

    #[test]
    fn a_schema_that_never_comes_to_a_value_is_not_tried() {
        let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let root = json!({"components": {"schemas": {
            "Self": to("Self"),
            "A": {"allOf": [{"anyOf": [to("B")]}]},
            "B": {"not": to("A")},
            "Outer": {"type": "object", "properties": {"inner": to("A")}},
            "List": {"type": "array", "items": to("List")},
        }}});
        let schemas = Schemas::new(&root);
        for name in ["Self", "A", "Outer", "B"] {
            let refused = schemas.refused(&format!("/components/schemas/{name}"));
            assert_eq!(refused.as_deref(), Some("it holds itself without an end"), "{name}");
        }
        assert_eq!(schemas.error("/components/schemas/List", &json!([[], [[]]])), None);
    }

    #[test]
    fn a_schema_that_is_none_is_told() {
        let root = json!({"components": {"schemas": {"X": {"type": "text"}}}});
        let schemas = Schemas::new(&root);
        assert!(schemas.refused("/components/schemas/X").unwrap().contains("\"text\""));
        assert_eq!(schemas.error("/components/schemas/X", &json!(1)), None);
    }
}
