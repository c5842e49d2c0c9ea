//! What is sent again, how often and after how long a wait, by what a repeat would do; and what a call may say about it.

use std::time::{Duration, UNIX_EPOCH};

use enroll::haptik::builder::CreateUser;
use enroll::{Attempt, Clients, Delivery, Error, HttpOptions, Retry, StatusCode};

use crate::redaction::config;
use crate::support::{Waits, once, printed, subjects};
use crate::wire::{Then, Wire, answer, cut_answer, haptik, nobody};

const USER: &str = r#"{"auth_id": "member-42"}"#;

/// Clients of all providers, none of which has to exchange a token.
fn clients(base_url: &str, http: HttpOptions) -> Clients {
    config(base_url).with_http(http).build().unwrap()
}

/// What is known of a call that failed, whatever the type of its error's body.
struct Failed {
    attempts: Vec<Attempt>,
    delivery: Delivery,
    message: String,
}

impl<E> From<Error<E>> for Failed {
    fn from(error: Error<E>) -> Self {
        let (attempts, delivery) = (error.attempts().to_vec(), error.delivery());
        Self { attempts, delivery, message: error.to_string() }
    }
}

/// Makes a failing call of each class: one that reads, an upsert, a create with a key that must be unique, the same
/// without any of its keys, and a create that has none.
async fn fail_each_class(base_url: &str) -> [Failed; 5] {
    let clients = clients(base_url, Waits::default().options());
    let (original, haptik) = (clients.original().unwrap(), clients.haptik().unwrap());
    let register = clients.digipay().unwrap().user_register();
    [
        original.get_user().uid("452711987655").send().await.unwrap_err().into(),
        haptik.create_user().auth_id("member-42").send().await.unwrap_err().into(),
        original.create_user().email("ada@example.com").send().await.unwrap_err().into(),
        original.create_user().send().await.unwrap_err().into(),
        register.first_name("Ada").send().await.unwrap_err().into(),
    ]
}

/// The same at a server that deals with every request alike. Answers with how many requests each call made, as the
/// server saw them.
async fn requests_of_each_class(answer: Vec<u8>, then: Then) -> [usize; 5] {
    let wire = Wire::start(answer, then).await;
    let failed = fail_each_class(&wire.base_url()).await;
    let counted = failed.each_ref().map(|failed| failed.attempts.len());
    assert_eq!(wire.requests().len(), counted.iter().sum::<usize>(), "the server saw what the history says");
    for (path, count) in ["GET /user/", "POST /v1.0/user/"].into_iter().zip(counted) {
        let lines = wire.requests().into_iter().filter(|request| request.line.starts_with(path)).count();
        assert_eq!(lines, count, "{path}");
    }
    counted
}

#[tokio::test]
async fn what_is_repeated_depends_on_the_status_and_on_what_a_repeat_would_do() {
    // Whether it reads, upserts, has a unique key, lacks its keys, or has none.
    let expected = [
        (302, "", [1, 1, 1, 1, 1]),
        (400, "", [1, 1, 1, 1, 1]),
        (400, "retry-after: 1\r\n", [1, 1, 1, 1, 1]),
        (401, "", [1, 1, 1, 1, 1]),
        (403, "", [1, 1, 1, 1, 1]),
        (404, "", [1, 1, 1, 1, 1]),
        (408, "", [1, 1, 1, 1, 1]),
        (409, "", [1, 1, 1, 1, 1]),
        (429, "", [3, 3, 3, 3, 3]),
        (429, "retry-after: 1\r\n", [3, 3, 3, 3, 3]),
        (500, "", [3, 3, 1, 1, 1]),
        (500, "retry-after: 1\r\n", [3, 3, 1, 1, 1]),
        (502, "", [3, 3, 1, 1, 1]),
        (503, "", [3, 3, 1, 1, 1]),
        (503, "retry-after: 1\r\n", [3, 3, 3, 1, 1]),
        (504, "", [3, 3, 1, 1, 1]),
    ];
    for (status, headers, counts) in expected {
        let counted = requests_of_each_class(answer(status, headers, "{}"), Then::Keep).await;
        assert_eq!(counted, counts, "{status} {headers}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again_only_where_a_repeat_does_no_harm() {
    assert_eq!(requests_of_each_class(Vec::new(), Then::Close).await, [3, 3, 1, 1, 1]);
    assert_eq!(requests_of_each_class(b"220 no HTTP\r\n\r\n".to_vec(), Then::Close).await, [3, 3, 1, 1, 1]);
}

#[tokio::test]
async fn a_success_that_breaks_off_is_asked_for_again_only_where_a_repeat_does_no_harm() {
    assert_eq!(requests_of_each_class(cut_answer(200, r#"{"auth"#), Then::Close).await, [3, 3, 1, 1, 1]);
}

#[tokio::test]
async fn what_would_be_no_better_a_second_time_is_not_asked_for_again() {
    for answer in [answer(200, "", "<html>"), cut_answer(400, r#"{"auth"#)] {
        assert_eq!(requests_of_each_class(answer, Then::Close).await, [1, 1, 1, 1, 1]);
    }
}

#[tokio::test]
async fn what_never_left_is_tried_again_for_every_class() {
    for failed in fail_each_class(&nobody().await).await {
        assert_eq!(failed.delivery, Delivery::NotSent);
        assert_eq!(failed.attempts.len(), 3);
        let said = "no connection to the provider, at the last of 3 attempts; nothing was sent; check the network and";
        assert!(failed.message.contains(said), "{}", failed.message);
    }
}

#[tokio::test]
async fn a_kept_connection_that_closes_under_a_create_is_not_tried_again_unless_it_is_an_upsert() {
    let script = || {
        vec![(answer(404, "", ""), Then::Keep), (Vec::new(), Then::Close), (answer(404, "", ""), Then::Keep)]
    };
    let connections = |wire: &Wire| wire.requests().iter().map(|it| it.connection).collect::<Vec<_>>();

    let wire = Wire::script(script()).await;
    let set = clients(&wire.base_url(), Waits::default().options());
    let register = || set.digipay().unwrap().user_register().first_name("Ada").send();
    register().await.unwrap_err();
    assert_eq!(register().await.unwrap_err().delivery(), Delivery::Unknown);
    assert_eq!(connections(&wire), [0, 0], "two calls are two requests, on the connection that was kept");

    let wire = Wire::script(script()).await;
    let client = wire.haptik(Waits::default().options());
    let create = || client.create_user().auth_id("member-42").send();
    create().await.unwrap_err();
    let error = create().await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Unknown, "that the repeat was refused does not undo the first");
    assert_eq!(connections(&wire), [0, 0, 1]);
}

#[tokio::test]
async fn a_success_tells_how_many_attempts_it_took_and_each_sent_the_same() {
    let wire = Wire::script(vec![
        (answer(503, "", ""), Then::Keep),
        (Vec::new(), Then::Close),
        (answer(200, "", USER), Then::Keep),
    ]);
    let (wire, waits) = (wire.await, Waits::default());
    let client = wire.haptik(waits.options());
    let user = client.create_user().auth_id("member-42").send().await.unwrap();
    assert_eq!(user.attempts(), 3);
    assert_eq!(waits.millis(), [100, 200], "half of 200 ms, and half of the double");
    let requests = wire.requests();
    assert_eq!(requests.len(), 3);
    for request in &requests[1..] {
        assert_eq!((&request.line, &request.headers), (&requests[0].line, &requests[0].headers));
        assert_eq!(request.body, requests[0].body);
    }
    assert_eq!(client.create_user().auth_id("member-42").send().await.unwrap().attempts(), 1);
}

#[tokio::test]
async fn an_error_keeps_the_history_of_its_attempts() {
    let wire = Wire::script(vec![
        (Vec::new(), Then::Close),
        (answer(429, "retry-after: 7\r\n", ""), Then::Keep),
        (answer(400, "", r#"{"error_message": "no"}"#), Then::Keep),
    ]);
    let wire = wire.await;
    let error = create(&wire, Waits::default().options()).send().await.unwrap_err();
    let history: Vec<_> = error
        .attempts()
        .iter()
        .map(|attempt| (attempt.number, attempt.waited.as_millis(), attempt.delivery, attempt.status))
        .collect();
    let expected = [
        (1, 0, Delivery::Unknown, None),
        (2, 100, Delivery::Rejected, Some(StatusCode::TOO_MANY_REQUESTS)),
        (3, 7_000, Delivery::Rejected, Some(StatusCode::BAD_REQUEST)),
    ];
    assert_eq!(history, expected);
    // The first may have taken effect, whatever the last was told.
    assert_eq!(error.delivery(), Delivery::Unknown);
    assert!(error.is_in_doubt() && !error.is_rejected());
    assert_eq!(error.body().unwrap().error_message.expose(), "no");
    assert_eq!(
        error.to_string(),
        "haptik create_user: the provider answered HTTP 400 (Bad Request), at the last of 3 attempts; the request may \
         have taken effect"
    );
    assert!(printed(&error).contains("Attempt { number: 3, waited: 7s"), "{error:?}");
}

#[tokio::test]
async fn a_request_that_is_not_valid_has_no_attempts() {
    let wire = Wire::json(200, USER).await;
    let error = wire.haptik(once()).create_user().send().await.unwrap_err();
    assert_eq!(error.attempts(), []);
    assert!(wire.requests().is_empty());
}

/// A call that may be repeated.
fn create(wire: &Wire, http: HttpOptions) -> CreateUser {
    wire.haptik(http).create_user().auth_id("member-42")
}

/// How many requests a call against a failing server makes.
async fn requests_of(call: impl Fn(&Wire, &Waits) -> CreateUser, waits: &Waits, failing: Vec<u8>) -> usize {
    let wire = Wire::start(failing, Then::Keep).await;
    let error = call(&wire, waits).send().await.unwrap_err();
    assert_eq!(error.attempts().len(), wire.requests().len());
    wire.requests().len()
}

#[tokio::test]
async fn off_means_off_for_a_client_and_for_a_call() {
    let waits = Waits::default();
    for failing in [answer(429, "retry-after: 1\r\n", ""), answer(503, "", ""), cut_answer(200, "")] {
        let client = |wire: &Wire, waits: &Waits| create(wire, waits.options().with_retry(Retry::off()));
        assert_eq!(requests_of(client, &waits, failing.clone()).await, 1);
        let call = |wire: &Wire, waits: &Waits| create(wire, waits.options()).retry(Retry::off());
        assert_eq!(requests_of(call, &waits, failing).await, 1);
    }
    let error = haptik(&nobody().await, waits.options().with_retry(Retry::off()));
    let error = error.create_user().auth_id("member-42").send().await.unwrap_err();
    assert_eq!(error.attempts().len(), 1);
    assert_eq!(waits.millis(), [0; 0]);
}

#[tokio::test]
async fn a_call_may_be_repeated_in_another_way_than_its_client_is_configured_for() {
    let waits = Waits::default();
    let patient = Retry::default().with_max_attempts(5).with_max_backoff(Duration::from_secs(1));
    let call = |wire: &Wire, waits: &Waits| {
        create(wire, waits.options().with_retry(Retry::off()))
            .retry(patient.with_base_backoff(Duration::from_millis(600)))
    };
    assert_eq!(requests_of(call, &waits, answer(500, "", "")).await, 5);
    assert_eq!(waits.millis(), [300, 500, 500, 500]);
}

#[tokio::test]
async fn a_deadline_of_a_call_ends_its_silence_and_its_repeats() {
    let wire = Wire::start("", Then::StopTheClock).await;
    let call = create(&wire, Waits::default().options()).deadline(Duration::from_secs(4));
    let error = call.send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "haptik create_user: no answer within 4s; the request may have taken effect"
    );
    assert_eq!(wire.requests().len(), 1);
    tokio::time::resume();

    // Half of 120 s is waited for, the half of its double is not.
    let slow = Retry::default().with_base_backoff(Duration::from_secs(120)).with_max_backoff(Duration::MAX);
    let waits = Waits::default();
    let call = |wire: &Wire, waits: &Waits| {
        create(wire, waits.options().with_retry(slow)).deadline(Duration::from_secs(100))
    };
    assert_eq!(requests_of(call, &waits, answer(500, "", "")).await, 2);
    assert_eq!(waits.millis(), [60_000]);
}

#[tokio::test]
async fn a_call_whose_time_is_up_sends_nothing() {
    let wire = Wire::json(200, USER).await;
    let call = create(&wire, Waits::default().options()).deadline(Duration::ZERO);
    let error = call.send().await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(error.is_timeout());
    assert_eq!(error.to_string(), "haptik create_user: the call's time was up; nothing was sent");
    assert!(wire.requests().is_empty());
}

#[tokio::test]
async fn retry_after_is_waited_for_in_seconds_and_until_a_date() {
    for (header, expected) in [
        ("retry-after: 7\r\n", [7_000, 7_000]),
        ("retry-after: 20\r\n", [20_000, 20_000]),
        ("retry-after: Sun, 06 Nov 1994 08:49:47 GMT\r\n", [9_750, 9_750]),
        ("retry-after: Sun, 06 Nov 1994 08:00:00 GMT\r\n", [0, 0]),
        // Neither: the back-off is as usual.
        ("retry-after: soon\r\n", [100, 200]),
    ] {
        let waits = Waits::default();
        let call = |wire: &Wire, waits: &Waits| create(wire, at_a_fixed_time(waits));
        assert_eq!(requests_of(call, &waits, answer(429, header, "")).await, 3);
        assert_eq!(waits.millis(), expected, "{header}");
    }
}

/// Options whose clock stands still at a quarter past Sun, 06 Nov 1994 08:49:37 GMT, of a second.
fn at_a_fixed_time(waits: &Waits) -> HttpOptions {
    waits.options().with_clock(|| UNIX_EPOCH + Duration::from_millis(784_111_777_250))
}

#[tokio::test]
async fn a_retry_after_that_is_too_long_ends_the_call_and_says_when_to_come_back() {
    let default = |wire: &Wire, waits: &Waits| create(wire, at_a_fixed_time(waits));
    let capped = |wire: &Wire, waits: &Waits| {
        let retry = Retry::default().with_max_retry_after(Duration::from_secs(6));
        create(wire, at_a_fixed_time(waits)).retry(retry)
    };
    let short =
        |wire: &Wire, waits: &Waits| create(wire, at_a_fixed_time(waits)).deadline(Duration::from_secs(6));
    type Call = fn(&Wire, &Waits) -> CreateUser;
    let date = "Sun, 06 Nov 1994 08:50:00 GMT";
    let cases: [(&str, Call, u64, &str); 4] = [
        ("21", default, 21_000, "21s"),
        (date, default, 22_750, "23s"),
        ("7", capped, 7_000, "7s"),
        ("7", short, 7_000, "7s"),
    ];
    for (header, call, wait, said) in cases {
        for (status, reason, effect) in [
            (429, "Too Many Requests", ""),
            (503, "Service Unavailable", "; the request may have taken effect"),
        ] {
            let wire =
                Wire::start(answer(status, &format!("retry-after: {header}\r\n"), ""), Then::Keep).await;
            let waits = Waits::default();
            let error = call(&wire, &waits).send().await.unwrap_err();
            assert_eq!(wire.requests().len(), 1, "{header}");
            assert_eq!(waits.millis(), [0; 0], "{header}");
            assert_eq!(error.retry_after(), Some(Duration::from_millis(wait)));
            assert!(error.is_throttled());
            assert_eq!(
                error.to_string(),
                format!(
                    "haptik create_user: the provider answered HTTP {status} ({reason}){effect}; come back in {said}"
                )
            );
        }
    }
}

#[tokio::test]
async fn a_call_sends_the_headers_it_was_given() {
    let wire = Wire::json(200, USER).await;
    let client = wire.haptik(once());
    let call =
        client.create_user().auth_id("member-42").header("X-Trace", "fake-trace").header("x-empty", "");
    call.send().await.unwrap();
    client.create_user().auth_id("member-42").send().await.unwrap();
    let [with, without] = &wire.requests()[..] else { panic!("two requests were expected") };
    let added: Vec<_> = with.headers.iter().filter(|line| !without.headers.contains(line)).collect();
    assert_eq!(added, ["x-empty: ", "x-trace: fake-trace"]);
    assert_eq!(with.headers.len(), without.headers.len() + 2);
}

#[tokio::test]
async fn headers_that_a_call_may_not_have_are_refused_all_at_once() {
    let wire = Wire::json(200, USER).await;
    let call = wire
        .haptik(once())
        .create_user()
        .header("Authorization", "Bearer canary")
        .header("CLIENT-ID", "canary")
        .header("Content-Length", "7")
        .header("host", "canary.example.com")
        .header("no name", "canary")
        .header("", "canary")
        .header("x-lines", "canary\r\nx-injected: 1")
        .header("x-fine", "canary");
    let shown = format!("{call:?}");
    assert!(!shown.contains("canary"), "{shown}");
    let error = call.send().await.unwrap_err();
    assert!(error.is_invalid_request());
    assert_eq!(
        subjects(&error),
        ["", "Authorization", "CLIENT-ID", "Content-Length", "auth_id", "host", "no name", "x-lines"]
    );
    let message = error.to_string();
    for said in [
        "`Authorization` is set by the client's credentials; change it there",
        "`Content-Length` is set by the request itself; leave it out",
        "`no name` is no name of a header; use letters, digits and hyphens",
        "`x-lines` has characters that no header can carry; use printable ASCII characters",
    ] {
        assert!(message.contains(said), "{message}");
    }
    assert!(!printed(&error).contains("canary"), "{}", printed(&error));
    assert!(wire.requests().is_empty());
}

#[tokio::test]
async fn a_create_whose_answer_breaks_off_still_tells_the_new_accounts_id() {
    let id = |body: &'static str| async move {
        let wire = Wire::start(cut_answer(201, body), Then::Close).await;
        let set = clients(&wire.base_url(), Waits::default().options());
        let error = set.original().unwrap().create_user().email("ada@example.com").send().await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::Accepted);
        assert!(error.is_in_doubt());
        assert_eq!(wire.requests().len(), 1, "a create that took effect is not sent again");
        assert!(!printed(&error).contains("4527"), "{error:?}");
        error.created_id()
    };
    let whole = r#"{"success":true,"data":{"uid":"452711987655","email":"ada@"#;
    assert_eq!(id(whole).await.as_deref(), Some("452711987655"));
    assert_eq!(id(r#"{"success":true,"data":{"uid":"4527119"#).await, None, "half an id is none");
    assert_eq!(id("").await, None);
}
