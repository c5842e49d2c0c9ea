//! What is imported, and what is refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod hostile;
mod recordings;

use std::path::Path;

use serde_json::Value;

use super::document::Document;
use super::{Origin, from_document};

/// A document of OpenAPI 3.1 with much of what 3.0 has not, or has otherwise.
const CLUB: &str = include_str!("tests/club.yaml");

fn import(text: &str, operations: &[&str]) -> Result<(String, Vec<String>), String> {
    let operations: Vec<String> = operations.iter().map(|name| (*name).to_owned()).collect();
    let document = Document::parse("club.yaml", text.as_bytes())?;
    super::with_stack(|| from_document("club", &document, &operations, &Origin::Document))
}

/// The spec, after the generator has taken it.
fn imported(text: &str, operations: &[&str]) -> Value {
    let (text, _) = import(text, operations).unwrap();
    let path = Path::new("specs/club.yaml");
    if let Err(error) = enroll_codegen::generate_from_text(path, &text) {
        panic!("{error}\n{text}");
    }
    enroll_codegen::read(path, &text).unwrap()
}

#[test]
fn a_document_becomes_a_spec_that_generates() {
    let spec = imported(CLUB, &["createMember", "GET /members/{member-id}", "listMembers"]);
    assert_eq!(spec["openapi"], "3.0.3");
    let create = &spec["paths"]["/members"]["post"];
    assert_eq!(create["x-enroll-replay"]["class"], "never");
    assert_eq!(create["x-enroll-creates"]["id"], "/id");
    assert_eq!(spec["paths"]["/members"]["get"]["x-enroll-replay"]["class"], "safe");
    assert!(spec["paths"].get("/secret-lair").is_none(), "only what was chosen is taken");
}

#[test]
fn what_3_1_says_otherwise_is_said_as_3_0_does() {
    let spec = imported(CLUB, &[]);
    let schema = |name: &str| &spec["components"]["schemas"][name];
    let request = schema("CreateMemberRequest");
    assert_eq!(request["required"], serde_json::json!(["name", "type", "password"]), "{request}");
    assert_eq!(request["properties"]["email"]["nullable"], true);
    assert_eq!(request["properties"]["avatar"]["format"], "byte");
    assert_eq!(request["properties"]["plan"]["type"], "object");
    assert_eq!(request["properties"]["plan"]["nullable"], true);
    assert_eq!(request["properties"]["extra"].get("type"), None, "any JSON");
    // What only the provider sets is not sent, and what cannot be checked is not demanded.
    assert_eq!(request["properties"].get("id"), None);
    assert_eq!(request["properties"]["password"].get("pattern"), None);
    assert_eq!(request["properties"]["password"]["minLength"], 12);
    let limit = spec["paths"]["/members"]["get"]["parameters"].as_array().unwrap().last().unwrap();
    assert_eq!((&limit["name"], &limit["schema"]["minimum"]), (&"limit".into(), &1.into()));
}

#[test]
fn answers_are_lenient_and_vocabularies_open() {
    let spec = imported(CLUB, &[]);
    let member = &spec["components"]["schemas"]["Member"];
    assert_eq!(member["required"], serde_json::json!(["id"]), "what an answer is useless without");
    assert_eq!(member["properties"]["name"].get("maxLength"), None);
    assert_eq!(member["properties"]["joined"]["format"], "epoch-seconds");
    assert_eq!(member["properties"]["balance"]["anyOf"].as_array().unwrap().len(), 2);
    assert_eq!(member["properties"]["+1"]["x-enroll-name"], "field_1");
    assert_eq!(member["properties"]["parent"]["oneOf"].as_array().unwrap().len(), 2);
    // `name` and `-name` are one name in Rust.
    assert_eq!(member["properties"]["sort"]["type"], "string");
    let status = &spec["components"]["schemas"]["Status"]["anyOf"];
    assert_eq!(status[0]["enum"], serde_json::json!(["active", "left", "banned-for-life"]));
    assert_eq!(status[1], serde_json::json!({"type": "string"}));
    // One of two objects is one with the properties of both, and what differs in them is any JSON.
    let failure =
        &spec["paths"]["/members"]["post"]["responses"]["422"]["content"]["application/problem+json"];
    let name = failure["schema"]["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let failure = &spec["components"]["schemas"][&name]["properties"];
    assert_eq!((failure["title"]["type"].as_str(), failure["errors"].get("type")), (Some("string"), None));
}

#[test]
fn what_is_left_out_is_told_with_its_line() {
    let (text, notes) = import(CLUB, &["listMembers"]).unwrap();
    let [note] = notes.as_slice() else { panic!("{notes:?}") };
    assert!(note.starts_with("club.yaml:21:") && note.contains("filter"), "{note}");
    assert!(text.contains("The optional parameter filter is left out"), "{text}");
    let needed = CLUB.replace("{name: filter, in: query,", "{name: filter, in: query, required: true,");
    let error = import(&needed, &["listMembers"]).unwrap_err();
    assert!(error.starts_with("club.yaml:21:") && error.contains("cannot be sent"), "{error}");
}

#[test]
fn a_key_in_an_address_is_a_token_that_is_given() {
    let spec = imported(CLUB, &["createMember"]);
    let scheme = &spec["components"]["securitySchemes"]["key"];
    assert_eq!((&scheme["type"], &scheme["scheme"]), (&"http".into(), &"bearer".into()));
    assert!(scheme["x-enroll-evidence"]["assumed"].as_str().unwrap().contains("is a guess"));
    assert_eq!(spec["x-enroll-credentials"]["token"]["private"], "secret");
    let open = imported(CLUB, &["GET /members/{member-id}", "createMember"]);
    assert_eq!(open["paths"]["/members/{member-id}"]["get"]["security"], serde_json::json!([]));
}

#[test]
fn an_operation_that_is_not_there_is_answered_with_those_that_are() {
    let error = import(CLUB, &["createMembers"]).unwrap_err();
    assert!(error.contains("no operation `createMembers`; did you mean `createMember`"), "{error}");
    let many: String = (0..20)
        .map(|n| format!("  /things/{n}:\n    get: {{responses: {{'200': {{description: D}}}}}}\n"))
        .collect();
    let text = format!(
        "openapi: 3.0.0\ninfo: {{title: T, version: '1'}}\npaths:\n{many}  /users:\n    post: {{operationId: add, responses: {{}}}}\n"
    );
    let error = import(&text, &[]).unwrap_err();
    let lines: Vec<&str> = error.lines().collect();
    assert!(lines[0].contains("21 operations; name the ones"), "{error}");
    assert!(lines[1].contains("POST /users"), "users come first: {error}");
}

/// Nobody's address, key or number, be it in prose or in an example.
#[test]
fn no_value_of_the_document_survives() {
    let text = CLUB
        .replace(
            "Where to begin.",
            "As for canary@board.test; key sk_live_canary1234567890 or call 4479460123.",
        )
        .replace(
            "id: {type: string, readOnly: true}",
            "id: {type: string, example: canary-id, default: canary, readOnly: true}",
        );
    let (text, _) = import(&text, &[]).unwrap();
    assert!(!text.contains("canary") && !text.contains("4479460123"), "{text}");
    assert!(text.contains("As for ada@example.com; key (a value)"), "{text}");
}

#[test]
fn the_rules_of_the_house_find_nothing() {
    let (text, _) = import(CLUB, &[]).unwrap();
    let findings = crate::spec::lint_text(Path::new("specs/club.yaml"), &text);
    assert!(findings.is_empty(), "{findings:#?}\n{text}");
}

/// Another reader of YAML takes the text for the same.
#[test]
fn texts_of_every_kind_are_written_so_that_they_come_back() {
    let words = [
        "",
        " ",
        "a",
        "no",
        "Null",
        "~",
        "1",
        "1.0",
        "1e3",
        "0x1f",
        "3.0.3",
        "2024-01-02",
        "a: b",
        "a #b",
        "- a",
        "&a",
        "*a",
        "!a",
        "'",
        "\"",
        "\\",
        "a\nb",
        "a\n\nb",
        " a",
        "a ",
        "a  b",
        "é",
        "\u{1}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "\u{1f600}",
        "{a}",
        "[a]",
        "a,b",
        "%a",
        "@a",
        "`a",
        "|",
        ">",
        "?",
        ":",
        "a:",
        "://",
        "\t",
    ];
    let long = "word ".repeat(60);
    let mut object = serde_json::Map::new();
    for (index, word) in words
        .iter()
        .map(|word| (*word).to_owned())
        .chain([long.clone(), long.trim().to_owned(), format!("{}\nb", long.trim())])
        .enumerate()
    {
        object.insert(format!("key{index}"), word.clone().into());
        object.insert(format!("list{index}"), serde_json::json!([word, {"a": word}, [word]]));
        object.insert(word.clone(), serde_json::json!({"x-enroll-evidence": {"documented": word}}));
    }
    let text = super::write::document("A head.", &object);
    let back = Document::parse("back.yaml", text.as_bytes()).unwrap().value;
    assert_eq!(back, Value::Object(object.clone()), "{text}");
    let ours = enroll_codegen::Document::parse(&text).unwrap();
    assert_eq!(*ours.value(), Value::Object(object), "{text}");
}
