//! The rules on our own specs, on single edits of them, and each on its example.

use std::collections::BTreeSet;
use std::path::Path;

use enroll_codegen::Finding;
use serde_json::{Value, json};

use super::{examples, lint};
use crate::spec::mutations::{self, Specs};

fn rules(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.rule).collect::<BTreeSet<_>>().into_iter().collect()
}

fn shown(findings: &[Finding]) -> String {
    findings
        .iter()
        .map(|finding| format!("\n    {}", super::output::text(Path::new("x.yaml"), finding)))
        .collect()
}

#[test]
fn our_specs_are_clean() {
    let specs = Specs::read().unwrap();
    for provider in crate::providers().unwrap() {
        let findings =
            lint(&Path::new("specs").join(format!("{provider}.yaml")), specs.text(&provider).unwrap());
        assert!(findings.is_empty(), "{provider}:{}", shown(&findings));
    }
}

#[test]
fn of_every_edit_exactly_what_is_wrong_is_said() {
    let specs = Specs::read().unwrap();
    let edits: Vec<_> = mutations::all().collect();
    let judge = |edits: &[&mutations::Mutation]| -> Vec<String> {
        let wrong = |mutation: &&mutations::Mutation| {
            let text = specs.edited(mutation).unwrap();
            let findings = lint(&Path::new("specs").join(format!("{}.yaml", mutation.provider)), &text);
            let right = rules(&findings) == mutation.lint;
            (!right).then(|| format!("{}: not {:?} but{}", mutation.name, mutation.lint, shown(&findings)))
        };
        edits.iter().filter_map(wrong).collect()
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let wrong: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> =
            edits.chunks(edits.len().div_ceil(threads)).map(|part| scope.spawn(|| judge(part))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), edits.len(), wrong.join("\n"));
}

#[test]
fn the_example_without_a_mistake_is_clean() {
    let findings = lint(Path::new("specs/example.yaml"), examples::RIGHT);
    assert!(findings.is_empty(), "{}", shown(&findings));
}

#[test]
fn each_rule_finds_its_example_and_nothing_else_on_its_line() {
    let mut wrong = Vec::new();
    for example in examples::all() {
        let (text, first, last) = example.applied();
        let findings = lint(Path::new("specs/example.yaml"), &text);
        let inside = |finding: &Finding| (first..=last).contains(&finding.position.line);
        if rules(&findings) != [example.rule] || !findings.iter().all(inside) {
            wrong.push(format!("{}, lines {first} to {last}:{}", example.rule, shown(&findings)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What no edit of a text can show: a file that is not there, and what the generator has no word of its own for.
const WITHOUT_EXAMPLE: [&str; 2] = ["file", "generation"];

#[test]
fn every_rule_has_an_example_and_a_reason_and_is_found_nowhere_else() {
    let ids: Vec<_> = super::rules::all().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "no two rules have the same name");
    for rule in super::rules::all() {
        assert!(rule.about.split_whitespace().count() >= 15 && rule.about.ends_with('.'), "{}", rule.id);
        let shown = examples::all().any(|example| example.rule == rule.id);
        assert_ne!(shown, WITHOUT_EXAMPLE.contains(&rule.id), "{}", rule.id);
        let explained = super::rules::explain(rule.id).unwrap();
        assert!(explained.starts_with(&format!("{}\n\n", rule.id)), "{explained}");
        assert!(explained.lines().all(|line| line.chars().count() <= 120), "{explained}");
    }
    let unknown = examples::all().map(|example| example.rule).find(|rule| !ids.contains(rule));
    assert_eq!(unknown, None);
    let unknown = mutations::all().flat_map(|mutation| mutation.lint).find(|rule| !ids.contains(*rule));
    assert_eq!(unknown, None);
}

#[test]
fn a_rule_that_is_misspelt_is_told_with_the_nearest() {
    let error = super::rules::explain("opration-id").unwrap_err();
    assert!(error.contains("did you mean `operation-id`?"), "{error}");
}

#[test]
fn a_file_that_cannot_be_read_is_a_finding_with_the_cure() {
    let missing = Path::new("nowhere/x.yaml");
    let findings = super::lint_file(missing, missing);
    assert_eq!(rules(&findings), ["file"]);
    let line = super::output::text(missing, &findings[0]);
    assert!(line.starts_with("nowhere/x.yaml:1:1: cannot be read: "), "{line}");
    let providers = crate::providers().unwrap().join(", ");
    assert!(line.ends_with(&format!("or a provider: {providers} [file]")), "{line}");

    let folder = temporary_folder();
    let path = folder.join("latin.yaml");
    std::fs::write(&path, b"title: caf\xe9\n").unwrap();
    let findings = super::lint_file(&path, Path::new("latin.yaml"));
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(shown(&findings), "\n    x.yaml:1:1: is not UTF-8; save it as UTF-8 [file]");
}

fn temporary_folder() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("enroll-lint-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn what_is_no_provider_and_no_file_is_told_with_those_that_are() {
    let subjects =
        |names: &[&str]| super::subjects(&names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
    assert_eq!(subjects(&[]).unwrap().len(), crate::providers().unwrap().len());
    assert_eq!(subjects(&["haptik"]).unwrap()[0].1, Path::new("specs/haptik.yaml"));
    assert_eq!(subjects(&["some/where.yml"]).unwrap()[0].0, Path::new("some/where.yml"));
    let error = subjects(&["haptic"]).unwrap_err();
    assert_eq!(
        error,
        "there is no provider `haptic`; did you mean `haptik`? A file is named with its ending, `x.yaml`"
    );
}

#[test]
fn of_a_document_that_is_refused_the_rules_of_the_house_are_told_too() {
    let text = examples::RIGHT
        .replacen("      operationId: createUser\n", "      operationId: create_user\n", 1)
        .replacen("      requestBody:\n", "      requestBodies: {}\n      requestBody:\n", 1);
    let findings = lint(Path::new("specs/example.yaml"), &text);
    assert_eq!(rules(&findings), ["operation-id", "unknown-key"]);
}

#[test]
fn every_rule_stands_in_the_readme_of_the_specs() {
    let readme = std::fs::read_to_string(crate::root().join("specs/README.md")).unwrap();
    let table = readme.split("## What is checked").nth(1).unwrap().split("## Extensions").next().unwrap();
    for rule in super::rules::all() {
        assert!(table.contains(&format!("`{}`", rule.id)), "{}", rule.id);
    }
}

/// What a node is replaced by, one after the other.
fn replacements() -> [Value; 6] {
    let itself = json!({"$ref": "#/components/schemas/User"});
    [Value::Null, json!(7), json!("text"), json!([{}]), json!({"text": {}}), json!({"anyOf": [itself]})]
}

fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(object) => {
            object.iter().map(|(key, value)| (super::view::escape(key), value)).collect()
        }
        Value::Array(items) => items.iter().enumerate().map(|(index, it)| (index.to_string(), it)).collect(),
        _ => Vec::new(),
    };
    for (token, value) in inner {
        let at = format!("{at}/{token}");
        pointers(value, &at, found);
        found.push(at);
    }
}

#[test]
fn whatever_stands_anywhere_is_a_finding_with_a_line_or_right() {
    let document = enroll_codegen::Document::parse(examples::RIGHT).unwrap();
    let mut nodes = Vec::new();
    pointers(document.value(), "", &mut nodes);
    assert!(nodes.len() > 250, "{}", nodes.len());
    let replacements = replacements();
    let mut found = 0;
    for (index, node) in nodes.iter().enumerate() {
        let mut wrong = document.value().clone();
        *wrong.pointer_mut(node).unwrap() = replacements[index % replacements.len()].clone();
        // JSON is YAML.
        let text = serde_json::to_string_pretty(&wrong).unwrap();
        let findings = lint(Path::new("specs/example.yaml"), &text);
        found += usize::from(!findings.is_empty());
        for finding in findings {
            let Finding { position, message, .. } = &finding;
            assert!(position.line >= 1 && position.column >= 1 && !message.is_empty(), "{node}: {finding:?}");
            assert!(super::rules::all().any(|rule| rule.id == finding.rule), "{node}: {finding:?}");
        }
    }
    assert!(found * 10 > nodes.len() * 9, "something is found in {found} of {} only", nodes.len());
}
