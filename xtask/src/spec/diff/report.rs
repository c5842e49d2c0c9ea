//! Prints what has changed: for a person, for a program, or for a description of a pull request.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::kinds::Class;
use super::{ProviderDiff, Told, Version};

const CLASSES: [Class; 4] = [Class::Breaking, Class::Behaviour, Class::Additive, Class::Documentation];

/// Grouped by how grave it is; each change with where it stands and what follows.
pub(super) fn text(diffs: &[ProviderDiff], version: &Version) -> String {
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    for class in CLASSES {
        let changes: Vec<_> = of(diffs, class).collect();
        if !changes.is_empty() {
            let _ = writeln!(text, "{class}:");
            for Told { place, what, kind, .. } in changes {
                let _ = writeln!(text, "  {place}: {what}; {} [{}]", kind.consequence, kind.id);
            }
            text.push('\n');
        }
    }
    for diff in diffs.iter().filter(|diff| !diff.surface.is_empty()) {
        let _ = writeln!(text, "crates/{}/surface.txt:", diff.provider);
        diff.surface.iter().for_each(|line| {
            let _ = writeln!(text, "  {line}");
        });
        text.push('\n');
    }
    let _ = writeln!(text, "{}", version.sentence());
    text
}

pub(super) fn markdown(diffs: &[ProviderDiff], version: &Version) -> String {
    let mut text = String::new();
    for class in CLASSES {
        let changes: Vec<_> = of(diffs, class).collect();
        if !changes.is_empty() {
            let name = class.to_string();
            let _ = writeln!(text, "## {}{}\n", name[..1].to_uppercase(), &name[1..]);
            for Told { place, what, kind, .. } in changes {
                let _ = writeln!(text, "- {what}: {}. (`{place}`, {})", kind.consequence, kind.id);
            }
            text.push('\n');
        }
    }
    for diff in diffs.iter().filter(|diff| !diff.surface.is_empty()) {
        let _ = writeln!(
            text,
            "`crates/{}/surface.txt`\n\n```diff\n{}\n```\n",
            diff.provider,
            diff.surface.join("\n")
        );
    }
    let _ = writeln!(text, "{}", version.sentence());
    text
}

pub(super) fn json(diffs: &[ProviderDiff], version: &Version) -> String {
    let changes: Vec<Value> = CLASSES
        .into_iter()
        .flat_map(|class| of(diffs, class))
        .map(|told| {
            json!({
                "provider": told.provider,
                "class": told.kind.class,
                "kind": told.kind.id,
                "place": told.place,
                "pointer": told.pointer,
                "what": told.what,
                "consequence": told.kind.consequence,
            })
        })
        .collect();
    let surfaces: serde_json::Map<_, _> =
        diffs.iter().map(|diff| (diff.provider.clone(), json!(diff.surface))).collect();
    let document = json!({
        "changes": changes,
        "surfaces": surfaces,
        "version": { "from": version.from, "to": version.to },
    });
    format!("{document:#}\n")
}

fn of(diffs: &[ProviderDiff], class: Class) -> impl Iterator<Item = &Told> {
    diffs.iter().flat_map(|diff| &diff.changes).filter(move |told| told.kind.class == class)
}
