//! `JsonSchema` for the public types, from the spec's own words rather than from what serde makes of the Rust type: the
//! descriptions, examples, formats and limits are then the provider's.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Map, Value, json};

use super::ident;
use crate::model::Spec;

pub(super) fn impls(spec: &Spec) -> TokenStream {
    let impls = spec.schemas.iter().map(|schema| {
        let (name, title) = (ident(&schema.rust), &schema.rust);
        let id = format!("{}::{}", spec.name, schema.rust);
        let mut references = BTreeSet::new();
        // A text and not `json!`, whose recursion a large schema exhausts.
        let text = convert(spec, &schema.value, &mut references).to_string();
        let references = references.iter().map(|reference| {
            let name = ident(reference);
            quote!((#reference, SchemaGenerator::subschema_for::<types::#name>))
        });
        quote! {
            impl JsonSchema for types::#name {
                fn schema_name() -> ::std::borrow::Cow<'static, str> {
                    #title.into()
                }

                fn schema_id() -> ::std::borrow::Cow<'static, str> {
                    #id.into()
                }

                fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                    ::enroll_core::generated::json_schema(#text, generator, &[#(#references),*])
                }
            }
        }
    });
    quote! {
        #[cfg(feature = "schemars")]
        mod schemas {
            use ::enroll_core::generated::schemars::{JsonSchema, Schema, SchemaGenerator};

            use super::types;

            #(#impls)*
        }
    }
}

/// A schema of OpenAPI 3.0 as one of JSON Schema 2020-12. A reference keeps the bare name of its type, which is noted in
/// `references`.
fn convert(spec: &Spec, schema: &Value, references: &mut BTreeSet<String>) -> Value {
    let Some(object) = schema.as_object() else { return schema.clone() };
    if let Some(name) = object.get("$ref").and_then(Value::as_str).and_then(|at| at.rsplit('/').next()) {
        return match spec.schemas.iter().find(|schema| schema.name == name) {
            Some(schema) => {
                references.insert(schema.rust.clone());
                json!({"$ref": schema.rust})
            }
            None => convert(spec, spec.plain_schema(name).unwrap_or(&Value::Bool(true)), references),
        };
    }
    let nullable = object.get("nullable") == Some(&Value::Bool(true));
    let mut converted = Map::new();
    for (key, value) in object {
        let mut list = |values: &Value| -> Value {
            values.as_array().into_iter().flatten().map(|value| convert(spec, value, references)).collect()
        };
        match key.as_str() {
            "nullable" | "discriminator" | "xml" | "externalDocs" => {}
            key if key.starts_with("x-") => {}
            "example" => {
                converted.insert("examples".to_owned(), json!([value]));
            }
            "type" if nullable => {
                converted.insert(key.clone(), json!([value, "null"]));
            }
            "allOf" | "anyOf" | "oneOf" => {
                let branches = list(value);
                converted.insert(key.clone(), branches);
            }
            "properties" => {
                let properties = value.as_object().into_iter().flatten();
                let properties: Map<_, _> = properties
                    .map(|(name, property)| (name.clone(), convert(spec, property, references)))
                    .collect();
                converted.insert(key.clone(), properties.into());
            }
            "items" | "not" | "additionalProperties" => {
                converted.insert(key.clone(), convert(spec, value, references));
            }
            _ => {
                converted.insert(key.clone(), value.clone());
            }
        }
    }
    converted.into()
}
