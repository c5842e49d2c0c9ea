//! Names in Rust for what a document calls by other names.

use std::collections::BTreeSet;

use heck::{ToLowerCamelCase, ToSnakeCase, ToUpperCamelCase};

/// What every builder of an operation has besides its fields.
pub(super) const TAKEN: [&str; 13] = [
    "client", "clone", "deadline", "ensure", "header", "new", "options", "outcome", "prepare", "preview",
    "problems", "retry", "send",
];

/// A type's name that is not taken, and stays as it is when it is written as a type's name once more.
pub(super) fn type_name(wish: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name: String = wish.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    name = name.to_upper_camel_case();
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || name == "Self" {
        name = format!("Type{name}");
    }
    name.truncate(80);
    // `V1Id` could come back as something else.
    name = name.to_upper_camel_case();
    unique(&name, taken, |name, number| format!("{name}{number}").to_upper_camel_case())
}

/// A method's name in the form of an `operationId`.
pub(super) fn operation_id(wish: &str, taken: &mut BTreeSet<String>) -> String {
    let ascii: String = wish.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let mut name = ascii.to_lower_camel_case();
    let snake = name.to_snake_case();
    let reserved = ["new", "builder", "from_env", "clone", "client", "provider"].contains(&snake.as_str());
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || reserved || !is_identifier(&snake) {
        name = format!("call {name}").to_lower_camel_case();
    }
    if name.to_snake_case().starts_with("request_") {
        name = format!("send {name}").to_lower_camel_case();
    }
    unique(&name, taken, |name, number| {
        // A verb alone would no longer be one with a number behind it.
        let noun = if name.chars().any(|c| c.is_ascii_uppercase()) { "" } else { " item" };
        format!("{name}{noun}{number}").to_lower_camel_case()
    })
}

/// The `x-enroll-name` that a property or a parameter needs, if it needs one.
pub(super) fn field_name(wire: &str, taken: &mut BTreeSet<String>) -> Option<String> {
    let own = wire.to_snake_case();
    if own.is_ascii() && is_identifier_or_keyword(&own) && taken.insert(own.clone()) {
        return None;
    }
    let ascii: String = wire.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let mut name = ascii.to_snake_case();
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name = format!("field_{name}").trim_end_matches('_').to_owned();
    }
    if taken.contains(&name) || !is_identifier(&name) {
        name = format!("{name}_field");
    }
    Some(unique(&name, taken, |name, number| format!("{name}_{number}")))
}

fn unique(name: &str, taken: &mut BTreeSet<String>, numbered: impl Fn(&str, usize) -> String) -> String {
    let mut candidate = name.to_owned();
    let mut number = 2;
    // Different spellings of one name in Rust are one name.
    while taken.contains(&candidate.to_snake_case()) || taken.contains(&candidate) {
        candidate = numbered(name, number);
        number += 1;
    }
    taken.insert(candidate.clone());
    taken.insert(candidate.to_snake_case());
    candidate
}

fn is_identifier_or_keyword(name: &str) -> bool {
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic());
    first && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

pub(super) fn is_identifier(name: &str) -> bool {
    const KEYWORDS: [&str; 52] = [
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do",
        "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
        "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self",
        "static", "struct", "super", "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized",
        "use", "virtual", "where", "while", "yield",
    ];
    is_identifier_or_keyword(name) && !KEYWORDS.contains(&name)
}

/// Whether the values of a vocabulary have names of their own in Rust.
pub(super) fn are_variants(values: &[String]) -> bool {
    let mut seen = BTreeSet::new();
    values.iter().all(|value| {
        let mut name = value.to_upper_camel_case();
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            name = format!("Value{name}");
        }
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric());
        plain && name != "Self" && name != "Unknown" && seen.insert(name)
    })
}
