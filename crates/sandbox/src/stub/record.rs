//! What a stub keeps: the properties that requests have said, under an id.

use std::fmt;

use serde_json::{Map, Value};

use crate::message::Call;
use crate::redact::Redacted;
use crate::table::{self, Record, Table};

/// The kind of key that every record has. No property is called so.
pub(super) const ID: &str = "(id)";

/// A user as a stub keeps it. `Debug` shows which properties there are, and not what they say.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct User {
    /// The id, which the request gave or the stub has made up.
    pub id: Value,
    /// What the requests said, by the names of their properties.
    pub fields: Map<String, Value>,
    /// Whether the id came with the request, and so may be somebody's.
    is_given: bool,
    id_names: Vec<&'static str>,
    unique: Vec<&'static str>,
}

impl User {
    pub(super) fn new(
        id: Value,
        is_given: bool,
        id_names: Vec<&'static str>,
        unique: Vec<&'static str>,
        fields: Map<String, Value>,
    ) -> Self {
        Self { id, fields, is_given, id_names, unique }
    }

    /// The same with the properties that a later request has said. Its id stays.
    pub(super) fn with(&self, fields: &Map<String, Value>) -> Self {
        let mut user = self.clone();
        let is_id = |name: &str| self.id_names.contains(&name);
        user.fields.extend(
            fields.iter().filter(|(name, _)| !is_id(name)).map(|(name, value)| (name.clone(), value.clone())),
        );
        user
    }

    /// The id as text.
    pub(super) fn key(&self) -> String {
        text(&self.id)
    }

    /// A property, or the id by one of its names. One that is null counts as left out.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let value = self.fields.get(name).filter(|value| !value.is_null());
        value.or_else(|| self.id_names.contains(&name).then_some(&self.id))
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(text)
    }

    pub(super) fn has(&self, name: &str, value: &Value) -> bool {
        self.get(name) == Some(value)
    }

    /// The user for somebody who looks into the sandbox, without secrets.
    pub(super) fn shown(&self, is_secret: &impl Fn(&str) -> bool) -> Map<String, Value> {
        let mut shown = Map::new();
        shown.insert(self.id_names.first().copied().unwrap_or("id").to_owned(), self.id.clone());
        for (name, value) in &self.fields {
            shown.insert(
                name.clone(),
                if is_secret(name) { "[secret]".into() } else { without(value, is_secret) },
            );
        }
        shown
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("User");
        match self.is_given {
            true => debug.field("id", &Redacted::Personal),
            false => debug.field("id", &self.key()),
        };
        for name in self.fields.keys() {
            debug.field(name, &Redacted::Personal);
        }
        debug.finish_non_exhaustive()
    }
}

impl Record for User {
    fn keys(&self) -> Vec<table::Key> {
        let unique = self.unique.iter().filter_map(|name| Some((*name, self.text(name)?)));
        [(ID, self.key())].into_iter().chain(unique).collect()
    }
}

/// A property that users are looked for by.
pub(super) struct Key {
    pub(super) property: &'static str,
    pub(super) value: String,
}

/// The users that have all of some properties, the oldest first.
pub(super) fn rows(table: &Table<User>, keys: &[Key]) -> Vec<User> {
    let fits = |user: &&User| keys.iter().all(|key| user.text(key.property).as_ref() == Some(&key.value));
    table.iter().filter(fits).cloned().collect()
}

/// What a call of the lookup looks for.
pub(super) fn looked_for(lookup: &'static Value, call: &Call) -> Vec<Key> {
    let body = Value::Object(call.object().into_owned());
    let keys = lookup["keys"].as_object().into_iter().flatten();
    keys.filter_map(|(property, by)| {
        let value = match by.as_str() {
            Some(parameter) => call.query(parameter).map(str::to_owned),
            None => value_in(by.get("body").unwrap_or(by), &body),
        };
        Some(Key { property, value: value? })
    })
    .collect()
}

/// What stands in a body at the place of `{value}`, if all else that the pattern has is in the body too.
fn value_in(pattern: &Value, body: &Value) -> Option<String> {
    let mut value = None;
    fits(pattern, body, &mut value).then_some(value).flatten()
}

fn fits(pattern: &Value, body: &Value, value: &mut Option<String>) -> bool {
    match (pattern, body) {
        (Value::String(pattern), body) if pattern == "{value}" => {
            *value = Some(text(body));
            true
        }
        (Value::Object(pattern), Value::Object(body)) => {
            pattern.iter().all(|(name, part)| body.get(name).is_some_and(|body| fits(part, body, value)))
        }
        (Value::Array(pattern), Value::Array(body)) => {
            pattern.iter().all(|part| body.iter().any(|body| fits(part, body, value)))
        }
        (pattern, body) => pattern == body,
    }
}

/// A value as it stands in a path or a query.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn without(value: &Value, is_secret: &impl Fn(&str) -> bool) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| {
                let value = if is_secret(name) { "[secret]".into() } else { without(value, is_secret) };
                (name.clone(), value)
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(|item| without(item, is_secret)).collect(),
        other => other.clone(),
    }
}
