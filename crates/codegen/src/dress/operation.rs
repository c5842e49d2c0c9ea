//! One builder an operation: its parameters and its body's fields are set straight on it, everything that is wrong is
//! reported at once, and the answer becomes a typed value or a typed error.

use std::collections::BTreeMap;

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::account;
use super::docs::{self, attributes};
use super::limits;
use super::sample::methods as names;
use super::types::Answers;
use super::{ident, rust_type};
use crate::model::{
    Alias, Content, Failure, Field, Operation, Place, Presence, Schema, SchemaKind, Spec, Status, Type,
};

/// `impl Client` with one method an operation, or an alias.
pub(super) fn methods(spec: &Spec) -> TokenStream {
    let methods = spec.operations.iter().flat_map(|operation| {
        names(operation).into_iter().map(|(name, alias)| {
            let docs = attributes(&docs::operation(spec, operation, alias));
            let (method, builder) = (ident(name), builder_name(name));
            let deprecated = operation.deprecated.then(|| quote!(#[deprecated]));
            quote! {
                #(#docs)*
                #deprecated
                pub fn #method(&self) -> builder::#builder {
                    builder::#builder::new(::std::clone::Clone::clone(self))
                }
            }
        })
    });
    let waiters = spec.operations.iter().flat_map(|operation| account::waiters(spec, operation));
    quote! { impl Client { #(#methods)* #(#waiters)* } }
}

/// The module `builder`.
pub(super) fn builders(
    spec: &Spec,
    arguments: &BTreeMap<String, Vec<String>>,
) -> Result<TokenStream, String> {
    let mut builders = Vec::new();
    for operation in &spec.operations {
        let arguments = arguments.get(&operation.name).map(Vec::as_slice).unwrap_or_default();
        for (name, alias) in names(operation) {
            builders.push(Builder::new(spec, operation, name, alias).tokens(arguments)?);
        }
    }
    let decoders = spec.operations.iter().map(decoder);
    Ok(quote! {
        /// One builder an operation: set the fields, then [`send`](builder).
        pub mod builder {
            #[allow(unused_imports, reason = "what the builders refer to depends on the spec")]
            use super::types;
            use super::{Client, operations};
            #(#builders)*
        }

        mod answers {
            #[allow(unused_imports, reason = "what the answers refer to depends on the spec")]
            use super::types;
            #(#decoders)*
        }
    })
}

fn builder_name(name: &str) -> Ident {
    format_ident!("{}", name.to_upper_camel_case())
}

struct Builder<'a> {
    spec: &'a Spec,
    operation: &'a Operation,
    name: Ident,
    method: String,
    slots: Vec<Slot<'a>>,
    body: Option<(&'a Schema, &'a [Vec<String>])>,
}

/// A field of the builder.
struct Slot<'a> {
    field: &'a Field,
    /// Where a parameter goes; `None` is the body.
    place: Option<Place>,
    required: bool,
    nullable: bool,
}

impl<'a> Builder<'a> {
    fn new(spec: &'a Spec, operation: &'a Operation, name: &str, alias: Option<&'a Alias>) -> Self {
        let others: Vec<_> = operation.aliases.iter().flat_map(|alias| &alias.requires).collect();
        let mut slots = Vec::new();
        for parameter in &operation.parameters {
            let field = &parameter.field;
            let mine = alias.is_some_and(|alias| alias.requires.contains(&field.wire));
            // An alias has not what the others are for.
            if mine || alias.is_none() || !others.contains(&&field.wire) {
                let required = field.required || mine;
                slots.push(Slot { field, place: Some(parameter.place), required, nullable: false });
            }
        }
        let mut body_schema = None;
        if let Some(schema) = operation.body.as_ref().and_then(|body| spec.schema(&body.schema))
            && let SchemaKind::Object { fields, one_of } = &schema.kind
        {
            body_schema = Some((schema, one_of.as_slice()));
            slots.extend(fields.iter().map(|field| {
                let presence = schema.presence(field);
                Slot {
                    field,
                    place: None,
                    required: matches!(presence, Presence::Always | Presence::AlwaysNullable),
                    nullable: matches!(presence, Presence::Nullable | Presence::AlwaysNullable),
                }
            }));
        }
        Self { spec, operation, name: builder_name(name), method: name.to_owned(), slots, body: body_schema }
    }

    fn tokens(&self, arguments: &[String]) -> Result<TokenStream, String> {
        let Self { name, method, operation, .. } = self;
        let doc = format!("Builds a call of [`Client::{method}`](super::Client::{method}).");
        let members = self.slots.iter().map(Slot::member);
        let initial = self.slots.iter().map(|slot| {
            let name = ident(&slot.field.rust);
            quote!(#name: ::std::default::Default::default())
        });
        let setters = self.slots.iter().map(Slot::setter);
        let prepare = self.prepare(arguments)?;
        let answers = Answers::of(operation);
        let (success, failure) = (answers.success_type(), answers.failure_type());
        let decode = ident(&operation.name);
        let constant = self.constant();
        let stream = self.stream(&answers)?;
        let account = account::methods(self.spec, operation);
        Ok(quote! {
            #[doc = #doc]
            #[derive(Clone, Debug)]
            #[must_use = "nothing is sent until `.send()` is awaited"]
            pub struct #name {
                client: Client,
                problems: ::enroll_core::generated::Problems,
                options: ::enroll_core::generated::CallOptions,
                #(#members,)*
            }

            impl #name {
                pub(super) fn new(client: Client) -> Self {
                    Self {
                        client,
                        problems: ::std::default::Default::default(),
                        options: ::std::default::Default::default(),
                        #(#initial,)*
                    }
                }

                #(#setters)*

                /// Repeats this call in another way than the client is configured for.
                pub fn retry(mut self, retry: ::enroll_core::Retry) -> Self {
                    self.options.retry = ::std::option::Option::Some(retry);
                    self
                }

                /// How long this call may take in all, in place of the client's time-out for an operation.
                pub fn deadline(mut self, deadline: ::std::time::Duration) -> Self {
                    self.options.deadline = ::std::option::Option::Some(deadline);
                    self
                }

                /// Sends one more header with this call.
                pub fn header(mut self, name: &str, value: &str) -> Self {
                    self.problems.add_header(&mut self.options, name, value, &operations::#constant);
                    self
                }

                /// The call as it would be sent, with everything private masked. Nothing is sent.
                ///
                /// # Errors
                /// Everything that is wrong with the request, as `send()` would report it.
                pub fn preview(
                    &self,
                ) -> ::std::result::Result<::enroll_core::Preview, ::enroll_core::Error<#failure>> {
                    let call = ::std::clone::Clone::clone(self);
                    let (client, call) = ::enroll_core::generated::masked(|| call.prepare())?;
                    ::std::result::Result::Ok(client.transport.preview(&call))
                }

                /// Sends the request and reads the answer. Dropping the future is safe; the request may have been
                /// sent by then.
                ///
                /// # Errors
                /// See the operation's documentation. Everything that is wrong with the request is reported at once,
                /// before anything is sent.
                pub async fn send(
                    self,
                ) -> ::std::result::Result<::enroll_core::Response<#success>, ::enroll_core::Error<#failure>> {
                    let (client, call) = self.prepare()?;
                    let answer = client.transport.execute(call).await?;
                    super::answers::#decode(answer)
                }

                #account

                #stream

                #prepare
            }
        })
    }

    /// Checks everything and builds the request.
    fn prepare(&self, arguments: &[String]) -> Result<TokenStream, String> {
        let constant = self.constant();
        let keyed = self.keyed();
        let fields: Vec<_> = self.slots.iter().map(|slot| ident(&slot.field.rust)).collect();
        let checks = self.slots.iter().map(|slot| slot.checks(self.spec));
        let one_of = self.body.iter().flat_map(|(_, one_of)| self.one_of(one_of));
        let required: Vec<_> = self
            .slots
            .iter()
            .filter(|slot| slot.required && !slot.nullable)
            .map(|slot| ident(&slot.field.rust))
            .collect();
        let body = self.body.map(|(schema, _)| {
            let name = ident(&schema.rust);
            let members = self.slots.iter().filter(|slot| slot.place.is_none()).map(|slot| {
                let name = ident(&slot.field.rust);
                if !self.spec.is_endless(&schema.rust, &slot.field.ty) {
                    return quote!(#name);
                }
                match slot.required && !slot.nullable {
                    true => quote!(#name: ::std::boxed::Box::new(#name)),
                    false => quote!(#name: #name.map(::std::boxed::Box::new)),
                }
            });
            quote!(let body = types::#name { #(#members),* };)
        });
        // progenitor orders its arguments in its own way, so they are matched by name. It puts an underscore on what is
        // no identifier, which the second conversion takes off again.
        let arguments = arguments
            .iter()
            .map(|name| {
                let named = |field: &&Field| field.wire.to_snake_case() == name.to_snake_case();
                let mut parameters = self.operation.parameters.iter().map(|parameter| &parameter.field);
                match parameters.find(named) {
                    Some(field) => Ok(self.argument(field)),
                    None if name == "body" => Ok(quote!(&body)),
                    None => Err(format!("never applied: no parameter gives `{name}` of {}", self.method)),
                }
            })
            .collect::<Result<Vec<_>, _>>()?;
        let request = format_ident!("request_{}", self.operation.name);
        let refused = quote! {
            return ::std::result::Result::Err(::enroll_core::generated::Failure::invalid_request(
                &operations::#constant,
                problems.into_vec(),
            ));
        };
        let admit = if required.is_empty() {
            quote!(if !problems.is_empty() { #refused })
        } else {
            quote! {
                let (#(::std::option::Option::Some(#required),)* true) = (#(#required,)* problems.is_empty()) else {
                    #refused
                };
            }
        };
        Ok(quote! {
            fn prepare(
                self,
            ) -> ::std::result::Result<
                (Client, ::enroll_core::generated::Call),
                ::enroll_core::generated::Failure,
            > {
                let Self { client, mut problems, options, #(#fields),* } = self;
                #(#checks)*
                #(#one_of)*
                // Without any of the keys that make a repeat harmless, it is not.
                let keyed = #keyed;
                #admit
                #body
                match client.#request(#(#arguments),*) {
                    ::std::result::Result::Ok(request) => ::std::result::Result::Ok((
                        client,
                        ::enroll_core::generated::Call::new(&operations::#constant, request, keyed, options),
                    )),
                    ::std::result::Result::Err(error) => {
                        ::std::result::Result::Err(error.at(&operations::#constant))
                    }
                }
            }
        })
    }

    /// The static that describes this operation, or this alias of it.
    fn constant(&self) -> Ident {
        format_ident!("{}", self.method.to_shouty_snake_case())
    }

    /// Whether the call carries one of the operation's keys. An explicit null is none.
    fn keyed(&self) -> TokenStream {
        let keys = self.slots.iter().filter(|slot| self.operation.replay.keys.contains(&slot.field.wire));
        let present = keys.map(|slot| {
            let name = ident(&slot.field.rust);
            if slot.nullable { quote!(#name.as_option().is_some()) } else { quote!(#name.is_some()) }
        });
        quote!(false #(|| #present)*)
    }

    /// At least one of several fields must be there.
    fn one_of(&self, branches: &[Vec<String>]) -> Option<TokenStream> {
        if branches.is_empty() {
            return None;
        }
        let find =
            |wire: &String| self.slots.iter().find(|slot| slot.place.is_none() && slot.field.wire == *wire);
        let branches: Vec<Vec<_>> =
            branches.iter().map(|branch| branch.iter().filter_map(find).collect()).collect();
        let present = branches.iter().map(|branch| {
            let fields = branch.iter().map(|slot| {
                let name = ident(&slot.field.rust);
                if slot.nullable { quote!(#name.as_option().is_some()) } else { quote!(#name.is_some()) }
            });
            quote!((#(#fields)&&*))
        });
        let names = branches.iter().flatten().map(|slot| &slot.field.rust);
        Some(quote!(problems.require_one_of(&[#(#names),*], &[#(#present),*]);))
    }

    /// A parameter as progenitor's function takes it.
    fn argument(&self, field: &Field) -> TokenStream {
        let name = ident(&field.rust);
        let slot = self.slots.iter().find(|slot| slot.place.is_some() && slot.field.wire == field.wire);
        let wire_required = field.required;
        let value = |base: TokenStream| match field.ty.plain() {
            Type::Integer | Type::Number | Type::Boolean if field.ty == *field.ty.plain() => quote!(*#base),
            Type::Integer | Type::Number | Type::Boolean => quote!(*#base.expose()),
            Type::EpochSeconds | Type::EpochMillis if field.ty == *field.ty.plain() => quote!(#base.as_i64()),
            Type::EpochSeconds | Type::EpochMillis => quote!(#base.expose().as_i64()),
            Type::Secret => quote!(#base.expose()),
            Type::IntegerOrString if field.ty == *field.ty.plain() => quote!(&#base.to_string()),
            Type::IntegerOrString => quote!(&#base.expose().to_string()),
            Type::Named(_) if field.ty == *field.ty.plain() => quote!(#base.as_str()),
            Type::Named(_) => quote!(#base.expose().as_str()),
            Type::List(_) if field.ty == *field.ty.plain() => quote!(#base),
            Type::List(_) => quote!(#base.expose()),
            _ if field.ty == *field.ty.plain() => quote!(#base.as_str()),
            _ => quote!(#base.expose().as_str()),
        };
        match slot {
            None => quote!(::std::option::Option::None),
            Some(slot) => match (slot.required, wire_required) {
                (true, true) => value(quote!((&#name))),
                (true, false) => {
                    let value = value(quote!((&#name)));
                    quote!(::std::option::Option::Some(#value))
                }
                // A text that is made for the request lives as long as the call that builds it.
                (false, _) if *field.ty.plain() == Type::IntegerOrString => {
                    let exposed = limits::exposed(&field.ty, &quote!(value));
                    quote!(#name.as_ref().map(|value| #exposed.to_string()).as_deref())
                }
                (false, _) => {
                    let value = value(quote!(value));
                    quote!(#name.as_ref().map(|value| #value))
                }
            },
        }
    }

    /// A stream over all pages, where the operation has them.
    fn stream(&self, answers: &Answers<'_>) -> Result<Option<TokenStream>, String> {
        let Some(pagination) = &self.operation.pagination else { return Ok(None) };
        let wrong = |what: &str| format!("x-enroll-pagination of {}: {what}", self.operation.id);
        let cursor = self.slots.iter().find(|slot| slot.field.wire == pagination.cursor);
        let cursor = ident(&cursor.ok_or_else(|| wrong("the cursor is no field of the request"))?.field.rust);
        let page = match answers.successes.as_slice() {
            [Content::Json(Type::Named(page))] => self.spec.schema(page),
            _ => None,
        };
        let Some(page @ Schema { kind: SchemaKind::Object { fields, .. }, .. }) = page else {
            return Err(wrong("the answer is no object"));
        };
        let list = fields.iter().find(|field| field.wire == pagination.items);
        let Some(list @ Field { ty: Type::List(item), .. }) = list else {
            return Err(wrong("`items` points at no list"));
        };
        let optional = page.presence(list) != Presence::Always;
        let (items, success, failure) = (ident(&list.rust), rust_type(item), answers.failure_type());
        let (next, more) = (&pagination.next, &pagination.more);
        let (last, all) = if optional {
            (
                quote!(page.#items.as_ref().and_then(|items| items.last())),
                quote!(page.#items.unwrap_or_default()),
            )
        } else {
            (quote!(page.#items.last()), quote!(page.#items))
        };
        Ok(Some(quote! {
            /// All items, page after page: a page is asked for when its first item is.
            pub fn stream(self) -> ::enroll_core::Pages<#success, ::enroll_core::Error<#failure>> {
                ::enroll_core::Pages::new(move |cursor: ::std::option::Option<::std::string::String>| {
                    let mut call = ::std::clone::Clone::clone(&self);
                    if cursor.is_some() {
                        call.#cursor = cursor;
                    }
                    async move {
                        let page = call.send().await?.into_inner();
                        let next = ::enroll_core::generated::next_cursor(&page, #last, #next, #more);
                        ::std::result::Result::Ok((#all, next))
                    }
                })
            }
        }))
    }
}

impl Slot<'_> {
    fn member(&self) -> TokenStream {
        let (name, ty) = (ident(&self.field.rust), rust_type(&self.field.ty));
        if self.nullable {
            quote!(#name: ::enroll_core::Nullable<#ty>)
        } else {
            quote!(#name: ::std::option::Option<#ty>)
        }
    }

    fn setter(&self) -> TokenStream {
        let (name, ty) = (ident(&self.field.rust), rust_type(&self.field.ty));
        let mut field = self.field.clone();
        field.required = self.required;
        let mut text = docs::field(&field);
        if self.nullable {
            text.push_str(" `Null` sends an explicit null.");
        }
        let docs = attributes(&text);
        let label = &self.field.rust;
        let (into, set) = if self.nullable {
            (quote!(IntoNullable), quote!(set_nullable))
        } else {
            (quote!(IntoField), quote!(set))
        };
        quote! {
            #(#docs)*
            pub fn #name<M>(mut self, value: impl ::enroll_core::#into<#ty, M>) -> Self {
                self.problems.#set(#label, value, &mut self.#name);
                self
            }
        }
    }

    fn checks(&self, spec: &Spec) -> TokenStream {
        let (name, label) = (ident(&self.field.rust), &self.field.rust);
        let mut checks = TokenStream::new();
        if self.required {
            let require = if self.nullable { quote!(require_nullable) } else { quote!(require) };
            checks.extend(quote!(problems.#require(#label, &#name);));
        }
        let mut inner = limits::of_value(spec, self.field, &quote!(#label), &quote!(value), true);
        if self.place == Some(Place::Path) {
            let text = match self.field.ty.plain() {
                Type::String | Type::Secret | Type::Named(_) => {
                    Some(limits::text(&self.field.ty, &quote!(value)))
                }
                Type::IntegerOrString if self.field.ty == Type::IntegerOrString => {
                    Some(quote!(&value.to_string()))
                }
                Type::IntegerOrString => Some(quote!(&value.expose().to_string())),
                _ => None,
            };
            inner.extend(text.map(|text| quote!(problems.check_path_segment(#label, #text);)));
        }
        if !inner.is_empty() {
            let value = if self.nullable { quote!(#name.as_option()) } else { quote!(&#name) };
            checks.extend(quote!(if let ::std::option::Option::Some(value) = #value { #inner }));
        }
        checks
    }
}

/// The function that turns an operation's answer into its value or its error.
fn decoder(operation: &Operation) -> TokenStream {
    let answers = Answers::of(operation);
    let (success, failure) = (answers.success_type(), answers.failure_type());
    let name = ident(&operation.name);
    let mut arms = TokenStream::new();
    let default = operation.responses.iter().find(|response| response.status == Status::Default);
    let otherwise = match default {
        Some(response) => read_failure(&answers, &response.content),
        None => quote!(::std::result::Result::Err(answer.unexpected())),
    };
    let ranges = operation.responses.iter().any(|response| matches!(response.status, Status::Range(_)));
    // Exact statuses before ranges.
    let mut responses: Vec<_> = operation.responses.iter().collect();
    responses.sort_by_key(|response| !matches!(response.status, Status::Code(_)));
    for response in responses {
        let pattern = match response.status {
            Status::Code(code) => quote!(#code),
            Status::Range(hundred) => {
                let (first, last) = (hundred * 100, hundred * 100 + 99);
                quote!(#first..=#last)
            }
            Status::Default => continue,
        };
        if let Some(hidden) = &response.failure {
            arms.extend(hidden_failure(&answers, &pattern, hidden));
        }
        let result = if response.status.is_success() {
            read_success(&answers, &response.content)
        } else {
            read_failure(&answers, &response.content)
        };
        // What the last arm does too needs no arm of its own, unless a range stands between.
        if ranges || result.to_string() != otherwise.to_string() {
            arms.extend(quote!(#pattern => #result,));
        }
    }
    arms.extend(undocumented_success(&answers));
    quote! {
        #[allow(unreachable_patterns, reason = "the spec may list a status that a range covers")]
        pub(super) fn #name(
            answer: ::enroll_core::generated::RawResponse,
        ) -> ::std::result::Result<::enroll_core::Response<#success>, ::enroll_core::Error<#failure>> {
            match answer.status() {
                #arms
                _ => #otherwise,
            }
        }
    }
}

/// An undocumented success is read as the documented one: that a server says 200 for 201 is no reason to report a user
/// that was created as an error. Whatever it is, it is not the failure that `default` speaks of.
fn undocumented_success(answers: &Answers<'_>) -> TokenStream {
    let mut arms = TokenStream::new();
    let result = match answers.successes.as_slice() {
        [] => read_success(answers, &Content::Empty),
        [single] => {
            arms.extend(
                answers.hidden_failures().map(|hidden| hidden_failure(answers, &quote!(200..=299), hidden)),
            );
            read_success(answers, single)
        }
        [Content::Empty, typed] | [typed, Content::Empty] => {
            let nothing = read_success(answers, &Content::Empty);
            arms.extend(quote!(200..=299 if answer.is_empty() => #nothing,));
            read_success(answers, typed)
        }
        _ => quote!(::std::result::Result::Err(answer.unexpected())),
    };
    arms.extend(quote!(200..=299 => #result,));
    arms
}

/// The arm for a failure that hides inside a success.
fn hidden_failure(answers: &Answers<'_>, pattern: &TokenStream, hidden: &Failure) -> TokenStream {
    let (pointer, equals) = (&hidden.pointer, hidden.equals.to_string());
    let (ty, wrap) = (rust_type(&hidden.schema), answers.wrap_failure(&hidden.schema));
    quote! {
        #pattern if answer.says(#pointer, #equals) => {
            ::std::result::Result::Err(answer.failure::<#ty, _>(#wrap))
        }
    }
}

fn read_success(answers: &Answers<'_>, content: &Content) -> TokenStream {
    let wrap = answers.wrap_success(content);
    let mapped = |read: TokenStream, fallible: bool| match (&wrap, fallible) {
        (None, true) => read,
        (None, false) => quote!(::std::result::Result::Ok(#read)),
        (Some(wrap), true) => quote!(#read.map(|answer| answer.map(#wrap))),
        (Some(wrap), false) => quote!(::std::result::Result::Ok(#read.map(#wrap))),
    };
    match content {
        Content::Empty => mapped(quote!(answer.empty()), false),
        Content::Other => mapped(quote!(answer.bytes()), false),
        Content::Json(ty) => {
            let ty = rust_type(ty);
            mapped(quote!(answer.success::<#ty, _>()), true)
        }
    }
}

fn read_failure(answers: &Answers<'_>, content: &Content) -> TokenStream {
    match content {
        Content::Json(ty) => {
            let (wrap, ty) = (answers.wrap_failure(ty), rust_type(ty));
            quote!(::std::result::Result::Err(answer.failure::<#ty, _>(#wrap)))
        }
        Content::Empty | Content::Other => quote!(::std::result::Result::Err(answer.unexpected())),
    }
}
