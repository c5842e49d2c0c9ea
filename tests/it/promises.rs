//! Promises of the types, for every provider: what compiles here is what a program may rely on.

use enroll::{Clients, Config, ConfigError, Error, NoBody, Response};

use crate::support::sandbox;

fn can_be_shared<T: Clone + Send + Sync + 'static>() {}

fn can_be_sent<T: Send>(_: T) {}

fn is_an_error<T: std::error::Error + Send + Sync + 'static>() {}

#[test]
fn clients_are_shared_between_tasks() {
    can_be_shared::<enroll::digipay::Client>();
    can_be_shared::<enroll::haptik::Client>();
    can_be_shared::<enroll::original::Client>();
    can_be_shared::<enroll::streambird::Client>();
    can_be_shared::<Clients>();
    can_be_shared::<Config>();
    can_be_shared::<enroll::Http>();
    can_be_shared::<enroll::HttpOptions>();
    can_be_shared::<enroll::Secret>();
    can_be_shared::<Response<enroll::haptik::types::User>>();
}

#[test]
fn errors_travel_through_the_question_mark() {
    is_an_error::<Error<enroll::digipay::types::Failure>>();
    is_an_error::<Error<enroll::haptik::types::Failure>>();
    is_an_error::<Error<enroll::original::types::ErrorResponse>>();
    is_an_error::<Error<enroll::streambird::types::ErrorBody>>();
    is_an_error::<Error<NoBody>>();
    is_an_error::<ConfigError>();
}

/// The futures are made and dropped: nothing is sent by a future that nobody awaits.
#[test]
fn calls_are_made_on_any_thread() {
    let clients = crate::redaction::clients("http://127.0.0.1:9");
    let haptik = clients.haptik().unwrap();
    can_be_sent(haptik.create_user().send());
    can_be_sent(haptik.update_user().send());
    can_be_sent(haptik.update_user_language().send());
    let original = clients.original().unwrap();
    can_be_sent(original.create_user().send());
    can_be_sent(original.get_user().send());
    can_be_sent(original.get_user_by_email().send());
    can_be_sent(original.get_user_by_external_id().send());
    let streambird = clients.streambird().unwrap();
    can_be_sent(streambird.create_user().send());
    can_be_sent(streambird.get_user().send());
    can_be_sent(streambird.update_user().send());
    can_be_sent(streambird.delete_user().send());
    can_be_sent(streambird.delete_email().send());
    can_be_sent(streambird.delete_phone_number().send());
    can_be_sent(streambird.delete_wallet().send());
    can_be_sent(streambird.search_users().send());
    can_be_sent(streambird.search_users().stream());
    can_be_sent(streambird.create_wallet().send());
    can_be_sent(streambird.get_wallet().send());
    let digipay = clients.digipay().unwrap();
    can_be_sent(digipay.user_register().send());
    can_be_sent(digipay.authenticate().send());
    can_be_sent(digipay.list_users().send());
    can_be_sent(digipay.update_user().send());
    can_be_sent(digipay.get_user().send());
    can_be_sent(digipay.delete_user().send());
    can_be_sent(digipay.list_user_wallets().send());
    can_be_sent(digipay.get_user_wallet().send());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_runs_in_a_task_that_owns_its_client() {
    let (sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    let tasks = ["member-1", "member-2", "member-3"].map(|auth_id| {
        let haptik = clients.haptik().unwrap().clone();
        tokio::spawn(async move { haptik.create_user().auth_id(auth_id).send().await.map(drop) })
    });
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(sandbox.haptik().users().len(), 3);
}
