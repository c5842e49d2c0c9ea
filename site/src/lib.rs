//! The documentation site on this machine: the built folder, with a sandbox beside it that the pages send their requests
//! to. Two things are here that a folder alone cannot have: `GET /live.json`, requests that succeed now, and
//! `POST /decode`, what the SDK makes of an answer that was pasted.
//!
//! Nothing pasted is stored or logged, and it listens on the loopback address only.

mod decode;
mod http;
mod live;
mod spec;

use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use enroll_sandbox::Sandbox;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::decode::Decoder;
use crate::live::Live;

/// The seed of the sandbox, so that the made-up credentials on the pages are the same in every run.
const SEED: u64 = 6;

/// What is served, and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder that was built.
    pub root: PathBuf,
    /// The site's port; 0 takes any that is free.
    pub port: u16,
    /// The sandbox's port. If it is taken, any that is free is as good: the pages ask where it is.
    pub sandbox_port: u16,
}

/// The running site.
#[derive(Debug)]
pub struct Site {
    url: String,
    sandbox: Arc<Sandbox>,
    server: JoinHandle<()>,
    /// Dropping it tells the server to stop.
    stop: watch::Sender<()>,
}

impl Site {
    /// Starts the site and its sandbox. It runs on the current Tokio runtime.
    ///
    /// # Errors
    /// When the folder holds no site, or a port cannot be had.
    pub async fn start(options: Options) -> io::Result<Self> {
        check(&options.root)?;
        let listener = listen(options.port).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let sandbox = Arc::new(sandbox(options.sandbox_port, &url).await?);
        let live = Live::new(Arc::clone(&sandbox)).map_err(io::Error::other)?;
        let router = http::router(&options.root, sandbox.base_url(), live, Decoder::start().await?);
        let (stop, mut stopped) = watch::channel(());
        let server = axum::serve(listener, router).with_graceful_shutdown(async move {
            // An error says that the sender is gone, which means the same.
            let _ = stopped.changed().await;
        });
        let server = tokio::spawn(async move {
            // It ends by being told to; it has no errors of its own.
            let _ = server.await;
        });
        Ok(Self { url, sandbox, server, stop })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The sandbox that the pages' requests go to.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Stops both: no more connections are accepted. One that a browser keeps open is cut off.
    pub async fn stop(self) {
        drop(self.stop);
        self.server.abort();
        let _ = self.server.await;
        if let Some(sandbox) = Arc::into_inner(self.sandbox) {
            sandbox.stop().await;
        }
    }
}

fn check(root: &Path) -> io::Result<()> {
    if root.join("index.html").is_file() {
        return Ok(());
    }
    let message = format!("{} has no index.html; `cargo xtask docs --build` writes the site", root.display());
    Err(io::Error::new(io::ErrorKind::NotFound, message))
}

async fn listen(port: u16) -> io::Result<TcpListener> {
    let address = (Ipv4Addr::LOCALHOST, port);
    TcpListener::bind(address).await.map_err(|error| {
        let cure = "choose another with `--port`, or `--port 0` for any that is free";
        io::Error::new(error.kind(), format!("cannot listen on {}:{port} ({error}); {cure}", address.0))
    })
}

async fn sandbox(port: u16, origin: &str) -> io::Result<Sandbox> {
    let builder = || Sandbox::builder().seed(SEED).allow_origin(origin);
    match builder().port(port).start().await {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => builder().port(0).start().await,
        started => started,
    }
}
