//! Dresses the module `types`: real field types in place of the lowered ones, open enums, privacy, documentation.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::visit_mut::VisitMut;
use syn::{Attribute, Fields, Item, ItemMod, ItemStruct, parse_quote};

use super::docs::{self, attributes};
use super::limits;
use super::{ident, list_attribute, rust_type};
use crate::model::{
    Content, Failure, Field, Operation, Presence, Schema, SchemaKind, Spec, Type, variant_name,
};

pub(super) fn dress(spec: &Spec, module: ItemMod) -> Result<TokenStream, String> {
    let (_, mut items) = module.content.ok_or("never applied: the module `types` is empty")?;
    items.iter_mut().for_each(|item| Serde.visit_item_mut(item));
    let mut kept = Vec::new();
    let mut dressed = 0;
    for mut item in items {
        let name = match &item {
            Item::Struct(item) => item.ident.to_string(),
            Item::Enum(item) => item.ident.to_string(),
            Item::Impl(item) => {
                // The lowered stand-in of an open enum brings conversions with it, and they go with it.
                let of_open_enum = spec.schemas.iter().any(|schema| {
                    matches!(schema.kind, SchemaKind::OpenEnum(_)) && mentions(item, &schema.rust)
                });
                if !of_open_enum {
                    kept.push(quote!(#item));
                }
                continue;
            }
            _ => {
                kept.push(quote!(#item));
                continue;
            }
        };
        match (spec.schema(&name), &mut item) {
            (Some(schema), Item::Struct(item)) => {
                dressed += 1;
                match &schema.kind {
                    SchemaKind::Object { fields, .. } => {
                        dress_struct(spec, schema, fields, item)?;
                        kept.push(quote!(#item));
                        kept.push(constructor(spec, schema, fields));
                        kept.extend(limits::method(spec, schema));
                    }
                    SchemaKind::OpenEnum(values) => kept.push(open_enum(schema, values)),
                    _ => {
                        add_serde(&mut item.attrs);
                        kept.push(quote!(#item));
                    }
                }
            }
            (Some(schema), Item::Enum(item)) => {
                dressed += 1;
                if matches!(schema.kind, SchemaKind::ClosedEnum(_)) {
                    kept.push(closed_enum(item));
                } else {
                    add_serde(&mut item.attrs);
                    kept.push(quote!(#item));
                }
            }
            (None, Item::Struct(item)) => {
                add_serde(&mut item.attrs);
                kept.push(quote!(#item));
            }
            (None, Item::Enum(item)) => {
                add_serde(&mut item.attrs);
                kept.push(quote!(#item));
            }
            _ => kept.push(quote!(#item)),
        }
    }
    let types = spec.schemas.iter().filter(|schema| !matches!(schema.kind, SchemaKind::Other)).count();
    if dressed < types {
        return Err(format!("never applied: {types} types were expected of progenitor, {dressed} came"));
    }
    let answers = spec.operations.iter().filter_map(|operation| Answers::of(operation).definitions());
    let doc = format!("The types of {}'s requests and answers.", spec.title);
    Ok(quote! {
        #[doc = #doc]
        pub mod types {
            #[allow(unused_imports, reason = "what the types refer to depends on the spec")]
            use super::types;
            #(#kept)*
            #(#answers)*
        }
    })
}

fn mentions(item: &syn::ItemImpl, name: &str) -> bool {
    let mut tokens = item.self_ty.to_token_stream().to_string();
    if let Some((_, path, _)) = &item.trait_ {
        tokens.push(' ');
        tokens.push_str(&path.to_token_stream().to_string());
    }
    tokens.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

/// serde is reached through the core, so that a provider's crate has one dependency.
struct Serde;

impl VisitMut for Serde {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        let first = path.segments.first().map(|segment| segment.ident.to_string());
        if path.leading_colon.is_some() && matches!(first.as_deref(), Some("serde" | "serde_json")) {
            let rest = path.segments.iter();
            *path = parse_quote!(::enroll_core::generated::#(#rest)::*);
        }
        syn::visit_mut::visit_path_mut(self, path);
    }
}

/// The derives find serde where a provider's crate has it.
fn serde_crate() -> Attribute {
    list_attribute("serde", quote!(crate = "::enroll_core::generated::serde"))
}

fn add_serde(attrs: &mut Vec<Attribute>) {
    rewrite_derives(attrs);
    if attrs.iter().any(|attr| attr.path().is_ident("derive")) {
        attrs.push(serde_crate());
    }
}

/// The same in `derive`, which the visitor does not look into; and `PartialEq`, which members of our types need.
fn rewrite_derives(attrs: &mut [Attribute]) {
    for attr in attrs.iter_mut().filter(|attr| attr.path().is_ident("derive")) {
        let mut derives: Vec<TokenStream> = Vec::new();
        let _ = attr.parse_nested_meta(|meta| {
            let path = meta.path.to_token_stream().to_string().replace(' ', "");
            derives.push(match path.strip_prefix("::serde::") {
                Some(name) => {
                    let name = format_ident!("{name}");
                    quote!(::enroll_core::generated::serde::#name)
                }
                None => meta.path.to_token_stream(),
            });
            Ok(())
        });
        if !derives.iter().any(|derive| derive.to_string() == "PartialEq") {
            derives.push(quote!(PartialEq));
        }
        *attr = list_attribute("derive", quote!(#(#derives),*));
    }
}

fn dress_struct(spec: &Spec, schema: &Schema, fields: &[Field], item: &mut ItemStruct) -> Result<(), String> {
    item.attrs = attributes(&docs::prose(&schema.description));
    let derives = quote! {
        Clone,
        Debug,
        PartialEq,
        ::enroll_core::generated::serde::Deserialize,
        ::enroll_core::generated::serde::Serialize,
    };
    item.attrs.push(list_attribute("derive", derives));
    item.attrs.push(serde_crate());
    // A provider may add a field at any time, and so may the next version of its spec.
    item.attrs.push(parse_quote!(#[non_exhaustive]));
    let Fields::Named(named) = &mut item.fields else {
        return Err(format!("never applied: {} has no named fields", schema.rust));
    };
    for existing in &mut named.named {
        let wire = wire_name(existing);
        let field = fields
            .iter()
            .find(|field| field.wire == wire)
            .ok_or_else(|| format!("never applied: {}.{wire} is no property of the spec", schema.rust))?;
        let name = ident(&field.rust);
        existing.ident = Some(name);
        existing.attrs = attributes(&docs::field(field));
        // The whole file is parsed once it is put together.
        existing.ty = syn::Type::Verbatim(member_type(spec, schema, field));
        let wire = &field.wire;
        let serde = match schema.presence(field) {
            Presence::Always | Presence::AlwaysNullable => quote!(rename = #wire),
            Presence::Optional => {
                quote!(rename = #wire, default, skip_serializing_if = "::std::option::Option::is_none")
            }
            Presence::Nullable => {
                quote!(rename = #wire, default, skip_serializing_if = "::enroll_core::Nullable::is_absent")
            }
        };
        existing.attrs.push(list_attribute("serde", serde));
    }
    // typify sorts; a person reads them in the spec's order.
    let names: Vec<_> = fields.iter().map(|field| ident(&field.rust)).collect();
    let mut sorted: Vec<_> = std::mem::take(&mut named.named).into_iter().collect();
    sorted.sort_by_cached_key(|member| names.iter().position(|name| member.ident.as_ref() == Some(name)));
    named.named = sorted.into_iter().collect();
    Ok(())
}

fn wire_name(field: &syn::Field) -> String {
    renamed(&field.attrs)
        .or_else(|| field.ident.as_ref().map(|name| name.to_string().trim_start_matches("r#").to_owned()))
        .unwrap_or_default()
}

/// The name that `#[serde(rename = …)]` gives.
fn renamed(attrs: &[Attribute]) -> Option<String> {
    let mut name = None;
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
        let _ = attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                name = Some(meta.value()?.parse::<syn::LitStr>()?.value());
            } else if let Ok(value) = meta.value() {
                value.parse::<syn::LitStr>()?;
            }
            Ok(())
        });
    }
    name
}

fn member_type(spec: &Spec, schema: &Schema, field: &Field) -> TokenStream {
    let mut ty = rust_type(&field.ty);
    if spec.is_endless(&schema.rust, &field.ty) {
        ty = quote!(::std::boxed::Box<#ty>);
    }
    match schema.presence(field) {
        Presence::Always => ty,
        Presence::Optional => quote!(::std::option::Option<#ty>),
        Presence::Nullable | Presence::AlwaysNullable => quote!(::enroll_core::Nullable<#ty>),
    }
}

/// A type that cannot be written as a literal, because it may grow, needs a constructor: its required fields, and
/// setters for the rest.
fn constructor(spec: &Spec, schema: &Schema, fields: &[Field]) -> TokenStream {
    let name = ident(&schema.rust);
    let (mut parameters, mut members, mut setters) = (Vec::new(), Vec::new(), Vec::new());
    for field in fields {
        let member = ident(&field.rust);
        let ty = rust_type(&field.ty);
        let boxed = spec.is_endless(&schema.rust, &field.ty);
        let presence = schema.presence(field);
        let wrapper = match presence {
            Presence::Always => {
                let value = boxed_if(boxed, quote!(#member.into()));
                parameters.push(quote!(#member: impl ::std::convert::Into<#ty>));
                members.push(quote!(#member: #value));
                continue;
            }
            Presence::AlwaysNullable => {
                let nullable = quote!(::enroll_core::Nullable<#ty>);
                let boxing = boxed.then(|| quote!(.map(::std::boxed::Box::new)));
                let value = quote!(::std::convert::Into::<#nullable>::into(#member)#boxing);
                parameters.push(quote!(#member: impl ::std::convert::Into<#nullable>));
                members.push(quote!(#member: #value));
                continue;
            }
            Presence::Optional => quote!(::std::option::Option::Some),
            Presence::Nullable => quote!(::enroll_core::Nullable::Value),
        };
        let value = boxed_if(boxed, quote!(value.into()));
        members.push(quote!(#member: ::std::default::Default::default()));
        let setter = format_ident!("with_{}", field.rust.trim_end_matches('_'));
        let doc = format!("Sets `{}`.", field.rust);
        setters.push(quote! {
            #[doc = #doc]
            #[must_use]
            pub fn #setter(mut self, value: impl ::std::convert::Into<#ty>) -> Self {
                self.#member = #wrapper(#value);
                self
            }
        });
    }
    quote! {
        impl #name {
            /// A value with what it cannot do without; the rest is left out.
            pub fn new(#(#parameters),*) -> Self {
                Self { #(#members),* }
            }

            #(#setters)*
        }
    }
}

fn boxed_if(boxed: bool, value: TokenStream) -> TokenStream {
    if boxed { quote!(::std::boxed::Box::new(#value)) } else { value }
}

/// typify's enum can be told as a text only by way of `Display`, which allocates.
fn closed_enum(item: &mut syn::ItemEnum) -> TokenStream {
    add_serde(&mut item.attrs);
    let name = &item.ident;
    let arms = item.variants.iter().map(|variant| {
        let (variant, wire) =
            (&variant.ident, renamed(&variant.attrs).unwrap_or_else(|| variant.ident.to_string()));
        quote!(Self::#variant => #wire)
    });
    quote! {
        #item

        impl #name {
            /// The value as it goes over the wire.
            pub fn as_str(&self) -> &'static str {
                match self { #(#arms),* }
            }
        }
    }
}

fn open_enum(schema: &Schema, values: &[String]) -> TokenStream {
    let name = ident(&schema.rust);
    let docs = attributes(&docs::prose(&schema.description));
    let variants = values.iter().map(|value| {
        let variant = ident(&variant_name(value));
        let doc = format!("`{value}`");
        quote!(#[doc = #doc] #variant = #value)
    });
    quote! {
        ::enroll_core::open_enum! {
            #(#docs)*
            pub enum #name { #(#variants,)* }
        }
    }
}

/// What the answers to an operation are in Rust: the value of a success, and the body of a failure.
pub(super) struct Answers<'a> {
    operation: &'a Operation,
    pub(super) successes: Vec<&'a Content>,
    pub(super) failures: Vec<&'a Type>,
}

impl<'a> Answers<'a> {
    pub(super) fn of(operation: &'a Operation) -> Self {
        Self { operation, successes: operation.successes(), failures: operation.failures() }
    }

    /// The failures that hide inside successes.
    pub(super) fn hidden_failures(&self) -> impl Iterator<Item = &'a Failure> {
        self.operation.responses.iter().filter_map(|response| response.failure.as_ref())
    }

    /// The type of a success.
    pub(super) fn success_type(&self) -> TokenStream {
        match self.successes.as_slice() {
            [] => quote!(()),
            [single] => content_type(single),
            [Content::Empty, typed] | [typed, Content::Empty] => {
                let typed = content_type(typed);
                quote!(::std::option::Option<#typed>)
            }
            _ => {
                let name = self.operation.success_enum().map(|name| ident(&name));
                quote!(types::#name)
            }
        }
    }

    /// The type of a failure's body.
    pub(super) fn failure_type(&self) -> TokenStream {
        match self.failures.as_slice() {
            [] => quote!(::enroll_core::NoBody),
            [single] => rust_type(single),
            _ => {
                let name = self.operation.failure_enum().map(|name| ident(&name));
                quote!(types::#name)
            }
        }
    }

    /// How a success's value becomes the operation's; `None` if it is that already.
    pub(super) fn wrap_success(&self, content: &Content) -> Option<TokenStream> {
        match self.successes.as_slice() {
            [] | [_] => None,
            [Content::Empty, _] | [_, Content::Empty] => match content {
                Content::Empty => Some(quote!(|()| ::std::option::Option::None)),
                _ => Some(quote!(::std::option::Option::Some)),
            },
            _ => {
                let (name, variant) = (self.success_type(), variant_of(content));
                Some(match content {
                    Content::Empty => quote!(|()| #name::#variant),
                    _ => quote!(#name::#variant),
                })
            }
        }
    }

    /// How a failure's body becomes the operation's.
    pub(super) fn wrap_failure(&self, ty: &Type) -> TokenStream {
        if self.failures.len() == 1 {
            return quote!(::std::convert::identity);
        }
        let (name, variant) = (self.failure_type(), variant_of(&Content::Json(ty.clone())));
        quote!(#name::#variant)
    }

    /// The enums for answers that come in several forms.
    fn definitions(&self) -> Option<TokenStream> {
        let mut definitions = TokenStream::new();
        if let Some(name) = self.operation.success_enum() {
            let doc = format!("The successes of `{}`, which come in several forms.", self.operation.name);
            let variants = self.successes.iter().map(|content| {
                let variant = variant_of(content);
                match content {
                    Content::Empty => quote!(#[doc = "A success without a body."] #variant),
                    _ => {
                        let ty = content_type(content);
                        // What no schema describes need not be JSON.
                        let bytes =
                            matches!(content, Content::Other).then(|| quote!(#[serde(skip_serializing)]));
                        quote!(#[doc = "A success with this body."] #bytes #variant(#ty))
                    }
                }
            });
            let name = ident(&name);
            definitions.extend(quote! {
                #[doc = #doc]
                #[derive(Clone, Debug, PartialEq, ::enroll_core::generated::serde::Serialize)]
                #[serde(crate = "::enroll_core::generated::serde", untagged)]
                #[non_exhaustive]
                pub enum #name { #(#variants),* }
            });
        }
        if let Some(name) = self.operation.failure_enum() {
            let doc = format!("The error bodies of `{}`, which come in several forms.", self.operation.name);
            let variants = self.failures.iter().map(|ty| {
                let variant = variant_of(&Content::Json((*ty).clone()));
                let ty = rust_type(ty);
                quote!(#[doc = "An error with this body."] #variant(#ty))
            });
            let name = ident(&name);
            definitions.extend(quote! {
                #[doc = #doc]
                #[derive(Clone, Debug, PartialEq, ::enroll_core::generated::serde::Serialize)]
                #[serde(crate = "::enroll_core::generated::serde", untagged)]
                #[non_exhaustive]
                pub enum #name { #(#variants),* }
            });
        }
        (!definitions.is_empty()).then_some(definitions)
    }
}

fn content_type(content: &Content) -> TokenStream {
    match content {
        Content::Empty => quote!(()),
        Content::Json(ty) => rust_type(ty),
        Content::Other => quote!(::enroll_core::generated::bytes::Bytes),
    }
}

fn variant_of(content: &Content) -> syn::Ident {
    ident(&content.form())
}
