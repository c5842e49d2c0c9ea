//! Writes the spec down once more as progenitor can read it, without what makes it panic or mislead.
//!
//! progenitor decides how a request is put on the wire and which types there are. What it has no notion of is taken out
//! here and put in again by `dress`, from the model: several error bodies, open vocabularies, privacy, null, limits.

use openapiv3::OpenAPI;
use serde_json::{Map, Value, json};

use crate::model::{Content, Operation, Place, Schema, SchemaKind, Spec, Type};

/// The document for the client: it builds requests, and leaves answers to `dress`.
pub(crate) fn for_client(spec: &Spec) -> Result<OpenAPI, String> {
    document(spec, parameter_schema, |operation| {
        let json = operation.responses.iter().any(|response| matches!(response.content, Content::Json(_)));
        // One success without a type is enough for progenitor to ask for JSON; which bodies come is decided by `dress`.
        let content = if json { json!({"application/json": {"schema": {}}}) } else { json!({}) };
        json!({"2XX": {"description": "", "content": content}})
    })
}

/// The document for the typed mocks: every answer with its own body.
pub(crate) fn for_mock(spec: &Spec) -> Result<OpenAPI, String> {
    document(spec, mocked_parameter_schema, |operation| {
        let responses = operation.responses.iter().map(|response| {
            let content = match &response.content {
                Content::Json(Type::Named(name)) => {
                    json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}})
                }
                Content::Json(_) => json!({"application/json": {"schema": {}}}),
                Content::Empty | Content::Other => json!({}),
            };
            (response.status.to_string(), json!({"description": "", "content": content}))
        });
        responses.collect::<Map<_, _>>().into()
    })
}

fn document(
    spec: &Spec,
    parameter: fn(&Type) -> Value,
    responses: impl Fn(&Operation) -> Value,
) -> Result<OpenAPI, String> {
    let mut paths = Map::new();
    for operation in &spec.operations {
        let item = paths.entry(&operation.path).or_insert_with(|| json!({}));
        item[operation.method.to_lowercase()] = lower_operation(operation, parameter, responses(operation));
    }
    let schemas: Map<_, _> =
        spec.schemas.iter().map(|schema| (schema.rust.clone(), lower_schema(schema))).collect();
    let document = json!({
        "openapi": "3.0.3",
        // progenitor sends the version as a header that no provider documents; `dress` takes it out.
        "info": {"title": spec.name, "version": "0"},
        "paths": paths,
        "components": {"schemas": schemas},
    });
    serde_json::from_value(document).map_err(|error| error.to_string())
}

fn lower_operation(operation: &Operation, schema: fn(&Type) -> Value, responses: Value) -> Value {
    let parameters: Vec<_> = operation
        .parameters
        .iter()
        .map(|parameter| {
            let field = &parameter.field;
            let place = match parameter.place {
                Place::Path => "path",
                Place::Query => "query",
                Place::Header => "header",
            };
            json!({
                "name": field.wire,
                "in": place,
                "required": field.required,
                "schema": schema(&field.ty),
            })
        })
        .collect();
    let mut lowered = json!({
        "operationId": operation.name,
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(body) = &operation.body {
        let schema = json!({"$ref": format!("#/components/schemas/{}", body.schema)});
        // progenitor knows JSON by one name only; the other names are put in by `dress`.
        let media_type = if body.is_json() { "application/json" } else { &body.media_type };
        lowered["requestBody"] = json!({"required": true, "content": {media_type: {"schema": schema}}});
    }
    lowered
}

/// A parameter is text or a number on the wire, whatever its type is in Rust.
fn parameter_schema(ty: &Type) -> Value {
    match ty.plain() {
        Type::Integer | Type::EpochSeconds | Type::EpochMillis => {
            json!({"type": "integer", "format": "int64"})
        }
        Type::Number => json!({"type": "number"}),
        Type::Boolean => json!({"type": "boolean"}),
        Type::List(_) => json!({"type": "array", "items": {"type": "string"}}),
        _ => json!({"type": "string"}),
    }
}

/// A mock asks for one item of a list at a time: progenitor would print the list where only an item has a text.
fn mocked_parameter_schema(ty: &Type) -> Value {
    match ty.plain() {
        Type::List(item) => parameter_schema(item),
        _ => parameter_schema(ty),
    }
}

/// Properties go in as optional strings: their real types, and whether they may be absent, are set by `dress`.
fn lower_schema(schema: &Schema) -> Value {
    match &schema.kind {
        SchemaKind::Object { fields, .. } => {
            let properties: Map<_, _> =
                fields.iter().map(|field| (field.wire.clone(), json!({"type": "string"}))).collect();
            json!({"type": "object", "properties": properties})
        }
        SchemaKind::OpenEnum(_) => json!({"type": "string"}),
        SchemaKind::ClosedEnum(values) => json!({"type": "string", "enum": values}),
        SchemaKind::Other => strip(&schema.value),
    }
}

/// A schema that is left to typify, without what it would turn into a check of the provider's answer.
fn strip(schema: &Value) -> Value {
    const DROPPED: [&str; 14] = [
        "description",
        "example",
        "default",
        "minLength",
        "maxLength",
        "pattern",
        "minimum",
        "maximum",
        "minItems",
        "maxItems",
        "uniqueItems",
        "multipleOf",
        "format",
        "nullable",
    ];
    match schema {
        Value::Object(object) => object
            .iter()
            .filter(|(key, _)| !DROPPED.contains(&key.as_str()) && !key.starts_with("x-"))
            .filter(|(key, value)| !(key.as_str() == "additionalProperties" && **value == Value::Bool(false)))
            .map(|(key, value)| (key.clone(), strip(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(strip).collect(),
        other => other.clone(),
    }
}
