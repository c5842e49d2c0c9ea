//! The tokens of JSON pointers (RFC 6901).

/// A key as a token: `/` and `~` have another form there.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The key that a token stands for.
pub(crate) fn unescape(token: &str) -> String {
    // In this order: `~01` is `~1`, and no slash.
    token.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_the_key_again() {
        for key in ["plain", "/v1/users/{id}", "~1", "~", "a~/b", ""] {
            assert_eq!(unescape(&escape(key)), key);
        }
        assert_eq!(escape("~1/"), "~01~1");
    }
}
