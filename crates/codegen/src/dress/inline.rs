//! Marks what is generated `#[inline]`, so that it is compiled where it is used.
//!
//! A client has all operations of a provider, and a program uses one or two. What is not generic would be compiled for every
//! program all the same, and thrown away by its linker.

use syn::{Attribute, ImplItem, Item, Signature};

use super::attribute;

/// Marks every function that has a body and no types of its own.
pub(crate) fn mark(items: &mut [Item]) {
    for item in items {
        match item {
            Item::Fn(function) => mark_one(&function.sig, &mut function.attrs),
            Item::Impl(block) if block.generics.type_params().next().is_none() => {
                for item in &mut block.items {
                    if let ImplItem::Fn(function) = item {
                        mark_one(&function.sig, &mut function.attrs);
                    }
                }
            }
            Item::Mod(module) => {
                if let Some((_, items)) = &mut module.content {
                    mark(items);
                }
            }
            _ => {}
        }
    }
}

fn mark_one(signature: &Signature, attributes: &mut Vec<Attribute>) {
    let by_argument = signature.inputs.iter().any(
        |input| matches!(input, syn::FnArg::Typed(typed) if matches!(*typed.ty, syn::Type::ImplTrait(_))),
    );
    let generic = by_argument || signature.generics.type_params().next().is_some();
    if !generic && !attributes.iter().any(|attribute| attribute.path().is_ident("inline")) {
        let inline = syn::Ident::new("inline", proc_macro2::Span::call_site());
        attributes.push(attribute(syn::Meta::Path(inline.into())));
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn what_is_not_generic_is_marked_once() {
        let mut file: syn::File = syn::parse2(quote! {
            fn plain() {}
            mod inner {
                fn plain() {}
                impl A {
                    fn plain(&self) {}
                    fn by_argument(&self, text: impl Into<String>) {}
                    fn by_parameter<T>(&self, value: T) {}
                    fn by_lifetime<'a>(&self, text: &'a str) {}
                    #[inline]
                    fn marked() {}
                }
                impl<T> From<T> for A {
                    fn from(value: T) -> Self {}
                }
            }
        })
        .unwrap();
        mark(&mut file.items);
        let expected: syn::File = syn::parse2(quote! {
            #[inline]
            fn plain() {}
            mod inner {
                #[inline]
                fn plain() {}
                impl A {
                    #[inline]
                    fn plain(&self) {}
                    fn by_argument(&self, text: impl Into<String>) {}
                    fn by_parameter<T>(&self, value: T) {}
                    #[inline]
                    fn by_lifetime<'a>(&self, text: &'a str) {}
                    #[inline]
                    fn marked() {}
                }
                impl<T> From<T> for A {
                    fn from(value: T) -> Self {}
                }
            }
        })
        .unwrap();
        assert_eq!(prettyplease::unparse(&file), prettyplease::unparse(&expected));
    }
}
