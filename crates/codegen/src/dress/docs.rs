//! Documentation from the spec's prose, made safe: no part of it becomes a link, a tag or a doctest by accident.

use proc_macro2::Span;
use serde_json::Value;
use syn::Attribute;

use super::{account, attribute, sample};
use crate::model::{Alias, Field, Operation, Recipe, ReplayClass, Spec, Status, Type};

/// One attribute a line.
pub(crate) fn attributes(text: &str) -> Vec<Attribute> {
    text.lines()
        .map(|line| {
            let line = if line.is_empty() { String::new() } else { format!(" {}", visible(line)) };
            attribute(syn::Meta::NameValue(syn::MetaNameValue {
                path: syn::Ident::new("doc", Span::call_site()).into(),
                eq_token: Default::default(),
                value: syn::Expr::Lit(syn::ExprLit {
                    attrs: Vec::new(),
                    lit: syn::LitStr::new(&line, Span::call_site()).into(),
                }),
            }))
        })
        .collect()
}

/// A line without what one does not see. rustc refuses a comment that changes the direction in which it is read.
fn visible(line: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    line.chars().map(|c| if hidden(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Prose of a spec as Markdown that says what it says and nothing more: no part of it becomes a link or a tag by accident.
pub fn prose(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    // Four spaces would make a code block, and so a doctest.
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        for (index, part) in line.split('`').enumerate() {
            if index > 0 {
                safe.push('`');
            }
            if index % 2 == 1 {
                safe.push_str(part);
            } else {
                escape(part, &mut safe);
            }
        }
        // Folded text in YAML has one line for each paragraph.
        safe.push_str("\n\n");
    }
    safe.trim_end().to_owned()
}

/// The same in one line, for an item of a list or the cell of a table.
pub fn inline_prose(text: &str) -> String {
    prose(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn escape(text: &str, safe: &mut String) {
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        if word.starts_with("https://") || word.starts_with("http://") {
            let end = word.trim_end_matches(['.', ',', ';', ')', ':']);
            safe.push_str(&format!("<{end}>{}", &word[end.len()..]));
        } else {
            for c in word.chars() {
                if matches!(c, '[' | ']' | '<' | '>' | '*' | '_' | '#' | '|') {
                    safe.push('\\');
                }
                safe.push(c);
            }
        }
        if words.peek().is_some() {
            safe.push(' ');
        }
    }
}

/// What a field's documentation says, as a member and as a setter.
pub(crate) fn field(field: &Field) -> String {
    let mut text = prose(&field.description);
    if text.is_empty() {
        text = format!("`{}`", field.wire);
    }
    let mut facts = Vec::new();
    if field.rust != field.wire {
        facts.push(format!("On the wire: `{}`.", field.wire));
    }
    if field.required {
        facts.push("Required.".to_owned());
    }
    match &field.ty {
        Type::Secret => facts.push("Secret: never printed.".to_owned()),
        Type::Personal(_) => facts.push("Personal: printed as a placeholder.".to_owned()),
        _ => {}
    }
    if let Some(example) = &field.example {
        facts.push(format!("Example: `{}`.", example.to_string().replace('`', "'")));
    }
    let evidence = evidence(&field.evidence, |source| source.to_owned());
    if !evidence.is_empty() {
        facts.push(format!("Evidence: {evidence}."));
    }
    if field.deprecated {
        facts.push("Deprecated by the provider.".to_owned());
    }
    if !facts.is_empty() {
        text.push_str("\n\n");
        text.push_str(&facts.join(" "));
    }
    text
}

/// What the documentation of an operation's method says.
pub(crate) fn operation(spec: &Spec, operation: &Operation, alias: Option<&Alias>) -> String {
    let mut text = String::new();
    let summary = alias.map_or(operation.summary.as_str(), |alias| &alias.description);
    let summary = if summary.is_empty() { operation.id.as_str() } else { summary };
    text.push_str(prose(summary).trim_end_matches('.'));
    text.push_str(".\n\n");
    text.push_str(&format!("`{} {}`\n\n", operation.method, operation.path));
    text.push_str(&prose(&operation.description));
    text.push_str("\n\n# Repeating\n\n");
    text.push_str(&format!("Replay class {}.", replay(operation)));
    if !operation.replay.because.is_empty() {
        text.push(' ');
        text.push_str(&inline_prose(&operation.replay.because));
    }
    text.push_str("\n\n# Example\n\n```no_run\n");
    text.push_str(&sample::documented(spec, operation, alias));
    text.push_str("```\n\n");
    if let Some(sample) = sample::documented_outcome(spec, operation, alias) {
        text.push_str("Or, to decide by what has become of the account:\n\n```no_run\n");
        text.push_str(&sample);
        text.push_str("```\n\n");
    }
    if let Some(sample) = sample::documented_ensure(spec, operation, alias) {
        text.push_str(
            "Or, to make sure that the account is there, however often it is called:\n\n```no_run\n",
        );
        text.push_str(&sample);
        text.push_str("```\n\n");
    }
    text.push_str(&account::documentation(spec, operation));
    text.push_str("# Errors\n\n");
    text.push_str(
        "A missing or invalid value is reported before anything is sent, all of them at once. Every error says with \
         `delivery()` whether the request may have taken effect: a connection that breaks, a time-out and a 5xx leave \
         that open.\n\n",
    );
    for response in &operation.responses {
        let description = inline_prose(&response.description);
        let status = match response.status {
            Status::Default => "any other status".to_owned(),
            status => status.to_string(),
        };
        if let Some(failure) = &response.failure {
            let equals = &failure.equals;
            text.push_str(&format!(
                "- {status} whose `{}` is `{equals}`: the provider refused. {}\n",
                failure.pointer,
                account::meaning_of_hidden_failure(operation)
            ));
        }
        if response.absent {
            text.push_str(&format!(
                "- {status} may say that there is none; that is an answer, not an error.\n"
            ));
        }
        if !response.status.is_success() {
            let meaning = account::meaning(operation, response);
            text.push_str(&format!("- {status}: {description} {meaning}\n"));
        }
    }
    let evidence = evidence(&operation.evidence, |id| {
        let title = spec.sources.iter().find(|(known, _)| known == id).map(|(_, title)| title.as_str());
        title.map_or_else(|| id.to_owned(), |title| format!("\"{title}\""))
    });
    if !evidence.is_empty() {
        text.push_str(&format!("\n# Evidence\n\n{}.\n", prose(&capitalised(&evidence))));
    }
    in_rust(spec, text)
}

/// A spec speaks of `createUser`; a reader of Rust knows it as `create_user`.
pub(crate) fn in_rust(spec: &Spec, text: String) -> String {
    let parts: Vec<_> = text.split('`').collect();
    let parts = parts.iter().enumerate().map(|(index, part)| {
        let quoted = index > 0 && index + 1 < parts.len();
        let named = spec.operations.iter().find(|operation| quoted && operation.id == **part);
        named.map_or(*part, |operation| operation.name.as_str())
    });
    parts.collect::<Vec<_>>().join("`")
}

/// What a provider's module says first.
pub(crate) fn credentials(spec: &Spec) -> String {
    let mut text = format!("The credentials of {}.\n", spec.title);
    for credential in &spec.credentials {
        text.push_str(&format!(
            "\n- `{}` (`{}`): {}",
            credential.name,
            credential.env,
            inline_prose(&credential.description)
        ));
    }
    for scheme in &spec.schemes {
        let how = match &scheme.recipe {
            Recipe::Static(template) => format!("`{template}`"),
            Recipe::Basic { .. } => "HTTP Basic, for obtaining a token".to_owned(),
            Recipe::Mint { lifetime, .. } => {
                format!("a JWT that the client signs, good for {lifetime} seconds")
            }
            Recipe::Exchange { operation, .. } => {
                format!("a token from `{operation}`, fetched when needed and renewed when it expires")
            }
        };
        text.push_str(&format!("\n- header `{}`: {how}", scheme.header));
    }
    text
}

/// The replay class as one reads it.
pub(crate) fn replay(operation: &Operation) -> String {
    match operation.replay.class {
        ReplayClass::Safe => "`safe`: it only reads".to_owned(),
        ReplayClass::Upsert => "`upsert`: a repeat does the same as the first".to_owned(),
        ReplayClass::Keyed => {
            let keys: Vec<_> = operation.replay.keys.iter().map(|key| format!("`{key}`")).collect();
            format!(
                "`keyed` by {}: the provider refuses a repeat; a call without them counts as `never`",
                keys.join(" and ")
            )
        }
        ReplayClass::Never => "`never`: a repeat may take effect twice".to_owned(),
    }
}

/// What supports a fact, in a line of Markdown, from the value of `x-enroll-evidence`. `name` says what a source is called.
pub fn evidence(evidence: &Value, name: impl Fn(&str) -> String) -> String {
    let mut parts = Vec::new();
    for (class, sources) in evidence.as_object().into_iter().flatten() {
        let sources: Vec<_> = match sources {
            Value::Array(sources) => sources.iter().filter_map(Value::as_str).map(&name).collect(),
            Value::String(reason) if class == "assumed" => vec![inline_prose(reason.trim_end_matches('.'))],
            Value::String(source) => vec![name(source)],
            _ => Vec::new(),
        };
        parts.push(format!("{class}: {}", sources.join(", ")));
    }
    parts.join("; ")
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
