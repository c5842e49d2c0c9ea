//! One configuration for all providers: from the environment, from a file, or in code.

use std::fmt;

use enroll_core::generated::Settings;
use enroll_core::{ConfigError, Http, HttpOptions};

/// What there is of each provider: a field, a way to configure it, and an accessor, if its feature is enabled.
macro_rules! configuration {
    ($($name:ident, $with:ident, $package:ident, $feature:literal;)*) => {
        /// The names of all providers, whether this build has them or not.
        #[cfg(feature = "config-file")]
        pub(crate) const PROVIDERS: &[&str] = &[$($feature),*];

        /// What is known about the providers before the clients are built: settings from the environment, from a file,
        /// in code, or from all three, the later replacing the earlier.
        ///
        /// ```no_run
        /// # fn main() -> Result<(), enroll::ConfigError> {
        /// let clients = enroll::Config::from_env().build()?;
        /// # Ok(())
        /// # }
        /// ```
        #[derive(Clone)]
        pub struct Config {
            pub(crate) http: HttpOptions,
            shared: Option<Http>,
            $(#[cfg(feature = $feature)] $name: Settings,)*
        }

        impl Config {
            /// A configuration in which nothing is set.
            pub fn new() -> Self {
                Self {
                    http: HttpOptions::default(),
                    shared: None,
                    $(#[cfg(feature = $feature)] $name: Settings::new(crate::$name::provider()),)*
                }
            }

            /// The settings that `variable` knows, by the names of the environment variables: for a test, or a store of
            /// secrets.
            pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
                let mut config = Self::new();
                $(#[cfg(feature = $feature)] {
                    config.$name = Settings::from_variables(crate::$name::provider(), &variable);
                })*
                config
            }

            /// Takes from `other` what is set there, and keeps the rest; the HTTP options are kept.
            #[must_use]
            pub fn overlay(mut self, other: Self) -> Self {
                $(#[cfg(feature = $feature)] self.$name.overlay(other.$name);)*
                self
            }

            $(
                #[doc = concat!("Takes from a `", $feature, "::ClientBuilder` what is set there. Its HTTP options are not used: they are common to all.")]
                #[cfg(feature = $feature)]
                #[must_use]
                pub fn $with(mut self, builder: crate::$name::ClientBuilder) -> Self {
                    self.$name.overlay(builder.into_settings());
                    self
                }
            )*

            /// Builds a client for every provider that anything is set for. Nothing is sent.
            ///
            /// # Errors
            /// Names every setting of every provider that is missing or wrong, with its cure. A provider for which
            /// nothing at all is set is no error here: its accessor says what it needs.
            pub fn build(self) -> Result<Clients, ConfigError> {
                let mut errors = Vec::new();
                let http = match self.shared.map_or_else(|| Http::new(self.http), Ok) {
                    Ok(http) => http,
                    // The providers' settings are looked at all the same, so that everything is named at once.
                    Err(error) => {
                        errors.push(error);
                        Http::new(HttpOptions::default())?
                    }
                };
                $(#[cfg(feature = $feature)] let $name = {
                    let in_use = !self.$name.is_empty();
                    let client = crate::$name::ClientBuilder::from_settings(self.$name)
                        .shared_http(http.clone())
                        .build();
                    if let (true, Err(error)) = (in_use, &client) {
                        errors.push(error.clone());
                    }
                    client
                };)*
                match ConfigError::merge(errors) {
                    Some(error) => Err(error),
                    None => Ok(Clients { http, $(#[cfg(feature = $feature)] $name,)* }),
                }
            }

            /// The settings of a provider that this build has.
            #[cfg(feature = "config-file")]
            pub(crate) fn settings(&mut self, provider: &str) -> Option<&mut Settings> {
                match provider {
                    $(#[cfg(feature = $feature)] $feature => Some(&mut self.$name),)*
                    _ => None,
                }
            }
        }

        impl fmt::Debug for Config {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut debug = f.debug_struct("Config");
                debug.field("http", &self.http);
                $(#[cfg(feature = $feature)] debug.field($feature, &self.$name);)*
                debug.finish()
            }
        }

        /// A client for each provider that is configured. They share one pool of connections.
        #[derive(Clone, Debug)]
        pub struct Clients {
            http: Http,
            $(#[cfg(feature = $feature)] $name: Result<crate::$name::Client, ConfigError>,)*
        }

        impl Clients {
            $(
                #[doc = concat!("The client of ", $feature, ".")]
                ///
                /// # Errors
                /// If nothing is configured for it; the error names what it needs.
                #[cfg(feature = $feature)]
                pub fn $name(&self) -> Result<&crate::$name::Client, ConfigError> {
                    self.$name.as_ref().map_err(Clone::clone)
                }
            )*

            /// The pooled HTTP client that they share.
            pub fn http(&self) -> &Http {
                &self.http
            }
        }
    };
}

each_provider!(configuration);

impl Config {
    /// The settings that this process's environment has.
    pub fn from_env() -> Self {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    /// The HTTP options of all clients.
    #[must_use]
    pub fn with_http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// Uses a pooled client that others use too, with its options, in place of an own one: [`Clients::http`] gives it.
    #[must_use]
    pub fn shared_http(mut self, http: Http) -> Self {
        self.shared = Some(http);
        self
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}
