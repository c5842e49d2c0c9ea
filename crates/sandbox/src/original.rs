//! Original: users of an app, unique by external id and by e-mail address, behind a token that the caller signs.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use crate::clock::Clock;
use crate::form::is_email;
use crate::message::{Answer, Call};
use crate::mint::Mint;
use crate::operation::{Operation, Provider};
use crate::redact::personal;

/// The emulated Original, as one app sees it.
pub struct Original {
    base_url: String,
    api_key: String,
    api_secret: String,
    clock: Clock,
    mint: Mint,
    users: Mutex<Vec<User>>,
}

impl Original {
    /// What to configure as the base URL. It ends in `/v1`, as the addresses of Original's servers do.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

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
        self.lock().clone()
    }

    pub(crate) fn new(origin: &str, clock: Clock, mint: &Mint) -> Self {
        Self {
            base_url: format!("{origin}/{}/v1", Self::NAME),
            api_key: format!("fake-original-key-{}", mint.hex(16)),
            // Longer than 32 characters, because the vendor's .NET SDK refuses shorter ones.
            api_secret: format!("fake-original-secret-{}", mint.hex(32)),
            clock,
            mint: Mint::default(),
            users: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<User>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Original").field("base_url", &self.base_url).finish_non_exhaustive()
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
}

impl User {
    fn to_json(&self) -> Value {
        json!({
            "uid": self.uid,
            "user_external_id": self.user_external_id,
            "email": self.email,
            "created_at": self.created_at,
            // A wallet comes with the first use of a blockchain, which is not part of the sandbox yet.
            "wallets": [],
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
            .finish()
    }
}

impl Provider for Original {
    const NAME: &'static str = "original";

    // The spec's paths begin after `/v1`, which is part of its servers' addresses.
    const OPERATIONS: &'static [Operation<Self>] = &[
        Operation { id: "createUser", method: "POST", path: "/v1/user", handle: Self::create_user },
        Operation { id: "findUser", method: "GET", path: "/v1/user", handle: Self::find_user },
        Operation { id: "getUser", method: "GET", path: "/v1/user/{uid}", handle: Self::get_user },
    ];

    fn authorize(&self, _operation: &'static str, call: &Call) -> Result<(), Answer> {
        if call.header("x-api-key") != Some(&self.api_key) {
            return Err(unauthorized("Invalid API key."));
        }
        let token = call.authorization("Bearer").ok_or_else(|| unauthorized("Access token is missing."))?;
        self.verify(token).map_err(unauthorized)
    }

    fn refuse(&self, status: StatusCode, message: &str) -> Answer {
        // The vendor's end-to-end tests show that a path which does not exist is answered by the router in front of
        // the API, and not in the API's own shape.
        if status == StatusCode::NOT_FOUND {
            return Answer::text(status, "Not Found");
        }
        client_error(status, "bad_request", message)
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
        // The vendor's JavaScript SDK sends no body at all for a user without keys.
        let fields = if call.has_body() { call.object() } else { Ok(Map::new()) };
        let fields = fields.map_err(|message| bad_request(&message))?;
        let (user_external_id, email) = keys(&fields).map_err(validation_error)?;

        let mut users = self.lock();
        let taken = |user: &User| {
            (email.is_some() && user.email == email)
                || (user_external_id.is_some() && user.user_external_id == user_external_id)
        };
        if users.iter().any(taken) {
            return Err(bad_request("User already exists."));
        }
        let uid = loop {
            let uid = self.mint.digits(12);
            if users.iter().all(|user| user.uid != uid) {
                break uid;
            }
        };
        let created_at = self.clock.now().iso_8601();
        users.push(User { uid: uid.clone(), user_external_id, email, created_at });
        Ok(Answer::json(StatusCode::CREATED, json!({ "success": true, "data": { "uid": uid } })))
    }

    fn get_user(&self, call: &Call) -> Result<Answer, Answer> {
        let users = self.lock();
        let user = users.iter().find(|user| user.uid == call.parameter(0));
        let user = user.ok_or_else(|| client_error(StatusCode::NOT_FOUND, "not_found", "User not found."))?;
        Ok(Answer::json(StatusCode::OK, json!({ "success": true, "data": user.to_json() })))
    }

    fn find_user(&self, call: &Call) -> Result<Answer, Answer> {
        let (email, external_id) = (call.query("email"), call.query("user_external_id"));
        if email.is_none() && external_id.is_none() {
            return Err(bad_request("Either email or user_external_id is required."));
        }
        let users = self.lock();
        let found = users.iter().find(|user| {
            email.is_none_or(|email| user.email.as_deref() == Some(email))
                && external_id.is_none_or(|id| user.user_external_id.as_deref() == Some(id))
        });
        let data = found.map(User::to_json);
        Ok(Answer::json(StatusCode::OK, json!({ "success": data.is_some(), "data": data })))
    }
}

/// A property of the body that cannot be accepted.
struct Invalid {
    field: &'static str,
    message: &'static str,
}

/// The external id and the e-mail address of a body; or everything that is wrong with them at once.
fn keys(fields: &Map<String, Value>) -> Result<(Option<String>, Option<String>), Vec<Invalid>> {
    let external_id = key(fields, "user_external_id");
    let email = key(fields, "email").and_then(|email| match email {
        Some(email) if !is_email(&email) => {
            Err(Invalid { field: "email", message: "Enter a valid email address." })
        }
        email => Ok(email),
    });
    match (external_id, email) {
        (Ok(external_id), Ok(email)) => Ok((external_id, email)),
        (external_id, email) => Err(external_id.err().into_iter().chain(email.err()).collect()),
    }
}

/// A key, which may be left out and may be null, but not empty.
fn key(fields: &Map<String, Value>, field: &'static str) -> Result<Option<String>, Invalid> {
    match fields.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => {
            Err(Invalid { field, message: "This field may not be blank." })
        }
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Invalid { field, message: "Not a valid string." }),
    }
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

/// One thing that is wrong is answered as an object, and several as a list: both forms occur at Original.
fn validation_error(invalid: Vec<Invalid>) -> Answer {
    let mut details: Vec<Value> = invalid
        .iter()
        .map(|it| json!({ "code": "invalid", "message": it.message, "field_name": it.field }))
        .collect();
    let detail = if details.len() == 1 { details.remove(0) } else { Value::Array(details) };
    failure(StatusCode::BAD_REQUEST, "validation_error", detail)
}

fn failure(status: StatusCode, kind: &str, detail: Value) -> Answer {
    Answer::json(status, json!({ "success": false, "error": { "type": kind, "detail": detail } }))
}
