//! A provider as a table of operations, and the way from a request to the row that answers it.
//!
//! The operation of a request is known before anything is checked. So it can be recorded with the request, and
//! whatever is to happen to a call of a certain operation has one place to happen in: [`answer`].

use axum::http::header::ALLOW;
use axum::http::{HeaderValue, StatusCode};
use percent_encoding::percent_decode_str;

use crate::message::{Answer, Call};

/// A service that the sandbox emulates.
pub(crate) trait Provider: Sized + 'static {
    /// The first segment of every path, and the provider's name everywhere else in this repository.
    const NAME: &'static str;

    /// Every operation that the provider has here, by the names of its spec.
    const OPERATIONS: &'static [Operation<Self>];

    /// Refuses a call whose credentials the provider would not accept.
    fn authorize(&self, operation: &'static str, call: &Call) -> Result<(), Answer>;

    /// Says no in the provider's own shape.
    fn refuse(&self, status: StatusCode, message: &str) -> Answer;
}

/// A row of a provider's table.
pub(crate) struct Operation<P> {
    /// The `operationId` of the spec.
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    /// As in the spec: a segment in braces stands for any text, and a slash at the end counts.
    pub(crate) path: &'static str,
    pub(crate) handle: fn(&P, &Call) -> Result<Answer, Answer>,
}

/// Where a request leads.
pub(crate) enum Route<P: 'static> {
    Found { operation: &'static Operation<P>, parameters: Vec<String> },
    WrongMethod { allowed: Vec<&'static str> },
    Unknown,
}

impl<P: Provider> Route<P> {
    pub(crate) fn find(method: &str, path: &str) -> Self {
        let mut matching: Vec<_> = P::OPERATIONS
            .iter()
            .filter_map(|operation| Some((operation, match_path(operation.path, path)?)))
            .collect();
        // OpenAPI: a path without parameters is matched before one with parameters.
        if matching.iter().any(|(_, parameters)| parameters.is_empty()) {
            matching.retain(|(_, parameters)| parameters.is_empty());
        }
        if matching.is_empty() {
            return Self::Unknown;
        }
        let allowed = matching.iter().map(|(operation, _)| operation.method).collect();
        match matching.into_iter().find(|(operation, _)| operation.method == method) {
            Some((operation, parameters)) => Self::Found { operation, parameters },
            None => Self::WrongMethod { allowed },
        }
    }

    pub(crate) fn operation(&self) -> Option<&'static str> {
        match self {
            Self::Found { operation, .. } => Some(operation.id),
            Self::WrongMethod { .. } | Self::Unknown => None,
        }
    }
}

/// Answers a call: credentials first, as a provider's gateway does, then the media type, then the operation itself.
pub(crate) fn answer<P: Provider>(provider: &P, operation: &'static Operation<P>, call: &Call) -> Answer {
    let answered = provider.authorize(operation.id, call).and_then(|()| {
        if !call.is_json() {
            return Err(
                provider.refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body must be application/json")
            );
        }
        (operation.handle)(provider, call)
    });
    answered.unwrap_or_else(|refused| refused)
}

/// Answers a path that exists, but not with this method.
pub(crate) fn wrong_method<P: Provider>(provider: &P, allowed: &[&str]) -> Answer {
    let refused = provider.refuse(StatusCode::METHOD_NOT_ALLOWED, "the method is not allowed for this path");
    match HeaderValue::from_str(&allowed.join(", ")) {
        Ok(allow) => refused.with_header(ALLOW, allow),
        Err(_) => refused,
    }
}

/// The parameters of a path if it is of this form. Each must be filled, and must be UTF-8 once decoded.
fn match_path(form: &str, path: &str) -> Option<Vec<String>> {
    if form.split('/').count() != path.split('/').count() {
        return None;
    }
    let mut parameters = Vec::new();
    for (expected, segment) in form.split('/').zip(path.split('/')) {
        if expected.starts_with('{') {
            let decoded = percent_decode_str(segment).decode_utf8().ok().filter(|text| !text.is_empty())?;
            parameters.push(decoded.into_owned());
        } else if expected != segment {
            return None;
        }
    }
    Some(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_matches_segment_by_segment() {
        assert_eq!(match_path("/user/", "/user/"), Some(vec![]));
        assert_eq!(match_path("/user/", "/user"), None);
        assert_eq!(match_path("/user/{uid}", "/user/a%2Fb"), Some(vec!["a/b".to_owned()]));
        assert_eq!(match_path("/user/{uid}", "/user/"), None);
        assert_eq!(match_path("/user/{uid}", "/user/%FF"), None);
        assert_eq!(match_path("/user/{uid}", "/user/1/2"), None);
    }
}
