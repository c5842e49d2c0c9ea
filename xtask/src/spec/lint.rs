//! `cargo xtask spec lint`: everything that is wrong with a spec, each thing with its line, its cure and its rule.
//!
//! What keeps a client from being generated is found by the generator itself. The rules of the house, which make a spec
//! worth generating from, stand in the files beside this one.

mod document;
mod evidence;
mod examples;
mod links;
pub(crate) mod operations;
mod output;
mod privacy;
mod prose;
mod rules;
mod samples;
mod schemas;
#[cfg(test)]
mod tests;
mod unused;
mod validation;
mod view;

use std::path::{Path, PathBuf};

use enroll_codegen::{Document, Finding, generate_from_document};

use self::output::Format;
use self::view::View;
use crate::{providers, root};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The providers, or files, to look at; all providers if none is named
    subjects: Vec<String>,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Says what a rule demands and why, with an example
    #[arg(long, value_name = "RULE", conflicts_with = "subjects")]
    explain: Option<String>,
    /// Lists all rules
    #[arg(long, conflicts_with_all = ["subjects", "explain"])]
    rules: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    if arguments.rules {
        rules::all().for_each(|rule| println!("{}", rule.id));
        return Ok(());
    }
    if let Some(rule) = &arguments.explain {
        print!("{}", rules::explain(rule)?);
        return Ok(());
    }
    let subjects = subjects(&arguments.subjects)?;
    let results: Vec<_> =
        subjects.iter().map(|(path, shown)| (shown.as_path(), lint_file(path, shown))).collect();
    print!("{}", output::findings(&results, arguments.format));
    let total: usize = results.iter().map(|(_, findings)| findings.len()).sum();
    if total == 0 {
        if arguments.format == Format::Text {
            println!("nothing found in {}", counted(results.len(), "spec"));
        }
        return Ok(());
    }
    let wrong = results.iter().filter(|(_, findings)| !findings.is_empty()).count();
    Err(format!(
        "{} in {wrong} of {}; `cargo xtask spec lint --explain RULE` says what is behind one",
        counted(total, "finding"),
        counted(results.len(), "spec"),
    ))
}

/// Everything that is wrong with the text of a spec, in the order of its lines.
pub(crate) fn lint(path: &Path, text: &str) -> Vec<Finding> {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(finding) => return vec![finding],
    };
    let refused = match generate_from_document(path, &document) {
        Ok(_) => Vec::new(),
        Err(error) => error.findings().to_vec(),
    };
    let mut view = View::new(&document);
    view.findings = refused;
    document::check(&mut view);
    operations::check(&mut view);
    evidence::check(&mut view);
    privacy::check(&mut view);
    prose::check(&mut view);
    schemas::check(&mut view);
    samples::check(&mut view);
    links::check(&mut view);
    unused::check(&mut view);
    let mut findings = view.findings;
    findings.sort();
    findings.dedup();
    findings
}

fn lint_file(path: &Path, shown: &Path) -> Vec<Finding> {
    match std::fs::read(path).map(String::from_utf8) {
        Ok(Ok(text)) => lint(shown, &text),
        Ok(Err(_)) => vec![unreadable("is not UTF-8; save it as UTF-8".to_owned())],
        Err(error) => vec![unreadable(format!(
            "cannot be read: {error}; name a file that is there, or a provider: {}",
            providers().unwrap_or_default().join(", ")
        ))],
    }
}

fn unreadable(message: String) -> Finding {
    let position = enroll_codegen::Position { line: 1, column: 1 };
    Finding { position, pointer: String::new(), message, rule: "file" }
}

/// Which files are meant, and what they are called in messages.
fn subjects(named: &[String]) -> Result<Vec<(PathBuf, PathBuf)>, String> {
    let known = providers()?;
    let of = |provider: &String| {
        let shown = PathBuf::from(format!("specs/{provider}.yaml"));
        (root().join(&shown), shown)
    };
    if named.is_empty() {
        return Ok(known.iter().map(of).collect());
    }
    let subject = |name: &String| {
        if known.contains(name) {
            return Ok(of(name));
        }
        let path = PathBuf::from(name);
        if path.components().count() > 1 || path.extension().is_some() || path.exists() {
            return Ok((path.clone(), path));
        }
        let nearest = known.iter().min_by_key(|known| strsim::damerau_levenshtein(known, name));
        let nearest = nearest.map_or("", String::as_str);
        Err(format!(
            "there is no provider `{name}`; did you mean `{nearest}`? A file is named with its ending, `x.yaml`"
        ))
    };
    named.iter().map(subject).collect()
}

fn counted(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
