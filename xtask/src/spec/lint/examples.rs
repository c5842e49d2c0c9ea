//! For each rule an example of what breaks it: an edit of one small document that is right.
//!
//! `--explain` shows them, and the tests try that each edit breaks its rule, and no other.

mod generator;
mod house;

/// A document with a little of everything, and nothing wrong with it.
#[cfg(test)]
pub(super) const RIGHT: &str = include_str!("examples/right.yaml");

/// An edit that makes the document wrong.
pub(super) struct Example {
    pub(super) rule: &'static str,
    /// What stands in the document, once.
    pub(super) right: &'static str,
    /// What is put in its place.
    pub(super) wrong: &'static str,
}

const fn row(rule: &'static str, right: &'static str, wrong: &'static str) -> Example {
    Example { rule, right, wrong }
}

pub(super) fn all() -> impl Iterator<Item = &'static Example> {
    generator::EXAMPLES.iter().chain(house::EXAMPLES)
}

#[cfg(test)]
impl Example {
    /// The document after the edit, and the first and the last line of what was put in.
    pub(super) fn applied(&self) -> (String, usize, usize) {
        assert_eq!(RIGHT.matches(self.right).count(), 1, "{}: `{}` stands once", self.rule, self.right);
        let start = RIGHT.find(self.right).unwrap_or_default();
        let lines = |text: &str| text.matches('\n').count();
        let first = lines(&RIGHT[..start]) + 1;
        (RIGHT.replacen(self.right, self.wrong, 1), first, first + lines(self.wrong.trim_end_matches('\n')))
    }
}
