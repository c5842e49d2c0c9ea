//! What a spec says of how its operations belong together: the sandbox's own reading of it, as in `contract`.

use serde_json::{Map, Value};

use crate::contract::{Contract, OperationContract};

/// How many references may follow each other.
const LONGEST_CHAIN: usize = 8;

/// How deep schemas that are combined of others are looked into. They may contain themselves.
const DEEPEST: usize = 4;

/// A document that stays for as long as the process does.
#[derive(Clone, Copy)]
pub(super) struct Document(pub(super) &'static Value);

/// An operation, and what it does to which records.
pub(super) struct Operation {
    pub(super) id: &'static str,
    pub(super) raw: &'static Value,
    pub(super) contract: &'static OperationContract,
    pub(super) role: Role,
}

/// What an operation is to the records of a collection.
pub(super) enum Role {
    /// Hands out a credential.
    Issue,
    Create(Create),
    /// About one record.
    One {
        collection: usize,
        by: By,
        act: Act,
    },
    /// About the records that fit.
    Search {
        collection: usize,
        lookup: Option<&'static Value>,
        wanted: Vec<&'static str>,
    },
    /// Nothing that the spec links with anything.
    Other,
}

/// How a record is made.
#[derive(Clone)]
pub(super) struct Create {
    pub(super) collection: usize,
    /// Where the new id stands in the answer.
    pub(super) id: String,
    pub(super) id_name: &'static str,
    pub(super) class: Option<&'static str>,
    pub(super) keys: Vec<&'static str>,
}

/// What is done with the one record.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Act {
    Read,
    /// Takes over what the request says; makes the record if there is none and the operation is an upsert.
    Change {
        upsert: bool,
    },
    Delete,
}

/// What names the one record.
pub(super) enum By {
    /// A parameter of the path or the query.
    Parameter(&'static str),
    /// A property of the body.
    Property(&'static str),
}

/// Records of one kind.
pub(super) struct Collection {
    /// How the others call the id of a record.
    pub(super) id_names: Vec<&'static str>,
    /// The path at which a record is made.
    path: &'static str,
    /// Every property that a request can give a record.
    pub(super) properties: Vec<&'static str>,
    /// Where a user has a property, for those that have it elsewhere than under its name.
    pub(super) matches: Vec<(&'static str, &'static str)>,
}

impl Document {
    /// What a part refers to; the part itself if it is no reference.
    pub(super) fn resolve(self, mut part: &'static Value) -> &'static Value {
        for _ in 0..LONGEST_CHAIN {
            let Some(reference) = part.get("$ref").and_then(Value::as_str) else { break };
            part = reference.strip_prefix('#').and_then(|it| self.0.pointer(it)).unwrap_or(&Value::Null);
        }
        part
    }

    /// The schema of what stands at a place of a value, where that can be told.
    pub(super) fn schema_at(self, schema: &'static Value, pointer: &str) -> &'static Value {
        let mut schema = schema;
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            schema = self.step(schema, &token, 0).unwrap_or(&Value::Null);
        }
        schema
    }

    fn step(self, schema: &'static Value, token: &str, depth: usize) -> Option<&'static Value> {
        let schema = self.resolve(schema);
        if let Some(found) = schema["properties"].get(token) {
            return Some(found);
        }
        if let Some(items) = schema.get("items")
            && (token == "*" || token.parse::<usize>().is_ok())
        {
            return Some(items);
        }
        let parts = ["allOf", "anyOf", "oneOf"].iter().filter_map(|it| schema[*it].as_array()).flatten();
        parts.into_iter().filter(|_| depth < DEEPEST).find_map(|part| self.step(part, token, depth + 1))
    }

    /// The properties of a schema, with those of its parts.
    pub(super) fn properties(self, schema: &'static Value) -> Vec<(&'static str, &'static Value)> {
        self.properties_within(schema, 0)
    }

    fn properties_within(self, schema: &'static Value, depth: usize) -> Vec<(&'static str, &'static Value)> {
        let schema = self.resolve(schema);
        let own = schema["properties"].as_object().into_iter().flatten();
        let mut found: Vec<_> = own.map(|(name, schema)| (name.as_str(), schema)).collect();
        if depth < DEEPEST {
            for part in ["allOf", "anyOf", "oneOf"].iter().filter_map(|it| schema[*it].as_array()).flatten() {
                found.extend(self.properties_within(part, depth + 1));
            }
        }
        found
    }

    /// The schema of a JSON body of a request or an answer, and its examples.
    pub(super) fn json(self, part: &'static Value) -> Option<&'static Value> {
        let content = self.resolve(part)["content"].as_object()?;
        let is_json = |media_type: &str| media_type.contains("json");
        content.iter().find(|(media_type, _)| is_json(media_type)).map(|(_, content)| content)
    }
}

/// Reads how the operations of a document belong together.
pub(super) fn read(contract: &'static Contract) -> (Vec<Operation>, Vec<Collection>) {
    let document = Document(contract.document());
    let found = raw_operations(document, contract);
    let issuers: Vec<&str> = members(&document.0["components"]["securitySchemes"])
        .filter_map(|(_, scheme)| scheme["x-enroll-recipe"]["exchange"]["operation"].as_str())
        .collect();
    let mut collections = Vec::new();
    let mut creates: Vec<(usize, Create)> = Vec::new();
    for (index, raw) in found.iter().enumerate().filter(|(_, raw)| !issuers.contains(&raw.id())) {
        let Some((id, id_name)) = raw.new_id(document, &found) else { continue };
        // All that make an account make it in one place: `users()` has them all.
        let is_account = raw.value.get("x-enroll-creates").is_some();
        let known = collections.iter().position(|it: &Collection| is_account == it.is_of_accounts(&found));
        let collection = known.filter(|_| is_account).unwrap_or(collections.len());
        if collection == collections.len() {
            collections.push(Collection::new(raw.path));
        }
        let replay = &raw.value["x-enroll-replay"];
        let create = Create {
            collection,
            id,
            id_name,
            class: replay["class"].as_str(),
            keys: replay["keys"].as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
        };
        collections[collection].learn(document, raw, &create);
        creates.push((index, create));
    }
    let operations = found.iter().enumerate().map(|(index, raw)| {
        let create = creates.iter().find(|(at, _)| *at == index).map(|(_, create)| create.clone());
        let role = match create {
            _ if issuers.contains(&raw.id()) => Role::Issue,
            Some(create) => Role::Create(create),
            None => raw.role(document, &found, &creates, &collections),
        };
        Operation { id: raw.id(), raw: raw.value, contract: raw.contract, role }
    });
    let operations = operations.collect();
    (operations, collections)
}

/// An operation as the document has it.
struct Raw {
    path: &'static str,
    method: &'static str,
    value: &'static Value,
    contract: &'static OperationContract,
    /// Its own, and those of its path.
    parameters: Vec<&'static Value>,
}

fn raw_operations(document: Document, contract: &'static Contract) -> Vec<Raw> {
    let mut found = Vec::new();
    for (path, item) in members(&document.0["paths"]) {
        let item = document.resolve(item);
        for (method, value) in members(item) {
            let Some(contract) =
                contract.operations().find(|it| Some(it.id()) == value["operationId"].as_str())
            else {
                continue;
            };
            let lists = [value, item].into_iter().filter_map(|it| it["parameters"].as_array());
            let parameters = lists.flatten().map(|parameter| document.resolve(parameter)).collect();
            found.push(Raw { path, method, value, contract, parameters });
        }
    }
    found
}

impl Raw {
    fn id(&self) -> &'static str {
        self.contract.id()
    }

    /// Where the id of what it makes stands in its answer, if it makes something.
    fn new_id(&self, document: Document, all: &[Raw]) -> Option<(String, &'static str)> {
        if let Some(id) = self.value["x-enroll-creates"]["id"].as_str() {
            return Some((id.to_owned(), id.rsplit('/').next()?));
        }
        // A path beside it with one more parameter is about what it makes.
        let sibling = all.iter().find_map(|other| item_parameter(self.path, other.path));
        if self.method != "post" || sibling.is_none() || self.value["x-enroll-replay"]["class"] == "safe" {
            return None;
        }
        let (_, answer) = success(document, self.value)?;
        let schema = document.resolve(&document.json(answer)?["schema"]);
        let names = ["id", sibling.unwrap_or_default()];
        let mut properties = document.properties(schema).into_iter().map(|(name, _)| name);
        let id_name = properties.find(|name| names.contains(name))?;
        Some((format!("/{id_name}"), id_name))
    }

    fn role(
        &self,
        document: Document,
        all: &[Raw],
        creates: &[(usize, Create)],
        collections: &[Collection],
    ) -> Role {
        let lookup = |(at, create): &(usize, Create)| {
            let lookup = &all[*at].value["x-enroll-lookup"];
            (lookup["operation"] == self.id()).then_some((create.collection, lookup))
        };
        if let Some((collection, lookup)) = creates.iter().find_map(lookup) {
            return Role::Search { collection, lookup: Some(lookup), wanted: self.query_names() };
        }
        let upsert = self.value["x-enroll-replay"]["class"] == "upsert";
        let act = match self.method {
            "get" | "head" => Act::Read,
            "delete" => Act::Delete,
            _ => Act::Change { upsert },
        };
        let one = |collection, by, act| Role::One { collection, by, act };
        for (at, create) in creates {
            if let Some(name) = linked_parameter(document, all[*at].value, self.id()) {
                return one(create.collection, By::Parameter(name), act);
            }
        }
        for (collection, known) in collections.iter().enumerate() {
            let names = parameter_names(self.path);
            let is_own = |name: &&&str| known.id_names.contains(*name);
            let name = item_parameter(known.path, self.path).or_else(|| names.iter().find(is_own).copied());
            if let Some(name) = name {
                return one(collection, By::Parameter(name), self.act_at(name, act));
            }
        }
        for (collection, known) in collections.iter().enumerate() {
            let body = document.json(&self.value["requestBody"]).map_or(&Value::Null, |json| &json["schema"]);
            let properties = document.properties(body);
            let property =
                properties.iter().map(|(name, _)| *name).find(|name| known.id_names.contains(name));
            if let Some(name) = property.filter(|_| !parameter_names(self.path).iter().any(|_| true)) {
                return one(collection, By::Property(name), act);
            }
            let query = self.query_names();
            if let Some(name) = query.iter().find(|name| known.id_names.contains(name) && act != Act::Read) {
                return one(collection, By::Parameter(name), act);
            }
            let is_at_the_same_path = self.path.trim_end_matches('/') == known.path.trim_end_matches('/');
            if (self.method == "get" && is_at_the_same_path)
                || self.value.get("x-enroll-pagination").is_some()
            {
                return Role::Search { collection, lookup: None, wanted: query };
            }
        }
        Role::Other
    }

    /// What is done at a path with the record's id in it. Below it stands what belongs to the record and is not the
    /// record itself, unless the word there says what is done.
    fn act_at(&self, name: &str, act: Act) -> Act {
        let path = self.path.trim_end_matches('/');
        match path.rsplit('/').next().unwrap_or_default() {
            last if last == format!("{{{name}}}") => act,
            "delete" | "remove" if self.method != "get" => Act::Delete,
            _ if act == Act::Delete => Act::Read,
            _ => act,
        }
    }

    fn query_names(&self) -> Vec<&'static str> {
        let query = self.parameters.iter().filter(|parameter| parameter["in"] == "query");
        query.filter_map(|parameter| parameter["name"].as_str()).collect()
    }
}

impl Collection {
    fn new(path: &'static str) -> Self {
        Self { path, id_names: Vec::new(), properties: Vec::new(), matches: Vec::new() }
    }

    fn is_of_accounts(&self, all: &[Raw]) -> bool {
        all.iter().any(|raw| raw.path == self.path && raw.value.get("x-enroll-creates").is_some())
    }

    fn learn(&mut self, document: Document, raw: &Raw, create: &Create) {
        self.id_names.push(create.id_name);
        if let Some(json) = document.json(&raw.value["requestBody"]) {
            self.properties.extend(document.properties(&json["schema"]).iter().map(|(name, _)| name));
        }
        let matches = members(&raw.value["x-enroll-lookup"]["matches"]);
        self.matches.extend(matches.filter_map(|(name, at)| Some((name, at.as_str()?))));
    }
}

/// The lowest status of success that an operation documents, and the answer.
pub(super) fn success(document: Document, operation: &'static Value) -> Option<(u16, &'static Value)> {
    let answers = || members(&operation["responses"]);
    let mut exact: Vec<_> = answers()
        .filter_map(|(status, answer)| Some((status.parse::<u16>().ok()?, answer)))
        .filter(|(status, _)| (200..300).contains(status))
        .collect();
    exact.sort_by_key(|(status, _)| *status);
    let others = || {
        answers()
            .find(|(status, _)| *status == "2XX")
            .or_else(|| answers().find(|(status, _)| *status == "default"))
    };
    let found = exact.first().copied().or_else(|| others().map(|(_, answer)| (200, answer)));
    found.map(|(status, answer)| (status, document.resolve(answer)))
}

/// The members of an object; none of anything else.
pub(super) fn members(value: &'static Value) -> impl Iterator<Item = (&'static str, &'static Value)> {
    value.as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}

/// The name of the parameter by which `item` is longer than `path`.
fn item_parameter(path: &str, item: &'static str) -> Option<&'static str> {
    let rest = item.trim_end_matches('/').strip_prefix(path.trim_end_matches('/'))?;
    rest.strip_prefix("/{")?.strip_suffix('}').filter(|name| !name.contains('/'))
}

fn parameter_names(path: &'static str) -> Vec<&'static str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
}

/// The parameter of another operation that a link of this one's answers gives the id to.
fn linked_parameter(document: Document, create: &'static Value, other: &str) -> Option<&'static str> {
    let links =
        members(&create["responses"]).flat_map(|(_, answer)| members(&document.resolve(answer)["links"]));
    links
        .map(|(_, link)| document.resolve(link))
        .filter(|link| link["operationId"] == other)
        .flat_map(|link| members(&link["parameters"]))
        .find(|(_, from)| from.as_str().is_some_and(|from| from.starts_with("$response.body#")))
        .map(|(name, _)| name.rsplit('.').next().unwrap_or(name))
}
