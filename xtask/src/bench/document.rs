//! Where the figures are written: a section of docs/benchmarks.md, and rows of the README's one table.

use crate::root;

/// What a measurement found.
pub(super) struct Section {
    /// Begins with its heading.
    pub(super) text: String,
    /// For the README: what was measured, and a cell for each program of [`PROGRAMS`](super::programs::PROGRAMS).
    pub(super) rows: Vec<(&'static str, Vec<String>)>,
}

impl From<String> for Section {
    fn from(text: String) -> Self {
        Self { text, rows: Vec::new() }
    }
}

impl Section {
    pub(super) fn write(&self) -> Result<(), String> {
        edit("docs/benchmarks.md", |document| Ok(with_section(document, &self.text)))?;
        if self.rows.is_empty() {
            return Ok(());
        }
        edit("README.md", |readme| {
            self.rows.iter().try_fold(readme.to_owned(), |readme, (what, cells)| {
                with_row(&readme, what, cells).ok_or_else(|| format!("README.md lacks `{END}`"))
            })
        })
    }
}

/// What stands in docs/benchmarks.md in a row of a section: the cells after the first.
pub(super) fn recorded(heading: &str, row: &str) -> Result<Vec<String>, String> {
    let path = root().join("docs/benchmarks.md");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    cells(&text, heading, row)
        .ok_or_else(|| format!("docs/benchmarks.md has no row `{row}` under `{heading}`"))
}

fn cells(text: &str, heading: &str, row: &str) -> Option<Vec<String>> {
    let section =
        text.split("\n## ").find_map(|section| section.strip_prefix(heading)?.strip_prefix('\n'))?;
    let line = section.lines().find_map(|line| line.strip_prefix(&format!("| {row} | ")))?;
    Some(line.trim_end_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
}

fn edit(path: &str, change: impl FnOnce(&str) -> Result<String, String>) -> Result<(), String> {
    let path = root().join(path);
    let named = |error: std::io::Error| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(&path).map_err(named)?;
    std::fs::write(&path, change(&text)?).map_err(named)
}

/// The document with this section in place of the one with the same heading, or at its end.
fn with_section(document: &str, section: &str) -> String {
    let heading = section.lines().next().unwrap_or_default();
    let (before, after) = match document.find(&format!("{heading}\n")) {
        Some(start) => {
            let end = document[start + 1..].find("\n## ").map_or(document.len(), |end| start + 1 + end + 1);
            (&document[..start], &document[end..])
        }
        None => (document, ""),
    };
    let parts = [before, section, after].map(str::trim).into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("\n\n") + "\n"
}

/// What ends the README's table.
const END: &str = "<!-- end of what `cargo xtask bench` writes -->";

/// The README with this row in place of the one with the same beginning, or as the last of its table.
fn with_row(readme: &str, what: &str, cells: &[String]) -> Option<String> {
    let row = format!("| {what} | {} |\n", cells.join(" | "));
    let start = match readme.find(&format!("\n| {what} | ")) {
        Some(line) => line + 1,
        None => readme.find(END)?,
    };
    let rest = &readme[start..];
    let rest = if rest.starts_with('|') { rest.split_once('\n')?.1 } else { rest };
    Some(format!("{}{row}{rest}", &readme[..start]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_takes_the_place_of_the_one_before_and_leaves_the_others() {
        let document = "# B\n\n## One\n\nold\n\n## Two\n\nkept\n";
        assert_eq!(with_section(document, "## One\n\nnew\n"), "# B\n\n## One\n\nnew\n\n## Two\n\nkept\n");
        assert_eq!(with_section(document, "## Two\n\nnew\n"), "# B\n\n## One\n\nold\n\n## Two\n\nnew\n");
        assert_eq!(with_section("# B\n", "## One\n\nnew\n"), "# B\n\n## One\n\nnew\n");
    }

    #[test]
    fn a_row_takes_the_place_of_the_one_before_or_is_the_last() {
        let readme = format!("| | a |\n|---|---|\n| size | 1 |\n| time | 2 |\n{END}\n\nrest\n");
        let changed = with_row(&readme, "size", &["3".to_owned()]);
        assert_eq!(changed, Some(readme.replace("| size | 1 |", "| size | 3 |")));
        let added = with_row(&readme, "memory", &["4".to_owned()]);
        assert_eq!(added, Some(readme.replace(END, &format!("| memory | 4 |\n{END}"))));
        assert_eq!(with_row("nothing", "size", &[]), None);
    }

    #[test]
    fn a_row_is_found_in_its_section() {
        let text = "# B\n\n## One\n\n| a | 1 |\n\n## Two\n\n| a | 2 | 3 |\n";
        assert_eq!(cells(text, "Two", "a"), Some(vec!["2".to_owned(), "3".to_owned()]));
        assert_eq!(cells(text, "Two", "b"), None);
        assert_eq!(cells(text, "Three", "a"), None);
    }

    #[test]
    fn the_readme_has_its_table() {
        let readme = std::fs::read_to_string(root().join("README.md")).expect("it is there");
        assert!(readme.contains(END));
    }
}
