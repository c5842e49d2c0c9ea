//! Values that providers send in more than one form, and open vocabularies.
//!
//! Reading is lenient, because a create that worked must not be reported as failed over a field's form; writing is the
//! documented form.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize};

/// An integer, or the text that stands in its place. A text of digits is read as the integer, and sent as one.
///
/// ```
/// use enroll_core::IntegerOrString;
///
/// let status: IntegerOrString = serde_json::from_str(r#""3""#).unwrap();
/// assert_eq!(status.as_i64(), Some(3));
/// assert_eq!(serde_json::to_string(&status).unwrap(), "3");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum IntegerOrString {
    /// An integer, whichever way it was written.
    Integer(i64),
    /// Anything else, as it came.
    String(String),
}

impl IntegerOrString {
    /// The integer, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            Self::String(_) => None,
        }
    }
}

impl From<i64> for IntegerOrString {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<i32> for IntegerOrString {
    fn from(value: i32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<&str> for IntegerOrString {
    fn from(value: &str) -> Self {
        // Only the canonical form becomes a number: "007" and "+7" would not come back as they were.
        match value.parse::<i64>() {
            Ok(number) if number.to_string() == value => Self::Integer(number),
            _ => Self::String(value.to_owned()),
        }
    }
}

impl From<String> for IntegerOrString {
    fn from(value: String) -> Self {
        Self::from(value.as_str())
    }
}

impl fmt::Display for IntegerOrString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => value.fmt(f),
            Self::String(value) => value.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for IntegerOrString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = IntegerOrString;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an integer or a string")
            }

            fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
                Ok(IntegerOrString::Integer(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
                Ok(i64::try_from(value)
                    .map_or_else(|_| IntegerOrString::String(value.to_string()), IntegerOrString::Integer))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
                Ok(IntegerOrString::from(value.to_string()))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
                Ok(IntegerOrString::String(value.to_string()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
                Ok(IntegerOrString::from(value))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// One value, or a list of them: some providers send both for the same field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    /// A list, which may be empty. It is tried first, because serde reads a struct from a list too.
    Many(Vec<T>),
    /// A single value.
    One(T),
}

impl<T> OneOrMany<T> {
    /// The values as a slice, however they were sent.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }

    /// The first value, if there is any.
    pub fn first(&self) -> Option<&T> {
        self.as_slice().first()
    }
}

impl<T> From<T> for OneOrMany<T> {
    fn from(value: T) -> Self {
        Self::One(value)
    }
}

/// A point in time as whole units since 1970-01-01T00:00:00Z, in the unit that the type's name says.
macro_rules! epoch {
    ($(#[$doc:meta])* $name:ident, $from_units:ident, $as_units:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl $name {
            /// The number as it goes over the wire.
            pub const fn as_i64(self) -> i64 {
                self.0
            }

            /// The same instant for `std`; `None` if it is out of the platform's range.
            pub fn to_system_time(self) -> Option<SystemTime> {
                let distance = Duration::$from_units(self.0.unsigned_abs());
                if self.0 < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
            }
        }

        impl From<i64> for $name {
            fn from(value: i64) -> Self {
                Self(value)
            }
        }

        /// Loses what is finer than the unit. An instant out of an `i64`'s range becomes the nearest one in it.
        impl From<SystemTime> for $name {
            fn from(time: SystemTime) -> Self {
                match time.duration_since(UNIX_EPOCH) {
                    Ok(after) => Self(i64::try_from(after.$as_units()).unwrap_or(i64::MAX)),
                    Err(before) => Self(
                        i64::try_from(before.duration().$as_units()).map_or(i64::MIN, |units: i64| -units),
                    ),
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // The providers' pages say "number": a fraction is accepted and cut off.
                #[derive(Deserialize)]
                #[serde(untagged)]
                enum Number {
                    Integer(i64),
                    Float(f64),
                }
                Ok(match Number::deserialize(deserializer)? {
                    Number::Integer(value) => Self(value),
                    #[allow(clippy::cast_possible_truncation, reason = "a saturating cast is what is meant")]
                    Number::Float(value) => Self(value as i64),
                })
            }
        }
    };
}

epoch!(
    /// Seconds since 1970-01-01T00:00:00Z.
    EpochSeconds, from_secs, as_secs
);
epoch!(
    /// Milliseconds since 1970-01-01T00:00:00Z.
    EpochMillis, from_millis, as_millis
);

/// A value of an open vocabulary that this version does not know. It cannot be matched on or made by hand, so that
/// code which handles it keeps working when a later version learns the value's name; read it with the enum's
/// `as_str()`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownValue(pub(crate) Box<str>);

impl UnknownValue {
    #[doc(hidden)]
    pub fn new(value: &str) -> Self {
        Self(value.into())
    }

    /// The value as the provider sent it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Defines the enum of an open vocabulary: the known values are variants, any other is kept and sent back unchanged.
#[doc(hidden)]
#[macro_export]
macro_rules! open_enum {
    ($(#[$attr:meta])* pub enum $name:ident { $($(#[$variant_attr:meta])* $variant:ident = $value:literal,)+ }) => {
        $(#[$attr])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_attr])* $variant,)+
            /// A value that this version does not know; [`as_str`](Self::as_str) tells it.
            Unknown($crate::UnknownValue),
        }

        impl $name {
            /// The value as it goes over the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)+
                    Self::Unknown(value) => value.as_str(),
                }
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(value: &str) -> Self {
                match value {
                    $($value => Self::$variant,)+
                    _ => Self::Unknown($crate::UnknownValue::new(value)),
                }
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(value: ::std::string::String) -> Self {
                Self::from(value.as_str())
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::generated::serde::Serialize for $name {
            fn serialize<S: $crate::generated::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::generated::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::generated::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                <::std::string::String as $crate::generated::serde::Deserialize>::deserialize(deserializer)
                    .map(Self::from)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read<T: serde::de::DeserializeOwned>(text: &str) -> T {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn an_integer_is_read_from_a_number_and_from_its_canonical_text() {
        let cases = [
            ("3", 3),
            (r#""3""#, 3),
            ("-3", -3),
            (r#""-3""#, -3),
            ("0", 0),
            ("3.0", 3),
            ("9223372036854775807", i64::MAX),
            (r#""-9223372036854775808""#, i64::MIN),
        ];
        for (text, number) in cases {
            let value: IntegerOrString = read(text);
            assert_eq!(value.as_i64(), Some(number), "{text}");
            assert_eq!(serde_json::to_string(&value).unwrap(), number.to_string(), "sent as an integer");
        }
    }

    #[test]
    fn a_text_that_is_no_canonical_integer_comes_back_as_it_was() {
        for text in ["007", "+7", " 7", "7.5", "", "-0", "٣", "99999999999999999999", "APPROVED"] {
            let value = IntegerOrString::from(text);
            assert_eq!(value, IntegerOrString::String(text.to_owned()));
            assert_eq!(value.as_i64(), None);
            assert_eq!(value.to_string(), text);
            let sent = serde_json::to_string(&value).unwrap();
            assert_eq!(sent, json!(text).to_string());
            assert_eq!(read::<IntegerOrString>(&sent), value);
        }
    }

    #[test]
    fn other_scalars_in_place_of_an_integer_do_not_fail_the_answer() {
        assert_eq!(read::<IntegerOrString>("true"), IntegerOrString::from("true"));
        assert_eq!(read::<IntegerOrString>("7.5"), IntegerOrString::from("7.5"));
        assert_eq!(
            read::<IntegerOrString>("18446744073709551615"),
            IntegerOrString::from("18446744073709551615")
        );
        assert!(serde_json::from_str::<IntegerOrString>("[]").is_err());
    }

    /// serde reads a struct from a list too, so that the order of the variants matters.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Detail {
        code: Option<String>,
    }

    #[test]
    fn one_and_many_are_told_apart() {
        let detail = Detail { code: Some("taken".to_owned()) };
        let one: OneOrMany<Detail> = read(r#"{"code": "taken"}"#);
        assert_eq!(one, OneOrMany::One(detail.clone()));
        assert_eq!(one.as_slice(), std::slice::from_ref(&detail));
        assert_eq!(serde_json::to_value(&one).unwrap(), json!({"code": "taken"}));
        let many: OneOrMany<Detail> = read(r#"[{"code": "taken"}, {}]"#);
        assert_eq!(many.as_slice().len(), 2);
        assert_eq!(many.first(), Some(&detail));
        assert_eq!(serde_json::to_value(&many).unwrap(), json!([{"code": "taken"}, {"code": null}]));
    }

    #[test]
    fn an_empty_list_is_many_and_not_one_without_anything() {
        let none: OneOrMany<Detail> = read("[]");
        assert_eq!(none, OneOrMany::Many(Vec::new()));
        assert_eq!(none.first(), None);
        assert_eq!(serde_json::to_string(&none).unwrap(), "[]");
    }

    #[test]
    fn an_instant_is_read_from_any_number_and_cut_to_its_unit() {
        let cases =
            [("7", 7), ("7.9", 7), ("-7", -7), ("-7.9", -7), ("1e3", 1000), ("0", 0), ("1e300", i64::MAX)];
        for (text, seconds) in cases {
            assert_eq!(read::<EpochSeconds>(text), EpochSeconds(seconds), "{text}");
            assert_eq!(read::<EpochMillis>(text), EpochMillis(seconds), "{text}");
        }
        assert_eq!(serde_json::to_string(&EpochSeconds(-7)).unwrap(), "-7");
        assert!(serde_json::from_str::<EpochSeconds>(r#""7""#).is_err());
    }

    #[test]
    fn instants_before_1970_convert_both_ways() {
        let early = UNIX_EPOCH - Duration::from_millis(86_400_500);
        assert_eq!(EpochSeconds::from(early), EpochSeconds(-86_400));
        assert_eq!(EpochMillis::from(early), EpochMillis(-86_400_500));
        assert_eq!(EpochMillis(-86_400_500).to_system_time(), Some(early));
        let late = UNIX_EPOCH + Duration::from_millis(1_500);
        assert_eq!(EpochSeconds::from(late), EpochSeconds(1));
        assert_eq!(EpochMillis::from(late).to_system_time(), Some(late));
        assert_eq!(EpochSeconds(0).to_system_time(), Some(UNIX_EPOCH));
    }

    #[test]
    fn an_instant_out_of_range_does_not_panic() {
        // What the platform can express differs; that the call comes back does not.
        for seconds in [i64::MIN, i64::MAX] {
            if let Some(time) = EpochSeconds(seconds).to_system_time() {
                assert_eq!(EpochSeconds::from(time), EpochSeconds(seconds));
            }
        }
    }
}
