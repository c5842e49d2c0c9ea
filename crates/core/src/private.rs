//! Values that must not be printed: [`Secret`] for what gives access, [`Personal`] for what belongs to a person.
//!
//! Both serialise as the plain value, because that is how they reach the provider. Neither has a `Display`, so that
//! formatting one into a log line or an address does not compile; the value is reached by an explicit `expose()`.

use std::cell::Cell;
use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use crate::values::{EpochMillis, EpochSeconds, IntegerOrString};

thread_local! {
    /// Whether private values are written as placeholders: while a call is previewed, on this thread.
    static MASKED: Cell<bool> = const { Cell::new(false) };
}

/// Does something while private values are written as placeholders.
#[doc(hidden)]
pub fn masked<T>(action: impl FnOnce() -> T) -> T {
    /// Puts the switch back even if the action panics.
    struct Unmask(bool);

    impl Drop for Unmask {
        fn drop(&mut self) {
            MASKED.set(self.0);
        }
    }

    let _unmask = Unmask(MASKED.replace(true));
    action()
}

/// A value that gives access: a key, a token, a password, a PIN. It is never printed, and wiped from memory when dropped.
///
/// ```
/// use enroll_core::Secret;
///
/// let pin = Secret::from("4711");
/// assert_eq!(format!("{pin:?}"), "Secret([secret])");
/// assert_eq!(pin.expose(), "4711");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The value itself. Look for this word when reviewing where secrets go.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the value has no characters.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([secret])")
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(Zeroizing::new(value))
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self::from(value.to_owned())
    }
}

impl From<&String> for Secret {
    fn from(value: &String) -> Self {
        Self::from(value.as_str())
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if MASKED.get() { "[secret]" } else { self.expose() })
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// A person's datum: an e-mail address, a phone number, a name. `Debug` prints a placeholder.
///
/// ```
/// use enroll_core::Personal;
///
/// let email: Personal = "ada@example.com".into();
/// assert_eq!(format!("{email:?}"), "[personal]");
/// assert_eq!(email.expose(), "ada@example.com");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Personal<T = String>(T);

impl<T> Personal<T> {
    /// Marks a value as personal.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Look for this word when reviewing where personal data go.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, by value.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

impl<T: Serialize> Serialize for Personal<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if MASKED.get() { serializer.serialize_str("[personal]") } else { self.0.serialize(serializer) }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Personal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

/// What a person has in hand becomes personal without ceremony.
macro_rules! personal_from {
    ($($source:ty => $target:ty),* $(,)?) => {$(
        impl From<$source> for Personal<$target> {
            fn from(value: $source) -> Self {
                Self(value.into())
            }
        }
    )*};
}

personal_from! {
    String => String,
    &str => String,
    &String => String,
    i64 => i64,
    i32 => i64,
    f64 => f64,
    bool => bool,
    i64 => EpochMillis,
    EpochMillis => EpochMillis,
    SystemTime => EpochMillis,
    SystemTime => EpochSeconds,
    i64 => EpochSeconds,
    EpochSeconds => EpochSeconds,
    i64 => IntegerOrString,
    &str => IntegerOrString,
    serde_json::Value => serde_json::Value,
    &str => serde_json::Value,
    i64 => serde_json::Value,
    bool => serde_json::Value,
    serde_json::Map<String, serde_json::Value> => serde_json::Map<String, serde_json::Value>,
}

/// `serde_json::json!({…})` where a free-form object is wanted; any other JSON value is refused.
impl TryFrom<serde_json::Value> for Personal<serde_json::Map<String, serde_json::Value>> {
    type Error = NotAnObject;

    fn try_from(value: serde_json::Value) -> Result<Self, NotAnObject> {
        match value {
            serde_json::Value::Object(map) => Ok(Self(map)),
            _ => Err(NotAnObject),
        }
    }
}

/// A JSON value was given where a JSON object is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnObject;

impl fmt::Display for NotAnObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be a JSON object")
    }
}

impl std::error::Error for NotAnObject {}
