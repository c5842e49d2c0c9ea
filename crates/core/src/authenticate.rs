//! Puts the credentials' headers on a request.

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;

use crate::credentials::Header;
use crate::error::{Delivery, Failure, Kind};
use crate::exchange::Wanted;
use crate::provider::{Operation, Scheme};
use crate::request::{Request, put};
use crate::transport::Transport;

type Cause = Box<dyn std::error::Error + Send + Sync>;

impl Transport {
    /// Puts the credentials' headers for a request into its headers. A value equal to `refused` is not used again.
    pub(crate) async fn authenticate(
        &self,
        operation: &'static Operation,
        request: &Request,
        headers: &mut HeaderMap,
        refused: Option<&HeaderValue>,
        deadline: Instant,
    ) -> Result<(), Failure> {
        // Credentials belong to the host of the base URL. Requests are built from it, so that this cannot happen; and
        // if it ever does, nothing is sent.
        if !same_origin(&request.url, &self.shared.base_url) {
            return Err(Failure::new(operation, Kind::WrongHost, Delivery::NotSent));
        }
        for scheme in operation.security.iter().copied() {
            let value = self.header(operation, scheme, refused, deadline).await?;
            put(headers, HeaderName::from_static(scheme.header), value);
        }
        Ok(())
    }

    async fn header(
        &self,
        operation: &'static Operation,
        scheme: &'static Scheme,
        refused: Option<&HeaderValue>,
        deadline: Instant,
    ) -> Result<HeaderValue, Failure> {
        match self.shared.credentials.header(scheme, || self.now(), refused) {
            Ok(Header::Ready(value)) => Ok(value),
            Ok(Header::Fetch(exchange)) => {
                let wanted = Wanted { caller: operation, scheme, exchange, refused, deadline };
                (exchange.fetch.0)(self, wanted).await
            }
            Err(error) => Err(self.no_token(operation, error.into())),
        }
    }

    /// The caller's request was not sent, because our credentials do not make a header.
    pub(crate) fn no_token(&self, caller: &'static Operation, cause: Cause) -> Failure {
        Failure::new(caller, Kind::NoToken { denied: true }, Delivery::NotSent)
            .with_cure(self.credentials_cure())
            .with_source(cause)
    }
}

/// Whether two addresses have the same scheme, host and port, which is what an origin is for http and https. `Url::origin`
/// would write both down for each request.
fn same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host() == other.host()
        && one.port_or_known_default() == other.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let same = |one: &str, other: &str| same_origin(&one.parse().unwrap(), &other.parse().unwrap());
        assert!(same("https://example.com/a?b", "https://example.com:443"));
        assert!(!same("https://example.com", "http://example.com"));
        assert!(!same("https://example.com", "https://example.com.evil.example"));
        assert!(!same("https://example.com", "https://example.com:444"));
        assert!(!same("http://127.0.0.1:80", "http://127.0.0.2:80"));
    }
}
