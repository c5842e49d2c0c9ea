//! A sandbox, a proxy in front of it, clients of the proxy that lose no time, and the calls that make accounts.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use enroll::{Clients, Config, Delivery, Ensured, Error, HttpOptions, Outcome};
use enroll_sandbox::fault::Faults;
use enroll_sandbox::{Emulated, Sandbox};

use super::proxy::Proxy;

/// Everything that a call needs, and everything that it can do harm to.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) proxy: Proxy,
    pub(crate) clients: Clients,
    waits: Arc<Mutex<Vec<Duration>>>,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(|http| http).await
    }

    /// The same with other options.
    pub(crate) async fn with(change: impl FnOnce(HttpOptions) -> HttpOptions) -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let proxy = Proxy::start(sandbox.base_url()).await;
        let waits = Arc::<Mutex<Vec<Duration>>>::default();
        let clients = clients(&sandbox, &proxy.origin(), change(http(&waits)));
        Self { sandbox, proxy, clients, waits }
    }

    /// Leads the clients somewhere else than to the proxy.
    pub(crate) fn lead_to(&mut self, origin: &str, change: impl FnOnce(HttpOptions) -> HttpOptions) {
        self.clients = clients(&self.sandbox, origin, change(http(&self.waits)));
    }

    /// What was waited, in order. No time has passed.
    pub(crate) fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }
}

/// The time by the clients' clock, which stands still: a whole second, as a date in a header has it.
pub(crate) fn now() -> SystemTime {
    static NOW: std::sync::LazyLock<SystemTime> = std::sync::LazyLock::new(|| {
        UNIX_EPOCH + Duration::from_secs(UNIX_EPOCH.elapsed().unwrap().as_secs())
    });
    *NOW
}

/// Options under which waits are noted and not waited, and the jitter is none.
fn http(waits: &Arc<Mutex<Vec<Duration>>>) -> HttpOptions {
    let waits = Arc::clone(waits);
    HttpOptions::default()
        .with_no_proxy()
        .with_operation_timeout(Duration::from_secs(10))
        .with_clock(now)
        .with_random(|| 0.5)
        .with_sleep(move |wait| {
            waits.lock().unwrap().push(wait);
            std::future::ready(())
        })
}

/// Clients that have the sandbox's credentials and find it at `origin`.
fn clients(sandbox: &Sandbox, origin: &str, http: HttpOptions) -> Clients {
    let environment = sandbox.environment();
    let config = Config::from_variables(|wanted| {
        let (_, value) = environment.iter().find(|(name, _)| *name == wanted)?;
        Some(value.replace(sandbox.base_url(), origin))
    });
    config.with_http(http).build().unwrap()
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    pub(crate) name: &'static str,
    /// If there was an error.
    pub(crate) delivery: Option<Delivery>,
}

impl Told {
    fn outcome<T, E>(outcome: &Outcome<T, E>) -> Self {
        Self { name: outcome.name(), delivery: outcome.error().map(Error::delivery) }
    }

    fn ensured<T, U, E>(result: &Result<Ensured<T, U, E>, Error<E>>) -> Self {
        let (name, delivery) = match result {
            Ok(Ensured::Created(_)) => ("created", None),
            Ok(Ensured::Present(_)) => ("present", None),
            Ok(Ensured::Found { .. }) => ("found", None),
            Ok(Ensured::Conflict { error, .. }) => ("conflict", Some(error.delivery())),
            Ok(Ensured::Unknown(error)) => ("unknown", Some(error.delivery())),
            Err(error) => ("error", Some(error.delivery())),
        };
        Self { name, delivery }
    }
}

/// A call that makes an account. A person is a number, so that many can be told apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Create {
    Haptik,
    Original,
    /// A user whom nothing tells from another: a second call makes a second account.
    OriginalWithoutKeys,
    Streambird,
    DigiPay,
}

impl Create {
    pub(crate) const ALL: [Self; 5] =
        [Self::Haptik, Self::Original, Self::OriginalWithoutKeys, Self::Streambird, Self::DigiPay];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Haptik => "Haptik `create_user`",
            Self::Original => "Original `create_user` with keys",
            Self::OriginalWithoutKeys => "Original `create_user` without keys",
            Self::Streambird => "Streambird `create_user`",
            Self::DigiPay => "DigiPay `user_register`",
        }
    }

    /// Makes the call with `.outcome()`.
    pub(crate) async fn outcome(self, clients: &Clients, person: usize) -> Told {
        let (id, email) = (id(person), email(person));
        match self {
            Self::Haptik => {
                Told::outcome(&clients.haptik().unwrap().create_user().auth_id(id).outcome().await)
            }
            Self::Original => {
                let call = clients.original().unwrap().create_user().user_external_id(id).email(email);
                Told::outcome(&call.outcome().await)
            }
            Self::OriginalWithoutKeys => {
                Told::outcome(&clients.original().unwrap().create_user().outcome().await)
            }
            Self::Streambird => {
                Told::outcome(&clients.streambird().unwrap().create_user().email(email).outcome().await)
            }
            Self::DigiPay => {
                let call = clients.digipay().unwrap().user_register().dial_code("+1");
                Told::outcome(&call.phone_number(phone(person)).outcome().await)
            }
        }
    }

    /// Makes the call with `.ensure()`, where there is one.
    pub(crate) async fn ensure(self, clients: &Clients, person: usize) -> Option<Told> {
        let (id, email) = (id(person), email(person));
        Some(match self {
            Self::Haptik => {
                Told::ensured(&clients.haptik().unwrap().create_user().auth_id(id).ensure().await)
            }
            Self::Original => {
                let call = clients.original().unwrap().create_user().user_external_id(id).email(email);
                Told::ensured(&call.ensure().await)
            }
            Self::OriginalWithoutKeys => {
                Told::ensured(&clients.original().unwrap().create_user().ensure().await)
            }
            Self::Streambird => {
                Told::ensured(&clients.streambird().unwrap().create_user().email(email).ensure().await)
            }
            Self::DigiPay => return None,
        })
    }

    /// The faults that the sandbox makes for its requests; there are none yet.
    pub(crate) fn faults(self, sandbox: &Sandbox) -> Faults<'_> {
        fn fresh<'a, P>(provider: &'a Emulated<P>, operation: &str) -> Faults<'a> {
            provider.clear_faults();
            provider.on(operation)
        }
        match self {
            Self::Haptik => fresh(sandbox.haptik(), "createUser"),
            Self::Original | Self::OriginalWithoutKeys => fresh(sandbox.original(), "createUser"),
            Self::Streambird => fresh(sandbox.streambird(), "createUser"),
            Self::DigiPay => fresh(sandbox.digipay(), "userRegister"),
        }
    }

    /// How many accounts the person has. Those without keys are nobody's, so that all of them count.
    pub(crate) fn accounts(self, sandbox: &Sandbox, person: usize) -> usize {
        let (id, email, phone) = (id(person), email(person), phone(person));
        match self {
            Self::Haptik => sandbox.haptik().users().iter().filter(|user| user.auth_id == id).count(),
            Self::Original => {
                let users = sandbox.original().users();
                users.iter().filter(|user| user.user_external_id.as_ref() == Some(&id)).count()
            }
            Self::OriginalWithoutKeys => {
                let users = sandbox.original().users();
                users.iter().filter(|user| user.user_external_id.is_none() && user.email.is_none()).count()
            }
            Self::Streambird => {
                let users = sandbox.streambird().users();
                users.iter().filter(|user| user.emails.iter().any(|it| it.value == email)).count()
            }
            Self::DigiPay => {
                let users = sandbox.digipay().users();
                users.iter().filter(|user| user.details.phone_number.as_ref() == Some(&phone)).count()
            }
        }
    }
}

pub(crate) fn id(person: usize) -> String {
    format!("member-{person}")
}

pub(crate) fn email(person: usize) -> String {
    format!("ada{person}@example.com")
}

pub(crate) fn phone(person: usize) -> String {
    format!("41555{person:05}")
}
