//! Reads the model out of a document. Each part of a document has a file of its own beside this one.

use heck::ToShoutySnakeCase;
use serde_json::{Map, Value};

use super::names::is_identifier;
use super::schemas::is_plain;
use super::{Server, Spec};
use crate::error::Finding;
use crate::read::{Document, escape};
use crate::rule;

/// So many `$ref`s may lead from one to the next.
const LONGEST_CHAIN: usize = 32;

/// What holds names as keys.
const NAMED: [&str; 11] = [
    "callbacks",
    "examples",
    "headers",
    "links",
    "parameters",
    "paths",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
];

pub(super) struct Builder<'a> {
    pub(super) document: &'a Document,
    pub(super) findings: Vec<Finding>,
    /// Where the plain schemas stand that are being written out, each inside the one before.
    pub(super) writing_out: Vec<String>,
    /// How deep the type is that is being written out.
    pub(super) depth: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn report(&mut self, rule: &'static str, pointer: &str, message: impl Into<String>) {
        self.findings.push(self.document.finding(rule, pointer, message));
    }

    pub(super) fn root(&self) -> &'a Value {
        &self.document.value
    }

    pub(super) fn spec(&mut self, name: &str) -> Spec {
        let root = self.root();
        match root["openapi"].as_str() {
            Some(version) if version.starts_with("3.0.") => {}
            _ => self.report(rule::VERSION, "/openapi", "must be '3.0.3', the only version that is read"),
        }
        self.check_references(root, "", false);
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
        self.note_usage(&mut spec);
        self.check_names(&spec);
        spec
    }

    pub(super) fn empty(&self, name: &str) -> Spec {
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

    /// Every `$ref` points at something in this document, and no chain of them is endless, or as good as endless.
    /// `named` says whether the keys here are names that the document gives, and not words of OpenAPI.
    pub(super) fn check_references(&mut self, value: &'a Value, pointer: &str, named: bool) {
        match value {
            Value::Object(object) => {
                if let Some(target) = object.get("$ref").filter(|_| !named) {
                    self.check_chain(target.as_str(), &format!("{pointer}/$ref"));
                }
                for (key, value) in object {
                    // What stands in an example is data, unless `example` is a name.
                    if named || key != "example" && key != "value" {
                        let inner = !named && NAMED.contains(&key.as_str());
                        self.check_references(value, &format!("{pointer}/{}", escape(key)), inner);
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.check_references(item, &format!("{pointer}/{index}"), false);
                }
            }
            _ => {}
        }
    }

    fn check_chain(&mut self, mut next: Option<&'a str>, at: &str) {
        let mut seen = Vec::new();
        while let Some(target) = next {
            let Some(found) = target.strip_prefix('#').and_then(|at| self.root().pointer(at)) else {
                let message = format!("$ref `{target}` leads nowhere; it must begin with `#/components/`");
                return self.report(rule::REFERENCE, at, message);
            };
            if seen.contains(&target) {
                return self.report(rule::REFERENCE, at, "$ref goes round in a circle");
            }
            if seen.len() == LONGEST_CHAIN {
                let message = format!(
                    "$ref leads from one $ref to the next, more than {LONGEST_CHAIN} times; refer to the last one"
                );
                return self.report(rule::REFERENCE, at, message);
            }
            seen.push(target);
            next = found["$ref"].as_str();
        }
    }

    /// What a value is, through its `$ref`s; and where that stands.
    pub(super) fn resolve(&self, value: &'a Value, pointer: &str) -> (&'a Value, String) {
        let (mut value, mut pointer) = (value, pointer.to_owned());
        // The chain has been checked; the bound is there for a `$ref` that the check takes for data.
        for _ in 0..=LONGEST_CHAIN {
            let Some(target) = value["$ref"].as_str().and_then(|target| target.strip_prefix('#')) else {
                break;
            };
            let Some(found) = self.root().pointer(target) else { break };
            value = found;
            pointer = target.to_owned();
        }
        (value, pointer)
    }

    pub(super) fn servers(&mut self) -> Vec<Server> {
        let mut servers = Vec::new();
        for (index, server) in items(&self.root()["servers"]).enumerate() {
            let name = server["x-enroll-environment"].as_str().map(str::to_owned);
            let default = server["x-enroll-default"].as_bool().unwrap_or_default();
            if default && servers.iter().any(|server: &Server| server.default) {
                self.report(rule::SERVER, &format!("/servers/{index}"), "only one server can be the default");
            }
            if default && name.is_none() {
                self.report(
                    rule::SERVER,
                    &format!("/servers/{index}"),
                    "the default server needs an x-enroll-environment",
                );
            }
            if let Some(name) = &name {
                let constant = name.to_shouty_snake_case();
                let known = |server: &Server| server.name.as_ref().map(|name| name.to_shouty_snake_case());
                if !is_identifier(&constant, false)
                    || servers.iter().any(|server| known(server).as_ref() == Some(&constant))
                {
                    let message = format!("`{constant}` is no constant's name, or taken; choose another");
                    self.report(rule::SERVER, &format!("/servers/{index}/x-enroll-environment"), message);
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
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().trim().to_owned()
}

pub(super) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

pub(super) fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&EMPTY).iter()
}
