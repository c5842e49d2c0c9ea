//! The rules on our own specs, on single edits of them, and each on its example.

use std::collections::BTreeSet;
use std::path::Path;

use enroll_codegen::Finding;

use super::lint;
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
