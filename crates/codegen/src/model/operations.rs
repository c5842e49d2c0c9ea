//! Operations: parameters, bodies, answers, replay classes, and how accounts are found again.

use heck::{ToSnakeCase, ToUpperCamelCase};
use serde_json::Value;

use super::build::{Builder, entries, items, text};
use super::credentials::is_token;
use super::schemas::schema_name;
use super::{
    Alias, Body, By, Content, Failure, Lookup, LookupKey, Operation, Pagination, Parameter, Place, Replay,
    ReplayClass, Response, Status, Type, Waiter,
};
use crate::read::escape;
use crate::rule;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

impl<'a> Builder<'a> {
    pub(super) fn operations(&mut self) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (path, item) in entries(&self.root()["paths"]) {
            let at = format!("/paths/{}", escape(path));
            let rest = path.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
            if !path.starts_with('/') {
                self.report(rule::PATH, &at, "a path begins with a slash");
            } else if path.contains("//") || rest.collect::<String>().contains(['{', '}', '?', '#']) {
                self.report(
                    rule::PATH,
                    &at,
                    "is no path: `//`, `?`, `#` and braces without a partner cannot be in one",
                );
            }
            for (method, operation) in entries(item).filter(|(key, _)| METHODS.contains(&key.as_str())) {
                let at = format!("{at}/{method}");
                operations.push(self.operation(path, method, operation, item, &at));
            }
        }
        if operations.is_empty() {
            self.report(
                rule::MISSING_KEY,
                "/paths",
                "has no operation, so that there is nothing to generate; add one",
            );
        }
        operations
    }

    pub(super) fn operation(
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
            security: self
                .security(&operation["security"], &format!("{at}/security"))
                .or_else(|| self.security(&self.root()["security"], "/security"))
                .unwrap_or_default(),
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

    pub(super) fn parameters(
        &mut self,
        operation: &'a Value,
        item: &'a Value,
        path: &str,
        at: &str,
    ) -> Vec<Parameter> {
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
                        rule::PARAMETER,
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
                self.report(rule::PARAMETER, &pointer, message);
            }
            if place == Place::Header && !is_token(&wire) {
                self.report(rule::PARAMETER, &pointer, format!("`{wire}` is no header's name"));
            }
            if place == Place::Path && parameter["required"] != true {
                self.report(rule::PARAMETER, &pointer, "a path parameter needs `required: true`");
            }
            if place == Place::Path && !path.contains(&format!("{{{wire}}}")) {
                self.report(rule::PARAMETER, &pointer, format!("the path has no {{{wire}}}"));
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
                    self.report(rule::PARAMETER, &pointer, message);
                }
            }
            let standard = match place {
                Place::Query => "form",
                Place::Path | Place::Header => "simple",
            };
            if parameter["style"].as_str().is_some_and(|style| style != standard) {
                self.report(
                    rule::PARAMETER,
                    &format!("{pointer}/style"),
                    format!("must be `{standard}`, the only one that is supported"),
                );
            }
            if parameter["explode"] == false && matches!(field.ty.plain(), Type::List(_)) {
                let message = "must be true: a list is sent as one parameter an item";
                self.report(rule::PARAMETER, &format!("{pointer}/explode"), message);
            }
            parameters.push(Parameter { place, field });
        }
        for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            let known =
                |parameter: &Parameter| parameter.place == Place::Path && parameter.field.wire == name;
            if !parameters.iter().any(known) {
                self.report(
                    rule::PARAMETER,
                    at,
                    format!("the path's {{{name}}} is not among the parameters; add it"),
                );
            }
        }
        parameters
    }

    pub(super) fn body(&mut self, body: &'a Value, at: &str) -> Option<Body> {
        let (body, at) = self.resolve(body, at);
        let content = body["content"].as_object()?;
        let supported = |name: &str| {
            let essence = name.split(';').next().unwrap_or_default();
            let vendors = essence.starts_with("application/") && essence.ends_with("+json");
            vendors || matches!(essence, "application/json" | "application/x-www-form-urlencoded")
        };
        if content.len() != 1 || !content.keys().all(|name| supported(name)) {
            let message = "a request body has one media type: application/json, one that ends in +json, or \
                 application/x-www-form-urlencoded";
            self.report(rule::REQUEST_BODY, &format!("{at}/content"), message);
            return None;
        }
        let (media_type, media) = content.iter().next()?;
        let pointer = format!("{at}/content/{}", escape(media_type));
        if !media["schema"]["$ref"].is_string() {
            self.report(rule::REQUEST_BODY, &pointer, "needs a `schema` that is a $ref to a named schema");
            return None;
        }
        let (_, schema) = self.resolve(&media["schema"], &pointer);
        Some(Body {
            media_type: media_type.clone(),
            schema: schema_name(&schema).to_upper_camel_case(),
            examples: self.examples(media),
        })
    }

    pub(super) fn examples(&self, media: &'a Value) -> Vec<(String, Value)> {
        entries(&media["examples"])
            .map(|(name, example)| (name.clone(), self.resolve(example, "").0["value"].clone()))
            .collect()
    }

    pub(super) fn responses(&mut self, operation: &'a Value, at: &str) -> Vec<Response> {
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
                    self.report(rule::RESPONSE, &at, "is no status; write '200', '4XX' or default");
                    continue;
                }
            };
            let (response, at) = self.resolve(response, &at);
            let (content, failure) = match response.get("x-enroll-failure") {
                None => (self.content(response, &at), None),
                Some(failure) => self.content_or_failure(response, failure, &at),
            };
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
            self.report(rule::RESPONSE, &format!("{at}/responses"), "an operation has at least one response");
        }
        responses
    }

    pub(super) fn content(&mut self, response: &'a Value, at: &str) -> Content {
        match json_media(response) {
            Some((name, media)) => match media.get("schema") {
                Some(schema) => {
                    Content::Json(self.type_of(schema, &format!("{at}/content/{}/schema", escape(name))))
                }
                None => Content::Json(Type::Any),
            },
            None if entries(&response["content"]).next().is_none() => Content::Empty,
            None => Content::Other,
        }
    }

    /// The content of a success in which a failure may hide: its schema has a branch for each.
    fn content_or_failure(
        &mut self,
        response: &'a Value,
        failure: &'a Value,
        at: &str,
    ) -> (Content, Option<Failure>) {
        let branches = json_media(response).map(|(name, media)| (name, &media["schema"]["anyOf"]));
        let Some((name, Some([answer, hidden]))) =
            branches.map(|(name, branches)| (name, branches.as_array().map(Vec::as_slice)))
        else {
            let message = "needs a body that is either the answer or the failure: \
                           `schema: {anyOf: [{$ref: …}, {$ref: …}]}`";
            self.report(rule::RESPONSE, &format!("{at}/x-enroll-failure"), message);
            return (Content::Empty, None);
        };
        let at = format!("{at}/content/{}/schema/anyOf", escape(name));
        let failure = Failure {
            pointer: text(&failure["pointer"]),
            equals: failure["equals"].clone(),
            schema: self.type_of(hidden, &format!("{at}/1")),
        };
        (Content::Json(self.type_of(answer, &format!("{at}/0"))), Some(failure))
    }

    pub(super) fn replay(&mut self, replay: &Value, at: &str) -> Replay {
        let class = match replay["class"].as_str() {
            Some("safe") => ReplayClass::Safe,
            Some("upsert") => ReplayClass::Upsert,
            Some("keyed") => ReplayClass::Keyed,
            Some("never") => ReplayClass::Never,
            _ => {
                self.report(
                    rule::REPLAY,
                    &format!("{at}/class"),
                    "must be `safe`, `upsert`, `keyed` or `never`",
                );
                ReplayClass::Never
            }
        };
        let keys: Vec<_> = items(&replay["keys"]).map(text).collect();
        let known =
            ["safe", "upsert", "keyed", "never"].contains(&replay["class"].as_str().unwrap_or_default());
        if known && (class == ReplayClass::Keyed) == keys.is_empty() {
            self.report(rule::REPLAY, at, "`keys` belong to the class `keyed`, and to no other");
        }
        Replay { class, keys, because: text(&replay["because"]) }
    }
}

/// The part of a response's content that is JSON.
fn json_media(response: &Value) -> Option<(&String, &Value)> {
    entries(&response["content"]).find(|(name, _)| {
        let name = name.split(';').next().unwrap_or_default().trim();
        name == "application/json" || name.ends_with("+json")
    })
}

pub(super) fn lookup(lookup: &Value) -> Lookup {
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
