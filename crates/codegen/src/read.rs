//! Reads a spec and remembers where everything stands in the file, so that every later message can say so.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::Spanned;
use serde_saphyr::budget::BudgetBreach;

use crate::error::{Finding, Position};
use crate::rule;

/// How deep a document may be nested: twice what a spec needs. The parser takes some 40 KiB of the stack for each level in
/// a debug build, and a thread has 2 MiB.
const DEEPEST: usize = 32;

/// A YAML document as JSON, with the position of each value by its JSON pointer.
#[derive(Debug)]
pub struct Document {
    pub(crate) value: Value,
    positions: HashMap<String, Position>,
}

impl Document {
    /// Parses `text`. Duplicate keys are errors, and only `true` and `false` are booleans: `NO` is a country. What YAML
    /// has and JSON has not (merge keys, tags, infinity) is an error too.
    ///
    /// # Errors
    /// The first thing that keeps the text from being read.
    pub fn parse(text: &str) -> Result<Self, Finding> {
        let options = serde_saphyr::options! {
            budget: serde_saphyr::budget! { max_depth: DEEPEST },
            merge_keys: serde_saphyr::MergeKeyPolicy::Error,
            non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::Reject,
            reject_unsupported_tags: true,
            strict_booleans: true,
            leading_zero_numbers_as_strings: true,
            underscored_numbers_as_strings: true,
            with_snippet: false,
        };
        let root: Node = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let position =
                error.location().map_or(Position { line: 1, column: 1 }, |location| position(&location));
            let rule = match error.without_snippet() {
                serde_saphyr::Error::DuplicateMappingKey { .. } => rule::DUPLICATE_KEY,
                _ => rule::YAML,
            };
            Finding { position, pointer: String::new(), message: message(&error), rule }
        })?;
        let mut positions = HashMap::new();
        let value = root.flatten(String::new(), &mut positions)?;
        Ok(Self { value, positions })
    }

    /// What the document says, whether or not it is a spec.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Where the key, or the item, at `pointer` stands.
    pub fn position(&self, pointer: &str) -> Option<Position> {
        self.positions.get(pointer).copied()
    }

    /// A finding about what stands at `pointer`, or about the nearest thing around it that has a position.
    pub fn finding(&self, rule: &'static str, pointer: &str, message: impl Into<String>) -> Finding {
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
        Finding { position, pointer: pointer.to_owned(), message: message.into(), rule }
    }
}

/// The parser's message, with the cure where its own speaks of its options.
fn message(error: &serde_saphyr::Error) -> String {
    match error.without_snippet() {
        serde_saphyr::Error::DuplicateMappingKey { key, .. } => {
            second_time(key.as_deref().unwrap_or_default())
        }
        serde_saphyr::Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => too_deep(),
        serde_saphyr::Error::Budget { .. } => {
            "is too large a document to be read; reduce it to the operations that are needed".to_owned()
        }
        serde_saphyr::Error::MergeKeyNotAllowed { .. } => {
            "has a merge key (`<<`); write the keys out".to_owned()
        }
        serde_saphyr::Error::MultipleDocuments { .. } => {
            "begins a second document; a spec is one, without `---` inside".to_owned()
        }
        other => {
            // The position is told once, by the finding.
            let message = other.to_string();
            // Before its events are counted, the parser counts brackets.
            if message.starts_with("recursion limit") {
                return too_deep();
            }
            message.split(" at line ").next().unwrap_or(&message).to_owned()
        }
    }
}

fn too_deep() -> String {
    format!("is nested more than {DEEPEST} deep; give the inner part a name and use a $ref")
}

fn second_time(key: &str) -> String {
    format!("the key `{key}` stands here a second time; remove one")
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
    fn flatten(self, pointer: String, positions: &mut HashMap<String, Position>) -> Result<Value, Finding> {
        match self {
            Self::Scalar(value) => Ok(value),
            Self::Sequence(items) => items
                .into_iter()
                .enumerate()
                .map(|(index, item)| {
                    let pointer = format!("{pointer}/{index}");
                    positions.insert(pointer.clone(), position(&item.defined));
                    item.value.flatten(pointer, positions)
                })
                .collect(),
            Self::Mapping(entries) => {
                let mut object = Map::new();
                for (key, node) in entries {
                    let pointer = format!("{pointer}/{}", escape(&key.value));
                    // To the parser 200 and '200' are two keys, and here they are one.
                    if positions.insert(pointer.clone(), position(&key.defined)).is_some() {
                        let message = second_time(&key.value);
                        let position = position(&key.defined);
                        return Err(Finding { position, pointer, message, rule: rule::DUPLICATE_KEY });
                    }
                    let value = node.flatten(pointer, positions)?;
                    object.insert(key.value, value);
                }
                Ok(object.into())
            }
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
