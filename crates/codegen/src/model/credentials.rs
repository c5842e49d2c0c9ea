//! Credentials, and the recipes by which they become headers.

use heck::{ToShoutySnakeCase, ToSnakeCase};
use serde_json::Value;

use super::build::{Builder, entries, text};
use super::names::is_identifier;
use super::{Credential, Expiry, ExpiryFormat, Operation, Recipe, Scheme};
use crate::read::escape;
use crate::rule;

impl<'a> Builder<'a> {
    pub(super) fn credentials(&mut self) -> Vec<Credential> {
        let all = &self.root()["x-enroll-credentials"];
        entries(all)
            .map(|(name, credential)| {
                let at = format!("/x-enroll-credentials/{}", escape(name));
                if name.to_snake_case() != *name || !is_identifier(name, false) {
                    self.report(
                        rule::CREDENTIALS,
                        &at,
                        "a credential's name is a setter's name: write it in snake_case",
                    );
                }
                if !matches!(credential["private"].as_str(), None | Some("secret")) {
                    self.report(rule::CREDENTIALS, &format!("{at}/private"), "must be `secret`, or left out");
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

    pub(super) fn schemes(&mut self, credentials: &[Credential], operations: &[Operation]) -> Vec<Scheme> {
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
                    self.report(rule::SECURITY, &at, message);
                    continue;
                }
            };
            let constant = name.to_shouty_snake_case();
            let taken = |scheme: &Scheme| scheme.name.to_shouty_snake_case() == constant;
            if !is_identifier(&format!("_{constant}"), false) || schemes.iter().any(taken) {
                self.report(
                    rule::SECURITY,
                    &at,
                    format!("`{constant}` is no constant's name, or taken; choose another"),
                );
            }
            let at = format!("{at}/x-enroll-recipe");
            let Some(recipe) = self.recipe(&scheme["x-enroll-recipe"], &at, operations) else { continue };
            for wanted in recipe.needs() {
                if !credentials.iter().any(|credential| credential.name == wanted) {
                    let message = format!("`{wanted}` is no credential; add it to x-enroll-credentials");
                    self.report(rule::CREDENTIALS, &at, message);
                }
            }
            schemes.push(Scheme { name: name.clone(), header, recipe });
        }
        schemes
    }

    pub(super) fn recipe(&mut self, recipe: &Value, at: &str, operations: &[Operation]) -> Option<Recipe> {
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
                self.report(
                    rule::CREDENTIALS,
                    &format!("{at}/mint/algorithm"),
                    "must be HS256, the only one that is supported",
                );
            }
            let Some(lifetime) = mint["lifetime"].as_u64().filter(|seconds| *seconds > 60) else {
                self.report(
                    rule::CREDENTIALS,
                    &format!("{at}/mint/lifetime"),
                    "must be more than 60 seconds",
                );
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
                self.report(rule::CREDENTIALS, &format!("{at}/exchange/operation"), message);
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
        self.report(rule::CREDENTIALS, at, "must be one of `static`, `basic`, `mint` and `exchange`");
        None
    }

    pub(super) fn expiry_format(&mut self, exchange: &Value, at: &str) -> Option<ExpiryFormat> {
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
                self.report(rule::CREDENTIALS, &format!("{at}/exchange/expires-format"), message);
                None
            }
        }
    }

    /// The schemes of the first alternative; none if there is no alternative, which is how a call without credentials is
    /// written.
    pub(super) fn security(&mut self, security: &Value, at: &str) -> Option<Vec<String>> {
        let Some(first) = security.as_array()?.first() else { return Some(Vec::new()) };
        let names: Vec<_> = entries(first).map(|(name, _)| name.clone()).collect();
        for name in &names {
            if self.root()["components"]["securitySchemes"].get(name).is_none() {
                self.report(
                    rule::SECURITY,
                    at,
                    format!("`{name}` is no security scheme; add it to components/securitySchemes"),
                );
            }
        }
        Some(names)
    }
}

pub(super) fn placeholders(template: &str) -> Vec<String> {
    template
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// Whether `name` can be a header's name, as RFC 9110 has it.
pub(super) fn is_token(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}
