//! What the rules of the house ask of every spec, and an importer can answer: that a unit is not known, that a value may be
//! any JSON, and that one that is called like a person's is kept like one.

use std::path::Path;

use serde_json::{Map, Value};

use super::write;
use crate::spec::lint_text;

/// The text of a spec, after a look at what the rules say of it.
pub(super) fn text(name: &str, head: &str, mut spec: Value) -> String {
    let written = |spec: &Value| write::document(head, spec.as_object().unwrap_or(&Map::new()));
    let path = format!("specs/{name}.yaml");
    let first = written(&spec);
    let mut changed = false;
    for finding in lint_text(Path::new(&path), &first) {
        let Some(place) = spec.pointer_mut(&finding.pointer).and_then(Value::as_object_mut) else { continue };
        match finding.rule {
            "unit" => {
                let description = place.get("description").and_then(Value::as_str).unwrap_or_default();
                let unit = match place.get("format").or_else(|| place.get("schema")?.get("format")) {
                    Some(format) if format == "epoch-seconds" => "Counted in seconds since 1970.",
                    Some(format) if format == "epoch-milliseconds" => "Counted in milliseconds since 1970.",
                    _ => "The unit, or the form in which it is written, is not known.",
                };
                let description = format!("{description} {unit}");
                place.insert("description".to_owned(), description.trim().into());
                changed = true;
            }
            "schema" if finding.message.starts_with("says nothing of the value") => {
                let description = place.get("description").and_then(Value::as_str).unwrap_or_default();
                let description = format!("{description} It is any JSON.");
                place.insert("description".to_owned(), description.trim().into());
                changed = true;
            }
            "privacy" => {
                let secret = finding.message.contains("like a secret");
                let is_text = place
                    .get("type")
                    .or_else(|| place.get("schema")?.get("type"))
                    .is_some_and(|word| word == "string");
                if secret && !is_text {
                    let reason = "It is no text, and nothing of the kind can give access.";
                    place.insert("x-enroll-public".to_owned(), reason.into());
                } else {
                    let word = if secret { "secret" } else { "personal" };
                    place.insert("x-enroll-private".to_owned(), word.into());
                }
                changed = true;
            }
            _ => {}
        }
    }
    if changed { written(&spec) } else { first }
}
