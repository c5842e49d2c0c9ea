//! `cargo xtask generate`: the surface files, in which a change of a spec shows what it changes for users; and the line of
//! a provider's manifest that says what its client needs of the run time.

use std::path::{Path, PathBuf};

use enroll_codegen::Surface;

use crate::provider::core;
use crate::{providers, root};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The provider; all of them if it is left out
    provider: Option<String>,
    /// Writes nothing, and fails where a file is not what the spec gives
    #[arg(long)]
    check: bool,
    /// Prints the generated Rust of a provider instead
    #[arg(long, requires = "provider", conflicts_with = "check")]
    expand: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let all = providers()?;
    let chosen = match &arguments.provider {
        Some(name) if all.contains(name) => vec![name.clone()],
        Some(name) => {
            return Err(format!("there is no specs/{name}.yaml; the providers are {}", all.join(", ")));
        }
        None => all,
    };
    if arguments.expand {
        for provider in &chosen {
            let generated = enroll_codegen::generate(&spec(provider)).map_err(|error| error.to_string())?;
            print!("{}", generated.client);
        }
        return Ok(());
    }
    let mut drifts = Vec::new();
    for provider in &chosen {
        for (path, wanted) in [(surface_file(provider), surface(provider)?), manifest(provider)?] {
            let found = std::fs::read_to_string(&path).unwrap_or_default();
            match drift(&shown(&path), &found, &wanted) {
                None => println!("{}: is what the spec gives", shown(&path)),
                Some(lines) if arguments.check => drifts.push(lines),
                Some(lines) => {
                    std::fs::write(&path, wanted).map_err(|error| format!("{}: {error}", path.display()))?;
                    println!("{lines}\n{}: written", shown(&path));
                }
            }
        }
    }
    if drifts.is_empty() {
        Ok(())
    } else {
        Err(format!("{}\nrun `cargo xtask generate`, and review what it changes", drifts.join("\n")))
    }
}

/// The text of a provider's surface file.
pub(crate) fn surface(provider: &str) -> Result<String, String> {
    let path = spec(provider);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let shown = PathBuf::from(format!("specs/{provider}.yaml"));
    enroll_codegen::surface(&shown, &text)
        .map(|surface: Surface| surface.to_string())
        .map_err(|error| error.to_string())
}

/// A provider's manifest, and what it shall say.
fn manifest(provider: &str) -> Result<(PathBuf, String), String> {
    let path = root().join(format!("crates/{provider}/Cargo.toml"));
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let generated = enroll_codegen::generate(&spec(provider)).map_err(|error| error.to_string())?;
    let known = core(&text).ok_or_else(|| format!("{}: does not depend on enroll-core", shown(&path)))?;
    let text = text.replacen(known, &enroll_codegen::dependency(&generated.features), 1);
    Ok((path, text))
}

fn spec(provider: &str) -> PathBuf {
    root().join(format!("specs/{provider}.yaml"))
}

fn surface_file(provider: &str) -> PathBuf {
    root().join(format!("crates/{provider}/surface.txt"))
}

fn shown(path: &Path) -> String {
    // Messages name the file as one sees it from the workspace's root.
    let path = path.strip_prefix(root()).unwrap_or(path);
    path.display().to_string().replace('\\', "/")
}

/// The lines in which two texts differ, with where they stand; `None` if they do not.
fn drift(file: &str, found: &str, wanted: &str) -> Option<String> {
    if found == wanted {
        return None;
    }
    let (found, wanted): (Vec<_>, Vec<_>) = (found.lines().collect(), wanted.lines().collect());
    let gone = found.iter().enumerate().filter(|(_, line)| !wanted.contains(line));
    let new = wanted.iter().enumerate().filter(|(_, line)| !found.contains(line));
    let mut lines: Vec<_> = gone
        .map(|(at, line)| (at, '-', line))
        .chain(new.map(|(at, line)| (at, '+', line)))
        .map(|(at, sign, line)| (at, sign, format!("{file}:{}: {sign} {line}", at + 1)))
        .collect();
    lines.sort_by_key(|(at, sign, _)| (*at, *sign == '+'));
    if lines.is_empty() {
        let first = found.iter().zip(&wanted).take_while(|(found, wanted)| found == wanted).count();
        return Some(format!("{file}:{}: the lines are the right ones, in another order", first + 1));
    }
    Some(lines.into_iter().map(|(_, _, line)| line).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift_is_told_by_line() {
        let told = drift("x", "a: 1\nb: 2\nc: 3\n", "a: 1\nb: 3\nc: 3\nd: 4\n").unwrap();
        assert_eq!(told, "x:2: - b: 2\nx:2: + b: 3\nx:4: + d: 4");
        assert_eq!(drift("x", "a\n", "a\n"), None);
        assert_eq!(drift("x", "", "a\n").unwrap(), "x:1: + a");
        assert_eq!(
            drift("x", "a\nb\n", "b\na\n").unwrap(),
            "x:1: the lines are the right ones, in another order"
        );
    }

    #[test]
    fn every_provider_has_the_surface_that_its_spec_gives() {
        for provider in providers().unwrap() {
            let path = surface_file(&provider);
            let found = std::fs::read_to_string(&path).unwrap_or_default();
            let drift = drift(&shown(&path), &found, &surface(&provider).unwrap()).unwrap_or_default();
            assert_eq!(drift, "", "run `cargo xtask generate`");
        }
    }
}
