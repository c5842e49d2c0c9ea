//! A call as it would be sent, with everything private masked: for a log, a test, or a look before the first send.

use std::fmt;

use reqwest::Url;

use crate::provider::{Exchange, Operation, Recipe};
use crate::request::Request;
use crate::transport::{Call, Transport};

/// A call that was not sent. Credentials show as the variables that hold them, personal data as `[personal]`, and
/// secrets as `[secret]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Preview {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    /// How many of the headers, the last ones, are credentials: these name variables that a shell shall put in.
    credentials: usize,
    body: Option<String>,
}

impl Preview {
    pub(crate) fn new(transport: &Transport, call: &Call) -> Self {
        let Call { operation, request, .. } = call;
        let mut headers: Vec<_> = request
            .headers(0)
            .iter()
            .map(|(name, value)| {
                let text: &[u8] = if value.is_sensitive() { b"[secret]" } else { value.as_bytes() };
                (name.to_string(), String::from_utf8_lossy(text).into_owned())
            })
            .collect();
        for scheme in operation.security {
            let exchanged = transport.shared.credentials.can_renew(scheme);
            headers.push((scheme.header.to_owned(), masked(transport, &scheme.recipe, exchanged)));
        }
        Self {
            method: operation.method.to_owned(),
            url: masked_url(transport.base_url(), operation, request),
            headers,
            credentials: operation.security.len(),
            body: request.body.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
        }
    }

    /// The HTTP method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The URL. A personal value in the query shows as `[personal]`; where one stands in the path, the path shows as its
    /// template.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers. A credential shows as the environment variable that holds it, and what `.header(…)` was given as
    /// `[secret]`, because it may be one.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The body, if there is one.
    pub fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }

    /// The same as a `curl` command for a POSIX shell, which puts in the credentials that stand in its environment.
    pub fn curl(&self) -> String {
        let mut command = format!("curl --request {} {}", self.method, quoted(&self.url));
        // Otherwise curl takes brackets in a URL for a pattern of several.
        if self.url.contains(['[', '{']) {
            command.push_str(" --globoff");
        }
        let (plain, credentials) = self.headers.split_at(self.headers.len() - self.credentials);
        for (name, value) in plain {
            command.push_str(&format!(" \\\n  --header {}", quoted(&format!("{name}: {value}"))));
        }
        for (name, value) in credentials {
            command.push_str(&format!(" \\\n  --header \"{name}: {value}\""));
        }
        if let Some(body) = &self.body {
            command.push_str(&format!(" \\\n  --data-raw {}", quoted(body)));
        }
        command
    }
}

/// As HTTP is usually written down.
impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.method, self.url)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {value}")?;
        }
        match &self.body {
            Some(body) => write!(f, "\n{body}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A credential's header with the names of variables in place of values, as it may stand between a shell's double
/// quotes. `exchanged` is whether a token is fetched, where one could also be given.
fn masked(transport: &Transport, recipe: &Recipe, exchanged: bool) -> String {
    let credentials = transport.shared.provider.credentials;
    let variable = |name: &str| {
        let found = credentials.iter().find(|credential| credential.name == name);
        found.map_or("UNKNOWN", |credential| credential.env)
    };
    match recipe {
        Recipe::Static(template) => credentials.iter().fold((*template).to_owned(), |text, credential| {
            text.replace(&format!("{{{}}}", credential.name), &format!("${}", credential.env))
        }),
        Recipe::Basic { username, password } => {
            let (username, password) = (variable(username), variable(password));
            // `base64` breaks long lines, which a header must not have.
            format!(r#"Basic $(printf %s "${username}:${password}" | base64 | tr -d '\n')"#)
        }
        #[cfg(feature = "hs256")]
        // Without the dollar sign: a shell would put the key itself into the header.
        Recipe::MintHs256 { key, value, .. } => {
            value.replace("{jwt}", &format!("[signed with {}]", variable(key)))
        }
        Recipe::Exchange(Exchange { operation, value, given, .. }) => {
            let token = match given {
                Some(name) if !exchanged => format!("${}", variable(name)),
                _ => format!("[from {}]", operation.name),
            };
            value.replace("{token}", &token)
        }
    }
}

fn masked_url(base_url: &str, operation: &'static Operation, request: &Request) -> String {
    let private = |name: &str| operation.private.contains(&name);
    let mut url = Url::clone(&request.url);
    let query = url.query().unwrap_or_default().to_owned();
    let pairs: Vec<_> = query
        .split('&')
        .zip(url.query_pairs())
        .map(|(text, (name, _))| if private(&name) { format!("{name}=[personal]") } else { text.to_owned() })
        .collect();
    url.set_query(None);
    // Which segment is whose is known from the template only, so the template stands for all of them.
    let in_path = operation.private.iter().any(|name| operation.path.contains(&format!("{{{name}}}")));
    let address = if in_path { format!("{base_url}{}", operation.path) } else { url.to_string() };
    if pairs.is_empty() { address } else { format!("{address}?{}", pairs.join("&")) }
}

/// In single quotes for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
