//! An OpenAPI document as it is read: its parts by name, with every `$ref` followed.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::schema::{Schema, Schemas};

/// How deep a document may be nested. The parser takes some 40 KiB of the stack for each level in a debug build.
const DEEPEST: usize = 32;

/// How many references may follow each other.
const LONGEST_CHAIN: usize = 8;

/// Alternatives, each a set of security schemes by name.
pub(super) type Security = Vec<BTreeMap<String, Vec<String>>>;

/// A spec.
pub(super) struct Document {
    root: Value,
    schemas: Schemas,
}

#[derive(Deserialize)]
struct Server {
    url: String,
    #[serde(default)]
    variables: BTreeMap<String, ServerVariable>,
}

#[derive(Deserialize)]
struct ServerVariable {
    default: String,
}

impl Document {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let options = serde_saphyr::options! {
            budget: serde_saphyr::budget! { max_depth: DEEPEST },
            strict_booleans: true,
            leading_zero_numbers_as_strings: true,
            underscored_numbers_as_strings: true,
            with_snippet: false,
        };
        let root: Value =
            serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())?;
        if !root["openapi"].as_str().is_some_and(|version| version.starts_with("3.0.")) {
            return Err("is no OpenAPI 3.0 document; say `openapi: 3.0.3`".to_owned());
        }
        let schemas = Schemas::read(&root["components"]["schemas"])?;
        Ok(Self { root, schemas })
    }

    /// The document as it was written.
    pub(super) fn into_root(self) -> Value {
        self.root
    }

    /// The path templates with their items.
    pub(super) fn paths(&self) -> Result<&Map<String, Value>, String> {
        self.root["paths"].as_object().ok_or_else(|| "has no paths; state them under `paths`".to_owned())
    }

    /// What applies to an operation that states no security requirement of its own.
    pub(super) fn security(&self) -> Result<Security, String> {
        self.root.get("security").map_or_else(|| Ok(Vec::new()), |security| self.load(security))
    }

    /// A security scheme by its name.
    pub(super) fn security_scheme<T: DeserializeOwned>(&self, name: &str) -> Result<T, String> {
        let scheme = &self.root["components"]["securitySchemes"][name];
        self.load(scheme).map_err(|error| format!("security scheme {name}: {error}"))
    }

    /// The path of the first server's address, without a slash at its end.
    pub(super) fn base_path(&self) -> Result<String, String> {
        let Some(server) = self.root.pointer("/servers/0") else { return Ok(String::new()) };
        let Server { mut url, variables } = self.load(server)?;
        for (name, variable) in variables {
            url = url.replace(&format!("{{{name}}}"), &variable.default);
        }
        let after_host = match url.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("", |slash| &rest[slash..]),
            None => &url,
        };
        Ok(after_host.trim_end_matches('/').to_owned())
    }

    /// A part of the document, read into a type, wherever it stands.
    pub(super) fn load<T: DeserializeOwned>(&self, part: &Value) -> Result<T, String> {
        T::deserialize(self.resolve(part)?).map_err(|error| error.to_string())
    }

    /// What a part refers to; the part itself if it is no reference.
    pub(super) fn resolve<'a>(&'a self, mut part: &'a Value) -> Result<&'a Value, String> {
        for _ in 0..LONGEST_CHAIN {
            let Some(reference) = part.get("$ref").and_then(Value::as_str) else { return Ok(part) };
            part = reference
                .strip_prefix('#')
                .and_then(|pointer| self.root.pointer(pointer))
                .ok_or_else(|| format!("{reference} leads nowhere; refer to a part of this document"))?;
        }
        Err("references follow each other without an end; refer to the part itself".to_owned())
    }

    /// A schema, ready to judge values.
    pub(super) fn schema(&self, schema: &Value) -> Result<Schema, String> {
        self.schemas.compile(schema)
    }
}
