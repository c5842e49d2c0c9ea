//! The HTTP server: it accepts connections, reads requests within limits, and writes what became of them.

use std::future::poll_fn;
use std::io::{self, Cursor};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, join};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::exchange::{Received, Services};
use crate::fault::{Reaction, Then};
use crate::message::Answer;

/// How much of a body beyond the limit is read and thrown away. A server that answers and hangs up while the client is
/// still sending makes the client see a broken connection in place of the answer.
const DRAINED: usize = 1024 * 1024;

/// How long the answers under way may still take when the sandbox is stopped.
const FAREWELL: Duration = Duration::from_secs(5);

/// What a client cannot go beyond.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The most connections at a time; further ones wait to be accepted.
    pub(crate) connections: usize,
    /// How long a client may take to send a head, and how long to send a body.
    pub(crate) patience: Duration,
}

/// One address.
pub(crate) struct Mount {
    pub(crate) listener: TcpListener,
    /// The provider that has it to itself, if one has.
    pub(crate) only: Option<&'static str>,
}

/// Serves until `stop` changes or its sender is dropped; then answers under way are finished.
pub(crate) async fn serve(
    mount: Mount,
    services: Arc<Services>,
    limits: Limits,
    mut stop: watch::Receiver<()>,
) {
    let Mount { listener, only } = mount;
    let room = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            // The semaphore is never closed.
            let place = Arc::clone(&room).acquire_owned().await.ok();
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            accepted = next => accepted,
            _ = stop.changed() => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection =
                    Connection { services: Arc::clone(&services), only, limits, stop: stop.clone() };
                connections.spawn(async move {
                    connection.serve(stream).await;
                    drop(place);
                });
            }
            // The peer has gone already, or the process has no file left: others may fare better in a moment.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let farewell = async { while connections.join_next().await.is_some() {} };
    // Whoever is not done by then is cut off when the set of tasks is dropped.
    let _ = timeout(FAREWELL, farewell).await;
}

struct Connection {
    services: Arc<Services>,
    only: Option<&'static str>,
    limits: Limits,
    stop: watch::Receiver<()>,
}

/// Bytes that are written in place of an answer.
type Raw = (Bytes, Then);

impl Connection {
    async fn serve(mut self, stream: TcpStream) {
        // An answer is one small write; it must not wait for the next.
        let _ = stream.set_nodelay(true);
        let (mut reader, mut writer) = stream.into_split();
        let mut unread = Bytes::new();
        while let Some((raw, rest)) = self.serve_http(&mut reader, &mut writer, unread).await {
            unread = rest;
            if raw.1 == Then::Reset {
                // A zero linger makes the operating system send a reset in place of an end, unless the writer is
                // dropped: it would send the end first.
                let _ = writer.as_ref().set_zero_linger();
                writer.forget();
                return;
            }
            if !self.write_raw(raw, &mut reader, &mut writer).await {
                return;
            }
        }
    }

    /// Serves until the connection ends; or until something is to be written that is no proper answer, which is
    /// returned with what the client has sent since.
    async fn serve_http(
        &mut self,
        reader: &mut OwnedReadHalf,
        writer: &mut OwnedWriteHalf,
        unread: Bytes,
    ) -> Option<(Raw, Bytes)> {
        let raw = Mutex::new(None);
        let io = TokioIo::new(join(Cursor::new(unread).chain(reader), writer));
        let (services, only, limits) = (&self.services, self.only, self.limits);
        let exchange = service_fn(|request| Box::pin(respond(services, only, limits, request, &raw)));
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.patience)
            .serve_connection(io, exchange);
        let mut stopping = false;
        loop {
            tokio::select! {
                // An error is the client's, or says that there is something raw to write.
                _ = poll_fn(|context| connection.poll_without_shutdown(context)) => break,
                _ = self.stop.changed(), if !stopping => {
                    stopping = true;
                    std::pin::Pin::new(&mut connection).graceful_shutdown();
                }
            }
        }
        let parts = connection.into_parts();
        let taken = raw.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(raw) = taken else {
            let _ = parts.io.into_inner().shutdown().await;
            return None;
        };
        let (cursor, _) = parts.io.into_inner().into_inner().0.into_inner();
        let position = usize::try_from(cursor.position()).unwrap_or(usize::MAX);
        let before = cursor.into_inner();
        let before = before.slice(position.min(before.len())..);
        Some((raw, [parts.read_buf, before].concat().into()))
    }

    /// Whether the connection goes on.
    async fn write_raw(&mut self, raw: Raw, reader: &mut OwnedReadHalf, writer: &mut OwnedWriteHalf) -> bool {
        let (bytes, then) = raw;
        if writer.write_all(&bytes).await.is_err() {
            return false;
        }
        match then {
            Then::GoOn => true,
            Then::End | Then::Reset => {
                let _ = writer.shutdown().await;
                false
            }
            Then::Silence => {
                tokio::select! {
                    () = drain(reader) => {}
                    _ = self.stop.changed() => {}
                }
                false
            }
        }
    }
}

/// Reads until the client hangs up.
async fn drain(reader: &mut OwnedReadHalf) {
    let mut ignored = [0; 1024];
    while matches!(reader.read(&mut ignored).await, Ok(1..)) {}
}

/// Reads a request and has it answered. An error makes hyper stop, so that `raw` can be written.
async fn respond(
    services: &Services,
    only: Option<&'static str>,
    limits: Limits,
    request: Request<Incoming>,
    raw: &Mutex<Option<Raw>>,
) -> Result<Response<Full<Bytes>>, io::Error> {
    let (parts, body) = request.into_parts();
    let asked = services.cors.as_ref().map(|cors| (cors, parts.headers.clone()));
    let preflight = services.cors.as_ref().and_then(|cors| cors.preflight(&parts.method, &parts.headers));
    let body = Limited::new(body, services.longest_body.saturating_add(DRAINED)).collect();
    let reaction = match timeout(limits.patience, body).await {
        Ok(Ok(body)) => match preflight {
            Some(answer) => Reaction::Answer(answer),
            None => services.exchange(only, Received { parts, body: body.to_bytes() }).await,
        },
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            refused(StatusCode::PAYLOAD_TOO_LARGE, "the body is far too long")
        }
        Ok(Err(_)) => refused(StatusCode::BAD_REQUEST, "the body broke off, or its chunks are malformed"),
        Err(_) => refused(StatusCode::REQUEST_TIMEOUT, "the body did not come in time"),
    };
    match reaction {
        Reaction::Answer(answer) => Ok(match asked {
            Some((cors, asked)) => cors.opened(&asked, answer).into_response(),
            None => answer.into_response(),
        }),
        Reaction::Raw(bytes, then) => {
            *raw.lock().unwrap_or_else(PoisonError::into_inner) = Some((bytes, then));
            Err(io::ErrorKind::Interrupted.into())
        }
    }
}

/// Refuses a request that was not read to its end, so that nothing can follow it on its connection.
fn refused(status: StatusCode, message: &str) -> Reaction {
    let close = HeaderValue::from_static("close");
    Reaction::Answer(Answer::text(status, message).with_header(CONNECTION, close))
}
