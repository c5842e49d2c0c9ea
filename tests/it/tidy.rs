//! What holds for the whole workspace: each provider is one word everywhere, the shared crates know none of them, and
//! policy is inherited.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::support;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below `directory` with this extension; what cargo or git made is no part of the workspace.
fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                found.extend(files(&path, extension));
            }
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found
}

fn providers() -> BTreeSet<String> {
    support::providers().into_iter().collect()
}

/// A table of a manifest; empty if the manifest has none.
fn table(manifest: &Path, name: &str) -> Map<String, Value> {
    let mut manifest: Map<String, Value> = toml::from_str(&read(manifest)).unwrap();
    manifest.remove(name).map_or_else(Map::new, |table| serde_json::from_value(table).unwrap())
}

fn is_inherited(value: &Value) -> bool {
    value["workspace"] == true
}

#[test]
fn every_source_file_says_first_what_it_is_for() {
    let files = files(&root(), "rs");
    assert!(files.len() > 50, "only {} files were found", files.len());
    for path in files {
        let text = read(&path);
        let says = text.starts_with("//! ") || text.starts_with("#![doc = include_str!(");
        assert!(says, "{} begins with `//!` and what it is for", path.display());
    }
}

#[test]
fn every_member_inherits_the_lints_and_the_package() {
    let members: Vec<_> = files(&root(), "toml")
        .into_iter()
        // The root's manifest says what is inherited, and so does that of a program outside the workspace for itself.
        .filter(|path| path.ends_with("Cargo.toml") && table(path, "workspace").is_empty())
        .filter(|path| !read(path).contains("\n[workspace]"))
        .collect();
    assert!(members.len() >= providers().len() + 4, "only {} members were found", members.len());
    for path in members {
        let shown = path.display();
        assert_eq!(Value::from(table(&path, "lints")), json!({"workspace": true}), "[lints] of {shown}");
        let package = table(&path, "package");
        for key in ["version", "edition", "rust-version", "license"] {
            assert!(is_inherited(&package[key]), "{shown}: `{key}` is written once, in the workspace");
        }
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for (name, value) in table(&path, kind) {
                let inherited = is_inherited(&value) || value["path"].is_string();
                assert!(inherited, "{shown}: {name} has its version in the workspace");
            }
        }
    }
}

/// The specs are the providers; whatever else names providers must name the same.
#[test]
fn each_provider_is_one_word_everywhere() {
    let providers = providers();
    assert!(providers.len() >= 4);

    let crates: BTreeSet<_> = std::fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| read(&path.join("Cargo.toml")).contains("\nbuild = \"../../build.rs\"\n"))
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(crates, providers, "the crates that are generated");
    for provider in &providers {
        let package = table(&root().join("crates").join(provider).join("Cargo.toml"), "package");
        assert_eq!(package["name"], format!("enroll-{provider}"));
    }

    let features = table(&root().join("crates/enroll/Cargo.toml"), "features");
    let enables = |feature: &str, what: String| features[feature].as_array().unwrap().contains(&json!(what));
    let named: BTreeSet<_> =
        features.keys().filter(|name| enables(name, format!("dep:enroll-{name}"))).cloned().collect();
    assert_eq!(named, providers, "the facade's features");
    for provider in &providers {
        assert!(enables("default", provider.clone()), "{provider} is on by default");
        assert!(enables("mock", format!("enroll-{provider}?/mock")), "{provider} has mocks");
        assert!(enables("schemars", format!("enroll-{provider}?/schemars")), "{provider} has schemas");
    }
    let dependencies = table(&root().join("crates/enroll/Cargo.toml"), "dependencies");
    let workspace = table(&root().join("Cargo.toml"), "workspace");
    let version = &workspace["package"]["version"];
    for provider in &providers {
        let package = format!("enroll-{provider}");
        assert_eq!(
            dependencies[&package],
            json!({"workspace": true, "optional": true}),
            "the facade's {package}"
        );
        let expected =
            json!({"path": format!("crates/{provider}"), "version": version, "default-features": false});
        assert_eq!(workspace["dependencies"][&package], expected, "the workspace's {package}");
    }
}

/// Whether a line of Rust speaks of the provider. One provider's name is an English word too, which counts in the code of
/// a line, and in its texts if it stands there alone, but not in a sentence.
fn speaks_of(line: &str, provider: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let word =
        |text: &str| text.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| word == provider);
    match provider {
        "digipay" | "haptik" | "streambird" => return line.to_lowercase().contains(provider),
        "original" => {}
        // What else a name means nobody knows beforehand; `cargo xtask provider new` takes none that stands there.
        _ => return line.contains(&format!("\"{provider}\"")),
    }
    let texts: Vec<_> = code.split('"').collect();
    let in_code = texts.iter().step_by(2).any(|part| word(part));
    let in_texts = texts.iter().skip(1).step_by(2).any(|text| !text.contains(' ') && word(text));
    in_code || in_texts
}

#[test]
fn the_shared_crates_know_no_provider() {
    assert!(
        speaks_of("if name == \"original\" {", "original") && speaks_of("fn of_original() {", "original")
    );
    assert!(!speaks_of("let copy = 1; // the original stays", "original"));
    assert!(speaks_of("/// As Haptik does.", "haptik"));
    assert!(speaks_of("if name == \"box\" {", "box") && !speaks_of("Box::new(1)", "box"));
    for shared in ["core", "codegen"] {
        for path in files(&root().join("crates").join(shared).join("src"), "rs") {
            for (index, line) in read(&path).lines().enumerate() {
                for provider in providers() {
                    let place = format!("{}:{}", path.display(), index + 1);
                    assert!(!speaks_of(line, &provider), "{place} speaks of {provider}: {line}");
                }
            }
        }
    }
}
