//! Operations: their names and tags, what a repeat does, which answers there are, and what they send.

use std::collections::BTreeSet;

use heck::ToLowerCamelCase as _;
use serde_json::Value;

use super::rules::{DUPLICATE, OPERATION_ID, TAG};
use super::view::{Operation, View, entries, escape, is_sentence, items, text, words};

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

type Found = Vec<(&'static str, String, String)>;

pub(super) fn check(view: &mut View<'_>) {
    let mut found = Found::new();
    for operation in &view.operations {
        name(operation, &mut found);
        replay(operation, &mut found);
        answers(operation, &mut found);
        request(view, operation, &mut found);
        tags(view, operation, &mut found);
        security(view, operation, &mut found);
    }
    alternatives(view, view.root, "", &mut found);
    schemes(view, &mut found);
    for (rule, at, message) in found {
        view.report(rule, &at, message);
    }
}

fn name(operation: &Operation<'_>, found: &mut Found) {
    let id = operation.id();
    let last = operation.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let begins = words(id).first().is_some_and(|first| VERBS.contains(&first.as_str()));
    let message = if id.is_empty() {
        return;
    } else if id.to_lower_camel_case() != id {
        format!("`{id}` is not in camelCase; write `{}`", id.to_lower_camel_case())
    } else if !begins && id != last.to_lower_camel_case() {
        format!("`{id}` begins with no verb; write it like `createUser`, or as the path's last word")
    } else {
        return;
    };
    found.push((OPERATION_ID, format!("{}/operationId", operation.pointer), message));
}

fn replay(operation: &Operation<'_>, found: &mut Found) {
    let at = format!("{}/x-enroll-replay", operation.pointer);
    let replay = &operation.value["x-enroll-replay"];
    let class = text(&replay["class"]);
    if operation.reads() && ["upsert", "keyed", "never"].contains(&class) {
        let message = format!("a {} only reads; its class is `safe`", operation.method.to_uppercase());
        found.push(("replay", format!("{at}/class"), message));
    }
    if class == "safe" && operation.value.get("x-enroll-creates").is_some() {
        let message = "what makes an account is not safe to repeat; choose `upsert`, `keyed` or `never`";
        found.push(("replay", format!("{at}/class"), message.to_owned()));
    }
    if replay["because"].as_str().is_some_and(|because| !is_sentence(because)) {
        let message = "is no reason; say in a sentence how it is known what a repeat does";
        found.push(("replay", format!("{at}/because"), message.to_owned()));
    }
}

fn answers(operation: &Operation<'_>, found: &mut Found) {
    let at = format!("{}/responses", operation.pointer);
    let statuses: Vec<_> = entries(&operation.value["responses"]).map(|(status, _)| status).collect();
    // That there is none at all is told by the generator.
    if statuses.is_empty() {
        return;
    }
    if !statuses.iter().any(|status| status.starts_with('2')) {
        let message = "no success is documented; add the answer of a call that went well";
        found.push(("response", at.clone(), message.to_owned()));
    }
    if !statuses.iter().any(|status| status.starts_with(['4', '5']) || *status == "default") {
        let message = "no failure is documented; add `default` with what is known of it";
        found.push(("response", at, message.to_owned()));
    }
}

fn request(view: &View<'_>, operation: &Operation<'_>, found: &mut Found) {
    if let Some(body) = operation.value.get("requestBody") {
        let at = format!("{}/requestBody", operation.pointer);
        let (body, body_at) = view.resolve(body, &at);
        if operation.reads() || operation.method == "delete" {
            let message = format!("a {} has no body; use parameters", operation.method.to_uppercase());
            found.push(("request-body", at, message));
        } else if body["required"] != true {
            let message = "is always sent by the SDK; say `required: true`";
            found.push(("request-body", body_at, message.to_owned()));
        }
    }
    for (parameter, at) in view.parameters(operation) {
        let name = text(&parameter["name"]);
        let ignored = ["accept", "content-type", "authorization"].contains(&name.to_lowercase().as_str());
        if parameter["in"] == "header" && ignored {
            let message = format!(
                "`{name}` as a parameter is ignored by OpenAPI; say it by `security`, or by the media type"
            );
            found.push(("parameter", at, message));
        }
    }
}

fn tags(view: &View<'_>, operation: &Operation<'_>, found: &mut Found) {
    let tags = &operation.value["tags"];
    if items(tags).next().is_none() {
        let message = "has no tag; add `tags` with one of those at the top";
        found.push((TAG, operation.pointer.clone(), message.to_owned()));
    }
    let declared: BTreeSet<_> = items(&view.root["tags"]).map(|tag| text(&tag["name"])).collect();
    let mut seen = BTreeSet::new();
    for (index, tag) in items(tags).map(text).enumerate() {
        let at = format!("{}/tags/{index}", operation.pointer);
        if !declared.contains(tag) {
            let message = format!("`{tag}` is no declared tag; add it to `tags` at the top");
            found.push((TAG, at, message));
        } else if !seen.insert(tag) {
            found.push((DUPLICATE, at, format!("the tag `{tag}` stands here a second time; take it out")));
        }
    }
}

fn security(view: &View<'_>, operation: &Operation<'_>, found: &mut Found) {
    if operation.value.get("security").is_none() && view.root.get("security").is_none() {
        let message = "does not say which credentials it needs; add `security`, `[]` if it needs none";
        found.push(("security", operation.pointer.clone(), message.to_owned()));
    }
    alternatives(view, operation.value, &operation.pointer, found);
}

/// Security schemes that are demanded twice, or are not there.
fn alternatives(view: &View<'_>, holder: &Value, at: &str, found: &mut Found) {
    // The generator looks at the first alternative, if it comes so far.
    let told = view.findings.iter().any(|finding| finding.rule == "security");
    let mut seen = Vec::new();
    for (index, alternative) in items(&holder["security"]).enumerate() {
        if seen.contains(&alternative) {
            let message = "is the same as an alternative before it; take it out, or correct it";
            found.push((DUPLICATE, format!("{at}/security/{index}"), message.to_owned()));
        }
        seen.push(alternative);
        if told && index == 0 {
            continue;
        }
        for (name, _) in entries(alternative) {
            if view.root["components"]["securitySchemes"].get(name).is_none() {
                let message = format!("`{name}` is no security scheme; add it to components/securitySchemes");
                found.push(("security", format!("{at}/security/{index}/{}", escape(name)), message));
            }
        }
    }
}

/// The authentication schemes that IANA registers, in lower case.
const SCHEMES: [&str; 14] = [
    "basic",
    "bearer",
    "concealed",
    "digest",
    "dpop",
    "gnap",
    "hoba",
    "mutual",
    "negotiate",
    "oauth",
    "privatetoken",
    "scram-sha-1",
    "scram-sha-256",
    "vapid",
];

fn schemes(view: &View<'_>, found: &mut Found) {
    for (name, scheme) in entries(&view.root["components"]["securitySchemes"]) {
        let word = text(&scheme["scheme"]);
        if scheme["type"] == "http" && !word.is_empty() && !SCHEMES.contains(&word.to_lowercase().as_str()) {
            let message = format!(
                "`{word}` is no scheme of HTTP; one of the vendor's own is `type: apiKey` in the header Authorization"
            );
            found.push(("security", format!("/components/securitySchemes/{}/scheme", escape(name)), message));
        }
    }
}
