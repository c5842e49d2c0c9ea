//! Waiting for Original's wallet: how often is asked, how long is waited, and how it ends.

use std::time::Duration;

use enroll::original::Client;
use enroll::{StatusCode, WaitError};
use serde_json::json;

use super::proxy::{Back, Fault};
use super::world::{Create, World};
use crate::wire::answer;

/// A world with one user at Original, who has no wallet; and the user's id.
async fn world(random: f64) -> (World, String) {
    let world = World::with(|http| http.with_random(move || random)).await;
    assert_eq!(Create::Original.outcome(&world.clients, 0).await.name, "created");
    let uid = world.sandbox.original().users()[0].uid.clone();
    (world, uid)
}

fn client(world: &World) -> &Client {
    world.clients.original().unwrap()
}

/// What is answered once the wallet is there.
fn with_wallet(uid: &str) -> Fault {
    let wallet = json!({"address": "0xfa4e000000000000000000000000000000000000", "chain_id": 80002, "network": "Amoy"});
    let body = json!({"success": true, "data": {
        "uid": uid, "created_at": "2024-02-26T13:12:31.798296Z", "wallets": [wallet],
    }});
    Fault::undone(Back::Other(answer(200, "content-type: application/json\r\n", &body.to_string())))
}

#[tokio::test]
async fn a_wallet_is_asked_for_until_it_is_there() {
    for (random, wait) in [(0.0, 1_000), (0.5, 2_000), (0.75, 2_500)] {
        let (world, uid) = world(random).await;
        world.proxy.others([Fault::NONE, Fault::NONE], with_wallet(&uid));
        let answer = client(&world).wait_for_wallet(uid.as_str()).await.unwrap();
        assert_eq!(answer.data.uid, uid);
        assert_eq!(world.proxy.asked(), 3);
        assert_eq!(world.waits(), [Duration::from_millis(wait); 2], "with {random}");
    }
}

#[tokio::test]
async fn the_interval_is_the_callers() {
    let (world, uid) = world(0.5).await;
    world.proxy.others([Fault::NONE], with_wallet(&uid));
    let interval = Duration::from_millis(300);
    client(&world).wait_for_wallet(uid).interval(interval).await.unwrap();
    assert_eq!(world.waits(), [interval]);
}

#[tokio::test]
async fn a_question_that_fails_is_asked_again() {
    let (world, uid) = world(0.5).await;
    let failed = Fault::undone(Back::Other(answer(500, "", "")));
    // More than one call repeats by itself, so that the waiter sees the failure.
    world.proxy.others([failed.clone(), failed.clone(), failed.clone(), failed], with_wallet(&uid));
    client(&world).wait_for_wallet(uid).await.unwrap();
    assert_eq!(world.proxy.asked(), 5);
}

#[tokio::test]
async fn a_wallet_that_does_not_come_ends_with_the_last_answer() {
    let (world, uid) = world(0.5).await;
    let waiter = client(&world).wait_for_wallet(uid.as_str()).deadline(Duration::from_secs(7));
    let error = waiter.await.unwrap_err();
    let WaitError::TimedOut { last: Some(last) } = error else { panic!("{error:?}") };
    assert_eq!(last.data.uid, uid);
    assert_eq!(world.proxy.asked(), 4, "at once, and after 2, 4 and 6 seconds");
    assert_eq!(world.waits(), [Duration::from_secs(2); 3]);
}

#[tokio::test]
async fn a_user_who_does_not_exist_ends_the_waiting_at_once() {
    let (world, _) = world(0.5).await;
    let error = client(&world).wait_for_wallet("000000000000").await.unwrap_err();
    let WaitError::Failed(error) = error else { panic!("{error:?}") };
    assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
    assert_eq!((world.proxy.asked(), world.waits()), (1, vec![]));
}
