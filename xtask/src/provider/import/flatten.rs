//! A schema of JSON Schema as one flat thing: references followed, `allOf` merged, 3.0 and 3.1 made the same.
//!
//! Whatever has no form in a spec of the house is made looser, never tighter.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::document::{Document, escape};

/// How many schemas within schemas are looked into.
const DEEPEST: usize = 48;

/// How many schemas are looked at in all. Documents that refer to one thing twice, and that twice again, can stand for
/// billions.
const MOST: usize = 400_000;

/// A schema of the document, or several that hold together.
#[derive(Clone, Debug)]
pub(super) enum Node<'a> {
    One(&'a Value, String),
    All(Vec<Node<'a>>),
    Any(Vec<Node<'a>>),
}

#[derive(Clone, Debug, Default)]
pub(super) struct Flat<'a> {
    /// Where it stands.
    pub(super) at: String,
    /// The pointer of the named schema that it is, with nothing added that matters.
    pub(super) reference: Option<String>,
    /// The places of all schemas that are in it, by which it is known again: without that, two schemas that refer to
    /// themselves and hold together would unfold without an end.
    pub(super) identity: BTreeSet<String>,
    /// The types that a value may have; `None` if any.
    pub(super) types: Option<BTreeSet<&'static str>>,
    pub(super) nullable: bool,
    pub(super) description: Option<&'a str>,
    pub(super) format: Option<&'a str>,
    pub(super) limits: Map<String, Value>,
    pub(super) words: Option<Vec<&'a Value>>,
    pub(super) properties: Vec<(&'a str, Node<'a>)>,
    pub(super) required: Vec<&'a str>,
    pub(super) additional: Option<Node<'a>>,
    pub(super) items: Option<Node<'a>>,
    pub(super) unions: Vec<Vec<Node<'a>>>,
    pub(super) deprecated: bool,
    pub(super) read_only: bool,
    pub(super) write_only: bool,
    pub(super) notes: Vec<String>,
}

impl Flat<'_> {
    /// Whether it says nothing of which values there may be.
    pub(super) fn is_bare(&self) -> bool {
        self.types.is_none()
            && self.format.is_none()
            && self.limits.is_empty()
            && self.words.is_none()
            && self.properties.is_empty()
            && self.required.is_empty()
            && self.additional.is_none()
            && self.items.is_none()
            && self.unions.is_empty()
    }
}

/// Reads schemas, and counts.
pub(super) struct Flattener<'a> {
    pub(super) document: &'a Document,
    looked: usize,
}

impl<'a> Flattener<'a> {
    pub(super) fn new(document: &'a Document) -> Self {
        Self { document, looked: 0 }
    }

    /// What a value is behind its `$ref`s, and where that stands.
    pub(super) fn resolve(&self, value: &'a Value, at: &str) -> Result<(&'a Value, String), String> {
        let (mut value, mut at) = (value, at.to_owned());
        let mut seen = BTreeSet::new();
        while let Some(target) = value.get("$ref").and_then(Value::as_str) {
            let reference = format!("{at}/$ref");
            let (found, found_at) = self.follow(target, &reference)?;
            if !seen.insert(found_at.clone()) {
                return Err(self.document.finding(&reference, "goes round in a circle"));
            }
            (value, at) = (found, found_at);
        }
        Ok((value, at))
    }

    fn follow(&self, target: &str, at: &str) -> Result<(&'a Value, String), String> {
        let Some(pointer) = target.strip_prefix('#') else {
            let message = format!("`{target}` is in another file; bundle the document into one first");
            return Err(self.document.finding(at, &message));
        };
        let pointer = decoded(pointer);
        match self.document.value.pointer(&pointer) {
            Some(found) => Ok((found, pointer)),
            None => Err(self.document.finding(at, &format!("`{target}` leads nowhere"))),
        }
    }

    pub(super) fn flatten(&mut self, node: &Node<'a>) -> Result<Flat<'a>, String> {
        self.node(node, &mut Vec::new())
    }

    fn node(&mut self, node: &Node<'a>, trail: &mut Vec<String>) -> Result<Flat<'a>, String> {
        match node {
            Node::One(value, at) => self.one(value, at, trail),
            Node::All(nodes) => {
                let mut flat: Option<Flat<'a>> = None;
                for node in nodes {
                    let next = self.node(node, trail)?;
                    flat = Some(match flat {
                        Some(flat) => merge(flat, next),
                        None => next,
                    });
                }
                Ok(flat.unwrap_or_default())
            }
            Node::Any(nodes) => Ok(Flat { unions: vec![nodes.clone()], ..Flat::default() }),
        }
    }

    fn one(&mut self, value: &'a Value, at: &str, trail: &mut Vec<String>) -> Result<Flat<'a>, String> {
        self.looked += 1;
        if self.looked > MOST {
            return Err(self.document.finding(at, "is entangled beyond measure; choose fewer operations"));
        }
        if trail.len() > DEEPEST {
            let message = format!("has more than {DEEPEST} schemas within schemas, and no end is in sight");
            return Err(self.document.finding(at, &message));
        }
        let Some(object) = value.as_object() else {
            if value.is_boolean() {
                return Ok(Flat { at: at.to_owned(), ..Flat::default() });
            }
            return Err(self.document.finding(at, "is no schema; a schema is a mapping"));
        };
        let mut flat = self.own(object, at);
        if !flat.is_bare() {
            flat.identity.insert(at.to_owned());
        }
        if let Some(target) = object.get("$ref").and_then(Value::as_str) {
            let (found, found_at) = self.follow(target, &format!("{at}/$ref"))?;
            if trail.contains(&found_at) {
                flat.notes.push("The document defines this by itself, so that any JSON is taken.".to_owned());
                return Ok(flat);
            }
            trail.push(found_at.clone());
            let mut referred = self.one(found, &found_at, trail)?;
            trail.pop();
            if referred.reference.is_none() || !found.get("$ref").is_some_and(Value::is_string) {
                referred.reference = Some(found_at.clone());
            }
            flat = merge(flat, referred);
        }
        for (index, part) in items(object.get("allOf")).enumerate() {
            trail.push(at.to_owned());
            let part = self.one(part, &format!("{at}/allOf/{index}"), trail)?;
            trail.pop();
            flat = merge(flat, part);
        }
        Ok(flat)
    }

    /// What a schema says itself, without what it refers to.
    fn own(&self, object: &'a Map<String, Value>, at: &str) -> Flat<'a> {
        let flag = |key: &str| object.get(key) == Some(&Value::Bool(true));
        let mut flat = Flat {
            at: at.to_owned(),
            nullable: flag("nullable") || flag("x-nullable"),
            description: object.get("description").and_then(Value::as_str),
            format: object.get("format").and_then(Value::as_str),
            deprecated: flag("deprecated"),
            read_only: flag("readOnly"),
            write_only: flag("writeOnly"),
            ..Flat::default()
        };
        let stated: Vec<&str> = match object.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let mut types = BTreeSet::new();
        for word in &stated {
            match *word {
                "null" => flat.nullable = true,
                "string" => drop(types.insert("string")),
                "integer" | "int" | "long" => drop(types.insert("integer")),
                "number" | "float" | "double" => drop(types.insert("number")),
                "boolean" | "bool" => drop(types.insert("boolean")),
                "array" => drop(types.insert("array")),
                "object" => drop(types.insert("object")),
                "file" => drop(types.insert("string")),
                other => flat.notes.push(format!("The document gives a type that JSON has not: {other}.")),
            }
        }
        if !types.is_empty() {
            flat.types = Some(types);
        } else if stated == ["null"] {
            flat.types = Some(BTreeSet::new());
        }
        if object.get("contentEncoding").is_some() && flat.format.is_none() {
            flat.format = Some("byte");
        }
        self.vocabulary(object, &mut flat);
        self.limits(object, &mut flat);
        for (name, property) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let at = format!("{at}/properties/{}", escape(name));
            flat.properties.push((name, Node::One(property, at)));
        }
        flat.required = items(object.get("required")).filter_map(Value::as_str).collect();
        if let Some(additional @ Value::Object(inner)) = object.get("additionalProperties")
            && !inner.is_empty()
        {
            flat.additional = Some(Node::One(additional, format!("{at}/additionalProperties")));
        }
        if let Some(patterns) = object.get("patternProperties").and_then(Value::as_object)
            && flat.properties.is_empty()
            && flat.additional.is_none()
        {
            let nodes = patterns.iter().map(|(pattern, schema)| {
                Node::One(schema, format!("{at}/patternProperties/{}", escape(pattern)))
            });
            flat.additional = Some(Node::Any(nodes.collect()));
        }
        flat.items = match object.get("items") {
            Some(item @ Value::Object(_)) if object.get("prefixItems").is_none() => {
                Some(Node::One(item, format!("{at}/items")))
            }
            _ => None,
        };
        if flat.types.is_none() {
            let implied = if !flat.properties.is_empty() || flat.additional.is_some() {
                Some("object")
            } else if flat.items.is_some() {
                Some("array")
            } else {
                None
            };
            flat.types = implied.map(|word| BTreeSet::from([word]));
        }
        for key in ["oneOf", "anyOf"] {
            let branches = items(object.get(key)).enumerate();
            let nodes: Vec<_> =
                branches.map(|(index, branch)| Node::One(branch, format!("{at}/{key}/{index}"))).collect();
            if !nodes.is_empty() {
                flat.unions.push(nodes);
            }
        }
        flat
    }

    fn vocabulary(&self, object: &'a Map<String, Value>, flat: &mut Flat<'a>) {
        let words: Option<Vec<&Value>> = match (object.get("enum"), object.get("const")) {
            (_, Some(word)) => Some(vec![word]),
            (Some(Value::Array(words)), _) => Some(words.iter().collect()),
            _ => None,
        };
        let Some(words) = words else { return };
        let known: Vec<&Value> = words.iter().copied().filter(|word| !word.is_null()).collect();
        flat.nullable |= known.len() < words.len();
        if known.is_empty() {
            if !words.is_empty() && flat.types.is_none() {
                // Nothing but null.
                flat.types = Some(BTreeSet::new());
            }
            return;
        }
        if flat.types.is_none() {
            let types = known.iter().map(|word| match word {
                Value::String(_) => "string",
                Value::Bool(_) => "boolean",
                Value::Number(number) if number.is_f64() => "number",
                Value::Number(_) => "integer",
                Value::Array(_) => "array",
                _ => "object",
            });
            flat.types = Some(types.collect());
        }
        flat.words = Some(known);
    }

    fn limits(&self, object: &'a Map<String, Value>, flat: &mut Flat<'a>) {
        for key in ["minLength", "maxLength", "minItems", "maxItems"] {
            if let Some(limit) = object.get(key).filter(|limit| limit.is_u64()) {
                flat.limits.insert(key.to_owned(), limit.clone());
            }
        }
        if let Some(pattern) = object.get("pattern").filter(|pattern| pattern.is_string()) {
            flat.limits.insert("pattern".to_owned(), pattern.clone());
        }
        // 3.1 has the limit itself where 3.0 has a flag beside it; only whole numbers are checked before sending.
        for (key, exclusive, step) in
            [("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)]
        {
            let inclusive = object.get(key).and_then(Value::as_i64);
            let limit = match (inclusive, object.get(exclusive)) {
                (Some(limit), Some(Value::Bool(true))) => limit.checked_add(step),
                (None, Some(Value::Number(limit))) => {
                    limit.as_i64().and_then(|limit| limit.checked_add(step))
                }
                (inclusive, _) => inclusive,
            };
            if let Some(limit) = limit {
                flat.limits.insert(key.to_owned(), limit.into());
            }
        }
    }
}

/// What satisfies both.
fn merge<'a>(first: Flat<'a>, second: Flat<'a>) -> Flat<'a> {
    let reference = match (first.is_bare(), second.is_bare()) {
        (true, _) => second.reference.clone().or_else(|| first.reference.clone()),
        (false, true) => first.reference.clone(),
        (false, false) => None,
    };
    let at = if first.is_bare() && !second.at.is_empty() { second.at.clone() } else { first.at.clone() };
    let mut flat = Flat { at, reference, ..first };
    flat.identity.extend(second.identity);
    flat.nullable |= second.nullable;
    flat.types = match (flat.types.take(), second.types) {
        (Some(first), Some(second)) => {
            let mut both: BTreeSet<&'static str> = first.intersection(&second).copied().collect();
            let numbers = |one: &BTreeSet<&str>, other: &BTreeSet<&str>| {
                one.contains("integer") && other.contains("number")
            };
            if numbers(&first, &second) || numbers(&second, &first) {
                both.insert("integer");
            }
            if both.is_empty() && !(first.is_empty() && second.is_empty()) {
                flat.notes.push(
                    "The document gives types that exclude each other, so that any JSON is taken.".to_owned(),
                );
                None
            } else {
                Some(both)
            }
        }
        (first, second) => first.or(second),
    };
    flat.description = flat.description.or(second.description);
    flat.format = flat.format.or(second.format);
    for (key, limit) in second.limits {
        flat.limits.entry(key).or_insert(limit);
    }
    flat.words = match (flat.words.take(), second.words) {
        (Some(first), Some(second)) => {
            let both: Vec<_> = first.iter().copied().filter(|word| second.contains(word)).collect();
            Some(if both.is_empty() { first } else { both })
        }
        (first, second) => first.or(second),
    };
    for (name, node) in second.properties {
        match flat.properties.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = Node::All(vec![known.clone(), node]),
            None => flat.properties.push((name, node)),
        }
    }
    for name in second.required {
        if !flat.required.contains(&name) {
            flat.required.push(name);
        }
    }
    flat.additional = flat.additional.or(second.additional);
    flat.items = match (flat.items.take(), second.items) {
        (Some(first), Some(second)) => Some(Node::All(vec![first, second])),
        (first, second) => first.or(second),
    };
    flat.unions.extend(second.unions);
    flat.deprecated |= second.deprecated;
    flat.read_only |= second.read_only;
    flat.write_only |= second.write_only;
    flat.notes.extend(second.notes);
    flat
}

pub(super) fn merged<'a>(first: Flat<'a>, second: Flat<'a>) -> Flat<'a> {
    merge(first, second)
}

pub(super) fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter()
}

/// A fragment of an address without its percent signs.
pub(super) fn decoded(fragment: &str) -> String {
    if !fragment.contains('%') {
        return fragment.to_owned();
    }
    let bytes = fragment.as_bytes();
    let mut plain = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(byte) => {
                plain.push(byte);
                at += 3;
            }
            None => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}
