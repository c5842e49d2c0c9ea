//! Makes progenitor's typed mocks fit: our paths to the libraries, base URLs with a prefix, and path values that are
//! matched as they are sent.

use proc_macro2::{Group, Ident, Literal, TokenStream, TokenTree};
use quote::quote;

/// Any base URL will do: what stands before the operation's path is whole segments.
const PREFIX: &str = "^(?:/[^/]+)*";

pub(super) fn dress(tokens: TokenStream) -> Result<TokenStream, String> {
    let mut changed = 0;
    let tokens = walk(tokens, &mut changed);
    if changed == 0 {
        return Err("never applied: progenitor's mocks match no path".to_owned());
    }
    // The first item is the module with the patterns.
    Ok(quote! {
        #[allow(clippy::unwrap_used, reason = "the patterns are made here, and one that is none fails the test")]
        #tokens
    })
}

fn walk(tokens: TokenStream, changed: &mut usize) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    // A group with a path's template also holds the values that go into it.
    let has_template = tokens.iter().any(|token| path_pattern(token).is_some());
    let mut out = TokenStream::new();
    let mut index = 0;
    while index < tokens.len() {
        let token = &tokens[index];
        let is_to_string = matches!(tokens.get(index + 1..index + 4), Some([TokenTree::Punct(dot), TokenTree::Ident(name), TokenTree::Group(_)]) if dot.as_char() == '.' && name == "to_string");
        match token {
            TokenTree::Ident(value) if has_template && is_to_string => {
                out.extend(quote!(::enroll_core::generated::path_pattern(&#value.to_string())));
                index += 3;
            }
            TokenTree::Literal(literal) => match path_pattern(token) {
                Some(pattern) => {
                    *changed += 1;
                    out.extend([TokenTree::Literal(Literal::string(&pattern))]);
                }
                None => out.extend([TokenTree::Literal(linked(literal))]),
            },
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), walk(group.stream(), changed));
                inner.set_span(group.span());
                out.extend([TokenTree::Group(inner)]);
            }
            TokenTree::Ident(name) if name == "httpmock" || name == "serde_json" => {
                // `::httpmock` becomes `::enroll_core::generated::httpmock`.
                out.extend(quote!(enroll_core::generated::));
                out.extend([TokenTree::Ident(name.clone())]);
            }
            TokenTree::Ident(name) if name == "regex" => {
                out.extend(quote!(::enroll_core::generated::));
                out.extend([TokenTree::Ident(Ident::new("regex", name.span()))]);
            }
            other => out.extend([other.clone()]),
        }
        index += 1;
    }
    out
}

/// Links in the documentation lead where the paths do.
fn linked(literal: &Literal) -> Literal {
    let written = literal.to_string();
    // Few literals have one, and parsing is slow.
    if !written.contains("](::httpmock") {
        return literal.clone();
    }
    match syn::parse_str::<syn::LitStr>(&written) {
        Ok(text) => {
            Literal::string(&text.value().replace("](::httpmock", "](enroll_core::generated::httpmock"))
        }
        Err(_) => literal.clone(),
    }
}

/// The pattern for a literal that is a path's.
fn path_pattern(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else { return None };
    let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).ok()?.value();
    let path = text.strip_prefix('^').filter(|path| path.starts_with('/'))?;
    // Braces are doubled where the pattern goes through `format!`; the prefix has none.
    // The values of the other parameters are `.*`, which would go over the ends of their segments.
    let path = path.replace(".*", "[^/]*").replace('.', r"\.");
    Some(format!("{PREFIX}{path}"))
}
