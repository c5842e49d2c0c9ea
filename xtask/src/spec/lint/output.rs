//! How findings are printed: for people, for programs, and for GitHub, which shows them beside the lines.

use std::fmt::Write as _;
use std::path::Path;

use enroll_codegen::Finding;
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// `file:LINE:COL pointer: what, and the cure [rule]`
    #[default]
    Text,
    /// A list of objects
    Json,
    /// Workflow commands of GitHub
    Github,
}

/// All findings, by file.
pub(super) fn findings(results: &[(&Path, Vec<Finding>)], format: Format) -> String {
    let all =
        results.iter().flat_map(|(path, findings)| findings.iter().map(move |finding| (*path, finding)));
    match format {
        Format::Text => all.map(|(path, finding)| text(path, finding) + "\n").collect(),
        Format::Json => {
            let list: Value = all.map(|(path, finding)| object(path, finding)).collect();
            format!("{list:#}\n")
        }
        Format::Github => all.map(|(path, finding)| command(path, finding) + "\n").collect(),
    }
}

pub(super) fn text(path: &Path, finding: &Finding) -> String {
    let Finding { position, pointer, message, rule } = finding;
    let pointer = if pointer.is_empty() { String::new() } else { format!(" {pointer}") };
    format!("{}:{}:{}{pointer}: {message} [{rule}]", path.display(), position.line, position.column)
}

fn object(path: &Path, finding: &Finding) -> Value {
    json!({
        "file": path.display().to_string(),
        "line": finding.position.line,
        "column": finding.position.column,
        "pointer": finding.pointer,
        "message": finding.message,
        "rule": finding.rule,
    })
}

fn command(path: &Path, finding: &Finding) -> String {
    let Finding { position, pointer, message, rule } = finding;
    let pointer = if pointer.is_empty() { String::new() } else { format!("{pointer}: ") };
    format!(
        "::error file={},line={},col={},title={}::{}",
        escaped(&path.display().to_string(), "%\r\n:,"),
        position.line,
        position.column,
        escaped(rule, "%\r\n:,"),
        escaped(&format!("{pointer}{message}"), "%\r\n"),
    )
}

/// What has a meaning of its own in a workflow command is written as its number.
fn escaped(text: &str, special: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if special.contains(c) {
            // A string takes whatever is written to it.
            let _ = write!(escaped, "%{:02X}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use enroll_codegen::Position;

    use super::*;

    fn results() -> Vec<(&'static Path, Vec<Finding>)> {
        let finding = Finding {
            position: Position { line: 3, column: 5 },
            pointer: "/paths/~1a".to_owned(),
            message: "is 100 % wrong,\nand has two lines: mend it".to_owned(),
            rule: "path",
        };
        let whole = Finding { pointer: String::new(), message: "is empty".to_owned(), ..finding.clone() };
        vec![(Path::new("specs/a,b.yaml"), vec![finding]), (Path::new("specs/c.yaml"), vec![whole])]
    }

    #[test]
    fn a_finding_for_people_is_a_line() {
        assert_eq!(
            findings(&results(), Format::Text),
            "specs/a,b.yaml:3:5 /paths/~1a: is 100 % wrong,\nand has two lines: mend it [path]\n\
             specs/c.yaml:3:5: is empty [path]\n",
        );
    }

    #[test]
    fn findings_for_programs_are_a_list() {
        let printed: Value = serde_json::from_str(&findings(&results(), Format::Json)).unwrap();
        let expected = json!({
            "file": "specs/c.yaml", "line": 3, "column": 5, "pointer": "", "message": "is empty", "rule": "path",
        });
        assert_eq!(printed[1], expected);
        assert_eq!(printed.as_array().unwrap().len(), 2);
        assert_eq!(findings(&[], Format::Json), "[]\n");
    }

    #[test]
    fn no_finding_breaks_out_of_its_workflow_command() {
        assert_eq!(
            findings(&results(), Format::Github),
            "::error file=specs/a%2Cb.yaml,line=3,col=5,title=path::/paths/~1a: is 100 %25 wrong,%0Aand has two \
             lines: mend it\n::error file=specs/c.yaml,line=3,col=5,title=path::is empty\n",
        );
    }
}
