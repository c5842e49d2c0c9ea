//! The surface of a client: everything public that its spec decides, one line an item, for a person to review.
//!
//! A line is a name and what is true of it. The same name is the same item in the next version, so that two surfaces can
//! be compared line by line.

use std::collections::BTreeSet;
use std::fmt;

use heck::{ToShoutySnakeCase, ToUpperCamelCase};
use serde_json::Value;

use crate::dress::sample::methods;
use crate::model::{
    Alias, Content, Field, Operation, Place, Presence, Recipe, ReplayClass, Response, Schema, SchemaKind,
    Spec, Type, found_type, variant_name,
};

/// The surface of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surface {
    provider: String,
    lines: Vec<(String, String)>,
}

impl Surface {
    /// Each item's name, and what is true of it.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What is true of the item of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.lines().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub(crate) fn of(spec: &Spec) -> Self {
        let mut lines = Lines { spec, lines: Vec::new() };
        lines.settings();
        for operation in &spec.operations {
            for (name, alias) in methods(operation) {
                lines.operation(operation, name, alias);
            }
            lines.waiters(operation);
        }
        for schema in &spec.schemas {
            lines.schema(schema);
        }
        for operation in &spec.operations {
            lines.answer_enums(operation);
        }
        Self { provider: spec.name.clone(), lines: lines.lines }
    }
}

impl fmt::Display for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let provider = &self.provider;
        writeln!(
            f,
            "# What enroll-{provider} shows its users, one line an item. It follows from specs/{provider}.yaml:"
        )?;
        writeln!(f, "# `cargo xtask generate` writes it. Review it; do not edit it.")?;
        let mut group = None;
        for (name, value) in self.lines() {
            let mut words = name.split([' ', '.']);
            let kind = words.next().unwrap_or_default();
            // What belongs to one operation or type stands together.
            let next = match kind {
                "operation" | "type" | "enum" => (kind, words.next()),
                _ => ("settings", None),
            };
            if group.replace(next) != Some(next) {
                writeln!(f)?;
            }
            writeln!(f, "{name}: {value}")?;
        }
        Ok(())
    }
}

struct Lines<'a> {
    spec: &'a Spec,
    lines: Vec<(String, String)>,
}

impl<'a> Lines<'a> {
    fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.lines.push((name.into(), value.into()));
    }

    fn settings(&mut self) {
        let spec = self.spec;
        self.push("setting base_url", format!("environment variable {}", spec.base_url_env));
        if let Some(env) = &spec.environment_env {
            self.push("setting environment", format!("environment variable {env}"));
        }
        for credential in &spec.credentials {
            let mut value = format!("environment variable {}", credential.env);
            for (mode, prefix) in &credential.prefixes {
                value.push_str(&format!("; mode {mode} begins with `{prefix}`"));
            }
            self.push(format!("setting {}", credential.name), value);
        }
        if spec.credentials.iter().any(|credential| !credential.prefixes.is_empty()) {
            self.push("setting mode", "the mode that keys must belong to");
        }
        for server in &spec.servers {
            if let Some(name) = &server.name {
                let default = if server.default { ", the default" } else { "" };
                self.push(
                    format!("server {}", name.to_shouty_snake_case()),
                    format!("{}{default}", server.url),
                );
            }
        }
        for scheme in &spec.schemes {
            self.push(
                format!("scheme {}", scheme.name),
                format!("{}: {}", scheme.header, recipe(&scheme.recipe)),
            );
        }
    }

    fn operation(&mut self, operation: &'a Operation, name: &str, alias: Option<&'a Alias>) {
        let head = format!("operation {name}");
        let security = match operation.security.as_slice() {
            [] => "no credentials".to_owned(),
            schemes => schemes.join(" and "),
        };
        let deprecated = if operation.deprecated { "; deprecated" } else { "" };
        self.push(
            &head,
            format!("{} {}; {}; {security}{deprecated}", operation.method, operation.path, replay(operation)),
        );
        self.setters(operation, &head, alias);
        let (success, failure) = (success(operation), failure(operation));
        self.push(format!("{head}.send"), format!("Response<{success}>, or Error<{failure}>"));
        for response in &operation.responses {
            self.push(format!("{head} {}", response.status), answer(response));
        }
        if let Some(id) = &operation.creates {
            self.push(
                format!("{head}.outcome"),
                format!("Outcome<{success}, {failure}>; the account's id at {id}"),
            );
            if let Some(ensure) = self.ensure(operation, &success, &failure) {
                self.push(format!("{head}.ensure"), ensure);
            }
        }
        if let Some(pagination) = &operation.pagination {
            let (cursor, items) = (&pagination.cursor, &pagination.items);
            self.push(
                format!("{head}.stream"),
                format!(
                    "Pages over `{items}`; cursor `{cursor}` from {}, more at {}",
                    pagination.next, pagination.more
                ),
            );
        }
    }

    fn ensure(&self, operation: &Operation, success: &str, failure: &str) -> Option<String> {
        if let Some(lookup) = &operation.lookup {
            let looker = self.spec.operation(&lookup.operation)?;
            let user = rust(&found_type(self.spec, looker, &lookup.found)?);
            let keys: Vec<_> =
                lookup.keys.iter().map(|key| format!("{} at {}", key.property, key.matches)).collect();
            let (looker, keys) = (&looker.name, keys.join(", "));
            return Some(format!("Ensured<{success}, {user}, {failure}>; by {looker}: {keys}"));
        }
        let upsert = operation.replay.class == ReplayClass::Upsert;
        upsert.then(|| format!("Ensured<{success}, NoBody, {failure}>; by sending it again"))
    }

    /// What can be set on a call: its parameters, and the properties of its body.
    fn setters(&mut self, operation: &'a Operation, head: &str, alias: Option<&'a Alias>) {
        let others: Vec<_> = operation.aliases.iter().flat_map(|alias| &alias.requires).collect();
        for parameter in &operation.parameters {
            let field = &parameter.field;
            let mine = alias.is_some_and(|alias| alias.requires.contains(&field.wire));
            if mine || alias.is_none() || !others.contains(&&field.wire) {
                let place = match parameter.place {
                    Place::Path => "path",
                    Place::Query => "query",
                    Place::Header => "header",
                };
                let presence = if field.required || mine { "required" } else { "optional" };
                self.push(
                    format!("{head}.{}", field.rust),
                    format!("{}, {presence}; {place} `{}`{}", rust(&field.ty), field.wire, facts(field)),
                );
            }
        }
        let Some(body) = &operation.body else { return };
        let Some(schema) = self.spec.schema(&body.schema) else { return };
        if let SchemaKind::Object { fields, one_of } = &schema.kind {
            self.push(format!("{head} body"), format!("{} as {}", schema.rust, body.media_type));
            for field in fields {
                let presence = match schema.presence(field) {
                    Presence::Always => "required",
                    Presence::Optional => "optional",
                    Presence::Nullable => "optional or null",
                    Presence::AlwaysNullable => "required or null",
                };
                self.push(
                    format!("{head}.{}", field.rust),
                    format!("{}, {presence}; body `{}`{}", rust(&field.ty), field.wire, facts(field)),
                );
            }
            if !one_of.is_empty() {
                let branches: Vec<_> = one_of.iter().map(|names| names.join(" and ")).collect();
                self.push(format!("{head} needs"), branches.join(", or "));
            }
        }
    }

    fn waiters(&mut self, operation: &Operation) {
        for waiter in &operation.waiters {
            let required = operation.parameters.iter().filter(|parameter| parameter.field.required);
            let arguments: Vec<_> =
                required.map(|it| format!("{}: {}", it.field.rust, rust(&it.field.ty))).collect();
            let (success, failure) = (success(operation), failure(operation));
            self.push(
                format!("operation {}", waiter.name),
                format!(
                    "({}) waits by {} until {}; Waiter<{success}, {failure}>",
                    arguments.join(", "),
                    operation.name,
                    waiter.until
                ),
            );
        }
    }

    fn schema(&mut self, schema: &Schema) {
        let name = &schema.rust;
        match &schema.kind {
            SchemaKind::Object { fields, .. } => {
                let constructed: Vec<_> = fields
                    .iter()
                    .filter(|field| {
                        matches!(schema.presence(field), Presence::Always | Presence::AlwaysNullable)
                    })
                    .map(|field| field.rust.as_str())
                    .collect();
                self.push(format!("type {name}"), format!("object; new({})", constructed.join(", ")));
                for field in fields {
                    let ty = rust(&field.ty);
                    let ty = match schema.presence(field) {
                        Presence::Always => ty,
                        Presence::Optional => format!("Option<{ty}>"),
                        Presence::Nullable | Presence::AlwaysNullable => format!("Nullable<{ty}>"),
                    };
                    self.push(format!("type {name}.{}", field.rust), format!("{ty}; `{}`", field.wire));
                }
            }
            SchemaKind::OpenEnum(values) => self.values(name, "open", values),
            SchemaKind::ClosedEnum(values) => self.values(name, "closed", values),
            SchemaKind::Other => self.push(format!("type {name}"), shape(&schema.value)),
        }
    }

    fn values(&mut self, name: &str, kind: &str, values: &[String]) {
        self.push(format!("enum {name}"), kind);
        for value in values {
            self.push(format!("enum {name}.{}", variant_name(value)), format!("`{value}`"));
        }
    }

    /// The enums of answers that come in several forms.
    fn answer_enums(&mut self, operation: &Operation) {
        if let Some(name) = operation.success_enum() {
            self.push(format!("enum {name}"), "the successes, open");
            for content in operation.successes() {
                self.push(format!("enum {name}.{}", content.form().to_upper_camel_case()), body(content));
            }
        }
        if let Some(name) = operation.failure_enum() {
            self.push(format!("enum {name}"), "the error bodies, open");
            for ty in operation.failures() {
                self.push(format!("enum {name}.{}", ty.form().to_upper_camel_case()), rust(ty));
            }
        }
    }
}

fn recipe(recipe: &Recipe) -> String {
    match recipe {
        Recipe::Static(template) => format!("`{template}`"),
        Recipe::Basic { username, password } => format!("Basic of {username} and {password}"),
        Recipe::Mint { key, claims, lifetime, value } => {
            let claims: Vec<_> = claims.iter().map(|(name, value)| format!("{name} `{value}`")).collect();
            format!("`{value}`, an HS256 JWT signed with {key} for {lifetime} s; {}", claims.join(", "))
        }
        Recipe::Exchange { operation, token, expires, given, value } => {
            let expires = expires.as_ref().map_or_else(String::new, |expires| {
                format!(", until {} as {:?}", expires.pointer, expires.format)
            });
            let given =
                given.as_ref().map_or_else(String::new, |given| format!(", or the {given} that is given"));
            format!("`{value}`, from {operation} at {token}{expires}{given}")
        }
    }
}

fn replay(operation: &Operation) -> String {
    match operation.replay.class {
        ReplayClass::Safe => "safe".to_owned(),
        ReplayClass::Upsert => "upsert".to_owned(),
        ReplayClass::Keyed => format!("keyed by {}", operation.replay.keys.join(" and ")),
        ReplayClass::Never => "never repeated".to_owned(),
    }
}

/// What a status comes as, and what it means.
fn answer(response: &Response) -> String {
    let mut text = body(&response.content);
    if let Some(failure) = &response.failure {
        let (pointer, equals, ty) = (&failure.pointer, &failure.equals, rust(&failure.schema));
        text.push_str(&format!("; a failure, {ty}, where {pointer} is {equals}"));
    }
    for (pointer, equals) in &response.exists {
        text.push_str(&format!("; exists already where {pointer} is {equals}"));
    }
    if response.absent {
        text.push_str("; may say that there is none");
    }
    text
}

fn body(content: &Content) -> String {
    match content {
        Content::Empty => "nothing".to_owned(),
        Content::Json(ty) => rust(ty),
        Content::Other => "bytes".to_owned(),
    }
}

/// The type of all successes.
fn success(operation: &Operation) -> String {
    match operation.successes().as_slice() {
        [] => "()".to_owned(),
        [Content::Empty] => "()".to_owned(),
        [Content::Other] => "Bytes".to_owned(),
        [Content::Json(ty)] => rust(ty),
        [Content::Empty, typed] | [typed, Content::Empty] => format!("Option<{}>", body(typed)),
        _ => operation.success_enum().unwrap_or_default(),
    }
}

/// The type of all failures' bodies.
fn failure(operation: &Operation) -> String {
    match operation.failures().as_slice() {
        [] => "NoBody".to_owned(),
        [ty] => rust(ty),
        _ => operation.failure_enum().unwrap_or_default(),
    }
}

/// What a value must satisfy to be sent, and whether it is about to go.
fn facts(field: &Field) -> String {
    let mut text = String::new();
    let limits = &field.limits;
    for (name, least, most) in [
        ("length", limits.min_length.map(i128::from), limits.max_length.map(i128::from)),
        ("value", limits.minimum.map(i128::from), limits.maximum.map(i128::from)),
        ("items", limits.min_items.map(i128::from), limits.max_items.map(i128::from)),
    ] {
        let end = |end: Option<i128>| end.map_or_else(String::new, |end| end.to_string());
        if least.is_some() || most.is_some() {
            text.push_str(&format!("; {name} {}..{}", end(least), end(most)));
        }
    }
    if let Some(pattern) = &limits.pattern {
        text.push_str(&format!("; pattern `{pattern}`"));
    }
    if field.deprecated {
        text.push_str("; deprecated");
    }
    text
}

/// A type as a user of the client reads it.
fn rust(ty: &Type) -> String {
    match ty {
        Type::String => "String".to_owned(),
        Type::Integer => "i64".to_owned(),
        Type::Number => "f64".to_owned(),
        Type::Boolean => "bool".to_owned(),
        Type::EpochSeconds => "EpochSeconds".to_owned(),
        Type::EpochMillis => "EpochMillis".to_owned(),
        Type::IntegerOrString => "IntegerOrString".to_owned(),
        Type::Any => "serde_json::Value".to_owned(),
        Type::Object => "serde_json::Map<String, Value>".to_owned(),
        Type::Named(name) => name.clone(),
        Type::List(inner) => format!("Vec<{}>", rust(inner)),
        Type::Map(inner) => format!("BTreeMap<String, {}>", rust(inner)),
        Type::OneOrMany(inner) => format!("OneOrMany<{}>", rust(inner)),
        Type::Secret => "Secret".to_owned(),
        Type::Personal(inner) => format!("Personal<{}>", rust(inner)),
    }
}

/// A schema that is left to typify, without its prose.
fn shape(schema: &Value) -> String {
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(branches) = schema[key].as_array() {
            let names: BTreeSet<_> = branches
                .iter()
                .map(|branch| match branch["$ref"].as_str() {
                    Some(reference) => reference.rsplit('/').next().unwrap_or_default().to_upper_camel_case(),
                    None => branch["type"].as_str().unwrap_or("null").to_owned(),
                })
                .collect();
            return format!("{key} {}", names.into_iter().collect::<Vec<_>>().join(", "));
        }
    }
    schema["type"].as_str().unwrap_or("any").to_owned()
}
