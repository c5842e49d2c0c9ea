//! Schemathesis makes up requests from a spec, right ones and wrong ones, and judges what the sandbox answers.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::program::Sandbox;
use super::proxy::Wrong;
use super::{Spec, Verdict, install, text};

pub(super) fn judge(spec: &Spec, sandbox: &Sandbox, examples: u32) -> Result<Verdict, String> {
    let report = run(spec, sandbox.variable(&spec.base_url)?, &sandbox.environment, examples)?;
    let mut verdict = Verdict::default();
    for operation in &spec.operations {
        let label = format!("{} {}", operation.method.to_uppercase(), operation.path);
        let phases = report["valid_rates"][&label].as_object().into_iter().flatten();
        let counts = phases.flat_map(|(_, phase)| phase.as_object().into_iter().flatten());
        let judged: u64 = counts.filter_map(|(_, count)| count.as_u64()).sum();
        if judged > 0 {
            verdict.judged.insert(operation.id.clone(), judged);
        }
    }
    for (phase, outcome) in report["phases"].as_object().into_iter().flatten() {
        // Of a single operation no chain of calls can be made.
        let is_possible = spec.operations.len() > 1 || outcome["skip_reason"] != "not_applicable";
        if outcome["status"] == "skip" && is_possible {
            verdict.findings.push(format!("the phase {phase} was left out: {}", outcome["skip_reason"]));
        }
    }
    let problems =
        ["failures", "errors"].into_iter().flat_map(|kind| report[kind].as_array().into_iter().flatten());
    verdict.findings.extend(problems.map(|problem| {
        format!("{} {}; see {}", text(&problem["title"]), problem["operations"], output(spec).display())
    }));
    if report["exit_code"] != 0 && verdict.findings.is_empty() {
        verdict.findings.push(format!("it failed; see {}", output(spec).display()));
    }
    Ok(verdict)
}

/// Shows it a server whose every answer is wrong.
pub(super) fn self_test(specs: &[Spec]) -> Result<(), String> {
    let wrong = Wrong::start()?;
    let credentials = ["HAPTIK_TOKEN", "HAPTIK_CLIENT_ID"].map(|name| (name.to_owned(), "fake".to_owned()));
    for spec in specs.iter().filter(|spec| spec.provider == "haptik") {
        let report = run(spec, &wrong.url, &credentials, 5)?;
        let failures = report["failures"].as_array().into_iter().flatten();
        let rejected = failures.filter(|failure| failure["type"] == "JsonSchemaError").count();
        if rejected == 0 {
            return Err(format!("schemathesis lets wrong answers pass; it says: {}", report["failures"]));
        }
        println!("self-test     schemathesis wrong answers are rejected");
    }
    Ok(())
}

/// Its report on one provider.
fn run(spec: &Spec, url: &str, environment: &[(String, String)], examples: u32) -> Result<Value, String> {
    let report = install::folder().join(format!("schemathesis-{}.json", spec.provider));
    // An older one must not be taken for this run's. There may be none.
    let _ = std::fs::remove_file(&report);
    let printed = Command::new("python3")
        .args([
            "-m",
            "schemathesis.cli",
            "--config-file",
            "schemathesis.toml",
            "run",
            &spec.path(),
            "--checks",
            "all",
        ])
        .args(["--url", url, "--max-examples", &examples.to_string(), "--report", "json"])
        .arg(format!("--report-json-path={}", report.display()))
        .current_dir(install::folder())
        .env("PYTHONPATH", install::python())
        .env("ENROLL_PROVIDER", &spec.provider)
        .env("ENROLL_BASE_URL", url)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .output()
        .map_err(|error| format!("python3 cannot be started: {error}; install Python 3.11 or later"))?;
    let path = output(spec);
    std::fs::write(&path, [printed.stdout, printed.stderr].concat())
        .map_err(|error| format!("{}: {error}", path.display()))?;
    let text = std::fs::read_to_string(&report);
    text.map_err(|error| error.to_string())
        .and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string()))
        .map_err(|error| {
            format!("schemathesis left no report on {}: {error}; see {}", spec.provider, path.display())
        })
}

/// Where what it printed is kept.
fn output(spec: &Spec) -> PathBuf {
    install::folder().join(format!("schemathesis-{}.txt", spec.provider))
}
