//! Recordings: what becomes of paths, schemas and values; above all, that no value survives.

use std::path::Path;

use serde_json::Value;

use super::super::from_bytes;

/// Canaries stand in every place that can hold a value.
const RECORDING: &str = r#"# canary-comment
@host = canary-variable.test

### canary-name
POST https://canaryuser:canarypass@canary-host.test:8443/v1/users?invite=canary-query&limit=7654321 HTTP/1.1
Host: canary-host.test
Authorization: Bearer canary-bearer.eyJhbGciOiJub25lIn0.canary
Cookie: session=canary-cookie
X-Api-Key: canary-key
X-Tenant: canary-tenant
User-Agent: canary-agent/1.0
Content-Type: application/json; charset=utf-8

{
  "name": "Canary Name",
  "email": "canary@mail.test",
  "phone": "+4479460123",
  "age": 7654321,
  "balance": 7654321.75,
  "vip": true,
  "tags": ["canary-tag", "canary-other"],
  "address": {"street": "1 Canary Street", "zip": null},
  "by_mail": {"canary-key@mail.test": {"seen": "canary-map"}},
  "created": "2021-07-16T17:18:19Z",
  "link": "https://canary-link.test/canary"
}

HTTP/1.1 201 Canary-Reason
Content-Type: application/json
Location: /v1/users/canary-location
Set-Cookie: session=canary-set

{"id": "usr_canary7654321", "name": "Canary Name", "balance": 3, "token": "canary-token", "extra": {"note": null}}

### canary-next
GET /v1/users/usr_canary7654321?expand=canary-expand HTTP/1.1
Authorization: Bearer canary-bearer2

HTTP/1.1 200 OK
Content-Type: application/json

{"id": "usr_canary7654321", "name": null, "balance": 2.5, "groups": [{"id": 7654321}, {"id": "canary-group"}]}

###
GET /v1/users/canary
HTTP/1.1 404 Not Found
Content-Type: text/html

<h1>canary-html</h1>
###
POST /v1/users
Content-Type: application/json

{"email": "canary2@mail.test", "name": "Other Canary"}
HTTP/2 409
content-type: application/problem+json

{"title": "canary2@mail.test is taken", "status": 409}

###
POST /v1/sessions
Content-Type: application/x-www-form-urlencoded

username=canary-form&password=canary-secret

HTTP/1.1 200 OK

canary-text
"#;

fn import(name: &str, text: &str) -> Result<(String, Vec<String>), String> {
    let path = Path::new(name);
    let bytes = text.as_bytes().to_vec();
    super::super::with_stack(|| from_bytes("club", &[(path, bytes)], &[]))
}

/// The spec, after the generator and the rules have taken it.
fn imported(name: &str, text: &str) -> (String, Value) {
    let (text, _) = import(name, text).unwrap();
    let path = Path::new("specs/club.yaml");
    if let Err(error) = enroll_codegen::generate_from_text(path, &text) {
        panic!("{error}\n{text}");
    }
    let findings = crate::spec::lint_text(path, &text);
    assert!(findings.is_empty(), "{findings:#?}\n{text}");
    let spec = enroll_codegen::read(path, &text).unwrap();
    (text, spec)
}

#[test]
fn no_recorded_value_survives_anywhere() {
    let (text, _) = imported("club.http", RECORDING);
    let lower = text.to_lowercase();
    for (number, line) in lower.lines().enumerate() {
        for canary in ["canary", "7654321", "4479460123", "17:18:19", "2021-07"] {
            assert!(!line.contains(canary), "{canary} in line {}: {line}", number + 1);
        }
    }
    // It is masked, and not lost: the forms of the values are still there.
    for kept in
        ["ada@example.com", "+14155550123", "fake-token", "fake-password", "format: date-time", "format: uri"]
    {
        assert!(text.contains(kept), "{kept} in\n{text}");
    }
}

#[test]
fn the_same_holds_for_what_a_browser_records() {
    let header = |name: &str, value: &str| serde_json::json!({"name": name, "value": value});
    let har = serde_json::json!({"log": {"version": "1.2", "creator": {"name": "canary"}, "entries": [{
        "comment": "canary",
        "request": {
            "method": "POST", "url": "https://canary.test/api/members?who=canary",
            "headers": [header("Authorization", "Basic Y2FuYXJ5OmNhbmFyeQ=="), header("Content-Type", "application/json")],
            "cookies": [{"name": "canary", "value": "canary"}],
            "postData": {"mimeType": "application/json", "text": "{\"login\":\"canary\",\"number\":7654321}"},
        },
        "response": {
            "status": 200, "headers": [header("Content-Type", "application/json")],
            "content": {"text": "{\"id\":7654321,\"login\":\"canary\"}"},
        },
    }]}});
    let (text, spec) = imported("club.har", &har.to_string());
    assert!(!text.to_lowercase().contains("canary") && !text.contains("7654321"), "{text}");
    assert_eq!(spec["paths"]["/api/members"]["post"]["operationId"], "createMember");
    assert_eq!(spec["components"]["securitySchemes"]["authorization"]["scheme"], "basic");
}

#[test]
fn operations_come_of_methods_and_paths_whose_identifiers_are_parameters() {
    let (_, spec) = imported("club.http", RECORDING);
    let paths: Vec<&String> = spec["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["/v1/users", "/v1/users/{user_id}", "/v1/sessions"]);
    let create = &spec["paths"]["/v1/users"]["post"];
    assert_eq!(create["x-enroll-replay"]["class"], "never");
    assert_eq!(create["x-enroll-creates"]["id"], "/id");
    assert_eq!(create["x-enroll-evidence"]["observed"], "recording");
    let statuses: Vec<&String> = create["responses"].as_object().unwrap().keys().collect();
    assert_eq!(statuses, ["201", "409"]);
    assert_eq!(spec["paths"]["/v1/users/{user_id}"]["get"]["x-enroll-replay"]["class"], "safe");
    let form = &spec["paths"]["/v1/sessions"]["post"]["requestBody"]["content"];
    assert!(form.get("application/x-www-form-urlencoded").is_some(), "{form}");
}

#[test]
fn a_schema_is_what_all_samples_have_in_common() {
    let (_, spec) = imported("club.http", RECORDING);
    let schema = |name: &str| &spec["components"]["schemas"][name];
    let request = schema("CreateUserRequest");
    // Both requests have these two, and one has the rest.
    assert_eq!(request["required"], serde_json::json!(["name", "email"]));
    assert_eq!(request["properties"]["email"]["format"], "email");
    assert_eq!(request["properties"]["age"]["type"], "integer");
    assert_eq!(request["properties"]["balance"]["type"], "number");
    assert_eq!(request["properties"]["by_mail"]["type"], "object");
    assert!(
        request["properties"]["by_mail"]["additionalProperties"].is_object(),
        "keys that are values make a map"
    );
    let user = schema("GetUserResponse");
    assert_eq!(user.get("required"), None, "one sample proves nothing");
    assert_eq!(user["properties"]["balance"]["type"], "number");
}

#[test]
fn paths_that_differ_in_one_place_are_one() {
    let text = "GET /teams/red/members\nHTTP/1.1 200 OK\n\n[]\n\n###\nGET /teams/blue/members\nHTTP/1.1 200 OK\n\n[]\n";
    let (_, spec) = imported("club.http", text);
    assert!(spec["paths"].get("/teams/{team_id}/members").is_some(), "{}", spec["paths"]);
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    for (text, message) in [
        ("", "club.http:1:1: no exchange"),
        ("\u{0}\u{1}nothing", "club.http:1:1: no exchange"),
        ("\nGET /users HTTP/1.1\nAccept: */*\n", "club.http:2:1: has no answer"),
        ("GET /users\n###\n", "club.http:1:1: has no answer"),
        ("HTTP/1.1 200 OK\n", "club.http:1:1: an answer without a request"),
        ("GET /users\nno header\n", "club.http:2:1: is no header"),
        (
            "POST /users\n\n<user/>\nHTTP/1.1 200 OK\n",
            "club.http:1:1: the body of this request is neither JSON nor a form",
        ),
    ] {
        let error = import("club.http", text).unwrap_err();
        assert!(error.starts_with(message), "{text:?}: {error}");
    }
}
