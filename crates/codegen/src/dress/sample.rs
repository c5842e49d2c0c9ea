//! A Rust sample for each operation, from the spec's own example. The same text stands in the documentation and is
//! compiled by the tests.

use serde_json::Value;

use crate::model::{Alias, Field, Operation, Place, Presence, Schema, SchemaKind, Spec, Type};

/// The sample as a doctest, with the lines around it hidden.
pub(crate) fn documented(spec: &Spec, operation: &Operation, alias: Option<&Alias>) -> String {
    let name = &spec.name;
    let module = name.replace('-', "_");
    format!(
        "# async fn example({module}: enroll::{module}::Client) -> Result<(), Box<dyn std::error::Error>> {{\n\
         let answer = {module}\n{}    .send()\n    .await?;\nprintln!(\"{{}}\", answer.status());\n# Ok(())\n# }}\n",
        call(spec, operation, alias)
    )
}

/// The same for what has become of the account, for an operation that makes one.
pub(crate) fn documented_outcome(
    spec: &Spec,
    operation: &Operation,
    alias: Option<&Alias>,
) -> Option<String> {
    Some(deciding(spec, &outcome(spec, operation, alias)?))
}

/// A doctest that decides what to do next.
fn deciding(spec: &Spec, decision: &str) -> String {
    let module = spec.name.replace('-', "_");
    format!(
        "# async fn example({module}: enroll::{module}::Client) -> Result<(), Box<dyn std::error::Error>> {{\n\
         {decision}println!(\"{{next}}\");\n# Ok(())\n# }}\n"
    )
}

/// What a program does next, one arm for each outcome.
fn outcome(spec: &Spec, operation: &Operation, alias: Option<&Alias>) -> Option<String> {
    operation.creates.as_ref()?;
    let arms: String = [
        ("Created(_)", "keep its id"),
        ("Existing(_)", "ask who it is: the account was there before this call"),
        ("Rejected(_)", "show why to the customer"),
        ("Denied(_)", "page us: our credentials are at fault"),
        ("Throttled { .. }", "come back later: nothing was done"),
        ("NotSent(_)", "correct it, or send it again: nothing was sent"),
        ("Unknown(_)", "look before sending it again: the account may be there"),
    ]
    .iter()
    .map(|(variant, next)| format!("    enroll::Outcome::{variant} => {next:?},\n"))
    .collect();
    let (module, call) = (spec.name.replace('-', "_"), call(spec, operation, alias));
    Some(format!(
        "let outcome = {module}\n{call}    .outcome()\n    .await;\nlet next = match outcome {{\n{arms}}};\n"
    ))
}

/// The same for making sure that the account is there, for an operation that can be asked to.
pub(crate) fn documented_ensure(spec: &Spec, operation: &Operation, alias: Option<&Alias>) -> Option<String> {
    Some(deciding(spec, &ensure(spec, operation, alias)?))
}

/// What a program does next when it has made sure.
fn ensure(spec: &Spec, operation: &Operation, alias: Option<&Alias>) -> Option<String> {
    if !operation.has_ensure() {
        return None;
    }
    let arms: String = [
        ("Created(_) | enroll::Ensured::Present(_)", "keep its id"),
        ("Found { .. }", "keep its id, and look whose work it is"),
        ("Conflict { .. }", "ask a person: one key fits, and another does not"),
        ("Unknown(_)", "make sure again later: the account may be there"),
    ]
    .iter()
    .map(|(variant, next)| format!("    enroll::Ensured::{variant} => {next:?},\n"))
    .collect();
    let (module, call) = (spec.name.replace('-', "_"), call(spec, operation, alias));
    Some(format!(
        "let ensured = {module}\n{call}    .ensure()\n    .await?;\nlet next = match ensured {{\n{arms}}};\n"
    ))
}

/// The same as functions, one for each operation and alias, and one that calls them all.
pub(crate) fn functions(spec: &Spec) -> String {
    let module = spec.name.replace('-', "_");
    let client = format!("{module}: &enroll::{module}::Client");
    let result = "Result<enroll::StatusCode, Box<dyn std::error::Error + Send + Sync>>";
    let outcome_result = "Result<&'static str, Box<dyn std::error::Error + Send + Sync>>";
    let (mut functions, mut calls) = (String::new(), String::new());
    let (mut outcomes, mut ensures) = (String::new(), String::new());
    for operation in &spec.operations {
        for (name, alias) in methods(operation) {
            functions.push_str(&format!(
                "    pub(super) async fn {name}({client}) -> {result} {{\n\
                 let answer = {module}\n{}    .send()\n    .await?;\n        Ok(answer.status())\n    }}\n",
                call(spec, operation, alias)
            ));
            if let Some(decision) = outcome(spec, operation, alias) {
                functions.push_str(&format!(
                    "    pub(super) async fn outcome_of_{name}({client}) -> {outcome_result} {{\n\
                     {decision}        Ok(next)\n    }}\n"
                ));
                outcomes.push_str(&format!("            (\"{name}\", outcome_of_{name}({module}).await),\n"));
            }
            if let Some(decision) = ensure(spec, operation, alias) {
                functions.push_str(&format!(
                    "    pub(super) async fn ensure_{name}({client}) -> {outcome_result} {{\n\
                     {decision}        Ok(next)\n    }}\n"
                ));
                ensures.push_str(&format!("            (\"{name}\", ensure_{name}({module}).await),\n"));
            }
            calls.push_str(&format!("            (\"{name}\", {name}({module}).await),\n"));
        }
    }
    for (name, list) in [("outcomes", outcomes), ("ensures", ensures)] {
        if !list.is_empty() {
            functions.push_str(&format!(
                "\n    pub(super) async fn {name}({client}) -> Vec<(&'static str, {outcome_result})> {{\n\
                 \n        vec![\n{list}        ]\n    }}\n"
            ));
        }
    }
    format!(
        "/// The samples of `enroll::{module}`.\nmod {module} {{\n{functions}\
         \n    pub(super) async fn all({client}) -> Vec<(&'static str, {result})> {{\n\
         \n        vec![\n{calls}        ]\n    }}\n}}\n"
    )
}

/// The names under which an operation is called: its own, or its aliases'.
pub(crate) fn methods(operation: &Operation) -> Vec<(&str, Option<&Alias>)> {
    if operation.aliases.is_empty() {
        return vec![(&operation.name, None)];
    }
    operation.aliases.iter().map(|alias| (alias.name.as_str(), Some(alias))).collect()
}

/// The call without its client and without its end, from `.create_user()` on.
pub(crate) fn call(spec: &Spec, operation: &Operation, alias: Option<&Alias>) -> String {
    let name = alias.map_or(&operation.name, |alias| &alias.name);
    let mut text = format!("    .{name}()\n");
    for parameter in &operation.parameters {
        let field = &parameter.field;
        let wanted = match alias {
            Some(alias) => alias.requires.contains(&field.wire),
            None => field.required || parameter.place == Place::Path,
        };
        if let (true, Some(example)) = (wanted, &field.example) {
            text.push_str(&format!("    .{}({})\n", setter(field), literal(spec, &field.ty, example)));
        }
    }
    if let Some(body) = &operation.body
        && let Some(Schema { kind: SchemaKind::Object { fields, .. }, .. }) = spec.schema(&body.schema)
    {
        let example = body.examples.iter().find(|(name, _)| name == "typical").or(body.examples.first());
        for (wire, value) in example.and_then(|(_, value)| value.as_object()).into_iter().flatten() {
            if let Some(field) = fields.iter().find(|field| field.wire == *wire) {
                text.push_str(&format!("    .{}({})\n", setter(field), literal(spec, &field.ty, value)));
            }
        }
    }
    text
}

fn setter(field: &Field) -> String {
    super::ident(&field.rust).to_string()
}

/// A JSON value as what a setter for `ty` takes.
fn literal(spec: &Spec, ty: &Type, value: &Value) -> String {
    let json = || format!("serde_json::json!({value})");
    match (ty, value) {
        (_, Value::Null) => "enroll::Null".to_owned(),
        (Type::Personal(inner), _) if matches!(**inner, Type::Object) => json(),
        (Type::Personal(inner), _) => match &**inner {
            Type::String | Type::EpochMillis | Type::EpochSeconds | Type::Any | Type::IntegerOrString => {
                literal(spec, inner, value)
            }
            Type::Integer => format!("{value}_i64"),
            other => format!("enroll::Personal::new({})", literal(spec, other, value)),
        },
        (Type::EpochMillis | Type::EpochSeconds, _) => format!("{value}_i64"),
        (Type::IntegerOrString, Value::Number(number)) => format!("{number}_i64"),
        (Type::Any, _) => json(),
        (Type::Object, Value::Object(object)) => {
            let entries: Vec<_> = object
                .iter()
                .map(|(key, value)| format!("({key:?}.to_owned(), serde_json::json!({value}))"))
                .collect();
            format!("serde_json::Map::from_iter([{}])", entries.join(", "))
        }
        (Type::List(inner), Value::Array(items)) => {
            let items: Vec<_> = items.iter().map(|item| owned(spec, inner, item)).collect();
            format!("vec![{}]", items.join(", "))
        }
        (Type::Map(inner), Value::Object(object)) => {
            let entries: Vec<_> = object
                .iter()
                .map(|(key, value)| format!("({key:?}.to_owned(), {})", owned(spec, inner, value)))
                .collect();
            format!("std::collections::BTreeMap::from([{}])", entries.join(", "))
        }
        (Type::Named(name), Value::Object(object)) => constructor(spec, name, object),
        (_, Value::String(text)) => format!("{text:?}"),
        (_, other) => other.to_string(),
    }
}

/// The same as a value of the very type, which is what a collection holds.
fn owned(spec: &Spec, ty: &Type, value: &Value) -> String {
    let literal = literal(spec, ty, value);
    match ty {
        Type::String => format!("{literal}.to_owned()"),
        Type::Personal(_) | Type::Secret => format!("{literal}.into()"),
        _ => literal,
    }
}

fn constructor(spec: &Spec, name: &str, object: &serde_json::Map<String, Value>) -> String {
    let module = spec.name.replace('-', "_");
    let Some(schema @ Schema { kind: SchemaKind::Object { fields, .. }, .. }) = spec.schema(name) else {
        // One of several objects has no constructor of its own.
        let json = Value::Object(object.clone());
        return format!(
            "serde_json::from_value::<enroll::{module}::types::{name}>(serde_json::json!({json}))?"
        );
    };
    let (mut required, mut rest) = (Vec::new(), String::new());
    for field in fields {
        let Some(value) = object.get(&field.wire) else { continue };
        let text = literal(spec, &field.ty, value);
        match schema.presence(field) {
            Presence::Always => required.push(text),
            Presence::AlwaysNullable if value.is_null() => required.push("enroll::Nullable::Null".to_owned()),
            Presence::AlwaysNullable => {
                required.push(format!("enroll::Nullable::Value({text}.into())"));
            }
            // Left out is what `with_…` can say of a null.
            Presence::Optional | Presence::Nullable if value.is_null() => {}
            Presence::Optional | Presence::Nullable => {
                rest.push_str(&format!(".with_{}({text})", field.rust.trim_end_matches('_')));
            }
        }
    }
    format!("enroll::{module}::types::{name}::new({}){rest}", required.join(", "))
}
