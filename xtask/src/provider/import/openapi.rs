//! An OpenAPI document of somebody else's as a spec of the house, reduced to the chosen operations.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToSnakeCase, ToUpperCamelCase};
use serde_json::{Map, Value, json};

use super::choose::Chosen;
use super::document::{Document, escape};
use super::examples;
use super::flatten::{Flattener, Node, items};
use super::names::{TAKEN, operation_id};
use super::parameters::Parameters;
use super::private::prose;
use super::schemas::{Schemas, Side};
use super::{Origin, bodies, security, servers};
use crate::spec::VERBS;

/// What was made, and what was left out, each with its place in the document.
pub(super) struct Imported {
    pub(super) spec: Map<String, Value>,
    pub(super) notes: Vec<String>,
}

/// What is said on the way: refusals stop the import, notes do not.
#[derive(Default)]
pub(super) struct Told {
    pub(super) refused: Vec<(String, String)>,
    pub(super) left_out: Vec<(String, String)>,
}

/// An operation on its way.
pub(super) struct Draft<'a> {
    pub(super) at: String,
    path: String,
    pub(super) method: String,
    pub(super) id: String,
    pub(super) operation: &'a Value,
    parameters: Vec<Value>,
    /// The names in Rust that its builder has.
    pub(super) fields: BTreeSet<String>,
    responses: Map<String, Value>,
    notes: Vec<String>,
}

pub(super) fn import(
    name: &str,
    document: &Document,
    chosen: &[Chosen<'_>],
    origin: &Origin,
) -> Result<Imported, String> {
    let mut told = Told::default();
    let mut ids = BTreeSet::new();
    let flattener = Flattener::new(document);
    let mut drafts = Vec::new();
    for Chosen { path, method, operation, at } in chosen {
        let id = operation_id(&wished_id(path, method, operation), &mut ids);
        drafts.push(Draft {
            at: at.clone(),
            path: (*path).to_owned(),
            method: (*method).to_owned(),
            id,
            operation,
            parameters: Vec::new(),
            fields: TAKEN.iter().map(|name| (*name).to_owned()).collect(),
            responses: Map::new(),
            notes: Vec::new(),
        });
    }
    let mut taken: BTreeSet<String> = RESERVED.iter().map(|name| (*name).to_owned()).collect();
    for draft in &drafts {
        let upper = draft.id.to_snake_case().to_upper_camel_case();
        taken.extend(["Success", "Failure"].map(|word| format!("{upper}{word}")));
    }
    let mut schemas = Schemas::new(flattener, origin.evidence(), taken);
    // Answers first: what both sides use has its plain name in answers.
    for draft in &mut drafts {
        responses(draft, &mut schemas, origin)?;
        schemas.write()?;
    }
    let mut found = Vec::new();
    for draft in &mut drafts {
        let item = &document.value["paths"][draft.path.as_str()];
        let mut parameters = Parameters { schemas: &mut schemas, told: &mut told, fields: &mut draft.fields };
        let made = parameters.read(&draft.path, &draft.at, draft.operation, item, &draft.id)?;
        draft.parameters = made.parameters;
        draft.notes.extend(made.notes);
        found.push(bodies::find(draft, &schemas.flattener, &mut told)?);
    }
    let bodies = bodies::write(&drafts, found, &mut schemas, &mut told)?;
    one_path_each(&mut drafts);
    schemas.exemplify();

    let schemes = security::schemes(
        name,
        document,
        &drafts.iter().map(|draft| draft.operation).collect::<Vec<_>>(),
        origin,
    );
    let mut paths = Map::new();
    let mut tags = Vec::new();
    for (draft, body) in drafts.into_iter().zip(bodies) {
        let (at, path, method) = (draft.at.clone(), draft.path.clone(), draft.method.clone());
        let security = schemes.of(draft.operation);
        let operation = operation(draft, body, security, &schemas.written, origin, &mut tags);
        let item = paths.entry(path).or_insert_with(|| json!({}));
        let method = method.to_lowercase();
        if item.get(&method).is_some() {
            told.refused.push((
                at,
                "differs from another one only in the names of its parameters; leave one out".to_owned(),
            ));
            continue;
        }
        item[method] = operation;
    }
    if !told.refused.is_empty() {
        return Err(document.findings(&told.refused).join("\n"));
    }
    let servers = servers::servers(name, document);
    let shouty = name.replace('-', "_").to_uppercase();
    let mut base_url = json!({"env": format!("{shouty}_BASE_URL")});
    if servers.iter().any(|server| server.get("x-enroll-environment").is_some()) {
        base_url["environment"] = format!("{shouty}_ENVIRONMENT").into();
    }
    let info = &document.value["info"];
    let title = short(&info["title"], name);
    let mut spec = Map::new();
    spec.insert("openapi".to_owned(), "3.0.3".into());
    spec.insert(
        "info".to_owned(),
        json!({"title": title, "version": version(info), "description": introduction(info, origin)}),
    );
    spec.insert("servers".to_owned(), servers.into());
    spec.insert("tags".to_owned(), tags.into());
    if let Some(security) = schemes.common() {
        spec.insert("security".to_owned(), security);
    }
    spec.insert("x-enroll-base-url".to_owned(), base_url);
    if !schemes.credentials.is_empty() {
        spec.insert("x-enroll-credentials".to_owned(), schemes.credentials.clone().into());
    }
    spec.insert("x-enroll-sources".to_owned(), origin.sources(&title, &version(info), &document.value));
    spec.insert("paths".to_owned(), paths.into());
    let mut components = Map::new();
    if !schemes.schemes.is_empty() {
        components.insert("securitySchemes".to_owned(), schemes.schemes.clone().into());
    }
    components.insert("schemas".to_owned(), reached(&spec, schemas.written).into());
    spec.insert("components".to_owned(), components.into());
    Ok(Imported { spec, notes: document.findings(&told.left_out) })
}

/// Paths that differ only in the names of their parameters are one; the names never travel.
fn one_path_each(drafts: &mut [Draft<'_>]) {
    let shape = |path: &str| -> String {
        path.split('{')
            .map(|part| part.split_once('}').map_or(part, |(_, rest)| rest))
            .collect::<Vec<_>>()
            .join("{}")
    };
    let names = |path: &str| -> Vec<String> {
        path.split('{').skip(1).filter_map(|part| part.split('}').next()).map(str::to_owned).collect()
    };
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    for draft in drafts {
        let path = first.entry(shape(&draft.path)).or_insert_with(|| draft.path.clone()).clone();
        for (old, new) in names(&draft.path).into_iter().zip(names(&path)).filter(|(old, new)| old != new) {
            let own = |parameter: &&mut Value| parameter["in"] == "path" && parameter["name"] == old.as_str();
            if let Some(parameter) = draft.parameters.iter_mut().find(own) {
                parameter["name"] = new.into();
                if parameter.get("x-enroll-name").is_none() && !old.to_snake_case().is_empty() {
                    parameter["x-enroll-name"] = old.to_snake_case().into();
                }
            }
        }
        draft.path = path;
    }
}

/// Names that the generated code uses itself, or in which forms of answers are told apart.
const RESERVED: [&str; 22] = [
    "Boolean",
    "Box",
    "Bytes",
    "Client",
    "Default",
    "Empty",
    "EpochMillis",
    "EpochSeconds",
    "Error",
    "Integer",
    "IntegerOrString",
    "Json",
    "Number",
    "Object",
    "Option",
    "Personal",
    "Result",
    "Secret",
    "String",
    "Text",
    "Value",
    "Vec",
];

/// The schemas that something refers to.
fn reached(spec: &Map<String, Value>, mut schemas: Map<String, Value>) -> Map<String, Value> {
    let mut open: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    references(&Value::Object(spec.clone()), &mut open);
    while let Some(name) = open.pop() {
        if seen.insert(name.clone())
            && let Some(schema) = schemas.get(&name)
        {
            references(schema, &mut open);
        }
    }
    schemas.retain(|name, _| seen.contains(name));
    schemas
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value.as_str().and_then(|target| target.strip_prefix("#/components/schemas/")) {
                    Some(name) if key == "$ref" => found.push(name.to_owned()),
                    _ => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

fn short(value: &Value, otherwise: &str) -> String {
    match value.as_str().map(|text| prose(text, 80)) {
        Some(text) if !text.is_empty() => text.trim_end_matches('.').to_owned(),
        _ => otherwise.to_owned(),
    }
}

fn version(info: &Value) -> String {
    match &info["version"] {
        Value::String(text) if !text.trim().is_empty() => prose(text, 40).trim_end_matches('.').to_owned(),
        Value::Number(number) => number.to_string(),
        _ => "unknown".to_owned(),
    }
}

fn introduction(info: &Value, origin: &Origin) -> String {
    let own = info["description"].as_str().map(|text| prose(text, 600)).unwrap_or_default();
    let note = origin.introduction();
    if own.is_empty() { note.to_owned() } else { format!("{own}\n{note}") }
}

/// The operation's own id, or one made from its method and path.
fn wished_id(path: &str, method: &str, operation: &Value) -> String {
    match operation["operationId"].as_str().filter(|id| id.chars().any(|c| c.is_ascii_alphabetic())) {
        Some(id) => with_verb(id, method),
        None => with_verb(&made_id(path, method), method),
    }
}

/// An id that begins with a verb, which many have at the end: `usersCreate`.
fn with_verb(id: &str, method: &str) -> String {
    let ascii: String = id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let snake = ascii.to_snake_case();
    let mut words: Vec<&str> = snake.split('_').filter(|word| !word.is_empty()).collect();
    if words.first().is_some_and(|first| VERBS.contains(first)) {
        return id.to_owned();
    }
    let verb = match words.iter().position(|word| VERBS.contains(word)) {
        Some(at) => words.remove(at),
        None => {
            words.retain(|word| !["get", "post", "put", "patch", "delete"].contains(word));
            verb(method, false)
        }
    };
    if words.first().is_none_or(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
        words.insert(0, "item");
    }
    words.insert(0, verb);
    words.join(" ")
}

fn verb(method: &str, is_list: bool) -> &'static str {
    match method {
        "GET" if is_list => "list",
        "POST" => "create",
        "PUT" => "replace",
        "PATCH" => "update",
        "DELETE" => "delete",
        "HEAD" => "check",
        _ => "get",
    }
}

pub(super) fn made_id(path: &str, method: &str) -> String {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let is_item = segments.last().is_some_and(|segment| segment.contains('{'));
    let words: Vec<&str> = segments.iter().filter(|segment| !segment.contains('{')).copied().collect();
    let plural = words.last().is_some_and(|word| word.ends_with('s'));
    let verb = verb(method, plural && !is_item);
    let count = words.len();
    let mut named = verb.to_owned();
    for (index, word) in words.iter().enumerate() {
        let version = word.len() <= 4
            && word.starts_with('v')
            && word[1..].chars().all(|c| c.is_ascii_digit() || c == '.');
        if version || *word == "api" {
            continue;
        }
        let last = index + 1 == count;
        let one = last && verb != "list" && word.len() > 3 && word.ends_with('s') && !word.ends_with("ss");
        named.push(' ');
        named.push_str(if one { &word[..word.len() - 1] } else { word });
    }
    named.to_lowercase()
}

pub(super) fn is_json(media_type: &str) -> bool {
    let name = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    name == "application/json" || name == "text/json" || name == "*/*" || name.ends_with("+json")
}

fn responses<'a>(draft: &mut Draft<'a>, schemas: &mut Schemas<'a>, origin: &Origin) -> Result<(), String> {
    let at = format!("{}/responses", draft.at);
    for (code, response) in draft.operation["responses"].as_object().into_iter().flatten() {
        let at = format!("{at}/{}", escape(code));
        let status = code.to_uppercase();
        let known = match status.parse::<u16>() {
            Ok(number) => (100..600).contains(&number) && status.len() == 3,
            Err(_) => matches!(status.as_str(), "1XX" | "2XX" | "3XX" | "4XX" | "5XX" | "DEFAULT"),
        };
        if !known || !response.is_object() {
            continue;
        }
        let status = if status == "DEFAULT" { "default".to_owned() } else { status };
        let (response, at) = schemas.flattener.resolve(response, &at)?;
        let description = match response["description"].as_str().map(|text| prose(text, 240)) {
            Some(text) if !text.is_empty() => text,
            _ => format!("Status {status}; nothing more is known of it."),
        };
        let mut written = Map::new();
        written.insert("description".to_owned(), description.into());
        written.insert("x-enroll-evidence".to_owned(), origin.evidence());
        let content = response["content"].as_object();
        let picked = content.and_then(|content| {
            content.iter().find(|(name, _)| is_json(name)).or_else(|| content.iter().next())
        });
        if let Some((media_type, media)) = picked {
            let hint = match status.as_str() {
                "200" | "201" | "202" | "2XX" => format!("{} response", draft.id.to_snake_case()),
                other => format!("{} {other} response", draft.id.to_snake_case()),
            };
            let schema = match media.get("schema") {
                _ if !is_json(media_type) => json!({"type": "string"}),
                Some(schema) => {
                    let node = Node::One(schema, format!("{at}/content/{}/schema", escape(media_type)));
                    let used = schemas.used(&node, &hint, "", Side::Answer)?;
                    if used.nullable { json!({}) } else { used.schema.into() }
                }
                None => json!({}),
            };
            let vendors = media_type.starts_with("application/") && media_type.ends_with("+json");
            let name = if !is_json(media_type) || vendors { media_type.as_str() } else { "application/json" };
            let mut content = Map::new();
            content.insert(name.to_owned(), json!({"schema": schema}));
            written.insert("content".to_owned(), content.into());
        }
        draft.responses.insert(status, written.into());
    }
    let is_success = |status: &String| status.starts_with('2');
    if !draft.responses.keys().any(is_success) {
        let response = json!({
            "description": "The call went well; nothing more is known of the answer.",
            "x-enroll-evidence": {"assumed": "That calls can go well; nothing is said of how."},
        });
        draft.responses.shift_insert(0, "2XX".to_owned(), response);
    }
    let is_failure = |status: &String| status.starts_with(['4', '5']) || status == "default";
    if !draft.responses.keys().any(is_failure) {
        let response = json!({
            "description": "Any other answer; nothing is known of it.",
            "x-enroll-evidence": {"assumed": "That calls can fail; nothing is said of how."},
        });
        draft.responses.insert("default".to_owned(), response);
    }
    Ok(())
}

fn operation(
    draft: Draft<'_>,
    body: Option<(String, String)>,
    security: Option<Value>,
    schemas: &Map<String, Value>,
    origin: &Origin,
    tags: &mut Vec<Value>,
) -> Value {
    let source = draft.operation;
    let mut operation = Map::new();
    operation.insert("operationId".to_owned(), draft.id.clone().into());
    let tag = items(source.get("tags"))
        .find_map(Value::as_str)
        .map(|tag| prose(tag, 60))
        .filter(|tag| !tag.is_empty());
    let tag = tag.map_or_else(|| "operations".to_owned(), |tag| tag.trim_end_matches('.').to_owned());
    if !tags.iter().any(|known| known["name"] == tag) {
        tags.push(json!({"name": tag, "description": "As the operations are grouped."}));
    }
    operation.insert("tags".to_owned(), json!([tag]));
    let summary = source["summary"].as_str().map(|text| prose(text, 90)).filter(|text| !text.is_empty());
    let words = draft.id.to_snake_case().replace('_', " ");
    let summary = summary.unwrap_or_else(|| {
        let mut letters = words.chars();
        letters
            .next()
            .map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
    });
    operation.insert("summary".to_owned(), summary.clone().into());
    let mut description = source["description"].as_str().map(|text| prose(text, 600)).unwrap_or_default();
    if description.is_empty() {
        description = format!("{summary} Nothing more is known of it.");
    }
    for note in draft.notes.iter().filter(|note| !note.is_empty()) {
        description.push(' ');
        description.push_str(note);
    }
    operation.insert("description".to_owned(), description.into());
    if source["deprecated"] == true {
        operation.insert("deprecated".to_owned(), true.into());
    }
    operation.insert("x-enroll-evidence".to_owned(), origin.evidence());
    operation.insert("x-enroll-replay".to_owned(), replay(&draft.method, origin));
    if let Some(pointer) = created_id(&draft, schemas) {
        operation.insert("x-enroll-creates".to_owned(), json!({"id": pointer}));
    }
    if let Some(security) = security {
        operation.insert("security".to_owned(), security);
    }
    if !draft.parameters.is_empty() {
        let mut parameters = draft.parameters;
        for parameter in &mut parameters {
            let name = parameter["name"].as_str().unwrap_or_default().to_owned();
            let mut schema = parameter["schema"].clone();
            if let (Some(schema), Some(private)) = (schema.as_object_mut(), parameter.get("x-enroll-private"))
            {
                schema.insert("x-enroll-private".to_owned(), private.clone());
            }
            parameter["example"] = examples::example(&schema, &name, schemas, 3);
        }
        operation.insert("parameters".to_owned(), parameters.into());
    }
    if let Some((media_type, name)) = body {
        let schema = json!({"$ref": format!("#/components/schemas/{name}")});
        let value = examples::example(&schema, "", schemas, 0);
        let mut content = Map::new();
        content.insert(
            media_type,
            json!({"schema": schema, "examples": {"typical": {"summary": MADE_UP, "value": value}}}),
        );
        operation.insert(
            "requestBody".to_owned(),
            json!({"description": "What is sent.", "required": true, "content": content}),
        );
    }
    let mut responses = draft.responses;
    for response in responses.values_mut() {
        let content = response.get_mut("content").and_then(Value::as_object_mut);
        for media in content.into_iter().flat_map(|content| content.values_mut()) {
            let value = examples::example(&media["schema"], "", schemas, 0);
            media["examples"] = json!({"typical": {"summary": MADE_UP, "value": value}});
        }
    }
    operation.insert("responses".to_owned(), responses.into());
    operation.into()
}

const MADE_UP: &str = "Made up from the schema.";

fn replay(method: &str, origin: &Origin) -> Value {
    if matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE") {
        return json!({"class": "safe", "because": "It only reads, as its method says."});
    }
    json!({"class": "never", "because": origin.never_because()})
}

/// Where the new account's id stands in the answer, for an operation that seems to make one.
fn created_id(draft: &Draft<'_>, schemas: &Map<String, Value>) -> Option<String> {
    const PEOPLE: [&str; 12] = [
        "user",
        "account",
        "member",
        "customer",
        "identit",
        "person",
        "people",
        "subscriber",
        "player",
        "contact",
        "profile",
        "guest",
    ];
    let about_people = |text: &str| PEOPLE.iter().any(|word| text.to_lowercase().contains(word));
    let snake = draft.id.to_snake_case();
    let verb =
        ["create", "register", "signup", "sign_up", "add", "insert"].iter().any(|verb| snake.contains(verb));
    let last = draft.path.rsplit('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    let creates =
        draft.method == "POST" && !last.contains('{') && verb && (about_people(last) || about_people(&snake));
    if !creates {
        return None;
    }
    let response = ["201", "200", "2XX"].iter().find_map(|status| draft.responses.get(*status))?;
    let media = response["content"].as_object()?.values().next()?;
    let object = named(&media["schema"], schemas)?;
    if let Some(id) = id_of(object) {
        return Some(format!("/{id}"));
    }
    ["data", "user", "account", "result", "identity", "customer", "member"].iter().find_map(|key| {
        let inner = named(&object["properties"][*key], schemas)?;
        Some(format!("/{key}/{}", id_of(inner)?))
    })
}

fn named<'v>(schema: &'v Value, schemas: &'v Map<String, Value>) -> Option<&'v Value> {
    let reference = schema["$ref"].as_str().or_else(|| schema["allOf"][0]["$ref"].as_str())?;
    schemas.get(reference.strip_prefix("#/components/schemas/")?)
}

fn id_of(object: &Value) -> Option<&'static str> {
    const IDS: [&str; 10] =
        ["id", "uid", "uuid", "user_id", "userId", "sid", "sub", "pk", "account_id", "accountId"];
    IDS.into_iter()
        .find(|id| matches!(object["properties"][*id]["type"].as_str(), Some("string" | "integer")))
}
