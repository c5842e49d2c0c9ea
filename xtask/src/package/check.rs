//! Builds programs against the archives, as a user's is built: outside the workspace, offline, with nothing but what the
//! archives hold. Each runs the samples of the documentation against the sandbox.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::make;
use super::stage::{put, read};
use crate::peers::Sandbox;
use crate::{capture, cargo, process, providers, root};

/// The lines of a manifest that put packages in place of the registry's.
pub(crate) fn patches(packages: &[PathBuf]) -> String {
    let mut lines = String::new();
    for package in packages {
        let (name, _) =
            package.file_name().and_then(|name| name.to_str()?.rsplit_once('-')).unwrap_or_default();
        // Writing to a `String` cannot fail.
        let _ = writeln!(lines, "{name} = {{ path = {:?} }}", package.display().to_string());
    }
    lines
}

/// What must not be in the graph of who uses a client.
const GENERATORS: [&str; 5] = ["enroll-codegen", "progenitor", "typify", "prettyplease", "openapiv3"];

pub(super) fn run(archives: &[PathBuf]) -> Result<(), String> {
    reproducible(archives)?;
    let folder = root().join("target/package-check");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let unpacked = archives.iter().map(|archive| unpack(archive, &folder)).collect::<Result<Vec<_>, _>>()?;
    for package in &unpacked {
        clean(package)?;
    }
    let providers = providers()?;
    let first = providers.first().ok_or("there are no specs/*.yaml")?;
    cargo("build -p enroll-sandbox --no-default-features", &root(), &[])?;

    let one = Consumer::write(&folder, "one", std::slice::from_ref(first), &unpacked)?;
    let all = Consumer::write(&folder, "all", &providers, &unpacked)?;
    for (consumer, with) in [(&one, "one provider"), (&all, "all providers")] {
        let graph = consumer.graph()?;
        println!("{:>4} crates are compiled for a program with {with}", graph.len());
        if let Some(generator) = graph.iter().find(|name| GENERATORS.iter().any(|it| name.starts_with(it))) {
            return Err(format!(
                "{generator} is in the graph of a program with {with}; users compile no generator"
            ));
        }
        if with == "one provider"
            && let Some(other) = providers[1..]
                .iter()
                .find(|other| graph.iter().any(|it| it.starts_with(&format!("enroll-{other} "))))
        {
            return Err(format!("enroll-{other} is in the graph of a program that has {first} alone"));
        }
    }
    one.run()?;
    all.test()?;
    all.documented(&providers)
}

/// Made twice, in two places, the archives are the same.
fn reproducible(archives: &[PathBuf]) -> Result<(), String> {
    let again = make("package-stage-again")?;
    for (archive, other) in archives.iter().zip(&again) {
        let bytes = |path: &Path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
        if bytes(archive)? != bytes(other)? {
            return Err(format!(
                "{} and {} differ; an archive is the same whenever it is made",
                archive.display(),
                other.display()
            ));
        }
    }
    println!("{} archives, made twice, are the same byte for byte", archives.len());
    Ok(())
}

pub(super) fn unpack(archive: &Path, folder: &Path) -> Result<PathBuf, String> {
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let status = Command::new("tar")
        .arg("-xzf")
        .arg(archive)
        .arg("-C")
        .arg(folder)
        .status()
        .map_err(|error| format!("tar cannot be started: {error}; install it"))?;
    let name = archive.file_stem().unwrap_or_default();
    if status.success() {
        Ok(folder.join(name))
    } else {
        Err(format!("{} cannot be unpacked", archive.display()))
    }
}

/// Nothing is in a package that does not belong there: no build script, and nothing of the machine that made it.
fn clean(package: &Path) -> Result<(), String> {
    let here = root().display().to_string();
    for path in files(package)? {
        let name = path.strip_prefix(package).unwrap_or(&path).display().to_string();
        let text =
            String::from_utf8_lossy(&std::fs::read(&path).map_err(|error| format!("{name}: {error}"))?)
                .into_owned();
        if text.contains(&here) {
            return Err(format!("{}: {name} speaks of the folder that it was made in", package.display()));
        }
        let belongs = [
            "src/",
            "specs/",
            "Cargo.",
            "README.md",
            "LICENSE-",
            "surface.txt",
            "openapi.yaml",
            ".cargo_vcs_info.json",
        ];
        if !belongs.iter().any(|start| name.starts_with(start)) {
            return Err(format!("{}: {name} does not belong into an archive", package.display()));
        }
    }
    let manifest = read(&package.join("Cargo.toml"))?;
    for wanted in
        ["build = false", "readme = \"README.md\"", "license = ", "description = ", "rust-version = "]
    {
        if !manifest.contains(wanted) {
            return Err(format!("{}: the manifest lacks `{wanted}`", package.display()));
        }
    }
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let cannot = |error| format!("{}: {error}", folder.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    Ok(found)
}

/// A program outside the workspace.
struct Consumer {
    folder: PathBuf,
}

impl Consumer {
    fn write(folder: &Path, name: &str, providers: &[String], packages: &[PathBuf]) -> Result<Self, String> {
        let folder = folder.join("consumers").join(name);
        let features: Vec<_> = providers.iter().map(|provider| format!("{provider:?}")).collect();
        // The sandbox brings all providers along.
        let sandbox = match providers {
            [_] => String::new(),
            _ => format!("enroll-sandbox = {:?}", env!("CARGO_PKG_VERSION")),
        };
        let mut manifest = format!(
            "[package]\nname = \"consumer-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
             enroll = {{ version = {:?}, default-features = false, features = [\"rustls\", {}] }}\n\
             serde_json = \"1\"\ntokio = {{ version = \"1\", features = [\"macros\", \"rt\"] }}\n\n[dev-dependencies]\n\
             {sandbox}\n\n[workspace]\n\n\
             [profile.dev]\ndebug = \"line-tables-only\"\n\n[patch.crates-io]\n",
            env!("CARGO_PKG_VERSION"),
            features.join(", "),
        );
        manifest.push_str(&patches(packages));
        let mut source = "//! Runs the samples of the documentation.\n\n#![allow(dead_code, reason = \"not all forms of a sample are \
                          run\")]\n\n".to_owned();
        let mut calls = String::new();
        for provider in providers {
            let spec = root().join(format!("specs/{provider}.yaml"));
            source.push_str(&enroll_codegen::generate(&spec).map_err(|error| error.to_string())?.samples);
            let module = provider.replace('-', "_");
            let _ = writeln!(
                calls,
                "    report({provider:?}, {module}::all(clients.{module}().unwrap()).await);"
            );
        }
        let _ = write!(source, "{MAIN}{calls}}}\n{MAIN_OF_TEST}{calls}}}\n");
        put(&folder.join("Cargo.toml"), manifest)?;
        // The same versions as the workspace, so that nothing has to be fetched.
        put(&folder.join("Cargo.lock"), read(&root().join("Cargo.lock"))?)?;
        put(&folder.join("src/main.rs"), source)?;
        Ok(Self { folder })
    }

    /// What is compiled for it besides itself.
    fn graph(&self) -> Result<BTreeSet<String>, String> {
        let tree = capture("tree --offline --edges normal,build --prefix none --format {p}", &self.folder)?;
        let names = tree.lines().map(|line| line.split(" (").next().unwrap_or(line).trim().to_owned());
        Ok(names.filter(|name| !name.is_empty() && !name.starts_with("consumer-")).collect())
    }

    fn run(&self) -> Result<(), String> {
        // Each has a sandbox of its own, in which nobody is known yet.
        let sandbox = Sandbox::start_program(&root().join("target/debug/enroll-sandbox"))?;
        println!("  $ cargo run --offline");
        let status = process("run --offline --quiet", &self.folder)
            .env("CARGO_TARGET_DIR", target())
            .envs(sandbox.environment.iter().map(|(name, value)| (name, value)))
            .status()
            .map_err(|error| format!("cargo cannot be started: {error}"))?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the program in {} failed", self.folder.display()))
        }
    }

    /// The same in the sandbox that is packaged.
    fn test(&self) -> Result<(), String> {
        let target = target().display().to_string();
        cargo("test --offline --quiet", &self.folder, &[("CARGO_TARGET_DIR", &*target)])
    }

    /// The documentation of the packages is clean, as the registry would build it.
    fn documented(&self, providers: &[String]) -> Result<(), String> {
        let packages: Vec<_> = providers.iter().map(|provider| format!("-p enroll-{provider}")).collect();
        let target = target().display().to_string();
        let environment = [("RUSTDOCFLAGS", "-D warnings"), ("CARGO_TARGET_DIR", &*target)];
        cargo(
            &format!("doc --offline --no-deps --quiet -p enroll -p enroll-core {}", packages.join(" ")),
            &self.folder,
            &environment,
        )
    }
}

/// The workspace's own, in which most of what the programs need is compiled already.
fn target() -> PathBuf {
    root().join("target")
}

/// A sample may speak of a user that is not there. Anything else that goes wrong fails the program.
const MAIN: &str = r#"
fn report<E: std::fmt::Display>(provider: &str, results: Vec<(&'static str, Result<enroll::StatusCode, E>)>) {
    assert!(!results.is_empty(), "{provider} has no samples");
    let mut answered = 0;
    for (name, result) in &results {
        match result {
            Ok(_) => answered += 1,
            Err(error) if error.to_string().contains("HTTP 404") => {}
            Err(error) => panic!("the sample of {provider} {name} fails: {error}"),
        }
    }
    assert!(answered > 0, "no sample of {provider} is answered");
    println!("      {provider}: {answered} of {} samples are answered, the others with 404", results.len());
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let clients = enroll::Config::from_env().build().unwrap();
"#;

const MAIN_OF_TEST: &str = r#"
#[cfg(test)]
#[tokio::test]
async fn the_samples_run_in_the_packaged_sandbox() {
    let sandbox = enroll_sandbox::Sandbox::start().await.unwrap();
    let clients = sandbox.config().build().unwrap();
"#;
