//! Haptik: users filed under an identifier of the caller's, created and updated by the same body.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::message::{Answer, Call, map, text};
use crate::mint::Mint;
use crate::redact::{personal, secret};
use crate::service::{Handler, Provider};
use crate::table::{Key, Record, Table};

/// The emulated Haptik.
pub struct Haptik {
    token: String,
    client_id: String,
    users: Mutex<Table<User>>,
}

impl Haptik {
    /// The token that `Authorization: Bearer` must carry.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The value that the header `client-id` must have.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Every user, in the order in which they were first registered.
    pub fn users(&self) -> Vec<User> {
        self.lock().iter().cloned().collect()
    }

    pub(crate) fn new(mint: &Mint, capacity: usize) -> Self {
        Self {
            token: format!("fake-haptik-token-{}", mint.hex(16)),
            client_id: format!("fake-haptik-client-{}", mint.hex(8)),
            users: Mutex::new(Table::new(capacity)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table<User>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Haptik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Haptik").finish_non_exhaustive()
    }
}

/// A user as Haptik keeps it. `Debug` shows which details there are, and not what they say.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct User {
    /// The caller's own identifier.
    pub auth_id: String,
    /// A token of the user in the caller's system.
    pub auth_code: Option<String>,
    /// Mobile number, in whatever form it was sent.
    pub mobile_no: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Name, in one piece.
    pub name: Option<String>,
    /// Preferred language, an ISO 639-1 code.
    pub language_code: Option<String>,
    /// Model of the phone.
    pub phone_model: Option<String>,
    /// Operating system of the phone.
    pub os_version: Option<String>,
    /// Identifier of the app on the phone.
    pub package_name: Option<String>,
    /// Whatever else the caller wants to be kept, without nesting.
    pub custom_data: Option<Map<String, Value>>,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("auth_id", &self.auth_id)
            .field("auth_code", &secret(&self.auth_code))
            .field("mobile_no", &personal(&self.mobile_no))
            .field("email", &personal(&self.email))
            .field("name", &personal(&self.name))
            .field("language_code", &self.language_code)
            .field("phone_model", &self.phone_model)
            .field("os_version", &self.os_version)
            .field("package_name", &self.package_name)
            .field("custom_data", &personal(&self.custom_data))
            .finish()
    }
}

impl Record for User {
    fn keys(&self) -> Vec<Key> {
        vec![("auth_id", self.auth_id.clone())]
    }
}

impl Provider for Haptik {
    const NAME: &'static str = "haptik";

    const SPEC: &'static str = include_str!("../../../specs/haptik.yaml");

    const HANDLERS: &'static [(&'static str, Handler<Self>)] = &[
        ("createUser", Self::upsert_user),
        ("updateUser", Self::upsert_user),
        ("updateUserLanguage", Self::update_user_language),
    ];

    fn authorize(&self, _operation: &'static str, call: &Call) -> Result<(), Answer> {
        let token_is_right = call.authorization("Bearer") == Some(&self.token);
        let client_is_right = call.header("client-id") == Some(&self.client_id);
        if token_is_right && client_is_right {
            Ok(())
        } else {
            Err(self.refuse(StatusCode::UNAUTHORIZED, "invalid authorization details"))
        }
    }

    fn refuse(&self, status: StatusCode, message: &str) -> Answer {
        Answer::json(status, json!({ "error_message": message }))
    }
    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![("Authorization", format!("Bearer {}", self.token)), ("client-id", self.client_id.clone())]
    }

    fn environment(&self, base_url: &str) -> Vec<(&'static str, String)> {
        vec![
            ("HAPTIK_TOKEN", self.token.clone()),
            ("HAPTIK_CLIENT_ID", self.client_id.clone()),
            ("HAPTIK_BASE_URL", base_url.to_owned()),
        ]
    }

    fn state(&self) -> Value {
        let users = self.lock();
        json!({ "users": users.iter().map(User::to_json).collect::<Vec<_>>(), "evicted": users.evicted() })
    }

    fn reset(&self) {
        self.lock().clear();
    }
}

impl Haptik {
    fn upsert_user(&self, call: &Call) -> Result<Answer, Answer> {
        let fields = call.object();
        let auth_id = text(&fields, "auth_id").unwrap_or_default();
        let mut users = self.lock();
        let known = users.find("auth_id", &auth_id).cloned();
        let mut user = known.clone().unwrap_or_else(|| User { auth_id: auth_id.clone(), ..User::default() });
        merge(&mut user, &fields).map_err(|message| self.refuse(StatusCode::BAD_REQUEST, message))?;
        let answer = json!({
            "auth_id": user.auth_id,
            "mobile_no": user.mobile_no,
            "email": user.email,
            "name": user.name,
        });
        // The one key of a user is the one that was looked for, so that neither can be refused.
        let _ = match known {
            Some(_) => users.replace("auth_id", &auth_id, user).unwrap_or(Ok(())),
            None => users.insert(user),
        };
        Ok(Answer::json(StatusCode::OK, answer))
    }

    fn update_user_language(&self, call: &Call) -> Result<Answer, Answer> {
        let fields = call.object();
        let auth_id = text(&fields, "auth_id").unwrap_or_default();
        let language_code = text(&fields, "language_code");
        let mut users = self.lock();
        let mut user = users
            .find("auth_id", &auth_id)
            .cloned()
            .ok_or_else(|| self.refuse(StatusCode::FORBIDDEN, "user is not registered"))?;
        user.language_code.clone_from(&language_code);
        users.replace("auth_id", &auth_id, user);
        let answer = json!({ "auth_id": auth_id, "language_code": language_code });
        Ok(Answer::json(StatusCode::OK, answer))
    }
}

impl User {
    /// The user for somebody who looks into the sandbox, without the token.
    fn to_json(&self) -> Value {
        json!({
            "auth_id": self.auth_id,
            "auth_code": secret(&self.auth_code).map(|it| format!("{it:?}")),
            "mobile_no": self.mobile_no,
            "email": self.email,
            "name": self.name,
            "language_code": self.language_code,
            "phone_model": self.phone_model,
            "os_version": self.os_version,
            "package_name": self.package_name,
            "custom_data": self.custom_data,
        })
    }
}

/// Takes over the details that are given; one that is left out stays.
fn merge(user: &mut User, fields: &Map<String, Value>) -> Result<(), &'static str> {
    let texts = [
        ("auth_code", &mut user.auth_code),
        ("mobile_no", &mut user.mobile_no),
        ("email", &mut user.email),
        ("name", &mut user.name),
        ("language_code", &mut user.language_code),
        ("phone_model", &mut user.phone_model),
        ("os_version", &mut user.os_version),
        ("package_name", &mut user.package_name),
    ];
    for (name, detail) in texts {
        if let Some(text) = text(fields, name) {
            *detail = Some(text);
        }
    }
    if let Some(custom_data) = map(fields, "custom_data") {
        if custom_data.values().any(Value::is_object) {
            return Err("custom_data must not be nested");
        }
        user.custom_data = Some(custom_data);
    }
    Ok(())
}
