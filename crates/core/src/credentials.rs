//! Credentials become headers: fixed values, tokens that the client signs, and tokens that the provider hands out.
//!
//! A header is made once and kept until it expires. A token from the provider is fetched by one caller while the others
//! wait. Every value is marked sensitive, so that no library prints it.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::HeaderValue;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::pointed::Scalar;
use crate::private::Secret;
use crate::provider::{Exchange, ExpiryFormat, Recipe, Scheme};

/// A token is replaced this long before it expires, so that it does not expire on its way.
const MARGIN: Duration = Duration::from_secs(30);

/// The values of credentials by name. They are a handful, for which a list is as fast as a map, and a twentieth of its code.
#[derive(Clone, Default)]
pub(crate) struct Values(Vec<(&'static str, Secret)>);

impl Values {
    pub(crate) fn get(&self, name: &str) -> Option<&Secret> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A later value replaces an earlier one.
    pub(crate) fn set(&mut self, name: &'static str, value: Secret) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, earlier)) => *earlier = value,
            None => self.0.push((name, value)),
        }
    }

    /// Takes all that `others` has, and keeps the rest.
    pub(crate) fn overlay(&mut self, others: Self) {
        for (name, value) in others.0 {
            self.set(name, value);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The credentials of one configuration, and the headers made from them.
pub(crate) struct Credentials {
    values: Values,
    /// By the scheme's address: a scheme is a static, so that its address is its identity. A provider has one or two.
    made: Mutex<Vec<(&'static Scheme, Made)>>,
    /// Its one permit is held by the caller that fetches a token, so that the others wait for it and do not fetch one each.
    pub(crate) fetching: Semaphore,
}

/// A header that was made, and until when it is good.
#[derive(Clone)]
struct Made {
    value: HeaderValue,
    expires: Option<SystemTime>,
}

/// Why a header could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoHeader(&'static str);

impl fmt::Display for NoHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for NoHeader {}

/// A header, or the need to fetch a token first.
pub(crate) enum Header {
    Ready(HeaderValue),
    Fetch(&'static Exchange),
}

impl Credentials {
    pub(crate) fn new(values: Values) -> Self {
        Self { values, made: Mutex::default(), fetching: Semaphore::new(1) }
    }

    /// The header for `scheme`, unless it must be fetched. A value equal to `refused` is not used again.
    pub(crate) fn header(
        &self,
        scheme: &'static Scheme,
        now: impl Fn() -> SystemTime,
        refused: Option<&HeaderValue>,
    ) -> Result<Header, NoHeader> {
        if let Some(value) = self.kept(scheme, &now).filter(|value| Some(value) != refused) {
            return Ok(Header::Ready(value));
        }
        let (text, expires) = match &scheme.recipe {
            Recipe::Static(template) => (self.fill(template)?, None),
            Recipe::Basic { username, password } => {
                let pair = Zeroizing::new(format!("{}:{}", self.text(username)?, self.text(password)?));
                (Zeroizing::new(format!("Basic {}", BASE64_STANDARD.encode(pair.as_bytes()))), None)
            }
            #[cfg(feature = "hs256")]
            Recipe::MintHs256 { key, claims, lifetime, value } => {
                let expires = now() + Duration::from_secs(*lifetime);
                let token = self.mint(key, claims, expires)?;
                (spliced(value, &|_| Ok(&token))?, Some(expires))
            }
            Recipe::Exchange(exchange) => match exchange.given.and_then(|name| self.values.get(name)) {
                Some(token) => (spliced(exchange.value, &|_| Ok(token.expose()))?, None),
                None => return Ok(Header::Fetch(exchange)),
            },
        };
        self.keep(scheme, &text, expires).map(Header::Ready)
    }

    /// Whether a 401 may be cured by fetching a new token.
    pub(crate) fn can_renew(&self, scheme: &'static Scheme) -> bool {
        match &scheme.recipe {
            Recipe::Exchange(exchange) => exchange.given.is_none_or(|name| !self.values.contains(name)),
            _ => false,
        }
    }

    /// Lets go of a header that was refused, unless another has taken its place meanwhile.
    pub(crate) fn forget(&self, scheme: &'static Scheme, refused: Option<&HeaderValue>) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.retain(|(other, made)| !(std::ptr::eq(*other, scheme) && Some(&made.value) == refused));
    }

    /// Keeps the header made from a token that was fetched, by the template `value`.
    pub(crate) fn keep_fetched(
        &self,
        scheme: &'static Scheme,
        value: &str,
        token: &str,
        expires: Option<SystemTime>,
        now: SystemTime,
    ) -> Result<HeaderValue, NoHeader> {
        // A token that seems to have expired before it came says that the two clocks or time zones disagree: it is used
        // until the provider refuses it, rather than fetched again for every call.
        let expires = expires.filter(|expires| *expires > now + MARGIN);
        self.keep(scheme, &spliced(value, &|_| Ok(token))?, expires)
    }

    fn kept(&self, scheme: &'static Scheme, now: impl Fn() -> SystemTime) -> Option<HeaderValue> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, made) = made.iter().find(|(other, _)| std::ptr::eq(*other, scheme))?;
        let good = made.expires.is_none_or(|expires| expires > now() + MARGIN);
        good.then(|| made.value.clone())
    }

    fn keep(
        &self,
        scheme: &'static Scheme,
        text: &str,
        expires: Option<SystemTime>,
    ) -> Result<HeaderValue, NoHeader> {
        let mut value = HeaderValue::from_str(text)
            .map_err(|_| NoHeader("a credential has characters no header can carry"))?;
        value.set_sensitive(true);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.retain(|(other, _)| !std::ptr::eq(*other, scheme));
        made.push((scheme, Made { value: value.clone(), expires }));
        Ok(value)
    }

    #[cfg(feature = "hs256")]
    fn mint(
        &self,
        key: &str,
        claims: &[(&str, &str)],
        expires: SystemTime,
    ) -> Result<Zeroizing<String>, NoHeader> {
        use base64::prelude::BASE64_URL_SAFE_NO_PAD;
        use hmac::{Hmac, KeyInit as _, Mac as _};
        use sha2::Sha256;

        let mut payload = serde_json::Map::new();
        for (name, template) in claims {
            payload.insert((*name).to_owned(), self.fill(template)?.as_str().into());
        }
        let expires = expires.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        payload.insert("exp".to_owned(), expires.into());
        let head = BASE64_URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
        let body = BASE64_URL_SAFE_NO_PAD.encode(serde_json::Value::from(payload).to_string());
        let signed = format!("{head}.{body}");
        let mut mac = match Hmac::<Sha256>::new_from_slice(self.text(key)?.as_bytes()) {
            Ok(mac) => mac,
            Err(_) => unreachable!("HMAC takes a key of any length"),
        };
        mac.update(signed.as_bytes());
        let signature = BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        Ok(Zeroizing::new(format!("{signed}.{signature}")))
    }

    /// The template with each `{name}` replaced by its credential.
    fn fill(&self, template: &str) -> Result<Zeroizing<String>, NoHeader> {
        spliced(template, &|name| self.text(name))
    }

    /// A client may be built with the credentials of most operations only. A call that needs others is not made with
    /// empty ones.
    fn text(&self, name: &str) -> Result<&str, NoHeader> {
        self.values
            .get(name)
            .map(Secret::expose)
            .ok_or(NoHeader("a credential that this call needs is not set"))
    }
}

/// The template with each `{name}` replaced by what stands for it.
fn spliced<'a>(
    template: &str,
    text: &dyn Fn(&str) -> Result<&'a str, NoHeader>,
) -> Result<Zeroizing<String>, NoHeader> {
    let mut whole = Zeroizing::new(String::with_capacity(template.len() + 64));
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        whole.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        whole.push_str(text(name)?);
        rest = after;
    }
    whole.push_str(rest);
    Ok(whole)
}

/// The expiry that an answer tells, in the form that the spec says it has. What cannot be read is unknown: the token is
/// then used until the provider refuses it.
pub(crate) fn parse_expiry(value: &Scalar, format: ExpiryFormat, now: SystemTime) -> Option<SystemTime> {
    match format {
        #[cfg(feature = "date-time")]
        ExpiryFormat::DateTime { offset_minutes } => {
            let local = humantime::parse_rfc3339_weak(value.text()?).ok()?;
            let offset = Duration::from_secs(u64::from(offset_minutes.unsigned_abs()) * 60);
            if offset_minutes < 0 { local.checked_add(offset) } else { local.checked_sub(offset) }
        }
        ExpiryFormat::EpochSeconds => UNIX_EPOCH.checked_add(Duration::from_secs(value.unsigned()?)),
        ExpiryFormat::SecondsFromNow => now.checked_add(Duration::from_secs(value.unsigned()?)),
    }
}
