//! What an operation that makes an account offers besides `send()`: its outcome, and making sure that the account is there;
//! and the waiters of operations that read.

use heck::ToShoutySnakeCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::docs::{self, attributes};
use super::types::Answers;
use super::{ident, rust_type};
use crate::model::{By, Field, Operation, ReplayClass, Response, Schema, Spec, Status, Waiter, found_type};

/// The methods of a builder whose operation makes an account.
pub(super) fn methods(spec: &Spec, operation: &Operation) -> Option<TokenStream> {
    operation.creates.as_ref()?;
    let answers = Answers::of(operation);
    let (success, failure) = (answers.success_type(), answers.failure_type());
    let ensure = ensure(spec, operation, &success, &failure);
    let outcome_doc = attributes(&docs::in_rust(
        spec,
        format!(
            "Sends the request and says what has become of the account: one variant for each decision.\n\n{}",
            outcomes(spec, operation)
        ),
    ));
    Some(quote! {
        #(#outcome_doc)*
        pub async fn outcome(self) -> ::enroll_core::Outcome<#success, #failure> {
            ::enroll_core::Outcome::of(self.send().await)
        }

        #ensure
    })
}

fn ensure(
    spec: &Spec,
    operation: &Operation,
    success: &TokenStream,
    failure: &TokenStream,
) -> Option<TokenStream> {
    let decode = ident(&operation.name);
    if let Some(lookup) = &operation.lookup {
        let looker = spec.operation(&lookup.operation)?;
        let user = rust_type(&found_type(spec, looker, &lookup.found)?);
        let constant = lookup_name(operation);
        let keys: Vec<_> = lookup.keys.iter().map(|key| format!("`{}`", key.property)).collect();
        let doc = attributes(&format!(
            "Makes sure that the account is there: creates it, and where that leaves the answer open, looks it up by {}. \
             Safe to call twice.\n\nA user that is found has every one of these keys that was set; a user that has only \
             some of them is a `Conflict`, and nothing is merged. Without any of them, an unknown outcome stays unknown.\n\n\
             # Errors\nWhat surely made no account: the provider said no, did not accept our credentials or asked to slow \
             down, or nothing was sent.",
            keys.join(" and ")
        ));
        return Some(quote! {
            #(#doc)*
            pub async fn ensure(
                self,
            ) -> ::std::result::Result<
                ::enroll_core::Ensured<#success, #user, #failure>,
                ::enroll_core::Error<#failure>,
            > {
                let (client, call) = self.prepare()?;
                client.transport.ensure(call, &super::#constant, super::answers::#decode).await
            }
        });
    }
    (operation.replay.class == ReplayClass::Upsert).then(|| {
        quote! {
            /// Makes sure that the account is there. The provider's create is an upsert, so that sending it is enough,
            /// and so is sending it again; whether the account was there before is not told. Safe to call twice.
            ///
            /// # Errors
            /// What surely made no account: the provider said no, did not accept our credentials or asked to slow
            /// down, or nothing was sent.
            pub async fn ensure(
                self,
            ) -> ::std::result::Result<
                ::enroll_core::Ensured<#success, ::enroll_core::NoBody, #failure>,
                ::enroll_core::Error<#failure>,
            > {
                match self.send().await {
                    ::std::result::Result::Ok(response) => {
                        ::std::result::Result::Ok(::enroll_core::Ensured::Present(response))
                    }
                    ::std::result::Result::Err(error) if error.is_in_doubt() => {
                        ::std::result::Result::Ok(::enroll_core::Ensured::Unknown(error))
                    }
                    ::std::result::Result::Err(error) => ::std::result::Result::Err(error),
                }
            }
        }
    })
}

/// The part of an operation's documentation that says what has become of the account; empty for one that makes none.
pub(super) fn documentation(spec: &Spec, operation: &Operation) -> String {
    match operation.creates {
        Some(_) => format!(
            "# The account\n\n`outcome()` tells what has become of it:\n\n{}\n",
            outcomes(spec, operation)
        ),
        None => String::new(),
    }
}

/// What each outcome is made of at this provider, and what `ensure()` does, or what to do in its absence.
fn outcomes(spec: &Spec, operation: &Operation) -> String {
    let rows: String =
        outcome_rows(operation).iter().map(|(name, meaning)| format!("- `{name}`: {meaning}\n")).collect();
    docs::in_rust(spec, format!("{rows}\n{}\n", making_sure(operation)))
}

/// Each outcome with what it is made of.
pub(crate) fn outcome_rows(operation: &Operation) -> [(&'static str, String); 7] {
    let upsert = operation.replay.class == ReplayClass::Upsert;
    let created = match upsert {
        true => {
            "the account is there; whether it was there before is not told, because the create is an upsert."
        }
        false => "this call made the account.",
    };
    let existing = match existing(operation) {
        Some(answers) => format!("the account was there before, and this call made none: {answers}."),
        None if upsert => "never: an account that is there is updated.".to_owned(),
        None => "never: the provider documents no such answer, so that it comes as `Rejected`.".to_owned(),
    };
    let hidden = hidden_failure(operation).map_or_else(String::new, |place| format!(", or {place}"));
    let repeated = match upsert {
        true => " It was repeated already, as far as the client's `Retry` allows.",
        false => "",
    };
    [
        ("Created", created.to_owned()),
        ("Existing", existing),
        (
            "Rejected",
            format!("the provider said no to this request, and made no account: another 4xx{hidden}."),
        ),
        (
            "Denied",
            "our credentials were not accepted (401, 403, or no token); no account was made.".to_owned(),
        ),
        ("Throttled", "the provider asks to come back later (429); no account was made.".to_owned()),
        ("NotSent", "the request is not valid, or no connection came about; no account was made.".to_owned()),
        (
            "Unknown",
            format!(
                "the account may exist: a time-out, a broken connection, a 5xx, a redirect, or a success that cannot be \
                 read.{repeated}"
            ),
        ),
    ]
}

/// What `ensure()` does, or what to do in its absence.
pub(crate) fn making_sure(operation: &Operation) -> String {
    match &operation.lookup {
        Some(lookup) => {
            let keys: Vec<_> = lookup.keys.iter().map(|key| format!("`{}`", key.property)).collect();
            format!("`ensure()` looks the account up with `{}`, by {}.", lookup.operation, keys.join(" and "))
        }
        None if operation.replay.class == ReplayClass::Upsert => {
            "`ensure()` is the same call, for which no look is needed.".to_owned()
        }
        None => format!(
            "There is no `ensure()`: the provider has no lookup by a key. After `Unknown` do not send it again; the \
             description of `{}` says what to do instead.",
            operation.id
        ),
    }
}

/// How "already exists" looks, where the spec knows it.
pub(crate) fn existing(operation: &Operation) -> Option<String> {
    let answers: Vec<_> = operation
        .responses
        .iter()
        .flat_map(|response| response.exists.iter().map(move |condition| (response.status, condition)))
        .map(|(status, (pointer, value))| format!("{status} whose `{pointer}` is `{value}`"))
        .collect();
    (!answers.is_empty()).then(|| answers.join(", or "))
}

/// How a failure hides in a success, where it does.
fn hidden_failure(operation: &Operation) -> Option<String> {
    let answers = operation.responses.iter();
    let mut hidden = answers.filter_map(|response| Some((response.status, response.failure.as_ref()?)));
    let (status, failure) = hidden.next()?;
    Some(format!("a {status} whose `{}` is `{}`", failure.pointer, failure.equals))
}

/// What a documented failure means: the outcome that it is, and whether there is an account; or, where no account is
/// made, whether the call took effect.
pub(crate) fn meaning(operation: &Operation, response: &Response) -> &'static str {
    if operation.replay.class == ReplayClass::Safe {
        return "It only reads: nothing was changed.";
    }
    let refused = matches!(response.status, Status::Code(400..=499) | Status::Range(4));
    if operation.creates.is_none() {
        return match response.status {
            _ if refused => "`Rejected`: nothing was done.",
            Status::Default => "A 4xx did nothing; anything else may have taken effect.",
            _ => "`Unknown`: it may have taken effect.",
        };
    }
    match response.status {
        _ if !response.exists.is_empty() => {
            "`Existing` if it says so in these words, otherwise `Rejected`: this call made no account."
        }
        Status::Code(401 | 403) => "`Denied`: no account was made.",
        Status::Code(429) => "`Throttled`: no account was made.",
        _ if refused => "`Rejected`: no account was made.",
        Status::Default => "A 4xx made no account; after anything else it may exist.",
        _ => "`Unknown`: the account may exist.",
    }
}

/// The same for a failure that hides in a success.
pub(crate) fn meaning_of_hidden_failure(operation: &Operation) -> &'static str {
    match (&operation.creates, operation.replay.class) {
        (Some(_), _) => "`Rejected`: no account was made.",
        (None, ReplayClass::Safe) => "It only reads: nothing was changed.",
        (None, _) => "`Rejected`: nothing was done.",
    }
}

/// The statics that say how accounts are found again.
pub(super) fn lookups(spec: &Spec) -> TokenStream {
    let lookups = spec.operations.iter().filter_map(|operation| {
        let lookup = operation.lookup.as_ref()?;
        let constant = lookup_name(operation);
        let looker = super::provider::operation_name(spec.operation(&lookup.operation)?);
        let found = &lookup.found;
        let body = operation.body.as_ref().and_then(|body| spec.schema(&body.schema));
        let keys = lookup.keys.iter().map(|key| {
            let (property, matches) = (&key.property, &key.matches);
            let by = match &key.by {
                By::Query(name) => quote!(Query(#name)),
                By::Body(template) => {
                    let template = template.to_string();
                    quote!(Body(#template))
                }
            };
            let ignore_case = body.is_some_and(|schema| is_email(schema, property));
            quote! {
                ::enroll_core::generated::LookupKey {
                    property: #property,
                    by: ::enroll_core::generated::By::#by,
                    matches: #matches,
                    ignore_case: #ignore_case,
                }
            }
        });
        Some(quote! {
            static #constant: ::enroll_core::generated::Lookup = ::enroll_core::generated::Lookup {
                operation: &operations::#looker,
                found: #found,
                keys: &[#(#keys),*],
            };
        })
    });
    quote!(#(#lookups)*)
}

/// The methods of the client that wait.
pub(super) fn waiters(spec: &Spec, operation: &Operation) -> impl Iterator<Item = TokenStream> {
    operation.waiters.iter().map(move |waiter| wait(spec, operation, waiter))
}

fn wait(spec: &Spec, operation: &Operation, waiter: &Waiter) -> TokenStream {
    let answers = Answers::of(operation);
    let (success, failure) = (answers.success_type(), answers.failure_type());
    let (method, ask, until) = (ident(&waiter.name), ident(&operation.name), &waiter.until);
    let fields: Vec<&Field> = operation
        .parameters
        .iter()
        .map(|parameter| &parameter.field)
        .filter(|field| field.required)
        .collect();
    let arguments = fields.iter().enumerate().map(|(index, field)| {
        let (name, ty, marker) = (ident(&field.rust), rust_type(&field.ty), format_ident!("M{index}"));
        quote!(#name: impl ::enroll_core::IntoField<#ty, #marker>)
    });
    let markers = (0..fields.len()).map(|index| format_ident!("M{index}"));
    let setters = fields.iter().map(|field| {
        let name = ident(&field.rust);
        quote!(.#name(#name))
    });
    let text = format!(
        "{}\n\nIt asks `{}` again and again until then, and ends at its deadline, with the last answer. Await it.",
        docs::prose(&waiter.description),
        operation.name
    );
    let docs = attributes(&docs::in_rust(spec, text));
    quote! {
        #(#docs)*
        pub fn #method<#(#markers),*>(
            &self,
            #(#arguments),*
        ) -> ::enroll_core::Waiter<#success, #failure> {
            let call = self.#ask()#(#setters)*;
            ::enroll_core::Waiter::new(::std::clone::Clone::clone(&self.transport), #until, move || {
                ::std::clone::Clone::clone(&call).send()
            })
        }
    }
}

fn lookup_name(operation: &Operation) -> Ident {
    format_ident!("LOOKUP_{}", operation.name.to_shouty_snake_case())
}

/// Whether a property is an e-mail address, of which upper and lower case are the same.
fn is_email(schema: &Schema, property: &str) -> bool {
    schema.value["properties"][property]["format"] == "email"
}
