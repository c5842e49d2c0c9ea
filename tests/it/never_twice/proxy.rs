//! A peer between the SDK and the sandbox: it lets a request through or not, and then misbehaves on the way back.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use enroll::Operation;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::wire::{self, Request};

/// The operations that make accounts.
const CREATES: [&Operation; 4] = [
    &enroll::haptik::operations::CREATE_USER,
    &enroll::original::operations::CREATE_USER,
    &enroll::streambird::operations::CREATE_USER,
    &enroll::digipay::operations::USER_REGISTER,
];

/// Whether the sandbox gets the request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reach {
    /// Before anything goes back.
    Now,
    /// Never.
    Never,
    /// When the next create request comes, and before it: it was under way meanwhile.
    Late,
}

/// What goes back.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Back {
    /// The sandbox's answer.
    Relayed,
    /// Nothing: the connection ends.
    Nothing,
    /// Half of the answer's head, and the connection ends.
    HalfTheHead,
    /// Half of the answer's body, and the connection ends.
    HalfTheBody,
    /// Half of the answer's body, and nothing more.
    Silence,
    /// Another answer than the sandbox's.
    Other(Vec<u8>),
}

/// What happens to one request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    pub(crate) reach: Reach,
    pub(crate) back: Back,
}

impl Fault {
    /// No fault at all.
    pub(crate) const NONE: Self = Self { reach: Reach::Now, back: Back::Relayed };

    /// The sandbox acts, and then this goes back.
    pub(crate) fn done(back: Back) -> Self {
        Self { reach: Reach::Now, back }
    }

    /// The sandbox gets nothing, and this goes back.
    pub(crate) fn undone(back: Back) -> Self {
        Self { reach: Reach::Never, back }
    }

    /// Nothing goes back, and the sandbox acts when the next create request comes.
    pub(crate) fn late() -> Self {
        Self { reach: Reach::Late, back: Back::Nothing }
    }
}

/// The faults of one kind of requests.
#[derive(Debug)]
struct Lane {
    /// One for each request.
    first: VecDeque<Fault>,
    /// For every request after these.
    later: Fault,
    /// What was done to each request that came.
    seen: Vec<Fault>,
}

impl Default for Lane {
    fn default() -> Self {
        Self { first: VecDeque::new(), later: Fault::NONE, seen: Vec::new() }
    }
}

#[derive(Debug, Default)]
struct Script {
    creates: Lane,
    others: Lane,
    /// Requests that are still under way.
    held: Vec<Request>,
}

/// A running proxy. Requests that make accounts, and all others (lookups, tokens), have faults of their own.
pub(crate) struct Proxy {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
}

impl Proxy {
    /// Starts a proxy in front of a server on loopback; no faults happen until they are asked for.
    pub(crate) async fn start(origin: &str) -> Self {
        let origin = origin.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::<Mutex<Script>>::default();
        tokio::spawn(accept(listener, origin, Arc::clone(&script)));
        Self { address, script }
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What happens to create requests from now on: one fault each, and then `later`. They are counted anew.
    pub(crate) fn creates(&self, first: impl Into<VecDeque<Fault>>, later: Fault) {
        self.script.lock().unwrap().creates = Lane { first: first.into(), later, seen: Vec::new() };
    }

    /// The same for all other requests.
    pub(crate) fn others(&self, first: impl Into<VecDeque<Fault>>, later: Fault) {
        self.script.lock().unwrap().others = Lane { first: first.into(), later, seen: Vec::new() };
    }

    /// What was done to each create request that came.
    pub(crate) fn created(&self) -> Vec<Fault> {
        self.script.lock().unwrap().creates.seen.clone()
    }

    /// How many other requests came.
    pub(crate) fn asked(&self) -> usize {
        self.script.lock().unwrap().others.seen.len()
    }
}

async fn accept(listener: TcpListener, origin: SocketAddr, script: Arc<Mutex<Script>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(serve(stream, origin, Arc::clone(&script)));
    }
}

async fn serve(mut stream: TcpStream, origin: SocketAddr, script: Arc<Mutex<Script>>) {
    while let Some(request) = wire::read(&mut stream, 0).await {
        let (fault, held) = next(&script, &request);
        for earlier in held {
            forward(origin, &earlier).await;
        }
        let answer = match fault.reach {
            Reach::Now => forward(origin, &request).await,
            Reach::Never => Vec::new(),
            Reach::Late => {
                script.lock().unwrap().held.push(request);
                Vec::new()
            }
        };
        let head = answer.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |end| end + 4);
        let (sent, goes_on) = match &fault.back {
            Back::Relayed => (&answer[..], true),
            Back::Nothing => (&answer[..0], false),
            Back::HalfTheHead => (&answer[..head / 2], false),
            Back::HalfTheBody | Back::Silence => (&answer[..head.midpoint(answer.len())], false),
            Back::Other(other) => (&other[..], true),
        };
        // A client that has gone reads nothing, and the test sees that on its side.
        let _ = stream.write_all(sent).await;
        if fault.back == Back::Silence {
            // The client hangs up, and until then nothing comes from either side.
            let _ = stream.read_u8().await;
        }
        if !goes_on {
            return;
        }
    }
}

/// What happens to this request, and which ones arrive before it.
fn next(script: &Mutex<Script>, request: &Request) -> (Fault, Vec<Request>) {
    let mut script = script.lock().unwrap();
    let is_create = CREATES.iter().any(|operation| {
        request.line.starts_with(operation.method)
            && request.line.ends_with(&format!("{} HTTP/1.1", operation.path))
    });
    let held = if is_create { std::mem::take(&mut script.held) } else { Vec::new() };
    let lane = if is_create { &mut script.creates } else { &mut script.others };
    let fault = lane.first.pop_front().unwrap_or_else(|| lane.later.clone());
    lane.seen.push(fault.clone());
    (fault, held)
}

/// The sandbox's whole answer.
async fn forward(origin: SocketAddr, request: &Request) -> Vec<u8> {
    let Request { line, headers, body, .. } = request;
    let headers = headers.join("\r\n");
    let mut stream = TcpStream::connect(origin).await.unwrap();
    let text = format!("{line}\r\n{headers}\r\nconnection: close\r\n\r\n{body}");
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    answer
}
