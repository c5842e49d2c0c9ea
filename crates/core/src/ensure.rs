//! Making sure that an account exists: create, and when that leaves the answer open, look.
//!
//! The provider's own uniqueness is the guard: a call with a unique key may be sent again after an unknown outcome,
//! because a second account is refused. Nothing else is ever sent again.
//!
//! A match is believed only if it agrees with every key that the request carried: with some of them it is a conflict,
//! because one key may have changed hands. Absent after an unknown outcome proves nothing.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Delivery, Error};
use crate::outcome::Outcome;
use crate::provider::{By, Lookup, LookupKey};
use crate::request::Request;
use crate::response::{RawResponse, Response};
use crate::retry::Class;
use crate::transport::{Call, Transport};

/// What is known of an account after making sure of it. `T` is the create call's answer, `U` the provider's user.
#[must_use = "an account may be in doubt"]
pub enum Ensured<T, U, E> {
    /// This call made the account.
    Created(Response<T>),
    /// The account is there; the provider's upsert does not tell whether it was there before.
    Present(Response<T>),
    /// The account is there, and was looked up.
    Found {
        /// The provider's user. It has every key that was asked for.
        user: U,
        /// Whose work it is.
        origin: Origin,
    },
    /// A key is taken by an account that has not all the keys that were asked for. Whether the two are one person is not
    /// for a library to decide, so nothing is merged.
    Conflict {
        /// The account that was found.
        user: U,
        /// What the create call was answered.
        error: Error<E>,
    },
    /// The account may exist, and looking did not tell. Never send the create again without a look.
    Unknown(Error<E>),
}

/// Who made an account that was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// This call: the provider said so, in an answer that could not be read.
    ThisCall,
    /// It was there before this call.
    Earlier,
    /// This call, by a request whose answer was lost; or somebody else, before or meanwhile.
    Uncertain,
}

impl<T: fmt::Debug, U: fmt::Debug, E> fmt::Debug for Ensured<T, U, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Created(response) => f.debug_tuple("Created").field(response).finish(),
            Self::Present(response) => f.debug_tuple("Present").field(response).finish(),
            Self::Found { user, origin } => {
                f.debug_struct("Found").field("user", user).field("origin", origin).finish()
            }
            Self::Conflict { user, error } => {
                f.debug_struct("Conflict").field("user", user).field("error", error).finish()
            }
            Self::Unknown(error) => f.debug_tuple("Unknown").field(error).finish(),
        }
    }
}

/// What a look found.
enum Seen<U> {
    Match(U),
    Conflict(U),
    Absent,
    /// The look itself failed.
    Nothing,
}

impl Transport {
    /// Creates, and looks up where that leaves the answer open.
    #[doc(hidden)]
    pub async fn ensure<T, U: DeserializeOwned, E>(
        &self,
        call: Call,
        lookup: &'static Lookup,
        decode: fn(RawResponse) -> Result<Response<T>, Error<E>>,
    ) -> Result<Ensured<T, U, E>, Error<E>> {
        let call = self.with_deadline(call);
        let given = given(&call.request, lookup);
        // The first create whose fate is not known. Once there is one, nothing that comes later proves that it did
        // nothing.
        let mut lost: Option<Error<E>> = None;
        let rounds = self.retry(&call).max_attempts;
        let mut round = 1;
        loop {
            let result = match self.execute(call.clone()).await {
                Ok(answer) => decode(answer),
                Err(failure) => Err(failure.into()),
            };
            let (error, origin) = match Outcome::of(result) {
                Outcome::Created(response) => return Ok(Ensured::Created(response)),
                Outcome::Existing(error) if lost.is_some() => (error, Origin::Uncertain),
                Outcome::Existing(error) => (error, Origin::Earlier),
                Outcome::Unknown(error) if error.delivery() == Delivery::Accepted => {
                    (error, Origin::ThisCall)
                }
                Outcome::Unknown(error) => (error, Origin::Uncertain),
                other => match (lost, other.into_result()) {
                    // The last attempt surely did nothing; the lost one may have.
                    (Some(lost), _) => return Ok(Ensured::Unknown(lost)),
                    (None, Err(error)) => return Err(error),
                    (None, Ok(response)) => return Ok(Ensured::Created(response)),
                },
            };
            match self.look(&call, lookup, &given).await {
                Seen::Match(user) => return Ok(Ensured::Found { user, origin }),
                Seen::Conflict(user) => return Ok(Ensured::Conflict { user, error }),
                // Absent after an unknown outcome is no proof: the request may still be under way. A look that failed
                // proves less. With a unique key the request may be sent again all the same.
                Seen::Absent | Seen::Nothing => {
                    let unsure = error.delivery() == Delivery::Unknown;
                    let first = lost.take().unwrap_or(error);
                    if !(unsure
                        && call.class == Class::Keyed
                        && round < rounds
                        && self.pause(&call, round).await)
                    {
                        return Ok(Ensured::Unknown(first));
                    }
                    lost = Some(first);
                    round += 1;
                }
            }
        }
    }

    /// Looks the account up by each key that the create request carries.
    async fn look<U: DeserializeOwned>(
        &self,
        call: &Call,
        lookup: &'static Lookup,
        given: &[(&'static LookupKey, String)],
    ) -> Seen<U> {
        let mut seen = if given.is_empty() { Seen::Nothing } else { Seen::Absent };
        for (key, value) in given {
            let Some(request) = self.lookup_request(lookup, key, value) else { return Seen::Nothing };
            let look = call.for_lookup(lookup.operation, request);
            let Ok(answer) = self.execute(look).await else { return Seen::Nothing };
            if !answer.is_whole_success() {
                return Seen::Nothing;
            }
            for candidate in candidates(&answer, lookup.found) {
                // A server that ignores the filter answers with somebody else.
                if !agrees(&candidate, key, value) {
                    continue;
                }
                let all = given.iter().all(|(key, value)| agrees(&candidate, key, value));
                match serde_json::from_value(candidate) {
                    Ok(user) if all => return Seen::Match(user),
                    Ok(user) => seen = Seen::Conflict(user),
                    Err(_) => return Seen::Nothing,
                }
            }
        }
        seen
    }

    fn lookup_request(&self, lookup: &'static Lookup, key: &LookupKey, value: &str) -> Option<Request> {
        let operation = lookup.operation;
        let mut request = self.request(operation)?.accepting_json();
        match key.by {
            By::Query(name) => request.add_query(name, value),
            By::Body(template) => {
                // The value is quoted as JSON, so that no value can change the request's shape.
                let quoted = serde_json::to_string(value).ok()?;
                let body = template.replace("\"{value}\"", &quoted);
                request = request.with_json(body);
            }
        }
        Some(request)
    }
}

/// The keys that a create request carries, with their values.
fn given(request: &Request, lookup: &'static Lookup) -> Vec<(&'static LookupKey, String)> {
    let body = request.body.as_deref().unwrap_or_default();
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let value = |key: &'static LookupKey| Some((key, body.get(key.property)?.as_str()?.to_owned()));
    lookup.keys.iter().filter_map(value).collect()
}

/// The users in a lookup's answer: one, a list of them, or none.
fn candidates(answer: &RawResponse, found: &str) -> Vec<Value> {
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    match body.pointer_mut(found).map(Value::take) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(users)) => users,
        Some(user) => vec![user],
    }
}

/// Whether a user has this value for this key.
fn agrees(user: &Value, key: &LookupKey, wanted: &str) -> bool {
    let mut open = vec![(user, key.matches.trim_start_matches('/'))];
    while let Some((value, path)) = open.pop() {
        let (token, rest) = path.split_once('/').unwrap_or((path, ""));
        match (token, value) {
            ("", Value::String(text))
                if text == wanted || (key.ignore_case && text.eq_ignore_ascii_case(wanted)) =>
            {
                return true;
            }
            ("*", Value::Array(items)) => open.extend(items.iter().map(|item| (item, rest))),
            (token, Value::Object(object)) => open.extend(object.get(token).map(|value| (value, rest))),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(matches: &'static str, ignore_case: bool) -> LookupKey {
        LookupKey { property: "email", by: By::Query("email"), matches, ignore_case }
    }

    #[test]
    fn a_key_is_compared_where_the_user_has_it() {
        let user =
            json!({"email": "ada@example.com", "emails": [{"email": "a@b"}, {"email": "c@d"}], "name": null});
        assert!(agrees(&user, &key("/email", false), "ada@example.com"));
        assert!(agrees(&user, &key("/emails/*/email", false), "c@d"));
        assert!(!agrees(&user, &key("/emails/*/email", false), "ada@example.com"));
        assert!(!agrees(&user, &key("/name", false), "ada@example.com"));
        assert!(!agrees(&user, &key("/missing/*", false), "ada@example.com"));
        assert!(!agrees(&user, &key("", false), "ada@example.com"));
    }

    #[test]
    fn case_counts_unless_the_key_says_otherwise() {
        let user = json!({"email": "Ada@Example.com"});
        assert!(!agrees(&user, &key("/email", false), "ada@example.com"));
        assert!(agrees(&user, &key("/email", true), "ada@example.com"));
    }
}
