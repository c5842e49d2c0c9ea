//! What nothing uses: components and credentials.

use std::collections::BTreeSet;

use serde_json::Value;

use super::rules::UNUSED_COMPONENT;
use super::view::{View, entries, escape, items};

pub(super) fn check(view: &mut View<'_>) {
    let root = view.root;
    let mut used = BTreeSet::new();
    let mut open = vec![&root["paths"]];
    while let Some(value) = open.pop() {
        if let Some(target) = value["$ref"].as_str()
            && used.insert(target.trim_start_matches('#').to_owned())
            && let Some(found) = target.strip_prefix('#').and_then(|at| root.pointer(at))
        {
            open.push(found);
        }
        open.extend(entries(value).map(|(_, inner)| inner));
        open.extend(items(value));
    }
    let demanded =
        view.operations.iter().map(|operation| &operation.value["security"]).chain([&root["security"]]);
    let schemes: BTreeSet<_> =
        demanded.flat_map(items).flat_map(entries).map(|(name, _)| name.clone()).collect();

    let mut found = Vec::new();
    for (section, things) in entries(&root["components"]) {
        for (name, _) in entries(things) {
            let at = format!("/components/{section}/{}", escape(name));
            let is_used = match section.as_str() {
                "securitySchemes" => schemes.contains(name),
                _ => used.contains(&at),
            };
            if !is_used {
                let message =
                    format!("nothing uses `{name}`; take it out, or correct the name where it is used");
                found.push((UNUSED_COMPONENT, at, message));
            }
        }
    }
    // A recipe names credentials as `{name}`, or as the value of a key.
    let mut recipes = Vec::new();
    for (_, scheme) in entries(&root["components"]["securitySchemes"]) {
        texts(&scheme["x-enroll-recipe"], &mut recipes);
    }
    for (name, _) in entries(&root["x-enroll-credentials"]) {
        let placeholder = format!("{{{name}}}");
        if !recipes.iter().any(|text| text == name || text.contains(&placeholder)) {
            let message =
                format!("no recipe uses the credential `{name}`; take it out, or put it into a recipe");
            found.push(("credentials", format!("/x-enroll-credentials/{}", escape(name)), message));
        }
    }
    for (rule, at, message) in found {
        view.report(rule, &at, message);
    }
}

fn texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    found.extend(value.as_str());
    items(value).chain(entries(value).map(|(_, inner)| inner)).for_each(|inner| texts(inner, found));
}
