//! Many calls at once, and calls that nobody waits for to the end.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use enroll::{Clients, StatusCode};
use tokio::task::JoinSet;

use super::proxy::{Back, Fault};
use super::world::{Create, World, now};
use crate::wire::answer;

/// A little more than the life of a token.
const LONG: Duration = Duration::from_secs(3_700);

/// Registers so many people at once, each with a number of their own. Returns how many calls failed.
async fn register(clients: &Clients, people: std::ops::Range<usize>) -> usize {
    let mut calls = JoinSet::new();
    for person in people {
        let clients = clients.clone();
        calls.spawn(async move { Create::DigiPay.outcome(&clients, person).await.name });
    }
    calls.join_all().await.into_iter().filter(|name| *name != "created").count()
}

fn exchanges(world: &World) -> usize {
    let requests = world.sandbox.requests();
    requests.iter().filter(|request| request.operation() == Some("authenticate")).count()
}

#[tokio::test]
async fn a_token_that_the_provider_no_longer_takes_is_exchanged_once_for_all_calls() {
    let world = World::start().await;
    assert_eq!(register(&world.clients, 0..1).await, 0);
    // The clients' clock stands still, so that only the provider knows that the token has expired.
    world.sandbox.advance(LONG);
    assert_eq!(register(&world.clients, 1..51).await, 0);
    assert_eq!(exchanges(&world), 2);
    assert_eq!(world.sandbox.digipay().users().len(), 51);
}

#[tokio::test]
async fn a_token_that_is_known_to_have_expired_is_exchanged_once_and_not_sent() {
    let ahead = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&ahead);
    let world = World::with(|http| {
        http.with_clock(move || now() + Duration::from_secs(clock.load(Ordering::SeqCst)))
    })
    .await;
    assert_eq!(register(&world.clients, 0..1).await, 0);
    world.sandbox.advance(LONG);
    ahead.store(LONG.as_secs(), Ordering::SeqCst);
    assert_eq!(register(&world.clients, 1..51).await, 0);
    assert_eq!(exchanges(&world), 2);
    assert_eq!(world.proxy.created().len(), 51, "none was sent with the old token");
}

#[tokio::test]
async fn an_outage_costs_little_more_than_the_calls_themselves() {
    let world = World::start().await;
    world.proxy.others([], Fault::undone(Back::Other(answer(500, "", ""))));
    let mut calls = JoinSet::new();
    for _ in 0..200 {
        let client = world.clients.original().unwrap().clone();
        calls.spawn(async move { client.get_user().uid("452711987655").send().await.unwrap_err().status() });
    }
    let statuses = calls.join_all().await;
    assert_eq!(statuses, [Some(StatusCode::INTERNAL_SERVER_ERROR); 200]);
    let requests = world.proxy.asked();
    assert!((201..=230).contains(&requests), "{requests} requests for 200 calls");
}

/// Polls a future so often at most, and then drops it. Returns whether it came to its end.
async fn dropped_after(polls: usize, call: impl Future) -> bool {
    let mut call = pin!(call);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        call.as_mut().poll(context).map(|_| true)
    })
    .await
}

#[tokio::test]
async fn a_call_may_be_dropped_at_any_point_and_the_next_one_works() {
    for create in Create::ALL {
        let world = World::start().await;
        let mut person = 0;
        for polls in 0.. {
            // Each call fetches a token where there is one, so that it is also dropped while it does.
            if create == Create::DigiPay {
                world.sandbox.advance(LONG);
            }
            world.proxy.creates([Fault::undone(Back::Other(answer(429, "", "")))], Fault::NONE);
            person += 1;
            let ended = dropped_after(polls, create.outcome(&world.clients, person)).await;
            let before = create.accounts(&world.sandbox, person);
            assert!(before <= 1 || create == Create::OriginalWithoutKeys, "{before} accounts");
            world.proxy.creates([], Fault::NONE);
            person += 1;
            assert_eq!(create.outcome(&world.clients, person).await.name, "created", "{polls} polls");
            if ended {
                assert!(polls > 2, "it was never dropped half way");
                break;
            }
        }
    }
}
