//! `cargo xtask bench size`: how long a program is that creates one user.

use std::fmt::Write as _;

use super::circumstances;
use super::document::Section;
use super::programs::{PROGRAMS, Program, YARDSTICK, build_in, target};

pub(super) fn measure() -> Result<Section, String> {
    let mut sizes = Vec::new();
    for program in &PROGRAMS {
        sizes.push([size(program, "stripped")?, size(program, "size")?]);
    }
    let yardstick = PROGRAMS.iter().zip(&sizes).find(|(program, _)| program.name == YARDSTICK.name);
    let (_, yardstick) = yardstick.ok_or("the yardstick is not measured")?;
    let ratio = |sizes: &[u64; 2], profile: usize| sizes[profile] as f64 / yardstick[profile] as f64;
    let mut text = format!(
        "## The length of a program\n\n\
         Made by `cargo xtask bench size --write` ({}).\n\n\
         A program that creates one user, built for release and stripped; and with the profile `size` of `benches/Cargo.toml`\n\
         (`opt-level = \"z\"`, fat LTO, one codegen unit, abort on panic). TLS is rustls with `ring`; the last program has none.\n\n\
         | program | release | ratio | size | ratio |\n|---|---:|---:|---:|---:|\n",
        circumstances()?
    );
    for (program, sizes) in PROGRAMS.iter().zip(&sizes) {
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} KiB | {:.3} | {} KiB | {:.3} |",
            program.shown,
            sizes[0] / 1024,
            ratio(sizes, 0),
            sizes[1] / 1024,
            ratio(sizes, 1)
        );
    }
    let row = |profile: usize| sizes.iter().map(|sizes| format!("{:.2}", ratio(sizes, profile))).collect();
    Ok(Section { text, rows: vec![("program, stripped", row(0)), ("program, built for size", row(1))] })
}

/// The length in bytes.
fn size(program: &Program, profile: &str) -> Result<u64, String> {
    let name = format!("with-{}", program.name);
    build_in(&program.folder()?, &format!("--profile {profile} -p {name} --bin {name}"))?;
    let path = target().join(profile).join(name);
    std::fs::metadata(&path).map(|file| file.len()).map_err(|error| format!("{}: {error}", path.display()))
}
