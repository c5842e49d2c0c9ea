//! Packages that others wrote, exactly those of the lock files, and again only when a lock has changed; the judges' are in
//! `target/peers`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::root;

/// Where everything of the judges is.
pub(crate) fn folder() -> PathBuf {
    root().join("target/peers")
}

/// An empty folder for what a judge is shown.
pub(super) fn fresh(name: &str) -> Result<PathBuf, String> {
    let folder = folder().join(name);
    // What an earlier run wrote must not be taken for this run's. There may be nothing.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// Where the packages of Python are.
pub(super) fn python() -> PathBuf {
    folder().join("python")
}

pub(crate) fn run() -> Result<(), String> {
    node(&root().join("tests/peers"), &folder())?;
    // What an earlier run's programs complained of. There may be none.
    let _ = std::fs::remove_file(folder().join("stderr.txt"));
    packages(
        &folder(),
        "requirements.txt",
        "python",
        "python3 -m pip install --quiet --disable-pip-version-check --require-hashes --target python -r requirements.txt",
    )
}

/// Copies a folder's files to where their packages are to be, and installs those that its lock of npm names.
pub(crate) fn node(from: &Path, to: &Path) -> Result<(), String> {
    let cannot = |path: &Path, error| format!("{}: {error}", path.display());
    std::fs::create_dir_all(to).map_err(|error| cannot(to, error))?;
    for entry in std::fs::read_dir(from).map_err(|error| cannot(from, error))? {
        let path = entry.map_err(|error| cannot(from, error))?.path();
        if let Some(name) = path.file_name().filter(|_| path.is_file()) {
            std::fs::copy(&path, to.join(name)).map_err(|error| cannot(&path, error))?;
        }
    }
    // Nothing that a package brings along is run while it is installed.
    packages(
        to,
        "package-lock.json",
        "node_modules",
        "npm ci --ignore-scripts --no-audit --no-fund --loglevel=error",
    )
}

/// Installs what a lock in the folder names, unless that is there.
fn packages(folder: &Path, lock: &str, target: &str, command: &str) -> Result<(), String> {
    let lock = folder.join(lock);
    let target = folder.join(target);
    let stamp = target.join("installed-from");
    let wanted = std::fs::read(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    if std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    // What is left of an older lock would stay beside the new.
    if target.exists() {
        std::fs::remove_dir_all(&target).map_err(|error| format!("{}: {error}", target.display()))?;
    }
    println!("  $ {command}");
    let mut words = command.split(' ');
    let program = words.next().unwrap_or_default();
    let printed = Command::new(program).args(words).current_dir(folder).output().map_err(|error| {
        format!("{program} cannot be started: {error}; install Node.js 20 and Python 3.11, or later")
    })?;
    if !printed.status.success() {
        let said = String::from_utf8_lossy(&printed.stderr).into_owned();
        return Err(format!("`{command}` failed in {}: {said}", folder.display()));
    }
    std::fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))
}
