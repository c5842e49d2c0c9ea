//! No bytes make the importer panic: documents and recordings that are wrong in every way get a message with a line.

use std::fmt::Write as _;
use std::path::Path;

use super::super::from_bytes;
use super::CLUB;

fn import(name: &str, bytes: &[u8]) -> Result<(String, Vec<String>), String> {
    let sources = [(Path::new(name), bytes.to_vec())];
    super::super::with_stack(|| from_bytes("club", &sources, &[]))
}

/// The message of a document that is refused.
fn refused(text: &str) -> String {
    import("club.yaml", text.as_bytes()).unwrap_err()
}

/// A document with these schemas, the first of which is what its only operation sends and answers.
fn with_schemas(schemas: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\npaths:\n  /users:\n    post:\n      requestBody:\n        content:\n          \
         application/json: {{schema: {{$ref: '#/components/schemas/A'}}}}\n      responses:\n        '200':\n          description: D\n          \
         content:\n            application/json: {{schema: {{$ref: '#/components/schemas/A'}}}}\ncomponents:\n  schemas:\n{schemas}"
    )
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (text, message) in [
        ("", "club.yaml:1:1: is empty"),
        ("a: 1\na: 2\n", "club.yaml:2:1: the key `a` stands here a second time"),
        ("{\"a\": 1,\n \"a\": 2}", "club.yaml:2:2: the key `a` stands here a second time"),
        ("{\"a\": 1,}", "club.yaml:1:9: is no JSON"),
        ("{\"a\": nan}", "club.yaml:1:7: is no JSON"),
        ("{\"a\": ", "club.yaml:1:7: is no JSON"),
        ("a: .nan\n", "club.yaml:1:4: `.nan` is no number"),
        ("a: [1\n", "club.yaml:"),
        ("a: 1\n---\nb: 2\n", "club.yaml:4:1: begins a second document"),
        ("? [a]\n: 1\n", "club.yaml:1:"),
        ("just a text", "club.yaml:1:1 /openapi: is no OpenAPI document"),
        ("swagger: '2.0'\n", "club.yaml:1:1 /swagger: is Swagger 2.0"),
        ("openapi: 3.1.0\n", "club.yaml:1:1 /paths: the document has no paths"),
        ("openapi: 3.1.0\npaths: {}\n", "club.yaml:2:1 /paths: the document has no operations"),
    ] {
        let error = refused(text);
        assert!(error.starts_with(message), "{text:?}: {error}");
    }
    let bytes = import("club.yaml", b"openapi: \xff\n").unwrap_err();
    assert!(bytes.starts_with("club.yaml:1:1: is no text in UTF-8"), "{bytes}");
}

#[test]
fn references_that_lead_nowhere_or_round_are_told() {
    let error =
        refused(&with_schemas("    A: {type: object, properties: {b: {$ref: '#/components/schemas/B'}}}\n"));
    assert!(error.starts_with("club.yaml:16:") && error.contains("leads nowhere"), "{error}");
    let error = refused(&with_schemas("    A: {$ref: 'other.yaml#/A'}\n"));
    assert!(error.contains("is in another file; bundle the document"), "{error}");
    // A circle of references alone stands for nothing, and so for anything.
    let error = refused(&with_schemas(
        "    A: {$ref: '#/components/schemas/B'}\n    B: {$ref: '#/components/schemas/A'}\n",
    ));
    assert!(error.contains("is no object with properties"), "{error}");
}

#[test]
fn schemas_that_hold_themselves_have_an_end() {
    for schemas in [
        "    A: {type: object, properties: {a: {$ref: '#/components/schemas/A'}, id: {type: string}}, required: [a]}\n",
        "    A: {type: object, properties: {l: {$ref: '#/components/schemas/L'}}}\n    L: {type: array, items: {$ref: '#/components/schemas/L'}}\n",
        "    A: {properties: {id: {type: string}}, allOf: [{$ref: '#/components/schemas/A'}]}\n",
        "    A: {properties: {m: {$ref: '#/components/schemas/M'}}}\n    M: {additionalProperties: {$ref: '#/components/schemas/M'}}\n",
        "    A: {properties: {u: {$ref: '#/components/schemas/U'}}}\n    U: {anyOf: [{$ref: '#/components/schemas/U'}, {type: string}]}\n",
        // Two that refer to themselves hold together, and so do what they refer to, and so on.
        "    A: {allOf: [{$ref: '#/components/schemas/B'}, {$ref: '#/components/schemas/C'}]}\n    B: {type: object, properties: {n: {$ref: '#/components/schemas/B'}, b: {type: string}}}\n    C: {type: object, properties: {n: {$ref: '#/components/schemas/C'}, c: {type: string}}}\n",
        "    A: {properties: {u: {oneOf: [{$ref: '#/components/schemas/B'}, {$ref: '#/components/schemas/C'}]}}}\n    B: {type: object, properties: {n: {$ref: '#/components/schemas/B'}, b: {type: string}}}\n    C: {type: object, properties: {n: {$ref: '#/components/schemas/C'}, c: {type: string}}}\n",
    ] {
        let text = with_schemas(schemas);
        if let Ok((spec, _)) = import("club.yaml", text.as_bytes()) {
            let generated = enroll_codegen::generate_from_text(Path::new("specs/club.yaml"), &spec);
            assert!(generated.is_ok() || schemas.contains("required: [a]"), "{schemas}: {generated:?}");
        }
    }
}

#[test]
fn an_endless_chain_of_references_is_told() {
    let mut chain = String::new();
    for index in 0..5_000 {
        let name = if index == 0 { "A".to_owned() } else { format!("A{index}") };
        let _ = writeln!(chain, "    {name}: {{$ref: '#/components/schemas/A{}'}}", index + 1);
    }
    let _ = writeln!(chain, "    A5000: {{type: object, properties: {{id: {{type: string}}}}}}");
    let error = refused(&with_schemas(&chain));
    assert!(error.contains("schemas within schemas"), "{error}");
}

#[test]
fn a_long_chain_of_objects_is_imported_whole() {
    let mut objects = String::new();
    for index in 0..100 {
        let name = if index == 0 { "A".to_owned() } else { format!("A{index}") };
        let _ = writeln!(
            objects,
            "    {name}: {{properties: {{next: {{$ref: '#/components/schemas/A{}'}}}}}}",
            index + 1
        );
    }
    let _ = writeln!(objects, "    A100: {{type: object, properties: {{id: {{type: string}}}}}}");
    let (spec, _) = import("club.yaml", with_schemas(&objects).as_bytes()).unwrap();
    assert!(spec.contains("A100"), "the whole chain is there");
}

/// Each schema twice within the next one: a million million of them, written out.
#[test]
fn what_doubles_at_each_step_is_told() {
    let mut twice = String::new();
    for index in 0..40 {
        let name = if index == 0 { "A".to_owned() } else { format!("A{index}") };
        let next = format!("{{$ref: '#/components/schemas/A{}'}}", index + 1);
        let _ = writeln!(twice, "    {name}: {{allOf: [{next}, {next}]}}");
    }
    let _ = writeln!(twice, "    A40: {{type: object, properties: {{id: {{type: string}}}}}}");
    let error = refused(&with_schemas(&twice));
    assert!(error.contains("entangled") || error.contains("schemas within schemas"), "{error}");
    let aliases: String =
        (0..40).map(|n| format!("b{}: &b{} [*b{n}, *b{n}, *b{n}]\n", n + 1, n + 1)).collect();
    let error = refused(&format!("b0: &b0 [x, x]\n{aliases}"));
    assert!(error.contains("is too much"), "{error}");
}

#[test]
fn deep_nests_do_not_overflow() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        for text in [deep.clone(), format!("a: {deep}")] {
            assert!(refused(&text).contains("nest"), "{}", refused(&text));
        }
    }
}

/// A source of numbers that is the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % end.max(1)
    }
}

/// Words that mean something at one place or another.
const WORDS: [&str; 24] = [
    "$ref: '#/components/schemas/Member'",
    "type: [string, 'null', integer]",
    "enum: [a, A, '', ~, 1]",
    "const: 1",
    "nullable: true",
    "oneOf: [{type: string}, {type: object}]",
    "allOf: [{type: string}, {type: integer}]",
    "items: {}",
    "required: [zzz]",
    "properties: {'': {}}",
    "additionalProperties: true",
    "format: date",
    "in: cookie",
    "style: deepObject",
    "content: {}",
    "name: 'self'",
    "&a x",
    "*a",
    "<<: {a: 1}",
    "'\\0'",
    "\u{feff}",
    "\u{2028}",
    "99999999999999999999",
    "- -",
];

#[test]
fn no_edit_of_a_document_or_a_recording_makes_it_panic() {
    let recording = "POST /users HTTP/1.1\nAuthorization: Bearer x\n\n{\"a\": [1, {\"b\": null}]}\n\nHTTP/1.1 200 OK\n\n{\"id\": 1}\n";
    let json = serde_json::to_string(&yaml_value()).unwrap();
    let mut numbers = Numbers(42);
    for round in 0..600 {
        let (name, seed) = match round % 3 {
            0 => ("club.yaml", CLUB),
            1 => ("club.json", json.as_str()),
            _ => ("club.http", recording),
        };
        let mut bytes = seed.as_bytes().to_vec();
        for _ in 0..=numbers.below(3) {
            let at = numbers.below(bytes.len());
            match numbers.below(5) {
                0 => bytes[at] = u8::try_from(numbers.below(256)).unwrap_or_default(),
                1 => drop(bytes.drain(at..(at + numbers.below(40)).min(bytes.len()))),
                2 => {
                    let word = WORDS[numbers.below(WORDS.len())];
                    bytes.splice(at..at, word.bytes());
                }
                3 => {
                    // A value of one place at another.
                    let from = numbers.below(bytes.len());
                    let piece = bytes[from..(from + numbers.below(120)).min(bytes.len())].to_vec();
                    bytes.splice(at..at, piece);
                }
                _ => {
                    let start =
                        bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
                    let word =
                        format!("{}{}\n", " ".repeat(numbers.below(14)), WORDS[numbers.below(WORDS.len())]);
                    bytes.splice(start..start, word.bytes());
                }
            }
        }
        if let Err(error) = import(name, &bytes) {
            assert!(!error.is_empty());
            let placed =
                error.lines().next().unwrap_or_default().contains(name) || error.contains("recording");
            assert!(placed, "without a place: {error}");
        }
    }
}

fn yaml_value() -> serde_json::Value {
    super::Document::parse("club.yaml", CLUB.as_bytes()).unwrap().value
}
