//! Writes down what the specs give for testing: the samples of the documentation as functions, and the examples of
//! bodies with their types.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use enroll_codegen::{Example, generate};

fn main() {
    if let Err(message) = write() {
        println!("cargo::error={message}");
    }
}

fn write() -> Result<(), String> {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    println!("cargo::rerun-if-changed={}", specs.display());
    let mut samples = String::new();
    let mut examples = "vec![\n".to_owned();
    for entry in fs::read_dir(&specs).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        let (Some("yaml"), Some(provider)) = (
            path.extension().and_then(|part| part.to_str()),
            path.file_stem().and_then(|stem| stem.to_str()),
        ) else {
            continue;
        };
        let generated = generate(&path).map_err(|error| error.to_string())?;
        samples.push_str(&generated.samples);
        for example in &generated.examples {
            write_example(provider, example, &mut examples);
        }
    }
    examples.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set; run this by cargo")?);
    for (name, text) in [("samples.rs", samples), ("examples.rs", examples)] {
        fs::write(out.join(name), text).map_err(|error| format!("{name} cannot be written: {error}"))?;
    }
    Ok(())
}

fn write_example(provider: &str, example: &Example, text: &mut String) {
    let Example { operation, status, name, value, rust_type } = example;
    let module = provider.replace('-', "_");
    let place = status.as_deref().unwrap_or("request");
    let json = value.to_string();
    // Writing to a `String` cannot fail.
    let _ = writeln!(
        text,
        "Example::of::<enroll::{module}::types::{rust_type}>({provider:?}, {operation:?}, {place:?}, {name:?}, \
         {rust_type:?}, {json:?}),"
    );
}
