//! Which operations of a document are wanted.

use serde_json::Value;

use super::document::Document;
use super::openapi::made_id;
use super::parameters::operation_at;

/// With this many or fewer, all are taken.
const FEW: usize = 12;

pub(super) struct Chosen<'a> {
    pub(super) path: &'a str,
    /// In upper case.
    pub(super) method: &'static str,
    pub(super) operation: &'a Value,
    pub(super) at: String,
}

const METHODS: [(&str, &str); 8] = [
    ("get", "GET"),
    ("put", "PUT"),
    ("post", "POST"),
    ("delete", "DELETE"),
    ("options", "OPTIONS"),
    ("head", "HEAD"),
    ("patch", "PATCH"),
    ("trace", "TRACE"),
];

pub(super) fn operations<'a>(document: &'a Document, wanted: &[String]) -> Result<Vec<Chosen<'a>>, String> {
    let Some(paths) = document.value["paths"].as_object() else {
        let message = "the document has no paths; only those can be imported";
        return Err(document.finding("/paths", message));
    };
    let mut all = Vec::new();
    for (path, item) in paths {
        if item.get("$ref").is_some() {
            let at = format!("/paths/{}", super::document::escape(path));
            return Err(document.finding(&at, "is in another place; bundle the document first"));
        }
        for (key, method) in METHODS {
            if let Some(operation) = item.get(key).filter(|operation| operation.is_object()) {
                all.push(Chosen { path, method, operation, at: operation_at(path, key) });
            }
        }
    }
    if all.is_empty() {
        return Err(document.finding("/paths", "the document has no operations"));
    }
    let chosen: Vec<Chosen<'a>> = if wanted.is_empty() {
        if all.len() > FEW {
            return Err(format!(
                "{} has {} operations; name the ones that are wanted with --operations, by id or as \"POST /users\":\n{}",
                document.shown,
                all.len(),
                candidates(&all)
            ));
        }
        all
    } else {
        let mut chosen = Vec::new();
        for wish in wanted {
            let Some(index) = all.iter().position(|one| is(one, wish)) else {
                if chosen.iter().any(|one| is(one, wish)) {
                    continue;
                }
                let nearest = nearest(&all, wish);
                return Err(format!("{} has no operation `{wish}`; did you mean {nearest}?", document.shown));
            };
            chosen.push(all.remove(index));
        }
        chosen
    };
    for one in &chosen {
        let outside = one.path.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
        let odd = outside.collect::<String>().contains(['{', '}', '?', '#', ' ']);
        if !one.path.starts_with('/') || one.path.contains("//") || odd {
            return Err(document.finding(
                &one.at,
                "its path cannot be sent as it is: leave the operation out of --operations",
            ));
        }
    }
    Ok(chosen)
}

fn name(one: &Chosen<'_>) -> String {
    one.operation["operationId"].as_str().map_or_else(|| made_id(one.path, one.method), str::to_owned)
}

fn is(one: &Chosen<'_>, wish: &str) -> bool {
    if one.operation["operationId"].as_str() == Some(wish) {
        return true;
    }
    let made = heck::ToLowerCamelCase::to_lower_camel_case(name(one).as_str());
    match wish.split_once(' ') {
        Some((method, path)) => method.eq_ignore_ascii_case(one.method) && path.trim() == one.path,
        None => made == wish,
    }
}

fn nearest(all: &[Chosen<'_>], wish: &str) -> String {
    let described = |one: &Chosen<'_>| match wish.contains(' ') {
        true => format!("{} {}", one.method, one.path),
        false => name(one),
    };
    let mut near: Vec<_> =
        all.iter().map(|one| (strsim::damerau_levenshtein(&described(one), wish), described(one))).collect();
    near.sort();
    near.into_iter().take(3).map(|(_, name)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// A list for people, what has to do with users first.
fn candidates(all: &[Chosen<'_>]) -> String {
    let weight = |one: &Chosen<'_>| {
        let text = format!("{} {}", name(one), one.path).to_lowercase();
        let people = ["user", "account", "member", "customer", "identit", "person", "signup", "register"];
        let about = people.iter().any(|word| text.contains(word));
        (!about, one.path.matches('/').count(), one.path.len(), one.method != "POST")
    };
    let mut sorted: Vec<_> = all.iter().collect();
    sorted.sort_by_key(|one| weight(one));
    let mut lines: Vec<_> = sorted
        .iter()
        .take(40)
        .map(|one| format!("  {:<40} {} {}", name(one), one.method, one.path))
        .collect();
    if all.len() > 40 {
        lines.push(format!("  … and {} more", all.len() - 40));
    }
    lines.join("\n")
}
