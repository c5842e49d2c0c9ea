//! Configuration from a TOML file: whatever in it is unknown, misspelt or of the wrong type is named with its path, all
//! at once, and no message repeats a value.

use std::path::{Path, PathBuf};

use enroll::{Config, ConfigError};
use enroll_sandbox::Sandbox;

use crate::configuration::problems;
use crate::support::{providers, repeat_with_environment};
use crate::wire::Wire;

/// A file that is removed in the end.
struct File(PathBuf);

impl AsRef<Path> for File {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // A file that stays behind harms nobody, and a panic here would hide the test's own.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Writes a file of this test's own: `name` and the process keep apart those that run at once.
fn file(name: &str, text: &str) -> File {
    let name = format!("configuration-{}-{name}.toml", std::process::id());
    let file = File(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
    std::fs::write(&file, text).unwrap();
    file
}

/// The problems of a file with this text. Its values contain the word `canary`, which no message repeats.
fn refused(name: &str, text: &str) -> Vec<String> {
    let error = Config::from_file(file(name, text)).unwrap_err();
    assert!(!error.to_string().contains("canary"), "{error}");
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    problems::<Config>(Err(error))
}

/// The providers' sections for a server, with the profile `other` that replaces Haptik's client id.
fn sections(sandbox: &Sandbox) -> String {
    let haptik = sandbox.haptik();
    format!(
        "[haptik]\ntoken = \"{}\"\nclient_id = \"{}\"\nbase_url = \"{}\"\n[profiles.other.haptik]\nclient_id = \"fake\"\n",
        haptik.token(),
        haptik.client_id(),
        haptik.base_url(),
    )
}

#[tokio::test]
async fn a_file_configures_the_providers_that_it_names() {
    let sandbox = Sandbox::start().await.unwrap();
    let path = file("providers", &sections(&sandbox));
    let clients = Config::from_file(path).unwrap().build().unwrap();
    clients.haptik().unwrap().create_user().auth_id("member-42").send().await.unwrap();
    assert_eq!(sandbox.haptik().users().len(), 1);
    assert_eq!(problems(clients.streambird()).len(), 1);
}

#[tokio::test]
async fn a_chosen_profile_replaces_what_it_sets_and_keeps_the_rest() {
    let sandbox = Sandbox::start().await.unwrap();
    let path = file("profile", &sections(&sandbox));
    let clients = Config::from_file_with_profile(path, "other").unwrap().build().unwrap();
    let error = clients.haptik().unwrap().create_user().auth_id("member-42").send().await.unwrap_err();
    assert!(error.is_denied());
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].header("client-id"), Some("fake"));
    assert_eq!(requests[0].header("authorization"), Some(&*format!("Bearer {}", sandbox.haptik().token())));
}

#[tokio::test]
async fn the_environment_chooses_a_profile() {
    let chosen = std::env::var("ENROLL_PROFILE").ok();
    let path =
        file("chosen", "[haptik]\nenvironment = \"staging\"\n[profiles.canary.haptik]\ntoken = \"fake\"\n");
    let missing = problems(Config::from_file(path).unwrap().build()).len();
    match chosen.as_deref() {
        Some("canary") => assert_eq!(missing, 1, "the profile has the token"),
        Some(_) => assert_eq!(missing, 2, "an empty variable counts as not set"),
        None => {
            for profile in ["canary", ""] {
                let environment = vec![("ENROLL_PROFILE", profile.to_owned())];
                let name = "configuration_file::the_environment_chooses_a_profile";
                repeat_with_environment(name, environment).await;
            }
        }
    }
}

#[test]
fn a_profile_that_is_not_there_is_refused() {
    let path = file("no-profile", "[profiles.staging.haptik]\ntoken = \"fake\"\n");
    let expected = ["`ENROLL_PROFILE` names no profile of the file; add it under [profiles]"];
    assert_eq!(problems(Config::from_file_with_profile(&path, "production")), expected);
    let path = file("no-profiles", "[haptik]\ntoken = \"fake\"\n");
    assert_eq!(problems(Config::from_file_with_profile(path, "production")), expected);
}

#[test]
fn a_server_by_name_in_a_profile_replaces_the_files_base_url() {
    let text = "[haptik]\ntoken = \"fake\"\nclient_id = \"fake\"\nbase_url = \"https://haptik.example.com\"\n\
                [profiles.staging.haptik]\nenvironment = \"staging\"\n";
    let path = file("environment", text);
    let host = |config: Config| format!("{:?}", config.build().unwrap().haptik().unwrap());
    assert!(host(Config::from_file(&path).unwrap()).contains("haptik.example.com"));
    let staging = Config::from_file_with_profile(&path, "staging").unwrap();
    assert!(host(staging).contains("staging-messenger.haptikapi.com"));
}

#[test]
fn everything_unknown_or_of_the_wrong_type_is_named_with_its_path() {
    let text = r#"
        canary_free = 1
        [haptic]
        token = "canary"
        [haptik]
        tokn = "canary"
        client_id = 7
        environment = ["canary"]
        [digipay]
        environment = "canary"
        [http]
        connect_timeout = 5
        attempt_timeout = "canary"
        operation_timeot = "4s"
        max_body = "canary"
        allow_plain_http = "canary"
        proxy = 0
        user_agent = false
    "#
    .replace("canary_free", "top");
    let found = refused("everything", &text);
    let http = "is unknown; there are `connect_timeout`, `attempt_timeout`, `operation_timeout`, `max_body`, \
                `allow_plain_http`, `proxy` and `user_agent`";
    let time = r#"must be a time such as "5s" or "500ms""#;
    let mut expected = vec![
        "`top` must be a table".to_owned(),
        format!("`haptic` is unknown; there are `http`, `profiles`, `{}`", providers().join("`, `")),
        "`haptik.tokn` is not a setting of haptik; it has `token`, `client_id`, `base_url`, `environment`"
            .to_owned(),
        "`haptik.client_id` must be a string".to_owned(),
        "`haptik.environment` must be a string".to_owned(),
        "`digipay.environment` is not a setting of digipay; it has `company_id`, `token`, `client_id`, \
         `client_secret`, `base_url`"
            .to_owned(),
        format!("`http.connect_timeout` {time}"),
        format!("`http.attempt_timeout` {time}"),
        format!("`http.operation_timeot` {http}"),
        "`http.max_body` must be a number of bytes".to_owned(),
        "`http.allow_plain_http` must be true or false".to_owned(),
        "`http.proxy` must be true or false".to_owned(),
        "`http.user_agent` must be a string".to_owned(),
    ];
    expected.sort();
    let mut found = found;
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn a_profile_that_is_not_chosen_is_checked_all_the_same() {
    let text = "[profiles.later.haptik]\ntokn = \"canary\"\n[profiles.later.http]\nproxy = \"canary\"\n\
                [profiles.later.haptic]\ntoken = \"canary\"\n";
    let mut found = refused("unselected", text);
    found.sort();
    assert_eq!(found.len(), 3);
    assert!(found[0].starts_with("`profiles.later.haptic` is unknown"), "{found:?}");
    assert!(found[1].starts_with("`profiles.later.haptik.tokn` is not a setting of haptik"), "{found:?}");
    assert_eq!(found[2], "`profiles.later.http.proxy` must be true or false");
}

#[test]
fn what_must_be_a_table_is_refused_otherwise() {
    assert_eq!(refused("profiles", "profiles = \"canary\"\n"), ["`profiles` must be a table"]);
    assert_eq!(
        refused("one-profile", "[profiles]\nlater = \"canary\"\n"),
        ["`profiles.later` must be a table"]
    );
    assert_eq!(refused("section", "haptik = \"canary\"\n"), ["`haptik` must be a table"]);
}

#[test]
fn a_negative_limit_is_refused() {
    assert_eq!(refused("negative", "[http]\nmax_body = -1\n"), ["`http.max_body` must be a number of bytes"]);
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("configuration-nowhere.toml");
    let error = Config::from_file(&path).unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with(&format!("configuration of {}: `file` cannot be read (", path.display())),
        "{message}"
    );
}

#[test]
fn a_file_that_is_no_toml_names_the_line_and_does_not_quote_it() {
    let broken = [
        (1, "= \"canary\"\n"),
        (2, "[haptik]\n= \"canary\"\n"),
        (2, "[haptik]\ntoken = \"canary\n"),
        (3, "[haptik]\nclient_id = \"canary\"\ntoken = canary\n"),
        (3, "[haptik]\ntoken = \"canary\"\ntoken = \"canary\"\n"),
    ];
    for (number, (line, text)) in broken.into_iter().enumerate() {
        assert_eq!(
            refused(&format!("broken-{number}"), text),
            [format!("`file` is no TOML (line {line})")],
            "{text}"
        );
    }
}

#[test]
fn what_is_missing_in_a_file_is_named_when_the_clients_are_built() {
    let path = file("missing", "[haptik]\nenvironment = \"staging\"\n");
    let missing = problems(Config::from_file(path).unwrap().build());
    assert_eq!(
        missing,
        [
            "`HAPTIK_TOKEN` is not set; set it or call `.token(…)`",
            "`HAPTIK_CLIENT_ID` is not set; set it or call `.client_id(…)`",
        ]
    );
}

#[tokio::test]
async fn the_http_options_of_a_file_are_used() {
    let wire = Wire::json(200, r#"{"auth_id": "member-42"}"#).await;
    let text = format!(
        "[http]\nuser_agent = \"shop/7\"\nmax_body = 5\nproxy = false\nconnect_timeout = \"20s\"\nattempt_timeout = \
         \"30s\"\noperation_timeout = \"1m 4s\"\n[haptik]\ntoken = \"fake\"\nclient_id = \"fake\"\nbase_url = \"{}\"\n",
        wire.base_url()
    );
    let config = Config::from_file(file("http", &text)).unwrap();
    let shown = format!("{config:?}");
    assert!(shown.contains("connect_timeout: 20s, attempt_timeout: 30s, operation_timeout: 64s"), "{shown}");
    assert!(shown.contains("proxy: false"), "{shown}");
    let error = config
        .build()
        .unwrap()
        .haptik()
        .unwrap()
        .create_user()
        .auth_id("member-42")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.raw_body(), r#"{"aut"#);
    let expected = concat!("user-agent: shop/7 enroll/", env!("CARGO_PKG_VERSION")).to_owned();
    assert!(wire.requests()[0].headers.contains(&expected), "{:?}", wire.requests());
}

/// Whether a Haptik client for plain http to another machine can be built.
fn plain_http(config: Result<Config, ConfigError>) -> bool {
    config.unwrap().build().is_ok()
}

#[test]
fn a_profile_takes_back_what_the_file_allows() {
    let text = "[http]\nallow_plain_http = true\nproxy = false\n\
                [haptik]\ntoken = \"fake\"\nclient_id = \"fake\"\nbase_url = \"http://haptik.example.com\"\n\
                [profiles.production.http]\nallow_plain_http = false\nproxy = true\n";
    let path = file("taken-back", text);
    assert!(plain_http(Config::from_file(&path)));
    assert!(!plain_http(Config::from_file_with_profile(&path, "production")));
    let shown = format!("{:?}", Config::from_file_with_profile(&path, "production").unwrap());
    assert!(shown.contains("allow_plain_http: false, proxy: true"), "{shown}");
}
