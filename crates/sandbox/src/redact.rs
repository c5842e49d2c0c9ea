//! What stands in `Debug` for a value that must not be printed.
//!
//! The words are those of the SDK, so that one search finds every place where a log has had something taken out.

use std::fmt;

/// A placeholder for a private value.
pub(crate) enum Redacted {
    /// Gives access: a token, a password, a PIN.
    Secret,
    /// Belongs to a person: a name, an address, a number.
    Personal,
}

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret => "[secret]",
            Self::Personal => "[personal]",
        })
    }
}

/// Shows whether there is a secret, and not which.
pub(crate) fn secret<T>(value: &Option<T>) -> Option<Redacted> {
    value.as_ref().map(|_| Redacted::Secret)
}

/// Shows whether there is a personal datum, and not which.
pub(crate) fn personal<T>(value: &Option<T>) -> Option<Redacted> {
    value.as_ref().map(|_| Redacted::Personal)
}
