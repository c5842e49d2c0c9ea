//! Streambird, now MoonKey: users with e-mail addresses, phone numbers and a wallet each, and a search.

mod search;
mod user;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

pub use self::user::{Identifier, User, Wallet};
use crate::clock::Clock;
use crate::form::{is_e164, is_email};
use crate::message::{Answer, Call, flag, map, text};
use crate::mint::Mint;
use crate::operation::{Operation, Provider};

/// The emulated Streambird, as one app sees it.
pub struct Streambird {
    base_url: String,
    api_key: String,
    app_id: String,
    clock: Clock,
    mint: Mint,
    users: Mutex<Vec<User>>,
}

impl Streambird {
    /// What to configure as the base URL; the paths carry `/v1`, so it does not.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The secret key that `Authorization: Bearer` must carry. It is a test key, and begins with `sk_test_`.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// Every user who is not deleted, in the order of creation.
    pub fn users(&self) -> Vec<User> {
        self.lock().clone()
    }

    pub(crate) fn new(origin: &str, clock: Clock, mint: &Mint) -> Self {
        Self {
            base_url: format!("{origin}/{}", Self::NAME),
            api_key: format!("sk_test_fake_{}", mint.hex(32)),
            app_id: id("app", mint),
            clock,
            mint: Mint::default(),
            users: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<User>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Streambird {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streambird").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Provider for Streambird {
    const NAME: &'static str = "streambird";

    const OPERATIONS: &'static [Operation<Self>] = &[
        Operation {
            id: "createUser",
            method: "POST",
            path: "/v1/auth/users/create",
            handle: Self::create_user,
        },
        Operation {
            id: "searchUsers",
            method: "POST",
            path: "/v1/auth/users/search",
            handle: Self::search_users,
        },
        Operation { id: "getUser", method: "GET", path: "/v1/auth/users/{user_id}", handle: Self::get_user },
        Operation {
            id: "updateUser",
            method: "PUT",
            path: "/v1/auth/users/{user_id}/update",
            handle: Self::update_user,
        },
        Operation {
            id: "deleteUser",
            method: "DELETE",
            path: "/v1/auth/users/{user_id}/delete",
            handle: Self::delete_user,
        },
        Operation {
            id: "deleteEmail",
            method: "DELETE",
            path: "/v1/auth/users/emails/{email_id}/delete",
            handle: Self::delete_email,
        },
        Operation {
            id: "deletePhoneNumber",
            method: "DELETE",
            path: "/v1/auth/users/phone_numbers/{phone_number_id}/delete",
            handle: Self::delete_phone_number,
        },
        Operation {
            id: "deleteWallet",
            method: "DELETE",
            path: "/v1/auth/users/wallets/{wallet_id}/delete",
            handle: Self::delete_wallet,
        },
        Operation {
            id: "createWallet",
            method: "POST",
            path: "/v1/wallets/create",
            handle: Self::create_wallet,
        },
        Operation {
            id: "getWallet",
            method: "GET",
            path: "/v1/wallets/{wallet_id}",
            handle: Self::get_wallet,
        },
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
}

impl Streambird {
    fn create_user(&self, call: &Call) -> Result<Answer, Answer> {
        let fields = call.object().map_err(bad_request)?;
        let email = text(&fields, "email").and_then(checked_email).map_err(bad_request)?;
        let phone_number =
            text(&fields, "phone_number").and_then(checked_phone_number).map_err(bad_request)?;
        if email.is_none() && phone_number.is_none() {
            return Err(bad_request("email or phone_number is required".to_owned()));
        }
        let first_name = filled(&fields, "first_name").map_err(bad_request)?;
        let middle_name = text(&fields, "middle_name").map_err(bad_request)?;
        let last_name = text(&fields, "last_name").map_err(bad_request)?;
        let metadata = map(&fields, "metadata").map_err(bad_request)?;
        let requires_verification = flag(&fields, "requires_verification").map_err(bad_request)?;
        let include_user = flag(&fields, "include_user").map_err(bad_request)?;
        let wallet_type = wallet_type(&fields).map_err(bad_request)?;

        let mut users = self.lock();
        refuse_taken(&users, None, email.iter(), phone_number.iter())?;
        let now = self.clock.now().epoch_seconds();
        let mut user = User {
            user_id: id("user", &self.mint),
            app_id: self.app_id.clone(),
            status: if requires_verification == Some(true) { "pending" } else { "active" }.to_owned(),
            first_name: first_name.unwrap_or_default(),
            middle_name: middle_name.unwrap_or_default(),
            last_name: last_name.unwrap_or_default(),
            emails: email.into_iter().map(|email| self.identifier("email", email)).collect(),
            phone_numbers: phone_number.into_iter().map(|number| self.identifier("pn", number)).collect(),
            wallets: Vec::new(),
            metadata: metadata.unwrap_or_default(),
            created_at: now,
            updated_at: now,
        };
        user.wallets.push(self.wallet(&wallet_type));

        let mut answer = json!({
            "status": user.status,
            "user_id": user.user_id,
            "email_id": user.emails.first().map(|email| &email.id),
            "phone_number_id": user.phone_numbers.first().map(|number| &number.id),
        });
        if include_user == Some(true) {
            answer["user"] = user.to_json();
        }
        users.push(user);
        Ok(Answer::json(StatusCode::OK, answer))
    }

    fn search_users(&self, call: &Call) -> Result<Answer, Answer> {
        let fields = call.object().map_err(bad_request)?;
        let answer = search::search(&self.lock(), &fields).map_err(bad_request)?;
        Ok(Answer::json(StatusCode::OK, answer))
    }

    fn get_user(&self, call: &Call) -> Result<Answer, Answer> {
        let users = self.lock();
        let user = users.iter().find(|user| user.user_id == call.parameter(0)).ok_or_else(user_not_found)?;
        Ok(Answer::json(StatusCode::OK, user.to_json()))
    }

    fn update_user(&self, call: &Call) -> Result<Answer, Answer> {
        let fields = call.object().map_err(bad_request)?;
        let first_name = filled(&fields, "first_name").map_err(bad_request)?;
        let middle_name = text(&fields, "middle_name").map_err(bad_request)?;
        let last_name = filled(&fields, "last_name").map_err(bad_request)?;
        let emails = list(&fields, "emails", "email", checked_email).map_err(bad_request)?;
        let numbers =
            list(&fields, "phone_numbers", "phone_number", checked_phone_number).map_err(bad_request)?;
        let metadata = map(&fields, "metadata").map_err(bad_request)?;
        let replace_metadata = flag(&fields, "replace_metadata").map_err(bad_request)? == Some(true);

        let mut users = self.lock();
        let place =
            users.iter().position(|user| user.user_id == call.parameter(0)).ok_or_else(user_not_found)?;
        refuse_taken(&users, Some(place), emails.iter(), numbers.iter())?;
        let user = &mut users[place];
        user.first_name = first_name.unwrap_or_else(|| user.first_name.clone());
        user.middle_name = middle_name.unwrap_or_else(|| user.middle_name.clone());
        user.last_name = last_name.unwrap_or_else(|| user.last_name.clone());
        let emails = self.attach("email", &mut user.emails, emails);
        let numbers = self.attach("pn", &mut user.phone_numbers, numbers);
        if let Some(metadata) = metadata {
            merge_metadata(&mut user.metadata, metadata, replace_metadata);
        }
        user.updated_at = self.clock.now().epoch_seconds();
        let answer = json!({
            "user_id": user.user_id,
            "emails": emails.iter().map(|email| email.to_json("email")).collect::<Vec<_>>(),
            "phone_numbers": numbers.iter().map(|number| number.to_json("phone_number")).collect::<Vec<_>>(),
            "user": user.to_json(),
        });
        Ok(Answer::json(StatusCode::OK, answer))
    }

    fn delete_user(&self, call: &Call) -> Result<Answer, Answer> {
        let mut users = self.lock();
        let place =
            users.iter().position(|user| user.user_id == call.parameter(0)).ok_or_else(user_not_found)?;
        let user = users.remove(place);
        Ok(deleted("Successfully deleted user", &user.user_id))
    }

    fn delete_email(&self, call: &Call) -> Result<Answer, Answer> {
        self.detach(call.parameter(0), |user| &mut user.emails, "Successfully deleted user email")
    }

    fn delete_phone_number(&self, call: &Call) -> Result<Answer, Answer> {
        self.detach(
            call.parameter(0),
            |user| &mut user.phone_numbers,
            "Successfully deleted user phone number",
        )
    }

    fn delete_wallet(&self, call: &Call) -> Result<Answer, Answer> {
        let users = self.lock();
        let mut wallets = users.iter().flat_map(|user| &user.wallets);
        wallets.find(|wallet| wallet.id == call.parameter(0)).ok_or_else(wallet_not_found)?;
        // No wallet here is imported, and only one that is imported and read-only can be deleted.
        Err(bad_request("only an imported read-only wallet can be deleted".to_owned()))
    }

    fn create_wallet(&self, call: &Call) -> Result<Answer, Answer> {
        let fields = call.object().map_err(bad_request)?;
        let user_id = text(&fields, "user_id")
            .and_then(|user_id| user_id.ok_or("user_id is required".to_owned()))
            .map_err(bad_request)?;
        if text(&fields, "wallet_type").map_err(bad_request)?.is_none() {
            return Err(bad_request("wallet_type is required".to_owned()));
        }
        let wallet_type = wallet_type(&fields).map_err(bad_request)?;

        let mut users = self.lock();
        let user = users.iter_mut().find(|user| user.user_id == user_id).ok_or_else(user_not_found)?;
        let chain_of = |wallet: &Wallet| chain(&wallet.wallet_type);
        if let Some(wallet) = user.wallets.iter().find(|wallet| chain_of(wallet) == chain(&wallet_type)) {
            return Ok(Answer::json(StatusCode::OK, wallet.to_json(user)));
        }
        let wallet = self.wallet(&wallet_type);
        let answer = wallet.to_json(user);
        user.wallets.push(wallet);
        Ok(Answer::json(StatusCode::OK, answer))
    }

    fn get_wallet(&self, call: &Call) -> Result<Answer, Answer> {
        let users = self.lock();
        let mut wallets = users.iter().flat_map(|user| user.wallets.iter().map(move |wallet| (user, wallet)));
        let found = wallets.find(|(_, wallet)| wallet.id == call.parameter(0));
        let (user, wallet) = found.ok_or_else(wallet_not_found)?;
        Ok(Answer::json(StatusCode::OK, wallet.to_json(user)))
    }

    fn identifier(&self, prefix: &str, value: String) -> Identifier {
        let now = self.clock.now().epoch_seconds();
        Identifier { id: id(prefix, &self.mint), value, verified: false, created_at: now, updated_at: now }
    }

    fn wallet(&self, wallet_type: &str) -> Wallet {
        let now = self.clock.now().epoch_seconds();
        let public_address = match chain(wallet_type) {
            Some("ETH") => format!("0xfa4e{}", self.mint.hex(36)),
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

    /// Takes an e-mail address or a phone number away from whichever user has it.
    fn detach(
        &self,
        id: &str,
        identifiers: fn(&mut User) -> &mut Vec<Identifier>,
        message: &str,
    ) -> Result<Answer, Answer> {
        let now = self.clock.now().epoch_seconds();
        for user in self.lock().iter_mut() {
            let attached = identifiers(user);
            if let Some(place) = attached.iter().position(|identifier| identifier.id == id) {
                attached.remove(place);
                user.updated_at = now;
                return Ok(deleted(message, &user.user_id));
            }
        }
        Err(failure(StatusCode::NOT_FOUND, "the identifier does not exist"))
    }
}

/// An id as Streambird makes them: a prefix, and the length and alphabet of a KSUID.
fn id(prefix: &str, mint: &Mint) -> String {
    format!("{prefix}_{}", mint.alphanumeric(27))
}

fn checked_email(email: Option<String>) -> Result<Option<String>, String> {
    match email {
        Some(email) if !is_email(&email) => Err("email is not a valid e-mail address".to_owned()),
        email => Ok(email),
    }
}

fn checked_phone_number(number: Option<String>) -> Result<Option<String>, String> {
    match number {
        Some(number) if !is_e164(&number) => Err("phone_number is not in E.164 format".to_owned()),
        number => Ok(number),
    }
}

/// A property that holds text and may be left out, but not be empty.
fn filled(fields: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match text(fields, name)? {
        Some(text) if text.is_empty() => Err(format!("{name} must not be empty")),
        text => Ok(text),
    }
}

/// A property that holds a list of objects with one property each, all of them checked.
fn list(
    fields: &Map<String, Value>,
    name: &str,
    member: &str,
    check: fn(Option<String>) -> Result<Option<String>, String>,
) -> Result<Vec<String>, String> {
    let items = match fields.get(name) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(format!("{name} must be an array")),
    };
    let item = |item: &Value| {
        let object = item.as_object().ok_or_else(|| format!("{name} must hold objects"))?;
        check(text(object, member)?)?.ok_or_else(|| format!("{name} must hold objects with {member}"))
    };
    items.iter().map(item).collect()
}

/// The type of wallet that a body asks for, as it spells it. ETH is what the first reference has for a blank.
fn wallet_type(fields: &Map<String, Value>) -> Result<String, String> {
    let wallet_type = text(fields, "wallet_type")?.filter(|it| !it.is_empty()).unwrap_or("ETH".to_owned());
    match chain(&wallet_type) {
        Some(_) => Ok(wallet_type),
        None => Err("wallet_type is not supported".to_owned()),
    }
}

/// The blockchain of a wallet type; the older and the newer reference spell three of them differently.
fn chain(wallet_type: &str) -> Option<&'static str> {
    match wallet_type {
        "ETH" | "ethereum" => Some("ETH"),
        "SOL" | "solana" => Some("SOL"),
        "BTC" | "bitcoin" => Some("BTC"),
        "DOT" => Some("DOT"),
        "XLM" => Some("XLM"),
        _ => None,
    }
}

/// Refuses identifiers that another user than the one in this place has.
fn refuse_taken<'a>(
    users: &[User],
    place: Option<usize>,
    mut emails: impl Iterator<Item = &'a String>,
    mut numbers: impl Iterator<Item = &'a String>,
) -> Result<(), Answer> {
    let others = || users.iter().enumerate().filter(|(index, _)| Some(*index) != place).map(|(_, user)| user);
    if emails.any(|email| others().any(|user| user.emails.iter().any(|it| it.value == *email))) {
        return Err(failure(StatusCode::CONFLICT, "a user with this email already exists"));
    }
    if numbers.any(|number| others().any(|user| user.phone_numbers.iter().any(|it| it.value == *number))) {
        return Err(failure(StatusCode::CONFLICT, "a user with this phone_number already exists"));
    }
    Ok(())
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

fn bad_request(message: String) -> Answer {
    failure(StatusCode::BAD_REQUEST, &message)
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
