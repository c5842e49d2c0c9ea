//! `cargo xtask peers`: judges that nobody here wrote look at the specs, at what the SDK sends and at what the sandbox
//! answers.
//!
//! tests/peers/README.md says what each judge proves.

mod breaking;
mod install;
mod linters;
mod program;
mod proxy;
mod schemathesis;
mod semver_checks;

use std::collections::BTreeMap;

use serde_json::Value;

pub(crate) use self::install::{folder as installed, node as install_node, run as install};
pub(crate) use self::program::{Program, Sandbox, free_port};
use self::proxy::Kind;
use crate::spec::mutations::Specs;
use crate::{cargo, providers, root};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The judges to ask; all of them if none is named
    judges: Vec<Judge>,
    /// How many requests Schemathesis makes up for an operation; more find more
    #[arg(long, default_value_t = 150)]
    examples: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Judge {
    /// Makes up requests, and judges the sandbox's answers
    Schemathesis,
    /// Judges what passes between the SDK and the sandbox
    Prism,
    /// The same by express-openapi-validator
    Express,
    /// Redocly and Spectral judge the specs, and edits of them
    Linters,
    /// Redocly tells breaking edits of the specs from others
    RedoclyDiff,
    /// cargo-semver-checks does so with the clients of edited specs
    SemverChecks,
    /// Shows each judge what it must reject
    SelfTest,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let wanted = |judge| arguments.judges.is_empty() || arguments.judges.contains(&judge);
    install::run()?;
    let specs = Specs::read()?;
    let mut findings = Vec::new();
    if wanted(Judge::SelfTest) {
        linters::self_test()?;
        breaking::redocly_self_test(&specs)?;
        semver_checks::self_test(&specs)?;
    }
    if wanted(Judge::Linters) {
        findings.extend(linters::judge()?);
    }
    if wanted(Judge::RedoclyDiff) {
        findings.extend(breaking::redocly(&specs)?);
    }
    if wanted(Judge::SemverChecks) {
        findings.extend(breaking::semver(&specs)?);
    }
    let of_specs = [Judge::Linters, Judge::RedoclyDiff, Judge::SemverChecks];
    if arguments.judges.is_empty() || arguments.judges.iter().any(|judge| !of_specs.contains(judge)) {
        findings.extend(calls(arguments)?);
    }
    if findings.is_empty() {
        return Ok(());
    }
    for finding in &findings {
        println!("  {finding}");
    }
    Err(format!(
        "{} findings; correct the side that is wrong by its evidence: the spec, the SDK or the sandbox \
         (tests/peers/README.md)",
        findings.len()
    ))
}

/// What the judges of requests and answers find.
fn calls(arguments: &Arguments) -> Result<Vec<String>, String> {
    let wanted = |judge| arguments.judges.is_empty() || arguments.judges.contains(&judge);
    cargo("build -p enroll-sandbox", &root(), &[])?;
    let specs = specs()?;
    let mut findings = Vec::new();
    if wanted(Judge::SelfTest) {
        proxy::self_test(&specs, Kind::Express)?;
        proxy::self_test(&specs, Kind::Prism)?;
        schemathesis::self_test(&specs)?;
    }
    if wanted(Judge::Schemathesis) {
        let sandbox = Sandbox::start()?;
        for spec in &specs {
            let verdict = schemathesis::judge(spec, &sandbox, arguments.examples)?;
            findings.extend(verdict.report("schemathesis", spec));
        }
    }
    for (judge, kind) in [(Judge::Express, Kind::Express), (Judge::Prism, Kind::Prism)] {
        if wanted(judge) {
            findings.extend(proxy::judge(&specs, kind)?);
        }
    }
    Ok(findings)
}

/// A spec, as far as a judge has to be told of it.
struct Spec {
    provider: String,
    /// The variable of the environment that has the provider's base URL.
    base_url: String,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    /// In lower case, as OpenAPI has it.
    method: String,
    path: String,
}

impl Spec {
    fn path(&self) -> String {
        root().join(format!("specs/{}.yaml", self.provider)).display().to_string()
    }

    /// The operation that a request is for. A path without parameters is matched before one with parameters.
    fn operation(&self, method: &str, path: &str) -> Option<&Operation> {
        let segments = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
        let fits = |template: &str| {
            let (wanted, given) = (segments(template), segments(path));
            let same = |(wanted, given): (&String, &String)| wanted.starts_with('{') || wanted == given;
            wanted.len() == given.len() && wanted.iter().zip(&given).all(same)
        };
        let candidates = self.operations.iter().filter(|it| it.method == method && fits(&it.path));
        candidates.min_by_key(|operation| operation.path.matches('{').count())
    }
}

fn specs() -> Result<Vec<Spec>, String> {
    let spec = |provider: String| {
        let path = root().join(format!("specs/{provider}.yaml"));
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let spec = enroll_codegen::read(&path, &text).map_err(|error| error.to_string())?;
        let mut operations = Vec::new();
        for (path, item) in spec["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if let Some(id) = operation["operationId"].as_str() {
                    operations.push(Operation {
                        id: id.to_owned(),
                        method: method.clone(),
                        path: path.clone(),
                    });
                }
            }
        }
        let base_url = spec["x-enroll-base-url"]["env"].as_str().unwrap_or_default().to_owned();
        Ok(Spec { provider, base_url, operations })
    };
    providers()?.into_iter().map(spec).collect()
}

/// What a judge saw of a provider, and what it found.
#[derive(Default)]
struct Verdict {
    /// How many requests or answers were judged, by the id of their operation.
    judged: BTreeMap<String, u64>,
    findings: Vec<String>,
}

impl Verdict {
    /// Prints it in one line, and gives the findings. That an operation was not judged is one of them.
    fn report(self, judge: &str, spec: &Spec) -> Vec<String> {
        let total: u64 = self.judged.values().sum();
        let unseen = spec.operations.iter().filter(|operation| !self.judged.contains_key(&operation.id));
        let unseen: Vec<_> = unseen
            .map(|operation| format!("{} was not judged; add a test that calls it", operation.id))
            .collect();
        println!(
            "{judge:<14}{:<12}{:>3} of {:>2} operations{total:>7} judged{:>5} findings",
            spec.provider,
            spec.operations.len() - unseen.len(),
            spec.operations.len(),
            self.findings.len(),
        );
        let findings = self.findings.into_iter().chain(unseen);
        findings.map(|finding| format!("{judge}, {}: {finding}", spec.provider)).collect()
    }
}

/// What stands under a key, as a text.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_that_no_judge_saw_is_a_finding() {
        let specs = specs().unwrap();
        let haptik = specs.iter().find(|spec| spec.provider == "haptik").unwrap();
        let mut verdict = Verdict::default();
        for id in ["createUser", "updateUser"] {
            verdict.judged.insert(id.to_owned(), 1);
        }
        let findings = verdict.report("prism", haptik);
        assert_eq!(findings, ["prism, haptik: updateUserLanguage was not judged; add a test that calls it"]);
    }

    #[test]
    fn a_path_without_parameters_comes_before_one_with() {
        let operation = |id: &str, path: &str| Operation {
            id: id.to_owned(),
            method: "get".to_owned(),
            path: path.to_owned(),
        };
        let operations = vec![operation("one", "/users/{id}"), operation("search", "/users/search")];
        let spec = Spec { provider: "x".to_owned(), base_url: "X_BASE_URL".to_owned(), operations };
        let found = |path: &str| spec.operation("get", path).map(|operation| operation.id.as_str());
        assert_eq!(found("/users/search"), Some("search"));
        assert_eq!(found("/users/5"), Some("one"));
        assert_eq!(found("/users/5/"), None);
        assert!(spec.operation("post", "/users/5").is_none());
    }
}
