//! Whether a provider really costs one file: in a copy of the tree providers are added, everything that is tested for all
//! providers is tested, and they are taken away again, to the byte.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Parser as _;

use super::{Arguments, parts, run_at};
use crate::spec::lint_text;
use crate::{cargo, root};

/// In every value of the recording that is somebody's.
const CANARY: &str = "quagga";

/// What is added: a name, and the document that it is made from, if it is not the draft.
const PROVIDERS: [(&str, Option<(&str, &str)>); 3] = [
    ("acme-probe", None),
    ("shop-probe", Some(("shop.yaml", include_str!("rehearsal/shop.yaml")))),
    ("club-probe", Some(("club.http", include_str!("rehearsal/club.http")))),
];

pub(crate) fn run() -> Result<(), String> {
    let place = root().join("target/rehearsal");
    let tree = place.join("tree");
    copy(&root(), &tree)?;
    let before = everything(&tree)?;

    for (name, source) in PROVIDERS {
        let mut command = vec!["provider", "new", name];
        let path = source.map(|(file, _)| place.join(file).display().to_string());
        if let (Some((_, text)), Some(path)) = (source, &path) {
            fs::write(path, text).map_err(|error| format!("{path}: {error}"))?;
            command.extend(["--from", path]);
        }
        provider(&tree, &command)?;
        check(&tree, name)?;
    }
    let leaks = |(path, bytes): (&PathBuf, &Vec<u8>)| {
        let says = String::from_utf8_lossy(bytes).to_lowercase().contains(CANARY);
        (says && before.get(path) != Some(bytes)).then(|| path.display().to_string())
    };
    if let Some(path) = everything(&tree)?.iter().find_map(leaks) {
        return Err(format!("{path} repeats a value that was recorded"));
    }
    // Shared with the workspace's, so that nothing from the registry is compiled again.
    let target = root().join("target").display().to_string();
    let environment = [("CARGO_TARGET_DIR", target.as_str())];
    cargo("test --locked -p enroll -p enroll-sandbox -p enroll-tests -p enroll-site", &tree, &environment)?;
    cargo("run --locked --quiet --example quickstart", &tree, &environment)?;

    for (name, source) in PROVIDERS {
        let command = ["provider", "remove", name];
        if source.is_some() && provider(&tree, &command).is_ok() {
            return Err(format!("{name} was removed unasked, though its spec is nowhere else"));
        }
        let force = source.map(|_| "--force");
        provider(&tree, &command.into_iter().chain(force).collect::<Vec<_>>())?;
    }
    let after = everything(&tree)?;
    let differs = |path: &&PathBuf| before.get(*path) != after.get(*path);
    match before.keys().chain(after.keys()).find(differs) {
        None => Ok(()),
        Some(path) => Err(format!("{} is not as it was before the providers came and went", path.display())),
    }
}

/// `cargo xtask provider …` in the copy.
fn provider(tree: &Path, command: &[&str]) -> Result<(), String> {
    println!("  $ cargo xtask {}", command.join(" "));
    let arguments = Line::try_parse_from(command).map_err(|error| error.to_string())?;
    run_at(tree, &arguments.arguments)
}

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

/// What `cargo xtask spec lint` and `cargo xtask generate --check` say of a provider in the copy.
fn check(tree: &Path, name: &str) -> Result<(), String> {
    let path = PathBuf::from(format!("specs/{name}.yaml"));
    let text = parts::read(&tree.join(&path))?;
    if let Some(finding) = lint_text(&path, &text).first() {
        return Err(format!("{}: {}", path.display(), finding.message));
    }
    let surface = enroll_codegen::surface(&path, &text).map_err(|error| error.to_string())?;
    let written = parts::read(&tree.join(format!("crates/{name}/surface.txt")))?;
    if written == surface.to_string() {
        Ok(())
    } else {
        Err(format!("the surface file of {name} is not its own"))
    }
}

/// Makes a folder a copy of what git knows of another, and of what is new there. What is the same stays as it is, so
/// that cargo compiles it once.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let mut git = Command::new("git");
    git.arg("-C").arg(from).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = git.output().map_err(|error| format!("git cannot be started: {error}; install it"))?;
    if !listed.status.success() {
        return Err("the rehearsal needs a checkout by git, which says what belongs to the tree".to_owned());
    }
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let mut wanted = BTreeMap::new();
    for name in names.split('\0').filter(|name| !name.is_empty()) {
        // One that was deleted and is not yet committed is listed too.
        if let Ok(bytes) = fs::read(from.join(name)) {
            wanted.insert(to.join(name), bytes);
        }
    }
    fs::create_dir_all(to).map_err(|error| failed(to, error))?;
    let there = everything(to)?;
    for path in there.keys().filter(|path| !wanted.contains_key(*path)) {
        if path.is_file() {
            fs::remove_file(path).map_err(|error| failed(path, error))?;
        }
    }
    for (path, bytes) in &wanted {
        if there.get(path) != Some(bytes) {
            let folder = path.parent().unwrap_or(to);
            fs::create_dir_all(folder)
                .and_then(|()| fs::write(path, bytes))
                .map_err(|error| failed(path, error))?;
        }
    }
    remove_empty(to).map_err(|error| failed(to, error))
}

/// Removes the folders below this one that nothing is in.
fn remove_empty(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_empty(&path)?;
            if fs::read_dir(&path)?.next().is_none() {
                fs::remove_dir(&path)?;
            }
        }
    }
    Ok(())
}

/// Every file and folder below a folder, with what stands in it.
fn everything(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            found.extend(everything(&path)?);
            found.insert(path, Vec::new());
        } else {
            let bytes = fs::read(&path).map_err(failed)?;
            found.insert(path, bytes);
        }
    }
    Ok(found)
}
