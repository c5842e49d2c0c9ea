//! A provider without an emulation of its own: its spec alone says what it takes and answers.

mod answer;
mod credentials;
mod record;
mod sample;
mod spec;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use serde_json::{Map, Value, json};

pub use self::record::User;

use self::credentials::Credentials;
use self::record::{ID, Key, rows};
use self::spec::{Act, By, Collection, Create, Document, Operation, Role};
use crate::clock::Clock;
use crate::contract::{Contract, Kind, Violation};
use crate::fault::Plan;
use crate::message::{Answer, Call};
use crate::mint::Mint;
use crate::service::{Emulated, Service, contract, sentence};
use crate::table::{Table, Taken};

/// A provider as its spec describes it. What the spec does not link does nothing, and is answered by the documented
/// example.
pub struct Stub {
    name: &'static str,
    base_path: String,
    document: Document,
    contract: &'static Contract,
    operations: Vec<Operation>,
    collections: Vec<Collection>,
    credentials: Credentials,
    mint: Mint,
    /// For each collection.
    tables: Vec<Mutex<Table<User>>>,
}

impl Stub {
    /// The provider's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Every user, in the order of creation: what the operations with `x-enroll-creates` have made.
    pub fn users(&self) -> Vec<User> {
        let of_accounts = |it: &&Operation| it.raw.get("x-enroll-creates").is_some();
        let first = self.operations.iter().filter(of_accounts).find_map(|operation| match &operation.role {
            Role::Create(create) => Some(create.collection),
            _ => None,
        });
        first.map_or_else(Vec::new, |collection| self.lock(collection).iter().cloned().collect())
    }

    /// The value of a credential, by its name in the spec.
    pub fn credential(&self, name: &str) -> Option<&str> {
        self.credentials.value(name)
    }

    /// A fresh token, as an operation that hands out tokens would answer with one.
    pub fn token(&self) -> String {
        self.credentials.issue().0
    }

    pub(crate) fn new(
        name: &'static str,
        spec: &str,
        clock: Arc<Clock>,
        mint: &Mint,
        capacity: usize,
    ) -> Result<Self, String> {
        let contract = contract(name, spec)?;
        let document = Document(contract.document());
        let (operations, collections) = spec::read(contract);
        Ok(Self {
            name,
            base_path: contract.base_path().to_owned(),
            document,
            contract,
            operations,
            tables: collections.iter().map(|_| Mutex::new(Table::new(capacity))).collect(),
            collections,
            credentials: Credentials::new(name, document, clock, mint),
            mint: mint.fork(),
        })
    }

    fn lock(&self, collection: usize) -> MutexGuard<'_, Table<User>> {
        self.tables[collection].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    fn answer(&self, operation: &Operation, call: &Call, violations: &[Violation]) -> Result<Answer, Answer> {
        let no = |statuses, message: &str| self.no(operation, statuses, message);
        if !self.credentials.admit(operation.raw, call) {
            return Err(no(&[401, 403], "the credentials are missing or wrong"));
        }
        if let Some(violation) = violations.iter().find(|it| it.kind == Kind::MediaType) {
            return Err(no(&[415], &violation.to_string()));
        }
        if !violations.is_empty() {
            return Err(no(&[400, 422], &sentence(violations)));
        }
        match &operation.role {
            Role::Issue => Ok(self.yes(operation, &self.credentials.issued(operation.id))),
            Role::Create(create) => self.create(operation, create, call),
            Role::One { collection, by, act } => self.one(operation, *collection, by, *act, call),
            Role::Search { collection, lookup, wanted } => {
                Ok(self.search(operation, *collection, *lookup, wanted, call))
            }
            Role::Other => Ok(self.yes_with(operation, &call.object())),
        }
    }

    fn create(&self, operation: &Operation, create: &Create, call: &Call) -> Result<Answer, Answer> {
        let fields = call.object();
        let known = &self.collections[create.collection];
        let unique = |class| create.class == Some(class);
        let keys: Vec<&'static str> =
            if unique("keyed") || unique("upsert") { create.keys.clone() } else { Vec::new() };
        let given = fields.get(create.id_name).filter(|id| id.is_string() || id.is_number()).cloned();
        let is_given = given.is_some();
        let mut table = self.lock(create.collection);
        if unique("upsert") {
            let names = if is_given { vec![create.id_name] } else { keys.clone() };
            let same = |user: &&User| {
                names.iter().all(|name| fields.get(*name).is_some_and(|it| user.has(name, it)))
            };
            let before = table.iter().find(same).filter(|_| !names.is_empty()).cloned();
            if let Some(before) = before {
                let user = before.with(&fields);
                table.replace(ID, &before.key(), user.clone());
                return Ok(self.yes_about(operation, known, &user, Some(&create.id)));
            }
        }
        let user = |id: Value| {
            User::new(id, is_given, known.id_names.clone(), keys.clone(), fields.clone().into_owned())
        };
        loop {
            let id = given.clone().unwrap_or_else(|| self.fresh_id(operation, &create.id));
            let user = user(id);
            match table.insert(user.clone()) {
                Ok(()) => return Ok(self.yes_about(operation, known, &user, Some(&create.id))),
                // Somebody has this id already, and it was made up here.
                Err(Taken(ID)) if !is_given => {}
                Err(Taken(_)) => return Err(self.exists(operation)),
            }
        }
    }

    fn one(
        &self,
        operation: &Operation,
        collection: usize,
        by: &By,
        act: Act,
        call: &Call,
    ) -> Result<Answer, Answer> {
        let known = &self.collections[collection];
        let fields = call.object();
        let (name, wanted) = match by {
            By::Parameter(name) => {
                let in_path = Some(call.parameter(name)).filter(|it| !it.is_empty());
                (*name, in_path.or_else(|| call.query(name)).unwrap_or_default().to_owned())
            }
            By::Property(name) => (*name, fields.get(*name).map(record::text).unwrap_or_default()),
        };
        let mut table = self.lock(collection);
        let is_it = |user: &&User| user.key() == wanted || user.text(name).as_ref() == Some(&wanted);
        let found = table.iter().find(is_it).cloned();
        let Some(before) = found else {
            if act == (Act::Change { upsert: true }) && !wanted.is_empty() {
                let mut fields = fields.into_owned();
                fields.entry(name).or_insert_with(|| wanted.clone().into());
                let user = User::new(wanted.into(), true, known.id_names.clone(), Vec::new(), fields);
                // It was looked for just now, and is not there.
                let _ = table.insert(user.clone());
                return Ok(self.yes_about(operation, known, &user, None));
            }
            return Err(self.no(operation, &[404, 410], "there is no such user"));
        };
        match act {
            Act::Read => Ok(self.yes_about(operation, known, &before, None)),
            Act::Change { .. } => {
                let user = before.with(&fields);
                match table.replace(ID, &before.key(), user.clone()) {
                    Some(Err(Taken(_))) => Err(self.exists(operation)),
                    _ => Ok(self.yes_about(operation, known, &user, None)),
                }
            }
            Act::Delete => {
                table.remove(ID, &before.key());
                Ok(self.yes_about(operation, known, &before, None))
            }
        }
    }

    fn search(
        &self,
        operation: &Operation,
        collection: usize,
        lookup: Option<&'static Value>,
        wanted: &[&'static str],
        call: &Call,
    ) -> Answer {
        let known = &self.collections[collection];
        let keys = match lookup {
            Some(lookup) => record::looked_for(lookup, call),
            None => {
                let is_property =
                    |name: &&&str| known.properties.contains(*name) || known.id_names.contains(*name);
                let asked = wanted.iter().filter(is_property);
                asked
                    .filter_map(|name| Some(Key { property: name, value: call.query(name)?.to_owned() }))
                    .collect()
            }
        };
        let table = self.lock(collection);
        let found = rows(&table, &keys);
        drop(table);
        let place = lookup.and_then(|lookup| lookup["found"].as_str());
        self.yes_with_list(operation, known, &found, place, call)
    }
}

impl fmt::Debug for Stub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stub").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Emulated<Stub> {
    /// `base_url` has no path of the provider's own yet.
    pub(crate) fn of(stub: Stub, base_url: &str) -> Self {
        let base_url = format!("{base_url}{}", stub.base_path);
        Self { contract: stub.contract, provider: stub, base_url, plan: Plan::default() }
    }
}

impl Service for Emulated<Stub> {
    fn name(&self) -> &'static str {
        self.provider.name
    }

    fn base_url(&self) -> &str {
        &self.base_url
    }

    fn contract(&self) -> &'static Contract {
        self.contract
    }

    fn plan(&self) -> &Plan {
        &self.plan
    }

    fn spares(&self, operation: &str) -> bool {
        self.operation(operation).is_some_and(|operation| matches!(operation.role, Role::Issue))
    }

    fn act(&self, operation: &'static str, call: &Call, violations: &[Violation]) -> Answer {
        let Some(operation) = self.operation(operation) else {
            return self.refuse(StatusCode::NOT_FOUND, "the operation does not exist");
        };
        self.provider.answer(operation, call, violations).unwrap_or_else(|refused| refused)
    }

    fn refuse(&self, status: StatusCode, message: &str) -> Answer {
        let documents = |operation: &&Operation| self.documents(operation, status.as_u16());
        match self.operations.iter().find(documents) {
            Some(operation) => self.no(operation, &[status.as_u16()], message),
            None => Answer::text(status, message),
        }
    }

    fn headers(&self) -> Vec<(&'static str, String)> {
        self.credentials.headers()
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let base_url = self.document.0["x-enroll-base-url"]["env"].as_str();
        let base_url = base_url.map(|name| (name, self.base_url.clone()));
        self.credentials.environment().into_iter().chain(base_url).collect()
    }

    fn state(&self) -> Value {
        let users = self.users();
        let shown = |user: &User| user.shown(&|name| self.contract.is_secret(name));
        let evicted: u64 = (0..self.tables.len()).map(|collection| self.lock(collection).evicted()).sum();
        json!({ "users": users.iter().map(shown).collect::<Vec<Map<_, _>>>(), "evicted": evicted })
    }

    fn reset(&self) {
        self.plan.clear();
        self.credentials.reset();
        (0..self.tables.len()).for_each(|collection| self.lock(collection).clear());
    }
}
