//! Compares two schemas. What a change means depends on whether the schema is sent, comes back, or both.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::compare::{Comparison, Pair};
use super::kinds::{self, Kind};
use crate::pointer::unescape;

/// Where a schema is used. One that is used nowhere is a type all the same, which somebody may read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) request: bool,
    pub(super) answer: bool,
}

impl Use {
    pub(super) const REQUEST: Self = Self { request: true, answer: false };
    pub(super) const ANSWER: Self = Self { request: false, answer: true };
}

/// Where each named schema is used, in the old document or in the new one.
#[derive(Debug)]
pub(super) struct Uses(BTreeMap<String, Use>);

impl Uses {
    pub(super) fn of(old: &Value, new: &Value) -> Self {
        let mut uses = Self(BTreeMap::new());
        for root in [old, new] {
            for item in root["paths"].as_object().into_iter().flat_map(|paths| paths.values()) {
                uses.reach(root, &item["parameters"], Use::REQUEST, &mut BTreeSet::new());
                for operation in item.as_object().into_iter().flat_map(|item| item.values()) {
                    for key in ["parameters", "requestBody"] {
                        uses.reach(root, &operation[key], Use::REQUEST, &mut BTreeSet::new());
                    }
                    uses.reach(root, &operation["responses"], Use::ANSWER, &mut BTreeSet::new());
                }
            }
        }
        uses
    }

    pub(super) fn of_schema(&self, name: &str) -> Use {
        self.0.get(name).copied().unwrap_or_default()
    }

    fn reach(&mut self, root: &Value, value: &Value, how: Use, seen: &mut BTreeSet<String>) {
        match value {
            Value::Object(object) => {
                if let Some(reference) = value["$ref"].as_str()
                    && seen.insert(reference.to_owned())
                {
                    if let Some(name) = reference.strip_prefix("#/components/schemas/") {
                        let known = self.0.entry(name.to_owned()).or_default();
                        known.request |= how.request;
                        known.answer |= how.answer;
                    }
                    let target = reference.strip_prefix('#').and_then(|target| root.pointer(target));
                    if let Some(target) = target {
                        self.reach(root, target, how, seen);
                    }
                }
                // Samples are data, whatever their keys are.
                let inner = object.iter().filter(|(key, _)| !matches!(key.as_str(), "example" | "examples"));
                inner.for_each(|(_, value)| self.reach(root, value, how, seen));
            }
            Value::Array(items) => items.iter().for_each(|item| self.reach(root, item, how, seen)),
            _ => {}
        }
    }
}

/// The limits, and whether a greater number is a tighter one.
const LIMITS: [(&str, bool); 10] = [
    ("minLength", true),
    ("maxLength", false),
    ("minimum", true),
    ("maximum", false),
    ("minItems", true),
    ("maxItems", false),
    ("minProperties", true),
    ("maxProperties", false),
    ("exclusiveMinimum", true),
    ("exclusiveMaximum", true),
];

impl<'a> Comparison<'a> {
    pub(super) fn schema(&mut self, pair: &Pair<'a>, uses: Use) {
        if pair.same() {
            return;
        }
        if pair.added() || pair.removed() || pair.old["$ref"] != pair.new["$ref"] {
            return self.differs(&kinds::TYPE, &pair.get("$ref").or(pair), &subject(pair));
        }
        if let (Some(old), Some(new)) = (vocabulary(pair.old), vocabulary(pair.new)) {
            return self.vocabulary(pair, old, new);
        }
        for key in pair.keys() {
            let inner = pair.get(key);
            let what = || format!("`{key}` of {}", subject(pair));
            match key {
                _ if inner.same() => {}
                "type" | "not" | "discriminator" => self.differs(&kinds::TYPE, &inner, &what()),
                "format" => {
                    let timely =
                        |format: &Value| format.as_str().is_some_and(|format| format.starts_with("epoch-"));
                    let kind =
                        if timely(inner.old) || timely(inner.new) { &kinds::TYPE } else { &kinds::FORMAT };
                    self.differs(kind, &inner, &what());
                }
                "enum" => self.differs(&kinds::VALUES_OF_NUMBER, &inner, &what()),
                "nullable" => self.nullable(pair, &inner, uses),
                "required" => self.required(pair, &inner, uses),
                "properties" => self.properties(pair, &inner, uses),
                "items" => self.schema(&inner, uses),
                "additionalProperties" if inner.old.is_object() && inner.new.is_object() => {
                    self.schema(&inner, uses)
                }
                "additionalProperties"
                    if pair.old["properties"].is_object() && pair.new["properties"].is_object() =>
                {
                    self.differs(&kinds::UNKNOWN_PROPERTIES, &inner, &what());
                }
                "additionalProperties" => self.differs(&kinds::TYPE, &inner, &what()),
                "allOf" | "anyOf" | "oneOf" => self.branches(pair, key, &inner, uses),
                "pattern" | "multipleOf" | "uniqueItems" => {
                    let kind = if inner.removed() { &kinds::LIMIT_LOOSER } else { &kinds::LIMIT_TIGHTER };
                    self.limit(kind, &inner, uses, &what());
                }
                "default" => self.differs(&kinds::DEFAULT, &inner, &what()),
                "deprecated" => self.differs(&kinds::DEPRECATED, &inner, &what()),
                "readOnly" | "writeOnly" => self.differs(&kinds::METADATA, &inner, &what()),
                "x-enroll-private" => self.differs(&kinds::PRIVACY, &inner, &what()),
                "x-enroll-name" => self.differs(&kinds::PROPERTY_NAME, &inner, &what()),
                _ if LIMITS.iter().any(|(limit, _)| *limit == key) => {
                    let greater_is_tighter = LIMITS.iter().any(|(limit, greater)| *limit == key && *greater);
                    let number = |value: &Value| {
                        value.as_f64().or(value.as_bool().map(|flag| f64::from(u8::from(flag))))
                    };
                    let tighter = match (number(inner.old), number(inner.new)) {
                        (Some(old), Some(new)) => (new > old) == greater_is_tighter,
                        (None, _) => true,
                        (_, None) => false,
                    };
                    let kind = if tighter { &kinds::LIMIT_TIGHTER } else { &kinds::LIMIT_LOOSER };
                    self.limit(kind, &inner, uses, &what());
                }
                _ if self.words(key, &inner) => {}
                _ => self.other(key, &inner),
            }
        }
    }

    fn limit(&mut self, kind: &'static Kind, pair: &Pair<'a>, uses: Use, what: &str) {
        let kind = if uses.request { kind } else { &kinds::LIMIT_OF_ANSWER };
        self.differs(kind, pair, what);
    }

    /// In a request null is a third state beside a value and none. In an answer it is read as none, so that it matters only
    /// where there is none otherwise.
    fn nullable(&mut self, schema: &Pair<'a>, pair: &Pair<'a>, uses: Use) {
        let always = is_required(self.root.new, &schema.new_at) || is_required(self.root.old, &schema.old_at);
        let kind = match uses {
            Use { request: true, answer: false } => &kinds::NULL_TYPE,
            _ if always => &kinds::NULL_TYPE,
            _ => &kinds::NULL_READ,
        };
        self.differs(kind, pair, &format!("`nullable` of {}", subject(schema)));
    }

    fn required(&mut self, schema: &Pair<'a>, pair: &Pair<'a>, uses: Use) {
        let names = |value: &'a Value| -> BTreeSet<&'a str> {
            value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
        };
        let (old, new) = (names(pair.old), names(pair.new));
        let before = |name: &str| schema.old["properties"].get(name).is_some();
        let after = |name: &str| schema.new["properties"].get(name).is_some();
        let mut told = false;
        for name in new.difference(&old) {
            told = true;
            // A property that is new is told as such, with what is required of it.
            if before(name) {
                let kind = if uses.request { &kinds::PROPERTY_REQUIRED } else { &kinds::PROPERTY_ALWAYS };
                self.note(kind, pair, format!("`{name}` of {} is required", subject(schema)));
            }
        }
        for name in old.difference(&new) {
            told = true;
            if after(name) {
                self.note(
                    &kinds::PROPERTY_OPTIONAL,
                    pair,
                    format!("`{name}` of {} is not required any more", subject(schema)),
                );
            }
        }
        if !told {
            self.differs(&kinds::METADATA, pair, "the order of `required`");
        }
    }

    fn properties(&mut self, schema: &Pair<'a>, pair: &Pair<'a>, uses: Use) {
        for name in pair.keys() {
            let property = pair.get(name);
            let what = format!("`{name}` of {}", subject(schema));
            if property.removed() {
                self.note(&kinds::PROPERTY_REMOVED, &property, format!("{what} is taken out"));
            } else if property.added() {
                let required =
                    schema.new["required"].as_array().is_some_and(|names| names.contains(&json!(name)));
                let kind = match (required, uses.request) {
                    (false, _) => &kinds::PROPERTY_ADDED,
                    (true, true) => &kinds::PROPERTY_ADDED_REQUIRED,
                    (true, false) => &kinds::PROPERTY_ADDED_ALWAYS,
                };
                self.note(kind, &property, format!("{what} is added"));
            } else {
                self.schema(&property, uses);
            }
        }
    }

    fn branches(&mut self, schema: &Pair<'a>, key: &str, pair: &Pair<'a>, uses: Use) {
        let only_required = |value: &Value| {
            value.as_array().is_some_and(|items| {
                items.iter().all(|item| {
                    item["required"].is_array() && item.as_object().is_some_and(|it| it.len() == 1)
                })
            })
        };
        let of_object = schema.old["properties"].is_object() && schema.new["properties"].is_object();
        if key == "anyOf" && of_object && (only_required(pair.old) || only_required(pair.new)) {
            return self.differs(&kinds::NEEDED, pair, &format!("what {} needs at least", subject(schema)));
        }
        let length = |value: &Value| value.as_array().map(Vec::len);
        if length(pair.old) != length(pair.new) {
            return self.differs(&kinds::TYPE, pair, &format!("`{key}` of {}", subject(schema)));
        }
        for index in 0..length(pair.new).unwrap_or_default() {
            self.schema(&pair.get(&index.to_string()), uses);
        }
    }

    fn vocabulary(&mut self, pair: &Pair<'a>, old: Vocabulary<'a>, new: Vocabulary<'a>) {
        let what = subject(pair);
        match (old.open, new.open) {
            (true, false) => {
                self.note(&kinds::VOCABULARY_CLOSED, pair, format!("{what} knows no other values any more"))
            }
            (false, true) => {
                self.note(&kinds::VOCABULARY_OPENED, pair, format!("{what} may have other values"))
            }
            _ => {}
        }
        let added: Vec<_> = new.values.iter().filter(|value| !old.values.contains(value)).collect();
        let removed: Vec<_> = old.values.iter().filter(|value| !new.values.contains(value)).collect();
        for value in &added {
            let kind = if new.open { &kinds::VALUE_ADDED } else { &kinds::VALUE_ADDED_CLOSED };
            self.note(kind, pair, format!("{what} has the value {value}"));
        }
        for value in &removed {
            self.note(&kinds::VALUE_REMOVED, pair, format!("{what} has the value {value} no more"));
        }
        for key in pair.keys() {
            let inner = pair.get(key);
            match key {
                _ if inner.same() => {}
                // What these say of the values is told above.
                "anyOf" | "enum" | "type" => {
                    let told = old.open != new.open || !added.is_empty() || !removed.is_empty();
                    if !told {
                        self.differs(&kinds::TYPE, &inner, &format!("`{key}` of {what}"));
                    }
                }
                "nullable" => self.differs(&kinds::NULL_TYPE, &inner, &format!("`nullable` of {what}")),
                "default" => self.differs(&kinds::DEFAULT, &inner, &format!("`default` of {what}")),
                "deprecated" => self.differs(&kinds::DEPRECATED, &inner, &format!("`{key}` of {what}")),
                "x-enroll-private" => self.differs(&kinds::PRIVACY, &inner, &format!("`{key}` of {what}")),
                "x-enroll-name" => self.differs(&kinds::PROPERTY_NAME, &inner, &format!("`{key}` of {what}")),
                _ if self.words(key, &inner) => {}
                _ => self.other(key, &inner),
            }
        }
    }
}

/// An enum of texts, as the generator takes it.
struct Vocabulary<'a> {
    values: Vec<&'a Value>,
    open: bool,
}

fn vocabulary(schema: &Value) -> Option<Vocabulary<'_>> {
    if schema["enum"].is_array() && schema["type"] == "string" {
        return Some(Vocabulary { values: schema["enum"].as_array()?.iter().collect(), open: false });
    }
    let [known, any] = schema["anyOf"].as_array()?.as_slice() else { return None };
    (any["type"] == "string" && any.as_object()?.len() == 1).then_some(())?;
    Some(Vocabulary { values: known["enum"].as_array()?.iter().collect(), open: true })
}

/// Whether the property at a pointer is required by the object around it.
fn is_required(root: &Value, at: &str) -> bool {
    let Some((object, name)) = at.rsplit_once("/properties/") else { return false };
    let name = unescape(name);
    let required = root.pointer(object).map(|object| &object["required"]);
    required.and_then(Value::as_array).is_some_and(|names| names.contains(&json!(name)))
}

/// A schema in a few words: the property's or the component's name.
fn subject(pair: &Pair<'_>) -> String {
    let at = if pair.new.is_null() { &pair.old_at } else { &pair.new_at };
    match (at.rsplit_once("/properties/"), at.strip_prefix("/components/schemas/")) {
        (Some((object, name)), _) => {
            let object = object.rsplit('/').next().unwrap_or_default();
            format!("`{}.{}`", unescape(object), unescape(name))
        }
        (None, Some(name)) => format!("`{}`", unescape(name)),
        (None, None) if at.contains("/parameters/") => "the parameter".to_owned(),
        (None, None) => "the schema".to_owned(),
    }
}
