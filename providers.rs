//! The build script of the facade and of the sandbox: writes the list of providers, which are the stems of `specs/*.yaml`.
//!
//! It needs nothing but the names, so that no generator is compiled for it. What it writes has no path in it and depends
//! on no feature: a packaged crate ships it as a source file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() {
    if let Err(error) = try_main() {
        println!("cargo::error=specs: {error}; the providers are the files specs/*.yaml");
    }
}

fn try_main() -> io::Result<()> {
    let variable = |name: &str| env::var_os(name).map(PathBuf::from).ok_or(io::ErrorKind::NotFound);
    let specs = variable("CARGO_MANIFEST_DIR")?.join("../../specs");
    println!("cargo::rerun-if-changed={}", specs.display());
    fs::write(variable("OUT_DIR")?.join("providers.rs"), list(&names(&specs)?))
}

/// The names of all providers, in alphabetical order.
fn names(specs: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(specs)? {
        let path = entry?.path();
        if let (Some("yaml"), Some(name)) =
            (path.extension().and_then(|it| it.to_str()), path.file_stem().and_then(|it| it.to_str()))
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// A macro that hands all providers to another macro: the module, the name of the setter, the crate, and the name.
pub(crate) fn list(names: &[String]) -> String {
    let mut text = "/// Calls a macro with one line a provider.\nmacro_rules! each_provider {\n    ($callback:ident) => {\n        \
                    $callback! {\n"
        .to_owned();
    for name in names {
        let module = name.replace('-', "_");
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "            {module}, with_{module}, enroll_{module}, {name:?};");
    }
    text.push_str("        }\n    };\n}\n");
    text
}
