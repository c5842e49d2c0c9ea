//! The same call, driven by the harness.

mod client;

use haptik_openapi_generator::apis::configuration::Configuration;
use haptik_openapi_generator::apis::users_api::create_user;
use harness::{CLIENT_ID, Failure, Person, Program, TOKEN};

fn main() -> Result<(), Failure> {
    harness::run::<Measured>()
}

struct Measured(Configuration);

impl Program for Measured {
    fn new(base_url: &str) -> Result<Self, Failure> {
        client::configuration(base_url, TOKEN, CLIENT_ID).map(Self)
    }

    async fn create(&self, person: Person) -> Result<String, Failure> {
        let Person { auth_id, mobile_no, email, name, language_code } = person;
        let request = client::request(auth_id, mobile_no, email, name, language_code);
        Ok(create_user(&self.0, request).await?.auth_id)
    }
}
