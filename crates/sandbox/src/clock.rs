//! The sandbox's own clock: the machine's time, plus what a test has moved it ahead.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// Where the time of records begins in a sandbox that repeats itself: the first second of 2026.
const REPEATABLE_START: Duration = Duration::from_secs(1_767_225_600);

/// A clock that only goes forward when told to.
///
/// It shows two times. By [`now`](Self::now) tokens are judged and waits end; it is the machine's, because a client
/// compares it with its own. [`stamp`](Self::stamp) is what records are dated with; in a sandbox that repeats itself it
/// begins at a fixed date and goes on by a second a record.
#[derive(Debug)]
pub(crate) struct Clock {
    ahead: watch::Sender<Duration>,
    /// How many records have been dated, if they are to be dated alike in every run.
    dated: Option<Mutex<u32>>,
}

impl Clock {
    pub(crate) fn new(repeatable: bool) -> Self {
        Self { ahead: watch::Sender::new(Duration::ZERO), dated: repeatable.then(Mutex::default) }
    }

    pub(crate) fn now(&self) -> Moment {
        // A machine whose clock stands before 1970 gets 1970: the sandbox needs an order of events, not the date.
        let machine = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment(machine.saturating_add(*self.ahead.borrow()))
    }

    /// The date of a record that is made or changed now.
    pub(crate) fn stamp(&self) -> Moment {
        let Some(dated) = &self.dated else { return self.now() };
        let mut dated = dated.lock().unwrap_or_else(PoisonError::into_inner);
        *dated = dated.saturating_add(1);
        let passed = Duration::from_secs(u64::from(*dated));
        Moment(REPEATABLE_START.saturating_add(passed).saturating_add(*self.ahead.borrow()))
    }

    /// The same as [`now`](Self::now), for the SDK under test.
    #[cfg(feature = "sdk")]
    pub(crate) fn system_time(&self) -> SystemTime {
        UNIX_EPOCH.checked_add(self.now().0).unwrap_or(UNIX_EPOCH)
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.ahead.send_modify(|ahead| *ahead = ahead.saturating_add(by));
    }

    /// Moves the clock back to where it began.
    pub(crate) fn reset(&self) {
        self.ahead.send_replace(Duration::ZERO);
        if let Some(dated) = &self.dated {
            *dated.lock().unwrap_or_else(PoisonError::into_inner) = 0;
        }
    }

    /// How far the clock has been moved ahead.
    pub(crate) fn ahead(&self) -> Duration {
        *self.ahead.borrow()
    }

    /// Waits until this much time has passed by this clock, which may be moved meanwhile.
    pub(crate) async fn sleep(&self, time: Duration) {
        let mut ahead = self.ahead.subscribe();
        let due = self.now().after(time);
        loop {
            let left = due.0.saturating_sub(self.now().0);
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(left) => return,
                // The sender lives as long as `self`, so that this ends only when the clock is moved.
                _ = ahead.changed() => {}
            }
        }
    }
}

/// A point in time, kept as the time since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(Duration);

impl Moment {
    pub(crate) fn after(self, by: Duration) -> Self {
        Self(self.0.saturating_add(by))
    }

    pub(crate) fn before(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(by))
    }

    /// `1708953151`.
    pub(crate) fn epoch_seconds(self) -> i64 {
        i64::try_from(self.0.as_secs()).unwrap_or(i64::MAX)
    }

    /// `2024-01-24 18:18:38`.
    pub(crate) fn date_and_time(self) -> String {
        let (date, time) = self.parts();
        format!("{date} {time}")
    }

    /// `2024-02-26T13:12:31.798296Z`.
    pub(crate) fn iso_8601(self) -> String {
        let (date, time) = self.parts();
        format!("{date}T{time}.{:06}Z", self.0.subsec_micros())
    }

    fn parts(self) -> (String, String) {
        let seconds = self.0.as_secs();
        let (year, month, day) = civil_date(seconds / 86_400);
        let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
        (format!("{year:04}-{month:02}-{day:02}"), format!("{hour:02}:{minute:02}:{second:02}"))
    }
}

/// Year, month and day of a number of days since 1970, in the Gregorian calendar.
///
/// Years are counted from March, so that the leap day is the last day of a year, and in eras of 400 years, after which
/// the calendar repeats itself.
fn civil_date(days_since_1970: u64) -> (u64, u64, u64) {
    // 719,468 days lie between the first of March of the year 0 and 1970.
    let days = days_since_1970 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * months_from_march + 2) / 5 + 1;
    let month = if months_from_march < 10 { months_from_march + 3 } else { months_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let leap_day = Moment(Duration::from_micros(1_709_210_096_000_042));
        assert_eq!(leap_day.date_and_time(), "2024-02-29 12:34:56");
        assert_eq!(leap_day.iso_8601(), "2024-02-29T12:34:56.000042Z");
        assert_eq!(leap_day.epoch_seconds(), 1_709_210_096);
        assert_eq!(Moment(Duration::ZERO).date_and_time(), "1970-01-01 00:00:00");
        assert_eq!(Moment(Duration::from_secs(946_684_799)).date_and_time(), "1999-12-31 23:59:59");
        assert_eq!(Moment(REPEATABLE_START).date_and_time(), "2026-01-01 00:00:00");
    }

    #[test]
    fn the_clock_can_be_moved_as_far_as_a_test_likes() {
        let clock = Clock::new(false);
        let before = clock.now();
        clock.advance(Duration::from_secs(3_600));
        assert!(clock.now() >= before.after(Duration::from_secs(3_600)));
        clock.advance(Duration::MAX);
        assert!(!clock.now().iso_8601().is_empty());
        #[cfg(feature = "sdk")]
        clock.system_time();
    }

    #[test]
    fn records_are_dated_alike_in_every_run_if_that_is_wanted() {
        let dates = || {
            let clock = Clock::new(true);
            let first = clock.stamp();
            clock.advance(Duration::from_secs(60));
            [first.date_and_time(), clock.stamp().date_and_time()]
        };
        assert_eq!(dates(), dates());
        assert_eq!(dates(), ["2026-01-01 00:00:01", "2026-01-01 00:01:02"]);
    }

    #[tokio::test]
    async fn a_wait_ends_when_the_clock_has_been_moved_far_enough() {
        let clock = Clock::new(false);
        let hour = Duration::from_secs(3_600);
        let waiting = async {
            clock.sleep(hour * 2).await;
            clock.ahead()
        };
        let moving = async {
            clock.advance(hour);
            tokio::task::yield_now().await;
            clock.advance(hour);
        };
        let (ahead, ()) = tokio::join!(waiting, moving);
        assert_eq!(ahead, hour * 2);
    }
}
