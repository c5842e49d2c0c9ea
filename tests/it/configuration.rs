//! Configuration from variables and code: what is missing or wrong is named at once with its cure, and what is right
//! reaches the wire. The file is in `configuration_file.rs`.

use enroll::haptik::Client;
use enroll::{Config, ConfigError, HttpOptions};
use enroll_sandbox::Sandbox;

use crate::support::repeat_with_environment;
use crate::wire::{Then, Wire, answer};

/// A configuration of these variables and no other.
fn variables(set: &[(&str, &str)]) -> Config {
    Config::from_variables(|wanted| {
        set.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned())
    })
}

/// What is wrong, a line for each problem.
pub(crate) fn problems<T: std::fmt::Debug>(result: Result<T, ConfigError>) -> Vec<String> {
    let error = result.unwrap_err();
    let problems: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert!(error.to_string().ends_with(&problems.join("; ")), "the error says all of it: {error}");
    problems
}

const HAPTIK: [(&str, &str); 3] = [
    ("HAPTIK_TOKEN", "fake-token"),
    ("HAPTIK_CLIENT_ID", "fake-client"),
    ("HAPTIK_BASE_URL", "https://haptik.example.com"),
];

fn haptik_at(base_url: &str) -> Result<Client, ConfigError> {
    Client::builder().token("fake-token").client_id("fake-client").base_url(base_url).build()
}

#[test]
fn every_missing_setting_of_every_provider_in_use_is_named_with_its_cure() {
    let config =
        variables(&[("HAPTIK_TOKEN", "fake"), ("DIGIPAY_COMPANY_ID", "fake"), ("ORIGINAL_API_KEY", "fake")]);
    assert_eq!(
        problems(config.build()),
        [
            "`DIGIPAY_BASE_URL` is not set; set it or call `.base_url(…)`",
            "`DIGIPAY_TOKEN` is not set; set it or call `.token(…)`, or give DIGIPAY_CLIENT_ID and \
             DIGIPAY_CLIENT_SECRET instead",
            "`HAPTIK_BASE_URL` is not set; set it or call `.base_url(…)`, or set HAPTIK_ENVIRONMENT to staging",
            "`HAPTIK_CLIENT_ID` is not set; set it or call `.client_id(…)`",
            "`ORIGINAL_API_SECRET` is not set; set it or call `.api_secret(…)`",
        ]
    );
}

#[test]
fn a_builder_names_everything_that_it_lacks() {
    assert_eq!(
        problems(Client::builder().build()),
        [
            "`HAPTIK_BASE_URL` is not set; set it or call `.base_url(…)`, or set HAPTIK_ENVIRONMENT to staging",
            "`HAPTIK_TOKEN` is not set; set it or call `.token(…)`",
            "`HAPTIK_CLIENT_ID` is not set; set it or call `.client_id(…)`",
        ]
    );
}

#[test]
fn a_provider_that_is_not_configured_says_so_when_it_is_wanted() {
    let clients = variables(&HAPTIK).build().unwrap();
    clients.haptik().unwrap();
    assert_eq!(
        problems(clients.streambird()),
        ["`STREAMBIRD_API_KEY` is not set; set it or call `.api_key(…)`"]
    );
    assert_eq!(
        problems(clients.original()),
        [
            "`ORIGINAL_API_KEY` is not set; set it or call `.api_key(…)`",
            "`ORIGINAL_API_SECRET` is not set; set it or call `.api_secret(…)`",
        ]
    );
    assert_eq!(problems(clients.digipay()).len(), 3);
}

#[test]
fn nothing_configured_is_no_error_until_a_provider_is_wanted() {
    let clients = variables(&[]).build().unwrap();
    assert_eq!(problems(clients.haptik()).len(), 3);
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let clients =
        variables(&[("HAPTIK_TOKEN", ""), ("HAPTIK_ENVIRONMENT", ""), ("STREAMBIRD_MODE", "")]).build();
    assert_eq!(problems(clients.unwrap().haptik()).len(), 3);
    let mut set = HAPTIK;
    set[1].1 = "";
    assert_eq!(
        problems(variables(&set).build()),
        ["`HAPTIK_CLIENT_ID` is not set; set it or call `.client_id(…)`"]
    );
}

#[test]
fn an_empty_value_in_code_is_refused() {
    let built = Client::builder().token("").client_id("fake").base_url("https://haptik.example.com").build();
    assert_eq!(problems(built), ["`HAPTIK_TOKEN` is empty"]);
}

#[test]
fn of_several_ways_to_authenticate_the_one_that_lacks_least_is_meant() {
    let base = [("DIGIPAY_COMPANY_ID", "fake"), ("DIGIPAY_BASE_URL", "https://digipay.example.com")];
    let with = |more: &[(&'static str, &'static str)]| variables(&[base.as_slice(), more].concat()).build();
    with(&[("DIGIPAY_TOKEN", "fake")]).unwrap().digipay().unwrap();
    with(&[("DIGIPAY_CLIENT_ID", "fake"), ("DIGIPAY_CLIENT_SECRET", "fake")]).unwrap().digipay().unwrap();
    assert_eq!(
        problems(with(&[("DIGIPAY_CLIENT_ID", "fake")])),
        ["`DIGIPAY_TOKEN` is not set; set it or call `.token(…)`, or give DIGIPAY_CLIENT_SECRET instead"]
    );
}

#[test]
fn base_urls_that_are_doubtful_are_refused_with_the_reason() {
    let refused = [
        ("haptik.example.com/v1", "is no URL (relative URL without a base); write it as https://host/path"),
        ("localhost:4010", "has no host; write it as https://host/path"),
        ("https://", "is no URL (empty host); write it as https://host/path"),
        ("file:///srv/haptik", "has no host; write it as https://host/path"),
        ("ftp://haptik.example.com", "has the scheme `ftp`; use https"),
        ("https://ada@haptik.example.com", "holds a user name or password; remove it"),
        ("https://ada:fake@haptik.example.com", "holds a user name or password; remove it"),
        ("https://:fake@haptik.example.com", "holds a user name or password; remove it"),
        ("https://haptik.example.com?key=fake", "has a query or fragment; remove it"),
        ("https://haptik.example.com?", "has a query or fragment; remove it"),
        ("https://haptik.example.com#top", "has a query or fragment; remove it"),
    ];
    for (base_url, message) in refused {
        assert_eq!(problems(haptik_at(base_url)), [format!("`HAPTIK_BASE_URL` {message}")], "{base_url}");
    }
}

#[test]
fn plain_http_is_for_this_machine_alone() {
    for host in ["127.0.0.1", "127.8.9.10:80", "[::1]:4010", "localhost", "LOCALHOST:4010", "app.localhost"] {
        haptik_at(&format!("http://{host}")).unwrap();
    }
    let others = [
        "example.com",
        "127.0.0.1.example.com",
        "localhost.example.com",
        "notlocalhost",
        "10.0.0.1",
        "0.0.0.0",
        "[::]",
        "[fe80::1]",
        "[::ffff:10.0.0.1]",
    ];
    for host in others {
        let problems = problems(haptik_at(&format!("http://{host}")));
        assert_eq!(problems.len(), 1);
        assert!(
            problems[0].starts_with("`HAPTIK_BASE_URL` is plain http to another machine; use https"),
            "{host}"
        );
        let allowed = Client::builder()
            .token("fake")
            .client_id("fake")
            .base_url(format!("http://{host}"))
            .http(HttpOptions::default().with_plain_http_allowed());
        allowed.build().unwrap();
    }
}

#[tokio::test]
async fn an_ipv6_loopback_address_is_reached() {
    let Ok(listener) = tokio::net::TcpListener::bind("[::1]:0").await else {
        // A machine without IPv6 has nothing to show here.
        return;
    };
    let wire = Wire::on(listener, answer(200, "", r#"{"auth_id": "member-42"}"#), Then::Keep);
    wire.haptik(HttpOptions::default()).create_user().auth_id("member-42").send().await.unwrap();
    assert!(wire.requests()[0].headers.contains(&format!("host: {}", wire.address())));
}

#[test]
fn a_server_is_chosen_by_its_name() {
    for name in ["production", "development"] {
        variables(&[
            ("ORIGINAL_API_KEY", "fake"),
            ("ORIGINAL_API_SECRET", "fake"),
            ("ORIGINAL_ENVIRONMENT", name),
        ])
        .build()
        .unwrap()
        .original()
        .unwrap();
    }
    let host = |config: Config| format!("{:?}", config.build().unwrap().original().unwrap());
    let credentials = [("ORIGINAL_API_KEY", "fake"), ("ORIGINAL_API_SECRET", "fake")];
    assert!(
        host(variables(&credentials)).contains(r#"Some("api.getoriginal.com")"#),
        "production is the default"
    );
    let development = [credentials.as_slice(), &[("ORIGINAL_ENVIRONMENT", "development")]].concat();
    assert!(host(variables(&development)).contains(r#"Some("api-dev.getoriginal.com")"#));
    let both = [development.as_slice(), &[("ORIGINAL_BASE_URL", "https://original.example.com")]].concat();
    assert!(host(variables(&both)).contains(r#"Some("original.example.com")"#), "a base URL is more precise");
}

#[test]
fn a_server_that_is_not_there_is_refused_with_those_that_are() {
    let unknown = Client::builder().token("fake").client_id("fake").environment("canary").build();
    assert_eq!(problems(unknown), ["`HAPTIK_ENVIRONMENT` names no server of haptik; use staging"]);
    let unknown = variables(&[
        ("ORIGINAL_API_KEY", "fake"),
        ("ORIGINAL_API_SECRET", "fake"),
        ("ORIGINAL_ENVIRONMENT", "Production"),
    ]);
    assert_eq!(
        problems(unknown.build()),
        ["`ORIGINAL_ENVIRONMENT` names no server of original; use production or development"]
    );
}

#[test]
fn values_that_no_header_can_carry_are_refused() {
    let space = "has white space around it; remove it";
    let characters = "has characters that no header can carry; copy it again";
    let refused = [
        (" fake", space),
        ("fake\n", space),
        ("fake\r\n", space),
        ("\u{a0}fake", space),
        (" ", space),
        ("fa\nke", characters),
        ("fa\u{0}ke", characters),
        ("fake\u{7f}", characters),
        ("fäke", characters),
        ("fake\u{200b}", characters),
    ];
    for (value, message) in refused {
        let mut set = HAPTIK;
        set[0].1 = value;
        assert_eq!(problems(variables(&set).build()), [format!("`HAPTIK_TOKEN` {message}")], "{value:?}");
    }
}

#[test]
fn a_key_of_another_mode_than_the_configured_one_is_refused() {
    let with = |key: &'static str, mode: &'static str| {
        variables(&[("STREAMBIRD_API_KEY", key), ("STREAMBIRD_MODE", mode)]).build()
    };
    with("sk_live_fake", "live").unwrap();
    with("sk_test_fake", "test").unwrap();
    with("fake-of-another-form", "live").unwrap();
    assert_eq!(
        problems(with("sk_test_fake", "live")),
        ["`STREAMBIRD_API_KEY` is a key for test mode, but the configuration says live; use a live key"]
    );
    assert_eq!(problems(with("sk_test_fake", "Test")), ["`STREAMBIRD_MODE` is none of live and test"]);
}

#[test]
fn the_user_agent_is_checked() {
    let config = variables(&HAPTIK).with_http(HttpOptions::default().with_user_agent("shop\n7"));
    let found = problems(config.build());
    assert_eq!(
        found,
        [
            "`user_agent` has characters that no header can carry; leave out line breaks and control characters"
        ]
    );
}

#[tokio::test]
async fn what_is_laid_over_replaces_what_it_sets_and_keeps_the_rest() {
    let sandbox = Sandbox::start().await.unwrap();
    let wire = Wire::json(200, r#"{"auth_id": "member-42"}"#).await;
    let clients = sandbox
        .config()
        .overlay(variables(&[("HAPTIK_BASE_URL", &wire.base_url()), ("HAPTIK_TOKEN", "fake-other")]))
        .build()
        .unwrap();
    clients.haptik().unwrap().create_user().auth_id("member-42").send().await.unwrap();
    let headers = &wire.requests()[0].headers;
    assert!(headers.contains(&"authorization: Bearer fake-other".to_owned()), "replaced: {headers:?}");
    assert!(headers.contains(&format!("client-id: {}", sandbox.haptik().client_id())), "kept: {headers:?}");
    clients.original().unwrap().create_user().user_external_id("member-42").send().await.unwrap();
    assert_eq!(sandbox.original().users().len(), 1, "the other providers, and the clock, are kept");
}

#[test]
fn a_server_by_name_laid_over_a_base_url_replaces_it_and_the_other_way_round() {
    let host = |config: Config| format!("{:?}", config.build().unwrap().haptik().unwrap());
    let staging = || variables(&[("HAPTIK_ENVIRONMENT", "staging")]);
    assert!(host(variables(&HAPTIK).overlay(staging())).contains("staging-messenger.haptikapi.com"));
    assert!(host(staging().overlay(variables(&HAPTIK))).contains("haptik.example.com"));
    assert!(host(variables(&HAPTIK).overlay(Config::new())).contains("haptik.example.com"));
}

#[tokio::test]
async fn code_is_laid_over_variables() {
    let wire = Wire::json(200, r#"{"auth_id": "member-42"}"#).await;
    let clients = variables(&HAPTIK)
        .with_http(HttpOptions::default().with_no_proxy())
        .with_haptik(Client::builder().base_url(wire.base_url()).client_id("fake-other"))
        .build()
        .unwrap();
    clients.haptik().unwrap().create_user().auth_id("member-42").send().await.unwrap();
    let headers = &wire.requests()[0].headers;
    assert!(headers.contains(&"authorization: Bearer fake-token".to_owned()), "{headers:?}");
    assert!(headers.contains(&"client-id: fake-other".to_owned()), "{headers:?}");
}

#[tokio::test]
async fn several_configurations_may_share_one_pooled_client() {
    let wire = Wire::json(200, r#"{"auth_id": "member-42"}"#).await;
    let http = HttpOptions::default().with_no_proxy().with_user_agent("shop/7");
    let first = Config::new().with_http(http).build().unwrap();
    let second = variables(&HAPTIK)
        .with_haptik(Client::builder().base_url(wire.base_url()))
        .with_http(HttpOptions::default().with_user_agent("shop\n7"))
        .shared_http(first.http().clone())
        .build()
        .unwrap();
    second.haptik().unwrap().create_user().auth_id("member-42").send().await.unwrap();
    let headers = &wire.requests()[0].headers;
    assert!(headers.iter().any(|header| header.starts_with("user-agent: shop/7 enroll/")), "{headers:?}");
}

#[test]
fn a_wrong_setting_in_code_is_reported_by_the_configuration() {
    let config = variables(&HAPTIK).with_haptik(Client::builder().token("fa\nke"));
    assert_eq!(
        problems(config.build()),
        ["`HAPTIK_TOKEN` has characters that no header can carry; copy it again"]
    );
}

/// Set for the copy of this process whose environment configures a client.
const COPY: &str = "ENROLL_TESTS_ENVIRONMENT";

#[tokio::test]
async fn the_environment_of_the_process_is_read() {
    if std::env::var_os(COPY).is_some() {
        Client::from_env().unwrap().create_user().auth_id("by-client").send().await.unwrap();
        let credentials = enroll::haptik::Credentials::from_env();
        let base_url = std::env::var("HAPTIK_BASE_URL").unwrap();
        let client = Client::builder().credentials(credentials).base_url(base_url).build().unwrap();
        client.create_user().auth_id("by-credentials").send().await.unwrap();
        let clients = Config::from_env().build().unwrap();
        clients.haptik().unwrap().create_user().auth_id("by-config").send().await.unwrap();
        problems(clients.streambird());
        return;
    }
    let sandbox = Sandbox::start().await.unwrap();
    let mut environment = sandbox.environment();
    environment.retain(|(name, _)| name.starts_with("HAPTIK_"));
    environment.push((COPY, String::new()));
    repeat_with_environment("configuration::the_environment_of_the_process_is_read", environment).await;
    let users: Vec<_> = sandbox.haptik().users().into_iter().map(|user| user.auth_id).collect();
    assert_eq!(users, ["by-client", "by-credentials", "by-config"]);
}
