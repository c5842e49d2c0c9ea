//! What the generator writes down about a provider: its settings, servers, credentials' recipes and operations.
//!
//! These are plain data, so that the transport can serve every provider and know none.

use std::fmt;

use crate::exchange::Fetch;

/// A provider, as its spec describes it.
#[derive(Debug)]
pub struct Provider {
    /// The one word that names it everywhere: `acme`.
    pub name: &'static str,
    /// Its servers that have a name.
    pub servers: &'static [Server],
    /// The environment variable with the base URL.
    pub base_url_env: &'static str,
    /// The environment variable with the name of a server, if there is a choice.
    pub environment_env: Option<&'static str>,
    /// What a user of the SDK must have.
    pub credentials: &'static [Credential],
    /// Which credentials belong together: every alternative is a set of indices into `credentials`.
    pub alternatives: &'static [&'static [usize]],
}

/// A server with a name.
#[derive(Debug)]
pub struct Server {
    /// Its name: `production`.
    pub name: &'static str,
    /// Its base URL.
    pub url: &'static str,
    /// Whether it is used when nothing is configured.
    pub default: bool,
}

/// One value that a user of the SDK must have.
#[derive(Debug)]
pub struct Credential {
    /// The setter's name, and the configuration file's.
    pub name: &'static str,
    /// The environment variable.
    pub env: &'static str,
    /// Words by which a value tells its mode: `("live", "sk_live_")`.
    pub prefixes: &'static [(&'static str, &'static str)],
}

/// How credentials become a header.
#[derive(Debug)]
pub struct Scheme {
    /// The header's name, lower case.
    pub header: &'static str,
    /// How its value is made.
    pub recipe: Recipe,
}

/// How a header's value is made. `{name}` in a template stands for a credential.
#[derive(Debug)]
pub enum Recipe {
    /// A fixed value.
    Static(&'static str),
    /// `Basic` of RFC 7617, from two credentials by name.
    Basic {
        /// The credential that is the user name.
        username: &'static str,
        /// The credential that is the password.
        password: &'static str,
    },
    /// A JWT that the client signs with HS256.
    #[cfg(feature = "hs256")]
    MintHs256 {
        /// The credential whose UTF-8 bytes are the key.
        key: &'static str,
        /// The claims and their templates.
        claims: &'static [(&'static str, &'static str)],
        /// Seconds until the token expires; becomes `exp`.
        lifetime: u64,
        /// The header's value, in which `{jwt}` stands for the token.
        value: &'static str,
    },
    /// A token that an operation of the provider hands out.
    Exchange(Exchange),
}

/// How a token is had from the provider.
#[derive(Debug)]
pub struct Exchange {
    /// The operation that hands it out.
    pub operation: &'static Operation,
    /// JSON pointer to the token in its answer.
    pub token: &'static str,
    /// JSON pointer to the expiry in its answer, and its form.
    pub expires: Option<(&'static str, ExpiryFormat)>,
    /// The credential that, when there, is used instead of an exchange.
    pub given: Option<&'static str>,
    /// The header's value, in which `{token}` stands for the token.
    pub value: &'static str,
    /// The code that does it: named by those who need it, so that a linker finds it in no other program.
    pub fetch: Fetch,
}

/// The form in which a token's expiry is told.
#[derive(Clone, Copy, Debug)]
pub enum ExpiryFormat {
    #[cfg(feature = "date-time")]
    /// `2024-01-24 18:18:38`, in a zone so many minutes ahead of UTC.
    DateTime {
        /// Minutes ahead of UTC; negative behind it.
        offset_minutes: i32,
    },
    /// Seconds since 1970-01-01T00:00:00Z.
    EpochSeconds,
    /// Seconds from the moment of the answer.
    SecondsFromNow,
}

/// An operation, as its spec describes it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Operation {
    /// The provider's name: `acme`.
    pub provider: &'static str,
    /// The operation's name in Rust: `create_user`.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path's template. Logs show this, never the path that was sent, which may hold personal data.
    pub path: &'static str,
    /// What a second sending of the same request does.
    pub replay: Replay,
    /// The headers that carry credentials.
    pub security: &'static [&'static Scheme],
    /// How "already exists" looks: any of these is enough.
    pub exists: &'static [Condition],
    /// JSON pointer to the new account's id in the answer, for an operation that makes one.
    pub creates: Option<&'static str>,
    /// The parameters in the path and the query that are private.
    pub private: &'static [&'static str],
    /// What tells a failure inside a success, for a provider that hides them there: a JSON pointer, and what stands
    /// there, as JSON text.
    pub hides: Option<(&'static str, &'static str)>,
}

/// What an answer says when something is the case.
#[derive(Debug)]
pub struct Condition {
    /// The status.
    pub status: u16,
    /// JSON pointer into the body.
    pub pointer: &'static str,
    /// What stands there, as JSON text.
    pub equals: &'static str,
}

/// How an account is found again after a create that left it in doubt.
#[derive(Debug)]
pub struct Lookup {
    /// The operation that looks.
    pub operation: &'static Operation,
    /// JSON pointer to the user, or the list of users, in its answer.
    pub found: &'static str,
    /// The keys by which one can look.
    pub keys: &'static [LookupKey],
}

/// A key by which an account is looked up.
#[derive(Debug)]
pub struct LookupKey {
    /// The property of the create request.
    pub property: &'static str,
    /// Where the lookup takes it.
    pub by: By,
    /// JSON pointer to the same in the user; `*` stands for any item of a list.
    pub matches: &'static str,
    /// Whether upper and lower case are the same.
    pub ignore_case: bool,
}

/// Where a lookup takes a key.
#[derive(Debug)]
pub enum By {
    /// In this parameter of the query.
    Query(&'static str),
    /// In this body, whose `"{value}"` stands for the key.
    Body(&'static str),
}

impl Operation {
    /// For generated code.
    #[doc(hidden)]
    pub const fn new(
        provider: &'static str,
        name: &'static str,
        method: &'static str,
        path: &'static str,
        replay: Replay,
        security: &'static [&'static Scheme],
    ) -> Self {
        Self {
            provider,
            name,
            method,
            path,
            replay,
            security,
            exists: &[],
            creates: None,
            private: &[],
            hides: None,
        }
    }

    #[doc(hidden)]
    pub const fn with_exists(mut self, exists: &'static [Condition]) -> Self {
        self.exists = exists;
        self
    }

    #[doc(hidden)]
    pub const fn with_creates(mut self, pointer: &'static str) -> Self {
        self.creates = Some(pointer);
        self
    }

    #[doc(hidden)]
    pub const fn with_hidden_failure(mut self, pointer: &'static str, equals: &'static str) -> Self {
        self.hides = Some((pointer, equals));
        self
    }

    #[doc(hidden)]
    pub const fn with_private(mut self, private: &'static [&'static str]) -> Self {
        self.private = private;
        self
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.provider, self.name)
    }
}

/// What a second sending of the same request does, as the provider's spec says with its evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Replay {
    /// Nothing: it only reads.
    Safe,
    /// The same as the first.
    Upsert,
    /// The provider refuses it because of these properties. A request that carries none of them counts as
    /// [`Replay::Never`].
    Keyed(&'static [&'static str]),
    /// It may take effect twice.
    Never,
}

impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Safe => "safe",
            Self::Upsert => "upsert",
            Self::Keyed(_) => "keyed",
            Self::Never => "never",
        })
    }
}
