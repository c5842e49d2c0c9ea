//! Writes down what the specs give for testing: the samples of the documentation as functions with a list of them, the
//! examples of bodies with their types, and the client of the fixture provider.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use enroll_codegen::{Example, generate};

fn main() {
    if let Err(message) = try_main() {
        for line in message.lines() {
            println!("cargo::error={line}");
        }
    }
}

fn try_main() -> Result<(), String> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let specs = package.join("../specs");
    let fixture = package.join("fixtures/exotic.yaml");
    for path in [&specs, &fixture] {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    let exotic = generate(&fixture).map_err(|error| error.to_string())?;
    write("exotic.rs", &exotic.client)?;
    write("exotic_mock.rs", &exotic.mock)?;
    // The samples speak of the facade, in which the fixture is not.
    write("exotic_samples.rs", &exotic.samples.replace("enroll::exotic::", "enroll_tests::"))?;

    let (mut samples, mut runs, mut examples) = (String::new(), "vec![\n".to_owned(), "vec![\n".to_owned());
    for entry in fs::read_dir(&specs).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        let (Some("yaml"), Some(provider)) = (
            path.extension().and_then(|part| part.to_str()),
            path.file_stem().and_then(|stem| stem.to_str()),
        ) else {
            continue;
        };
        let generated = generate(&path).map_err(|error| error.to_string())?;
        write_run(provider, &generated.samples, &mut runs);
        samples.push_str(&generated.samples);
        for example in &generated.examples {
            write_example(provider, example, &mut examples);
        }
    }
    runs.push_str("]\n");
    examples.push_str("]\n");
    write("runs.rs", &runs)?;
    write("samples.rs", &samples)?;
    write("examples.rs", &examples)
}

/// How the samples of a provider are run.
fn write_run(provider: &str, samples: &str, text: &mut String) {
    let module = provider.replace('-', "_");
    // A provider of which no operation makes an account has no samples of outcomes, nor of making sure.
    let list = |name: &str| match samples.contains(&format!("async fn {name}(")) {
        true => format!("{module}::{name}(clients.{module}().unwrap()).await"),
        false => "{ let _ = clients; Vec::new() }".to_owned(),
    };
    let (outcomes, ensures) = (list("outcomes"), list("ensures"));
    // Writing to a `String` cannot fail.
    let _ = writeln!(
        text,
        "Run {{ provider: {provider:?}, configured: |clients| clients.{module}().map(drop), \
         all: |clients| Box::pin(async move {{ {module}::all(clients.{module}().unwrap()).await }}), \
         outcomes: |clients| Box::pin(async move {{ {outcomes} }}), \
         ensures: |clients| Box::pin(async move {{ {ensures} }}) }},"
    );
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

fn write(name: &str, text: &str) -> Result<(), String> {
    let path =
        PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set; run this by cargo")?).join(name);
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
}
