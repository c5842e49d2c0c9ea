//! What is told of every single edit, and that nothing changes in silence.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::spec::mutations::{self, Specs};

/// What is told of an edit, in short; `None` if no client can be made of the result, so that lint has the word.
fn told(specs: &Specs, mutation: &mutations::Mutation) -> Option<Vec<String>> {
    let (old, new) = (specs.text(mutation.provider).unwrap(), specs.edited(mutation).unwrap());
    let diff = diff(mutation.provider, "HEAD", Some(old), Some(&new)).ok()?;
    Some(diff.changes.iter().map(|told| format!("{} {}", told.kind.class, told.kind.id)).collect())
}

#[test]
fn every_single_edit_is_told_as_a_reviewer_would() {
    let specs = Specs::read().unwrap();
    let mut failures = Vec::new();
    for mutation in mutations::all() {
        let told = told(&specs, mutation);
        let expected = expected::ROWS.iter().find(|(name, _)| *name == mutation.name).map(|(_, told)| *told);
        if told.as_deref()
            != expected.map(|told| told.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>()).as_deref()
        {
            failures.push(format!("{:?}: {told:?}, and not {expected:?}", mutation.name));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_expectation_is_of_an_edit() {
    let names: BTreeSet<_> = mutations::all().map(|mutation| mutation.name).collect();
    for (name, _) in expected::ROWS {
        assert!(names.contains(name), "{name}");
    }
    assert!(expected::ROWS.len() > 80, "{}", expected::ROWS.len());
}

#[test]
fn no_two_kinds_have_one_name() {
    let ids: BTreeSet<_> = kinds::ALL.iter().map(|kind| kind.id).collect();
    assert_eq!(ids.len(), kinds::ALL.len());
}

/// Every node below this one, as a JSON pointer.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(object) => {
            object.iter().map(|(key, value)| (crate::pointer::escape(key), value)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
        }
        _ => Vec::new(),
    };
    for (token, value) in inner {
        let pointer = format!("{at}/{token}");
        found.push(pointer.clone());
        pointers(value, &pointer, found);
    }
}

#[test]
fn nothing_changes_in_silence() {
    let specs = Specs::read().unwrap();
    let mut silent = Vec::new();
    for (provider, step) in [("haptik", 3), ("original", 5), ("digipay", 31), ("streambird", 31)] {
        let document = Document::parse(specs.text(provider).unwrap()).unwrap();
        let mut nodes = Vec::new();
        pointers(document.value(), "", &mut nodes);
        for pointer in nodes.iter().step_by(step) {
            for replacement in [json!("something else"), json!({"something": ["else"]}), Value::Null] {
                let mut changed = document.value().clone();
                *changed.pointer_mut(pointer).unwrap() = replacement;
                if changed != *document.value() && compare::changes(document.value(), &changed).is_empty() {
                    silent.push(format!("{provider} {pointer}"));
                }
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn there_is_a_kind_for_every_key_that_the_specs_have() {
    let specs = Specs::read().unwrap();
    let mut unknown = BTreeSet::new();
    for provider in ["haptik", "original"] {
        let document = Document::parse(specs.text(provider).unwrap()).unwrap();
        let mut nodes = Vec::new();
        pointers(document.value(), "", &mut nodes);
        let mut tried = BTreeSet::new();
        for pointer in nodes {
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            // One place of each key, below each of the keys that it stands below.
            if !tried.insert((parent.rsplit('/').next().unwrap().to_owned(), key.to_owned())) {
                continue;
            }
            let mut changed = document.value().clone();
            if let Some(Value::Object(object)) = changed.pointer_mut(parent) {
                object.remove(&crate::pointer::unescape(key));
            }
            let changes = compare::changes(document.value(), &changed);
            if changes.iter().any(|change| change.kind.id == "other") {
                unknown.insert(format!("{provider} {pointer}"));
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn a_provider_may_come_and_go() {
    let specs = Specs::read().unwrap();
    let text = specs.text("haptik").unwrap();
    let added = diff("haptik", "HEAD", None, Some(text)).unwrap();
    assert_eq!(added.class(), Some(Class::Additive));
    let removed = diff("haptik", "v1", Some(text), None).unwrap();
    assert_eq!(removed.class(), Some(Class::Breaking));
    assert_eq!(removed.changes[0].place, "v1:specs/haptik.yaml");
    assert!(diff("haptik", "HEAD", Some(text), Some(text)).unwrap().changes.is_empty());
}

#[test]
fn a_change_is_told_where_it_stands() {
    let specs = Specs::read().unwrap();
    let old = specs.text("haptik").unwrap();
    let line = |text: &str, wanted: &str| text.lines().position(|line| line == wanted).unwrap() + 1;
    let new =
        old.replacen("        mobile_no:\n          type", "\n\n        mobile_number:\n          type", 1);
    let diff = diff("haptik", "v1", Some(old), Some(&new)).unwrap();
    let places: Vec<_> = diff.changes.iter().map(|told| (told.kind.id, told.place.as_str())).collect();
    let added = format!("specs/haptik.yaml:{}:9", line(&new, "        mobile_number:"));
    let removed = format!("v1:specs/haptik.yaml:{}:9", line(old, "        mobile_no:"));
    assert_eq!(places, [("property-added", &*added), ("property-removed", &*removed)]);
    assert!(diff.surface.iter().any(|line| line.starts_with("+ operation create_user.mobile_number: ")));
}

#[test]
fn the_version_follows_from_the_gravest() {
    let after = |from, class| Version::after(from, class).unwrap().to;
    assert_eq!(after("0.1.4", None), "0.1.4");
    assert_eq!(after("0.1.4", Some(Class::Documentation)), "0.1.5");
    assert_eq!(after("0.1.4", Some(Class::Additive)), "0.1.5");
    assert_eq!(after("0.1.4", Some(Class::Behaviour)), "0.2.0");
    assert_eq!(after("0.1.4", Some(Class::Breaking)), "0.2.0");
    assert_eq!(after("1.1.4", Some(Class::Documentation)), "1.1.5");
    assert_eq!(after("1.1.4", Some(Class::Additive)), "1.2.0");
    assert_eq!(after("1.1.4", Some(Class::Behaviour)), "2.0.0");
    assert!(Version::after("one", None).is_err());
}
