//! A schema of OpenAPI 3.0, turned into one of JSON Schema draft 4 and compiled.
//!
//! The two differ little: `nullable` is OpenAPI's own, some keywords say nothing about a value, and a few are not in
//! draft 4. Only what is listed here gets through, so that a misspelt keyword cannot make a schema lax.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, EmailOptions, PatternOptions, ValidationError, Validator};
use serde_json::{Map, Value, json};

use super::report::{Kind, Report, pointer, shown};

/// Keywords that draft 4 has with the same meaning, and whose values hold no schema.
const SAME: [&str; 18] = [
    "type",
    "format",
    "enum",
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
    "required",
    "$ref",
];

/// Keywords that say nothing about whether a value is valid; `nullable` is dealt with on its own.
const SILENT: [&str; 9] = [
    "title",
    "description",
    "default",
    "example",
    "deprecated",
    "discriminator",
    "externalDocs",
    "nullable",
    "xml",
];

/// The named schemas of a document, and every schema that was compiled with them.
pub(super) struct Schemas {
    named: Map<String, Value>,
    /// Most answers of an API share a few schemas, and each is compiled once.
    compiled: RefCell<HashMap<String, Arc<Validator>>>,
}

/// A schema that judges values.
pub(super) struct Schema(Arc<Validator>);

impl Schemas {
    pub(super) fn read(schemas: &Value) -> Result<Self, String> {
        let none = Map::new();
        let mut named = Map::new();
        for (name, schema) in schemas.as_object().unwrap_or(&none) {
            let converted = convert(schema).map_err(|error| format!("schema {name}: {error}"))?;
            jsonschema::draft4::meta::validate(&converted)
                .map_err(|error| format!("schema {name}: {error} at {}", error.instance_path()))?;
            named.insert(name.clone(), converted);
        }
        Ok(Self { named, compiled: RefCell::default() })
    }

    pub(super) fn compile(&self, schema: &Value) -> Result<Schema, String> {
        let mut converted = convert(schema)?;
        let text = converted.to_string();
        if let Some(validator) = self.compiled.borrow().get(&text) {
            return Ok(Schema(Arc::clone(validator)));
        }
        // References lead to the named schemas, which therefore stand in the same document.
        converted["components"] = json!({ "schemas": self.named });
        let validator = jsonschema::options()
            .with_draft(Draft::Draft4)
            .offline()
            .should_validate_formats(true)
            .with_format("uuid", is_uuid)
            .with_email_options(EmailOptions::default().with_required_tld().without_display_text())
            // Linear in the length of the value, whatever the pattern.
            .with_pattern_options(PatternOptions::regex())
            .build(&converted)
            .map_err(|error| error.to_string())?;
        let validator = Arc::new(validator);
        self.compiled.borrow_mut().insert(text, Arc::clone(&validator));
        Ok(Schema(validator))
    }
}

impl Schema {
    /// Notes what is wrong with a value that was found at `place`.
    pub(super) fn check(&self, value: &Value, place: &str, report: &mut Report) {
        for error in self.0.iter_errors(value) {
            if report.is_full() {
                return;
            }
            note(&error, place, report);
        }
    }
}

/// Notes an error of the validator in words that hold nothing of the value.
fn note(error: &ValidationError<'_>, place: &str, report: &mut Report) {
    let at = |suffix: &str| {
        let path = pointer(error.instance_path().as_str());
        let separator = if path.is_empty() && suffix.is_empty() { "" } else { " " };
        format!("{place}{separator}{path}{suffix}")
    };
    match error.kind() {
        ValidationErrorKind::Required { property: Value::String(property) } => {
            report.add(at(&format!("/{property}")), Kind::Missing, "is required");
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            for name in unexpected {
                report.add(at(&format!("/{}", shown(name))), Kind::Undeclared, "is not declared");
            }
        }
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            match alternatives(error, context) {
                Alternatives::Required(names) => {
                    report.add(at(""), Kind::Missing, format!("one of {} is required", names.join(", ")));
                }
                Alternatives::Only(errors) => errors.iter().for_each(|error| note(error, place, report)),
                Alternatives::Several => report.add(at(""), Kind::Invalid, error.masked().to_string()),
            }
        }
        // Only `additionalProperties: false` can lead to it.
        ValidationErrorKind::FalseSchema => {
            report.add(at(""), Kind::Undeclared, "has a property that is not declared");
        }
        // These quote what they were given, masked or not. None of the keywords that get through leads to the first.
        ValidationErrorKind::PropertyNames { .. } | ValidationErrorKind::RegexEngineFailure { .. } => {
            report.add(at(""), Kind::Invalid, "value cannot be checked");
        }
        _ => report.add(at(""), Kind::Invalid, error.masked().to_string()),
    }
}

/// Why a value fits none of several schemas.
enum Alternatives<'a> {
    /// Each alternative wants another property.
    Required(Vec<String>),
    /// One alternative alone is of the value's type, so that its errors are what is wrong.
    Only(&'a [ValidationError<'static>]),
    Several,
}

fn alternatives<'a>(
    whole: &ValidationError<'_>,
    context: &'a [Vec<ValidationError<'static>>],
) -> Alternatives<'a> {
    let wanted = |error: &ValidationError<'_>| match error.kind() {
        ValidationErrorKind::Required { property: Value::String(property) } => Some(format!("`{property}`")),
        _ => None,
    };
    if let Some(names) = context.iter().flatten().map(wanted).collect::<Option<Vec<_>>>() {
        return Alternatives::Required(names);
    }
    let is_of_another_type = |errors: &&Vec<ValidationError<'_>>| {
        errors.iter().any(|error| {
            matches!(error.kind(), ValidationErrorKind::Type { .. })
                && error.instance_path() == whole.instance_path()
        })
    };
    let mut of_its_type = context.iter().filter(|errors| !is_of_another_type(errors));
    match (of_its_type.next(), of_its_type.next()) {
        (Some(errors), None) => Alternatives::Only(errors),
        _ => Alternatives::Several,
    }
}

/// The same schema in draft 4.
fn convert(schema: &Value) -> Result<Value, String> {
    let Value::Object(schema) = schema else { return Err("a schema must be an object".to_owned()) };
    if let Some(reference) = schema.get("$ref") {
        // What stands beside a reference has no meaning in 3.0.
        return Ok(json!({ "$ref": reference }));
    }
    let mut converted = Map::new();
    for (keyword, value) in schema {
        let value = match keyword.as_str() {
            "properties" => {
                let properties = value.as_object().ok_or("properties must be an object")?;
                let properties = properties.iter().map(|(name, schema)| {
                    let schema = convert(schema).map_err(|error| format!("{name}: {error}"))?;
                    Ok((name.clone(), schema))
                });
                Value::Object(properties.collect::<Result<_, String>>()?)
            }
            "allOf" | "anyOf" | "oneOf" => {
                let schemas = value.as_array().ok_or_else(|| format!("{keyword} must be a list"))?;
                Value::Array(schemas.iter().map(convert).collect::<Result<_, _>>()?)
            }
            "additionalProperties" if value.is_boolean() => value.clone(),
            "items" | "not" | "additionalProperties" => convert(value)?,
            same if SAME.contains(&same) => value.clone(),
            silent if silent.starts_with("x-") || SILENT.contains(&silent) => continue,
            unknown => {
                return Err(format!(
                    "the keyword `{unknown}` is not understood here; teach it to `contract`"
                ));
            }
        };
        converted.insert(keyword.clone(), value);
    }
    limit_integers(&mut converted);
    if schema.get("nullable") == Some(&Value::Bool(true)) {
        converted = or_null(converted);
    }
    Ok(Value::Object(converted))
}

/// The formats of integers are ranges, which draft 4 knows only as limits.
fn limit_integers(schema: &mut Map<String, Value>) {
    let (least, greatest) = match schema.get("format").and_then(Value::as_str) {
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Some("int64") => (i64::MIN, i64::MAX),
        _ => return,
    };
    schema.entry("minimum").or_insert(least.into());
    schema.entry("maximum").or_insert(greatest.into());
}

/// The schema with null allowed.
///
/// To OpenAPI 3.0.3 `nullable` has a meaning beside `type` only. The specs also have it beside a combination of schemas
/// without `type`, where it cannot mean anything else.
fn or_null(mut schema: Map<String, Value>) -> Map<String, Value> {
    if let Some(kind) = schema.remove("type") {
        schema.insert("type".to_owned(), json!([kind, "null"]));
        if let Some(Value::Array(values)) = schema.get_mut("enum")
            && !values.contains(&Value::Null)
        {
            values.push(Value::Null);
        }
        return schema;
    }
    if ["allOf", "anyOf", "oneOf"].iter().any(|keyword| schema.contains_key(*keyword)) {
        return Map::from_iter([("anyOf".to_owned(), json!([schema, { "type": "null" }]))]);
    }
    schema
}

/// Whether a text is a UUID: five groups of hexadecimal digits. Draft 4 has no such format.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').collect();
    let are_long_enough = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]);
    are_long_enough && groups.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
}
