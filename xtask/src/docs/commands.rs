//! Every documented command, run by a shell on the sandbox: one that does not work has no place in a reference.

use std::fs;
use std::process::Command;

use super::curl;
use super::spec::{self, Operation, Spec, text};
use crate::peers::Sandbox;
use crate::root;

/// What each command is answered must be a success; or 404, since some name a user who is not there.
pub(crate) fn check() -> Result<(), String> {
    let sandbox = Sandbox::start()?;
    let mut wrong = Vec::new();
    let mut run = 0;
    for spec in spec::all()? {
        for operation in spec.operations() {
            for alias in aliases(&operation) {
                run += 1;
                let status = status_of(&spec, &operation, alias, &sandbox)?;
                if !matches!(status.as_str(), "404") && !status.starts_with('2') {
                    let id = alias.unwrap_or(operation.id());
                    wrong.push(format!("{} {id} was answered {status}", spec.name));
                }
            }
        }
    }
    println!("  {run} commands by curl");
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("the documented commands do not work: {}", wrong.join("; ")))
    }
}

/// The names that an operation is documented under.
fn aliases<'a>(operation: &Operation<'a>) -> Vec<Option<&'a str>> {
    match operation.value["x-enroll-aliases"].as_object() {
        Some(aliases) => aliases.keys().map(|alias| Some(alias.as_str())).collect(),
        None => vec![None],
    }
}

/// The status that the command's last request is answered with.
fn status_of(
    spec: &Spec,
    operation: &Operation<'_>,
    alias: Option<&str>,
    sandbox: &Sandbox,
) -> Result<String, String> {
    // Curl's own file of settings has it tell the status, so that the command is run as it stands; and on standard error,
    // since some read what another has answered.
    let home = root().join("target/site-commands");
    let settings = "silent\nnoproxy = \"*\"\nwrite-out = \"%{stderr}%{http_code}\\n\"\n";
    fs::create_dir_all(&home)
        .and_then(|()| fs::write(home.join(".curlrc"), settings))
        .map_err(|error| format!("{}: {error}", home.display()))?;
    let command = curl::of(spec, operation, alias);
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &command])
        .env("CURL_HOME", &home)
        .envs(sandbox.environment.iter().map(|(name, value)| (name, value)))
        .output()
        .map_err(|error| format!("bash cannot be started: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    match said.lines().last() {
        Some(status) if output.status.success() => Ok(status.to_owned()),
        _ => {
            let id = text(&operation.value["operationId"]);
            Err(format!(
                "the command of {} {id} fails: {}; it needs curl, jq and openssl",
                spec.name,
                said.trim()
            ))
        }
    }
}
