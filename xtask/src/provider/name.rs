//! A provider's name: one word for its spec, crate, module, feature and variables, so that it has to be good as each.

use std::path::Path;

use super::plan::slashes;
use super::{manifest, parts};

/// A provider's name.
pub(crate) struct Name(String);

/// Names that mean something else in the facade: its accessors, re-exports and the tables of its configuration file.
const TAKEN_BY_THE_FACADE: [&str; 4] = ["default", "http", "httpmock", "profiles"];

/// Crates that are always in scope.
const STANDARD: [&str; 5] = ["alloc", "core", "proc-macro", "std", "test"];

/// Windows opens a device in place of a file of such a name, whatever its extension.
const DEVICES: [&str; 4] = ["aux", "con", "nul", "prn"];

/// Of these it has ten each, with a digit at the end.
const NUMBERED_DEVICES: [&str; 2] = ["com", "lpt"];

/// Long enough for any vendor, and short enough for the paths that Windows allows.
const LONGEST: usize = 32;

/// The sources of the crates that know no provider.
const SHARED: [&str; 2] = ["crates/codegen/src", "crates/core/src"];

impl Name {
    /// A name for a new provider.
    ///
    /// # Errors
    /// Why it cannot be one, with the cure.
    pub(crate) fn new(root: &Path, word: &str) -> Result<Self, String> {
        let refused = |why: &str| Err(format!("`{word}` cannot be a provider's name: {why}"));
        let is_word =
            |word: &str| !word.is_empty() && word.bytes().all(|it| matches!(it, b'a'..=b'z' | b'0'..=b'9'));
        if !word.split('-').all(is_word) || !word.starts_with(|first: char| first.is_ascii_lowercase()) {
            return refused(
                "write lower-case letters and digits, beginning with a letter, with single dashes between words",
            );
        }
        if word.len() > LONGEST {
            return refused(&format!("it is longer than {LONGEST} characters; choose a shorter one"));
        }
        let numbered = word.strip_suffix(|last: char| last.is_ascii_digit());
        if DEVICES.contains(&word) || numbered.is_some_and(|device| NUMBERED_DEVICES.contains(&device)) {
            return refused(
                "Windows has a device of this name; choose another, such as the vendor's full name",
            );
        }
        let name = Self(word.to_owned());
        // `gen` is a keyword since the edition of 2024, which the parser does not mind.
        if syn::parse_str::<syn::Ident>(&name.module()).is_err() || word == "gen" {
            return refused("it is a reserved word in Rust; choose another, such as the vendor's full name");
        }
        if parts::providers(root)?.iter().any(|known| known == word) {
            return refused("there is one already; `cargo xtask provider remove` takes it away");
        }
        if STANDARD.contains(&word) || TAKEN_BY_THE_FACADE.contains(&word) {
            return refused("the facade uses it for something else; choose another");
        }
        let facade = root.join("crates/enroll");
        if facade.join("src").join(format!("{}.rs", name.module())).exists() {
            return refused("the facade has a module of this name; choose another");
        }
        let manifest = parts::read(&facade.join("Cargo.toml"))?;
        for (table, what) in [("features", "a feature"), ("dependencies", "a dependency")] {
            if manifest::keys(&manifest, &[table])?.iter().any(|key| key == word) {
                return refused(&format!("the facade has {what} of this name; choose another"));
            }
        }
        let folders = [format!("crates/{word}"), word.to_owned()];
        if let Some(folder) = folders.iter().find(|folder| root.join(folder).exists()) {
            return refused(&format!("{folder} is there already; choose another, or take that away"));
        }
        if let Some(path) = spoken_of(root, word)? {
            return refused(&format!(
                "{path} uses the word for something else, and no provider's name may stand there; choose another, such \
                 as the vendor's full name"
            ));
        }
        Ok(name)
    }

    /// The name of a provider that is there.
    pub(crate) fn known(word: &str) -> Self {
        Self(word.to_owned())
    }

    /// As it is written in a path, a feature, a package's name: `acme-id`.
    pub(crate) fn word(&self) -> &str {
        &self.0
    }

    /// As Rust writes it: `acme_id`.
    pub(crate) fn module(&self) -> String {
        self.0.replace('-', "_")
    }

    /// As the environment writes it: `ACME_ID`.
    pub(crate) fn variables(&self) -> String {
        self.module().to_ascii_uppercase()
    }

    /// As one writes it who does not know how the vendor does: `Acme Id`.
    pub(crate) fn title(&self) -> String {
        let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
        self.0.split('-').map(capital).collect::<Vec<_>>().join(" ")
    }
}

/// A file of the shared crates in which this word is a text of its own.
fn spoken_of(root: &Path, word: &str) -> Result<Option<String>, String> {
    let text = format!("\"{word}\"");
    for folder in SHARED {
        for path in parts::files(root, Path::new(folder))? {
            if parts::read(&root.join(&path))?.contains(&text) {
                return Ok(Some(slashes(&path)));
            }
        }
    }
    Ok(None)
}
