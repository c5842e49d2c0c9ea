//! Original: what each operation sends, token included, and what the sandbox's state is then.

mod answers;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use enroll::httpmock::MockServer;
use enroll::original::builder::CreateUser;
use enroll::original::mock::MockServerExt;
use enroll::original::{Client, types};
use enroll::{Delivery, Null};
use enroll_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::{Capture, Received, once, printed, sandbox, subjects};

const API_KEY: &str = "fake-api-key";
const API_SECRET: &str = "fake-api-secret-not-for-any-real-app";

/// The time by the clock of these tests, in epoch seconds.
const NOW: u64 = 1_700_000_000;

/// The token for that time, as Python's `hmac` signs it: `hmac.new(secret, header_and_claims, sha256)`. There are two,
/// because the order of the claims depends on a feature of `serde_json` that another crate may turn on, and says nothing.
const TOKENS: [&str; 2] = [
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhY3Rpb24iOiIqIiwiYXBpX2tleSI6ImZha2UtYXBpLWtleSIsImV4cCI6MTcwMDAwMDMwMCwicm\
     Vzb3VyY2UiOiIqIiwidXNlcl9pZCI6IioifQ.Mi7HF1YadeLQ-vQ9g9srvRISi43Te7WfUdF_8gQPRhg",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyZXNvdXJjZSI6IioiLCJhY3Rpb24iOiIqIiwidXNlcl9pZCI6IioiLCJhcGlfa2V5IjoiZ\
     mFrZS1hcGkta2V5IiwiZXhwIjoxNzAwMDAwMzAwfQ.sULl8lFeTUSSIZ3i7yD068ukB4zbcd6N9MllKGi7dJI",
];

/// A client of the mock server, whose clock stands still. The base URL has a path and a trailing slash, as a gateway's
/// may.
fn client(server: &MockServer) -> Client {
    client_at(server, || NOW)
}

fn client_at(server: &MockServer, seconds: impl Fn() -> u64 + Send + Sync + 'static) -> Client {
    let clock = move || UNIX_EPOCH + Duration::from_secs(seconds());
    Client::builder()
        .api_key(API_KEY)
        .api_secret(API_SECRET)
        .base_url(format!("{}/gateway/v1/", server.base_url()))
        .http(once().with_clock(clock))
        .build()
        .unwrap()
}

fn created() -> types::CreateUserResponse {
    types::CreateUserResponse::new(true, types::CreatedUser::new("452711987655"))
}

fn user() -> types::User {
    types::User::new("452711987655")
        .with_created_at("2024-02-26T13:12:31.798296Z")
        .with_email("ada@example.com")
        .with_user_external_id("member-42")
        .with_wallets(vec![
            types::Wallet::new()
                .with_address("0x1111111111111111111111111111111111111111")
                .with_network("Polygon")
                .with_chain_id(80002),
        ])
}

/// Asserts that this and nothing else was sent, with the two credentials that the provider documents.
fn assert_sent(received: &Received, server: &MockServer, method: &str, target: &str, body: Option<Value>) {
    let authorization = received.headers["authorization"].as_str();
    let token = authorization.strip_prefix("Bearer ").unwrap();
    assert!(TOKENS.contains(&token), "not signed as Python signs it: {token}");
    let credentials = [("x-api-key", API_KEY), ("authorization", authorization)];
    received.assert(server, method, target, &credentials, body);
}

/// The header and the claims of the token that a request carries.
fn token_parts(received: &Received) -> (Value, Value) {
    let token = received.headers["authorization"].strip_prefix("Bearer ").unwrap();
    let parts: Vec<_> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("a token has three parts: {token}") };
    let decode = |part| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap();
    assert_eq!(decode(signature).len(), 32, "SHA-256 has 32 bytes");
    let [header, claims] = [header, claims].map(|part| serde_json::from_slice(&decode(part)).unwrap());
    (header, claims)
}

/// A server that creates a user for any request, and the requests that it received.
async fn creating() -> (MockServer, Capture) {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.create_user(|when, then| {
        capture.watch(when.into_inner());
        then.created(&created());
    });
    (server, capture)
}

#[tokio::test]
async fn the_token_names_the_key_and_an_expiry_and_is_signed_with_the_secret() {
    let (server, capture) = creating().await;
    client(&server).create_user().send().await.unwrap();
    let received = capture.single();
    let (header, claims) = token_parts(&received);
    assert_eq!(header, json!({"alg": "HS256", "typ": "JWT"}));
    assert_eq!(
        claims,
        json!({"resource": "*", "action": "*", "user_id": "*", "api_key": API_KEY, "exp": NOW + 300}),
    );
    assert_sent(&received, &server, "POST", "/gateway/v1/user", Some(json!({})));
    let everything = format!("{received:?}");
    assert!(everything.contains(API_KEY) && !everything.contains(API_SECRET), "the secret does not travel");
}

#[tokio::test]
async fn a_token_is_used_until_half_a_minute_before_it_expires() {
    let (server, capture) = creating().await;
    let now = Arc::new(AtomicU64::new(NOW));
    let clock = Arc::clone(&now);
    let client = client_at(&server, move || clock.load(Ordering::Relaxed));
    for seconds in [NOW, NOW + 269, NOW + 270] {
        now.store(seconds, Ordering::Relaxed);
        client.create_user().send().await.unwrap();
    }
    let expiries: Vec<_> =
        capture.all().iter().map(|received| token_parts(received).1["exp"].clone()).collect();
    assert_eq!(expiries, [NOW + 300, NOW + 300, NOW + 570]);
}

#[tokio::test]
async fn a_key_is_sent_as_a_value_as_null_or_not_at_all() {
    let both = json!({"user_external_id": "member-42", "email": "ada@example.com"});
    type Set = fn(CreateUser) -> CreateUser;
    let calls: [(Set, Value); 9] = [
        (|call| call, json!({})),
        (|call| call.user_external_id(None::<&str>).email(None::<String>), json!({})),
        (|call| call.user_external_id("member-42").email("ada@example.com"), both),
        (|call| call.user_external_id(String::from("member-42")), json!({"user_external_id": "member-42"})),
        (|call| call.email(Some("ada@example.com")), json!({"email": "ada@example.com"})),
        (
            |call| call.user_external_id("member-42").email(Null),
            json!({"user_external_id": "member-42", "email": null}),
        ),
        (|call| call.user_external_id(Null).email(Null), json!({"user_external_id": null, "email": null})),
        // The last word counts.
        (|call| call.email("ada@example.com").email(Null), json!({"email": null})),
        (|call| call.email(Null).email(None::<&str>), json!({})),
    ];
    for (set, body) in calls {
        let (server, capture) = creating().await;
        assert_eq!(*set(client(&server).create_user()).send().await.unwrap(), created());
        assert_sent(&capture.single(), &server, "POST", "/gateway/v1/user", Some(body));
    }
}

#[tokio::test]
async fn get_user_asks_for_the_uid() {
    let server = MockServer::start_async().await;
    let capture = Capture::default();
    server.get_user(|when, then| {
        capture.watch(when.uid("452711987655").into_inner());
        then.ok(&types::GetUserResponse::new(true, user()));
    });
    let answer = client(&server).get_user().uid("452711987655").send().await.unwrap();
    assert_eq!(answer.data, user());
    assert_sent(&capture.single(), &server, "GET", "/gateway/v1/user/452711987655", None);
}

#[tokio::test]
async fn both_lookups_send_their_own_parameter_alone() {
    let server = MockServer::start_async().await;
    let (by_email, by_external_id) = (Capture::default(), Capture::default());
    let found = types::FindUserResponse::new(true).with_data(user());
    server.find_user(|when, then| {
        by_email.watch(when.email("ada@example.com").user_external_id(None).into_inner());
        then.ok(&found);
    });
    server.find_user(|when, then| {
        by_external_id.watch(when.user_external_id("member-42").email(None).into_inner());
        then.ok(&found);
    });
    let client = client(&server);
    assert_eq!(*client.get_user_by_email().email("ada@example.com").send().await.unwrap(), found);
    assert_eq!(*client.get_user_by_external_id().user_external_id("member-42").send().await.unwrap(), found);
    assert_sent(&by_email.single(), &server, "GET", "/gateway/v1/user?email=ada%40example.com", None);
    let target = "/gateway/v1/user?user_external_id=member-42";
    assert_sent(&by_external_id.single(), &server, "GET", target, None);
}

#[tokio::test]
async fn what_has_a_meaning_in_a_url_is_escaped() {
    let server = MockServer::start_async().await;
    let (found, got) = (Capture::default(), Capture::default());
    server.find_user(|when, then| {
        found.watch(when.email("ada+test x&y=1@example.com").into_inner());
        then.ok(&types::FindUserResponse::new(false));
    });
    server.get_user(|when, then| {
        got.watch(when.uid("a/../b?c#d%2e e").into_inner());
        then.ok(&types::GetUserResponse::new(true, user()));
    });
    let client = client(&server);
    client.get_user_by_email().email("ada+test x&y=1@example.com").send().await.unwrap();
    client.get_user().uid("a/../b?c#d%2e e").send().await.unwrap();
    let target = "/gateway/v1/user?email=ada%2Btest%20x%26y%3D1%40example.com";
    assert_sent(&found.single(), &server, "GET", target, None);
    let target = "/gateway/v1/user/a%2F..%2Fb%3Fc%23d%252e%20e";
    assert_sent(&got.single(), &server, "GET", target, None);
}

#[tokio::test]
async fn a_uid_that_would_lead_elsewhere_and_a_missing_key_are_refused_before_sending() {
    let server = MockServer::start_async().await;
    let capture = Capture::of_any(&server);
    let client = client(&server);
    for uid in ["", ".", ".."] {
        let error = client.get_user().uid(uid).send().await.unwrap_err();
        assert!(error.is_invalid_request(), "{uid:?}");
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert_eq!(subjects(&error), ["uid"]);
    }
    let error = client.get_user().send().await.unwrap_err();
    assert_eq!(error.problems()[0].to_string(), "`uid` is required; call `.uid(…)`");
    let error = client.get_user_by_email().send().await.unwrap_err();
    assert_eq!(subjects(&error), ["email"]);
    let error = client.get_user_by_external_id().user_external_id(None::<&str>).send().await.unwrap_err();
    assert_eq!(subjects(&error), ["user_external_id"]);
    capture.assert_empty();
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_no_credentials_go_to_the_other_host() {
    let (server, elsewhere) = (MockServer::start_async().await, MockServer::start_async().await);
    let leaked = Capture::of_any(&elsewhere);
    let client = client(&server);
    // Of these a client that follows them repeats the POST, body included, after a 307 and a 308.
    for status in [301, 302, 303, 307, 308] {
        server.reset_async().await;
        let location = elsewhere.url("/v1/user");
        let capture = Capture::default();
        server.create_user(|when, then| {
            capture.watch(when.into_inner());
            then.into_inner().status(status).header("location", location);
        });
        let error = client.create_user().email("ada@example.com").send().await.unwrap_err();
        assert_eq!(error.status().unwrap(), status);
        assert_eq!(error.delivery(), Delivery::Unknown);
        assert_eq!(error.headers()["location"], elsewhere.url("/v1/user"));
        assert!(error.to_string().contains("redirects are not followed"), "{error}");
        capture.single();
    }
    leaked.assert_empty();
}

#[tokio::test]
async fn a_duplicate_is_refused_typed_and_leaves_one_user() {
    let (sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    let original = clients.original().unwrap();
    let create = || original.create_user();
    let first = create().user_external_id("member-42").email("ada@example.com").send().await.unwrap();
    for call in [
        create().user_external_id("member-42").email("ada@example.com"),
        create().user_external_id("member-42").email("other@example.com"),
        create().email("ada@example.com"),
    ] {
        let error = call.send().await.unwrap_err();
        assert_eq!(error.status().unwrap(), 400);
        assert_eq!(error.delivery(), Delivery::Rejected);
        let error = error.into_body().unwrap().error.unwrap();
        assert_eq!(error.r#type, Some(types::ErrorType::ClientError));
        let details = error.detail.unwrap();
        assert_eq!(details.first().unwrap().message.as_ref().unwrap().expose(), "User already exists.");
    }
    let users = sandbox.original().users();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].uid, first.data.uid);
    assert_eq!(sandbox.requests().len(), 4, "nothing is repeated");
}

#[tokio::test]
async fn each_creation_without_a_key_makes_another_user() {
    let (sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    let original = clients.original().unwrap();
    let mut uids = Vec::new();
    for call in [
        original.create_user(),
        original.create_user(),
        original.create_user().user_external_id(Null).email(Null),
    ] {
        uids.push(call.send().await.unwrap().into_inner().data.uid);
    }
    let users = sandbox.original().users();
    assert_eq!(users.iter().map(|user| user.uid.as_str()).collect::<Vec<_>>(), uids);
    assert!(users.iter().all(|user| user.email.is_none() && user.user_external_id.is_none()));
}

#[tokio::test]
async fn a_user_is_found_by_uid_and_by_both_keys() {
    let (_sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    let original = clients.original().unwrap();
    let (external_id, email) = ("member 42/7 & sons", "ada+test&x=1@example.com");
    original.create_user().send().await.unwrap();
    let created = original.create_user().user_external_id(external_id).email(email).send().await.unwrap();
    let uid = created.into_inner().data.uid;
    let by_uid = original.get_user().uid(uid.as_str()).send().await.unwrap().into_inner().data;
    let by_email = original.get_user_by_email().email(email).send().await.unwrap();
    let by_id = original.get_user_by_external_id().user_external_id(external_id).send().await.unwrap();
    assert_eq!(by_uid.uid, uid);
    assert_eq!(by_uid.email.as_ref().unwrap().expose(), email);
    assert_eq!(by_uid.user_external_id.as_ref().unwrap().expose(), external_id);
    assert_eq!(by_email.data.as_ref(), Some(&by_uid));
    assert_eq!(by_id.data.as_ref(), Some(&by_uid));
}

#[tokio::test]
async fn nobody_is_found_by_an_unknown_uid_or_key() {
    let (sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    let original = clients.original().unwrap();
    let error = original.get_user().uid("000000000000").send().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 404);
    assert_eq!(error.delivery(), Delivery::Rejected);
    let details = error.into_body().unwrap().error.unwrap().detail.unwrap();
    assert_eq!(details.first().unwrap().message.as_ref().unwrap().expose(), "User not found.");
    let answer = original.get_user_by_email().email("ada@example.com").send().await.unwrap();
    assert_eq!((answer.success, &answer.data), (false, &None));
    assert_eq!(sandbox.original().users(), []);
}

#[tokio::test]
async fn what_the_provider_refuses_leaves_no_user() {
    // Straight, because the request is wrong by the spec, and a judge would say so.
    let sandbox = Sandbox::start().await.unwrap();
    let clients = sandbox.config().build().unwrap();
    let call = clients.original().unwrap().create_user().email("no address");
    let error = call.send().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 400);
    let error = error.into_body().unwrap().error.unwrap();
    assert_eq!(error.r#type, Some(types::ErrorType::ValidationError));
    let details = error.detail.unwrap();
    let fields: Vec<_> =
        details.as_slice().iter().map(|detail| detail.field_name.as_deref().unwrap()).collect();
    assert_eq!(fields, ["email"]);

    let stranger = Client::builder()
        .api_key(sandbox.original().api_key())
        .api_secret("fake-secret-of-another-app")
        .base_url(sandbox.original().base_url())
        .http(once())
        .build()
        .unwrap();
    let error = stranger.create_user().send().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 401);
    assert!(error.is_denied());
    assert!(error.to_string().contains("check ORIGINAL_API_KEY, ORIGINAL_API_SECRET"), "{error}");
    let printed = printed(&error);
    assert!(!printed.contains("fake-secret-of-another-app"), "{printed}");
    assert!(printed.contains(" headers]"), "{printed}");
    assert_eq!(sandbox.original().users(), []);
}
