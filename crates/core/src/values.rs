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
