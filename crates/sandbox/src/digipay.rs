//! DigiPay.Guru: accounts with passwords and PINs, behind a token that is exchanged for a client's credentials.

mod details;

use std::fmt;
use std::num::IntErrorKind;
use std::ops::RangeInclusive;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub use self::details::Details;
use crate::clock::{Clock, Moment};
use crate::message::{Answer, Call, text};
use crate::mint::Mint;
use crate::operation::{Operation, Provider};

/// How long a token opens the door.
const TOKEN_LIFETIME: Duration = Duration::from_secs(3_600);

/// How many users or wallets are listed when no `limit` is given.
const DEFAULT_LIMIT: usize = 10;

/// The emulated DigiPay, as one company's installation.
pub struct DigiPay {
    base_url: String,
    company_id: String,
    client_id: String,
    client_secret: String,
    currency_id: String,
    clock: Clock,
    mint: Mint,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tokens: Vec<Token>,
    users: Vec<User>,
}

struct Token {
    value: String,
    expires: Moment,
}

impl DigiPay {
    /// What to configure as the base URL; it has no slash at the end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The value that the header `CompanyID` must have.
    pub fn company_id(&self) -> &str {
        &self.company_id
    }

    /// The user name of the token exchange.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The password of the token exchange.
    pub fn client_secret(&self) -> &str {
        &self.client_secret
    }

    /// Every user who is not deleted, in the order of registration.
    pub fn users(&self) -> Vec<User> {
        self.lock().users.clone()
    }

    pub(crate) fn new(origin: &str, clock: Clock, mint: &Mint) -> Self {
        Self {
            base_url: format!("{origin}/{}", Self::NAME),
            // Ids are hexadecimal at DigiPay, and this is how hexadecimal spells "fake".
            company_id: format!("fa4e{}", mint.hex(28)),
            client_id: format!("fake-digipay-client-{}", mint.hex(8)),
            client_secret: format!("fake-digipay-secret-{}", mint.hex(16)),
            currency_id: mint.hex(32),
            clock,
            mint: Mint::default(),
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for DigiPay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DigiPay").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// A user as DigiPay keeps it. `Debug` shows what [`Details`] shows.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct User {
    /// Thirty-two hexadecimal digits.
    pub id: String,
    /// What the registration and later updates said.
    pub details: Details,
    /// Time of registration, in epoch seconds.
    pub created_date: i64,
    /// Time of the last change, in epoch seconds.
    pub updated_date: i64,
    account_number: String,
    user_code: String,
    wallet_record_id: String,
    wallet_id: String,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("details", &self.details)
            .field("created_date", &self.created_date)
            .field("updated_date", &self.updated_date)
            .finish_non_exhaustive()
    }
}

impl Provider for DigiPay {
    const NAME: &'static str = "digipay";

    const OPERATIONS: &'static [Operation<Self>] = &[
        Operation {
            id: AUTHENTICATE,
            method: "POST",
            path: "/digipay/v3/auth/authenticate",
            handle: Self::authenticate,
        },
        Operation {
            id: "userRegister",
            method: "POST",
            path: "/digipay/v3/auth/user_register",
            handle: Self::user_register,
        },
        Operation {
            id: "listUsers",
            method: "GET",
            path: "/digipay/v3/user/user_detail",
            handle: Self::list_users,
        },
        Operation {
            id: "updateUser",
            method: "PUT",
            path: "/digipay/v3/user/user_detail",
            handle: Self::update_user,
        },
        Operation {
            id: "getUser",
            method: "GET",
            path: "/digipay/v3/user/user_detail/{id}",
            handle: Self::get_user,
        },
        Operation {
            id: "deleteUser",
            method: "DELETE",
            path: "/digipay/v3/user/user_detail/{id}",
            handle: Self::delete_user,
        },
        Operation {
            id: "listUserWallets",
            method: "GET",
            path: "/digipay/v3/transaction/user_wallet",
            handle: Self::list_user_wallets,
        },
        Operation {
            id: "getUserWallet",
            method: "GET",
            path: "/digipay/v3/transaction/user_wallet/{id}",
            handle: Self::get_user_wallet,
        },
    ];

    fn authorize(&self, operation: &'static str, call: &Call) -> Result<(), Answer> {
        if operation == AUTHENTICATE {
            let expected = STANDARD.encode(format!("{}:{}", self.client_id, self.client_secret));
            let accepted = call.authorization("Basic") == Some(&expected);
            return if accepted { Ok(()) } else { Err(unauthorized("The client is not known.")) };
        }
        if call.header("CompanyID") != Some(&self.company_id) {
            return Err(unauthorized("The company is not known."));
        }
        let given = call.authorization("Token").ok_or_else(|| unauthorized("The token is missing."))?;
        let state = self.lock();
        let token = state.tokens.iter().find(|token| token.value == given);
        let token = token.ok_or_else(|| unauthorized("The token is not known."))?;
        if token.expires > self.clock.now() { Ok(()) } else { Err(unauthorized("The token has expired.")) }
    }

    fn refuse(&self, status: StatusCode, message: &str) -> Answer {
        match status {
            StatusCode::NOT_FOUND => not_found(),
            _ => Answer::json(status, failure(message)),
        }
    }
}

/// The documented sample tells the expiry in Indian time: five and a half hours ahead of UTC.
const INDIAN_TIME: Duration = Duration::from_secs((5 * 60 + 30) * 60);

const AUTHENTICATE: &str = "authenticate";

impl DigiPay {
    fn authenticate(&self, _call: &Call) -> Result<Answer, Answer> {
        let now = self.clock.now();
        let expires = now.after(TOKEN_LIFETIME);
        let value = format!("fake-digipay-token-{}", self.mint.hex(32));
        let answer = json!({
            "status_code": 200,
            "data": { "access_token": value, "expiry_time": expires.after(INDIAN_TIME).date_and_time() },
        });
        let mut state = self.lock();
        // An expired token is kept for a while, so that a caller is told that it has expired.
        state.tokens.retain(|token| token.expires.after(TOKEN_LIFETIME) > now);
        state.tokens.push(Token { value, expires });
        Ok(Answer::json(StatusCode::OK, answer))
    }

    fn user_register(&self, call: &Call) -> Result<Answer, Answer> {
        let fields = call.object().map_err(|_| bad_request())?;
        let details = Details::default().merged(&fields).ok_or_else(bad_request)?;
        // An update takes any JSON here, and a registration JSON written into a string.
        if !details.location_point.as_ref().is_none_or(Value::is_string) {
            return Err(bad_request());
        }

        let mut state = self.lock();
        if state.users.iter().any(|user| user.details.has_phone_of(&details)) {
            return Err(phone_number_exists());
        }
        let now = self.clock.now().epoch_seconds();
        let prefix = details.account_number_prefix.as_deref().unwrap_or_default();
        let code = if details.user_type == Some(AGENT) { "AGT" } else { "CUS" };
        let user = User {
            id: self.mint.hex(32),
            account_number: format!("{prefix}{}", self.mint.digits(13)),
            user_code: format!("{code}_{}", self.mint.alphanumeric(8).to_ascii_uppercase()),
            wallet_record_id: self.mint.hex(32),
            wallet_id: self.mint.hex(32),
            created_date: now,
            updated_date: now,
            details,
        };
        let answer = json!({
            "message": "User registered successfully.",
            "token": { "type": "Token", "token": format!("fake-digipay-user-token-{}", self.mint.hex(32)) },
            "user_id": user.id,
        });
        state.users.push(user);
        Ok(success(answer))
    }

    fn list_users(&self, call: &Call) -> Result<Answer, Answer> {
        let list = List::of(call)?;
        let updated_since = call.query("updated_date").and_then(|date| date.parse::<i64>().ok());
        let user_type = integer(call, "user_type")?;
        let status_id = integer(call, "status_id")?;
        let kyc_status = integer(call, "kyc_status")?;
        let kyc_process_status = integer(call, "kyc_process_status")?;
        let is_active = boolean(call, "is_active")?;

        let state = self.lock();
        let matching = |user: &&User| {
            let details = &user.details;
            updated_since.is_none_or(|since| user.updated_date >= since)
                && call.query("user_id").is_none_or(|id| user.id == id)
                && call.query("created_by").is_none_or(|by| details.created_by.as_deref() == Some(by))
                && user_type.is_none_or(|wanted| details.user_type == Some(wanted))
                && status_id.is_none_or(|wanted| details.status_id == Some(wanted))
                && kyc_status.is_none_or(|wanted| details.kyc_status == Some(wanted))
                && kyc_process_status.is_none_or(|wanted| details.kyc_step() == Some(wanted))
                && is_active.is_none_or(|wanted| (details.status_id == Some(ACTIVE)) == wanted)
        };
        let users = list.cut(state.users.iter().filter(matching));
        let users: Vec<_> = users.into_iter().map(User::to_json).collect();
        Ok(success(json!({ "users": users })))
    }

    fn get_user(&self, call: &Call) -> Result<Answer, Answer> {
        let state = self.lock();
        let user = state.users.iter().find(|user| user.id == call.parameter(0)).ok_or_else(not_found)?;
        Ok(success(json!({ "users": [user.to_json()] })))
    }

    fn update_user(&self, call: &Call) -> Result<Answer, Answer> {
        let fields = call.object().map_err(|_| bad_request())?;
        let id = text(&fields, "id").ok().flatten().ok_or_else(bad_request)?;
        let mut state = self.lock();
        let index = state.users.iter().position(|user| user.id == id).ok_or_else(not_found)?;
        let details = state.users[index].details.merged(&fields).ok_or_else(bad_request)?;
        let others = state.users.iter().filter(|user| user.id != id);
        if others.map(|user| &user.details).any(|other| other.has_phone_of(&details)) {
            return Err(phone_number_exists());
        }
        let user = &mut state.users[index];
        user.details = details;
        user.updated_date = self.clock.now().epoch_seconds();
        Ok(success(json!({ "message": "User detail updated successfully." })))
    }

    fn delete_user(&self, call: &Call) -> Result<Answer, Answer> {
        let mut state = self.lock();
        let place = state.users.iter().position(|user| user.id == call.parameter(0));
        state.users.remove(place.ok_or_else(not_found)?);
        Ok(success(json!({ "message": "User detail deleted successfully." })))
    }

    fn list_user_wallets(&self, call: &Call) -> Result<Answer, Answer> {
        let list = List::of(call)?;
        let is_active = boolean(call, "is_active")?;
        let state = self.lock();
        let matching = |user: &&User| {
            call.query("user_id").is_none_or(|id| user.id == id)
                && call.query("wallet_id").is_none_or(|id| user.wallet_id == id)
                && call.query("currency_id").is_none_or(|id| self.currency_id == id)
                && is_active != Some(false)
        };
        let wallets = list.cut(state.users.iter().filter(matching));
        let mut wallets: Vec<_> = wallets.into_iter().map(|user| self.wallet(user)).collect();
        // The page's sample of this list has one object where the name says a list.
        let wallet = if wallets.len() == 1 { wallets.remove(0) } else { Value::Array(wallets) };
        Ok(success(json!({ "wallet": wallet })))
    }

    fn get_user_wallet(&self, call: &Call) -> Result<Answer, Answer> {
        let state = self.lock();
        let user = state.users.iter().find(|user| user.id == call.parameter(0)).ok_or_else(not_found)?;
        Ok(success(json!({ "wallet": self.wallet(user) })))
    }

    fn wallet(&self, user: &User) -> Value {
        json!({
            "id": user.wallet_record_id,
            "wallet_id": user.wallet_id,
            "currency_id": self.currency_id,
            "user_id": user.id,
            "wallet_balance": 0,
            "is_default": true,
            "is_active": true,
        })
    }
}

/// `user_type` of an agent, on the sister deployment.
const AGENT: i64 = 5;

/// `status_id` of an active user, on the sister deployment.
const ACTIVE: i64 = 1;

impl User {
    /// The user as it is read. Passwords and PINs are not part of it, not even as hashes.
    fn to_json(&self) -> Value {
        let details = &self.details;
        let unverified = json!({ "is_email": false, "is_phone": false });
        json!({
            "id": self.id,
            "first_name": details.first_name,
            "last_name": details.last_name,
            "email": details.email,
            "dial_code": details.dial_code,
            "phone_number": details.phone_number,
            "user_type": details.user_type,
            "role_id": details.role_id,
            "account_number": details.account_number.as_ref().unwrap_or(&self.account_number),
            "verification": details.verification.as_ref().unwrap_or(&unverified),
            "status_id": details.status_id,
            "birth_date": details.birth_date,
            "image": details.image,
            "user_code": self.user_code,
            "address": null,
            "postal_code": null,
            "country_id": details.country_id,
            "state_id": null,
            "city_id": null,
            "kyc_status": details.kyc_status,
            "kyc_process_status": details.kyc_process_status,
            "location_point": details.geo_json(),
            "rating": details.rating,
            "parent_user_id": details.parent_user_id,
            "display_name": details.display_name,
            "created_by": details.created_by,
            "created_date": self.created_date,
            "updated_date": self.updated_date,
        })
    }
}

/// What the two lists have in common: a span of time, a text to search for, an order, and a page of what is left.
struct List<'a> {
    created: RangeInclusive<i64>,
    keyword: Option<&'a str>,
    oldest_first: bool,
    skip: usize,
    limit: usize,
}

impl<'a> List<'a> {
    fn of(call: &'a Call) -> Result<Self, Answer> {
        let start = integer(call, "start_date")?.unwrap_or(i64::MIN);
        let end = integer(call, "end_date")?.unwrap_or(i64::MAX);
        let sorting = call.query("sorting").and_then(|it| serde_json::from_str::<Value>(it).ok());
        // A number below zero leaves nothing out, and takes nothing.
        let count = |number: i64| usize::try_from(number.max(0)).unwrap_or(usize::MAX);
        Ok(Self {
            created: start..=end,
            keyword: call.query("search_keyword"),
            oldest_first: sorting.is_some_and(|sorting| sorting["created_date"] == "ASC"),
            skip: integer(call, "skip")?.map_or(0, count),
            limit: integer(call, "limit")?.map_or(DEFAULT_LIMIT, count),
        })
    }

    /// The users of the page, out of some in the order of registration.
    fn cut<'u>(&self, users: impl Iterator<Item = &'u User>) -> Vec<&'u User> {
        let mut users: Vec<_> = users
            .filter(|user| self.created.contains(&user.created_date))
            .filter(|user| self.keyword.is_none_or(|keyword| user.details.mentions(keyword)))
            .collect();
        if !self.oldest_first {
            users.reverse();
        }
        users.into_iter().skip(self.skip).take(self.limit).collect()
    }
}

/// An integer of the query string; one that no user can have counts as the nearest that fits.
fn integer(call: &Call, name: &str) -> Result<Option<i64>, Answer> {
    let Some(value) = call.query(name) else { return Ok(None) };
    match value.parse::<i64>() {
        Ok(number) => Ok(Some(number)),
        Err(error) => match error.kind() {
            IntErrorKind::PosOverflow => Ok(Some(i64::MAX)),
            IntErrorKind::NegOverflow => Ok(Some(i64::MIN)),
            _ => Err(bad_request()),
        },
    }
}

fn boolean(call: &Call, name: &str) -> Result<Option<bool>, Answer> {
    call.query(name).map(|value| value.parse().map_err(|_| bad_request())).transpose()
}

fn success(data: Value) -> Answer {
    Answer::json(StatusCode::OK, json!({ "success": 1, "error": [], "data": data }))
}

/// The body of a failure as the sister deployment's server makes it.
fn failure(message: &str) -> Value {
    json!({ "success": 0, "error": [message], "data": {} })
}

/// The one failure whose body DigiPay's own pages show.
fn bad_request() -> Answer {
    let body = json!({ "success": 0, "error": [1], "data": { "message": "BAD_REQUEST" } });
    Answer::json(StatusCode::BAD_REQUEST, body)
}

fn not_found() -> Answer {
    let body = json!({ "success": 0, "error": [1], "data": { "message": "NOT_FOUND" } });
    Answer::json(StatusCode::NOT_FOUND, body)
}

fn unauthorized(message: &str) -> Answer {
    Answer::json(StatusCode::UNAUTHORIZED, failure(message))
}

/// A failure inside a 200: nothing rules it out, so a client must be able to tell it from a success.
fn phone_number_exists() -> Answer {
    let body = json!({
        "success": 0,
        "error": ["PHONE_NUMBER_ALREADY_EXISTS"],
        "data": { "message": "Phone number already exists." },
    });
    Answer::json(StatusCode::OK, body)
}
