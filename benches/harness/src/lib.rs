//! Makes a program's calls, one after the other or many at a time, and prints what they cost as one line of JSON.
//!
//! A measured program is one call of [`run`], so that all are driven alike.

mod allocations;

use std::error::Error;
use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// The one user that all programs create, so that their requests are the same.
#[derive(Clone, Copy)]
pub struct Person {
    /// Your system's identifier.
    pub auth_id: &'static str,
    /// In E.164.
    pub mobile_no: &'static str,
    /// The e-mail address.
    pub email: &'static str,
    /// In one piece.
    pub name: &'static str,
    /// ISO 639-1.
    pub language_code: &'static str,
}

/// See [`Person`].
pub const ADA: Person = Person {
    auth_id: "ada1815",
    mobile_no: "+14155550123",
    email: "ada@example.com",
    name: "Ada Lovelace",
    language_code: "en",
};

/// The credential of the header `authorization`.
pub const TOKEN: &str = "fake-token";

/// The credential of the header `client-id`.
pub const CLIENT_ID: &str = "fake-client";

/// What goes wrong in a program is only ever printed.
pub type Failure = Box<dyn Error>;

/// A way to create a user.
pub trait Program: 'static {
    /// A client for the server at this base URL.
    fn new(base_url: &str) -> Result<Self, Failure>
    where
        Self: Sized;

    /// Creates the user, and gives the `auth_id` that was answered.
    fn create(&self, person: Person) -> impl Future<Output = Result<String, Failure>>;
}

/// The `main` of a measured program: `BASE_URL CALLS [IN_FLIGHT]`.
///
/// # Errors
/// If the arguments are wrong, or any call fails.
pub fn run<P: Program>() -> Result<(), Failure> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let (base_url, calls, in_flight) = match arguments.as_slice() {
        [base_url, calls] => (base_url, calls.parse()?, 1),
        [base_url, calls, in_flight] => (base_url, calls.parse()?, in_flight.parse()?),
        _ => return Err("the arguments are BASE_URL CALLS [IN_FLIGHT]".into()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = tokio::task::LocalSet::new();
    let program = Rc::new(P::new(base_url)?);
    // The first calls open the connection and make what is made once.
    tasks.block_on(&runtime, many(&program, 10, 1))?;
    let before = (allocations::so_far(), cpu()?);
    let start = Instant::now();
    let mut times = tasks.block_on(&runtime, many(&program, calls, in_flight))?;
    let wall = start.elapsed();
    let (allocated, used) = (allocations::so_far(), cpu()?);
    times.sort_unstable();
    println!(
        "{{\"calls\":{calls},\"wall_ns\":{},\"cpu_ns\":{},\"allocations\":{},\"bytes\":{},\"p50_ns\":{},\"p99_ns\":{},\"peak_kib\":{}}}",
        wall.as_nanos(),
        used - before.1,
        allocated.0 - before.0.0,
        allocated.1 - before.0.1,
        quantile(&times, 50).as_nanos(),
        quantile(&times, 99).as_nanos(),
        peak()?,
    );
    Ok(())
}

/// So many calls, so many of them at a time, and how long each took.
async fn many<P: Program>(program: &Rc<P>, calls: usize, in_flight: usize) -> Result<Vec<Duration>, Failure> {
    // Made before the calls, so that no call pays for it.
    let mut times = Vec::with_capacity(calls);
    if in_flight == 1 {
        for _ in 0..calls {
            times.push(once(&**program).await?);
        }
        return Ok(times);
    }
    let mut workers = Vec::new();
    for worker in 0..in_flight {
        let program = Rc::clone(program);
        let share = calls / in_flight + usize::from(worker < calls % in_flight);
        let work: Pin<Box<dyn Future<Output = Result<Vec<Duration>, String>>>> = Box::pin(async move {
            let mut times = Vec::with_capacity(share);
            for _ in 0..share {
                times.push(once(&*program).await.map_err(|error| error.to_string())?);
            }
            Ok(times)
        });
        workers.push(tokio::task::spawn_local(work));
    }
    for worker in workers {
        times.extend(worker.await??);
    }
    Ok(times)
}

async fn once<P: Program>(program: &P) -> Result<Duration, Failure> {
    let start = Instant::now();
    let auth_id = program.create(ADA).await?;
    let time = start.elapsed();
    if auth_id == ADA.auth_id { Ok(time) } else { Err(format!("{auth_id} was created").into()) }
}

fn quantile(sorted: &[Duration], percent: usize) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * percent / 100).copied().unwrap_or_default()
}

/// What this thread, which does everything, has used of the processors, in nanoseconds: user and system time together.
fn cpu() -> Result<u64, Failure> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split(' ').next().unwrap_or_default().parse()?)
}

/// The most memory that was resident at any time, in KiB.
fn peak() -> Result<u64, Failure> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line =
        text.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM; this needs Linux")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
