//! Examples: that there are some, that they satisfy their schemas, that nothing of them is lost, and that they are minted.

use serde_json::Value;

use super::rules::{EXAMPLE, MINTED, ROUND_TRIP, SAMPLE};
use super::validation::Schemas;
use super::view::{Kind, View, entries, escape, items};

pub(super) fn check(view: &mut View<'_>) {
    let schemas = Schemas::new(view.root);
    let mut found = Vec::new();
    for node in &view.nodes {
        let at = &node.pointer;
        let has = |key: &str| node.value.get(key).is_some();
        match node.kind {
            Kind::Property | Kind::Parameter | Kind::Header if !has("example") && !has("examples") => {
                let message = "has no `example`; add one that shows its form".to_owned();
                found.push((EXAMPLE, at.clone(), message));
            }
            Kind::MediaType if entries(&node.value["examples"]).next().is_none() && has("schema") => {
                let message = "has no `examples`; add one for each form that the body has".to_owned();
                found.push((EXAMPLE, at.clone(), message));
            }
            _ => {}
        }
        if has("example") && has("examples") && !node.is_schema() {
            let message =
                "stands beside `examples`, and OpenAPI allows one of the two; move it there".to_owned();
            found.push((EXAMPLE, format!("{at}/example"), message));
        }
        let schema_at = match node.kind {
            Kind::NamedSchema | Kind::Property | Kind::InnerSchema => at.clone(),
            Kind::Parameter | Kind::Header | Kind::MediaType => format!("{at}/schema"),
            _ => continue,
        };
        if let Some(example) = node.value.get("example") {
            one(view, &schemas, &schema_at, example, &format!("{at}/example"), &mut found);
        }
        for (name, example) in entries(&node.value["examples"]) {
            let (example, at) = view.resolve(example, &format!("{at}/examples/{}", escape(name)));
            if let Some(value) = example.get("value") {
                one(view, &schemas, &schema_at, value, &format!("{at}/value"), &mut found);
            }
        }
    }
    for (name, credential) in entries(&view.root["x-enroll-credentials"]) {
        let at = format!("/x-enroll-credentials/{}/example", escape(name));
        strings(&credential["example"], &at, &mut |text, at| minted(text, at, &mut found));
    }
    for (rule, at, message) in found {
        view.report(rule, &at, message);
    }
}

type Found = Vec<(&'static str, String, String)>;

fn one(view: &View<'_>, schemas: &Schemas<'_>, schema_at: &str, value: &Value, at: &str, found: &mut Found) {
    let Some(schema) = view.root.pointer(schema_at) else { return };
    match schemas.refused(schema_at) {
        // The generator has a word for most of what can be wrong with a schema.
        Some(why) if view.findings.is_empty() => {
            found.push(("schema", schema_at.to_owned(), format!("is no schema ({why}); correct it")));
        }
        Some(_) => {}
        None => {
            if let Some((inner, message)) = schemas.error(schema_at, value) {
                let message = format!(
                    "does not satisfy its schema: {message}; correct one of the two, by what the provider says"
                );
                found.push((SAMPLE, format!("{at}{inner}"), message));
            } else {
                let mut lost = Vec::new();
                undeclared(view, schemas, schema, schema_at, value, at, &mut lost);
                for (at, name) in lost {
                    let message = format!(
                        "`{name}` is no declared property and would be lost; add it to the schema, or take it out"
                    );
                    found.push((ROUND_TRIP, at, message));
                }
            }
        }
    }
    strings(value, at, &mut |text, at| minted(text, at, found));
}

/// What of a value has no place in the type that is made of the schema.
fn undeclared<'a>(
    view: &View<'a>,
    schemas: &Schemas<'_>,
    schema: &'a Value,
    schema_at: &str,
    value: &Value,
    at: &str,
    lost: &mut Vec<(String, String)>,
) {
    let (schema, schema_at) = view.resolve(schema, schema_at);
    let mut inner = Vec::new();
    match value {
        Value::Object(object) if schema["properties"].is_object() => {
            for (name, value) in object {
                let at = format!("{at}/{}", escape(name));
                match schema["properties"].get(name) {
                    Some(property) => {
                        inner.push((property, format!("{schema_at}/properties/{}", escape(name)), value, at));
                    }
                    None => lost.push((at, name.clone())),
                }
            }
        }
        Value::Object(object) if schema["additionalProperties"].is_object() => {
            for (name, value) in object {
                let at = format!("{at}/{}", escape(name));
                let schema_at = format!("{schema_at}/additionalProperties");
                inner.push((&schema["additionalProperties"], schema_at, value, at));
            }
        }
        Value::Array(list) if schema["items"].is_object() => {
            for (index, value) in list.iter().enumerate() {
                inner.push((&schema["items"], format!("{schema_at}/items"), value, format!("{at}/{index}")));
            }
        }
        Value::Object(_) | Value::Array(_) => {
            for key in ["allOf", "anyOf", "oneOf"] {
                let branches = items(&schema[key]).enumerate();
                let mut branches =
                    branches.map(|(index, branch)| (branch, format!("{schema_at}/{key}/{index}")));
                let fits = branches.find(|(_, branch_at)| schemas.error(branch_at, value).is_none());
                inner.extend(fits.map(|(branch, branch_at)| (branch, branch_at, value, at.to_owned())));
            }
        }
        _ => {}
    }
    for (schema, schema_at, value, at) in inner {
        undeclared(view, schemas, schema, &schema_at, value, &at, lost);
    }
}

fn strings(value: &Value, at: &str, visit: &mut impl FnMut(&str, &str)) {
    if let Some(text) = value.as_str() {
        visit(text, at);
    }
    for (key, inner) in entries(value) {
        strings(inner, &format!("{at}/{}", escape(key)), visit);
    }
    for (index, inner) in items(value).enumerate() {
        strings(inner, &format!("{at}/{index}"), visit);
    }
}

fn minted(text: &str, at: &str, found: &mut Found) {
    for word in text.split(|c: char| c.is_whitespace() || "\"'<>(),;".contains(c)) {
        let why = if let Some((_, domain)) = word.split_once('@').filter(|(local, _)| !local.is_empty()) {
            let domain = domain.trim_end_matches('.').to_lowercase();
            let reserved = ["example.com", "example.org", "example.net", "example", "invalid", "test"];
            let within = |zone: &&str| domain == **zone || domain.ends_with(&format!(".{zone}"));
            (domain.contains('.') && !reserved.iter().any(within))
                .then_some("may be somebody's address; use example.com")
        } else if let Some(digits) = word.strip_prefix('+').filter(|it| (8..=15).contains(&it.len())) {
            (digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with("1415555"))
                .then_some("may be somebody's number; use one that begins with +1415555")
        } else {
            let keys = ["sk_live_", "pk_live_", "rk_live_", "AKIA", "ghp_", "xoxb-"];
            let jwt = word.starts_with("eyJ") && word.matches('.').count() == 2;
            (jwt || keys.iter().any(|start| word.starts_with(start) && word.len() > start.len() + 8))
                .then_some("looks like a real token; mint one, such as `fake-token`")
        };
        if let Some(why) = why {
            found.push((MINTED, at.to_owned(), why.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_somebody_is_told_from_what_is_made_up() {
        let found = |text: &str| {
            let mut found = Vec::new();
            minted(text, "", &mut found);
            !found.is_empty()
        };
        for real in ["a@b.io", "write to a@mail.co.uk.", "+447700900123", "sk_live_0123456789"] {
            assert!(found(real), "{real}");
        }
        let jwt = format!("Bearer {}.e30.c2ln", "eyJhbGciOiJIUzI1NiJ9");
        assert!(found(&jwt));
        for made_up in
            ["a@example.com\"", "a@mail.example.org", "+14155550123", "+91", "fake-token", "a@b", "@x.y"]
        {
            assert!(!found(made_up), "{made_up}");
        }
    }
}
