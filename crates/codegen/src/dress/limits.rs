//! What a request must satisfy before it is sent: the limits that the spec states, on the operation's own fields and on
//! the objects inside them. Answers are never checked: a provider that breaks its own rules has answered all the same.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident;
use crate::model::{Field, Limits, Presence, Schema, SchemaKind, Spec, Type};

/// The checks of `value`, a reference to the field's type, as calls on `problems`. `label` is how a problem calls it:
/// a literal on the operation itself, an expression inside an object.
pub(super) fn of_value(
    spec: &Spec,
    field: &Field,
    label: &TokenStream,
    value: &TokenStream,
    on_operation: bool,
) -> TokenStream {
    let limits = &field.limits;
    let mut checks = TokenStream::new();
    match field.ty.plain() {
        Type::String | Type::Secret => {
            let text = text(&field.ty, value);
            if limits.min_length.is_some() || limits.max_length.is_some() {
                let (min, max) = (size(limits.min_length), size(limits.max_length));
                checks.extend(quote!(problems.check_length(#label, #text, #min, #max);));
            }
            if let Some(pattern) = &limits.pattern {
                let meaning = meaning(pattern, field);
                checks.extend(quote!(problems.check_pattern(#label, #text, #pattern, #meaning);));
            }
        }
        plain @ (Type::Integer | Type::EpochSeconds | Type::EpochMillis)
            if limits.minimum.is_some() || limits.maximum.is_some() =>
        {
            let exposed = exposed(&field.ty, value);
            let number = if *plain == Type::Integer { quote!(*#exposed) } else { quote!(#exposed.as_i64()) };
            let (min, max) = (number_option(limits.minimum), number_option(limits.maximum));
            checks.extend(quote!(problems.check_range(#label, #number, #min, #max);));
        }
        Type::List(_) if limits.min_items.is_some() || limits.max_items.is_some() => {
            let exposed = exposed(&field.ty, value);
            let (min, max) = (size(limits.min_items), size(limits.max_items));
            checks.extend(quote!(problems.check_items(#label, #exposed.len(), #min, #max);));
        }
        _ => {}
    }
    checks.extend(of_objects(spec, &field.ty, label, value));
    // On the operation `problems` is a value, inside an object it is a reference.
    if on_operation && !checks.is_empty() {
        checks = quote!({ let problems = &mut problems; #checks });
    }
    checks
}

/// The checks of the objects that a value is, or holds.
fn of_objects(spec: &Spec, ty: &Type, label: &TokenStream, value: &TokenStream) -> Option<TokenStream> {
    let exposed = exposed(ty, value);
    match ty.plain() {
        Type::Named(name) => is_checked(spec, name).then(|| quote!(#exposed.check(#label, problems);)),
        Type::List(inner) => each(spec, inner, label, &quote!(#exposed.iter().enumerate())),
        Type::OneOrMany(inner) => each(spec, inner, label, &quote!(#exposed.as_slice().iter().enumerate())),
        Type::Map(inner) => each(spec, inner, label, &quote!(#exposed.iter())),
        _ => None,
    }
}

fn each(spec: &Spec, inner: &Type, label: &TokenStream, items: &TokenStream) -> Option<TokenStream> {
    let checks = of_objects(spec, inner, &quote!(&path), &quote!(item))?;
    Some(quote! {
        for (key, item) in #items {
            let path = ::std::format!("{}[{key}]", #label);
            #checks
        }
    })
}

/// The method that checks an object inside a request.
pub(super) fn method(spec: &Spec, schema: &Schema) -> Option<TokenStream> {
    let SchemaKind::Object { fields, one_of } = &schema.kind else { return None };
    // The body's own fields are checked on the operation, where they were set.
    let nested = spec.schemas.iter().any(|other| match &other.kind {
        SchemaKind::Object { fields, .. } => fields.iter().any(|field| field.ty.mentions(&schema.rust)),
        _ => false,
    });
    if !schema.in_request || !nested || !is_checked(spec, &schema.rust) {
        return None;
    }
    let name = ident(&schema.rust);
    let checks = fields.iter().filter_map(|field| {
        let (member, label) = (ident(&field.rust), &field.rust);
        let label = quote!(&::std::format!("{path}.{}", #label));
        let checks = of_value(spec, field, &label, &quote!(value), false);
        let value = match schema.presence(field) {
            Presence::Always => quote!(::std::option::Option::Some(&self.#member)),
            Presence::Optional => quote!(self.#member.as_ref()),
            Presence::Nullable | Presence::AlwaysNullable => quote!(self.#member.as_option()),
        };
        (!checks.is_empty()).then(|| quote!(if let ::std::option::Option::Some(value) = #value { #checks }))
    });
    let one_of = (!one_of.is_empty()).then(|| {
        let find = |wire: &String| fields.iter().find(|field| field.wire == *wire);
        let present = one_of.iter().map(|branch| {
            let members = branch.iter().filter_map(find).map(|field| {
                let member = ident(&field.rust);
                match schema.presence(field) {
                    Presence::Always => quote!(true),
                    Presence::Optional => quote!(self.#member.is_some()),
                    Presence::Nullable | Presence::AlwaysNullable => {
                        quote!(self.#member.as_option().is_some())
                    }
                }
            });
            quote!((#(#members)&&*))
        });
        let names = one_of.iter().flatten().filter_map(find).map(|field| &field.rust);
        let message =
            format!("needs {}", names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or "));
        quote! {
            if ![#(#present),*].contains(&true) {
                problems.add(path, #message);
            }
        }
    });
    Some(quote! {
        impl #name {
            pub(super) fn check(&self, path: &str, problems: &mut ::enroll_core::generated::Problems) {
                #(#checks)*
                #one_of
            }
        }
    })
}

/// The text of a value that is one.
pub(super) fn text(ty: &Type, value: &TokenStream) -> TokenStream {
    match ty {
        Type::Secret => quote!(#value.expose()),
        Type::Named(_) => quote!(#value.as_str()),
        _ => {
            let exposed = exposed(ty, value);
            match ty.plain() {
                Type::Named(_) => quote!(#exposed.as_str()),
                _ => exposed,
            }
        }
    }
}

/// A reference to the value without its privacy.
pub(super) fn exposed(ty: &Type, value: &TokenStream) -> TokenStream {
    if matches!(ty, Type::Personal(_)) { quote!(#value.expose()) } else { value.clone() }
}

/// Whether an object has anything to check, itself or further inside.
fn is_checked(spec: &Spec, name: &str) -> bool {
    fn checked(spec: &Spec, name: &str, seen: &mut Vec<String>) -> bool {
        if seen.iter().any(|seen| seen == name) {
            return false;
        }
        seen.push(name.to_owned());
        let Some(Schema { kind: SchemaKind::Object { fields, one_of }, .. }) = spec.schema(name) else {
            return false;
        };
        !one_of.is_empty()
            || fields.iter().any(|field| {
                let mut names = Vec::new();
                field.ty.names(&mut names);
                field.limits != Limits::default() || names.iter().any(|name| checked(spec, name, seen))
            })
    }
    checked(spec, name, &mut Vec::new())
}

/// What a pattern means, in words that cure: the pattern itself and an example.
fn meaning(pattern: &str, field: &Field) -> String {
    match field.example.as_ref().and_then(|example| example.as_str()) {
        Some(example) => format!("of the form `{pattern}`, such as {example}"),
        None => format!("of the form `{pattern}`"),
    }
}

fn size(value: Option<u64>) -> TokenStream {
    match value {
        Some(value) => {
            let value = usize::try_from(value).unwrap_or(usize::MAX);
            quote!(::std::option::Option::Some(#value))
        }
        None => quote!(::std::option::Option::None),
    }
}

fn number_option(value: Option<i64>) -> TokenStream {
    match value {
        Some(value) => quote!(::std::option::Option::Some(#value)),
        None => quote!(::std::option::Option::None),
    }
}
