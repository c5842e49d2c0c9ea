//! Writes schemas as a spec of the house has them: every object and vocabulary with a name, requests apart from answers,
//! descriptions, evidence and privacy on everything.

use std::collections::{BTreeSet, HashMap, VecDeque};

use heck::ToUpperCamelCase;
use serde_json::{Map, Value, json};

use super::examples;
use super::flatten::{Flat, Flattener, Node};
use super::names::{are_variants, field_name, type_name};
use super::private::{Privacy, classify, prose};
use super::shape::{Shape, shape};

/// The longest description that is taken over.
const LONGEST: usize = 320;

/// The most schemas that a spec has. The largest documents of all come to some hundreds for a few operations.
const MOST: usize = 3_000;

/// The most values that a vocabulary has before it is a text.
const MOST_WORDS: usize = 200;

/// What a schema is for: requests are strict, answers lenient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Side {
    Request,
    Answer,
}

pub(super) struct Schemas<'a> {
    pub(super) flattener: Flattener<'a>,
    /// What supports every fact.
    pub(super) evidence: Value,
    pub(super) taken: BTreeSet<String>,
    pub(super) written: Map<String, Value>,
    known: HashMap<(String, Side), String>,
    vocabularies: HashMap<String, String>,
    queue: VecDeque<Waiting<'a>>,
}

/// An object that has a name already, and is yet to be written.
struct Waiting<'a> {
    name: String,
    flat: Flat<'a>,
    one_of: Vec<Vec<&'a str>>,
    side: Side,
    fields: BTreeSet<String>,
}

/// A schema as it is written where it is used.
#[derive(Debug, Default)]
pub(super) struct Used {
    pub(super) schema: Map<String, Value>,
    pub(super) nullable: bool,
    pub(super) description: String,
    pub(super) deprecated: bool,
    read_only: bool,
    write_only: bool,
}

impl Used {
    /// Where nothing can stand beside it: in a list, a map, or as a body.
    fn bare(mut self) -> Value {
        if says_nothing(&self.schema) {
            return json!({});
        }
        if self.schema.contains_key("$ref") {
            self.schema.shift_remove("x-enroll-private");
        }
        if self.nullable {
            // A list holds no null in Rust, and any JSON may be null.
            return json!({});
        }
        self.schema.into()
    }
}

impl<'a> Schemas<'a> {
    pub(super) fn new(flattener: Flattener<'a>, evidence: Value, taken: BTreeSet<String>) -> Self {
        Self {
            flattener,
            evidence,
            taken,
            written: Map::new(),
            known: HashMap::new(),
            vocabularies: HashMap::new(),
            queue: VecDeque::new(),
        }
    }

    /// A schema as it is used: named objects are put into the queue. `hint` names what has no name, and `field` is what
    /// the value is called on the wire.
    pub(super) fn used(
        &mut self,
        node: &Node<'a>,
        hint: &str,
        field: &str,
        side: Side,
    ) -> Result<Used, String> {
        self.used_within(node, hint, field, side, 0, BTreeSet::new())
    }

    /// The name of the schema of a request's body, whose fields share the builder with `fields`; or why there is none.
    pub(super) fn body(
        &mut self,
        node: &Node<'a>,
        hint: &str,
        fields: BTreeSet<String>,
        form: bool,
    ) -> Result<Result<String, String>, String> {
        let (shape, mut flat) = shape(&mut self.flattener, node)?;
        let Shape::Object { one_of } = shape else {
            return Ok(Err(
                "is no object with properties, which is all that can be sent; leave the operation out of --operations"
                    .to_owned(),
            ));
        };
        if form {
            // A form knows plain values only.
            flat.reference = None;
            flat.identity.insert("a form".to_owned());
            let mut kept = Vec::new();
            for (wire, property) in std::mem::take(&mut flat.properties) {
                let (kind, _) = super::shape::shape(&mut self.flattener, &property)?;
                let plain = matches!(
                    kind,
                    Shape::Text
                        | Shape::Integer
                        | Shape::Number
                        | Shape::Boolean
                        | Shape::Words(_)
                        | Shape::IntegerOrText
                );
                if plain {
                    kept.push((wire, property));
                } else if flat.required.contains(&wire) {
                    return Ok(Err(format!("is a form, and needs {wire}, which is no plain value")));
                } else {
                    flat.notes.push(format!(
                        "The optional {wire} is left out: it is no plain value, and this is a form."
                    ));
                }
            }
            flat.properties = kept;
        }
        Ok(Ok(self.object(&flat, &one_of, hint, Side::Request, fields)))
    }

    fn used_within(
        &mut self,
        node: &Node<'a>,
        hint: &str,
        field: &str,
        side: Side,
        depth: usize,
        fields: BTreeSet<String>,
    ) -> Result<Used, String> {
        let (mut shape, mut flat) = shape(&mut self.flattener, node)?;
        if depth > 6 && matches!(shape, Shape::List(_) | Shape::Map(_) | Shape::OneOrMany(_)) {
            shape = Shape::Any;
        }
        let mut schema = Map::new();
        let private = |format: Option<&str>, is_text: bool| classify(field, format, is_text);
        let mut privacy: Option<Privacy> = None;
        match shape {
            Shape::Any => privacy = private(None, false),
            Shape::Text => {
                schema.insert("type".to_owned(), "string".into());
                if let Some(format) = flat.format.and_then(text_format) {
                    schema.insert("format".to_owned(), format.into());
                }
                privacy = private(flat.format, true);
                if side == Side::Request {
                    self.text_limits(&mut flat, &mut schema);
                }
            }
            Shape::Integer | Shape::Number => {
                let word = if matches!(shape, Shape::Integer) { "integer" } else { "number" };
                schema.insert("type".to_owned(), word.into());
                match flat.format {
                    Some("unix-time" | "epoch-seconds" | "unix-timestamp" | "timestamp") => {
                        schema.insert("format".to_owned(), "epoch-seconds".into());
                    }
                    Some("epoch-milliseconds" | "unix-time-millis") => {
                        schema.insert("format".to_owned(), "epoch-milliseconds".into());
                    }
                    _ => {
                        privacy = private(flat.format, false);
                        if side == Side::Request {
                            copy_limits(&flat, &["minimum", "maximum"], &mut schema);
                        }
                    }
                }
                note_values(&mut flat);
            }
            Shape::Boolean => {
                schema.insert("type".to_owned(), "boolean".into());
            }
            Shape::Words(ref words) => {
                let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
                match self.vocabulary(&words, &flat, hint) {
                    Some(name) => {
                        schema.insert("$ref".to_owned(), reference(&name));
                        privacy = private(None, false);
                    }
                    None => {
                        note_words(&words, &mut flat);
                        schema.insert("type".to_owned(), "string".into());
                        privacy = private(None, true);
                    }
                }
            }
            Shape::IntegerOrText => {
                let branches = json!([{"type": "integer"}, {"type": "string"}]);
                schema.insert("anyOf".to_owned(), branches);
                privacy = private(None, false);
            }
            Shape::List(ref item) => {
                schema.insert("type".to_owned(), "array".into());
                let item = match item {
                    Some(item) => self
                        .used_within(item, &singular(hint), field, side, depth + 1, BTreeSet::new())?
                        .bare(),
                    None => json!({}),
                };
                schema.insert("items".to_owned(), item);
                if side == Side::Request {
                    copy_limits(&flat, &["minItems", "maxItems"], &mut schema);
                }
            }
            Shape::OneOrMany(ref one) => {
                let one =
                    self.used_within(one, &singular(hint), field, side, depth + 1, BTreeSet::new())?.bare();
                schema.insert("oneOf".to_owned(), json!([one, {"type": "array", "items": one}]));
            }
            Shape::Map(ref value) => {
                schema.insert("type".to_owned(), "object".into());
                let value = self
                    .used_within(value, &format!("{hint}Value"), "", side, depth + 1, BTreeSet::new())?
                    .bare();
                if value != json!({}) {
                    schema.insert("additionalProperties".to_owned(), value);
                }
            }
            Shape::Free => {
                schema.insert("type".to_owned(), "object".into());
            }
            Shape::Object { ref one_of } => {
                let name = self.object(&flat, one_of, hint, side, fields);
                schema.insert("$ref".to_owned(), reference(&name));
            }
        }
        if let Some(privacy) = privacy {
            schema.insert("x-enroll-private".to_owned(), privacy.word().into());
        }
        let nullable = flat.nullable && !matches!(shape, Shape::Any);
        Ok(Used {
            nullable,
            description: described(&flat),
            deprecated: flat.deprecated,
            read_only: flat.read_only,
            write_only: flat.write_only,
            schema,
        })
    }

    /// The name of an object, which is put into the queue if it is new.
    fn object(
        &mut self,
        flat: &Flat<'a>,
        one_of: &[Vec<&'a str>],
        hint: &str,
        side: Side,
        fields: BTreeSet<String>,
    ) -> String {
        let key = (flat.identity.iter().cloned().collect::<Vec<_>>().join(" and "), side);
        if let Some(name) = self.known.get(&key) {
            return name.clone();
        }
        let wish = match &flat.reference {
            Some(reference) if is_named(reference) => reference.rsplit('/').next().unwrap_or(hint),
            _ => hint,
        };
        let wish = wish.replace("~1", " ").replace("~0", " ");
        let upper = wish.to_upper_camel_case();
        let wish = match side {
            Side::Request if self.taken.contains(&upper) => format!("{upper}Request"),
            _ => wish,
        };
        let name = type_name(&wish, &mut self.taken);
        self.known.insert(key, name.clone());
        self.queue.push_back(Waiting {
            name: name.clone(),
            flat: flat.clone(),
            one_of: one_of.to_vec(),
            side,
            fields,
        });
        name
    }

    /// The name of a vocabulary; `None` if its values have no names in Rust.
    fn vocabulary(&mut self, words: &[String], flat: &Flat<'a>, hint: &str) -> Option<String> {
        if words.len() > MOST_WORDS || !are_variants(words) {
            return None;
        }
        let key = match &flat.reference {
            Some(reference) if is_named(reference) => reference.clone(),
            _ => format!("{} of {}", words.join("\n"), hint.to_upper_camel_case()),
        };
        if let Some(name) = self.vocabularies.get(&key) {
            return Some(name.clone());
        }
        let wish = match &flat.reference {
            Some(reference) if is_named(reference) => reference.rsplit('/').next().unwrap_or(hint),
            _ => hint,
        };
        let name = type_name(wish, &mut self.taken);
        let description = match described(flat) {
            text if text.is_empty() => {
                "One of the documented values, or another one that came later.".to_owned()
            }
            text => text,
        };
        let schema = json!({
            "description": description,
            "example": words.first(),
            "x-enroll-evidence": self.evidence,
            "anyOf": [{"type": "string", "enum": words}, {"type": "string"}],
        });
        self.written.insert(name.clone(), schema);
        self.vocabularies.insert(key, name.clone());
        Some(name)
    }

    /// Writes everything that waits, and what that refers to.
    pub(super) fn write(&mut self) -> Result<(), String> {
        while let Some(waiting) = self.queue.pop_front() {
            let Waiting { name, flat, one_of, side, mut fields } = waiting;
            if self.written.len() > MOST {
                let message =
                    format!("and what it refers to are more than {MOST} schemas; choose fewer operations");
                return Err(self.flattener.document.finding(&flat.at, &message));
            }
            fields.insert("new".to_owned());
            let mut properties = Map::new();
            for (wire, node) in &flat.properties {
                let hint = format!("{name} {wire}");
                let used = self.used(node, &hint, wire, side)?;
                let skipped = match side {
                    Side::Request => used.read_only,
                    Side::Answer => used.write_only,
                };
                if skipped {
                    continue;
                }
                let rust = field_name(wire, &mut fields);
                properties.insert((*wire).to_owned(), self.property(used, wire, rust));
            }
            let required: Vec<_> = flat
                .required
                .iter()
                .filter(|wire| {
                    properties
                        .get(**wire)
                        .is_some_and(|property| side == Side::Request || identifies(wire, property))
                })
                .copied()
                .collect();
            let description = match described(&flat) {
                text if text.is_empty() => match side {
                    Side::Request => "What is sent; nothing more is known of it.".to_owned(),
                    Side::Answer => "What is answered; nothing more is known of it.".to_owned(),
                },
                text => text,
            };
            let mut schema = Map::new();
            schema.insert("type".to_owned(), "object".into());
            schema.insert("description".to_owned(), description.into());
            schema.insert("example".to_owned(), Value::Null);
            schema.insert("x-enroll-evidence".to_owned(), self.evidence.clone());
            if !required.is_empty() {
                schema.insert("required".to_owned(), required.into());
            }
            let known = |names: &Vec<&str>| names.iter().all(|name| properties.contains_key(*name));
            if side == Side::Request && !one_of.is_empty() && one_of.iter().all(known) {
                let branches = one_of.iter().map(|names| json!({"required": names}));
                schema.insert("anyOf".to_owned(), branches.collect());
            }
            if !properties.is_empty() {
                schema.insert("properties".to_owned(), properties.into());
            }
            self.written.insert(name, schema.into());
        }
        Ok(())
    }

    /// A property with everything that a spec says of one.
    fn property(&self, used: Used, wire: &str, rust: Option<String>) -> Value {
        let is_reference = used.schema.contains_key("$ref");
        let private = used.schema.contains_key("x-enroll-private");
        if is_reference && !used.nullable && !private && used.description.is_empty() && rust.is_none() {
            return used.schema.into();
        }
        let mut property = Map::new();
        let mut used = used;
        let private = used.schema.shift_remove("x-enroll-private");
        let union = used.schema.contains_key("anyOf") || used.schema.contains_key("oneOf");
        match (is_reference, used.nullable) {
            (true, true) => drop(property.insert("anyOf".to_owned(), json!([used.schema, {"enum": [null]}]))),
            (true, false) => drop(property.insert("allOf".to_owned(), json!([used.schema]))),
            (false, nullable) => {
                property = used.schema;
                match property.get_mut("anyOf") {
                    Some(Value::Array(branches)) if nullable => branches.push(json!({"enum": [null]})),
                    _ if nullable && !union => drop(property.insert("nullable".to_owned(), true.into())),
                    _ => {}
                }
            }
        }
        let mut description = match used.description {
            text if text.is_empty() => undescribed(wire),
            text => text,
        };
        if says_nothing(&property) && !description.to_lowercase().contains("any json") {
            description.push_str(" It may be any JSON.");
        }
        property.insert("description".to_owned(), description.into());
        property.insert("example".to_owned(), Value::Null);
        if used.deprecated {
            property.insert("deprecated".to_owned(), true.into());
        }
        if let Some(rust) = rust {
            property.insert("x-enroll-name".to_owned(), rust.into());
        }
        if let Some(private) = private {
            property.insert("x-enroll-private".to_owned(), private);
        }
        property.insert("x-enroll-evidence".to_owned(), self.evidence.clone());
        property.into()
    }

    /// Length and pattern, as far as an example can be made up that keeps to them.
    fn text_limits(&self, flat: &mut Flat<'a>, schema: &mut Map<String, Value>) {
        copy_limits(flat, &["minLength", "maxLength"], schema);
        if schema.get("minLength").and_then(Value::as_u64).is_some_and(|length| length > 512)
            || examples::fitting(schema, "").is_none()
        {
            schema.remove("minLength");
            schema.remove("maxLength");
        }
        let Some(pattern) = flat.limits.get("pattern").and_then(Value::as_str).map(str::to_owned) else {
            return;
        };
        schema.insert("pattern".to_owned(), pattern.clone().into());
        if pattern.len() > 200 || examples::fitting(schema, "").is_none() {
            schema.remove("pattern");
            flat.notes.push("The document gives a pattern, which is not checked here.".to_owned());
        }
    }

    /// Puts an example wherever one belongs.
    pub(super) fn exemplify(&mut self) {
        let names: Vec<String> = self.written.keys().cloned().collect();
        for name in names {
            let Some(schema) = self.written.get(&name) else { continue };
            let own = examples::example(schema, &name, &self.written, 0);
            let properties: Vec<(String, Value)> = schema["properties"]
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(_, property)| property.get("example").is_some())
                .map(|(wire, property)| (wire.clone(), examples::example(property, wire, &self.written, 2)))
                .collect();
            let Some(schema) = self.written.get_mut(&name) else { continue };
            if schema.get("example").is_some() {
                schema["example"] = own;
            }
            for (wire, example) in properties {
                schema["properties"][&wire]["example"] = example;
            }
        }
    }
}

/// Whether a schema takes any JSON.
fn says_nothing(schema: &Map<String, Value>) -> bool {
    !["$ref", "type", "allOf", "anyOf", "oneOf"].iter().any(|key| schema.contains_key(*key))
}

/// Whether a pointer is that of a schema with a name, and not of a part of one.
fn is_named(pointer: &str) -> bool {
    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    matches!(parent, "/components/schemas" | "/definitions" | "/$defs" | "/components/responses")
        || parent.ends_with("/$defs")
}

fn reference(name: &str) -> Value {
    format!("#/components/schemas/{name}").into()
}

/// Whether an answer is useless without this: that is what the documentation's word for "always there" is taken for.
fn identifies(wire: &str, property: &Value) -> bool {
    let plain =
        matches!(property["type"].as_str(), Some("string" | "integer")) && property.get("nullable").is_none();
    plain && matches!(wire, "id" | "uid" | "uuid" | "user_id" | "userId" | "sid" | "sub" | "pk")
}

fn described(flat: &Flat<'_>) -> String {
    let mut text = flat.description.map(|text| prose(text, LONGEST)).unwrap_or_default();
    for note in &flat.notes {
        if !text.contains(note.as_str()) {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(note);
        }
    }
    text
}

/// What is said of something of which nothing but its name is known.
pub(super) fn undescribed(wire: &str) -> String {
    let name: String = wire.chars().filter(|c| !c.is_control()).collect();
    format!("Called {name}; nothing more is known of it.")
}

fn note_words(words: &[String], flat: &mut Flat<'_>) {
    let shown: Vec<_> = words.iter().take(30).map(|word| prose(word, 60)).collect();
    let shown: Vec<_> = shown.iter().map(|word| word.trim_end_matches('.')).collect();
    let rest = if words.len() > shown.len() { ", and more" } else { "" };
    flat.notes.push(format!("Documented values: {}{rest}.", shown.join(", ")));
}

fn note_values(flat: &mut Flat<'_>) {
    if let Some(words) = &flat.words {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        note_words(&words, flat);
    }
}

fn copy_limits(flat: &Flat<'_>, keys: &[&str], schema: &mut Map<String, Value>) {
    for key in keys {
        if let Some(limit) = flat.limits.get(*key) {
            schema.insert((*key).to_owned(), limit.clone());
        }
    }
    for (low, high) in [("minLength", "maxLength"), ("minimum", "maximum"), ("minItems", "maxItems")] {
        let limit = |key: &str| schema.get(key).and_then(Value::as_f64);
        if let (Some(at_least), Some(at_most)) = (limit(low), limit(high))
            && at_least > at_most
        {
            schema.remove(low);
            schema.remove(high);
        }
    }
    if schema.get("minItems").and_then(Value::as_u64).is_some_and(|least| least > 3) {
        schema.remove("minItems");
    }
}

/// The formats that mean the same everywhere.
fn text_format(format: &str) -> Option<&'static str> {
    const KNOWN: [&str; 10] =
        ["byte", "date", "date-time", "email", "hostname", "ipv4", "ipv6", "password", "uri", "uuid"];
    let format = match format {
        "url" => "uri",
        "datetime" | "iso-date-time" => "date-time",
        other => other,
    };
    KNOWN.into_iter().find(|known| *known == format)
}

fn singular(name: &str) -> String {
    match name.strip_suffix("ies") {
        Some(stem) if stem.len() > 2 => format!("{stem}y"),
        _ => match name.strip_suffix('s') {
            Some(stem) if stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
            _ => format!("{name} item"),
        },
    }
}
