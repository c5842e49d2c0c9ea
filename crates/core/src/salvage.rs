//! The id of an account out of an answer that cannot be read as a whole: a create that took effect must not lose it.

use crate::pointed::pointed;

/// What stands at `pointer` in a body that may be cut short or of another shape than documented. A value that is itself
/// cut is not taken: half an id is worse than none.
pub(crate) fn salvage(body: &[u8], pointer: &str) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let value =
        pointed(text.as_bytes(), pointer).or_else(|| pointed(complete(&text)?.as_bytes(), pointer))?;
    value.into_id()
}

/// The part of a cut JSON text up to the last value that is whole, with what is open closed.
fn complete(text: &str) -> Option<String> {
    let mut open = Vec::new();
    let (mut in_string, mut escaped) = (false, false);
    // How far the text is whole, and what is open there.
    let mut whole: Option<(usize, Vec<char>)> = None;
    for (index, c) in text.char_indices() {
        if in_string {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match c {
            '"' => in_string = true,
            '{' => open.push('}'),
            '[' => open.push(']'),
            '}' | ']' => {
                open.pop();
                whole = Some((index + 1, open.clone()));
            }
            // A comma tells that the value before it has ended.
            ',' => whole = Some((index, open.clone())),
            _ => {}
        }
    }
    let (end, open) = whole?;
    let mut closed = text[..end].to_owned();
    closed.extend(open.into_iter().rev());
    Some(closed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_found_in_a_whole_body_of_another_shape() {
        assert_eq!(
            salvage(br#"{"data":{"uid":"452711987655"},"success":7}"#, "/data/uid").as_deref(),
            Some("452711987655")
        );
        assert_eq!(salvage(br#"{"id":17}"#, "/id").as_deref(), Some("17"));
        assert_eq!(salvage(br#"{"id":-17}"#, "/id").as_deref(), Some("-17"));
        assert_eq!(salvage(br#"{"id":""}"#, "/id"), None);
        // serde_json rounds what is longer than 64 bits, and a fraction is no id.
        assert_eq!(salvage(br#"{"id":12345678901234567890123}"#, "/id"), None);
        assert_eq!(salvage(br#"{"id":1.5}"#, "/id"), None);
        assert_eq!(salvage(br#"{"id":{"id":"a"}}"#, "/id"), None);
    }

    #[test]
    fn an_id_is_found_in_a_body_that_is_cut_after_it() {
        let body = br#"{"success":true,"data":{"uid":"4527,}","name":"Ad"#;
        assert_eq!(salvage(body, "/data/uid").as_deref(), Some("4527,}"));
        assert_eq!(salvage(br#"{"data":[{"uid":"a\"b"},{"u"#, "/data/0/uid").as_deref(), Some("a\"b"));
    }

    #[test]
    fn half_an_id_is_not_taken() {
        assert_eq!(salvage(br#"{"success":true,"data":{"uid":"4527"#, "/data/uid"), None);
        assert_eq!(salvage(br#"{"success":true,"data":{"uid":45"#, "/data/uid"), None);
    }

    #[test]
    fn what_is_no_json_has_no_id() {
        assert_eq!(salvage(b"<html>Bad Gateway</html>", "/id"), None);
        assert_eq!(salvage(&[0xff, 0xfe, b'{'], "/id"), None);
        assert_eq!(salvage(b"]]}}", "/id"), None);
        assert_eq!(salvage(b"", "/id"), None);
    }
}
