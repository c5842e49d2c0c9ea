//! `cargo xtask facts`: whether the specs state every fact of the seed pages.
//!
//! `specs/seeds/<provider>.yaml` lists the facts by hand, each with a JSON pointer into the spec and what should stand
//! there. A fact that the spec does not state, or no longer states, fails the command.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::{providers, root};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Prints every fact, not only those that are missing
    #[arg(long)]
    all: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Checklist {
    seed: String,
    facts: Vec<Fact>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fact {
    kind: Kind,
    fact: String,
    at: String,
    /// What must stand there, if it matters.
    #[serde(default, deserialize_with = "present")]
    is: Option<Value>,
    /// What must be contained there, if that is enough.
    has: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Endpoint,
    Header,
    Field,
    Status,
    Sample,
    Statement,
}

/// Tells `is: null` from no `is`.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let mut missing = 0;
    println!("{:<12}{:<28}{:>9}{:>9}", "provider", "seed", "facts", "stated");
    for provider in providers()? {
        let path = root().join(format!("specs/{provider}.yaml"));
        let spec = enroll_codegen::read(&path, &read(&path)?).map_err(|error| error.to_string())?;
        let path = root().join(format!("specs/seeds/{provider}.yaml"));
        if !path.exists() {
            println!("{provider:<12}has no seed page");
            continue;
        }
        let checklist: Checklist = serde_saphyr::from_str(&read(&path)?)
            .map_err(|error| format!("specs/seeds/{provider}.yaml: {error}"))?;
        let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
        let mut lines = Vec::new();
        for fact in &checklist.facts {
            *counts.entry(fact.kind).or_default() += 1;
            match check(&spec, fact) {
                Ok(()) if arguments.all => lines.push(format!("  {:?}: {}", fact.kind, fact.fact)),
                Ok(()) => {}
                Err(why) => {
                    missing += 1;
                    lines.push(format!("  not stated: {} ({why}); state it at {}", fact.fact, fact.at));
                }
            }
        }
        let not_stated = lines.iter().filter(|line| line.starts_with("  not stated")).count();
        let total = checklist.facts.len();
        let stated = total - not_stated;
        println!("{provider:<12}{:<28}{total:>9}{:>8}%", checklist.seed, stated * 100 / total.max(1));
        for line in lines {
            println!("{line}");
        }
        let counts: Vec<_> =
            counts.iter().map(|(kind, count)| format!("{count} {kind:?}").to_lowercase()).collect();
        println!("  {}", counts.join(", "));
    }
    if missing == 0 {
        Ok(())
    } else {
        Err(format!("{missing} facts of the seeds are not stated in the specs"))
    }
}

fn check(spec: &Value, fact: &Fact) -> Result<(), String> {
    let found = look_up(spec, &fact.at).ok_or("nothing stands there")?;
    if let Some(expected) = &fact.is
        && found != expected
    {
        return Err(format!("{found} stands there, not {expected}"));
    }
    if let Some(part) = &fact.has {
        // Prose is folded in the spec, so that white space does not count; nor does the case of a sentence's first word.
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let text = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
        if !words(&text).contains(&words(part)) {
            return Err(format!("it does not contain {part:?}"));
        }
    }
    Ok(())
}

/// What stands at a JSON pointer, following each `$ref` on the way.
fn look_up<'a>(spec: &'a Value, pointer: &str) -> Option<&'a Value> {
    let mut value = spec;
    for token in pointer.split('/').skip(1) {
        value = resolve(spec, value)?;
        let token = crate::pointer::unescape(token);
        value = match value {
            Value::Array(items) => items.get(token.parse::<usize>().ok()?)?,
            other => other.get(&token)?,
        };
    }
    resolve(spec, value)
}

fn resolve<'a>(spec: &'a Value, mut value: &'a Value) -> Option<&'a Value> {
    while let Some(target) = value["$ref"].as_str() {
        value = spec.pointer(target.strip_prefix('#')?)?;
    }
    Some(value)
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fact(at: &str, is: Option<Value>, has: Option<&str>) -> Fact {
        Fact {
            kind: Kind::Field,
            fact: "a fact".to_owned(),
            at: at.to_owned(),
            is,
            has: has.map(str::to_owned),
        }
    }

    #[test]
    fn a_fact_is_looked_up_through_references() {
        let spec = json!({"a/b": [{"$ref": "#/c"}], "c": {"type": "string", "text": "an  E.164\nnumber"}});
        assert_eq!(check(&spec, &fact("/a~1b/0/type", Some(json!("string")), None)), Ok(()));
        assert_eq!(check(&spec, &fact("/a~1b/0/text", None, Some("e.164 number"))), Ok(()));
    }

    #[test]
    fn a_fact_that_is_absent_or_different_is_missing() {
        let spec = json!({"type": "string"});
        assert!(check(&spec, &fact("/format", None, None)).is_err());
        assert!(check(&spec, &fact("/type", Some(json!("integer")), None)).is_err());
        assert!(check(&spec, &fact("/type", None, Some("integer"))).is_err());
    }
}
