//! Credentials of a provider that is known by its spec alone: made up, handed out and checked by the schemes' recipes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use super::spec::{Document, members};
use crate::clock::{Clock, Moment};
use crate::message::Call;
use crate::mint::Mint;
use crate::table::{Key, Record, Table};

/// How long a token opens the door that an operation hands out.
const LIFETIME: Duration = Duration::from_secs(3_600);

/// How many tokens are known at a time.
const MOST_TOKENS: usize = 1_000;

/// Every credential, and what it is good for.
pub(super) struct Credentials {
    document: Document,
    values: Vec<(&'static str, String)>,
    clock: Arc<Clock>,
    mint: Mint,
    tokens: Mutex<Tokens>,
}

struct Tokens {
    table: Table<Token>,
    /// The token that was last shown to somebody who looks into the sandbox.
    shown: Option<Token>,
}

#[derive(Clone)]
struct Token {
    value: String,
    expires: Moment,
}

impl Record for Token {
    fn keys(&self) -> Vec<Key> {
        vec![("token", self.value.clone())]
    }
}

impl Credentials {
    pub(super) fn new(name: &str, document: Document, clock: Arc<Clock>, mint: &Mint) -> Self {
        let made_up = |(credential, about): (&'static str, &'static Value)| {
            let prefixes = &about["prefixes"];
            let prefix = prefixes.get("test").or_else(|| prefixes.as_object()?.values().next());
            let prefix = prefix.and_then(Value::as_str).unwrap_or_default();
            // Long enough for a key of HS256.
            (credential, format!("{prefix}fake-{name}-{}-{}", credential.replace('_', "-"), mint.hex(32)))
        };
        let values = members(&document.0["x-enroll-credentials"]).map(made_up).collect();
        let tokens = Mutex::new(Tokens { table: Table::new(MOST_TOKENS), shown: None });
        Self { document, values, clock, mint: mint.fork(), tokens }
    }

    /// The value of one; nothing if the spec has no such credential.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// What an SDK has to be told. A token that can be exchanged for other credentials is left out, so that it is.
    pub(super) fn environment(&self) -> Vec<(&'static str, String)> {
        let is_exchanged =
            |name: &str| self.schemes().any(|(_, it)| it["x-enroll-recipe"]["exchange"]["given"] == name);
        let about = members(&self.document.0["x-enroll-credentials"]);
        let told = about.filter(|(name, _)| !is_exchanged(name));
        told.filter_map(|(name, about)| Some((about["env"].as_str()?, self.value(name)?.to_owned())))
            .collect()
    }

    /// Fields of a head that are good for every operation with the document's own security.
    pub(super) fn headers(&self) -> Vec<(&'static str, String)> {
        let first = self.document.0["security"].as_array().and_then(|sets| sets.first());
        let schemes = first.into_iter().flat_map(members);
        schemes
            .filter_map(|(name, _)| {
                let scheme = self.scheme(name);
                Some((header(scheme)?, self.good_value(&scheme["x-enroll-recipe"])?))
            })
            .collect()
    }

    /// Whether a call has what one of the alternatives of its operation asks for.
    pub(super) fn admit(&self, operation: &'static Value, call: &Call) -> bool {
        let own = operation.get("security").or_else(|| self.document.0.get("security"));
        let Some(alternatives) = own.and_then(Value::as_array).filter(|sets| !sets.is_empty()) else {
            return true;
        };
        alternatives.iter().any(|set| members(set).all(|(scheme, _)| self.fits(self.scheme(scheme), call)))
    }

    /// A fresh token, and the moment from which it is good no more.
    pub(super) fn issue(&self) -> (String, Moment) {
        let token = self.issue_token();
        (token.value, token.expires)
    }

    /// How the answer of an operation that hands out tokens is to be filled in: places and what stands there.
    pub(super) fn issued(&self, operation: &str) -> Vec<(&'static str, Value)> {
        let recipes = self.schemes().map(|(_, scheme)| &scheme["x-enroll-recipe"]["exchange"]);
        let Some(recipe) = recipes.into_iter().find(|it| it["operation"] == operation) else {
            return Vec::new();
        };
        let (token, expires) = self.issue();
        let token = recipe["token"].as_str().map(|at| (at, Value::String(token)));
        let expires = recipe["expires"].as_str().map(|at| {
            let value = match recipe["expires-format"].as_str().unwrap_or_default() {
                "epoch-seconds" => json!(expires.epoch_seconds()),
                "seconds-from-now" => json!(LIFETIME.as_secs()),
                zone => json!(in_zone(expires, zone)),
            };
            (at, value)
        });
        token.into_iter().chain(expires).collect()
    }

    /// Forgets the tokens that were handed out.
    pub(super) fn reset(&self) {
        let mut tokens = self.lock();
        tokens.table.clear();
        tokens.shown = None;
    }

    fn issue_token(&self) -> Token {
        let expires = self.clock.now().after(LIFETIME);
        let mut tokens = self.lock();
        loop {
            let token = Token { value: format!("fake-token-{}", self.mint.hex(32)), expires };
            if tokens.table.insert(token.clone()).is_ok() {
                return token;
            }
        }
    }

    /// A token that is good for half an hour at least, and the same until then: to look often must not push out the
    /// tokens of the clients.
    fn shown_token(&self) -> String {
        let then = self.clock.now().after(LIFETIME / 2);
        let last = self.lock().shown.clone().filter(|token| token.expires > then);
        let token = last.unwrap_or_else(|| self.issue_token());
        self.lock().shown = Some(token.clone());
        token.value
    }

    fn schemes(&self) -> impl Iterator<Item = (&'static str, &'static Value)> {
        members(&self.document.0["components"]["securitySchemes"])
    }

    fn scheme(&self, name: &str) -> &'static Value {
        self.document.resolve(&self.document.0["components"]["securitySchemes"][name])
    }

    /// What a client would send for a recipe.
    fn good_value(&self, recipe: &'static Value) -> Option<String> {
        if let Some(template) = recipe["static"].as_str() {
            return Some(self.filled_in(template));
        }
        if let Some(basic) = recipe.get("basic") {
            return Some(format!("Basic {}", self.basic(basic)?));
        }
        if let Some(mint) = recipe.get("mint") {
            let claims: Map<String, Value> = members(&mint["claims"])
                .map(|(name, claim)| {
                    (name.to_owned(), self.filled_in(claim.as_str().unwrap_or_default()).into())
                })
                .collect();
            let token = sign(&Value::Object(claims), self.value(mint["key"].as_str()?)?)?;
            return Some(mint["value"].as_str()?.replace("{jwt}", &token));
        }
        let exchange = recipe.get("exchange")?;
        Some(exchange["value"].as_str()?.replace("{token}", &self.shown_token()))
    }

    fn fits(&self, scheme: &'static Value, call: &Call) -> bool {
        let Some(given) = header(scheme).and_then(|name| call.header(name)) else { return false };
        let recipe = &scheme["x-enroll-recipe"];
        if let Some(template) = recipe["static"].as_str() {
            return between(given, &self.filled_in(template), "").is_some_and(str::is_empty);
        }
        if let Some(basic) = recipe.get("basic") {
            return self.basic(basic).is_some_and(|expected| between(given, "Basic ", "") == Some(&expected));
        }
        if let Some(mint) = recipe.get("mint") {
            let token = around(mint["value"].as_str().unwrap_or_default(), "{jwt}", given);
            return token.is_some_and(|token| self.is_signed(mint, token));
        }
        let exchange = &recipe["exchange"];
        let token = around(exchange["value"].as_str().unwrap_or_default(), "{token}", given);
        let is_given = |token| exchange["given"].as_str().and_then(|name| self.value(name)) == Some(token);
        token.is_some_and(|token| is_given(token) || self.is_issued(token))
    }

    fn is_issued(&self, token: &str) -> bool {
        let now = self.clock.now();
        self.lock().table.find("token", token).is_some_and(|token| token.expires > now)
    }

    fn is_signed(&self, mint: &'static Value, token: &str) -> bool {
        let Some(key) = mint["key"].as_str().and_then(|name| self.value(name)) else { return false };
        let Some(claims) = open(token, key) else { return false };
        let mut expected = members(&mint["claims"]);
        let are_right = expected.all(|(name, claim)| {
            let claim = self.filled_in(claim.as_str().unwrap_or_default());
            claims.get(name).and_then(Value::as_str) == Some(&claim)
        });
        // RFC 7519 allows a fraction of a second.
        let now = self.clock.now().epoch_seconds() as f64;
        are_right && claims.get("exp").is_none_or(|expiry| expiry.as_f64().is_some_and(|expiry| expiry > now))
    }

    fn basic(&self, recipe: &'static Value) -> Option<String> {
        let value = |part: &str| self.value(recipe[part].as_str()?);
        Some(STANDARD.encode(format!("{}:{}", value("username")?, value("password")?)))
    }

    /// A template with the credentials in their places.
    fn filled_in(&self, template: &str) -> String {
        let fill = |text: String, (name, value): &(&str, String)| text.replace(&format!("{{{name}}}"), value);
        self.values.iter().fold(template.to_owned(), fill)
    }

    fn lock(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The header that a scheme speaks of.
fn header(scheme: &'static Value) -> Option<&'static str> {
    if scheme["type"] == "http" { Some("Authorization") } else { scheme["name"].as_str() }
}

/// What stands in a header at the place of a name in its template.
fn around<'a>(template: &str, name: &str, given: &'a str) -> Option<&'a str> {
    let (before, after) = template.split_once(name)?;
    between(given, before, after)
}

/// What stands between two texts. The word before a credential may be in any case (RFC 9110).
fn between<'a>(given: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (start, rest) = given.split_at_checked(before.len())?;
    let word = before.find(' ').unwrap_or(0);
    let is_right =
        start[..].get(..word)?.eq_ignore_ascii_case(&before[..word]) && start[word..] == before[word..];
    if is_right { rest.strip_suffix(after) } else { None }
}

/// A JSON Web Token of these claims.
fn sign(claims: &Value, key: &str) -> Option<String> {
    let header = URL_SAFE_NO_PAD.encode(json!({ "alg": "HS256", "typ": "JWT" }).to_string());
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?.chain_update(&signed);
    Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())))
}

/// The claims of a token, if it is signed with the key.
fn open(token: &str, key: &str) -> Option<Map<String, Value>> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let part =
        |part: &str| serde_json::from_slice::<Map<String, Value>>(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
    if part(header)?.get("alg")? != "HS256" {
        return None;
    }
    let mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?.chain_update(signed);
    mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    part(claims)
}

/// `2024-01-24 18:18:38` in the zone that `datetime+05:30` names; in UTC if it names none.
fn in_zone(moment: Moment, format: &str) -> String {
    let zone = format.strip_prefix("datetime").unwrap_or_default();
    let minutes = || {
        let (hours, minutes) = zone.get(1..)?.split_once(':')?;
        Some(hours.parse::<u64>().ok()? * 60 + minutes.parse::<u64>().ok()?)
    };
    let offset = Duration::from_secs(minutes().unwrap_or(0) * 60);
    let local = if zone.starts_with('-') { moment.before(offset) } else { moment.after(offset) };
    local.date_and_time()
}
