//! What can go wrong with a request on purpose, and when it does.

mod alter;
mod plan;
mod reaction;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(crate) use self::alter::Documented;
pub use self::plan::{Faults, Scheduled, When};
pub(crate) use self::plan::{Held, Plan};
pub(crate) use self::reaction::{Reaction, Then, react};

/// Something that goes wrong with one request.
///
/// "Commit" is the moment in which the provider acts: up to it nothing has happened, and after it the account is there,
/// whatever the client is told. A fault that says nothing of it lets the provider act and answer as ever, and then
/// spoils the answer.
///
/// As JSON, for the control interface, a fault is an object whose `kind` is its name in snake case, such as
/// `{"kind": "commit_then_drop"}`; what it contains stands beside that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// The provider does nothing, and the connection ends without an answer.
    DropBeforeCommit,
    /// The provider acts, and the connection ends without an answer.
    CommitThenDrop,
    /// The provider does nothing, and the connection is reset.
    ResetBeforeCommit,
    /// The provider acts, and the connection is reset.
    CommitThenReset,
    /// The connection ends without an answer, and the provider acts when the next request for the same operation
    /// comes, before that one: the first was under way all the time.
    CommitLate,
    /// The connection ends in the middle of the answer's head.
    CutHead,
    /// The connection ends in the middle of the answer's body.
    CutBody,
    /// Half of the body comes, and then nothing, until the client hangs up.
    Silence,
    /// The provider does nothing, and this comes in place of its answer.
    ReplyBeforeCommit(Reply),
    /// The provider acts, and this comes in place of its answer.
    CommitThenReply(Reply),
    /// The provider answers as if the credentials were wrong or had expired, in its own shape. It does nothing.
    RefuseCredentials,
    /// The answer comes late by the sandbox's clock. The provider has acted before.
    Delay(Delay),
    /// The whole answer comes twice on the same connection.
    DuplicateResponse,
    /// The JSON of the answer ends in its middle, and the message is complete nevertheless.
    TruncateJson,
    /// The answer says that it is `text/html`.
    WrongContentType,
    /// Wherever the provider's document lists the values of a property, the answer has another one.
    UnknownEnumValue,
    /// Every object of the answer has a property that the provider's document does not know.
    ExtraField,
    /// A property is missing.
    MissingField {
        /// Which one, as a JSON pointer into the answer. Without it, the first that the provider's document requires.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pointer: Option<String>,
    },
    /// Wherever the provider's document allows null, the answer has null.
    Nulls,
}

/// An answer that no provider gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reply {
    /// The status, from 200 to 599.
    pub status: u16,
    /// Fields of the head, by their names.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body.
    #[serde(default)]
    pub body: String,
    /// The body's length, if it is to be filled up with `x`; at most 64 MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<usize>,
}

impl Reply {
    /// An answer with this status, and nothing else.
    pub fn status(status: u16) -> Self {
        Self { status, headers: BTreeMap::new(), body: String::new(), length: None }
    }

    /// 429, with a wait if there is one: seconds, or a date as RFC 9110 writes it.
    pub fn throttled(retry_after: Option<&str>) -> Self {
        let reply = Self::status(429);
        match retry_after {
            Some(wait) => reply.with_header("retry-after", wait),
            None => reply,
        }
    }

    /// 502 with a page of HTML, as a gateway makes it.
    pub fn bad_gateway() -> Self {
        Self::status(502)
            .with_header("content-type", "text/html")
            .with_body("<html><body>Bad Gateway</body></html>")
    }

    /// 307 to somewhere else.
    pub fn redirect(location: &str) -> Self {
        Self::status(307).with_header("location", location)
    }

    /// Adds a field to the head.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self
    }

    /// Fills the body up with `x` to this length.
    #[must_use]
    pub fn with_length(mut self, length: usize) -> Self {
        self.length = Some(length);
        self
    }
}

/// How long an answer is held back.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "distribution", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Delay {
    /// Always as long.
    Fixed {
        /// How long.
        #[serde(rename = "milliseconds", with = "milliseconds")]
        time: Duration,
    },
    /// Every time between two bounds, all as likely.
    Uniform {
        /// The shortest.
        #[serde(rename = "from_milliseconds", with = "milliseconds")]
        from: Duration,
        /// The longest.
        #[serde(rename = "to_milliseconds", with = "milliseconds")]
        to: Duration,
    },
    /// Mostly short, and now and then long, as the waits in a queue are.
    Exponential {
        /// The mean of many.
        #[serde(rename = "mean_milliseconds", with = "milliseconds")]
        mean: Duration,
    },
}

impl Delay {
    /// The delay that a random number from 0 up to 1 stands for.
    pub(crate) fn draw(self, fraction: f64) -> Duration {
        match self {
            Self::Fixed { time } => time,
            Self::Uniform { from, to } => {
                let (from, to) = (from.min(to), from.max(to));
                from.saturating_add((to - from).mul_f64(fraction.clamp(0.0, 1.0)))
            }
            Self::Exponential { mean } => {
                // The logarithm of 0 is not a number of seconds; the longest is some 37 times the mean.
                let times = -(1.0 - fraction).max(f64::EPSILON).ln();
                Duration::try_from_secs_f64(mean.as_secs_f64() * times).unwrap_or(mean)
            }
        }
    }
}

/// Durations in JSON.
mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::*;

    #[test]
    fn faults_are_written_as_the_control_interface_documents_them() {
        let time = Duration::from_millis(250);
        for (fault, written) in [
            (Fault::CommitThenDrop, json!({"kind": "commit_then_drop"})),
            (Fault::MissingField { pointer: None }, json!({"kind": "missing_field"})),
            (
                Fault::Delay(Delay::Fixed { time }),
                json!({"kind": "delay", "distribution": "fixed", "milliseconds": 250}),
            ),
            (
                Fault::CommitThenReply(Reply::throttled(Some("7"))),
                json!({
                    "kind": "commit_then_reply", "status": 429, "headers": {"retry-after": "7"}, "body": "",
                }),
            ),
        ] {
            assert_eq!(to_value(&fault).unwrap(), written);
            assert_eq!(from_value::<Fault>(written).unwrap(), fault);
        }
    }

    #[test]
    fn delays_are_distributed_as_they_say() {
        let second = Duration::from_secs(1);
        let drawn = |delay: Delay| [0.0, 0.5, 0.999_999].map(|fraction| delay.draw(fraction));
        assert_eq!(drawn(Delay::Fixed { time: second }), [second; 3]);
        let [short, middle, long] = drawn(Delay::Uniform { from: second, to: second * 3 });
        assert_eq!((short, middle), (second, second * 2));
        assert!(long > second * 2 && long < second * 3);
        let [short, middle, long] = drawn(Delay::Exponential { mean: second });
        assert!(short.is_zero() && middle < second && long > second * 10);
        // Bounds the wrong way round, and numbers that are no fractions, are no reason to panic.
        assert_eq!(Delay::Uniform { from: second * 3, to: second }.draw(2.0), second * 3);
        Delay::Exponential { mean: Duration::MAX }.draw(1.0);
    }
}
