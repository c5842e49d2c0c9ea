//! Compares the operations of two specs: what is sent, what comes back, and what it means.

use serde_json::Value;

use super::compare::{Comparison, NOTHING, Pair};
use super::kinds::{self, Kind};
use super::schemas::Use;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// A path and a method.
type Place<'a> = (&'a str, &'a str);

impl<'a> Comparison<'a> {
    /// Operations are the same by method and path, and where those have changed by their id.
    pub(super) fn paths(&mut self, pair: &Pair<'a>) {
        let list = |document: &'a Value| -> Vec<(&'a str, &'a str)> {
            let items = document.as_object().into_iter().flatten();
            items
                .flat_map(|(path, item)| {
                    METHODS
                        .iter()
                        .filter(|method| item.get(**method).is_some())
                        .map(|method| (path.as_str(), *method))
                })
                .collect()
        };
        let (old, new) = (list(pair.old), list(pair.new));
        let id = |document: &'a Value, (path, method): (&str, &str)| {
            document[path][method]["operationId"].as_str()
        };
        let mut gone: Vec<_> = old.iter().copied().filter(|place| !new.contains(place)).collect();
        for place @ (path, method) in new {
            let there = pair.get(path).get(method);
            if !there.old.is_null() {
                self.operation(pair, (path, method), (path, method));
                continue;
            }
            let moved = gone
                .iter()
                .position(|other| id(pair.old, *other).is_some_and(|it| Some(it) == id(pair.new, place)));
            match moved {
                Some(index) => {
                    let from = gone.remove(index);
                    self.operation(pair, from, place);
                }
                None => {
                    let name = there.new["operationId"].as_str().unwrap_or(method);
                    self.note(&kinds::OPERATION_ADDED, &there, format!("`{name}` is added"));
                }
            }
        }
        for (path, method) in gone {
            let there = pair.get(path).get(method);
            let name = there.old["operationId"].as_str().unwrap_or(method);
            self.note(&kinds::OPERATION_REMOVED, &there, format!("`{name}` is taken out"));
        }
        for path in pair.keys() {
            let item = pair.get(path);
            if item.added() || item.removed() {
                continue;
            }
            for key in item.keys().into_iter().filter(|key| !METHODS.contains(key) && *key != "parameters") {
                let inner = item.get(key);
                if !self.words(key, &inner) {
                    self.other(key, &inner);
                }
            }
        }
    }

    fn operation(&mut self, paths: &Pair<'a>, from: (&str, &str), to: (&str, &str)) {
        let pair = across(paths, from, to);
        let name = pair.new["operationId"].as_str().unwrap_or(to.1).to_owned();
        if from.0 != to.0 {
            self.note(
                &kinds::OPERATION_PATH,
                &pair,
                format!("the path of `{name}` was `{}` and is `{}`", from.0, to.0),
            );
        }
        if from.1 != to.1 {
            let (from, to) = (from.1.to_uppercase(), to.1.to_uppercase());
            self.note(
                &kinds::OPERATION_METHOD,
                &pair,
                format!("the method of `{name}` was {from} and is {to}"),
            );
        }
        // The path's own parameters count for each of its operations.
        self.parameters(paths, &pair, from, to);
        for key in pair.keys() {
            let inner = pair.get(key);
            match key {
                _ if inner.same() => {}
                "operationId" => self.differs(&kinds::OPERATION_RENAMED, &inner, "the operation's id"),
                "deprecated" => self.differs(&kinds::DEPRECATED, &inner, &format!("`{key}` of `{name}`")),
                "parameters" => {}
                "requestBody" if inner.added() => {
                    self.note(&kinds::BODY_ADDED, &inner, format!("`{name}` has a body"));
                }
                "requestBody" if inner.removed() => {
                    self.note(&kinds::BODY_REMOVED, &inner, format!("`{name}` has no body any more"));
                }
                "requestBody" => self.body(&inner),
                "responses" => {
                    for status in inner.keys() {
                        self.response(status, &inner.get(status));
                    }
                }
                "security" => self.differs(&kinds::SECURITY, &inner, &format!("the security of `{name}`")),
                "x-enroll-replay" => self.replay(&name, &inner),
                "x-enroll-creates" => {
                    let what = format!("where the account's id stands in the answer of `{name}`");
                    self.there(
                        &inner,
                        &what,
                        [&kinds::CREATES_ADDED, &kinds::CREATES_REMOVED, &kinds::CREATES_ID],
                    );
                }
                "x-enroll-lookup" => {
                    let what = format!("how the account of `{name}` is found again");
                    self.there(
                        &inner,
                        &what,
                        [&kinds::LOOKUP_ADDED, &kinds::LOOKUP_REMOVED, &kinds::LOOKUP_CHANGED],
                    );
                }
                "x-enroll-pagination" => {
                    let what = format!("the pages of `{name}`");
                    self.there(
                        &inner,
                        &what,
                        [&kinds::DERIVED_ADDED, &kinds::DERIVED_REMOVED, &kinds::DERIVED_CHANGED],
                    );
                }
                "x-enroll-aliases" | "x-enroll-waiters" => {
                    for derived in inner.keys() {
                        self.derived(derived, &inner.get(derived));
                    }
                }
                _ if self.words(key, &inner) => {}
                _ => self.other(key, &inner),
            }
        }
    }

    /// Something that is there or not, and otherwise another.
    fn there(&mut self, pair: &Pair<'_>, what: &str, [added, removed, changed]: [&'static Kind; 3]) {
        let kind = if pair.added() {
            added
        } else if pair.removed() {
            removed
        } else {
            changed
        };
        self.differs(kind, pair, what);
    }

    fn derived(&mut self, name: &str, pair: &Pair<'a>) {
        if pair.added() || pair.removed() {
            return self.there(
                pair,
                &format!("`{name}`"),
                [&kinds::DERIVED_ADDED, &kinds::DERIVED_REMOVED, &kinds::DERIVED_CHANGED],
            );
        }
        for key in pair.keys() {
            let inner = pair.get(key);
            if !self.words(key, &inner) {
                self.differs(&kinds::DERIVED_CHANGED, &inner, &format!("`{key}` of `{name}`"));
            }
        }
    }

    fn replay(&mut self, name: &str, pair: &Pair<'a>) {
        let strictness =
            |class: &Value| ["safe", "upsert", "keyed", "never"].iter().position(|it| class == it);
        for key in pair.keys() {
            let inner = pair.get(key);
            match key {
                "class" => {
                    let looser = strictness(inner.new) < strictness(inner.old);
                    let kind = if looser { &kinds::REPLAY_LOOSER } else { &kinds::REPLAY_STRICTER };
                    self.differs(kind, &inner, &format!("the replay class of `{name}`"));
                }
                "keys" => self.differs(&kinds::REPLAY_KEYS, &inner, &format!("`{key}` of `{name}`")),
                "because" => self.differs_in_words(&kinds::DESCRIPTION, &inner, "because"),
                _ if self.words(key, &inner) => {}
                _ => self.other(key, &inner),
            }
        }
    }

    fn parameters(&mut self, paths: &Pair<'a>, operation: &Pair<'a>, from: Place<'_>, to: Place<'_>) {
        let name = operation.new["operationId"].as_str().unwrap_or(to.1);
        let old: Vec<_> = effective(self.root.old, paths.old, &paths.old_at, from);
        let new: Vec<_> = effective(self.root.new, paths.new, &paths.new_at, to);
        let same = |one: &Value, other: &Value| one["name"] == other["name"] && one["in"] == other["in"];
        // One that has only moved to another part of the request is the same to who sets it.
        let moved = |one: &Value, other: &Value| {
            one["name"] == other["name"]
                && !new.iter().any(|(it, _)| same(it, one))
                && !old.iter().any(|(it, _)| same(it, other))
        };
        let fits = |one: &Value, other: &Value| same(one, other) || moved(one, other);
        for (value, at) in &new {
            let wire = value["name"].as_str().unwrap_or_default();
            if let Some((before, before_at)) = old.iter().find(|(it, _)| fits(it, value)) {
                let pair = Pair { old: before, new: value, old_at: before_at.clone(), new_at: at.clone() };
                // What stands among the components is compared there, once.
                if !before_at.starts_with("/components") || before_at != at {
                    self.parameter(wire, &pair);
                }
            } else {
                let required = value["required"] == true;
                let kind = if required { &kinds::PARAMETER_ADDED_REQUIRED } else { &kinds::PARAMETER_ADDED };
                let pair = Pair { old: &NOTHING, new: value, old_at: String::new(), new_at: at.clone() };
                self.note(kind, &pair, format!("the parameter `{wire}` of `{name}` is added"));
            }
        }
        for (value, at) in old.iter().filter(|(value, _)| !new.iter().any(|(it, _)| fits(value, it))) {
            let wire = value["name"].as_str().unwrap_or_default();
            let pair = Pair { old: value, new: &NOTHING, old_at: at.clone(), new_at: String::new() };
            self.note(
                &kinds::PARAMETER_REMOVED,
                &pair,
                format!("the parameter `{wire}` of `{name}` is taken out"),
            );
        }
    }

    pub(super) fn parameter(&mut self, wire: &str, pair: &Pair<'a>) {
        for key in pair.keys() {
            let inner = pair.get(key);
            match key {
                _ if inner.same() => {}
                "name" | "in" => {
                    self.differs(&kinds::PARAMETER_PLACE, &inner, &format!("`{key}` of `{wire}`"))
                }
                "required" => {
                    let required = inner.new == true;
                    let kind = if required { &kinds::PARAMETER_REQUIRED } else { &kinds::PARAMETER_OPTIONAL };
                    self.note(
                        kind,
                        &inner,
                        format!("`{wire}` {} required", if required { "is" } else { "is not" }),
                    );
                }
                "deprecated" => self.differs(&kinds::DEPRECATED, &inner, &format!("`{key}` of `{wire}`")),
                "schema" => self.schema(&inner, Use::REQUEST),
                "style" | "explode" | "allowEmptyValue" => {
                    self.differs(&kinds::PARAMETER_STYLE, &inner, &format!("`{key}` of `{wire}`"));
                }
                "x-enroll-name" => {
                    self.differs(&kinds::PROPERTY_NAME, &inner, &format!("`{key}` of `{wire}`"))
                }
                "x-enroll-private" => self.differs(&kinds::PRIVACY, &inner, &format!("`{key}` of `{wire}`")),
                _ if self.words(key, &inner) => {}
                _ => self.other(key, &inner),
            }
        }
    }

    pub(super) fn body(&mut self, pair: &Pair<'a>) {
        let pair = &self.resolved(pair);
        for key in pair.keys() {
            let inner = pair.get(key);
            match key {
                _ if inner.same() => {}
                "required" => self.differs(&kinds::BODY_REQUIRED, &inner, "whether the body is required"),
                "content" => self.content(&inner, Use::REQUEST, &kinds::BODY_MEDIA_TYPE, &kinds::BODY_TYPE),
                _ if self.words(key, &inner) => {}
                _ => self.other(key, &inner),
            }
        }
    }

    /// The bodies by media type; one in place of another is that body in another form.
    fn content(&mut self, pair: &Pair<'a>, uses: Use, form: &'static Kind, body: &'static Kind) {
        let keys = pair.keys();
        let (added, rest): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| pair.get(key).added());
        let (removed, both): (Vec<_>, Vec<_>) = rest.into_iter().partition(|key| pair.get(key).removed());
        let mut media: Vec<_> = both.iter().map(|key| pair.get(key)).collect();
        if let ([added], [removed]) = (added.as_slice(), removed.as_slice()) {
            let (new, old) = (pair.get(added), pair.get(removed));
            let moved = Pair { old: old.old, new: new.new, old_at: old.old_at, new_at: new.new_at };
            self.note(form, &moved, format!("the body was {removed} and is {added}"));
            media.push(moved);
        } else {
            for key in added.iter().chain(&removed) {
                let inner = pair.get(key);
                let verb = if inner.added() { "added" } else { "taken out" };
                self.note(form, &inner, format!("the body as {key} is {verb}"));
            }
        }
        for media in media {
            for key in media.keys() {
                let inner = media.get(key);
                match key {
                    _ if inner.same() => {}
                    "schema" => {
                        let named = |schema: &Value| schema["$ref"].is_string();
                        if named(inner.old) || named(inner.new) || inner.added() || inner.removed() {
                            self.differs(body, &inner.get("$ref").or(&inner), "the schema of the body");
                        } else {
                            self.schema(&inner, uses);
                        }
                    }
                    "encoding" => self.differs(form, &inner, "how the body is written"),
                    _ if self.words(key, &inner) => {}
                    _ => self.other(key, &inner),
                }
            }
        }
    }

    pub(super) fn response(&mut self, status: &str, pair: &Pair<'a>) {
        if pair.added() {
            return self.note(&kinds::ANSWER_ADDED, pair, format!("the answer {status} is added"));
        }
        if pair.removed() {
            return self.note(&kinds::ANSWER_REMOVED, pair, format!("the answer {status} is taken out"));
        }
        let reference = |value: &'a Value| value["$ref"].as_str();
        if reference(pair.old).is_some() && reference(pair.old) == reference(pair.new) {
            // It is compared among the components.
            return;
        }
        let pair = &self.resolved(pair);
        for key in pair.keys() {
            let inner = pair.get(key);
            match key {
                _ if inner.same() => {}
                "content" if inner.added() || inner.removed() => {
                    let verb = if inner.added() { "has a body" } else { "has no body any more" };
                    self.note(&kinds::ANSWER_BODY, &inner, format!("the answer {status} {verb}"));
                }
                "content" => self.content(&inner, Use::ANSWER, &kinds::ANSWER_BODY, &kinds::ANSWER_BODY),
                "headers" => {
                    for header in inner.keys() {
                        self.differs_in_words(&kinds::ANSWER_HEADER, &inner.get(header), header);
                    }
                }
                "links" => self.differs_in_words(&kinds::LINK, &inner, "links"),
                "x-enroll-exists" => {
                    self.differs(
                        &kinds::ANSWER_EXISTS,
                        &inner,
                        &format!("how {status} says that the account exists"),
                    );
                }
                "x-enroll-failure" => {
                    self.differs(&kinds::ANSWER_FAILURE, &inner, &format!("how a failure hides in {status}"));
                }
                "x-enroll-absent" => {
                    self.differs(
                        &kinds::ANSWER_ABSENT,
                        &inner,
                        &format!("how {status} says that there is no such user"),
                    );
                }
                _ if self.words(key, &inner) => {}
                _ => self.other(key, &inner),
            }
        }
    }

    /// What the references at a pair lead to, in each document.
    fn resolved(&self, pair: &Pair<'a>) -> Pair<'a> {
        let (old, old_at) = follow(self.root.old, pair.old, &pair.old_at);
        let (new, new_at) = follow(self.root.new, pair.new, &pair.new_at);
        Pair { old, new, old_at, new_at }
    }
}

/// The same operation at one place in the old document and at another in the new.
fn across<'a>(paths: &Pair<'a>, from: Place<'_>, to: Place<'_>) -> Pair<'a> {
    let (old, new) = (paths.get(from.0).get(from.1), paths.get(to.0).get(to.1));
    Pair { old: old.old, new: new.new, old_at: old.old_at, new_at: new.new_at }
}

/// The parameters of an operation, with those of its path that it does not replace.
fn effective<'a>(
    root: &'a Value,
    paths: &'a Value,
    at: &str,
    (path, method): Place<'_>,
) -> Vec<(&'a Value, String)> {
    let paths = Pair { old: paths, new: &NOTHING, old_at: at.to_owned(), new_at: String::new() };
    let item = paths.get(path);
    let mut found: Vec<(&Value, String)> = Vec::new();
    for list in [item.get(method).get("parameters"), item.get("parameters")] {
        for (index, value) in list.old.as_array().into_iter().flatten().enumerate() {
            let (value, at) = follow(root, value, &format!("{}/{index}", list.old_at));
            let same = |(it, _): &(&Value, String)| it["name"] == value["name"] && it["in"] == value["in"];
            if !found.iter().any(same) {
                found.push((value, at));
            }
        }
    }
    found
}

/// What a value refers to, and where that stands; the value itself if it refers to nothing. An endless chain ends.
fn follow<'a>(root: &'a Value, mut value: &'a Value, at: &str) -> (&'a Value, String) {
    let mut at = at.to_owned();
    for _ in 0..32 {
        let target = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        let Some((target, found)) = target.and_then(|target| Some((target, root.pointer(target)?))) else {
            break;
        };
        value = found;
        at = target.to_owned();
    }
    (value, at)
}
