//! For each rule an example of what breaks it: an edit of one small document that is right.

/// An edit that makes the document wrong.
pub(super) struct Example {
    pub(super) rule: &'static str,
    pub(super) right: &'static str,
    pub(super) wrong: &'static str,
}

pub(super) fn all() -> impl Iterator<Item = &'static Example> {
    [].iter()
}
