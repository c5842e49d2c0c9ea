//! The same call, driven by the harness.

mod client;

use client::{Client, CreateUserRequest, client};
use harness::{CLIENT_ID, Failure, Person, Program, TOKEN};

fn main() -> Result<(), Failure> {
    harness::run::<Measured>()
}

struct Measured(Client);

impl Program for Measured {
    fn new(base_url: &str) -> Result<Self, Failure> {
        client(base_url, TOKEN, CLIENT_ID).map(Self)
    }

    async fn create(&self, person: Person) -> Result<String, Failure> {
        let user = CreateUserRequest {
            auth_id: person.auth_id.to_owned(),
            auth_code: None,
            mobile_no: Some(person.mobile_no.to_owned()),
            email: Some(person.email.to_owned()),
            name: Some(person.name.to_owned()),
            language_code: Some(person.language_code.to_owned()),
            custom_data: serde_json::Map::new(),
            phone_model: None,
            os_version: None,
            package_name: None,
        };
        Ok(self.0.create_user(&user).await?.into_inner().auth_id)
    }
}
