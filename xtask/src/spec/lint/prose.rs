//! What is said in words: descriptions, and the units of times, amounts and phone numbers.

use serde_json::Value;

use super::rules::{DESCRIPTION, UNIT};
use super::view::{Kind, Node, View, entries, escape, items, text, words};

pub(super) fn check(view: &mut View<'_>) {
    let mut found = Vec::new();
    let mut wanted: Vec<(String, &Value, &str, &str)> = Vec::new();
    let root = view.root;
    wanted.push(("/info".to_owned(), &root["info"], "the document", "description"));
    for (index, server) in items(&root["servers"]).enumerate() {
        wanted.push((format!("/servers/{index}"), server, "a server", "description"));
        for (name, variable) in entries(&server["variables"]) {
            let at = format!("/servers/{index}/variables/{}", escape(name));
            wanted.push((at, variable, "a server's variable", "description"));
        }
    }
    for (index, tag) in items(&root["tags"]).enumerate() {
        wanted.push((format!("/tags/{index}"), tag, "a tag", "description"));
    }
    for (section, what) in
        [("x-enroll-credentials", "a credential"), ("components/securitySchemes", "a security scheme")]
    {
        let things = root.pointer(&format!("/{section}")).unwrap_or(&Value::Null);
        for (name, thing) in entries(things) {
            wanted.push((format!("/{section}/{}", escape(name)), thing, what, "description"));
        }
    }
    for node in &view.nodes {
        let what = match node.kind {
            Kind::Operation => "an operation",
            Kind::Parameter => "a parameter",
            Kind::RequestBody => "a request body",
            Kind::Response => "an answer",
            Kind::Header => "a header",
            Kind::Link => "a link",
            Kind::NamedSchema => "a schema",
            Kind::Property => "a property",
            Kind::Example => {
                wanted.push((node.pointer.clone(), node.value, "an example", "summary"));
                continue;
            }
            Kind::MediaType | Kind::InnerSchema => continue,
        };
        wanted.push((node.pointer.clone(), node.value, what, "description"));
        if node.kind == Kind::Operation {
            wanted.push((node.pointer.clone(), node.value, what, "summary"));
        }
    }
    for (at, value, what, key) in wanted {
        match value.get(key) {
            // The generator says so of an answer, where OpenAPI demands it.
            None if what == "an answer" || !value.is_object() => {}
            None => {
                let message = format!("has no `{key}`; say in your own words what {what} is for");
                found.push((DESCRIPTION, at, message));
            }
            Some(Value::String(prose)) if prose.trim().is_empty() => {
                let message = format!("is empty; say in your own words what {what} is for");
                found.push((DESCRIPTION, format!("{at}/{key}"), message));
            }
            Some(_) => {}
        }
    }
    for node in &view.nodes {
        let schema = match node.kind {
            Kind::Property => node.value,
            Kind::Parameter | Kind::Header => view.resolve(&node.value["schema"], "").0,
            _ => continue,
        };
        if let Some(message) = unit(node, schema) {
            found.push((UNIT, node.pointer.clone(), message));
        }
    }
    for (rule, at, message) in found {
        view.report(rule, &at, message);
    }
}

/// What a description of a time, an amount or a phone number leaves open.
fn unit(node: &Node<'_>, schema: &Value) -> Option<String> {
    // One without words is another rule's matter.
    let prose = node.value["description"].as_str()?.to_lowercase();
    let says = |wanted: &[&str]| wanted.iter().any(|word| prose.contains(word));
    let format = text(&schema["format"]);
    match format {
        "epoch-milliseconds" if !says(&["millisecond"]) => {
            return Some("counts milliseconds by its format; say so in the description too".to_owned());
        }
        "epoch-seconds" if !prose.replace("millisecond", "").contains("second") => {
            return Some("counts seconds by its format; say so in the description too".to_owned());
        }
        _ => {}
    }
    if !format.is_empty() || !matches!(schema["type"].as_str(), Some("string" | "integer" | "number")) {
        return None;
    }
    let words = words(node.name);
    let ends = |endings: &[&str]| words.last().is_some_and(|last| endings.contains(&last.as_str()));
    let phone = ["phone", "mobile", "telephone"].iter().any(|word| words.iter().any(|it| it == word))
        && ends(&["phone", "mobile", "telephone", "number", "no"]);
    let time = ends(&["at", "date", "time", "timestamp", "birthday", "dob"])
        || ends(&["lifetime", "duration", "timeout", "ttl", "expires", "expiry", "in"]) && words.len() > 1;
    if phone && !says(&["e.164", "digits", "international", "dial code", "form"]) {
        return Some(
            "does not say how the number is written; say E.164, or which digits, or that it is not known"
                .to_owned(),
        );
    }
    const TIMES: [&str; 11] = [
        "second", "minute", "hour", "day", "month", "unit", "unix", "iso 8601", "rfc 3339", "epoch", "format",
    ];
    if time && !says(&TIMES) {
        return Some(
            "does not say how the time is written; say which unit or form, or that it is not known"
                .to_owned(),
        );
    }
    const AMOUNTS: [&str; 7] = ["unit", "currency", "cent", "minor", "percent", "wei", "satoshi"];
    if ends(&["amount", "balance", "price", "fee"]) && !says(&AMOUNTS) {
        return Some(
            "does not say what the amount counts; say the currency and the unit, or that they are not known"
                .to_owned(),
        );
    }
    None
}
