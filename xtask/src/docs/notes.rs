//! What a spec notes about the parts of an operation: how each is known, what it corrects, what is private. Each part is
//! told once, where a reader meets it first.

use std::collections::BTreeSet;

use serde_json::Value;

use super::spec::{Operation, Spec, text};

/// A part of the document, and where a reader finds it.
pub(crate) struct Note<'a> {
    pub(crate) node: &'a Value,
    /// What it is to a reader: "`data.uid` in the answer 201".
    pub(crate) place: String,
    /// What it is called within what is sent or answered, for a property.
    pub(crate) property: Option<String>,
    pub(crate) side: Side,
}

/// Which way a part travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Request,
    Answer,
    /// It does not: the operation itself, a server, a credential.
    Neither,
}

/// The parts of an operation: itself, its parameters, body, answers, and everything in them.
pub(crate) fn of_operation<'a>(spec: &'a Spec, operation: &Operation<'a>) -> Vec<Note<'a>> {
    let mut walk = Walk { spec, notes: Vec::new(), seen: BTreeSet::new() };
    let (pointer, value) = (&operation.pointer, operation.value);
    walk.note(pointer, value, "the operation".to_owned(), Side::Neither);
    if value["x-enroll-replay"]["x-enroll-evidence"].is_object() {
        let pointer = format!("{pointer}/x-enroll-replay");
        walk.note(&pointer, &value["x-enroll-replay"], "what a repeat does".to_owned(), Side::Neither);
    }
    let item = pointer.rsplit_once('/').map_or("", |(item, _)| item);
    for (base, list) in [
        (item, &spec.root.pointer(item).unwrap_or(&Value::Null)["parameters"]),
        (pointer, &value["parameters"]),
    ] {
        for (index, parameter) in list.as_array().into_iter().flatten().enumerate() {
            walk.parameter(&format!("{base}/parameters/{index}"), parameter);
        }
    }
    if value["requestBody"].is_object() {
        walk.body(&format!("{pointer}/requestBody"), &value["requestBody"], "the request", Side::Request);
    }
    for (status, response) in value["responses"].as_object().into_iter().flatten() {
        let place = match status.as_str() {
            "default" => "the answer with any other status".to_owned(),
            status => format!("the answer {status}"),
        };
        walk.body(&format!("{pointer}/responses/{status}"), response, &place, Side::Answer);
    }
    walk.notes
}

/// The parts of a document that belong to no operation: itself, servers, credentials.
pub(crate) fn of_document(spec: &Spec) -> Vec<Note<'_>> {
    let mut walk = Walk { spec, notes: Vec::new(), seen: BTreeSet::new() };
    walk.note("", &spec.root, "the API as a whole".to_owned(), Side::Neither);
    walk.note("/info", &spec.root["info"], "the API as a whole".to_owned(), Side::Neither);
    for (index, server) in spec.root["servers"].as_array().into_iter().flatten().enumerate() {
        let place = format!("the server {}", text(&server["url"]));
        walk.note(&format!("/servers/{index}"), server, place, Side::Neither);
    }
    let schemes = spec.root.pointer("/components/securitySchemes").and_then(Value::as_object);
    for (name, scheme) in schemes.into_iter().flatten() {
        let pointer = format!("/components/securitySchemes/{name}");
        walk.note(&pointer, scheme, format!("the credential `{name}`"), Side::Neither);
    }
    walk.notes
}

struct Walk<'a> {
    spec: &'a Spec,
    notes: Vec<Note<'a>>,
    /// Where the parts stand that have been told.
    seen: BTreeSet<String>,
}

impl<'a> Walk<'a> {
    /// Whether the part has not been told yet.
    fn note(&mut self, pointer: &str, node: &'a Value, place: String, side: Side) -> bool {
        let is_new = self.seen.insert(pointer.to_owned());
        if is_new {
            self.notes.push(Note { node, place, property: None, side });
        }
        is_new
    }

    fn parameter(&mut self, pointer: &str, parameter: &'a Value) {
        let spec = self.spec;
        let (pointer, parameter) = spec.resolve(pointer, parameter);
        let (name, place) = (text(&parameter["name"]), text(&parameter["in"]));
        if self.note(&pointer, parameter, format!("`{name}` in the {place}"), Side::Request) {
            self.name_last(name);
            self.schema(
                &format!("{pointer}/schema"),
                &parameter["schema"],
                name,
                "the request",
                Side::Request,
            );
        }
    }

    /// A request's body, or an answer: its fields, contents and samples.
    fn body(&mut self, pointer: &str, body: &'a Value, place: &str, side: Side) {
        let spec = self.spec;
        let (pointer, body) = spec.resolve(pointer, body);
        if !self.note(&pointer, body, place.to_owned(), side) {
            return;
        }
        for (name, header) in body["headers"].as_object().into_iter().flatten() {
            let (pointer, header) = spec.resolve(&format!("{pointer}/headers/{name}"), header);
            if self.note(&pointer, header, format!("the field `{name}` of {place}"), side) {
                self.name_last(name);
            }
        }
        for (media_type, content) in body["content"].as_object().into_iter().flatten() {
            let pointer = format!("{pointer}/content/{}", crate::pointer::escape(media_type));
            self.note(&pointer, content, place.to_owned(), side);
            self.schema(&format!("{pointer}/schema"), &content["schema"], "", place, side);
            for (name, example) in content["examples"].as_object().into_iter().flatten() {
                let (pointer, example) = spec.resolve(&format!("{pointer}/examples/{name}"), example);
                self.note(&pointer, example, format!("the sample `{name}` of {place}"), side);
            }
        }
        for (name, link) in body["links"].as_object().into_iter().flatten() {
            let (pointer, link) = spec.resolve(&format!("{pointer}/links/{name}"), link);
            self.note(&pointer, link, format!("the link `{name}` of {place}"), side);
        }
    }

    /// A schema with all that it is made of. `path` is what it is called within `place`.
    fn schema(&mut self, pointer: &str, schema: &'a Value, path: &str, place: &str, side: Side) {
        let spec = self.spec;
        let (pointer, schema) = spec.resolve(pointer, schema);
        if !schema.is_object() {
            return;
        }
        let shown = if path.is_empty() { place.to_owned() } else { format!("`{path}` in {place}") };
        if !self.note(&pointer, schema, shown, side) {
            return;
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let at = format!("{pointer}/properties/{}", crate::pointer::escape(name));
            // The property itself, which may refer to a schema that was met before, or be one.
            if property["$ref"].is_string() {
                self.schema(&at, property, &path, place, side);
                continue;
            }
            let before = self.notes.len();
            self.schema(&at, property, &path, place, side);
            if let Some(note) = self.notes.get_mut(before) {
                note.property = Some(path);
            }
        }
        for key in ["items", "additionalProperties"] {
            let path = format!("{path}[]");
            self.schema(&format!("{pointer}/{key}"), &schema[key], path.trim_start_matches('.'), place, side);
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            for (index, branch) in schema[key].as_array().into_iter().flatten().enumerate() {
                self.schema(&format!("{pointer}/{key}/{index}"), branch, path, place, side);
            }
        }
    }

    fn name_last(&mut self, name: &str) {
        if let Some(note) = self.notes.last_mut() {
            note.property = Some(name.to_owned());
        }
    }
}
