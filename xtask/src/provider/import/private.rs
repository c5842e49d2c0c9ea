//! What is secret and what is personal, by name and format; and prose without either.

use heck::ToSnakeCase;

/// How a value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Privacy {
    Secret,
    Personal,
}

impl Privacy {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Personal => "personal",
        }
    }
}

/// What the last word says of a value that is otherwise about something private: when, how often, whether.
const ABOUT: [&str; 34] = [
    "at",
    "attempts",
    "changed",
    "code_challenge",
    "confirmed",
    "count",
    "days",
    "enabled",
    "endpoint",
    "expires",
    "expiration",
    "expiry",
    "expired",
    "format",
    "hint",
    "in",
    "is",
    "kind",
    "length",
    "lifetime",
    "limit",
    "locale",
    "method",
    "on",
    "only",
    "policy",
    "policies",
    "required",
    "set",
    "status",
    "ttl",
    "type",
    "verified",
    "visibility",
];

const SECRET: [&str; 24] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "secrets",
    "token",
    "tokens",
    "pin",
    "otp",
    "totp",
    "cvv",
    "cvc",
    "apikey",
    "jwt",
    "credential",
    "credentials",
    "authorization",
    "signature",
    "cookie",
    "passcode",
    "private_key",
    "api_key",
    "access_key",
];

const PERSONAL: [&str; 64] = [
    "address",
    "address1",
    "address2",
    "age",
    "avatar",
    "bio",
    "birth",
    "birthdate",
    "birthday",
    "birthplace",
    "city",
    "country",
    "dob",
    "email",
    "emails",
    "ethnicity",
    "family",
    "fax",
    "firstname",
    "fullname",
    "gender",
    "gravatar",
    "handle",
    "iban",
    "ip",
    "ips",
    "ipaddress",
    "lastname",
    "latitude",
    "line1",
    "line2",
    "location",
    "login",
    "longitude",
    "mail",
    "mobile",
    "msisdn",
    "name",
    "names",
    "nationality",
    "nick",
    "nickname",
    "nicknames",
    "passport",
    "phone",
    "phones",
    "photo",
    "picture",
    "postal",
    "postcode",
    "profile",
    "pronouns",
    "region",
    "sex",
    "signature",
    "ssn",
    "street",
    "surname",
    "telephone",
    "twitter",
    "upn",
    "username",
    "usernames",
    "zip",
];

/// The classification of a text or a number. Rather one too many: what is private costs a word to print, and what is
/// not cannot be taken back.
pub(super) fn classify(name: &str, format: Option<&str>, is_text: bool) -> Option<Privacy> {
    let snake = name.to_snake_case();
    let words: Vec<&str> = snake.split('_').collect();
    let last = words.last().copied().unwrap_or_default();
    let about = ABOUT.contains(&last);
    let ends = |known: &str| snake == *known || snake.ends_with(&format!("_{known}"));
    let secret = SECRET.iter().any(|known| ends(known))
        || words.iter().any(|word| ["password", "passwd", "secret"].contains(word));
    if is_text && (format == Some("password") || secret && !about) {
        return Some(Privacy::Secret);
    }
    if matches!(format, Some("email" | "idn-email" | "phone" | "ipv4" | "ipv6" | "ip")) {
        return Some(Privacy::Personal);
    }
    let ids = ["external_id", "national_id", "tax_id", "document_id", "user_external_id"]
        .iter()
        .any(|known| ends(known));
    let of_person = ids || words.iter().any(|word| PERSONAL.contains(word));
    let person = of_person && !about && (ids || !matches!(last, "id" | "ids" | "uuid" | "key"));
    person.then_some(Privacy::Personal)
}

/// A description as one paragraph in plain words, short, and without anything that could be somebody's.
pub(super) fn prose(text: &str, longest: usize) -> String {
    let mut plain = String::new();
    let mut in_tag = false;
    for c in text.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                plain.push(' ');
            }
            // A `<` that begins no tag.
            '\n' if in_tag => {
                in_tag = false;
                plain.push(' ');
            }
            _ if in_tag => {}
            '`' | '*' | '|' | '[' | ']' | '{' | '}' | '\\' | '"' => {}
            '#' => {}
            c if c.is_control() => plain.push(' '),
            c => plain.push(c),
        }
    }
    let words: Vec<String> = plain.split_whitespace().map(mask_word).collect();
    let mut kept = String::new();
    for word in words {
        if kept.chars().count() + word.chars().count() + 1 > longest {
            match kept.rfind(['.', '!', '?']) {
                Some(end) if end > longest / 4 => kept.truncate(end + 1),
                _ => kept.push_str(" …"),
            }
            break;
        }
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(&word);
    }
    if !kept.is_empty() && !kept.ends_with(['.', '!', '?', '…', ':']) {
        kept.push('.');
    }
    kept
}

/// A word of prose, or what stands for it if it could be somebody's address, number or key.
fn mask_word(word: &str) -> String {
    let bare = word.trim_end_matches([',', '.', ';', ':', ')', '?', '!']);
    format!("{}{}", masked(bare), &word[bare.len()..])
}

fn masked(word: &str) -> String {
    if word.contains("://") || word.contains("](") {
        return "(an address)".to_owned();
    }
    if word.contains('@') && word.contains('.') {
        return "ada@example.com".to_owned();
    }
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let letters = word.chars().filter(char::is_ascii_alphabetic).count();
    let dashed = word.chars().all(|c| c.is_ascii_alphanumeric() || "-_.+/=:,;()'".contains(c));
    let is_date = word.len() <= 26
        && word.starts_with(|c: char| c.is_ascii_digit())
        && word.contains('-')
        && letters <= 2;
    if digits >= 7 && !is_date && dashed || digits >= 3 && letters + digits >= 16 && dashed {
        return "(a value)".to_owned();
    }
    word.to_owned()
}
