//! Writes down what the specs give: the documents as JSON, and for every method of the clients a row with the call that
//! the documentation shows. A new provider so needs nothing here.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use enroll_codegen::{Guide, guides};

fn main() {
    if let Err(message) = try_main() {
        for line in message.lines() {
            println!("cargo::error={line}");
        }
    }
}

fn try_main() -> Result<(), String> {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    println!("cargo::rerun-if-changed={}", specs.display());
    let (mut documents, mut calls) = ("&[\n".to_owned(), "vec![\n".to_owned());
    for path in paths(&specs)? {
        let provider = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let json = enroll_codegen::read(&path, &text).map_err(|error| error.to_string())?;
        // Writing to a `String` cannot fail.
        let _ = writeln!(documents, "({provider:?}, {:?}),", json.to_string());
        write_calls(&path, provider, &text, &mut calls)?;
    }
    write("documents.rs", &(documents + "]\n"))?;
    write("calls.rs", &(calls + "]\n"))
}

/// The specs, in alphabetical order.
fn paths(specs: &Path) -> Result<Vec<PathBuf>, String> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(specs).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// One row for each operation, by the first of its methods.
fn write_calls(path: &Path, provider: &str, text: &str, rows: &mut String) -> Result<(), String> {
    let module = provider.replace('-', "_");
    for guide in guides(path, text).map_err(|error| error.to_string())? {
        let Guide { id, class, creates, making_sure, methods, .. } = &guide;
        let Some(method) = methods.first() else { continue };
        let (name, call) = (&method.name, &method.call);
        let ran = match creates {
            true => format!("creation(client{call}.outcome().await)"),
            false => format!("ending(client{call}.send().await)"),
        };
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            rows,
            "Call {{ provider: {provider:?}, operation: {id:?}, method: {name:?}, creates: {creates}, \
             class: {class:?}, making_sure: {making_sure:?}, run: |clients| Box::pin(async move {{ \
             let client = clients.{module}()?; Ok(ran!({ran})) }}) }},",
        );
    }
    Ok(())
}

fn write(name: &str, text: &str) -> Result<(), String> {
    let path =
        PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set; run this by cargo")?).join(name);
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
}
