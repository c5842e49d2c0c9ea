//! A call as it would be sent, with everything private masked: for a log, a test, or a look before the first send.

use std::fmt;

use reqwest::Request;

use crate::provider::{Operation, Provider, Recipe};

/// A call that was not sent. Secrets show as the variable that holds them, personal data as `[personal]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Preview {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

impl Preview {
    pub(crate) fn new(provider: &'static Provider, operation: &'static Operation, request: &Request) -> Self {
        let mut headers: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        for scheme in operation.security {
            headers.push((scheme.header.to_owned(), masked(provider, &scheme.recipe)));
        }
        let body = request.body().and_then(reqwest::Body::as_bytes);
        Self {
            method: operation.method.to_owned(),
            url: masked_url(operation, request),
            headers,
            body: body.map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
        }
    }

    /// The HTTP method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The URL. A personal value in the query shows as `[personal]`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers. A credential shows as the environment variable that holds it.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The body, if there is one.
    pub fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }

    /// The same as a `curl` command for a POSIX shell.
    pub fn curl(&self) -> String {
        let mut command = format!("curl --request {} {}", self.method, quoted(&self.url));
        for (name, value) in &self.headers {
            // In double quotes, so that the shell puts the variables in.
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('`', "\\`");
            command.push_str(&format!(" \\\n  --header \"{name}: {value}\""));
        }
        if let Some(body) = &self.body {
            command.push_str(&format!(" \\\n  --data {}", quoted(body)));
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

/// A credential's header with the names of variables in place of values.
fn masked(provider: &'static Provider, recipe: &Recipe) -> String {
    let variable = |name: &str| {
        let found = provider.credentials.iter().find(|credential| credential.name == name);
        format!("${}", found.map_or("UNKNOWN", |credential| credential.env))
    };
    match recipe {
        Recipe::Static(template) => {
            provider.credentials.iter().fold((*template).to_owned(), |text, credential| {
                text.replace(&format!("{{{}}}", credential.name), &variable(credential.name))
            })
        }
        Recipe::Basic { username, password } => {
            format!("Basic $(printf %s \"{}:{}\" | base64)", variable(username), variable(password))
        }
        Recipe::MintHs256 { key, value, .. } => {
            value.replace("{jwt}", &format!("[signed with {}]", variable(key)))
        }
        Recipe::Exchange { operation, value, .. } => {
            value.replace("{token}", &format!("[from {}]", operation.name))
        }
    }
}

fn masked_url(operation: &'static Operation, request: &Request) -> String {
    let mut url = request.url().clone();
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| {
            let private = operation.private.contains(&name.as_ref());
            (name.into_owned(), if private { "[personal]".to_owned() } else { value.into_owned() })
        })
        .collect();
    let in_path = operation.private.iter().any(|name| operation.path.contains(&format!("{{{name}}}")));
    url.set_query(None);
    let mut text = url.to_string();
    if in_path {
        // Which segment is whose is known from the template only, so the template stands for all of them.
        let base: String = text.split('/').take(3).collect::<Vec<_>>().join("/");
        text = format!("{base}{}", operation.path);
    }
    for (index, (name, value)) in pairs.iter().enumerate() {
        text.push_str(&format!("{}{name}={value}", if index == 0 { '?' } else { '&' }));
    }
    text
}

/// In single quotes for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
