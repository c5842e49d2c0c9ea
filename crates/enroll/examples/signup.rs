//! A sign-up that creates the same person at all four providers, and takes what comes as it comes.
//!
//! No failure of one provider undoes another's success: the sign-up's result is four steps, each saying what to do
//! next. It runs twice against the embedded sandbox, without credentials and without a network, as when a customer
//! presses the button again.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use enroll::{Clients, ConfigError, Ensured, Error, Origin, Outcome};
use enroll_sandbox::Sandbox;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn StdError>> {
    // The sandbox lives as long as this variable.
    let sandbox = Sandbox::start().await?;
    let clients = sandbox.config().build()?;
    let ada = Person { id: "member-42", name: "Ada", email: "ada@example.com", phone: "4155550123" };
    println!("The first time:\n\n{}", sign_up(&clients, &ada).await?);
    println!("The same once more:\n\n{}", sign_up(&clients, &ada).await?);
    let (haptik, original) = (sandbox.haptik().users().len(), sandbox.original().users().len());
    let (streambird, digipay) = (sandbox.streambird().users().len(), sandbox.digipay().users().len());
    println!("Accounts: haptik {haptik}, original {original}, streambird {streambird}, digipay {digipay}.");
    Ok(())
}

/// Who signs up.
struct Person {
    id: &'static str,
    name: &'static str,
    email: &'static str,
    phone: &'static str,
}

/// Calls all four at once. It fails only where a provider is not configured.
async fn sign_up(clients: &Clients, person: &Person) -> Result<SignUp, ConfigError> {
    let (haptik, original) = (clients.haptik()?, clients.original()?);
    let (streambird, digipay) = (clients.streambird()?, clients.digipay()?);
    // Haptik's create is an upsert, and so makes sure by itself.
    let haptik = haptik.create_user().auth_id(person.id).name(person.name).ensure();
    // The external id is our own, so that a user who has it is this person.
    let original = original.create_user().user_external_id(person.id).email(person.email).ensure();
    // A taken e-mail address is the customer's to explain, so that nothing is looked up here.
    let streambird = streambird.create_user().email(person.email).first_name(person.name).outcome();
    // DigiPay has no lookup by a key, and so no `ensure`.
    let digipay = digipay
        .user_register()
        .dial_code("+1")
        .phone_number(person.phone)
        .first_name(person.name)
        .transaction_pin("0000")
        .outcome();
    let (haptik, original, streambird, digipay) = tokio::join!(haptik, original, streambird, digipay);
    Ok(SignUp([
        ("haptik", Step::of_ensured(haptik, |user| &user.auth_id, |nobody| match *nobody {})),
        ("original", Step::of_ensured(original, |answer| &answer.data.uid, |user| &user.uid)),
        ("streambird", Step::of(streambird, |user| &user.user_id)),
        ("digipay", Step::of(digipay, |answer| &answer.data.user_id)),
    ]))
}

/// What a sign-up came to, provider by provider.
struct SignUp([(&'static str, Step); 4]);

/// What happened at one provider, and what is to be done about it.
struct Step {
    happened: &'static str,
    next: Next,
}

/// The decisions that a handler takes.
enum Next {
    /// Store the id: the account is there.
    Store(String),
    /// Show the customer what is wrong; the same again would be refused again.
    Show(String),
    /// Put it in a queue: nothing was done, so that it may be sent again.
    Queue(Option<Duration>),
    /// Wake somebody up: the customer cannot help it.
    Page(String),
    /// Put it aside, with the id if there is one. It must not be sent again before somebody has looked.
    Park(Option<String>, String),
}

impl Step {
    /// One arm for each outcome, and nothing else decides: the compiler asks for a new one's arm.
    fn of<T, E>(outcome: Outcome<T, E>, id: impl FnOnce(&T) -> &String) -> Self {
        let happened = outcome.name();
        let next = match outcome {
            Outcome::Created(answer) => Next::Store(id(&answer).clone()),
            Outcome::Existing(_) => Next::Show("you have an account already; log in instead".to_owned()),
            // What the provider says itself, typed, is `why.body()`.
            Outcome::Rejected(why) => Next::Show(why.to_string()),
            Outcome::Denied(why) => Next::Page(why.to_string()),
            Outcome::Throttled { retry_after, .. } => Next::Queue(retry_after),
            // A request that is not valid is no better later.
            Outcome::NotSent(why) if why.is_invalid_request() => Next::Show(why.to_string()),
            Outcome::NotSent(_) => Next::Queue(None),
            Outcome::Unknown(evidence) => Next::Park(evidence.created_id(), evidence.to_string()),
        };
        Self { happened, next }
    }

    /// The same for `ensure`, which has looked already. Its error is an outcome like any other.
    fn of_ensured<T, U, E>(
        ensured: Result<Ensured<T, U, E>, Error<E>>,
        id: impl FnOnce(&T) -> &String,
        found_id: impl FnOnce(&U) -> &String,
    ) -> Self {
        let (happened, next) = match ensured {
            Ok(Ensured::Created(answer)) => ("created", Next::Store(id(&answer).clone())),
            Ok(Ensured::Present(answer)) => ("present", Next::Store(id(&answer).clone())),
            Ok(Ensured::Found { user, origin }) => {
                let happened = match origin {
                    Origin::Earlier => "found, from earlier",
                    _ => "found",
                };
                (happened, Next::Store(found_id(&user).clone()))
            }
            Ok(Ensured::Conflict { user, error }) => {
                ("conflict", Next::Park(Some(found_id(&user).clone()), error.to_string()))
            }
            Ok(Ensured::Unknown(evidence)) => {
                ("unknown", Next::Park(evidence.created_id(), evidence.to_string()))
            }
            Err(error) => return Self::of(Outcome::of(Err(error)), id),
        };
        Self { happened, next }
    }
}

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(id) => write!(f, "store {id}"),
            Self::Show(why) => write!(f, "show: {why}"),
            Self::Queue(Some(wait)) => write!(f, "try again in {wait:?}"),
            Self::Queue(None) => write!(f, "try again later"),
            Self::Page(why) => write!(f, "page us: {why}"),
            Self::Park(Some(id), why) => write!(f, "park {id}: {why}"),
            Self::Park(None, why) => write!(f, "park: {why}"),
        }
    }
}

impl fmt::Display for SignUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<12}{:<22}to do", "provider", "what happened")?;
        for (provider, Step { happened, next }) in &self.0 {
            writeln!(f, "{provider:<12}{happened:<22}{next}")?;
        }
        Ok(())
    }
}
