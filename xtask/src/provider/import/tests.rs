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
