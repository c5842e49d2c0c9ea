//! Runs progenitor. It panics on what it does not expect, so that it is run inside a guard.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor_impl::{GenerationSettings, Generator, InterfaceStyle};

/// The types, and one function a request.
pub(crate) fn client(document: &OpenAPI) -> Result<syn::File, String> {
    let tokens = guarded(|| generator().generate_tokens(document))?;
    syn::parse2(tokens).map_err(|error| format!("progenitor's output does not parse: {error}"))
}

/// The typed mocks.
pub(crate) fn mock(document: &OpenAPI) -> Result<TokenStream, String> {
    guarded(|| generator().httpmock(document, "crate::generated"))
}

fn generator() -> Generator {
    let mut settings = GenerationSettings::new();
    // Positional and not builder: `dress` writes one builder an operation, with the body's fields on it, and needs from
    // progenitor a function that builds the request.
    settings.with_interface(InterfaceStyle::Positional).with_map_type("::std::collections::BTreeMap");
    Generator::new(&settings)
}

static HOOK: Once = Once::new();

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

fn guarded(generate: impl FnOnce() -> progenitor_impl::Result<TokenStream>) -> Result<TokenStream, String> {
    match caught(generate) {
        Ok(Ok(tokens)) => Ok(tokens),
        Ok(Err(error)) => Err(error.to_string()),
        Err(panic) => Err(format!("progenitor cannot generate this ({panic})")),
    }
}

/// What is done, or the words of its panic.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    // The hook is the process's, and others may be generating, or panicking, at the same time: it is set once, and keeps
    // quiet about this thread only.
    HOOK.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                others(panic);
            }
        }));
    });
    let before = QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    result.map_err(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
        // Some print all that they know of a schema, over pages; the first line says what it is about.
        message.lines().next().unwrap_or_default().chars().take(200).collect()
    })
}
