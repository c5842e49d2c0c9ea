//! Everything that is logged on the thread of a test, by any crate and at any level.
//!
//! One subscriber serves the whole process: `tracing` remembers for each place that logs whether anybody wanted it, and
//! with a subscriber of one thread it would remember what another thread said.

use std::cell::RefCell;
use std::fmt::{Debug, Write as _};
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span;

thread_local! {
    static CAPTURED: RefCell<Option<Captured>> = const { RefCell::new(None) };
}

struct Captured {
    text: String,
    /// What is done once, when the words appear.
    reaction: Option<(&'static str, fn())>,
}

/// Captures what this thread logs, until it is dropped. A test's runtime has but one thread, so that the client's
/// background tasks are on it as well.
pub(crate) struct Logs(());

impl Logs {
    pub(crate) fn capture() -> Self {
        Self::start(None)
    }

    /// The same; and `reaction` is called when `words` are logged for the first time.
    pub(crate) fn react(words: &'static str, reaction: fn()) -> Self {
        Self::start(Some((words, reaction)))
    }

    /// What was logged so far, a line for each span, field and event.
    pub(crate) fn text(&self) -> String {
        CAPTURED.with_borrow(|captured| captured.as_ref().unwrap().text.clone())
    }

    fn start(reaction: Option<(&'static str, fn())>) -> Self {
        static INSTALL: Once = Once::new();
        INSTALL.call_once(|| {
            tracing::subscriber::set_global_default(Everything).unwrap();
            log::set_logger(&Everything).unwrap();
            log::set_max_level(log::LevelFilter::Trace);
        });
        CAPTURED.set(Some(Captured { text: String::new(), reaction }));
        Self(())
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        CAPTURED.take();
    }
}

fn note(line: &str) {
    let reaction = CAPTURED.with_borrow_mut(|captured| {
        let captured = captured.as_mut()?;
        writeln!(captured.text, "{line}").unwrap();
        captured.reaction.take_if(|(words, _)| line.contains(*words))
    });
    if let Some((_, reaction)) = reaction {
        reaction();
    }
}

/// Wants everything, and notes it for the thread that it happens on.
struct Everything;

impl tracing::Subscriber for Everything {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let metadata = span.metadata();
        note(&format!(
            "{} span {}{}",
            metadata.target(),
            metadata.name(),
            fields(|fields| span.record(fields))
        ));
        // Spans are told apart by what they say.
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        note(&fields(|fields| values.record(fields)));
    }

    fn event(&self, event: &tracing::Event<'_>) {
        note(&format!("{}{}", event.metadata().target(), fields(|fields| event.record(fields))));
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl log::Log for Everything {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        note(&format!("{} {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}

/// Fields as ` name=value`.
fn fields(record: impl FnOnce(&mut dyn Visit)) -> String {
    struct Fields(String);
    impl Visit for Fields {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            write!(self.0, " {field}={value:?}").unwrap();
        }
    }
    let mut fields = Fields(String::new());
    record(&mut fields);
    fields.0
}
