//! What no generator's documentation shows, because OpenAPI has no word for it: what a repeat does, what each answer means
//! for the account, what is private, how each fact is known, and where the vendor's page is wrong.

use enroll_codegen::{evidence, inline_prose};
use serde_json::Value;

use super::block::Block;
use super::notes::{Note, Side, of_document, of_operation};
use super::spec::{Operation, Spec, text};

/// The sections that are added to an operation's description.
pub(crate) fn of(spec: &Spec, operation: &Operation<'_>) -> Vec<Block> {
    let notes = of_operation(spec, operation);
    let mut blocks = repeating(operation);
    blocks.extend(meaning(operation));
    blocks.extend(private_values(&notes));
    // How a property is known stands beside the property.
    let parts = notes.iter().filter(|note| note.property.is_none());
    blocks.extend(how_it_is_known(spec, parts));
    blocks.extend(corrections(spec, &notes));
    blocks
}

/// The same for what belongs to no operation.
pub(crate) fn of_api(spec: &Spec) -> Vec<Block> {
    let notes = of_document(spec);
    let mut blocks = settings(spec);
    blocks.extend(how_it_is_known(spec, notes.iter()));
    blocks.extend(corrections(spec, &notes));
    let sources = spec.root["x-enroll-sources"].as_object().into_iter().flatten();
    blocks.extend(listed(
        "Sources",
        sources.map(|(id, _)| format!("`{id}`: {}", source(spec, id, true))).collect(),
    ));
    blocks
}

/// What is noted of a property or a parameter, in a line below its description.
pub(crate) fn of_property(spec: &Spec, node: &Value) -> String {
    let private = match text(&node["x-enroll-private"]) {
        "secret" => "**Secret**: never printed.",
        "personal" => "**Personal**: printed as a placeholder.",
        _ => "",
    };
    let public = match text(&node["x-enroll-public"]) {
        "" => String::new(),
        reason => format!("Not private: {}", sentence(&inline_prose(reason))),
    };
    let known = match evidence(&node["x-enroll-evidence"], |id| source(spec, id, false)) {
        known if known.is_empty() => known,
        known => sentence(&format!("Evidence: {known}")),
    };
    let parts = [private, &public, &known];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn repeating(operation: &Operation<'_>) -> Vec<Block> {
    let guide = operation.guide;
    let mut blocks = vec![
        Block::Heading("If it is sent again".to_owned()),
        Block::Text(guide.replay.clone()),
        Block::Text(guide.repeated.to_owned()),
    ];
    if guide.creates {
        blocks.push(Block::Heading("If the account is there already".to_owned()));
        let exists = match &guide.exists {
            Some(exists) => format!("The provider says so by {exists}."),
            None => "No page, SDK or test shows an answer that says so.".to_owned(),
        };
        let making_sure = guide.making_sure.as_deref().unwrap_or_default();
        blocks.push(Block::Text(format!("{exists} {making_sure}")));
    }
    blocks
}

fn meaning(operation: &Operation<'_>) -> Vec<Block> {
    let guide = operation.guide;
    let mut blocks = Vec::new();
    if guide.creates {
        blocks.push(Block::Heading("What becomes of the account".to_owned()));
        blocks.push(Block::Text("`outcome()` has one variant for each decision:".to_owned()));
        let terms = guide.outcomes.iter().map(|(name, meaning)| (format!("`{name}`"), vec![meaning.clone()]));
        blocks.push(Block::Terms(terms.collect()));
    }
    blocks.push(Block::Heading("What each failure means".to_owned()));
    let documented = guide.answers.iter();
    let mut terms: Vec<_> = documented
        .map(|answer| (answer.when.clone(), vec![answer.meaning.clone(), answer.description.clone()]))
        .collect();
    let reads = guide.class == "safe";
    let lost = match (reads, guide.creates) {
        (true, _) => "It only reads: nothing was changed.",
        (false, true) => "`Unknown`: the account may exist.",
        (false, false) => "`Unknown`: it may have taken effect.",
    };
    let unreadable = match (reads, guide.creates) {
        (true, _) => "It only reads: nothing was changed.",
        (false, true) => {
            "`Accepted`, or `Unknown` where a success may hide a failure: take the account to be there."
        }
        (false, false) => "`Accepted`, or `Unknown` where a success may hide a failure: take it to be done.",
    };
    terms.extend(
        [
            ("not valid, or no connection", "`NotSent`: nothing has left this machine."),
            ("a time-out, or a broken connection", lost),
            ("a success that cannot be read", unreadable),
        ]
        .map(|(when, meaning)| (when.to_owned(), vec![meaning.to_owned()])),
    );
    blocks.push(Block::Terms(terms));
    if !guide.waiters.is_empty() {
        blocks.push(Block::Heading("Waiting".to_owned()));
        let waiters = guide.waiters.iter().map(|(name, about)| format!("`{name}`: {about}"));
        blocks.push(Block::List(waiters.collect()));
    }
    blocks
}

fn private_values(notes: &[Note<'_>]) -> Vec<Block> {
    let named = |class: &str, side: Side| {
        let mut names: Vec<String> = notes
            .iter()
            .filter(|note| note.side == side && text(&note.node["x-enroll-private"]) == class)
            .filter_map(|note| Some(format!("`{}`", note.property.as_deref()?)))
            .collect();
        names.sort();
        names.dedup();
        names.join(", ")
    };
    let items: Vec<String> = [
        ("Secret, sent", named("secret", Side::Request)),
        ("Secret, answered", named("secret", Side::Answer)),
        ("Personal, sent", named("personal", Side::Request)),
        ("Personal, answered", named("personal", Side::Answer)),
    ]
    .into_iter()
    .filter(|(_, names)| !names.is_empty())
    .map(|(shown, names)| format!("**{shown}**: {names}"))
    .collect();
    let text = match items.is_empty() {
        true => "Nothing that is sent or answered is secret or personal.",
        false => "No `Debug`, error or log prints them, and secrets are wiped from memory.",
    };
    let mut blocks = vec![Block::Heading("Private values".to_owned()), Block::Text(text.to_owned())];
    if !items.is_empty() {
        blocks.push(Block::List(items));
    }
    blocks
}

fn how_it_is_known<'a>(spec: &Spec, notes: impl Iterator<Item = &'a Note<'a>>) -> Vec<Block> {
    let known = notes.filter_map(|note| {
        let line = evidence(&note.node["x-enroll-evidence"], |id| source(spec, id, true));
        (!line.is_empty()).then(|| sentence(&format!("**{}**: {line}", note.place)))
    });
    listed("How it is known", known.collect())
}

fn corrections(spec: &Spec, notes: &[Note<'_>]) -> Vec<Block> {
    let corrected = notes.iter().flat_map(|note| {
        let corrections = note.node["x-enroll-corrections"].as_array().into_iter().flatten();
        corrections.map(|correction| {
            let part = |key: &str| inline_prose(text(&correction[key]));
            let (was, now) = (part("was"), part("now"));
            format!(
                "**{}**. {} has: {} Here: {} {}",
                note.place,
                source(spec, text(&correction["source"]), true),
                sentence(&was),
                sentence(&now),
                sentence(&part("because"))
            )
        })
    });
    listed("Corrections of the vendor's pages", corrected.collect())
}

/// What a client has to be told.
fn settings(spec: &Spec) -> Vec<Block> {
    let base_url = &spec.root["x-enroll-base-url"];
    let mut terms = Vec::new();
    for (setting, key, about) in [
        ("base_url", "env", "Where requests and credentials go."),
        ("environment", "environment", "A server by its name."),
    ] {
        if let Some(variable) = base_url[key].as_str() {
            terms.push((format!("`{setting}`, `{variable}`"), vec![about.to_owned()]));
        }
    }
    for (setting, credential) in spec.root["x-enroll-credentials"].as_object().into_iter().flatten() {
        let secret = if credential["private"] == "secret" { "**Secret.** " } else { "" };
        let about = format!("{secret}{}", inline_prose(text(&credential["description"])));
        terms.push((format!("`{setting}`, `{}`", text(&credential["env"])), vec![about]));
    }
    vec![Block::Heading("Settings".to_owned()), Block::Terms(terms)]
}

/// A section for who wants to know exactly, if there is anything in it.
fn listed(heading: &str, items: Vec<String>) -> Vec<Block> {
    match items.is_empty() {
        true => Vec::new(),
        false => vec![Block::Folded { heading: heading.to_owned(), items }],
    }
}

/// A source by its title, with its address; or in short, by its name.
fn source(spec: &Spec, id: &str, whole: bool) -> String {
    let source = &spec.root["x-enroll-sources"][id];
    let title = text(&source["title"]);
    if !whole || title.is_empty() {
        return format!("`{id}`");
    }
    let title = inline_prose(title);
    let read = source["read"].as_str().map_or_else(String::new, |day| format!(", read {day}"));
    match source["address"].as_str().filter(|address| address.starts_with("http")) {
        Some(address) => format!("[{title}]({address}){read}"),
        None => format!("“{title}”{read}"),
    }
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    match text.ends_with(['.', '!', '?']) || text.ends_with(".\"") {
        true => text.to_owned(),
        false => format!("{text}."),
    }
}
