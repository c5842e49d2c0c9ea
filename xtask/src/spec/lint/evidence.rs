//! How everything is known: evidence, the sources that it names, and corrections of them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::rules::{CORRECTION, EVIDENCE, SOURCE};
use super::view::{Kind, View, entries, escape, is_sentence, items, text};

pub(super) fn check(view: &mut View<'_>) {
    let mut found: Found = Vec::new();
    let mut named = BTreeSet::new();
    let sources = &view.root["x-enroll-sources"];

    let mut wanted: Vec<(&'static str, &Value, String)> = Vec::new();
    for node in &view.nodes {
        let what = match node.kind {
            Kind::Operation => "an operation",
            Kind::Parameter => "a parameter",
            Kind::Property => "a property",
            Kind::Response => "an answer",
            Kind::Header => "a header",
            _ => continue,
        };
        wanted.push((what, node.value, node.pointer.clone()));
    }
    for (name, scheme) in entries(&view.root["components"]["securitySchemes"]) {
        wanted.push(("a security scheme", scheme, format!("/components/securitySchemes/{}", escape(name))));
    }
    wanted.extend(referred(view));
    wanted.sort_by(|one, other| one.2.cmp(&other.2));
    wanted.dedup_by(|one, other| one.2 == other.2);
    for (what, value, at) in &wanted {
        if value.get("x-enroll-evidence").is_none() {
            let message = format!(
                "does not say how it is known; add `x-enroll-evidence` with `documented`, `observed` or `assumed` to \
                 {what}"
            );
            found.push((EVIDENCE, at.clone(), message));
        }
    }
    for (holder, at) in holders(view) {
        if let Some(evidence) = holder.get("x-enroll-evidence") {
            check_evidence(evidence, &format!("{at}/x-enroll-evidence"), sources, &mut named, &mut found);
        }
        for (index, correction) in items(&holder["x-enroll-corrections"]).enumerate() {
            let at = format!("{at}/x-enroll-corrections/{index}");
            let source = text(&correction["source"]);
            named.insert(source.to_owned());
            if !source.is_empty() && sources.get(source).is_none() {
                let message = format!("`{source}` is no declared source; add it to x-enroll-sources");
                found.push((CORRECTION, format!("{at}/source"), message));
            }
            if correction["because"].as_str().is_some_and(|because| !is_sentence(because)) {
                let message = "is no reason; say in a sentence why the source is not followed";
                found.push((CORRECTION, format!("{at}/because"), message.to_owned()));
            }
        }
    }
    for (name, _) in entries(sources).filter(|(name, _)| !named.contains(name.as_str())) {
        let message =
            format!("no evidence and no correction names `{name}`; take it out, or say what it shows");
        found.push((SOURCE, format!("/x-enroll-sources/{}", escape(name)), message));
    }
    for (rule, at, message) in found {
        view.report(rule, &at, message);
    }
}

/// The named schemas that stand for a property: a `$ref` has no room for evidence of its own.
fn referred<'a>(view: &View<'a>) -> Vec<(&'static str, &'a Value, String)> {
    let mut found = Vec::new();
    for node in view.nodes.iter().filter(|node| node.is_schema()) {
        for (_, property) in entries(&node.value["properties"]).filter(|(_, it)| it["$ref"].is_string()) {
            let (target, at) = view.resolve(property, "");
            if at.starts_with("/components/schemas/") {
                found.push(("a schema that is a property", target, at));
            }
        }
    }
    found
}

/// Everything that evidence or corrections may stand on.
fn holders<'a>(view: &View<'a>) -> Vec<(&'a Value, String)> {
    let root = view.root;
    let nodes = view.nodes.iter().map(|node| (node.value, node.pointer.clone()));
    let replays = view.operations.iter().map(|operation| {
        (&operation.value["x-enroll-replay"], format!("{}/x-enroll-replay", operation.pointer))
    });
    let servers = items(&root["servers"]).enumerate().map(|(index, it)| (it, format!("/servers/{index}")));
    let schemes = entries(&root["components"]["securitySchemes"])
        .map(|(name, scheme)| (scheme, format!("/components/securitySchemes/{}", escape(name))));
    let whole = [(root, String::new()), (&root["info"], "/info".to_owned())];
    nodes.chain(replays).chain(servers).chain(schemes).chain(whole).collect()
}

type Found = Vec<(&'static str, String, String)>;

fn check_evidence(
    evidence: &Value,
    at: &str,
    sources: &Value,
    named: &mut BTreeSet<String>,
    found: &mut Found,
) {
    let mut known = false;
    for kind in ["documented", "observed"].iter().filter(|kind| evidence.get(**kind).is_some()) {
        let names: Vec<_> = match &evidence[*kind] {
            Value::Array(names) => names.iter().map(text).collect(),
            name => vec![text(name)],
        };
        known |= !names.is_empty();
        for name in names {
            named.insert(name.to_owned());
            if sources.get(name).is_none() {
                let message = format!("`{name}` is no declared source; add it to x-enroll-sources");
                found.push((EVIDENCE, format!("{at}/{kind}"), message));
            }
        }
    }
    if let Some(assumed) = evidence.get("assumed") {
        known = true;
        if !is_sentence(text(assumed)) {
            let message = "is no reason; say in a sentence why it is assumed";
            found.push((EVIDENCE, format!("{at}/assumed"), message.to_owned()));
        }
    }
    if !known && evidence.is_object() {
        let message =
            "says nothing; name a source under `documented` or `observed`, or say what is `assumed`";
        found.push((EVIDENCE, at.to_owned(), message.to_owned()));
    }
}
