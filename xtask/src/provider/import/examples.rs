//! Examples, made up: no value of the document's, which could be somebody's.

use heck::ToSnakeCase;
use serde_json::{Map, Value, json};

/// An example of a schema that a spec of the house has.
pub(super) fn example(schema: &Value, name: &str, schemas: &Map<String, Value>, depth: usize) -> Value {
    if let Some(target) = schema["$ref"].as_str() {
        let target = target.trim_start_matches("#/components/schemas/");
        return match schemas.get(target) {
            Some(found) => example(found, name, schemas, depth + 1),
            None => Value::Null,
        };
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        let first = schema[key].as_array().and_then(|branches| branches.first());
        if let Some(first) = first.filter(|first| first.get("required").is_none()) {
            return match first["enum"].as_array().and_then(|words| words.first()) {
                Some(word) => word.clone(),
                None => example(first, name, schemas, depth),
            };
        }
    }
    match schema["type"].as_str() {
        Some("string") => {
            let fitting = schema.as_object().and_then(|schema| fitting(schema, name));
            fitting.unwrap_or_else(|| "text".to_owned()).into()
        }
        Some("integer") => match schema["format"].as_str() {
            Some("epoch-seconds") => json!(1_704_164_645),
            Some("epoch-milliseconds") => json!(1_704_164_645_000_i64),
            _ => whole(schema).into(),
        },
        Some("number") => match schema["format"].as_str() {
            Some("epoch-seconds") => json!(1_704_164_645),
            Some("epoch-milliseconds") => json!(1_704_164_645_000_i64),
            _ if schema.get("minimum").is_none() && schema.get("maximum").is_none() => json!(1.5),
            _ => whole(schema).into(),
        },
        Some("boolean") => true.into(),
        Some("array") => {
            let least = schema["minItems"].as_u64().unwrap_or_default();
            let most = schema["maxItems"].as_u64().unwrap_or(u64::MAX);
            let item = example(&schema["items"], name, schemas, depth + 1);
            let count = if depth > 3 && !is_plain(&item) || most == 0 { least } else { least.max(1) };
            (0..count).map(|_| item.clone()).collect()
        }
        Some("object") => object(schema, name, schemas, depth),
        _ => "any value".into(),
    }
}

fn is_plain(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

fn object(schema: &Value, name: &str, schemas: &Map<String, Value>, depth: usize) -> Value {
    if schema["additionalProperties"].is_object() {
        let value = example(&schema["additionalProperties"], name, schemas, depth + 1);
        return json!({"key": value});
    }
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    // Of a union of requirements the first is kept to.
    let wanted: Vec<&str> =
        schema["anyOf"][0]["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut object = Map::new();
    let mut room = match depth {
        0 => 12,
        1 | 2 => 4,
        _ => 0,
    };
    for (wire, property) in schema["properties"].as_object().into_iter().flatten() {
        let needed = required.contains(&wire.as_str()) || wanted.contains(&wire.as_str());
        if property["deprecated"] == true && !needed {
            continue;
        }
        if needed && depth < 30 {
            object.insert(wire.clone(), example(property, wire, schemas, depth + 1));
        } else if room > 0 {
            let value = example(property, wire, schemas, depth + 1);
            if is_plain(&value) || depth == 0 {
                object.insert(wire.clone(), value);
                room -= 1;
            }
        }
    }
    object.into()
}

fn whole(schema: &Value) -> i64 {
    let least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
    let most = schema["maximum"].as_i64().unwrap_or(i64::MAX);
    1.clamp(least, most.max(least))
}

/// A text that keeps to the schema's format, length and pattern; `None` if none of those that are known here does.
pub(super) fn fitting(schema: &Map<String, Value>, name: &str) -> Option<String> {
    let format = schema.get("format").and_then(Value::as_str);
    let secret = schema.get("x-enroll-private").is_some_and(|word| word == "secret");
    let limit =
        |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
    let least = limit("minLength").unwrap_or_default();
    let most = limit("maxLength").unwrap_or(usize::MAX);
    let pattern = match schema.get("pattern").and_then(Value::as_str) {
        Some(pattern) => Some(regex_lite::Regex::new(pattern).ok()?),
        None => None,
    };
    let fits = |text: &String| {
        let length = text.chars().count();
        length >= least && length <= most && pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
    };
    let natural = natural(&name.to_snake_case(), format, secret);
    if format.is_some_and(|format| !matches!(format, "password" | "byte")) {
        return Some(natural).filter(fits);
    }
    let mut candidates = vec![natural.clone()];
    if pattern.is_some() {
        candidates.extend(
            [
                "ada",
                "Ada",
                "ADA",
                "member-42",
                "member_42",
                "ada@example.com",
                "+14155550123",
                "14155550123",
                "123456",
                "12345",
                "1234",
                "123",
                "12",
                "1",
                "0",
                "A",
                "a",
                "US",
                "USD",
                "en",
                "en-US",
                "EN",
                "2024-01-02",
                "2024-01-02T03:04:05Z",
                "00000000-0000-4000-8000-000000000001",
                "https://example.com",
                "http://example.com/",
                "example.com",
                "abc123",
                "a1b2c3d4e5f60718",
                "0x1111111111111111111111111111111111111111",
                "#a1b2c3",
                "user_0001",
                "usr_00000000000000000000000001",
                "01ARZ3NDEKTSV4RRFFQ69G5FAV",
                "Fake-password-1!",
                "/ada",
                "1.0.0",
                "v1",
                "AAAAAAAAAA",
                "00000000000000000000000000000001",
                "true",
                "1.5",
                "",
            ]
            .map(str::to_owned),
        );
    }
    if let Some(found) = candidates.iter().find(|text| fits(text)) {
        return Some(found.clone());
    }
    let target = least.max(1).min(most);
    if target > 4096 {
        return None;
    }
    let padded = candidates.iter().filter(|text| !text.is_empty()).map(|text| {
        let cut: String = text.chars().cycle().take(target).collect();
        cut
    });
    padded.chain(["a".repeat(target), "0".repeat(target), "A".repeat(target)]).find(|text| fits(text))
}

/// What a value of this name and format could be.
fn natural(name: &str, format: Option<&str>, secret: bool) -> String {
    let word = |wanted: &[&str]| name.split('_').any(|word| wanted.contains(&word));
    match format {
        Some("email") => return "ada@example.com".to_owned(),
        Some("uuid") => return "00000000-0000-4000-8000-000000000001".to_owned(),
        Some("date-time") => return "2024-01-02T03:04:05Z".to_owned(),
        Some("date") => return "2024-01-02".to_owned(),
        Some("uri") => return "https://example.com/".to_owned(),
        Some("hostname") => return "example.com".to_owned(),
        Some("ipv4") => return "192.0.2.1".to_owned(),
        Some("ipv6") => return "2001:db8::1".to_owned(),
        Some("byte") => return "ZmFrZQ==".to_owned(),
        _ => {}
    }
    let text = if secret {
        if word(&["password", "passwd", "pwd", "passphrase"]) {
            "fake-password"
        } else if word(&["pin", "otp", "passcode"]) {
            "000000"
        } else {
            "fake-token"
        }
    } else if word(&["email", "emails", "mail"]) {
        "ada@example.com"
    } else if word(&["phone", "phones", "mobile", "msisdn", "telephone", "fax"]) {
        "+14155550123"
    } else if word(&["url", "uri", "href", "website", "avatar", "picture", "photo", "link"]) {
        "https://example.com/"
    } else if word(&["first", "given", "firstname"]) {
        "Ada"
    } else if word(&["last", "family", "surname", "lastname"]) {
        "Lovelace"
    } else if word(&["login", "username", "nickname", "nick", "handle", "slug"]) {
        "ada"
    } else if word(&["name", "fullname"]) {
        "Ada Lovelace"
    } else if word(&["birth", "birthday", "birthdate", "dob"]) {
        "1815-12-10"
    } else if word(&["country"]) {
        "US"
    } else if word(&["locale", "language", "lang"]) {
        "en-US"
    } else if word(&["timezone", "zoneinfo"]) {
        "UTC"
    } else if word(&["currency"]) {
        "USD"
    } else if word(&["city"]) {
        "London"
    } else if word(&["ip"]) {
        "192.0.2.1"
    } else if word(&["id", "uid", "uuid", "ids", "sid"]) {
        "id_0001"
    } else {
        "text"
    };
    text.to_owned()
}
