//! That nothing of a spec is lost on the way to its documentation, and nothing of it is shown twice.

use serde_json::Value;

use super::block::terminal;
use super::notes::{of_document, of_operation};
use super::spec::{Spec, all};
use super::{curl, reference, samples};

/// Every object that has this key.
fn holders<'a>(node: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    if node.get(key).is_some() {
        found.push(node);
    }
    match node {
        Value::Object(object) => object.values().for_each(|value| holders(value, key, found)),
        Value::Array(items) => items.iter().for_each(|item| holders(item, key, found)),
        _ => {}
    }
}

/// What is told of the document and of each operation, by its address in memory.
fn told(spec: &Spec) -> Vec<*const Value> {
    let mut notes = of_document(spec);
    notes.extend(spec.operations().iter().flat_map(|operation| of_operation(spec, operation)));
    notes.into_iter().map(|note| std::ptr::from_ref(note.node)).collect()
}

#[test]
fn every_fact_of_a_spec_that_has_evidence_a_correction_or_privacy_is_told() {
    let specs = all().unwrap();
    for key in ["x-enroll-evidence", "x-enroll-corrections", "x-enroll-private"] {
        let mut count = 0;
        for spec in &specs {
            let told = told(spec);
            let mut wanted = Vec::new();
            holders(&spec.root, key, &mut wanted);
            count += wanted.len();
            for node in wanted {
                let is_told = told.contains(&std::ptr::from_ref(node));
                assert!(is_told, "{}: nobody is told of {key} in {node}", spec.name);
            }
        }
        assert!(count > 50, "there are {count} of {key}");
    }
}

#[test]
fn an_operation_tells_of_each_part_once() {
    for spec in all().unwrap() {
        for operation in spec.operations() {
            let mut seen = Vec::new();
            for note in of_operation(&spec, &operation) {
                let address = std::ptr::from_ref(note.node);
                assert!(!seen.contains(&address), "{} {}: {}", spec.name, operation.id(), note.place);
                seen.push(address);
            }
        }
    }
}

#[test]
fn the_reference_says_every_correction_and_keeps_no_extension() {
    for spec in all().unwrap() {
        let reference = reference::of(&spec);
        let shown = reference.to_string();
        let mut corrected = Vec::new();
        holders(&spec.root, "x-enroll-corrections", &mut corrected);
        let corrections = corrected.iter().flat_map(|node| node["x-enroll-corrections"].as_array().unwrap());
        for correction in corrections {
            let because = enroll_codegen::inline_prose(correction["because"].as_str().unwrap());
            let because = Value::from(because.trim_end_matches('.')).to_string();
            assert!(shown.contains(because.trim_matches('"')), "{}: {because}", spec.name);
        }
        assert!(!shown.contains("\"x-enroll-"), "{} shows an extension", spec.name);
    }
}

#[test]
fn every_operation_has_a_sample_in_rust_first_and_one_by_curl() {
    for spec in all().unwrap() {
        let reference = reference::of(&spec);
        for operation in spec.operations() {
            let samples = &reference.pointer(&operation.pointer).unwrap()["x-codeSamples"];
            let source = samples[0]["source"].as_str().unwrap();
            assert_eq!(samples[0]["lang"], "rust");
            let call = format!("let answer = {}\n    .{}()", spec.module(), operation.guide.methods[0].name);
            assert!(source.starts_with(&call), "{source}");
            let languages: Vec<_> = samples.as_array().unwrap().iter().map(|it| &it["lang"]).collect();
            assert!(languages.contains(&&Value::from("shell")), "{} {}", spec.name, operation.id());
            let ensures = samples.as_array().unwrap().iter().any(|it| it["label"] == "Rust .ensure()");
            let offered = operation.guide.making_sure.as_ref().is_some_and(|it| it.starts_with("`ensure()`"));
            assert_eq!(ensures, offered, "{} {}", spec.name, operation.id());
        }
    }
}

#[test]
fn a_command_quotes_what_the_shell_would_take_for_its_own() {
    let spec = Spec::parse(
        std::path::Path::new("specs/acme.yaml"),
        include_str!("../../../tests/fixtures/exotic.yaml"),
    )
    .unwrap();
    for operation in spec.operations() {
        let command = curl::of(&spec, &operation, None);
        // Outside of quotes, which this takes away, nothing is left that a shell acts upon.
        let bare: String = command.split('\'').step_by(2).collect();
        let bare: String = bare.split('"').step_by(2).collect();
        let call = &bare[bare.find("curl -X").or_else(|| bare.find("curl ")).unwrap()..];
        assert!(!call.contains(['&', ';', '<', '>', '?', '*']), "{command}");
    }
}

#[test]
fn the_terminal_shows_every_operation_in_lines_that_fit() {
    for spec in all().unwrap() {
        for operation in spec.operations() {
            let page = terminal(&reference::page(&spec, &operation), false);
            for line in page.lines().filter(|line| !line.starts_with("    ")) {
                // A word that is longer than a line, such as an address, stays in one piece.
                let is_one_word = line.split_whitespace().filter(|word| word.len() > 2).count() <= 1;
                assert!(line.chars().count() <= 80 || is_one_word, "{line}");
            }
            for heading in
                ["If it is sent again", "What each failure means", "Private values", "How it is known"]
            {
                assert!(page.contains(&format!("\n{heading}\n")), "{} {}", spec.name, operation.id());
            }
        }
    }
}

#[test]
fn an_operation_is_found_by_each_of_its_names_and_a_wrong_one_is_told_the_right_one() {
    let spec = Spec::known("original").unwrap();
    for name in ["createUser", "create_user", "create-user"] {
        assert_eq!(spec.find(name).unwrap().id(), "createUser");
    }
    assert_eq!(spec.find("get-user-by-email").unwrap().id(), "findUser");
    let error = spec.find("crate-user").err().unwrap();
    assert!(error.contains("did you mean `create_user`?"), "{error}");
    let error = Spec::known("orignal").err().unwrap();
    assert!(error.contains("original"), "{error}");
}

#[test]
fn every_documented_sample_can_be_tried_with_a_status_of_its_own() {
    for spec in all().unwrap() {
        let name = spec.name.clone();
        let tried = samples::of(&[spec]);
        let samples = tried.samples.as_array().unwrap();
        assert!(!samples.is_empty(), "{name}");
        for sample in samples {
            let status = sample["status"].as_u64().unwrap();
            assert!((200..600).contains(&status), "{sample}");
        }
        for operation in tried.operations.as_array().unwrap() {
            let mut statuses: Vec<_> = operation["statuses"].as_array().unwrap().clone();
            let before = statuses.len();
            statuses.dedup();
            assert_eq!(statuses.len(), before, "{operation}");
        }
    }
}
