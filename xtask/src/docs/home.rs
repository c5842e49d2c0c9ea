//! What the first page says of each provider: what it can do, and what it has to be told. Texts are Markdown in one line.

use enroll_codegen::inline_prose;
use serde_json::{Value, json};

use super::spec::{Operation, Spec, text};

/// The README's first command.
pub(crate) const QUICKSTART: &str = "cargo run --example quickstart";

pub(crate) fn provider(spec: &Spec) -> Value {
    let operations = spec.operations();
    let looked_up: Vec<&str> =
        operations.iter().map(|it| text(&it.value["x-enroll-lookup"]["operation"])).collect();
    let chosen = |wanted: &dyn Fn(&Operation<'_>) -> bool| -> Vec<Value> {
        operations.iter().filter(|it| wanted(it)).flat_map(|it| shown(it)).collect()
    };
    let reads = |it: &Operation<'_>| it.guide.class == "safe";
    let creates = |it: &Operation<'_>| it.guide.creates;
    let lists = |it: &Operation<'_>| reads(it) && is_list(it);
    let is_looked_up = |it: &Operation<'_>| looked_up.contains(&it.id());
    let deletes = |it: &Operation<'_>| it.http_method == "DELETE";
    let waits = operations.iter().flat_map(|it| &it.guide.waiters);
    let environments = spec.root["servers"].as_array().into_iter().flatten();
    let credentials = spec.root["x-enroll-credentials"].as_object().into_iter().flatten();
    json!({
        "name": spec.name,
        "title": spec.title(),
        "module": spec.module(),
        "description": inline_prose(first_paragraph(text(&spec.root["info"]["description"]))),
        "creates": chosen(&creates),
        "repeat": operations.iter().find(|it| creates(it)).map(|it| json!({
            "class": it.guide.class,
            "sentence": inline_prose(text(&it.value["x-enroll-replay"]["because"])),
        })),
        "lookup": chosen(&|it| is_looked_up(it) || (reads(it) && !is_list(it))),
        "lists": chosen(&lists),
        "updates": chosen(&|it| !reads(it) && !creates(it) && !deletes(it) && !hands_out_credentials(spec, it)),
        "deletes": chosen(&deletes),
        "waits": waits.map(|(method, about)| json!({ "method": method, "description": about })).collect::<Vec<_>>(),
        "credentials": credentials.map(|(name, it)| json!({
            "name": name, "env": it["env"], "secret": it["private"] == "secret",
            "description": inline_prose(text(&it["description"])),
        })).collect::<Vec<_>>(),
        "base_url_env": spec.root["x-enroll-base-url"]["env"],
        "environments": environments.map(|it| json!({
            "name": it["x-enroll-environment"], "url": it["url"], "default": it["x-enroll-default"] == true,
            "description": inline_prose(text(&it["description"])),
        })).collect::<Vec<_>>(),
        "operations": operations.iter().filter_map(|it| shown(it).next()).collect::<Vec<_>>(),
    })
}

/// An operation by each name that Rust has for it, with what that name is for.
fn shown(operation: &Operation<'_>) -> impl Iterator<Item = Value> {
    let tag = text(&operation.value["tags"][0]);
    operation.guide.methods.iter().map(move |method| {
        let own = method.description.is_empty();
        json!({
            "method": method.name,
            "http_method": operation.http_method,
            "path": operation.path,
            "summary": if own { operation.summary() } else { &method.description },
            // As site/pages/reference.js has the links made.
            "anchor": format!("tag/{tag}/{}", operation.id()),
        })
    })
}

/// Whether an operation that reads answers with several: by a cursor, or by what its name says.
fn is_list(operation: &Operation<'_>) -> bool {
    operation.value["x-enroll-pagination"].is_object()
        || ["list", "search"].iter().any(|verb| operation.id().starts_with(verb))
}

/// An operation that is called for its token, by the client itself.
fn hands_out_credentials(spec: &Spec, operation: &Operation<'_>) -> bool {
    let schemes = spec.root["components"]["securitySchemes"].as_object().into_iter().flatten();
    let mut exchanges = schemes.map(|(_, scheme)| text(&scheme["x-enroll-recipe"]["exchange"]["operation"]));
    exchanges.any(|id| id == operation.id())
}

/// Folded text in YAML has one line for each paragraph.
fn first_paragraph(text: &str) -> &str {
    text.trim().lines().next().unwrap_or_default()
}
