//! What a client cannot go beyond, what hostile bytes do not achieve, and how a sandbox ends.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::Duration;

use enroll_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::raw::Raw;
use crate::{Call, PROVIDERS, address, answer, client, sandbox, users};

/// How much of a body beyond the limit the server reads before it hangs up.
const DRAINED: usize = 1024 * 1024;

/// Checks that a sandbox still creates users at every provider.
async fn assert_serves(sandbox: &Sandbox) {
    for provider in PROVIDERS {
        let before = users(sandbox, provider);
        let (status, body) = Call::create(sandbox, provider, 9_999).send().await;
        assert!(status < 300 && users(sandbox, provider) == before + 1, "{provider}: {status} {body}");
    }
}

/// A sandbox that does not wait long for a client; long enough, though, for one on a busy machine.
async fn impatient() -> Sandbox {
    Sandbox::builder().patience(Duration::from_millis(500)).start().await.unwrap()
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_in_the_providers_own_shape() {
    let sandbox = Sandbox::builder().longest_body(1_000).start().await.unwrap();
    for (provider, pointer) in [
        ("haptik", "/error_message"),
        ("original", "/error/detail/message"),
        ("streambird", "/error_message"),
        ("digipay", "/error/0"),
    ] {
        let create = Call::create(&sandbox, provider, 1);
        let text = create.body.as_ref().unwrap().to_string();
        let padded = |length: usize| format!("{text}{}", " ".repeat(length - text.len()));
        for (length, fits) in [(1_001, false), (1_000, true), (50_000, false)] {
            let mut raw = Raw::send(&sandbox, create.bytes_with(padded(length).as_bytes())).await;
            let (head, body) = raw.answer().await;
            if fits {
                assert!(head.starts_with("HTTP/1.1 20"), "{provider} {length}: {head}");
                continue;
            }
            assert!(head.starts_with("HTTP/1.1 413 Payload Too Large\r\n"), "{provider} {length}: {head}");
            let body: Value = serde_json::from_str(&body).unwrap();
            let expected = json!("the body is longer than 1000 bytes");
            assert_eq!(body.pointer(pointer), Some(&expected), "{provider}: {body}");
            // The connection goes on.
            raw.write(Call::get(&sandbox, provider, "/nowhere").bytes()).await;
            assert!(raw.head().await.0.starts_with("HTTP/1.1 404"), "{provider}");
        }
        assert_eq!(users(&sandbox, provider), 1, "{provider}");
    }
    let kept: Vec<_> = sandbox.requests().iter().map(|request| request.body().len()).collect();
    assert!(kept.iter().all(|length| *length <= 1_000), "{kept:?}");
}

#[tokio::test]
async fn a_body_that_is_far_too_long_is_not_read_to_its_end() {
    let sandbox = Sandbox::builder().longest_body(1_000).start().await.unwrap();
    let head = Call::create(&sandbox, "haptik", 1).head(usize::MAX / 2, "");
    let mut raw = Raw::send(&sandbox, head).await;
    raw.write(vec![b' '; 1_000 + DRAINED + 1]).await;
    let answer = raw.all().await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("connection: close\r\n"), "{answer}");
    assert_serves(&sandbox).await;
}

#[tokio::test]
async fn what_is_no_utf_8_is_refused() {
    let sandbox = sandbox().await;
    for provider in PROVIDERS {
        let create = Call::create(&sandbox, provider, 1);
        let mut body = create.body.as_ref().unwrap().to_string().into_bytes();
        let place = body.len() - 3;
        body[place] = 0xff;
        let mut raw = Raw::send(&sandbox, create.bytes_with(&body)).await;
        assert!(raw.head().await.0.starts_with("HTTP/1.1 400 "), "{provider}");
        assert_eq!(users(&sandbox, provider), 0);
    }
    for (provider, path) in [
        ("original", "/user/%FF"),
        ("original", "/user/%00"),
        ("streambird", "/v1/auth/users/%C3%28"),
        ("digipay", "/digipay/v3/user/user_detail/%80"),
        ("haptik", "/%FF/user/"),
    ] {
        let (head, _) = Raw::send(&sandbox, Call::get(&sandbox, provider, path).bytes()).await.answer().await;
        assert!(head.starts_with("HTTP/1.1 404 "), "{provider} {path}: {head}");
    }
    let query = Call::get(&sandbox, "original", "/user?email=%FF&&=&%").bytes();
    let (head, _) = Raw::send(&sandbox, query).await.answer().await;
    assert!(head.starts_with("HTTP/1.1 400 "), "{head}");
    assert_serves(&sandbox).await;
}

#[tokio::test]
async fn json_may_not_be_nested_without_end() {
    let sandbox = Sandbox::builder().longest_body(1024 * 1024).start().await.unwrap();
    let control = format!("{}/_control/faults", sandbox.base_url());
    for deep in ["[".repeat(100_000), r#"{"a":"#.repeat(100_000), "[".repeat(100_000) + &"]".repeat(100_000)]
    {
        for provider in PROVIDERS {
            let create = Call::create(&sandbox, provider, 1);
            let mut raw = Raw::send(&sandbox, create.bytes_with(deep.as_bytes())).await;
            assert!(raw.head().await.0.starts_with("HTTP/1.1 400 "), "{provider}");
        }
        let post = client().post(&control).header("content-type", "application/json").body(deep);
        assert_eq!(answer(post).await.0, 400);
    }
    // Looking at what came does no harm either.
    let requests = client().get(format!("{}/_control/requests", sandbox.base_url()));
    assert_eq!(answer(requests).await.1["requests"].as_array().unwrap().len(), 12);
    assert_serves(&sandbox).await;
}

#[tokio::test]
async fn bytes_that_are_no_request_are_refused_or_hung_up_on() {
    let sandbox = sandbox().await;
    let create = Call::create(&sandbox, "haptik", 1);
    let long = format!("x-long: {}\r\n", "x".repeat(1024 * 1024));
    let many: String = (0..200).map(|number| format!("x-{number}: 1\r\n")).collect();
    for (bytes, status) in [
        (b"\r\n\r\n".to_vec(), ""),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(10), "400"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), ""),
        (b"GET / HTTP/1.1\r\nhost: x\r\nno colon\r\n\r\n".to_vec(), "400"),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n".to_vec(), "400"),
        (b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_vec(), "400"),
        (b"OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_vec(), "404"),
        (
            b"GET /digipay HTTP/1.1\r\nhost: x\r\nauthorization: \xc3\xa9\r\nconnection: close\r\n\r\n"
                .to_vec(),
            "404",
        ),
        (create.head(0, "authorization: Bearer ....\r\nconnection: close\r\n").into_bytes(), "400"),
        (create.head(0, &many).into_bytes(), "431"),
        (create.head(0, &long).into_bytes(), "431"),
    ] {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(100)]).into_owned();
        let mut raw = Raw::connect(&sandbox).await;
        raw.write_last(&bytes).await;
        let (answer, end) = raw.rest().await;
        // What is left unread when the server hangs up makes the end a reset, which may overtake the answer.
        let is_reset = end.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset);
        let answered = answer.split(' ').nth(1).unwrap_or_default();
        assert!(answered == status || is_reset && bytes.len() > 500_000, "{shown}: {answer}");
    }
    assert_serves(&sandbox).await;
}

#[tokio::test]
async fn a_client_that_does_not_go_on_is_not_waited_for_for_ever() {
    let sandbox = impatient().await;
    let create = Call::create(&sandbox, "streambird", 1);
    let whole = create.bytes();
    let head = create.head(100, "");
    for sent in [&b""[..], b"POST /streambird", &head.as_bytes()[..head.len() - 2]] {
        let (answer, end) = Raw::send(&sandbox, sent).await.rest().await;
        end.unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
    let answer = Raw::send(&sandbox, &whole[..whole.len() - 1]).await.all().await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("connection: close\r\n"), "{answer}");
    // Nor is one that has been served and says nothing more.
    let mut raw = Raw::send(&sandbox, &whole).await;
    assert!(raw.head().await.0.starts_with("HTTP/1.1 200 "));
    raw.rest().await.1.unwrap();
    assert_eq!(users(&sandbox, "streambird"), 1);
    assert_serves(&sandbox).await;
}

#[tokio::test]
async fn a_client_that_hangs_up_in_the_middle_leaves_nothing_behind() {
    let sandbox = sandbox().await;
    let create = Call::create(&sandbox, "digipay", 1);
    let whole = create.bytes();
    let body = create.body.as_ref().unwrap().to_string().len();
    for length in [5, whole.len() - body - 10, whole.len() - body, whole.len() - 1] {
        let mut raw = Raw::send(&sandbox, &whole[..length]).await;
        raw.shut_down().await;
        let (answer, end) = raw.rest().await;
        end.unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{length}: {answer}");
        // Some go without waiting for an answer.
        drop(Raw::send(&sandbox, &whole[..length]).await);
    }
    assert_eq!(users(&sandbox, "digipay"), 0);
    assert_serves(&sandbox).await;
}

#[tokio::test]
async fn further_connections_wait_until_one_goes() {
    let sandbox = Sandbox::builder().connections(2).start().await.unwrap();
    let call = |number| Call::create(&sandbox, "haptik", number).bytes();
    let mut first = Raw::send(&sandbox, call(1)).await;
    let mut second = Raw::send(&sandbox, call(2)).await;
    first.head().await;
    second.head().await;
    let mut third = Raw::send(&sandbox, call(3)).await;
    for number in 4..24 {
        second.write(call(number)).await;
        let (_, body) = second.answer().await;
        assert!(body.contains(&format!("member-{number}\"")), "{body}");
    }
    assert_eq!(users(&sandbox, "haptik"), 22, "the third has not been served");
    drop(first);
    assert!(third.answer().await.1.contains("member-3\""));
}

#[tokio::test]
async fn the_oldest_user_goes_when_there_are_too_many() {
    let sandbox = Sandbox::builder().capacity(2).start().await.unwrap();
    for provider in PROVIDERS {
        for number in 1..=5 {
            assert!(Call::create(&sandbox, provider, number).send().await.0 < 300, "{provider}");
        }
        assert_eq!(users(&sandbox, provider), 2, "{provider}");
    }
    let left: Vec<_> = sandbox.haptik().users().into_iter().map(|user| user.auth_id).collect();
    assert_eq!(left, ["member-4", "member-5"]);
    let (_, state) = answer(client().get(format!("{}/_control/state", sandbox.base_url()))).await;
    for provider in PROVIDERS {
        assert_eq!(state["providers"][provider]["evicted"], 3, "{provider}");
        assert_eq!(state["providers"][provider]["users"].as_array().unwrap().len(), 2, "{provider}");
    }
    // What the first one had is free again.
    assert_eq!(Call::create(&sandbox, "original", 1).send().await.0, 201);
}

#[tokio::test]
async fn the_last_thousand_requests_are_kept() {
    let sandbox = sandbox().await;
    let mut raw = Raw::connect(&sandbox).await;
    for number in 0..1_003 {
        raw.write(format!("GET /{number} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        raw.answer().await;
    }
    let requests = sandbox.requests();
    let ends = [&requests[0], &requests[requests.len() - 1]].map(|request| request.path());
    assert_eq!((requests.len(), ends), (1_000, ["/3", "/1002"]));
}

#[tokio::test]
async fn stopping_finishes_what_is_under_way_and_frees_the_port() {
    let sandbox = sandbox().await;
    let address = address(&sandbox);
    let create = Call::create(&sandbox, "haptik", 1);
    let body = create.body.as_ref().unwrap().to_string();
    let idle = Raw::connect(&sandbox).await;
    let mut raw = Raw::send(&sandbox, create.head(body.len(), "expect: 100-continue\r\n")).await;
    // The server waits for the body from here on.
    assert_eq!(raw.head().await.0, "HTTP/1.1 100 Continue\r\n\r\n");
    let finish = async {
        assert_eq!(idle.all().await, "", "whoever asks for nothing is sent away");
        raw.write(&body).await;
        raw.all().await
    };
    let ((), answer) = tokio::join!(sandbox.stop(), finish);
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("member-1"), "{answer}");

    let refused = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    let again = Sandbox::builder().port(address.port()).start().await.unwrap();
    assert_serves(&again).await;
}

#[tokio::test]
async fn dropping_a_sandbox_ends_it_too() {
    let sandbox = sandbox().await;
    let address = address(&sandbox);
    let mut raw = Raw::send(&sandbox, Call::create(&sandbox, "haptik", 1).bytes()).await;
    raw.answer().await;
    drop(sandbox);
    assert_eq!(raw.all().await, "");
    let refused = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    for builder in [Sandbox::builder().port(port), Sandbox::builder().ports(port)] {
        let error = builder.start().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        let message = error.to_string();
        assert!(
            message.contains(&format!("127.0.0.1:{port}")) && message.contains("choose another"),
            "{message}"
        );
    }
    let error = Sandbox::builder().ports(u16::MAX - 1).start().await.unwrap_err();
    assert!(
        error.to_string().contains("choose a lower one") || error.kind() == ErrorKind::AddrInUse,
        "{error}"
    );
}
