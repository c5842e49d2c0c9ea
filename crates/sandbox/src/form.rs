//! The forms of values that more than one provider checks.

/// Whether a value looks like an e-mail address: one `@`, something before it, and a domain with a dot after it.
///
/// Deliverability is not the sandbox's business; it catches what every provider's own check would catch.
pub(crate) fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.split_once('@') else { return false };
    let labels_filled = domain.split('.').all(|label| !label.is_empty());
    !local.is_empty()
        && domain.contains('.')
        && labels_filled
        && !domain.contains('@')
        && !value.chars().any(|character| character.is_whitespace() || character.is_control())
}

/// Whether a value is a phone number in E.164: `+`, then 2 to 15 digits of which the first is not zero.
pub(crate) fn is_e164(value: &str) -> bool {
    let Some(digits) = value.strip_prefix('+') else { return false };
    (2..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn email_addresses() {
        for good in ["ada@example.com", "a+b@mail.example.com", "ada@münchen.example"] {
            assert!(is_email(good), "{good}");
        }
        for bad in
            ["", "ada", "@example.com", "ada@", "ada@example", "a@b@example.com", "a d@example.com", "a@.com"]
        {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn phone_numbers() {
        for good in ["+14155550123", "+49", "+123456789012345"] {
            assert!(is_e164(good), "{good}");
        }
        for bad in
            ["", "+", "+1", "14155550123", "+04155550123", "+1 415 555 0123", "+1234567890123456", "+١٢٣٤"]
        {
            assert!(!is_e164(bad), "{bad}");
        }
    }
}
