//! Parameters: what a path, a query or a header can carry, and what is left out because nothing here can send it.

use std::collections::BTreeSet;

use heck::ToSnakeCase;
use serde_json::{Map, Value, json};

use super::document::escape;
use super::flatten::{Node, items};
use super::names::field_name;
use super::openapi::Told;
use super::private::{classify, prose};
use super::schemas::{Schemas, Side, undescribed};

pub(super) struct Parameters<'s, 'a> {
    pub(super) schemas: &'s mut Schemas<'a>,
    pub(super) told: &'s mut Told,
    /// The names in Rust that the operation's builder has.
    pub(super) fields: &'s mut BTreeSet<String>,
}

pub(super) struct Made {
    pub(super) parameters: Vec<Value>,
    pub(super) notes: Vec<String>,
}

impl<'a> Parameters<'_, 'a> {
    pub(super) fn read(
        &mut self,
        path: &str,
        at: &str,
        operation: &'a Value,
        item: &'a Value,
        id: &str,
    ) -> Result<Made, String> {
        let item_at = at.rsplit_once('/').map_or(at, |(item_at, _)| item_at);
        let own = items(operation.get("parameters")).enumerate();
        let own = own.map(|(index, value)| (value, format!("{at}/parameters/{index}")));
        let shared = items(item.get("parameters")).enumerate();
        let shared = shared.map(|(index, value)| (value, format!("{item_at}/parameters/{index}")));
        let mut made = Made { parameters: Vec::new(), notes: Vec::new() };
        let mut seen: Vec<(String, String)> = Vec::new();
        let mut names = BTreeSet::new();
        for (value, at) in own.chain(shared).collect::<Vec<_>>() {
            let (parameter, at) = self.schemas.flattener.resolve(value, &at)?;
            let wire = parameter["name"].as_str().unwrap_or_default();
            let place = parameter["in"].as_str().unwrap_or_default();
            let known = (wire.to_owned(), place.to_owned());
            if wire.is_empty() || seen.contains(&known) {
                continue;
            }
            seen.push(known);
            if place == "header"
                && ["accept", "content-type", "authorization"].contains(&wire.to_lowercase().as_str())
            {
                // OpenAPI has these said elsewhere.
                continue;
            }
            if place == "path" && !path.contains(&format!("{{{wire}}}")) {
                continue;
            }
            let required = place == "path" || parameter["required"] == true;
            let result = if names.contains(&wire.to_snake_case()) {
                Err("another parameter has the same name".to_owned())
            } else if wire == "body" && operation.get("requestBody").is_some() {
                Err("it is called `body`, beside a body".to_owned())
            } else {
                self.parameter(parameter, &at, wire, place, required, id)?
            };
            match result {
                Ok(parameter) => {
                    names.insert(wire.to_snake_case());
                    made.parameters.push(parameter);
                }
                Err(why) if required => {
                    self.told
                        .refused
                        .push((at, format!("{id} needs the parameter {wire}, which cannot be sent: {why}")));
                }
                Err(why) => {
                    made.notes.push(format!(
                        "The optional parameter {} is left out: {why}.",
                        prose(wire, 60).trim_end_matches('.')
                    ));
                    self.told
                        .left_out
                        .push((at, format!("the optional parameter {wire} of {id} is left out: {why}")));
                }
            }
        }
        for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            if !made.parameters.iter().any(|known| known["in"] == "path" && known["name"] == name) {
                let mut parameter = json!({
                    "name": name, "in": "path", "required": true,
                    "description": "Part of the path; nothing more is known of it.",
                    "schema": {"type": "string"}, "example": null,
                });
                if let Some(rust) = field_name(name, self.fields) {
                    parameter["x-enroll-name"] = rust.into();
                }
                parameter["x-enroll-evidence"] = self.schemas.evidence.clone();
                made.parameters.push(parameter);
            }
        }
        Ok(made)
    }

    fn parameter(
        &mut self,
        parameter: &'a Value,
        at: &str,
        wire: &str,
        place: &str,
        required: bool,
        id: &str,
    ) -> Result<Result<Value, String>, String> {
        if !matches!(place, "path" | "query" | "header") {
            return Ok(Err(format!(
                "it stands in a {}",
                if place.is_empty() { "place without a name" } else { place }
            )));
        }
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if place == "header" && !wire.chars().all(token) {
            return Ok(Err("it is no header's name".to_owned()));
        }
        let mut notes = Vec::new();
        let content = parameter["content"].as_object().and_then(|content| content.keys().next());
        let (mut schema, description) = match (parameter.get("schema"), content) {
            (Some(schema), _) => {
                let node = Node::One(schema, format!("{at}/schema"));
                let used = self.schemas.used(
                    &node,
                    &format!("{} {wire}", id.to_snake_case()),
                    wire,
                    Side::Request,
                )?;
                self.schemas.write()?;
                (used.schema, used.description)
            }
            (None, Some(media_type)) => {
                notes.push(format!("A text in the form of {}.", prose(media_type, 60).trim_end_matches('.')));
                (text(), String::new())
            }
            // Swagger 2.0 has the type beside the name.
            (None, None) => (text(), String::new()),
        };
        let style = parameter["style"].as_str().unwrap_or(if place == "query" { "form" } else { "simple" });
        if style == "deepObject" {
            return Ok(Err("it is a deepObject, whose keys are spread over the query".to_owned()));
        }
        let explode = parameter["explode"].as_bool().unwrap_or(style == "form");
        let kind = schema.get("type").and_then(Value::as_str).map(str::to_owned);
        let is_object = kind.as_deref() == Some("object")
            || schema.get("$ref").and_then(Value::as_str).is_some_and(|target| {
                let name = target.trim_start_matches("#/components/schemas/");
                self.schemas.written.get(name).is_some_and(|schema| schema["type"] == "object")
            });
        if is_object {
            return Ok(Err("it is an object".to_owned()));
        }
        match kind.as_deref() {
            Some("array") if place == "query" && explode && style == "form" => {
                let items = schema.get("items").cloned().unwrap_or_default();
                if let Some(name) =
                    items["$ref"].as_str().and_then(|target| target.strip_prefix("#/components/schemas/"))
                {
                    match self
                        .schemas
                        .written
                        .get(name)
                        .and_then(|schema| schema["anyOf"][0]["enum"].as_array())
                    {
                        Some(words) => {
                            let words: Vec<_> = words
                                .iter()
                                .filter_map(Value::as_str)
                                .take(40)
                                .map(|word| prose(word, 60))
                                .collect();
                            notes.push(format!(
                                "Documented values: {}.",
                                words
                                    .iter()
                                    .map(|word| word.trim_end_matches('.'))
                                    .collect::<Vec<_>>()
                                    .join(", ")
                            ));
                        }
                        None => return Ok(Err("it is a list of objects".to_owned())),
                    }
                }
                schema.insert("items".to_owned(), json!({"type": "string"}));
            }
            Some("array") => {
                let by = match style {
                    "pipeDelimited" => "bars",
                    "spaceDelimited" => "spaces",
                    _ => "commas",
                };
                notes.push(format!("A list, joined by {by}."));
                schema = text();
            }
            None if schema.contains_key("$ref") => {}
            None if schema.get("anyOf").is_some() => {}
            None => {
                notes.push("Sent as a text.".to_owned());
                schema = text();
            }
            Some(_) => {}
        }
        let mut private = schema.shift_remove("x-enroll-private");
        if kind.as_deref() == Some("array") {
            private = classify(wire, None, false).map(|privacy| privacy.word().into());
        }
        let mut own = parameter["description"].as_str().map(|text| prose(text, 320)).unwrap_or_default();
        if own.is_empty() {
            own = description;
        }
        if own.is_empty() {
            own = undescribed(wire);
        }
        for note in notes {
            own.push(' ');
            own.push_str(&note);
        }
        let mut written = Map::new();
        written.insert("name".to_owned(), wire.into());
        written.insert("in".to_owned(), place.into());
        written.insert("required".to_owned(), required.into());
        written.insert("description".to_owned(), own.into());
        written.insert("schema".to_owned(), schema.into());
        written.insert("example".to_owned(), Value::Null);
        if parameter["deprecated"] == true {
            written.insert("deprecated".to_owned(), true.into());
        }
        if let Some(rust) = field_name(wire, self.fields) {
            written.insert("x-enroll-name".to_owned(), rust.into());
        }
        if let Some(private) = private {
            written.insert("x-enroll-private".to_owned(), private);
        }
        written.insert("x-enroll-evidence".to_owned(), self.schemas.evidence.clone());
        Ok(Ok(written.into()))
    }
}

fn text() -> Map<String, Value> {
    Map::from_iter([("type".to_owned(), "string".into())])
}

/// The pointer to an operation.
pub(super) fn operation_at(path: &str, method: &str) -> String {
    format!("/paths/{}/{method}", escape(path))
}
