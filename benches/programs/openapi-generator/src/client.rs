//! openapi-generator's configuration, filled as its README says.

use std::time::Duration;

use haptik_openapi_generator::apis::configuration::{ApiKey, Configuration};
use haptik_openapi_generator::models::CreateUserRequest;

/// A client with its credentials.
pub fn configuration(
    base_url: &str,
    token: &str,
    client_id: &str,
) -> Result<Configuration, Box<dyn std::error::Error>> {
    // As in the program by hand.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(Configuration {
        base_path: base_url.to_owned(),
        user_agent: Some("sign-up/1.0".to_owned()),
        client: reqwest::Client::builder().timeout(Duration::from_secs(15)).build()?,
        bearer_access_token: Some(token.to_owned()),
        api_key: Some(ApiKey { prefix: None, key: client_id.to_owned() }),
        basic_auth: None,
        oauth_access_token: None,
    })
}

/// The request, with what is optional.
pub fn request(
    auth_id: &str,
    mobile_no: &str,
    email: &str,
    name: &str,
    language_code: &str,
) -> CreateUserRequest {
    CreateUserRequest {
        mobile_no: Some(mobile_no.to_owned()),
        email: Some(email.to_owned()),
        name: Some(name.to_owned()),
        language_code: Some(language_code.to_owned()),
        ..CreateUserRequest::new(auth_id.to_owned())
    }
}
