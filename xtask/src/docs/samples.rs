//! What the page that decodes answers can be tried with: every documented sample of an answer.

use serde_json::{Value, json};

use super::spec::{Operation, Spec, text};

pub(crate) struct Samples {
    /// `{provider, operation, method, status, name, summary, body}`.
    pub(crate) samples: Value,
    /// `{provider, operation, method, statuses}`.
    pub(crate) operations: Value,
}

pub(crate) fn of(specs: &[Spec]) -> Samples {
    let (mut samples, mut operations) = (Vec::new(), Vec::new());
    for spec in specs {
        for operation in spec.operations() {
            let statuses = statuses(&operation);
            let provider = &spec.name;
            let (id, method) = (operation.id(), operation.guide.methods.first().map(|method| &method.name));
            operations.push(json!({
                "provider": provider, "operation": id, "method": method,
                "statuses": statuses.iter().map(|(_, status)| status).collect::<Vec<_>>(),
            }));
            for (documented, status) in &statuses {
                let (_, response) = spec.resolve("", &operation.value["responses"][documented]);
                let contents = response["content"].as_object().into_iter().flatten();
                let examples = contents.filter_map(|(_, content)| content["examples"].as_object()).flatten();
                for (name, example) in examples {
                    let (_, example) = spec.resolve("", example);
                    samples.push(json!({
                        "provider": provider, "operation": id, "method": method, "status": status, "name": name,
                        "summary": text(&example["summary"]), "body": example["value"],
                    }));
                }
            }
        }
    }
    Samples { samples: samples.into(), operations: operations.into() }
}

/// The documented statuses, each with a number that stands for it.
fn statuses(operation: &Operation<'_>) -> Vec<(String, u16)> {
    let documented: Vec<&String> =
        operation.value["responses"].as_object().into_iter().flatten().map(|(status, _)| status).collect();
    let is_documented = |status: u16| {
        documented.iter().any(|it| **it == status.to_string() || **it == format!("{}XX", status / 100))
    };
    documented
        .iter()
        .map(|status| {
            let number = match status.split_once("XX") {
                Some((hundreds, _)) => hundreds.parse::<u16>().unwrap_or(5) * 100,
                // Any that nothing else is said of.
                None => status
                    .parse()
                    .unwrap_or_else(|_| (402..600).find(|it| !is_documented(*it)).unwrap_or(402)),
            };
            ((*status).clone(), number)
        })
        .collect()
}
