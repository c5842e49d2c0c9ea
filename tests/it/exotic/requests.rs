//! What the fixture's operations send.

use std::collections::BTreeMap;

use enroll::httpmock::MockServer;
use enroll::{EpochMillis, Null, Nullable};
use enroll_tests::types::{Color, Contact, Node, Shape, Square};
use serde_json::json;

use super::{BASIC, answer, assert_received, client, client_with_session};

#[tokio::test]
async fn parameters_of_every_kind_are_sent_as_documented() {
    let server = MockServer::start_async().await;
    let capture = answer(&server, 200, "application/json", "[]");
    client(&server)
        .list_things()
        .x_trace_id("trace 1")
        .x_level(3)
        .tag(vec!["a b".to_owned(), "c&d".to_owned()])
        .limit(5)
        .archived(true)
        .ratio(0.5)
        .since(1_700_000_000)
        .until(EpochMillis(1_700_000_000_123))
        .order("sideways")
        .color(Color::DarkGreen)
        .number("007")
        .email("ada@example.com")
        .r#type("round")
        .self_("me")
        .body("text")
        .two_factor("x")
        .send()
        .await
        .unwrap();
    let target = "/things?2fa=x&archived=true&body=text&color=dark-green&email=ada%40example.com&limit=5&number=007\
                  &order=sideways&ratio=0.5&self=me&since=1700000000&tag=a%20b&tag=c%26d&type=round\
                  &until=1700000000123";
    let headers = [
        ("accept", "application/json"),
        ("authorization", BASIC),
        ("x-level", "3"),
        ("x-trace-id", "trace 1"),
    ];
    assert_received(&capture.single(), &server, ("GET", target), &headers, "");
}

#[tokio::test]
async fn parameters_that_are_not_set_are_not_sent() {
    let server = MockServer::start_async().await;
    let capture = answer(&server, 200, "application/json", "[]");
    client(&server).list_things().x_level(-1).tag(Vec::new()).order(None::<&str>).send().await.unwrap();
    let headers = [("accept", "application/json"), ("authorization", BASIC), ("x-level", "-1")];
    assert_received(&capture.single(), &server, ("GET", "/things"), &headers, "");
}

#[tokio::test]
async fn wrong_parameters_are_reported_at_once_and_nothing_is_sent() {
    let server = MockServer::start_async().await;
    let capture = answer(&server, 200, "application/json", "[]");
    let error = client(&server).list_things().limit(10).color("blue").send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "exotic list_things: `color` invalid value; `x_level` is required; call `.x_level(…)`; `limit` must be at \
         most 9"
    );
    assert_eq!(capture.count(), 0);
}

#[tokio::test]
async fn a_header_value_that_http_cannot_carry_is_not_sent() {
    let server = MockServer::start_async().await;
    let capture = answer(&server, 200, "application/json", "[]");
    let error = client(&server).list_things().x_level(1).x_trace_id("a\nb").send().await.unwrap_err();
    assert!(error.is_invalid_request());
    assert_eq!(capture.count(), 0);
}

#[tokio::test]
async fn two_parameters_in_one_segment_are_escaped_each() {
    let server = MockServer::start_async().await;
    let capture = answer(&server, 204, "", "");
    client(&server).read_file().name("a/b.c").ext("t t?").send().await.unwrap();
    let target = "/v1.2/files/a%2Fb.c.t%20t%3F";
    assert_received(
        &capture.single(),
        &server,
        ("GET", target),
        &[("accept", "*/*"), ("authorization", BASIC)],
        "",
    );
}

#[tokio::test]
async fn a_path_parameter_cannot_lead_to_another_resource() {
    let server = MockServer::start_async().await;
    let capture = answer(&server, 204, "", "");
    for name in ["", ".", ".."] {
        let error = client(&server).read_file().name(name).ext("txt").send().await.unwrap_err();
        assert_eq!(error.problems()[0].subject, "name");
    }
    assert_eq!(capture.count(), 0);
}

#[tokio::test]
async fn properties_of_every_kind_are_sent_as_documented() {
    let server = MockServer::start_async().await;
    let client = client_with_session(&server);
    let capture = answer(&server, 201, "application/json", r#"{"type":"round"}"#);
    client
        .create_thing()
        .r#type("round")
        .owner("Ada")
        .color(Color::Red)
        .r#ref("r")
        .self_("me")
        .id("#1")
        .note(Null)
        .sizes(BTreeMap::from([("width".to_owned(), 1)]))
        .parts(BTreeMap::from([("left".to_owned(), Node::new(2))]))
        .root(Node::new(1).with_children(vec![Node::new(2)]).with_parent(Node::new(0)))
        .contact(Contact::new(Nullable::Null, "556"))
        .emails(vec!["ada@example.com".into()])
        .send()
        .await
        .unwrap();
    let received = capture.single();
    let expected = json!({
        "type": "round",
        "owner": "Ada",
        "color": "red",
        "ref": "r",
        "self": "me",
        "@id": "#1",
        "note": null,
        "sizes": {"width": 1},
        "parts": {"left": {"value": 2}},
        "root": {"value": 1, "children": [{"value": 2}], "parent": {"value": 0}},
        "contact": {"phone": null, "fax": "556"},
        "emails": ["ada@example.com"],
    });
    received.assert(&server, "POST", "/things", &[("authorization", "Bearer fake-token")], Some(expected));
}

#[tokio::test]
async fn a_property_that_is_required_and_nullable_is_null_or_a_value_but_never_left_out() {
    let server = MockServer::start_async().await;
    let client = client_with_session(&server);
    let capture = answer(&server, 201, "application/json", r#"{"type":"round"}"#);
    let error = client.create_thing().r#type("round").send().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "exotic create_thing: `owner` is required; call `.owner(…)`, which takes `Null` too"
    );
    assert_eq!(capture.count(), 0);
    client.create_thing().r#type("round").owner(Null).send().await.unwrap();
    let headers = [("authorization", "Bearer fake-token")];
    let expected = json!({"type": "round", "owner": null});
    capture.single().assert(&server, "POST", "/things", &headers, Some(expected));
}

#[tokio::test]
async fn limits_hold_however_deep_the_value_is() {
    let server = MockServer::start_async().await;
    let client = client_with_session(&server);
    let capture = answer(&server, 201, "application/json", r#"{"type":"round"}"#);
    let crowd = vec![Node::new(0), Node::new(0), Node::new(0)];
    let error = client
        .create_thing()
        .r#type("round")
        .owner("A")
        .parts(BTreeMap::from([("left".to_owned(), Node::new(-1))]))
        .root(
            Node::new(0)
                .with_children(vec![Node::new(0).with_parent(Node::new(-2))])
                .with_parent(Node::new(0).with_children(crowd)),
        )
        .contact(Contact::new("+14155550123".to_owned(), "556"))
        .send()
        .await
        .unwrap_err();
    let problems: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "`owner` must have at least 2 characters",
            "`parts[left].value` must be at least 0",
            "`root.children[0].parent.value` must be at least 0",
            "`root.parent.children` must have at most 2 items",
            "`contact.phone` must have at most 5 characters",
        ]
    );
    assert!(!format!("{error} {error:?}").contains("+14155550123"), "a problem never holds the value");
    assert_eq!(capture.count(), 0);
}

#[tokio::test]
async fn a_body_that_holds_its_own_kind_can_be_sent() {
    let server = MockServer::start_async().await;
    let capture = answer(&server, 204, "", "");
    let client = client(&server);
    client.replace_thing().id(7).value(1).parent(Node::new(0)).send().await.unwrap();
    let headers = [("authorization", BASIC)];
    let expected = json!({"value": 1, "parent": {"value": 0}});
    capture.single().assert(&server, "PUT", "/things/7", &headers, Some(expected));
}

#[tokio::test]
async fn a_form_is_sent_as_a_form() {
    let server = MockServer::start_async().await;
    let capture = answer(&server, 204, "", "");
    client(&server)
        .submit_form()
        .name("Ada & Co.")
        .count(2)
        .agree(true)
        .ratio(0.5)
        .color(Color::DarkGreen)
        .pin("fake-pin")
        .send()
        .await
        .unwrap();
    let headers =
        [("accept", "*/*"), ("authorization", BASIC), ("content-type", "application/x-www-form-urlencoded")];
    let body = "name=Ada+%26+Co.&count=2&agree=true&ratio=0.5&color=dark-green&pin=fake-pin";
    assert_received(&capture.single(), &server, ("POST", "/form"), &headers, body);
}

#[tokio::test]
async fn one_of_several_objects_is_sent_and_read_as_itself() {
    let server = MockServer::start_async().await;
    let capture = answer(&server, 200, "application/json", r#"{"radius": 1.5}"#);
    let square = Shape::Square(Square::new(2.0));
    let answer = client(&server).create_shape().shape(square).send().await.unwrap();
    assert!(matches!(&*answer, Shape::Circle(circle) if circle.radius == 1.5));
    let headers = [("authorization", BASIC)];
    let expected = json!({"shape": {"side": 2.0}});
    capture.single().assert(&server, "POST", "/shapes", &headers, Some(expected));
}

#[tokio::test]
#[expect(deprecated, reason = "that it is, is what is tested")]
async fn what_the_provider_has_deprecated_is_deprecated_and_works() {
    let server = MockServer::start_async().await;
    let capture = answer(&server, 299, "", "");
    client(&server).delete_thing().id(7).send().await.unwrap();
    capture.single().assert(&server, "DELETE", "/things/7", &[("authorization", BASIC)], None);
}
