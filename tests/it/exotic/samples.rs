//! The samples of the fixture's documentation: compiled, and each a request that can be sent.
#![allow(deprecated, reason = "one operation is")]

use enroll::httpmock::MockServer;
use enroll_tests::mock::MockServerExt;
use enroll_tests::types::Session;

use super::builder;

include!(concat!(env!("OUT_DIR"), "/exotic_samples.rs"));

#[tokio::test]
async fn every_sample_is_a_request_that_is_sent() {
    let server = MockServer::start_async().await;
    server.login(|_, then| {
        then.ok(&Session::new("fake-token"));
    });
    let client = builder(&server).signing_key("fake-key").tenant("fake-tenant").build().unwrap();
    for (name, result) in exotic::all(&client).await {
        let message = result.err().map_or_else(String::new, |error| error.to_string());
        // The server knows the login alone, and answers 404 to everything else that arrives.
        let expected = match name {
            "login" => message.is_empty(),
            "get_badged" => message.contains("no token could be had"),
            _ => message.contains("HTTP 404"),
        };
        assert!(expected, "the sample of {name}: {message}");
    }
}
