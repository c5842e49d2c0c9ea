//! Waiting for something that a provider does later: asking again until it is there, or the time is up.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use crate::error::{Delivery, Error};
use crate::response::Response;
use crate::transport::Transport;

type Ask<T, E> =
    Box<dyn FnMut() -> Pin<Box<dyn Future<Output = Result<Response<T>, Error<E>>> + Send>> + Send>;

/// Asks again and again until what is waited for is there. Await it.
#[must_use = "nothing is asked until this is awaited"]
pub struct Waiter<T, E> {
    transport: Transport,
    ask: Ask<T, E>,
    until: &'static str,
    deadline: Duration,
    interval: Duration,
}

/// Why waiting ended without what was waited for. Nothing was changed at the provider.
pub enum WaitError<T, E> {
    /// The time is up.
    TimedOut {
        /// The last answer, if there was any.
        last: Option<Response<T>>,
    },
    /// The provider refused the question, so that asking again is of no use.
    Failed(Error<E>),
}

impl<T, E> Waiter<T, E> {
    #[doc(hidden)]
    pub fn new<F, Fut>(transport: Transport, until: &'static str, mut ask: F) -> Self
    where
        F: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output = Result<Response<T>, Error<E>>> + Send + 'static,
    {
        let ask: Ask<T, E> = Box::new(move || Box::pin(ask()));
        Self { transport, ask, until, deadline: Duration::from_secs(60), interval: Duration::from_secs(2) }
    }

    /// How long to wait in all: 60 s unless told.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How long to wait between two questions: 2 s unless told. Each wait is random between half of it and one and a
    /// half, so that many waiters do not ask at once.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    async fn wait(mut self) -> Result<Response<T>, WaitError<T, E>>
    where
        T: Serialize,
    {
        let end = Instant::now() + self.deadline;
        let mut waited = Duration::ZERO;
        let mut last = None;
        loop {
            match tokio::time::timeout_at(end, (self.ask)()).await {
                Ok(Ok(answer)) if holds(&*answer, self.until) => return Ok(answer),
                Ok(Ok(answer)) => last = Some(answer),
                // A question may fail and be asked again: it changes nothing.
                Ok(Err(error)) if error.delivery() != Delivery::Rejected && !error.is_invalid_request() => {}
                Ok(Err(error)) => return Err(WaitError::Failed(error)),
                Err(_) => return Err(WaitError::TimedOut { last }),
            }
            let pause = self.interval.mul_f64(0.5 + self.transport.random());
            waited += pause;
            if waited > self.deadline || Instant::now() + pause > end {
                return Err(WaitError::TimedOut { last });
            }
            self.transport.sleep(pause).await;
        }
    }
}

impl<T, E> IntoFuture for Waiter<T, E>
where
    T: Serialize + Send + 'static,
    E: Send + 'static,
{
    type Output = Result<Response<T>, WaitError<T, E>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.wait())
    }
}

/// Whether there is anything at the pointer.
fn holds<T: Serialize>(answer: &T, pointer: &str) -> bool {
    let value = serde_json::to_value(answer).unwrap_or_default();
    value.pointer(pointer).is_some_and(|found| !found.is_null())
}

impl<T, E> fmt::Debug for Waiter<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter")
            .field("until", &self.until)
            .field("deadline", &self.deadline)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

impl<T, E> fmt::Display for WaitError<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut { .. } => {
                f.write_str("it was not there when the time was up; wait longer, or ask again later")
            }
            Self::Failed(_) => f.write_str("the question was refused"),
        }
    }
}

impl<T: fmt::Debug, E> fmt::Debug for WaitError<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut { last } => f.debug_struct("TimedOut").field("last", last).finish(),
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
        }
    }
}

impl<T: fmt::Debug, E: 'static> std::error::Error for WaitError<T, E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::TimedOut { .. } => None,
            Self::Failed(error) => Some(error),
        }
    }
}
