//! A call may be looked at before it is sent: all of it, and nothing private.

use std::process::Command;

use enroll::{Clients, Preview};
use serde_json::{Value, json};

use crate::redaction::{Creates, EMAIL, assert_hidden, clients, debug};
use crate::support::{once, subjects};
use crate::wire::Wire;

/// Looks for the canaries in everything that a preview says.
fn assert_hides(preview: &Preview) {
    debug(preview);
    assert_hidden(&preview.to_string());
    assert_hidden(&preview.curl());
    assert_hidden(&format!("{} {:?} {:?}", preview.url(), preview.headers(), preview.body()));
}

/// Headers as lines in alphabetical order.
fn lines(preview: &Preview) -> Vec<String> {
    let mut lines: Vec<_> =
        preview.headers().iter().map(|(name, value)| format!("{name}: {value}")).collect();
    lines.sort();
    lines
}

fn body(preview: &Preview) -> Value {
    serde_json::from_str(preview.body().unwrap()).unwrap()
}

/// Asserts that the create shows exactly this, nothing private, and a command that a shell can read.
fn assert_create(preview: &Preview, url: &str, credentials: &[&str], expected: Value) {
    assert_eq!(preview.method(), "POST");
    assert_eq!(preview.url(), url);
    let mut headers = vec!["accept: application/json", "content-type: application/json"];
    headers.extend(credentials);
    headers.sort_unstable();
    assert_eq!(lines(preview), headers);
    assert_eq!(body(preview), expected);
    assert_hides(preview);
    let text = preview.to_string();
    assert!(text.starts_with(&format!("POST {url}\n")), "{text}");
    assert!(text.ends_with(preview.body().unwrap()), "{text}");
    assert_eq!(arguments(preview)[..3], ["--request", "POST", url]);
}

/// What a shell hands to `curl`, with the variables that hold credentials set.
fn arguments(preview: &Preview) -> Vec<String> {
    let command = preview.curl();
    let checked = Command::new("sh").args(["-n", "-c", &command]).output().unwrap();
    assert!(checked.status.success(), "{command}: {checked:?}");
    let script = format!("curl() {{ for it in \"$@\"; do printf '%s\\n' \"$it\"; done; }}\n{command}");
    let run = Command::new("sh").args(["-c", &script]).envs(VARIABLES.iter().copied()).output().unwrap();
    assert!(run.status.success() && run.stderr.is_empty(), "{command}: {run:?}");
    String::from_utf8(run.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Credentials as a person's environment has them.
const VARIABLES: &[(&str, &str)] = &[
    ("HAPTIK_TOKEN", "fake token"),
    ("HAPTIK_CLIENT_ID", "fake-client"),
    ("ORIGINAL_API_KEY", "fake-key"),
    ("ORIGINAL_API_SECRET", "fake-secret"),
    ("STREAMBIRD_API_KEY", "sk_test_fake"),
    ("DIGIPAY_TOKEN", "fake-token"),
    ("DIGIPAY_COMPANY_ID", "fake-company"),
    ("DIGIPAY_CLIENT_ID", "fake-client-with-a-long-name-of-its-own"),
    ("DIGIPAY_CLIENT_SECRET", "fake-secret-with-a-long-name-of-its-own"),
];

/// Clients with canaries, of a server that must receive nothing.
async fn unused() -> (Wire, Clients) {
    let wire = Wire::json(500, "").await;
    let clients = clients(&format!("{}/gateway/", wire.base_url()));
    (wire, clients)
}

#[tokio::test]
async fn every_create_shows_what_would_be_sent_with_placeholders_and_sends_nothing() {
    let (wire, clients) = unused().await;
    let creates = Creates::new(&clients);
    let url = |path: &str| format!("{}/gateway{path}", wire.base_url());
    assert_create(
        &creates.haptik.preview().unwrap(),
        &url("/v1.0/user/"),
        &["authorization: Bearer $HAPTIK_TOKEN", "client-id: $HAPTIK_CLIENT_ID"],
        json!({
            "auth_id": "member-42", "auth_code": "[secret]", "mobile_no": "[personal]", "email": "[personal]",
            "name": "[personal]", "custom_data": "[personal]",
        }),
    );
    assert_create(
        &creates.original.preview().unwrap(),
        &url("/user"),
        &["authorization: Bearer [signed with ORIGINAL_API_SECRET]", "x-api-key: $ORIGINAL_API_KEY"],
        json!({"user_external_id": "[personal]", "email": "[personal]"}),
    );
    assert_create(
        &creates.streambird.preview().unwrap(),
        &url("/v1/auth/users/create"),
        &["authorization: Bearer $STREAMBIRD_API_KEY"],
        json!({
            "email": "[personal]", "phone_number": "[personal]", "first_name": "[personal]",
            "middle_name": "[personal]", "last_name": "[personal]", "metadata": "[personal]",
        }),
    );
    assert_create(
        &creates.digipay.preview().unwrap(),
        &url("/digipay/v3/auth/user_register"),
        &["authorization: Token $DIGIPAY_TOKEN", "companyid: $DIGIPAY_COMPANY_ID"],
        json!({
            "dial_code": "[personal]", "phone_number": "[personal]", "first_name": "[personal]",
            "last_name": "[personal]", "password": "[secret]", "email": "[personal]", "login_pin": "[secret]",
            "transaction_pin": "[secret]", "image": "[personal]", "location_point": "[personal]",
            "device_id": "[personal]", "device_unique_id": "[personal]",
        }),
    );
    assert!(wire.requests().is_empty());
}

#[tokio::test]
async fn what_was_previewed_is_sent_without_placeholders() {
    let wire = Wire::json(200, r#"{"auth_id": "member-42"}"#).await;
    let call = wire.haptik(once()).create_user().auth_id("member-42").email("ada@example.com");
    let preview = call.preview().unwrap();
    call.send().await.unwrap();
    let requests = wire.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].body, preview.body().unwrap().replace("[personal]", "ada@example.com"));
    assert!(preview.url().ends_with("/v1.0/user/"));
    for (name, _) in preview.headers() {
        let sent = requests[0].headers.iter().filter(|line| line.starts_with(&format!("{name}: "))).count();
        assert_eq!(sent, 1, "{name}");
    }
}

#[tokio::test]
async fn a_lookup_shows_no_personal_value_of_its_query_or_path() {
    let (wire, clients) = unused().await;
    let original = clients.original().unwrap();
    let base = format!("{}/gateway", wire.base_url());
    let by_email = original.get_user_by_email().email(EMAIL).preview().unwrap();
    assert_eq!((by_email.method(), by_email.body()), ("GET", None));
    assert_eq!(by_email.url(), format!("{base}/user?email=[personal]"));
    assert_eq!(arguments(&by_email)[..4], ["--request", "GET", by_email.url(), "--globoff"]);
    assert_hides(&by_email);
    let by_id = original.get_user_by_external_id().user_external_id("canary-42").preview().unwrap();
    assert_eq!(by_id.url(), format!("{base}/user?user_external_id=[personal]"));
    assert_hides(&by_id);
    let listed =
        clients.digipay().unwrap().list_users().search_keyword("canary & co").sorting("a&b c").limit(2);
    let listed = listed.preview().unwrap();
    assert_hides(&listed);
    let (address, query) = listed.url().split_once('?').unwrap();
    assert_eq!(address, format!("{base}/digipay/v3/user/user_detail"));
    let mut pairs: Vec<_> = query.split('&').collect();
    pairs.sort_unstable();
    assert_eq!(pairs, ["limit=2", "search_keyword=[personal]", "sorting=a%26b%20c"]);
    assert!(wire.requests().is_empty());
}

#[tokio::test]
async fn a_token_that_would_be_exchanged_is_named_by_its_operation_and_not_fetched() {
    let wire = Wire::json(500, "").await;
    let client = enroll::digipay::Client::builder()
        .company_id("canary-company")
        .client_id("canary-client")
        .client_secret("canary-client-secret")
        .base_url(wire.base_url())
        .http(once())
        .build()
        .unwrap();
    let register = client.user_register().email(EMAIL).preview().unwrap();
    assert!(lines(&register).contains(&"authorization: Token [from authenticate]".to_owned()), "{register}");
    assert_hides(&register);
    let exchange = client.authenticate().preview().unwrap();
    assert_hides(&exchange);
    let arguments = arguments(&exchange);
    // The base64 of the two variables with a colon between them, in one line however long it is.
    let basic = "authorization: Basic ZmFrZS1jbGllbnQtd2l0aC1hLWxvbmctbmFtZS1vZi1pdHMtb3duOmZha2Utc2VjcmV0LXdpdGgtYS1sb25n\
                 LW5hbWUtb2YtaXRzLW93bg==";
    assert!(arguments.contains(&basic.to_owned()), "{arguments:?}");
    assert!(wire.requests().is_empty());
}

#[tokio::test]
async fn a_shell_takes_nothing_in_a_call_for_its_own() {
    let (_wire, clients) = unused().await;
    let awkward = r#"it's "$HAPTIK_TOKEN" `id` $(id) \ "#;
    let haptik = clients.haptik().unwrap();
    let call = haptik.create_user().auth_id(awkward).header("x-'$`", "canary $(id)");
    let preview = call.preview().unwrap();
    assert_hides(&preview);
    let arguments = arguments(&preview);
    assert!(arguments.contains(&"x-'$`: [secret]".to_owned()), "{arguments:?}");
    assert!(arguments.contains(&"authorization: Bearer fake token".to_owned()), "{arguments:?}");
    assert_eq!(arguments.last().map(String::as_str), preview.body());
    assert_eq!(body(&preview), json!({"auth_id": awkward}));
}

#[tokio::test]
async fn a_call_that_is_not_valid_reports_everything_that_sending_it_would() {
    let (wire, clients) = unused().await;
    let call =
        clients.haptik().unwrap().create_user().custom_data(json!([EMAIL])).header("no name", "canary");
    let error = call.preview().unwrap_err();
    assert!(error.is_invalid_request());
    assert_eq!(subjects(&error), ["auth_id", "custom_data", "no name"]);
    assert_hidden(&error.to_string());
    assert_eq!(error.to_string(), call.send().await.unwrap_err().to_string());
    assert!(wire.requests().is_empty());
}
