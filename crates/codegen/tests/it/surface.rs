//! The surface of a client is what the generated client has, no more and no less.

use std::collections::BTreeSet;

use syn::{Fields, ImplItem, Item, Visibility};

use crate::support::{providers, spec_path, spec_text};

/// What every builder of a call has, and every client and its builder, whatever the spec says.
const ALWAYS: [&str; 13] = [
    "retry",
    "deadline",
    "header",
    "preview",
    "builder",
    "credentials",
    "from_env",
    "from_settings",
    "http",
    "into_settings",
    "new",
    "shared_http",
    "build",
];

fn module<'a>(items: &'a [Item], name: &str) -> &'a [Item] {
    let found = items.iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == name => module.content.as_ref(),
        _ => None,
    });
    &found.unwrap_or_else(|| panic!("there is no module {name}")).1
}

fn plain(name: &impl ToString) -> String {
    name.to_string().trim_start_matches("r#").to_owned()
}

/// The public methods of the types in these items, with the type.
fn methods(items: &[Item]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for item in items {
        let Item::Impl(item) = item else { continue };
        let syn::Type::Path(path) = &*item.self_ty else { continue };
        let of = plain(&path.path.segments.last().unwrap().ident);
        for method in &item.items {
            if let ImplItem::Fn(method) = method
                && matches!(method.vis, Visibility::Public(_))
                && !ALWAYS.contains(&&*plain(&method.sig.ident))
            {
                found.push((of.clone(), plain(&method.sig.ident)));
            }
        }
    }
    found
}

/// What a user of the client can name, as the surface calls it.
fn public(client: &syn::File) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (of, method) in methods(&client.items) {
        names.insert(match of.as_str() {
            "Client" => format!("operation {method}"),
            // The variants of these two are the same as the settings.
            _ => format!("setting {method}"),
        });
    }
    for item in module(&client.items, "servers") {
        if let Item::Const(item) = item {
            names.insert(format!("server {}", item.ident));
        }
    }
    let operations: BTreeSet<_> =
        names.iter().filter_map(|name| name.strip_prefix("operation ")).map(str::to_owned).collect();
    for (of, method) in methods(module(&client.items, "builder")) {
        let operation = operations.iter().find(|name| name.replace('_', "") == of.to_lowercase());
        names.insert(format!("operation {}.{method}", operation.unwrap_or(&of)));
    }
    for item in module(&client.items, "types") {
        match item {
            Item::Struct(item) => {
                names.insert(format!("type {}", item.ident));
                if let Fields::Named(fields) = &item.fields {
                    let fields = fields.named.iter().filter_map(|field| field.ident.as_ref());
                    names.extend(fields.map(|field| format!("type {}.{}", item.ident, plain(field))));
                }
            }
            Item::Enum(item) => {
                names.insert(format!("enum {}", item.ident));
                names.extend(item.variants.iter().map(|it| format!("enum {}.{}", item.ident, it.ident)));
            }
            Item::Macro(item) => {
                let item: syn::ItemEnum = {
                    // A variant has its text as a discriminant, which is an expression to the parser.
                    let text = item.mac.tokens.to_string();
                    syn::parse_str(&text).unwrap()
                };
                names.insert(format!("enum {}", item.ident));
                names.extend(item.variants.iter().map(|it| format!("enum {}.{}", item.ident, it.ident)));
            }
            _ => {}
        }
    }
    names
}

#[test]
fn the_surface_is_what_the_client_has() {
    for provider in &providers() {
        let path = spec_path(provider);
        let surface = enroll_codegen::surface(&path, &spec_text(provider)).unwrap();
        let client = enroll_codegen::generate(&path).unwrap().client;
        let has = public(&syn::parse_file(&client).unwrap());
        let says: BTreeSet<_> = surface
            .lines()
            .map(|(name, _)| name.to_owned())
            // What is true of an operation and has no name in Rust.
            .filter(|name| !name.starts_with("scheme ") && name.matches(' ').count() == 1)
            .collect();
        let missing: Vec<_> = has.difference(&says).collect();
        let invented: Vec<_> = says.difference(&has).collect();
        assert!(
            missing.is_empty() && invented.is_empty(),
            "{provider}: missing {missing:?}, invented {invented:?}"
        );
        assert!(says.len() > 10, "{provider}: {}", says.len());
    }
}

#[test]
fn no_two_lines_of_a_surface_have_one_name() {
    for provider in &providers() {
        let surface = enroll_codegen::surface(&spec_path(provider), &spec_text(provider)).unwrap();
        let names: BTreeSet<_> = surface.lines().map(|(name, _)| name).collect();
        assert_eq!(names.len(), surface.lines().count(), "{provider}");
    }
}
