//! What an operation that makes an account offers besides `send()`: its outcome, and making sure that the account is there;
//! and the waiters of operations that read.

use heck::ToShoutySnakeCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::docs::{self, attributes};
use super::types::Answers;
use super::{ident, rust_type};
use crate::model::{By, Field, Operation, ReplayClass, Schema, Spec, Waiter, found_type};

/// The methods of a builder whose operation makes an account.
pub(super) fn methods(spec: &Spec, operation: &Operation) -> Option<TokenStream> {
    operation.creates.as_ref()?;
    let answers = Answers::of(operation);
    let (success, failure) = (answers.success_type(), answers.failure_type());
    let ensure = ensure(spec, operation, &success, &failure);
    Some(quote! {
        /// Sends the request and says what has become of the account.
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
pub(super) fn waiters(operation: &Operation) -> impl Iterator<Item = TokenStream> {
    operation.waiters.iter().map(move |waiter| wait(operation, waiter))
}

fn wait(operation: &Operation, waiter: &Waiter) -> TokenStream {
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
    let docs = attributes(&format!(
        "{}\n\nIt asks `{}` again and again, and ends at its deadline. Await it.",
        docs::prose(&waiter.description),
        operation.name
    ));
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
