//! The search: its filters, a page of it, and the stream over all pages.

use enroll::httpmock::{Mock, MockServer};
use enroll::streambird::mock::MockServerExt;
use enroll::streambird::types::{
    self, SearchFilter, SearchFilters, SearchOperator, SearchUsersRequest, User,
};
use enroll::{Error, Pages};
use enroll_sandbox::Sandbox;
use serde_json::{Value, json};

use super::{client, sandbox};

type Users = Pages<User, Error<types::ErrorBody>>;

/// The ids of the users that are left in a stream, none of which may be an error.
async fn ids(mut users: Users) -> Vec<String> {
    let mut ids = Vec::new();
    while let Some(user) = users.next().await {
        ids.push(user.unwrap().user_id);
    }
    ids
}

/// A page with these users.
fn page(ids: &[&str], has_more: bool) -> types::SearchUsersResponse {
    types::SearchUsersResponse::new()
        .with_users(ids.iter().copied().map(User::new).collect::<Vec<_>>())
        .with_has_more(has_more)
}

/// A mock that answers exactly this request with this page.
fn answer<'a>(
    server: &'a MockServer,
    request: &SearchUsersRequest,
    page: &types::SearchUsersResponse,
) -> Mock<'a> {
    server.search_users(|when, then| {
        when.body(request);
        then.ok(page);
    })
}

/// Fills a sandbox, and returns the ids in the order of creation.
async fn create(sandbox: &Sandbox, client: &enroll::streambird::Client, count: usize) -> Vec<String> {
    for index in 0..count {
        let name = if index % 2 == 0 { "Even" } else { "Odd" };
        let call = client.create_user().email(format!("{index}@example.com")).first_name(name);
        call.requires_verification(index % 2 == 1).send().await.unwrap();
    }
    sandbox.streambird().users().into_iter().map(|user| user.user_id).collect()
}

/// The bodies of the searches that a sandbox received.
fn searches(sandbox: &Sandbox) -> Vec<Value> {
    let requests = sandbox.requests();
    let searches = requests.iter().filter(|request| request.operation() == Some("searchUsers"));
    searches.map(|request| serde_json::from_slice(request.body()).unwrap()).collect()
}

#[test]
fn filters_encode_as_the_samples_of_the_specification() {
    let fuzzy = SearchFilter::new("phone_number_match", "eq").with_value(json!("2222222"));
    let documented = SearchFilters::new(types::SearchConjunction::Or).with_fields([fuzzy]);
    assert_eq!(
        serde_json::to_string(&SearchUsersRequest::new().with_limit(100).with_filters(documented)).unwrap(),
        concat!(
            r#"{"limit":100,"filters":{"operator":"OR","fields":["#,
            r#"{"field":"phone_number_match","operator":"eq","value":"2222222"}]}}"#
        )
    );
    let email =
        SearchFilter::new(types::SearchField::Email, SearchOperator::Eq).with_value(json!("ada@example.com"));
    let typical = SearchFilters::new("AND").with_fields([email]);
    assert_eq!(
        serde_json::to_value(SearchUsersRequest::new().with_limit(10).with_filters(typical)).unwrap(),
        json!({"limit": 10, "filters": {"operator": "AND", "fields": [
            {"field": "email", "operator": "eq", "value": "ada@example.com"},
        ]}})
    );
}

#[test]
fn a_filter_keeps_false_and_zero_and_null_items() {
    let verified = SearchFilter::new("email_verified", "eq").with_value(json!(false));
    let between =
        SearchFilter::new("created_at", "between").with_value(json!(0)).with_second_value(json!(1.5));
    let one_of =
        SearchFilter::new("status", SearchOperator::In).with_values([json!(null).into(), json!("a").into()]);
    assert_eq!(
        serde_json::to_value([verified, between, one_of]).unwrap(),
        json!([
            {"field": "email_verified", "operator": "eq", "value": false},
            {"field": "created_at", "operator": "between", "value": 0, "second_value": 1.5},
            {"field": "status", "operator": "in", "values": [null, "a"]},
        ])
    );
}

#[test]
fn a_filter_when_printed_shows_no_person() {
    let filter = SearchFilter::new("email", "in")
        .with_value(json!("canary@example.com"))
        .with_second_value(json!(["canary"]))
        .with_values([json!("canary").into()]);
    let shown = format!("{:?}", SearchFilters::new("AND").with_fields([filter]));
    assert!(!shown.contains("canary"), "{shown}");
    assert_eq!(shown.matches("[personal]").count(), 3, "{shown}");
}

#[tokio::test]
async fn a_page_has_the_users_that_match_and_tells_whether_there_are_more() {
    let (sandbox, client) = sandbox().await;
    let ids = create(&sandbox, &client, 12).await;
    let first = client.search_users().limit(10).send().await.unwrap();
    let found: Vec<_> = first.users.iter().flatten().map(|user| &user.user_id).collect();
    assert_eq!(found, ids[..10].iter().collect::<Vec<_>>());
    assert_eq!((first.has_more, first.total_count), (Some(true), Some(12)));
    let last = client.search_users().limit(10).starting_after(&*ids[9]).send().await.unwrap();
    let found: Vec<_> = last.users.iter().flatten().map(|user| &user.user_id).collect();
    assert_eq!(found, ids[10..].iter().collect::<Vec<_>>());
    assert_eq!(last.has_more, Some(false));
}

#[tokio::test]
async fn filters_find_those_they_describe() {
    let (sandbox, client) = sandbox().await;
    let ids_created = create(&sandbox, &client, 4).await;
    let email = SearchFilter::new("email", "eq").with_value(json!("2@example.com"));
    let pending = SearchFilter::new("status", "in").with_values([json!("pending").into()]);
    let search = |conjunction: &str| {
        let filters = SearchFilters::new(conjunction).with_fields([email.clone(), pending.clone()]);
        ids(client.search_users().filters(filters).stream())
    };
    assert_eq!(search("OR").await, ids_created[1..]);
    assert!(search("AND").await.is_empty());
}

#[tokio::test]
async fn a_stream_goes_through_all_pages_in_order() {
    let (sandbox, client) = sandbox().await;
    let created = create(&sandbox, &client, 21).await;
    assert_eq!(ids(client.search_users().limit(10).stream()).await, created);
    let expected = [
        json!({"limit": 10}),
        json!({"limit": 10, "starting_after": created[9]}),
        json!({"limit": 10, "starting_after": created[19]}),
    ];
    assert_eq!(searches(&sandbox), expected);
}

#[tokio::test]
async fn a_stream_that_is_not_read_on_asks_for_no_further_page() {
    let (sandbox, client) = sandbox().await;
    create(&sandbox, &client, 12).await;
    let mut users = client.search_users().limit(10).stream();
    assert!(searches(&sandbox).is_empty());
    for _ in 0..10 {
        users.next().await.unwrap().unwrap();
    }
    assert_eq!(searches(&sandbox).len(), 1);
    users.next().await.unwrap().unwrap();
    assert_eq!(searches(&sandbox).len(), 2);
}

#[tokio::test]
async fn the_cursor_is_the_last_user_of_the_page_and_all_else_is_sent_again() {
    let server = MockServer::start_async().await;
    let active = SearchFilter::new("status", "eq").with_value(json!("active"));
    let filters = SearchFilters::new("AND").with_fields([active]);
    let request = SearchUsersRequest::new().with_limit(10).with_filters(filters.clone());
    let first = answer(&server, &request.clone().with_starting_after("given"), &page(&["a", "b"], true));
    let second = answer(&server, &request.clone().with_starting_after("b"), &page(&["c"], true));
    let third = answer(&server, &request.with_starting_after("c"), &page(&["d"], false));
    let call = client(server.base_url()).search_users().limit(10).starting_after("given").filters(filters);
    assert_eq!(ids(call.stream()).await, ["a", "b", "c", "d"]);
    for mock in [first, second, third] {
        mock.assert_async().await;
    }
}

#[tokio::test]
async fn a_failed_page_is_the_last_item() {
    let server = MockServer::start_async().await;
    answer(&server, &SearchUsersRequest::new(), &page(&["a", "b"], true));
    let second = server.search_users(|when, then| {
        when.body(&SearchUsersRequest::new().with_starting_after("b"));
        then.service_unavailable(&types::ErrorBody::new().with_error_type("example_unavailable"));
    });
    let mut users = client(server.base_url()).search_users().stream();
    assert_eq!(users.next().await.unwrap().unwrap().user_id, "a");
    assert_eq!(users.next().await.unwrap().unwrap().user_id, "b");
    let error = users.next().await.unwrap().unwrap_err();
    assert_eq!(error.status().unwrap(), 503);
    assert_eq!(error.body().unwrap().error_type.as_deref(), Some("example_unavailable"));
    assert!(users.next().await.is_none());
    assert!(users.next().await.is_none());
    second.assert_async().await;
}

#[tokio::test]
async fn a_page_without_users_ends_the_stream_whatever_it_claims() {
    for users in [json!([]), Value::Null] {
        let server = MockServer::start_async().await;
        let any = server.search_users(|_, then| {
            then.into_inner().status(200).json_body(json!({"users": users, "has_more": true}));
        });
        assert!(ids(client(server.base_url()).search_users().stream()).await.is_empty());
        any.assert_async().await;
    }
}

#[tokio::test]
async fn a_page_that_does_not_claim_more_is_the_last() {
    for has_more in [json!({"has_more": false}), json!({"has_more": null}), json!({})] {
        let server = MockServer::start_async().await;
        let mut body = has_more;
        body["users"] = json!([{"user_id": "a"}]);
        let any = server.search_users(|_, then| {
            then.into_inner().status(200).json_body(body);
        });
        assert_eq!(ids(client(server.base_url()).search_users().stream()).await, ["a"]);
        any.assert_async().await;
    }
}

#[tokio::test]
async fn a_provider_that_does_not_heed_the_cursor_does_not_keep_the_stream_going() {
    let server = MockServer::start_async().await;
    let any = server.search_users(|_, then| {
        then.ok(&page(&["a"], true));
    });
    let mut users = client(server.base_url()).search_users().stream();
    let mut seen = 0;
    while let Some(user) = users.next().await {
        assert_eq!(user.unwrap().user_id, "a");
        seen += 1;
        assert!(seen < 5, "the same page comes again and again");
    }
    any.assert_calls_async(2).await;
}

#[tokio::test]
async fn a_next_page_that_cannot_be_asked_for_is_an_error_and_not_the_end() {
    let server = MockServer::start_async().await;
    let any = server.search_users(|_, then| {
        then.ok(&page(&["a", ""], true));
    });
    let mut users = client(server.base_url()).search_users().stream();
    assert_eq!(users.next().await.unwrap().unwrap().user_id, "a");
    assert_eq!(users.next().await.unwrap().unwrap().user_id, "");
    let error = users.next().await.unwrap().unwrap_err();
    assert_eq!(error.problems()[0].subject, "starting_after");
    assert!(users.next().await.is_none());
    any.assert_async().await;
}
