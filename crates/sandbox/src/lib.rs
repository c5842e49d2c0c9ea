//! Four providers of user creation, emulated in one process on loopback.
//!
#![doc = include_str!("../README.md")]

mod clock;
pub mod digipay;
mod form;
pub mod haptik;
mod message;
mod mint;
mod operation;
pub mod original;
mod redact;
mod requests;
mod server;
pub mod streambird;

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::digipay::DigiPay;
use crate::haptik::Haptik;
use crate::original::Original;
pub use crate::requests::ReceivedRequest;
use crate::server::Services;
use crate::streambird::Streambird;

/// A running sandbox. It has an address, credentials and users of its own, and stops when it is dropped.
pub struct Sandbox {
    base_url: String,
    services: Arc<Services>,
    /// Dropping it tells the server to stop.
    _stop: oneshot::Sender<()>,
}

impl Sandbox {
    /// Starts a sandbox on a free port of the loopback address. It runs on the current Tokio runtime.
    ///
    /// # Errors
    ///
    /// When the operating system gives no port.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime, as everything that needs one.
    pub async fn start() -> Result<Self, std::io::Error> {
        Self::start_on(0).await
    }

    /// Starts a sandbox on a certain port of the loopback address; 0 stands for any free one.
    ///
    /// # Errors
    ///
    /// When the port is taken, or may not be used.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime, as everything that needs one.
    pub async fn start_on(port: u16) -> Result<Self, std::io::Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let services = Arc::new(Services::new(&base_url));
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(server::serve(listener, Arc::clone(&services), stopped));
        Ok(Self { base_url, services, _stop: stop })
    }

    /// `http://127.0.0.1:PORT`. Each provider has a base URL of its own below it.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The emulated Haptik.
    pub fn haptik(&self) -> &Haptik {
        &self.services.haptik
    }

    /// The emulated Original.
    pub fn original(&self) -> &Original {
        &self.services.original
    }

    /// The emulated Streambird.
    pub fn streambird(&self) -> &Streambird {
        &self.services.streambird
    }

    /// The emulated DigiPay.
    pub fn digipay(&self) -> &DigiPay {
        &self.services.digipay
    }

    /// The requests received so far, the oldest first; of many, the last 1,000.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.services.log.all()
    }

    /// Moves the sandbox's clock ahead: tokens expire, and what is created from now on is that much younger.
    ///
    /// An SDK that was configured by [`config`](Self::config) keeps the sandbox's time. One that was not keeps its own,
    /// and a token that it signs is judged by the sandbox's.
    pub fn advance(&self, by: Duration) {
        self.services.clock.advance(by);
    }

    /// A configuration of the SDK for this sandbox: its addresses, its credentials and its clock.
    pub fn config(&self) -> enroll::Config {
        let environment = self.environment();
        let variable = |wanted: &str| {
            let mut variables = environment.iter();
            variables.find(|(name, _)| *name == wanted).map(|(_, value)| value.clone())
        };
        let services = Arc::clone(&self.services);
        let http = enroll::HttpOptions::default()
            // A proxy that the environment names has no way to this machine's loopback address.
            .with_no_proxy()
            .with_clock(move || services.clock.system_time());
        enroll::Config::from_variables(variable).with_http(http)
    }

    /// The environment variables that point the SDK at this sandbox, in a fixed order.
    ///
    /// `DIGIPAY_TOKEN` is not among them, so that the SDK exchanges the client's credentials for a token.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let (haptik, original) = (self.haptik(), self.original());
        let (streambird, digipay) = (self.streambird(), self.digipay());
        [
            ("HAPTIK_TOKEN", haptik.token()),
            ("HAPTIK_CLIENT_ID", haptik.client_id()),
            ("HAPTIK_BASE_URL", haptik.base_url()),
            ("ORIGINAL_API_KEY", original.api_key()),
            ("ORIGINAL_API_SECRET", original.api_secret()),
            ("ORIGINAL_BASE_URL", original.base_url()),
            ("STREAMBIRD_API_KEY", streambird.api_key()),
            ("STREAMBIRD_BASE_URL", streambird.base_url()),
            ("DIGIPAY_COMPANY_ID", digipay.company_id()),
            ("DIGIPAY_CLIENT_ID", digipay.client_id()),
            ("DIGIPAY_CLIENT_SECRET", digipay.client_secret()),
            ("DIGIPAY_BASE_URL", digipay.base_url()),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .to_vec()
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}
