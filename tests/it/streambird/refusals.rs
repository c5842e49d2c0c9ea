//! What is refused before anything is sent, and that it is refused in one go.

use enroll::httpmock::MockServer;
use enroll::streambird::{Client, types};
use enroll::{Config, ConfigError, Delivery, Error};
use serde_json::json;

use super::{USER, client};

/// What is wrong with a call, one line each, after making sure that the server saw nothing of it.
async fn problems<T>(call: impl AsyncFnOnce(Client) -> Result<T, Error<types::ErrorBody>>) -> Vec<String> {
    let server = MockServer::start_async().await;
    let any = server.mock(|_, then| {
        then.status(200);
    });
    let error = call(client(server.base_url())).await.err().unwrap();
    any.assert_calls_async(0).await;
    assert!(error.is_invalid_request());
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.status(), None);
    let problems: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(error.to_string(), format!("{}: {}", error.operation(), problems.join("; ")));
    problems
}

const NOT_E164: &str = r"must be of the form `^\+[1-9][0-9]{1,14}$`, such as +14155550123";

#[tokio::test]
async fn a_user_without_email_and_phone_number_is_one_problem() {
    let missing = ["`email` or `phone_number` is required; call `.email(…)` or `.phone_number(…)`"];
    assert_eq!(problems(async |client| client.create_user().first_name("Ada").send().await).await, missing);
    let absent = async |client: Client| {
        client.create_user().email(None::<String>).phone_number(None::<&str>).send().await
    };
    assert_eq!(problems(absent).await, missing);
}

#[tokio::test]
async fn everything_wrong_with_a_new_user_is_reported_at_once() {
    let found = problems(async |client| {
        client
            .create_user()
            .phone_number("415-555-0123")
            .first_name("")
            .metadata(json!(["gold"]))
            .send()
            .await
    })
    .await;
    let expected = [
        "`metadata` must be a JSON object".to_owned(),
        format!("`phone_number` {NOT_E164}"),
        "`first_name` must have at least 1 character".to_owned(),
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_phone_number_that_is_not_e164_is_refused_without_repeating_it() {
    let malformed = [
        "14155550123",
        "+04155550123",
        "+1",
        "+1 415 555 0123",
        "+1415555012345678",
        "+1415555０１２３",
        "tel:+14155550123",
        "+14155550123\n",
        " +14155550123",
    ];
    for number in malformed {
        let found = problems(async |client| client.create_user().phone_number(number).send().await).await;
        assert_eq!(found, [format!("`phone_number` {NOT_E164}")], "{number:?}");
    }
    let empty = problems(async |client| client.create_user().phone_number("").send().await).await;
    assert_eq!(empty, ["`phone_number` must have at least 1 character"]);
}

#[tokio::test]
async fn a_problem_inside_a_list_says_where() {
    let found = problems(async |client| {
        client
            .update_user()
            .first_name("")
            .last_name("")
            .emails([types::EmailToAttach::new("ada@example.com"), types::EmailToAttach::new("")])
            .phone_numbers([
                types::PhoneNumberToAttach::new("+14155550123"),
                types::PhoneNumberToAttach::new("+14155550124"),
                types::PhoneNumberToAttach::new("4155550125"),
            ])
            .send()
            .await
    })
    .await;
    let expected = [
        "`user_id` is required; call `.user_id(…)`".to_owned(),
        "`first_name` must have at least 1 character".to_owned(),
        "`last_name` must have at least 1 character".to_owned(),
        "`emails[1].email` must have at least 1 character".to_owned(),
        format!("`phone_numbers[2].phone_number` {NOT_E164}"),
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn an_empty_list_to_attach_is_refused() {
    let found =
        problems(async |client| client.update_user().user_id(USER).emails([]).phone_numbers([]).send().await)
            .await;
    assert_eq!(found, ["`emails` must have at least 1 item", "`phone_numbers` must have at least 1 item"]);
}

#[tokio::test]
async fn a_search_outside_its_bounds_is_refused_with_the_path_of_each_problem() {
    let found = problems(async |client| {
        let filters = types::SearchFilters::new("AND").with_fields([]);
        client.search_users().limit(5).starting_after("").filters(filters).send().await
    })
    .await;
    let expected = [
        "`limit` must be at least 10",
        "`starting_after` must have at least 1 character",
        "`filters.fields` must have at least 1 item",
    ];
    assert_eq!(found, expected);
    let above = problems(async |client| client.search_users().limit(101).send().await).await;
    assert_eq!(above, ["`limit` must be at most 100"]);
}

#[tokio::test]
async fn a_search_outside_its_bounds_ends_its_stream_at_once() {
    let found = problems(async |client| {
        let mut users = client.search_users().limit(5).stream();
        let first = users.next().await.unwrap();
        assert!(users.next().await.is_none());
        first
    })
    .await;
    assert_eq!(found, ["`limit` must be at least 10"]);
}

#[tokio::test]
async fn a_wallet_needs_a_type_and_a_user() {
    let found = problems(async |client| client.create_wallet().send().await).await;
    let expected =
        ["`wallet_type` is required; call `.wallet_type(…)`", "`user_id` is required; call `.user_id(…)`"];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn an_id_that_would_address_another_resource_is_refused() {
    const REFUSED: &str = "must not be empty or a dot segment, because it is a part of the path";
    for id in ["", ".", ".."] {
        let user = format!("`user_id` {REFUSED}");
        let wallet = format!("`wallet_id` {REFUSED}");
        assert_eq!(problems(async |client| client.get_user().user_id(id).send().await).await, [&*user]);
        assert_eq!(problems(async |client| client.update_user().user_id(id).send().await).await, [&*user]);
        assert_eq!(problems(async |client| client.delete_user().user_id(id).send().await).await, [&*user]);
        assert_eq!(problems(async |client| client.get_wallet().wallet_id(id).send().await).await, [&*wallet]);
        assert_eq!(
            problems(async |client| client.delete_wallet().wallet_id(id).send().await).await,
            [&*wallet]
        );
        assert_eq!(
            problems(async |client| client.delete_email().email_id(id).send().await).await,
            [format!("`email_id` {REFUSED}")]
        );
        assert_eq!(
            problems(async |client| client.delete_phone_number().phone_number_id(id).send().await).await,
            [format!("`phone_number_id` {REFUSED}")]
        );
    }
}

/// What is said of a key of the wrong mode, after making sure that neither form of the error shows the key.
fn shown(error: &ConfigError, key: &str) -> String {
    let debug = format!("{error:?}");
    assert!(debug.contains("STREAMBIRD_API_KEY"), "{debug}");
    assert!(!debug.contains(key) && !error.to_string().contains(key), "{debug}");
    error.to_string()
}

#[tokio::test]
async fn a_key_of_the_other_mode_is_refused_before_anything_is_sent() {
    let server = MockServer::start_async().await;
    let any = server.mock(|_, then| {
        then.status(200);
    });
    for (mode, other) in [("test", "live"), ("live", "test")] {
        let canary = format!("sk_{other}_canary4711");
        let expected = format!(
            "configuration of streambird: `STREAMBIRD_API_KEY` is a key for {other} mode, but the configuration says \
             {mode}; use a {mode} key"
        );
        let builder = Client::builder().mode(mode).api_key(canary.as_str()).base_url(server.base_url());
        assert_eq!(shown(&builder.build().unwrap_err(), "canary4711"), expected);

        let variables = |name: &str| match name {
            "STREAMBIRD_API_KEY" => Some(canary.clone()),
            "STREAMBIRD_MODE" => Some(mode.to_owned()),
            "STREAMBIRD_BASE_URL" => Some(server.base_url()),
            _ => None,
        };
        let error = Config::from_variables(variables).build().unwrap_err();
        assert_eq!(shown(&error, "canary4711"), expected);
    }
    any.assert_calls_async(0).await;
}

#[tokio::test]
async fn a_key_of_the_configured_mode_is_sent() {
    for (mode, key) in [("test", "sk_test_fake"), ("live", "sk_live_fake")] {
        let server = MockServer::start_async().await;
        let found = server.mock(|when, then| {
            when.method("GET").header("authorization", format!("Bearer {key}"));
            then.status(200).json_body(json!({"user_id": USER}));
        });
        let client = Client::builder().mode(mode).api_key(key).base_url(server.base_url()).build().unwrap();
        client.get_user().user_id(USER).send().await.unwrap();
        found.assert_async().await;
    }
}

#[test]
fn a_mode_that_does_not_exist_is_named_with_those_that_do() {
    let error = Client::builder().mode("staging").api_key("sk_test_fake").build().unwrap_err();
    assert_eq!(error.to_string(), "configuration of streambird: `STREAMBIRD_MODE` is none of live and test");
}
