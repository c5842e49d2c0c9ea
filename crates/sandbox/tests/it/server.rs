//! What holds for all four providers: methods, paths, media types, the record of requests, and what is shown of it.

use crate::{Call, client, json_of, sandbox, users};

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
        assert!(json_of(response).await.pointer(pointer).is_some_and(|it| it.is_string()), "{path}");
    }
    for path in ["/", "/other/v1.0/user/", "/original/user", "//haptik/v1.0/user/"] {
        assert_eq!(get(path).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn only_json_is_read() {
    let sandbox = sandbox().await;
    let create = Call::create(&sandbox, "haptik", 1);
    for (media_type, status) in
        [(Some("text/plain"), 415), (None, 415), (Some("Application/JSON; charset=utf-8"), 200)]
    {
        assert_eq!(users(&sandbox, "haptik"), 0);
        let untyped = Call { body: None, ..create.clone() };
        let mut request = untyped.request().body(create.body.as_ref().unwrap().to_string());
        if let Some(media_type) = media_type {
            request = request.header("content-type", media_type);
        }
        assert_eq!(request.send().await.unwrap().status(), status, "{media_type:?}");
    }
    assert_eq!(users(&sandbox, "haptik"), 1);
}

#[tokio::test]
async fn every_request_is_recorded_with_its_operation() {
    let sandbox = sandbox().await;
    let create = Call::create(&sandbox, "haptik", 1);
    create.request().header("x-request-id", "r-1").send().await.unwrap();
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
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(requests[0].body()).unwrap(),
        create.body.unwrap()
    );
    assert!(requests[0].headers().any(|(name, _)| name == "authorization"));
}

#[tokio::test]
async fn sandboxes_do_not_share_anything() {
    let (first, second) = (sandbox().await, sandbox().await);
    let create = Call::create(&first, "haptik", 1);
    create.send().await;
    assert_eq!((users(&first, "haptik"), first.requests().len()), (1, 1));
    assert_eq!((users(&second, "haptik"), second.requests().len()), (0, 0));

    for (one, other) in first.environment().into_iter().zip(second.environment()) {
        assert_eq!(one.0, other.0);
        assert_ne!(one.1, other.1, "{}", one.0);
    }
    let foreign = Call { url: Call::create(&second, "haptik", 1).url, ..create };
    assert_eq!(foreign.send().await.0, 401);
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
    assert_eq!(names[..expected.len()], expected);
    let stubs: Vec<_> = sandbox.stubs().collect();
    let shown = format!(
        "{sandbox:?} {stubs:?} {:?} {:?} {:?} {:?}",
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
