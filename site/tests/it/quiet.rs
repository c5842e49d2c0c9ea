//! What is pasted is private: it is in no line of a log, and a person's data are not in what a log would show.

use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, Once};

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::{client, site};

const CANARY: &str = "canary-4711";

/// Hears everything that any part of the program says, at any level, and keeps what should not be there.
#[derive(Debug, Default)]
struct Heard {
    of_the_sandbox: AtomicUsize,
    leaks: Mutex<Vec<String>>,
}

static HEARD: LazyLock<Heard> = LazyLock::new(Heard::default);

/// Listens from now on, to all tests: what is heard of one cannot be told from the others.
pub(crate) fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| tracing::subscriber::set_global_default(Listener).unwrap());
}

struct Listener;

#[derive(Default)]
struct Line(String);

impl Line {
    fn end(self) {
        if self.0.contains(CANARY) {
            HEARD.leaks.lock().unwrap().push(self.0);
        }
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a `String` cannot fail.
        let _ = write!(self.0, "{field}={value:?} ");
    }
}

impl Subscriber for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut line = Line::default();
        attributes.record(&mut line);
        line.end();
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line::default();
        values.record(&mut line);
        line.end();
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        if event.metadata().target().starts_with("enroll_sandbox") {
            HEARD.of_the_sandbox.fetch_add(1, Ordering::Relaxed);
        }
        let mut line = Line::default();
        event.record(&mut line);
        line.end();
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn nothing_that_is_pasted_is_logged_or_kept() {
    let (site, _folder) = site().await;
    let person =
        json!({"auth_id": "1", "name": CANARY, "email": format!("{CANARY}@example.com")}).to_string();
    for body in [person.clone(), format!("<p>{CANARY}</p>"), format!("{{\"{CANARY}\": 1}}")] {
        for status in [200, 400, 502] {
            let request = json!({
                "provider": "haptik", "operation": "createUser", "status": status, "content_type": CANARY, "body": body,
            });
            let answer = client().post(format!("{}/decode", site.url())).json(&request).send().await.unwrap();
            let best = crate::json(answer).await["best"].clone();
            let is_of_person = status == 200 && body == person;
            // Whoever pasted it sees it; a log would not show it.
            assert_eq!(best["value"]["name"] == CANARY, is_of_person, "{best}");
            let debug = best["debug"].as_str().unwrap();
            assert!(!debug.contains(CANARY), "{debug}");
            assert!(!is_of_person || debug.contains("[personal]"), "{debug}");
        }
    }
    let requests = site.sandbox().requests();
    assert!(requests.is_empty(), "{requests:?}");
    assert!(HEARD.of_the_sandbox.load(Ordering::Relaxed) > 0, "nothing was heard");
    assert_eq!(*HEARD.leaks.lock().unwrap(), [""; 0]);
}
