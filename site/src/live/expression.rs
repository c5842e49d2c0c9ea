//! A request with its answer, and the runtime expressions of OpenAPI's links that speak of them.

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::request::Prepared;

/// A request that was sent, with its answer.
pub(crate) struct Exchange {
    pub(crate) request: Prepared,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// Null if it was no JSON.
    pub(crate) body: Value,
}

impl Exchange {
    /// Whether the answer is the one that a document speaks of under this status.
    pub(crate) fn has_status(&self, documented: &str) -> bool {
        match documented.strip_suffix("XX") {
            Some(hundred) => (self.status / 100).to_string() == hundred,
            None => documented == "default" || documented == self.status.to_string(),
        }
    }

    /// A value in which every expression stands for what it names. `None` if one of them names nothing.
    pub(crate) fn evaluate(&self, value: &Value) -> Option<Value> {
        match value {
            Value::String(text) if text.starts_with('$') => self.named(text),
            Value::Array(items) => items.iter().map(|item| self.evaluate(item)).collect(),
            Value::Object(object) => object
                .iter()
                .map(|(name, value)| Some((name.clone(), self.evaluate(value)?)))
                .collect::<Option<serde_json::Map<_, _>>>()
                .map(Value::Object),
            constant => Some(constant.clone()),
        }
    }

    fn named(&self, expression: &str) -> Option<Value> {
        let (side, place) = expression.strip_prefix('$')?.split_once('.')?;
        let (place, name) = match place.split_once(['#', '.']) {
            Some((place, name)) => (place, name),
            None => (place, ""),
        };
        let found = match (side, place) {
            ("response", "body") => self.body.pointer(name).cloned(),
            ("response", "header") => self.headers.get(name)?.to_str().ok().map(Value::from),
            ("request", "body") => self.request.body.as_ref()?.pointer(name).cloned(),
            ("request", "path") => self.request.path.get(name).cloned(),
            ("request", "query") => self.request.query.get(name).cloned(),
            ("request", "header") => self.request.header.get(name).cloned(),
            _ => None,
        };
        found.filter(|value| !value.is_null())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn exchange() -> Exchange {
        let mut request = Prepared { body: Some(json!({"email": "ada@example.com"})), ..Prepared::default() };
        request.path.insert("id".to_owned(), json!("a.b"));
        let headers =
            [("x-request-id", "r-1")].map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        Exchange {
            request,
            status: 201,
            headers: headers.into_iter().collect(),
            body: json!({"data": {"id": 7, "no": null}}),
        }
    }

    #[test]
    fn an_expression_stands_for_what_it_names() {
        let exchange = exchange();
        for (expression, value) in [
            (json!("$response.body#/data/id"), json!(7)),
            (json!("$response.header.x-request-id"), json!("r-1")),
            (json!("$request.body#/email"), json!("ada@example.com")),
            (json!("$request.path.id"), json!("a.b")),
            (json!({"list": ["$response.body#/data/id", "constant"]}), json!({"list": [7, "constant"]})),
        ] {
            assert_eq!(exchange.evaluate(&expression), Some(value), "{expression}");
        }
    }

    #[test]
    fn what_is_not_there_is_nothing() {
        let exchange = exchange();
        for expression in
            ["$response.body#/data/no", "$response.body#/id", "$request.query.id", "$url", "$", "$a.b"]
        {
            assert_eq!(exchange.evaluate(&json!({ "a": [expression] })), None, "{expression}");
        }
    }

    #[test]
    fn a_status_may_be_documented_by_its_hundred() {
        let exchange = exchange();
        assert!(["201", "2XX", "default"].iter().all(|status| exchange.has_status(status)));
        assert!(["200", "4XX"].iter().all(|status| !exchange.has_status(status)));
    }
}
