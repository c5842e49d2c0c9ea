//! What several tests need: the real specs.

use std::path::{Path, PathBuf};

/// The names of all providers: the stems of the specs.
pub(crate) fn providers() -> Vec<String> {
    let specs = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs")).unwrap();
    let mut names: Vec<_> = specs
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert!(names.len() >= 4, "only {names:?} were found");
    names
}

pub(crate) fn spec_path(provider: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs").join(format!("{provider}.yaml"))
}

pub(crate) fn spec_text(provider: &str) -> String {
    std::fs::read_to_string(spec_path(provider)).unwrap()
}
