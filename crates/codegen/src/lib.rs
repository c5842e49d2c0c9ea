//! Spec in, Rust out: read → check → lower → progenitor → dress → print.
//!
//! A provider's client is generated from its OpenAPI document alone. This crate knows no provider by name; what is
//! special about one stands in its document. `specs/README.md` says how a document is written.

mod blame;
mod build;
mod check;
mod dress;
mod error;
mod examples;
mod features;
mod guide;
mod lower;
mod model;
mod progenitor;
mod read;
mod rule;
mod surface;

use std::path::Path;

pub use build::build;
pub use dress::docs::{evidence, inline_prose, prose};
pub use error::{Finding, Position, SpecError};
pub use examples::Example;
pub use features::{core_features, dependency};
pub use guide::{Answer, Guide, Method};
pub use read::Document;
pub use rule::{RULES, Rule};
pub use surface::Surface;

use model::Spec;

/// What is generated from one spec.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The client's source.
    pub client: String,
    /// The typed mocks' source.
    pub mock: String,
    /// A function for each sample of the documentation.
    pub samples: String,
    /// The examples of bodies, with their types.
    pub examples: Vec<Example>,
    /// The features of `enroll-core` that the client needs.
    pub features: Vec<&'static str>,
}

/// Generates a client. The provider's name is the file's stem.
///
/// # Errors
/// Everything that is wrong with the spec, each thing with its line and its cure.
pub fn generate(path: &Path) -> Result<Generated, SpecError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = format!("cannot be read: {error}");
        let (position, pointer) = (Position::default(), String::new());
        SpecError::new(path, vec![Finding { position, pointer, message, rule: rule::FILE }])
    })?;
    generate_from_text(path, &text)
}

/// The same from a text; `path` is what messages call it.
///
/// # Errors
/// As [`generate`].
pub fn generate_from_text(path: &Path, text: &str) -> Result<Generated, SpecError> {
    let document = Document::parse(text).map_err(|finding| SpecError::new(path, vec![finding]))?;
    generate_from_document(path, &document)
}

/// The same from a document that has been read.
///
/// # Errors
/// As [`generate`].
pub fn generate_from_document(path: &Path, document: &Document) -> Result<Generated, SpecError> {
    let spec = model_of(path, document).map_err(|findings| SpecError::new(path, findings))?;
    let blame = |message: String| SpecError::new(path, blame::findings(document, &spec, &message));
    let client = client_source(&spec).map_err(blame)?;
    Ok(Generated {
        features: features::of(&client),
        client,
        mock: mock_source(&spec).map_err(blame)?,
        samples: dress::sample::functions(&spec),
        examples: examples::of(&spec),
    })
}

/// What a build has use for: the client, and the mocks if they are wanted.
fn build_sources(path: &Path, text: &str, mock: bool) -> Result<(String, Option<String>), SpecError> {
    let document = Document::parse(text).map_err(|finding| SpecError::new(path, vec![finding]))?;
    let spec = model_of(path, &document).map_err(|findings| SpecError::new(path, findings))?;
    let blame = |message: String| SpecError::new(path, blame::findings(&document, &spec, &message));
    let client = client_source(&spec).map_err(blame)?;
    let mock = if mock { Some(mock_source(&spec).map_err(blame)?) } else { None };
    Ok((client, mock))
}

fn client_source(spec: &Spec) -> Result<String, String> {
    print(spec, || dress::client(spec, progenitor::client(&lower::for_client(spec)?)?))
}

fn mock_source(spec: &Spec) -> Result<String, String> {
    print(spec, || dress::mock(progenitor::mock(&lower::for_mock(spec)?)?))
}

/// The code as a file. Whatever panics on the way is an error.
fn print(
    spec: &Spec,
    generate: impl FnOnce() -> Result<proc_macro2::TokenStream, String>,
) -> Result<String, String> {
    let work = || {
        let mut file: syn::File = syn::parse2(generate()?)
            .map_err(|error| format!("the generated code does not parse: {error}"))?;
        dress::inline::mark(&mut file.items);
        let name = &spec.name;
        Ok(format!(
            "// @generated from specs/{name}.yaml by enroll-codegen. Do not edit: edit the spec and build.\n\n{}",
            prettyplease::unparse(&file)
        ))
    };
    progenitor::caught(work).unwrap_or_else(|panic| Err(format!("the generator panicked ({panic})")))
}

/// A spec as a JSON value, strictly read: duplicate and unknown keys are errors.
///
/// # Errors
/// As [`generate`].
pub fn read(path: &Path, text: &str) -> Result<serde_json::Value, SpecError> {
    let document = Document::parse(text).map_err(|finding| SpecError::new(path, vec![finding]))?;
    model_of(path, &document).map_err(|findings| SpecError::new(path, findings))?;
    Ok(document.value)
}

/// What a client shows its users, by its spec. Nothing is generated for it.
///
/// # Errors
/// As [`generate`].
pub fn surface(path: &Path, text: &str) -> Result<Surface, SpecError> {
    let document = Document::parse(text).map_err(|finding| SpecError::new(path, vec![finding]))?;
    surface_of_document(path, &document)
}

/// The same from a document that has been read.
///
/// # Errors
/// As [`generate`].
pub fn surface_of_document(path: &Path, document: &Document) -> Result<Surface, SpecError> {
    let spec = model_of(path, document).map_err(|findings| SpecError::new(path, findings))?;
    Ok(Surface::of(&spec))
}

/// What is to be told of each operation, in the order of the document. Nothing is generated for it.
///
/// # Errors
/// As [`generate`].
pub fn guides(path: &Path, text: &str) -> Result<Vec<Guide>, SpecError> {
    let document = Document::parse(text).map_err(|finding| SpecError::new(path, vec![finding]))?;
    let spec = model_of(path, &document).map_err(|findings| SpecError::new(path, findings))?;
    Ok(spec.operations.iter().map(|operation| Guide::of(&spec, operation)).collect())
}

fn model_of(path: &Path, document: &Document) -> Result<Spec, Vec<Finding>> {
    let mut findings = Vec::new();
    check::check_keys(document, &mut |rule, pointer, message| {
        findings.push(document.finding(rule, pointer, message));
    });
    if !findings.is_empty() {
        return Err(findings);
    }
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    Spec::build(name, document)
}
