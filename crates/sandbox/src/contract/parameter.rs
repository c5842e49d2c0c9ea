//! Parameters in path, query and headers: which there are, and what their text stands for.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName};
use percent_encoding::percent_decode;
use serde::Deserialize;
use serde_json::{Number, Value};

use super::document::Document;
use super::operation::Request;
use super::report::{Kind, Report, shown};
use super::schema::Schema;

/// A value of its own in the path, the query or the headers.
pub(super) struct Parameter {
    place: Place,
    name: String,
    required: bool,
    form: Form,
    schema: Schema,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Place {
    Path,
    Query,
    Header,
}

/// What the text of a parameter is read as.
enum Form {
    Text,
    Number,
    Boolean,
}

#[derive(Deserialize)]
struct RawParameter {
    #[serde(rename = "in")]
    place: Place,
    name: String,
    #[serde(flatten)]
    rest: RawValue,
}

/// What a parameter and a header of an answer have in common.
#[derive(Deserialize)]
struct RawValue {
    #[serde(default)]
    required: bool,
    schema: Value,
    style: Option<Value>,
    explode: Option<Value>,
}

impl Parameter {
    /// Every parameter of an operation: its own, and those of its path that it does not replace.
    pub(super) fn read_all(
        document: &Document,
        shared: Option<&Value>,
        own: &[Value],
    ) -> Result<Vec<Self>, String> {
        let shared = shared.and_then(Value::as_array).into_iter().flatten();
        let mut parameters: Vec<Self> = Vec::new();
        for part in own.iter().chain(shared) {
            let RawParameter { place, name, rest } = document.load(part)?;
            if !parameters.iter().any(|known| known.place == place && known.name == name) {
                parameters.push(Self::read(document, place, &name, rest)?);
            }
        }
        Ok(parameters)
    }

    /// A header of an answer.
    pub(super) fn read_header(document: &Document, name: &str, header: &Value) -> Result<Self, String> {
        Self::read(document, Place::Header, name, document.load(header)?)
    }

    fn read(document: &Document, place: Place, name: &str, raw: RawValue) -> Result<Self, String> {
        let place_and_name = format!("{} {name}", place.word());
        if raw.style.is_some() || raw.explode.is_some() {
            return Err(format!(
                "{place_and_name}: style and explode are not understood here; leave them out"
            ));
        }
        if place == Place::Header && name.parse::<HeaderName>().is_err() {
            return Err(format!("{place_and_name}: cannot be a header's name"));
        }
        let form = match document.resolve(&raw.schema)?["type"].as_str() {
            Some("string") | None => Form::Text,
            Some("integer" | "number") => Form::Number,
            Some("boolean") => Form::Boolean,
            Some(other) => return Err(format!("{place_and_name}: {other} is not understood here")),
        };
        let schema = document.schema(&raw.schema).map_err(|error| format!("{place_and_name}: {error}"))?;
        Ok(Self { place, name: name.to_owned(), required: raw.required, form, schema })
    }

    pub(super) fn is_in(&self, place: Place, name: &str) -> bool {
        self.place == place && self.name == name
    }

    /// Notes what is wrong with the header of this name.
    pub(super) fn check_header(&self, headers: &HeaderMap, report: &mut Report) {
        let values: Result<Vec<_>, _> =
            headers.get_all(&self.name).iter().map(|value| value.to_str()).collect();
        match values {
            Ok(values) => self.check(&values, report),
            Err(_) => report.add(self.location(), Kind::Malformed, "is not ASCII text"),
        }
    }

    fn check(&self, values: &[&str], report: &mut Report) {
        match values {
            [] if self.required => report.add(self.location(), Kind::Missing, "is required"),
            [] => {}
            [text] => self.schema.check(&self.value(text), &self.location(), report),
            _ => report.add(self.location(), Kind::Duplicated, "stands there more than once"),
        }
    }

    fn location(&self) -> String {
        format!("{} {}", self.place.word(), self.name)
    }

    /// What a text stands for. Text that stands for no value of the type is left as it is, for the schema to refuse.
    fn value(&self, text: &str) -> Value {
        let value = match self.form {
            Form::Text => None,
            // Numbers as in JSON, which serde_json takes with white space around them.
            Form::Number if text.trim() != text => None,
            Form::Number => serde_json::from_str::<Number>(text).ok().map(Value::Number),
            Form::Boolean => text.parse().ok().map(Value::Bool),
        };
        value.unwrap_or_else(|| text.into())
    }
}

impl Place {
    fn word(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
        }
    }
}

/// Notes what is wrong with the parameters of a request.
pub(super) fn check(parameters: &[Parameter], request: &Request<'_>, report: &mut Report) {
    let Some(query) = pairs(request.query.unwrap_or_default()) else {
        return report.add("query", Kind::Malformed, "is not UTF-8");
    };
    for parameter in parameters {
        match parameter.place {
            Place::Path => parameter.check(&values(request.path, &parameter.name), report),
            Place::Query => parameter.check(&values(&query, &parameter.name), report),
            Place::Header => parameter.check_header(request.headers, report),
        }
    }
    for (name, _) in &query {
        if !parameters.iter().any(|parameter| parameter.is_in(Place::Query, name)) {
            report.add(format!("query {}", shown(name)), Kind::Undeclared, "is not declared");
        }
    }
}

fn values<'a>(pairs: &'a [(impl AsRef<str>, String)], name: &str) -> Vec<&'a str> {
    pairs.iter().filter(|(key, _)| key.as_ref() == name).map(|(_, value)| value.as_str()).collect()
}

/// The pairs of a query, decoded; `None` if one is no UTF-8 then.
fn pairs(query: &str) -> Option<Vec<(String, String)>> {
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode(spaced.as_bytes()).decode_utf8().ok().map(Cow::into_owned)
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}
