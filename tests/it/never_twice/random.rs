//! Any sequence of faults: what no hand-written row thinks of.

use super::proxy::{Back, Fault, Reach};
use super::world::{Create, World};
use crate::wire::answer;

/// How many sequences each call of each kind goes through.
const CASES: usize = 40;

/// The longest sequence of faults; everything after it passes.
const LONGEST: usize = 6;

/// Numbers that look random and are the same in every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap()
    }

    fn faults(&mut self) -> Vec<Fault> {
        let length = self.below(LONGEST + 1);
        (0..length).map(|_| self.fault()).collect()
    }

    fn fault(&mut self) -> Fault {
        let other = |status, headers| Back::Other(answer(status, headers, ""));
        let reach = [Reach::Now, Reach::Never][self.below(2)];
        match self.below(10) {
            0 => Fault::NONE,
            1 => Fault::late(),
            2 => Fault::done(Back::HalfTheHead),
            3 => Fault::done(Back::HalfTheBody),
            4 => Fault { reach, back: Back::Nothing },
            5 => Fault { reach, back: other(502, "") },
            6 => Fault { reach, back: other(503, "retry-after: 1\r\n") },
            7 => Fault { reach, back: other(307, "location: /elsewhere\r\n") },
            // By these a provider says that it did nothing, and then it did nothing.
            8 => Fault::undone(other(429, "")),
            _ => Fault::undone(other(401, "")),
        }
    }
}

/// Whether a call of the class `keyed` or `never` may be sent again after this.
fn allows_another(create: Create, fault: &Fault) -> bool {
    let Back::Other(bytes) = &fault.back else { return false };
    let text = String::from_utf8_lossy(bytes);
    let status = text.split(' ').nth(1).unwrap();
    match create {
        Create::Haptik => true,
        Create::Original | Create::Streambird => matches!(status, "429" | "503"),
        Create::OriginalWithoutKeys => status == "429",
        // The token may have run out.
        Create::DigiPay => matches!(status, "429" | "401"),
    }
}

#[tokio::test]
async fn no_sequence_of_faults_makes_a_second_account_or_repeats_after_doubt() {
    for (seed, create) in Create::ALL.into_iter().enumerate() {
        let mut dice = Dice(seed as u64);
        for case in 0..CASES {
            let faults = dice.faults();
            let world = World::start().await;
            world.proxy.creates(faults.clone(), Fault::NONE);
            let told = create.outcome(&world.clients, case).await;
            let accounts = create.accounts(&world.sandbox, case);
            assert!(accounts <= 1, "{accounts} accounts at {create:?} after {faults:?}");
            if told.name == "created" {
                assert_eq!(accounts, 1, "none at {create:?} after {faults:?}");
            }
            let seen = world.proxy.created();
            let repeated = &seen[..seen.len().saturating_sub(1)];
            let bad = repeated.iter().find(|fault| !allows_another(create, fault));
            assert!(create == Create::Haptik || bad.is_none(), "{create:?} was repeated after {bad:?}");
        }
    }
}

#[tokio::test]
async fn no_sequence_of_faults_makes_a_second_account_where_the_call_makes_sure() {
    for (seed, create) in Create::ALL.into_iter().enumerate() {
        let mut dice = Dice(100 + seed as u64);
        for case in 0..CASES {
            let (faults, lookups) = (dice.faults(), dice.faults());
            let world = World::start().await;
            world.proxy.creates(faults.clone(), Fault::NONE);
            world.proxy.others(lookups.clone(), Fault::NONE);
            let Some(told) = create.ensure(&world.clients, case).await else { break };
            let accounts = create.accounts(&world.sandbox, case);
            assert!(accounts <= 1, "{accounts} accounts at {create:?} after {faults:?} and {lookups:?}");
            if matches!(told.name, "created" | "present" | "found") {
                assert_eq!(accounts, 1, "none at {create:?} after {faults:?} and {lookups:?}");
            }
            // Called again when all is well, it still makes no second one, if anything tells the user from others.
            if create != Create::OriginalWithoutKeys {
                world.proxy.creates([], Fault::NONE);
                world.proxy.others([], Fault::NONE);
                let again = create.ensure(&world.clients, case).await.unwrap();
                assert!(matches!(again.name, "created" | "present" | "found"), "{again:?}");
                assert_eq!(create.accounts(&world.sandbox, case), 1, "{create:?} after {faults:?}");
            }
        }
    }
}
