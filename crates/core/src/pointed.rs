//! What stands at a JSON pointer (RFC 6901) in a body, without making values of all the rest.
//!
//! A provider that hides failures inside successes is asked this of every answer.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize as _;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// The value at `pointer`; `None` if nothing stands there, or the body is not JSON as a whole.
pub(crate) fn pointed(body: &[u8], pointer: &str) -> Option<Value> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return None;
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let found = Rest(pointer).deserialize(&mut deserializer).ok()?;
    // A body that goes on, or breaks off, is not what the provider meant to say.
    deserializer.end().ok()?;
    found
}

/// What is left of a pointer below the value that comes.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// The name of the next property, and the pointer below it.
    fn split(&self) -> (Cow<'a, str>, Rest<'a>) {
        let rest = &self.0[1..];
        let end = rest.find('/').unwrap_or(rest.len());
        let (token, below) = rest.split_at(end);
        let token = if token.contains('~') {
            token.replace("~1", "/").replace("~0", "~").into()
        } else {
            token.into()
        };
        (token, Rest(below))
    }
}

impl<'de> DeserializeSeed<'de> for Rest<'_> {
    type Value = Option<Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Value>, D::Error> {
        if self.0.is_empty() {
            return Value::deserialize(deserializer).map(Some);
        }
        deserializer.deserialize_any(self)
    }
}

/// A value that is neither an object nor a list has nothing below it.
macro_rules! nothing_below {
    ($($method:ident($($value:ty)?)),* $(,)?) => {$(
        fn $method<E>(self $(, _: $value)?) -> Result<Option<Value>, E> {
            Ok(None)
        }
    )*};
}

impl<'de> Visitor<'de> for Rest<'_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<Value>, A::Error> {
        let (token, _) = self.split();
        let mut found = None;
        while let Some(wanted) = map.next_key_seed(Is(&token))? {
            if wanted {
                // The last of several of one name counts, as everywhere.
                found = map.next_value_seed(self.split().1)?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Option<Value>, A::Error> {
        let (token, below) = self.split();
        let leading = token.starts_with('+') || (token.starts_with('0') && token.len() > 1);
        if let Some(index) = token.parse().ok().filter(|_| !leading) {
            for _ in 0_usize..index {
                if list.next_element::<IgnoredAny>()?.is_none() {
                    return Ok(None);
                }
            }
            let found = list.next_element_seed(below)?;
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(found.flatten());
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    nothing_below!(
        visit_bool(bool),
        visit_i64(i64),
        visit_u64(u64),
        visit_f64(f64),
        visit_str(&str),
        visit_unit()
    );
}

/// Whether a property has this name.
struct Is<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for Is<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Is<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_what_a_whole_value_would_have_there() {
        let bodies = [
            r#"{"success":0,"data":{"users":[{"id":"a"},{"id":7}],"a/b":1,"m~n":[null]},"last":true}"#,
            r#"{"success":1,"success":0}"#,
            r#"[[1,2],{"success":null}]"#,
            r#""success""#,
            "12",
            "",
            "{",
            r#"{"success":0"#,
            r#"{"success":0} x"#,
            "<html>",
        ];
        let pointers = [
            "",
            "/success",
            "/data",
            "/data/users/1/id",
            "/data/users/01/id",
            "/data/users/+1",
            "/data/users/2",
            "/data/users/x",
            "/data/a~1b",
            "/data/m~0n/0",
            "/last/deeper",
            "/0/1",
            "/1/success",
            "/",
            "success",
        ];
        for body in bodies {
            let whole = serde_json::from_str::<Value>(body).ok();
            for pointer in pointers {
                let expected = whole.as_ref().and_then(|value| value.pointer(pointer)).cloned();
                assert_eq!(pointed(body.as_bytes(), pointer), expected, "{pointer} in {body}");
            }
        }
    }
}
