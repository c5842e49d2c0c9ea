//! Puts on progenitor's output what makes it a client that one wants to use: our errors and answers in place of its
//! own, body fields on the operation, limits checked before sending, open vocabularies, privacy, documentation.
//!
//! Every change that must happen checks that it did: a change that no longer applies is an error, not a silent loss.

pub(crate) mod account;
pub(crate) mod docs;
pub(crate) mod inline;
mod limits;
mod mock;
mod operation;
mod provider;
mod request;
pub(crate) mod sample;
mod schema;
mod types;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use crate::model::{Spec, Type};

/// The client's source.
pub(crate) fn client(spec: &Spec, generated: syn::File) -> Result<TokenStream, String> {
    let request::Requests { types, functions, arguments } = request::split(spec, generated)?;
    let types = types::dress(spec, types)?;
    let schemas = schema::impls(spec);
    let provider = provider::statics(spec);
    let client = provider::client(spec);
    let builders = operation::builders(spec, &arguments)?;
    let methods = operation::methods(spec);
    Ok(quote! {
        #provider
        #client
        #methods
        #functions
        #builders
        #types
        #schemas
    })
}

/// The typed mocks' source.
pub(crate) fn mock(tokens: TokenStream) -> Result<TokenStream, String> {
    mock::dress(tokens)
}

/// A name as an identifier, raw if it is a keyword.
pub(crate) fn ident(name: &str) -> Ident {
    if is_surely_plain(name) {
        return Ident::new(name, Span::call_site());
    }
    match syn::parse_str::<Ident>(name) {
        Ok(ident) => ident,
        Err(_) if matches!(name, "self" | "super" | "crate" | "Self" | "_") => format_ident!("{name}_"),
        Err(_) => syn::parse_str(&format!("r#{name}")).unwrap_or_else(|_| {
            format_ident!("field_{}", name.replace(|c: char| !c.is_ascii_alphanumeric(), "_"))
        }),
    }
}

/// Whether a name is an identifier and no keyword, by a look: no keyword but `Self` and `_` has a capital or an underscore.
/// To ask the parser is slow, and there are thousands of names.
fn is_surely_plain(name: &str) -> bool {
    let is_word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphabetic());
    is_word && begins_well && name != "Self" && name.contains(|c: char| c == '_' || c.is_ascii_uppercase())
}

/// An attribute, put together without the parser: there are thousands of them.
fn attribute(meta: syn::Meta) -> syn::Attribute {
    syn::Attribute {
        pound_token: Default::default(),
        style: syn::AttrStyle::Outer,
        bracket_token: Default::default(),
        meta,
    }
}

/// `#[name(…)]`.
fn list_attribute(name: &str, tokens: TokenStream) -> syn::Attribute {
    attribute(syn::Meta::List(syn::MetaList {
        path: Ident::new(name, Span::call_site()).into(),
        delimiter: syn::MacroDelimiter::Paren(Default::default()),
        tokens,
    }))
}

/// The type as Rust writes it inside the generated module.
pub(crate) fn rust_type(ty: &Type) -> TokenStream {
    match ty {
        Type::String => quote!(::std::string::String),
        Type::Integer => quote!(i64),
        Type::Number => quote!(f64),
        Type::Boolean => quote!(bool),
        Type::EpochSeconds => quote!(::enroll_core::EpochSeconds),
        Type::EpochMillis => quote!(::enroll_core::EpochMillis),
        Type::IntegerOrString => quote!(::enroll_core::IntegerOrString),
        Type::Any => quote!(::enroll_core::generated::serde_json::Value),
        Type::Object => quote! {
            ::enroll_core::generated::serde_json::Map<
                ::std::string::String,
                ::enroll_core::generated::serde_json::Value,
            >
        },
        Type::Named(name) => {
            let name = ident(name);
            quote!(types::#name)
        }
        Type::List(inner) => {
            let inner = rust_type(inner);
            quote!(::std::vec::Vec<#inner>)
        }
        Type::Map(inner) => {
            let inner = rust_type(inner);
            quote!(::std::collections::BTreeMap<::std::string::String, #inner>)
        }
        Type::OneOrMany(inner) => {
            let inner = rust_type(inner);
            quote!(::enroll_core::OneOrMany<#inner>)
        }
        Type::Secret => quote!(::enroll_core::Secret),
        Type::Personal(inner) => {
            let inner = rust_type(inner);
            quote!(::enroll_core::Personal<#inner>)
        }
    }
}
