//! How a call that makes an account ended, in the words that matter to its caller: is there an account, and who is to
//! act?
//!
//! Nothing here knows a provider: what "already exists" looks like, and where a failure hides in a success, has become
//! a predicate of the error by then. Doubt outweighs everything: an account that may exist is never reported as
//! refused.

use std::fmt;
use std::time::Duration;

use crate::error::{Delivery, Error};
use crate::response::Response;

/// How a call that makes an account ended: one variant for each decision of a sign-up. What each holds is the
/// provider's own, typed. The operation's documentation says what each is made of at its provider.
///
/// ```text
/// match acme.create_user().phone_number("+14155550123").outcome().await {
///     Outcome::Created(user) => save(&user.data.user_id),
///     Outcome::Existing(_) => log_in_instead(),
///     Outcome::Rejected(why) => show(why.body()),
///     Outcome::Denied(why) => page_us(why),
///     Outcome::Throttled { retry_after, .. } => later(retry_after),
///     Outcome::NotSent(why) => correct_or_try_again(why),
///     Outcome::Unknown(evidence) => park(evidence),
/// }
/// ```
#[must_use = "an account may have been made, or may be in doubt"]
pub enum Outcome<T, E> {
    /// The provider says that the account is there. For an operation of the class `upsert` it may have been there
    /// before: such a provider's answer does not tell.
    Created(Response<T>),
    /// The provider says that an account with one of the keys exists already. This call did not make it.
    Existing(Error<E>),
    /// The provider said no to this request; its own words are in the error's body.
    Rejected(Error<E>),
    /// The provider does not accept our credentials, or no token could be had. The customer can do nothing about it.
    Denied(Error<E>),
    /// The provider asks to slow down. Nothing was done.
    Throttled {
        /// When to come back, if the provider says so.
        retry_after: Option<Duration>,
        /// The refusal itself.
        error: Error<E>,
    },
    /// Nothing left this machine: the request is not valid, or no connection came about. It may be sent again.
    NotSent(Error<E>),
    /// The account may exist: no usable answer came. Never send this again without a look; the error tells all that is
    /// known, and [`Error::created_id`] the account's id if it could be read out of a broken answer.
    Unknown(Error<E>),
}

impl<T, E> Outcome<T, E> {
    /// The outcome of a result.
    pub fn of(result: Result<Response<T>, Error<E>>) -> Self {
        let error = match result {
            Ok(response) => return Self::Created(response),
            Err(error) => error,
        };
        // The order matters: what an earlier attempt may have done outweighs what the last one was told.
        match error.delivery() {
            Delivery::Unknown | Delivery::Accepted => Self::Unknown(error),
            _ if error.is_denied() => Self::Denied(error),
            _ if error.is_throttled() => Self::Throttled { retry_after: error.retry_after(), error },
            Delivery::NotSent => Self::NotSent(error),
            Delivery::Rejected if error.is_existing() => Self::Existing(error),
            Delivery::Rejected => Self::Rejected(error),
        }
    }

    /// The answer, if the account was created; otherwise the error.
    ///
    /// # Errors
    /// Every variant but [`Outcome::Created`].
    pub fn into_result(self) -> Result<Response<T>, Error<E>> {
        match self {
            Self::Created(response) => Ok(response),
            Self::Existing(error)
            | Self::Rejected(error)
            | Self::Denied(error)
            | Self::Throttled { error, .. }
            | Self::NotSent(error)
            | Self::Unknown(error) => Err(error),
        }
    }

    /// The error of every variant but [`Outcome::Created`].
    pub fn error(&self) -> Option<&Error<E>> {
        match self {
            Self::Created(_) => None,
            Self::Existing(error)
            | Self::Rejected(error)
            | Self::Denied(error)
            | Self::Throttled { error, .. }
            | Self::NotSent(error)
            | Self::Unknown(error) => Some(error),
        }
    }

    /// The variant's name: for a metric's label, or a log line.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created(_) => "created",
            Self::Existing(_) => "existing",
            Self::Rejected(_) => "rejected",
            Self::Denied(_) => "denied",
            Self::Throttled { .. } => "throttled",
            Self::NotSent(_) => "not sent",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl<T: fmt::Debug, E> fmt::Debug for Outcome<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_tuple("Outcome");
        debug.field(&format_args!("{}", self.name()));
        match self {
            Self::Created(response) => debug.field(response),
            other => debug.field(&other.error()),
        };
        debug.finish()
    }
}
