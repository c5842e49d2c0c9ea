//! What a provider's build script does: generate the client of the package that is being built.

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::features::{self, dependency};

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
    println!("cargo::rerun-if-changed=Cargo.toml");

    // Messages name the file as one sees it from the workspace's root.
    let shown = PathBuf::from(format!("specs/{provider}.yaml"));
    let text = std::fs::read_to_string(&spec).map_err(|error| {
        vec![format!(
            "{}: cannot be read ({error}); every package enroll-X needs a specs/X.yaml",
            shown.display()
        )]
    })?;
    let out = PathBuf::from(variable("OUT_DIR")?);
    // The mocks are a third of the work, and few builds have a use for them. cargo runs this again when a feature comes.
    let mock = env::var_os("CARGO_FEATURE_MOCK").is_some();
    let (client, mock) = with_room(|| crate::build_sources(&shown, &text, mock))
        .map_err(|message| vec![message])?
        .map_err(|error| error.lines().collect::<Vec<_>>())?;
    let manifest = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("Cargo.toml");
    let manifest = std::fs::read_to_string(&manifest).unwrap_or_default();
    let line = dependency(&features::of(&client));
    if !manifest.lines().any(|known| known == line) {
        return Err(vec![format!(
            "crates/{provider}/Cargo.toml: the client needs `{line}`; run `cargo xtask generate`"
        )]);
    }
    write(&out.join("client.rs"), &client)?;
    mock.map_or(Ok(()), |mock| write(&out.join("mock.rs"), &mock))
}

/// Writes a file, unless it says so already.
fn write(path: &Path, source: &str) -> Result<(), Vec<String>> {
    if std::fs::read_to_string(path).is_ok_and(|known| known == source) {
        return Ok(());
    }
    std::fs::write(path, source).map_err(|error| vec![format!("{}: {error}", path.display())])
}

/// Runs `work` on a stack of the same size everywhere: a program's own has a megabyte on Windows.
fn with_room<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, String> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(8 << 20).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| format!("no thread for the generator: {error}"))?;
        thread.join().map_err(|_| "the generator panicked".to_owned())
    })
}
