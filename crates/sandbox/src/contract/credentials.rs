//! Security requirements: which headers a request must carry, and the word before the credential.
//!
//! Whether a credential is good is the provider's to say; here it only has to be there.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use serde::Deserialize;

use super::document::{Document, Security};
use super::report::{Kind, Report};

/// Alternatives, of which a request must fulfil one; no alternative means that nothing is required.
pub(super) struct Credentials(Vec<Vec<Credential>>);

struct Credential {
    header: HeaderName,
    /// The word before the credential, for the schemes that have one.
    word: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", tag = "type")]
enum RawScheme {
    Http {
        scheme: String,
    },
    ApiKey {
        #[serde(rename = "in")]
        place: String,
        name: String,
    },
}

impl Credentials {
    pub(super) fn read(document: &Document, own: Option<Security>) -> Result<Self, String> {
        let security = own.map_or_else(|| document.security(), Ok)?;
        let read = |name: &String| Credential::read(document, name);
        let alternatives = security.iter().map(|schemes| schemes.keys().map(read).collect());
        Ok(Self(alternatives.collect::<Result<_, String>>()?))
    }

    pub(super) fn check(&self, headers: &HeaderMap, report: &mut Report) {
        let is_fulfilled = |schemes: &Vec<Credential>| schemes.iter().all(|scheme| scheme.is_in(headers));
        let Some(first) = self.0.first().filter(|_| !self.0.iter().any(is_fulfilled)) else { return };
        for credential in first.iter().filter(|credential| !credential.is_in(headers)) {
            let message = match &credential.word {
                Some(word) => format!("must be `{word}`, a space and a credential"),
                None => "must carry a credential".to_owned(),
            };
            report.add(format!("header {}", credential.header), Kind::Credentials, message);
        }
    }
}

impl Credential {
    fn read(document: &Document, name: &String) -> Result<Self, String> {
        match document.security_scheme(name)? {
            RawScheme::Http { scheme } => Ok(Self { header: AUTHORIZATION, word: Some(scheme) }),
            RawScheme::ApiKey { place, name } if place == "header" => {
                let header = name.parse().map_err(|_| format!("`{name}` cannot be a header's name"))?;
                Ok(Self { header, word: None })
            }
            RawScheme::ApiKey { place, .. } => Err(format!(
                "security scheme {name}: a key in {place} is not understood here; only in a header"
            )),
        }
    }

    fn is_in(&self, headers: &HeaderMap) -> bool {
        let Some(value) = headers.get(&self.header).and_then(|value| value.to_str().ok()) else {
            return false;
        };
        match &self.word {
            // RFC 9110: the word may be in any case.
            Some(word) => value
                .split_once(' ')
                .is_some_and(|(found, rest)| found.eq_ignore_ascii_case(word) && !rest.trim().is_empty()),
            None => !value.is_empty(),
        }
    }
}
