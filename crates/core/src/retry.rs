//! Whether a request is sent again, and when.
//!
//! What a repeat would do is known from the operation's replay class; whether the first can have taken effect is known
//! from how it failed. Both together decide, and nothing else does; `ARCHITECTURE.md` has the table. How often and how
//! patiently is the caller's [`Retry`], and the [`Budget`] bounds what an outage costs.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::error::Delivery;
use crate::provider::Replay;

/// How often and how patiently a call is repeated, where it may be.
///
/// ```
/// use std::time::Duration;
/// use enroll_core::Retry;
///
/// let patient = Retry::default().with_max_attempts(5).with_max_backoff(Duration::from_secs(10));
/// let never = Retry::off();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    pub(crate) max_attempts: u32,
    pub(crate) base_backoff: Duration,
    pub(crate) max_backoff: Duration,
    pub(crate) max_retry_after: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(5),
            max_retry_after: Duration::from_secs(20),
        }
    }
}

impl Retry {
    /// Sends every request once, whatever happens. A token that was refused is not replaced either: the next call
    /// fetches a new one.
    pub fn off() -> Self {
        Self { max_attempts: 1, ..Self::default() }
    }

    /// How many times a request is sent at most, the first included: 3 unless told.
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The back-off before the second attempt is random between nothing and this, and doubles each time: 200 ms unless
    /// told.
    #[must_use]
    pub fn with_base_backoff(mut self, backoff: Duration) -> Self {
        self.base_backoff = backoff;
        self
    }

    /// The back-off's bound: 5 s unless told.
    #[must_use]
    pub fn with_max_backoff(mut self, backoff: Duration) -> Self {
        self.max_backoff = backoff;
        self
    }

    /// The longest `Retry-After` that is waited for: 20 s unless told. A longer one ends the call at once, and
    /// `Error::retry_after` says when to come back.
    #[must_use]
    pub fn with_max_retry_after(mut self, wait: Duration) -> Self {
        self.max_retry_after = wait;
        self
    }

    /// The back-off after so many attempts: exponential, with full jitter. `random` is in `0.0..1.0`.
    pub(crate) fn backoff(&self, attempts: u32, random: f64) -> Duration {
        let doubled = self.base_backoff.saturating_mul(1_u32.checked_shl(attempts - 1).unwrap_or(u32::MAX));
        doubled.min(self.max_backoff).mul_f64(random.clamp(0.0, 1.0))
    }
}

/// What a repeat of a certain call does: the operation's class, unless the call carries none of the keys that make a
/// repeat harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// It only reads.
    Safe,
    /// A repeat does the same as the first.
    Upsert,
    /// The provider refuses a repeat.
    Keyed,
    /// A repeat may take effect twice.
    Never,
}

impl Class {
    /// The class of a call of an operation; `keyed` is whether it carries any of the keys.
    pub(crate) fn of(replay: Replay, keyed: bool) -> Self {
        match replay {
            Replay::Safe => Self::Safe,
            Replay::Upsert => Self::Upsert,
            Replay::Keyed(_) if keyed => Self::Keyed,
            Replay::Keyed(_) | Replay::Never => Self::Never,
        }
    }

    /// Whether a call that failed like this may be sent again.
    ///
    /// What never left may always be sent. A 429 says that nothing was done. A 503 that names a time to come back says
    /// nearly that, which is not enough where a repeat could open a second account. Where the outcome is unknown, only
    /// a repeat that does no harm is sent.
    pub(crate) fn may_repeat(self, delivery: Delivery, status: Option<StatusCode>, comes_back: bool) -> bool {
        match (delivery, status) {
            (Delivery::NotSent, _) | (_, Some(StatusCode::TOO_MANY_REQUESTS)) => true,
            (_, Some(StatusCode::SERVICE_UNAVAILABLE)) if comes_back => self != Self::Never,
            (Delivery::Unknown, _) => matches!(self, Self::Safe | Self::Upsert),
            _ => false,
        }
    }
}

/// How long the provider asks to wait: `Retry-After` in seconds, or as a date.
pub(crate) fn retry_after(headers: &HeaderMap, now: &dyn Fn() -> SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let date = httpdate::parse_http_date(text).ok()?;
            Some(date.duration_since(now()).unwrap_or_default())
        }
    }
}

/// What repeats may cost: a token bucket that all clones of a client share. Each call puts a tenth of a repeat in, each
/// repeat takes one out, so that a provider's outage adds about a tenth to the traffic and not its double.
#[derive(Debug)]
pub(crate) struct Budget {
    tenths: Mutex<u32>,
}

/// Repeats that are there from the start, and that can be saved up.
const CAPACITY: u32 = 10;

impl Budget {
    pub(crate) fn new() -> Self {
        Self { tenths: Mutex::new(CAPACITY * 10) }
    }

    /// A call begins.
    pub(crate) fn deposit(&self) {
        let mut tenths = self.tenths.lock().unwrap_or_else(PoisonError::into_inner);
        *tenths = (*tenths + 1).min(CAPACITY * 10);
    }

    /// Whether there is a repeat to be had; it is then spent.
    pub(crate) fn withdraw(&self) -> bool {
        let mut tenths = self.tenths.lock().unwrap_or_else(PoisonError::into_inner);
        match tenths.checked_sub(10) {
            Some(rest) => {
                *tenths = rest;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Class; 4] = [Class::Safe, Class::Upsert, Class::Keyed, Class::Never];

    fn which(delivery: Delivery, status: Option<u16>, comes_back: bool) -> Vec<Class> {
        let status = status.map(|status| StatusCode::from_u16(status).unwrap());
        ALL.into_iter().filter(|class| class.may_repeat(delivery, status, comes_back)).collect()
    }

    #[test]
    fn what_may_be_repeated_depends_on_the_class_and_on_what_happened() {
        use Class::{Keyed, Safe, Upsert};
        use Delivery::{Accepted, NotSent, Rejected, Unknown};
        assert_eq!(which(NotSent, None, false), ALL);
        assert_eq!(which(Rejected, Some(429), false), ALL);
        assert_eq!(which(Unknown, Some(503), true), [Safe, Upsert, Keyed]);
        assert_eq!(which(Unknown, Some(503), false), [Safe, Upsert]);
        assert_eq!(which(Unknown, Some(500), true), [Safe, Upsert]);
        assert_eq!(which(Unknown, None, false), [Safe, Upsert]);
        assert_eq!(which(Rejected, Some(400), true), []);
        assert_eq!(which(Rejected, Some(401), false), []);
        assert_eq!(which(Accepted, Some(200), true), []);
    }

    #[test]
    fn a_keyed_call_without_keys_counts_as_never() {
        assert_eq!(Class::of(Replay::Keyed(&["email"]), true), Class::Keyed);
        assert_eq!(Class::of(Replay::Keyed(&["email"]), false), Class::Never);
        assert_eq!(Class::of(Replay::Never, true), Class::Never);
        assert_eq!(Class::of(Replay::Upsert, false), Class::Upsert);
    }

    #[test]
    fn the_back_off_doubles_up_to_its_bound_and_is_spread_over_all_of_it() {
        let retry = Retry::default();
        let longest: Vec<_> = (1..=8).map(|attempts| retry.backoff(attempts, 1.0).as_millis()).collect();
        assert_eq!(longest, [200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
        assert_eq!(retry.backoff(3, 0.0), Duration::ZERO);
        assert_eq!(retry.backoff(3, 0.5), Duration::from_millis(400));
        assert_eq!(retry.backoff(200, 1.0), Duration::from_secs(5));
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            retry_after(&headers, &|| now)
        };
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:47 GMT"), Some(Duration::from_secs(10)));
        assert_eq!(read("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("soon"), None);
        assert_eq!(read("-1"), None);
        assert_eq!(retry_after(&HeaderMap::new(), &|| now), None);
    }

    #[test]
    fn a_long_outage_costs_a_tenth_more() {
        let budget = Budget::new();
        let mut repeats = 0;
        for _ in 0..1_000 {
            budget.deposit();
            repeats += u32::from(budget.withdraw());
        }
        assert!((100..=110).contains(&repeats), "{repeats} repeats for 1,000 calls");
    }
}
