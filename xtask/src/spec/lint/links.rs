//! What points elsewhere: links from an answer to the next call, and JSON pointers into answers.

use std::collections::BTreeSet;

use serde_json::Value;

use super::rules::{LINK, POINTER};
use super::view::{Kind, Operation, View, entries, escape, items, text};

pub(super) fn check(view: &mut View<'_>) {
    let mut found = Vec::new();
    links(view, &mut found);
    pointers(view, &mut found);
    for (rule, at, message) in found {
        view.report(rule, &at, message);
    }
}

type Found = Vec<(&'static str, String, String)>;

fn links(view: &View<'_>, found: &mut Found) {
    for node in view.nodes.iter().filter(|node| node.kind == Kind::Link) {
        let at = &node.pointer;
        let id = text(&node.value["operationId"]);
        let Some(target) = view.operation(id) else {
            if !id.is_empty() {
                let message = format!("`{id}` is no operation of this document; correct the name");
                found.push((LINK, format!("{at}/operationId"), message));
            }
            continue;
        };
        let parameters = view.parameters(target);
        for (name, _) in entries(&node.value["parameters"]) {
            let at = format!("{at}/parameters/{}", escape(name));
            let known = |parameter: &Value| {
                let (place, plain) = (text(&parameter["in"]), text(&parameter["name"]));
                name == plain || *name == format!("{place}.{plain}")
            };
            if !parameters.iter().any(|(parameter, _)| known(parameter)) {
                let message = format!("`{name}` is no parameter of `{id}`; correct the name");
                found.push((LINK, at.clone(), message));
            }
        }
        let values = ["parameters", "requestBody"].map(|key| (&node.value[key], format!("{at}/{key}")));
        let response_at = node.pointer.split("/links/").next().unwrap_or_default();
        let response = view.root.pointer(response_at);
        for (pointer, at) in values.iter().flat_map(|(value, at)| taken(value, at)) {
            if response.is_some_and(|response| !answer_has(view, response, response_at, pointer)) {
                let message = format!("the answer has nothing at `{pointer}`; correct the pointer");
                found.push((LINK, at, message));
            }
        }
    }
}

/// The pointers into the answer that stand in a value, and where.
fn taken<'a>(value: &'a Value, at: &str) -> Vec<(&'a str, String)> {
    match value {
        Value::String(text) => {
            text.strip_prefix("$response.body#").map(|pointer| (pointer, at.to_owned())).into_iter().collect()
        }
        Value::Object(_) => {
            entries(value).flat_map(|(name, value)| taken(value, &format!("{at}/{}", escape(name)))).collect()
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.flat_map(|(index, value)| taken(value, &format!("{at}/{index}"))).collect()
        }
        _ => Vec::new(),
    }
}

fn pointers(view: &View<'_>, found: &mut Found) {
    let mut report = |at: String, pointer: &str| {
        let message = format!("the answer has nothing at `{pointer}`; correct the pointer");
        found.push((POINTER, at, message));
    };
    for node in view.nodes.iter().filter(|node| node.kind == Kind::Response) {
        let mut conditions = Vec::new();
        for key in ["x-enroll-failure", "x-enroll-absent"] {
            conditions.push((&node.value[key], format!("{}/{key}", node.pointer)));
        }
        for (index, condition) in items(&node.value["x-enroll-exists"]).enumerate() {
            conditions.push((condition, format!("{}/x-enroll-exists/{index}", node.pointer)));
        }
        for (condition, at) in conditions {
            if let Some(pointer) = condition["pointer"].as_str()
                && !answer_has(view, node.value, &node.pointer, pointer)
            {
                report(format!("{at}/pointer"), pointer);
            }
        }
    }
    for operation in &view.operations {
        let at = &operation.pointer;
        let mut wanted =
            vec![(&operation.value["x-enroll-creates"]["id"], format!("{at}/x-enroll-creates/id"))];
        for (name, waiter) in entries(&operation.value["x-enroll-waiters"]) {
            wanted.push((&waiter["until"], format!("{at}/x-enroll-waiters/{}/until", escape(name))));
        }
        let pagination = &operation.value["x-enroll-pagination"];
        for key in ["items", "more"] {
            wanted.push((&pagination[key], format!("{at}/x-enroll-pagination/{key}")));
        }
        for (pointer, at) in wanted {
            if let Some(pointer) = pointer.as_str().filter(|pointer| !success_has(view, operation, pointer)) {
                report(at, pointer);
            }
        }
        if let (Some(list), Some(next)) = (pagination["items"].as_str(), pagination["next"].as_str())
            && success_has(view, operation, list)
            && !success_has(view, operation, &format!("{list}/0{next}"))
        {
            report(format!("{at}/x-enroll-pagination/next"), next);
        }
        let lookup = &operation.value["x-enroll-lookup"];
        if let Some(looker) = view.operation(text(&lookup["operation"])) {
            let found_at = text(&lookup["found"]);
            for (key, inner) in entries(&lookup["matches"]) {
                // What is found is one user, or a list of them.
                let Some(inner) = inner.as_str() else { continue };
                let places = [format!("{found_at}{inner}"), format!("{found_at}/*{inner}")];
                if success_has(view, looker, found_at)
                    && !places.iter().any(|pointer| success_has(view, looker, pointer))
                {
                    report(format!("{at}/x-enroll-lookup/matches/{}", escape(key)), inner);
                }
            }
        }
    }
    for (name, scheme) in entries(&view.root["components"]["securitySchemes"]) {
        let exchange = &scheme["x-enroll-recipe"]["exchange"];
        let Some(operation) = view.operation(text(&exchange["operation"])) else { continue };
        for key in ["token", "expires"] {
            if let Some(pointer) = exchange[key].as_str().filter(|it| !success_has(view, operation, it)) {
                let at =
                    format!("/components/securitySchemes/{}/x-enroll-recipe/exchange/{key}", escape(name));
                report(at, pointer);
            }
        }
    }
}

/// Whether some success of an operation can have something at a pointer.
fn success_has(view: &View<'_>, operation: &Operation<'_>, pointer: &str) -> bool {
    let successes = view.responses(operation).into_iter().filter(|(status, _, _)| status.starts_with('2'));
    let mut successes = successes.peekable();
    successes.peek().is_none() || successes.any(|(_, response, at)| answer_has(view, response, &at, pointer))
}

/// Whether an answer can have something at a pointer. Of one whose body is not described nothing is known.
fn answer_has<'a>(view: &View<'a>, response: &'a Value, at: &str, pointer: &str) -> bool {
    let tokens: Vec<_> = pointer.split('/').skip(1).map(crate::pointer::unescape).collect();
    let mut bodies = entries(&response["content"]).peekable();
    let mut seen = BTreeSet::new();
    bodies.peek().is_none()
        || bodies.any(|(_, media)| {
            media.get("schema").is_none_or(|schema| has(view, schema, at, &tokens, &mut seen))
        })
}

fn has<'a>(
    view: &View<'a>,
    schema: &'a Value,
    at: &str,
    tokens: &[String],
    seen: &mut BTreeSet<(String, usize)>,
) -> bool {
    let (schema, at) = view.resolve(schema, at);
    let Some((token, rest)) = tokens.split_first() else { return true };
    // A union may hold itself. What a schema has not the first time, it has not the second time.
    if at.starts_with("/components/schemas/") && !seen.insert((at.clone(), tokens.len())) {
        return false;
    }
    let mut inner = |schema| has(view, schema, "", rest, seen);
    if let Some(property) = schema["properties"].get(token) {
        return inner(property);
    }
    if schema["type"] == "array" {
        let index = token == "*" || token.parse::<usize>().is_ok();
        return index && schema.get("items").is_none_or(inner);
    }
    if schema["properties"].is_object() {
        return false;
    }
    let mut branches = ["allOf", "anyOf", "oneOf"].iter().flat_map(|key| items(&schema[*key])).peekable();
    if branches.peek().is_some() {
        return branches.any(|branch| has(view, branch, "", tokens, seen));
    }
    match schema["type"].as_str() {
        Some("object") => schema.get("additionalProperties").is_none_or(|it| !it.is_object() || inner(it)),
        // Any JSON may have anything; null and a single number, text or flag have nothing inside.
        None => schema.get("enum").is_none(),
        Some(_) => false,
    }
}
