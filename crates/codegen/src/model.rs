//! What a spec says, in the generator's own terms: operations, schemas, credentials. Everything that generation relies
//! on is checked while this is built, so that the later steps cannot fail on a spec.

mod build;
mod credentials;
mod names;
mod operations;
mod schemas;

use std::collections::BTreeSet;
use std::fmt;

use heck::ToUpperCamelCase;
use serde_json::Value;

use self::build::{Builder, items};
use self::credentials::placeholders;
pub(crate) use self::names::variant_name;
use self::schemas::schema_name;
use crate::error::Finding;
use crate::read::Document;

/// A provider's spec.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) sources: Vec<(String, String)>,
    pub(crate) servers: Vec<Server>,
    pub(crate) base_url_env: String,
    pub(crate) environment_env: Option<String>,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) schemes: Vec<Scheme>,
    /// Names of the schemes that a call carries unless its operation says otherwise.
    pub(crate) security: Vec<String>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) schemas: Vec<Schema>,
    /// Named schemas of plain values, which are written out where they are used.
    pub(crate) plain_schemas: Vec<(String, Value)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) name: Option<String>,
    pub(crate) url: String,
    pub(crate) description: String,
    pub(crate) default: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Credential {
    pub(crate) name: String,
    pub(crate) env: String,
    pub(crate) description: String,
    pub(crate) prefixes: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Scheme {
    pub(crate) name: String,
    pub(crate) header: String,
    pub(crate) recipe: Recipe,
}

#[derive(Clone, Debug)]
pub(crate) enum Recipe {
    Static(String),
    Basic {
        username: String,
        password: String,
    },
    Mint {
        key: String,
        claims: Vec<(String, String)>,
        lifetime: u64,
        value: String,
    },
    Exchange {
        operation: String,
        token: String,
        expires: Option<Expiry>,
        given: Option<String>,
        value: String,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Expiry {
    pub(crate) pointer: String,
    pub(crate) format: ExpiryFormat,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum ExpiryFormat {
    DateTime { offset_minutes: i32 },
    EpochSeconds,
    SecondsFromNow,
}

#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// As the spec writes it: `createUser`.
    pub(crate) id: String,
    /// As Rust writes it: `create_user`.
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) summary: String,
    pub(crate) description: String,
    pub(crate) deprecated: bool,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) responses: Vec<Response>,
    pub(crate) replay: Replay,
    pub(crate) security: Vec<String>,
    pub(crate) evidence: Value,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) waiters: Vec<Waiter>,
    /// JSON pointer to the new account's id, for an operation that makes one.
    pub(crate) creates: Option<String>,
    pub(crate) lookup: Option<Lookup>,
    pub(crate) pagination: Option<Pagination>,
}

#[derive(Clone, Debug)]
pub(crate) struct Alias {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) requires: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct Waiter {
    pub(crate) name: String,
    pub(crate) description: String,
    /// JSON pointer to what is waited for.
    pub(crate) until: String,
}

/// How an account is found again.
#[derive(Clone, Debug)]
pub(crate) struct Lookup {
    /// The operation's id in the spec.
    pub(crate) operation: String,
    /// JSON pointer to the user, or the users, in its answer.
    pub(crate) found: String,
    pub(crate) keys: Vec<LookupKey>,
}

#[derive(Clone, Debug)]
pub(crate) struct LookupKey {
    pub(crate) property: String,
    pub(crate) by: By,
    /// JSON pointer to the same in the user.
    pub(crate) matches: String,
}

#[derive(Clone, Debug)]
pub(crate) enum By {
    Query(String),
    /// A body in which `"{value}"` stands for the key.
    Body(Value),
}

#[derive(Clone, Debug)]
pub(crate) struct Pagination {
    pub(crate) cursor: String,
    pub(crate) items: String,
    pub(crate) next: String,
    pub(crate) more: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Replay {
    pub(crate) class: ReplayClass,
    pub(crate) keys: Vec<String>,
    pub(crate) because: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReplayClass {
    Safe,
    Upsert,
    Keyed,
    Never,
}

impl ReplayClass {
    /// As a spec writes it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Upsert => "upsert",
            Self::Keyed => "keyed",
            Self::Never => "never",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) place: Place,
    pub(crate) field: Field,
}

#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) media_type: String,
    pub(crate) schema: String,
    pub(crate) examples: Vec<(String, Value)>,
}

impl Body {
    pub(crate) fn is_json(&self) -> bool {
        self.media_type != "application/x-www-form-urlencoded"
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: Status,
    pub(crate) description: String,
    pub(crate) content: Content,
    pub(crate) examples: Vec<(String, Value)>,
    pub(crate) failure: Option<Failure>,
    /// How "already exists" looks: pointers and what stands there.
    pub(crate) exists: Vec<(String, Value)>,
    pub(crate) absent: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Code(u16),
    /// `4XX` is 4.
    Range(u16),
    Default,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Empty,
    /// JSON, of this type.
    Json(Type),
    /// A body that no schema describes.
    Other,
}

#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) pointer: String,
    pub(crate) equals: Value,
    pub(crate) schema: Type,
}

/// A named schema.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    /// As the spec writes it.
    pub(crate) name: String,
    /// As Rust writes it.
    pub(crate) rust: String,
    pub(crate) description: String,
    pub(crate) kind: SchemaKind,
    pub(crate) in_request: bool,
    pub(crate) in_response: bool,
    /// The schema itself, for what is derived from it word by word.
    pub(crate) value: Value,
}

#[derive(Clone, Debug)]
pub(crate) enum SchemaKind {
    Object {
        fields: Vec<Field>,
        one_of: Vec<Vec<String>>,
    },
    OpenEnum(Vec<String>),
    ClosedEnum(Vec<String>),
    /// What has no meaning of its own here: left to typify.
    Other,
}

/// A property or a parameter.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// As it goes over the wire.
    pub(crate) wire: String,
    /// As Rust writes it, without `r#`.
    pub(crate) rust: String,
    pub(crate) description: String,
    pub(crate) example: Option<Value>,
    pub(crate) evidence: Value,
    pub(crate) required: bool,
    pub(crate) nullable: bool,
    pub(crate) deprecated: bool,
    pub(crate) ty: Type,
    pub(crate) limits: Limits,
}

/// Whether a field can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Always,
    Optional,
    /// Left out, null, or a value: told apart in requests only, where a provider tells them apart.
    Nullable,
    /// Null or a value, and never left out: in requests only.
    AlwaysNullable,
}

/// What a request's value must satisfy. A response's value need not: a provider that breaks its own rules has answered
/// all the same.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Limits {
    pub(crate) min_length: Option<u64>,
    pub(crate) max_length: Option<u64>,
    pub(crate) pattern: Option<String>,
    pub(crate) minimum: Option<i64>,
    pub(crate) maximum: Option<i64>,
    pub(crate) min_items: Option<u64>,
    pub(crate) max_items: Option<u64>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    String,
    Integer,
    Number,
    Boolean,
    EpochSeconds,
    EpochMillis,
    IntegerOrString,
    /// Any JSON.
    Any,
    /// Any JSON object.
    Object,
    /// A named schema, by its name in Rust.
    Named(String),
    List(Box<Type>),
    Map(Box<Type>),
    OneOrMany(Box<Type>),
    Secret,
    Personal(Box<Type>),
}

impl Spec {
    /// Reads the model out of a document whose keys have been checked.
    pub(crate) fn build(name: &str, document: &Document) -> Result<Self, Vec<Finding>> {
        let mut builder = Builder { document, findings: Vec::new(), depth: 0, writing_out: Vec::new() };
        let spec = builder.spec(name);
        if builder.findings.is_empty() { Ok(spec) } else { Err(builder.findings) }
    }

    pub(crate) fn schema(&self, rust: &str) -> Option<&Schema> {
        self.schemas.iter().find(|schema| schema.rust == rust)
    }

    /// Whether a member of this type would make the named schema hold itself without an end, so that it needs a box.
    /// Lists and maps have an end, when they are empty.
    pub(crate) fn is_endless(&self, schema: &str, ty: &Type) -> bool {
        let mut seen = BTreeSet::new();
        let mut open: Vec<String> = ty.held().into_iter().map(str::to_owned).collect();
        while let Some(name) = open.pop() {
            if name == schema {
                return true;
            }
            if !seen.insert(name.clone()) {
                continue;
            }
            match self.schema(&name).map(|schema| (&schema.kind, &schema.value)) {
                Some((SchemaKind::Object { fields, .. }, _)) => {
                    open.extend(fields.iter().filter_map(|field| field.ty.held()).map(str::to_owned));
                }
                Some((SchemaKind::Other, value)) => {
                    let branches = ["anyOf", "oneOf"].iter().flat_map(|key| items(&value[key]));
                    let references = branches.filter_map(|branch| branch["$ref"].as_str());
                    open.extend(references.filter_map(|at| {
                        let name = schema_name(at.strip_prefix('#')?).to_upper_camel_case();
                        Some(name)
                    }));
                }
                _ => {}
            }
        }
        false
    }

    pub(crate) fn plain_schema(&self, name: &str) -> Option<&Value> {
        self.plain_schemas.iter().find(|(known, _)| known == name).map(|(_, schema)| schema)
    }

    pub(crate) fn scheme(&self, name: &str) -> Option<&Scheme> {
        self.schemes.iter().find(|scheme| scheme.name == name)
    }

    pub(crate) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }
}

impl Schema {
    /// Whether `field` of this schema can be left out.
    pub(crate) fn presence(&self, field: &Field) -> Presence {
        let request_only = self.in_request && !self.in_response;
        match (field.required, field.nullable) {
            (false, true) if request_only => Presence::Nullable,
            (true, true) if request_only => Presence::AlwaysNullable,
            (true, false) => Presence::Always,
            _ => Presence::Optional,
        }
    }
}

impl Operation {
    /// Whether it can be asked to make sure that an account is there: by looking it up, or by sending it again.
    pub(crate) fn has_ensure(&self) -> bool {
        self.creates.is_some() && (self.lookup.is_some() || self.replay.class == ReplayClass::Upsert)
    }

    /// What successes come as, each form once.
    pub(crate) fn successes(&self) -> Vec<&Content> {
        let mut successes = Vec::new();
        for response in self.responses.iter().filter(|response| response.status.is_success()) {
            if !successes.contains(&&response.content) {
                successes.push(&response.content);
            }
        }
        successes
    }

    /// What failures' bodies come as, each form once.
    pub(crate) fn failures(&self) -> Vec<&Type> {
        let mut failures = Vec::new();
        for response in &self.responses {
            let hidden = response.failure.as_ref().map(|failure| &failure.schema);
            let shown = match &response.content {
                Content::Json(ty) if !response.status.is_success() => Some(ty),
                _ => None,
            };
            for ty in hidden.into_iter().chain(shown) {
                if !failures.contains(&ty) {
                    failures.push(ty);
                }
            }
        }
        failures
    }

    /// The enum of successes, if they come in several forms. One form, or nothing, is an `Option`.
    pub(crate) fn success_enum(&self) -> Option<String> {
        let successes = self.successes();
        let optional = successes.len() == 2 && successes.contains(&&Content::Empty);
        (successes.len() > 1 && !optional).then(|| format!("{}Success", self.name.to_upper_camel_case()))
    }

    /// The enum of failures' bodies, if they come in several forms.
    pub(crate) fn failure_enum(&self) -> Option<String> {
        (self.failures().len() > 1).then(|| format!("{}Failure", self.name.to_upper_camel_case()))
    }

    /// Those two, with the names of their variants.
    fn answer_enums(&self) -> Vec<(String, Vec<String>)> {
        let successes = || self.successes().iter().map(|content| content.form()).collect();
        let failures = || self.failures().iter().map(|ty| ty.form()).collect();
        let success = self.success_enum().map(|name| (name, successes()));
        let failure = self.failure_enum().map(|name| (name, failures()));
        success.into_iter().chain(failure).collect()
    }
}

impl Content {
    /// The name of this form in the enum of all forms.
    pub(crate) fn form(&self) -> String {
        match self {
            Self::Empty => "Empty".to_owned(),
            Self::Json(ty) => ty.form(),
            Self::Other => "Bytes".to_owned(),
        }
    }
}

impl Recipe {
    /// The credentials that the recipe itself uses.
    pub(crate) fn needs(&self) -> Vec<String> {
        match self {
            Self::Static(template) => placeholders(template),
            Self::Basic { username, password } => vec![username.clone(), password.clone()],
            Self::Mint { key, claims, .. } => std::iter::once(key.clone())
                .chain(claims.iter().flat_map(|(_, template)| placeholders(template)))
                .collect(),
            Self::Exchange { given, .. } => given.iter().cloned().collect(),
        }
    }
}

impl Type {
    /// The type without its privacy.
    pub(crate) fn plain(&self) -> &Self {
        match self {
            Self::Personal(inner) => inner.plain(),
            other => other,
        }
    }

    /// A type in a word. Different types have different ones.
    pub(crate) fn form(&self) -> String {
        match self {
            Self::String => "Text".to_owned(),
            Self::Integer => "Integer".to_owned(),
            Self::Number => "Number".to_owned(),
            Self::Boolean => "Boolean".to_owned(),
            Self::EpochSeconds => "EpochSeconds".to_owned(),
            Self::EpochMillis => "EpochMillis".to_owned(),
            Self::IntegerOrString => "IntegerOrString".to_owned(),
            Self::Any => "Json".to_owned(),
            Self::Object => "Object".to_owned(),
            Self::Named(name) => name.clone(),
            Self::List(inner) => format!("{}List", inner.form()),
            Self::Map(inner) => format!("{}Map", inner.form()),
            Self::OneOrMany(inner) => format!("OneOrMany{}", inner.form()),
            Self::Secret => "Secret".to_owned(),
            Self::Personal(inner) => format!("Personal{}", inner.form()),
        }
    }

    /// The named schema that a value of this type has inside itself, not on the heap.
    fn held(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::OneOrMany(inner) | Self::Personal(inner) => inner.held(),
            _ => None,
        }
    }

    /// Whether the type refers to the named schema.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        let mut names = Vec::new();
        self.names(&mut names);
        names.iter().any(|known| known == name)
    }

    /// Adds the named schemas that the type refers to.
    pub(crate) fn names(&self, names: &mut Vec<String>) {
        match self {
            Self::Named(name) => names.push(name.clone()),
            Self::List(inner) | Self::Map(inner) | Self::OneOrMany(inner) | Self::Personal(inner) => {
                inner.names(names);
            }
            _ => {}
        }
    }
}

/// The type of the user at a pointer into the answer of an operation.
pub(crate) fn found_type(spec: &Spec, operation: &Operation, pointer: &str) -> Option<Type> {
    let success = operation.responses.iter().find(|response| response.status.is_success())?;
    let Content::Json(ty) = &success.content else { return None };
    let mut ty = ty.clone();
    for token in pointer.split('/').skip(1) {
        let Type::Named(name) = &ty else { return None };
        let SchemaKind::Object { fields, .. } = &spec.schema(name)?.kind else { return None };
        ty = fields.iter().find(|field| field.wire == token)?.ty.clone();
    }
    match ty {
        Type::List(item) => Some(*item),
        Type::Named(_) => Some(ty),
        _ => None,
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Range(hundred) => write!(f, "{hundred}XX"),
            Self::Default => f.write_str("default"),
        }
    }
}

impl Status {
    /// Whether the status says that the call took effect.
    pub(crate) fn is_success(self) -> bool {
        matches!(self, Self::Code(200..=299) | Self::Range(2))
    }
}
