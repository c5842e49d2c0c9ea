//! Lets the pages of one origin read the answers, as a documentation site needs whose buttons send requests from the
//! browser (the Fetch standard's CORS protocol).
//!
//! Providers do not do this: their keys belong on a server. So a sandbox does it only when it is told to.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
    VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};

use crate::message::Answer;

/// The one origin whose pages may read the answers.
#[derive(Clone, Debug)]
pub(crate) struct Cors {
    allowed: HeaderValue,
}

impl Cors {
    /// # Errors
    ///
    /// When the text is no origin.
    pub(crate) fn new(origin: &str) -> Result<Self, String> {
        let written = |uri: &Uri| Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?));
        let is_origin = origin.parse().is_ok_and(|uri| written(&uri).as_deref() == Some(origin));
        match HeaderValue::from_str(origin) {
            Ok(allowed) if is_origin => Ok(Self { allowed }),
            _ => Err(format!(
                "{origin:?} is no origin; give a scheme, a host and a port, as in http://127.0.0.1:4000"
            )),
        }
    }

    /// Answers the question that a browser asks before a request, if this is one. An origin that is not allowed gets an
    /// answer that allows nothing.
    pub(crate) fn preflight(&self, method: &Method, headers: &HeaderMap) -> Option<Answer> {
        let wanted = headers.get(ACCESS_CONTROL_REQUEST_METHOD)?;
        if method != Method::OPTIONS || !headers.contains_key(ORIGIN) {
            return None;
        }
        let mut answer = Answer::empty(StatusCode::NO_CONTENT);
        if self.allows(headers) {
            // Whether the operation has the method and takes these fields is judged when the request itself comes.
            answer = answer.with_header(ACCESS_CONTROL_ALLOW_METHODS, wanted.clone());
            if let Some(fields) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
                answer = answer.with_header(ACCESS_CONTROL_ALLOW_HEADERS, fields.clone());
            }
        }
        Some(answer)
    }

    /// Adds to an answer what lets a page of the allowed origin read all of it. `asked` is the head of the request.
    pub(crate) fn opened(&self, asked: &HeaderMap, answer: Answer) -> Answer {
        let vary = match answer.headers().get(VARY).and_then(|fields| fields.to_str().ok()) {
            Some(fields) => HeaderValue::from_str(&format!("{fields}, Origin")).ok(),
            None => None,
        };
        let names: Vec<_> = answer.headers().keys().map(|name| name.as_str()).collect();
        let exposed = HeaderValue::from_str(&names.join(", "));
        let answer = answer.with_header(VARY, vary.unwrap_or_else(|| HeaderValue::from_static("Origin")));
        match exposed {
            Ok(exposed) if self.allows(asked) => answer
                .with_header(ACCESS_CONTROL_ALLOW_ORIGIN, self.allowed.clone())
                .with_header(ACCESS_CONTROL_EXPOSE_HEADERS, exposed),
            _ => answer,
        }
    }

    fn allows(&self, asked: &HeaderMap) -> bool {
        asked.get(ORIGIN) == Some(&self.allowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_perhaps_a_port() {
        for origin in
            ["http://127.0.0.1:4000", "http://localhost:4000", "https://docs.example.com", "http://[::1]:1"]
        {
            assert!(Cors::new(origin).is_ok(), "{origin}");
        }
        for text in
            ["", "*", "null", "127.0.0.1:4000", "http://127.0.0.1:4000/", "http://a/b", "http://a\r\nb: c"]
        {
            let error = Cors::new(text).map(drop).unwrap_err();
            assert!(error.contains("is no origin; give a scheme"), "{error}");
        }
    }

    #[test]
    fn what_an_answer_depends_on_already_is_kept() {
        let cors = Cors::new("http://127.0.0.1:4000").unwrap();
        let answer = Answer::empty(StatusCode::OK).with_header(VARY, HeaderValue::from_static("Accept"));
        let opened = cors.opened(&HeaderMap::new(), answer);
        assert_eq!(opened.headers()[VARY], "Accept, Origin");
        assert!(!opened.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
    }
}
