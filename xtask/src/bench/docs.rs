//! `cargo xtask bench docs`: how much the documentation site weighs, and how soon something is seen of it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::circumstances;
use crate::{docs, root};

/// Measures, and gives the section of docs/benchmarks.md.
pub(super) fn measure() -> Result<String, String> {
    let file = root().join("target/site-figures.json");
    let folder = docs::figures(&file)?;
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let figures = fs::read_to_string(&file).map_err(|error| named(&error))?;
    let figures: Value = serde_json::from_str(&figures).map_err(|error| named(&error))?;
    let mut text = format!(
        "## The documentation site\n\n\
         Made by `cargo xtask bench docs --write`; {}.\n\
         Medians of visits with an empty cache, to a server on the same machine that does not compress. A page is drawn when\n\
         what it is for can be seen; bytes are those of the page and of all its parts.\n\n\
         | page | first contentful paint | drawn | bytes | with gzip |\n|---|---:|---:|---:|---:|\n",
        circumstances()?
    );
    for (page, figures) in figures.as_object().into_iter().flatten() {
        let number = |key: &str| figures[key].as_u64().unwrap_or(0);
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "| {page} | {} ms | {} ms | {} | {} |",
            number("first_contentful_paint_ms"),
            number("drawn_ms"),
            kibibytes(number("bytes")),
            kibibytes(number("gzip_bytes")),
        );
    }
    let [whole, rustdoc] = [size(&folder)?, size(&folder.join("rustdoc"))?];
    let _ =
        writeln!(text, "\nThe folder has {}; {} of it are rustdoc's.", kibibytes(whole), kibibytes(rustdoc));
    Ok(text)
}

fn kibibytes(bytes: u64) -> String {
    format!("{} KiB", bytes.div_ceil(1024))
}

/// What all files of a folder have together.
fn size(folder: &Path) -> Result<u64, String> {
    let named = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut sum = 0;
    for entry in fs::read_dir(folder).map_err(named)? {
        let entry = entry.map_err(named)?;
        let metadata = entry.metadata().map_err(named)?;
        sum += if metadata.is_dir() { size(&entry.path())? } else { metadata.len() };
    }
    Ok(sum)
}
