//! Bodies: the media types that are declared, each with its schema.

use std::borrow::Cow;
use std::collections::BTreeMap;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::Value;

use super::document::Document;
use super::json;
use super::report::{Kind, Report};
use super::schema::Schema;

/// A body as it is sent, or as the value that will be written down as JSON.
#[derive(Clone, Copy)]
pub(crate) enum Body<'a> {
    Bytes(&'a [u8]),
    Value(&'a Value),
}

impl<'a> From<&'a [u8]> for Body<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl Body<'_> {
    fn is_empty(self) -> bool {
        matches!(self, Self::Bytes([]))
    }
}

/// Every form that a body may have.
pub(super) struct Contents(Vec<Content>);

/// A body's form.
pub(super) struct Content {
    media_type: String,
    pub(super) schema: Schema,
}

/// The map under `content`.
pub(super) type RawContents = BTreeMap<String, RawMediaType>;

#[derive(Deserialize)]
pub(super) struct RawMediaType {
    pub(super) schema: Value,
}

impl Contents {
    pub(super) fn read(document: &Document, raw: &RawContents) -> Result<Self, String> {
        let contents = raw.iter().map(|(media_type, raw)| {
            let media_type = essence(media_type);
            if !is_json(&media_type) && raw.schema.get("type") != Some(&Value::from("string")) {
                return Err(format!(
                    "a body of {media_type} is text to us; its schema must be of type string"
                ));
            }
            let schema = document.schema(&raw.schema).map_err(|error| format!("{media_type}: {error}"))?;
            Ok(Content { media_type, schema })
        });
        Ok(Self(contents.collect::<Result<_, String>>()?))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The form that a body says it has. Nothing is noted about what is fine or is not there at all.
    pub(super) fn of_body(
        &self,
        headers: &HeaderMap,
        body: Body<'_>,
        required: bool,
        report: &mut Report,
    ) -> Option<&Content> {
        if body.is_empty() {
            if required {
                report.add("body", Kind::Missing, "is required");
            }
            return None;
        }
        if self.is_empty() {
            report.add("body", Kind::Undeclared, "is not declared; leave it out");
            return None;
        }
        let mut named = headers.get_all(CONTENT_TYPE).iter();
        let media_type = match (named.next().map(|value| value.to_str()), named.next()) {
            (Some(Ok(media_type)), None) => essence(media_type),
            _ => String::new(),
        };
        let content = self.0.iter().find(|content| content.media_type == media_type);
        if content.is_none() {
            let declared: Vec<_> = self.0.iter().map(|content| content.media_type.as_str()).collect();
            report.add("header content-type", Kind::MediaType, format!("must be {}", declared.join(" or ")));
        }
        content
    }
}

impl Content {
    /// A body as a value; or else it is noted why it cannot be read. What is no JSON is one text.
    pub(super) fn parse<'a>(&self, body: Body<'a>, report: &mut Report) -> Option<Cow<'a, Value>> {
        let parsed = match body {
            Body::Value(value) if is_json(&self.media_type) => return Some(Cow::Borrowed(value)),
            Body::Value(value) => Ok(Value::from(value.to_string())),
            Body::Bytes(bytes) if is_json(&self.media_type) => json::parse(bytes),
            Body::Bytes(bytes) => {
                let text = std::str::from_utf8(bytes).map(Value::from);
                text.map_err(|_| "is not valid UTF-8".to_owned())
            }
        };
        parsed.map(Cow::Owned).map_err(|message| report.add("body", Kind::Malformed, message)).ok()
    }
}

fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type.ends_with("+json")
}

/// A media type without its parameters.
fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
