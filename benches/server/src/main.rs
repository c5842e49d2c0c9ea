//! The server of all measurements: it answers a create as Haptik's page shows, and counts connections.
//!
//! It is a process of its own, so that a profile of the client has nothing of it. A request that is not complete is refused,
//! so that no program gets ahead by leaving something out. `server DELAY_MS` answers so much later.

use std::cell::Cell;
use std::convert::Infallible;
use std::error::Error;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let delay = std::env::args().nth(1).map(|text| text.parse()).transpose()?.map(Duration::from_millis);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, serve(delay))
}

async fn serve(delay: Option<Duration>) -> Result<(), Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("listening on {}", listener.local_addr()?.port());
    let connections = Rc::new(Cell::new(0_u64));
    let expected: Rc<Value> = Rc::new(json!({
        "auth_id": "ada1815",
        "mobile_no": "+14155550123",
        "email": "ada@example.com",
        "name": "Ada Lovelace",
        "language_code": "en",
    }));
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        connections.set(connections.get() + 1);
        let (connections, expected) = (Rc::clone(&connections), Rc::clone(&expected));
        let service = service_fn(move |request: Request<Incoming>| {
            let (connections, expected) = (Rc::clone(&connections), Rc::clone(&expected));
            async move {
                // Who asks how many there were does not count.
                if request.method() == Method::GET {
                    connections.set(connections.get() - 1);
                    return Ok::<_, Infallible>(answer(StatusCode::OK, connections.get().to_string().into()));
                }
                let whole = whole(request, &expected).await;
                if let Some(delay) = delay {
                    tokio::time::sleep(delay).await;
                }
                Ok(match whole {
                    true => answer(StatusCode::OK, Bytes::from_static(USER)),
                    false => answer(StatusCode::UNAUTHORIZED, Bytes::from_static(FAILURE)),
                })
            }
        });
        tokio::task::spawn_local(
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
        );
    }
}

const USER: &[u8] =
    br#"{"auth_id":"ada1815","mobile_no":"+14155550123","email":"ada@example.com","name":"Ada Lovelace"}"#;
const FAILURE: &[u8] = br#"{"error_message":"the request is not the one that is measured"}"#;

/// Whether the request has its credentials and its body.
async fn whole(request: Request<Incoming>, expected: &Value) -> bool {
    let (head, body) = request.into_parts();
    let has = |name: &str, value: &str| head.headers.get(name).is_some_and(|found| found == value);
    let Ok(body) = body.collect().await else { return false };
    head.method == Method::POST
        && head.uri.path() == "/v1.0/user/"
        && has(AUTHORIZATION.as_str(), "Bearer fake-token")
        && has("client-id", "fake-client")
        && has(CONTENT_TYPE.as_str(), "application/json")
        && serde_json::from_slice::<Value>(&body.to_bytes()).is_ok_and(|body| body == *expected)
}

fn answer(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
