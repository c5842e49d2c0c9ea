//! The four providers once more, by their specs alone; and a small provider for what none of them has.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::Stub;
use crate::SPECS;
use crate::builder::Builder;
use crate::contract::examples;
use crate::exchange::{Received, Services};
use crate::fault::Reaction;
use crate::service::{Emulated, Service};

/// A sandbox with one more provider, which its spec alone describes.
fn services(name: &'static str, spec: &str) -> Services {
    let mut services = Builder::default().seed(7).services(&[]).unwrap();
    let stub = Stub::new(name, spec, Arc::clone(&services.clock), &services.mint.fork(), 100).unwrap();
    services.stubs.push(Emulated::of(stub, ""));
    services
}

fn stub(services: &Services) -> &Emulated<Stub> {
    services.stubs.last().unwrap()
}

/// Sends a request below the stub's name, with its credentials if it brings none of its own.
async fn send(
    services: &Services,
    method: &str,
    target: &str,
    headers: &[(&str, String)],
    body: &[u8],
) -> (u16, Value) {
    let stub = stub(services);
    let mut request = Request::builder().method(method).uri(format!("/{}{target}", stub.name()));
    let own: Vec<_> = stub.headers();
    let own = own.iter().map(|(name, value)| (*name, value.clone()));
    let given = headers.iter().map(|(name, value)| (*name, value.clone()));
    for (name, value) in if headers.is_empty() { own.collect::<Vec<_>>() } else { given.collect() } {
        request = request.header(name, value);
    }
    if !body.is_empty() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let received = Received { parts, body: Bytes::copy_from_slice(body) };
    let Reaction::Answer(answer) = services.exchange(None, received).await else {
        panic!("no fault was asked for")
    };
    (answer.status().as_u16(), serde_json::from_str(&answer.body()).unwrap_or_default())
}

async fn json_sent(services: &Services, method: &str, target: &str, body: &Value) -> (u16, Value) {
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    send(services, method, target, &[], &body).await
}

#[tokio::test]
async fn every_documented_request_of_every_spec_is_answered_as_documented() {
    for (provider, spec) in SPECS {
        let name: &'static str = format!("examples-of-{provider}").leak();
        let services = services(name, spec);
        let mut created = 0;
        for example in examples::of(spec).unwrap().iter().filter(|example| example.status.is_none()) {
            let target = ['"', '{', '}'].iter().fold(example.target.clone(), |target, sign| {
                target.replace(*sign, &format!("%{:X}", u32::from(*sign)))
            });
            let (status, body) = send(&services, &example.method, &target, &[], &example.body).await;
            let is_fine = status < 300
                || [404, 409].contains(&status)
                || body.to_string().contains("exist")
                || status == 403;
            let asks_for_other_credentials = status == 401 && example.operation == "authenticate";
            assert!(
                is_fine || asks_for_other_credentials,
                "{provider} {} {}: {status} {body}",
                example.operation,
                example.name
            );
            created += usize::from(!stub(&services).users().is_empty());
        }
        assert_eq!(services.log.deviations(), [""; 0], "{provider}");
        assert!(created > 0, "{provider} has made no user");
    }
}

#[tokio::test]
async fn a_user_is_created_once_found_and_read() {
    let services = services("stub-of-original", spec_of("original"));
    let ada = json!({ "email": "ada@example.com", "user_external_id": "member-42" });
    let (status, created) = json_sent(&services, "POST", "/v1/user", &ada).await;
    assert_eq!(status, 201, "{created}");
    let uid = created["data"]["uid"].as_str().unwrap().to_owned();
    assert!(
        uid.len() == 12 && uid.bytes().all(|it| it.is_ascii_digit()),
        "an id as the documented one: {uid}"
    );

    let (_, read) = json_sent(&services, "GET", &format!("/v1/user/{uid}"), &Value::Null).await;
    assert_eq!((&read["data"]["uid"], &read["data"]["email"]), (&json!(uid), &json!("ada@example.com")));
    let (_, found) = json_sent(&services, "GET", "/v1/user?user_external_id=member-42", &Value::Null).await;
    assert_eq!(found["data"]["uid"], uid);
    // What the documented user has, and this one was not given, is not hers.
    let eve = json!({ "email": "eve@example.com" });
    assert_eq!(json_sent(&services, "POST", "/v1/user", &eve).await.0, 201);
    let (_, eve) = json_sent(&services, "GET", "/v1/user?email=eve@example.com", &Value::Null).await;
    assert!(eve["data"]["user_external_id"].is_null(), "{eve}");
    let (status, nobody) = json_sent(&services, "GET", "/v1/user?email=bob@example.com", &Value::Null).await;
    assert_eq!((status, &nobody["success"], &nobody["data"]), (200, &json!(false), &Value::Null));
    assert_eq!(json_sent(&services, "GET", "/v1/user/1", &Value::Null).await.0, 404);

    let (status, again) = json_sent(&services, "POST", "/v1/user", &ada).await;
    assert_eq!((status, &again["error"]["detail"]["message"]), (400, &json!("User already exists.")));
    // Without a key, each is one more.
    for _ in 0..2 {
        assert_eq!(json_sent(&services, "POST", "/v1/user", &json!({})).await.0, 201);
    }
    assert_eq!(stub(&services).users().len(), 4);
    assert_eq!(services.log.deviations(), [""; 0]);
}

#[tokio::test]
async fn a_wrong_request_is_refused_before_anything_is_done_and_never_as_a_duplicate() {
    let services = services("refusals-of-original", spec_of("original"));
    let body = br#"{"email": "ada@example.com"}"#;
    for name in ["X-API-KEY", "Authorization"] {
        let mut headers: Vec<_> = stub(&services).headers();
        headers.iter_mut().filter(|(known, _)| *known == name).for_each(|(_, value)| value.push('x'));
        assert_eq!(send(&services, "POST", "/v1/user", &headers, body).await.0, 401, "{name}");
    }
    let (status, refused) = json_sent(&services, "POST", "/v1/user", &json!({ "email": "no address" })).await;
    assert_eq!(status, 400);
    assert!(!refused.to_string().contains("already exists"), "{refused}");
    assert_eq!(json_sent(&services, "PUT", "/v1/user", &Value::Null).await.0, 405);
    assert_eq!(json_sent(&services, "GET", "/v1/nothing", &Value::Null).await.0, 404);
    assert_eq!(stub(&services).users(), []);
    assert_eq!(services.log.deviations(), [""; 0]);
}

#[tokio::test]
async fn a_user_is_searched_for_changed_and_deleted() {
    let services = services("stub-of-streambird", spec_of("streambird"));
    let ada = json!({ "email": "ada@example.com", "first_name": "Ada" });
    let (status, created) = json_sent(&services, "POST", "/v1/auth/users/create", &ada).await;
    assert_eq!(status, 200, "{created}");
    let id = created["user_id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("user_"), "{id}");
    assert_eq!(json_sent(&services, "POST", "/v1/auth/users/create", &ada).await.0, 409);

    let search = |email: &str| {
        let field = json!({ "field": "email", "operator": "eq", "value": email });
        json!({ "limit": 10, "filters": { "operator": "AND", "fields": [field] } })
    };
    let (_, found) = json_sent(&services, "POST", "/v1/auth/users/search", &search("ada@example.com")).await;
    let users = found["users"].as_array().unwrap();
    assert_eq!((users.len(), &users[0]["user_id"]), (1, &json!(id)), "{found}");
    assert_eq!(users[0]["emails"][0]["email"], "ada@example.com");
    let (_, found) = json_sent(&services, "POST", "/v1/auth/users/search", &search("eve@example.com")).await;
    assert_eq!(found["users"], json!([]));

    let change = json!({ "first_name": "Augusta" });
    let (status, _) = json_sent(&services, "PUT", &format!("/v1/auth/users/{id}/update"), &change).await;
    assert_eq!(status, 200);
    assert_eq!(stub(&services).users()[0].fields["first_name"], "Augusta");
    let path = format!("/v1/auth/users/{id}");
    assert_eq!(json_sent(&services, "GET", &path, &Value::Null).await.1["user_id"], json!(id));
    assert_eq!(json_sent(&services, "DELETE", &format!("{path}/delete"), &Value::Null).await.0, 200);
    assert_eq!(json_sent(&services, "GET", &path, &Value::Null).await.0, 404);
    assert_eq!(
        json_sent(&services, "POST", "/v1/auth/users/create", &ada).await.0,
        200,
        "the key is free again"
    );
    assert_eq!(services.log.deviations(), [""; 0]);
}

#[tokio::test]
async fn an_upsert_updates_the_user_that_it_names() {
    let services = services("stub-of-haptik", spec_of("haptik"));
    for name in ["Ada", "Augusta"] {
        let body = json!({ "auth_id": "member-42", "name": name });
        let (status, answer) = json_sent(&services, "POST", "/v1.0/user/", &body).await;
        assert_eq!((status, &answer["auth_id"], &answer["name"]), (200, &json!("member-42"), &json!(name)));
    }
    let users = stub(&services).users();
    assert_eq!((users.len(), &users[0].fields["name"]), (1, &json!("Augusta")));
    assert_eq!(services.log.deviations(), [""; 0]);
}

#[tokio::test]
async fn a_token_is_handed_out_and_expires() {
    use base64::Engine as _;
    let services = services("stub-of-digipay", spec_of("digipay"));
    let credential = |name: &str| stub(&services).credential(name).unwrap().to_owned();
    let pair = format!("{}:{}", credential("client_id"), credential("client_secret"));
    let basic = format!("basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
    let company = ("CompanyID", credential("company_id"));
    let authenticate = examples::of(spec_of("digipay")).unwrap();
    let authenticate = authenticate.iter().find(|it| it.operation == "authenticate").unwrap();
    let headers = [company.clone(), ("Authorization", basic)];
    let (status, issued) = send(&services, "POST", &authenticate.target, &headers, &authenticate.body).await;
    assert_eq!(status, 200, "{issued}");
    let token = format!("Token {}", issued["data"]["access_token"].as_str().unwrap());
    let register = async |token: &str| {
        let headers = [company.clone(), ("Authorization", token.to_owned())];
        send(
            &services,
            "POST",
            "/digipay/v3/auth/user_register",
            &headers,
            br#"{"phone_number": "4155550123"}"#,
        )
        .await
        .0
    };
    assert_eq!(register(&token).await, 200);
    assert_eq!(register("Token fake").await, 401);
    assert_eq!(register(&token).await, 200);
    assert_eq!(stub(&services).users().len(), 2, "nothing is known to be unique");
    services.clock.advance(std::time::Duration::from_secs(3_600));
    assert_eq!(register(&token).await, 401);
    services.reset();
    assert_eq!(register(&token).await, 401, "a reset forgets the tokens");
    assert_eq!(services.log.deviations(), [""; 0]);
}

#[tokio::test]
async fn nothing_that_is_kept_is_printed_and_no_secret_is_shown() {
    let services = services("debug-of-digipay", spec_of("digipay"));
    let canaries = ["canary-password", "canary-name"];
    let body = json!({ "password": canaries[0], "firstname": canaries[1], "first_name": canaries[1] });
    let (status, answer) = json_sent(&services, "POST", "/digipay/v3/auth/user_register", &body).await;
    assert_eq!(status, 200, "{answer}");
    let user = &stub(&services).users()[0];
    let printed = format!("{user:?} {user:#?} {:?}", stub(&services));
    assert!(canaries.iter().all(|canary| !printed.contains(canary)), "{printed}");
    assert!(printed.contains("password: [personal]"), "{printed}");
    let state = stub(&services).state().to_string();
    assert!(!state.contains(canaries[0]) && state.contains(canaries[1]), "{state}");
}

/// Ids that are numbers, a list in pages, a link, and an update by a property of the body.
const SHOP: &str = r##"{
    "openapi": "3.0.3", "info": { "title": "Shop", "version": "1" },
    "servers": [{ "url": "https://shop.example.com/api/" }], "security": [],
    "paths": {
        "/people": {
            "post": {
                "operationId": "addPerson", "x-enroll-replay": { "class": "keyed", "keys": ["mail"] },
                "x-enroll-creates": { "id": "/person/number" },
                "requestBody": { "required": true, "content": { "application/json": { "schema": {
                    "$ref": "#/components/schemas/NewPerson" } } } },
                "responses": {
                    "201": { "description": "made",
                        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/One" } } },
                        "links": { "orders": { "operationId": "getOrders",
                            "parameters": { "of": "$response.body#/person/number" } } } },
                    "422": { "description": "no", "content": { "application/json": { "schema": {
                        "type": "object", "required": ["why"], "properties": { "why": { "type": "string" } } } } } } }
            },
            "get": {
                "operationId": "listPeople",
                "x-enroll-pagination": { "cursor": "after", "items": "/people", "next": "/number", "more": "/more" },
                "parameters": [
                    { "name": "after", "in": "query", "schema": { "type": "integer" } },
                    { "name": "mail", "in": "query", "schema": { "type": "string" } },
                    { "name": "limit", "in": "query", "schema": { "type": "integer" } } ],
                "responses": { "200": { "description": "all", "content": { "application/json": { "schema": {
                    "type": "object", "required": ["people", "more"], "properties": {
                        "people": { "type": "array", "items": { "$ref": "#/components/schemas/Person" } },
                        "more": { "type": "boolean" } } } } } } }
            },
            "patch": {
                "operationId": "changePerson",
                "requestBody": { "required": true, "content": { "application/json": { "schema": {
                    "type": "object", "required": ["number"], "properties": {
                        "number": { "type": "integer" }, "mail": { "type": "string" } } } } } },
                "responses": { "200": { "description": "done", "content": { "application/json": { "schema": {
                    "$ref": "#/components/schemas/One" } } } }, "404": { "description": "nobody" } }
            }
        },
        "/orders": { "get": {
            "operationId": "getOrders",
            "parameters": [{ "name": "of", "in": "query", "required": true, "schema": { "type": "integer" } }],
            "responses": { "200": { "description": "orders", "content": { "application/json": { "schema": {
                "type": "object", "properties": { "orders": { "type": "array", "items": { "type": "string" } } } } } } },
                "404": { "description": "nobody" } }
        } }
    },
    "components": { "schemas": {
        "NewPerson": { "type": "object", "properties": {
            "mail": { "type": "string" }, "nick": { "type": "string", "minLength": 3 } } },
        "Person": { "type": "object", "required": ["number"], "properties": {
            "number": { "type": "integer" }, "mail": { "type": "string", "nullable": true },
            "nick": { "type": "string" }, "parent": { "$ref": "#/components/schemas/Person" } } },
        "One": { "type": "object", "required": ["person"], "properties": {
            "person": { "$ref": "#/components/schemas/Person" } } }
    } }
}"##;

#[tokio::test]
async fn a_list_comes_in_pages_and_ids_are_of_their_type() {
    let services = services("shop", SHOP);
    assert_eq!(stub(&services).base_url(), "/api");
    let mut numbers = Vec::new();
    for mail in ["ada@example.com", "eve@example.com", "bob@example.com"] {
        let (status, made) = json_sent(&services, "POST", "/api/people", &json!({ "mail": mail })).await;
        assert_eq!((status, &made["person"]["mail"]), (201, &json!(mail)), "{made}");
        assert!(made["person"].get("nick").is_none(), "{made}");
        numbers.push(made["person"]["number"].as_u64().unwrap());
    }
    let list =
        async |query: &str| json_sent(&services, "GET", &format!("/api/people{query}"), &Value::Null).await.1;
    let numbers_of = |list: &Value| -> Vec<u64> {
        list["people"].as_array().unwrap().iter().map(|it| it["number"].as_u64().unwrap()).collect()
    };
    let page = list("?limit=2").await;
    assert_eq!((numbers_of(&page), &page["more"]), (numbers[..2].to_vec(), &json!(true)));
    let page = list(&format!("?limit=2&after={}", numbers[1])).await;
    assert_eq!((numbers_of(&page), &page["more"]), (numbers[2..].to_vec(), &json!(false)));
    assert_eq!(numbers_of(&list("?mail=eve@example.com").await), [numbers[1]]);

    let change = async |number: u64, mail: &str| {
        json_sent(&services, "PATCH", "/api/people", &json!({ "number": number, "mail": mail })).await
    };
    assert_eq!(change(numbers[0], "augusta@example.com").await.1["person"]["mail"], "augusta@example.com");
    assert_eq!(change(7, "nobody@example.com").await.0, 404);
    let orders = async |number: u64| {
        json_sent(&services, "GET", &format!("/api/orders?of={number}"), &Value::Null).await.0
    };
    assert_eq!((orders(numbers[0]).await, orders(7).await), (200, 404));
    let (status, twice) =
        json_sent(&services, "POST", "/api/people", &json!({ "mail": "bob@example.com" })).await;
    assert_eq!((status, twice["why"].is_string()), (422, true));
    assert_eq!(json_sent(&services, "POST", "/api/people", &json!({ "nick": "x" })).await.0, 422);
    assert_eq!(services.log.deviations(), [""; 0]);
}

/// Schemas that contain themselves in every way.
const ENDLESS: &str = r##"{
    "openapi": "3.0.3", "info": { "title": "Endless", "version": "1" }, "security": [],
    "paths": { "/users": { "post": {
        "operationId": "createUser", "x-enroll-creates": { "id": "/next/id" },
        "responses": { "200": { "description": "made", "content": { "application/json": { "schema": {
            "$ref": "#/components/schemas/Node" } } } } }
    } } },
    "components": { "schemas": {
        "Node": { "type": "object", "required": ["next"], "properties": {
            "next": { "$ref": "#/components/schemas/Node" },
            "all": { "type": "array", "minItems": 2, "items": { "$ref": "#/components/schemas/Node" } },
            "any": { "anyOf": [{ "$ref": "#/components/schemas/Node" }, { "type": "string" }] },
            "lists": { "$ref": "#/components/schemas/Lists" } } },
        "Lists": { "type": "array", "minItems": 1, "items": { "$ref": "#/components/schemas/Lists" } }
    } }
}"##;

#[tokio::test]
async fn schemas_without_an_end_are_answered_all_the_same() {
    let services = services("endless", ENDLESS);
    let (status, made) = json_sent(&services, "POST", "/users", &Value::Null).await;
    assert_eq!(status, 200);
    assert!(made["next"]["id"].is_string() && made.to_string().len() < 100_000, "{made}");
    // Nothing could be as it documents.
    assert_eq!(services.log.deviations().len(), 1);
}

fn spec_of(provider: &str) -> &'static str {
    SPECS.iter().find(|(name, _)| *name == provider).unwrap().1
}
