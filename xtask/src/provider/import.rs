//! The spec of a new provider from what there is already: an OpenAPI document, or recorded HTTP exchanges.

use std::path::PathBuf;

/// The text of `specs/<name>.yaml`.
pub(crate) fn import(_name: &str, _sources: &[PathBuf], _operations: &[String]) -> Result<String, String> {
    Err("`--from` cannot read anything yet; leave it out for a skeleton".to_owned())
}
