//! What becomes of OpenAPI's schemas, and which documents are refused.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::check;
use crate::contract::{Contract, Kind, Route, Violation};

/// A document with one operation, whose body and answer have the schema `Body`.
fn document(schemas: &Value) -> Value {
    let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Body" } } });
    json!({
        "openapi": "3.0.3",
        "info": { "title": "test", "version": "1" },
        "servers": [{ "url": "https://{host}/base/", "variables": { "host": { "default": "example.com" } } }],
        "paths": {
            "/things/{id}": {
                "parameters": [
                    { "$ref": "#/components/parameters/Id" },
                    { "name": "X-Trace", "in": "header", "schema": { "type": "string" } },
                ],
                "put": {
                    "operationId": "putThing",
                    "parameters": [
                        { "name": "X-Trace", "in": "header", "required": true, "schema": { "type": "integer" } },
                        { "name": "ratio", "in": "query", "schema": { "type": "number", "maximum": 1 } },
                    ],
                    "requestBody": { "content": content },
                    "responses": {
                        "200": {
                            "description": "fine",
                            "headers": { "X-Left": { "required": true, "schema": { "type": "integer" } } },
                            "content": content,
                        },
                        "204": { "description": "nothing" },
                        "5XX": { "description": "broken", "content": content },
                    },
                },
            },
            "/things/new": { "get": { "operationId": "newThing", "responses": { "default": { "description": "" } } } },
        },
        "components": {
            "parameters": { "Id": { "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } } },
            "schemas": schemas,
        },
    })
}

fn read(document: &Value) -> Result<Contract, String> {
    // JSON is YAML.
    Contract::read(&document.to_string())
}

fn headers() -> HeaderMap {
    let pairs = [("content-type", "application/json"), ("x-trace", "1"), ("x-left", "1")];
    pairs.into_iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
}

/// What is wrong with a body of this schema.
fn judge(schemas: &Value, body: &str) -> Vec<Violation> {
    check(&read(&document(schemas)).unwrap(), "PUT", "/base/things/1", &headers(), body.as_bytes())
}

#[track_caller]
fn assert_judged(schema: Value, fine: &[&str], wrong: &[&str]) {
    let schemas = json!({ "Body": schema, "Word": { "type": "string", "enum": ["a"] } });
    for body in fine {
        assert_eq!(judge(&schemas, body), [], "{body} for {schema}", schema = schemas["Body"]);
    }
    for body in wrong {
        assert_ne!(judge(&schemas, body), [], "{body} for {schema}", schema = schemas["Body"]);
    }
}

#[test]
fn null_is_allowed_where_it_says_so() {
    assert_judged(json!({ "type": "string" }), &[r#""a""#], &["null"]);
    assert_judged(json!({ "type": "string", "nullable": true }), &["null", r#""a""#], &["1"]);
    assert_judged(json!({ "type": "string", "nullable": false }), &[r#""a""#], &["null"]);
    assert_judged(
        json!({ "type": "string", "nullable": true, "enum": ["a"] }),
        &["null", r#""a""#],
        &[r#""b""#],
    );
    assert_judged(json!({ "type": "string", "nullable": true, "enum": ["a", null] }), &["null"], &[r#""b""#]);
    // Beside a reference nothing has a meaning.
    assert_judged(json!({ "$ref": "#/components/schemas/Word", "nullable": true }), &[r#""a""#], &["null"]);
    // Beside `type` it says nothing about what else must hold.
    let reference = json!([{ "$ref": "#/components/schemas/Word" }]);
    assert_judged(json!({ "type": "string", "nullable": true, "allOf": reference }), &[r#""a""#], &["null"]);
    for combination in ["allOf", "anyOf", "oneOf"] {
        assert_judged(
            json!({ "nullable": true, combination: reference }),
            &["null", r#""a""#],
            &[r#""b""#, "1"],
        );
        assert_judged(json!({ combination: reference }), &[r#""a""#], &["null"]);
    }
    let strict = json!([{ "$ref": "#/components/schemas/Word" }, { "type": "object", "nullable": true, "enum": [null] }]);
    assert_judged(json!({ "anyOf": strict }), &["null", r#""a""#], &["{}", "1"]);
}

#[test]
fn every_keyword_holds() {
    assert_judged(json!({ "type": "integer" }), &["1", "-1"], &["1.0", "1e3", "1.5", r#""1""#]);
    assert_judged(
        json!({ "type": "number" }),
        &["1", "1.5", "1e3", "123456789012345678901234567890"],
        &[r#""1""#],
    );
    assert_judged(
        json!({ "type": "integer", "format": "int32" }),
        &["2147483647", "-2147483648"],
        &["2147483648", "-2147483649"],
    );
    assert_judged(
        json!({ "type": "integer", "format": "int64" }),
        &["9223372036854775807", "-9223372036854775808"],
        &["9223372036854775808"],
    );
    assert_judged(json!({ "type": "integer", "minimum": 1, "exclusiveMinimum": true }), &["2"], &["1"]);
    assert_judged(
        json!({ "type": "array", "items": { "type": "string" }, "maxItems": 1 }),
        &["[]"],
        &["[1]", r#"["", ""]"#],
    );
    assert_judged(json!({ "not": { "type": "string" } }), &["1"], &[r#""a""#]);
    assert_judged(json!({ "type": "object", "additionalProperties": false }), &["{}"], &[r#"{"a": 1}"#]);
    assert_judged(
        json!({ "type": "object", "additionalProperties": { "type": "integer" } }),
        &["{}", r#"{"a": 1}"#],
        &[r#"{"a": "1"}"#],
    );
    for (format, fine, wrong) in [
        ("email", r#""ada@example.com""#, r#""ada""#),
        // An international domain has an ASCII form, and that is what an address has to have.
        ("email", r#""ada@xn--mnchen-3ya.example""#, r#""ada@münchen.example""#),
        ("email", r#""ada+x@example.com""#, r#""ada@example""#),
        ("date-time", r#""2024-02-26T13:12:31.798296Z""#, r#""2024-02-26 13:12""#),
        ("date", r#""2024-02-29""#, r#""2023-02-29""#),
        ("uri", r#""https://example.com/a""#, r#""example""#),
        ("uuid", r#""123e4567-e89b-12d3-a456-426614174000""#, r#""123e4567""#),
        ("uuid", r#""123e4567-e89b-12d3-a456-426614174000""#, r#""123e4567-e89b-12d3-a456-42661417400é""#),
    ] {
        assert_judged(json!({ "type": "string", "format": format }), &[fine], &[wrong]);
    }
}

#[test]
fn what_only_openapi_has_says_nothing_about_a_value() {
    let schema = json!({
        "type": "object",
        "title": "t",
        "description": "d",
        "example": 1,
        "default": 1,
        "deprecated": true,
        "discriminator": { "propertyName": "example" },
        "xml": {},
        "externalDocs": { "url": "https://example.com" },
        "x-anything": { "type": "string" },
        // Names of properties may be those of keywords.
        "properties": { "example": { "type": "integer" }, "nullable": { "type": "integer" } },
    });
    assert_judged(
        schema,
        &["{}", r#"{"example": 1, "nullable": 1}"#],
        &["1", r#"{"example": "a"}"#, r#"{"nullable": "a"}"#],
    );
}

#[test]
fn a_schema_may_contain_itself() {
    let schemas = json!({ "Body": {
        "type": "object",
        "required": ["name"],
        "properties": { "name": { "type": "string" }, "inner": { "nullable": true, "allOf": [{ "$ref": "#/components/schemas/Body" }] } },
    } });
    let nested = |levels: usize, innermost: &str| {
        let open = r#"{"name": "a", "inner": "#.repeat(levels);
        format!("{open}{innermost}{}", "}".repeat(levels))
    };
    assert_eq!(judge(&schemas, &nested(100, "null")), []);
    let violations = judge(&schemas, &nested(2, r#"{"name": 1}"#));
    assert_eq!(violations[0].location, "body /inner/inner/name");
    assert!(!judge(&schemas, &nested(100, "{}")).is_empty());
}

#[test]
fn names_are_shown_where_they_are_plain() {
    let map = json!({ "Body": { "type": "object", "additionalProperties": { "type": "integer" } } });
    let closed =
        json!({ "Body": { "type": "object", "properties": { "a": {} }, "additionalProperties": false } });
    for (name, shown) in [
        ("plain_name-1.2", "plain_name-1.2"),
        ("ada@example.com", "*"),
        ("+14155550123", "*"),
        ("4155550123", "*"),
        ("a b", "*"),
        ("a/b", "*"),
        ("ä", "*"),
        ("", ""),
        (&"a".repeat(65), "*"),
    ] {
        let body = json!({ name: "planted" }).to_string();
        assert_eq!(judge(&map, &body)[0].location, format!("body /{shown}"), "{name}");
        let violation = &judge(&closed, &body)[0];
        assert_eq!(
            (violation.kind, violation.location.clone()),
            (Kind::Undeclared, format!("body /{shown}"))
        );
    }
}

#[test]
fn parameters_of_a_path_and_of_an_operation_go_together() {
    let contract = read(&document(&json!({ "Body": {} }))).unwrap();
    let first = |target: &str, headers: &HeaderMap| {
        let violations = check(&contract, "PUT", target, headers, b"");
        violations.first().map(|first| (first.kind, first.location.clone()))
    };
    let refused = |kind: Kind, location: &str| Some((kind, location.to_owned()));
    assert_eq!(first("/base/things/1", &headers()), None);
    assert_eq!(first("/base/things/planted", &headers()), refused(Kind::Invalid, "path id"));
    assert_eq!(first("/base/things/1?ratio=1.5", &headers()), refused(Kind::Invalid, "query ratio"));
    assert_eq!(first("/base/things/1?ratio=1e-3", &headers()), None);
    let with = |value: &[u8]| {
        let mut headers = headers();
        headers.insert("x-trace", http::HeaderValue::from_bytes(value).unwrap());
        headers
    };
    // The operation's own parameter takes the place of the path's.
    assert_eq!(first("/base/things/1", &HeaderMap::new()), refused(Kind::Missing, "header X-Trace"));
    assert_eq!(first("/base/things/1", &with(b"planted")), refused(Kind::Invalid, "header X-Trace"));
    assert_eq!(first("/base/things/1", &with(b"\xff")), refused(Kind::Malformed, "header X-Trace"));
    // A path without parameters wins, also over one with the right method.
    assert!(matches!(contract.route("GET", "/base/things/new"), Route::Found { .. }));
    let Route::WrongMethod { allowed } = contract.route("PUT", "/base/things/new") else { panic!() };
    assert_eq!(allowed, ["GET"]);
}

#[test]
fn an_answer_is_judged_by_its_status() {
    let contract = read(&document(&json!({ "Body": { "type": "integer" } }))).unwrap();
    let put = contract.operations().find(|operation| operation.id() == "putThing").unwrap();
    assert_eq!((put.method(), put.path()), ("PUT", "/base/things/{id}"));
    let judge = |status: u16, headers: &HeaderMap, body: &str| {
        let violations = put.check_answer(status, headers, body.as_bytes());
        violations.into_iter().map(|violation| (violation.kind, violation.location)).next()
    };
    let refused = |kind: Kind, location: &str| Some((kind, location.to_owned()));
    assert_eq!(judge(200, &headers(), "1"), None);
    assert_eq!(judge(200, &headers(), r#""planted""#), refused(Kind::Invalid, "body"));
    assert_eq!(judge(200, &headers(), ""), refused(Kind::Missing, "body"));
    assert_eq!(judge(200, &headers(), "planted"), refused(Kind::Malformed, "body"));
    assert_eq!(judge(204, &headers(), ""), None);
    assert_eq!(judge(204, &headers(), "1"), refused(Kind::Undeclared, "body"));
    assert_eq!(judge(503, &headers(), "1"), None);
    assert_eq!(judge(503, &headers(), r#""planted""#), refused(Kind::Invalid, "body"));
    assert_eq!(judge(404, &headers(), "1"), refused(Kind::Undeclared, "status"));
    let without = |name: &str| {
        let mut headers = headers();
        headers.remove(name);
        headers
    };
    assert_eq!(judge(200, &without("x-left"), "1"), refused(Kind::Missing, "header X-Left"));
    assert_eq!(
        judge(200, &without(CONTENT_TYPE.as_str()), "1"),
        refused(Kind::MediaType, "header content-type")
    );
}

#[test]
fn a_document_that_is_not_understood_is_refused_with_the_place() {
    let with = |pointer: &str, value: Value| {
        let mut document =
            document(&json!({ "Body": { "type": "object", "properties": { "a": { "type": "string" } } } }));
        let (parent, last) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[last.replace("~1", "/")] = value;
        read(&document).err().unwrap_or_else(|| panic!("{pointer} is understood"))
    };
    let put = "/paths/~1things~1{id}/put";
    let table = [
        ("/openapi".to_owned(), json!("3.1.0"), "is no OpenAPI 3.0 document"),
        ("/paths".to_owned(), Value::Null, "has no paths"),
        (
            "/components/schemas/Body/requried".to_owned(),
            json!([]),
            "schema Body: the keyword `requried` is not understood",
        ),
        (
            "/components/schemas/Body/properties/a".to_owned(),
            json!({ "readOnly": true }),
            "schema Body: a: the keyword `readOnly`",
        ),
        ("/components/schemas/Body/type".to_owned(), json!("text"), "schema Body: "),
        ("/components/schemas/Body/minLength".to_owned(), json!(-1), "schema Body: "),
        (
            "/components/schemas/Body/allOf".to_owned(),
            json!([{ "$ref": "#/components/schemas/None" }]),
            "put /things/{id}: ",
        ),
        (
            "/components/parameters/Id/name".to_owned(),
            json!("uid"),
            "put /things/{id}: the path's parameter id is not declared",
        ),
        (
            "/components/parameters/Id/style".to_owned(),
            json!("label"),
            "path id: style and explode are not understood",
        ),
        (
            "/components/parameters/Id/in".to_owned(),
            json!("cookie"),
            "put /things/{id}: unknown variant `cookie`",
        ),
        (
            "/components/parameters/Id/schema".to_owned(),
            json!({ "type": "array" }),
            "path id: array is not understood",
        ),
        (
            "/components/parameters/Id".to_owned(),
            json!({ "$ref": "#/components/parameters/Id" }),
            "references follow each other",
        ),
        ("/components/parameters".to_owned(), json!({}), "#/components/parameters/Id leads nowhere"),
        (
            format!("{put}/requestBody/content"),
            json!({ "text/html": { "schema": {} } }),
            "a body of text/html is text to us",
        ),
        (format!("{put}/security"), json!([{ "key": [] }]), "security scheme key: "),
        (format!("{put}/operationId"), json!(1), "put /things/{id}: invalid type"),
    ];
    for (pointer, value, expected) in table {
        let error = with(&pointer, value);
        assert!(error.contains(expected), "{pointer}: {error}");
    }
    let partly = document(&json!({ "Body": {} })).to_string().replace("/things/{id}", "/things/{id}.json");
    assert!(Contract::read(&partly).err().unwrap().contains("must be the whole segment"));
    let deep = |levels: usize| {
        let mut document = document(&json!({ "Body": {} }));
        document["x-deep"] = (0..levels).fold(json!(1), |inner, _| json!([inner]));
        read(&document).map(drop)
    };
    assert_eq!(deep(25), Ok(()));
    assert!(deep(60).is_err());
    for text in ["", "a: [", "a: 1\na: 2", &"[".repeat(100_000)] {
        assert!(Contract::read(text).is_err());
    }
}
