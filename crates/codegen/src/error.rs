//! What is wrong with a spec, said so that a person can mend it: `specs/x.yaml:LINE:COL pointer: what, and the cure`.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where something stands in a file; lines and columns count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// One thing that is wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Where it stands.
    pub position: Position,
    /// The same as a JSON pointer.
    pub pointer: String,
    /// What is wrong, and the cure.
    pub message: String,
    /// The id of the [`Rule`](crate::Rule) that says so.
    pub rule: &'static str,
}

/// Everything that is wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    path: PathBuf,
    findings: Vec<Finding>,
}

impl SpecError {
    pub(crate) fn new(path: &Path, mut findings: Vec<Finding>) -> Self {
        findings.sort();
        findings.dedup();
        Self { path: path.to_owned(), findings }
    }

    /// Each thing that is wrong, in the order of the file.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// One line for each thing that is wrong.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        self.findings.iter().map(|finding| {
            let Finding { position: Position { line, column }, pointer, message, rule: _ } = finding;
            let pointer = if pointer.is_empty() { String::new() } else { format!(" {pointer}") };
            format!("{}:{line}:{column}{pointer}: {message}", self.path.display())
        })
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().collect::<Vec<_>>().join("\n"))
    }
}

impl std::error::Error for SpecError {}
