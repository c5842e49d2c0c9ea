//! Reads a document that somebody else wrote: YAML or JSON, of any size, and bad in any way.
//!
//! Reading goes event by event with a stack of its own, so that no nesting can overflow this program's, and a duplicate
//! key is found in JSON too. Where something stands is looked up only when a message needs it: a document of thirteen
//! megabytes has half a million places, and few findings.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event as Yaml, Parser, ScalarStyle};
use serde_json::{Map, Number, Value};

use super::json::Json;
pub(super) use crate::pointer::escape;

/// How deep a document may be nested. Real ones stay below fifty.
pub(super) const DEEPEST: usize = 200;

const TOO_MUCH: &str = "is too much: aliases of aliases stand for millions of values";

/// How many values a document may have once its aliases are written out: a few aliases of aliases can stand for
/// billions.
const MOST_VALUES: usize = 4_000_000;

/// A document, as JSON.
#[derive(Debug)]
pub(super) struct Document {
    /// What messages call it.
    pub(super) shown: String,
    pub(super) value: Value,
    text: String,
}

/// One step of reading, and where it stands.
pub(super) struct Event {
    pub(super) step: Step,
    pub(super) mark: Mark,
}

pub(super) enum Step {
    /// A value, or a key; with how it is spelt, which is what a key is.
    Scalar {
        value: Value,
        spelling: String,
        anchor: usize,
    },
    Open {
        is_map: bool,
        anchor: usize,
    },
    Close,
    Alias(usize),
}

/// A place in the text. JSON knows bytes, and lines are counted when they are asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    Byte(usize),
    Line { line: usize, column: usize },
}

/// What is wrong with the text, and where.
pub(super) type Broken = (Mark, String);

impl Document {
    pub(super) fn parse(shown: &str, bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            format!("{shown}:{line}:1: is no text in UTF-8; convert it")
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        match build(&text) {
            Ok(value) => Ok(Self { shown: shown.to_owned(), value, text }),
            Err((mark, message)) => {
                let (line, column) = place(&text, mark);
                Err(format!("{shown}:{line}:{column}: {message}"))
            }
        }
    }

    /// One made by this program.
    pub(super) fn made(shown: &str, value: Value) -> Self {
        let text = value.to_string();
        Self { shown: shown.to_owned(), value, text }
    }

    /// A message about what stands at `pointer`, with its line.
    pub(super) fn finding(&self, pointer: &str, message: &str) -> String {
        self.findings(&[(pointer.to_owned(), message.to_owned())]).remove(0)
    }

    /// Messages about what stands at pointers, each with the line of it, or of the nearest thing around it.
    pub(super) fn findings(&self, found: &[(String, String)]) -> Vec<String> {
        let mut wanted = HashSet::new();
        for (pointer, _) in found {
            wanted.extend(pointer.match_indices('/').skip(1).map(|(at, _)| &pointer[..at]));
            wanted.insert(pointer);
        }
        let places = locate(&self.text, &wanted);
        found
            .iter()
            .map(|(pointer, message)| {
                let mut at = pointer.as_str();
                let mark = loop {
                    match (places.get(at), at.rfind('/')) {
                        (Some(mark), _) => break *mark,
                        (None, Some(slash)) => at = &at[..slash],
                        (None, None) => break Mark::Line { line: 1, column: 1 },
                    }
                };
                let (line, column) = place(&self.text, mark);
                format!("{}:{line}:{column} {pointer}: {message}", self.shown)
            })
            .collect()
    }
}

fn place(text: &str, mark: Mark) -> (usize, usize) {
    match mark {
        Mark::Line { line, column } => (line, column),
        Mark::Byte(at) => {
            let before = text.get(..at).unwrap_or(text);
            let line = before.matches('\n').count() + 1;
            let start = before.rfind('\n').map_or(0, |at| at + 1);
            (line, before[start..].chars().count() + 1)
        }
    }
}

fn events(text: &str) -> Box<dyn Iterator<Item = Result<Event, Broken>> + '_> {
    if text.trim_start().starts_with(['{', '[']) {
        Box::new(Json::new(text))
    } else {
        Box::new(Parser::new_from_str(text).filter_map(of_yaml))
    }
}

/// A container that is being read.
struct Open {
    value: Value,
    /// The key whose value comes next.
    key: Option<String>,
    anchor: usize,
}

fn build(text: &str) -> Result<Value, Broken> {
    let mut stack: Vec<Open> = Vec::new();
    let mut anchors: HashMap<usize, (Value, usize)> = HashMap::new();
    let mut root = None;
    let mut values = 0_usize;
    for event in events(text) {
        let Event { step, mark } = event?;
        values += 1;
        let mut done = match step {
            Step::Open { is_map, anchor } => {
                if stack.len() >= DEEPEST {
                    return Err((mark, format!("is nested more than {DEEPEST} deep")));
                }
                if is_map && matches!(stack.last(), Some(Open { value: Value::Object(_), key: None, .. })) {
                    return Err((mark, "a key must be a text".to_owned()));
                }
                let value = if is_map { Value::Object(Map::new()) } else { Value::Array(Vec::new()) };
                stack.push(Open { value, key: None, anchor });
                continue;
            }
            Step::Close => match stack.pop() {
                Some(open) => (open.value, None, open.anchor),
                None => continue,
            },
            Step::Scalar { value, spelling, anchor } => (value, Some(spelling), anchor),
            Step::Alias(anchor) => {
                let (known, size) = anchors
                    .get(&anchor)
                    .ok_or((mark, "refers to an anchor that holds this very value".to_owned()))?;
                values = values.saturating_add(*size);
                if values > MOST_VALUES {
                    return Err((mark, TOO_MUCH.to_owned()));
                }
                let value = known.clone();
                let spelling = value.as_str().map(str::to_owned);
                (value, spelling, 0)
            }
        };
        if values > MOST_VALUES {
            return Err((mark, TOO_MUCH.to_owned()));
        }
        if done.2 != 0 {
            anchors.insert(done.2, (done.0.clone(), count(&done.0)));
        }
        match stack.last_mut() {
            None if root.is_some() => {
                return Err((mark, "begins a second document; give them one at a time".to_owned()));
            }
            None => root = Some(done.0),
            Some(Open { value: Value::Array(items), .. }) => items.push(done.0),
            Some(Open { value: Value::Object(object), key, .. }) => match key.take() {
                None => match done.1.take() {
                    Some(spelling) if object.contains_key(&spelling) => {
                        return Err((
                            mark,
                            format!("the key `{spelling}` stands here a second time; remove one"),
                        ));
                    }
                    Some(spelling) => *key = Some(spelling),
                    None => return Err((mark, "a key must be a text".to_owned())),
                },
                Some(name) if name == "<<" && done.0.is_object() => {
                    if let Value::Object(merged) = done.0 {
                        for (name, value) in merged {
                            object.entry(name).or_insert(value);
                        }
                    }
                }
                Some(name) => {
                    object.insert(name, done.0);
                }
            },
            Some(_) => {}
        }
    }
    root.ok_or((Mark::Line { line: 1, column: 1 }, "is empty".to_owned()))
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Value::Object(object) => 1 + object.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

/// Where the values at these pointers stand.
fn locate<'a>(text: &str, wanted: &HashSet<&'a str>) -> HashMap<&'a str, Mark> {
    struct Level {
        is_map: bool,
        index: usize,
        /// How long the pointer to this container is.
        length: usize,
        has_key: bool,
    }
    let mut found = HashMap::new();
    let mut levels: Vec<Level> = Vec::new();
    let mut pointer = String::new();
    for event in events(text) {
        let Ok(Event { step, mark }) = event else { break };
        if matches!(step, Step::Close) {
            levels.pop();
            continue;
        }
        if let Some(level) = levels.last_mut() {
            let begins_entry = !(level.is_map && level.has_key);
            if begins_entry {
                pointer.truncate(level.length);
                pointer.push('/');
                match &step {
                    Step::Scalar { spelling, .. } if level.is_map => pointer.push_str(&escape(spelling)),
                    _ => pointer.push_str(&level.index.to_string()),
                }
                level.index += 1;
                if let Some(known) = wanted.get(pointer.as_str()) {
                    found.entry(*known).or_insert(mark);
                }
            }
            if level.is_map {
                level.has_key = begins_entry;
                if begins_entry {
                    continue;
                }
            }
        }
        if let Step::Open { is_map, .. } = step {
            levels.push(Level { is_map, index: 0, length: pointer.len(), has_key: false });
        }
    }
    found
}

fn of_yaml(
    event: Result<(Yaml<'_>, granit_parser::Span), granit_parser::ScanError>,
) -> Option<Result<Event, Broken>> {
    let (event, span) = match event {
        Ok(event) => event,
        Err(error) => {
            let mark = Mark::Line { line: error.marker().line(), column: error.marker().col() + 1 };
            let message = error.to_string();
            let message = message.split(" at ").next().unwrap_or_default().to_owned();
            if message.contains("recursion limit") {
                return Some(Err((mark, "is nested too deep".to_owned())));
            }
            return Some(Err((mark, format!("is no YAML: {message}"))));
        }
    };
    let mark = Mark::Line { line: span.start.line(), column: span.start.col() + 1 };
    let step = match event {
        Yaml::Scalar(text, style, anchor, tag) => {
            let is_text =
                style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
            let value = if is_text { Ok(Value::from(text.as_ref())) } else { plain(&text) };
            match value {
                Ok(value) => Step::Scalar { value, spelling: text.into_owned(), anchor },
                Err(message) => return Some(Err((mark, message))),
            }
        }
        Yaml::SequenceStart(_, anchor, _) => Step::Open { is_map: false, anchor },
        Yaml::MappingStart(_, anchor, _) => Step::Open { is_map: true, anchor },
        Yaml::SequenceEnd | Yaml::MappingEnd => Step::Close,
        Yaml::Alias(anchor) => Step::Alias(anchor),
        _ => return None,
    };
    Some(Ok(Event { step, mark }))
}

/// What YAML 1.2 takes a text without quotes for.
fn plain(text: &str) -> Result<Value, String> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Value::Null),
        "true" | "True" | "TRUE" => return Ok(true.into()),
        "false" | "False" | "FALSE" => return Ok(false.into()),
        _ => {}
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = digits.to_ascii_lowercase();
    if matches!(lower.as_str(), ".inf" | ".nan") {
        return Err(format!("`{text}` is no number that JSON has"));
    }
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    if numeric && !leading_zero {
        if let Ok(whole) = text.parse::<i64>() {
            return Ok(whole.into());
        }
        if let Ok(whole) = text.parse::<u64>() {
            return Ok(whole.into());
        }
        if let Some(number) = text.parse::<f64>().ok().and_then(Number::from_f64) {
            return Ok(number.into());
        }
    }
    Ok(text.into())
}
