//! The examples of a spec, with the Rust type that each has: for tests that decode and encode them.

use crate::model::{Content, Operation, Spec, Type};

/// An example of a request's or an answer's body.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The operation, as Rust calls it.
    pub operation: String,
    /// The answer's status as the spec writes it; `None` is the request.
    pub status: Option<String>,
    /// The example's name.
    pub name: String,
    /// The body.
    pub value: serde_json::Value,
    /// The type's name in the module `types`.
    pub rust_type: String,
}

/// Every example of a body whose type has a name.
pub(crate) fn of(spec: &Spec) -> Vec<Example> {
    spec.operations.iter().flat_map(of_operation).collect()
}

fn of_operation(operation: &Operation) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut add = |status: Option<String>, rust_type: &str, named: &[(String, serde_json::Value)]| {
        examples.extend(named.iter().map(|(name, value)| Example {
            operation: operation.name.clone(),
            status: status.clone(),
            name: name.clone(),
            value: value.clone(),
            rust_type: rust_type.to_owned(),
        }));
    };
    if let Some(body) = &operation.body {
        add(None, &body.schema, &body.examples);
    }
    for response in &operation.responses {
        let success = match &response.content {
            Content::Json(Type::Named(name)) => Some(name.as_str()),
            _ => None,
        };
        // A failure inside a success has a type of its own.
        let (hidden, plain): (Vec<_>, Vec<_>) = response.examples.iter().cloned().partition(|(_, value)| {
            response
                .failure
                .as_ref()
                .is_some_and(|failure| value.pointer(&failure.pointer) == Some(&failure.equals))
        });
        let status = Some(response.status.to_string());
        if let Some(name) = success {
            add(status.clone(), name, &plain);
        }
        if let Some(Type::Named(name)) = response.failure.as_ref().map(|failure| &failure.schema) {
            add(status, name, &hidden);
        }
    }
    examples
}
