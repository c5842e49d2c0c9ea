//! What a program does next, in a sentence or two: for the account, where one is made, and for the call.

use enroll::Delivery;

use super::calls::{Call, Ran};

pub(crate) fn next(call: &Call, status: u16, ran: &Ran) -> String {
    let mut sentences = vec![match ran.outcome {
        Some(outcome) => of_account(call, ran, outcome),
        None => of_call(call, status, ran).to_owned(),
    }];
    if ran.attempts > 1 {
        sentences.push(format!("The SDK has sent the request {} times by then.", ran.attempts));
    }
    if ran.error.is_some() && !ran.unreadable && ran.typed.is_none() {
        sentences.push("The body is none that is documented, so that `Error::body()` is `None`.".to_owned());
    }
    sentences.join(" ")
}

fn of_account(call: &Call, ran: &Ran, outcome: &str) -> String {
    let upsert = call.class == "upsert";
    let sentence = match outcome {
        "Created" if upsert => "The account is there, whether it was before or not: keep its id.",
        "Created" => "The account was made: keep its id.",
        "Existing" => "The account was there before this call.",
        "Rejected" => {
            "No account was made: show the provider's reason to the customer, and do not send the same again."
        }
        "Denied" => "No account was made, and the customer can do nothing about it: correct the credentials.",
        "Throttled" => "No account was made: send it again later.",
        "NotSent" => "Nothing was sent: correct the request, or send it again.",
        _ if ran.created_id.is_some() => {
            "The account was made, and its id could be read out of the broken answer: `Error::created_id()` has it."
        }
        _ if upsert => "The account may be there: sending the request again does no harm, and makes sure.",
        _ => "The account may be there: never send the request again without a look.",
    };
    match call.making_sure {
        Some(how) if !upsert && ["Existing", "Unknown"].contains(&outcome) => format!("{sentence} {how}"),
        _ => sentence.to_owned(),
    }
}

fn of_call(call: &Call, status: u16, ran: &Ran) -> &'static str {
    match (ran.delivery, status) {
        (None, _) => "The call went well: use the value.",
        (Some(Delivery::NotSent), _) => "Nothing was sent: correct the request, or send it again.",
        (Some(Delivery::Rejected), 401 | 403) => "Nothing was done: correct the credentials.",
        (Some(Delivery::Rejected), 429) => "Nothing was done: send it again later.",
        (Some(Delivery::Rejected), _) => "Nothing was done: the provider said no, and would say it again.",
        (Some(_), _) if call.class == "safe" => {
            "Nothing was changed, since the call only reads: ask again later."
        }
        (Some(Delivery::Accepted), _) => {
            "It was done, and the answer cannot be read: do not send it again to find out."
        }
        (Some(_), _) if call.class == "upsert" => "It may have been done: sending it again does no harm.",
        (Some(_), _) => "It may have been done: look before sending it again.",
    }
}
