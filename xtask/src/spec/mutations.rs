//! Single edits of our own specs, as a maintainer or a slip of the hand makes them. What `spec lint` says of each is a
//! column here; what `spec diff` says of it stands beside that command.
//!
//! An edit is said on the text, so that findings have the lines that a person would see, and by a JSON pointer, so that it
//! survives what changes elsewhere in the document.

mod answers;
mod document;
mod operations;
mod requests;

use std::collections::BTreeMap;

use enroll_codegen::Document;

use crate::{providers, root};

/// One edit of one spec.
pub(crate) struct Mutation {
    /// What is done, in words. No two are the same.
    pub(crate) name: &'static str,
    pub(crate) provider: &'static str,
    /// Where, as a JSON pointer; in a list an item may be called by its `name`.
    at: &'static str,
    edit: Edit,
    /// The rules by which `spec lint` refuses the result, in alphabetical order.
    pub(crate) lint: &'static [&'static str],
}

#[derive(Clone, Copy)]
enum Edit {
    /// In the lines of what stands there, the key included, the one place with this text gets that one.
    Replace(&'static str, &'static str),
    /// What stands there is taken out, the key included.
    Remove,
    /// These lines are put in as the first of the mapping that stands there.
    Add(&'static str),
}

use Edit::{Add, Remove, Replace};

const HAPTIK: &str = "haptik";
const ORIGINAL: &str = "original";
const STREAMBIRD: &str = "streambird";
const DIGIPAY: &str = "digipay";

/// What lint says of an edit that leaves a right spec.
const NOTHING: &[&str] = &[];

const fn row(
    name: &'static str,
    provider: &'static str,
    at: &'static str,
    edit: Edit,
    lint: &'static [&'static str],
) -> Mutation {
    Mutation { name, provider, at, edit, lint }
}

/// The whole table.
pub(crate) fn all() -> impl Iterator<Item = &'static Mutation> {
    [document::ROWS, operations::ROWS, requests::ROWS, answers::ROWS].into_iter().flatten()
}

/// Our own specs, read once.
pub(crate) struct Specs(BTreeMap<String, (String, Document)>);

impl Specs {
    pub(crate) fn read() -> Result<Self, String> {
        let read = |provider: String| {
            let path = root().join(format!("specs/{provider}.yaml"));
            let cannot = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
            let text = std::fs::read_to_string(&path).map_err(|error| cannot(&error))?;
            let document = Document::parse(&text).map_err(|finding| cannot(&finding.message))?;
            Ok((provider, (text, document)))
        };
        providers()?.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn text(&self, provider: &str) -> Result<&str, String> {
        Ok(&self.get(provider)?.0)
    }

    /// The text of a spec after an edit.
    pub(crate) fn edited(&self, mutation: &Mutation) -> Result<String, String> {
        let (text, document) = self.get(mutation.provider)?;
        mutation.apply(document, text)
    }

    fn get(&self, provider: &str) -> Result<&(String, Document), String> {
        self.0.get(provider).ok_or_else(|| format!("there is no specs/{provider}.yaml"))
    }
}

impl Mutation {
    fn apply(&self, document: &Document, text: &str) -> Result<String, String> {
        let cannot = |why: String| format!("{}: {} {why}", self.name, self.at);
        let (start, end) = block(document, text, self.at).map_err(&cannot)?;
        let (before, block, after) = (&text[..start], &text[start..end], &text[end..]);
        match self.edit {
            Replace(from, to) => match block.matches(from).count() {
                1 => Ok(format!("{before}{}{after}", block.replacen(from, to, 1))),
                times => Err(cannot(format!("has `{from}` {times} times, not once"))),
            },
            Remove => {
                // The block begins at its key; what stands before that on the line is only white space.
                let line = before.rfind('\n').map_or(0, |newline| newline + 1);
                let indent = &before[line..];
                if indent.trim_matches([' ', '-']).is_empty() && block.ends_with('\n') {
                    Ok(format!("{}{after}", &before[..line]))
                } else {
                    Err(cannot("does not fill its lines".to_owned()))
                }
            }
            Add(lines) => {
                let (first, rest) = block.split_once('\n').unwrap_or((block, ""));
                let next = rest.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
                let indent = &next[..next.len() - next.trim_start().len()];
                let lines: String = lines.lines().map(|line| format!("{indent}{line}\n")).collect();
                Ok(format!("{before}{first}\n{lines}{rest}{after}"))
            }
        }
    }
}

/// From where to where a pointer's lines go: from its key to the line before the next one that is not indented deeper.
fn block(document: &Document, text: &str, pointer: &str) -> Result<(usize, usize), String> {
    let (mut value, mut exact) = (document.value(), String::new());
    let mut in_list = false;
    for token in pointer.split('/').skip(1) {
        let key = crate::pointer::unescape(token);
        let named = value.as_array().and_then(|items| items.iter().position(|item| item["name"] == key));
        in_list = value.is_array();
        let token = named.map_or(token.to_owned(), |index| index.to_string());
        value = match value {
            serde_json::Value::Array(items) => token.parse().ok().and_then(|index: usize| items.get(index)),
            other => other.get(&key),
        }
        .ok_or("is not there")?;
        exact = format!("{exact}/{token}");
    }
    if exact.is_empty() {
        return Ok((0, text.len()));
    }
    let position = document.position(&exact).ok_or("has no line")?;
    let mut offset = 0;
    let mut start = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let number = index + 1;
        let indent = line.len() - line.trim_start().len();
        let outside = if in_list { indent + 1 < position.column } else { indent < position.column };
        if number == position.line {
            start = offset + position.column - 1;
        } else if number > position.line && outside && !line.trim().is_empty() {
            return Ok((start, offset));
        }
        offset += line.len();
    }
    Ok((start, text.len()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_edit_applies_and_changes_something() {
        let specs = Specs::read().unwrap();
        let mut failures = Vec::new();
        for mutation in all() {
            match specs.edited(mutation) {
                Ok(after) if after == specs.text(mutation.provider).unwrap() => {
                    failures.push(format!("{}: changes nothing", mutation.name));
                }
                Ok(_) => {}
                Err(error) => failures.push(error),
            }
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }

    #[test]
    fn no_two_edits_are_the_same() {
        let specs = Specs::read().unwrap();
        let names: BTreeSet<_> = all().map(|mutation| mutation.name).collect();
        let results: BTreeSet<_> = all().map(|mutation| specs.edited(mutation).unwrap()).collect();
        assert_eq!(names.len(), all().count());
        assert_eq!(results.len(), all().count());
        assert!(names.len() >= 100, "{}", names.len());
    }

    #[test]
    fn the_rules_of_an_edit_stand_in_order() {
        for mutation in all() {
            assert!(mutation.lint.is_sorted(), "{}: {:?}", mutation.name, mutation.lint);
        }
    }

    #[test]
    fn an_edit_stays_inside_its_place() {
        let text =
            "a:\n  b: one\n\n  c:\n    - name: x\n      in: here\n    - name: y\n      in: here\nd: one\n";
        let document = Document::parse(text).unwrap();
        let apply = |at, edit| row("", "", at, edit, &[]).apply(&document, text);
        assert_eq!(apply("/a/b", Replace("one", "two")).unwrap(), text.replacen("one", "two", 1));
        assert_eq!(apply("/a/c/y", Remove).unwrap(), text.replace("    - name: y\n      in: here\n", ""));
        assert_eq!(apply("/a/b", Remove).unwrap(), text.replace("  b: one\n\n", ""));
        assert_eq!(apply("/a", Add("e:\n  f: 1")).unwrap(), text.replace("  b:", "  e:\n    f: 1\n  b:"));
        assert_eq!(apply("/a", Replace("here", "there")).unwrap_err(), ": /a has `here` 2 times, not once");
        assert_eq!(apply("/a/z", Remove).unwrap_err(), ": /a/z is not there");
        assert_eq!(apply("/d/e", Remove).unwrap_err(), ": /d/e is not there");
    }
}
