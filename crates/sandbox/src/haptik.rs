//! Haptik: users filed under an identifier of the caller's, created and updated by the same body.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::message::{Answer, Call, map, text};
use crate::mint::Mint;
use crate::operation::{Operation, Provider};
use crate::redact::{personal, secret};

/// The emulated Haptik.
pub struct Haptik {
    base_url: String,
    token: String,
    client_id: String,
    users: Mutex<Vec<User>>,
}

impl Haptik {
    /// What to configure as the base URL; it has no slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

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
        self.lock().clone()
    }

    pub(crate) fn new(origin: &str, mint: &Mint) -> Self {
        Self {
            base_url: format!("{origin}/{}", Self::NAME),
            token: format!("fake-haptik-token-{}", mint.hex(16)),
            client_id: format!("fake-haptik-client-{}", mint.hex(8)),
            users: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<User>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Haptik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Haptik").field("base_url", &self.base_url).finish_non_exhaustive()
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

impl Provider for Haptik {
    const NAME: &'static str = "haptik";

    const OPERATIONS: &'static [Operation<Self>] = &[
        Operation { id: "createUser", method: "POST", path: "/v1.0/user/", handle: Self::upsert_user },
        Operation { id: "updateUser", method: "PUT", path: "/v1.0/user/", handle: Self::upsert_user },
        Operation {
            id: "updateUserLanguage",
            method: "POST",
            path: "/v1.0/update_user_language/",
            handle: Self::update_user_language,
        },
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
}

impl Haptik {
    fn upsert_user(&self, call: &Call) -> Result<Answer, Answer> {
        let (auth_id, fields) = self.body(call)?;
        let mut users = self.lock();
        let place = users.iter().position(|user| user.auth_id == auth_id);
        let known = place.map(|index| users[index].clone());
        let mut user = known.unwrap_or_else(|| User { auth_id, ..User::default() });
        // The details go into a copy, so that a body with one wrong detail changes nothing.
        merge(&mut user, &fields).map_err(|message| self.bad_request(&message))?;
        let answer = json!({
            "auth_id": user.auth_id,
            "mobile_no": user.mobile_no,
            "email": user.email,
            "name": user.name,
        });
        match place {
            Some(index) => users[index] = user,
            None => users.push(user),
        }
        Ok(Answer::json(StatusCode::OK, answer))
    }

    fn update_user_language(&self, call: &Call) -> Result<Answer, Answer> {
        let (auth_id, fields) = self.body(call)?;
        let language_code = text(&fields, "language_code")
            .map_err(|message| self.bad_request(&message))?
            .filter(|code| !code.is_empty())
            .ok_or_else(|| self.bad_request("language_code missing in the request"))?;
        let mut users = self.lock();
        let user = users
            .iter_mut()
            .find(|user| user.auth_id == auth_id)
            .ok_or_else(|| self.refuse(StatusCode::FORBIDDEN, "user is not registered"))?;
        user.language_code = Some(language_code.clone());
        let answer = json!({ "auth_id": auth_id, "language_code": language_code });
        Ok(Answer::json(StatusCode::OK, answer))
    }

    /// The body of every call: an object that names a user.
    fn body(&self, call: &Call) -> Result<(String, Map<String, Value>), Answer> {
        let fields = call.object().map_err(|message| self.bad_request(&message))?;
        let auth_id = text(&fields, "auth_id")
            .map_err(|message| self.bad_request(&message))?
            .filter(|auth_id| !auth_id.is_empty())
            .ok_or_else(|| self.bad_request("auth_id missing in the request"))?;
        Ok((auth_id, fields))
    }

    fn bad_request(&self, message: &str) -> Answer {
        self.refuse(StatusCode::BAD_REQUEST, message)
    }
}

/// Takes over the details that are given; null takes one away, and one that is left out stays.
fn merge(user: &mut User, fields: &Map<String, Value>) -> Result<(), String> {
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
        if fields.contains_key(name) {
            *detail = text(fields, name)?;
        }
    }
    if fields.contains_key("custom_data") {
        let custom_data = map(fields, "custom_data")?;
        if custom_data.iter().flat_map(Map::values).any(Value::is_object) {
            return Err("custom_data must not be nested".to_owned());
        }
        user.custom_data = custom_data;
    }
    Ok(())
}
