//! Path templates, and the paths that are of their form.

use percent_encoding::percent_decode_str;

use super::operation::OperationContract;

/// An operation whose path a request has, with the parameters in it.
pub(super) struct Match<'a> {
    pub(super) operation: &'a OperationContract,
    /// Decoded.
    pub(super) parameters: Vec<(&'a str, String)>,
}

impl<'a> Match<'a> {
    pub(super) fn of(operation: &'a OperationContract, path: &str) -> Option<Self> {
        Some(Self { operation, parameters: parameters(operation.path(), path)? })
    }
}

/// The names in a template, or why it cannot be matched.
pub(super) fn names(template: &str) -> Result<Vec<&str>, String> {
    let mut names = Vec::new();
    for segment in template.split('/') {
        if let Some(name) = name(segment) {
            names.push(name);
        } else if segment.contains(['{', '}']) {
            return Err(format!("the parameter of `{segment}` must be the whole segment"));
        }
    }
    Ok(names)
}

fn name(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}').filter(|name| !name.contains(['{', '}']))
}

/// The parameters of a path if it is of this form: a slash at the end counts, each parameter must be filled, and must be
/// UTF-8 once decoded.
fn parameters<'a>(template: &'a str, path: &str) -> Option<Vec<(&'a str, String)>> {
    if template.split('/').count() != path.split('/').count() {
        return None;
    }
    let mut parameters = Vec::new();
    for (expected, segment) in template.split('/').zip(path.split('/')) {
        if let Some(name) = name(expected) {
            let decoded = percent_decode_str(segment).decode_utf8().ok().filter(|text| !text.is_empty())?;
            parameters.push((name, decoded.into_owned()));
        } else if expected != segment {
            return None;
        }
    }
    Some(parameters)
}
