//! What the generator makes of the real specs.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::support::{providers, spec_path, spec_text};

#[test]
fn another_yaml_parser_reads_the_same() {
    for provider in &providers() {
        let text = spec_text(provider);
        let ours = enroll_codegen::read(&spec_path(provider), &text).unwrap();
        let theirs: Value = yaml_serde::from_str(&text).unwrap();
        assert_eq!(ours, theirs, "{provider}");
    }
}

#[test]
fn generating_twice_gives_the_same_text() {
    for provider in &providers() {
        let generate = || enroll_codegen::generate(&spec_path(provider)).unwrap();
        let (first, second) = (generate(), generate());
        assert!(first.client == second.client, "the client of {provider} differs");
        assert!(first.mock == second.mock, "the mocks of {provider} differ");
        assert!(first.samples == second.samples, "the samples of {provider} differ");
    }
}

#[test]
fn every_method_is_told_with_its_call_and_its_ends() {
    for provider in &providers() {
        let (path, text) = (spec_path(provider), spec_text(provider));
        let guides = enroll_codegen::guides(&path, &text).unwrap();
        let generated = enroll_codegen::generate_from_text(&path, &text).unwrap();
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        let samples = bare(&generated.samples);
        let (mut methods, mut ends) = (0, (0, 0));
        for (guide, method) in guides.iter().flat_map(|guide| guide.methods.iter().map(move |it| (guide, it)))
        {
            assert!(method.call.trim_start().starts_with(&format!(".{}()", method.name)), "{method:?}");
            assert!(samples.contains(&bare(&format!("{}.send()", method.call))), "{method:?}");
            methods += 1;
            ends = (ends.0 + usize::from(guide.creates), ends.1 + usize::from(guide.ensures));
        }
        assert_eq!(methods, generated.samples.matches("-> Result<enroll::StatusCode").count(), "{provider}");
        let offered = |end: &str| generated.client.matches(&format!("pub async fn {end}(")).count();
        assert_eq!(ends, (offered("outcome"), offered("ensure")), "{provider}");
    }
}

#[test]
fn a_property_added_to_a_spec_is_a_setter_and_a_member_of_that_name() {
    let path = Path::new("specs/haptik.yaml");
    let text = spec_text("haptik");
    let before = enroll_codegen::generate_from_text(path, &text).unwrap().client;
    assert!(!before.contains("favourite_colour"));

    let schema = text.find("\n    CreateUserRequest:\n").unwrap();
    let properties =
        schema + text[schema..].find("      properties:\n").unwrap() + "      properties:\n".len();
    let added = "        favouriteColour: {type: string, minLength: 2, description: Any word.}\n";
    let changed = format!("{}{added}{}", &text[..properties], &text[properties..]);
    let client = enroll_codegen::generate_from_text(path, &changed).unwrap().client;

    // White space is the printer's business.
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    let client = bare(&client);
    for expected in [
        "pub struct CreateUserRequest { ///Any word.",
        "#[serde(rename = \"favouriteColour\", default, skip_serializing_if = \"::std::option::Option::is_none\")]
         pub favourite_colour: ::std::option::Option<::std::string::String>,",
        "pub fn favourite_colour<M>(mut self, value: impl ::enroll_core::IntoField<::std::string::String, M>",
        "problems.check_length(\"favourite_colour\", value,",
        "pub fn with_favourite_colour(",
    ] {
        assert!(client.contains(&bare(expected)), "{expected}");
    }
}

/// The client of a spec after an edit that must apply.
fn edited(was: &str, now: &str) -> String {
    let text = spec_text("haptik");
    assert!(text.contains(was), "{was}");
    let client =
        enroll_codegen::generate_from_text(Path::new("specs/haptik.yaml"), &text.replacen(was, now, 1));
    client.unwrap().client.split_whitespace().collect()
}

#[test]
fn json_is_sent_under_the_name_that_the_provider_gives_it() {
    let (was, scim) = ("content:\n          application/json:", "content:\n          application/scim+json:");
    let header = "request.set_content_type(\"application/scim+json\")";
    assert!(edited(was, scim).contains(header));
    assert!(!edited(was, was).contains("set_content_type"));
}

#[test]
fn an_operation_without_security_carries_no_credentials() {
    let was = "      operationId: createUser\n";
    let schemes = |client: &str| client.matches("&super::SCHEME_").count();
    let without = edited(was, "      operationId: createUser\n      security: []\n");
    assert_eq!(schemes(&without) + 2, schemes(&edited(was, was)));
}

/// What the keys of these are called is up to the spec, or to another standard.
const MAPS: [&str; 20] = [
    "claims",
    "content",
    "examples",
    "headers",
    "keys",
    "links",
    "matches",
    "parameters",
    "paths",
    "prefixes",
    "properties",
    "responses",
    "schemas",
    "security",
    "securitySchemes",
    "variables",
    "x-enroll-aliases",
    "x-enroll-credentials",
    "x-enroll-sources",
    "x-enroll-waiters",
];

/// The first place of each key that the generator must know. `free` says that the keys here are up to the spec.
fn known_keys(value: &Value, at: &str, free: bool, seen: &mut BTreeSet<String>, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let pointer = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                if !free && key != "$ref" && seen.insert(key.clone()) {
                    found.push(pointer.clone());
                }
                // What stands in these is data.
                let is_of_link = key == "requestBody" && at.contains("/links/");
                if free || !(is_of_link || ["body", "equals", "example", "value"].contains(&key.as_str())) {
                    known_keys(value, &pointer, !free && MAPS.contains(&key.as_str()), seen, found);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                known_keys(item, &format!("{at}/{index}"), at.ends_with("/security"), seen, found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_key_that_the_specs_use_is_refused_when_misspelt() {
    let mut seen = BTreeSet::new();
    let mut tried = 0;
    for provider in &providers() {
        let document = enroll_codegen::read(&spec_path(provider), &spec_text(provider)).unwrap();
        let mut keys = Vec::new();
        known_keys(&document, "", false, &mut seen, &mut keys);
        for pointer in keys {
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            let misspelt = format!("{key}{}", &key[key.len() - 1..]);
            let mut changed = document.clone();
            let object = changed.pointer_mut(parent).unwrap().as_object_mut().unwrap();
            let value = object.shift_remove(key).unwrap();
            object.insert(misspelt.clone(), value);
            let refused = enroll_codegen::read(&spec_path(provider), &changed.to_string()).err();
            let message = refused.map(|error| error.to_string()).unwrap_or_default();
            assert!(
                message.contains(&format!("unknown key `{misspelt}`")),
                "{provider} {pointer}: {message}"
            );
            assert!(message.contains("did you mean"), "{provider} {pointer}: {message}");
            tried += 1;
        }
    }
    assert!(tried > 80, "only {tried} keys were found");
}
