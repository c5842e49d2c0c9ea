//! Streambird's search: conditions on the fields of a user, and pages with a cursor.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::user::User;
use crate::message::{map, text};

/// How many users a page has when the request does not say; the spec bounds what it may say.
const DEFAULT_LIMIT: u64 = 50;

/// One page of the users that match, as it is answered; or what is wrong with the request.
pub(super) fn search(users: &[&User], request: &Map<String, Value>) -> Result<Value, String> {
    let limit = request.get("limit").and_then(Value::as_u64).unwrap_or(DEFAULT_LIMIT);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let start = start(users, request)?;
    let filters = Filters::parse(request)?;

    let total_count = users.iter().filter(|user| filters.match_user(user)).count();
    let mut rest = users[start..].iter().filter(|user| filters.match_user(user));
    let page: Vec<Value> = rest.by_ref().take(limit).map(|user| user.to_json()).collect();
    Ok(json!({ "users": page, "total_count": total_count, "has_more": rest.next().is_some() }))
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
        let fields = filters.get("fields").and_then(Value::as_array).into_iter().flatten();
        let conditions = fields.map(Condition::parse).collect::<Result<_, _>>()?;
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
/// of them does, and one with none never.
struct Condition {
    field: Field,
    comparison: Comparison,
}

/// What a field is in a user.
type Field = fn(&User) -> Vec<Value>;

/// Every documented field. Those that end in `_match` are searched for a part.
const FIELDS: &[(&str, Field)] = &[
    ("user_id", |user| vec![json!(user.user_id)]),
    ("status", |user| vec![json!(user.status)]),
    ("full_name_match", |user| vec![json!(format!("{} {}", user.first_name, user.last_name))]),
    ("phone_number", |user| user.phone_numbers.iter().map(|it| json!(it.value)).collect()),
    ("phone_number_id", |user| user.phone_numbers.iter().map(|it| json!(it.id)).collect()),
    ("phone_number_match", |user| user.phone_numbers.iter().map(|it| json!(it.value)).collect()),
    ("phone_number_verified", |user| user.phone_numbers.iter().map(|it| json!(it.verified)).collect()),
    ("email", |user| user.emails.iter().map(|it| json!(it.value)).collect()),
    ("email_id", |user| user.emails.iter().map(|it| json!(it.id)).collect()),
    ("email_verified", |user| user.emails.iter().map(|it| json!(it.verified)).collect()),
    ("email_match", |user| user.emails.iter().map(|it| json!(it.value)).collect()),
    ("wallet_public_address", |user| user.wallets.iter().map(|it| json!(it.public_address)).collect()),
    ("wallet_id", |user| user.wallets.iter().map(|it| json!(it.id)).collect()),
    // Nobody signs in here, so nobody has set up another way to.
    ("totp_id", |_| vec![]),
    ("totp_verified", |_| vec![]),
    ("idp_provider", |_| vec![]),
];

enum Comparison {
    /// Whatever the case.
    Contains(String),
    Eq(Value),
    In(Vec<Value>),
    Between(Value, Value),
    Lt(Value),
    Gt(Value),
}

impl Condition {
    fn parse(condition: &Value) -> Result<Self, String> {
        let condition = condition.as_object().ok_or("filters.fields must hold objects")?;
        let name = text(condition, "field").ok_or("field is required")?;
        let (_, field) =
            FIELDS.iter().find(|(known, _)| *known == name).ok_or("there is no such field to search by")?;
        let operand = |name| {
            let missing = || format!("{name} is required by this operator");
            condition.get(name).cloned().ok_or_else(missing)
        };
        let comparison = match text(condition, "operator").as_deref() {
            Some("eq") if name.ends_with("_match") => {
                let part = operand("value")?;
                // Whatever is no text is looked for as JSON has it.
                let part = part.as_str().map_or_else(|| part.to_string(), str::to_owned);
                Comparison::Contains(part.to_lowercase())
            }
            Some(_) if name.ends_with("_match") => {
                return Err("a field that matches takes eq only".to_owned());
            }
            Some("eq") => Comparison::Eq(operand("value")?),
            Some("in") => match operand("values")? {
                Value::Array(values) => Comparison::In(values),
                _ => return Err("values must be an array".to_owned()),
            },
            Some("between") => Comparison::Between(operand("value")?, operand("second_value")?),
            Some("lt") => Comparison::Lt(operand("value")?),
            Some("gt") => Comparison::Gt(operand("value")?),
            _ => return Err("operator must be eq, in, between, lt or gt".to_owned()),
        };
        Ok(Self { field: *field, comparison })
    }

    fn holds(&self, user: &User) -> bool {
        (self.field)(user).iter().any(|value| match &self.comparison {
            Comparison::Contains(wanted) => {
                value.as_str().is_some_and(|value| value.to_lowercase().contains(wanted))
            }
            Comparison::Eq(wanted) => value == wanted,
            Comparison::In(wanted) => wanted.contains(value),
            Comparison::Between(low, high) => {
                matches!((order(low, value), order(value, high)), (Some(below), Some(above))
                    if below.is_le() && above.is_le())
            }
            Comparison::Lt(bound) => order(value, bound).is_some_and(Ordering::is_lt),
            Comparison::Gt(bound) => order(value, bound).is_some_and(Ordering::is_gt),
        })
    }
}

/// The order of two texts. Nothing else has one: no field holds a number.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    Some(left.as_str()?.cmp(right.as_str()?))
}
