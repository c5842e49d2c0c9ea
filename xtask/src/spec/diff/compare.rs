//! Compares two specs from the outside in; here the document and its settings. Every key of every object is looked at,
//! and one that no rule knows is told as such, so that nothing changes in silence.

use serde_json::{Map, Value};

use super::kinds::{self, Kind};
use super::schemas::Uses;
use crate::pointer::escape;

/// One change.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) kind: &'static Kind,
    /// Where it stood and where it stands, as JSON pointers.
    pub(super) old: Option<String>,
    pub(super) new: Option<String>,
    pub(super) what: String,
}

/// The same place in both documents. What is not there is null.
#[derive(Clone)]
pub(super) struct Pair<'a> {
    pub(super) old: &'a Value,
    pub(super) new: &'a Value,
    pub(super) old_at: String,
    pub(super) new_at: String,
}

pub(super) static NOTHING: Value = Value::Null;

impl<'a> Pair<'a> {
    pub(super) fn get(&self, key: &str) -> Self {
        let below = |value: &'a Value, at: &str| {
            let index = key.parse::<usize>().ok();
            let inner = match value {
                Value::Array(items) => index.and_then(|index| items.get(index)),
                other => other.get(key),
            };
            (inner.unwrap_or(&NOTHING), format!("{at}/{}", escape(key)))
        };
        let ((old, old_at), (new, new_at)) = (below(self.old, &self.old_at), below(self.new, &self.new_at));
        Self { old, new, old_at, new_at }
    }

    /// The keys of both, the new ones' order first.
    pub(super) fn keys(&self) -> Vec<&'a str> {
        let (new, old) = (self.new.as_object(), self.old.as_object());
        let mut keys: Vec<&str> = new.into_iter().flat_map(Map::keys).map(String::as_str).collect();
        let gone = old.into_iter().flat_map(Map::keys).map(String::as_str);
        keys.extend(gone.filter(|key| new.is_none_or(|new| !new.contains_key(*key))));
        keys
    }

    /// This pair, or the other one if nothing is here.
    pub(super) fn or(self, other: &Self) -> Self {
        if self.old.is_null() && self.new.is_null() { other.clone() } else { self }
    }

    pub(super) fn same(&self) -> bool {
        self.old == self.new
    }

    pub(super) fn added(&self) -> bool {
        self.old.is_null() && !self.new.is_null()
    }

    pub(super) fn removed(&self) -> bool {
        !self.old.is_null() && self.new.is_null()
    }
}

/// Two documents under comparison.
pub(super) struct Comparison<'a> {
    pub(super) root: Pair<'a>,
    pub(super) uses: Uses,
    pub(super) changes: Vec<Change>,
}

/// All changes between two specs.
pub(super) fn changes(old: &Value, new: &Value) -> Vec<Change> {
    let root = Pair { old, new, old_at: String::new(), new_at: String::new() };
    let mut comparison = Comparison { uses: Uses::of(old, new), root: root.clone(), changes: Vec::new() };
    comparison.document(&root);
    comparison.changes
}

impl<'a> Comparison<'a> {
    /// Notes a change of what stands at a pair.
    pub(super) fn note(&mut self, kind: &'static Kind, pair: &Pair<'_>, what: impl Into<String>) {
        self.changes.push(Change {
            kind,
            old: (!pair.old.is_null()).then(|| pair.old_at.clone()),
            new: (!pair.new.is_null()).then(|| pair.new_at.clone()),
            what: what.into(),
        });
    }

    /// Notes that what stands at a pair is another, if it is.
    pub(super) fn differs(&mut self, kind: &'static Kind, pair: &Pair<'_>, what: &str) {
        if !pair.same() {
            let what = format!("{what} {}", change(pair));
            self.note(kind, pair, what);
        }
    }

    /// What is the same for every object: its words. Whether the key is one of those.
    pub(super) fn words(&mut self, key: &str, pair: &Pair<'_>) -> bool {
        match key {
            "description" | "summary" | "title" => {
                if !pair.same() {
                    let verb = if pair.added() {
                        "is added"
                    } else if pair.removed() {
                        "is taken out"
                    } else {
                        "is reworded"
                    };
                    self.note(&kinds::DESCRIPTION, pair, format!("the {key} {verb}"));
                }
            }
            "example" | "examples" => self.differs_in_words(&kinds::EXAMPLE, pair, key),
            "x-enroll-evidence" => self.differs_in_words(&kinds::EVIDENCE, pair, "evidence"),
            "x-enroll-public" => self.differs_in_words(&kinds::EVIDENCE, pair, key),
            "x-enroll-corrections" => self.differs_in_words(&kinds::CORRECTION, pair, "correction"),
            "externalDocs" | "xml" | "tags" => self.differs_in_words(&kinds::METADATA, pair, key),
            _ => return false,
        }
        true
    }

    /// The same, without the values, which may be long.
    pub(super) fn differs_in_words(&mut self, kind: &'static Kind, pair: &Pair<'_>, what: &str) {
        if !pair.same() {
            let verb = if pair.added() {
                "added"
            } else if pair.removed() {
                "taken out"
            } else {
                "changed"
            };
            self.note(kind, pair, format!("`{what}` is {verb}"));
        }
    }

    /// A key that no rule knows.
    pub(super) fn other(&mut self, key: &str, pair: &Pair<'_>) {
        self.differs(&kinds::OTHER, pair, &format!("`{key}`"));
    }

    fn document(&mut self, pair: &Pair<'a>) {
        for key in pair.keys() {
            let inner = pair.get(key);
            match key {
                _ if inner.same() => {}
                "openapi" => self.differs(&kinds::METADATA, &inner, "the version of OpenAPI"),
                "info" => self.info(&inner),
                "servers" => self.servers(&inner),
                "paths" => self.paths(&inner),
                "components" => self.components(&inner),
                "security" => self.differs(&kinds::SECURITY, &inner, "the security of all operations"),
                "x-enroll-sources" => self.differs_in_words(&kinds::EVIDENCE, &inner, "x-enroll-sources"),
                "x-enroll-credentials" => self.credentials(&inner),
                "x-enroll-base-url" => {
                    for key in inner.keys() {
                        self.differs(
                            &kinds::SETTING_ENV,
                            &inner.get(key),
                            &format!("the base URL's `{key}`"),
                        );
                    }
                }
                _ if self.words(key, &inner) => {}
                _ => self.other(key, &inner),
            }
        }
    }

    fn info(&mut self, pair: &Pair<'a>) {
        for key in pair.keys() {
            let inner = pair.get(key);
            if !self.words(key, &inner) {
                self.differs_in_words(&kinds::METADATA, &inner, key);
            }
        }
    }

    /// Servers are the same by their name, and without one by their address.
    fn servers(&mut self, pair: &Pair<'a>) {
        fn name(server: &Value) -> &str {
            server["x-enroll-environment"].as_str().or(server["url"].as_str()).unwrap_or_default()
        }
        for (name, server) in matched(pair, name) {
            if server.added() {
                self.note(&kinds::SERVER_ADDED, &server, format!("the server `{name}` is added"));
            } else if server.removed() {
                self.note(&kinds::SERVER_REMOVED, &server, format!("the server `{name}` is taken out"));
            } else {
                for key in server.keys() {
                    let inner = server.get(key);
                    match key {
                        "url" | "variables" => {
                            self.differs(&kinds::SERVER_URL, &inner, &format!("`{key}` of `{name}`"))
                        }
                        "x-enroll-default" => {
                            self.differs(&kinds::SERVER_DEFAULT, &inner, &format!("`{key}` of `{name}`"));
                        }
                        _ if self.words(key, &inner) => {}
                        _ => self.other(key, &inner),
                    }
                }
            }
        }
    }

    fn credentials(&mut self, pair: &Pair<'a>) {
        for name in pair.keys() {
            let credential = pair.get(name);
            if credential.added() {
                let kind = if is_demanded(self.root.new, name) {
                    &kinds::CREDENTIAL_DEMANDED
                } else {
                    &kinds::CREDENTIAL_ADDED
                };
                self.note(kind, &credential, format!("the credential `{name}` is added"));
            } else if credential.removed() {
                self.note(
                    &kinds::CREDENTIAL_REMOVED,
                    &credential,
                    format!("the credential `{name}` is taken out"),
                );
            } else {
                for key in credential.keys() {
                    let inner = credential.get(key);
                    let what = format!("`{key}` of `{name}`");
                    match key {
                        "env" => self.differs(&kinds::SETTING_ENV, &inner, &what),
                        "private" => self.differs(&kinds::CREDENTIAL_PRIVACY, &inner, &what),
                        "prefixes" => self.differs(&kinds::CREDENTIAL_MODES, &inner, &what),
                        _ if self.words(key, &inner) => {}
                        _ => self.other(key, &inner),
                    }
                }
            }
        }
    }

    fn components(&mut self, pair: &Pair<'a>) {
        for section in pair.keys() {
            let section_pair = pair.get(section);
            for name in section_pair.keys() {
                let inner = section_pair.get(name);
                match section {
                    _ if inner.same() => {}
                    "schemas" if inner.added() => {
                        self.note(&kinds::SCHEMA_ADDED, &inner, format!("the schema `{name}` is added"));
                    }
                    "schemas" if inner.removed() => {
                        self.note(
                            &kinds::SCHEMA_REMOVED,
                            &inner,
                            format!("the schema `{name}` is taken out"),
                        );
                    }
                    "schemas" => self.schema(&inner, self.uses.of_schema(name)),
                    "securitySchemes" => self.scheme(name, &inner),
                    // What is only here, or only there, shows where it is used.
                    _ if inner.added() || inner.removed() => {
                        self.differs_in_words(&kinds::METADATA, &inner, name);
                    }
                    "responses" => self.response(name, &inner),
                    "parameters" => self.parameter(name, &inner),
                    "requestBodies" => self.body(&inner),
                    "headers" => self.differs_in_words(&kinds::ANSWER_HEADER, &inner, name),
                    "examples" => self.differs_in_words(&kinds::EXAMPLE, &inner, name),
                    _ => self.other(name, &inner),
                }
            }
        }
    }

    fn scheme(&mut self, name: &str, pair: &Pair<'a>) {
        if pair.added() {
            return self.note(&kinds::SCHEME_ADDED, pair, format!("the security scheme `{name}` is added"));
        }
        if pair.removed() {
            return self.note(
                &kinds::SCHEME_REMOVED,
                pair,
                format!("the security scheme `{name}` is taken out"),
            );
        }
        for key in pair.keys() {
            let inner = pair.get(key);
            if !self.words(key, &inner) {
                self.differs(
                    &kinds::SCHEME_CHANGED,
                    &inner,
                    &format!("`{key}` of the security scheme `{name}`"),
                );
            }
        }
    }
}

/// The items of two lists that are the same by their name, the new list's first.
fn matched<'a>(pair: &Pair<'a>, name: fn(&Value) -> &str) -> Vec<(&'a str, Pair<'a>)> {
    let items = |list: &'a Value| list.as_array().map(Vec::as_slice).unwrap_or_default();
    let (old, new) = (items(pair.old), items(pair.new));
    let at = |list: &str, index: usize| format!("{list}/{index}");
    let mut found: Vec<_> = new
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let before = old.iter().position(|other| name(other) == name(item));
            let pair = Pair {
                old: before.map_or(&NOTHING, |before| &old[before]),
                new: item,
                old_at: at(&pair.old_at, before.unwrap_or_default()),
                new_at: at(&pair.new_at, index),
            };
            (name(item), pair)
        })
        .collect();
    let gone = old.iter().enumerate().filter(|(_, item)| !new.iter().any(|other| name(other) == name(item)));
    found.extend(gone.map(|(index, item)| {
        let (old_at, new_at) = (at(&pair.old_at, index), pair.new_at.clone());
        (name(item), Pair { old: item, new: &NOTHING, old_at, new_at })
    }));
    found
}

/// Whether a recipe of a document uses a credential.
fn is_demanded(root: &Value, name: &str) -> bool {
    fn speaks_of(value: &Value, name: &str) -> bool {
        match value {
            Value::String(text) => text == name || text.contains(&format!("{{{name}}}")),
            Value::Array(items) => items.iter().any(|item| speaks_of(item, name)),
            Value::Object(object) => object.values().any(|value| speaks_of(value, name)),
            _ => false,
        }
    }
    let schemes = root["components"]["securitySchemes"].as_object();
    schemes.into_iter().flat_map(Map::values).any(|scheme| speaks_of(&scheme["x-enroll-recipe"], name))
}

/// What has become of a value, in words. Long values are not repeated.
fn change(pair: &Pair<'_>) -> String {
    let shown = |value: &Value| match value {
        Value::Object(_) => None,
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => None,
        other => Some(other.to_string()).filter(|text| text.len() <= 80),
    };
    match (shown(pair.old), shown(pair.new)) {
        (_, Some(new)) if pair.old.is_null() => format!("is added: {new}"),
        (Some(old), _) if pair.new.is_null() => format!("is taken out; it was {old}"),
        _ if pair.old.is_null() => "is added".to_owned(),
        _ if pair.new.is_null() => "is taken out".to_owned(),
        (Some(old), Some(new)) => format!("was {old} and is {new}"),
        _ => "is another".to_owned(),
    }
}
