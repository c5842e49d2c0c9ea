//! Schemas: open where the provider may add, no stricter than what is known, and keywords that mean something.

use std::collections::BTreeSet;

use super::rules::{
    DEFAULT, DUPLICATE, FORMAT, LIMITS, MEDIA_TYPE, MISPLACED_KEYWORD, OPEN_OBJECT, OPEN_VOCABULARY,
    SHARED_SCHEMA, STRICT_RESPONSE,
};
use super::validation::Schemas;
use super::view::{Kind, Node, View, entries, items, text};

/// Keywords that speak of one type only, beside that type.
const KEYWORDS: [(&str, &[&str]); 14] = [
    ("minLength", &["string"]),
    ("maxLength", &["string"]),
    ("pattern", &["string"]),
    ("minimum", &["integer", "number"]),
    ("maximum", &["integer", "number"]),
    ("exclusiveMinimum", &["integer", "number"]),
    ("exclusiveMaximum", &["integer", "number"]),
    ("multipleOf", &["integer", "number"]),
    ("items", &["array"]),
    ("minItems", &["array"]),
    ("maxItems", &["array"]),
    ("uniqueItems", &["array"]),
    ("properties", &["object"]),
    ("additionalProperties", &["object"]),
];

/// Keywords by which a value that came back could be refused.
const STRICT: [&str; 11] = [
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// Formats, and the types that they belong to. Those of time are ours.
const FORMATS: [(&str, &[&str]); 20] = [
    ("int32", &["integer"]),
    ("int64", &["integer"]),
    ("float", &["number"]),
    ("double", &["number"]),
    ("epoch-seconds", &["integer", "number"]),
    ("epoch-milliseconds", &["integer", "number"]),
    ("byte", &["string"]),
    ("binary", &["string"]),
    ("date", &["string"]),
    ("date-time", &["string"]),
    ("time", &["string"]),
    ("password", &["string"]),
    ("email", &["string"]),
    ("uuid", &["string"]),
    ("uri", &["string"]),
    ("uri-reference", &["string"]),
    ("hostname", &["string"]),
    ("ipv4", &["string"]),
    ("ipv6", &["string"]),
    ("regex", &["string"]),
];

type Found = Vec<(&'static str, String, String)>;

pub(super) fn check(view: &mut View<'_>) {
    let schemas = Schemas::new(view.root);
    let mut found = Vec::new();
    for node in &view.nodes {
        if node.is_schema() {
            keywords(node, &mut found);
            unions(node, &mut found);
            openness(view, node, &mut found);
            strictness(view, node, &mut found);
            default(node, &schemas, &mut found);
        } else if node.kind == Kind::MediaType {
            media_type(view, node, &mut found);
        }
    }
    for (rule, at, message) in found {
        view.report(rule, &at, message);
    }
}

fn keywords(node: &Node<'_>, found: &mut Found) {
    let (schema, at) = (node.value, &node.pointer);
    lists(node, found);
    says_nothing(node, found);
    let Some(ty) = schema["type"].as_str() else { return };
    for (keyword, types) in KEYWORDS {
        if schema.get(keyword).is_some() && !types.contains(&ty) {
            let message = format!("says nothing of a value of type `{ty}`; take it out, or correct the type");
            found.push((MISPLACED_KEYWORD, format!("{at}/{keyword}"), message));
        }
    }
    if let Some(format) = schema["format"].as_str() {
        let types = FORMATS.iter().find(|(known, _)| *known == format).map(|(_, types)| *types);
        if !types.is_some_and(|types| types.contains(&ty)) {
            let nearest = FORMATS
                .iter()
                .filter(|(known, types)| types.contains(&ty) && *known != format)
                .map(|(known, _)| (strsim::damerau_levenshtein(known, format), *known))
                .min()
                .filter(|(distance, _)| *distance <= 2);
            let cure = match nearest {
                Some((_, known)) => format!("did you mean `{known}`?"),
                None => "take it out, and say the form in the description".to_owned(),
            };
            found.push((
                FORMAT,
                format!("{at}/format"),
                format!("`{format}` is no format of type `{ty}`; {cure}"),
            ));
        }
    }
    for (least, greatest) in [
        ("minimum", "maximum"),
        ("minLength", "maxLength"),
        ("minItems", "maxItems"),
        ("minProperties", "maxProperties"),
    ] {
        if let (Some(low), Some(high)) = (schema[least].as_f64(), schema[greatest].as_f64())
            && low > high
        {
            let message = format!("is above `{greatest}`, so that no value is right; correct one of them");
            found.push((LIMITS, format!("{at}/{least}"), message));
        }
    }
    if schema["multipleOf"].as_f64().is_some_and(|step| step <= 0.0) {
        found.push((LIMITS, format!("{at}/multipleOf"), "must be above zero".to_owned()));
    }
}

/// A schema that says nothing is any JSON, and was seldom meant to be.
fn says_nothing(node: &Node<'_>, found: &mut Found) {
    let (schema, at) = (node.value, &node.pointer);
    let says =
        ["type", "allOf", "anyOf", "oneOf", "not", "enum"].iter().any(|key| schema.get(*key).is_some());
    let one_of_these = schema.get("required").is_some() && at.contains("Of/");
    // `items: {}` says as plainly as it can that anything goes. As a branch it would make the others pointless.
    let anything = schema.as_object().is_some_and(serde_json::Map::is_empty)
        && ["/items", "/additionalProperties", "/schema"].iter().any(|end| at.ends_with(end));
    let any = text(&schema["description"]).to_lowercase().contains("any json");
    if let Some((keyword, types)) =
        KEYWORDS.iter().find(|(keyword, _)| !says && schema.get(*keyword).is_some())
    {
        let message = format!("has `{keyword}` and no `type`; add `type: {}`", types[0]);
        found.push(("schema", at.clone(), message));
    } else if !says && !one_of_these && !any && !anything {
        let message =
            "says nothing of the value; add a `type`, or say in the description that it is any JSON";
        found.push(("schema", at.clone(), message.to_owned()));
    }
}

/// Branches that make no difference.
fn unions(node: &Node<'_>, found: &mut Found) {
    for key in ["anyOf", "oneOf"] {
        let branches = node.value[key].as_array().map(Vec::as_slice).unwrap_or_default();
        let at = format!("{}/{key}", node.pointer);
        if branches.len() == 1 {
            let message = "has one branch only; write that in its place";
            found.push(("composition", at.clone(), message.to_owned()));
        }
        for (index, branch) in branches.iter().enumerate() {
            if branches[..index].contains(branch) {
                let message = "is the same as a branch before it; take it out, or correct it";
                found.push((DUPLICATE, format!("{at}/{index}"), message.to_owned()));
            }
        }
    }
}

/// Lists that name things.
fn lists(node: &Node<'_>, found: &mut Found) {
    let (schema, at) = (node.value, &node.pointer);
    for list in ["required", "enum"] {
        if schema[list].as_array().is_some_and(Vec::is_empty) {
            found.push((
                "schema",
                format!("{at}/{list}"),
                "is empty; leave the key out, or fill it".to_owned(),
            ));
        }
        let mut seen = BTreeSet::new();
        for (index, value) in items(&schema[list]).enumerate() {
            if !seen.insert(value.to_string()) {
                let message = format!("{value} stands here a second time; take it out, or correct it");
                found.push((DUPLICATE, format!("{at}/{list}/{index}"), message));
            }
        }
    }
}

fn openness(view: &View<'_>, node: &Node<'_>, found: &mut Found) {
    let (schema, at) = (node.value, &node.pointer);
    if schema["additionalProperties"] == false {
        let message = "refuses what the provider may add tomorrow; take it out";
        found.push((OPEN_OBJECT, format!("{at}/additionalProperties"), message.to_owned()));
    }
    let (_, received) = view.directions(node);
    if received && schema["type"] == "string" && schema["enum"].is_array() && !is_open(view, at) {
        let message = "is closed, and a new word would make the answer unreadable; write `anyOf` with these words and \
                       then `type: string`";
        found.push((OPEN_VOCABULARY, format!("{at}/enum"), message.to_owned()));
    }
}

/// Whether any text may stand where the enum at `pointer` stands.
fn is_open(view: &View<'_>, pointer: &str) -> bool {
    let Some(union) = pointer.strip_suffix("/anyOf/0").and_then(|at| view.root.pointer(at)) else {
        return false;
    };
    items(&union["anyOf"]).skip(1).any(|branch| branch["type"] == "string" && branch.get("enum").is_none())
}

fn strictness(view: &View<'_>, node: &Node<'_>, found: &mut Found) {
    let (schema, at) = (node.value, &node.pointer);
    let (sent, received) = view.directions(node);
    if !received {
        return;
    }
    for keyword in STRICT.iter().filter(|keyword| schema.get(**keyword).is_some()) {
        let message = "does not belong on an answer; take it out, and say it in the description";
        found.push((STRICT_RESPONSE, format!("{at}/{keyword}"), message.to_owned()));
    }
    let evidence = &schema["x-enroll-evidence"];
    let assumed = ["documented", "observed"].iter().all(|kind| evidence.get(*kind).is_none());
    if node.required && evidence.get("assumed").is_some() && assumed {
        let message = "is required of the answer and only assumed to be there; take it out of `required`";
        found.push((STRICT_RESPONSE, at.clone(), message.to_owned()));
    }
    if sent && node.kind == Kind::NamedSchema && schema["properties"].is_object() {
        let message = "is both sent and received; give the request and the answer a schema each";
        found.push((SHARED_SCHEMA, at.clone(), message.to_owned()));
    }
}

fn default(node: &Node<'_>, schemas: &Schemas<'_>, found: &mut Found) {
    let Some(value) = node.value.get("default") else { return };
    let at = format!("{}/default", node.pointer);
    if let Some((_, message)) = schemas.error(&node.pointer, value) {
        let message = format!("does not satisfy its own schema: {message}; correct one of the two");
        found.push((DEFAULT, at, message));
    } else if node.required {
        let message = "is never used, since the property is required; take it out".to_owned();
        found.push((DEFAULT, at, message));
    }
}

fn media_type(view: &View<'_>, node: &Node<'_>, found: &mut Found) {
    let essence = node.name.split(';').next().unwrap_or_default().trim();
    let token = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&^_.+-*".contains(c))
    };
    if !essence.split_once('/').is_some_and(|(ty, subtype)| token(ty) && token(subtype)) {
        let message = format!("`{}` is no media type; write it like `application/json`", node.name);
        found.push((MEDIA_TYPE, node.pointer.clone(), message));
        return;
    }
    if node.value.get("schema").is_none() && !essence.ends_with('*') {
        let message = "says nothing of the body; add a `schema`, or leave `content` out if there is none";
        found.push(("schema", node.pointer.clone(), message.to_owned()));
    }
    let structured = ["json", "xml", "x-www-form-urlencoded", "form-data"];
    let is_structured = structured.iter().any(|kind| essence.ends_with(kind));
    let (schema, _) = view.resolve(&node.value["schema"], "");
    let object = text(&schema["type"]) == "object" || entries(&schema["properties"]).next().is_some();
    if object && !is_structured {
        let message =
            format!("a body of type `{essence}` has no properties; correct the type, or the schema");
        found.push((MEDIA_TYPE, node.pointer.clone(), message));
    }
}
