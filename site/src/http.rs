//! The site over HTTP: files of the folder, the two answers that are made here, and the fields that every answer has.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::decode::Decoder;
use crate::live::Live;

/// The longest request to `/decode`, in bytes.
const LONGEST: usize = 1024 * 1024;

/// How much more of one is read and thrown away. A server that answers and hangs up while the browser is still sending
/// makes it see a broken connection in place of the answer.
const DRAINED: usize = 15 * 1024 * 1024;

pub(crate) fn router(root: &Path, sandbox: &str, live: Live, decoder: Decoder) -> Router {
    let files = ServeDir::new(root);
    let decode = post(decode).with_state(Arc::new(decoder)).fallback_service(files.clone());
    let router = Router::new()
        .route("/live.json", get(live_requests).with_state(Arc::new(live)))
        .route("/decode", decode.clone())
        .route("/decode/", decode)
        .fallback_service(files);
    fields(sandbox)
        .into_iter()
        .fold(router, |router, (name, value)| router.layer(SetResponseHeaderLayer::overriding(name, value)))
}

/// What every answer says to the browser: that nothing comes from anywhere else, and that nothing goes there.
fn fields(sandbox: &str) -> Vec<(HeaderName, HeaderValue)> {
    // Scalar compiles templates and styles itself, and rustdoc's pages have scripts in them.
    let policy = format!(
        "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; connect-src 'self' {sandbox}; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    let policy =
        HeaderValue::try_from(policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'self'"));
    vec![
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        // A page that was built again is to be seen at once.
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ]
}

async fn live_requests(State(live): State<Arc<Live>>) -> Response<Body> {
    answer(StatusCode::OK, &live.requests().await)
}

async fn decode(State(decoder): State<Arc<Decoder>>, body: Body) -> Response<Body> {
    let too_long = || {
        let message = "what was pasted is longer than 1 MiB; paste a part of it";
        answer(StatusCode::PAYLOAD_TOO_LARGE, &json!({ "error": message }))
    };
    let bytes: Bytes = match to_bytes(body, LONGEST + DRAINED).await {
        Ok(bytes) if bytes.len() <= LONGEST => bytes,
        _ => return too_long(),
    };
    match decoder.decode(&bytes).await {
        Ok(decoded) => answer(StatusCode::OK, &decoded),
        Err(message) => answer(StatusCode::BAD_REQUEST, &json!({ "error": message })),
    }
}

fn answer(status: StatusCode, body: &Value) -> Response<Body> {
    let mut answer = Response::new(Body::from(body.to_string()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
