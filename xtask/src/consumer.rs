//! The program outside the workspace, `tests/consumer`: it has one provider, compiles nothing of the others, and calls it.

use crate::{capture, cargo, providers, root};

/// The provider that it uses.
const PROVIDER: &str = "haptik";

pub(crate) fn run() -> Result<(), String> {
    let folder = root().join("tests/consumer");
    // The same versions as the workspace, so that nothing else has to be fetched.
    std::fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))
        .map_err(|error| format!("Cargo.lock cannot be copied: {error}"))?;
    let tree = capture("tree --edges normal --prefix none", &folder)?;
    for provider in providers()? {
        let there = tree.lines().any(|line| line.starts_with(&format!("enroll-{provider} ")));
        if there != (provider == PROVIDER) {
            return Err(format!("`cargo tree` of tests/consumer: enroll-{provider} there is {there}"));
        }
    }
    // The workspace has compiled most of what it needs.
    let target = root().join("target").display().to_string();
    let shared = [("CARGO_TARGET_DIR", target.as_str()), ("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")];
    cargo("run", &folder, &shared)
}
