//! What the fixture's operations make of each documented answer, and of undocumented ones.

use enroll::httpmock::MockServer;
use enroll::{Delivery, EpochMillis};
use enroll_tests::mock::MockServerExt;
use enroll_tests::types::{
    AnsweredNode, Color, CreateThingFailure, Failure, Invalid, Outage, StartJobSuccess, Thing, Ticket,
};
use serde_json::{Value, json};

use super::{answer, client, client_with_session};

/// The error of creating a thing when the provider answers so.
async fn refusal(status: u16, media_type: &str, body: &str) -> enroll::Error<CreateThingFailure> {
    let server = MockServer::start_async().await;
    let client = client_with_session(&server);
    let capture = answer(&server, status, media_type, body);
    let error = client.create_thing().r#type("round").owner(enroll::Null).send().await.unwrap_err();
    assert_eq!(capture.count(), 1);
    assert_eq!(error.status().unwrap(), status);
    assert_eq!(error.raw_body(), body.as_bytes());
    error
}

#[tokio::test]
async fn each_documented_error_body_reaches_the_user_typed() {
    let json = "application/json";
    let error = refusal(400, json, r#"{"fields":{"owner":["too short","taken"]}}"#).await;
    assert_eq!(error.delivery(), Delivery::Rejected);
    let CreateThingFailure::Invalid(Invalid { fields, .. }) = error.into_body().unwrap() else {
        panic!("a 400 is an Invalid");
    };
    assert_eq!(fields["owner"], ["too short", "taken"]);

    let error = refusal(409, json, r#"["round"]"#).await;
    // Whatever form it is, it is written as the provider wrote it.
    assert_eq!(serde_json::to_value(error.body()).unwrap(), json!(["round"]));
    assert_eq!(error.into_body().unwrap(), CreateThingFailure::TextList(vec!["round".to_owned()]));

    // 418 has no entry of its own: the range of all 4xx speaks for it.
    let error = refusal(418, json, r#"{"message":"a teapot"}"#).await;
    assert_eq!(error.delivery(), Delivery::Rejected);
    assert_eq!(error.into_body().unwrap(), CreateThingFailure::Failure(Failure::new("a teapot")));

    let error = refusal(500, json, r#"{"until":1700000000123}"#).await;
    assert_eq!(error.delivery(), Delivery::Unknown);
    let until = EpochMillis(1_700_000_000_123);
    assert_eq!(error.into_body().unwrap(), CreateThingFailure::Outage(Outage::new(until)));

    // The status's own entry goes before the range's.
    let error = refusal(503, "application/problem+json", r#""closed""#).await;
    assert_eq!(error.into_body().unwrap(), CreateThingFailure::Text("closed".to_owned()));
}

#[tokio::test]
async fn an_error_without_a_documented_body_keeps_its_bytes() {
    let error = refusal(404, "application/json", r#"{"message":"not this one's"}"#).await;
    assert_eq!((error.body(), error.delivery()), (None, Delivery::Rejected));
    let error = refusal(400, "text/html", "<h1>Bad gateway</h1>").await;
    assert_eq!((error.body(), error.delivery()), (None, Delivery::Rejected));
    let error = refusal(302, "text/html", "<h1>Moved</h1>").await;
    assert_eq!((error.body(), error.delivery()), (None, Delivery::Unknown));
}

#[tokio::test]
async fn the_default_answer_is_for_failures_and_every_2xx_is_a_success() {
    let server = MockServer::start_async().await;
    answer(&server, 203, "application/json", r#"[{"type":"round"}]"#);
    let things = client(&server).list_things().x_level(1).send().await.unwrap();
    assert_eq!((things.status().as_u16(), things.len()), (203, 1));

    let server = MockServer::start_async().await;
    server.list_things(|_, then| {
        then.default_response(451, &Failure::new("not here"));
    });
    let error = client(&server).list_things().x_level(1).send().await.unwrap_err();
    assert_eq!(error.body(), Some(&Failure::new("not here")));
}

#[tokio::test]
async fn a_success_with_or_without_a_body_is_an_option() {
    let call = async |status, body: &str| {
        let server = MockServer::start_async().await;
        answer(&server, status, "application/json", body);
        client(&server).replace_thing().id(7).value(1).send().await
    };
    assert_eq!(*call(200, r#"{"type":"round"}"#).await.unwrap(), Some(Thing::new("round")));
    assert_eq!(*call(204, "").await.unwrap(), None);
    // Neither is documented. That it worked is what counts.
    assert_eq!(*call(201, r#"{"type":"round"}"#).await.unwrap(), Some(Thing::new("round")));
    assert_eq!(*call(202, "").await.unwrap(), None);
    let error = call(202, "accepted").await.unwrap_err();
    assert!(error.is_unreadable());
    assert_eq!(error.delivery(), Delivery::Accepted);
    let error = call(404, r#"{"message":"gone"}"#).await.unwrap_err();
    assert_eq!(error.body(), Some(&Failure::new("gone")));
}

#[tokio::test]
async fn a_success_in_several_forms_is_an_enum() {
    let call = async |status, body: &str| {
        let server = MockServer::start_async().await;
        answer(&server, status, "application/json", body);
        client(&server).start_job().send().await
    };
    let (thing, ticket) = (Thing::new("round"), Ticket::new(7));
    assert_eq!(*call(200, r#"{"type":"round"}"#).await.unwrap(), StartJobSuccess::Thing(thing.clone()));
    assert_eq!(*call(202, r#"{"ticket":7}"#).await.unwrap(), StartJobSuccess::Ticket(ticket.clone()));
    assert_eq!(*call(204, "").await.unwrap(), StartJobSuccess::Empty);
    assert_eq!(*call(207, r#"[{"ticket":7}]"#).await.unwrap(), StartJobSuccess::TicketList(vec![ticket]));
    assert_eq!(*call(208, r#"[{"type":"round"}]"#).await.unwrap(), StartJobSuccess::ThingList(vec![thing]));
}

/// The job runs by then: to call it refused would have it started a second time.
#[tokio::test]
async fn an_undocumented_success_that_could_be_any_of_several_is_not_taken_for_a_refusal() {
    let server = MockServer::start_async().await;
    answer(&server, 201, "application/json", r#"{"message":"started"}"#);
    let error = client(&server).start_job().send().await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Accepted);
    assert!(!error.is_rejected());
    assert_eq!(error.raw_body(), br#"{"message":"started"}"#.as_slice());
}

#[tokio::test]
async fn plain_text_arrives_as_it_is() {
    let call = async |status, media_type, body: &str| {
        let server = MockServer::start_async().await;
        answer(&server, status, media_type, body);
        client(&server).read_motd().send().await
    };
    let motd = call(200, "text/plain", "Grüße & \u{0}").await.unwrap();
    assert_eq!(**motd, *"Grüße & \u{0}".as_bytes());
    let error = call(410, "text/plain", "no more").await.unwrap_err();
    assert_eq!((error.body(), error.raw_body().as_ref()), (None, b"no more".as_slice()));
    let error = call(422, "application/json", r#"{"message":"what?"}"#).await.unwrap_err();
    assert_eq!(error.body(), Some(&Failure::new("what?")));
}

#[test]
fn names_that_rust_cannot_write_or_has_taken_are_read_and_written() {
    let wire = json!({
        "type": "round", "ref": "r", "self": "s", "crate": "c", "Größe": 1, "@id": "#1", "3d": true,
        "misspelt-naem": "n", "color": "dark-green", "labels": {"a": "b"}, "parts": {"left": {"ticket": 1}},
        "extra": {"x": [1]}, "anything": [null],
    });
    let thing: Thing = serde_json::from_value(wire.clone()).unwrap();
    assert_eq!((thing.r#type.as_str(), thing.r#ref.as_deref()), ("round", Some("r")));
    assert_eq!((thing.self_.as_deref(), thing.crate_.as_deref()), (Some("s"), Some("c")));
    assert_eq!((thing.größe, thing.id.as_deref(), thing.three_d), (Some(1), Some("#1"), Some(true)));
    assert_eq!((thing.misspelt_name.as_deref(), thing.color), (Some("n"), Some(Color::DarkGreen)));
    assert_eq!(thing.labels.as_ref().unwrap()["a"], "b");
    assert_eq!(thing.parts.as_ref().unwrap()["left"], Ticket::new(1));
    assert_eq!(thing.anything, Some(json!([null])));
    assert_eq!(serde_json::to_value(thing).unwrap(), wire);
}

#[test]
fn an_object_that_holds_its_own_kind_is_read_however_it_does() {
    let wire = json!({
        "value": 1,
        "next": {"value": 2},
        "children": [{"value": 3}],
        "named": {"a": {"value": 4}},
        "edge": {"weight": 5, "to": {"value": 6}},
        "either": {"value": 7},
        "hidden": {"value": 8},
    });
    let node: AnsweredNode = serde_json::from_value(wire.clone()).unwrap();
    assert_eq!(node.next.as_ref().unwrap().value, 2);
    assert_eq!(node.edge.as_ref().unwrap().to.as_ref().unwrap().value, 6);
    assert_eq!(node.either.as_ref().unwrap().first().unwrap().value, 7);
    assert_eq!(node.hidden.as_ref().unwrap().expose().value, 8);
    let shown = format!("{node:?}");
    assert!(shown.contains("[personal]") && !shown.contains('8'), "{shown}");
    assert_eq!(serde_json::to_value(node).unwrap(), wire);
}

#[test]
fn a_schema_that_holds_itself_is_described_by_reference() {
    use enroll_core::generated::schemars::schema_for;

    let schema = Value::from(schema_for!(AnsweredNode));
    assert_eq!(schema["title"], "AnsweredNode");
    assert_eq!(schema["properties"]["next"], json!({"$ref": "#"}));
    assert_eq!(schema["$defs"]["Edge"]["properties"]["to"], json!({"$ref": "#"}));
}

/// A mock that asks for one of two parameters must let the other be anything, and nothing more.
#[tokio::test]
async fn mocks_match_each_of_two_parameters_in_one_segment() {
    let server = MockServer::start_async().await;
    let by_name = server.read_file(|when, then| {
        when.name("a/b");
        then.no_content();
    });
    let client = client(&server);
    client.read_file().name("a/b").ext("txt").send().await.unwrap();
    assert_eq!(client.read_file().name("b").ext("txt").send().await.unwrap_err().status().unwrap(), 404);
    assert_eq!(by_name.calls(), 1);
    let by_ext = server.read_file(|when, then| {
        when.ext("md");
        then.no_content();
    });
    client.read_file().name("b").ext("md").send().await.unwrap();
    assert_eq!(by_ext.calls(), 1);
}
