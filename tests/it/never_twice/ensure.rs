//! `.ensure()`: what it finds, whose work it says that is, and what it does not believe.

use enroll::{Delivery, Ensured, Error, Origin, original, streambird};
use serde_json::json;

use super::proxy::{Back, Fault};
use super::world::{Create, World, email, id};
use crate::wire::answer;

type OriginalEnsured =
    Ensured<original::types::CreateUserResponse, original::types::User, original::types::ErrorResponse>;
type StreambirdEnsured =
    Ensured<streambird::types::CreateUserResponse, streambird::types::User, streambird::types::ErrorBody>;

fn answered(body: &serde_json::Value) -> Back {
    Back::Other(answer(200, "content-type: application/json\r\n", &body.to_string()))
}

fn failed() -> Fault {
    Fault::undone(Back::Other(answer(500, "", "")))
}

/// Makes sure of the user with these keys at Original.
async fn original(
    world: &World,
    external_id: &str,
    email: &str,
) -> Result<OriginalEnsured, Error<original::types::ErrorResponse>> {
    let call = world.clients.original().unwrap().create_user();
    call.user_external_id(external_id).email(email).ensure().await
}

/// Makes sure of person 0 at Streambird.
async fn streambird(world: &World) -> StreambirdEnsured {
    world.clients.streambird().unwrap().create_user().email(email(0)).ensure().await.unwrap()
}

#[tokio::test]
async fn an_account_whose_answer_was_lost_is_found() {
    let world = World::start().await;
    world.proxy.creates([Fault::done(Back::Nothing)], Fault::NONE);
    let ensured = original(&world, &id(0), &email(0)).await.unwrap();
    let Ensured::Found { user, origin: Origin::Uncertain } = ensured else { panic!("{ensured:?}") };
    assert_eq!(user.uid, world.sandbox.original().users()[0].uid);
    assert_eq!((world.proxy.created().len(), world.sandbox.original().users().len()), (1, 1));

    world.proxy.creates([Fault::done(Back::Nothing)], Fault::NONE);
    let ensured = streambird(&world).await;
    let Ensured::Found { user, origin: Origin::Uncertain } = ensured else { panic!("{ensured:?}") };
    assert_eq!(user.user_id, world.sandbox.streambird().users()[0].user_id);
    assert_eq!((world.proxy.created().len(), world.sandbox.streambird().users().len()), (1, 1));
}

#[tokio::test]
async fn an_account_whose_answer_cannot_be_read_is_known_to_be_this_calls() {
    let world = World::start().await;
    world.proxy.creates([Fault::done(Back::HalfTheBody)], Fault::NONE);
    let ensured = original(&world, &id(0), &email(0)).await.unwrap();
    assert!(matches!(ensured, Ensured::Found { origin: Origin::ThisCall, .. }), "{ensured:?}");
    world.proxy.creates([Fault::done(Back::HalfTheBody)], Fault::NONE);
    let ensured = streambird(&world).await;
    assert!(matches!(ensured, Ensured::Found { origin: Origin::ThisCall, .. }), "{ensured:?}");
}

#[tokio::test]
async fn a_request_that_was_lost_is_sent_again() {
    let world = World::start().await;
    world.proxy.creates([Fault::undone(Back::Nothing)], Fault::NONE);
    let ensured = original(&world, &id(0), &email(0)).await.unwrap();
    let Ensured::Created(created) = ensured else { panic!("{ensured:?}") };
    assert_eq!(created.data.uid, world.sandbox.original().users()[0].uid);
    assert_eq!((world.proxy.created().len(), world.sandbox.original().users().len()), (2, 1));

    world.proxy.creates([Fault::undone(Back::Nothing)], Fault::NONE);
    let ensured = streambird(&world).await;
    assert!(matches!(ensured, Ensured::Created(_)), "{ensured:?}");
    assert_eq!((world.proxy.created().len(), world.sandbox.streambird().users().len()), (2, 1));
}

#[tokio::test]
async fn an_account_that_was_there_is_found_as_an_earlier_one() {
    let world = World::start().await;
    for create in [Create::Original, Create::Streambird] {
        assert_eq!(create.outcome(&world.clients, 0).await.name, "created");
    }
    let ensured = original(&world, &id(0), &email(0)).await.unwrap();
    let Ensured::Found { user, origin: Origin::Earlier } = ensured else { panic!("{ensured:?}") };
    assert_eq!(user.uid, world.sandbox.original().users()[0].uid);
    assert_eq!(world.sandbox.original().users().len(), 1);

    let ensured = streambird(&world).await;
    assert!(matches!(ensured, Ensured::Found { origin: Origin::Earlier, .. }), "{ensured:?}");
    assert_eq!(world.sandbox.streambird().users().len(), 1);
}

#[tokio::test]
async fn an_email_of_somebody_else_is_a_conflict_and_merges_nothing() {
    let world = World::start().await;
    let other = world.clients.original().unwrap().create_user().user_external_id("somebody-else");
    other.email(email(0)).send().await.unwrap();
    let ensured = original(&world, &id(0), &email(0)).await.unwrap();
    let Ensured::Conflict { user, error } = ensured else { panic!("{ensured:?}") };
    assert_eq!(user.uid, world.sandbox.original().users()[0].uid);
    assert!(error.is_existing());
    let users = world.sandbox.original().users();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].user_external_id.as_deref(), Some("somebody-else"));
}

#[tokio::test]
async fn a_look_that_fails_leaves_the_account_in_doubt() {
    let world = World::start().await;
    for create in [Create::Original, Create::Streambird] {
        world.proxy.creates([Fault::done(Back::Nothing)], Fault::NONE);
        world.proxy.others([], failed());
        let told = create.ensure(&world.clients, 0).await.unwrap();
        assert_eq!((told.name, told.delivery), ("unknown", Some(Delivery::Unknown)));
        assert!(world.proxy.asked() > 0, "nobody has looked");
        assert_eq!(create.accounts(&world.sandbox, 0), 1);
    }
}

#[tokio::test]
async fn a_look_that_fails_once_is_repeated() {
    let world = World::start().await;
    for create in [Create::Original, Create::Streambird] {
        world.proxy.creates([Fault::done(Back::Nothing)], Fault::NONE);
        world.proxy.others([failed()], Fault::NONE);
        assert_eq!(create.ensure(&world.clients, 0).await.unwrap().name, "found");
        assert_eq!(world.proxy.created().len(), 1);
    }
}

#[tokio::test]
async fn a_request_that_arrives_after_the_look_makes_no_second_account() {
    let world = World::start().await;
    world.proxy.creates([Fault::late()], Fault::NONE);
    let ensured = original(&world, &id(0), &email(0)).await.unwrap();
    assert!(matches!(ensured, Ensured::Found { origin: Origin::Uncertain, .. }), "{ensured:?}");
    assert_eq!((world.proxy.created().len(), world.sandbox.original().users().len()), (2, 1));

    world.proxy.creates([Fault::late()], Fault::NONE);
    let ensured = streambird(&world).await;
    assert!(matches!(ensured, Ensured::Found { origin: Origin::Uncertain, .. }), "{ensured:?}");
    assert_eq!((world.proxy.created().len(), world.sandbox.streambird().users().len()), (2, 1));
}

#[tokio::test]
async fn absent_is_not_believed_for_ever() {
    let world = World::start().await;
    for create in [Create::Original, Create::Streambird] {
        world.proxy.creates([], Fault::undone(Back::Nothing));
        let told = create.ensure(&world.clients, 0).await.unwrap();
        assert_eq!((told.name, told.delivery), ("unknown", Some(Delivery::Unknown)));
        assert_eq!(world.proxy.created().len(), 3, "as often as the retry policy says, and no more");
    }
}

#[tokio::test]
async fn an_upsert_says_that_the_account_is_there_and_not_since_when() {
    let world = World::start().await;
    for _ in 0..2 {
        let told = Create::Haptik.ensure(&world.clients, 0).await.unwrap();
        assert_eq!((told.name, told.delivery), ("present", None));
        assert_eq!(Create::Haptik.accounts(&world.sandbox, 0), 1);
    }
}

#[tokio::test]
async fn somebody_else_in_the_answer_of_a_look_is_not_believed() {
    let world = World::start().await;
    let other = json!({"success": true, "data": {
        "uid": "452711987655", "user_external_id": "somebody-else", "email": "grace@example.com",
        "created_at": "2024-02-26T13:12:31.798296Z", "wallets": [],
    }});
    world.proxy.creates([Fault::done(Back::Nothing)], Fault::NONE);
    world.proxy.others([], Fault::undone(answered(&other)));
    let ensured = original(&world, &id(0), &email(0)).await.unwrap();
    assert!(matches!(ensured, Ensured::Unknown(_)), "{ensured:?}");
    assert_eq!(world.sandbox.original().users().len(), 1);

    // A search that ignores its filter lists everybody: the right one is taken, wherever it stands.
    world.proxy.others([], Fault::NONE);
    let client = world.clients.streambird().unwrap();
    for person in 1..=2 {
        client.create_user().email(email(person)).send().await.unwrap();
    }
    let everybody = client.search_users().limit(10).send().await.unwrap();
    let strangers = serde_json::to_value(everybody.into_inner()).unwrap();
    world.proxy.others([], Fault::undone(answered(&strangers)));
    world.proxy.creates([Fault::done(Back::Nothing)], Fault::NONE);
    let ensured = streambird(&world).await;
    assert!(matches!(ensured, Ensured::Unknown(_)), "{ensured:?}");
    assert_eq!(Create::Streambird.accounts(&world.sandbox, 0), 1);

    let ensured = client.create_user().email(email(2)).ensure().await.unwrap();
    let Ensured::Found { user, origin: Origin::Earlier } = ensured else { panic!("{ensured:?}") };
    assert_eq!(user.user_id, world.sandbox.streambird().users()[1].user_id);
}
