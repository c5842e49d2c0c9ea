//! No input makes the generator panic, and none makes it speak of its own insides: the real specs with something deleted,
//! or with something else in its place, are generated or refused with a line.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde_json::{Value, json};

use crate::support::spec_text;

/// What a node is replaced by; `None` deletes it.
fn replacements() -> [Option<Value>; 7] {
    [
        None,
        Some(Value::Null),
        Some(json!(7)),
        Some(json!("text")),
        Some(json!(true)),
        Some(json!([{}])),
        Some(json!({"text": {}})),
    ]
}

/// Every node but the root, as a JSON pointer.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(object) => object
            .iter()
            .map(|(key, value)| (format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), value))
            .collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (format!("{at}/{index}"), value)).collect()
        }
        _ => Vec::new(),
    };
    for (pointer, value) in inner {
        found.push(pointer.clone());
        pointers(value, &pointer, found);
    }
}

fn mutate(document: &Value, pointer: &str, replacement: Option<&Value>) -> Value {
    let mut mutated = document.clone();
    let (parent, token) = pointer.rsplit_once('/').unwrap();
    match replacement {
        Some(replacement) => *mutated.pointer_mut(pointer).unwrap() = replacement.clone(),
        None => match mutated.pointer_mut(parent).unwrap() {
            Value::Object(object) => {
                object.shift_remove(&token.replace("~1", "/").replace("~0", "~"));
            }
            Value::Array(items) => {
                items.remove(token.parse().unwrap());
            }
            _ => unreachable!("a node has a parent"),
        },
    }
    mutated
}

/// Tries so many mutations of a provider's spec, evenly spread over it, and says what was wrong.
fn failures(provider: &str, sample: usize) -> Vec<String> {
    let path = Path::new("specs").join(format!("{provider}.yaml"));
    let document = enroll_codegen::read(&path, &spec_text(provider)).unwrap();
    let mut nodes = Vec::new();
    pointers(&document, "", &mut nodes);
    let replacements = replacements();
    let all = nodes.iter().flat_map(|node| replacements.iter().map(move |replacement| (node, replacement)));
    // No multiple of the number of replacements, so that each of them has its turn.
    let step = (nodes.len() * replacements.len() / sample).max(1);
    let step = if step.is_multiple_of(replacements.len()) { step + 1 } else { step };
    let mut failures = Vec::new();
    for (pointer, replacement) in all.step_by(step) {
        // JSON is YAML.
        let text = serde_json::to_string_pretty(&mutate(&document, pointer, replacement.as_ref())).unwrap();
        let generate = AssertUnwindSafe(|| enroll_codegen::generate_from_text(&path, &text));
        let what = match catch_unwind(generate) {
            Err(_) => "panics".to_owned(),
            Ok(Err(error)) if error.findings().is_empty() => "is refused without a reason".to_owned(),
            Ok(Err(error)) if error.findings().iter().any(|finding| finding.position.line == 0) => {
                format!("has no line: {error}")
            }
            Ok(Err(error))
                if ["progenitor", "never applied", "does not parse"]
                    .iter()
                    .any(|inside| error.to_string().contains(inside)) =>
            {
                format!("is not understood: {error}")
            }
            Ok(_) => continue,
        };
        failures.push(format!("{provider} {pointer} with {replacement:?} {what}"));
    }
    failures
}

fn assert_none(failures: &[String]) {
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn no_mutation_of_digipay_makes_the_generator_panic() {
    assert_none(&failures("digipay", 40));
}

#[test]
fn no_mutation_of_haptik_makes_the_generator_panic() {
    assert_none(&failures("haptik", 40));
}

#[test]
fn no_mutation_of_original_makes_the_generator_panic() {
    assert_none(&failures("original", 40));
}

#[test]
fn no_mutation_of_streambird_makes_the_generator_panic() {
    assert_none(&failures("streambird", 40));
}
