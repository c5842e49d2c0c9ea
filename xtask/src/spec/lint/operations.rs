//! Operations as a whole: their names and tags, the paths, what a repeat does, which answers there are, and servers.

use std::collections::BTreeSet;

use heck::ToLowerCamelCase as _;
use serde_json::Value;

use super::rules::{AMBIGUOUS_PATH, DUPLICATE, OPERATION_ID, SERVER_URL, TAG, URL};
use super::view::{View, entries, escape, is_sentence, items, text, words};

/// Words that an operation's id begins with.
pub(crate) const VERBS: [&str; 62] = [
    "accept",
    "activate",
    "add",
    "approve",
    "archive",
    "assign",
    "attach",
    "authenticate",
    "authorize",
    "block",
    "cancel",
    "change",
    "check",
    "close",
    "complete",
    "confirm",
    "count",
    "create",
    "deactivate",
    "delete",
    "detach",
    "disable",
    "download",
    "enable",
    "end",
    "exchange",
    "export",
    "fetch",
    "find",
    "generate",
    "get",
    "import",
    "invite",
    "issue",
    "link",
    "list",
    "lock",
    "login",
    "logout",
    "merge",
    "move",
    "patch",
    "post",
    "put",
    "read",
    "register",
    "reject",
    "remove",
    "replace",
    "request",
    "resend",
    "reset",
    "restore",
    "retrieve",
    "revoke",
    "search",
    "send",
    "set",
    "start",
    "unlink",
    "update",
    "verify",
];

pub(super) fn check(view: &mut View<'_>) {
    let mut found = Vec::new();
    let mut report = |rule, at: &str, message: String| found.push((rule, at.to_owned(), message));
    for operation in &view.operations {
        let at = &operation.pointer;
        let id = operation.id();
        let last = operation.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let begins = words(id).first().is_some_and(|first| VERBS.contains(&first.as_str()));
        if !id.is_empty() && (id.to_lower_camel_case() != id || !begins && id != last.to_lower_camel_case()) {
            let message =
                format!("`{id}` is not in camelCase, or begins with no verb; write it like `createUser`");
            report(OPERATION_ID, &format!("{at}/operationId"), message);
        }
        let replay = &operation.value["x-enroll-replay"];
        let class = text(&replay["class"]);
        let reads = matches!(operation.method, "get" | "head" | "options" | "trace");
        if reads && ["upsert", "keyed", "never"].contains(&class) {
            let message = format!("a {} only reads; its class is `safe`", operation.method.to_uppercase());
            report("replay", &format!("{at}/x-enroll-replay/class"), message);
        }
        if class == "safe" && operation.value.get("x-enroll-creates").is_some() {
            let message = "what makes an account is not safe to repeat; choose `upsert`, `keyed` or `never`";
            report("replay", &format!("{at}/x-enroll-replay/class"), message.to_owned());
        }
        if replay["because"].as_str().is_some_and(|because| !is_sentence(because)) {
            let message = "is no reason; say in a sentence how it is known what a repeat does";
            report("replay", &format!("{at}/x-enroll-replay/because"), message.to_owned());
        }
        let statuses: Vec<_> = entries(&operation.value["responses"]).map(|(status, _)| status).collect();
        if !statuses.is_empty() && !statuses.iter().any(|status| status.starts_with('2')) {
            let message = "no success is documented; add the answer of a call that went well";
            report("response", &format!("{at}/responses"), message.to_owned());
        }
        let fails = |status: &&String| status.starts_with(['4', '5']) || *status == "default";
        if !statuses.is_empty() && !statuses.iter().any(fails) {
            let message = "no failure is documented; add `default` with what is known of it";
            report("response", &format!("{at}/responses"), message.to_owned());
        }
        if let Some(body) = operation.value.get("requestBody") {
            let (body, body_at) = view.resolve(body, &format!("{at}/requestBody"));
            if reads || operation.method == "delete" {
                let message = format!("a {} has no body; use parameters", operation.method.to_uppercase());
                report("request-body", &format!("{at}/requestBody"), message);
            } else if body["required"] != true {
                let message = "is always sent by the SDK; say `required: true`";
                report("request-body", &body_at, message.to_owned());
            }
        }
        let declared: Vec<_> = items(&view.root["tags"]).map(|tag| text(&tag["name"])).collect();
        let tags = &operation.value["tags"];
        if items(tags).next().is_none() {
            report(TAG, at, "has no tag; add `tags` with one of those at the top".to_owned());
        }
        for (index, tag) in items(tags).map(text).enumerate().filter(|(_, tag)| !declared.contains(tag)) {
            let message = format!("`{tag}` is no declared tag; add it to `tags` at the top");
            report(TAG, &format!("{at}/tags/{index}"), message);
        }
        let mut seen = BTreeSet::new();
        for (index, tag) in items(tags).map(text).enumerate().filter(|(_, tag)| !seen.insert(*tag)) {
            let message = format!("the tag `{tag}` stands here a second time; take it out");
            report(DUPLICATE, &format!("{at}/tags/{index}"), message);
        }
        for (parameter, at) in view.parameters(operation) {
            let name = text(&parameter["name"]);
            let ignored = ["accept", "content-type", "authorization"].contains(&name.to_lowercase().as_str());
            if parameter["in"] == "header" && ignored {
                let message = format!(
                    "`{name}` as a parameter is ignored by OpenAPI; say it by `security`, or by the media type"
                );
                report("parameter", &at, message);
            }
        }
        if operation.value.get("security").is_none() && view.root.get("security").is_none() {
            let message = "does not say which credentials it needs; add `security`, `[]` if it needs none";
            report("security", at, message.to_owned());
        }
        // The generator looks at the first alternative only.
        for (index, alternative) in items(&operation.value["security"]).enumerate() {
            unknown_schemes(view.root, alternative, &format!("{at}/security/{index}"), &mut report);
        }
    }
    for (index, alternative) in items(&view.root["security"]).enumerate() {
        unknown_schemes(view.root, alternative, &format!("/security/{index}"), &mut report);
    }
    let mut seen = BTreeSet::new();
    for (path, _) in entries(&view.root["paths"]) {
        let mut names = BTreeSet::new();
        let repeated =
            path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).find(|it| !names.insert(*it));
        if let Some(name) = repeated {
            let message = format!("has {{{name}}} twice; give the second another name");
            report("path", &format!("/paths/{}", escape(path)), message);
        }
        let shape: String = path
            .split('{')
            .enumerate()
            .map(|(index, part)| if index == 0 { part } else { part.split_once('}').map_or(part, |it| it.1) })
            .collect::<Vec<_>>()
            .join("{}");
        if !seen.insert(shape) {
            let message = "differs from another path only in the names of its parameters; put both into one";
            report(AMBIGUOUS_PATH, &format!("/paths/{}", escape(path)), message.to_owned());
        }
    }
    let used: BTreeSet<_> =
        view.operations.iter().flat_map(|operation| items(&operation.value["tags"]).map(text)).collect();
    for (index, tag) in items(&view.root["tags"]).enumerate() {
        let name = text(&tag["name"]);
        if !name.is_empty() && !used.contains(name) {
            report(TAG, &format!("/tags/{index}"), format!("no operation has the tag `{name}`; take it out"));
        }
    }
    let mut seen = BTreeSet::new();
    for (index, tag) in items(&view.root["tags"]).map(|tag| text(&tag["name"])).enumerate() {
        if !seen.insert(tag) {
            let message = format!("the tag `{tag}` is declared a second time; take it out");
            report(DUPLICATE, &format!("/tags/{index}"), message);
        }
    }
    if view.root["paths"].is_object() && items(&view.root["servers"]).next().is_none() {
        let message =
            "no server is known; add `servers`, with a placeholder if each customer has one of their own";
        report("server", "/servers", message.to_owned());
    }
    for (at, url) in urls(view) {
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.contains(char::is_whitespace)) {
            report(URL, &at, format!("`{url}` is no absolute URL; write it with https://"));
        }
    }
    for (index, server) in items(&view.root["servers"]).enumerate() {
        let at = format!("/servers/{index}/url");
        for message in server_url(server) {
            report(SERVER_URL, &at, message);
        }
    }
    for (rule, at, message) in found {
        view.report(rule, &at, message);
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

fn unknown_schemes(
    root: &Value,
    alternative: &Value,
    at: &str,
    report: &mut impl FnMut(&'static str, &str, String),
) {
    for (name, _) in entries(alternative) {
        if root["components"]["securitySchemes"].get(name).is_none() {
            let message = format!("`{name}` is no security scheme; add it to components/securitySchemes");
            report("security", &format!("{at}/{}", escape(name)), message);
        }
    }
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
