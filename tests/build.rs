//! Generates what the tests include: the samples of the documentation, which are then compiled and run, and the client of
//! the fixture provider.

use std::path::{Path, PathBuf};
use std::{env, fs};

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
    let exotic = enroll_codegen::generate(&fixture).map_err(|error| error.to_string())?;
    write("exotic.rs", &exotic.client)?;
    write("exotic_mock.rs", &exotic.mock)?;
    // The samples speak of the facade, in which the fixture is not.
    write("exotic_samples.rs", &exotic.samples.replace("enroll::exotic::", "enroll_tests::"))?;
    write("samples.rs", &samples(&specs)?)
}

fn samples(specs: &Path) -> Result<String, String> {
    let mut text = String::new();
    for entry in fs::read_dir(specs).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let generated = enroll_codegen::generate(&path).map_err(|error| error.to_string())?;
            text.push_str(&generated.samples);
        }
    }
    Ok(text)
}

fn write(name: &str, text: &str) -> Result<(), String> {
    let path = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join(name);
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
}
