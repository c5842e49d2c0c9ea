//! The life of a user against the sandbox, and the state that each step leaves behind.

use enroll::digipay::Client;
use enroll::{Delivery, IntegerOrString, OneOrMany, Personal, StatusCode};
use enroll_sandbox::Sandbox;

use super::AWKWARD_ID;
use crate::support::sandbox;

/// A sandbox and a client of it.
async fn start() -> (Sandbox, Client) {
    let (sandbox, config) = sandbox().await;
    let clients = config.build().unwrap();
    let client = clients.digipay().unwrap().clone();
    (sandbox, client)
}

/// Registers a user, and gives the id.
async fn register(client: &Client, first_name: &str, phone_number: &str) -> String {
    let user = client.user_register().first_name(first_name).dial_code("+1").phone_number(phone_number);
    user.status_id(1).send().await.unwrap().into_inner().data.user_id
}

#[tokio::test]
async fn a_registration_leaves_one_user_with_the_details_that_were_given() {
    let (sandbox, client) = start().await;
    let answer = client
        .user_register()
        .dial_code("+1")
        .phone_number("4155550123")
        .first_name("Ada")
        .password("fake-password")
        .login_pin("0000")
        .birth_date(946_684_800_000_i64)
        .kyc_process_status("3")
        .location_point(r#"{"latitude": 37.7749, "longitude": -122.4194}"#)
        .created_by("admin")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.success, 1);
    assert!(!answer.data.token.as_ref().unwrap().token.as_ref().unwrap().is_empty());
    let users = sandbox.digipay().users();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].id, answer.data.user_id);
    let details = &users[0].details;
    assert_eq!(details.first_name.as_deref(), Some("Ada"));
    assert_eq!(details.password.as_deref(), Some("fake-password"));
    assert_eq!(details.birth_date, Some(946_684_800_000));
    assert_eq!(details.kyc_process_status, Some(3.into()));
    assert_eq!(details.created_by.as_deref(), Some("admin"));
    assert_eq!(details.email, None);
}

#[tokio::test]
async fn registering_twice_is_refused_inside_a_200_and_leaves_the_first_user() {
    let (sandbox, client) = start().await;
    let id = register(&client, "Ada", "4155550123").await;
    let again = client.user_register().first_name("Grace").dial_code("+1").phone_number("4155550123");
    let error = again.send().await.unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::OK));
    assert_eq!(error.delivery(), Delivery::Rejected);
    let reasons = error.body().unwrap().error.as_ref().unwrap();
    assert_eq!(*reasons, [Personal::from("PHONE_NUMBER_ALREADY_EXISTS")]);
    let users = sandbox.digipay().users();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].id, id);
    assert_eq!(users[0].details.first_name.as_deref(), Some("Ada"));
    let registrations = sandbox.requests();
    let registrations = registrations.iter().filter(|request| request.operation() == Some("userRegister"));
    assert_eq!(registrations.count(), 2, "a refusal is not tried again");
}

#[tokio::test]
async fn a_user_is_read_as_registered() {
    let (_sandbox, client) = start().await;
    let registration = client
        .user_register()
        .first_name("Ada")
        .kyc_status(2)
        .kyc_process_status("3")
        .birth_date(946_684_800_000_i64)
        .location_point(r#"{"latitude": 37.7749, "longitude": -122.4194}"#)
        .created_by("admin");
    let id = registration.send().await.unwrap().into_inner().data.user_id;
    let answer = client.get_user().id(&id).send().await.unwrap();
    let users = answer.data.users.as_ref().unwrap();
    assert_eq!(users.len(), 1);
    let user = &users[0];
    assert_eq!(user.id, id);
    assert_eq!(user.first_name, Some(Personal::from("Ada")));
    assert_eq!(user.kyc_status, Some(IntegerOrString::Integer(2)));
    assert_eq!(user.kyc_process_status, Some(IntegerOrString::Integer(3)));
    assert_eq!(user.birth_date, Some(Personal::from(946_684_800_000_i64)));
    assert_eq!(user.created_by.as_deref(), Some("admin"));
    let point = user.location_point.as_ref().unwrap().expose();
    assert_eq!(point["coordinates"], serde_json::json!([-122.4194, 37.7749]));
}

#[tokio::test]
async fn lists_are_searched_filtered_and_cut_into_pages() {
    let (_sandbox, client) = start().await;
    for (number, name) in ["Ada", "Grace", "Edith"].into_iter().enumerate() {
        register(&client, name, &format!("415555010{number}")).await;
    }
    let names = |answer: enroll::digipay::types::UserListAnswer| -> Vec<String> {
        let users = answer.data.users.unwrap().into_iter();
        users.map(|user| user.first_name.unwrap().into_exposed()).collect()
    };
    let all = client.list_users().send().await.unwrap().into_inner();
    assert_eq!(names(all), ["Edith", "Grace", "Ada"]);
    let page = client.list_users().skip(1).limit(1).send().await.unwrap().into_inner();
    assert_eq!(names(page), ["Grace"]);
    let found = client.list_users().search_keyword("4155550100").is_active(true).send().await.unwrap();
    assert_eq!(names(found.into_inner()), ["Ada"]);
    let none = client.list_users().search_keyword("a&b=c +%ü").send().await.unwrap();
    assert_eq!(names(none.into_inner()), [""; 0]);
    let sorted = client.list_users().sorting(r#"{"created_date": "ASC"}"#).send().await.unwrap();
    assert_eq!(names(sorted.into_inner()), ["Ada", "Grace", "Edith"]);
}

#[tokio::test]
async fn an_update_changes_what_it_names_and_nothing_else() {
    let (sandbox, client) = start().await;
    let ada = register(&client, "Ada", "4155550123").await;
    let grace = register(&client, "Grace", "4155550124").await;
    let answer = client.update_user().id(&ada).display_name("Countess").rating(4.5).send().await.unwrap();
    assert_eq!(answer.success, 1);
    let users = sandbox.digipay().users();
    assert_eq!(users[0].details.display_name.as_deref(), Some("Countess"));
    assert_eq!(users[0].details.rating, Some(4.5));
    assert_eq!(users[0].details.first_name.as_deref(), Some("Ada"));
    assert_eq!(users[1].details.display_name, None);

    // Another user's phone number is refused inside a 200, and changes nothing.
    let taken = client.update_user().id(&grace).dial_code("+1").phone_number("4155550123");
    let error = taken.send().await.unwrap_err();
    assert_eq!((error.status(), error.delivery()), (Some(StatusCode::OK), Delivery::Rejected));
    assert_eq!(sandbox.digipay().users(), users);
}

#[tokio::test]
async fn a_deletion_removes_the_user_and_a_second_one_is_a_typed_404() {
    let (sandbox, client) = start().await;
    let ada = register(&client, "Ada", "4155550123").await;
    let grace = register(&client, "Grace", "4155550124").await;
    client.delete_user().id(&ada).send().await.unwrap();
    let left: Vec<_> = sandbox.digipay().users().into_iter().map(|user| user.id).collect();
    assert_eq!(left, [grace]);
    for error in [
        client.delete_user().id(&ada).send().await.unwrap_err(),
        client.get_user().id(&ada).send().await.unwrap_err(),
        client.update_user().id(&ada).first_name("Ada").send().await.unwrap_err(),
        client.get_user_wallet().id(&ada).send().await.unwrap_err(),
    ] {
        assert_eq!(error.status(), Some(StatusCode::NOT_FOUND), "{error}");
        assert_eq!(error.delivery(), Delivery::Rejected, "{error}");
        let message = error.body().unwrap().data.as_ref().unwrap().message.as_ref().unwrap();
        assert_eq!(message.expose(), "NOT_FOUND");
    }
    assert_eq!(sandbox.digipay().users().len(), 1);
    // The phone number is free again.
    register(&client, "Ada", "4155550123").await;
    assert_eq!(sandbox.digipay().users().len(), 2);
}

#[tokio::test]
async fn wallets_are_read_of_one_user_and_listed_of_all() {
    let (_sandbox, client) = start().await;
    let ada = register(&client, "Ada", "4155550123").await;
    register(&client, "Grace", "4155550124").await;
    let read = client.get_user_wallet().id(&ada).send().await.unwrap().into_inner().data.wallet.unwrap();
    let wallet = read.first().unwrap();
    assert_eq!(wallet.user_id, Some(ada.clone()));
    assert_eq!(wallet.wallet_balance, Some(Personal::from(0.0)));
    // One wallet comes as an object, two as a list.
    let one = client.list_user_wallets().user_id(&ada).send().await.unwrap().into_inner().data.wallet;
    assert_eq!(one, Some(OneOrMany::One(wallet.clone())));
    let both = client.list_user_wallets().send().await.unwrap().into_inner().data.wallet;
    assert!(matches!(&both, Some(OneOrMany::Many(wallets)) if wallets.len() == 2), "{both:?}");
    let none = client.list_user_wallets().is_active(false).send().await.unwrap().into_inner().data.wallet;
    assert_eq!(none, Some(OneOrMany::Many(Vec::new())));
}

#[tokio::test]
async fn an_awkward_id_is_looked_up_as_it_is() {
    let (sandbox, client) = start().await;
    let error = client.get_user().id(AWKWARD_ID).send().await.unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
    assert_eq!(sandbox.requests().last().unwrap().operation(), Some("getUser"), "and not another one");
}
