//! How a sandbox is started.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::cors::Cors;
use crate::digipay::DigiPay;
use crate::exchange::Services;
use crate::haptik::Haptik;
use crate::mint::Mint;
use crate::original::Original;
use crate::requests::RequestLog;
use crate::server::{self, Limits, Mount};
use crate::service::{Emulated, Provider};
use crate::streambird::Streambird;
use crate::stub::Stub;
use crate::{SPECS, Sandbox};

/// What a sandbox can be told before it starts. Everything has a default.
#[derive(Clone, Debug)]
#[must_use = "nothing runs until `start` is called"]
pub struct Builder {
    port: u16,
    ports: Option<u16>,
    seed: Option<u64>,
    capacity: usize,
    wallet_after: Duration,
    longest_body: usize,
    limits: Limits,
    origin: Option<String>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            port: 0,
            ports: None,
            seed: None,
            capacity: 20_000,
            wallet_after: Duration::from_secs(60),
            longest_body: 64 * 1024,
            limits: Limits { connections: 1_024, patience: Duration::from_secs(30) },
            origin: None,
        }
    }
}

impl Builder {
    /// The port on which all providers are found under their names; any free one by default.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Gives each provider a port of its own too, counting up from this one in the order Haptik, Original, Streambird,
    /// DigiPay, and then those without an emulation of their own by their names; 0 takes any that are free.
    pub fn ports(mut self, first: u16) -> Self {
        self.ports = Some(first);
        self
    }

    /// Makes ids, credentials and the dates of records the same in every run, as long as the requests are.
    ///
    /// When a token of DigiPay expires follows the machine's clock even so, because a client compares that with its own.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// How many users each provider keeps; 20,000 by default. When there are more, the oldest goes.
    pub fn capacity(mut self, users: usize) -> Self {
        self.capacity = users.max(1);
        self
    }

    /// How long after its creation a user of Original has a wallet without having used a blockchain; a minute by
    /// default.
    pub fn wallet_after(mut self, time: Duration) -> Self {
        self.wallet_after = time;
        self
    }

    /// The longest body that a provider is given, in bytes; 64 KiB by default. A longer one is answered with 413.
    pub fn longest_body(mut self, bytes: usize) -> Self {
        self.longest_body = bytes;
        self
    }

    /// How long a client may take to send the head of a request, and how long to send its body; half a minute each by
    /// default.
    pub fn patience(mut self, time: Duration) -> Self {
        self.limits.patience = time;
        self
    }

    /// How many connections are served at a time at each address; 1,024 by default. Further ones wait.
    pub fn connections(mut self, connections: usize) -> Self {
        self.limits.connections = connections.clamp(1, tokio::sync::Semaphore::MAX_PERMITS);
        self
    }

    /// Lets the pages of this origin, such as `http://127.0.0.1:4000`, send requests from a browser and read the answers.
    /// No page may, unless told: the providers' keys do not belong in a browser.
    pub fn allow_origin(mut self, origin: &str) -> Self {
        self.origin = Some(origin.to_owned());
        self
    }

    /// Starts the sandbox on the loopback address. It runs on the current Tokio runtime until it is dropped.
    ///
    /// # Errors
    ///
    /// When a port is taken, or may not be used; when an origin is none; and when a provider's spec cannot be understood.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime, as everything that needs one.
    pub async fn start(self) -> Result<Sandbox, io::Error> {
        let shared = listen(self.port).await?;
        let base_url = origin(&shared)?;
        let mut mounts = vec![Mount { listener: shared, only: None }];
        let mut base_urls = Self::base_urls(&base_url);
        if let Some(first) = self.ports {
            for (index, (name, base_url)) in base_urls.iter_mut().enumerate() {
                let listener = listen(nth_port(first, index)?).await?;
                *base_url = origin(&listener)?;
                mounts.push(Mount { listener, only: Some(*name) });
            }
        }
        let services = Arc::new(self.services(&base_urls).map_err(io::Error::other)?);
        let (stop, stopped) = watch::channel(());
        let servers = mounts.into_iter().map(|mount| {
            tokio::spawn(server::serve(mount, Arc::clone(&services), self.limits, stopped.clone()))
        });
        let servers = servers.collect();
        Ok(Sandbox { base_url, services, stop, servers })
    }

    /// Every provider with its address below a common one, in the order of their ports.
    pub(crate) fn base_urls(origin: &str) -> Vec<(&'static str, String)> {
        let others = STUBS.iter().map(|(name, _)| *name);
        EMULATED.into_iter().chain(others).map(|name| (name, format!("{origin}/{name}"))).collect()
    }

    pub(crate) fn services(&self, base_urls: &[(&'static str, String)]) -> Result<Services, String> {
        let base_url = |wanted: &str| {
            let found = base_urls.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, base_url)| base_url.clone()).unwrap_or_default()
        };
        let clock = Arc::new(Clock::new(self.seed.is_some()));
        let mint = Mint::new(self.seed);
        let same = || Arc::clone(&clock);
        let original = Original::new(same(), &mint.fork(), self.capacity, self.wallet_after);
        let haptik = Haptik::new(&mint.fork(), self.capacity);
        let streambird = Streambird::new(same(), &mint.fork(), self.capacity);
        let digipay = DigiPay::new(same(), &mint.fork(), self.capacity);
        // After the others, whose ids under a seed do not change when one more provider is there.
        let stub = |(name, spec): &(&'static str, &'static str)| {
            let stub = Stub::new(name, spec, same(), &mint.fork(), self.capacity)?;
            Ok(Emulated::of(stub, &base_url(name)))
        };
        let stubs = STUBS.iter().map(stub).collect::<Result<_, String>>()?;
        Ok(Services {
            log: RequestLog::default(),
            haptik: Emulated::new(haptik, base_url(Haptik::NAME))?,
            original: Emulated::new(original, format!("{}/v1", base_url(Original::NAME)))?,
            streambird: Emulated::new(streambird, base_url(Streambird::NAME))?,
            digipay: Emulated::new(digipay, base_url(DigiPay::NAME))?,
            stubs,
            longest_body: self.longest_body,
            cors: self.origin.as_deref().map(Cors::new).transpose()?,
            mint,
            clock,
        })
    }
}

/// Those with an emulation of their own, in the order of their ports. Those without follow.
const EMULATED: [&str; 4] = [Haptik::NAME, Original::NAME, Streambird::NAME, DigiPay::NAME];

/// The other providers, with their specs.
static STUBS: LazyLock<Vec<(&'static str, &'static str)>> =
    LazyLock::new(|| SPECS.iter().filter(|(name, _)| !EMULATED.contains(name)).copied().collect());

async fn listen(port: u16) -> Result<TcpListener, io::Error> {
    let address = (Ipv4Addr::LOCALHOST, port);
    TcpListener::bind(address).await.map_err(|error| {
        let cure = "choose another port, or 0 for any that is free";
        io::Error::new(error.kind(), format!("cannot listen on {}:{port} ({error}); {cure}", address.0))
    })
}

fn nth_port(first: u16, index: usize) -> Result<u16, io::Error> {
    if first == 0 {
        return Ok(0);
    }
    let port = u16::try_from(index).ok().and_then(|index| first.checked_add(index));
    port.ok_or_else(|| io::Error::other("there are not enough ports after the first; choose a lower one"))
}

fn origin(listener: &TcpListener) -> Result<String, io::Error> {
    Ok(format!("http://{}", listener.local_addr()?))
}
