//! What is breaking: the verdicts of others on the table of single edits, beside those of `cargo xtask spec diff`.
//!
//! Redocly sees documents, and cargo-semver-checks sees the generated clients. Where they disagree with us there is a
//! reason in a table here, and a reason that has gone out of date is a finding as well.

use std::collections::BTreeSet;
use std::process::Command;

use super::install;
use crate::spec::diff::{Class, expected};
use crate::spec::mutations::{self, Mutation};

/// The classes and kinds by which `spec diff` tells an edit.
pub(super) type Told = Vec<(Class, &'static str)>;

/// What an edit is called on both sides.
struct Judged {
    edit: &'static str,
    ours: Told,
    /// Whether the other calls it breaking.
    theirs: bool,
}

/// Why one verdict differs from the other.
struct Reason {
    /// An edit's name, or a kind of change.
    of: &'static str,
    because: &'static str,
}

/// What Redocly calls breaking, and we do not even call it a change of behaviour.
const REDOCLY: &[Reason] = &[
    Reason {
        of: "unknown-properties",
        because: "It thinks of callers that send what is not declared; the client cannot.",
    },
    Reason {
        of: "value-added",
        because: "It thinks of readers that know all values; the client's enum has an arm for those it does not know.",
    },
    Reason {
        of: "answer-header",
        because: "It thinks of readers of a header; the client types none, and shows all.",
    },
];

/// What we call breaking, and the compiler does not see.
const UNSEEN: &[Reason] = &[
    Reason { of: "type", because: "It does not compare the types of fields and arguments." },
    Reason { of: "null-type", because: "It does not compare the types of fields and arguments." },
    Reason { of: "privacy", because: "It does not compare the types of fields, and privacy is a type." },
    Reason { of: "surface", because: "It does not compare what methods give." },
    Reason { of: "setting-env", because: "A variable of the environment is read at run time." },
    Reason {
        of: "parameter-required",
        because: "To the compiler every setter may be left out; the call is refused at run time.",
    },
];

/// The other edits on which cargo-semver-checks and we differ.
const SEMVER: &[Reason] = &[];

/// The edits that leave a spec of which a client can be made, with what `spec diff` says of each.
pub(super) fn edits() -> Vec<(&'static Mutation, Told)> {
    let told = |name| expected::of(name);
    mutations::all().filter_map(|mutation| Some((mutation, told(mutation.name)?))).collect()
}

/// Asks Redocly about each edit.
pub(super) fn redocly(specs: &mutations::Specs) -> Result<Vec<String>, String> {
    let folder = install::fresh("diffed")?;
    let write = |name: &str, text: &str| -> Result<String, String> {
        let path = folder.join(format!("{name}.yaml"));
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path.display().to_string())
    };
    let mut pairs = Vec::new();
    for (index, (mutation, _)) in edits().iter().enumerate() {
        let old = write(mutation.provider, specs.text(mutation.provider)?)?;
        pairs.push((old, write(&format!("edit-{index}"), &specs.edited(mutation)?)?));
    }
    let breaks = in_pairs(&pairs, |(old, new)| redocly_calls_it_breaking(old, new))?;
    let judged = edits().into_iter().zip(breaks).map(|((mutation, ours), theirs)| Judged {
        edit: mutation.name,
        ours,
        theirs,
    });
    let judged: Vec<_> = judged.collect();
    println!(
        "redocly-diff  {} of {} edits are breaking",
        judged.iter().filter(|it| it.theirs).count(),
        judged.len()
    );
    Ok(compare_redocly(&judged, REDOCLY))
}

/// Redocly without its rules for differences finds nothing and passes, so that it has to show what it can.
pub(super) fn redocly_self_test(specs: &mutations::Specs) -> Result<(), String> {
    let folder = install::fresh("diffed")?;
    let paths = ["old", "new"].map(|name| folder.join(format!("{name}.yaml")));
    let (edit, _) = edits()
        .into_iter()
        .find(|(_, ours)| ours.iter().any(|(_, kind)| *kind == "operation-removed"))
        .ok_or("there is no edit that takes an operation out; add one to the table")?;
    for (path, text) in paths.iter().zip([specs.text(edit.provider)?, &specs.edited(edit)?]) {
        std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let [old, new] = paths.map(|path| path.display().to_string());
    if !redocly_calls_it_breaking(&old, &new)? || redocly_calls_it_breaking(&old, &old)? {
        return Err("redocly diff does not tell an operation that is taken out from none".to_owned());
    }
    println!("self-test     redocly-diff an operation that is taken out is breaking");
    Ok(())
}

fn redocly_calls_it_breaking(old: &str, new: &str) -> Result<bool, String> {
    let program = install::folder().join("node_modules/.bin/redocly");
    let output = Command::new(&program)
        .args([
            "diff",
            "--config",
            "redocly-diff.yaml",
            "--format",
            "json",
            "--lint-config",
            "off",
            "--fail-on",
            "none",
        ])
        .args([old, new])
        .env("REDOCLY_TELEMETRY", "off")
        .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")
        .current_dir(install::folder())
        .output()
        .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).map_err(|error| {
        let said = String::from_utf8_lossy(&output.stderr);
        format!("redocly diff {new} printed what cannot be read: {error}; it said: {}", said.trim())
    })?;
    Ok(report["summary"]["major"].as_u64().unwrap_or_default() > 0)
}

/// Does something with each item, on two threads, and gives the results in the items' order.
pub(super) fn in_pairs<T: Sync, R: Send>(
    items: &[T],
    what: impl Fn(&T) -> Result<R, String> + Sync,
) -> Result<Vec<R>, String> {
    let half = items.len().div_ceil(2);
    std::thread::scope(|scope| {
        let (first, second) = items.split_at(half);
        let second = scope.spawn(|| second.iter().map(&what).collect::<Result<Vec<_>, _>>());
        let mut results = first.iter().map(&what).collect::<Result<Vec<_>, _>>()?;
        results.extend(second.join().map_err(|_| "a thread panicked".to_owned())??);
        Ok(results)
    })
}

fn compare_redocly(judged: &[Judged], reasons: &[Reason]) -> Vec<String> {
    let mut findings = Vec::new();
    let mut used = BTreeSet::new();
    for Judged { edit, ours, theirs } in judged {
        let gravest = ours.iter().map(|(class, _)| *class).max().unwrap_or(Class::Documentation);
        if *theirs && gravest < Class::Behaviour {
            let kinds: Vec<_> = ours.iter().map(|(_, kind)| *kind).collect();
            match reasons.iter().find(|reason| reason.of == *edit || kinds.contains(&reason.of)) {
                Some(reason) => drop(used.insert(reason.of)),
                None => findings.push(format!(
                    "redocly diff calls the edit \"{edit}\" breaking, and `spec diff` says {kinds:?}; correct the kind, or \
                     say why they differ in REDOCLY of xtask/src/peers/breaking.rs"
                )),
            }
        }
    }
    findings.extend(outdated("REDOCLY", reasons, &used));
    findings
}

fn outdated(table: &str, reasons: &[Reason], used: &BTreeSet<&'static str>) -> Vec<String> {
    let unused = reasons.iter().filter(|reason| !used.contains(reason.of));
    unused
        .map(|reason| {
            format!(
                "\"{}\" ({}) is no disagreement any more; take it out of {table}",
                reason.of, reason.because
            )
        })
        .collect()
}

/// Asks cargo-semver-checks about the client of each edit whose surface it changes.
pub(super) fn semver(specs: &mutations::Specs) -> Result<Vec<String>, String> {
    let judged: Vec<_> = super::semver_checks::judge(specs, &edits())?
        .into_iter()
        .map(|(edit, ours, theirs)| Judged { edit, ours, theirs })
        .collect();
    println!(
        "semver-checks {} of {} clients are breaking",
        judged.iter().filter(|it| it.theirs).count(),
        judged.len()
    );
    Ok(compare_semver(&judged, UNSEEN, SEMVER))
}

fn compare_semver(judged: &[Judged], unseen: &[Reason], reasons: &[Reason]) -> Vec<String> {
    let mut findings = Vec::new();
    let (mut used, mut used_unseen) = (BTreeSet::new(), BTreeSet::new());
    for Judged { edit, ours, theirs } in judged {
        let breaking: Vec<_> =
            ours.iter().filter(|(class, _)| *class == Class::Breaking).map(|(_, kind)| *kind).collect();
        if *theirs != breaking.is_empty() {
            continue;
        }
        let invisible = |kind: &&'static str| unseen.iter().find(|reason| reason.of == *kind);
        if let Some(reason) = reasons.iter().find(|reason| reason.of == *edit) {
            used.insert(reason.of);
        } else if !theirs && breaking.iter().all(|kind| invisible(kind).is_some()) {
            used_unseen.extend(breaking);
        } else {
            let verdict = if *theirs { "breaking" } else { "compatible" };
            findings.push(format!(
                "cargo-semver-checks calls the client of the edit \"{edit}\" {verdict}, and `spec diff` says {ours:?}; \
                 correct the kind, or say why they differ in UNSEEN or SEMVER of xtask/src/peers/breaking.rs"
            ));
        }
    }
    findings.extend(outdated("UNSEEN", unseen, &used_unseen));
    findings.extend(outdated("SEMVER", reasons, &used));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(edit: &'static str, class: Class, kind: &'static str, theirs: bool) -> Judged {
        Judged { edit, ours: vec![(class, kind)], theirs }
    }

    #[test]
    fn what_only_redocly_calls_breaking_needs_a_reason_that_is_used() {
        let agreed = judged("one", Class::Behaviour, "limit-tighter", true);
        let harmless = judged("two", Class::Additive, "property-added", false);
        let missed = || judged("three", Class::Documentation, "example", true);
        let reason = Reason { of: "three", because: "It is so." };
        assert_eq!(compare_redocly(&[agreed, harmless, missed()], &[]).len(), 1);
        assert_eq!(compare_redocly(&[missed()], &[reason]), Vec::<String>::new());
        assert_eq!(compare_redocly(&[], &[Reason { of: "three", because: "It is so." }]).len(), 1);
    }

    #[test]
    fn the_compiler_and_we_agree_both_ways_or_there_is_a_reason() {
        let both = || judged("one", Class::Breaking, "property-removed", true);
        let neither = || judged("two", Class::Behaviour, "replay-looser", false);
        assert_eq!(compare_semver(&[both(), neither()], &[], &[]), Vec::<String>::new());
        let theirs = || judged("three", Class::Behaviour, "answer-body", true);
        let ours = || judged("four", Class::Breaking, "setting-env", false);
        assert_eq!(compare_semver(&[theirs(), ours()], &[], &[]).len(), 2);
        let unseen = [Reason { of: "setting-env", because: "It is read at run time." }];
        let reasons = [Reason { of: "three", because: "It is so." }];
        assert_eq!(compare_semver(&[theirs(), ours()], &unseen, &reasons), Vec::<String>::new());
        assert_eq!(compare_semver(&[both()], &unseen, &reasons).len(), 2);
    }

    #[test]
    fn every_reason_is_of_something_and_is_a_sentence() {
        for reason in REDOCLY.iter().chain(UNSEEN).chain(SEMVER) {
            let of_edit = mutations::all().any(|mutation| mutation.name == reason.of);
            let of_kind = edits().iter().any(|(_, ours)| ours.iter().any(|(_, kind)| *kind == reason.of));
            assert!(of_edit || of_kind, "{}", reason.of);
            assert!(reason.because.ends_with('.'), "{}", reason.of);
        }
    }
}
