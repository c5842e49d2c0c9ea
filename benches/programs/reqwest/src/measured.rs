//! The same call, driven by the harness.

mod client;

use client::{CreateUser, Haptik};
use harness::{CLIENT_ID, Failure, Person, Program, TOKEN};

fn main() -> Result<(), Failure> {
    harness::run::<Measured>()
}

struct Measured(Haptik);

impl Program for Measured {
    fn new(base_url: &str) -> Result<Self, Failure> {
        Haptik::new(base_url, TOKEN, CLIENT_ID).map(Self)
    }

    async fn create(&self, person: Person) -> Result<String, Failure> {
        let user = CreateUser {
            auth_id: person.auth_id,
            mobile_no: Some(person.mobile_no),
            email: Some(person.email),
            name: Some(person.name),
            language_code: Some(person.language_code),
        };
        Ok(self.0.create_user(&user).await?.auth_id)
    }
}
