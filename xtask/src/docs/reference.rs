//! The copy of a spec that the reference shows: OpenAPI alone, with the facts in words and our samples in each operation.

use enroll_codegen::{inline_prose, prose};
use serde_json::{Value, json};

use super::block::{Block, markdown};
use super::spec::{Operation, Spec, text};
use super::{curl, facts};

/// The document. Nothing of the extensions is left as such.
pub(crate) fn of(spec: &Spec) -> Value {
    let mut copy = spec.root.clone();
    annotate(spec, &mut copy);
    let description = paragraphs(text(&spec.root["info"]["description"]));
    copy["info"]["description"] = format!("{description}\n\n{}", markdown(&facts::of_api(spec))).into();
    for operation in spec.operations() {
        if let Some(node) = copy.pointer_mut(&operation.pointer) {
            node["description"] = description_of(spec, &operation).into();
            node["x-codeSamples"] = samples(spec, &operation).into();
        }
    }
    copy
}

fn description_of(spec: &Spec, operation: &Operation<'_>) -> String {
    let description = paragraphs(text(&operation.value["description"]));
    format!("{description}\n\n{}", markdown(&facts::of(spec, operation)))
}

/// Folded text in YAML has one line for each paragraph, and Markdown wants a blank one between.
fn paragraphs(text: &str) -> String {
    text.trim().replace('\n', "\n\n")
}

/// The Rust samples first: the first is shown when the page opens.
fn samples(spec: &Spec, operation: &Operation<'_>) -> Vec<Value> {
    let methods = &operation.guide.methods;
    let named = |name: &str, word: &str| match (methods.len(), word) {
        (1, "send") => "Rust".to_owned(),
        (1, word) => format!("Rust .{word}()"),
        (_, "send") => format!("Rust {name}"),
        (_, word) => format!("Rust {name} .{word}()"),
    };
    let mut samples = Vec::new();
    for method in methods {
        for (word, source) in &method.samples {
            samples.push(
                json!({ "lang": "rust", "label": named(&method.name, word), "source": source.trim_end() }),
            );
        }
    }
    let aliases = operation.value["x-enroll-aliases"].as_object();
    match aliases {
        None => samples.push(shell("curl", curl::of(spec, operation, None))),
        Some(aliases) => samples.extend(
            aliases
                .keys()
                .map(|alias| shell(&format!("curl {alias}"), curl::of(spec, operation, Some(alias)))),
        ),
    }
    samples
}

fn shell(label: &str, source: String) -> Value {
    json!({ "lang": "shell", "label": label, "source": source })
}

/// Puts what is noted of a property or a parameter below its description, and takes the extensions away.
fn annotate(spec: &Spec, node: &mut Value) {
    match node {
        Value::Object(object) => {
            let line = facts::of_property(spec, &Value::Object(object.clone()));
            let described = object.get("description").and_then(Value::as_str).map(paragraphs);
            if let Some(description) = described {
                object.insert("description".to_owned(), format!("{description}\n\n{line}").trim().into());
            }
            object.retain(|key, _| !key.starts_with("x-enroll-"));
            for (key, value) in object.iter_mut() {
                match (key.as_str(), value) {
                    // What an example says is no part of the document, whatever it looks like.
                    ("example" | "value", _) => {}
                    // A property may be called like a keyword.
                    ("properties", Value::Object(properties)) => {
                        properties.values_mut().for_each(|property| annotate(spec, property));
                    }
                    (_, value) => annotate(spec, value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| annotate(spec, item)),
        _ => {}
    }
}

/// A provider for the terminal: what it offers, and what belongs to no operation.
pub(crate) fn overview(spec: &Spec) -> Vec<Block> {
    let mut blocks = vec![
        Block::Heading(format!("{}: {}", spec.name, spec.title())),
        Block::Text(prose(text(&spec.root["info"]["description"]))),
        Block::Heading("Operations".to_owned()),
    ];
    let operations = spec.operations();
    let terms = operations.iter().flat_map(|operation| {
        operation.guide.methods.iter().map(move |method| {
            let about = match method.description.as_str() {
                "" => operation.summary(),
                description => description,
            };
            let request = format!("`{} {}`", operation.http_method, operation.path);
            (format!("`{}`: {request}", method.name), vec![inline_prose(about)])
        })
    });
    blocks.push(Block::Terms(terms.collect()));
    blocks.extend(facts::of_api(spec));
    blocks
}

/// An operation for the terminal: what the reference shows, without the network of pages.
pub(crate) fn page(spec: &Spec, operation: &Operation<'_>) -> Vec<Block> {
    let methods: Vec<_> = operation.guide.methods.iter().map(|method| method.name.as_str()).collect();
    let mut blocks = vec![
        Block::Heading(format!("{} {}", spec.name, methods.join(", "))),
        Block::Text(format!("`{} {}`", operation.http_method, operation.path)),
        Block::Text(inline_prose(operation.summary())),
        Block::Text(prose(text(&operation.value["description"]))),
    ];
    for method in &operation.guide.methods {
        for (_, source) in &method.samples {
            blocks.push(Block::Code { language: "rust", text: source.clone() });
        }
    }
    blocks.push(Block::Heading("By curl".to_owned()));
    blocks.push(Block::Code {
        language: "shell",
        text: curl::of(
            spec,
            operation,
            operation.value["x-enroll-aliases"]
                .as_object()
                .and_then(|aliases| aliases.keys().next())
                .map(String::as_str),
        ),
    });
    blocks.extend(fields(spec, operation));
    blocks.extend(facts::of(spec, operation));
    blocks
}

/// What is sent and what is answered, property by property.
fn fields(spec: &Spec, operation: &Operation<'_>) -> Vec<Block> {
    use super::notes::{Side, of_operation};
    let notes = of_operation(spec, operation);
    let terms = |side: Side| -> Vec<(String, Vec<String>)> {
        let properties = notes.iter().filter(|note| note.side == side);
        let named = properties.filter_map(|note| Some((note.property.as_deref()?, note)));
        named
            .map(|(name, note)| {
                let about = inline_prose(text(&note.node["description"]));
                let texts = vec![about, facts::of_property(spec, note.node)];
                (format!("`{name}`{}", kind(note.node)), texts)
            })
            .collect()
    };
    let mut blocks = Vec::new();
    for (heading, side) in [("What is sent", Side::Request), ("What is answered", Side::Answer)] {
        let terms = terms(side);
        if !terms.is_empty() {
            blocks.push(Block::Heading(heading.to_owned()));
            blocks.push(Block::Terms(terms));
        }
    }
    blocks
}

/// A type in a few words.
fn kind(node: &Value) -> String {
    let schema = if node["schema"].is_object() { &node["schema"] } else { node };
    let ty = match (text(&schema["type"]), text(&schema["format"])) {
        ("", _) => String::new(),
        (ty, "") => ty.to_owned(),
        (ty, format) => format!("{ty} ({format})"),
    };
    let required = if node["required"] == true { "required" } else { "" };
    let nullable = if schema["nullable"] == true { "or null" } else { "" };
    let words: Vec<_> =
        [ty.as_str(), nullable, required].into_iter().filter(|word| !word.is_empty()).collect();
    if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) }
}
