//! Generates a client with progenitor as it is, from Haptik's spec.
//!
//! One thing is changed beforehand: `default` answers are left out, because progenitor panics on one beside a typed success.

use std::error::Error;
use std::path::PathBuf;

use openapiv3::OpenAPI;
use progenitor_impl::{GenerationSettings, Generator};
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let spec = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("../../../specs/haptik.yaml");
    println!("cargo::rerun-if-changed={}", spec.display());
    let mut document: Value = yaml_serde::from_str(&std::fs::read_to_string(&spec)?)?;
    let operations = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    for operation in operations.filter_map(Value::as_object_mut).flat_map(|path| path.values_mut()) {
        if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
            responses.remove("default");
        }
    }
    let document: OpenAPI = serde_json::from_value(document)?;
    let client = Generator::new(&GenerationSettings::new()).generate_tokens(&document)?;
    std::fs::write(PathBuf::from(variable("OUT_DIR")?).join("client.rs"), client.to_string())?;
    Ok(())
}

fn variable(name: &str) -> Result<String, Box<dyn Error>> {
    Ok(std::env::var(name).map_err(|error| format!("{name}: {error}"))?)
}
