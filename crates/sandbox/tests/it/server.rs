//! What holds for all four providers: methods, media types, sizes, the record of requests, and the server's life.

use std::net::SocketAddr;
use std::time::Duration;

use enroll_sandbox::Sandbox;
use reqwest::RequestBuilder;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{client, json, sandbox};

/// A registration at Haptik, complete but for its body.
fn registration(sandbox: &Sandbox) -> RequestBuilder {
    let haptik = sandbox.haptik();
    client()
        .post(format!("{}/v1.0/user/", haptik.base_url()))
        .bearer_auth(haptik.token())
        .header("client-id", haptik.client_id())
}

fn address(sandbox: &Sandbox) -> SocketAddr {
    sandbox.base_url().strip_prefix("http://").unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let sandbox = sandbox().await;
    for (method, path, allow) in [
        ("DELETE", "/haptik/v1.0/user/", "PUT, POST"),
        ("PATCH", "/original/v1/user", "GET, POST"),
        ("GET", "/streambird/v1/auth/users/create", "POST"),
        ("HEAD", "/digipay/digipay/v3/auth/user_register", "POST"),
    ] {
        let url = format!("{}{path}", sandbox.base_url());
        let response = client().request(method.parse().unwrap(), url).send().await.unwrap();
        assert_eq!(response.status(), 405, "{method} {path}");
        assert_eq!(response.headers()["allow"], allow, "{method} {path}");
    }
}

#[tokio::test]
async fn an_unknown_path_is_not_found_in_the_providers_own_shape() {
    let sandbox = sandbox().await;
    let get = async |path: &str| client().get(format!("{}{path}", sandbox.base_url())).send().await.unwrap();
    for (path, pointer) in [
        ("/haptik/", "/error_message"),
        ("/streambird/v2", "/error_type"),
        ("/digipay/v3/auth/user_register", "/data/message"),
    ] {
        let response = get(path).await;
        assert_eq!(response.status(), 404, "{path}");
        assert!(json(response).await.pointer(pointer).is_some_and(|it| it.is_string()), "{path}");
    }
    for path in ["/", "/other/v1.0/user/", "/original/user", "//haptik/v1.0/user/"] {
        assert_eq!(get(path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn only_json_of_a_reasonable_size_is_read() {
    let sandbox = sandbox().await;
    let body = json!({ "auth_id": "member-42" }).to_string();
    let plain = registration(&sandbox).header("content-type", "text/plain").body(body.clone());
    let untyped = registration(&sandbox).body(body.clone());
    let typed = registration(&sandbox).header("content-type", "Application/JSON; charset=utf-8").body(body);
    assert_eq!(plain.send().await.unwrap().status(), 415);
    assert_eq!(untyped.send().await.unwrap().status(), 415);
    assert_eq!(sandbox.haptik().users(), []);
    assert_eq!(typed.send().await.unwrap().status(), 200);

    for (length, status) in [(64 * 1024 - 100, 200), (64 * 1024 + 1, 413), (700_000, 413)] {
        let body = json!({ "auth_id": "long", "name": "n".repeat(length) });
        let response = registration(&sandbox).json(&body).send().await.unwrap();
        assert_eq!(response.status(), status, "{length}");
    }
    let name = sandbox.haptik().users()[1].name.clone().unwrap();
    assert_eq!(name.len(), 64 * 1024 - 100);
}

#[tokio::test]
async fn every_request_is_recorded_with_its_operation() {
    let sandbox = sandbox().await;
    let body = json!({ "auth_id": "member-42" });
    registration(&sandbox).json(&body).header("x-request-id", "r-1").send().await.unwrap();
    client().get(format!("{}/user?email=a%40b.c", sandbox.original().base_url())).send().await.unwrap();
    client().get(format!("{}/nowhere", sandbox.base_url())).send().await.unwrap();

    let requests = sandbox.requests();
    let seen: Vec<_> = requests.iter().map(|it| (it.operation(), it.method(), it.path())).collect();
    let expected = [
        (Some("createUser"), "POST", "/haptik/v1.0/user/"),
        (Some("findUser"), "GET", "/original/v1/user?email=a%40b.c"),
        (None, "GET", "/nowhere"),
    ];
    assert_eq!(seen, expected);
    assert_eq!(requests[0].header("X-Request-Id"), Some("r-1"));
    assert_eq!(serde_json::from_slice::<serde_json::Value>(requests[0].body()).unwrap(), body);
    assert!(requests[0].headers().any(|(name, _)| name == "authorization"));
}

#[tokio::test]
async fn sandboxes_do_not_share_anything() {
    let (first, second) = (sandbox().await, sandbox().await);
    registration(&first).json(&json!({ "auth_id": "member-42" })).send().await.unwrap();
    assert_eq!((first.haptik().users().len(), first.requests().len()), (1, 1));
    assert_eq!((second.haptik().users().len(), second.requests().len()), (0, 0));

    for (one, other) in first.environment().into_iter().zip(second.environment()) {
        assert_eq!(one.0, other.0);
        assert_ne!(one.1, other.1, "{}", one.0);
    }
    let foreign = client()
        .post(format!("{}/v1.0/user/", second.haptik().base_url()))
        .bearer_auth(first.haptik().token())
        .header("client-id", first.haptik().client_id())
        .json(&json!({ "auth_id": "member-42" }));
    assert_eq!(foreign.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn the_environment_holds_what_an_sdk_needs_and_debug_holds_none_of_it() {
    let sandbox = sandbox().await;
    let environment = sandbox.environment();
    let names: Vec<_> = environment.iter().map(|(name, _)| *name).collect();
    let expected = [
        "HAPTIK_TOKEN",
        "HAPTIK_CLIENT_ID",
        "HAPTIK_BASE_URL",
        "ORIGINAL_API_KEY",
        "ORIGINAL_API_SECRET",
        "ORIGINAL_BASE_URL",
        "STREAMBIRD_API_KEY",
        "STREAMBIRD_BASE_URL",
        "DIGIPAY_COMPANY_ID",
        "DIGIPAY_CLIENT_ID",
        "DIGIPAY_CLIENT_SECRET",
        "DIGIPAY_BASE_URL",
    ];
    assert_eq!(names, expected);
    let shown = format!(
        "{sandbox:?} {:?} {:?} {:?} {:?}",
        sandbox.haptik(),
        sandbox.original(),
        sandbox.streambird(),
        sandbox.digipay()
    );
    for (name, value) in environment {
        if name.ends_with("_BASE_URL") {
            assert!(value.starts_with(sandbox.base_url()) && shown.contains(&value), "{name}={value}");
        } else {
            assert!(!shown.contains(&value), "{name} in {shown}");
        }
    }
}

#[tokio::test]
async fn dropping_the_sandbox_stops_the_server() {
    let sandbox = sandbox().await;
    let address = address(&sandbox);
    assert!(TcpStream::connect(address).await.is_ok());
    drop(sandbox);
    let refused = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), refused).await.unwrap();
}

#[tokio::test]
async fn hostile_input_does_no_harm() {
    let sandbox = sandbox().await;
    let token = sandbox.haptik().token().to_owned();
    let deep = "[".repeat(50_000);
    for raw in [
        "\r\n\r\n".to_owned(),
        "GET /original/v1/user/%FF%00 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(),
        "GET /original/v1/user?email=%FF&&=&% HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(),
        "OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(),
        "GET /digipay HTTP/1.1\r\nhost: x\r\nauthorization: \u{e9}\r\nconnection: close\r\n\r\n".to_owned(),
        "GET /original/v1/user HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ....\r\nconnection: close\r\n\r\n".to_owned(),
        "POST /haptik/v1.0/user/ HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\ncut".to_owned(),
        format!(
            "POST /haptik/v1.0/user/ HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nclient-id: {}\r\n\
             content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{deep}",
            sandbox.haptik().client_id(),
            deep.len(),
        ),
    ] {
        let mut stream = TcpStream::connect(address(&sandbox)).await.unwrap();
        stream.write_all(raw.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // The server may also hang up without a word; what counts is that it neither stalls nor dies.
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "{raw}");
        assert!(!answer.starts_with(b"HTTP/1.1 5"), "{raw}");
    }
    let body = json!({ "auth_id": "member-42" });
    assert_eq!(registration(&sandbox).json(&body).send().await.unwrap().status(), 200);
    assert_eq!(sandbox.haptik().users().len(), 1);
}
