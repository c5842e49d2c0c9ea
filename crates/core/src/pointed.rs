//! What stands at a JSON pointer (RFC 6901) in a body, without making values of all the rest.
//!
//! A provider that hides failures inside successes is asked this of every answer. What is asked for is always a scalar: an id,
//! a token, a code. serde_json's own values would bring their maps and their printing along into every program.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A value that has no parts, or the mere fact that there is one that has.
#[derive(Clone, Debug)]
pub(crate) enum Scalar {
    Null,
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    Float(f64),
    Text(String),
    /// An object or a list.
    Composite,
}

impl Scalar {
    /// The scalar that this is as JSON text, if it is one.
    pub(crate) fn parse(json: &str) -> Option<Self> {
        pointed(json.as_bytes(), "")
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn unsigned(&self) -> Option<u64> {
        match self {
            Self::Unsigned(number) => Some(*number),
            _ => None,
        }
    }

    /// An id, which providers write as a text or as a whole number.
    pub(crate) fn into_id(self) -> Option<String> {
        match self {
            Self::Text(id) if !id.is_empty() => Some(id),
            Self::Unsigned(id) => Some(id.to_string()),
            Self::Negative(id) => Some(id.to_string()),
            _ => None,
        }
    }
}

/// As in JSON, `1` and `1.0` are two. What has parts is equal to nothing, since the parts are not known.
impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Unsigned(one), Self::Unsigned(other)) => one == other,
            (Self::Negative(one), Self::Negative(other)) => one == other,
            (Self::Float(one), Self::Float(other)) => one == other,
            (Self::Text(one), Self::Text(other)) => one == other,
            _ => false,
        }
    }
}

/// The value at `pointer`; `None` if nothing stands there, or the body is not JSON as a whole.
pub(crate) fn pointed(body: &[u8], pointer: &str) -> Option<Scalar> {
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
#[derive(Clone, Copy)]
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// The next name, escaped as RFC 6901 says, and the pointer below it; `None` if the value itself is meant.
    fn split(self) -> Option<(&'a str, Self)> {
        let rest = self.0.get(1..)?;
        let end = rest.find('/').unwrap_or(rest.len());
        let (token, below) = rest.split_at(end);
        Some((token, Rest(below)))
    }

    /// What a value without parts is: nothing has a place below it.
    fn scalar<E>(self, value: Scalar) -> Result<Option<Scalar>, E> {
        Ok(self.0.is_empty().then_some(value))
    }
}

impl<'de> DeserializeSeed<'de> for Rest<'_> {
    type Value = Option<Scalar>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Scalar>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Rest<'_> {
    type Value = Option<Scalar>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<Scalar>, A::Error> {
        let split = self.split();
        let mut found = split.is_none().then_some(Scalar::Composite);
        while let Some(wanted) = map.next_key_seed(Is(split.map(|(token, _)| token)))? {
            match split {
                // The last of several of one name counts, as everywhere.
                Some((_, below)) if wanted => found = map.next_value_seed(below)?,
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Option<Scalar>, A::Error> {
        let Some((token, below)) = self.split() else {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Some(Scalar::Composite));
        };
        let leading = token.starts_with('+') || (token.starts_with('0') && token.len() > 1);
        let wanted = token.parse::<usize>().ok().filter(|_| !leading);
        let mut index = 0;
        let mut found = None;
        loop {
            if wanted == Some(index) {
                match list.next_element_seed(below)? {
                    Some(value) => found = value,
                    None => return Ok(None),
                }
            } else if list.next_element::<IgnoredAny>()?.is_none() {
                return Ok(found);
            }
            index += 1;
        }
    }

    fn visit_bool<E>(self, value: bool) -> Result<Option<Scalar>, E> {
        self.scalar(Scalar::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Option<Scalar>, E> {
        self.scalar(Scalar::Negative(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Option<Scalar>, E> {
        self.scalar(Scalar::Unsigned(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Option<Scalar>, E> {
        self.scalar(Scalar::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Option<Scalar>, E> {
        Ok(self.0.is_empty().then(|| Scalar::Text(value.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Option<Scalar>, E> {
        self.scalar(Scalar::Null)
    }
}

/// Whether a property has this name, escaped.
struct Is<'a>(Option<&'a str>);

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
        let Some(mut token) = self.0.map(str::as_bytes) else { return Ok(false) };
        for byte in name.bytes() {
            let (wanted, rest) = match token {
                [b'~', b'0', rest @ ..] => (b'~', rest),
                [b'~', b'1', rest @ ..] => (b'/', rest),
                [wanted, rest @ ..] => (*wanted, rest),
                [] => return Ok(false),
            };
            if wanted != byte {
                return Ok(false);
            }
            token = rest;
        }
        Ok(token.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn scalar(value: &Value) -> Scalar {
        match value {
            Value::Null => Scalar::Null,
            Value::Bool(flag) => Scalar::Bool(*flag),
            Value::String(text) => Scalar::Text(text.clone()),
            Value::Array(_) | Value::Object(_) => Scalar::Composite,
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => Scalar::Unsigned(number),
                (_, Some(number), _) => Scalar::Negative(number),
                (_, _, number) => Scalar::Float(number.unwrap()),
            },
        }
    }

    #[test]
    fn scalars_are_equal_as_json_has_them_equal() {
        let texts = ["null", "true", "false", "1", "-1", "1.0", "2.5", "\"1\"", "\"\""];
        for one in texts {
            for other in texts {
                assert_eq!(Scalar::parse(one) == Scalar::parse(other), one == other, "{one} and {other}");
            }
        }
        assert_ne!(Scalar::parse("{}"), Scalar::parse("{}"));
        assert!(Scalar::parse("[1").is_none());
    }

    #[test]
    fn it_finds_what_a_whole_value_would_have_there() {
        let bodies = [
            r#"{"success":0,"data":{"users":[{"id":"a"},{"id":7}],"a/b":1,"m~n":[null]},"last":true}"#,
            r#"{"success":1,"success":0}"#,
            r#"{"success":-1.5e3,"last":-7,"data":{"users":[12345678901234567890123]}}"#,
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
            "/last",
            "/data/users/0",
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
                let expected = whole.as_ref().and_then(|value| value.pointer(pointer)).map(scalar);
                let found = pointed(body.as_bytes(), pointer);
                // `==` would hold no object for equal to another.
                assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{pointer} in {body}");
            }
        }
    }
}
