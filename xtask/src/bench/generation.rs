//! `cargo xtask bench generation`: how long it takes to make a client of a spec, and of a document with a thousand operations.

use std::fmt::Write as _;
use std::process::Command;

use super::circumstances;
use super::document::Section;
use super::programs::{build_in, number, run, target};
use crate::{providers, root};

pub(super) fn measure(rounds: usize) -> Result<Section, String> {
    build_in(&root().join("benches"), "--profile measured -p generation")?;
    let mut generation = Command::new(target().join("measured/generation"));
    generation.arg(rounds.to_string());
    let specs = root().join("specs");
    generation.args(providers()?.iter().map(|provider| specs.join(format!("{provider}.yaml"))));
    let results = run(&mut generation)?;
    let mut text = format!(
        "## Generating a client\n\n\
         Made by `cargo xtask bench generation --write` ({}).\n\n\
         Client, mocks, samples and examples, from the text of a spec to the text of the code, by an optimised generator; CPU time,\n\
         the median of {rounds} rounds. The long document is the shortest of the specs over and over, with other names each time.\n\n\
         | spec | CPU time | lines of the client |\n|---|---:|---:|\n",
        circumstances()?
    );
    for result in results.as_array().into_iter().flatten() {
        let name = result["name"].as_str().unwrap_or_default();
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "| {name} | {:.0} ms | {} |", number(result, "ms")?, number(result, "lines")?);
    }
    Ok(Section::from(text))
}
