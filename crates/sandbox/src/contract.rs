//! What a spec demands of requests and answers: the sandbox's own reading of it.
//!
//! It shares no code with the generator or the clients, and judges bodies by a JSON Schema validator that nobody here
//! wrote. So a mistake in how the SDK reads a spec shows as a refusal here, and one of the sandbox itself as an answer that
//! is not documented. What this reading has no word for is refused at the start, never passed over.

mod answer;
mod content;
mod credentials;
mod document;
#[cfg(test)]
pub(crate) mod examples;
mod json;
mod operation;
mod parameter;
mod path;
mod report;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

pub(crate) use self::content::Body;
use self::document::Document;
pub(crate) use self::operation::{OperationContract, Request};
use self::path::Match;
pub(crate) use self::report::{Kind, Violation};

/// The methods that a path may have, as OpenAPI spells them.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Every operation of a spec.
pub(crate) struct Contract {
    document: Value,
    base_path: String,
    operations: Vec<OperationContract>,
    secrets: BTreeSet<String>,
}

/// Where a request leads.
pub(crate) enum Route<'a> {
    Found { operation: &'a OperationContract, parameters: Vec<(&'a str, String)> },
    WrongMethod { allowed: Vec<&'a str> },
    Unknown,
}

impl Contract {
    /// Reads an OpenAPI 3.0.3 document and compiles every schema in it.
    ///
    /// # Errors
    ///
    /// When the document is malformed or uses what is not understood here, with the place in the document.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let document = Document::parse(text)?;
        let mut operations = Vec::new();
        for (path, item) in document.paths()? {
            let item: Map<String, Value> = document.load(item)?;
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    let shared = item.get("parameters");
                    let operation = OperationContract::read(&document, method, path, shared, operation);
                    operations.push(operation.map_err(|error| format!("{method} {path}: {error}"))?);
                }
            }
        }
        let mut secrets = BTreeSet::new();
        let base_path = document.base_path()?;
        let document = document.into_root();
        note_secrets(&document, &mut secrets);
        Ok(Self { document, base_path, operations, secrets })
    }

    /// The path of the first server's address, which every path begins with.
    pub(crate) fn base_path(&self) -> &str {
        &self.base_path
    }

    /// The document that references in schemas lead into.
    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    /// Whether a property of this name is secret somewhere in the document.
    pub(crate) fn is_secret(&self, name: &str) -> bool {
        self.secrets.contains(name)
    }

    /// Finds the operation of a request. `path` is still encoded, and has the base path of the document's first server.
    pub(crate) fn route(&self, method: &str, path: &str) -> Route<'_> {
        let matches = |operation| Match::of(operation, path);
        let mut matching: Vec<_> = self.operations.iter().filter_map(matches).collect();
        // OpenAPI: a path without parameters is matched before one with parameters.
        if matching.iter().any(|found| found.parameters.is_empty()) {
            matching.retain(|found| found.parameters.is_empty());
        }
        if matching.is_empty() {
            return Route::Unknown;
        }
        let allowed = matching.iter().map(|found| found.operation.method()).collect();
        match matching.into_iter().find(|found| found.operation.method() == method) {
            Some(Match { operation, parameters }) => Route::Found { operation, parameters },
            None => Route::WrongMethod { allowed },
        }
    }

    /// Every operation.
    pub(crate) fn operations(&self) -> impl Iterator<Item = &OperationContract> {
        self.operations.iter()
    }
}

/// Finds the properties that a document calls secret.
fn note_secrets(part: &Value, secrets: &mut BTreeSet<String>) {
    match part {
        Value::Object(object) => {
            for (name, part) in object {
                if part.get("x-enroll-private").and_then(Value::as_str) == Some("secret") {
                    secrets.insert(name.clone());
                }
                note_secrets(part, secrets);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| note_secrets(item, secrets)),
        _ => {}
    }
}
