//! Writes the samples of the documentation down as functions, so that the tests compile and run them.

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    println!("cargo::rerun-if-changed={}", specs.display());
    match samples(&specs) {
        Ok(text) => {
            let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
            if let Err(error) = fs::write(out.join("samples.rs"), text) {
                println!("cargo::error=the samples cannot be written: {error}");
            }
        }
        Err(message) => println!("cargo::error={message}"),
    }
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
