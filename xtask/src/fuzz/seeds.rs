//! Where the fuzzer of specs begins: each operation of each spec as a document of its own, and the words of all of them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use enroll_codegen::Document;
use serde_json::{Map, Value, json};

use crate::root;

/// What is not needed to generate something, and would only make the seeds longer.
const LEFT_OUT: [&str; 8] = [
    "description",
    "summary",
    "example",
    "examples",
    "x-enroll-evidence",
    "x-enroll-sources",
    "x-enroll-corrections",
    "tags",
];

/// Writes the seeds into `corpus`, and the dictionary beside it, whose path is given back.
pub(super) fn write(corpus: &Path) -> Result<PathBuf, String> {
    let specs = root().join("specs");
    let names = crate::providers()?;
    let mut paths: Vec<_> = names.iter().map(|name| specs.join(format!("{name}.yaml"))).collect();
    paths.push(root().join("tests/fixtures/exotic.yaml"));
    let mut words = BTreeSet::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let document =
            Document::parse(&text).map_err(|finding| format!("{}: {finding:?}", path.display()))?;
        let mut value = document.value().clone();
        shorten(&mut value, false);
        collect(&value, &mut words);
        for (id, seed) in seeds(&value) {
            let stem = path.file_stem().unwrap_or_default().display();
            let file = corpus.join(format!("seed-{stem}-{id}"));
            std::fs::write(&file, seed.to_string())
                .map_err(|error| format!("{}: {error}", file.display()))?;
        }
    }
    let mut dictionary = String::new();
    for word in words {
        // Writing to a `String` cannot fail.
        let _ = writeln!(dictionary, "{:?}", format!("\"{word}\""));
    }
    let path = corpus.with_extension("dict");
    std::fs::write(&path, dictionary).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

/// Takes out what makes a document long; a response needs its description.
fn shorten(value: &mut Value, named: bool) {
    match value {
        Value::Object(object) => {
            if !named {
                let response = object.contains_key("description")
                    && !object.contains_key("type")
                    && !object.contains_key("in");
                object.retain(|key, _| !LEFT_OUT.contains(&key.as_str()));
                if response {
                    object.insert("description".to_owned(), json!("x"));
                }
            }
            for (key, value) in object {
                shorten(
                    value,
                    !named && matches!(key.as_str(), "properties" | "schemas" | "paths" | "responses"),
                );
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| shorten(item, false)),
        _ => {}
    }
}

/// A document for each operation, with the schemas that it needs.
fn seeds(document: &Value) -> Vec<(String, Value)> {
    let mut seeds = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let Some(id) = operation["operationId"].as_str() else { continue };
            let mut operation = operation.clone();
            if let Some(operation) = operation.as_object_mut() {
                // What speaks of other operations.
                operation.remove("x-enroll-lookup");
                operation.insert("security".to_owned(), json!([]));
            }
            let mut own = Map::from_iter([(method.clone(), operation)]);
            own.extend(item.get("parameters").map(|shared| ("parameters".to_owned(), shared.clone())));
            let mut seed = json!({
                "openapi": "3.0.3",
                "info": {"title": "X", "version": "1"},
                "x-enroll-base-url": {"env": "X_BASE_URL"},
                "paths": {path: own},
            });
            let mut components = json!({});
            let mut open = references(&seed);
            let mut seen = BTreeSet::new();
            while let Some((section, name)) = open.pop() {
                if seen.insert((section.clone(), name.clone())) {
                    let component = &document["components"][&section][&name];
                    open.extend(references(component));
                    components[section][name] = component.clone();
                }
            }
            seed["components"] = components;
            seeds.push((id.to_owned(), seed));
        }
    }
    seeds
}

/// The section and the name of everything that is referred to.
fn references(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Object(object) => {
            let target = object.get("$ref").and_then(Value::as_str);
            let target = target.and_then(|it| it.strip_prefix("#/components/")?.split_once('/'));
            let own = target.map(|(section, name)| (section.to_owned(), name.to_owned()));
            own.into_iter().chain(object.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// The keys and the short values of a document.
fn collect(value: &Value, words: &mut BTreeSet<String>) {
    let plain =
        |text: &str| text.len() <= 40 && text.chars().all(|c| c.is_ascii_graphic() && c != '"' && c != '\\');
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                words.extend(Some(key.clone()).filter(|key| plain(key)));
                collect(value, words);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
        Value::String(text) if plain(text) => {
            words.insert(text.clone());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_is_a_spec_that_is_generated() {
        let text =
            std::fs::read_to_string(root().join("tests/fixtures/exotic.yaml")).expect("the fixture is there");
        let mut value = Document::parse(&text).expect("it is YAML").value().clone();
        shorten(&mut value, false);
        let seeds = seeds(&value);
        assert!(seeds.len() > 10, "only {}", seeds.len());
        for (id, seed) in seeds {
            let generated = enroll_codegen::generate_from_text(Path::new("seed.yaml"), &seed.to_string());
            assert!(
                generated.is_ok(),
                "{id}: {}",
                generated.err().map(|it| it.to_string()).unwrap_or_default()
            );
        }
    }
}
