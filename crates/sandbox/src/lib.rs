//! Providers of user creation, emulated in one process on loopback: four by hand, and any other by its spec alone.
//!
#![doc = include_str!("../README.md")]

// `each_provider!`, written by the build script from the names of the specs.
include!(concat!(env!("OUT_DIR"), "/providers.rs"));

mod builder;
mod clock;
mod contract;
mod control;
mod cors;
pub mod digipay;
mod exchange;
pub mod fault;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod haptik;
mod message;
mod mint;
pub mod original;
mod redact;
mod requests;
mod server;
mod service;
pub mod streambird;
pub mod stub;
mod table;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use crate::builder::Builder;
use crate::digipay::DigiPay;
use crate::exchange::Services;
pub use crate::fault::Fault;
use crate::fault::Faults;
use crate::haptik::Haptik;
use crate::original::Original;
pub use crate::requests::ReceivedRequest;
pub use crate::service::Emulated;
use crate::streambird::Streambird;
use crate::stub::Stub;

macro_rules! specs {
    ($($module:ident, $with:ident, $package:ident, $name:literal;)*) => {
        /// The specs of all providers, by name.
        pub(crate) const SPECS: &[(&str, &str)] = &[
            $(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../specs/", $name, ".yaml"))),)*
        ];
    };
}

each_provider!(specs);

/// A running sandbox. It has an address, credentials and users of its own, and stops when it is dropped.
pub struct Sandbox {
    base_url: String,
    services: Arc<Services>,
    /// Dropping it tells the servers to stop.
    stop: watch::Sender<()>,
    servers: Vec<JoinHandle<()>>,
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
        Self::builder().start().await
    }

    /// The same with choices: ports, a seed, limits.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Stops the sandbox: no more connections are accepted, answers under way are finished, and the ports are free
    /// again when this returns.
    pub async fn stop(self) {
        drop(self.stop);
        for server in self.servers {
            // One that panicked has stopped too.
            let _ = server.await;
        }
    }

    /// Forgets all users, requests, faults and tokens, and moves the clock back to the machine's time. Addresses and
    /// credentials stay.
    pub fn reset(&self) {
        self.services.reset();
    }

    /// `http://127.0.0.1:PORT`. Each provider has a base URL of its own below it.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The emulated Haptik.
    pub fn haptik(&self) -> &Emulated<Haptik> {
        &self.services.haptik
    }

    /// The emulated Original.
    pub fn original(&self) -> &Emulated<Original> {
        &self.services.original
    }

    /// The emulated Streambird.
    pub fn streambird(&self) -> &Emulated<Streambird> {
        &self.services.streambird
    }

    /// The emulated DigiPay.
    pub fn digipay(&self) -> &Emulated<DigiPay> {
        &self.services.digipay
    }

    /// A provider without an emulation of its own, by its name: its spec alone says what it answers.
    ///
    /// # Panics
    ///
    /// If there is none of this name: a test that misspells one would otherwise prove nothing.
    #[track_caller]
    pub fn stub(&self, name: &str) -> &Emulated<Stub> {
        let stubs = &self.services.stubs;
        stubs.iter().find(|stub| stub.name() == name).unwrap_or_else(|| {
            let known: Vec<_> = stubs.iter().map(|stub| stub.name()).collect();
            panic!("there is no stub of {name}; there are stubs of [{}]", known.join(", "))
        })
    }

    /// Every provider without an emulation of its own, by their names in alphabetical order.
    pub fn stubs(&self) -> impl Iterator<Item = &Emulated<Stub>> {
        self.services.stubs.iter()
    }

    /// The faults of an operation of any provider, by their names: for a program that knows providers by their specs alone.
    /// `None` if there is no such operation.
    pub fn faults_of(&self, provider: &str, operation: &str) -> Option<Faults<'_>> {
        let service = self.services.find(provider)?;
        let operation = service.contract().operations().find(|it| it.id() == operation)?;
        Some(Faults { plan: service.plan(), operation: Some(operation.id()) })
    }

    /// The base URL of every provider, by its name, in the order of their ports.
    pub fn base_urls(&self) -> Vec<(&'static str, &str)> {
        self.services.all().map(|service| (service.name(), service.base_url())).collect()
    }

    /// The requests received so far, the oldest first; of many, the last 1,000.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.services.log.all()
    }

    /// What the sandbox itself answered otherwise than the providers' specs document, faults aside. It is empty, or the
    /// sandbox has a bug.
    pub fn deviations(&self) -> Vec<String> {
        self.services.log.deviations()
    }

    /// Moves the sandbox's clock ahead: tokens expire, and what is created from now on is that much younger.
    ///
    /// An SDK that was configured by [`config`](Self::config) keeps the sandbox's time. One that was not keeps its own,
    /// and a token that it signs is judged by the sandbox's.
    pub fn advance(&self, by: Duration) {
        self.services.clock.advance(by);
    }

    /// A configuration of the SDK for this sandbox: its addresses, its credentials and its clock.
    #[cfg(feature = "sdk")]
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

    /// The fields of a head that are good for every operation of a provider, by the provider's name: for a client that
    /// has no SDK.
    pub fn headers(&self) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
        self.services.all().map(|service| (service.name(), service.headers())).collect()
    }

    /// The environment variables that point the SDK at this sandbox, in a fixed order.
    ///
    /// `DIGIPAY_TOKEN` is not among them, so that the SDK exchanges the client's credentials for a token.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        self.services.all().flat_map(|service| service.environment()).collect()
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}
