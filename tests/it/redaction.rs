//! Nothing leaks: what is planted in credentials, requests and answers is looked for in everything that can be printed.
//! What is logged is in `redaction_of_logs.rs`.

use std::fmt::{Debug, Display};

use enroll::{Clients, Config, digipay, haptik, original, streambird};
use serde_json::{Value, json};

use crate::support::once;
use crate::wire::{Then, Wire, cut_answer, nobody};

pub(crate) const EMAIL: &str = "canary-mail@example.com";
pub(crate) const PHONE: &str = "+14155550177";
pub(crate) const NAME: &str = "Canarina";
pub(crate) const PASSWORD: &str = "canary-password";
pub(crate) const PIN: &str = "740177";
pub(crate) const TOKEN: &str = "canary-token";
pub(crate) const KEY: &str = "sk_test_canary-key";
pub(crate) const SECRET: &str = "canary-client-secret";

/// What must not be found, in lower case: each of the above, whichever way it may have been encoded for its journey.
const FORBIDDEN: &[&str] = &[
    "canar",
    "4155550177",
    PIN,
    // The base64 of `canary-client:canary-client-secret`, as DigiPay's exchange sends it, from its first and its second
    // byte on.
    "y2fuyxj5lwnsawvuddpjyw5hcnkty2xpzw50lxnly3jlda",
    "fuyxj5",
];

pub(crate) fn assert_hidden(text: &str) {
    let text = text.to_lowercase();
    for canary in FORBIDDEN {
        assert!(!text.contains(canary), "`{canary}` leaks: {text}");
    }
}

/// Looks for the canaries in both forms of `Debug`, and answers with the shorter one.
pub(crate) fn debug(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    assert_hidden(&text);
    assert_hidden(&format!("{value:#?}"));
    text
}

/// Looks for the canaries in an error and in all of its causes, and answers with everything that it says.
pub(crate) fn printed(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        text.push_str(&format!("{error}\n{error:?}\n{error:#?}\n"));
        next = error.source();
    }
    assert_hidden(&text);
    text
}

/// A configuration of all providers, with a canary in every setting that is one's own. Every request is sent once.
pub(crate) fn config(base_url: &str) -> Config {
    let variables = [
        ("HAPTIK_TOKEN", TOKEN),
        ("HAPTIK_CLIENT_ID", "canary-client"),
        ("ORIGINAL_API_KEY", "canary-key"),
        ("ORIGINAL_API_SECRET", SECRET),
        ("STREAMBIRD_API_KEY", KEY),
        ("DIGIPAY_COMPANY_ID", "canary-company"),
        ("DIGIPAY_TOKEN", TOKEN),
        ("DIGIPAY_CLIENT_ID", "canary-client"),
        ("DIGIPAY_CLIENT_SECRET", SECRET),
    ];
    // Any other provider stays without a setting, which is no mistake.
    let is_here = |wanted: &str| {
        let provider = wanted.strip_suffix("BASE_URL");
        provider.is_some_and(|provider| variables.iter().any(|(name, _)| name.starts_with(provider)))
    };
    let variable = |wanted: &str| match is_here(wanted) {
        true => Some(base_url.to_owned()),
        false => variables.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned()),
    };
    Config::from_variables(variable).with_http(once())
}

pub(crate) fn clients(base_url: &str) -> Clients {
    config(base_url).build().unwrap()
}

/// The creates of all providers, with a canary in every field that is a person's or a secret.
pub(crate) struct Creates {
    pub(crate) haptik: haptik::builder::CreateUser,
    pub(crate) original: original::builder::CreateUser,
    pub(crate) streambird: streambird::builder::CreateUser,
    pub(crate) digipay: digipay::builder::UserRegister,
}

impl Creates {
    pub(crate) fn new(clients: &Clients) -> Self {
        Self {
            haptik: clients
                .haptik()
                .unwrap()
                .create_user()
                .auth_id("member-42")
                .auth_code(TOKEN)
                .mobile_no(PHONE)
                .email(EMAIL)
                .name(NAME)
                .custom_data(json!({"canary-field": PASSWORD})),
            original: clients.original().unwrap().create_user().user_external_id("canary-42").email(EMAIL),
            streambird: clients
                .streambird()
                .unwrap()
                .create_user()
                .email(EMAIL)
                .phone_number(PHONE)
                .first_name(NAME)
                .middle_name(NAME)
                .last_name(NAME)
                .metadata(json!({"canary-field": NAME})),
            digipay: clients
                .digipay()
                .unwrap()
                .user_register()
                .dial_code("+1")
                .phone_number("4155550177")
                .first_name(NAME)
                .last_name(NAME)
                .password(PASSWORD)
                .email(EMAIL)
                .login_pin(PIN)
                .transaction_pin(PIN)
                .image("https://example.com/canary.jpg")
                .location_point("canary-place")
                .device_id("canary-device")
                .device_unique_id("canary-device"),
        }
    }
}

/// A user as each provider may answer, all of them in one object.
pub(crate) fn user() -> Value {
    json!({
        "auth_id": "member-42", "mobile_no": PHONE, "email": EMAIL, "name": NAME,
        "user_id": "user_1", "phone_number": PHONE, "first_name": NAME, "middle_name": NAME, "last_name": NAME,
        "emails": [{"id": "email_1", "email": EMAIL}],
        "phone_numbers": [{"id": "pn_1", "phone_number": PHONE}],
        "metadata": {"canary-field": NAME},
        "wallets": [{"id": "wallet_1", "public_address": "canary-address", "address": "canary-address"}],
        "id": "64b8", "uid": "452711987655", "user_external_id": "canary-42", "client_id": "canary-client",
        "dial_code": "+1", "account_number": "canary-account", "address": "canary-street", "birth_date": 740177,
        "login_pin": PIN, "transaction_pin": PIN, "display_name": NAME, "image": "https://example.com/canary.jpg",
        "device_info": {"device_id": "canary-device", "device_unique_id": "canary-device"},
    })
}

/// A successful answer of every operation that the tests of this topic use, all of them in one object.
pub(crate) fn success() -> String {
    let mut answer = user();
    let mut data = user();
    data["access_token"] = TOKEN.into();
    data["token"] = json!({"token": TOKEN});
    data["users"] = json!([user()]);
    data["user_detail"] = user();
    data["message"] = "ok".into();
    answer["success"] = json!(1);
    answer["data"] = data;
    answer["users"] = json!([user()]);
    answer.to_string()
}

/// The same for Original, whose flag is a boolean.
pub(crate) fn original_success() -> String {
    json!({"success": true, "data": user()}).to_string()
}

/// A failure as each provider tells it, with a canary wherever it may repeat what was sent.
fn failure(success: Value) -> String {
    json!({
        "error_message": format!("{EMAIL} is taken"),
        "status_code": 400, "error_type": "invalid_parameter",
        "success": success,
        "error": ["PHONE_NUMBER_ALREADY_EXISTS", format!("{PHONE} is taken")],
        "data": {"message": format!("{NAME} is taken")},
    })
    .to_string()
}

fn original_failure() -> String {
    json!({
        "success": false,
        "error": {"type": "validation_error", "detail": {
            "code": "invalid", "field_name": "email", "message": format!("{EMAIL} is taken"),
        }},
    })
    .to_string()
}

fn assert_placeholders(text: &str) {
    assert!(text.contains("[personal]"), "{text}");
}

#[test]
fn settings_show_which_are_set_and_not_what_they_are() {
    let base_url = "https://canary-host.example.com/canary";
    let config = config(base_url);
    let shown = debug(&config);
    for name in ["\"token\"", "\"client_id\"", "\"api_key\"", "\"api_secret\"", "\"company_id\"", "\"[set]\""]
    {
        assert!(shown.contains(name), "{name} in {shown}");
    }
    let builder = haptik::Client::builder().token(TOKEN).client_id("canary-client").base_url(base_url);
    assert!(debug(&builder).contains(r#"credentials: ["token", "client_id"]"#));
    let credentials =
        digipay::Credentials::new().token(TOKEN).client_secret(SECRET).client_id("canary-client");
    // In the order of the spec, whatever the order in which they were set.
    let shown = debug(&credentials);
    assert!(shown.contains(r#"["token", "client_id", "client_secret"]"#), "{shown}");
    assert!(
        debug(&original::Credentials::new().api_key("canary-key").api_secret(SECRET)).contains("api_secret")
    );
    assert!(debug(&streambird::Credentials::new().api_key(KEY)).contains("api_key"));
    assert_eq!(debug(&enroll::Secret::from(TOKEN)), "Secret([secret])");
    assert_eq!(debug(&enroll::Personal::<String>::from(EMAIL)), "[personal]");
}

#[test]
fn clients_show_their_provider_and_host_alone() {
    let clients = clients("http://127.0.0.1:9/canary");
    let shown = debug(&clients);
    for name in ["digipay", "haptik", "original", "streambird"] {
        assert!(shown.contains(&format!(r#"provider: "{name}", host: Some("127.0.0.1")"#)), "{shown}");
    }
    debug(clients.haptik().unwrap());
    debug(clients.http());
}

#[test]
fn operations_show_placeholders_for_what_they_were_given() {
    let creates = Creates::new(&clients("http://127.0.0.1:9"));
    let haptik = debug(&creates.haptik);
    assert!(haptik.contains("auth_code: Some(Secret([secret]))"), "{haptik}");
    assert_eq!(haptik.matches("[personal]").count(), 4, "{haptik}");
    assert_eq!(debug(&creates.original).matches("[personal]").count(), 2);
    assert_eq!(debug(&creates.streambird).matches("[personal]").count(), 6);
    let digipay = debug(&creates.digipay);
    assert_eq!(digipay.matches("Secret([secret])").count(), 3, "{digipay}");
    assert_placeholders(&digipay);
    let lookup = clients("http://127.0.0.1:9").original().unwrap().get_user_by_email().email(EMAIL);
    assert_placeholders(&debug(&lookup));
}

#[test]
fn request_types_show_placeholders() {
    let request = haptik::types::CreateUserRequest::new("member-42").with_email(EMAIL).with_auth_code(TOKEN);
    let shown = debug(&request);
    assert!(shown.contains("[secret]") && shown.contains("[personal]"), "{shown}");
    let filter = streambird::types::SearchFilter::new("email", "eq").with_value(json!(EMAIL));
    assert_placeholders(&debug(&filter));
}

#[tokio::test]
async fn answers_show_placeholders_for_what_they_hold() {
    let wire = Wire::json(200, &success()).await;
    let set = clients(&wire.base_url());
    let creates = Creates::new(&set);
    assert_placeholders(&debug(&creates.haptik.send().await.unwrap()));
    assert_placeholders(&debug(&creates.streambird.send().await.unwrap()));
    let registered = debug(&creates.digipay.send().await.unwrap());
    assert!(registered.contains("token: Some(Secret([secret]))"), "{registered}");
    let authenticated = debug(&set.digipay().unwrap().authenticate().send().await.unwrap());
    assert!(authenticated.contains("access_token: Secret([secret])"), "{authenticated}");
    let listed = debug(&set.digipay().unwrap().list_users().send().await.unwrap());
    assert!(listed.contains("login_pin: Some(Secret([secret]))"), "{listed}");
    assert_placeholders(&listed);
    assert_placeholders(&debug(&set.digipay().unwrap().get_user().id("64b8").send().await.unwrap()));
    assert_placeholders(&debug(
        &set.streambird().unwrap().get_user().user_id("user_1").send().await.unwrap(),
    ));
    assert_placeholders(&debug(&set.streambird().unwrap().search_users().send().await.unwrap()));

    let wire = Wire::json(200, &original_success()).await;
    let original = clients(&wire.base_url());
    let original = original.original().unwrap();
    assert_placeholders(&debug(&original.get_user().uid("452711987655").send().await.unwrap()));
    assert_placeholders(&debug(&original.get_user_by_email().email(EMAIL).send().await.unwrap()));
}

/// Whatever an error of the call holds, it prints none of it; and it holds what it is expected to hold.
async fn assert_error<T: Debug, B: Debug + 'static>(
    call: impl Future<Output = Result<T, enroll::Error<B>>>,
    body: &str,
) -> String {
    let error = call.await.unwrap_err();
    assert_eq!(error.raw_body(), body, "the canary is there to be found");
    if let Some(body) = error.body() {
        assert_placeholders(&debug(body));
    }
    printed(&error)
}

#[tokio::test]
async fn documented_failures_show_their_status_and_nothing_of_the_body() {
    for (status, flag) in [(400, json!(0)), (401, json!(0)), (409, json!(0)), (500, json!(0))] {
        let body = failure(flag);
        let wire = Wire::json(status, &body).await;
        let creates = Creates::new(&clients(&wire.base_url()));
        let said = format!("HTTP {status}");
        assert!(assert_error(creates.haptik.send(), &body).await.contains(&said));
        assert!(assert_error(creates.streambird.send(), &body).await.contains(&said));
        assert!(assert_error(creates.digipay.send(), &body).await.contains(&said));
        let body = original_failure();
        let wire = Wire::json(status, &body).await;
        let creates = Creates::new(&clients(&wire.base_url()));
        assert!(assert_error(creates.original.send(), &body).await.contains(&said));
    }
}

#[tokio::test]
async fn a_failure_inside_a_success_shows_nothing_of_the_body() {
    let body = failure(json!(0));
    let wire = Wire::json(200, &body).await;
    let shown = assert_error(Creates::new(&clients(&wire.base_url())).digipay.send(), &body).await;
    assert!(shown.contains("inside an answer of HTTP 200"), "{shown}");
}

#[tokio::test]
async fn answers_that_cannot_be_read_are_not_quoted() {
    // Of another shape, of another type where serde quotes the value, not JSON, and cut.
    let wrong =
        json!({"auth_id": {EMAIL: PHONE}, "user_id": [PIN], "success": PASSWORD, "data": EMAIL}).to_string();
    for body in
        [wrong.as_str(), "\"canary-mail@example.com\"", "canary-token", r#"{"email": "canary-mail@exa"#]
    {
        let wire = Wire::json(200, body).await;
        let creates = Creates::new(&clients(&wire.base_url()));
        let said = "could not be read; the request took effect";
        assert!(assert_error(creates.haptik.send(), body).await.contains(said));
        assert!(assert_error(creates.original.send(), body).await.contains(said));
        assert!(assert_error(creates.streambird.send(), body).await.contains(said));
        // DigiPay's successes may be failures, so that one whose flag cannot be read says nothing.
        let said = if body == wrong { said } else { "could not be read; the request may have taken effect" };
        assert!(assert_error(creates.digipay.send(), body).await.contains(said));
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_not_quoted() {
    for (status, body) in [(200, success()), (400, failure(json!(0)))] {
        let wire = Wire::start(cut_answer(status, &body), Then::Close).await;
        let creates = Creates::new(&clients(&wire.base_url()));
        assert_error(creates.haptik.send(), &body).await;
        assert_error(creates.original.send(), &body).await;
        assert_error(creates.streambird.send(), &body).await;
        assert_error(creates.digipay.send(), &body).await;
    }
}

#[tokio::test]
async fn failures_of_the_connection_show_neither_path_nor_query() {
    let silent = Wire::start("", Then::Close).await;
    for base_url in [nobody().await, silent.base_url()] {
        let base_url = format!("{base_url}/canary");
        let set = clients(&base_url);
        let creates = Creates::new(&set);
        assert_error(creates.haptik.send(), "").await;
        assert_error(creates.original.send(), "").await;
        assert_error(creates.streambird.send(), "").await;
        assert_error(creates.digipay.send(), "").await;
        let original = set.original().unwrap();
        let lookup = original.get_user_by_email().email(EMAIL).send();
        assert!(assert_error(lookup, "").await.starts_with("original get_user_by_email: "));
        assert_error(original.get_user_by_external_id().user_external_id("canary-42").send(), "").await;
        assert_error(original.get_user().uid("canary-42").send(), "").await;
    }
    let lines = silent.requests().into_iter().map(|request| request.line).collect::<Vec<_>>().join("\n");
    assert!(lines.contains("/canary/user?email=canary-mail%40example.com"), "{lines}");
}

#[tokio::test]
async fn a_token_that_could_not_be_had_shows_no_credential() {
    let denied = "no token could be had; nothing was sent; check DIGIPAY_COMPANY_ID";
    let later = "no token could be had for now; nothing was sent";
    let cases = [
        (Wire::json(401, &failure(json!(0))).await, denied),
        (Wire::json(200, &json!({"data": {"access": TOKEN}}).to_string()).await, denied),
        // A token with a line break cannot become a header.
        (
            Wire::json(200, &json!({"data": {"access_token": format!("{TOKEN}\n{SECRET}")}}).to_string())
                .await,
            denied,
        ),
        (Wire::start("", Then::Close).await, later),
    ];
    for (wire, said) in cases {
        let client = digipay::Client::builder()
            .company_id("canary-company")
            .client_id("canary-client")
            .client_secret(SECRET)
            .base_url(wire.base_url())
            .http(once())
            .build()
            .unwrap();
        let error = client.user_register().email(EMAIL).send().await.unwrap_err();
        assert_eq!(wire.requests().len(), 1, "only the exchange was sent");
        assert!(
            wire.requests()[0].headers.iter().any(|line| line.starts_with("authorization: Basic Y2FuYXJ5"))
        );
        assert!(printed(&error).contains(said), "{error}");
    }
}

#[tokio::test]
async fn a_request_that_is_not_valid_is_not_quoted() {
    let clients = clients("http://127.0.0.1:9");
    let create = clients.haptik().unwrap().create_user().email(EMAIL).custom_data(json!([EMAIL]));
    let error = create.send().await.unwrap_err();
    assert_eq!(error.problems().len(), 2);
    assert!(printed(&error).contains("`custom_data` must be a JSON object"));
}

#[test]
fn problems_of_the_configuration_name_settings_and_never_their_values() {
    let base_urls = [
        "canary-host",
        "ftp://canary-host.example.com",
        "http://canary-host.example.com",
        "https://canary-user:canary-password@example.com",
        "https://example.com/?key=canary-key",
        "https://",
        "https://canary host/",
    ];
    for base_url in base_urls {
        let error = config(base_url).build().unwrap_err();
        assert_hidden(&assert_display(&error));
        assert!(printed(&error).contains("HAPTIK_BASE_URL"), "{base_url}");
    }
    for value in [" canary-token", "canary-token\n", "canary-töken", "canary\u{7}token", "sk_live_canary"] {
        let variables = |_: &str| Some(value.to_owned());
        let error = Config::from_variables(variables).build().unwrap_err();
        assert_hidden(&assert_display(&error));
        printed(&error);
    }
}

/// What a person reads first.
fn assert_display(value: &impl Display) -> String {
    let text = value.to_string();
    assert!(text.starts_with("configuration of "), "{text}");
    text
}
