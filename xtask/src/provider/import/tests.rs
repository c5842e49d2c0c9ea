//! What is imported, and what is refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use serde_json::Value;

use super::document::Document;
use super::from_document;

/// A document of OpenAPI 3.1 with much of what 3.0 has not, or has otherwise.
const CLUB: &str = include_str!("tests/club.yaml");

fn import(text: &str, operations: &[&str]) -> Result<(String, Vec<String>), String> {
    let operations: Vec<String> = operations.iter().map(|name| (*name).to_owned()).collect();
    let document = Document::parse("club.yaml", text.as_bytes())?;
    super::with_stack(|| from_document("club", &document, &operations))
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

/// Tries documents that are somewhere on this machine, a line each: the file, a tab, the operations.
#[test]
#[ignore = "for trying documents by hand: PROBE is a file with their names"]
fn probe() {
    let list = std::fs::read_to_string(std::env::var("PROBE").unwrap()).unwrap();
    for line in list.lines() {
        let (file, operations) = line.split_once('\t').unwrap();
        let operations: Vec<String> =
            operations.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let start = std::time::Instant::now();
        let (text, notes) = match super::import_quietly("probe", &[file.into()], &operations) {
            Ok(imported) => imported,
            Err(error) => {
                println!("REFUSED {file}: {error}");
                continue;
            }
        };
        let took = start.elapsed();
        if let Ok(out) = std::env::var("OUT") {
            std::fs::write(out, &text).unwrap();
        }
        let path = Path::new("specs/probe.yaml");
        let generated = std::panic::catch_unwind(|| enroll_codegen::generate_from_text(path, &text));
        let outcome = match generated {
            Ok(Ok(generated)) => format!("{} lines", generated.client.lines().count()),
            Ok(Err(error)) => format!("FAILED {error}"),
            Err(_) => "PANIC".to_owned(),
        };
        let findings = crate::spec::lint_text(path, &text);
        println!("{file}: {took:?}, {} notes, {outcome}, {} findings", notes.len(), findings.len());
        for finding in findings.iter().take(12) {
            println!("  {} {:?}", finding.rule, finding);
        }
    }
}
