//! What each operation leaves behind in the sandbox, also when it is refused.

use enroll::Delivery;
use enroll::streambird::types::{EmailToAttach, PhoneNumberToAttach, UserStatus};
use enroll::streambird::{Client, types};
use enroll_sandbox::Sandbox;
use enroll_sandbox::streambird::{Identifier, User};
use serde_json::{Value, json};

use super::sandbox;

/// The one user of a sandbox.
fn only_user(sandbox: &Sandbox) -> User {
    let users = sandbox.streambird().users();
    assert_eq!(users.len(), 1);
    users[0].clone()
}

fn values(identifiers: &[Identifier]) -> Vec<&str> {
    identifiers.iter().map(|identifier| identifier.value.as_str()).collect()
}

/// Creates a user with an e-mail address and a phone number.
async fn ada(client: &Client) -> types::CreateUserResponse {
    let call = client.create_user().email("ada@example.com").phone_number("+14155550123").first_name("Ada");
    call.send().await.unwrap().into_inner()
}

/// Asserts that a call was refused with this status, and so did nothing.
fn assert_refused<T>(result: Result<T, enroll::Error<types::ErrorBody>>, status: u16) {
    let error = result.err().unwrap();
    assert_eq!(error.status().unwrap(), status);
    assert_eq!(error.delivery(), Delivery::Rejected);
    assert_eq!(error.body().unwrap().status_code, Some(status.into()));
}

#[tokio::test]
async fn a_created_user_is_as_it_was_told() {
    let (sandbox, client) = sandbox().await;
    let metadata = json!({"plan": {"name": "trial", "seats": [1, null]}});
    let answer = client
        .create_user()
        .email("ada@example.com")
        .phone_number("+14155550123")
        .first_name("Ada")
        .middle_name("King")
        .last_name("Lovelace")
        .requires_verification(true)
        .metadata(metadata.clone())
        .send()
        .await
        .unwrap();
    let user = only_user(&sandbox);
    assert_eq!(answer.user_id, user.user_id);
    assert_eq!(answer.email_id.as_ref(), Some(&user.emails[0].id));
    assert_eq!(answer.phone_number_id.as_ref(), Some(&user.phone_numbers[0].id));
    assert_eq!(answer.status, Some(UserStatus::Pending));
    assert_eq!(values(&user.emails), ["ada@example.com"]);
    assert_eq!(values(&user.phone_numbers), ["+14155550123"]);
    assert_eq!([&*user.first_name, &*user.middle_name, &*user.last_name], ["Ada", "King", "Lovelace"]);
    assert_eq!(user.status, "pending");
    assert_eq!(Value::from(user.metadata), metadata);
}

#[tokio::test]
async fn the_whole_user_is_in_the_answer_only_when_asked_for() {
    let (sandbox, client) = sandbox().await;
    for (index, include) in [Some(true), Some(false), None].into_iter().enumerate() {
        let call = client.create_user().email(format!("{index}@example.com")).include_user(include);
        let answer = call.send().await.unwrap().into_inner();
        let whole = client.get_user().user_id(&*answer.user_id).send().await.unwrap().into_inner();
        assert_eq!(answer.user, (include == Some(true)).then_some(whole));
        let requests = sandbox.requests();
        let created = requests.iter().rfind(|request| request.operation() == Some("createUser")).unwrap();
        let sent: Value = serde_json::from_slice(created.body()).unwrap();
        assert_eq!(sent.get("include_user"), include.map(Value::from).as_ref());
    }
}

#[tokio::test]
async fn a_second_creation_is_refused_and_leaves_the_one_user_as_it_was() {
    let (sandbox, client) = sandbox().await;
    ada(&client).await;
    let before = only_user(&sandbox);
    assert_refused(client.create_user().email("ada@example.com").first_name("Eve").send().await, 409);
    assert_refused(client.create_user().phone_number("+14155550123").first_name("Eve").send().await, 409);
    let half = client.create_user().email("eve@example.com").phone_number("+14155550123");
    assert_refused(half.send().await, 409);
    assert_eq!(only_user(&sandbox), before);
    let created = sandbox.requests().iter().filter(|it| it.operation() == Some("createUser")).count();
    assert_eq!(created, 4, "each call was sent once");
}

#[tokio::test]
async fn two_creations_at_the_same_time_leave_one_user() {
    let (sandbox, client) = sandbox().await;
    let create = || client.create_user().email("ada@example.com").send();
    let (one, other) = tokio::join!(create(), create());
    let (created, refused) = if one.is_ok() { (one, other) } else { (other, one) };
    assert_eq!(created.unwrap().user_id, only_user(&sandbox).user_id);
    assert_refused(refused, 409);
}

#[tokio::test]
async fn a_user_is_read_as_it_is_kept() {
    let (sandbox, client) = sandbox().await;
    ada(&client).await;
    let kept = only_user(&sandbox);
    let user = client.get_user().user_id(&*kept.user_id).send().await.unwrap().into_inner();
    assert_eq!((user.user_id, user.app_id), (kept.user_id.clone(), Some(kept.app_id.clone())));
    assert_eq!(user.status, Some(UserStatus::Active));
    assert_eq!(user.first_name.unwrap().expose(), "Ada");
    assert_eq!(user.emails.unwrap()[0].email.as_ref().unwrap().expose(), "ada@example.com");
    assert_eq!(user.phone_numbers.unwrap()[0].id.as_ref(), Some(&kept.phone_numbers[0].id));
    assert_eq!(user.created_at.unwrap().as_i64(), kept.created_at);
    let id = &*kept.wallets[0].id;
    let wallet = client.get_wallet().wallet_id(id).send().await.unwrap().into_inner();
    assert_eq!(user.wallets.unwrap(), std::slice::from_ref(&wallet));
    assert_eq!(wallet.public_address.unwrap().expose(), &kept.wallets[0].public_address);
    assert_eq!(only_user(&sandbox), kept, "reading changes nothing");
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_keeps_the_rest() {
    let (sandbox, client) = sandbox().await;
    let id = ada(&client).await.user_id;
    let answer = client
        .update_user()
        .user_id(&*id)
        .last_name("Lovelace")
        .emails([EmailToAttach::new("countess@example.com")])
        .phone_numbers([PhoneNumberToAttach::new("+14155550123"), PhoneNumberToAttach::new("+14155550124")])
        .send()
        .await
        .unwrap()
        .into_inner();
    let user = only_user(&sandbox);
    assert_eq!([&*user.first_name, &*user.last_name], ["Ada", "Lovelace"]);
    assert_eq!(values(&user.emails), ["ada@example.com", "countess@example.com"]);
    assert_eq!(values(&user.phone_numbers), ["+14155550123", "+14155550124"]);
    assert_eq!(answer.user_id, id);
    let attached = answer.emails.unwrap();
    assert_eq!(attached.len(), 1);
    assert_eq!(attached[0].id.as_ref(), Some(&user.emails[1].id));
    assert_eq!(answer.phone_numbers.unwrap().len(), 2);
    assert_eq!(answer.user, Some(client.get_user().user_id(id).send().await.unwrap().into_inner()));
}

#[tokio::test]
async fn metadata_is_merged_at_the_top_unless_it_is_to_be_replaced() {
    let (sandbox, client) = sandbox().await;
    let id = ada(&client).await.user_id;
    let update = |metadata: Value| client.update_user().user_id(&*id).metadata(metadata);
    let kept = || Value::from(only_user(&sandbox).metadata);
    update(json!({"plan": {"name": "trial", "days": 7}, "seats": [1]})).send().await.unwrap();
    update(json!({"plan": {"name": "paid"}, "seats": null, "new": [{"a": []}]})).send().await.unwrap();
    assert_eq!(kept(), json!({"plan": {"name": "paid"}, "new": [{"a": []}]}));
    update(json!({"only": true})).replace_metadata(true).send().await.unwrap();
    assert_eq!(kept(), json!({"only": true}));
}

#[tokio::test]
async fn an_update_with_a_taken_identifier_changes_nobody() {
    let (sandbox, client) = sandbox().await;
    ada(&client).await;
    let eve = client.create_user().email("eve@example.com").send().await.unwrap().into_inner();
    let before = sandbox.streambird().users();
    let update = || client.update_user().user_id(&*eve.user_id).last_name("Changed");
    assert_refused(update().emails([EmailToAttach::new("ada@example.com")]).send().await, 409);
    assert_refused(update().phone_numbers([PhoneNumberToAttach::new("+14155550123")]).send().await, 409);
    assert_eq!(sandbox.streambird().users(), before);
}

#[tokio::test]
async fn a_deleted_user_is_gone_and_the_others_stay() {
    let (sandbox, client) = sandbox().await;
    let id = ada(&client).await.user_id;
    client.create_user().email("eve@example.com").send().await.unwrap();
    let answer = client.delete_user().user_id(&*id).send().await.unwrap().into_inner();
    assert_eq!(answer, types::DeleteResponse::new(&*id).with_message("Successfully deleted user"));
    assert_eq!(values(&only_user(&sandbox).emails), ["eve@example.com"]);
    assert_refused(client.get_user().user_id(&*id).send().await, 404);
    assert_refused(client.delete_user().user_id(&*id).send().await, 404);
    assert_eq!(values(&only_user(&sandbox).emails), ["eve@example.com"]);
}

#[tokio::test]
async fn a_deleted_email_address_leaves_the_rest_of_its_user() {
    let (sandbox, client) = sandbox().await;
    let answer = ada(&client).await;
    let email_id = answer.email_id.unwrap();
    let deleted = client.delete_email().email_id(&*email_id).send().await.unwrap();
    assert_eq!(deleted.user_id, answer.user_id);
    let user = only_user(&sandbox);
    assert!(user.emails.is_empty());
    assert_eq!(values(&user.phone_numbers), ["+14155550123"]);
    assert_refused(client.delete_email().email_id(email_id).send().await, 404);
    assert_eq!(only_user(&sandbox), user);
}

#[tokio::test]
async fn a_deleted_phone_number_leaves_the_rest_of_its_user() {
    let (sandbox, client) = sandbox().await;
    let answer = ada(&client).await;
    let phone_number_id = answer.phone_number_id.unwrap();
    let deleted = client.delete_phone_number().phone_number_id(&*phone_number_id).send().await.unwrap();
    assert_eq!(deleted.user_id, answer.user_id);
    let user = only_user(&sandbox);
    assert!(user.phone_numbers.is_empty());
    assert_eq!(values(&user.emails), ["ada@example.com"]);
    assert_refused(client.delete_phone_number().phone_number_id(phone_number_id).send().await, 404);
    assert_eq!(only_user(&sandbox), user);
}

#[tokio::test]
async fn a_wallet_that_was_not_imported_cannot_be_deleted() {
    let (sandbox, client) = sandbox().await;
    ada(&client).await;
    let before = only_user(&sandbox);
    assert_refused(client.delete_wallet().wallet_id(&*before.wallets[0].id).send().await, 400);
    assert_refused(client.delete_wallet().wallet_id("wallet_fake").send().await, 404);
    assert_eq!(only_user(&sandbox), before);
}

#[tokio::test]
async fn a_second_wallet_of_a_type_is_the_first() {
    let (sandbox, client) = sandbox().await;
    let id = ada(&client).await.user_id;
    let create =
        |wallet_type: &'static str| client.create_wallet().user_id(&*id).wallet_type(wallet_type).send();
    let solana = create("SOL").await.unwrap().into_inner();
    assert_eq!(create("SOL").await.unwrap().into_inner(), solana);
    assert_eq!(create("solana").await.unwrap().into_inner(), solana);
    let user = only_user(&sandbox);
    let kept: Vec<_> = user.wallets.iter().map(|wallet| (&*wallet.wallet_type, &*wallet.id)).collect();
    assert_eq!(kept, [("ETH", &*user.wallets[0].id), ("SOL", &*solana.id)]);
    assert_eq!(solana.user_id, Some(id.clone()));
    assert_refused(client.create_wallet().user_id("user_fake").wallet_type("SOL").send().await, 404);
    assert_eq!(only_user(&sandbox), user);
}
