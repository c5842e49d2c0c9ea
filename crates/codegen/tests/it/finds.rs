//! What the fuzzer found, and what was feared that it would: each is refused with a line, or generated, and never a panic.

use std::fmt::Write as _;
use std::path::Path;

use enroll_codegen::generate_from_text;

/// A spec with one operation, which answers with the schema `Answer`, and these schemas.
fn spec(schemas: &str) -> String {
    format!(
        "\
openapi: 3.0.3
info: {{title: X, version: '1'}}
x-enroll-base-url: {{env: X_BASE_URL}}
paths:
  /users:
    get:
      operationId: listUsers
      x-enroll-replay: {{class: safe, because: It only reads.}}
      responses:
        '200':
          description: The users.
          content: {{application/json: {{schema: {{$ref: '#/components/schemas/Answer'}}}}}}
components:
  schemas:
{schemas}"
    )
}

/// What is wrong with a spec: each line that says so.
fn refusals(schemas: &str) -> Vec<String> {
    match generate_from_text(Path::new("x.yaml"), &spec(schemas)) {
        Ok(_) => Vec::new(),
        Err(error) => {
            assert!(error.findings().iter().all(|finding| finding.position.line > 0), "{error}");
            error.lines().collect()
        }
    }
}

fn assert_refused(schemas: &str, words: &str) {
    let lines = refusals(schemas);
    assert!(lines.iter().any(|line| line.contains(words)), "{words} is not said of it: {lines:?}");
}

#[test]
fn a_circle_of_references_is_refused_whatever_its_names_are() {
    for name in ["Answer", "value", "example", "examples", "properties"] {
        assert_refused(
            &format!(
                "    Answer: {{$ref: '#/components/schemas/{name}'}}\n    {name}x: {{$ref: '#/components/schemas/{name}x'}}\n    \
                 {other}: {{$ref: '#/components/schemas/{other}'}}\n",
                other = if name == "Answer" { "Other" } else { name },
            ),
            "$ref goes round in a circle",
        );
    }
}

#[test]
fn a_long_chain_of_references_is_refused() {
    let mut schemas = String::from("    Answer: {$ref: '#/components/schemas/S0'}\n");
    for index in 0..3000 {
        let _ = writeln!(schemas, "    S{index}: {{$ref: '#/components/schemas/S{}'}}", index + 1);
    }
    schemas.push_str("    S3000: {type: string}\n");
    assert_refused(&schemas, "more than 32 times; refer to the last one");
}

#[test]
fn a_long_chain_of_lists_is_refused() {
    let mut schemas =
        String::from("    Answer: {type: object, properties: {deep: {$ref: '#/components/schemas/S0'}}}\n");
    for index in 0..3000 {
        let _ = writeln!(
            schemas,
            "    S{index}: {{type: array, items: {{$ref: '#/components/schemas/S{}'}}}}",
            index + 1
        );
    }
    schemas.push_str("    S3000: {type: string}\n");
    assert_refused(&schemas, "is nested more than 32 deep; put an object with `properties` in between");
}

#[test]
fn a_long_chain_of_objects_and_unions_is_generated() {
    let mut schemas =
        String::from("    Answer: {type: object, properties: {a: {$ref: '#/components/schemas/S0'}}}\n");
    for index in 0..200 {
        let next = index + 1;
        let _ = match index % 2 {
            0 => writeln!(schemas, "    S{index}: {{oneOf: [{{$ref: '#/components/schemas/S{next}'}}]}}"),
            _ => writeln!(
                schemas,
                "    S{index}: {{type: object, properties: {{a: {{$ref: '#/components/schemas/S{next}'}}}}}}"
            ),
        };
    }
    schemas.push_str("    S200: {type: object, properties: {a: {type: string}}}\n");
    assert_eq!(refusals(&schemas), [""; 0]);
}

#[test]
fn a_union_that_is_one_of_itself_is_refused() {
    for schemas in [
        "    Answer: {oneOf: [{$ref: '#/components/schemas/Answer'}, {type: string}]}\n",
        "    Answer: {oneOf: [{$ref: '#/components/schemas/B'}, {type: string}]}\n    \
         B: {anyOf: [{$ref: '#/components/schemas/Answer'}, {type: integer}]}\n",
    ] {
        assert_refused(schemas, "is one of itself, so that reading it has no end");
    }
}

#[test]
fn a_document_that_is_nested_deeply_is_refused() {
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
        let deep = format!("    Answer: {}1{}\n", open.repeat(20_000), close.repeat(20_000));
        assert_refused(&deep, "is nested more than 32 deep");
    }
    let block: String = (0..500).fold(String::new(), |mut text, depth| {
        let _ = writeln!(text, "{}a:", " ".repeat(4 + depth));
        text
    });
    assert_refused(&block, "is nested more than 32 deep");
}

#[test]
fn names_that_rust_has_no_use_for_are_refused_where_they_stand() {
    let long = "a".repeat(300);
    for (schemas, words) in [
        (
            format!("    Answer: {{type: object, properties: {{{long}: {{type: string}}}}}}\n"),
            "is no name in Rust",
        ),
        ("    Answer: {type: object, properties: {'²': {type: string}}}\n".to_owned(), "is no name in Rust"),
        ("    Answer: {type: object, properties: {'': {type: string}}}\n".to_owned(), "is no name in Rust"),
        (
            "    Answer: {type: object, properties: {a-b: {type: string}, a_b: {type: string}}}\n".to_owned(),
            "is taken",
        ),
        ("    Answer: {type: string, enum: ['²', b]}\n".to_owned(), "has no name in Rust"),
        (
            "    Answer: {type: string}\n    '²': {type: object, properties: {a: {type: string}}}\n"
                .to_owned(),
            "cannot be a type's name",
        ),
        (
            "    Answer: {type: string}\n    '': {type: object, properties: {a: {type: string}}}\n"
                .to_owned(),
            "cannot be a type's name",
        ),
    ] {
        assert_refused(&schemas, words);
    }
}

#[test]
fn prose_may_say_anything() {
    for prose in [
        "*/ /* //",
        "\\0\\e\\u0007\\x7f",
        "\\u2028\\u202e",
        "{} {0} {name}",
        "```rust\\nfn",
        "\\\"##\\\"#",
        "<b>[x](y)",
    ] {
        let schemas = format!(
            "    Answer: {{type: object, description: \"{prose}\", properties: {{a: {{type: string, description: \
             \"{prose}\", example: \"{prose}\"}}}}}}\n"
        );
        assert_eq!(refusals(&schemas), [""; 0], "{prose}");
    }
}

#[test]
fn numbers_may_be_of_any_size() {
    for number in [
        "1e308",
        "-1e308",
        "9223372036854775807",
        "18446744073709551615",
        "1e-320",
        "99999999999999999999999",
    ] {
        let schemas = format!(
            "    Answer: {{type: object, properties: {{a: {{type: integer, minimum: {number}, maximum: {number}, example: \
             {number}}}, b: {{type: number, minimum: {number}}}}}}}\n"
        );
        let lines = refusals(&schemas);
        assert!(lines.iter().all(|line| !line.contains("generat")), "{lines:?}");
    }
}
