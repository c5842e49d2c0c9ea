//! What can only be said of a document as a whole: which schemas serve requests and which answers, which names collide, and
//! which refer to nothing; and what is a name in Rust.

use std::collections::BTreeSet;

use heck::ToUpperCamelCase;

use super::build::Builder;
use super::{By, Content, Field, Operation, ReplayClass, Schema, SchemaKind, Spec, found_type};
use crate::read::escape;
use crate::rule;

/// What every builder has besides its fields.
const TAKEN: [&str; 13] = [
    "client", "clone", "deadline", "ensure", "header", "new", "options", "outcome", "prepare", "preview",
    "problems", "retry", "send",
];

/// What is longer is no name that anybody writes.
const LONGEST_NAME: usize = 100;

impl<'a> Builder<'a> {
    /// Which schemas requests use, and which responses: limits hold for the former, leniency for the latter.
    pub(super) fn note_usage(&mut self, spec: &mut Spec) {
        let mut requests = Vec::new();
        let mut responses = Vec::new();
        for operation in &spec.operations {
            requests.extend(operation.body.iter().map(|body| body.schema.clone()));
            for parameter in &operation.parameters {
                parameter.field.ty.names(&mut requests);
            }
            for response in &operation.responses {
                if let Content::Json(ty) = &response.content {
                    ty.names(&mut responses);
                }
                if let Some(failure) = &response.failure {
                    failure.schema.names(&mut responses);
                }
            }
        }
        let reached = |mut open: Vec<String>| {
            let mut seen = BTreeSet::new();
            while let Some(name) = open.pop() {
                if seen.insert(name.clone())
                    && let Some(Schema { kind: SchemaKind::Object { fields, .. }, .. }) = spec.schema(&name)
                {
                    fields.iter().for_each(|field| field.ty.names(&mut open));
                }
            }
            seen
        };
        let (requests, responses) = (reached(requests), reached(responses));
        for schema in &mut spec.schemas {
            schema.in_request = requests.contains(&schema.rust);
            schema.in_response = responses.contains(&schema.rust);
        }
    }

    /// Names that would collide in Rust, and names of things that must exist.
    pub(super) fn check_names(&mut self, spec: &Spec) {
        let mut seen = BTreeSet::new();
        for operation in &spec.operations {
            for (name, forms) in operation.answer_enums() {
                if forms.iter().collect::<BTreeSet<_>>().len() < forms.len() {
                    let at = format!(
                        "/paths/{}/{}/responses",
                        escape(&operation.path),
                        operation.method.to_lowercase()
                    );
                    self.report(
                        rule::RUST_NAME,
                        &at,
                        "two of the answers have the same name in Rust; rename a schema",
                    );
                }
                seen.insert(name);
            }
        }
        for schema in &spec.schemas {
            let at = format!("/components/schemas/{}", escape(&schema.name));
            if !is_identifier(&schema.rust, false) {
                self.report(
                    rule::RUST_NAME,
                    &at,
                    format!("`{}` cannot be a type's name; choose another", schema.rust),
                );
            }
            if !seen.insert(schema.rust.clone()) {
                let message = format!("another type is called `{}` in Rust too; rename one", schema.rust);
                self.report(rule::RUST_NAME, &at, message);
            }
            if let SchemaKind::Object { fields, .. } = &schema.kind {
                let mut seen = BTreeSet::from(["new"]);
                for field in fields {
                    let at = format!("{at}/properties/{}", escape(&field.wire));
                    self.check_name(field, &at, &seen);
                    seen.insert(&field.rust);
                }
            }
        }
        let mut seen = BTreeSet::new();
        for operation in &spec.operations {
            let at = format!("/paths/{}/{}", escape(&operation.path), operation.method.to_lowercase());
            let id_at = format!("{at}/operationId");
            let names = operation.aliases.iter().map(|alias| &alias.name);
            for name in names.chain([&operation.name]) {
                if !is_identifier(name, false) {
                    self.report(
                        rule::RUST_NAME,
                        &id_at,
                        format!("`{name}` cannot be a method's name; choose another operationId"),
                    );
                } else if !seen.insert(name.clone())
                    || seen.contains(&format!("request_{name}"))
                    || name.strip_prefix("request_").is_some_and(|other| seen.contains(other))
                    || ["new", "builder", "from_env", "clone", "client"].contains(&name.as_str())
                {
                    self.report(
                        rule::RUST_NAME,
                        &id_at,
                        format!("`{name}` is taken; choose another operationId"),
                    );
                }
            }
            let body_fields =
                operation.body.as_ref().and_then(|body| match &spec.schema(&body.schema)?.kind {
                    SchemaKind::Object { fields, .. } => Some(fields.as_slice()),
                    _ => None,
                });
            if let Some(body) = &operation.body
                && body_fields.is_none()
            {
                let message = format!("the request body `{}` must be an object with properties", body.schema);
                self.report(rule::REQUEST_BODY, &format!("{at}/requestBody"), message);
            }
            let parameters = operation.parameters.iter().map(|parameter| &parameter.field);
            let mut seen = BTreeSet::from(TAKEN);
            for field in parameters.clone() {
                self.check_name(field, &at, &seen);
                seen.insert(&field.rust);
            }
            // What is wrong with a body's own names is said where its schema stands.
            for field in body_fields.unwrap_or_default().iter().filter(|field| seen.contains(&*field.rust)) {
                self.check_name(field, &at, &seen);
            }
            let fields: Vec<_> = parameters.chain(body_fields.unwrap_or_default()).collect();
            if operation.body.is_some()
                && let Some(parameter) =
                    operation.parameters.iter().find(|parameter| parameter.field.wire == "body")
            {
                let message =
                    format!("a parameter `{}` beside a request body is not supported", parameter.field.wire);
                self.report(rule::RUST_NAME, &at, message);
            }
            let known = |name: &str| fields.iter().any(|field| field.wire == name);
            let body_is_wrong = operation.body.is_none()
                && self.root()["paths"][&operation.path][operation.method.to_lowercase()]
                    .get("requestBody")
                    .is_some();
            for key in operation.replay.keys.iter().filter(|key| !known(key) && !body_is_wrong) {
                self.report(
                    rule::REPLAY,
                    &format!("{at}/x-enroll-replay/keys"),
                    format!("`{key}` is no property of the request"),
                );
            }
            for alias in &operation.aliases {
                for name in alias.requires.iter().filter(|name| !known(name)) {
                    self.report(
                        rule::DERIVED_METHOD,
                        &format!("{at}/x-enroll-aliases"),
                        format!("`{name}` is no parameter"),
                    );
                }
            }
            if let Some(pagination) = &operation.pagination
                && !known(&pagination.cursor)
            {
                let message = format!("`{}` is no property of the request", pagination.cursor);
                self.report(rule::DERIVED_METHOD, &format!("{at}/x-enroll-pagination/cursor"), message);
            }
        }
        for operation in &spec.operations {
            self.check_lookup(spec, operation);
            let once = operation.replay.class != ReplayClass::Safe || !operation.aliases.is_empty();
            if once && !operation.waiters.is_empty() {
                let method = operation.method.to_lowercase();
                let at = format!("/paths/{}/{method}/x-enroll-waiters", escape(&operation.path));
                self.report(
                    rule::DERIVED_METHOD,
                    &at,
                    "only an operation of the class `safe` and without aliases is asked again and again",
                );
            }
        }
    }

    /// Everything that `ensure()` will do without asking again.
    pub(super) fn check_lookup(&mut self, spec: &Spec, operation: &Operation) {
        let Some(lookup) = &operation.lookup else { return };
        let at =
            format!("/paths/{}/{}/x-enroll-lookup", escape(&operation.path), operation.method.to_lowercase());
        let Some(looker) = spec.operation(&lookup.operation) else {
            let message = format!("`{}` is no operation of this document", lookup.operation);
            return self.report(rule::LOOKUP, &format!("{at}/operation"), message);
        };
        if looker.path.contains('{') {
            self.report(
                rule::LOOKUP,
                &format!("{at}/operation"),
                "an account is looked up by query or body, not by path",
            );
        }
        if found_type(spec, looker, &lookup.found).is_none() {
            self.report(
                rule::LOOKUP,
                &format!("{at}/found"),
                "points at no user, and no list of users, in the lookup's answer",
            );
        }
        for key in &lookup.keys {
            if key.matches.is_empty() {
                let message = format!("lacks `{}`: say where the user has it", key.property);
                self.report(rule::LOOKUP, &format!("{at}/matches"), message);
            }
            if let By::Query(name) = &key.by
                && !looker.parameters.iter().any(|parameter| parameter.field.wire == *name)
            {
                let message = format!("`{name}` is no parameter of {}", lookup.operation);
                self.report(rule::LOOKUP, &format!("{at}/keys"), message);
            }
            if let By::Body(body) = &key.by
                && !body.to_string().contains("\"{value}\"")
            {
                self.report(
                    rule::LOOKUP,
                    &format!("{at}/keys/{}", escape(&key.property)),
                    "has no \"{value}\" for the key",
                );
            }
        }
    }

    pub(super) fn check_name(&mut self, field: &Field, at: &str, taken: &BTreeSet<&str>) {
        if !is_identifier(&field.rust, true) {
            self.report(
                rule::RUST_NAME,
                at,
                format!("`{}` is no name in Rust; give it an x-enroll-name", field.wire),
            );
        } else if taken.contains(&*field.rust) {
            let message =
                format!("`{}` is taken in Rust; give `{}` an x-enroll-name", field.rust, field.wire);
            self.report(rule::RUST_NAME, at, message);
        }
    }
}

/// Whether `name` can be written as an identifier; with `keywords`, as a raw one too, or with an underscore.
pub(super) fn is_identifier(name: &str, keywords: bool) -> bool {
    if name.chars().count() > LONGEST_NAME {
        return false;
    }
    let raw = keywords && matches!(name, "self" | "super" | "crate");
    let raw = raw || keywords && syn::parse_str::<syn::Ident>(&format!("r#{name}")).is_ok();
    raw || name != "_" && syn::parse_str::<syn::Ident>(name).is_ok()
}

/// The name of an enum's variant.
pub(crate) fn variant_name(value: &str) -> String {
    let name = value.to_upper_camel_case();
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() {
        format!("Value{name}")
    } else {
        name
    }
}
