//! What a program does next, in a sentence or two: for the account, where one is made, and for the call.

use enroll::Delivery;

use super::calls::{Call, Ran};

pub(crate) fn next(call: &Call, ran: &Ran) -> String {
    let mut sentences = vec![match ran.outcome {
        Some(outcome) => of_account(call, ran, outcome),
        None => of_call(call, ran),
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
    let make_sure = call.making_sure.unwrap_or_default();
    match outcome {
        "Created" if call.class == "upsert" => {
            "The account is there, whether it was before or not: keep its id.".to_owned()
        }
        "Created" => "The account was made: keep its id.".to_owned(),
        "Existing" => format!("The account was there before this call. {make_sure}"),
        "Rejected" => "No account was made: show the provider's reason to the customer, and do not send the same again.".to_owned(),
        "Denied" => "No account was made, and the customer can do nothing about it: correct the credentials.".to_owned(),
        "Throttled" => "No account was made: send it again later.".to_owned(),
        "NotSent" => "Nothing was sent: correct the request, or send it again.".to_owned(),
        _ => match &ran.created_id {
            Some(_) => "The account was made, and its id could be read out of the broken answer: `Error::created_id()` has it.".to_owned(),
            None => format!("The account may be there: never send the request again without a look. {make_sure}"),
        },
    }
}

fn of_call(call: &Call, ran: &Ran) -> String {
    let reads = call.class == "safe";
    let next = match ran.delivery {
        None => "The call went well: use the value.",
        Some(Delivery::NotSent) => "Nothing was sent: correct the request, or send it again.",
        Some(Delivery::Rejected) if ran.existing => "Nothing was done: what was asked for is there already.",
        Some(Delivery::Rejected) => {
            "Nothing was done: the provider said no, and the same request will not fare better."
        }
        Some(_) if reads => "Nothing was changed, since the call only reads: ask again later.",
        Some(Delivery::Accepted) => {
            "It was done, but the answer cannot be read: do not send it again to find out."
        }
        Some(_) if call.class == "upsert" => "It may have been done: sending it again does no harm.",
        Some(_) => "It may have been done: look before sending it again.",
    };
    next.to_owned()
}
