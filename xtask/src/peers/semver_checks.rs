//! cargo-semver-checks on generated clients: what rustdoc knows of the client before an edit, and after it.
//!
//! The clients are not built as crates, which would take minutes: rustdoc is asked directly, with the core compiled once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::breaking::{Told, in_pairs};
use super::install::fresh;
use crate::spec::mutations::{Mutation, Specs};
use crate::{cargo, process, root};

/// The version of cargo-semver-checks, which has to understand what rustdoc of the toolchain in use writes.
const VERSION: &str = "0.51.0";

type Edit = (&'static Mutation, Told);

/// For each edit that changes the surface: its name, what `spec diff` says, and whether its client is called breaking.
pub(super) fn judge(specs: &Specs, edits: &[Edit]) -> Result<Vec<(&'static str, Told, bool)>, String> {
    let program = install()?;
    let folder = fresh("semver")?;
    let rustdoc = Rustdoc::new()?;
    let surface = |provider: &str, text: &str| {
        let path = PathBuf::from(format!("specs/{provider}.yaml"));
        enroll_codegen::surface(&path, text).map_err(|error| error.to_string())
    };
    let mut baselines = BTreeMap::new();
    for (mutation, _) in edits {
        let provider = mutation.provider;
        if !baselines.contains_key(provider) {
            let text = specs.text(provider)?;
            let client = rustdoc.client(&folder.join(provider), provider, text)?;
            baselines.insert(provider, (client, surface(provider, text)?));
        }
    }
    // What leaves the surface as it is leaves the client as it is, but for its documentation.
    let mut changed = Vec::new();
    for (index, (mutation, ours)) in edits.iter().enumerate() {
        let text = specs.edited(mutation)?;
        if surface(mutation.provider, &text)? != baselines[mutation.provider].1 {
            changed.push((index, *mutation, ours, text));
        }
    }
    let verdicts = in_pairs(&changed, |(index, mutation, _, text)| {
        let client = rustdoc.client(&folder.join(format!("edit-{index}")), mutation.provider, text)?;
        is_breaking(&program, &baselines[mutation.provider].0, &client)
    })?;
    let told = changed.into_iter().zip(verdicts);
    Ok(told.map(|((_, mutation, ours, _), theirs)| (mutation.name, ours.clone(), theirs)).collect())
}

/// Shows that one client is no break of itself, and another provider's is.
pub(super) fn self_test(specs: &Specs) -> Result<(), String> {
    let program = install()?;
    let folder = fresh("semver")?;
    let rustdoc = Rustdoc::new()?;
    let client = |name: &str| rustdoc.client(&folder.join(name), name, specs.text(name)?);
    let (one, other) = (client("haptik")?, client("original")?);
    if is_breaking(&program, &one, &one)? || !is_breaking(&program, &one, &other)? {
        return Err("cargo-semver-checks does not tell one client from another".to_owned());
    }
    println!("self-test     semver-checks another client in place of one is breaking");
    Ok(())
}

/// Installs it where cargo's own output is. Without optimisation it is built in a third of the time, and is fast enough.
fn install() -> Result<PathBuf, String> {
    let tools = root().join("target/tools");
    let at = tools.to_str().ok_or("the checkout's path is not UTF-8; move it")?;
    cargo(
        &format!("install cargo-semver-checks --version {VERSION} --locked --quiet --debug --root {at}"),
        &root(),
        &[("CARGO_PROFILE_DEV_DEBUG", "0")],
    )?;
    Ok(tools.join("bin/cargo-semver-checks"))
}

fn is_breaking(program: &Path, old: &Path, new: &Path) -> Result<bool, String> {
    // As a release that may add, so that what fails it is what breaks.
    let output = Command::new(program)
        .args(["semver-checks", "--release-type", "minor", "--color", "never"])
        .arg("--baseline-rustdoc")
        .arg(old)
        .arg("--current-rustdoc")
        .arg(new)
        .output()
        .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    match (output.status.success(), said.contains("requires new major version")) {
        (true, _) => Ok(false),
        (false, true) => Ok(true),
        (false, false) => Err(format!("cargo-semver-checks failed on {}: {}", new.display(), said.trim())),
    }
}

/// rustdoc, with where the core has been compiled to.
struct Rustdoc {
    core: PathBuf,
    dependencies: PathBuf,
}

impl Rustdoc {
    fn new() -> Result<Self, String> {
        // With all that any client may need.
        let features = enroll_codegen::core_features().join(",");
        let check = format!("check -p enroll-core --features {features} --message-format json --quiet");
        let output =
            process(&check, &root()).output().map_err(|error| format!("cargo cannot be started: {error}"))?;
        let messages = String::from_utf8_lossy(&output.stdout).into_owned();
        let files = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|message| message["target"]["name"] == "enroll_core" && message["filenames"].is_array())
            .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default());
        let core = files
            .filter_map(|file| file.as_str().map(PathBuf::from))
            .find(|file| file.extension().is_some_and(|extension| extension == "rmeta"))
            .ok_or("`cargo check -p enroll-core` does not say what it made")?;
        let dependencies = core.parent().unwrap_or(&core).to_owned();
        Ok(Self { core, dependencies })
    }

    /// What it writes of the client of a spec, into a folder of its own.
    fn client(&self, folder: &Path, provider: &str, text: &str) -> Result<PathBuf, String> {
        let path = PathBuf::from(format!("specs/{provider}.yaml"));
        let generated = enroll_codegen::generate_from_text(&path, text).map_err(|error| error.to_string())?;
        let source = folder.join("lib.rs");
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&source, generated.client))
            .map_err(|error| format!("{}: {error}", source.display()))?;
        let program = std::env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into());
        let output = Command::new(program)
            .args([
                "--edition",
                "2024",
                "--crate-name",
                "client",
                "--crate-version",
                "0.1.0",
                "--cap-lints",
                "allow",
            ])
            .args(["-Z", "unstable-options", "--output-format", "json"])
            .arg("--extern")
            .arg(format!("enroll_core={}", self.core.display()))
            .arg("-L")
            .arg(format!("dependency={}", self.dependencies.display()))
            .arg("-o")
            .arg(folder)
            .arg(&source)
            // The format is unstable, and cargo-semver-checks knows this one.
            .env("RUSTC_BOOTSTRAP", "1")
            .output()
            .map_err(|error| format!("rustdoc cannot be started: {error}"))?;
        if output.status.success() {
            Ok(folder.join("client.json"))
        } else {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(format!("rustdoc failed on {}: {}", source.display(), said.trim()))
        }
    }
}
