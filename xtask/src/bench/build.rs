//! `cargo xtask bench build`: what it costs to build again after a spec was edited.
//!
//! Specs are edited in a copy of the tree. The copy builds into the same target directory, so that only the crates of the
//! workspace are built a second time.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use super::{children, circumstances, median};
use crate::provider::rehearsal;
use crate::{process, providers, root};

/// What something took.
#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    cpu: Duration,
}

/// Measures, and gives the section of docs/benchmarks.md.
pub(super) fn measure(rounds: usize) -> Result<String, String> {
    let tree = root().join("target/bench-build");
    rehearsal::copy(&root(), &tree)?;
    build(&tree, "-p enroll")?;
    let mut text = format!(
        "## The build after an edit of a spec\n\n\
         Made by `cargo xtask bench build --write` ({}).\n\n\
         One property is added to a spec, and `cargo build` follows; medians of {rounds} rounds of wall time and, where others use the\n\
         machine too, the better measure, of CPU time. The generator is not optimised, as in any build for debugging.\n\n\
         | spec | generating | provider's crate, wall | CPU | facade, wall | CPU |\n|---|---:|---:|---:|---:|---:|\n",
        circumstances()?
    );
    let mut edits = 0;
    for provider in providers()? {
        let path = tree.join(format!("specs/{provider}.yaml"));
        let original =
            std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut edit = || {
            edits += 1;
            let text = with_property(&original, &format!("measured_{edits}"))
                .ok_or_else(|| format!("{}: no schema has `properties`", path.display()))?;
            std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
        };
        build(&tree, &format!("-p enroll-{provider}"))?;
        let (mut generating, mut alone, mut facade) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let start = Instant::now();
            enroll_codegen::generate_from_text(Path::new("x.yaml"), &original)
                .map_err(|it| it.to_string())?;
            generating.push(start.elapsed());
            edit()?;
            alone.push(build(&tree, &format!("-p enroll-{provider}"))?);
            edit()?;
            facade.push(build(&tree, "-p enroll")?);
        }
        let seconds = |times: Vec<Duration>| median(times).as_secs_f64();
        let wall = |costs: &[Cost]| seconds(costs.iter().map(|cost| cost.wall).collect());
        let cpu = |costs: &[Cost]| seconds(costs.iter().map(|cost| cost.cpu).collect());
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "| {provider} | {:.2} s | {:.2} s | {:.2} s | {:.2} s | {:.2} s |",
            seconds(generating),
            wall(&alone),
            cpu(&alone),
            wall(&facade),
            cpu(&facade)
        );
    }
    Ok(text)
}

/// The spec with one more property, in the first of its schemas that has any.
fn with_property(spec: &str, name: &str) -> Option<String> {
    let schemas = spec.find("\n  schemas:")?;
    let properties = schemas + spec[schemas..].find(" properties:\n")? + " properties:\n".len();
    let rest = &spec[properties..];
    let indent = rest.len() - rest.trim_start_matches(' ').len();
    let indent = " ".repeat(indent);
    Some(format!("{}{indent}{name}: {{type: string, description: Measured.}}\n{rest}", &spec[..properties]))
}

fn build(tree: &Path, what: &str) -> Result<Cost, String> {
    let before = children()?;
    let start = Instant::now();
    let mut cargo = process(&format!("build --quiet {what}"), tree);
    cargo.env("CARGO_TARGET_DIR", root().join("target"));
    let status = cargo.status().map_err(|error| format!("cargo cannot be started: {error}"))?;
    if !status.success() {
        return Err(format!("`cargo build {what}` failed in {}", tree.display()));
    }
    Ok(Cost { wall: start.elapsed(), cpu: children()?.saturating_sub(before) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_with_one_more_property_is_a_spec() {
        for provider in providers().expect("there are providers") {
            let path = root().join(format!("specs/{provider}.yaml"));
            let text = std::fs::read_to_string(&path).expect("it is there");
            let edited = with_property(&text, "measured_1").expect("it has a schema with properties");
            let surface = enroll_codegen::surface(&path, &edited);
            assert!(surface.is_ok(), "{provider}: {:?}", surface.err());
            assert_ne!(edited, text);
        }
    }
}
