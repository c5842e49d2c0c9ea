//! The kinds of changes that a spec can undergo, as one table: how grave each is, and what it means for users.

use std::fmt;

/// How grave a change is, from the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Class {
    /// Only words change
    Documentation,
    /// There is more than before, and what was there stays
    Additive,
    /// The same program compiles, and something else happens
    Behaviour,
    /// A program that was right does not compile any more, or its calls are refused
    Breaking,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Documentation => "documentation",
            Self::Additive => "additive",
            Self::Behaviour => "behaviour",
            Self::Breaking => "breaking",
        })
    }
}

/// A kind of change.
#[derive(Debug)]
pub(crate) struct Kind {
    /// Its name, which stays.
    pub(crate) id: &'static str,
    pub(crate) class: Class,
    /// What follows for who uses the client.
    pub(crate) consequence: &'static str,
}

macro_rules! kinds {
    ($($name:ident = $id:literal, $class:ident: $consequence:literal;)*) => {
        $(pub(super) static $name: Kind =
            Kind { id: $id, class: Class::$class, consequence: $consequence };)*

        /// Every kind.
        #[cfg(test)]
        pub(super) static ALL: &[&Kind] = &[$(&$name),*];
    };
}

kinds! {
    // Providers, and what a client has to be told.
    PROVIDER_REMOVED = "provider-removed", Breaking:
        "the provider's crate, module and feature are gone";
    PROVIDER_ADDED = "provider-added", Additive:
        "there is one more crate, module and feature";
    SERVER_REMOVED = "server-removed", Breaking:
        "its constant is gone, and a configuration that names it is refused";
    SERVER_ADDED = "server-added", Additive:
        "there is one more constant, and one more name for a configuration";
    SERVER_URL = "server-url", Behaviour:
        "requests and credentials go to another address";
    SERVER_DEFAULT = "server-default", Behaviour:
        "without a configured server, requests go elsewhere, or a client is not built";
    SETTING_ENV = "setting-env", Breaking:
        "the variable that was read is not read any more, so that deployments must be changed";
    CREDENTIAL_REMOVED = "credential-removed", Breaking:
        "its setter is gone, and its variable is not read any more";
    CREDENTIAL_ADDED = "credential-added", Additive:
        "there is one more setter and one more variable, and nothing needs them";
    CREDENTIAL_DEMANDED = "credential-demanded", Breaking:
        "a client that was complete may lack it now, and is not built";
    CREDENTIAL_PRIVACY = "credential-privacy", Behaviour:
        "what may be printed of it is another";
    CREDENTIAL_MODES = "credential-modes", Behaviour:
        "a key that was refused for its mode may be accepted, or the reverse";
    SCHEME_REMOVED = "scheme-removed", Behaviour:
        "requests do not carry this credential any more";
    SCHEME_ADDED = "scheme-added", Behaviour:
        "requests may carry one more credential";
    SCHEME_CHANGED = "scheme-changed", Behaviour:
        "the credential is put on requests in another way";
    SECURITY = "security", Behaviour:
        "requests carry other credentials";

    // Operations.
    OPERATION_REMOVED = "operation-removed", Breaking:
        "its method is gone, and code that calls it does not compile";
    OPERATION_ADDED = "operation-added", Additive:
        "there is one more method";
    OPERATION_RENAMED = "operation-renamed", Breaking:
        "its method has another name, and code that calls it does not compile";
    OPERATION_PATH = "operation-path", Behaviour:
        "the request goes to another path";
    OPERATION_METHOD = "operation-method", Behaviour:
        "the request has another method";
    DEPRECATED = "deprecated", Additive:
        "who uses it is told by a warning, or by the documentation";
    REPLAY_LOOSER = "replay-looser", Behaviour:
        "a call that was left alone after a time-out or a broken connection may be sent again; a second account is \
         possible if that is wrong";
    REPLAY_STRICTER = "replay-stricter", Behaviour:
        "a call that was sent again after a time-out or a broken connection is not any more, and its outcome stays \
         unknown";
    REPLAY_KEYS = "replay-keys", Behaviour:
        "a call counts as one that may be sent again by other properties than before";
    CREATES_REMOVED = "creates-removed", Breaking:
        "`.outcome()` and `.ensure()` are gone";
    CREATES_ADDED = "creates-added", Additive:
        "there is `.outcome()`, and `.ensure()` where the account can be found again";
    CREATES_ID = "creates-id", Behaviour:
        "the new account's id is looked for in another place";
    LOOKUP_REMOVED = "lookup-removed", Breaking:
        "`.ensure()` is gone, or finds nobody: an unknown outcome has to be looked into by hand";
    LOOKUP_ADDED = "lookup-added", Additive:
        "`.ensure()` can find the account again";
    LOOKUP_CHANGED = "lookup-changed", Behaviour:
        "`.ensure()` looks for the account in another way";
    DERIVED_REMOVED = "derived-removed", Breaking:
        "the method that stood for it is gone";
    DERIVED_ADDED = "derived-added", Additive:
        "there is one more method";
    DERIVED_CHANGED = "derived-changed", Behaviour:
        "the method does something else";

    // Requests.
    PARAMETER_REMOVED = "parameter-removed", Breaking:
        "its setter is gone, and code that sets it does not compile";
    PARAMETER_ADDED = "parameter-added", Additive:
        "there is one more setter";
    PARAMETER_ADDED_REQUIRED = "parameter-added-required", Breaking:
        "a call without it is refused before anything is sent";
    PARAMETER_REQUIRED = "parameter-required", Breaking:
        "a call without it is refused before anything is sent";
    PARAMETER_OPTIONAL = "parameter-optional", Additive:
        "it may be left out";
    PARAMETER_PLACE = "parameter-place", Behaviour:
        "the same value is sent in another part of the request";
    PARAMETER_STYLE = "parameter-style", Behaviour:
        "the same value is written in another way";
    BODY_REMOVED = "body-removed", Breaking:
        "the setters of the body's properties are gone";
    BODY_ADDED = "body-added", Breaking:
        "the request has a body, and what it requires has to be set";
    BODY_REQUIRED = "body-required", Documentation:
        "the client sends the body in either case";
    BODY_MEDIA_TYPE = "body-media-type", Behaviour:
        "the body is written in another form";
    BODY_TYPE = "body-type", Breaking:
        "the body is another object, with other setters";

    // Answers.
    ANSWER_REMOVED = "answer-removed", Behaviour:
        "an answer with this status is not read as before: its body comes untyped, or as that of a wider status";
    ANSWER_ADDED = "answer-added", Additive:
        "an answer with this status is read by its own schema";
    ANSWER_BODY = "answer-body", Behaviour:
        "the body of this status is read in another way";
    ANSWER_EXISTS = "answer-exists", Behaviour:
        "`Existing` is told by another answer: a duplicate may come as `Rejected`, or the reverse";
    ANSWER_FAILURE = "answer-failure", Behaviour:
        "a failure inside a success is told by something else: what was an error may be a value, or the reverse";
    ANSWER_ABSENT = "answer-absent", Behaviour:
        "that there is no such user is told by something else";
    ANSWER_HEADER = "answer-header", Documentation:
        "headers are not typed; all of them stay beside the value";
    LINK = "link", Documentation:
        "the client does not follow links; the sandbox does";

    // Schemas.
    SCHEMA_REMOVED = "schema-removed", Breaking:
        "its type is gone, and code that names it does not compile";
    SCHEMA_ADDED = "schema-added", Additive:
        "there may be one more type";
    PROPERTY_REMOVED = "property-removed", Breaking:
        "code that sets or reads it does not compile";
    PROPERTY_ADDED = "property-added", Additive:
        "it can be set or read";
    PROPERTY_ADDED_REQUIRED = "property-added-required", Breaking:
        "a call without it is refused before anything is sent, and the type's `new` takes one more argument";
    PROPERTY_ADDED_ALWAYS = "property-added-always", Breaking:
        "an answer without it cannot be read, and the type's `new` takes one more argument";
    PROPERTY_REQUIRED = "property-required", Breaking:
        "a call without it is refused before anything is sent, and the type's `new` takes one more argument";
    PROPERTY_ALWAYS = "property-always", Breaking:
        "it is no `Option` any more, and an answer without it cannot be read";
    PROPERTY_OPTIONAL = "property-optional", Breaking:
        "it becomes an `Option`, and the type's `new` takes one argument less";
    PROPERTY_NAME = "property-name", Breaking:
        "it has another name in Rust";
    PRIVACY = "privacy", Breaking:
        "its type is another, and so is what may be printed of it";
    TYPE = "type", Breaking:
        "it has another type in Rust";
    FORMAT = "format", Behaviour:
        "the value is understood in another way";
    NULL_READ = "null-read", Documentation:
        "null and nothing are read alike";
    NULL_TYPE = "null-type", Breaking:
        "its type in Rust changes between a plain value, `Option` and `Nullable`";
    LIMIT_TIGHTER = "limit-tighter", Behaviour:
        "a value that was sent is refused before anything is sent";
    LIMIT_LOOSER = "limit-looser", Additive:
        "a value that was refused is sent";
    LIMIT_OF_ANSWER = "limit-of-answer", Documentation:
        "answers are not checked";
    UNKNOWN_PROPERTIES = "unknown-properties", Documentation:
        "the client sends only what is declared, and takes whatever comes";
    DEFAULT = "default", Behaviour:
        "the provider is known to take something else for a value that is left out";
    VALUE_ADDED = "value-added", Additive:
        "there is one more variant; matches have an arm for unknown values already";
    VALUE_ADDED_CLOSED = "value-added-closed", Breaking:
        "a match on all variants lacks an arm";
    VALUE_REMOVED = "value-removed", Breaking:
        "its variant is gone, and code that names it does not compile";
    VALUES_OF_NUMBER = "values-of-number", Documentation:
        "a number is a number, whichever values are documented";
    VOCABULARY_CLOSED = "vocabulary-closed", Breaking:
        "an answer with an unknown value cannot be read any more";
    VOCABULARY_OPENED = "vocabulary-opened", Breaking:
        "a match on all variants lacks the arm for unknown values";
    NEEDED = "needed", Behaviour:
        "other combinations of properties are refused before anything is sent";

    // Words.
    DESCRIPTION = "description", Documentation:
        "the documentation says something else";
    EXAMPLE = "example", Documentation:
        "the samples of the documentation, and the tests, use other values";
    EVIDENCE = "evidence", Documentation:
        "what supports a fact is another";
    CORRECTION = "correction", Documentation:
        "what is corrected of a source is another";
    METADATA = "metadata", Documentation:
        "nothing in the client depends on it";

    // What the table above does not know.
    SURFACE = "surface", Breaking:
        "what a program can name has changed, or has another type";
    OTHER = "other", Behaviour:
        "no rule says what follows; look at it, and give it a kind";
}
