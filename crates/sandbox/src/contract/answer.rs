//! The answers that an operation documents.

use std::collections::BTreeMap;

use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use super::content::{Body, Contents, RawContents};
use super::document::Document;
use super::parameter::Parameter;
use super::report::Report;

/// What is documented of one status, or of a range of them.
pub(super) struct Answer {
    /// `200`, `5XX` or `default`.
    status: String,
    headers: Vec<Parameter>,
    contents: Contents,
    /// As the document has it, of the first form of the body.
    schema: Option<Value>,
}

#[derive(Deserialize)]
struct RawAnswer {
    #[serde(default)]
    headers: BTreeMap<String, Value>,
    #[serde(default)]
    content: RawContents,
}

impl Answer {
    pub(super) fn read(document: &Document, status: &str, answer: &Value) -> Result<Self, String> {
        let RawAnswer { headers, content } = document.load(answer)?;
        let headers = headers.iter().map(|(name, header)| Parameter::read_header(document, name, header));
        Ok(Self {
            status: status.to_owned(),
            headers: headers.collect::<Result<_, _>>()?,
            contents: Contents::read(document, &content)?,
            schema: content.into_values().next().map(|content| content.schema),
        })
    }

    /// The one for a status: what is said of it alone, else of its range, else of all the others.
    pub(super) fn of_status(answers: &[Self], status: u16) -> Option<&Self> {
        let names = [status.to_string(), format!("{}XX", status / 100), "default".to_owned()];
        names.iter().find_map(|name| answers.iter().find(|answer| answer.status == *name))
    }

    pub(super) fn schema(&self) -> Option<&Value> {
        self.schema.as_ref()
    }

    pub(super) fn check(&self, headers: &HeaderMap, body: Body<'_>, report: &mut Report) {
        for header in &self.headers {
            header.check_header(headers, report);
        }
        let required = !self.contents.is_empty();
        let Some(content) = self.contents.of_body(headers, body, required, report) else { return };
        let Some(value) = content.parse(body, report) else { return };
        content.schema.check(&value, "body", report);
    }
}
