//! `cargo xtask package`: archives for the registry, in which every client is generated already.
//!
//! Who depends on a packaged crate compiles no generator and runs no build script of ours. So a copy of the crates is
//! staged, with what the build scripts write put among the sources, and cargo packages that copy.

mod check;
mod readme;
mod stage;

use std::path::{Path, PathBuf};

pub(crate) use self::check::patches;

use crate::{cargo, root};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Builds programs against the archives, offline, and calls the sandbox with them
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let archives = make("package-stage")?;
    println!("in the order in which they are published:");
    for archive in &archives {
        let size =
            std::fs::metadata(archive).map_err(|error| format!("{}: {error}", archive.display()))?.len();
        println!("{:>9.1} KiB  {}", size as f64 / 1024.0, archive.display());
    }
    if arguments.check { check::run(&archives) } else { Ok(()) }
}

/// As CI does it.
pub(crate) fn checked() -> Result<(), String> {
    run(&Arguments { check: true })
}

/// The packages as who depends on them gets them, unpacked below a folder of `target`.
pub(crate) fn unpacked(folder: &str) -> Result<Vec<PathBuf>, String> {
    let folder = root().join("target").join(folder);
    make("package-stage")?.iter().map(|archive| check::unpack(archive, &folder)).collect()
}

/// Stages the crates in a folder below `target`, and makes the archives. Gives them in the order of publishing.
fn make(folder: &str) -> Result<Vec<PathBuf>, String> {
    let folder = root().join("target").join(folder);
    let packages = stage::write(&folder)?;
    let output = folder.join("target");
    let output = output.to_str().ok_or("the checkout's path is not UTF-8; move it")?;
    // `check` builds them, so that cargo need not.
    let environment = [("CARGO_TARGET_DIR", output), ("RUSTFLAGS", "")];
    cargo("package --workspace --no-verify --allow-dirty --offline --quiet", &folder, &environment)?;
    packages
        .iter()
        .map(|package| {
            let archive =
                Path::new(output).join(format!("package/{package}-{}.crate", env!("CARGO_PKG_VERSION")));
            if archive.exists() { Ok(archive) } else { Err(format!("cargo made no {}", archive.display())) }
        })
        .collect()
}
