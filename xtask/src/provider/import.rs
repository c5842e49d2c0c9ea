//! The spec of a new provider from what there is already: an OpenAPI document, or recorded HTTP exchanges.
//!
//! What an importer cannot know it does not guess: every call that changes something is `never`, until somebody reads up
//! on it. What a document says is made looser where it must be changed, and never tighter.

mod bodies;
mod choose;
mod document;
mod examples;
mod exchange;
mod flatten;
mod infer;
mod json;
mod names;
mod openapi;
mod parameters;
mod private;
mod record;
mod schemas;
mod security;
mod servers;
mod settle;
mod shape;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use self::document::Document;

/// The stack for everything that goes from schema to schema; the depth of that is bounded, and a debug build's frames
/// are large.
const STACK: usize = 256 << 20;

/// The text of `specs/<name>.yaml`, made from an OpenAPI document reduced to these operations, or from recorded
/// exchanges. What had to be left out is printed, with its line.
pub(crate) fn import(name: &str, sources: &[PathBuf], operations: &[String]) -> Result<String, String> {
    let (text, notes) = import_quietly(name, sources, operations)?;
    for note in notes {
        eprintln!("note: {note}");
    }
    Ok(text)
}

/// The same, with the notes.
pub(crate) fn import_quietly(
    name: &str,
    sources: &[PathBuf],
    operations: &[String],
) -> Result<(String, Vec<String>), String> {
    let work = || {
        let mut read = Vec::new();
        for source in sources {
            let shown = source.display();
            let bytes = std::fs::read(source).map_err(|error| format!("{shown}: cannot be read: {error}"))?;
            read.push((source.as_path(), bytes));
        }
        from_bytes(name, &read, operations)
    };
    with_stack(work)
}

fn from_bytes(
    name: &str,
    sources: &[(&Path, Vec<u8>)],
    operations: &[String],
) -> Result<(String, Vec<String>), String> {
    if sources.iter().all(|(path, bytes)| exchange::is_recording(path, bytes)) {
        let mut exchanges = Vec::new();
        for (path, bytes) in sources {
            exchanges.extend(exchange::read(path, bytes)?);
        }
        let document = Document::made("the recording", record::document(name, &exchanges)?);
        return from_document(name, &document, operations, &Origin::Recording);
    }
    let [(path, bytes)] = sources else {
        return Err("an OpenAPI document is imported alone; bundle several files into one first".to_owned());
    };
    let document = Document::parse(&path.display().to_string(), bytes)?;
    from_document(name, &document, operations, &Origin::Document)
}

fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => panic!("no thread can be had: {error}"),
        }
    })
}

fn from_document(
    name: &str,
    document: &Document,
    operations: &[String],
    origin: &Origin,
) -> Result<(String, Vec<String>), String> {
    let value = &document.value;
    match &value["openapi"] {
        Value::String(version) if version.starts_with("3.") => {}
        Value::Number(version) if version.to_string().starts_with('3') => {}
        _ if value.get("swagger").is_some() => {
            let message = "is Swagger 2.0; convert it to OpenAPI 3 first (swagger2openapi does that)";
            return Err(document.finding("/swagger", message));
        }
        _ => {
            return Err(document.finding("/openapi", "is no OpenAPI document: it begins with `openapi: 3.…`"));
        }
    }
    let chosen = choose::operations(document, operations)?;
    let imported = openapi::import(name, document, &chosen, origin)?;
    let title = imported.spec["info"]["title"].as_str().unwrap_or(name).to_owned();
    let from = origin.head();
    let head = format!(
        "{title}: made by an importer, from {from}. It says what that says, and no more: read up on the\n\
         replay class of each operation above all. How this file is written: README.md in this directory."
    );
    let text = settle::text(name, &head, imported.spec.into());
    Ok((text, imported.notes))
}

/// Where the facts come from.
enum Origin {
    Document,
    Recording,
}

impl Origin {
    fn head(&self) -> &'static str {
        match self {
            Self::Document => "a document of the vendor's",
            Self::Recording => "recorded exchanges, whose values are masked",
        }
    }

    fn evidence(&self) -> Value {
        match self {
            Self::Document => json!({"documented": "import"}),
            Self::Recording => json!({"observed": "recording"}),
        }
    }

    fn sources(&self, title: &str, version: &str, document: &Value) -> Value {
        match self {
            Self::Document => {
                let openapi = document["openapi"].as_str().unwrap_or("3");
                json!({"import": {"title": format!("{title}, version {version}, a document in OpenAPI {openapi}")}})
            }
            Self::Recording => json!({"recording": {"title": "Recorded HTTP exchanges"}}),
        }
    }

    fn introduction(&self) -> &'static str {
        match self {
            Self::Document => {
                "Imported from the vendor's OpenAPI document, and reduced to a few of its operations. Nothing was tried \
                 against a server."
            }
            Self::Recording => {
                "Made from recorded HTTP exchanges: it knows what was seen, and nothing else. Every value is made up."
            }
        }
    }

    fn never_because(&self) -> &'static str {
        match self {
            Self::Document => {
                "The document does not say what a second sending does, and this is the class that cannot make a second \
                 account by mistake."
            }
            Self::Recording => {
                "A recording does not show what a second sending does, and this is the class that cannot make a second \
                 account by mistake."
            }
        }
    }
}
