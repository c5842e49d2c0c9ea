//! What several tests need: the real specs.

use std::path::{Path, PathBuf};

pub(crate) const PROVIDERS: [&str; 4] = ["digipay", "haptik", "original", "streambird"];

pub(crate) fn spec_path(provider: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs").join(format!("{provider}.yaml"))
}

pub(crate) fn spec_text(provider: &str) -> String {
    std::fs::read_to_string(spec_path(provider)).unwrap()
}
