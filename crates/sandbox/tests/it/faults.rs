//! Faults of the connection, when a fault happens, and to which request.

use std::io::ErrorKind;
use std::time::Duration;

use enroll_sandbox::Fault;
use enroll_sandbox::fault::{Delay, Reply};
use serde_json::json;

use crate::raw::Raw;
use crate::{Call, PROVIDERS, answer, assert_happened, client, next, sandbox, until, users};

fn reply(status: u16) -> Fault {
    Fault::ReplyBeforeCommit(Reply::status(status))
}

#[tokio::test]
async fn a_connection_that_ends_without_a_byte_says_nothing_of_the_user() {
    for provider in PROVIDERS {
        for (fault, is_reset, left) in [
            (Fault::DropBeforeCommit, false, 0),
            (Fault::CommitThenDrop, false, 1),
            (Fault::ResetBeforeCommit, true, 0),
            (Fault::CommitThenReset, true, 1),
        ] {
            let sandbox = sandbox().await;
            next(&sandbox, provider, &fault);
            let create = Call::create(&sandbox, provider, 1);
            let (text, end) = Raw::send(&sandbox, create.bytes()).await.rest().await;
            let end = end.map_err(|error| error.kind());
            let expected = if is_reset { Err(ErrorKind::ConnectionReset) } else { Ok(()) };
            assert_eq!((text.as_str(), end), ("", expected), "{provider} {fault:?}");
            assert_eq!(users(&sandbox, provider), left, "{provider} {fault:?}");
            assert_happened(&sandbox, &fault);

            // It happened once: the next request is answered, and finds what was left behind.
            create.request().send().await.unwrap();
            assert_eq!(users(&sandbox, provider), 1, "{provider} {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_late_commit_takes_effect_when_the_next_request_of_its_operation_comes() {
    let sandbox = sandbox().await;
    sandbox.streambird().next(Fault::CommitLate);
    let create = Call::create(&sandbox, "streambird", 1);
    assert_eq!(Raw::send(&sandbox, create.bytes()).await.all().await, "");
    assert_happened(&sandbox, &Fault::CommitLate);

    // The user is nowhere to be found yet; and looking for the user does not hurry the request along.
    let search = Call::create(&sandbox, "streambird", 0).with_body(json!({}));
    let search = Call { url: search.url.replace("/create", "/search"), ..search };
    assert_eq!(search.send().await.1["total_count"], 0);
    assert_eq!(users(&sandbox, "streambird"), 0);

    let (status, body) = create.send().await;
    assert_eq!((status, &body["error_type"]), (409, &json!("already_exists")));
    assert_eq!(users(&sandbox, "streambird"), 1);
    assert_eq!(sandbox.deviations(), [""; 0]);
}

#[tokio::test]
async fn an_answer_is_cut_in_its_head_or_in_its_body() {
    for provider in PROVIDERS {
        let sandbox = sandbox().await;
        next(&sandbox, provider, &Fault::CutHead);
        let create = Call::create(&sandbox, provider, 1);
        let head = Raw::send(&sandbox, create.bytes()).await.all().await;
        assert!(head.starts_with("HTTP/1.1 20") && !head.contains("\r\n\r\n"), "{provider}: {head}");
        assert_eq!(users(&sandbox, provider), 1);
        assert_happened(&sandbox, &Fault::CutHead);

        next(&sandbox, provider, &Fault::CutBody);
        let mut raw = Raw::send(&sandbox, Call::create(&sandbox, provider, 2).bytes()).await;
        let (_, length) = raw.head().await;
        assert_eq!(raw.all().await.len(), length / 2, "{provider}");
        assert_eq!(users(&sandbox, provider), 2);
        assert_happened(&sandbox, &Fault::CutBody);
    }
}

#[tokio::test]
async fn silence_lasts_until_the_client_hangs_up() {
    let sandbox = sandbox().await;
    sandbox.original().next(Fault::Silence);
    let mut raw = Raw::send(&sandbox, Call::create(&sandbox, "original", 1).bytes()).await;
    let (_, length) = raw.head().await;
    raw.take(length / 2).await;
    assert_happened(&sandbox, &Fault::Silence);
    assert_eq!(users(&sandbox, "original"), 1);

    // Others are served, and what the client says meanwhile is not.
    raw.write(Call::create(&sandbox, "original", 2).bytes()).await;
    assert_eq!(Call::create(&sandbox, "original", 3).send().await.0, 201);
    assert!(raw.is_silent());
    assert_eq!(users(&sandbox, "original"), 2);
    raw.shut_down().await;
    assert_eq!(raw.all().await, "");
}

#[tokio::test]
async fn another_answer_comes_in_place_of_the_providers() {
    let reset = Reply::status(200).with_header("x-a", "b").with_header("content-type", "text/plain");
    let replies = [
        (Reply::throttled(Some("7")), "HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\n", ""),
        (Reply::throttled(None), "HTTP/1.1 429 Too Many Requests\r\n", ""),
        (
            Reply::bad_gateway(),
            "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\n",
            "<html><body>Bad Gateway</body></html>",
        ),
        (
            Reply::redirect("http://127.0.0.1:9/elsewhere"),
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:9/elsewhere\r\n",
            "",
        ),
        (
            reset.with_body("ab").with_length(5),
            "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nx-a: b\r\n",
            "abxxx",
        ),
    ];
    for (number, (reply, head, body)) in replies.into_iter().enumerate() {
        let sandbox = sandbox().await;
        let provider = PROVIDERS[number % PROVIDERS.len()];
        let faults = [Fault::ReplyBeforeCommit(reply.clone()), Fault::CommitThenReply(reply)];
        for (left, fault) in faults.into_iter().enumerate() {
            next(&sandbox, provider, &fault);
            let mut raw = Raw::send(&sandbox, Call::create(&sandbox, provider, 1).bytes()).await;
            let (answered, text) = raw.answer().await;
            assert!(answered.starts_with(head), "{answered}");
            assert_eq!(text, body);
            assert_eq!(users(&sandbox, provider), left, "{fault:?}");
            assert_happened(&sandbox, &fault);
        }
    }
}

#[tokio::test]
async fn a_reply_can_be_longer_than_a_client_wants_to_read() {
    let sandbox = sandbox().await;
    let length = 9 * 1024 * 1024;
    sandbox.haptik().next(Fault::ReplyBeforeCommit(Reply::status(200).with_length(length)));
    let response = Call::create(&sandbox, "haptik", 1).request().send().await.unwrap();
    assert_eq!(response.content_length(), Some(length as u64));
    let body = response.bytes().await.unwrap();
    assert!(body.len() == length && body.iter().all(|byte| *byte == b'x'));
}

#[tokio::test]
async fn an_answer_that_comes_twice_leaves_its_connection_usable() {
    for provider in PROVIDERS {
        let sandbox = sandbox().await;
        next(&sandbox, provider, &Fault::DuplicateResponse);
        let mut raw = Raw::send(&sandbox, Call::create(&sandbox, provider, 1).bytes()).await;
        let first = raw.answer().await;
        assert_eq!(raw.answer().await, first, "{provider}");
        assert!(first.0.starts_with("HTTP/1.1 20"), "{first:?}");
        assert_eq!(users(&sandbox, provider), 1);
        assert_happened(&sandbox, &Fault::DuplicateResponse);

        raw.write(Call::create(&sandbox, provider, 2).bytes()).await;
        let (head, body) = raw.answer().await;
        assert!(head.starts_with("HTTP/1.1 20") && body.starts_with('{'), "{head}{body}");
        assert_eq!(users(&sandbox, provider), 2, "{provider}");
    }
}

#[tokio::test]
async fn what_was_sent_before_an_answer_came_twice_is_not_lost() {
    let sandbox = sandbox().await;
    sandbox.haptik().nth(1, Fault::DuplicateResponse).nth(2, Fault::DuplicateResponse);
    let [first, second, third] = [1, 2, 3].map(|number| Call::create(&sandbox, "haptik", number).bytes());
    let (now, later) = third.split_at(third.len() / 2);
    let mut raw = Raw::send(&sandbox, [&first, &second, now].concat()).await;
    for user in ["member-1", "member-1", "member-2", "member-2"] {
        assert!(raw.answer().await.1.contains(user), "{user}");
    }
    raw.write(later).await;
    assert!(raw.answer().await.1.contains("member-3"));
    assert_eq!(users(&sandbox, "haptik"), 3);
}

#[tokio::test]
async fn a_delay_ends_when_the_clock_has_been_moved_far_enough() {
    const HOUR: Duration = Duration::from_secs(3_600);
    for delay in [Delay::Fixed { time: HOUR }, Delay::Uniform { from: HOUR, to: HOUR }] {
        let sandbox = sandbox().await;
        let fault = Fault::Delay(delay);
        sandbox.haptik().next(fault.clone());
        let create = Call::create(&sandbox, "haptik", 1);
        let waiting = tokio::spawn(async move { create.send().await });
        until(|| !sandbox.requests().is_empty()).await;
        assert_happened(&sandbox, &fault);
        assert_eq!(users(&sandbox, "haptik"), 1, "the provider has acted");

        sandbox.advance(HOUR / 2);
        // Nobody else is kept waiting, and by the time of this answer an early one would have come.
        assert_eq!(Call::create(&sandbox, "haptik", 2).send().await.0, 200);
        assert!(!waiting.is_finished(), "{delay:?}");
        sandbox.advance(HOUR / 2);
        assert_eq!(waiting.await.unwrap().0, 200, "{delay:?}");
    }
}

#[tokio::test]
async fn a_delay_is_as_random_as_it_says_and_ends_with_the_clock_too() {
    let sandbox = sandbox().await;
    let fault = Fault::Delay(Delay::Exponential { mean: Duration::from_secs(3_600) });
    sandbox.original().always(fault.clone());
    let create = Call::create(&sandbox, "original", 1);
    let waiting = tokio::spawn(async move { create.send().await });
    until(|| !sandbox.requests().is_empty()).await;
    // The longest that can be drawn is less than forty times the mean.
    sandbox.advance(Duration::from_secs(40 * 3_600));
    assert_eq!(waiting.await.unwrap().0, 201);
    assert_happened(&sandbox, &fault);
}

#[tokio::test]
async fn single_requests_come_before_all_and_an_operation_before_its_provider() {
    let sandbox = sandbox().await;
    let haptik = sandbox.haptik();
    haptik.always(reply(503)).nth(2, reply(504)).nth(3, reply(505));
    haptik.on("createUser").next(reply(429)).nth(3, reply(500)).nth(5, reply(501));
    haptik.on("updateUser").always(reply(422));
    let create = Call::create(&sandbox, "haptik", 1);
    let update = Call { method: "PUT", ..create.clone() };
    let status = async |call: &Call| call.request().send().await.unwrap().status().as_u16();
    assert_eq!(status(&create).await, 429);
    assert_eq!(status(&create).await, 504);
    assert_eq!(status(&create).await, 500);
    assert_eq!(status(&update).await, 422);
    assert_eq!(status(&create).await, 503);
    assert_eq!(status(&create).await, 501);
    assert_eq!(status(&create).await, 503);
    assert_eq!(users(&sandbox, "haptik"), 0);

    haptik.clear_faults();
    assert_eq!(status(&create).await, 200);
    assert_eq!(sandbox.requests().last().unwrap().fault(), None);
}

#[tokio::test]
async fn faults_of_the_next_request_queue_up() {
    let sandbox = sandbox().await;
    sandbox.original().next(reply(429)).next(reply(500)).next(reply(503));
    let create = Call::create(&sandbox, "original", 1);
    for status in [429, 500, 503, 201] {
        assert_eq!(create.request().send().await.unwrap().status(), status);
    }
}

#[tokio::test]
async fn a_request_that_finds_no_operation_uses_no_fault_up() {
    let sandbox = sandbox().await;
    sandbox.streambird().next(reply(503));
    let get = |path: &str| client().get(format!("{}{path}", sandbox.streambird().base_url()));
    assert_eq!(answer(get("/nowhere")).await.0, 404);
    assert_eq!(answer(get("/v1/auth/users/create")).await.0, 405);
    assert!(sandbox.requests().iter().all(|request| request.fault().is_none()));
    assert_eq!(Call::create(&sandbox, "streambird", 1).request().send().await.unwrap().status(), 503);
}

#[tokio::test]
async fn the_exchange_of_credentials_is_spared_unless_it_is_meant() {
    let sandbox = sandbox().await;
    let digipay = sandbox.digipay();
    let exchange = || {
        let url = format!("{}/digipay/v3/auth/authenticate", digipay.base_url());
        client().post(url).basic_auth(digipay.client_id(), Some(digipay.client_secret()))
    };
    digipay.always(reply(503)).nth(1, Fault::CommitThenDrop);
    assert_eq!(answer(exchange()).await.0, 200);
    assert_eq!(sandbox.requests()[0].fault(), None);
    let create = Call::create(&sandbox, "digipay", 1);
    assert!(create.request().send().await.is_err());
    assert_eq!(create.request().send().await.unwrap().status(), 503);

    digipay.on("authenticate").next(Fault::RefuseCredentials);
    assert_eq!(answer(exchange()).await.0, 401);
    assert_happened(&sandbox, &Fault::RefuseCredentials);
    assert_eq!(answer(exchange()).await.0, 200);
}

#[tokio::test]
async fn faults_that_are_taken_back_do_not_happen_and_late_commits_neither() {
    let sandbox = sandbox().await;
    sandbox.haptik().next(Fault::CommitLate).next(reply(500)).always(reply(503));
    let late = Call::create(&sandbox, "haptik", 1);
    assert_eq!(Raw::send(&sandbox, late.bytes()).await.all().await, "");
    sandbox.haptik().clear_faults();
    assert_eq!(Call::create(&sandbox, "haptik", 2).send().await.0, 200);
    let users = sandbox.haptik().users();
    assert_eq!(users.iter().map(|user| user.auth_id.as_str()).collect::<Vec<_>>(), ["member-2"]);
}

#[tokio::test]
async fn sandboxes_and_providers_do_not_share_faults() {
    let (first, second) = (sandbox().await, sandbox().await);
    first.haptik().always(reply(503));
    let status = async |call: Call| call.request().send().await.unwrap().status().as_u16();
    let (spoilt, other) =
        tokio::join!(status(Call::create(&first, "haptik", 1)), status(Call::create(&second, "haptik", 1)),);
    assert_eq!((spoilt, other), (503, 200));
    assert_eq!(status(Call::create(&first, "streambird", 1)).await, 200);
}

#[tokio::test]
#[should_panic(expected = "there is no operation createUsers; there are ")]
async fn a_misspelt_operation_is_told_at_once() {
    sandbox().await.haptik().on("createUsers").next(Fault::Nulls);
}

#[tokio::test]
async fn an_operation_of_any_provider_is_found_by_its_names() {
    let sandbox = sandbox().await;
    for (provider, operation) in [
        ("haptik", "createUser"),
        ("original", "createUser"),
        ("streambird", "createUser"),
        ("digipay", "userRegister"),
    ] {
        sandbox.faults_of(provider, operation).unwrap().next(Fault::RefuseCredentials);
        assert_eq!(Call::create(&sandbox, provider, 1).send().await.0, 401, "{provider}");
        assert!(Call::create(&sandbox, provider, 1).send().await.0 < 300, "{provider}");
    }
    assert!(sandbox.faults_of("haptik", "getUser").is_none());
    assert!(sandbox.faults_of("nobody", "createUser").is_none());
}
