//! Streambird's search: conditions on the fields of a user, and pages with a cursor.

use serde_json::{Map, Value, json};

use super::user::User;
use crate::message::{map, text};

const LIMITS: std::ops::RangeInclusive<u64> = 10..=100;
const DEFAULT_LIMIT: u64 = 50;

/// One page of the users that match, as it is answered; or what is wrong with the request.
pub(super) fn search(users: &[&User], request: &Map<String, Value>) -> Result<Value, String> {
    let limit = limit(request)?;
    let start = start(users, request)?;
    let filters = Filters::parse(request)?;

    let total_count = users.iter().filter(|user| filters.match_user(user)).count();
    let mut rest = users[start..].iter().filter(|user| filters.match_user(user));
    let page: Vec<Value> = rest.by_ref().take(limit).map(|user| user.to_json()).collect();
    Ok(json!({ "users": page, "total_count": total_count, "has_more": rest.next().is_some() }))
}

fn limit(request: &Map<String, Value>) -> Result<usize, String> {
    let limit = match request.get("limit") {
        None | Some(Value::Null) => Some(DEFAULT_LIMIT),
        Some(limit) => limit.as_u64().filter(|limit| LIMITS.contains(limit)),
    };
    limit
        .and_then(|limit| usize::try_from(limit).ok())
        .ok_or_else(|| format!("limit must be an integer from {} to {}", LIMITS.start(), LIMITS.end()))
}

/// The place after the user that the cursor names.
fn start(users: &[&User], request: &Map<String, Value>) -> Result<usize, String> {
    let Some(cursor) = text(request, "starting_after") else { return Ok(0) };
    let place = users.iter().position(|user| user.user_id == cursor);
    place.map(|place| place + 1).ok_or_else(|| "starting_after is not the id of a user".to_owned())
}

/// The conditions of a search, and whether all of them must hold.
struct Filters {
    all: bool,
    conditions: Vec<Condition>,
}

impl Filters {
    fn parse(request: &Map<String, Value>) -> Result<Self, String> {
        let Some(filters) = map(request, "filters") else {
            return Ok(Self { all: true, conditions: vec![] });
        };
        let all = match text(&filters, "operator").as_deref() {
            Some("AND") => true,
            Some("OR") => false,
            _ => return Err("filters.operator must be AND or OR".to_owned()),
        };
        let fields = match filters.get("fields") {
            None | Some(Value::Null) => &vec![],
            Some(Value::Array(fields)) if !fields.is_empty() => fields,
            Some(_) => return Err("filters.fields must be an array of at least one condition".to_owned()),
        };
        let conditions = fields.iter().map(Condition::parse).collect::<Result<_, _>>()?;
        Ok(Self { all, conditions })
    }

    fn match_user(&self, user: &User) -> bool {
        let mut outcomes = self.conditions.iter().map(|condition| condition.holds(user));
        if self.all || self.conditions.is_empty() {
            outcomes.all(|holds| holds)
        } else {
            outcomes.any(|holds| holds)
        }
    }
}

/// One condition: a field of the user, compared with a value. A user with several e-mail addresses meets it if one
/// of them does.
struct Condition {
    field: Field,
    comparison: Comparison,
}

/// The fields that the sandbox can compare.
enum Field {
    UserId,
    Status,
    FullName,
    Email,
    EmailId,
    PhoneNumber,
    PhoneNumberId,
    WalletId,
    WalletPublicAddress,
}

enum Comparison {
    /// Whatever the case.
    Contains(String),
    Eq(String),
    In(Vec<String>),
    Between(String, String),
    Lt(String),
    Gt(String),
}

impl Condition {
    fn parse(condition: &Value) -> Result<Self, String> {
        let condition = condition.as_object().ok_or("filters.fields must hold objects")?;
        let (field, is_fuzzy) = match text(condition, "field").as_deref() {
            Some("user_id") => (Field::UserId, false),
            Some("status") => (Field::Status, false),
            Some("full_name_match") => (Field::FullName, true),
            Some("email") => (Field::Email, false),
            Some("email_id") => (Field::EmailId, false),
            Some("email_match") => (Field::Email, true),
            Some("phone_number") => (Field::PhoneNumber, false),
            Some("phone_number_id") => (Field::PhoneNumberId, false),
            Some("phone_number_match") => (Field::PhoneNumber, true),
            Some("wallet_id") => (Field::WalletId, false),
            Some("wallet_public_address") => (Field::WalletPublicAddress, false),
            Some(_) => return Err("the sandbox does not search by this field".to_owned()),
            None => return Err("field is required".to_owned()),
        };
        let comparison = match text(condition, "operator").as_deref() {
            Some("eq") if is_fuzzy => Comparison::Contains(operand(condition, "value")?.to_lowercase()),
            Some(_) if is_fuzzy => return Err("a field that matches takes eq only".to_owned()),
            Some("eq") => Comparison::Eq(operand(condition, "value")?),
            Some("in") => Comparison::In(operands(condition)?),
            Some("between") => {
                Comparison::Between(operand(condition, "value")?, operand(condition, "second_value")?)
            }
            Some("lt") => Comparison::Lt(operand(condition, "value")?),
            Some("gt") => Comparison::Gt(operand(condition, "value")?),
            _ => return Err("operator must be eq, in, between, lt or gt".to_owned()),
        };
        Ok(Self { field, comparison })
    }

    fn holds(&self, user: &User) -> bool {
        let compare = |value: &String| match &self.comparison {
            Comparison::Contains(wanted) => value.to_lowercase().contains(wanted),
            Comparison::Eq(wanted) => value == wanted,
            Comparison::In(wanted) => wanted.contains(value),
            Comparison::Between(low, high) => low <= value && value <= high,
            Comparison::Lt(bound) => value < bound,
            Comparison::Gt(bound) => value > bound,
        };
        match self.field {
            Field::UserId => compare(&user.user_id),
            Field::Status => compare(&user.status),
            Field::FullName => compare(&format!("{} {}", user.first_name, user.last_name)),
            Field::Email => user.emails.iter().any(|it| compare(&it.value)),
            Field::EmailId => user.emails.iter().any(|it| compare(&it.id)),
            Field::PhoneNumber => user.phone_numbers.iter().any(|it| compare(&it.value)),
            Field::PhoneNumberId => user.phone_numbers.iter().any(|it| compare(&it.id)),
            Field::WalletId => user.wallets.iter().any(|it| compare(&it.id)),
            Field::WalletPublicAddress => user.wallets.iter().any(|it| compare(&it.public_address)),
        }
    }
}

fn operand(condition: &Map<String, Value>, name: &str) -> Result<String, String> {
    text(condition, name).ok_or_else(|| format!("{name} is required by this operator"))
}

fn operands(condition: &Map<String, Value>) -> Result<Vec<String>, String> {
    let values = condition.get("values").and_then(Value::as_array).ok_or("values must be an array")?;
    let texts: Option<Vec<String>> = values.iter().map(|value| value.as_str().map(str::to_owned)).collect();
    texts.ok_or_else(|| "values must hold strings".to_owned())
}
