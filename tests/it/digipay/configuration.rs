//! The configuration: everything that is missing is named at once, and credentials do not travel in clear.

use enroll::digipay::Client;
use enroll::{Config, ConfigError, HttpOptions};

/// The address of the documentation's own sample: plain http to another machine.
const PLAIN: &str = "http://192.168.1.102:8014";

fn subjects(error: &ConfigError) -> Vec<&str> {
    error.problems().iter().map(|problem| problem.subject.as_str()).collect()
}

#[test]
fn everything_that_is_missing_is_named_at_once_with_both_ways_to_authenticate() {
    let error = Client::builder().build().unwrap_err();
    assert_eq!(
        error.to_string(),
        "configuration of digipay: \
         `DIGIPAY_BASE_URL` is not set; set it or call `.base_url(…)`; \
         `DIGIPAY_COMPANY_ID` is not set; set it or call `.company_id(…)`; \
         `DIGIPAY_TOKEN` is not set; set it or call `.token(…)`, \
         or give DIGIPAY_CLIENT_ID and DIGIPAY_CLIENT_SECRET instead"
    );
}

#[test]
fn a_client_id_and_its_secret_stand_in_for_a_token() {
    let exchanging = |secret: Option<&'static str>| {
        Config::from_variables(move |name| match name {
            "DIGIPAY_BASE_URL" => Some("https://digipay.example.com".to_owned()),
            "DIGIPAY_COMPANY_ID" => Some("fake-company".to_owned()),
            "DIGIPAY_CLIENT_ID" => Some("fake-client".to_owned()),
            "DIGIPAY_CLIENT_SECRET" => secret.map(ToOwned::to_owned),
            _ => None,
        })
        .build()
    };
    exchanging(Some("fake-secret")).unwrap();
    let message = exchanging(None).unwrap_err().to_string();
    assert!(message.contains("DIGIPAY_TOKEN") && message.contains("DIGIPAY_CLIENT_SECRET"), "{message}");
    assert!(!message.contains("fake-client"), "{message}");
}

#[test]
fn the_base_url_is_missed_even_if_all_credentials_are_there() {
    let error = Client::builder().company_id("fake-company").token("canary-token").build().unwrap_err();
    assert_eq!(subjects(&error), ["DIGIPAY_BASE_URL"]);
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[test]
fn plain_http_to_another_machine_is_refused_unless_it_is_allowed() {
    let builder = || Client::builder().company_id("fake-company").token("fake-token").base_url(PLAIN);
    let error = builder().build().unwrap_err();
    assert_eq!(subjects(&error), ["DIGIPAY_BASE_URL"]);
    let message = error.to_string();
    assert!(message.contains("plain http") && message.contains("with_plain_http_allowed"), "{message}");
    builder().http(HttpOptions::default().with_plain_http_allowed()).build().unwrap();
}

#[test]
fn https_and_this_machine_need_no_permission() {
    for base_url in
        ["https://digipay.example.com/", "http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1"]
    {
        let builder = Client::builder().company_id("fake-company").token("fake-token");
        builder.base_url(base_url).build().unwrap();
    }
}

#[test]
fn neither_a_builder_nor_a_client_prints_a_secret() {
    let builder = Client::builder()
        .company_id("fake-company")
        .token("canary-token")
        .client_secret("canary-secret")
        .base_url("https://canary.example.com");
    let shown = format!("{builder:?}");
    assert!(!shown.contains("canary"), "{shown}");
    assert!(shown.contains("\"client_secret\"") && shown.contains("[set]"), "{shown}");
    let shown = format!("{:?}", builder.build().unwrap());
    assert!(!shown.contains("canary-"), "{shown}");
}
