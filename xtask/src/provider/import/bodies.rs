//! What requests carry: the part of each body that can be sent.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase;
use serde_json::Value;

use super::document::escape;
use super::flatten::{Flattener, Node};
use super::openapi::{Draft, Told, is_json};
use super::schemas::Schemas;

/// A body that is yet to be written: its schema, where that stands, and its media type.
pub(super) struct Found<'a> {
    schema: &'a Value,
    at: String,
    media_type: String,
}

const FORM: &str = "application/x-www-form-urlencoded";

/// The part of an operation's body that can be sent.
pub(super) fn find<'a>(
    draft: &Draft<'a>,
    flattener: &Flattener<'a>,
    told: &mut Told,
) -> Result<Option<Found<'a>>, String> {
    let at = format!("{}/requestBody", draft.at);
    let Some(body) = draft.operation.get("requestBody").filter(|body| body.is_object()) else {
        return Ok(None);
    };
    let (body, at) = flattener.resolve(body, &at)?;
    let Some(content) = body["content"].as_object().filter(|content| !content.is_empty()) else {
        return Ok(None);
    };
    if matches!(draft.method.as_str(), "GET" | "HEAD" | "DELETE") {
        let message = format!("the body of {} cannot be sent: a {} has none", draft.id, draft.method);
        let told = if body["required"] == true { &mut told.refused } else { &mut told.left_out };
        told.push((at, message));
        return Ok(None);
    }
    let is_form = |name: &str| name.split(';').next() == Some(FORM);
    let plain = content.iter().find(|(name, _)| is_json(name) && !name.ends_with("+json"));
    let vendors = || content.iter().find(|(name, _)| is_json(name));
    let picked = plain.or_else(vendors).or_else(|| content.iter().find(|(name, _)| is_form(name)));
    let media_type = match picked {
        Some((name, _)) if is_form(name) => FORM,
        Some((name, _)) if name.starts_with("application/") && name.ends_with("+json") => name,
        _ => "application/json",
    };
    match picked {
        Some((name, media)) => match media.get("schema") {
            Some(schema) => {
                let at = format!("{at}/content/{}/schema", escape(name));
                Ok(Some(Found { schema, at, media_type: media_type.to_owned() }))
            }
            None => {
                let message = format!("the body of {} has no schema, and is left out", draft.id);
                told.left_out.push((format!("{at}/content/{}", escape(name)), message));
                Ok(None)
            }
        },
        None if body["required"] == true || draft.method == "POST" => {
            let names: Vec<_> = content.keys().map(String::as_str).collect();
            let message = format!(
                "{} sends {}; only JSON and forms can be sent, so leave it out of --operations",
                draft.id,
                names.join(", ")
            );
            told.refused.push((format!("{at}/content"), message));
            Ok(None)
        }
        None => {
            let message = format!("the optional body of {} is left out: it is no JSON", draft.id);
            told.left_out.push((format!("{at}/content"), message));
            Ok(None)
        }
    }
}

/// The media types and the names of the bodies' schemas, in the order of the operations.
pub(super) fn write<'a>(
    drafts: &[Draft<'a>],
    found: Vec<Option<Found<'a>>>,
    schemas: &mut Schemas<'a>,
    told: &mut Told,
) -> Result<Vec<Option<(String, String)>>, String> {
    let target =
        |found: &Found<'a>| found.schema["$ref"].as_str().map_or_else(|| found.at.clone(), str::to_owned);
    // A body that several operations share has names that are free in all of them.
    let mut fields: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (draft, found) in drafts.iter().zip(&found) {
        if let Some(found) = found {
            fields.entry(target(found)).or_default().extend(draft.fields.iter().cloned());
        }
    }
    let mut bodies = Vec::new();
    for (draft, found) in drafts.iter().zip(found) {
        let Some(found) = found else {
            bodies.push(None);
            continue;
        };
        let node = Node::One(found.schema, found.at.clone());
        let hint = format!("{} request", draft.id.to_snake_case());
        let taken = fields.get(&target(&found)).cloned().unwrap_or_default();
        let made = schemas.body(&node, &hint, taken, found.media_type == FORM)?;
        schemas.write()?;
        bodies.push(match made {
            Ok(name) if schemas.written.get(&name).is_some_and(|schema| schema["properties"].is_object()) => {
                Some((found.media_type, name))
            }
            Ok(_) => {
                let message =
                    format!("the body of {} is left out: it has no properties that can be sent", draft.id);
                told.left_out.push((found.at, message));
                None
            }
            Err(why) => {
                told.refused.push((found.at, format!("the body of {} {why}", draft.id)));
                None
            }
        });
    }
    Ok(bodies)
}
