//! The same call, driven by the harness, with all that is on by default: credentials, the retry policy with its budget, deadlines, and
//! spans of `tracing` that nobody subscribes to.

use enroll::haptik::Client;
use harness::{CLIENT_ID, Failure, Person, Program, TOKEN};

fn main() -> Result<(), Failure> {
    harness::run::<Measured>()
}

struct Measured(Client);

impl Program for Measured {
    fn new(base_url: &str) -> Result<Self, Failure> {
        Ok(Self(Client::builder().token(TOKEN).client_id(CLIENT_ID).base_url(base_url).build()?))
    }

    async fn create(&self, person: Person) -> Result<String, Failure> {
        let call = self
            .0
            .create_user()
            .auth_id(person.auth_id)
            .mobile_no(person.mobile_no)
            .email(person.email)
            .name(person.name)
            .language_code(person.language_code);
        Ok(call.send().await?.into_inner().auth_id)
    }
}
