//! Reads a spec and remembers where everything stands in the file, so that every later message can say so.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::Spanned;

use crate::error::{Finding, Position};

/// A YAML document as JSON, with the position of each value by its JSON pointer.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) value: Value,
    positions: HashMap<String, Position>,
}

impl Document {
    /// Parses `text`. Duplicate keys are errors, and only `true` and `false` are booleans: `NO` is a country.
    pub(crate) fn parse(text: &str) -> Result<Self, Finding> {
        let options = serde_saphyr::options! {
            strict_booleans: true,
            leading_zero_numbers_as_strings: true,
            underscored_numbers_as_strings: true,
            with_snippet: false,
        };
        let root: Node = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let position = error.location().map(|location| Position {
                line: usize::try_from(location.line()).unwrap_or_default(),
                column: usize::try_from(location.column()).unwrap_or_default(),
            });
            // The position is told once, by the finding.
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
            Finding { position: position.unwrap_or_default(), pointer: String::new(), message }
        })?;
        let mut positions = HashMap::new();
        let value = root.flatten(String::new(), &mut positions);
        Ok(Self { value, positions })
    }

    /// A finding about what stands at `pointer`, or about the nearest thing around it that has a position.
    pub(crate) fn finding(&self, pointer: &str, message: impl Into<String>) -> Finding {
        let mut at = pointer;
        let position = loop {
            match self.positions.get(at) {
                Some(position) => break *position,
                None => match at.rfind('/') {
                    Some(slash) => at = &at[..slash],
                    None => break Position { line: 1, column: 1 },
                },
            }
        };
        Finding { position, pointer: pointer.to_owned(), message: message.into() }
    }
}

/// One token of a JSON pointer.
pub(crate) fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

/// A YAML value with positions: a key's for an entry, its own for an item.
enum Node {
    Scalar(Value),
    Sequence(Vec<Spanned<Node>>),
    Mapping(Vec<(Spanned<String>, Node)>),
}

impl Node {
    fn flatten(self, pointer: String, positions: &mut HashMap<String, Position>) -> Value {
        match self {
            Self::Scalar(value) => value,
            Self::Sequence(items) => items
                .into_iter()
                .enumerate()
                .map(|(index, item)| {
                    let pointer = format!("{pointer}/{index}");
                    positions.insert(pointer.clone(), position(&item.defined));
                    item.value.flatten(pointer, positions)
                })
                .collect(),
            Self::Mapping(entries) => entries
                .into_iter()
                .map(|(key, node)| {
                    let pointer = format!("{pointer}/{}", escape(&key.value));
                    positions.insert(pointer.clone(), position(&key.defined));
                    (key.value, node.flatten(pointer, positions))
                })
                .collect(),
        }
    }
}

fn position(location: &serde_saphyr::Location) -> Position {
    Position {
        line: usize::try_from(location.line()).unwrap_or_default(),
        column: usize::try_from(location.column()).unwrap_or_default(),
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NodeVisitor;

        impl<'de> Visitor<'de> for NodeVisitor {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a YAML value")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Node, E> {
                Ok(Node::Scalar(value.into()))
            }

            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Scalar(Value::Null))
            }

            fn visit_none<E>(self) -> Result<Node, E> {
                Ok(Node::Scalar(Value::Null))
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
                Node::deserialize(deserializer)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = access.next_element()? {
                    items.push(item);
                }
                Ok(Node::Sequence(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = access.next_entry()? {
                    entries.push(entry);
                }
                Ok(Node::Mapping(entries))
            }
        }

        deserializer.deserialize_any(NodeVisitor)
    }
}
