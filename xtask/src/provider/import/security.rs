//! How calls are authenticated: the document's schemes as credentials and recipes.

use std::collections::BTreeSet;

use heck::{ToSnakeCase, ToUpperCamelCase};
use serde_json::{Map, Value, json};

use super::Origin;
use super::document::Document;
use super::flatten::items;
use super::private::prose;

/// The schemes that the chosen operations use, with what they need.
pub(super) struct Schemes {
    pub(super) schemes: Map<String, Value>,
    pub(super) credentials: Map<String, Value>,
    /// What holds where an operation says nothing.
    common: Option<Vec<String>>,
    /// The name here of each scheme of the document.
    names: Vec<(String, String)>,
    global: Value,
    defined: Value,
}

pub(super) fn schemes(name: &str, document: &Document, operations: &[&Value], origin: &Origin) -> Schemes {
    let defined = &document.value["components"]["securitySchemes"];
    let mut made = Schemes {
        schemes: Map::new(),
        credentials: Map::new(),
        common: None,
        names: Vec::new(),
        global: document.value["security"].clone(),
        defined: defined.clone(),
    };
    let mut wanted: Vec<String> = Vec::new();
    let mut all = vec![&made.global];
    all.extend(operations.iter().map(|operation| &operation["security"]));
    let mut stated = false;
    let preferred = picked(&made.global, defined, None);
    for security in all {
        stated |= security.is_array();
        for scheme in picked(security, defined, preferred.as_ref()).into_iter().flatten() {
            if !wanted.contains(&scheme) {
                wanted.push(scheme);
            }
        }
    }
    let first = defined.as_object().and_then(|defined| {
        let header = defined.iter().find(|(_, scheme)| is_sent_in_header(scheme));
        header.or_else(|| defined.iter().next())
    });
    if !stated {
        wanted.extend(first.map(|(name, _)| name.clone()));
    }
    let mut taken = BTreeSet::new();
    for wish in wanted {
        let key = unique(&wish.to_snake_case().to_upper_camel_case(), &mut taken);
        let key = heck::ToLowerCamelCase::to_lower_camel_case(key.as_str());
        let scheme = &defined[&wish];
        made.add(name, &key, scheme, origin);
        made.names.push((wish, key));
    }
    if !stated && !made.names.is_empty() {
        made.common = Some(vec![made.names[0].1.clone()]);
    } else if !stated && defined.as_object().is_none_or(Map::is_empty) {
        made.add(name, "token", &Value::Null, origin);
        made.common = Some(vec!["token".to_owned()]);
    } else {
        made.common = picked(&made.global, defined, None).map(|names| made.renamed(&names));
    }
    made
}

fn is_sent_in_header(scheme: &Value) -> bool {
    scheme["type"] == "http" || scheme["type"] == "apiKey" && scheme["in"] == "header"
}

/// The alternative that suits best: the one that holds elsewhere too, the first whose schemes are all sent in headers, or
/// the first of all.
fn picked(security: &Value, defined: &Value, preferred: Option<&Vec<String>>) -> Option<Vec<String>> {
    let alternatives: Vec<Vec<String>> = items(Some(security))
        .map(|alternative| {
            alternative.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect()
        })
        .filter(|names: &Vec<String>| names.iter().all(|name| defined.get(name).is_some()))
        .collect();
    if !security.is_array() {
        return None;
    }
    if let Some(preferred) = preferred.filter(|preferred| alternatives.contains(preferred)) {
        return Some(preferred.clone());
    }
    let in_headers = |names: &&Vec<String>| {
        !names.is_empty() && names.iter().all(|name| is_sent_in_header(&defined[name]))
    };
    let best =
        alternatives.iter().find(in_headers).or_else(|| alternatives.iter().find(|names| !names.is_empty()));
    Some(best.cloned().unwrap_or_default())
}

fn unique(wish: &str, taken: &mut BTreeSet<String>) -> String {
    let plain: String = wish.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain =
        if plain.starts_with(|c: char| c.is_ascii_alphabetic()) { plain } else { format!("Scheme{plain}") };
    let mut name = plain.clone();
    let mut number = 2;
    while !taken.insert(name.to_snake_case()) {
        name = format!("{plain}{number}");
        number += 1;
    }
    name
}

impl Schemes {
    /// The schemes that all operations use unless they say otherwise.
    pub(super) fn common(&self) -> Option<Value> {
        let names = self.common.as_ref().filter(|names| !names.is_empty())?;
        Some(alternative(names))
    }

    /// What an operation says, if it differs. Where nothing holds for all, each says so itself.
    pub(super) fn of(&self, operation: &Value) -> Option<Value> {
        let own = &operation["security"];
        let common = self.common.clone().unwrap_or_default();
        let preferred = picked(&self.global, &self.defined, None);
        let names = match picked(own, &self.defined, preferred.as_ref()) {
            Some(names) => self.renamed(&names),
            None => common.clone(),
        };
        (names != common || common.is_empty()).then(|| alternative(&names))
    }

    fn renamed(&self, names: &[String]) -> Vec<String> {
        names
            .iter()
            .filter_map(|name| self.names.iter().find(|(wish, _)| wish == name))
            .map(|(_, name)| name.clone())
            .collect()
    }

    fn add(&mut self, provider: &str, key: &str, scheme: &Value, origin: &Origin) {
        let said =
            scheme["description"].as_str().map(|text| prose(text, 240)).filter(|text| !text.is_empty());
        let word = scheme["scheme"].as_str().unwrap_or_default().to_lowercase();
        let kind = scheme["type"].as_str().unwrap_or_default();
        let documented = origin.evidence();
        let bearer = |credential: &str| json!({"static": format!("Bearer {{{credential}}}")});
        let written = match (kind, word.as_str()) {
            ("http", "basic") => {
                let (username, password) = match self.credentials.contains_key("username") {
                    false => ("username".to_owned(), "password".to_owned()),
                    true => (
                        format!("{}_username", key.to_snake_case()),
                        format!("{}_password", key.to_snake_case()),
                    ),
                };
                self.credential(provider, &username, "Name of the account that calls.", false);
                self.credential(provider, &password, "Password that belongs to it.", true);
                json!({
                    "type": "http", "scheme": "basic",
                    "description": said.unwrap_or_else(|| "Name and password of the account that calls.".to_owned()),
                    "x-enroll-recipe": {"basic": {"username": username, "password": password}},
                    "x-enroll-evidence": documented,
                })
            }
            ("apiKey", _) if scheme["in"] == "header" && scheme["name"].is_string() => {
                let header = scheme["name"].as_str().unwrap_or_default();
                let credential = self.free("api_key", key);
                self.credential(
                    provider,
                    &credential,
                    "Key of the account that calls, just as it is sent.",
                    true,
                );
                json!({
                    "type": "apiKey", "in": "header", "name": header,
                    "description": said.unwrap_or_else(|| "The key of the account that calls.".to_owned()),
                    "x-enroll-recipe": {"static": format!("{{{credential}}}")},
                    "x-enroll-evidence": documented,
                })
            }
            ("http", "bearer") => {
                let credential = self.free("token", key);
                self.credential(
                    provider,
                    &credential,
                    "Token of the account that calls, without the word Bearer before it.",
                    true,
                );
                json!({
                    "type": "http", "scheme": "bearer",
                    "description": said.unwrap_or_else(|| "The token of the account that calls.".to_owned()),
                    "x-enroll-recipe": bearer(&credential),
                    "x-enroll-evidence": documented,
                })
            }
            _ => {
                let credential = self.free("token", key);
                self.credential(
                    provider,
                    &credential,
                    "Token of the account that calls, without the word Bearer before it.",
                    true,
                );
                let why = match (kind, scheme["in"].as_str()) {
                    ("oauth2" | "openIdConnect", _) => {
                        "The document has a token fetched by OAuth 2 or OpenID Connect; here it is given, and sent as both have it."
                    }
                    ("apiKey", Some("query" | "cookie")) => {
                        "The document has the key in the address or in a cookie, which this SDK never does; that it is taken \
                         as a bearer token too is a guess."
                    }
                    ("", _) => "The document names no credential; a bearer token is the commonest.",
                    _ => {
                        "The document has a scheme that this SDK does not know; a bearer token is the commonest."
                    }
                };
                json!({
                    "type": "http", "scheme": "bearer",
                    "description": said.unwrap_or_else(|| "A token that is given.".to_owned()),
                    "x-enroll-recipe": bearer(&credential),
                    "x-enroll-evidence": {"assumed": why},
                })
            }
        };
        self.schemes.insert(key.to_owned(), written);
    }

    fn free(&self, wish: &str, key: &str) -> String {
        if self.credentials.contains_key(wish) {
            format!("{}_{wish}", key.to_snake_case())
        } else {
            wish.to_owned()
        }
    }

    fn credential(&mut self, provider: &str, name: &str, description: &str, secret: bool) {
        let env = format!("{}_{}", provider.replace('-', "_"), name).to_uppercase();
        let mut credential = json!({"description": description, "env": env});
        if secret {
            credential["private"] = "secret".into();
        }
        credential["example"] = format!("fake-{}", name.replace('_', "-")).into();
        self.credentials.insert(name.to_owned(), credential);
    }
}

fn alternative(names: &[String]) -> Value {
    if names.is_empty() {
        return json!([]);
    }
    let one: Map<String, Value> = names.iter().map(|name| (name.clone(), json!([]))).collect();
    json!([one])
}
