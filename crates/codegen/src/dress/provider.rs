//! The provider's static description, its credentials, its builder and its client.

use heck::ToShoutySnakeCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::account;
use super::docs::{self, attributes};
use super::ident;
use crate::model::{ExpiryFormat, Operation, Recipe, ReplayClass, Scheme, Spec, Status, Type};

/// `PROVIDER`, the schemes, the servers and the table of operations.
pub(super) fn statics(spec: &Spec) -> TokenStream {
    let name = &spec.name;
    let base_url_env = &spec.base_url_env;
    let environment_env = option(spec.environment_env.as_ref().map(|env| quote!(#env)));
    let servers = spec.servers.iter().filter_map(|server| {
        let (name, url, default) = (server.name.as_ref()?, &server.url, server.default);
        Some(quote!(::enroll_core::generated::Server { name: #name, url: #url, default: #default }))
    });
    let credentials = spec.credentials.iter().map(|credential| {
        let (name, env) = (&credential.name, &credential.env);
        let prefixes = credential.prefixes.iter().map(|(mode, prefix)| quote!((#mode, #prefix)));
        quote!(::enroll_core::generated::Credential { name: #name, env: #env, prefixes: &[#(#prefixes),*] })
    });
    let alternatives = alternatives(spec).into_iter().map(|set| quote!(&[#(#set),*]));
    let schemes = spec.schemes.iter().map(|scheme| scheme_static(spec, scheme));
    let operations = spec.operations.iter().flat_map(|operation| {
        // An alias is an operation of its own in logs and errors; the plain one stays for what refers to it.
        let aliases = operation.aliases.iter().map(|alias| alias.name.as_str());
        aliases
            .chain([operation.name.as_str()])
            .map(|name| operation_static(spec, operation, name))
            .collect::<Vec<_>>()
    });
    let lookups = account::lookups(spec);
    let constants = spec.servers.iter().filter_map(|server| {
        let (constant, url) =
            (format_ident!("{}", server.name.as_ref()?.to_shouty_snake_case()), &server.url);
        let docs = attributes(&docs::prose(&server.description));
        Some(quote!(#(#docs)* pub const #constant: &str = #url;))
    });
    let servers_doc =
        format!("The servers of {} that have a name: base URLs for [`ClientBuilder::base_url`].", spec.title);
    let operations_doc = format!("What the spec says of each operation of {}.", spec.title);
    quote! {
        static PROVIDER: ::enroll_core::generated::Provider = ::enroll_core::generated::Provider {
            name: #name,
            servers: &[#(#servers),*],
            base_url_env: #base_url_env,
            environment_env: #environment_env,
            credentials: &[#(#credentials),*],
            alternatives: &[#(#alternatives),*],
        };

        #(#schemes)*

        #lookups

        #[doc = #servers_doc]
        pub mod servers {
            #[allow(unused_imports, reason = "the documentation refers to it")]
            use super::ClientBuilder;
            #(#constants)*
        }

        #[doc = #operations_doc]
        pub mod operations {
            #(#operations)*
        }
    }
}

/// `Credentials`, `ClientBuilder` and `Client`.
pub(super) fn client(spec: &Spec) -> TokenStream {
    let title = &spec.title;
    let credentials_doc = attributes(&docs::credentials(spec));
    let setters: Vec<_> = spec
        .credentials
        .iter()
        .map(|credential| {
            let (setter, name) = (ident(&credential.name), &credential.name);
            let doc = format!(
                "{}\n\nEnvironment variable: `{}`.",
                docs::prose(&credential.description),
                credential.env
            );
            let docs = attributes(&doc);
            quote! {
                #(#docs)*
                #[must_use]
                pub fn #setter(mut self, value: impl ::std::convert::Into<::enroll_core::Secret>) -> Self {
                    self.settings.set(#name, value.into());
                    self
                }
            }
        })
        .collect();
    let environment = spec.environment_env.as_ref().map(|env| {
        let names: Vec<_> = spec.servers.iter().filter_map(|server| server.name.as_deref()).collect();
        let doc = attributes(&format!(
            "The server by its name: `{}`. A base URL, when given too, is used instead.\n\nEnvironment variable: `{env}`.",
            names.join("`, `")
        ));
        quote! {
            #(#doc)*
            #[must_use]
            pub fn environment(mut self, name: impl ::std::convert::Into<::std::string::String>) -> Self {
                self.settings.set_environment(name.into());
                self
            }
        }
    });
    let modes: Vec<_> = spec
        .credentials
        .iter()
        .flat_map(|credential| &credential.prefixes)
        .map(|(mode, _)| mode.as_str())
        .collect();
    let mode = (!modes.is_empty()).then(|| {
        let doc = attributes(&format!(
            "The mode that keys must belong to: `{}`. A key of another mode is refused before anything is sent.",
            modes.join("` or `")
        ));
        quote! {
            #(#doc)*
            #[must_use]
            pub fn mode(mut self, mode: impl ::std::convert::Into<::std::string::String>) -> Self {
                self.settings.set_mode(mode.into());
                self
            }
        }
    });
    let client_doc = attributes(&format!(
        "A client of {title}. Cloning is cheap, and clones share connections and tokens.\n\n{}",
        docs::prose(&spec.description)
    ));
    let base_url_doc = attributes(&format!(
        "The base URL: where requests and credentials go.\n\nEnvironment variable: `{}`.",
        spec.base_url_env
    ));
    quote! {
        #(#credentials_doc)*
        #[derive(Clone, Debug)]
        pub struct Credentials {
            settings: ::enroll_core::generated::Settings,
        }

        impl Credentials {
            /// Empty credentials, to be filled by the setters.
            pub fn new() -> Self {
                Self { settings: ::enroll_core::generated::Settings::new(&PROVIDER) }
            }

            /// The credentials that the environment has. What is missing is named when the client is built.
            pub fn from_env() -> Self {
                Self { settings: ::enroll_core::generated::Settings::credentials_from_env(&PROVIDER) }
            }

            #(#setters)*
        }

        impl ::std::default::Default for Credentials {
            fn default() -> Self {
                Self::new()
            }
        }

        /// Gathers a client's settings. Everything that is missing or wrong is named at once by
        /// [`build`](Self::build).
        #[derive(Clone, Debug)]
        #[must_use = "nothing is built until `.build()`"]
        pub struct ClientBuilder {
            settings: ::enroll_core::generated::Settings,
        }

        impl ClientBuilder {
            /// A builder with the settings that the environment has.
            pub fn from_env() -> Self {
                Self { settings: ::enroll_core::generated::Settings::from_env(&PROVIDER) }
            }

            #(#setters)*

            /// All credentials at once. Those that are set replace the ones set before.
            pub fn credentials(mut self, credentials: Credentials) -> Self {
                self.settings.overlay(credentials.settings);
                self
            }

            #(#base_url_doc)*
            pub fn base_url(mut self, url: impl ::std::convert::Into<::std::string::String>) -> Self {
                self.settings.set_base_url(url.into());
                self
            }

            #environment

            #mode

            /// How calls are made: time-outs and limits.
            pub fn http(mut self, options: ::enroll_core::HttpOptions) -> Self {
                self.settings.set_http(options);
                self
            }

            /// Uses a pooled client that others use too, in place of an own one.
            pub fn shared_http(mut self, http: ::enroll_core::Http) -> Self {
                self.settings.share_http(http);
                self
            }

            /// Builds the client. Nothing is sent.
            ///
            /// # Errors
            /// Names every setting that is missing or wrong, with its cure.
            pub fn build(self) -> ::std::result::Result<Client, ::enroll_core::ConfigError> {
                ::std::result::Result::Ok(Client { transport: self.settings.build()? })
            }

            #[doc(hidden)]
            pub fn from_settings(settings: ::enroll_core::generated::Settings) -> Self {
                Self { settings }
            }

            #[doc(hidden)]
            pub fn into_settings(self) -> ::enroll_core::generated::Settings {
                self.settings
            }
        }

        #[doc(hidden)]
        pub fn provider() -> &'static ::enroll_core::generated::Provider {
            &PROVIDER
        }

        #(#client_doc)*
        #[derive(Clone, Debug)]
        pub struct Client {
            transport: ::enroll_core::generated::Transport,
        }

        impl Client {
            /// A builder without any setting.
            pub fn builder() -> ClientBuilder {
                ClientBuilder { settings: ::enroll_core::generated::Settings::new(&PROVIDER) }
            }

            /// A client with the settings that the environment has.
            ///
            /// # Errors
            /// Names every setting that is missing or wrong, with its cure. Nothing is sent.
            pub fn from_env() -> ::std::result::Result<Self, ::enroll_core::ConfigError> {
                ClientBuilder::from_env().build()
            }
        }
    }
}

/// The name of an operation's static.
pub(super) fn operation_name(operation: &Operation) -> Ident {
    format_ident!("{}", operation.name.to_shouty_snake_case())
}

fn scheme_name(name: &str) -> Ident {
    format_ident!("SCHEME_{}", name.to_shouty_snake_case())
}

fn operation_static(spec: &Spec, operation: &Operation, name: &str) -> TokenStream {
    let (provider, constant) = (&spec.name, format_ident!("{}", name.to_shouty_snake_case()));
    let (method, path) = (&operation.method, &operation.path);
    let replay = match operation.replay.class {
        ReplayClass::Safe => quote!(Safe),
        ReplayClass::Upsert => quote!(Upsert),
        ReplayClass::Keyed => {
            let keys = &operation.replay.keys;
            quote!(Keyed(&[#(#keys),*]))
        }
        ReplayClass::Never => quote!(Never),
    };
    let security = operation.security.iter().map(|name| scheme_name(name)).map(|name| quote!(&super::#name));
    let docs = attributes(&format!("`{method} {path}`; replay class {}.", docs::replay(operation)));
    let conditions: Vec<_> = operation
        .responses
        .iter()
        .filter_map(|response| match response.status {
            Status::Code(status) => Some((status, &response.exists)),
            Status::Range(_) | Status::Default => None,
        })
        .flat_map(|(status, exists)| exists.iter().map(move |(pointer, equals)| (status, pointer, equals.to_string())))
        .map(|(status, pointer, equals)| {
            quote!(::enroll_core::generated::Condition { status: #status, pointer: #pointer, equals: #equals })
        })
        .collect();
    let exists = (!conditions.is_empty()).then(|| quote!(.with_exists(&[#(#conditions),*])));
    let creates = operation.creates.as_ref().map(|pointer| quote!(.with_creates(#pointer)));
    let parameters = operation.parameters.iter().map(|parameter| &parameter.field);
    let private: Vec<_> = parameters
        .filter(|field| matches!(field.ty, Type::Personal(_) | Type::Secret))
        .map(|field| &field.wire)
        .collect();
    let private = (!private.is_empty()).then(|| quote!(.with_private(&[#(#private),*])));
    let hidden = operation.responses.iter().find_map(|response| response.failure.as_ref());
    let hides = hidden.map(|hidden| {
        let (pointer, equals) = (&hidden.pointer, hidden.equals.to_string());
        quote!(.with_hidden_failure(#pointer, #equals))
    });
    quote! {
        #(#docs)*
        pub static #constant: ::enroll_core::Operation = ::enroll_core::Operation::new(
            #provider,
            #name,
            #method,
            #path,
            ::enroll_core::Replay::#replay,
            &[#(#security),*],
        )
        #exists
        #creates
        #private
        #hides;
    }
}

fn scheme_static(spec: &Spec, scheme: &Scheme) -> TokenStream {
    let (constant, header) = (scheme_name(&scheme.name), &scheme.header);
    let recipe = match &scheme.recipe {
        Recipe::Static(template) => quote!(Static(#template)),
        Recipe::Basic { username, password } => quote!(Basic { username: #username, password: #password }),
        Recipe::Mint { key, claims, lifetime, value } => {
            let claims = claims.iter().map(|(name, value)| quote!((#name, #value)));
            quote!(MintHs256 { key: #key, claims: &[#(#claims),*], lifetime: #lifetime, value: #value })
        }
        Recipe::Exchange { operation, token, expires, given, value } => {
            let operation = spec.operation(operation).map(operation_name);
            let expires = option(expires.as_ref().map(|expires| {
                let pointer = &expires.pointer;
                let format = match expires.format {
                    ExpiryFormat::DateTime { offset_minutes } => {
                        quote!(DateTime { offset_minutes: #offset_minutes })
                    }
                    ExpiryFormat::EpochSeconds => quote!(EpochSeconds),
                    ExpiryFormat::SecondsFromNow => quote!(SecondsFromNow),
                };
                quote!((#pointer, ::enroll_core::generated::ExpiryFormat::#format))
            }));
            let given = option(given.as_ref().map(|given| quote!(#given)));
            quote! {
                Exchange(::enroll_core::generated::Exchange {
                    operation: &operations::#operation,
                    token: #token,
                    expires: #expires,
                    given: #given,
                    value: #value,
                    fetch: ::enroll_core::generated::FETCH,
                })
            }
        }
    };
    quote! {
        static #constant: ::enroll_core::generated::Scheme = ::enroll_core::generated::Scheme {
            header: #header,
            recipe: ::enroll_core::generated::Recipe::#recipe,
        };
    }
}

/// The sets of credentials with which one can call: what each scheme needs, in each way that it can be had.
fn alternatives(spec: &Spec) -> Vec<Vec<usize>> {
    let mut sets: Vec<Vec<String>> = vec![Vec::new()];
    for scheme in spec.security.iter().filter_map(|name| spec.scheme(name)) {
        let mut ways = vec![scheme.recipe.needs()];
        if let Recipe::Exchange { operation, given, .. } = &scheme.recipe {
            let exchange =
                spec.operation(operation).map(|operation| operation.security.as_slice()).unwrap_or_default();
            let needs =
                exchange.iter().filter_map(|name| spec.scheme(name)).flat_map(|scheme| scheme.recipe.needs());
            if given.is_none() {
                ways.clear();
            }
            ways.push(needs.collect());
        }
        sets = sets
            .iter()
            .flat_map(|set| ways.iter().map(move |way| set.iter().chain(way).cloned().collect()))
            .collect();
    }
    let index = |name: &String| spec.credentials.iter().position(|credential| credential.name == *name);
    sets.iter()
        .map(|set| {
            let mut set: Vec<_> = set.iter().filter_map(index).collect();
            set.sort_unstable();
            set.dedup();
            set
        })
        .collect()
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::std::option::Option::Some(#value)),
        None => quote!(::std::option::Option::None),
    }
}
