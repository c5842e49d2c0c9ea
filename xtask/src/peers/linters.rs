//! Redocly and Spectral: two linters that know nothing of this repository. They find our specs clean, and of the edits in
//! the table of mutations they find nothing that `cargo xtask spec lint` does not find too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::{install, text};
use crate::providers;
use crate::spec::mutations::{self, Mutation, Specs};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Linter {
    Redocly,
    Spectral,
}

/// Which of our rules say what a rule of theirs says; any of them will do.
const SAME: &[(&str, &[&str])] = &[
    ("redocly parser", &["yaml", "duplicate-key"]),
    (
        "redocly struct",
        &["version", "wrong-kind", "missing-key", "unknown-key", "path", "schema", "response"],
    ),
    ("redocly tag-description", &["description"]),
    ("redocly operation-summary", &["description"]),
    ("redocly operation-description", &["description"]),
    ("redocly parameter-description", &["description"]),
    ("redocly no-unused-components", &["unused-component"]),
    ("redocly no-server-trailing-slash", &["server-url"]),
    ("redocly no-empty-servers", &["server"]),
    ("redocly no-server-variables-empty-enum", &["server-url"]),
    ("redocly no-duplicated-tag-names", &["duplicate"]),
    ("redocly no-undefined-server-variable", &["server-url"]),
    ("redocly security-defined", &["security"]),
    ("redocly operation-operationId", &["missing-key"]),
    ("redocly operation-operationId-unique", &["rust-name"]),
    ("redocly operation-tag-defined", &["tag"]),
    ("redocly operation-4xx-response", &["response"]),
    ("redocly operation-parameters-unique", &["parameter"]),
    ("redocly path-not-include-query", &["path"]),
    ("redocly path-parameters-defined", &["parameter"]),
    ("redocly path-params-defined", &["parameter"]),
    ("redocly no-ambiguous-paths", &["ambiguous-path"]),
    ("redocly no-identical-paths", &["ambiguous-path"]),
    (
        "redocly no-invalid-media-type-examples",
        &["sample", "round-trip", "required-property", "schema", "nullable"],
    ),
    ("redocly no-invalid-schema-examples", &["sample", "schema", "nullable"]),
    ("redocly no-invalid-parameter-examples", &["sample"]),
    ("redocly scalar-property-missing-example", &["example"]),
    ("redocly no-required-schema-properties-undefined", &["required-property", "composition"]),
    ("redocly nullable-type-sibling", &["nullable"]),
    ("redocly no-duplicated-enum-values", &["duplicate"]),
    ("redocly no-illogical-composition-keywords", &["composition", "duplicate", "schema"]),
    ("redocly no-unresolved-refs", &["reference"]),
    ("redocly spec-ref-siblings", &["reference"]),
    ("redocly request-mime-type", &["request-body"]),
    ("redocly response-mime-type", &["media-type"]),
    ("spectral parser", &["yaml", "duplicate-key"]),
    (
        "spectral oas3-schema",
        &[
            "missing-key",
            "wrong-kind",
            "unknown-key",
            "path",
            "schema",
            "parameter",
            "response",
            "url",
            "example",
        ],
    ),
    ("spectral info-description", &["description"]),
    ("spectral tag-description", &["description"]),
    ("spectral operation-description", &["description"]),
    ("spectral oas3-parameter-description", &["description"]),
    ("spectral oas3-unused-component", &["unused-component"]),
    ("spectral oas3-server-trailing-slash", &["server-url"]),
    ("spectral oas3-api-servers", &["server"]),
    ("spectral openapi-tags-uniqueness", &["duplicate"]),
    ("spectral oas3-server-variables", &["server-url"]),
    ("spectral oas3-operation-security-defined", &["security"]),
    ("spectral operation-operationId", &["missing-key"]),
    ("spectral operation-operationId-unique", &["rust-name"]),
    ("spectral operation-tag-defined", &["tag"]),
    ("spectral operation-success-response", &["response"]),
    ("spectral operation-parameters", &["parameter"]),
    ("spectral path-not-include-query", &["path"]),
    ("spectral path-params", &["parameter", "path"]),
    (
        "spectral oas3-valid-media-example",
        &["sample", "required-property", "schema", "nullable", "duplicate"],
    ),
    ("spectral oas3-valid-schema-example", &["sample", "schema", "nullable", "duplicate", "default"]),
    ("spectral duplicated-entry-in-enum", &["duplicate"]),
    ("spectral array-items", &["schema"]),
    ("spectral invalid-ref", &["reference"]),
    ("spectral no-$ref-siblings", &["reference"]),
];

/// An edit of which a linter says what we do not.
struct Disagreement {
    edit: &'static str,
    theirs: &'static str,
    because: &'static str,
}

const DISAGREEMENTS: &[Disagreement] = &[
    Disagreement {
        edit: "a request's body may come as a form",
        theirs: "redocly request-mime-type",
        because: "It takes JSON only, and a provider may well take a form.",
    },
    Disagreement {
        edit: "an error is not documented any more",
        theirs: "redocly operation-4xx-response",
        because: "It wants a status that begins with 4, and `default` says what is known of all failures.",
    },
    Disagreement {
        edit: "a method is misspelt",
        theirs: "redocly no-unused-components",
        because: "It drops the misspelt operation; what that one uses is not unused on purpose.",
    },
    Disagreement {
        edit: "a path does not begin with a slash",
        theirs: "redocly no-unused-components",
        because: "It drops the path; what that one uses is not unused on purpose.",
    },
    Disagreement {
        edit: "a quote is not closed",
        theirs: "spectral info-description",
        because: "It guesses what was meant and goes on; a text that is no YAML says nothing of the rest.",
    },
    Disagreement {
        edit: "a quote is not closed",
        theirs: "spectral oas3-schema",
        because: "It guesses what was meant and goes on; a text that is no YAML says nothing of the rest.",
    },
];

/// What the linters find, by the name of the file.
type Found = BTreeMap<String, BTreeSet<String>>;

pub(super) fn judge() -> Result<Vec<String>, String> {
    let specs = Specs::read()?;
    let folder = install::fresh("linted")?;
    let write = |name: &str, text: &str| -> Result<PathBuf, String> {
        let path = folder.join(format!("{name}.yaml"));
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path)
    };
    let mut files = Vec::new();
    for provider in providers()? {
        files.push(write(&provider, specs.text(&provider)?)?);
    }
    let edits: Vec<(String, &Mutation)> =
        mutations::all().enumerate().map(|(index, mutation)| (format!("edit-{index}"), mutation)).collect();
    for (name, mutation) in &edits {
        files.push(write(name, &specs.edited(mutation)?)?);
    }
    // Each takes one core.
    let (redocly, spectral) = std::thread::scope(|scope| {
        let redocly = scope.spawn(|| Linter::Redocly.run(&files));
        let spectral = Linter::Spectral.run(&files);
        (redocly.join(), spectral)
    });
    let redocly = redocly.map_err(|_| "the thread of redocly panicked".to_owned())??;
    let spectral = spectral?;

    let mut findings = Vec::new();
    for (linter, found) in [(Linter::Redocly, &redocly), (Linter::Spectral, &spectral)] {
        let clean = providers()?.into_iter().filter(|provider| !found.contains_key(provider));
        println!(
            "{:<14}{} specs clean; of {} edits it finds something in {}",
            linter.name(),
            clean.count(),
            edits.len(),
            edits.iter().filter(|(name, _)| found.contains_key(name)).count(),
        );
    }
    let mut all: Found = redocly;
    for (file, rules) in spectral {
        all.entry(file).or_default().extend(rules);
    }
    for provider in providers()? {
        let rules = all.get(&provider).into_iter().flatten();
        findings.extend(rules.map(|rule| {
            format!("{rule} finds something in specs/{provider}.yaml; mend it, or say in its configuration why not")
        }));
    }
    let edits: Vec<_> = edits
        .iter()
        .map(|(name, mutation)| Judged {
            edit: mutation.name,
            ours: mutation.lint,
            theirs: all.remove(name).unwrap_or_default(),
        })
        .collect();
    findings.extend(compare(&edits, SAME, DISAGREEMENTS));
    Ok(findings)
}

/// What was said of an edit on both sides.
struct Judged {
    edit: &'static str,
    ours: &'static [&'static str],
    theirs: BTreeSet<String>,
}

/// What they say and we do not, unless the reason is known; and what of the two tables is out of date.
fn compare(edits: &[Judged], same: &[(&str, &[&str])], disagreements: &[Disagreement]) -> Vec<String> {
    let mut findings = Vec::new();
    let (mut used, mut reasons) = (BTreeSet::new(), BTreeSet::new());
    for Judged { edit, ours, theirs } in edits {
        for rule in theirs {
            let agreed = same.iter().find(|(theirs, _)| theirs == rule);
            let known = disagreements.iter().position(|known| known.edit == *edit && known.theirs == rule);
            if let Some((theirs, _)) = agreed.filter(|(_, wanted)| wanted.iter().any(|it| ours.contains(it)))
            {
                used.insert(*theirs);
            } else if let Some(index) = known {
                reasons.insert(index);
            } else {
                findings.push(format!(
                    "{rule} finds something in the edit \"{edit}\", where `spec lint` says {ours:?}; add what is missing \
                     to it, or a row to SAME or DISAGREEMENTS in xtask/src/peers/linters.rs"
                ));
            }
        }
    }
    for (theirs, _) in same.iter().filter(|(theirs, _)| !used.contains(theirs)) {
        findings.push(format!("{theirs} was never found beside a rule of ours; take it out of SAME"));
    }
    for (index, known) in disagreements.iter().enumerate().filter(|(index, _)| !reasons.contains(index)) {
        findings.push(format!(
            "{} does not disagree on the edit \"{}\" ({}) any more; take row {index} out of DISAGREEMENTS",
            known.theirs, known.edit, known.because
        ));
    }
    findings
}

/// Shows each of them a document in which much is missing.
pub(super) fn self_test() -> Result<(), String> {
    let path = install::folder().join("wrong.yaml");
    std::fs::write(&path, "openapi: 3.0.3\ninfo: {}\npaths: {}\n")
        .map_err(|error| format!("{}: {error}", path.display()))?;
    for linter in [Linter::Redocly, Linter::Spectral] {
        if linter.run(std::slice::from_ref(&path))?.is_empty() {
            return Err(format!("{} lets a document pass that has no title", linter.name()));
        }
        println!("self-test     {:<13}a document without a title is rejected", linter.name());
    }
    Ok(())
}

impl Linter {
    fn name(self) -> &'static str {
        match self {
            Self::Redocly => "redocly",
            Self::Spectral => "spectral",
        }
    }

    /// What it finds in these files.
    fn run(self, files: &[PathBuf]) -> Result<Found, String> {
        let mut found = Found::new();
        let mut files = files;
        while !files.is_empty() {
            let output = self.start(files)?;
            let judged = match self {
                Self::Redocly => read_redocly(&output, &mut found),
                Self::Spectral => read_spectral(&output, &mut found).map(|()| files.len()),
            };
            let judged = judged.map_err(|error| {
                let said = String::from_utf8_lossy(&output.stderr);
                format!("{} printed what cannot be read: {error}; it said: {}", self.name(), said.trim())
            })?;
            // Redocly ends at a file that is no YAML, and says so in words.
            if let Some(unreadable) = files.get(judged) {
                if !String::from_utf8_lossy(&output.stderr).contains("Failed to parse") {
                    return Err(format!("{} ended at {}", self.name(), unreadable.display()));
                }
                add(&mut found, &unreadable.display().to_string(), "redocly parser");
            }
            files = files.get(judged + 1..).unwrap_or_default();
        }
        Ok(found)
    }

    fn start(self, files: &[PathBuf]) -> Result<Output, String> {
        let program = install::folder().join("node_modules/.bin").join(self.name());
        let mut command = Command::new(&program);
        match self {
            Self::Redocly => command
                .args(["lint", "--config", "redocly.yaml", "--format", "json", "--max-problems", "100000"])
                .env("REDOCLY_TELEMETRY", "off")
                .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true"),
            Self::Spectral => {
                command.args(["lint", "--ruleset", "spectral.yaml", "--format", "json", "--quiet"])
            }
        };
        command
            .args(files)
            .current_dir(install::folder())
            .output()
            .map_err(|error| format!("{} cannot be started: {error}", program.display()))
    }
}

/// One object a file, one after the other. Gives how many there are.
fn read_redocly(output: &Output, found: &mut Found) -> serde_json::Result<usize> {
    let mut judged = 0;
    for report in serde_json::Deserializer::from_slice(&output.stdout).into_iter::<Value>() {
        judged += 1;
        for problem in report?["problems"].as_array().into_iter().flatten() {
            let file = text(&problem["location"][0]["source"]["ref"]);
            add(found, file, &format!("redocly {}", text(&problem["ruleId"])));
        }
    }
    Ok(judged)
}

/// One list for all files.
fn read_spectral(output: &Output, found: &mut Found) -> serde_json::Result<()> {
    for problem in serde_json::from_slice::<Vec<Value>>(&output.stdout)? {
        add(found, text(&problem["source"]), &format!("spectral {}", text(&problem["code"])));
    }
    Ok(())
}

fn add(found: &mut Found, file: &str, rule: &str) {
    let name = Path::new(file).file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    found.entry(name.to_owned()).or_default().insert(rule.to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[(&str, &[&str])] = &[("spectral path-params", &["parameter", "path"])];

    fn judged(edit: &'static str, ours: &'static [&'static str], theirs: &str) -> Judged {
        Judged { edit, ours, theirs: BTreeSet::from([theirs.to_owned()]) }
    }

    #[test]
    fn what_they_find_and_we_do_not_is_a_finding() {
        let agreed = judged("one", &["path"], "spectral path-params");
        let missed = judged("two", &["tag"], "spectral path-params");
        let unknown = judged("three", &["path"], "redocly struct");
        let findings = compare(&[agreed, missed, unknown], KNOWN, &[]);
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert!(
            findings[0].starts_with("spectral path-params finds something in the edit \"two\""),
            "{findings:?}"
        );
        assert!(
            findings[1].starts_with("redocly struct finds something in the edit \"three\""),
            "{findings:?}"
        );
    }

    #[test]
    fn a_row_that_is_out_of_date_is_a_finding() {
        let reason = || Disagreement { edit: "two", theirs: "redocly struct", because: "It is so." };
        let right = [judged("one", &["path"], "spectral path-params"), judged("two", &[], "redocly struct")];
        assert_eq!(compare(&right, KNOWN, &[reason()]), Vec::<String>::new());
        let findings = compare(&[], KNOWN, &[reason()]);
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert!(findings[0].starts_with("spectral path-params was never found"), "{findings:?}");
        assert!(
            findings[1].starts_with("redocly struct does not disagree on the edit \"two\""),
            "{findings:?}"
        );
    }

    #[test]
    fn every_disagreement_is_about_an_edit_that_there_is() {
        for known in DISAGREEMENTS {
            assert!(mutations::all().any(|mutation| mutation.name == known.edit), "{}", known.edit);
            assert!(known.because.ends_with('.'), "{}", known.edit);
        }
    }
}
