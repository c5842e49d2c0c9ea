//! DigiPay.Guru: accounts with passwords and PINs, behind a token that is exchanged for a client's credentials.

mod details;

use std::fmt;
use std::num::IntErrorKind;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Value, json};

pub use self::details::Details;
use crate::clock::{Clock, Moment};
use crate::contract::Violation;
use crate::message::{Answer, Call, text};
use crate::mint::Mint;
use crate::service::{Handler, Provider};
use crate::table::{Key, Record, Table, Taken};

/// How long a token opens the door.
const TOKEN_LIFETIME: Duration = Duration::from_secs(3_600);

/// How many users or wallets are listed when no `limit` is given.
const DEFAULT_LIMIT: usize = 10;

/// How many tokens are known at a time. Whoever needs more has thrown the older ones away.
const MOST_TOKENS: usize = 1_000;

/// The emulated DigiPay, as one company's installation.
pub struct DigiPay {
    company_id: String,
    client_id: String,
    client_secret: String,
    currency_id: String,
    clock: Arc<Clock>,
    mint: Mint,
    /// How many tokens are handed out does not matter to the ids of users.
    token_mint: Mint,
    state: Mutex<State>,
}

struct State {
    tokens: Table<Token>,
    /// The token that was last shown to somebody who looks into the sandbox.
    shown: Option<String>,
    users: Table<User>,
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

impl DigiPay {
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
        self.lock().users.iter().cloned().collect()
    }

    /// A fresh token for the header `Authorization`, as the exchange hands them out.
    pub fn token(&self) -> String {
        self.issue_token().0
    }

    pub(crate) fn new(clock: Arc<Clock>, mint: &Mint, capacity: usize) -> Self {
        let state = State { tokens: Table::new(MOST_TOKENS), shown: None, users: Table::new(capacity) };
        Self {
            // Ids are hexadecimal at DigiPay, and this is how hexadecimal spells "fake".
            company_id: format!("fa4e{}", mint.hex(28)),
            client_id: format!("fake-digipay-client-{}", mint.hex(8)),
            client_secret: format!("fake-digipay-secret-{}", mint.hex(16)),
            currency_id: mint.hex(32),
            clock,
            mint: mint.fork(),
            token_mint: mint.fork(),
            state: Mutex::new(state),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for DigiPay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DigiPay").finish_non_exhaustive()
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

impl Record for User {
    fn keys(&self) -> Vec<Key> {
        let Details { dial_code, phone_number, .. } = &self.details;
        let dial_code = dial_code.as_deref().unwrap_or_default();
        let phone = phone_number.as_ref().map(|number| ("phone_number", format!("{dial_code} {number}")));
        [("id", self.id.clone())].into_iter().chain(phone).collect()
    }
}

impl Provider for DigiPay {
    const NAME: &'static str = "digipay";

    const SPEC: &'static str = include_str!("../../../specs/digipay.yaml");

    const HANDLERS: &'static [(&'static str, Handler<Self>)] = &[
        (AUTHENTICATE, Self::authenticate),
        ("userRegister", Self::user_register),
        ("listUsers", Self::list_users),
        ("updateUser", Self::update_user),
        ("getUser", Self::get_user),
        ("deleteUser", Self::delete_user),
        ("listUserWallets", Self::list_user_wallets),
        ("getUserWallet", Self::get_user_wallet),
    ];

    const CREDENTIALS: Option<&'static str> = Some(AUTHENTICATE);

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
        let token =
            state.tokens.find("token", given).ok_or_else(|| unauthorized("The token is not known."))?;
        if token.expires > self.clock.now() { Ok(()) } else { Err(unauthorized("The token has expired.")) }
    }

    fn refuse(&self, status: StatusCode, message: &str) -> Answer {
        match status {
            StatusCode::NOT_FOUND => not_found(),
            _ => Answer::json(status, failure(message)),
        }
    }

    fn reject(&self, _violations: &[Violation]) -> Answer {
        bad_request()
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        vec![
            ("CompanyID", self.company_id.clone()),
            ("Authorization", format!("Token {}", self.shown_token())),
        ]
    }

    fn environment(&self, base_url: &str) -> Vec<(&'static str, String)> {
        // No `DIGIPAY_TOKEN`, so that the SDK exchanges the client's credentials for a token.
        vec![
            ("DIGIPAY_COMPANY_ID", self.company_id.clone()),
            ("DIGIPAY_CLIENT_ID", self.client_id.clone()),
            ("DIGIPAY_CLIENT_SECRET", self.client_secret.clone()),
            ("DIGIPAY_BASE_URL", base_url.to_owned()),
        ]
    }

    fn state(&self) -> Value {
        let state = self.lock();
        let users: Vec<_> = state.users.iter().map(User::to_json).collect();
        json!({ "users": users, "evicted": state.users.evicted() })
    }

    fn reset(&self) {
        let mut state = self.lock();
        state.tokens.clear();
        state.shown = None;
        state.users.clear();
    }
}

/// The documented sample tells the expiry in Indian time: five and a half hours ahead of UTC.
const INDIAN_TIME: Duration = Duration::from_secs((5 * 60 + 30) * 60);

const AUTHENTICATE: &str = "authenticate";

impl DigiPay {
    fn authenticate(&self, _call: &Call) -> Result<Answer, Answer> {
        let (token, expires) = self.issue_token();
        let answer = json!({
            "status_code": 200,
            "data": { "access_token": token, "expiry_time": expires.after(INDIAN_TIME).date_and_time() },
        });
        Ok(Answer::json(StatusCode::OK, answer))
    }

    /// Expired tokens are kept until there are too many, so that a caller is told that they have expired.
    fn issue_token(&self) -> (String, Moment) {
        let expires = self.clock.now().after(TOKEN_LIFETIME);
        let mut state = self.lock();
        loop {
            let value = format!("fake-digipay-token-{}", self.token_mint.hex(32));
            if state.tokens.insert(Token { value: value.clone(), expires }).is_ok() {
                return (value, expires);
            }
        }
    }

    /// A token that is good for half an hour at least, and the same until then: to look often must not push out the
    /// tokens of the clients.
    fn shown_token(&self) -> String {
        let then = self.clock.now().after(TOKEN_LIFETIME / 2);
        let state = self.lock();
        let last = state.shown.as_ref().and_then(|token| state.tokens.find("token", token));
        let last = last.filter(|token| token.expires > then).map(|token| token.value.clone());
        drop(state);
        let token = last.unwrap_or_else(|| self.token());
        self.lock().shown = Some(token.clone());
        token
    }

    fn user_register(&self, call: &Call) -> Result<Answer, Answer> {
        let details = Details::default().merged(&call.object()).ok_or_else(bad_request)?;
        let now = self.clock.stamp().epoch_seconds();
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
        self.lock().users.insert(user).map_err(|Taken(_)| phone_number_exists())?;
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
        let user = state.users.find("id", call.parameter("id")).ok_or_else(not_found)?;
        Ok(success(json!({ "users": [user.to_json()] })))
    }

    fn update_user(&self, call: &Call) -> Result<Answer, Answer> {
        let fields = call.object();
        let id = text(&fields, "id").unwrap_or_default();
        let mut state = self.lock();
        let mut user = state.users.find("id", &id).cloned().ok_or_else(not_found)?;
        user.details = user.details.merged(&fields).ok_or_else(bad_request)?;
        user.updated_date = self.clock.stamp().epoch_seconds();
        let replaced = state.users.replace("id", &id, user).ok_or_else(not_found)?;
        replaced.map_err(|Taken(_)| phone_number_exists())?;
        Ok(success(json!({ "message": "User detail updated successfully." })))
    }

    fn delete_user(&self, call: &Call) -> Result<Answer, Answer> {
        self.lock().users.remove("id", call.parameter("id")).ok_or_else(not_found)?;
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
        let user = state.users.find("id", call.parameter("id")).ok_or_else(not_found)?;
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
