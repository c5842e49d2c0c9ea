//! What is demanded of a spec before a client can be made of it: each demand with a name and its reason.
//!
//! `cargo xtask spec lint` demands more; its own rules stand there.

/// A demand on a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, which stays.
    pub id: &'static str,
    /// What it demands and why, in one paragraph.
    pub about: &'static str,
}

macro_rules! rules {
    ($($name:ident = $id:literal: $about:literal;)*) => {
        $(pub(crate) const $name: &str = $id;)*

        /// Every rule by which [`generate`](crate::generate) refuses a spec.
        pub const RULES: &[Rule] = &[$(Rule { id: $id, about: $about }),*];
    };
}

rules! {
    FILE = "file":
        "A spec can be read: it is there, and it is text in UTF-8. The file's stem is the provider's name.";
    YAML = "yaml":
        "A spec is one YAML document that says the same as JSON would. Merge keys, tags, infinity and a second document \
         are refused, since readers of OpenAPI disagree about them. Nesting has a limit, for the parser's stack; beyond \
         it a schema deserves a name anyhow.";
    DUPLICATE_KEY = "duplicate-key":
        "A key stands once in a mapping. Most parsers keep the last and drop the others without a word, so that one of \
         two definitions would vanish. `200` and '200' are the same key here, as they are in JSON.";
    UNKNOWN_KEY = "unknown-key":
        "Only keys that OpenAPI 3.0.3 or specs/README.md knows may stand in a spec. The parser below the generator drops \
         what it does not know, so that `requried` would make every property optional without anybody noticing.";
    WRONG_KIND = "wrong-kind":
        "Each key has a value of the kind that OpenAPI gives it: text, true or false, a number, a list, a mapping. YAML \
         reads `yes` as a text and `1.0` as a number, and a reader that expects something else guesses.";
    MISSING_KEY = "missing-key":
        "What OpenAPI 3.0.3 or the generator cannot do without is there: `openapi`, `info`, a response's `description`, \
         an operation's `operationId` and `x-enroll-replay`, and so on.";
    VERSION = "version":
        "The document is OpenAPI 3.0.x. The generator below does not read 3.1, whose schemas mean other things by the \
         same words (`nullable`, `exclusiveMinimum`, `example`).";
    REFERENCE = "reference":
        "A `$ref` stands alone, names something of the right kind in this document, and comes to an end. Siblings of a \
         `$ref` are ignored by OpenAPI 3.0.3, so what they say would be lost.";
    NULLABLE = "nullable":
        "`nullable` stands beside a `type`. Without one, OpenAPI 3.0.3 gives it no meaning, and tools disagree. There, \
         null is one more branch of an `anyOf`, the last: `{enum: [null]}`.";
    SERVER = "server":
        "At most one server is the default, and it has a name. A server's name becomes a constant in Rust, so two of \
         them must differ as constants.";
    PATH = "path":
        "A path begins with a slash, and has no empty segment, no query and no brace without its partner: it is what the \
         base URL is continued with, word by word.";
    PARAMETER = "parameter":
        "A parameter is sent in the path, the query or a header, as a plain value or, in a query, as a list of texts. \
         Those of a path are required and named in the path, and each name in a path has its parameter. Two parameters \
         of one operation differ in their names in Rust.";
    REQUEST_BODY = "request-body":
        "A request body has one media type, JSON or a form, and its schema is a named object with properties: the \
         properties become the setters of the call.";
    RESPONSE = "response":
        "An operation documents at least one response, each under a status, a range such as '4XX', or `default`. Where a \
         failure hides inside a success, the schema has a branch for each of the two.";
    REPLAY = "replay":
        "Each operation says what a second sending of the same request does: `safe`, `upsert`, `keyed` with the \
         properties by which the provider refuses a repeat, or `never`. The client repeats a call only as far as this \
         allows; it is how no account is made twice.";
    LOOKUP = "lookup":
        "What finds an account again is checked as a whole: the operation exists, takes the key by query or body, \
         answers with a user or a list of users, and the user shows the key, so that nobody else is taken for the one \
         that was looked for.";
    DERIVED_METHOD = "derived-method":
        "Aliases, waiters and cursors name parameters and properties that the operation has. Only an operation that \
         merely reads is asked again and again.";
    CREDENTIALS = "credentials":
        "What a user of the SDK must have is declared once, in `x-enroll-credentials`, and a recipe says how it becomes \
         a header. Every credential that a recipe uses is declared, and an exchange names an operation of this document.";
    SECURITY = "security":
        "Security schemes are sent in a header, never in an address, where proxies log them; and every scheme that is \
         required is declared under `components/securitySchemes`.";
    RUST_NAME = "rust-name":
        "Operations, schemas, properties, parameters and servers become names in Rust. Two that come out the same, or \
         one that every builder has already (`send`, `options`), would not compile; `x-enroll-name` gives another.";
    INLINE_SCHEMA = "inline-schema":
        "Every object with properties, enum and union is a named schema under `components/schemas`, referred to by \
         `$ref`: its name is the type's name in Rust, and there is none to be made up for one without.";
    SCHEMA = "schema":
        "A schema has a type that JSON has, an array says what its items are, and keys that speak of one type stand \
         beside it. A schema without a type is any JSON, which its description has to say; other keys beside it would be \
         ignored.";
    REQUIRED_PROPERTY = "required-property":
        "What `required` names is a property of the same schema. Otherwise a name is misspelt in one of the two places, \
         and the property is optional against the intention.";
    COMPOSITION = "composition":
        "Schemas are put together only in the forms that specs/README.md lists, each of which has a type of its own in \
         Rust. An `anyOf` beside `properties` says which of them must be there; nothing else stands beside them, and no \
         plain schema holds itself. A union of one branch is no union.";
    ENUM = "enum":
        "An enum is of texts, and its values have different names in Rust. One that may grow is an open one, `anyOf` the \
         known values and any text.";
    PATTERN = "pattern":
        "A pattern can be checked before sending: it is valid, and does without look-around and back-references, which \
         take time without bound.";
    PRIVATE = "private":
        "`x-enroll-private` is `secret` or `personal`, and only a text is a secret: it is never printed, and wiped from \
         memory.";
    GENERATION = "generation":
        "Everything else that keeps a client from being generated. The message says at which operation or schema it \
         happened; a rule that said so earlier, and better, is missing then.";
}
