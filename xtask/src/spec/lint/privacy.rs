//! Secrets and personal data are marked as such. A name is what a rule can go by.

use serde_json::Value;

use super::rules::PRIVACY;
use super::view::{Kind, View, entries, escape, is_sentence, text, words};

/// How names of secrets end, in words.
const SECRET: [&[&str]; 21] = [
    &["password"],
    &["passwd"],
    &["pwd"],
    &["passphrase"],
    &["passcode"],
    &["pin"],
    &["otp"],
    &["cvv"],
    &["cvc"],
    &["secret"],
    &["token"],
    &["jwt"],
    &["mnemonic"],
    &["api", "key"],
    &["private", "key"],
    &["secret", "key"],
    &["access", "key"],
    &["seed", "phrase"],
    &["auth", "code"],
    &["access", "code"],
    &["security", "code"],
];

/// How names of a person's data end, in words.
const PERSONAL: [&[&str]; 34] = [
    &["email"],
    &["mail"],
    &["phone"],
    &["mobile"],
    &["telephone"],
    &["msisdn"],
    &["phone", "number"],
    &["mobile", "number"],
    &["phone", "no"],
    &["mobile", "no"],
    &["name"],
    &["surname"],
    &["nickname"],
    &["username"],
    &["birthday"],
    &["birthdate"],
    &["birth", "date"],
    &["date", "of", "birth"],
    &["dob"],
    &["gender"],
    &["nationality"],
    &["address"],
    &["street"],
    &["postcode"],
    &["zip"],
    &["ip"],
    &["latitude"],
    &["longitude"],
    &["ssn"],
    &["passport"],
    &["iban"],
    &["account", "number"],
    &["card", "number"],
    &["avatar"],
];

pub(super) fn check(view: &mut View<'_>) {
    let mut found = Vec::new();
    for node in view.nodes.iter().filter(|node| matches!(node.kind, Kind::Property | Kind::Parameter)) {
        let schema = if node.kind == Kind::Parameter { &node.value["schema"] } else { node.value };
        if let Some(reason) = node.value.get("x-enroll-public").or_else(|| schema.get("x-enroll-public")) {
            if !is_sentence(text(reason)) {
                let message = "is no reason; say in a sentence why everybody may see it";
                found.push((format!("{}/x-enroll-public", node.pointer), message.to_owned()));
            }
            continue;
        }
        if !is_datum(view, schema, 0) {
            continue;
        }
        let marked = [node.value, schema, view.resolve(schema, "").0]
            .into_iter()
            .map(|holder| text(&holder["x-enroll-private"]))
            .find(|private| !private.is_empty());
        let (name, at) = (node.name, node.pointer.clone());
        if ends(name, &SECRET) && matches!(marked, None | Some("personal")) {
            let message = format!(
                "`{name}` is called like a secret; add `x-enroll-private: secret`, or say by `x-enroll-public` why it is \
                 none"
            );
            found.push((at, message));
        } else if ends(name, &PERSONAL) && marked.is_none() {
            let message = format!(
                "`{name}` is called like a person's datum; add `x-enroll-private: personal`, or say by \
                 `x-enroll-public` why it is none"
            );
            found.push((at, message));
        }
    }
    for (name, credential) in entries(&view.root["x-enroll-credentials"]) {
        if ends(name, &SECRET) && credential["private"].is_null() {
            let message = format!("`{name}` is called like a secret; add `private: secret`");
            found.push((format!("/x-enroll-credentials/{}", escape(name)), message));
        }
    }
    for (at, message) in found {
        view.report(PRIVACY, &at, message);
    }
}

/// Whether a name ends in one of these.
fn ends(name: &str, endings: &[&[&str]]) -> bool {
    let words = words(name);
    endings.iter().any(|ending| {
        let singular =
            |(word, wanted): (&String, &&str)| word == wanted || word.strip_suffix('s') == Some(wanted);
        words.len() >= ending.len() && words[words.len() - ending.len()..].iter().zip(*ending).all(singular)
    })
}

/// Whether a schema is of a datum itself. Whether there is one is no datum, and the members of an object are judged by
/// their own names.
fn is_datum(view: &View<'_>, schema: &Value, depth: usize) -> bool {
    // A list of itself has no end.
    if depth > 8 {
        return false;
    }
    let (schema, _) = view.resolve(schema, "");
    if schema["type"] == "boolean" || schema["properties"].is_object() {
        return false;
    }
    if schema["type"] == "array" {
        return is_datum(view, &schema["items"], depth + 1);
    }
    let branches = ["anyOf", "oneOf", "allOf"].iter().filter_map(|key| schema[*key].as_array()).flatten();
    let mut branches =
        branches.filter(|branch| branch.get("enum").is_none_or(|values| values[0] != Value::Null));
    match branches.next() {
        Some(first) => {
            is_datum(view, first, depth + 1) || branches.any(|branch| is_datum(view, branch, depth + 1))
        }
        None => true,
    }
}
