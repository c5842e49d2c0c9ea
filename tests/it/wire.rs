//! A server of which a test says every byte: for broken connections, silence, and requests to the last header.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use enroll::HttpOptions;
use enroll::haptik::Client;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What follows the bytes of an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Then {
    /// The connection stays open for the next request.
    Keep,
    /// The connection is closed, whether the answer was complete or not.
    Close,
    /// Nothing more comes, and the clock is stopped: it then jumps to the next time-out, so that no test waits.
    StopTheClock,
}

/// What a server does with each request in turn, and with all that follow the last.
type Script = Arc<[(Vec<u8>, Then)]>;

/// A server on loopback that answers as a script says, or every request with the same bytes.
pub(crate) struct Wire {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Counts the connections from 0.
    pub(crate) connection: usize,
    /// The request line.
    pub(crate) line: String,
    /// The lines of the head in alphabetical order, a name that is sent twice being there twice.
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

impl Wire {
    /// Starts a server that reads each request whole, sends `answer` and does what `then` says.
    pub(crate) async fn start(answer: impl Into<Vec<u8>>, then: Then) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), answer, then)
    }

    /// The same at an address of the test's choice.
    pub(crate) fn on(listener: TcpListener, answer: impl Into<Vec<u8>>, then: Then) -> Self {
        Self::follow(listener, vec![(answer.into(), then)])
    }

    /// Starts a server that deals with each request in turn as one entry says, and as the last one says ever after.
    pub(crate) async fn script(script: Vec<(Vec<u8>, Then)>) -> Self {
        Self::follow(TcpListener::bind("127.0.0.1:0").await.unwrap(), script)
    }

    fn follow(listener: TcpListener, script: Vec<(Vec<u8>, Then)>) -> Self {
        let address = listener.local_addr().unwrap();
        let requests = Arc::default();
        tokio::spawn(accept(listener, Arc::from(script), Arc::clone(&requests)));
        Self { address, requests }
    }

    /// A server that answers with this status and JSON body.
    pub(crate) async fn json(status: u16, body: &str) -> Self {
        Self::start(answer(status, "content-type: application/json\r\n", body), Then::Keep).await
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything that was received so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// A client of this server.
    pub(crate) fn haptik(&self, http: HttpOptions) -> Client {
        haptik(&self.base_url(), http)
    }
}

/// A client of whatever listens at `base_url`, or of nothing.
pub(crate) fn haptik(base_url: &str, http: HttpOptions) -> Client {
    let builder = Client::builder().token("fake-token").client_id("fake-client").base_url(base_url);
    builder.http(http.with_no_proxy()).build().unwrap()
}

/// An address of this machine at which nobody listens: it was free a moment ago.
pub(crate) async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// A complete answer. `headers` are whole lines.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// An answer that promises more than it has.
pub(crate) fn cut_answer(status: u16, body: &str) -> Vec<u8> {
    let length = body.len() + 10;
    format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

async fn accept(listener: TcpListener, script: Script, requests: Arc<Mutex<Vec<Request>>>) {
    for connection in 0.. {
        let (stream, _) = listener.accept().await.unwrap();
        tokio::spawn(serve(stream, connection, Arc::clone(&script), Arc::clone(&requests)));
    }
}

async fn serve(mut stream: TcpStream, connection: usize, script: Script, requests: Arc<Mutex<Vec<Request>>>) {
    while let Some(request) = read(&mut stream, connection).await {
        let index = {
            let mut requests = requests.lock().unwrap();
            requests.push(request);
            requests.len().min(script.len()) - 1
        };
        let (answer, then) = &script[index];
        // A client that has gone reads nothing, and the test sees that on its side.
        let _ = stream.write_all(answer).await;
        match then {
            Then::Keep => {}
            Then::Close => return,
            Then::StopTheClock => tokio::time::pause(),
        }
    }
}

/// The next request, or nothing if the connection ends.
pub(crate) async fn read(stream: &mut TcpStream, connection: usize) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.split("\r\n").map(str::to_owned);
            let line = lines.next()?;
            let mut headers: Vec<String> = lines.collect();
            headers.sort();
            let length = headers.iter().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(Request { connection, line, headers, body: body.to_owned() });
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
