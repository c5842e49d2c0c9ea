//! Streambird, now MoonKey: users with e-mail addresses, phone numbers and a wallet each, and a search.

mod search;
mod user;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use serde_json::{Map, Value, json};

pub use self::user::{Identifier, User, Wallet};
use crate::clock::Clock;
use crate::message::{Answer, Call, flag, map, text};
use crate::mint::Mint;
use crate::service::{Handler, Provider};
use crate::table::{Table, Taken};

/// The emulated Streambird, as one app sees it.
pub struct Streambird {
    api_key: String,
    app_id: String,
    clock: Arc<Clock>,
    mint: Mint,
    users: Mutex<Table<User>>,
}

impl Streambird {
    /// The secret key that `Authorization: Bearer` must carry. It is a test key, and begins with `sk_test_`.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// Every user who is not deleted, in the order of creation.
    pub fn users(&self) -> Vec<User> {
        self.lock().iter().cloned().collect()
    }

    /// Has a user prove that every e-mail address and phone number is theirs, which makes the user active. Answers
    /// whether there is such a user.
    pub fn verify(&self, user_id: &str) -> bool {
        let now = self.clock.stamp().epoch_seconds();
        self.change(user_id, |user| {
            "active".clone_into(&mut user.status);
            user.updated_at = now;
            for identifier in user.emails.iter_mut().chain(&mut user.phone_numbers) {
                identifier.verified = true;
                identifier.updated_at = now;
            }
        })
        .is_ok()
    }

    pub(crate) fn new(clock: Arc<Clock>, mint: &Mint, capacity: usize) -> Self {
        Self {
            api_key: format!("sk_test_fake_{}", mint.hex(32)),
            app_id: id("app", mint),
            clock,
            mint: mint.fork(),
            users: Mutex::new(Table::new(capacity)),
        }
    }

    /// Changes a user, unless the change takes away what is another user's.
    fn change(&self, user_id: &str, change: impl FnOnce(&mut User)) -> Result<User, Answer> {
        let mut users = self.lock();
        let mut user = users.find("user_id", user_id).cloned().ok_or_else(user_not_found)?;
        change(&mut user);
        users.replace("user_id", user_id, user.clone()).unwrap_or(Ok(())).map_err(conflict)?;
        Ok(user)
    }

    fn lock(&self) -> MutexGuard<'_, Table<User>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Streambird {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streambird").finish_non_exhaustive()
    }
}

impl Provider for Streambird {
    const NAME: &'static str = "streambird";

    const SPEC: &'static str = include_str!("../../../specs/streambird.yaml");

    const HANDLERS: &'static [(&'static str, Handler<Self>)] = &[
        ("createUser", Self::create_user),
        ("searchUsers", Self::search_users),
        ("getUser", Self::get_user),
        ("updateUser", Self::update_user),
        ("deleteUser", Self::delete_user),
        ("deleteEmail", Self::delete_email),
        ("deletePhoneNumber", Self::delete_phone_number),
        ("deleteWallet", Self::delete_wallet),
        ("createWallet", Self::create_wallet),
        ("getWallet", Self::get_wallet),
    ];

    fn authorize(&self, _operation: &'static str, call: &Call) -> Result<(), Answer> {
        if call.authorization("Bearer") == Some(&self.api_key) {
            Ok(())
        } else {
            Err(self.refuse(StatusCode::UNAUTHORIZED, "the API key is missing or invalid"))
        }
    }

    fn refuse(&self, status: StatusCode, message: &str) -> Answer {
        failure(status, message)
    }
    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![("Authorization", format!("Bearer {}", self.api_key))]
    }

    fn environment(&self, base_url: &str) -> Vec<(&'static str, String)> {
        vec![("STREAMBIRD_API_KEY", self.api_key.clone()), ("STREAMBIRD_BASE_URL", base_url.to_owned())]
    }

    fn state(&self) -> Value {
        let users = self.lock();
        json!({ "users": users.iter().map(User::to_json).collect::<Vec<_>>(), "evicted": users.evicted() })
    }

    fn reset(&self) {
        self.lock().clear();
    }
}

impl Streambird {
    fn create_user(&self, call: &Call) -> Result<Answer, Answer> {
        let fields = call.object();
        let wallet_type = wallet_type(&fields);
        let is_pending = flag(&fields, "requires_verification") == Some(true);
        let identifier = |prefix, name| text(&fields, name).map(|value| self.identifier(prefix, value));
        let now = self.clock.stamp().epoch_seconds();
        let user = User {
            user_id: id("user", &self.mint),
            app_id: self.app_id.clone(),
            status: if is_pending { "pending" } else { "active" }.to_owned(),
            first_name: text(&fields, "first_name").unwrap_or_default(),
            middle_name: text(&fields, "middle_name").unwrap_or_default(),
            last_name: text(&fields, "last_name").unwrap_or_default(),
            emails: identifier("email", "email").into_iter().collect(),
            phone_numbers: identifier("pn", "phone_number").into_iter().collect(),
            wallets: vec![self.wallet(&wallet_type)],
            metadata: map(&fields, "metadata").unwrap_or_default(),
            created_at: now,
            updated_at: now,
        };
        let mut answer = json!({
            "status": user.status,
            "user_id": user.user_id,
            "email_id": user.emails.first().map(|email| &email.id),
            "phone_number_id": user.phone_numbers.first().map(|number| &number.id),
        });
        if flag(&fields, "include_user") == Some(true) {
            answer["user"] = user.to_json();
        }
        self.lock().insert(user).map_err(conflict)?;
        Ok(Answer::json(StatusCode::OK, answer))
    }

    fn search_users(&self, call: &Call) -> Result<Answer, Answer> {
        let users = self.lock();
        let users: Vec<&User> = users.iter().collect();
        let answer = search::search(&users, &call.object()).map_err(|message| bad_request(&message))?;
        Ok(Answer::json(StatusCode::OK, answer))
    }

    fn get_user(&self, call: &Call) -> Result<Answer, Answer> {
        let users = self.lock();
        let user = users.find("user_id", call.parameter("user_id")).ok_or_else(user_not_found)?;
        Ok(Answer::json(StatusCode::OK, user.to_json()))
    }

    fn update_user(&self, call: &Call) -> Result<Answer, Answer> {
        let fields = call.object();
        let (mut emails, mut numbers) = (Vec::new(), Vec::new());
        let user = self.change(call.parameter("user_id"), |user| {
            let names = [
                ("first_name", &mut user.first_name),
                ("middle_name", &mut user.middle_name),
                ("last_name", &mut user.last_name),
            ];
            for (name, kept) in names {
                if let Some(given) = text(&fields, name) {
                    *kept = given;
                }
            }
            emails = self.attach("email", &mut user.emails, list(&fields, "emails", "email"));
            let given = list(&fields, "phone_numbers", "phone_number");
            numbers = self.attach("pn", &mut user.phone_numbers, given);
            if let Some(metadata) = map(&fields, "metadata") {
                let replace = flag(&fields, "replace_metadata") == Some(true);
                merge_metadata(&mut user.metadata, metadata, replace);
            }
            user.updated_at = self.clock.stamp().epoch_seconds();
        })?;
        let answer = json!({
            "user_id": user.user_id,
            "emails": emails.iter().map(|email| email.to_json("email")).collect::<Vec<_>>(),
            "phone_numbers": numbers.iter().map(|number| number.to_json("phone_number")).collect::<Vec<_>>(),
            "user": user.to_json(),
        });
        Ok(Answer::json(StatusCode::OK, answer))
    }

    fn delete_user(&self, call: &Call) -> Result<Answer, Answer> {
        let removed = self.lock().remove("user_id", call.parameter("user_id"));
        let user = removed.ok_or_else(user_not_found)?;
        Ok(deleted("Successfully deleted user", &user.user_id))
    }

    fn delete_email(&self, call: &Call) -> Result<Answer, Answer> {
        let emails: Identifiers = |user| &mut user.emails;
        self.detach("email_id", call.parameter("email_id"), emails, "Successfully deleted user email")
    }

    fn delete_phone_number(&self, call: &Call) -> Result<Answer, Answer> {
        let numbers: Identifiers = |user| &mut user.phone_numbers;
        let (kind, message) = ("phone_number_id", "Successfully deleted user phone number");
        self.detach(kind, call.parameter(kind), numbers, message)
    }

    fn delete_wallet(&self, call: &Call) -> Result<Answer, Answer> {
        let users = self.lock();
        users.find("wallet_id", call.parameter("wallet_id")).ok_or_else(wallet_not_found)?;
        // No wallet here is imported, and only one that is imported and read-only can be deleted.
        Err(bad_request("only an imported read-only wallet can be deleted"))
    }

    fn create_wallet(&self, call: &Call) -> Result<Answer, Answer> {
        let fields = call.object();
        let wallet_type = wallet_type(&fields);
        let user = self.change(&text(&fields, "user_id").unwrap_or_default(), |user| {
            if user.wallet_of(&wallet_type).is_none() {
                user.wallets.push(self.wallet(&wallet_type));
            }
        })?;
        let wallet = user.wallet_of(&wallet_type).ok_or_else(wallet_not_found)?;
        Ok(Answer::json(StatusCode::OK, wallet.to_json(&user)))
    }

    fn get_wallet(&self, call: &Call) -> Result<Answer, Answer> {
        let wallet_id = call.parameter("wallet_id");
        let users = self.lock();
        let user = users.find("wallet_id", wallet_id).ok_or_else(wallet_not_found)?;
        let wallet = user.wallets.iter().find(|it| it.id == wallet_id).ok_or_else(wallet_not_found)?;
        Ok(Answer::json(StatusCode::OK, wallet.to_json(user)))
    }

    fn identifier(&self, prefix: &str, value: String) -> Identifier {
        let now = self.clock.stamp().epoch_seconds();
        Identifier { id: id(prefix, &self.mint), value, verified: false, created_at: now, updated_at: now }
    }

    fn wallet(&self, wallet_type: &str) -> Wallet {
        let now = self.clock.stamp().epoch_seconds();
        let public_address = match user::chain(wallet_type) {
            "ETH" => format!("0xfa4e{}", self.mint.hex(36)),
            _ => format!("fake{}", self.mint.alphanumeric(32)),
        };
        let wallet_type = wallet_type.to_owned();
        Wallet { id: id("wallet", &self.mint), wallet_type, public_address, created_at: now, updated_at: now }
    }

    /// Attaches what is not attached yet, and returns everything that was to be attached.
    fn attach(&self, prefix: &str, attached: &mut Vec<Identifier>, values: Vec<String>) -> Vec<Identifier> {
        let mut wanted = Vec::new();
        for value in values {
            let known = attached.iter().find(|identifier| identifier.value == value).cloned();
            let identifier = known.unwrap_or_else(|| {
                let new = self.identifier(prefix, value);
                attached.push(new.clone());
                new
            });
            wanted.push(identifier);
        }
        wanted
    }

    /// Takes an e-mail address or a phone number away from the user who has it.
    fn detach(
        &self,
        kind: &'static str,
        id: &str,
        identifiers: Identifiers,
        message: &str,
    ) -> Result<Answer, Answer> {
        let mut users = self.lock();
        let not_found = || failure(StatusCode::NOT_FOUND, "the identifier does not exist");
        let mut user = users.find(kind, id).cloned().ok_or_else(not_found)?;
        identifiers(&mut user).retain(|identifier| identifier.id != id);
        user.updated_at = self.clock.stamp().epoch_seconds();
        let answer = deleted(message, &user.user_id);
        users.replace(kind, id, user);
        Ok(answer)
    }
}

/// The e-mail addresses of a user, or the phone numbers.
type Identifiers = fn(&mut User) -> &mut Vec<Identifier>;

/// An id as Streambird makes them: a prefix, and the length and alphabet of a KSUID.
fn id(prefix: &str, mint: &Mint) -> String {
    format!("{prefix}_{}", mint.alphanumeric(27))
}

/// A property that holds a list of objects with this member each.
fn list(fields: &Map<String, Value>, name: &str, member: &str) -> Vec<String> {
    let items = fields.get(name).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_object).filter_map(|item| text(item, member)).collect()
}

/// The type of wallet that a body asks for, as it spells it. ETH is what the first reference has for a blank.
fn wallet_type(fields: &Map<String, Value>) -> String {
    text(fields, "wallet_type").filter(|it| !it.is_empty()).unwrap_or_else(|| "ETH".to_owned())
}

fn conflict(Taken(kind): Taken) -> Answer {
    failure(StatusCode::CONFLICT, &format!("a user with this {kind} already exists"))
}

/// Lays metadata over what is there, at the top level only: null deletes a key, and an empty object deletes all.
fn merge_metadata(metadata: &mut Map<String, Value>, given: Map<String, Value>, replace: bool) {
    if replace || given.is_empty() {
        *metadata = given;
        return;
    }
    for (key, value) in given {
        if value.is_null() {
            metadata.remove(&key);
        } else {
            metadata.insert(key, value);
        }
    }
}

fn deleted(message: &str, user_id: &str) -> Answer {
    Answer::json(StatusCode::OK, json!({ "message": message, "user_id": user_id }))
}

fn user_not_found() -> Answer {
    failure(StatusCode::NOT_FOUND, "the user does not exist")
}

fn wallet_not_found() -> Answer {
    failure(StatusCode::NOT_FOUND, "the wallet does not exist")
}

fn bad_request(message: &str) -> Answer {
    failure(StatusCode::BAD_REQUEST, message)
}

/// A failure in the shape that the vendor's SDKs read. No real `error_type` is known; these are made up.
fn failure(status: StatusCode, message: &str) -> Answer {
    let error_type = match status {
        StatusCode::BAD_REQUEST => "bad_request",
        StatusCode::UNAUTHORIZED => "unauthorized",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::CONFLICT => "already_exists",
        _ => "request_refused",
    };
    let body = json!({ "status_code": status.as_u16(), "error_type": error_type, "error_message": message });
    Answer::json(status, body)
}
