//! Which request a fault happens to.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::Fault;
use crate::message::Call;

/// The most faults that wait for their requests at one provider: more than a test can mean.
const MOST_SCHEDULED: usize = 10_000;

/// The most requests that are under way at one provider.
const MOST_HELD: usize = 100;

/// The faults of one provider.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// Those of single operations, by name, and those of the whole provider.
    lanes: Mutex<HashMap<Option<&'static str>, Lane>>,
    /// Requests that are still under way.
    held: Mutex<Vec<Held>>,
}

#[derive(Debug, Default)]
struct Lane {
    /// How many requests there were.
    seen: u64,
    /// Faults of single requests, by their number.
    single: BTreeMap<u64, Fault>,
    always: Option<Fault>,
}

/// A request that the provider acts upon later.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) operation: &'static str,
    pub(crate) call: Call,
}

/// When a fault happens, counted from when it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum When {
    /// To the next request that nothing else is to happen to.
    Next,
    /// To the request with this number; the next one is number 1.
    Nth(u32),
    /// To every request that no other fault is meant for.
    Always,
}

/// A fault that waits for its request.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Scheduled {
    /// The operation that it is meant for; if there is none, any.
    pub operation: Option<&'static str>,
    /// When it happens, counted from now.
    pub when: When,
    /// What happens.
    pub fault: Fault,
}

impl Plan {
    pub(crate) fn schedule(&self, operation: Option<&'static str>, when: When, fault: Fault) {
        let mut lanes = self.lanes();
        let room = lanes.values().map(|lane| lane.single.len()).sum::<usize>() < MOST_SCHEDULED;
        let lane = lanes.entry(operation).or_default();
        match when {
            When::Always => lane.always = Some(fault),
            When::Nth(number) if room && number > 0 => {
                lane.single.insert(lane.seen.saturating_add(u64::from(number)), fault);
            }
            When::Next if room => {
                let mut number = lane.seen + 1;
                while lane.single.contains_key(&number) {
                    number += 1;
                }
                lane.single.insert(number, fault);
            }
            When::Nth(_) | When::Next => {}
        }
    }

    /// The fault of a request that has just come. One that is meant for its operation comes before one that is meant
    /// for any, and one that is meant for a single request before one for all.
    ///
    /// `spared` is a request that only faults of its own operation happen to.
    pub(crate) fn take(&self, operation: &'static str, spared: bool) -> Option<Fault> {
        let mut lanes = self.lanes();
        let mut count = |lane: Option<&'static str>| {
            let Some(lane) = lanes.get_mut(&lane) else { return (None, None) };
            lane.seen += 1;
            (lane.single.remove(&lane.seen), lane.always.clone())
        };
        let (own, always_own) = count(Some(operation));
        let (any, always_any) = if spared { (None, None) } else { count(None) };
        own.or(any).or(always_own).or(always_any)
    }

    /// Everything that is still to happen.
    pub(crate) fn scheduled(&self) -> Vec<Scheduled> {
        let lanes = self.lanes();
        let mut operations: Vec<_> = lanes.keys().copied().collect();
        operations.sort_unstable();
        let mut scheduled = Vec::new();
        for operation in operations {
            let lane = &lanes[&operation];
            scheduled.extend(lane.single.iter().map(|(number, fault)| {
                let number = u32::try_from(number.saturating_sub(lane.seen)).unwrap_or(u32::MAX);
                Scheduled { operation, when: When::Nth(number), fault: fault.clone() }
            }));
            let always = lane.always.clone();
            scheduled.extend(always.map(|fault| Scheduled { operation, when: When::Always, fault }));
        }
        scheduled
    }

    /// Takes all faults back. Requests that are under way are forgotten.
    pub(crate) fn clear(&self) {
        self.lanes().clear();
        self.held().clear();
    }

    /// Keeps a request that is under way, unless there are too many.
    pub(crate) fn hold(&self, operation: &'static str, call: Call) {
        let mut held = self.held();
        if held.len() < MOST_HELD {
            held.push(Held { operation, call });
        }
    }

    /// The requests for this operation that were under way until now.
    pub(crate) fn arrived(&self, operation: &'static str) -> Vec<Held> {
        self.held().extract_if(.., |held| held.operation == operation).collect()
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<Option<&'static str>, Lane>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self) -> MutexGuard<'_, Vec<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The faults of one provider, or of one of its operations, for a test to ask for.
#[derive(Debug)]
pub struct Faults<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) operation: Option<&'static str>,
}

impl Faults<'_> {
    /// The next request that nothing else is to happen to.
    pub fn next(&self, fault: Fault) -> &Self {
        self.schedule(When::Next, fault)
    }

    /// The request with this number from now on; the next one is number 1, and there is none with the number 0.
    pub fn nth(&self, number: u32, fault: Fault) -> &Self {
        self.schedule(When::Nth(number), fault)
    }

    /// Every request that no other fault is meant for.
    pub fn always(&self, fault: Fault) -> &Self {
        self.schedule(When::Always, fault)
    }

    fn schedule(&self, when: When, fault: Fault) -> &Self {
        self.plan.schedule(self.operation, when, fault);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATE: &str = "createUser";

    fn plan(faults: &[(Option<&'static str>, When, Fault)]) -> Plan {
        let plan = Plan::default();
        for (operation, when, fault) in faults {
            plan.schedule(*operation, *when, fault.clone());
        }
        plan
    }

    #[test]
    fn single_requests_come_before_all_and_an_operation_before_the_provider() {
        let plan = plan(&[
            (None, When::Always, Fault::CutHead),
            (None, When::Nth(2), Fault::CutBody),
            (Some(CREATE), When::Nth(2), Fault::Silence),
            (Some(CREATE), When::Nth(3), Fault::Nulls),
        ]);
        let happened = [(); 4].map(|()| plan.take(CREATE, false));
        let expected = [Fault::CutHead, Fault::Silence, Fault::Nulls, Fault::CutHead];
        assert_eq!(happened, expected.map(Some));
        assert_eq!(plan.take("getUser", false), Some(Fault::CutHead));
    }

    #[test]
    fn what_is_next_queues_up() {
        let plan = plan(&[
            (None, When::Next, Fault::CutHead),
            (None, When::Nth(2), Fault::Silence),
            (None, When::Next, Fault::CutBody),
        ]);
        assert_eq!(plan.take(CREATE, false), Some(Fault::CutHead));
        assert_eq!(plan.scheduled().len(), 2);
        assert_eq!(plan.scheduled()[0].when, When::Nth(1));
        assert_eq!(plan.take(CREATE, false), Some(Fault::Silence));
        assert_eq!(plan.take(CREATE, false), Some(Fault::CutBody));
        assert_eq!(plan.take(CREATE, false), None);
    }

    #[test]
    fn a_request_that_is_spared_is_not_counted_either() {
        let plan =
            plan(&[(None, When::Next, Fault::CutHead), (Some("authenticate"), When::Nth(2), Fault::CutBody)]);
        assert_eq!(plan.take("authenticate", true), None);
        assert_eq!(plan.take("authenticate", true), Some(Fault::CutBody));
        assert_eq!(plan.take(CREATE, false), Some(Fault::CutHead));
        plan.schedule(None, When::Always, Fault::CutHead);
        plan.clear();
        assert_eq!((plan.take(CREATE, false), plan.scheduled()), (None, Vec::new()));
    }

    #[test]
    fn no_number_and_no_amount_is_too_much() {
        let plan = plan(&[(None, When::Nth(0), Fault::CutHead), (None, When::Nth(u32::MAX), Fault::CutHead)]);
        for _ in 0..=MOST_SCHEDULED {
            plan.schedule(None, When::Next, Fault::CutBody);
        }
        assert_eq!(plan.scheduled().len(), MOST_SCHEDULED);
        assert_eq!(plan.take(CREATE, false), Some(Fault::CutBody));
    }
}
