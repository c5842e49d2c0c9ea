//! Schemas, and what each is in Rust.

use std::collections::BTreeSet;

use heck::{ToSnakeCase, ToUpperCamelCase};
use serde_json::{Value, json};

use super::build::{Builder, entries, items, text};
use super::names::is_identifier;
use super::{Field, Limits, Schema, SchemaKind, Type, variant_name};
use crate::read::escape;
use crate::rule;

const NAME_IT: &str =
    "is too much for an inline schema; give it a name under components/schemas and use a $ref";

/// So many lists and maps may stand inside each other: nobody reads more, and the stack has an end.
const DEEPEST_TYPE: usize = 32;

/// Keys that say something of one type only. A schema without a type is any JSON.
const TYPED_KEYS: [&str; 11] = [
    "format",
    "items",
    "additionalProperties",
    "required",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
];

impl<'a> Builder<'a> {
    pub(super) fn schemas(&mut self) -> Vec<Schema> {
        let mut schemas = Vec::new();
        for (name, value) in entries(&self.root()["components"]["schemas"]) {
            let at = format!("/components/schemas/{}", escape(name));
            let kind = if value["properties"].is_object() {
                if entries(&value["properties"]).next().is_none() {
                    let message = "are none; leave the key out, which makes it an object with any properties";
                    self.report(rule::SCHEMA, &format!("{at}/properties"), message);
                }
                let required: Vec<_> = items(&value["required"]).map(text).collect();
                for wanted in &required {
                    if value["properties"].get(wanted).is_none() {
                        let message =
                            format!("`{wanted}` is required but no property; add it or correct the name");
                        self.report(rule::REQUIRED_PROPERTY, &format!("{at}/required"), message);
                    }
                }
                let fields = entries(&value["properties"])
                    .map(|(wire, property)| {
                        let at = format!("{at}/properties/{}", escape(wire));
                        self.field(wire, property, required.contains(wire), &at)
                    })
                    .collect();
                for key in ["allOf", "oneOf"].iter().filter(|key| value.get(key).is_some()) {
                    let message = "cannot stand beside `properties`; write all properties out in one object";
                    self.report(rule::COMPOSITION, &format!("{at}/{key}"), message);
                }
                SchemaKind::Object { fields, one_of: self.one_of(value, &at) }
            } else if let Some(values) = open_enum(value) {
                SchemaKind::OpenEnum(values)
            } else if let Some(values) = value["enum"].as_array().filter(|_| is_enum(value)) {
                SchemaKind::ClosedEnum(values.iter().map(text).collect())
            } else if is_plain(value) {
                // A name for a plain value: it is written out where it is used.
                continue;
            } else {
                self.check_other(value, &at);
                SchemaKind::Other
            };
            if let SchemaKind::OpenEnum(values) | SchemaKind::ClosedEnum(values) = &kind {
                let (known, known_at) = match &kind {
                    SchemaKind::OpenEnum(_) => (&value["anyOf"][0], format!("{at}/anyOf/0")),
                    _ => (value, at.clone()),
                };
                if known["type"] != "string"
                    || values.is_empty()
                    || !items(&known["enum"]).all(Value::is_string)
                {
                    self.report(
                        rule::ENUM,
                        &known_at,
                        "an enum has `type: string` and texts as values; put them in quotes",
                    );
                }
                let variants: BTreeSet<_> = values.iter().map(|value| variant_name(value)).collect();
                for (value, variant) in values.iter().map(|value| (value, variant_name(value))) {
                    // `Self` is a keyword that cannot be written raw; it gets an underscore.
                    if variant != "Self" && !is_identifier(&variant, true) {
                        let message = format!(
                            "the value `{value}` has no name in Rust (`{variant}`); leave the enum open, as a text"
                        );
                        self.report(rule::ENUM, &at, message);
                    }
                }
                if variants.len() != values.len() || variants.contains("Unknown") {
                    self.report(
                        rule::ENUM,
                        &at,
                        "two of the values have the same name in Rust, or one is `Unknown`",
                    );
                }
            }
            if self.is_one_of_itself(name) {
                self.report(
                    rule::COMPOSITION,
                    &at,
                    "is one of itself, so that reading it has no end; remove that branch",
                );
            }
            schemas.push(Schema {
                name: name.clone(),
                rust: name.to_upper_camel_case(),
                description: text(&value["description"]),
                kind,
                in_request: false,
                in_response: false,
                value: value.clone(),
            });
        }
        schemas
    }

    /// Whether the branches of a union lead back to it, without an object or a list in between.
    fn is_one_of_itself(&self, name: &str) -> bool {
        let schemas = &self.root()["components"]["schemas"];
        let home = format!("/components/schemas/{}", escape(name));
        let mut seen = BTreeSet::new();
        let mut open = vec![&schemas[name]];
        while let Some(schema) = open.pop() {
            for branch in ["allOf", "anyOf", "oneOf"].iter().flat_map(|key| items(&schema[key])) {
                let (target, at) = self.resolve(branch, "");
                if at == home {
                    return true;
                }
                if at.is_empty() || seen.insert(at) {
                    open.push(target);
                }
            }
        }
        false
    }

    /// The sets of properties of which an object needs at least one.
    pub(super) fn one_of(&mut self, schema: &Value, at: &str) -> Vec<Vec<String>> {
        let mut branches = Vec::new();
        for (index, branch) in items(&schema["anyOf"]).enumerate() {
            let names: Vec<_> = items(&branch["required"]).map(text).collect();
            let known = names.iter().all(|name| schema["properties"].get(name).is_some());
            if names.is_empty() || !known || branch.as_object().is_none_or(|branch| branch.len() != 1) {
                let message = "must be `required` with names of properties, and nothing else";
                self.report(rule::COMPOSITION, &format!("{at}/anyOf/{index}"), message);
            }
            branches.push(names);
        }
        branches
    }

    /// A schema that is left to typify: one of several schemas with names.
    pub(super) fn check_other(&mut self, schema: &Value, at: &str) {
        for key in ["allOf", "anyOf", "oneOf"] {
            for (index, branch) in items(&schema[key]).enumerate() {
                let at = format!("{at}/{key}/{index}");
                if key == "allOf" {
                    self.report(
                        rule::COMPOSITION,
                        &at,
                        "cannot be merged with what stands beside it; write one object with all properties",
                    );
                } else if !branch["$ref"].is_string() && !is_plain(branch) {
                    self.report(rule::INLINE_SCHEMA, &at, NAME_IT);
                }
            }
        }
    }

    pub(super) fn field(&mut self, wire: &str, schema: &'a Value, required: bool, at: &str) -> Field {
        let (mut resolved, mut resolved_at) = self.resolve(schema, at);
        // A plain schema with a name brings its own description, limits and privacy along.
        let schema_here = if schema["$ref"].is_string() { resolved } else { schema };
        let rust = match schema_here["x-enroll-name"].as_str() {
            Some(name) => name.to_owned(),
            None => wire.to_snake_case(),
        };
        if let Some((key, single)) = wrapped(resolved) {
            // The limits are the reference's.
            (resolved, resolved_at) = self.resolve(single, &format!("{resolved_at}/{key}/0"));
        }
        let pattern = resolved["pattern"].as_str().map(str::to_owned);
        if let Some(pattern) = &pattern
            && regex_lite::Regex::new(pattern).is_err()
        {
            self.report(
                rule::PATTERN,
                &format!("{resolved_at}/pattern"),
                "is no pattern that can be checked; write it without look-around",
            );
        }
        let number = |key: &str| resolved[key].as_u64();
        Field {
            wire: wire.to_owned(),
            rust,
            description: text(&schema_here["description"]),
            example: schema_here.get("example").cloned(),
            evidence: schema_here["x-enroll-evidence"].clone(),
            required,
            nullable: schema_here["nullable"] == true || any_of(schema_here).1,
            deprecated: schema_here["deprecated"] == true,
            ty: self.type_of(schema, at),
            limits: Limits {
                min_length: number("minLength"),
                max_length: number("maxLength"),
                pattern,
                minimum: resolved["minimum"].as_i64(),
                maximum: resolved["maximum"].as_i64(),
                min_items: number("minItems"),
                max_items: number("maxItems"),
            },
        }
    }

    pub(super) fn mark_private(&mut self, private: &Value, ty: &mut Type, at: &str) {
        match private.as_str() {
            Some("secret") if matches!(ty.plain(), Type::String) => *ty = Type::Secret,
            Some("secret") if *ty == Type::Secret => {}
            // What gives access stays secret, whomever it belongs to.
            Some("personal") if !matches!(ty, Type::Personal(_) | Type::Secret) => {
                *ty = Type::Personal(Box::new(ty.clone()));
            }
            Some("personal") => {}
            None if private.is_null() => {}
            Some("secret") => {
                self.report(rule::PRIVATE, &format!("{at}/x-enroll-private"), "only a string can be secret");
            }
            _ => self.report(
                rule::PRIVATE,
                &format!("{at}/x-enroll-private"),
                "must be `secret` or `personal`",
            ),
        }
    }

    pub(super) fn type_of(&mut self, schema: &'a Value, at: &str) -> Type {
        if schema["$ref"].is_string() {
            let (target, target_at) = self.resolve(schema, at);
            if !is_plain(target) {
                return Type::Named(schema_name(&target_at).to_upper_camel_case());
            }
            // A plain schema is written out where it is used, and one that holds itself has no end.
            if self.writing_out.contains(&target_at) {
                self.report(
                    rule::COMPOSITION,
                    &target_at,
                    "holds itself; put an object with `properties` in between",
                );
                return Type::Any;
            }
            self.writing_out.push(target_at.clone());
            let ty = self.type_of(target, &target_at);
            self.writing_out.pop();
            return ty;
        }
        if self.depth == DEEPEST_TYPE {
            let message = format!(
                "is nested more than {DEEPEST_TYPE} deep; put an object with `properties` in between"
            );
            self.report(rule::COMPOSITION, at, message);
            return Type::Any;
        }
        self.depth += 1;
        let mut ty = self.public_type(schema, at);
        self.depth -= 1;
        self.mark_private(&schema["x-enroll-private"], &mut ty, at);
        ty
    }

    pub(super) fn public_type(&mut self, schema: &'a Value, at: &str) -> Type {
        if let Some((key, single)) = wrapped(schema) {
            return self.type_of(single, &format!("{at}/{key}/0"));
        }
        let (key, branches) = match (any_of(schema).0, schema["oneOf"].as_array()) {
            ([], Some(branches)) => ("oneOf", branches.as_slice()),
            (branches, _) => ("anyOf", branches),
        };
        if let [first, second] = branches {
            if first["type"] == "integer" && second["type"] == "string" {
                return Type::IntegerOrString;
            }
            if second["type"] == "array" && second["items"] == *first {
                return Type::OneOrMany(Box::new(self.type_of(first, &format!("{at}/{key}/0"))));
            }
        }
        if !branches.is_empty() || is_enum(schema) || schema["properties"].is_object() {
            self.report(rule::INLINE_SCHEMA, at, NAME_IT);
            return Type::Any;
        }
        match (schema["type"].as_str(), schema["format"].as_str()) {
            (Some("string"), _) => Type::String,
            (Some("integer" | "number"), Some("epoch-seconds")) => Type::EpochSeconds,
            (Some("integer" | "number"), Some("epoch-milliseconds")) => Type::EpochMillis,
            (Some("integer"), _) => Type::Integer,
            (Some("number"), _) => Type::Number,
            (Some("boolean"), _) => Type::Boolean,
            (Some("array"), _) => match schema.get("items") {
                Some(items) => Type::List(Box::new(self.type_of(items, &format!("{at}/items")))),
                None => {
                    self.report(rule::SCHEMA, at, "an array needs `items`");
                    Type::List(Box::new(Type::Any))
                }
            },
            (Some("object"), _) => match schema.get("additionalProperties") {
                Some(inner) if inner.is_object() => {
                    Type::Map(Box::new(self.type_of(inner, &format!("{at}/additionalProperties"))))
                }
                _ => Type::Object,
            },
            (None, _) => {
                if schema.get("allOf").is_some() {
                    self.report(rule::INLINE_SCHEMA, at, NAME_IT);
                } else if let Some(key) = TYPED_KEYS.iter().find(|key| schema.get(key).is_some()) {
                    self.report(rule::SCHEMA, at, format!("has `{key}` but no `type`; add it"));
                }
                Type::Any
            }
            (Some(_), _) => {
                let message = "must be one of string, integer, number, boolean, array and object";
                self.report(rule::SCHEMA, &format!("{at}/type"), message);
                Type::Any
            }
        }
    }
}

/// A schema that needs no type of its own.
pub(super) fn is_plain(schema: &Value) -> bool {
    let union = schema["anyOf"].is_array() || schema["oneOf"].is_array() || schema["allOf"].is_array();
    let integer_or_string = matches!(any_of(schema).0, [first, second]
        if first["type"] == "integer" && second["type"] == "string");
    let one_or_many = matches!(schema["oneOf"].as_array().map(Vec::as_slice), Some([first, second])
        if second["items"] == *first);
    !schema["properties"].is_object() && !is_enum(schema) && (!union || integer_or_string || one_or_many)
}

/// The schema, and its key, that another one wraps to stand beside keys that a `$ref` must not have, or beside null.
fn wrapped(schema: &Value) -> Option<(&'static str, &Value)> {
    match (schema["allOf"].as_array().map(Vec::as_slice), any_of(schema)) {
        (Some([single]), _) => Some(("allOf", single)),
        (_, ([single], true)) => Some(("anyOf", single)),
        _ => None,
    }
}

/// The branches of an `anyOf`, and whether null is one more; that one stands last.
///
/// OpenAPI 3.0.3 knows `nullable` only beside a `type`. Where there is none, null is a branch that every reader takes
/// for the same, be it a validator of OpenAPI or of JSON Schema.
pub(super) fn any_of(schema: &Value) -> (&[Value], bool) {
    match schema["anyOf"].as_array().map(Vec::as_slice).unwrap_or_default() {
        [branches @ .., last] if *last == json!({"enum": [null]}) => (branches, true),
        branches => (branches, false),
    }
}

/// Whether a schema is a vocabulary. A number of which only one value is documented is a number.
fn is_enum(schema: &Value) -> bool {
    schema["enum"].is_array() && schema["type"] != "integer"
}

/// The known values of an open vocabulary.
pub(super) fn open_enum(schema: &Value) -> Option<Vec<String>> {
    let [known, any] = schema["anyOf"].as_array()?.as_slice() else { return None };
    (any["type"] == "string" && any.as_object()?.len() == 1).then_some(())?;
    Some(known["enum"].as_array()?.iter().map(text).collect())
}

/// The name of the schema at `pointer`.
pub(super) fn schema_name(pointer: &str) -> &str {
    pointer.strip_prefix("/components/schemas/").unwrap_or(pointer)
}
