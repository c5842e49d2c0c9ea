//! When a spec as a whole cannot be generated: which schema or operation it is that cannot.
//!
//! progenitor and typify panic on what they do not expect, and their words seldom say where. Each part is generated once
//! more, alone with what it refers to, and those that fail alone are named.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::error::Finding;
use crate::model::{Schema, Spec};
use crate::read::{Document, escape};
use crate::{client_source, lower, mock_source, progenitor, rule};

/// What a person can do about it.
const CURE: &str = "write it in one of the forms of specs/README.md, or leave it out";

pub(crate) fn findings(document: &Document, spec: &Spec, message: &str) -> Vec<Finding> {
    let mut findings = schemas(document, spec);
    if findings.is_empty() {
        findings = operations(document, spec);
    }
    if findings.is_empty() {
        // Every part is well alone, and they are not together.
        findings.push(document.finding(rule::GENERATION, "", format!("{message}; {CURE}")));
    }
    findings
}

fn schemas(document: &Document, spec: &Spec) -> Vec<Finding> {
    let mut closures: Vec<_> = spec.schemas.iter().map(|schema| (schema, closure(spec, schema))).collect();
    // The smallest first: what refers to a schema that fails does not fail by itself.
    closures.sort_by_key(|(_, closure)| closure.len());
    let mut guilty = BTreeSet::new();
    let mut findings = Vec::new();
    for (schema, closure) in closures {
        if !closure.is_disjoint(&guilty) {
            continue;
        }
        let mut part = bare(spec);
        part.schemas.retain(|it| closure.contains(it.name.as_str()));
        // The mocks' dressing wants operations.
        let raw = || progenitor::mock(&lower::for_mock(&part)?);
        if let Err(message) = client_source(&part).and_then(|_| raw()) {
            guilty.insert(schema.name.as_str());
            let at = format!("/components/schemas/{}", escape(&schema.name));
            let message = format!("the schema `{}` cannot be generated: {message}; {CURE}", schema.name);
            findings.push(document.finding(rule::GENERATION, &at, message));
        }
    }
    findings
}

fn operations(document: &Document, spec: &Spec) -> Vec<Finding> {
    let mut findings = Vec::new();
    for operation in &spec.operations {
        let mut part = bare(spec);
        let looker = operation.lookup.as_ref().map(|lookup| lookup.operation.as_str());
        part.operations = spec
            .operations
            .iter()
            .filter(|it| it.id == operation.id || Some(it.id.as_str()) == looker)
            .cloned()
            .collect();
        if let Err(message) = client_source(&part).and_then(|_| mock_source(&part)) {
            let at = format!("/paths/{}/{}", escape(&operation.path), operation.method.to_lowercase());
            let message = format!("the operation `{}` cannot be generated: {message}; {CURE}", operation.id);
            findings.push(document.finding(rule::GENERATION, &at, message));
        }
    }
    findings
}

/// The spec without operations.
fn bare(spec: &Spec) -> Spec {
    let mut bare = spec.clone();
    bare.operations.clear();
    bare.schemes.retain(|_| false);
    bare
}

/// The names of a schema and of all to which it refers.
fn closure<'a>(spec: &'a Spec, schema: &'a Schema) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    let mut open = vec![schema.name.as_str()];
    while let Some(name) = open.pop() {
        if !names.insert(name) {
            continue;
        }
        let named = spec.schemas.iter().find(|it| it.name == name).map(|it| &it.value);
        if let Some(value) = named.or_else(|| spec.plain_schema(name)) {
            references(value, &mut open);
        }
    }
    names
}

fn references<'a>(value: &'a Value, names: &mut Vec<&'a str>) {
    match value {
        Value::Object(object) => {
            let target = object.get("$ref").and_then(Value::as_str);
            names.extend(target.and_then(|target| target.strip_prefix("#/components/schemas/")));
            object.values().for_each(|value| references(value, names));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;
    use crate::model::SchemaKind;

    const TEXT: &str = "\
openapi: 3.0.3
info: {title: X, version: '1'}
x-enroll-base-url: {env: X_BASE_URL}
paths:
  /users:
    get:
      operationId: listUsers
      x-enroll-replay: {class: safe, because: It only reads.}
      responses:
        '200': {description: The users., content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}
  /users/{id}:
    get:
      operationId: getUser
      x-enroll-replay: {class: safe, because: It only reads.}
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      responses: {'204': {description: Nothing.}}
components:
  schemas:
    A: {type: object, properties: {b: {$ref: '#/components/schemas/B'}}}
    B: {type: object, properties: {c: {type: string}}}
    C: {type: object, properties: {c: {type: string}}}
";

    fn blamed(spoil: impl FnOnce(&mut Spec)) -> Vec<(usize, String)> {
        let document = Document::parse(TEXT).expect("it is YAML");
        let mut spec = crate::model_of(Path::new("x.yaml"), &document).expect("it is a spec");
        spoil(&mut spec);
        let message = client_source(&spec).expect_err("it was spoiled");
        let findings = findings(&document, &spec, &message);
        findings.into_iter().map(|finding| (finding.position.line, finding.message)).collect()
    }

    #[test]
    fn a_schema_on_which_typify_panics_is_named_and_not_those_that_refer_to_it() {
        let blamed = blamed(|spec| {
            let schema = spec.schemas.iter_mut().find(|schema| schema.name == "B").expect("it is there");
            schema.kind = SchemaKind::Other;
            schema.value = json!({"not": {"type": "object", "properties": {"a": {}}}});
        });
        assert!(
            matches!(&*blamed, [(21, message)] if message.starts_with("the schema `B` cannot be generated")),
            "{blamed:?}"
        );
    }

    #[test]
    fn an_operation_on_which_progenitor_panics_is_named() {
        let blamed = blamed(|spec| {
            let getter = spec.operations.iter_mut().find(|it| it.id == "getUser").expect("it is there");
            getter.parameters.clear();
        });
        assert!(
            matches!(&*blamed, [(12, message)] if message.starts_with("the operation `getUser` cannot be generated")),
            "{blamed:?}"
        );
    }
}
