//! What a fault makes of an answer.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use super::alter::{self, Documented};
use super::{Fault, Reply};
use crate::message::Answer;

/// The longest body that a reply is filled up to.
const LONGEST: usize = 64 * 1024 * 1024;

/// What the client gets.
#[derive(Debug)]
pub(crate) enum Reaction {
    /// An HTTP message.
    Answer(Answer),
    /// Bytes that need not be one, and what becomes of the connection then.
    Raw(Bytes, Then),
}

/// What becomes of a connection after something that was no proper answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It serves the next request.
    GoOn,
    /// It is closed.
    End,
    /// It is reset: the peer loses even what it has not read yet.
    Reset,
    /// Nothing more comes until the client hangs up.
    Silence,
}

impl Fault {
    /// Whether the provider acts upon the request, now.
    pub(crate) fn commits(&self) -> bool {
        !matches!(
            self,
            Self::DropBeforeCommit
                | Self::ResetBeforeCommit
                | Self::CommitLate
                | Self::ReplyBeforeCommit(_)
                | Self::RefuseCredentials
        )
    }

    /// Its name, as JSON has it.
    pub(crate) fn name(&self) -> String {
        let written = serde_json::to_value(self).unwrap_or_default();
        written.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// What the client gets in place of an answer. `documented` is what the provider's document says of the answer.
pub(crate) fn react(fault: &Fault, answer: Answer, documented: Option<Documented<'_>>) -> Reaction {
    match fault {
        Fault::DropBeforeCommit | Fault::CommitThenDrop | Fault::CommitLate => {
            Reaction::Raw(Bytes::new(), Then::End)
        }
        Fault::ResetBeforeCommit | Fault::CommitThenReset => Reaction::Raw(Bytes::new(), Then::Reset),
        Fault::CutHead => {
            let (bytes, head) = answer.into_bytes();
            Reaction::Raw(bytes.slice(..head / 2), Then::End)
        }
        Fault::CutBody => Reaction::Raw(half_the_body(answer), Then::End),
        Fault::Silence => Reaction::Raw(half_the_body(answer), Then::Silence),
        Fault::ReplyBeforeCommit(reply) | Fault::CommitThenReply(reply) => Reaction::Answer(reply.answer()),
        // The answer is already the refusal, or it has been waited for.
        Fault::RefuseCredentials | Fault::Delay(_) => Reaction::Answer(answer),
        Fault::DuplicateResponse => {
            let (bytes, _) = answer.into_bytes();
            Reaction::Raw([&bytes[..], &bytes[..]].concat().into(), Then::GoOn)
        }
        Fault::TruncateJson => {
            let content_type = answer.content_type();
            let half = alter::first_half(&answer.body()).to_owned();
            Reaction::Answer(answer.with_text(half).with_header(CONTENT_TYPE, content_type))
        }
        Fault::WrongContentType => {
            Reaction::Answer(answer.with_header(CONTENT_TYPE, HeaderValue::from_static("text/html")))
        }
        Fault::UnknownEnumValue => altered(answer, |body| {
            documented.into_iter().for_each(|documented| alter::unknown_enum_value(documented, body));
        }),
        Fault::ExtraField => altered(answer, alter::extra_field),
        Fault::MissingField { pointer } => {
            altered(answer, |body| alter::missing_field(documented, body, pointer.as_deref()))
        }
        Fault::Nulls => altered(answer, |body| {
            documented.into_iter().for_each(|documented| alter::nulls(documented, body));
        }),
    }
}

fn altered(mut answer: Answer, change: impl FnOnce(&mut Value)) -> Reaction {
    if let Some(body) = answer.json_mut() {
        change(body);
    }
    Reaction::Answer(answer)
}

fn half_the_body(answer: Answer) -> Bytes {
    let (bytes, head) = answer.into_bytes();
    bytes.slice(..head.midpoint(bytes.len()))
}

impl Reply {
    fn answer(&self) -> Answer {
        // Statuses below 200 are not answers, and what HTTP has no number for cannot be sent.
        let status = StatusCode::from_u16(self.status).ok().filter(|status| status.as_u16() >= 200);
        let mut body = self.body.clone();
        let missing = self.length.unwrap_or(0).min(LONGEST).saturating_sub(body.len());
        body.extend(std::iter::repeat_n('x', missing));
        let mut answer = Answer::empty(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)).with_text(body);
        for (name, value) in &self.headers {
            let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else {
                continue;
            };
            // How the message is framed is the server's business.
            if ![CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION].contains(&name) {
                answer = answer.with_header(name, value);
            }
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reaction(fault: Fault) -> Reaction {
        react(&fault, Answer::json(StatusCode::CREATED, json!({ "id": "0123456789" })), None)
    }

    fn raw(fault: Fault) -> (String, Then) {
        match reaction(fault) {
            Reaction::Raw(bytes, then) => (String::from_utf8(bytes.to_vec()).unwrap(), then),
            Reaction::Answer(answer) => panic!("an answer: {answer:?}"),
        }
    }

    fn sent(fault: Fault) -> String {
        match reaction(fault) {
            Reaction::Answer(answer) => String::from_utf8(answer.into_bytes().0.to_vec()).unwrap(),
            Reaction::Raw(_, then) => panic!("no answer, but {then:?}"),
        }
    }

    #[test]
    fn an_answer_is_cut_where_the_fault_says() {
        let whole = "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 19\r\n\r\n";
        let (head, then) = raw(Fault::CutHead);
        assert_eq!((head.as_str(), then), (&whole[..whole.len() / 2], Then::End));
        let (body, then) = raw(Fault::Silence);
        assert_eq!((body, then), (format!("{whole}{{\"id\":\"01"), Then::Silence));
        let (twice, then) = raw(Fault::DuplicateResponse);
        assert_eq!(then, Then::GoOn);
        assert_eq!(twice, format!("{whole}{{\"id\":\"0123456789\"}}").repeat(2));
        assert_eq!(raw(Fault::CommitThenReset), (String::new(), Then::Reset));
    }

    #[test]
    fn a_message_can_be_complete_and_wrong() {
        let truncated = sent(Fault::TruncateJson);
        assert!(
            truncated.contains("application/json") && truncated.ends_with("\r\n\r\n{\"id\":\"01"),
            "{truncated}"
        );
        assert!(truncated.contains("content-length: 9\r\n"), "{truncated}");
        let html = sent(Fault::WrongContentType);
        assert!(html.contains("content-type: text/html\r\n") && !html.contains("json\r\n"), "{html}");
    }

    #[test]
    fn a_reply_is_what_was_asked_for_as_far_as_it_can_be_sent() {
        let reply = Reply::status(503)
            .with_header("retry-after", "7")
            .with_header("content-length", "9999")
            .with_header("bad name", "x")
            .with_body("no")
            .with_length(4);
        let sent = sent(Fault::ReplyBeforeCommit(reply));
        let expected = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 7\r\ncontent-length: 4\r\n\r\nnoxx";
        assert_eq!(sent, expected);
        assert_eq!(Reply::status(42).answer().status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(Reply::status(100).answer().status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
