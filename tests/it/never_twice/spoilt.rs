//! Answers that are almost right, late, doubled or cut off by a reset: what the SDK makes of them, and that no account is
//! made twice for it. The sandbox spoils them.

use std::time::Duration;

use enroll::{Delivery, Retry};
use enroll_sandbox::fault::{Delay, Fault};

use super::world::{Create, Told, World};

/// A world without the proxy in it.
async fn world() -> World {
    let mut world = World::start().await;
    let origin = world.sandbox.base_url().to_owned();
    world.lead_to(&origin, |http| http);
    world
}

/// Has one create request go wrong. Returns how the call ended, and how many accounts there are then.
async fn spoil(create: Create, fault: Fault) -> (Told, usize) {
    let world = world().await;
    create.faults(&world.sandbox).next(fault.clone());
    let told = create.outcome(&world.clients, 0).await;
    let happened = world.sandbox.requests();
    assert!(happened.iter().any(|request| request.fault() == Some(&fault)), "{fault:?} did not happen");
    (told, create.accounts(&world.sandbox, 0))
}

#[tokio::test]
async fn what_a_provider_adds_or_leaves_empty_is_no_failure() {
    for fault in [Fault::UnknownEnumValue, Fault::ExtraField, Fault::Nulls] {
        for create in Create::ALL {
            let (told, accounts) = spoil(create, fault.clone()).await;
            assert_eq!((told.name, told.delivery, accounts), ("created", None, 1), "{fault:?}, {create:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_leaves_one_account_and_says_that_it_may_be_there() {
    let missing = Fault::MissingField { pointer: None };
    for fault in [missing, Fault::TruncateJson] {
        for create in Create::ALL {
            let (told, accounts) = spoil(create, fault.clone()).await;
            assert_eq!((told.name, accounts), ("unknown", 1), "{fault:?}, {create:?}: {told:?}");
            let delivery = told.delivery.unwrap();
            assert!(matches!(delivery, Delivery::Accepted | Delivery::Unknown), "{fault:?}, {create:?}");
        }
    }
}

#[tokio::test]
async fn a_reset_after_the_provider_has_acted_makes_no_second_account() {
    for create in Create::ALL {
        let (told, accounts) = spoil(create, Fault::CommitThenReset).await;
        let expected = if create == Create::Haptik { "created" } else { "unknown" };
        assert_eq!((told.name, accounts), (expected, 1), "{create:?}");
    }
}

#[tokio::test]
async fn an_answer_after_the_deadline_leaves_one_account_and_an_unknown_outcome() {
    let hour = Delay::Fixed { time: Duration::from_secs(3_600) };
    for create in Create::ALL {
        let mut world = World::start().await;
        let origin = world.sandbox.base_url().to_owned();
        // The provider is asked until the deadline, which has no need to be long: the answer comes in an hour.
        world.lead_to(&origin, |http| {
            http.with_operation_timeout(Duration::from_secs(2)).with_retry(Retry::off())
        });
        if create == Create::DigiPay {
            world.clients.digipay().unwrap().list_users().send().await.unwrap();
        }
        create.faults(&world.sandbox).always(Fault::Delay(hour));
        let told = create.outcome(&world.clients, 0).await;
        assert_eq!((told.name, told.delivery), ("unknown", Some(Delivery::Unknown)), "{create:?}");
        assert_eq!(create.accounts(&world.sandbox, 0), 1, "{create:?}");
    }
}

/// The second copy waits on a connection that the client keeps. Whoever calls next must not take it for an answer.
#[tokio::test]
async fn an_answer_that_comes_twice_is_nobody_elses() {
    let world = world().await;
    let client = world.clients.original().unwrap();
    world.sandbox.original().always(Fault::DuplicateResponse);
    for person in 0..50 {
        let call = client.create_user().user_external_id(super::world::id(person));
        let Ok(user) = call.send().await else { continue };
        let users = world.sandbox.original().users();
        let theirs = users.iter().find(|user| user.user_external_id == Some(super::world::id(person)));
        assert_eq!(theirs.map(|user| user.uid.as_str()), Some(user.data.uid.as_str()), "person {person}");
    }
    for person in 0..50 {
        assert!(Create::Original.accounts(&world.sandbox, person) <= 1);
    }
}

#[tokio::test]
async fn an_answer_that_says_it_is_html_is_not_taken_for_a_user() {
    for create in Create::ALL {
        let (told, accounts) = spoil(create, Fault::WrongContentType).await;
        assert_eq!(accounts, 1, "{create:?}");
        assert_eq!(told.name, "created", "{create:?}");
    }
}
