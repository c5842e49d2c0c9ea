//! What a provider's build script does: generate the client of the package that is being built.

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Generates `client.rs` and `mock.rs` into `OUT_DIR`, from `specs/<provider>.yaml` at the workspace's root. Whatever is
/// wrong is told to cargo in lines of its own, with the file, the line and the cure.
#[must_use]
pub fn build() -> ExitCode {
    match try_build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(messages) => {
            for message in messages {
                println!("cargo::error={message}");
            }
            // An exit code other than zero would add cargo's own report of the script's output to the messages above;
            // `cargo::error` alone fails the build.
            ExitCode::SUCCESS
        }
    }
}

fn try_build() -> Result<(), Vec<String>> {
    let variable =
        |name: &str| env::var(name).map_err(|_| vec![format!("{name} is not set; run this by cargo")]);
    let package = variable("CARGO_PKG_NAME")?;
    let provider = package.strip_prefix("enroll-").unwrap_or(&package);
    let root = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("../..");
    let spec = root.join("specs").join(format!("{provider}.yaml"));
    println!("cargo::rerun-if-changed={}", spec.display());

    // Messages name the file as one sees it from the workspace's root.
    let shown = PathBuf::from(format!("specs/{provider}.yaml"));
    let text = std::fs::read_to_string(&spec).map_err(|error| {
        vec![format!(
            "{}: cannot be read ({error}); every package enroll-X needs a specs/X.yaml",
            shown.display()
        )]
    })?;
    let generated =
        crate::generate_from_text(&shown, &text).map_err(|error| error.lines().collect::<Vec<_>>())?;
    let out = PathBuf::from(variable("OUT_DIR")?);
    for (name, source) in [("client.rs", generated.client), ("mock.rs", generated.mock)] {
        let path = out.join(name);
        std::fs::write(&path, source).map_err(|error| vec![format!("{}: {error}", path.display())])?;
    }
    Ok(())
}
