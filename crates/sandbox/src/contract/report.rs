//! What is wrong with a request or an answer, told without repeating anything that stood in it.

use std::borrow::Cow;
use std::fmt;

/// One thing that is wrong. Names appear only where the spec has them or where they are plain short identifiers; values
/// never do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Violation {
    /// `query limit`, `header client-id`, `path uid`, `status`, or `body` with a JSON pointer as in `body /emails/0/email`.
    pub(crate) location: String,
    pub(crate) kind: Kind,
    /// A fragment that goes on from the location.
    pub(crate) message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.location, self.message)
    }
}

/// What sort of thing is wrong: providers answer some of them with a status of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A header of the security requirement is absent or has another scheme. Whether its value is right is not known here.
    Credentials,
    /// A body in a form that is not declared.
    MediaType,
    /// What cannot even be read: no UTF-8, no JSON.
    Malformed,
    /// Required and not there.
    Missing,
    /// There and not declared.
    Undeclared,
    /// There more than once.
    Duplicated,
    /// Of the wrong type or outside of the limits.
    Invalid,
}

/// How many violations are told at most: a body may have thousands.
const MOST: usize = 5;

/// Takes down violations in the order in which they are found.
#[derive(Default)]
pub(super) struct Report(Vec<Violation>);

impl Report {
    pub(super) fn add(&mut self, location: impl Into<String>, kind: Kind, message: impl Into<String>) {
        if !self.is_full() {
            self.0.push(Violation { location: location.into(), kind, message: message.into() });
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= MOST
    }

    pub(super) fn into_violations(self) -> Vec<Violation> {
        self.0
    }
}

/// A name that came from the other side, if it is plain: it may hold anything, a customer's phone number too.
pub(super) fn shown(name: &str) -> &str {
    let is_word = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let is_index = name.len() <= 5 && name.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    if is_index || is_word && name.len() <= 64 && name.bytes().all(is_plain) { name } else { "*" }
}

/// A JSON pointer into a body, each token of it shown as far as it may be.
pub(super) fn pointer(pointer: &str) -> Cow<'_, str> {
    match pointer.strip_prefix('/') {
        Some(tokens) => {
            let tokens: Vec<_> = tokens.split('/').map(shown).collect();
            format!("/{}", tokens.join("/")).into()
        }
        None => pointer.into(),
    }
}
