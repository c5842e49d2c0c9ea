//! The sandbox's made-up credentials, as Scalar's configuration takes them and as a request carries them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use enroll_sandbox::Sandbox;
use serde_json::{Map, Value, json};

use crate::spec::{Operation, Spec, members};

/// What is known of each security scheme of a provider, by its name.
pub(crate) struct Credentials(Vec<(String, Scheme)>);

enum Scheme {
    Bearer(String),
    Basic { username: String, password: String },
    Header { name: String, value: String },
}

impl Credentials {
    pub(crate) fn of(spec: &Spec, sandbox: &Sandbox) -> Self {
        let all = sandbox.headers();
        let headers = all.iter().find(|(name, _)| *name == spec.name).map(|(_, headers)| headers.as_slice());
        let environment = sandbox.environment();
        let schemes =
            members(&spec.document["components"]["securitySchemes"]).filter_map(|(name, scheme)| {
                Some((name.to_owned(), scheme_of(spec, scheme, headers.unwrap_or_default(), &environment)?))
            });
        Self(schemes.collect())
    }

    /// As Scalar takes them: the values by the schemes' names, and which schemes go together unless an operation says
    /// otherwise.
    pub(crate) fn for_scalar(&self, spec: &Spec) -> Value {
        let shown = |scheme: &Scheme| match scheme {
            Scheme::Bearer(token) => json!({ "token": token }),
            Scheme::Basic { username, password } => json!({ "username": username, "password": password }),
            Scheme::Header { value, .. } => json!({ "value": value }),
        };
        let schemes: Map<_, _> = self.0.iter().map(|(name, scheme)| (name.clone(), shown(scheme))).collect();
        let preferred = match self.required(&spec.document["security"]).as_slice() {
            [] => Value::Null,
            [one] => json!(one),
            several => json!([several]),
        };
        json!({ "preferredSecurityScheme": preferred, "securitySchemes": schemes })
    }

    /// The fields of a head that an operation asks for.
    pub(crate) fn headers(&self, operation: Operation<'_>) -> Vec<(String, String)> {
        let own = operation.value.get("security");
        let names = self.required(own.unwrap_or(&operation.spec.document["security"]));
        let wanted = self.0.iter().filter(|(name, _)| names.contains(&name.as_str()));
        wanted.map(|(_, scheme)| scheme.header()).collect()
    }

    /// The schemes of the first requirement that can be met.
    fn required<'a>(&self, security: &'a Value) -> Vec<&'a str> {
        let requirements = security.as_array().into_iter().flatten();
        let mut names =
            requirements.map(|requirement| members(requirement).map(|(name, _)| name).collect::<Vec<_>>());
        names
            .find(|names| names.iter().all(|name| self.0.iter().any(|(known, _)| known == name)))
            .unwrap_or_default()
    }
}

impl Scheme {
    fn header(&self) -> (String, String) {
        match self {
            Self::Bearer(token) => ("authorization".to_owned(), format!("Bearer {token}")),
            Self::Basic { username, password } => {
                let both = STANDARD.encode(format!("{username}:{password}"));
                ("authorization".to_owned(), format!("Basic {both}"))
            }
            Self::Header { name, value } => (name.clone(), value.clone()),
        }
    }
}

fn scheme_of(
    spec: &Spec,
    scheme: &Value,
    headers: &[(&str, String)],
    environment: &[(&str, String)],
) -> Option<Scheme> {
    let header = |wanted: &str| {
        let found = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.clone())
    };
    let credential = |name: &Value| {
        let variable = &spec.document["x-enroll-credentials"][name.as_str()?]["env"];
        environment.iter().find(|(name, _)| variable == name).map(|(_, value)| value.clone())
    };
    let basic = &scheme["x-enroll-recipe"]["basic"];
    Some(match (scheme["type"].as_str()?, scheme["scheme"].as_str()) {
        ("http", Some(word)) if word.eq_ignore_ascii_case("bearer") => {
            let value = header("authorization")?;
            let (word, token) = value.split_once(' ')?;
            if !word.eq_ignore_ascii_case("bearer") {
                return None;
            }
            Scheme::Bearer(token.to_owned())
        }
        ("http", Some(word)) if word.eq_ignore_ascii_case("basic") => Scheme::Basic {
            username: credential(&basic["username"])?,
            password: credential(&basic["password"])?,
        },
        ("apiKey", _) if scheme["in"] == "header" => {
            let name = scheme["name"].as_str()?;
            Scheme::Header { name: name.to_owned(), value: header(name)? }
        }
        _ => return None,
    })
}
