//! Original: users of an app, unique by external id and by e-mail address, behind a token that the caller signs.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use http::StatusCode;
use serde_json::{Map, Value, json};
use sha2::Sha256;

use crate::clock::{Clock, Moment};
use crate::contract::{Kind, Violation};
use crate::message::{Answer, Call, text};
use crate::mint::Mint;
use crate::redact::personal;
use crate::service::{Handler, Provider, sentence};
use crate::table::{Key, Record, Table, Taken};

/// The emulated Original, as one app sees it.
pub struct Original {
    api_key: String,
    api_secret: String,
    wallet_after: Duration,
    clock: Arc<Clock>,
    mint: Mint,
    users: Mutex<Table<User>>,
}

impl Original {
    /// The value that the header `X-API-KEY` must have.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// The secret that the token must be signed with.
    pub fn api_secret(&self) -> &str {
        &self.api_secret
    }

    /// Every user, in the order of creation.
    pub fn users(&self) -> Vec<User> {
        let now = self.clock.now();
        self.lock().iter().map(|user| self.seen(user, now)).collect()
    }

    /// A token for the header `Authorization`, as the SDK signs one. It has no expiry.
    pub fn token(&self) -> String {
        let part = |part: Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let header = part(json!({ "alg": "HS256", "typ": "JWT" }));
        let claims = part(json!({ "resource": "*", "action": "*", "user_id": "*", "api_key": self.api_key }));
        let signed = format!("{header}.{claims}");
        let signature = match Hmac::<Sha256>::new_from_slice(self.api_secret.as_bytes()) {
            Ok(mac) => URL_SAFE_NO_PAD.encode(mac.chain_update(&signed).finalize().into_bytes()),
            // A key of any length will do, so that this does not happen.
            Err(_) => String::new(),
        };
        format!("{signed}.{signature}")
    }

    /// Has a user use a blockchain for the first time, which is what makes the wallet. Answers whether there is such a
    /// user.
    pub fn mint(&self, uid: &str) -> bool {
        let mut users = self.lock();
        let Some(mut user) = users.find("uid", uid).cloned() else { return false };
        user.minted = true;
        users.replace("uid", uid, user).is_some()
    }

    pub(crate) fn new(clock: Arc<Clock>, mint: &Mint, capacity: usize, wallet_after: Duration) -> Self {
        Self {
            api_key: format!("fake-original-key-{}", mint.hex(16)),
            // Longer than 32 characters, because the vendor's .NET SDK refuses shorter ones.
            api_secret: format!("fake-original-secret-{}", mint.hex(32)),
            wallet_after,
            clock,
            mint: mint.fork(),
            users: Mutex::new(Table::new(capacity)),
        }
    }

    /// A user as they are at this time.
    fn seen(&self, user: &User, now: Moment) -> User {
        let ready = user.minted || user.created.after(self.wallet_after) <= now;
        User { wallet: user.wallet.clone().filter(|_| ready), ..user.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, Table<User>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Original").finish_non_exhaustive()
    }
}

/// A user as Original keeps it. `Debug` shows which of the two keys there are, and not what they say.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct User {
    /// Twelve digits; the first may be a zero.
    pub uid: String,
    /// The caller's own identifier.
    pub user_external_id: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Time of creation in ISO 8601, with microseconds, in UTC.
    pub created_at: String,
    /// Address of the wallet, once there is one.
    pub wallet: Option<String>,
    created: Moment,
    minted: bool,
}

impl Record for User {
    fn keys(&self) -> Vec<Key> {
        let email = self.email.clone().map(|email| ("email", email));
        let external_id = self.user_external_id.clone().map(|id| ("user_external_id", id));
        [("uid", self.uid.clone())].into_iter().chain(email).chain(external_id).collect()
    }
}

impl User {
    fn to_json(&self) -> Value {
        json!({
            "uid": self.uid,
            "user_external_id": self.user_external_id,
            "email": self.email,
            "created_at": self.created_at,
            "wallets": self.wallet.iter().map(|address| json!({
                "address": address,
                "explorer_url": format!("https://amoy.polygonscan.com/address/{address}"),
                "network": "Polygon",
                "chain_id": 80_002,
            })).collect::<Vec<_>>(),
        })
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("uid", &self.uid)
            .field("user_external_id", &personal(&self.user_external_id))
            .field("email", &personal(&self.email))
            .field("created_at", &self.created_at)
            .field("wallet", &personal(&self.wallet))
            .finish()
    }
}

impl Provider for Original {
    const NAME: &'static str = "original";

    const SPEC: &'static str = include_str!("../../../specs/original.yaml");

    const HANDLERS: &'static [(&'static str, Handler<Self>)] =
        &[("createUser", Self::create_user), ("findUser", Self::find_user), ("getUser", Self::get_user)];

    fn authorize(&self, _operation: &'static str, call: &Call) -> Result<(), Answer> {
        if call.header("x-api-key") != Some(&self.api_key) {
            return Err(unauthorized("Invalid API key."));
        }
        let token = call.authorization("Bearer").ok_or_else(|| unauthorized("Access token is missing."))?;
        self.verify(token).map_err(unauthorized)
    }

    fn refuse(&self, status: StatusCode, message: &str) -> Answer {
        match status {
            // The vendor's end-to-end tests show that a path which does not exist is answered by the router in front
            // of the API, and not in the API's own shape.
            StatusCode::NOT_FOUND => Answer::text(status, "Not Found"),
            StatusCode::UNAUTHORIZED => unauthorized(message),
            _ => client_error(status, "bad_request", message),
        }
    }

    /// One thing that is wrong with a value is answered as an object, and several as a list: both forms occur.
    fn reject(&self, violations: &[Violation]) -> Answer {
        let mut details: Vec<Value> = violations.iter().filter_map(detail).collect();
        let detail = match details.len() {
            0 => return client_error(StatusCode::BAD_REQUEST, "bad_request", &sentence(violations)),
            1 => details.remove(0),
            _ => Value::Array(details),
        };
        failure(StatusCode::BAD_REQUEST, "validation_error", detail)
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![("X-API-KEY", self.api_key.clone()), ("Authorization", format!("Bearer {}", self.token()))]
    }

    fn environment(&self, base_url: &str) -> Vec<(&'static str, String)> {
        vec![
            ("ORIGINAL_API_KEY", self.api_key.clone()),
            ("ORIGINAL_API_SECRET", self.api_secret.clone()),
            ("ORIGINAL_BASE_URL", base_url.to_owned()),
        ]
    }

    fn state(&self) -> Value {
        let now = self.clock.now();
        let users = self.lock();
        let shown: Vec<_> = users.iter().map(|user| self.seen(user, now).to_json()).collect();
        json!({ "users": shown, "evicted": users.evicted() })
    }

    fn reset(&self) {
        self.lock().clear();
    }
}

impl Original {
    /// Checks a JSON Web Token: HS256, signed with the secret, good for everything, not expired, and for this app.
    fn verify(&self, token: &str) -> Result<(), &'static str> {
        let malformed = "Access token is malformed.";
        let (signed, signature) = token.rsplit_once('.').ok_or(malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(malformed)?;
        let header = decode_part(header).ok_or(malformed)?;
        let claims = decode_part(claims).ok_or(malformed)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed)?;

        if header.get("alg").and_then(Value::as_str) != Some("HS256") {
            return Err("Access token is not signed with HS256.");
        }
        let key = self.api_secret.as_bytes();
        let mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| malformed)?.chain_update(signed);
        mac.verify_slice(&signature).map_err(|_| "Access token has a wrong signature.")?;

        let claim = |name| claims.get(name).and_then(Value::as_str);
        if ["resource", "action", "user_id"].into_iter().any(|name| claim(name) != Some("*")) {
            return Err("Access token is not valid for every resource, action and user.");
        }
        if claims.contains_key("api_key") && claim("api_key") != Some(&self.api_key) {
            return Err("Access token is for another API key.");
        }
        // RFC 7519 allows a fraction of a second.
        let now = self.clock.now().epoch_seconds() as f64;
        match claims.get("exp").map(Value::as_f64) {
            None => Ok(()),
            Some(Some(expiry)) if expiry > now => Ok(()),
            Some(_) => Err("Access token has expired."),
        }
    }

    fn create_user(&self, call: &Call) -> Result<Answer, Answer> {
        let fields = call.object();
        let user = |uid| User {
            uid,
            user_external_id: text(&fields, "user_external_id"),
            email: text(&fields, "email"),
            created_at: self.clock.stamp().iso_8601(),
            wallet: Some(format!("0xfa4e{}", self.mint.hex(36))),
            created: self.clock.now(),
            minted: false,
        };
        let mut users = self.lock();
        let uid = loop {
            let uid = self.mint.digits(12);
            match users.insert(user(uid.clone())) {
                Ok(()) => break uid,
                // Of a million million numbers, this one was given away before.
                Err(Taken("uid")) => {}
                Err(Taken(_)) => return Err(bad_request("User already exists.")),
            }
        };
        Ok(Answer::json(StatusCode::CREATED, json!({ "success": true, "data": { "uid": uid } })))
    }

    fn get_user(&self, call: &Call) -> Result<Answer, Answer> {
        let users = self.lock();
        let user = users.find("uid", call.parameter("uid"));
        let user = user.ok_or_else(|| client_error(StatusCode::NOT_FOUND, "not_found", "User not found."))?;
        let user = self.seen(user, self.clock.now());
        Ok(Answer::json(StatusCode::OK, json!({ "success": true, "data": user.to_json() })))
    }

    fn find_user(&self, call: &Call) -> Result<Answer, Answer> {
        let keys = ["email", "user_external_id"].map(|kind| call.query(kind).map(|key| (kind, key)));
        let users = self.lock();
        let mut found = keys.into_iter().flatten().map(|(kind, key)| users.find(kind, key));
        // Whoever has one of two keys is not the user who was asked for.
        let same = |first: Option<_>, other| first.filter(|first: &&User| other == Some(*first));
        let first =
            found.next().ok_or_else(|| bad_request("Either email or user_external_id is required."))?;
        let user = found.fold(first, same).map(|user| self.seen(user, self.clock.now()));
        let data = user.as_ref().map(User::to_json);
        Ok(Answer::json(StatusCode::OK, json!({ "success": data.is_some(), "data": data })))
    }
}

/// What is wrong with one property of the body, if that is what a violation tells.
fn detail(violation: &Violation) -> Option<Value> {
    let field = violation.location.strip_prefix("body /").filter(|_| violation.kind == Kind::Invalid)?;
    let message = match field {
        // This one is known from the vendor's own end-to-end tests.
        "email" => "Enter a valid email address.",
        _ => &violation.message,
    };
    Some(json!({ "code": "invalid", "message": message, "field_name": field }))
}

fn decode_part(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn unauthorized(message: &str) -> Answer {
    client_error(StatusCode::UNAUTHORIZED, "unauthorized", message)
}

fn bad_request(message: &str) -> Answer {
    client_error(StatusCode::BAD_REQUEST, "bad_request", message)
}

fn client_error(status: StatusCode, code: &str, message: &str) -> Answer {
    failure(status, "client_error", json!({ "code": code, "message": message }))
}

fn failure(status: StatusCode, kind: &str, detail: Value) -> Answer {
    Answer::json(status, json!({ "success": false, "error": { "type": kind, "detail": detail } }))
}
