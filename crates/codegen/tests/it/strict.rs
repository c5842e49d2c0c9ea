//! Every kind of mistake in a spec is refused, with the file, the line, the column, the place, and what to do about it.

mod keys;
mod operations;
mod schemas;

use std::path::Path;

use enroll_codegen::generate_from_text;

/// A spec with a little of everything, and nothing wrong with it.
const SPEC: &str = "\
openapi: 3.0.3
info: {title: X, version: '1'}
x-enroll-base-url: {env: X_BASE_URL}
x-enroll-sources:
  page: {title: A page., read: 2024-01-24}
x-enroll-corrections:
  - {source: page, was: one, now: two, because: It is wrong.}
x-enroll-credentials:
  token: {description: A token., env: X_TOKEN, private: secret}
servers:
  - url: https://x.example
    x-enroll-environment: test
tags:
  - {name: users}
security:
  - token: []
paths:
  /users/{id}:
    put:
      operationId: putUser
      x-enroll-replay: {class: keyed, keys: [email], because: It is unique.}
      x-enroll-evidence: {documented: page}
      x-enroll-creates: {id: /email}
      description: Puts a user in its place.
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/User'}
            examples:
              typical: {value: {email: ada@example.com}}
      responses:
        '200': {$ref: '#/components/responses/Ok'}
        '400':
          description: No.
          content: {application/json: {schema: {type: string}}}
          x-enroll-exists: [{pointer: /message, equals: taken}]
components:
  responses:
    Ok:
      description: The user.
      x-enroll-failure: {pointer: /ok, equals: 0}
      x-enroll-absent: {pointer: /data, equals: null}
      content:
        application/json:
          schema: {anyOf: [{$ref: '#/components/schemas/User'}, {$ref: '#/components/schemas/User'}]}
  securitySchemes:
    token:
      type: http
      scheme: bearer
      x-enroll-recipe: {static: 'Bearer {token}'}
  schemas:
    User:
      type: object
      required: [email]
      properties:
        email: {type: string, minLength: 3}
        nickname: {type: string, pattern: '^[a-z]+$'}
        country: {$ref: '#/components/schemas/Country'}
    Country:
      type: string
      enum: [NO, SE]
";

const COUNTRY: &str = "    Country:\n      type: string\n      enum: [NO, SE]\n";
const PARAMETER: &str = "        - {name: id, in: path, required: true, schema: {type: string}}\n";

/// The spec with a mistake in it.
fn replace(from: &str, to: &str) -> String {
    assert!(SPEC.contains(from), "{from}");
    SPEC.replacen(from, to, 1)
}

/// The spec with another schema for the user's country.
fn property(schema: &str) -> String {
    replace("country: {$ref: '#/components/schemas/Country'}", &format!("country: {schema}"))
}

/// The spec with other schemas in place of the country's.
fn schemas(text: &str) -> String {
    replace(COUNTRY, text)
}

/// The spec with another parameter beside the one that it has.
fn parameter(text: &str) -> String {
    replace(PARAMETER, &format!("{PARAMETER}        - {{{text}}}\n"))
}

/// The spec with another media type of the request body.
fn body(text: &str) -> String {
    let schema = "            schema: {$ref: '#/components/schemas/User'}\n            examples";
    replace(schema, &format!("            {text}\n            examples"))
}

/// The spec with how its account is looked up.
fn lookup(text: &str) -> String {
    let find = "  /users:\n    get:\n      operationId: findUser\n      x-enroll-replay: {class: safe, because: It reads.}\n      \
                parameters:\n        - {name: email, in: query, schema: {type: string}}\n      \
                responses:\n        '200': {$ref: '#/components/responses/Ok'}\n";
    replace("      description: Puts a user in its place.\n", &format!("      x-enroll-lookup: {{{text}}}\n"))
        .replacen("components:\n", &format!("{find}components:\n"), 1)
}

/// The spec with another recipe for its credential.
fn recipe(text: &str) -> String {
    replace("{static: 'Bearer {token}'}", text)
}

/// Asserts that the spec is refused in these words, each after the file's name.
#[track_caller]
fn refused(spec: impl AsRef<str>, expected: &[&str]) {
    let error = generate_from_text(Path::new("specs/x.yaml"), spec.as_ref()).unwrap_err();
    let expected: Vec<_> = expected.iter().map(|line| format!("specs/x.yaml:{line}")).collect();
    assert_eq!(error.lines().collect::<Vec<_>>(), expected);
    assert_eq!(error.to_string(), expected.join("\n"));
}

#[test]
fn the_spec_without_a_mistake_is_accepted() {
    generate_from_text(Path::new("specs/x.yaml"), SPEC).unwrap();
}
