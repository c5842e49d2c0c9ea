//! A document taken apart: everything a rule looks at, each thing once, where it is defined.
//!
//! Nothing here relies on the document being right: what has the wrong form is left out, and other rules say so.

use std::collections::BTreeSet;

pub(super) use crate::pointer::escape;
use enroll_codegen::{Document, Finding};
use serde_json::{Map, Value};

pub(super) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// What a [`Node`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Operation,
    Parameter,
    RequestBody,
    Response,
    Header,
    MediaType,
    Example,
    Link,
    /// A schema with a name, below components.
    NamedSchema,
    /// A schema that is an object's property.
    Property,
    /// Any other schema: a parameter's, a body's, an item's, a branch.
    InnerSchema,
}

/// Which way something travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Request,
    Response,
}

/// One thing of the document.
pub(super) struct Node<'a> {
    pub(super) kind: Kind,
    pub(super) pointer: String,
    pub(super) value: &'a Value,
    /// What a parameter or a property is called; otherwise the key under which it stands.
    pub(super) name: &'a str,
    /// Whether this property or parameter is always there.
    pub(super) required: bool,
    /// Unknown for what stands in a named schema: that depends on who uses it.
    direction: Option<Direction>,
}

impl Node<'_> {
    pub(super) fn is_schema(&self) -> bool {
        matches!(self.kind, Kind::NamedSchema | Kind::Property | Kind::InnerSchema)
    }

    /// The pointer to the named schema in which this stands.
    fn home(&self) -> Option<&str> {
        home(&self.pointer)
    }
}

/// An operation, with what a path says for all its methods.
pub(super) struct Operation<'a> {
    pub(super) pointer: String,
    pub(super) path: &'a str,
    pub(super) method: &'a str,
    pub(super) value: &'a Value,
    pub(super) item: &'a Value,
}

impl<'a> Operation<'a> {
    pub(super) fn id(&self) -> &'a str {
        text(&self.value["operationId"])
    }

    /// Whether the method says that nothing is changed.
    pub(super) fn reads(&self) -> bool {
        matches!(self.method, "get" | "head" | "options" | "trace")
    }
}

pub(super) struct View<'a> {
    pub(super) document: &'a Document,
    pub(super) root: &'a Value,
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) operations: Vec<Operation<'a>>,
    pub(super) findings: Vec<Finding>,
    /// Each `$ref` to a schema: where it stands, which way that travels if it is known, and where it leads.
    references: Vec<(String, Option<Direction>, &'a str)>,
    sent: BTreeSet<String>,
    received: BTreeSet<String>,
}

impl<'a> View<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        let mut view = Self {
            document,
            root: document.value(),
            nodes: Vec::new(),
            operations: Vec::new(),
            findings: Vec::new(),
            references: Vec::new(),
            sent: BTreeSet::new(),
            received: BTreeSet::new(),
        };
        view.paths();
        view.components();
        view.sent = view.reached(Direction::Request);
        view.received = view.reached(Direction::Response);
        view
    }

    pub(super) fn report(&mut self, rule: &'static str, pointer: &str, message: impl Into<String>) {
        self.findings.push(self.document.finding(rule, pointer, message));
    }

    /// Whether this can be in what is sent, and in what comes back.
    pub(super) fn directions(&self, node: &Node<'_>) -> (bool, bool) {
        match (node.direction, node.home()) {
            (Some(direction), _) => (direction == Direction::Request, direction == Direction::Response),
            (None, Some(home)) => (self.sent.contains(home), self.received.contains(home)),
            (None, None) => (false, false),
        }
    }

    /// What a value is, through its `$ref`s, and where that stands.
    pub(super) fn resolve(&self, value: &'a Value, pointer: &str) -> (&'a Value, String) {
        let (mut value, mut pointer) = (value, pointer.to_owned());
        // A circle is another rule's matter.
        for _ in 0..16 {
            let Some(target) = value["$ref"].as_str().and_then(|target| target.strip_prefix('#')) else {
                break;
            };
            let Some(found) = self.root.pointer(target) else { break };
            (value, pointer) = (found, target.to_owned());
        }
        (value, pointer)
    }

    pub(super) fn operation(&self, id: &str) -> Option<&Operation<'a>> {
        self.operations.iter().find(|operation| !id.is_empty() && operation.id() == id)
    }

    /// The parameters of an operation, and those of its path, resolved, each with where it stands.
    pub(super) fn parameters(&self, operation: &Operation<'a>) -> Vec<(&'a Value, String)> {
        let item_at = operation.pointer.rsplit_once('/').map_or("", |(item, _)| item);
        [(operation.value, operation.pointer.as_str()), (operation.item, item_at)]
            .into_iter()
            .flat_map(|(holder, at)| items(&holder["parameters"]).enumerate().map(move |it| (it, at)))
            .map(|((index, parameter), at)| self.resolve(parameter, &format!("{at}/parameters/{index}")))
            .collect()
    }

    /// The answers of an operation, resolved, each with its status and with where it stands.
    pub(super) fn responses(&self, operation: &Operation<'a>) -> Vec<(&'a str, &'a Value, String)> {
        entries(&operation.value["responses"])
            .map(|(status, response)| {
                let at = format!("{}/responses/{}", operation.pointer, escape(status));
                let (response, at) = self.resolve(response, &at);
                (status.as_str(), response, at)
            })
            .collect()
    }

    fn paths(&mut self) {
        for (path, item) in entries(&self.root["paths"]) {
            let item_at = format!("/paths/{}", escape(path));
            self.parameter_list(item, &item_at);
            for (method, operation) in entries(item).filter(|(key, _)| METHODS.contains(&key.as_str())) {
                let at = format!("{item_at}/{method}");
                self.operations.push(Operation { pointer: at.clone(), path, method, value: operation, item });
                self.add(Kind::Operation, &at, operation, method, None);
                self.parameter_list(operation, &at);
                if let Some(body) = operation.get("requestBody") {
                    self.request_body(body, &format!("{at}/requestBody"));
                }
                for (status, response) in entries(&operation["responses"]) {
                    self.response(response, &format!("{at}/responses/{}", escape(status)), status);
                }
            }
        }
    }

    fn components(&mut self) {
        for (section, things) in entries(&self.root["components"]) {
            for (name, value) in entries(things) {
                let at = format!("/components/{section}/{}", escape(name));
                match section.as_str() {
                    "schemas" => self.schema(Kind::NamedSchema, value, &at, name, None, false),
                    "parameters" => self.parameter(value, &at),
                    "requestBodies" => self.request_body(value, &at),
                    "responses" => self.response(value, &at, name),
                    "headers" => self.header(value, &at, name),
                    "examples" => self.add(Kind::Example, &at, value, name, None),
                    _ => {}
                }
            }
        }
    }

    fn add(&mut self, kind: Kind, at: &str, value: &'a Value, name: &'a str, direction: Option<Direction>) {
        if value.is_object() && value.get("$ref").is_none() {
            let required = value["required"] == true;
            self.nodes.push(Node { kind, pointer: at.to_owned(), value, name, required, direction });
        }
    }

    fn parameter_list(&mut self, holder: &'a Value, at: &str) {
        for (index, parameter) in items(&holder["parameters"]).enumerate() {
            self.parameter(parameter, &format!("{at}/parameters/{index}"));
        }
    }

    fn parameter(&mut self, parameter: &'a Value, at: &str) {
        self.add(Kind::Parameter, at, parameter, text(&parameter["name"]), Some(Direction::Request));
        self.own_schema(parameter, at, Direction::Request);
    }

    fn header(&mut self, header: &'a Value, at: &str, name: &'a str) {
        self.add(Kind::Header, at, header, name, Some(Direction::Response));
        self.own_schema(header, at, Direction::Response);
    }

    fn request_body(&mut self, body: &'a Value, at: &str) {
        self.add(Kind::RequestBody, at, body, "", Some(Direction::Request));
        self.content(body, at, Direction::Request);
    }

    fn response(&mut self, response: &'a Value, at: &str, status: &'a str) {
        self.add(Kind::Response, at, response, status, Some(Direction::Response));
        self.content(response, at, Direction::Response);
        for (name, header) in entries(&response["headers"]) {
            self.header(header, &format!("{at}/headers/{}", escape(name)), name);
        }
        for (name, link) in entries(&response["links"]) {
            self.add(Kind::Link, &format!("{at}/links/{}", escape(name)), link, name, None);
        }
    }

    fn content(&mut self, holder: &'a Value, at: &str, direction: Direction) {
        for (name, media) in entries(&holder["content"]) {
            let at = format!("{at}/content/{}", escape(name));
            self.add(Kind::MediaType, &at, media, name, Some(direction));
            self.own_schema(media, &at, direction);
            for (name, example) in entries(&media["examples"]) {
                let at = format!("{at}/examples/{}", escape(name));
                self.add(Kind::Example, &at, example, name, Some(direction));
            }
        }
    }

    fn own_schema(&mut self, holder: &'a Value, at: &str, direction: Direction) {
        if let Some(schema) = holder.get("schema") {
            self.schema(Kind::InnerSchema, schema, &format!("{at}/schema"), "", Some(direction), false);
        }
    }

    fn schema(
        &mut self,
        kind: Kind,
        schema: &'a Value,
        at: &str,
        name: &'a str,
        direction: Option<Direction>,
        required: bool,
    ) {
        if let Some(target) = schema["$ref"].as_str() {
            self.references.push((at.to_owned(), direction, target.trim_start_matches('#')));
            return;
        }
        if schema.is_object() {
            self.nodes.push(Node { kind, pointer: at.to_owned(), value: schema, name, required, direction });
        }
        let required: Vec<_> = items(&schema["required"]).map(text).collect();
        for (name, property) in entries(&schema["properties"]) {
            let at = format!("{at}/properties/{}", escape(name));
            let required = required.contains(&name.as_str());
            self.schema(Kind::Property, property, &at, name, direction, required);
        }
        for key in ["items", "additionalProperties", "not"] {
            if let Some(inner) = schema.get(key) {
                self.schema(Kind::InnerSchema, inner, &format!("{at}/{key}"), "", direction, false);
            }
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            for (index, branch) in items(&schema[key]).enumerate() {
                self.schema(Kind::InnerSchema, branch, &format!("{at}/{key}/{index}"), "", direction, false);
            }
        }
    }

    /// The named schemas that can be in what travels this way.
    fn reached(&self, wanted: Direction) -> BTreeSet<String> {
        let from = |direction: Option<Direction>| direction == Some(wanted);
        let mut open: Vec<&str> =
            self.references.iter().filter(|(_, it, _)| from(*it)).map(|(_, _, target)| *target).collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = open.pop() {
            if seen.insert(name.to_owned()) {
                let inside = self.references.iter().filter(|(at, _, _)| home(at) == Some(name));
                open.extend(inside.map(|(_, _, target)| *target));
            }
        }
        seen
    }
}

/// The pointer to the named schema in which this pointer lies.
fn home(pointer: &str) -> Option<&str> {
    let rest = pointer.strip_prefix("/components/schemas/")?;
    let end = rest.find('/').map_or(pointer.len(), |slash| pointer.len() - rest.len() + slash);
    Some(&pointer[..end])
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(super) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

pub(super) fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&EMPTY).iter()
}

/// Whether a text is a sentence, and not a word to fill a place.
pub(super) fn is_sentence(text: &str) -> bool {
    text.split_whitespace().count() >= 3 && text.trim_end().ends_with(['.', '!', '?', '"'])
}

/// The words of a name in camelCase, snake_case or kebab-case, in lower case.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut lower = false;
    for c in name.chars() {
        let starts = words.is_empty() || c.is_uppercase() && lower;
        lower = c.is_lowercase();
        if !c.is_alphanumeric() {
            words.push(String::new());
        } else if starts {
            words.push(c.to_lowercase().collect());
        } else if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
