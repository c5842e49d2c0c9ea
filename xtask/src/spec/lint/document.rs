//! The document around its operations: paths, tags, servers, and addresses.

use std::collections::BTreeSet;

use serde_json::Value;

use super::rules::{AMBIGUOUS_PATH, DUPLICATE, SERVER_URL, TAG, URL};
use super::view::{View, entries, escape, items, text};

type Found = Vec<(&'static str, String, String)>;

pub(super) fn check(view: &mut View<'_>) {
    let mut found = Found::new();
    paths(view, &mut found);
    tags(view, &mut found);
    servers(view, &mut found);
    for (at, url) in urls(view) {
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.contains(char::is_whitespace)) {
            found.push((URL, at, format!("`{url}` is no absolute URL; write it with https://")));
        }
    }
    for (rule, at, message) in found {
        view.report(rule, &at, message);
    }
}

fn paths(view: &View<'_>, found: &mut Found) {
    let mut shapes = BTreeSet::new();
    for (path, _) in entries(&view.root["paths"]) {
        let at = format!("/paths/{}", escape(path));
        let mut shape = path.split('{').next().unwrap_or_default().to_owned();
        let mut names = BTreeSet::new();
        for (name, rest) in path.split('{').skip(1).filter_map(|part| part.split_once('}')) {
            shape.push_str("{}");
            shape.push_str(rest);
            if !names.insert(name) {
                let message = format!("has {{{name}}} twice; give the second another name");
                found.push(("path", at.clone(), message));
            }
        }
        if !shapes.insert(shape) {
            let message = "differs from another path only in the names of its parameters; put both into one";
            found.push((AMBIGUOUS_PATH, at, message.to_owned()));
        }
    }
}

fn tags(view: &View<'_>, found: &mut Found) {
    let used: BTreeSet<_> =
        view.operations.iter().flat_map(|operation| items(&operation.value["tags"]).map(text)).collect();
    let mut seen = BTreeSet::new();
    for (index, tag) in items(&view.root["tags"]).map(|tag| text(&tag["name"])).enumerate() {
        let at = format!("/tags/{index}");
        if !seen.insert(tag) {
            found.push((DUPLICATE, at, format!("the tag `{tag}` is declared a second time; take it out")));
        } else if !tag.is_empty() && !used.contains(tag) {
            found.push((TAG, at, format!("no operation has the tag `{tag}`; take it out")));
        }
    }
}

fn servers(view: &View<'_>, found: &mut Found) {
    if view.root["paths"].is_object() && items(&view.root["servers"]).next().is_none() {
        let message =
            "no server is known; add `servers`, with a placeholder if each customer has one of their own";
        found.push(("server", "/servers".to_owned(), message.to_owned()));
    }
    for (index, server) in items(&view.root["servers"]).enumerate() {
        let wrong = server_url(server).into_iter();
        found.extend(wrong.map(|message| (SERVER_URL, format!("/servers/{index}/url"), message)));
    }
}

/// Addresses that are for people.
fn urls<'a>(view: &View<'a>) -> Vec<(String, &'a str)> {
    let (root, info) = (view.root, &view.root["info"]);
    let mut found = vec![
        ("/info/termsOfService".to_owned(), &info["termsOfService"]),
        ("/info/contact/url".to_owned(), &info["contact"]["url"]),
        ("/info/license/url".to_owned(), &info["license"]["url"]),
        ("/externalDocs/url".to_owned(), &root["externalDocs"]["url"]),
    ];
    for (index, tag) in items(&root["tags"]).enumerate() {
        found.push((format!("/tags/{index}/externalDocs/url"), &tag["externalDocs"]["url"]));
    }
    for node in &view.nodes {
        found.push((format!("{}/externalDocs/url", node.pointer), &node.value["externalDocs"]["url"]));
    }
    found.into_iter().filter_map(|(at, url)| Some((at, url.as_str()?))).collect()
}

fn server_url(server: &Value) -> Vec<String> {
    let Some(url) = server["url"].as_str() else { return Vec::new() };
    let mut wrong = Vec::new();
    let rest = url.strip_prefix("https://");
    let local = ["http://localhost", "http://127.0.0.1"].iter().any(|start| url.starts_with(start));
    if rest.is_none_or(str::is_empty) && !local {
        wrong.push("is no absolute https address; credentials do not travel in clear text".to_owned());
    }
    if url.ends_with('/') {
        wrong.push("ends in a slash, and paths begin with one; take it away".to_owned());
    }
    if url.contains(['?', '#']) {
        wrong.push("has a query or a fragment, which would come before the path; take it away".to_owned());
    }
    let used: Vec<_> = url.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect();
    for name in used.iter().filter(|name| server["variables"].get(**name).is_none()) {
        wrong.push(format!("`{name}` is no declared variable; add it to `variables`"));
    }
    for (name, variable) in entries(&server["variables"]) {
        if !used.contains(&name.as_str()) {
            wrong.push(format!("the variable `{name}` does not stand in the address; take it out"));
        }
        let allowed = &variable["enum"];
        if allowed.is_array() && !items(allowed).any(|value| *value == variable["default"]) {
            wrong.push(format!("the default of `{name}` is none of its values; add it to `enum`"));
        }
    }
    wrong
}
