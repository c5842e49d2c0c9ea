//! What a setter accepts, and what is wrong with a request before it is sent.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The explicit JSON `null`, for the few fields where a provider tells it from an absent one.
///
/// ```ignore
/// client.create_user().email(enroll::Null).send().await?;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Null;

/// A request field that may be absent, explicitly `null`, or have a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nullable<T> {
    /// The field is left out.
    #[default]
    Absent,
    /// The field is sent as `null`.
    Null,
    /// The field is sent with this value.
    Value(T),
}

impl<T> Nullable<T> {
    /// Whether the field is left out.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The same with another value made from this one.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Nullable<U> {
        match self {
            Self::Absent => Nullable::Absent,
            Self::Null => Nullable::Null,
            Self::Value(value) => Nullable::Value(change(value)),
        }
    }

    /// The value, if there is one.
    pub const fn as_option(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_option().serialize(serializer)
    }
}

/// A field that is there is null or a value; that it is absent is said by `#[serde(default)]`.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| value.map_or(Self::Null, Self::Value))
    }
}

/// What can be given to a setter for a field of type `T`: the typed value, anything that converts into it (`&str`,
/// `String`, an integer …), or an `Option` of either, where `None` leaves the field out. `Marker` is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used for a field of type `{T}`",
    label = "give a `{T}`, something that converts into it, or an `Option` of that"
)]
pub trait IntoField<T, Marker> {
    /// The value for the field; `Ok(None)` leaves it out; `Err` says what is wrong without repeating the value.
    fn into_field(self) -> Result<Option<T>, String>;
}

/// Marks a plain value in [`IntoField`].
#[derive(Debug)]
pub enum Plain {}

/// Marks an `Option` in [`IntoField`].
#[derive(Debug)]
pub enum Optional {}

impl<T, V> IntoField<T, Plain> for V
where
    V: TryInto<T>,
    V::Error: fmt::Display,
{
    fn into_field(self) -> Result<Option<T>, String> {
        self.try_into().map(Some).map_err(|error| error.to_string())
    }
}

impl<T, V> IntoField<T, Optional> for Option<V>
where
    V: TryInto<T>,
    V::Error: fmt::Display,
{
    fn into_field(self) -> Result<Option<T>, String> {
        self.map_or(Ok(None), IntoField::into_field)
    }
}

/// The same for a field that also takes an explicit [`Null`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used for a nullable field of type `{T}`",
    label = "give a `{T}`, something that converts into it, an `Option` of that, or `Null`"
)]
pub trait IntoNullable<T, Marker> {
    /// The value for the field; `Err` says what is wrong without repeating the value.
    fn into_nullable(self) -> Result<Nullable<T>, String>;
}

/// Marks a [`Null`] in [`IntoNullable`].
#[derive(Debug)]
pub enum ExplicitNull {}

/// Marks everything else in [`IntoNullable`].
#[derive(Debug)]
pub struct Given<Marker>(std::marker::PhantomData<Marker>);

impl<T> IntoNullable<T, ExplicitNull> for Null {
    fn into_nullable(self) -> Result<Nullable<T>, String> {
        Ok(Nullable::Null)
    }
}

impl<T, Marker, V: IntoField<T, Marker>> IntoNullable<T, Given<Marker>> for V {
    fn into_nullable(self) -> Result<Nullable<T>, String> {
        self.into_field().map(|value| value.map_or(Nullable::Absent, Nullable::Value))
    }
}

/// One thing that is wrong with a request or a configuration: what it is about, and what is wrong, naming the cure. It
/// never holds the value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The field or setting, by its name in Rust.
    pub subject: String,
    /// What is wrong with it.
    pub message: String,
}

impl Problem {
    /// A problem with `subject`.
    pub fn new(subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self { subject: subject.into(), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.subject, self.message)
    }
}

/// Writes problems as one line: a person mends all of them in one go.
pub(crate) fn write_problems(f: &mut fmt::Formatter<'_>, problems: &[Problem]) -> fmt::Result {
    for (index, problem) in problems.iter().enumerate() {
        if index > 0 {
            f.write_str("; ")?;
        }
        write!(f, "{problem}")?;
    }
    Ok(())
}

/// Everything that is wrong with a request, gathered while it is built and reported at once by `send()`.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Puts what a setter was given into its field.
    pub fn set<T, M>(&mut self, name: &str, value: impl IntoField<T, M>, field: &mut Option<T>) {
        match value.into_field() {
            Ok(value) => *field = value,
            Err(message) => self.add(name, message),
        }
    }

    /// The same for a field that can be null.
    pub fn set_nullable<T, M>(
        &mut self,
        name: &str,
        value: impl IntoNullable<T, M>,
        field: &mut Nullable<T>,
    ) {
        match value.into_nullable() {
            Ok(value) => *field = value,
            Err(message) => self.add(name, message),
        }
    }

    /// Notes a problem, unless its subject has one already: the first is the one that was typed.
    pub fn add(&mut self, subject: &str, message: impl Into<String>) {
        if !self.0.iter().any(|problem| problem.subject == subject) {
            self.0.push(Problem::new(subject, message));
        }
    }

    /// Notes that a required field is missing.
    pub fn require<T>(&mut self, name: &str, field: &Option<T>) {
        if field.is_none() {
            self.add(name, format!("is required; call `.{name}(…)`"));
        }
    }

    /// Notes that a field is missing that may be null, but not left out.
    pub fn require_nullable<T>(&mut self, name: &str, field: &Nullable<T>) {
        if field.is_absent() {
            self.add(name, format!("is required; call `.{name}(…)`, which takes `Null` too"));
        }
    }

    /// Notes that none of several fields is there, where one must be.
    pub fn require_one_of(&mut self, names: &[&str], present: &[bool]) {
        if !present.contains(&true) && !names.iter().any(|name| self.concerns(name)) {
            let calls: Vec<_> = names.iter().map(|name| format!("`.{name}(…)`")).collect();
            self.add(&names.join("` or `"), format!("is required; call {}", calls.join(" or ")));
        }
    }

    /// A path parameter that is empty or a dot segment would address another resource.
    pub fn check_path_segment(&mut self, name: &str, value: &str) {
        if matches!(value, "" | "." | "..") {
            self.add(name, "must not be empty or a dot segment, because it is a part of the path");
        }
    }

    /// The number of characters, as JSON Schema counts them.
    pub fn check_length(&mut self, name: &str, value: &str, min: Option<usize>, max: Option<usize>) {
        let length = value.chars().count();
        if let Some(min) = min.filter(|min| length < *min) {
            self.add(name, format!("must have at least {min} character{}", plural(min)));
        } else if let Some(max) = max.filter(|max| length > *max) {
            self.add(name, format!("must have at most {max} character{}", plural(max)));
        }
    }

    /// The number of items.
    pub fn check_items(&mut self, name: &str, length: usize, min: Option<usize>, max: Option<usize>) {
        if let Some(min) = min.filter(|min| length < *min) {
            self.add(name, format!("must have at least {min} item{}", plural(min)));
        } else if let Some(max) = max.filter(|max| length > *max) {
            self.add(name, format!("must have at most {max} item{}", plural(max)));
        }
    }

    /// A number's range.
    pub fn check_range(&mut self, name: &str, value: i64, min: Option<i64>, max: Option<i64>) {
        if let Some(min) = min.filter(|min| value < *min) {
            self.add(name, format!("must be at least {min}"));
        } else if let Some(max) = max.filter(|max| value > *max) {
            self.add(name, format!("must be at most {max}"));
        }
    }

    /// A pattern; `meaning` says it in words. The generator has made sure that the pattern compiles.
    pub fn check_pattern(&mut self, name: &str, value: &str, pattern: &str, meaning: &str) {
        if regex_lite::Regex::new(pattern).is_ok_and(|regex| !regex.is_match(value)) {
            self.add(name, format!("must be {meaning}"));
        }
    }

    /// Whether anything is wrong with `subject`.
    fn concerns(&self, subject: &str) -> bool {
        self.0.iter().any(|problem| problem.subject == subject)
    }

    /// Everything found; empty if the request may be sent.
    pub fn into_vec(self) -> Vec<Problem> {
        self.0
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
