//! The one HTTP server in front of the four providers, and the way of every request through it.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::digipay::DigiPay;
use crate::haptik::Haptik;
use crate::message::{Answer, Call};
use crate::mint::Mint;
use crate::operation::{self, Provider, Route};
use crate::original::Original;
use crate::requests::{ReceivedRequest, RequestLog};
use crate::streambird::Streambird;

/// The longest body that a provider is given.
const BODY_LIMIT: usize = 64 * 1024;

/// How much of a longer body is read and thrown away. A server that answers and hangs up while the client is still
/// sending makes the client see a broken connection in place of the answer.
const DRAIN_LIMIT: usize = 1024 * 1024;

/// Everything behind the server's address.
pub(crate) struct Services {
    pub(crate) clock: Clock,
    pub(crate) log: RequestLog,
    pub(crate) haptik: Haptik,
    pub(crate) original: Original,
    pub(crate) streambird: Streambird,
    pub(crate) digipay: DigiPay,
}

impl Services {
    pub(crate) fn new(origin: &str) -> Self {
        let clock = Clock::default();
        let mint = Mint::default();
        Self {
            log: RequestLog::default(),
            haptik: Haptik::new(origin, &mint),
            original: Original::new(origin, clock.clone(), &mint),
            streambird: Streambird::new(origin, clock.clone(), &mint),
            digipay: DigiPay::new(origin, clock.clone(), &mint),
            clock,
        }
    }

    /// Answers a request that has arrived whole. `path` is what follows the provider's name.
    fn serve<P: Provider>(&self, provider: &P, path: &str, request: Received) -> Answer {
        let Received { parts, body } = request;
        let route = Route::<P>::find(parts.method.as_str(), path);
        self.record(&parts, &body, route.operation());
        match route {
            Route::Unknown => provider.refuse(StatusCode::NOT_FOUND, "the path does not exist"),
            Route::WrongMethod { allowed } => operation::wrong_method(provider, &allowed),
            Route::Found { .. } if body.len() > BODY_LIMIT => {
                provider.refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than 64 KiB")
            }
            Route::Found { operation, parameters } => {
                operation::answer(provider, operation, &Call::new(&parts, parameters, body))
            }
        }
    }

    fn record(&self, parts: &Parts, body: &Bytes, operation: Option<&'static str>) {
        self.log.record(ReceivedRequest {
            operation,
            method: parts.method.to_string(),
            path: parts.uri.path_and_query().map_or("", |it| it.as_str()).to_owned(),
            headers: parts.headers.clone(),
            body: body.iter().take(BODY_LIMIT).copied().collect(),
        });
    }
}

struct Received {
    parts: Parts,
    body: Bytes,
}

/// Serves until `stop` is used or dropped; answers under way are finished.
pub(crate) async fn serve(
    listener: TcpListener,
    services: Arc<Services>,
    stop: oneshot::Receiver<()>,
) -> std::io::Result<()> {
    let router = Router::new().fallback(receive).with_state(services);
    let stopped = async move {
        // Whether the sender spoke or went away makes no difference.
        let _ = stop.await;
    };
    axum::serve(listener, router).with_graceful_shutdown(stopped).await
}

/// Takes every request of every provider: it is read, attributed to a provider, recorded and answered, in this order.
async fn receive(State(services): State<Arc<Services>>, request: Request<Body>) -> Answer {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, DRAIN_LIMIT).await else {
        // The body is far too long; or else the client has gone and nobody reads this.
        services.record(&parts, &Bytes::new(), None);
        return Answer::text(StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than 64 KiB");
    };
    let whole_path = parts.uri.path().to_owned();
    let (provider, length) = first_segment(&whole_path);
    let path = &whole_path[length..];
    let request = Received { parts, body };
    match provider {
        Haptik::NAME => services.serve(&services.haptik, path, request),
        Original::NAME => services.serve(&services.original, path, request),
        Streambird::NAME => services.serve(&services.streambird, path, request),
        DigiPay::NAME => services.serve(&services.digipay, path, request),
        _ => {
            services.record(&request.parts, &request.body, None);
            let message = "no such provider; use /haptik, /original, /streambird or /digipay";
            Answer::text(StatusCode::NOT_FOUND, message)
        }
    }
}

/// The first segment of a path, and how many bytes of the path it takes with its slash.
fn first_segment(path: &str) -> (&str, usize) {
    let Some(rest) = path.strip_prefix('/') else { return ("", 0) };
    let segment = rest.split('/').next().unwrap_or_default();
    (segment, segment.len() + 1)
}
