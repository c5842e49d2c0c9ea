//! What a spec says, in the generator's own terms: operations, schemas, credentials. Everything that generation relies
//! on is checked while this is built, so that the later steps cannot fail on a spec.

use std::collections::BTreeSet;
use std::fmt;

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use serde_json::{Map, Value};

use crate::error::Finding;
use crate::read::{Document, escape};

/// A provider's spec.
#[derive(Debug)]
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

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) name: Option<String>,
    pub(crate) url: String,
    pub(crate) description: String,
    pub(crate) default: bool,
}

#[derive(Debug)]
pub(crate) struct Credential {
    pub(crate) name: String,
    pub(crate) env: String,
    pub(crate) description: String,
    pub(crate) prefixes: Vec<(String, String)>,
}

#[derive(Debug)]
pub(crate) struct Scheme {
    pub(crate) name: String,
    pub(crate) header: String,
    pub(crate) recipe: Recipe,
}

#[derive(Debug)]
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

#[derive(Debug)]
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

#[derive(Debug)]
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

#[derive(Debug)]
pub(crate) struct Alias {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) requires: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Waiter {
    pub(crate) name: String,
    pub(crate) description: String,
    /// JSON pointer to what is waited for.
    pub(crate) until: String,
}

/// How an account is found again.
#[derive(Debug)]
pub(crate) struct Lookup {
    /// The operation's id in the spec.
    pub(crate) operation: String,
    /// JSON pointer to the user, or the users, in its answer.
    pub(crate) found: String,
    pub(crate) keys: Vec<LookupKey>,
}

#[derive(Debug)]
pub(crate) struct LookupKey {
    pub(crate) property: String,
    pub(crate) by: By,
    /// JSON pointer to the same in the user.
    pub(crate) matches: String,
}

#[derive(Debug)]
pub(crate) enum By {
    Query(String),
    /// A body in which `"{value}"` stands for the key.
    Body(Value),
}

#[derive(Debug)]
pub(crate) struct Pagination {
    pub(crate) cursor: String,
    pub(crate) items: String,
    pub(crate) next: String,
    pub(crate) more: String,
}

#[derive(Debug)]
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) place: Place,
    pub(crate) field: Field,
}

#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) media_type: String,
    pub(crate) schema: String,
    pub(crate) examples: Vec<(String, Value)>,
}

#[derive(Debug)]
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

#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) pointer: String,
    pub(crate) equals: Value,
    pub(crate) schema: Type,
}

/// A named schema.
#[derive(Debug)]
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

#[derive(Debug)]
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
        let mut builder = Builder { document, findings: Vec::new(), writing_out: Vec::new() };
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

struct Builder<'a> {
    document: &'a Document,
    findings: Vec<Finding>,
    /// Where the plain schemas stand that are being written out, each inside the one before.
    writing_out: Vec<String>,
}

const NAME_IT: &str =
    "is too much for an inline schema; give it a name under components/schemas and use a $ref";

/// Keys that say something of one type only. A schema without a type is any JSON.
const TYPED_KEYS: [&str; 11] = [
    "format",
    "items",
    "additionalProperties",
    "required",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
];

/// What every builder has besides its fields.
const TAKEN: [&str; 13] = [
    "client", "clone", "deadline", "ensure", "header", "new", "options", "outcome", "prepare", "preview",
    "problems", "retry", "send",
];

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

impl<'a> Builder<'a> {
    fn report(&mut self, pointer: &str, message: impl Into<String>) {
        self.findings.push(self.document.finding(pointer, message));
    }

    fn root(&self) -> &'a Value {
        &self.document.value
    }

    fn spec(&mut self, name: &str) -> Spec {
        let root = self.root();
        match root["openapi"].as_str() {
            Some(version) if version.starts_with("3.0.") => {}
            _ => self.report("/openapi", "must be '3.0.3', the only version that is read"),
        }
        self.check_references(root, "");
        if !self.findings.is_empty() {
            // What follows goes through references without looking.
            return self.empty(name);
        }
        let credentials = self.credentials();
        let schemas = self.schemas();
        let operations = self.operations();
        let schemes = self.schemes(&credentials, &operations);
        let security = self.security(&root["security"], "/security").unwrap_or_default();
        let mut spec = Spec {
            name: name.to_owned(),
            title: text(&root["info"]["title"]),
            description: text(&root["info"]["description"]),
            sources: entries(&root["x-enroll-sources"])
                .map(|(key, source)| (key.clone(), text(&source["title"])))
                .collect(),
            servers: self.servers(),
            base_url_env: text(&root["x-enroll-base-url"]["env"]),
            environment_env: root["x-enroll-base-url"]["environment"].as_str().map(str::to_owned),
            credentials,
            schemes,
            security,
            operations,
            schemas,
            plain_schemas: entries(&root["components"]["schemas"])
                .filter(|(_, schema)| is_plain(schema))
                .map(|(name, schema)| (name.clone(), schema.clone()))
                .collect(),
        };
        for operation in &mut spec.operations {
            if operation.security.is_empty() {
                operation.security.clone_from(&spec.security);
            }
        }
        self.note_usage(&mut spec);
        self.check_names(&spec);
        spec
    }

    fn empty(&self, name: &str) -> Spec {
        Spec {
            name: name.to_owned(),
            title: String::new(),
            description: String::new(),
            sources: Vec::new(),
            servers: Vec::new(),
            base_url_env: String::new(),
            environment_env: None,
            credentials: Vec::new(),
            schemes: Vec::new(),
            security: Vec::new(),
            operations: Vec::new(),
            schemas: Vec::new(),
            plain_schemas: Vec::new(),
        }
    }

    /// Every `$ref` points at something in this document, and no chain of them is endless.
    fn check_references(&mut self, value: &Value, pointer: &str) {
        match value {
            Value::Object(object) => {
                if let Some(target) = object.get("$ref") {
                    let mut seen = BTreeSet::new();
                    let mut next = target.as_str();
                    while let Some(target) = next {
                        let Some(found) = target.strip_prefix('#').and_then(|at| self.root().pointer(at))
                        else {
                            let message =
                                format!("$ref `{target}` leads nowhere; it must begin with `#/components/`");
                            self.report(&format!("{pointer}/$ref"), message);
                            break;
                        };
                        if !seen.insert(target) {
                            self.report(&format!("{pointer}/$ref"), "$ref goes round in a circle");
                            break;
                        }
                        next = found["$ref"].as_str();
                    }
                }
                for (key, value) in object {
                    // What stands in an example is data.
                    if key != "example" && key != "value" {
                        self.check_references(value, &format!("{pointer}/{}", escape(key)));
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.check_references(item, &format!("{pointer}/{index}"));
                }
            }
            _ => {}
        }
    }

    /// What a value is, through its `$ref`s; and where that stands.
    fn resolve(&self, value: &'a Value, pointer: &str) -> (&'a Value, String) {
        let (mut value, mut pointer) = (value, pointer.to_owned());
        while let Some(target) = value["$ref"].as_str().and_then(|target| target.strip_prefix('#')) {
            let Some(found) = self.root().pointer(target) else { break };
            value = found;
            pointer = target.to_owned();
        }
        (value, pointer)
    }

    fn servers(&mut self) -> Vec<Server> {
        let mut servers = Vec::new();
        for (index, server) in items(&self.root()["servers"]).enumerate() {
            let name = server["x-enroll-environment"].as_str().map(str::to_owned);
            let default = server["x-enroll-default"].as_bool().unwrap_or_default();
            if default && servers.iter().any(|server: &Server| server.default) {
                self.report(&format!("/servers/{index}"), "only one server can be the default");
            }
            if default && name.is_none() {
                self.report(&format!("/servers/{index}"), "the default server needs an x-enroll-environment");
            }
            if let Some(name) = &name {
                let constant = name.to_shouty_snake_case();
                let known = |server: &Server| server.name.as_ref().map(|name| name.to_shouty_snake_case());
                if !is_identifier(&constant, false)
                    || servers.iter().any(|server| known(server).as_ref() == Some(&constant))
                {
                    let message = format!("`{constant}` is no constant's name, or taken; choose another");
                    self.report(&format!("/servers/{index}/x-enroll-environment"), message);
                }
            }
            servers.push(Server {
                name,
                url: text(&server["url"]),
                description: text(&server["description"]),
                default,
            });
        }
        servers
    }

    fn credentials(&mut self) -> Vec<Credential> {
        let all = &self.root()["x-enroll-credentials"];
        entries(all)
            .map(|(name, credential)| {
                let at = format!("/x-enroll-credentials/{}", escape(name));
                if name.to_snake_case() != *name || !is_identifier(name, false) {
                    self.report(&at, "a credential's name is a setter's name: write it in snake_case");
                }
                if !matches!(credential["private"].as_str(), None | Some("secret")) {
                    self.report(&format!("{at}/private"), "must be `secret`, or left out");
                }
                Credential {
                    name: name.clone(),
                    env: text(&credential["env"]),
                    description: text(&credential["description"]),
                    prefixes: entries(&credential["prefixes"])
                        .map(|(mode, prefix)| (mode.clone(), text(prefix)))
                        .collect(),
                }
            })
            .collect()
    }

    fn schemes(&mut self, credentials: &[Credential], operations: &[Operation]) -> Vec<Scheme> {
        let all = &self.root()["components"]["securitySchemes"];
        let mut schemes = Vec::new();
        for (name, scheme) in entries(all) {
            let at = format!("/components/securitySchemes/{}", escape(name));
            let header = match (scheme["type"].as_str(), scheme["scheme"].as_str()) {
                (Some("http"), Some(_)) => "authorization".to_owned(),
                (Some("apiKey"), _) if scheme["in"] == "header" && is_token(&text(&scheme["name"])) => {
                    text(&scheme["name"]).to_lowercase()
                }
                _ => {
                    let message = "must be `type: http` with a scheme, or `type: apiKey` in a header: credentials \
                                   are never sent in an address";
                    self.report(&at, message);
                    continue;
                }
            };
            let constant = name.to_shouty_snake_case();
            let taken = |scheme: &Scheme| scheme.name.to_shouty_snake_case() == constant;
            if !is_identifier(&format!("_{constant}"), false) || schemes.iter().any(taken) {
                self.report(&at, format!("`{constant}` is no constant's name, or taken; choose another"));
            }
            let at = format!("{at}/x-enroll-recipe");
            let Some(recipe) = self.recipe(&scheme["x-enroll-recipe"], &at, operations) else { continue };
            for wanted in recipe.needs() {
                if !credentials.iter().any(|credential| credential.name == wanted) {
                    let message = format!("`{wanted}` is no credential; add it to x-enroll-credentials");
                    self.report(&at, message);
                }
            }
            schemes.push(Scheme { name: name.clone(), header, recipe });
        }
        schemes
    }

    fn recipe(&mut self, recipe: &Value, at: &str, operations: &[Operation]) -> Option<Recipe> {
        if let Some(template) = recipe["static"].as_str() {
            return Some(Recipe::Static(template.to_owned()));
        }
        if let Some(basic) = recipe.get("basic") {
            return Some(Recipe::Basic {
                username: text(&basic["username"]),
                password: text(&basic["password"]),
            });
        }
        if let Some(mint) = recipe.get("mint") {
            if mint["algorithm"] != "HS256" {
                self.report(&format!("{at}/mint/algorithm"), "must be HS256, the only one that is supported");
            }
            let Some(lifetime) = mint["lifetime"].as_u64().filter(|seconds| *seconds > 60) else {
                self.report(&format!("{at}/mint/lifetime"), "must be more than 60 seconds");
                return None;
            };
            return Some(Recipe::Mint {
                key: text(&mint["key"]),
                claims: entries(&mint["claims"]).map(|(name, value)| (name.clone(), text(value))).collect(),
                lifetime,
                value: text(&mint["value"]),
            });
        }
        if let Some(exchange) = recipe.get("exchange") {
            let operation = text(&exchange["operation"]);
            if !operations.iter().any(|known| known.id == operation) {
                let message = format!("`{operation}` is no operation of this document");
                self.report(&format!("{at}/exchange/operation"), message);
            }
            let expires = match exchange["expires"].as_str() {
                Some(pointer) => {
                    Some(Expiry { pointer: pointer.to_owned(), format: self.expiry_format(exchange, at)? })
                }
                None => None,
            };
            return Some(Recipe::Exchange {
                operation,
                token: text(&exchange["token"]),
                expires,
                given: exchange["given"].as_str().map(str::to_owned),
                value: text(&exchange["value"]),
            });
        }
        self.report(at, "must be one of `static`, `basic`, `mint` and `exchange`");
        None
    }

    fn expiry_format(&mut self, exchange: &Value, at: &str) -> Option<ExpiryFormat> {
        let format = exchange["expires-format"].as_str().unwrap_or_default();
        let offset = format.strip_prefix("datetime").map(|zone| match zone.get(..1) {
            None => Some(0),
            Some(sign) => {
                let (hours, minutes) = zone.get(1..)?.split_once(':')?;
                let minutes = hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?;
                (sign == "+").then_some(minutes).or_else(|| (sign == "-").then_some(-minutes))
            }
        });
        match (format, offset) {
            (_, Some(Some(offset_minutes))) => Some(ExpiryFormat::DateTime { offset_minutes }),
            ("epoch-seconds", _) => Some(ExpiryFormat::EpochSeconds),
            ("seconds-from-now", _) => Some(ExpiryFormat::SecondsFromNow),
            _ => {
                let message =
                    "must be `datetime` (UTC), `datetime+05:30`, `epoch-seconds` or `seconds-from-now`";
                self.report(&format!("{at}/exchange/expires-format"), message);
                None
            }
        }
    }

    /// The schemes of the first alternative.
    fn security(&mut self, security: &Value, at: &str) -> Option<Vec<String>> {
        let first = security.as_array()?.first()?;
        let names: Vec<_> = entries(first).map(|(name, _)| name.clone()).collect();
        for name in &names {
            if self.root()["components"]["securitySchemes"].get(name).is_none() {
                self.report(
                    at,
                    format!("`{name}` is no security scheme; add it to components/securitySchemes"),
                );
            }
        }
        Some(names)
    }

    fn operations(&mut self) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (path, item) in entries(&self.root()["paths"]) {
            let at = format!("/paths/{}", escape(path));
            let rest = path.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
            if !path.starts_with('/') {
                self.report(&at, "a path begins with a slash");
            } else if path.contains("//") || rest.collect::<String>().contains(['{', '}', '?', '#']) {
                self.report(&at, "is no path: `//`, `?`, `#` and braces without a partner cannot be in one");
            }
            for (method, operation) in entries(item).filter(|(key, _)| METHODS.contains(&key.as_str())) {
                let at = format!("{at}/{method}");
                operations.push(self.operation(path, method, operation, item, &at));
            }
        }
        operations
    }

    fn operation(
        &mut self,
        path: &str,
        method: &str,
        operation: &'a Value,
        item: &'a Value,
        at: &str,
    ) -> Operation {
        let id = text(&operation["operationId"]);
        let parameters = self.parameters(operation, item, path, at);
        let body =
            operation.get("requestBody").and_then(|body| self.body(body, &format!("{at}/requestBody")));
        Operation {
            name: id.to_snake_case(),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(&operation["summary"]),
            description: text(&operation["description"]),
            deprecated: operation["deprecated"].as_bool().unwrap_or_default(),
            parameters,
            body,
            responses: self.responses(operation, at),
            replay: self.replay(&operation["x-enroll-replay"], &format!("{at}/x-enroll-replay")),
            security: self.security(&operation["security"], &format!("{at}/security")).unwrap_or_default(),
            evidence: operation["x-enroll-evidence"].clone(),
            aliases: entries(&operation["x-enroll-aliases"])
                .map(|(name, alias)| Alias {
                    name: name.to_snake_case(),
                    description: text(&alias["description"]),
                    requires: items(&alias["requires"]).map(text).collect(),
                })
                .collect(),
            waiters: entries(&operation["x-enroll-waiters"])
                .map(|(name, waiter)| Waiter {
                    name: name.to_snake_case(),
                    description: text(&waiter["description"]),
                    until: text(&waiter["until"]),
                })
                .collect(),
            creates: operation["x-enroll-creates"]["id"].as_str().map(str::to_owned),
            lookup: operation.get("x-enroll-lookup").map(lookup),
            pagination: operation.get("x-enroll-pagination").map(|pagination| Pagination {
                cursor: text(&pagination["cursor"]),
                items: text(&pagination["items"]).trim_start_matches('/').to_owned(),
                next: text(&pagination["next"]),
                more: text(&pagination["more"]),
            }),
            id,
        }
    }

    fn parameters(&mut self, operation: &'a Value, item: &'a Value, path: &str, at: &str) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        let item_at = at.rsplit_once('/').map_or(at, |(item_at, _)| item_at);
        let own = items(&operation["parameters"]).map(|parameter| (parameter, at)).enumerate();
        let shared = items(&item["parameters"]).map(|parameter| (parameter, item_at)).enumerate();
        for (index, (parameter, at)) in own.chain(shared) {
            let (parameter, pointer) = self.resolve(parameter, &format!("{at}/parameters/{index}"));
            let place = match parameter["in"].as_str() {
                Some("path") => Place::Path,
                Some("query") => Place::Query,
                Some("header") => Place::Header,
                _ => {
                    self.report(
                        &format!("{pointer}/in"),
                        "must be in path, query or header; other places are not supported",
                    );
                    continue;
                }
            };
            let wire = text(&parameter["name"]);
            let same = |known: &Parameter| known.place == place && known.field.wire == wire;
            if at == item_at && parameters.iter().any(same) {
                // The operation's own parameter stands for the path's.
                continue;
            }
            if parameters
                .iter()
                .any(|known: &Parameter| known.field.wire.to_snake_case() == wire.to_snake_case())
            {
                let message = format!("another parameter is called `{wire}` too, which is not supported");
                self.report(&pointer, message);
            }
            if place == Place::Header && !is_token(&wire) {
                self.report(&pointer, format!("`{wire}` is no header's name"));
            }
            if place == Place::Path && parameter["required"] != true {
                self.report(&pointer, "a path parameter needs `required: true`");
            }
            if place == Place::Path && !path.contains(&format!("{{{wire}}}")) {
                self.report(&pointer, format!("the path has no {{{wire}}}"));
            }
            let required = parameter["required"] == true;
            let schema = &parameter["schema"];
            let mut field = self.field(&wire, schema, required, &format!("{pointer}/schema"));
            field.description = text(&parameter["description"]);
            field.example = parameter.get("example").cloned().or(field.example);
            field.evidence = parameter["x-enroll-evidence"].clone();
            field.deprecated |= parameter["deprecated"] == true;
            if let Some(name) = parameter["x-enroll-name"].as_str() {
                field.rust = name.to_owned();
            }
            self.mark_private(&parameter["x-enroll-private"], &mut field.ty, &pointer);
            match field.ty.plain() {
                Type::String
                | Type::Integer
                | Type::Number
                | Type::Boolean
                | Type::Named(_)
                | Type::Secret => {}
                Type::EpochSeconds | Type::EpochMillis | Type::IntegerOrString => {}
                Type::List(item) if place == Place::Query && **item == Type::String => {}
                _ => {
                    let message = "a parameter is a plain value, or in a query a list of strings";
                    self.report(&pointer, message);
                }
            }
            let standard = match place {
                Place::Query => "form",
                Place::Path | Place::Header => "simple",
            };
            if parameter["style"].as_str().is_some_and(|style| style != standard) {
                self.report(
                    &format!("{pointer}/style"),
                    format!("must be `{standard}`, the only one that is supported"),
                );
            }
            if parameter["explode"] == false && matches!(field.ty.plain(), Type::List(_)) {
                let message = "must be true: a list is sent as one parameter an item";
                self.report(&format!("{pointer}/explode"), message);
            }
            parameters.push(Parameter { place, field });
        }
        for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            let known =
                |parameter: &Parameter| parameter.place == Place::Path && parameter.field.wire == name;
            if !parameters.iter().any(known) {
                self.report(at, format!("the path's {{{name}}} is not among the parameters; add it"));
            }
        }
        parameters
    }

    fn body(&mut self, body: &'a Value, at: &str) -> Option<Body> {
        let (body, at) = self.resolve(body, at);
        let content = body["content"].as_object()?;
        let supported = |name: &str| {
            matches!(name.split(';').next(), Some("application/json" | "application/x-www-form-urlencoded"))
        };
        if content.len() != 1 || !content.keys().all(|name| supported(name)) {
            let message =
                "a request body has one media type: application/json or application/x-www-form-urlencoded";
            self.report(&format!("{at}/content"), message);
            return None;
        }
        let (media_type, media) = content.iter().next()?;
        let pointer = format!("{at}/content/{}", escape(media_type));
        if !media["schema"]["$ref"].is_string() {
            self.report(&pointer, "needs a `schema` that is a $ref to a named schema");
            return None;
        }
        let (_, schema) = self.resolve(&media["schema"], &pointer);
        Some(Body {
            media_type: media_type.clone(),
            schema: schema_name(&schema).to_upper_camel_case(),
            examples: self.examples(media),
        })
    }

    fn examples(&self, media: &'a Value) -> Vec<(String, Value)> {
        entries(&media["examples"])
            .map(|(name, example)| (name.clone(), self.resolve(example, "").0["value"].clone()))
            .collect()
    }

    fn responses(&mut self, operation: &'a Value, at: &str) -> Vec<Response> {
        let mut responses = Vec::new();
        for (code, response) in entries(&operation["responses"]) {
            let at = format!("{at}/responses/{}", escape(code));
            let status = match (code.as_str(), code.parse::<u16>()) {
                ("default", _) => Status::Default,
                (text, Ok(code @ 100..=599)) if text.len() == 3 => Status::Code(code),
                ("1XX" | "2XX" | "3XX" | "4XX" | "5XX", _) => {
                    Status::Range(u16::from(code.as_bytes()[0] - b'0'))
                }
                _ => {
                    self.report(&at, "is no status; write '200', '4XX' or default");
                    continue;
                }
            };
            let (response, at) = self.resolve(response, &at);
            let content = self.content(response, &at);
            let failure = response.get("x-enroll-failure").map(|failure| Failure {
                pointer: text(&failure["pointer"]),
                equals: failure["equals"].clone(),
                schema: self.type_of(&failure["schema"], &format!("{at}/x-enroll-failure/schema")),
            });
            responses.push(Response {
                status,
                description: text(&response["description"]),
                content,
                examples: entries(&response["content"]).flat_map(|(_, media)| self.examples(media)).collect(),
                failure,
                exists: items(&response["x-enroll-exists"])
                    .map(|condition| (text(&condition["pointer"]), condition["equals"].clone()))
                    .collect(),
                absent: response.get("x-enroll-absent").is_some(),
            });
        }
        if entries(&operation["responses"]).next().is_none() {
            self.report(&format!("{at}/responses"), "an operation has at least one response");
        }
        responses
    }

    fn content(&mut self, response: &'a Value, at: &str) -> Content {
        let Some(content) = response["content"].as_object().filter(|content| !content.is_empty()) else {
            return Content::Empty;
        };
        let json = content.iter().find(|(name, _)| {
            let name = name.split(';').next().unwrap_or_default().trim();
            name == "application/json" || name.ends_with("+json")
        });
        match json {
            Some((name, media)) => match media.get("schema") {
                Some(schema) => {
                    Content::Json(self.type_of(schema, &format!("{at}/content/{}/schema", escape(name))))
                }
                None => Content::Json(Type::Any),
            },
            None => Content::Other,
        }
    }

    fn replay(&mut self, replay: &Value, at: &str) -> Replay {
        let class = match replay["class"].as_str() {
            Some("safe") => ReplayClass::Safe,
            Some("upsert") => ReplayClass::Upsert,
            Some("keyed") => ReplayClass::Keyed,
            Some("never") => ReplayClass::Never,
            _ => {
                self.report(&format!("{at}/class"), "must be `safe`, `upsert`, `keyed` or `never`");
                ReplayClass::Never
            }
        };
        let keys: Vec<_> = items(&replay["keys"]).map(text).collect();
        let known =
            ["safe", "upsert", "keyed", "never"].contains(&replay["class"].as_str().unwrap_or_default());
        if known && (class == ReplayClass::Keyed) == keys.is_empty() {
            self.report(at, "`keys` belong to the class `keyed`, and to no other");
        }
        Replay { class, keys, because: text(&replay["because"]) }
    }

    fn schemas(&mut self) -> Vec<Schema> {
        let mut schemas = Vec::new();
        for (name, value) in entries(&self.root()["components"]["schemas"]) {
            let at = format!("/components/schemas/{}", escape(name));
            let kind = if value["properties"].is_object() {
                if entries(&value["properties"]).next().is_none() {
                    let message = "are none; leave the key out, which makes it an object with any properties";
                    self.report(&format!("{at}/properties"), message);
                }
                let required: Vec<_> = items(&value["required"]).map(text).collect();
                for wanted in &required {
                    if value["properties"].get(wanted).is_none() {
                        let message =
                            format!("`{wanted}` is required but no property; add it or correct the name");
                        self.report(&format!("{at}/required"), message);
                    }
                }
                let fields = entries(&value["properties"])
                    .map(|(wire, property)| {
                        let at = format!("{at}/properties/{}", escape(wire));
                        self.field(wire, property, required.contains(wire), &at)
                    })
                    .collect();
                for key in ["allOf", "oneOf"].iter().filter(|key| value.get(key).is_some()) {
                    let message = "cannot stand beside `properties`; write all properties out in one object";
                    self.report(&format!("{at}/{key}"), message);
                }
                SchemaKind::Object { fields, one_of: self.one_of(value, &at) }
            } else if let Some(values) = open_enum(value) {
                SchemaKind::OpenEnum(values)
            } else if let Some(values) = value["enum"].as_array() {
                SchemaKind::ClosedEnum(values.iter().map(text).collect())
            } else if is_plain(value) {
                // A name for a plain value: it is written out where it is used.
                continue;
            } else {
                self.check_other(value, &at);
                SchemaKind::Other
            };
            if let SchemaKind::OpenEnum(values) | SchemaKind::ClosedEnum(values) = &kind {
                let (known, known_at) = match &kind {
                    SchemaKind::OpenEnum(_) => (&value["anyOf"][0], format!("{at}/anyOf/0")),
                    _ => (value, at.clone()),
                };
                if known["type"] != "string"
                    || values.is_empty()
                    || !items(&known["enum"]).all(Value::is_string)
                {
                    self.report(
                        &known_at,
                        "an enum has `type: string` and texts as values; put them in quotes",
                    );
                }
                let variants: BTreeSet<_> = values.iter().map(|value| variant_name(value)).collect();
                if variants.len() != values.len() || variants.contains("Unknown") {
                    self.report(&at, "two of the values have the same name in Rust, or one is `Unknown`");
                }
            }
            schemas.push(Schema {
                name: name.clone(),
                rust: name.to_upper_camel_case(),
                description: text(&value["description"]),
                kind,
                in_request: false,
                in_response: false,
                value: value.clone(),
            });
        }
        schemas
    }

    /// The sets of properties of which an object needs at least one.
    fn one_of(&mut self, schema: &Value, at: &str) -> Vec<Vec<String>> {
        let mut branches = Vec::new();
        for (index, branch) in items(&schema["anyOf"]).enumerate() {
            let names: Vec<_> = items(&branch["required"]).map(text).collect();
            let known = names.iter().all(|name| schema["properties"].get(name).is_some());
            if names.is_empty() || !known || branch.as_object().is_none_or(|branch| branch.len() != 1) {
                let message = "must be `required` with names of properties, and nothing else";
                self.report(&format!("{at}/anyOf/{index}"), message);
            }
            branches.push(names);
        }
        branches
    }

    /// A schema that is left to typify: one of several schemas with names.
    fn check_other(&mut self, schema: &Value, at: &str) {
        for key in ["allOf", "anyOf", "oneOf"] {
            for (index, branch) in items(&schema[key]).enumerate() {
                let at = format!("{at}/{key}/{index}");
                if key == "allOf" {
                    self.report(
                        &at,
                        "cannot be merged with what stands beside it; write one object with all properties",
                    );
                } else if !branch["$ref"].is_string() && !is_plain(branch) {
                    self.report(&at, NAME_IT);
                }
            }
        }
    }

    fn field(&mut self, wire: &str, schema: &'a Value, required: bool, at: &str) -> Field {
        let (mut resolved, mut resolved_at) = self.resolve(schema, at);
        // A plain schema with a name brings its own description, limits and privacy along.
        let schema_here = if schema["$ref"].is_string() { resolved } else { schema };
        let rust = match schema_here["x-enroll-name"].as_str() {
            Some(name) => name.to_owned(),
            None => wire.to_snake_case(),
        };
        if let Some([single]) = resolved["allOf"].as_array().map(Vec::as_slice) {
            // `allOf` with one reference is how a reference becomes nullable; the limits are the reference's.
            (resolved, resolved_at) = self.resolve(single, &format!("{resolved_at}/allOf/0"));
        }
        let pattern = resolved["pattern"].as_str().map(str::to_owned);
        if let Some(pattern) = &pattern
            && regex_lite::Regex::new(pattern).is_err()
        {
            self.report(
                &format!("{resolved_at}/pattern"),
                "is no pattern that can be checked; write it without look-around",
            );
        }
        let number = |key: &str| resolved[key].as_u64();
        Field {
            wire: wire.to_owned(),
            rust,
            description: text(&schema_here["description"]),
            example: schema_here.get("example").cloned(),
            evidence: schema_here["x-enroll-evidence"].clone(),
            required,
            nullable: schema_here["nullable"] == true,
            deprecated: schema_here["deprecated"] == true,
            ty: self.type_of(schema, at),
            limits: Limits {
                min_length: number("minLength"),
                max_length: number("maxLength"),
                pattern,
                minimum: resolved["minimum"].as_i64(),
                maximum: resolved["maximum"].as_i64(),
                min_items: number("minItems"),
                max_items: number("maxItems"),
            },
        }
    }

    fn mark_private(&mut self, private: &Value, ty: &mut Type, at: &str) {
        match private.as_str() {
            Some("secret") if matches!(ty.plain(), Type::String) => *ty = Type::Secret,
            Some("secret") if *ty == Type::Secret => {}
            // What gives access stays secret, whomever it belongs to.
            Some("personal") if !matches!(ty, Type::Personal(_) | Type::Secret) => {
                *ty = Type::Personal(Box::new(ty.clone()));
            }
            Some("personal") => {}
            None if private.is_null() => {}
            Some("secret") => {
                self.report(&format!("{at}/x-enroll-private"), "only a string can be secret");
            }
            _ => self.report(&format!("{at}/x-enroll-private"), "must be `secret` or `personal`"),
        }
    }

    fn type_of(&mut self, schema: &'a Value, at: &str) -> Type {
        if schema["$ref"].is_string() {
            let (target, target_at) = self.resolve(schema, at);
            if !is_plain(target) {
                return Type::Named(schema_name(&target_at).to_upper_camel_case());
            }
            // A plain schema is written out where it is used, and one that holds itself has no end.
            if self.writing_out.contains(&target_at) {
                self.report(&target_at, "holds itself; put an object with `properties` in between");
                return Type::Any;
            }
            self.writing_out.push(target_at.clone());
            let ty = self.type_of(target, &target_at);
            self.writing_out.pop();
            return ty;
        }
        let mut ty = self.public_type(schema, at);
        self.mark_private(&schema["x-enroll-private"], &mut ty, at);
        ty
    }

    fn public_type(&mut self, schema: &'a Value, at: &str) -> Type {
        if let Some([single]) = schema["allOf"].as_array().map(Vec::as_slice) {
            return self.type_of(single, &format!("{at}/allOf/0"));
        }
        let (key, branches) = match (schema["anyOf"].as_array(), schema["oneOf"].as_array()) {
            (Some(branches), _) => ("anyOf", branches.as_slice()),
            (None, Some(branches)) => ("oneOf", branches.as_slice()),
            (None, None) => ("", [].as_slice()),
        };
        if let [first, second] = branches {
            if first["type"] == "integer" && second["type"] == "string" {
                return Type::IntegerOrString;
            }
            if second["type"] == "array" && second["items"] == *first {
                return Type::OneOrMany(Box::new(self.type_of(first, &format!("{at}/{key}/0"))));
            }
        }
        if !branches.is_empty() || schema["enum"].is_array() || schema["properties"].is_object() {
            self.report(at, NAME_IT);
            return Type::Any;
        }
        match (schema["type"].as_str(), schema["format"].as_str()) {
            (Some("string"), _) => Type::String,
            (Some("integer" | "number"), Some("epoch-seconds")) => Type::EpochSeconds,
            (Some("integer" | "number"), Some("epoch-milliseconds")) => Type::EpochMillis,
            (Some("integer"), _) => Type::Integer,
            (Some("number"), _) => Type::Number,
            (Some("boolean"), _) => Type::Boolean,
            (Some("array"), _) => match schema.get("items") {
                Some(items) => Type::List(Box::new(self.type_of(items, &format!("{at}/items")))),
                None => {
                    self.report(at, "an array needs `items`");
                    Type::List(Box::new(Type::Any))
                }
            },
            (Some("object"), _) => match schema.get("additionalProperties") {
                Some(inner) if inner.is_object() => {
                    Type::Map(Box::new(self.type_of(inner, &format!("{at}/additionalProperties"))))
                }
                _ => Type::Object,
            },
            (None, _) => {
                if schema.get("allOf").is_some() {
                    self.report(at, NAME_IT);
                } else if let Some(key) = TYPED_KEYS.iter().find(|key| schema.get(key).is_some()) {
                    self.report(at, format!("has `{key}` but no `type`; add it"));
                }
                Type::Any
            }
            (Some(_), _) => {
                let message = "must be one of string, integer, number, boolean, array and object";
                self.report(&format!("{at}/type"), message);
                Type::Any
            }
        }
    }

    /// Which schemas requests use, and which responses: limits hold for the former, leniency for the latter.
    fn note_usage(&mut self, spec: &mut Spec) {
        let mut requests = Vec::new();
        let mut responses = Vec::new();
        for operation in &spec.operations {
            requests.extend(operation.body.iter().map(|body| body.schema.clone()));
            for parameter in &operation.parameters {
                parameter.field.ty.names(&mut requests);
            }
            for response in &operation.responses {
                if let Content::Json(ty) = &response.content {
                    ty.names(&mut responses);
                }
                if let Some(failure) = &response.failure {
                    failure.schema.names(&mut responses);
                }
            }
        }
        let reached = |mut open: Vec<String>| {
            let mut seen = BTreeSet::new();
            while let Some(name) = open.pop() {
                if seen.insert(name.clone())
                    && let Some(Schema { kind: SchemaKind::Object { fields, .. }, .. }) = spec.schema(&name)
                {
                    fields.iter().for_each(|field| field.ty.names(&mut open));
                }
            }
            seen
        };
        let (requests, responses) = (reached(requests), reached(responses));
        for schema in &mut spec.schemas {
            schema.in_request = requests.contains(&schema.rust);
            schema.in_response = responses.contains(&schema.rust);
        }
    }

    /// Names that would collide in Rust, and names of things that must exist.
    fn check_names(&mut self, spec: &Spec) {
        let mut seen = BTreeSet::new();
        for operation in &spec.operations {
            for (name, forms) in operation.answer_enums() {
                if forms.iter().collect::<BTreeSet<_>>().len() < forms.len() {
                    let at = format!(
                        "/paths/{}/{}/responses",
                        escape(&operation.path),
                        operation.method.to_lowercase()
                    );
                    self.report(&at, "two of the answers have the same name in Rust; rename a schema");
                }
                seen.insert(name);
            }
        }
        for schema in &spec.schemas {
            let at = format!("/components/schemas/{}", escape(&schema.name));
            if !is_identifier(&schema.rust, false) {
                self.report(&at, format!("`{}` cannot be a type's name; choose another", schema.rust));
            }
            if !seen.insert(schema.rust.clone()) {
                let message = format!("another type is called `{}` in Rust too; rename one", schema.rust);
                self.report(&at, message);
            }
            if let SchemaKind::Object { fields, .. } = &schema.kind {
                let mut seen = BTreeSet::from(["new"]);
                for field in fields {
                    let at = format!("{at}/properties/{}", escape(&field.wire));
                    self.check_name(field, &at, &seen);
                    seen.insert(&field.rust);
                }
            }
        }
        let mut seen = BTreeSet::new();
        for operation in &spec.operations {
            let at = format!("/paths/{}/{}", escape(&operation.path), operation.method.to_lowercase());
            let id_at = format!("{at}/operationId");
            let names = operation.aliases.iter().map(|alias| &alias.name);
            for name in names.chain([&operation.name]) {
                if !is_identifier(name, false) {
                    self.report(
                        &id_at,
                        format!("`{name}` cannot be a method's name; choose another operationId"),
                    );
                } else if !seen.insert(name.clone())
                    || seen.contains(&format!("request_{name}"))
                    || name.strip_prefix("request_").is_some_and(|other| seen.contains(other))
                    || ["new", "builder", "from_env", "clone", "client"].contains(&name.as_str())
                {
                    self.report(&id_at, format!("`{name}` is taken; choose another operationId"));
                }
            }
            let body_fields =
                operation.body.as_ref().and_then(|body| match &spec.schema(&body.schema)?.kind {
                    SchemaKind::Object { fields, .. } => Some(fields.as_slice()),
                    _ => None,
                });
            if let Some(body) = &operation.body
                && body_fields.is_none()
            {
                let message = format!("the request body `{}` must be an object with properties", body.schema);
                self.report(&format!("{at}/requestBody"), message);
            }
            let parameters = operation.parameters.iter().map(|parameter| &parameter.field);
            let mut seen = BTreeSet::from(TAKEN);
            for field in parameters.clone() {
                self.check_name(field, &at, &seen);
                seen.insert(&field.rust);
            }
            // What is wrong with a body's own names is said where its schema stands.
            for field in body_fields.unwrap_or_default().iter().filter(|field| seen.contains(&*field.rust)) {
                self.check_name(field, &at, &seen);
            }
            let fields: Vec<_> = parameters.chain(body_fields.unwrap_or_default()).collect();
            if operation.body.is_some()
                && let Some(parameter) =
                    operation.parameters.iter().find(|parameter| parameter.field.wire == "body")
            {
                let message =
                    format!("a parameter `{}` beside a request body is not supported", parameter.field.wire);
                self.report(&at, message);
            }
            let known = |name: &str| fields.iter().any(|field| field.wire == name);
            let body_is_wrong = operation.body.is_none()
                && self.root()["paths"][&operation.path][operation.method.to_lowercase()]
                    .get("requestBody")
                    .is_some();
            for key in operation.replay.keys.iter().filter(|key| !known(key) && !body_is_wrong) {
                self.report(
                    &format!("{at}/x-enroll-replay/keys"),
                    format!("`{key}` is no property of the request"),
                );
            }
            for alias in &operation.aliases {
                for name in alias.requires.iter().filter(|name| !known(name)) {
                    self.report(&format!("{at}/x-enroll-aliases"), format!("`{name}` is no parameter"));
                }
            }
            if let Some(pagination) = &operation.pagination
                && !known(&pagination.cursor)
            {
                let message = format!("`{}` is no property of the request", pagination.cursor);
                self.report(&format!("{at}/x-enroll-pagination/cursor"), message);
            }
        }
        for operation in &spec.operations {
            self.check_lookup(spec, operation);
        }
    }

    /// Everything that `ensure()` will do without asking again.
    fn check_lookup(&mut self, spec: &Spec, operation: &Operation) {
        let Some(lookup) = &operation.lookup else { return };
        let at =
            format!("/paths/{}/{}/x-enroll-lookup", escape(&operation.path), operation.method.to_lowercase());
        let Some(looker) = spec.operation(&lookup.operation) else {
            let message = format!("`{}` is no operation of this document", lookup.operation);
            return self.report(&format!("{at}/operation"), message);
        };
        if looker.path.contains('{') {
            self.report(&format!("{at}/operation"), "an account is looked up by query or body, not by path");
        }
        if found_type(spec, looker, &lookup.found).is_none() {
            self.report(
                &format!("{at}/found"),
                "points at no user, and no list of users, in the lookup's answer",
            );
        }
        for key in &lookup.keys {
            if key.matches.is_empty() {
                let message = format!("lacks `{}`: say where the user has it", key.property);
                self.report(&format!("{at}/matches"), message);
            }
            if let By::Query(name) = &key.by
                && !looker.parameters.iter().any(|parameter| parameter.field.wire == *name)
            {
                let message = format!("`{name}` is no parameter of {}", lookup.operation);
                self.report(&format!("{at}/keys"), message);
            }
            if let By::Body(body) = &key.by
                && !body.to_string().contains("\"{value}\"")
            {
                self.report(
                    &format!("{at}/keys/{}", escape(&key.property)),
                    "has no \"{value}\" for the key",
                );
            }
        }
    }

    fn check_name(&mut self, field: &Field, at: &str, taken: &BTreeSet<&str>) {
        if !is_identifier(&field.rust, true) {
            self.report(at, format!("`{}` is no name in Rust; give it an x-enroll-name", field.wire));
        } else if taken.contains(&*field.rust) {
            let message =
                format!("`{}` is taken in Rust; give `{}` an x-enroll-name", field.rust, field.wire);
            self.report(at, message);
        }
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

/// Whether `name` can be a header's name, as RFC 9110 has it.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}

/// Whether `name` can be written as an identifier; with `keywords`, as a raw one too, or with an underscore.
fn is_identifier(name: &str, keywords: bool) -> bool {
    let raw = keywords && matches!(name, "self" | "super" | "crate");
    let raw = raw || keywords && syn::parse_str::<syn::Ident>(&format!("r#{name}")).is_ok();
    raw || name != "_" && syn::parse_str::<syn::Ident>(name).is_ok()
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

fn lookup(lookup: &Value) -> Lookup {
    Lookup {
        operation: text(&lookup["operation"]),
        found: text(&lookup["found"]),
        keys: entries(&lookup["keys"])
            .map(|(property, by)| LookupKey {
                property: property.clone(),
                by: match by.as_str() {
                    Some(parameter) => By::Query(parameter.to_owned()),
                    None => By::Body(by["body"].clone()),
                },
                matches: text(&lookup["matches"][property]),
            })
            .collect(),
    }
}

/// The name of an enum's variant.
pub(crate) fn variant_name(value: &str) -> String {
    let name = value.to_upper_camel_case();
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() {
        format!("Value{name}")
    } else {
        name
    }
}

/// A schema that needs no type of its own.
fn is_plain(schema: &Value) -> bool {
    let two = |key: &str| schema[key].as_array().is_some_and(|branches| branches.len() == 2);
    let union = schema["anyOf"].is_array() || schema["oneOf"].is_array() || schema["allOf"].is_array();
    let integer_or_string =
        two("anyOf") && schema["anyOf"][0]["type"] == "integer" && schema["anyOf"][1]["type"] == "string";
    let one_or_many = two("oneOf") && schema["oneOf"][1]["items"] == schema["oneOf"][0];
    !schema["properties"].is_object()
        && !schema["enum"].is_array()
        && (!union || integer_or_string || one_or_many)
}

/// The known values of an open vocabulary.
fn open_enum(schema: &Value) -> Option<Vec<String>> {
    let [known, any] = schema["anyOf"].as_array()?.as_slice() else { return None };
    (any["type"] == "string" && any.as_object()?.len() == 1).then_some(())?;
    Some(known["enum"].as_array()?.iter().map(text).collect())
}

/// The name of the schema at `pointer`.
fn schema_name(pointer: &str) -> &str {
    pointer.strip_prefix("/components/schemas/").unwrap_or(pointer)
}

fn placeholders(template: &str) -> Vec<String> {
    template
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().trim().to_owned()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&EMPTY).iter()
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
