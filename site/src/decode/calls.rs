//! The calls of the documentation's samples, made by the real clients, and what becomes of them, whatever their types.

use std::any::type_name;
use std::error::Error as _;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::LazyLock;

use enroll::{Clients, Delivery, Error, Outcome, Response};
use serde::Serialize;
use serde_json::Value;

use crate::spec::{self, Operation};

/// An operation, as the build script wrote it down.
pub(crate) struct Call {
    pub(crate) provider: &'static str,
    pub(crate) operation: &'static str,
    /// As Rust calls it; the first of its names, if it has several.
    pub(crate) method: &'static str,
    /// Whether it makes an account.
    pub(crate) creates: bool,
    /// The replay class.
    pub(crate) class: &'static str,
    /// What `ensure()` does, or what to do in its absence.
    pub(crate) making_sure: Option<&'static str>,
    pub(crate) run: for<'a> fn(&'a Clients) -> Running<'a>,
}

type Running<'a> = Pin<Box<dyn Future<Output = Result<Ran, Failed>> + Send + 'a>>;
type Failed = Box<dyn std::error::Error + Send + Sync>;

/// What became of a call.
pub(crate) struct Ran {
    /// The value of a success, or the body of a failure, if it came in a documented form.
    pub(crate) typed: Option<Typed>,
    /// What a log would print in place of a value.
    pub(crate) debug: String,
    /// The SDK's message with its cause, if it is no success.
    pub(crate) error: Option<String>,
    /// Whether a success came in a form that cannot be read.
    pub(crate) unreadable: bool,
    pub(crate) delivery: Option<Delivery>,
    pub(crate) attempts: usize,
    /// For an operation that makes an account.
    pub(crate) outcome: Option<&'static str>,
    /// The new account's id, as far as it can be read out of an answer that cannot be read as a whole.
    pub(crate) created_id: Option<String>,
}

/// A typed value.
pub(crate) struct Typed {
    /// The name of its type, without paths.
    pub(crate) name: String,
    /// The value as JSON again; `None` if it is not JSON.
    pub(crate) value: Option<Value>,
    /// What a log would print.
    pub(crate) debug: String,
}

impl Call {
    pub(crate) fn documented(&self) -> Option<Operation<'static>> {
        spec::spec(self.provider)?.operation(self.operation)
    }
}

impl Ran {
    pub(crate) fn is_success(&self) -> bool {
        self.error.is_none()
    }
}

/// How a call ended, with the word for it if it makes an account.
struct Ended<T, E> {
    result: Result<Response<T>, Error<E>>,
    outcome: Option<&'static str>,
}

fn creation<T, E>(outcome: Outcome<T, E>) -> Ended<T, E> {
    let word = match &outcome {
        Outcome::Created(_) => "Created",
        Outcome::Existing(_) => "Existing",
        Outcome::Rejected(_) => "Rejected",
        Outcome::Denied(_) => "Denied",
        Outcome::Throttled { .. } => "Throttled",
        Outcome::NotSent(_) => "NotSent",
        Outcome::Unknown(_) => "Unknown",
    };
    Ended { result: outcome.into_result(), outcome: Some(word) }
}

fn ending<T, E>(result: Result<Response<T>, Error<E>>) -> Ended<T, E> {
    Ended { result, outcome: None }
}

/// A value of which it is not known here whether it can be written as JSON: bytes cannot, for example. A method that
/// asks for `Serialize` comes before that of a trait, where the type has it.
struct Shown<'a, T>(&'a T);

impl<T: Serialize + Debug> Shown<'_, T> {
    fn typed(&self) -> Typed {
        Typed { value: serde_json::to_value(self.0).ok(), ..self.without_value() }
    }
}

trait WithoutValue {
    fn without_value(&self) -> Typed;

    #[allow(dead_code, reason = "whether an answer is bytes is up to the specs")]
    fn typed(&self) -> Typed {
        self.without_value()
    }
}

impl<T: Debug> WithoutValue for Shown<'_, T> {
    fn without_value(&self) -> Typed {
        Typed { name: short(type_name::<T>()), value: None, debug: format!("{:#?}", self.0) }
    }
}

/// A type's name without the paths in it.
fn short(name: &str) -> String {
    let words = name.split_inclusive(['<', '>', ',', ' ', '(', ')']);
    words.map(|word| word.rsplit("::").next().unwrap_or(word)).collect()
}

/// The end of a call whose types are known where this stands.
macro_rules! ran {
    ($ended:expr) => {{
        let Ended { result, outcome } = $ended;
        match result {
            Ok(response) => {
                let typed = Shown(&*response).typed();
                Ran {
                    attempts: response.attempts().try_into().unwrap_or(usize::MAX),
                    ..Ran::succeeded(typed, outcome)
                }
            }
            Err(error) => {
                let typed = error.body().map(|body| Shown(body).typed());
                Ran { typed, ..Ran::failed(&error, outcome) }
            }
        }
    }};
}

impl Ran {
    fn succeeded(typed: Typed, outcome: Option<&'static str>) -> Self {
        Self {
            typed: Some(typed),
            debug: String::new(),
            error: None,
            unreadable: false,
            delivery: None,
            attempts: 1,
            outcome,
            created_id: None,
        }
    }

    fn failed<E>(error: &Error<E>, outcome: Option<&'static str>) -> Self {
        let mut message = error.to_string();
        if let Some(cause) = error.source() {
            message.push_str(&format!(": {cause}"));
        }
        Self {
            typed: None,
            debug: format!("{error:#?}"),
            error: Some(message),
            unreadable: error.is_unreadable(),
            delivery: Some(error.delivery()),
            attempts: error.attempts().len(),
            outcome,
            created_id: error.created_id(),
        }
    }
}

/// One for each operation of each provider, in the order of the specs.
pub(crate) static CALLS: LazyLock<Vec<Call>> =
    LazyLock::new(|| include!(concat!(env!("OUT_DIR"), "/calls.rs")));

#[cfg(test)]
mod tests {
    use super::*;

    struct Opaque;

    impl Debug for Opaque {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("[bytes]")
        }
    }

    #[test]
    fn a_value_is_written_as_json_where_its_type_can_be() {
        let shown = Shown(&vec![7]).typed();
        assert_eq!(
            (shown.name.as_str(), shown.value, shown.debug.as_str()),
            ("Vec<i32>", Some(serde_json::json!([7])), "[\n    7,\n]")
        );
        let shown = Shown(&Opaque).typed();
        assert_eq!((shown.name.as_str(), shown.value, shown.debug.as_str()), ("Opaque", None, "[bytes]"));
    }

    #[test]
    fn the_names_of_types_have_no_paths() {
        assert_eq!(short("core::option::Option<enroll_acme::types::User>"), "Option<User>");
        assert_eq!(short("(alloc::string::String, a::B<c::D>)"), "(String, B<D>)");
    }
}
