//! Every create call under every fault, as the tables of `docs/never-twice.md` have it: twice, because the faults are
//! made by a proxy of raw sockets, and by the sandbox, which must do the same.

use std::fmt::Write as _;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use enroll_sandbox::fault::Reply;

use super::proxy::{Back, Fault, Reach};
use super::world::{Create, Told, World, now};
use crate::logs::Logs;
use crate::wire::{Wire, answer, nobody};

/// What goes wrong.
enum Cause {
    /// Nobody listens.
    Refused,
    /// The host's name leads nowhere.
    NoSuchName,
    /// The peer does not speak TLS.
    NoTls,
    /// The peer never answers the first packet.
    NoConnection,
    /// The peer is the proxy: it does this to the first requests, and that to all later ones.
    Script(Vec<Fault>, Fault),
}

/// How long a provider asks to wait where the wait is waited for.
const WAIT: Duration = Duration::from_secs(7);

const HTML: &str = "<html><body>Bad Gateway</body></html>";

fn other(status: u16, headers: &str, body: &str) -> Back {
    Back::Other(answer(status, headers, body))
}

fn once(fault: Fault) -> Cause {
    Cause::Script(vec![fault], Fault::NONE)
}

fn always(fault: Fault) -> Cause {
    Cause::Script(Vec::new(), fault)
}

/// The rows. `elsewhere` is where redirects lead.
fn causes(elsewhere: &str) -> Vec<(&'static str, Cause)> {
    let seconds = format!("retry-after: {}\r\n", WAIT.as_secs());
    let date = format!("retry-after: {}\r\n", httpdate::fmt_http_date(now() + WAIT));
    let location = format!("location: {elsewhere}/user\r\n");
    let html = "content-type: text/html\r\n";
    let long = "x".repeat(8 * 1024 * 1024);
    vec![
        ("no fault", once(Fault::NONE)),
        ("connection refused", Cause::Refused),
        ("name not found", Cause::NoSuchName),
        ("TLS fails", Cause::NoTls),
        ("connect time-out", Cause::NoConnection),
        ("done, then no answer", once(Fault::done(Back::Nothing))),
        ("not done, and no answer", once(Fault::undone(Back::Nothing))),
        ("done when the next request comes, and no answer", once(Fault::late())),
        ("done, each time no answer", always(Fault::done(Back::Nothing))),
        ("done, cut in the head", once(Fault::done(Back::HalfTheHead))),
        ("done, cut in the body", once(Fault::done(Back::HalfTheBody))),
        ("done, half a body until the deadline", once(Fault::done(Back::Silence))),
        ("done, HTML 502", once(Fault::done(other(502, html, HTML)))),
        ("not done, HTML 502", once(Fault::undone(other(502, html, HTML)))),
        ("done, empty 200", once(Fault::done(other(200, "", "")))),
        ("429, `Retry-After` in seconds", once(Fault::undone(other(429, &seconds, "")))),
        ("429, `Retry-After` as a date", once(Fault::undone(other(429, &date, "")))),
        ("429, in an hour", once(Fault::undone(other(429, "retry-after: 3600\r\n", "")))),
        ("429 for ever", always(Fault::undone(other(429, "", "")))),
        ("done, 503 with `Retry-After`", once(Fault::done(other(503, &seconds, "")))),
        ("not done, 503 with `Retry-After`", once(Fault::undone(other(503, &seconds, "")))),
        ("done, 503", once(Fault::done(other(503, "", "")))),
        ("not done, 503", once(Fault::undone(other(503, "", "")))),
        ("done, redirect to another host", once(Fault::done(other(307, &location, "")))),
        ("done, 200 of 8 MB", once(Fault::done(other(200, "", &long)))),
        ("401 once", once(Fault::undone(other(401, "", "")))),
        ("401 for ever", always(Fault::undone(other(401, "", "")))),
    ]
}

#[tokio::test]
async fn the_document_says_what_becomes_of_a_call() {
    assert_table("## `.outcome()`", Mode::Outcome, Peer::Proxy).await;
}

#[tokio::test]
async fn the_document_says_what_becomes_of_a_call_that_makes_sure() {
    assert_table("## `.ensure()`", Mode::Ensure, Peer::Proxy).await;
}

#[tokio::test]
async fn the_sandbox_misbehaves_as_the_document_says() {
    assert_table("## `.outcome()`", Mode::Outcome, Peer::Sandbox).await;
}

#[tokio::test]
async fn the_sandbox_misbehaves_alike_for_a_call_that_makes_sure() {
    assert_table("## `.ensure()`", Mode::Ensure, Peer::Sandbox).await;
}

/// Who makes the faults.
#[derive(Clone, Copy)]
enum Peer {
    Proxy,
    Sandbox,
}

impl Peer {
    /// Has faults happen to create requests from now on: one each, and then `later`. They are counted anew.
    fn script(self, world: &World, create: Create, first: &[Fault], later: &Fault) {
        match self {
            Self::Proxy => world.proxy.creates(first.to_vec(), later.clone()),
            Self::Sandbox => {
                let faults = create.faults(&world.sandbox);
                for fault in first.iter().filter_map(in_the_sandbox) {
                    faults.next(fault);
                }
                if let Some(later) = in_the_sandbox(later) {
                    faults.always(later);
                }
            }
        }
    }

    /// How many create requests came since then.
    fn created(self, world: &World, before: usize) -> usize {
        match self {
            Self::Proxy => world.proxy.created().len(),
            Self::Sandbox => creates(world) - before,
        }
    }
}

/// How many requests that make accounts the sandbox got.
fn creates(world: &World) -> usize {
    let requests = world.sandbox.requests();
    let creates = ["createUser", "userRegister"];
    requests.iter().filter(|it| it.operation().is_some_and(|id| creates.contains(&id))).count()
}

/// The sandbox's word for a fault; nothing if there is none.
fn in_the_sandbox(fault: &Fault) -> Option<enroll_sandbox::Fault> {
    use enroll_sandbox::Fault as Sandbox;
    Some(match (&fault.reach, &fault.back) {
        (Reach::Now, Back::Relayed) => return None,
        (Reach::Now, Back::Nothing) => Sandbox::CommitThenDrop,
        (Reach::Never, Back::Nothing) => Sandbox::DropBeforeCommit,
        (Reach::Late, Back::Nothing) => Sandbox::CommitLate,
        (Reach::Now, Back::HalfTheHead) => Sandbox::CutHead,
        (Reach::Now, Back::HalfTheBody) => Sandbox::CutBody,
        (Reach::Now, Back::Silence) => Sandbox::Silence,
        (Reach::Now, Back::Other(bytes)) => Sandbox::CommitThenReply(reply(bytes)),
        (Reach::Never, Back::Other(bytes)) => Sandbox::ReplyBeforeCommit(reply(bytes)),
        other => panic!("no row has {other:?}"),
    })
}

/// What the proxy sends, as the sandbox is told of it.
fn reply(bytes: &[u8]) -> Reply {
    let (head, body) = std::str::from_utf8(bytes).unwrap().split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let fields = lines.map(|line| line.split_once(": ").unwrap());
    fields.fold(Reply::status(status).with_body(body), |reply, (name, value)| reply.with_header(name, value))
}

#[derive(Clone, Copy)]
enum Mode {
    Outcome,
    Ensure,
}

impl Mode {
    /// The call's end, or nothing if there is no such call.
    async fn call(self, create: Create, world: &World) -> Option<Told> {
        match self {
            Self::Outcome => Some(create.outcome(&world.clients, 0).await),
            Self::Ensure => create.ensure(&world.clients, 0).await,
        }
    }
}

/// Asserts that the document's table under this heading is what happens.
async fn assert_table(heading: &str, mode: Mode, peer: Peer) {
    let document = include_str!("../../../docs/never-twice.md");
    let (_, section) = document.split_once(heading).unwrap();
    let written: Vec<_> = section
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .collect();
    let happened = table(mode, peer).await;
    let happened: Vec<_> = happened.lines().collect();
    assert!(written == happened, "under {heading} this is what happens:\n{}", happened.join("\n"));
}

/// The table as it is: one row for each fault, one column for each call.
async fn table(mode: Mode, peer: Peer) -> String {
    let elsewhere = Wire::json(200, "{}").await;
    let mut rows = vec![vec!["fault".to_owned()]];
    rows[0].extend(Create::ALL.map(|create| create.title().to_owned()));
    for (fault, cause) in causes(&elsewhere.base_url()) {
        rows.push(row(fault, &cause, mode, peer).await);
    }
    assert_eq!(elsewhere.requests().len(), 0, "a redirect was followed");
    let widths: Vec<_> = (0..rows[0].len())
        .map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap())
        .collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        for (cell, width) in row.iter().zip(&widths) {
            write!(text, "| {cell:width$} ").unwrap();
        }
        text.push_str("|\n");
        if number == 0 {
            for width in &widths {
                write!(text, "|{:-<1$}", "", width + 2).unwrap();
            }
            text.push_str("|\n");
        }
    }
    text
}

async fn row(fault: &str, cause: &Cause, mode: Mode, peer: Peer) -> Vec<String> {
    let mut world = World::start().await;
    if let Peer::Sandbox = peer {
        let origin = world.sandbox.base_url().to_owned();
        world.lead_to(&origin, |http| http);
    }
    let _peer = lead(&mut world, cause).await;
    let mut row = vec![fault.to_owned()];
    for create in Create::ALL {
        let before = creates(&world);
        if let Cause::Script(first, later) = cause {
            peer.script(&world, create, first, later);
        }
        let silent =
            matches!(cause, Cause::Script(first, _) if first.iter().any(|it| it.back == Back::Silence));
        let told =
            if silent { in_silence(create, mode, &world).await } else { mode.call(create, &world).await };
        let Some(Told { name, delivery }) = told else {
            row.push("not offered".to_owned());
            continue;
        };
        let delivery = delivery.map_or("–".to_owned(), |delivery| format!("{delivery:?}"));
        let (requests, accounts) = (peer.created(&world, before), create.accounts(&world.sandbox, 0));
        assert!(accounts <= 1, "{fault}: {accounts} accounts at {create:?}");
        row.push(format!("{name} · {delivery} · {requests} · {accounts}"));
    }
    row
}

/// Makes the call with a clock that stops once a status is known, so that it jumps to the deadline in the silence.
async fn in_silence(create: Create, mode: Mode, world: &World) -> Option<Told> {
    if create == Create::DigiPay {
        // The token is there before, so that the status is that of the call itself.
        world.clients.digipay().unwrap().list_users().send().await.unwrap();
    }
    let _logs = Logs::react("http.response.status_code=", tokio::time::pause);
    let told = mode.call(create, world).await?;
    tokio::time::resume();
    Some(told)
}

/// Leads the clients to where this goes wrong. What is returned must be kept meanwhile.
async fn lead(world: &mut World, cause: &Cause) -> Option<(TcpListener, Vec<TcpStream>)> {
    match cause {
        Cause::Script(..) => {}
        Cause::Refused => world.lead_to(&nobody().await, |http| http),
        Cause::NoSuchName => world.lead_to("https://nobody.invalid", |http| http),
        Cause::NoTls => {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let origin = format!("https://{}", listener.local_addr().unwrap());
            tokio::spawn(async move {
                while let Ok((mut stream, _)) = listener.accept().await {
                    let _ = stream.write_all(b"HTTP/1.1 400 X\r\n\r\n").await;
                }
            });
            world.lead_to(&origin, |http| http);
        }
        Cause::NoConnection => {
            // A connection that nobody accepts waits in a queue, and while that is full, the system drops the first
            // packet of every further one. This time-out always runs out, however short it is.
            let limit = Duration::from_millis(20);
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
            let listener = socket.listen(0).unwrap();
            let address = listener.local_addr().unwrap();
            let mut waiting = Vec::new();
            while let Ok(stream) = tokio::time::timeout(limit, TcpStream::connect(address)).await {
                waiting.push(stream.unwrap());
            }
            world.lead_to(&format!("http://{address}"), |http| http.with_connect_timeout(limit));
            return Some((listener, waiting));
        }
    }
    None
}

/// The waits that a provider asked for, for a call of each class.
#[tokio::test]
async fn what_a_provider_asks_to_wait_is_waited() {
    let asked = [format!("{}", WAIT.as_secs()), httpdate::fmt_http_date(now() + WAIT)];
    for (retry_after, status) in asked.iter().flat_map(|asked| [(asked, 429), (asked, 503)]) {
        let world = World::start().await;
        let headers = format!("retry-after: {retry_after}\r\n");
        for create in [Create::Haptik, Create::Original] {
            world.proxy.creates([Fault::undone(other(status, &headers, ""))], Fault::NONE);
            assert_eq!(create.outcome(&world.clients, 0).await.name, "created");
        }
        assert_eq!(world.waits(), [WAIT; 2], "{status}, {retry_after}");
    }
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_not_waited_but_told() {
    let world = World::start().await;
    let hour = other(429, "retry-after: 3600\r\n", "");
    world.proxy.creates([], Fault::undone(hour));
    let outcome =
        world.clients.original().unwrap().create_user().user_external_id("member-42").outcome().await;
    let enroll::Outcome::Throttled { retry_after, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(retry_after, Some(Duration::from_secs(3_600)));
    assert_eq!(world.waits(), []);
}
