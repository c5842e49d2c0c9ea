//! New persons, made of the one in an example: whatever may be nobody else's gets a number worked in.

use serde_json::Value;

use crate::spec::{Operation, Spec};

/// So many digits at the end of a phone number are free to be another's.
const FREE_DIGITS: usize = 7;

/// Makes the person in a request's body the one with this number.
pub(crate) fn make_new(operation: Operation<'_>, body: &mut Option<Value>, number: u32) {
    let (Some(Value::Object(person)), Some((_, content))) = (body, operation.body()) else { return };
    let schemas = operation.spec.branches(&content["schema"]);
    let keys = operation.value["x-enroll-replay"]["keys"].as_array().cloned().unwrap_or_default();
    for (name, value) in person {
        let Value::String(text) = value else { continue };
        let is_key = keys.iter().any(|key| key == name);
        let properties = schemas.iter().filter_map(|schema| schema["properties"].get(name));
        if is_key || properties.into_iter().any(|property| is_own(operation.spec, property, text)) {
            *text = another(text, number);
        }
    }
}

/// Whether a value is an address at which one person alone is reached.
fn is_own(spec: &Spec, property: &Value, text: &str) -> bool {
    let says = |key: &str, value: &str| spec.branches(property).iter().any(|schema| schema[key] == value);
    says("x-enroll-private", "personal") && (says("format", "email") || is_phone_number(text))
}

fn is_phone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    digits.len() >= FREE_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn another(text: &str, number: u32) -> String {
    if let Some((name, host)) = text.split_once('@') {
        return format!("{name}{number}@{host}");
    }
    if is_phone_number(text) {
        // It is all ASCII, so that any place in it is between two characters.
        let (fixed, free) = text.split_at(text.len() - FREE_DIGITS);
        let free: u64 = free.parse().unwrap_or_default();
        let room = 10_u64.pow(u32::try_from(FREE_DIGITS).unwrap_or_default());
        return format!("{fixed}{:0FREE_DIGITS$}", (free + u64::from(number)) % room);
    }
    format!("{text}-{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_address_stays_of_its_kind() {
        assert_eq!(another("ada@example.com", 12), "ada12@example.com");
        assert_eq!(another("+14155550123", 12), "+14155550135");
        assert_eq!(another("4159999999", 1), "4150000000");
        assert_eq!(another("member-42", 3), "member-42-3");
    }

    #[test]
    fn what_is_no_phone_number_is_left_alone() {
        for text in ["0000", "+1", "2024-01-24", "", "+", "12345６７"] {
            assert!(!is_phone_number(text), "{text}");
        }
        assert!(is_phone_number("4155550123") && is_phone_number("+14155550123"));
    }
}
