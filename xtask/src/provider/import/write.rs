//! A spec as text, in the style of the house: block style, prose folded, what is short on one line.

use serde_json::{Map, Value};

const WIDTH: usize = 120;

/// Keys whose small mappings stand on one line.
const ON_ONE_LINE: [&str; 7] = [
    "x-enroll-evidence",
    "x-enroll-base-url",
    "x-enroll-creates",
    "x-enroll-recipe",
    "basic",
    "static",
    "x-enroll-absent",
];

/// The text of a document. Sections of the top level are set apart by blank lines.
pub(super) fn document(head: &str, document: &Map<String, Value>) -> String {
    let mut text = String::new();
    let mut line = "#".to_owned();
    for word in head.split_whitespace() {
        if line.chars().count() + word.chars().count() >= WIDTH {
            text.push_str(&line);
            text.push('\n');
            "#".clone_into(&mut line);
        }
        line.push(' ');
        line.push_str(word);
    }
    text.push_str(&line);
    text.push('\n');
    for (index, (key, value)) in document.iter().enumerate() {
        if index > 1 || value.is_object() {
            text.push('\n');
        }
        entry(key, value, 0, &mut text);
    }
    text
}

fn entry(key: &str, value: &Value, indent: usize, text: &mut String) {
    let start = text.len();
    pad(indent, text);
    text.push_str(&scalar_text(key));
    text.push(':');
    let used = text.len() - start;
    match value {
        Value::Object(object) if object.is_empty() => text.push_str(" {}\n"),
        Value::Array(items) if items.is_empty() => text.push_str(" []\n"),
        Value::Object(object) => {
            match flow(value).filter(|flow| ON_ONE_LINE.contains(&key) && used + flow.len() < WIDTH) {
                Some(flow) => line(&flow, text),
                None => {
                    text.push('\n');
                    object.iter().for_each(|(key, value)| entry(key, value, indent + 2, text));
                }
            }
        }
        Value::Array(items) => {
            let plain = items.iter().all(|item| !item.is_object() && !item.is_array());
            match flow(value).filter(|flow| plain && used + flow.len() < WIDTH) {
                Some(flow) => line(&flow, text),
                None => {
                    text.push('\n');
                    items.iter().for_each(|value| item(value, indent + 2, text));
                }
            }
        }
        Value::String(words) => string(words, used, indent + 2, text),
        other => line(&other.to_string(), text),
    }
}

fn item(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            // The first entry stands behind the dash.
            let mut inner = String::new();
            object.iter().for_each(|(key, value)| entry(key, value, indent + 2, &mut inner));
            pad(indent, text);
            text.push('-');
            text.push_str(&inner[indent + 1..]);
        }
        Value::Array(items) if !items.is_empty() => {
            let mut inner = String::new();
            items.iter().for_each(|value| item(value, indent + 2, &mut inner));
            pad(indent, text);
            text.push('-');
            text.push_str(&inner[indent + 1..]);
        }
        Value::String(words) => {
            pad(indent, text);
            text.push('-');
            string(words, indent + 1, indent + 2, text);
        }
        other => {
            pad(indent, text);
            text.push_str("- ");
            text.push_str(&other.to_string());
            text.push('\n');
        }
    }
}

fn pad(indent: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', indent));
}

fn line(value: &str, text: &mut String) {
    text.push(' ');
    text.push_str(value);
    text.push('\n');
}

fn string(words: &str, used: usize, indent: usize, text: &mut String) {
    let short = scalar_text(words);
    if used + short.chars().count() < WIDTH || !is_foldable(words) {
        return line(&short, text);
    }
    text.push_str(" >-\n");
    for (index, paragraph) in words.split('\n').enumerate() {
        if index > 0 {
            text.push('\n');
        }
        let mut length = 0;
        for word in paragraph.split(' ') {
            let long = word.chars().count();
            if length > 0 && length + 1 + long > WIDTH {
                text.push('\n');
                length = 0;
            }
            if length == 0 {
                pad(indent, text);
                length = indent;
            } else {
                text.push(' ');
                length += 1;
            }
            text.push_str(word);
            length += long;
        }
        text.push('\n');
    }
}

/// Whether folding and unfolding leaves the text as it is.
fn is_foldable(words: &str) -> bool {
    let spaced =
        words.contains("  ") || words.contains(" \n") || words.contains("\n ") || words.contains("\n\n");
    !spaced && words.trim() == words && !words.chars().any(|c| c.is_control() && c != '\n' || is_break(c))
}

/// What YAML 1.1 takes for the end of a line, or no reader takes at all.
fn is_break(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A value without blocks in it.
fn flow(value: &Value) -> Option<String> {
    match value {
        Value::Object(object) => {
            let entries: Option<Vec<_>> = object
                .iter()
                .map(|(key, value)| Some(format!("{}: {}", flow_text(key), flow(value)?)))
                .collect();
            Some(format!("{{{}}}", entries?.join(", ")))
        }
        Value::Array(items) => {
            let items: Option<Vec<_>> = items.iter().map(flow).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        Value::String(words) => Some(flow_text(words)),
        other => Some(other.to_string()),
    }
}

fn flow_text(words: &str) -> String {
    if words.contains([',', '[', ']', '{', '}', '"']) { quoted(words) } else { scalar_text(words) }
}

fn scalar_text(words: &str) -> String {
    if is_plain(words) { words.to_owned() } else { quoted(words) }
}

fn quoted(words: &str) -> String {
    if words.chars().any(|c| c.is_control() || is_break(c)) {
        let mut text = Value::from(words).to_string();
        for c in ['\u{7f}', '\u{85}', '\u{2028}', '\u{2029}', '\u{feff}', '\u{fffe}', '\u{ffff}'] {
            text = text.replace(c, &format!("\\u{:04x}", u32::from(c)));
        }
        let escaped = |c: char| {
            if ('\u{80}'..='\u{9f}').contains(&c) {
                format!("\\u{:04x}", u32::from(c))
            } else {
                c.to_string()
            }
        };
        return text.chars().map(escaped).collect();
    }
    format!("'{}'", words.replace('\'', "''"))
}

/// Whether a text needs no quotes, whatever the version of YAML.
fn is_plain(words: &str) -> bool {
    // `3.0.3` is no number in any version of YAML.
    let version = words.split('.').count() == 3
        && words.split('.').all(|part| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit()));
    if version {
        return true;
    }
    let first = |c: char| c.is_alphabetic() || c == '/' || c == '_' || c == '$' || c == '…' || c == '(';
    let ambiguous = ["true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf"];
    words.starts_with(first)
        && !words.ends_with([' ', ':'])
        && !words.contains(": ")
        && !words.contains(" #")
        && !words.chars().any(|c| c.is_control() || is_break(c))
        && !ambiguous.contains(&words.to_ascii_lowercase().as_str())
}
