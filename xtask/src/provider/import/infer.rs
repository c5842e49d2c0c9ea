//! A schema from samples: what all of them have in common, and no more.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// What is known of a value after some samples of it.
#[derive(Debug, Default)]
pub(super) struct Sample {
    null: bool,
    boolean: bool,
    integer: bool,
    number: bool,
    /// The format that all texts had so far; `Some(None)` if they had none in common.
    text: Option<Option<&'static str>>,
    list: Option<Box<Sample>>,
    objects: usize,
    /// In the order in which they were first seen, with how often they were.
    members: Vec<(String, Sample, usize)>,
    /// Keys that are values themselves make a map.
    map: Option<Box<Sample>>,
    /// Whether a name stood there more than once.
    pub(super) repeated: bool,
}

impl Sample {
    pub(super) fn add(&mut self, value: &Value, recorded: &BTreeSet<String>) {
        match value {
            Value::Null => self.null = true,
            Value::Bool(_) => self.boolean = true,
            Value::Number(number) if number.is_f64() => self.number = true,
            Value::Number(_) => self.integer = true,
            Value::String(text) => {
                let format = format(text);
                self.text = Some(match self.text {
                    None => format,
                    Some(known) if known == format => known,
                    Some(_) => None,
                });
            }
            Value::Array(items) => {
                let list = self.list.get_or_insert_with(Box::default);
                items.iter().for_each(|item| list.add(item, recorded));
            }
            Value::Object(object) => {
                self.objects += 1;
                let private = |key: &String| {
                    looks_private(key)
                        || !is_name(key)
                        || recorded.contains(&key.to_lowercase()) && key.len() > 6
                };
                if self.map.is_some() || object.keys().any(private) {
                    let map = self.map.get_or_insert_with(Box::default);
                    object.values().for_each(|value| map.add(value, recorded));
                    return;
                }
                let mut places: BTreeMap<String, usize> = self
                    .members
                    .iter()
                    .enumerate()
                    .map(|(index, (key, _, _))| (key.clone(), index))
                    .collect();
                for (key, value) in object {
                    let index = *places.entry(key.clone()).or_insert_with(|| {
                        self.members.push((key.clone(), Self::default(), 0));
                        self.members.len() - 1
                    });
                    if let Some((_, sample, count)) = self.members.get_mut(index) {
                        sample.add(value, recorded);
                        *count += 1;
                    }
                }
            }
        }
    }

    pub(super) fn schema(&self) -> Value {
        let mut kinds = Vec::new();
        if self.boolean {
            kinds.push(json!({"type": "boolean"}));
        }
        if self.number {
            kinds.push(json!({"type": "number"}));
        } else if self.integer {
            kinds.push(json!({"type": "integer"}));
        }
        if let Some(format) = self.text {
            let mut text = json!({"type": "string"});
            if let Some(format) = format {
                text["format"] = format.into();
            }
            kinds.push(text);
        }
        if let Some(list) = &self.list {
            kinds.push(json!({"type": "array", "items": list.schema()}));
        }
        if self.objects > 0 {
            kinds.push(self.object());
        }
        let mut schema = match kinds.len() {
            0 => json!({}),
            1 => kinds.remove(0),
            _ => json!({"oneOf": kinds}),
        };
        if self.null {
            schema["nullable"] = true.into();
        }
        schema
    }

    fn object(&self) -> Value {
        if let Some(map) = &self.map {
            return json!({"type": "object", "additionalProperties": map.schema()});
        }
        if self.members.is_empty() {
            return json!({"type": "object"});
        }
        let properties: Map<String, Value> =
            self.members.iter().map(|(key, sample, _)| (key.clone(), sample.schema())).collect();
        // One sample proves nothing of what must be there.
        let required: Vec<&str> = self
            .members
            .iter()
            .filter(|(_, _, count)| *count == self.objects && self.objects > 1)
            .map(|(key, _, _)| key.as_str())
            .collect();
        json!({"type": "object", "required": required, "properties": properties})
    }
}

/// The format of a text, if it is one that means the same everywhere.
fn format(text: &str) -> Option<&'static str> {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|c| c.is_ascii_digit());
    let is_date = |text: &str| {
        let parts: Vec<_> = text.split('-').collect();
        matches!(parts.as_slice(), [year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2))
    };
    if text.is_ascii()
        && text.contains('@')
        && !text.contains([' ', '/'])
        && text.rsplit('@').next().is_some_and(|host| host.contains('.'))
    {
        return Some("email");
    }
    let groups: Vec<_> = text.split('-').map(str::len).collect();
    if groups == [8, 4, 4, 4, 12] && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-') {
        return Some("uuid");
    }
    if is_date(text) {
        return Some("date");
    }
    if text.is_ascii() && text.len() >= 20 && text.as_bytes().get(10) == Some(&b'T') && is_date(&text[..10]) {
        return Some("date-time");
    }
    if text.starts_with("https://") || text.starts_with("http://") {
        return Some("uri");
    }
    text.parse::<std::net::Ipv4Addr>().is_ok().then_some("ipv4")
}

/// Whether a key is a name that a person gave, and no value.
fn is_name(key: &str) -> bool {
    let first = key.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '$' | '@'));
    first && key.len() <= 60 && key.chars().skip(1).all(|c| c.is_ascii_alphanumeric() || "_-.:$ ".contains(c))
}

/// Whether a word could be an identifier, a number or an address of somebody's.
pub(super) fn looks_private(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let letters = word.chars().filter(char::is_ascii_alphabetic).count();
    let inner_at = word.chars().skip(1).any(|c| c == '@');
    let ends_in_few_digits = digits <= 2
        && word.trim_end_matches(|c: char| c.is_ascii_digit()).chars().all(|c| !c.is_ascii_digit());
    inner_at
        || word.contains('%')
        || digits >= 3
        || (digits > 0 && !ends_in_few_digits && letters > 3 && word.len() > 8)
        || word.len() > 60
}
