//! `JsonSchema` for the types that the generator's own schemas refer to.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{EpochMillis, EpochSeconds, IntegerOrString, Nullable, OneOrMany, Personal, Secret};

/// A type by the bare name that a generated schema has for it, and how its own schema is had.
type Reference<'a> = (&'a str, fn(&mut SchemaGenerator) -> Schema);

/// A schema from its text, in which a reference is the bare name of a type of `references`.
pub fn json_schema(text: &str, generator: &mut SchemaGenerator, references: &[Reference<'_>]) -> Schema {
    let mut value = serde_json::from_str(text).unwrap_or_default();
    refer(&mut value, generator, references);
    Schema::try_from(value).unwrap_or_default()
}

fn refer(value: &mut serde_json::Value, generator: &mut SchemaGenerator, references: &[Reference<'_>]) {
    match value {
        serde_json::Value::Object(object) => {
            let name = object.get("$ref").and_then(serde_json::Value::as_str);
            match references.iter().find(|(known, _)| Some(*known) == name) {
                Some((_, subschema)) => *value = subschema(generator).to_value(),
                None => object.values_mut().for_each(|value| refer(value, generator, references)),
            }
        }
        serde_json::Value::Array(items) => {
            items.iter_mut().for_each(|value| refer(value, generator, references));
        }
        _ => {}
    }
}

/// Schemas that are written where they are used, without a name of their own.
macro_rules! inline_schema {
    ($($target:ty, $name:literal, $schema:tt;)*) => {$(
        impl JsonSchema for $target {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

inline_schema! {
    Secret, "Secret", { "type": "string", "writeOnly": true };
    EpochSeconds, "EpochSeconds", { "type": "integer", "format": "epoch-seconds" };
    EpochMillis, "EpochMillis", { "type": "integer", "format": "epoch-milliseconds" };
    IntegerOrString, "IntegerOrString", { "anyOf": [{ "type": "integer" }, { "type": "string" }] };
}

impl<T: JsonSchema> JsonSchema for Personal<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<T: JsonSchema> JsonSchema for Nullable<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Nullable_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [generator.subschema_for::<T>(), { "type": "null" }] })
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("OneOrMany_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "oneOf": [one, { "type": "array", "items": one }] })
    }
}
