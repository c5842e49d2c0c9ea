//! The crates as they are packaged: a workspace of their own, without build scripts, tests and tools.

use std::path::{Path, PathBuf};
use std::process::Command;

use toml::{Table, Value};

use super::readme;
use crate::{providers, root};

/// The build script of the facade and the sandbox, for what it writes.
#[path = "../../../providers.rs"]
#[allow(dead_code, reason = "its `main` is for cargo")]
mod providers_script;

/// What a registry shows beside the description; the same for all.
const KEYWORDS: [&str; 5] = ["api-client", "sdk", "openapi", "users", "signup"];
const CATEGORIES: [&str; 1] = ["api-bindings"];

/// What belongs into an archive.
const INCLUDED: [&str; 6] = ["/src", "/specs", "/openapi.yaml", "/README.md", "/LICENSE-*", "/surface.txt"];

/// Writes the staged workspace. Gives the packages' names, each after those that it depends on.
pub(super) fn write(folder: &Path) -> Result<Vec<String>, String> {
    let providers = providers()?;
    let mut crates = vec!["core".to_owned()];
    crates.extend(providers.iter().cloned());
    crates.extend(["enroll".to_owned(), "sandbox".to_owned()]);
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    put(&folder.join("Cargo.toml"), workspace(&read(&root().join("Cargo.toml"))?, &crates)?)?;
    put(&folder.join("Cargo.lock"), read(&root().join("Cargo.lock"))?)?;
    for name in &crates {
        stage(folder, name, &providers)?;
    }
    let package = |name: &String| if name == "enroll" { name.clone() } else { format!("enroll-{name}") };
    Ok(crates.iter().map(package).collect())
}

fn stage(folder: &Path, name: &str, providers: &[String]) -> Result<(), String> {
    let (from, to) = (root().join("crates").join(name), folder.join("crates").join(name));
    let provider = providers.iter().any(|provider| provider == name);
    for path in tracked(name)? {
        let text = read(&from.join(&path))?;
        let text = if path.extension().is_some_and(|it| it == "rs") { source(&text)? } else { text };
        put(&to.join(&path), text)?;
    }
    for license in ["LICENSE-MIT", "LICENSE-APACHE"] {
        put(&to.join(license), read(&root().join(license))?)?;
    }
    if provider {
        let spec = root().join(format!("specs/{name}.yaml"));
        let generated = enroll_codegen::generate(&spec).map_err(|error| error.to_string())?;
        put(&to.join("src/client.rs"), generated.client)?;
        put(&to.join("src/mock.rs"), generated.mock)?;
        put(&to.join("README.md"), readme::of_provider(name, &spec)?)?;
        put(&to.join("src/lib.rs"), documented_by_readme(&read(&to.join("src/lib.rs"))?))?;
    } else if name != "core" {
        put(&to.join("src/providers.rs"), providers_script::list(providers))?;
    }
    if name == "core" {
        let library = read(&to.join("src/lib.rs"))?;
        put(&to.join("README.md"), readme::of_docs("enroll-core", &library))?;
        put(&to.join("src/lib.rs"), documented_by_readme(&library))?;
    }
    if name == "sandbox" {
        for provider in providers {
            let spec = format!("specs/{provider}.yaml");
            put(&to.join(&spec), read(&root().join(&spec))?)?;
        }
    }
    put(&to.join("Cargo.toml"), manifest(&read(&from.join("Cargo.toml"))?)?)
}

/// What git knows of a crate and its users need: no tests, no examples.
fn tracked(name: &str) -> Result<Vec<PathBuf>, String> {
    let folder = root().join("crates").join(name);
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(&folder)
        .output()
        .map_err(|error| format!("git cannot be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("git does not list the files of {}; package from a checkout", folder.display()));
    }
    let files = String::from_utf8_lossy(&output.stdout).into_owned();
    let wanted = |path: &&str| {
        ["src/", "README.md", "openapi.yaml", "surface.txt"].iter().any(|start| path.starts_with(start))
    };
    let there = |path: &PathBuf| folder.join(path).exists();
    Ok(files.split('\0').filter(wanted).map(PathBuf::from).filter(there).collect())
}

/// A source without what a build script would write elsewhere, and without what lies outside of the package.
fn source(text: &str) -> Result<String, String> {
    let mut text = text.replace(
        r#"concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs/""#,
        r#"concat!(env!("CARGO_MANIFEST_DIR"), "/specs/""#,
    );
    text = text.replace("include_str!(\"../../../specs/", "include_str!(\"../specs/");
    while let Some(start) = text.find(r#"concat!(env!("OUT_DIR"), "/"#) {
        let rest = &text[start + r#"concat!(env!("OUT_DIR"), "/"#.len()..];
        let (name, rest) =
            rest.split_once("\")").ok_or("an `include!` of OUT_DIR is written in a way that is not known")?;
        text = format!("{}{name:?}{rest}", &text[..start]);
    }
    match ["OUT_DIR", "\"../../"].iter().find(|left| text.contains(**left)) {
        Some(left) => {
            Err(format!("a source still speaks of {left}, which is outside of its package: {text}"))
        }
        None => Ok(text),
    }
}

/// The library with its README as its documentation, in place of its own lines.
fn documented_by_readme(library: &str) -> String {
    let own = library.lines().take_while(|line| line.starts_with("//!")).count();
    let rest: Vec<_> = library.lines().skip(own).collect();
    format!("#![doc = include_str!(\"../README.md\")]\n{}\n", rest.join("\n"))
}

/// The workspace's manifest, with the staged crates alone.
fn workspace(text: &str, crates: &[String]) -> Result<String, String> {
    let mut manifest: Table = text.parse().map_err(|error| format!("Cargo.toml: {error}"))?;
    manifest.retain(|key, _| key == "workspace");
    let workspace = table(&mut manifest, "workspace")?;
    let members = crates.iter().map(|name| Value::from(format!("crates/{name}"))).collect();
    workspace.insert("members".to_owned(), Value::Array(members));
    workspace.remove("exclude");
    Ok(manifest.to_string())
}

/// A crate's manifest, for a package.
fn manifest(text: &str) -> Result<String, String> {
    let mut manifest: Table = text.parse().map_err(|error| format!("a crate's Cargo.toml: {error}"))?;
    for key in ["build-dependencies", "dev-dependencies", "example", "test", "bench"] {
        manifest.remove(key);
    }
    let package = table(&mut manifest, "package")?;
    for key in ["build", "publish"] {
        package.remove(key);
    }
    let list = |items: &[&str]| Value::Array(items.iter().map(|item| Value::from(*item)).collect());
    package.insert("build".to_owned(), Value::Boolean(false));
    package.insert("readme".to_owned(), Value::from("README.md"));
    package.insert("keywords".to_owned(), list(&KEYWORDS));
    package.insert("categories".to_owned(), list(&CATEGORIES));
    package.insert("include".to_owned(), list(&INCLUDED));
    Ok(manifest.to_string())
}

fn table<'a>(manifest: &'a mut Table, name: &str) -> Result<&'a mut Table, String> {
    manifest
        .get_mut(name)
        .and_then(Value::as_table_mut)
        .ok_or_else(|| format!("a Cargo.toml has no [{name}]"))
}

pub(super) fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

pub(super) fn put(path: &Path, text: impl AsRef<[u8]>) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_of_the_package_is_included() {
        let client = "mod generated {\n    include!(concat!(env!(\"OUT_DIR\"), \"/client.rs\"));\n}\n";
        assert_eq!(source(client).unwrap(), "mod generated {\n    include!(\"client.rs\");\n}\n");
        let spec = "const SPEC: &str = include_str!(\"../../../specs/acme.yaml\");\n";
        assert_eq!(source(spec).unwrap(), "const SPEC: &str = include_str!(\"../specs/acme.yaml\");\n");
        assert!(source("include_str!(\"../../elsewhere\")").unwrap_err().contains("outside of its package"));
        assert!(source("env!(\"OUT_DIR\")").unwrap_err().contains("OUT_DIR"));
    }

    #[test]
    fn a_packaged_manifest_builds_nothing() {
        for name in ["core", "enroll", "sandbox"].into_iter().map(str::to_owned).chain(providers().unwrap()) {
            let text = read(&root().join("crates").join(&name).join("Cargo.toml")).unwrap();
            let manifest: Table = manifest(&text).unwrap().parse().unwrap();
            assert_eq!(manifest["package"]["build"], Value::Boolean(false), "{name}");
            assert!(manifest["package"].get("publish").is_none(), "{name}");
            for key in ["build-dependencies", "dev-dependencies"] {
                assert!(!manifest.contains_key(key), "{name}: {key}");
            }
            assert!(manifest["dependencies"].get("enroll-codegen").is_none(), "{name}");
        }
    }

    #[test]
    fn the_readme_takes_the_place_of_the_library_s_own_words() {
        let library = "//! Words.\n//!\n//! More.\n\nmod a;\n";
        assert_eq!(documented_by_readme(library), "#![doc = include_str!(\"../README.md\")]\n\nmod a;\n");
    }
}
