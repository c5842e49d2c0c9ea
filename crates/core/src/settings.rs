//! A provider's configuration, gathered from the environment, a file or code, and checked as a whole: every missing or
//! wrong setting is named at once, with its cure.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use crate::credentials::Values;
use crate::field::{Problem, write_problems};
use crate::http::{Http, HttpOptions, TLS};
use crate::private::Secret;
use crate::provider::{Credential, Provider};
use crate::transport::Transport;

/// What is missing or wrong in a configuration. Nothing has been sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    scope: String,
    problems: Vec<Problem>,
}

impl ConfigError {
    /// An error about `scope`, which is a provider or a file.
    pub fn new(scope: impl Into<String>, problems: Vec<Problem>) -> Self {
        Self { scope: scope.into(), problems }
    }

    /// Every problem, each with its cure.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// One error for several scopes, so that a person mends all of them in one go. `None` if there is none.
    pub fn merge(errors: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut errors: Vec<Self> = errors.into_iter().collect();
        if errors.len() < 2 {
            return errors.pop();
        }
        let scope = errors.iter().map(|error| error.scope.as_str()).collect::<Vec<_>>().join(", ");
        Some(Self { scope, problems: errors.into_iter().flat_map(|error| error.problems).collect() })
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "configuration of {}: ", self.scope)?;
        write_problems(f, &self.problems)
    }
}

impl std::error::Error for ConfigError {}

/// The settings of one provider, not yet checked. Generated builders are typed views of this.
#[doc(hidden)]
#[derive(Clone)]
pub struct Settings {
    provider: &'static Provider,
    values: Values,
    base_url: Option<String>,
    environment: Option<String>,
    mode: Option<String>,
    http: HttpSource,
    problems: Vec<Problem>,
}

/// Where the HTTP client comes from.
#[derive(Clone, Debug)]
enum HttpSource {
    Options(Box<HttpOptions>),
    Shared(Http),
}

impl Settings {
    /// Empty settings.
    pub fn new(provider: &'static Provider) -> Self {
        Self {
            provider,
            values: Values::default(),
            base_url: None,
            environment: None,
            mode: None,
            http: HttpSource::Options(Box::default()),
            problems: Vec::new(),
        }
    }

    /// The settings that this process's environment has. An empty variable counts as not set.
    pub fn from_env(provider: &'static Provider) -> Self {
        Self::from_variables(provider, |name| std::env::var(name).ok())
    }

    /// The credentials alone.
    pub fn credentials_from_env(provider: &'static Provider) -> Self {
        Self { values: Self::from_env(provider).values, ..Self::new(provider) }
    }

    /// The same from any source of variables.
    pub fn from_variables(provider: &'static Provider, variable: impl Fn(&str) -> Option<String>) -> Self {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let mut settings = Self::new(provider);
        for credential in provider.credentials {
            if let Some(value) = variable(credential.env) {
                settings.values.set(credential.name, value.into());
            }
        }
        settings.base_url = variable(provider.base_url_env);
        settings.environment = provider.environment_env.and_then(variable);
        settings.mode = variable(&mode_env(provider));
        settings
    }

    /// Takes what is set in `other` where it is set, and keeps the rest.
    pub fn overlay(&mut self, other: Self) {
        self.values.overlay(other.values);
        // A base URL and an environment answer the same question, so that the later answer replaces the earlier one
        // whichever way it is given.
        if other.base_url.is_some() || other.environment.is_some() {
            self.base_url = other.base_url;
            self.environment = other.environment;
        }
        self.mode = other.mode.or(self.mode.take());
        self.problems.extend(other.problems);
    }

    /// Sets what a configuration file says. An unknown name is a problem, not ignored: it is a misspelt one.
    pub fn set_named(&mut self, name: &str, value: String) {
        match name {
            "base_url" => self.base_url = Some(value),
            "environment" if self.provider.environment_env.is_some() => self.environment = Some(value),
            "mode" if has_modes(self.provider) => self.mode = Some(value),
            _ => match self.provider.credentials.iter().find(|credential| credential.name == name) {
                Some(credential) => self.set(credential.name, value.into()),
                None => {
                    let known = self.names().join("`, `");
                    let message = format!("is not a setting of {}; it has `{known}`", self.provider.name);
                    self.problem(name, message);
                }
            },
        }
    }

    /// Notes a problem that the source of the settings found.
    pub fn problem(&mut self, name: &str, message: impl Into<String>) {
        self.problems.push(Problem::new(name, message));
    }

    /// Takes out the problems noted so far, to be reported by the source of the settings.
    pub fn take_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.problems)
    }

    /// Whose settings these are.
    pub fn provider(&self) -> &'static Provider {
        self.provider
    }

    /// Sets a credential by its name.
    pub fn set(&mut self, name: &'static str, value: Secret) {
        self.values.set(name, value);
    }

    /// Sets the base URL.
    pub fn set_base_url(&mut self, url: String) {
        self.base_url = Some(url);
    }

    /// Sets the server by its name.
    pub fn set_environment(&mut self, name: String) {
        self.environment = Some(name);
    }

    /// Sets the mode that keys must belong to.
    pub fn set_mode(&mut self, mode: String) {
        self.mode = Some(mode);
    }

    /// Sets the HTTP options.
    pub fn set_http(&mut self, options: HttpOptions) {
        self.http = HttpSource::Options(Box::new(options));
    }

    /// Uses a client that others use too.
    pub fn share_http(&mut self, http: Http) {
        self.http = HttpSource::Shared(http);
    }

    /// Whether nothing at all is set, so that the provider is not in use.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
            && self.base_url.is_none()
            && self.environment.is_none()
            && self.problems.is_empty()
    }

    /// Checks everything and builds the transport. Nothing is sent.
    pub fn build(self) -> Result<Transport, ConfigError> {
        let mut problems = Noted(self.problems.clone());
        let base_url = self.checked_base_url(&mut problems);
        self.check_credentials(&mut problems);
        let Noted(mut problems) = problems;
        let http = match self.http {
            HttpSource::Shared(http) => Ok(http),
            HttpSource::Options(options) => Http::new(*options),
        };
        match (base_url, http) {
            (Some(base_url), Ok(http)) if problems.is_empty() => {
                Ok(Transport::new(self.provider, base_url, http, self.values))
            }
            (_, http) => {
                if let Err(mut error) = http {
                    problems.append(&mut error.problems);
                }
                Err(ConfigError::new(self.provider.name, problems))
            }
        }
    }

    fn checked_base_url(&self, problems: &mut Noted) -> Option<Url> {
        let provider = self.provider;
        let servers = || provider.servers.iter().map(|server| server.name).collect::<Vec<_>>().join(" or ");
        let chosen = match (&self.base_url, &self.environment) {
            (Some(url), _) => url.as_str(),
            (None, Some(name)) => match provider.servers.iter().find(|server| server.name == name) {
                Some(server) => server.url,
                None => {
                    let subject = provider.environment_env.unwrap_or("environment");
                    let message = format_args!("names no server of {}; use {}", provider.name, servers());
                    problems.add(subject, message);
                    return None;
                }
            },
            (None, None) => match provider.servers.iter().find(|server| server.default) {
                Some(server) => server.url,
                None => {
                    let or = provider.environment_env.map(|env| format!(", or set {env} to {}", servers()));
                    let or = or.unwrap_or_default();
                    let message = format_args!("is not set; set it or call `.base_url(…)`{or}");
                    problems.add(provider.base_url_env, message);
                    return None;
                }
            },
        };
        let plain_http_allowed = match &self.http {
            HttpSource::Options(options) => options.allow_plain_http,
            HttpSource::Shared(http) => http.options.allow_plain_http,
        };
        match check_base_url(chosen, plain_http_allowed) {
            Ok(url) => Some(url),
            Err(message) => {
                problems.add(provider.base_url_env, format_args!("{message}"));
                None
            }
        }
    }

    fn check_credentials(&self, problems: &mut Noted) {
        let provider = self.provider;
        for credential in provider.credentials {
            if let Some(value) = self.values.get(credential.name) {
                self.check_credential(credential, value, problems);
            }
        }
        let missing = |set: &'static [usize]| {
            let credentials = set.iter().map(|index| &provider.credentials[*index]);
            credentials.filter(|credential| !self.values.contains(credential.name))
        };
        // Of several ways to authenticate, the one that lacks least is the one that was meant.
        let least = provider.alternatives.iter().min_by_key(|set| missing(set).count());
        let Some(lacking) = least else { return };
        for credential in missing(lacking) {
            let mut message = format!("is not set; set it or call `.{}(…)`", credential.name);
            for set in provider.alternatives.iter().filter(|set| !holds(provider, set, credential)) {
                // What both ways lack has a problem of its own, and is not given instead of anything.
                let mut words = ", or give ";
                for instead in missing(set).filter(|credential| !holds(provider, lacking, credential)) {
                    message.push_str(words);
                    message.push_str(instead.env);
                    words = " and ";
                }
                if words == " and " {
                    message.push_str(" instead");
                }
            }
            problems.add(credential.env, format_args!("{message}"));
        }
    }

    fn check_credential(&self, credential: &Credential, value: &Secret, problems: &mut Noted) {
        let text = value.expose();
        let wrong = if text.trim() != text {
            "has white space around it; remove it"
        } else if text.is_empty() {
            "is empty"
        } else if text.chars().any(|c| c.is_control() || !c.is_ascii()) {
            "has characters that no header can carry; copy it again"
        } else {
            ""
        };
        if !wrong.is_empty() {
            problems.add(credential.env, format_args!("{wrong}"));
        }
        let Some(mode) = &self.mode else { return };
        if credential.prefixes.is_empty() {
            return;
        }
        let named = credential.prefixes.iter().find(|(_, prefix)| text.starts_with(prefix));
        if !credential.prefixes.iter().any(|(known, _)| known == mode) {
            let known: Vec<_> = credential.prefixes.iter().map(|(mode, _)| *mode).collect();
            problems.add(&mode_env(self.provider), format_args!("is none of {}", known.join(" and ")));
        } else if let Some((other, _)) = named.filter(|(other, _)| other != mode) {
            let message = format_args!(
                "is a key for {other} mode, but the configuration says {mode}; use a {mode} key"
            );
            problems.add(credential.env, message);
        }
    }

    fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.provider.credentials.iter().map(|credential| credential.name).collect();
        names.push("base_url");
        if self.provider.environment_env.is_some() {
            names.push("environment");
        }
        if has_modes(self.provider) {
            names.push("mode");
        }
        names
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names only: a client id is no secret, but nobody is helped by seeing it in a log.
        let names = self.provider.credentials.iter().map(|credential| credential.name);
        let names: Vec<_> = names.filter(|name| self.values.contains(name)).collect();
        f.debug_struct("Settings")
            .field("provider", &self.provider.name)
            .field("credentials", &names)
            .field("base_url", &self.base_url.as_ref().map(|_| "[set]"))
            .field("environment", &self.environment)
            .field("http", &self.http)
            .finish_non_exhaustive()
    }
}

/// The problems that a check notes. One function, which is not put where it is called: to make texts is long code, and none of
/// it runs where all is well.
struct Noted(Vec<Problem>);

impl Noted {
    #[cold]
    #[inline(never)]
    fn add(&mut self, subject: &str, message: fmt::Arguments<'_>) {
        self.0.push(Problem::new(subject, message.to_string()));
    }
}

fn holds(provider: &Provider, set: &[usize], credential: &Credential) -> bool {
    set.iter().any(|index| provider.credentials[*index].name == credential.name)
}

fn has_modes(provider: &Provider) -> bool {
    provider.credentials.iter().any(|credential| !credential.prefixes.is_empty())
}

fn mode_env(provider: &Provider) -> String {
    let upper = |letter| if letter == b'-' { '_' } else { char::from(letter).to_ascii_uppercase() };
    provider.name.bytes().map(upper).chain("_MODE".chars()).collect()
}

/// A base URL is where credentials are sent, so that anything doubtful about it is refused. The message does not repeat
/// it: somebody may have put a password into it.
fn check_base_url(text: &str, plain_http_allowed: bool) -> Result<Url, String> {
    let url =
        Url::parse(text).map_err(|error| format!("is no URL ({error}); write it as https://host/path"))?;
    let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
        return Err("has no host; write it as https://host/path".to_owned());
    };
    let loopback = is_loopback(host);
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user name or password; remove it".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("has a query or fragment; remove it".to_owned());
    }
    match url.scheme() {
        "https" if TLS => Ok(url),
        "https" => Err("needs TLS; enable the feature `rustls` or `native-tls`".to_owned()),
        "http" if loopback || plain_http_allowed => Ok(url),
        "http" => {
            Err("is plain http to another machine; use https, or say `.with_plain_http_allowed()` in the \
                       HTTP options, or `allow_plain_http = true` in the file"
                .to_owned())
        }
        other => Err(format!("has the scheme `{other}`; use https")),
    }
}

/// Whether a host is this machine itself.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match bare.unwrap_or(host).parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}
