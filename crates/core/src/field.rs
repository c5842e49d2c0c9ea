//! What a setter accepts, and what is wrong with a request before it is sent.

use std::fmt;

use reqwest::header::{HeaderName, HeaderValue};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::provider::Operation;
use crate::transport::CallOptions;

/// The explicit JSON `null`, for the few fields where a provider tells it from an absent one.
/// It is given to a setter: `.email(Null)`.
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

/// What a request says of itself, so that no caller may.
const OWN_HEADERS: &[&str] =
    &["accept", "connection", "content-length", "content-type", "host", "te", "transfer-encoding", "upgrade"];

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

    /// A header that the caller adds to one call.
    pub fn add_header(&mut self, headers: &mut CallOptions, name: &str, value: &str, operation: &Operation) {
        let is = |header: &str| header.eq_ignore_ascii_case(name);
        if operation.security.iter().any(|scheme| is(scheme.header)) {
            self.add(name, "is set by the client's credentials; change it there");
            return;
        }
        // Another length, encoding or host would make another request of it.
        if OWN_HEADERS.iter().any(|header| is(header)) {
            self.add(name, "is set by the request itself; leave it out");
            return;
        }
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(mut value)) => {
                // What a caller puts into a header may be a secret, and nobody here can tell.
                value.set_sensitive(true);
                headers.headers.push((name, value));
            }
            (Err(_), _) => self.add(name, "is no name of a header; use letters, digits and hyphens"),
            (_, Err(_)) => {
                self.add(name, "has characters that no header can carry; use printable ASCII characters");
            }
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
    #[cfg(feature = "patterns")]
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

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::{EpochMillis, IntegerOrString, Personal, Secret};

    /// What a setter makes of what it is given.
    fn field<T, M>(value: impl IntoField<T, M>) -> Option<T> {
        value.into_field().unwrap()
    }

    fn nullable<T, M>(value: impl IntoNullable<T, M>) -> Nullable<T> {
        value.into_nullable().unwrap()
    }

    /// A value whose conversion fails, as those of generated types with a pattern do.
    struct Odd(i64);

    impl TryFrom<Odd> for i64 {
        type Error = &'static str;

        fn try_from(odd: Odd) -> Result<Self, &'static str> {
            if odd.0 % 2 == 1 { Ok(odd.0) } else { Err("must be odd") }
        }
    }

    #[test]
    fn a_setter_takes_the_value_what_converts_into_it_and_an_option_of_either() {
        let owned = String::from("ada");
        assert_eq!(field::<String, _>("ada"), Some(owned.clone()));
        assert_eq!(field::<String, _>(&owned), Some(owned.clone()));
        assert_eq!(field::<String, _>(owned.clone()), Some(owned.clone()));
        assert_eq!(field::<String, _>(Some("ada")), Some(owned.clone()));
        assert_eq!(field::<String, _>(Some(owned.clone())), Some(owned.clone()));
        assert_eq!(field::<String, _>(None::<&str>), None);
        assert_eq!(field::<String, _>(None::<String>), None);
        assert_eq!(field::<i64, _>(7), Some(7));
        assert_eq!(field::<i64, _>(Some(7_u8)), Some(7));
        assert_eq!(field::<bool, _>(true), Some(true));
    }

    #[test]
    fn private_fields_take_plain_values() {
        assert_eq!(field::<Secret, _>("4711"), Some(Secret::from("4711")));
        assert_eq!(field::<Secret, _>(Some(String::from("4711"))), Some(Secret::from("4711")));
        assert_eq!(field::<Personal, _>("ada"), Some(Personal::new("ada".to_owned())));
        assert_eq!(
            field::<Personal, _>(Personal::new("ada".to_owned())),
            Some(Personal::new("ada".to_owned()))
        );
        assert_eq!(field::<Personal<EpochMillis>, _>(7_i64), Some(Personal::new(EpochMillis(7))));
        assert_eq!(field::<IntegerOrString, _>("3"), Some(IntegerOrString::Integer(3)));
    }

    #[test]
    fn a_free_form_object_takes_json_objects_alone() {
        type Object = Personal<Map<String, Value>>;
        let object = field::<Object, _>(json!({"plan": "gold"})).unwrap();
        assert_eq!(object.expose()["plan"], "gold");
        for other in [json!(["canary"]), json!("canary"), json!(null)] {
            let message = IntoField::<Object, _>::into_field(other).unwrap_err();
            assert_eq!(message, "must be a JSON object");
        }
    }

    #[test]
    fn a_conversion_that_fails_says_why() {
        assert_eq!(field::<i64, _>(Odd(3)), Some(3));
        assert_eq!(IntoField::<i64, _>::into_field(Odd(4)), Err("must be odd".to_owned()));
        assert_eq!(IntoField::<i64, _>::into_field(Some(Odd(4))), Err("must be odd".to_owned()));
        assert_eq!(IntoNullable::<i64, _>::into_nullable(Odd(4)), Err("must be odd".to_owned()));
        assert!(IntoField::<i64, _>::into_field(u64::MAX).is_err());
    }

    #[test]
    fn a_nullable_setter_tells_null_from_absent() {
        assert_eq!(nullable::<String, _>(Null), Nullable::Null);
        assert_eq!(nullable::<String, _>(None::<&str>), Nullable::Absent);
        assert_eq!(nullable::<String, _>("ada"), Nullable::Value("ada".to_owned()));
        assert_eq!(nullable::<String, _>(Some("ada")), Nullable::Value("ada".to_owned()));
    }

    #[test]
    fn a_nullable_field_is_left_out_null_or_a_value_on_the_wire() {
        #[derive(Debug, PartialEq, Deserialize, Serialize)]
        struct Body {
            #[serde(default, skip_serializing_if = "Nullable::is_absent")]
            name: Nullable<String>,
        }
        let cases = [
            ("{}", Nullable::Absent),
            (r#"{"name":null}"#, Nullable::Null),
            (r#"{"name":"ada"}"#, Nullable::Value("ada".to_owned())),
        ];
        for (text, name) in cases {
            let body = Body { name };
            assert_eq!(serde_json::to_string(&body).unwrap(), text);
            assert_eq!(serde_json::from_str::<Body>(text).unwrap(), body);
        }
    }

    /// Everything that was found, as a person reads it.
    fn found(problems: Problems) -> Vec<String> {
        problems.into_vec().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_later_value_replaces_an_earlier_one_and_none_takes_it_back() {
        let mut problems = Problems::default();
        let mut name: Option<String> = None;
        problems.set("name", "ada", &mut name);
        problems.set("name", "grace", &mut name);
        assert_eq!(name.as_deref(), Some("grace"));
        problems.set("name", None::<&str>, &mut name);
        assert_eq!(name, None);
        let mut email = Nullable::Value("ada@example.com".to_owned());
        problems.set_nullable("email", Null, &mut email);
        assert_eq!(email, Nullable::Null);
        assert!(problems.is_empty());
    }

    #[test]
    fn a_refused_value_is_one_problem_and_not_also_a_missing_field() {
        let mut problems = Problems::default();
        let mut age: Option<i64> = None;
        problems.set("age", Odd(4), &mut age);
        problems.require("age", &age);
        problems.require_one_of(&["age", "name"], &[false, false]);
        assert_eq!(found(problems), ["`age` must be odd"]);
    }

    #[test]
    fn missing_fields_are_all_named_with_the_call_that_sets_them() {
        let mut problems = Problems::default();
        problems.require::<i64>("age", &None);
        problems.require("name", &Some("ada"));
        problems.require_one_of(&["email", "phone"], &[false, false]);
        problems.require_one_of(&["street", "city"], &[false, true]);
        assert_eq!(
            found(problems),
            [
                "`age` is required; call `.age(…)`",
                "`email` or `phone` is required; call `.email(…)` or `.phone(…)`",
            ]
        );
    }

    #[test]
    fn lengths_are_counted_in_characters_and_limits_are_inclusive() {
        let check = |value: &str, min, max| {
            let mut problems = Problems::default();
            problems.check_length("name", value, min, max);
            found(problems)
        };
        assert!(check("äöü", Some(3), Some(3)).is_empty());
        assert_eq!(check("äö", Some(3), None), ["`name` must have at least 3 characters"]);
        assert_eq!(check("", Some(1), None), ["`name` must have at least 1 character"]);
        assert_eq!(check("äöü", None, Some(2)), ["`name` must have at most 2 characters"]);
        assert!(check("äöü", None, None).is_empty());
    }

    #[test]
    fn items_and_ranges_have_inclusive_limits() {
        let mut problems = Problems::default();
        problems.check_items("phones", 1, Some(1), Some(1));
        problems.check_range("limit", 1, Some(1), Some(1));
        assert!(problems.is_empty());
        problems.check_items("phones", 0, Some(1), None);
        problems.check_items("emails", 2, None, Some(1));
        problems.check_range("limit", 0, Some(1), None);
        problems.check_range("skip", 2, None, Some(1));
        assert_eq!(
            found(problems),
            [
                "`phones` must have at least 1 item",
                "`emails` must have at most 1 item",
                "`limit` must be at least 1",
                "`skip` must be at most 1",
            ]
        );
    }

    #[cfg(feature = "patterns")]
    #[test]
    fn a_pattern_is_explained_in_words_and_the_value_is_not_repeated() {
        let mut problems = Problems::default();
        problems.check_pattern("phone", "+14155550123", r"^\+[0-9]+$", "in E.164");
        assert!(problems.is_empty());
        problems.check_pattern("phone", "canary", r"^\+[0-9]+$", "in E.164");
        assert_eq!(found(problems), ["`phone` must be in E.164"]);
    }

    #[test]
    fn a_path_parameter_cannot_lead_to_another_resource() {
        let message = "`id` must not be empty or a dot segment, because it is a part of the path";
        for (value, expected) in [("", 1), (".", 1), ("..", 1), ("...", 0), ("a/../b", 0), ("user_1", 0)] {
            let mut problems = Problems::default();
            problems.check_path_segment("id", value);
            assert_eq!(found(problems), vec![message; expected], "{value}");
        }
        // Whatever else there is in it is escaped, so that it stays one segment.
        assert_eq!(crate::generated::encode_path("a/../b?c#d%2e é"), "a%2F..%2Fb%3Fc%23d%252e%20%C3%A9");
    }
}
