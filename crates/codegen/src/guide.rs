//! What a reader of an operation's documentation has to know and OpenAPI has no word for, in the same words as the
//! client's own documentation: what a repeat does, what each answer means for the account, how it is called from Rust.

use crate::dress::{account, docs, sample};
use crate::model::{Operation, ReplayClass, Spec, Status};

/// What is to be told of one operation. Texts are Markdown; operations are called as Rust calls them.
#[derive(Clone, Debug)]
pub struct Guide {
    /// The operation's `operationId`.
    pub id: String,
    /// How it is called: by its own name, or by those of its aliases.
    pub methods: Vec<Method>,
    /// `safe`, `upsert`, `keyed` or `never`.
    pub class: &'static str,
    /// The class as one reads it.
    pub replay: String,
    /// After which failures the client sends it again by itself.
    pub repeated: &'static str,
    /// Whether it makes an account, so that it has `outcome()`.
    pub creates: bool,
    /// Whether it has `ensure()`.
    pub ensures: bool,
    /// Each outcome with what it is made of, for an operation that makes an account.
    pub outcomes: Vec<(&'static str, String)>,
    /// What `ensure()` does, or what to do in its absence, for an operation that makes an account.
    pub making_sure: Option<String>,
    /// How "already exists" looks, where the spec knows it.
    pub exists: Option<String>,
    /// The documented answers that are no plain success.
    pub answers: Vec<Answer>,
    /// Methods that ask again until something is there, with what they wait for.
    pub waiters: Vec<(String, String)>,
}

/// A method of the client that calls an operation.
#[derive(Clone, Debug)]
pub struct Method {
    /// As Rust calls it.
    pub name: String,
    /// What an alias is for; empty for the operation's own name.
    pub description: String,
    /// The call that the samples make, without its client and without its end: from `.create_user()` on. A `?` may stand
    /// in it.
    pub call: String,
    /// Samples by the word that ends the call: `send`, and for an operation that makes an account `outcome` and `ensure`.
    /// They are the visible lines of those in the client's documentation.
    pub samples: Vec<(&'static str, String)>,
}

/// A documented answer, and what it means.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Which answer it is: a status, perhaps with what stands in its body.
    pub when: String,
    /// What the provider says of it.
    pub description: String,
    /// What it means for the account, or for what was asked for.
    pub meaning: String,
}

impl Guide {
    pub(crate) fn of(spec: &Spec, operation: &Operation) -> Self {
        let rust = |text: String| docs::in_rust(spec, text);
        let creates = operation.creates.is_some();
        let outcomes = account::outcome_rows(operation).map(|(name, text)| (name, rust(text)));
        Self {
            id: operation.id.clone(),
            methods: methods(spec, operation),
            class: operation.replay.class.word(),
            replay: rust(format!(
                "Replay class {}. {}",
                docs::replay(operation),
                docs::inline_prose(&operation.replay.because)
            )),
            repeated: repeated(operation.replay.class),
            creates,
            ensures: operation.has_ensure(),
            outcomes: if creates { outcomes.into() } else { Vec::new() },
            making_sure: creates.then(|| rust(account::making_sure(operation))),
            exists: account::existing(operation),
            answers: answers(operation)
                .map(|answer| Answer { meaning: rust(answer.meaning), ..answer })
                .collect(),
            waiters: operation
                .waiters
                .iter()
                .map(|waiter| (waiter.name.clone(), rust(docs::inline_prose(&waiter.description))))
                .collect(),
        }
    }
}

fn methods(spec: &Spec, operation: &Operation) -> Vec<Method> {
    let of = |(name, alias): (&str, _)| {
        let mut samples = vec![("send", sample::documented(spec, operation, alias))];
        samples.extend(sample::documented_outcome(spec, operation, alias).map(|text| ("outcome", text)));
        samples.extend(sample::documented_ensure(spec, operation, alias).map(|text| ("ensure", text)));
        Method {
            name: name.to_owned(),
            description: alias.map_or_else(String::new, |alias| alias.description.clone()),
            call: sample::call(spec, operation, alias),
            samples: samples.into_iter().map(|(word, text)| (word, visible(&text))).collect(),
        }
    };
    sample::methods(operation).into_iter().map(of).collect()
}

/// A doctest without the lines that rustdoc hides.
fn visible(sample: &str) -> String {
    sample.lines().filter(|line| !line.starts_with("# ")).map(|line| format!("{line}\n")).collect()
}

/// ARCHITECTURE.md has the same as a table, and `enroll-core` decides by it.
fn repeated(class: ReplayClass) -> &'static str {
    match class {
        ReplayClass::Safe | ReplayClass::Upsert => {
            "The client sends it again by itself after every failure that may pass: no connection, a time-out, a broken \
             connection, 429, 5xx."
        }
        ReplayClass::Keyed => {
            "The client sends it again by itself after no connection, after 429, and after a 503 that names a time. After \
             a time-out, a broken connection or any other 5xx it does not: the first may have taken effect. A call that \
             carries none of the keys is treated as `never`."
        }
        ReplayClass::Never => {
            "The client sends it again by itself only after no connection and after 429, when surely nothing was done. \
             After anything else it does not, and neither should you."
        }
    }
}

fn answers(operation: &Operation) -> impl Iterator<Item = Answer> {
    operation.responses.iter().flat_map(|response| {
        let status = match response.status {
            Status::Default => "any other status".to_owned(),
            status => status.to_string(),
        };
        let hidden = response.failure.as_ref().map(|failure| Answer {
            when: format!("{status} whose `{}` is `{}`", failure.pointer, failure.equals),
            description: "The provider refused.".to_owned(),
            meaning: account::meaning_of_hidden_failure(operation).to_owned(),
        });
        let absent = response.absent.then(|| Answer {
            when: format!("{status} that says so"),
            description: "There is none.".to_owned(),
            meaning: "That is an answer, not an error.".to_owned(),
        });
        let shown = (!response.status.is_success()).then(|| Answer {
            when: status.clone(),
            description: docs::inline_prose(&response.description),
            meaning: account::meaning(operation, response).to_owned(),
        });
        [hidden, absent, shown].into_iter().flatten()
    })
}
