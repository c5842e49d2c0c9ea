//! Generates the clients of some specs, and one of a thousand operations, and prints how long that took: `generation ROUNDS SPEC…`.
//!
//! The long document is the shortest spec over and over, each time with other paths, operations and schemas; and without what the house
//! writes beside a fact (evidence, corrections, examples), with which it would be longer than what is read.

use std::error::Error;
use std::path::Path;

use serde_json::{Map, Value, json};

/// So many operations has the long document, or a few more.
const OPERATIONS: usize = 1_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let rounds: usize = arguments.next().ok_or("the arguments are ROUNDS SPEC…")?.parse()?;
    let mut results = Vec::new();
    let mut shortest: Option<String> = None;
    for name in arguments {
        let text = std::fs::read_to_string(&name)?;
        results.push(timed(Path::new(&name), &text, rounds)?);
        if shortest.as_ref().is_none_or(|other| text.len() < other.len()) {
            shortest = Some(text);
        }
    }
    if let Some(text) = shortest {
        let mut document = yaml_serde::from_str(&text)?;
        strip(&mut document);
        let (text, operations) = thousand(&document);
        let mut result = timed(Path::new("long.yaml"), &text, rounds.min(3))?;
        result["name"] = format!("{operations} operations").into();
        results.push(result);
    }
    println!("{}", Value::from(results));
    Ok(())
}

/// The median of some rounds.
fn timed(path: &Path, text: &str, rounds: usize) -> Result<Value, Box<dyn Error>> {
    let mut times = Vec::new();
    let mut client = 0;
    for _ in 0..rounds.max(1) {
        let before = cpu()?;
        let generated = enroll_codegen::generate_from_text(path, text)?;
        times.push(cpu()? - before);
        client = generated.client.lines().count();
    }
    times.sort_unstable();
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    Ok(json!({"name": name, "ms": times[times.len() / 2] as f64 / 1e6, "lines": client}))
}

/// What this thread has used of the processors, in nanoseconds: it never waits, and others may use the machine too.
fn cpu() -> Result<u64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split(' ').next().unwrap_or_default().parse()?)
}

/// Takes out what no client needs.
fn strip(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.retain(|key, _| {
                !matches!(key.as_str(), "examples" | "x-enroll-corrections" | "x-enroll-evidence")
            });
            object.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// The document so often that it has a thousand operations.
fn thousand(document: &Value) -> (String, usize) {
    let names = |pointer: &str| -> Vec<String> {
        document
            .pointer(pointer)
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(|it| it.keys().cloned())
            .collect()
    };
    let text = |pointer: &str| document.pointer(pointer).map(Value::to_string).unwrap_or_default();
    let (paths, schemas) = (text("/paths"), text("/components/schemas"));
    let each = paths.matches("\"operationId\":\"").count().max(1);
    let copies = OPERATIONS.div_ceil(each);
    let mut all = document.clone();
    let (mut every_path, mut every_schema) = (Map::new(), Map::new());
    for copy in 0..copies {
        let renamed = |text: &str| -> Value {
            let mut text = text.to_owned();
            for path in names("/paths") {
                text = text.replace(&format!("\"{path}\":"), &format!("\"/{copy}{path}\":"));
            }
            for schema in names("/components/schemas") {
                let at = format!("#/components/schemas/{schema}\"");
                text = text.replace(&at, &format!("#/components/schemas/{schema}Of{copy}\""));
                text = text.replace(&format!("\"{schema}\":"), &format!("\"{schema}Of{copy}\":"));
            }
            let ids: Vec<_> = text
                .split("\"operationId\":\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next().map(str::to_owned))
                .collect();
            for id in ids {
                text = text.replace(
                    &format!("\"operationId\":\"{id}\""),
                    &format!("\"operationId\":\"{id}Of{copy}\""),
                );
            }
            serde_json::from_str(&text).unwrap_or_default()
        };
        let add = |all: &mut Map<String, Value>, text: &str| {
            if let Value::Object(more) = renamed(text) {
                all.extend(more);
            }
        };
        add(&mut every_path, &paths);
        add(&mut every_schema, &schemas);
    }
    all["paths"] = every_path.into();
    all["components"]["schemas"] = every_schema.into();
    (all.to_string(), copies * each)
}
