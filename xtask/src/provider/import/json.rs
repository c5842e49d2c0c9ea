//! JSON, event by event: with duplicate keys, with places, and without recursion.

use serde_json::Value;

use super::document::{Broken, Event, Mark, Step};

pub(super) struct Json<'a> {
    text: &'a str,
    at: usize,
    /// For each open container, whether it is an object.
    open: Vec<bool>,
    next: Next,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Value,
    FirstItem,
    FirstKey,
    Key,
    CommaOrEnd,
    Nothing,
    Failed,
}

impl<'a> Json<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, open: Vec::new(), next: Next::Value }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn broken(&mut self, message: &str) -> Option<Result<Event, Broken>> {
        self.next = Next::Failed;
        Some(Err((Mark::Byte(self.at), format!("is no JSON: {message}"))))
    }

    /// What follows a value that has ended.
    fn after_value(&mut self) {
        self.next = if self.open.is_empty() { Next::Nothing } else { Next::CommaOrEnd };
    }

    /// The text of a scalar that begins here.
    fn scalar(&self) -> &'a str {
        let bytes = self.text.as_bytes();
        let mut end = self.at;
        if bytes.get(end) == Some(&b'"') {
            end += 1;
            while end < bytes.len() && bytes[end] != b'"' {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            end = (end + 1).min(bytes.len());
        } else {
            while end < bytes.len() && !matches!(bytes[end], b',' | b']' | b'}' | b':' | b'"') {
                if bytes[end].is_ascii_whitespace() {
                    break;
                }
                end += 1;
            }
        }
        self.text.get(self.at..end).unwrap_or_default()
    }

    fn read_scalar(&mut self) -> Option<Result<Event, Broken>> {
        let spelt = self.scalar();
        match serde_json::from_str::<Value>(spelt) {
            Ok(value) => {
                let spelling = value.as_str().map_or_else(|| spelt.to_owned(), str::to_owned);
                let mark = Mark::Byte(self.at);
                self.at += spelt.len();
                Some(Ok(Event { step: Step::Scalar { value, spelling, anchor: 0 }, mark }))
            }
            Err(_) => self.broken("neither a value nor the end of one"),
        }
    }

    fn close(&mut self) -> Option<Result<Event, Broken>> {
        let mark = Mark::Byte(self.at);
        self.at += 1;
        self.open.pop();
        self.after_value();
        Some(Ok(Event { step: Step::Close, mark }))
    }
}

impl Iterator for Json<'_> {
    type Item = Result<Event, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        self.skip_space();
        let byte = self.peek();
        match (self.next, byte) {
            (Next::Failed, _) | (Next::Nothing, None) => None,
            (Next::Nothing, _) => self.broken("something follows the end"),
            (_, None) => self.broken("the text ends too early"),
            (Next::FirstItem, Some(b']')) | (Next::FirstKey, Some(b'}')) => self.close(),
            (Next::CommaOrEnd, Some(b']')) if self.open.last() == Some(&false) => self.close(),
            (Next::CommaOrEnd, Some(b'}')) if self.open.last() == Some(&true) => self.close(),
            (Next::CommaOrEnd, Some(b',')) => {
                self.at += 1;
                self.next = if self.open.last() == Some(&true) { Next::Key } else { Next::Value };
                self.next()
            }
            (Next::CommaOrEnd, _) => self.broken("a comma or the end is missing"),
            (Next::FirstKey | Next::Key, Some(b'"')) => {
                let key = self.read_scalar();
                if matches!(key, Some(Ok(_))) {
                    self.skip_space();
                    if self.peek() != Some(b':') {
                        return self.broken("a colon is missing");
                    }
                    self.at += 1;
                    self.next = Next::Value;
                }
                key
            }
            (Next::FirstKey | Next::Key, _) => self.broken("a key in quotes is missing"),
            (Next::Value | Next::FirstItem, Some(b @ (b'{' | b'['))) => {
                let (is_map, mark) = (b == b'{', Mark::Byte(self.at));
                self.at += 1;
                self.open.push(is_map);
                self.next = if is_map { Next::FirstKey } else { Next::FirstItem };
                Some(Ok(Event { step: Step::Open { is_map, anchor: 0 }, mark }))
            }
            (Next::Value | Next::FirstItem, _) => {
                let value = self.read_scalar();
                if matches!(value, Some(Ok(_))) {
                    self.after_value();
                }
                value
            }
        }
    }
}
