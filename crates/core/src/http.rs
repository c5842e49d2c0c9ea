//! The HTTP side of a configuration: time-outs, limits, TLS, and the pooled client that is built from them.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::Url;
use reqwest::header::HeaderValue;

use crate::field::Problem;
use crate::retry::Retry;
use crate::settings::{ConfigError, is_loopback};

/// How calls are made. Every field has a default that suits a sign-up handler.
///
/// ```
/// use std::time::Duration;
/// use enroll_core::HttpOptions;
///
/// let http = HttpOptions::default().with_operation_timeout(Duration::from_secs(4));
/// ```
#[derive(Clone, Debug)]
pub struct HttpOptions {
    pub(crate) connect_timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) operation_timeout: Duration,
    pub(crate) max_body: usize,
    pub(crate) max_in_flight: u32,
    pub(crate) allow_plain_http: bool,
    pub(crate) proxy: bool,
    pub(crate) user_agent: Option<String>,
    pub(crate) clock: Clock,
    pub(crate) retry: Retry,
    pub(crate) sleep: Sleep,
    pub(crate) random: Random,
}

/// Where the time comes from that tokens are signed for and expire by.
#[derive(Clone)]
pub(crate) struct Clock(pub(crate) Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// How waits between attempts are waited.
#[derive(Clone)]
pub(crate) struct Sleep(pub(crate) Arc<dyn Fn(Duration) -> Sleeping + Send + Sync>);

type Sleeping = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the jitter comes from: numbers in `0.0..1.0`.
#[derive(Clone)]
pub(crate) struct Random(pub(crate) Arc<dyn Fn() -> f64 + Send + Sync>);

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sleep")
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            attempt_timeout: Duration::from_secs(15),
            operation_timeout: Duration::from_secs(30),
            max_body: 1024 * 1024,
            max_in_flight: 64,
            allow_plain_http: false,
            proxy: true,
            user_agent: None,
            clock: Clock(Arc::new(SystemTime::now)),
            retry: Retry::default(),
            sleep: Sleep(Arc::new(|time| Box::pin(tokio::time::sleep(time)))),
            random: Random(Arc::new(fastrand::f64)),
        }
    }
}

impl HttpOptions {
    /// How long to wait for a connection, TLS included: 5 s unless told. Nothing has been sent when it runs out.
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long one attempt may take from the first byte sent to the last byte read: 15 s unless told. The request may
    /// have taken effect when it runs out.
    #[must_use]
    pub fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// How long a call may take in all, with obtaining a token and repeating: 30 s unless told.
    #[must_use]
    pub fn with_operation_timeout(mut self, timeout: Duration) -> Self {
        self.operation_timeout = timeout;
        self
    }

    /// How many bytes of an answer are read at most: 1 MiB unless told. A longer answer is an error that keeps the
    /// first part.
    #[must_use]
    pub fn with_max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// How many requests a client and its clones have under way at the same time: 64 unless told. Each takes a connection,
    /// with a TLS handshake of its own. What is more waits for its turn, within its deadline; nothing was sent if none comes.
    #[must_use]
    pub fn with_max_in_flight(mut self, requests: u32) -> Self {
        self.max_in_flight = requests.max(1);
        self
    }

    /// Allows `http://` to a host that is not this machine. Credentials and personal data then cross the network in
    /// clear: for a private network only.
    #[must_use]
    pub fn with_plain_http_allowed(mut self) -> Self {
        self.allow_plain_http = true;
        self
    }

    /// Ignores the proxy that the environment names (`HTTPS_PROXY` and the like). It is never used for this machine's own
    /// addresses.
    #[must_use]
    pub fn with_no_proxy(mut self) -> Self {
        self.proxy = false;
        self
    }

    /// For a configuration file, in which a profile takes back what the file allows.
    #[doc(hidden)]
    #[must_use]
    pub fn set_plain_http(mut self, allowed: bool) -> Self {
        self.allow_plain_http = allowed;
        self
    }

    /// For a configuration file, in which a profile takes back what the file says.
    #[doc(hidden)]
    #[must_use]
    pub fn set_proxy(mut self, used: bool) -> Self {
        self.proxy = used;
        self
    }

    /// Takes the time from somewhere else, as a test does that moves it: tokens are signed for it and expire by it.
    /// Time-outs are measured by the runtime's clock all the same.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Clock(Arc::new(clock));
        self
    }

    /// How often and how patiently calls are repeated, where they may be.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Waits between attempts in another way, as a test does that has no time to lose.
    #[must_use]
    pub fn with_sleep<F, Fut>(mut self, sleep: F) -> Self
    where
        F: Fn(Duration) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.sleep = Sleep(Arc::new(move |time| Box::pin(sleep(time))));
        self
    }

    /// Takes the jitter of waits from somewhere else, as a test does that must repeat: numbers in `0.0..1.0`.
    #[must_use]
    pub fn with_random(mut self, random: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        self.random = Random(Arc::new(random));
        self
    }

    /// Names your product in the `User-Agent`, before `enroll/VERSION`.
    #[must_use]
    pub fn with_user_agent(mut self, product: impl Into<String>) -> Self {
        self.user_agent = Some(product.into());
        self
    }
}

/// A pooled HTTP client with its options. Clones share the pool; one serves all providers of a configuration.
#[derive(Clone)]
pub struct Http {
    pub(crate) options: HttpOptions,
    client: reqwest::Client,
    /// The same without a proxy, for this machine's own addresses.
    direct: reqwest::Client,
}

impl Http {
    /// Builds the client. No connection is opened.
    ///
    /// # Errors
    /// If TLS cannot be set up on this machine, or the user agent is no header value.
    pub fn new(options: HttpOptions) -> Result<Self, ConfigError> {
        let own = concat!("enroll/", env!("CARGO_PKG_VERSION"));
        let user_agent = match &options.user_agent {
            Some(product) => format!("{product} {own}"),
            None => own.to_owned(),
        };
        let user_agent = HeaderValue::from_str(&user_agent).map_err(|_| {
            let message =
                "has characters that no header can carry; leave out line breaks and control characters";
            ConfigError::new("http", vec![Problem::new("user_agent", message)])
        })?;
        let with_tls = tls()?;
        let build = |proxy: bool| {
            let mut builder = reqwest::Client::builder()
                .user_agent(user_agent.clone())
                .connect_timeout(options.connect_timeout)
                // reqwest strips only `Authorization` when a redirect leads to another host, not the other headers
                // that carry credentials; and a redirected POST becomes a GET. So a redirect is an answer like any
                // other.
                .redirect(reqwest::redirect::Policy::none())
                // What may be repeated is decided here, by the operation's replay class, and nowhere below.
                .retry(reqwest::retry::never());
            if !proxy {
                builder = builder.no_proxy();
            }
            with_tls(builder).build().map_err(|error| {
                let message = format!("cannot be used to build the HTTP client ({error})");
                ConfigError::new("http", vec![Problem::new("http", message)])
            })
        };
        let direct = build(false)?;
        let client = if options.proxy { build(true)? } else { direct.clone() };
        Ok(Self { options, client, direct })
    }

    /// The client for a base URL. A proxy has no way to this machine's own addresses, and is another machine: plain
    /// http, which is allowed to them, must not go through it.
    pub(crate) fn client(&self, base_url: &Url) -> &reqwest::Client {
        if base_url.host_str().is_some_and(is_loopback) { &self.direct } else { &self.client }
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // reqwest's own `Debug` is left out: it grows with every release and shows default headers.
        f.debug_struct("Http").field("options", &self.options).finish_non_exhaustive()
    }
}

/// Whether this build can speak TLS.
pub(crate) const TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

/// rustls with `ring` is chosen here and handed over ready-made, because reqwest would otherwise want a process-wide
/// default that a library has no business to install.
#[cfg(feature = "rustls")]
fn tls() -> Result<impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder, ConfigError> {
    use rustls_platform_verifier::BuilderVerifierExt;

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(|error| {
            let message = format!("cannot be set up ({error}); install this machine's root certificates");
            ConfigError::new("http", vec![Problem::new("tls", message)])
        })?
        .with_no_client_auth();
    Ok(move |builder: reqwest::ClientBuilder| builder.tls_backend_preconfigured(config.clone()))
}

#[cfg(not(feature = "rustls"))]
fn tls() -> Result<impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder, ConfigError> {
    Ok(|builder| builder)
}
