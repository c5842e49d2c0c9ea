//! Takes from progenitor's client the functions that build requests, and cuts off how it sends them.
//!
//! What is cut: the `api-version` header that no provider documents, the hooks, and the matching of answers, which is
//! where progenitor loses the status, prints bodies, and panics on a second error type.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::visit_mut::{VisitMut, visit_expr_mut, visit_local_mut, visit_path_mut};
use syn::{Expr, ImplItem, ImplItemFn, Item, ItemImpl, ItemMod, Stmt, parse_quote};

use crate::model::{Body, Spec};

/// What is taken from progenitor's client.
pub(super) struct Requests {
    /// The module `types`.
    pub(super) types: ItemMod,
    /// An `impl Client` with one `request_…` function an operation.
    pub(super) functions: TokenStream,
    /// The names of each function's arguments in their order, by operation.
    pub(super) arguments: BTreeMap<String, Vec<String>>,
}

pub(super) fn split(spec: &Spec, file: syn::File) -> Result<Requests, String> {
    let mut types = None;
    let mut functions = Vec::new();
    let mut arguments = BTreeMap::new();
    for item in file.items {
        match item {
            Item::Mod(module) if module.ident == "types" => types = Some(module),
            Item::Impl(block) if is_client(&block) => {
                let wanted = |name: &str| spec.operations.iter().any(|operation| operation.name == name);
                for item in block.items {
                    match item {
                        ImplItem::Fn(function) if wanted(&unraw(&function)) => {
                            arguments.insert(unraw(&function), argument_names(&function));
                            let name = unraw(&function);
                            let body = spec
                                .operations
                                .iter()
                                .find(|operation| operation.name == name)
                                .and_then(|operation| operation.body.as_ref());
                            functions.push(request(function, body)?);
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    if functions.len() != spec.operations.len() {
        return Err("never applied: not every operation has a request in progenitor's output".to_owned());
    }
    let types = types.ok_or("never applied: progenitor's output has no module `types`")?;
    Ok(Requests { types, functions: quote! { impl Client { #(#functions)* } }, arguments })
}

fn argument_names(function: &ImplItemFn) -> Vec<String> {
    let typed = function.sig.inputs.iter().filter_map(|input| match input {
        syn::FnArg::Typed(argument) => Some(argument.pat.to_token_stream().to_string()),
        syn::FnArg::Receiver(_) => None,
    });
    typed.map(|name| name.trim_start_matches("r#").to_owned()).collect()
}

fn is_client(block: &ItemImpl) -> bool {
    block.trait_.is_none() && block.self_ty.to_token_stream().to_string() == "Client"
}

fn unraw(function: &ImplItemFn) -> String {
    function.sig.ident.to_string().trim_start_matches("r#").to_owned()
}

fn request(mut function: ImplItemFn, body: Option<&Body>) -> Result<ImplItemFn, String> {
    let name = unraw(&function);
    let statements = &mut function.block.stmts;
    // Everything from the hooks' `OperationInfo` on is about sending.
    let end = statements
        .iter()
        .position(|statement| is_let(statement, "info"))
        .ok_or_else(|| format!("never applied: the request of {name} has no end"))?;
    statements.truncate(end);
    let before = statements.len();
    // A parameter of the provider's own may have the same name.
    statements.retain(|statement| {
        let text = statement.to_token_stream().to_string();
        !(text.contains("\"api-version\"") && text.contains("api_version ()"))
    });
    if statements.len() + 1 != before {
        return Err(format!("never applied: the request of {name} has no api-version to remove"));
    }
    if let Some(Body { media_type, .. }) =
        body.filter(|body| body.is_json() && body.media_type != "application/json")
    {
        statements.push(parse_quote! {
            request.set_content_type(#media_type);
        });
    }
    statements.push(Stmt::Expr(parse_quote!(::std::result::Result::Ok(request)), None));

    let mut paths = Paths::default();
    paths.visit_impl_item_fn_mut(&mut function);
    if (paths.addresses, paths.builders) != (1, 1) {
        return Err(format!("never applied: the request of {name} is not built as expected"));
    }
    function.attrs.clear();
    function.vis = syn::Visibility::Inherited;
    function.sig.asyncness = None;
    function.sig.ident = format_ident!("request_{name}");
    function.sig.output = parse_quote! {
        -> ::std::result::Result<
            ::enroll_core::generated::Request,
            ::enroll_core::generated::BuildError,
        >
    };
    Ok(function)
}

fn is_let(statement: &Stmt, name: &str) -> bool {
    matches!(statement, Stmt::Local(local) if local.pat.to_token_stream().to_string() == name)
}

/// Replaces progenitor's run-time library and client fields by ours.
#[derive(Default)]
struct Paths {
    /// How many addresses were found, and how many builders of requests: one each.
    addresses: usize,
    builders: usize,
}

impl VisitMut for Paths {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        let first = path.segments.first().map(|segment| segment.ident.to_string());
        match first.as_deref() {
            Some("progenitor_client") => {
                let rest = path.segments.iter().skip(1);
                *path = parse_quote!(::enroll_core::generated::#(#rest)::*);
            }
            Some("reqwest") => {
                let rest = path.segments.iter();
                *path = parse_quote!(::enroll_core::generated::#(#rest)::*);
            }
            Some("encode_path") => *path = parse_quote!(::enroll_core::generated::encode_path),
            _ => visit_path_mut(self, path),
        }
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_expr_mut(self, expression);
        // reqwest's own `form` reports what goes wrong when the request is built, which is the next step.
        if let Expr::Try(tried) = expression
            && let Expr::MethodCall(call) = &mut *tried.expr
            && call.method == "form_urlencoded"
        {
            call.method = format_ident!("form");
            *expression = Expr::MethodCall(call.clone());
        }
        if let Some(path) = path_below_base(expression) {
            *expression = path;
            self.addresses += 1;
        }
        if let Expr::MethodCall(call) = expression
            && is_field(&call.receiver, "client")
        {
            let method = format_ident!("{}", call.method.to_string().to_uppercase());
            let arguments = call.args.iter();
            *expression = parse_quote! {
                ::enroll_core::generated::RequestBuilder::new(
                    &self.transport,
                    ::enroll_core::generated::reqwest::Method::#method,
                    #(#arguments),*
                )
            };
            self.builders += 1;
        }
    }

    fn visit_local_mut(&mut self, local: &mut syn::Local) {
        // `#[allow(unused_mut)]` without a reason; the module that this is included into allows it with one.
        local.attrs.retain(|attribute| !attribute.path().is_ident("allow"));
        // There would be room for the version, which is taken out; most requests have no other.
        if let Some(init) = &mut local.init
            && init.expr.to_token_stream().to_string().contains("HeaderMap :: with_capacity")
        {
            init.expr = parse_quote!(reqwest::header::HeaderMap::new());
        }
        visit_local_mut(self, local);
    }

    fn visit_macro_mut(&mut self, invocation: &mut syn::Macro) {
        // `format!` hides expressions from the visitor: its arguments are parsed, changed, and put back.
        let arguments =
            invocation.parse_body_with(syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated);
        if let Ok(mut arguments) = arguments {
            arguments.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
            invocation.tokens = arguments.to_token_stream();
        }
        self.visit_path_mut(&mut invocation.path);
    }
}

/// Whether this is `self.name`.
fn is_field(expression: &Expr, name: &str) -> bool {
    matches!(expression, Expr::Field(_))
        && expression.to_token_stream().to_string().replace(' ', "") == format!("self.{name}")
}

/// The path alone of `format!("{}/users/{}", self.baseurl, …)`: the base URL has been parsed, and is no text any more.
fn path_below_base(expression: &Expr) -> Option<Expr> {
    let Expr::Macro(invocation) = expression else { return None };
    let arguments: Vec<Expr> = invocation
        .mac
        .parse_body_with(syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated)
        .ok()?
        .into_iter()
        .collect();
    let (template, rest) = match arguments.as_slice() {
        [Expr::Lit(template), base, rest @ ..] if is_field(base, "baseurl") => (template, rest),
        _ => return None,
    };
    let syn::Lit::Str(template) = &template.lit else { return None };
    let path = template.value().strip_prefix("{}")?.to_owned();
    Some(match rest {
        [] => parse_quote!(#path),
        rest => parse_quote!(format!(#path, #(#rest),*)),
    })
}
