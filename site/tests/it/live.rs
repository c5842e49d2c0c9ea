//! The requests of `live.json`, sent as the page sends them.

use reqwest::Method;
use reqwest::header::ORIGIN;
use serde_json::{Map, Value, json};

use crate::{client, get, operations, site, specs};

/// What the sandbox can only refuse: `crates/sandbox/README.md` says why.
const REFUSED: (&str, &str) = ("streambird", "deleteWallet");

/// One request, by the document and by what `live.json` says.
struct Try<'a> {
    provider: &'a str,
    spec: &'a Value,
    live: &'a Value,
    path: &'a str,
    method: &'a str,
    operation: &'a Value,
}

impl Try<'_> {
    fn id(&self) -> &str {
        self.operation["operationId"].as_str().unwrap()
    }

    async fn send(&self, origin: &str) -> (u16, Value) {
        let request = &self.live["requests"][self.id()];
        let path = fields(&request["path"])
            .iter()
            .fold(self.path.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
        let base_url = self.live["base_url"].as_str().unwrap();
        let method: Method = self.method.to_uppercase().parse().unwrap();
        let mut call = client().request(method, format!("{base_url}{path}")).header(ORIGIN, origin);
        call = call.query(&fields(&request["query"]));
        for (name, value) in fields(&request["header"]).into_iter().chain(self.credentials()) {
            call = call.header(name, value);
        }
        if !request["body"].is_null() {
            call = call.json(&request["body"]);
        }
        let answer = call.send().await.unwrap();
        assert_eq!(
            answer.headers()["access-control-allow-origin"],
            origin,
            "{} {}",
            self.provider,
            self.id()
        );
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
    }

    /// As Scalar makes them of its configuration.
    fn credentials(&self) -> Vec<(String, String)> {
        let security = self.operation.get("security").unwrap_or(&self.spec["security"]);
        let names = security[0].as_object().cloned().unwrap_or_default();
        let of = |name: &String| {
            let scheme = &self.spec["components"]["securitySchemes"][name];
            let value = &self.live["authentication"]["securitySchemes"][name];
            let text =
                |key: &str| value[key].as_str().unwrap_or_else(|| panic!("{name} has no {key}")).to_owned();
            match (scheme["type"].as_str().unwrap(), scheme["scheme"].as_str()) {
                ("http", Some("bearer")) => ("authorization".to_owned(), format!("Bearer {}", text("token"))),
                ("http", Some("basic")) => {
                    let encoded =
                        client().get("http://a/").basic_auth(text("username"), Some(text("password")));
                    let encoded = encoded.build().unwrap().headers()["authorization"].clone();
                    ("authorization".to_owned(), encoded.to_str().unwrap().to_owned())
                }
                _ => (scheme["name"].as_str().unwrap().to_owned(), text("value")),
            }
        };
        names.keys().map(of).collect()
    }
}

fn fields(value: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    value.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

/// Whether a link leads to an operation.
fn is_linked(spec: &Value, id: &str) -> bool {
    let answers = operations(spec).into_iter().filter_map(|(_, _, value)| value["responses"].as_object());
    let links = answers.flat_map(|answers| answers.values()).filter_map(|answer| answer["links"].as_object());
    links.flat_map(|links| links.values()).any(|link| link["operationId"] == id)
}

#[tokio::test]
async fn every_operation_of_every_provider_has_a_request_that_succeeds() {
    let (site, _folder) = site().await;
    let live = crate::json(get(&site, "/live.json").await).await;
    let mut tried = 0;
    for (provider, spec) in &specs() {
        let live = &live["providers"][provider];
        let known = live["requests"].as_object().unwrap();
        assert_eq!(known.len(), operations(spec).len(), "{provider}");
        for (path, method, operation) in operations(spec) {
            let one = Try { provider, spec, live, path, method, operation };
            let (status, body) = one.send(site.url()).await;
            let refused = REFUSED == (provider, one.id());
            // Of a draft, nobody may have said yet where the id comes from that it wants.
            let may_be_missing = status == 404 && path.contains('{') && !is_linked(spec, one.id());
            let succeeded = (200..300).contains(&status) || may_be_missing;
            assert_eq!(succeeded, !refused, "{provider} {}: {status} {body}", one.id());
            // A failure may hide in a success, and so may the news that there is nobody.
            let answer = &operation["responses"]["200"];
            for key in ["x-enroll-failure", "x-enroll-absent"] {
                let hidden = answer[key]["pointer"].as_str().and_then(|pointer| body.pointer(pointer));
                assert!(
                    hidden.is_none_or(|value| *value != answer[key]["equals"]),
                    "{provider} {}: {body}",
                    one.id()
                );
            }
            tried += 1;
        }
    }
    assert!(tried >= 21, "only {tried} operations were tried");
    assert_eq!(site.sandbox().deviations(), [""; 0]);
}

#[tokio::test]
async fn who_is_looked_for_is_found() {
    let (site, _folder) = site().await;
    let live = crate::json(get(&site, "/live.json").await).await;
    let specs = specs();
    for (provider, id, found) in [
        ("original", "findUser", "/data/user_external_id"),
        ("streambird", "searchUsers", "/users/0/user_id"),
        ("digipay", "listUsers", "/data/users/0/id"),
    ] {
        let (_, spec) = specs.iter().find(|(name, _)| name == provider).unwrap();
        let (path, method, operation) =
            operations(spec).into_iter().find(|(_, _, value)| value["operationId"] == id).unwrap();
        let live = &live["providers"][provider];
        let (_, body) = Try { provider, spec, live, path, method, operation }.send(site.url()).await;
        assert!(body.pointer(found).is_some_and(Value::is_string), "{provider} {id}: {body}");
    }
    // The person of the examples is there too, for whoever leaves the examples as they are.
    let users = site.sandbox().original().users();
    assert!(users.iter().any(|user| user.email.as_deref() == Some("ada@example.com")));
}

#[tokio::test]
async fn a_creation_succeeds_once_and_is_a_duplicate_then() {
    let (site, _folder) = site().await;
    for _ in 0..2 {
        let live = crate::json(get(&site, "/live.json").await).await;
        for (provider, spec) in &specs() {
            let live = &live["providers"][provider];
            for (path, method, operation) in operations(spec) {
                if operation["x-enroll-replay"]["class"] != "keyed" {
                    continue;
                }
                let one = Try { provider, spec, live, path, method, operation };
                let (first, body) = one.send(site.url()).await;
                assert!((200..300).contains(&first), "{provider} {}: {first} {body}", one.id());
                let (again, body) = one.send(site.url()).await;
                assert!((400..500).contains(&again), "{provider} {}: {again} {body}", one.id());
            }
        }
    }
}

#[tokio::test]
async fn credentials_are_the_same_in_every_run_and_as_scalar_takes_them() {
    let authentication = async || -> Map<String, Value> {
        let (site, _folder) = site().await;
        let live = crate::json(get(&site, "/live.json").await).await;
        let providers = live["providers"].as_object().unwrap().iter();
        providers.map(|(name, live)| (name.clone(), live["authentication"].clone())).collect()
    };
    let (first, second) = (authentication().await, authentication().await);
    let preferred = |provider: &str| first[provider]["preferredSecurityScheme"].clone();
    assert_eq!(preferred("streambird"), json!("apiKey"));
    assert_eq!(preferred("haptik"), json!([["bearerToken", "clientId"]]));
    let digipay = &first["digipay"]["securitySchemes"];
    assert!(digipay["token"]["value"].as_str().unwrap().starts_with("Token "), "{digipay}");
    assert!(
        digipay["client"]["username"].is_string() && digipay["client"]["password"].is_string(),
        "{digipay}"
    );
    assert_eq!(first["haptik"], second["haptik"]);
    assert_eq!(first["streambird"], second["streambird"]);
    assert_eq!(first["digipay"]["securitySchemes"]["client"], second["digipay"]["securitySchemes"]["client"]);
}
