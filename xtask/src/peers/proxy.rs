//! The judges between the SDK and the sandbox: one proxy a provider, which looks at each request and each answer, says
//! what is wrong with it, and lets it pass.

use std::process::{Command, Output};

use serde_json::Value;

use super::program::{Program, Sandbox, free_port, send};
use super::{Spec, Verdict, install, text};
use crate::{process, root};

/// The tests that are led through the judges: all but those of faults, which are violations on purpose.
const SUITE: &str =
    "test --quiet -p enroll-tests --test it -- --test-threads=1 --skip never_twice:: --skip repeats::";

/// The one test that calls every operation.
const EVERY_OPERATION: &str = "test -p enroll-tests --test it -- --exact samples::every_sample_runs";

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Express,
    Prism,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Express => "express",
            Self::Prism => "prism",
        }
    }

    fn command(self, spec: &str, port: &str, upstream: &str) -> Command {
        let mut command = match self {
            Self::Express => Command::new("node"),
            Self::Prism => Command::new("node_modules/.bin/prism"),
        };
        match self {
            Self::Express => command.args(["express.mjs", spec, port, upstream]),
            // With `--errors` it also answers what is wrong with an error, which the tests then see.
            Self::Prism => command.args(["proxy", "--errors", "-p", port, spec, upstream]),
        };
        command.current_dir(install::folder()).env("FORCE_COLOR", "0");
        command
    }

    /// What the lines of the proxy say of a provider.
    fn read(self, lines: &[String], spec: &Spec) -> Verdict {
        match self {
            Self::Express => read_express(lines),
            Self::Prism => read_prism(lines, spec),
        }
    }
}

fn read_express(lines: &[String]) -> Verdict {
    let mut verdict = Verdict::default();
    for exchange in lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let what = match exchange["operation"].as_str() {
            Some(operation) => {
                *verdict.judged.entry(operation.to_owned()).or_default() += 1;
                operation.to_owned()
            }
            None => format!("{} {}", text(&exchange["method"]), text(&exchange["path"])),
        };
        let violations = exchange["violations"].as_array().into_iter().flatten();
        verdict.findings.extend(violations.map(|violation| format!("{what}: {}", text(violation))));
    }
    verdict
}

/// Lines such as `[12:00:00 AM] › [HTTP SERVER] post /v1.0/user/ ℹ  info      Request received`.
///
/// It says that something is wrong, and not on which side. But a request that is wrong is not sent on, so that the line
/// about the upstream is missing then.
fn read_prism(lines: &[String], spec: &Spec) -> Verdict {
    let mut verdict = Verdict::default();
    let (mut what, mut side) = (String::new(), "request");
    for line in lines {
        if let Some(request) =
            line.split_once("[HTTP SERVER] ").and_then(|(_, it)| it.strip_suffix("Request received"))
        {
            let mut words = request.split_whitespace();
            let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            side = "request";
            what = match spec.operation(method, path) {
                Some(operation) => {
                    *verdict.judged.entry(operation.id.clone()).or_default() += 1;
                    operation.id.clone()
                }
                None => format!("{method} {path}"),
            };
        } else if line.contains("The upstream call") {
            side = "response";
        } else if let Some((_, problem)) = line.split_once("terminated with error: ") {
            // The tests send one request after the other, but for a few.
            verdict.findings.push(format!("{what}: {side} {problem}"));
        }
    }
    verdict
}

/// Leads the SDK's tests through one judge, and gives its findings.
pub(super) fn judge(specs: &[Spec], kind: Kind) -> Result<Vec<String>, String> {
    // The tests start sandboxes of their own, one after the other, at the address of this one.
    let (port, upstreams) = {
        let sandbox = Sandbox::start()?;
        let upstreams: Result<Vec<_>, _> =
            specs.iter().map(|spec| sandbox.variable(&spec.base_url).map(str::to_owned)).collect();
        (sandbox.port, upstreams?)
    };
    let judges = Judges::start(specs, kind, &upstreams)?;
    println!("  $ cargo {SUITE}");
    let tests = run(SUITE, &judges.variables(port))?;
    let verdicts = specs.iter().zip(judges.verdicts()?);
    let mut findings: Vec<_> =
        verdicts.flat_map(|(spec, verdict)| verdict.report(kind.name(), spec)).collect();
    if !tests.status.success() {
        let path = install::folder().join(format!("{}-tests.txt", kind.name()));
        std::fs::write(&path, [tests.stdout, tests.stderr].concat())
            .map_err(|error| format!("{}: {error}", path.display()))?;
        findings.push(format!("{}: tests fail by way of it; see {}", kind.name(), path.display()));
    }
    Ok(findings)
}

/// Runs tests by way of the judges.
fn run(tests: &str, judges: &str) -> Result<Output, String> {
    process(tests, &root())
        .env("ENROLL_JUDGES", judges)
        .output()
        .map_err(|error| format!("cargo cannot be started: {error}"))
}

/// Shows the judge a wrong request, and for each operation a wrong answer.
pub(super) fn self_test(specs: &[Spec], kind: Kind) -> Result<(), String> {
    let wrong = Wrong::start()?;
    let judges = Judges::start(specs, kind, &vec![wrong.url.clone(); specs.len()])?;
    for proxy in judges.0.iter().filter(|proxy| proxy.spec.provider == "haptik") {
        let head = "POST /v1.0/user/ HTTP/1.1\r\nAuthorization: Bearer fake\r\nclient-id: fake\r\n\
                    Content-Type: application/json";
        send(proxy.port, head, r#"{"auth_id": 5}"#)?;
    }
    // The test fails, as it must. The token is given, because there is none in a wrong answer.
    run(EVERY_OPERATION, &format!("{} DIGIPAY_TOKEN=fake-token", judges.variables(free_port()?)))?;
    let mut rejected = 0;
    for (spec, verdict) in specs.iter().zip(judges.verdicts()?) {
        let noted = |operation: &str, side: &str| {
            let start = format!("{operation}: {side}");
            verdict.findings.iter().any(|finding| finding.starts_with(&start))
        };
        for operation in &spec.operations {
            if !noted(&operation.id, "response") {
                let message =
                    format!("{} lets a wrong answer to {} {} pass", kind.name(), spec.provider, operation.id);
                return Err(format!("{message}; it says: {:?}", verdict.findings));
            }
            rejected += 1;
        }
        if spec.provider == "haptik" && !noted("createUser", "request") {
            return Err(format!(
                "{} lets a wrong request pass; it says: {:?}",
                kind.name(),
                verdict.findings
            ));
        }
    }
    println!("self-test     {:<12}{rejected} wrong answers and a wrong request are rejected", kind.name());
    Ok(())
}

/// The proxies of one kind, one for each spec.
struct Judges<'a>(Vec<Proxy<'a>>);

struct Proxy<'a> {
    kind: Kind,
    spec: &'a Spec,
    port: u16,
    program: Program,
}

impl<'a> Judges<'a> {
    fn start(specs: &'a [Spec], kind: Kind, upstreams: &[String]) -> Result<Self, String> {
        let start = |(spec, upstream): (&'a Spec, &String)| {
            let port = free_port()?;
            let mut command = kind.command(&spec.path(), &port.to_string(), upstream);
            let (program, _) = Program::start(&mut command, "listening")?;
            Ok(Proxy { kind, spec, port, program })
        };
        specs.iter().zip(upstreams).map(start).collect::<Result<_, String>>().map(Self)
    }

    /// What tests/it/support.rs must know: the port of the tests' sandboxes, and the base URLs of the proxies.
    fn variables(&self, port: u16) -> String {
        let url = |proxy: &Proxy| format!(" {}=http://127.0.0.1:{}", proxy.spec.base_url, proxy.port);
        format!("PORT={port}{}", self.0.iter().map(url).collect::<String>())
    }

    fn verdicts(&self) -> Result<Vec<Verdict>, String> {
        const END: &str = "/end-of-the-suite";
        let verdict = |proxy: &Proxy| {
            // All that came before has been told when this has.
            send(proxy.port, &format!("GET {END} HTTP/1.1"), "")?;
            let mut lines = proxy.program.lines_to(END)?;
            lines.pop();
            Ok(proxy.kind.read(&lines, proxy.spec))
        };
        self.0.iter().map(verdict).collect()
    }
}

/// An upstream that answers everything with what no provider documents.
pub(super) struct Wrong {
    pub(super) url: String,
    _program: Program,
}

impl Wrong {
    pub(super) fn start() -> Result<Self, String> {
        let port = free_port()?;
        let mut node = Command::new("node");
        node.arg("wrong.mjs").arg(port.to_string()).current_dir(install::folder());
        let (program, _) = Program::start(&mut node, "listening")?;
        Ok(Self { url: format!("http://127.0.0.1:{port}"), _program: program })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::specs;

    #[test]
    fn what_prism_logs_is_counted_and_told_by_operation() {
        let specs = specs().unwrap();
        let streambird = specs.iter().find(|spec| spec.provider == "streambird").unwrap();
        let log = "[9:49:05 PM] › [CLI] ℹ  info      POST       http://127.0.0.1:4911/v1/auth/users/create
[9:49:05 PM] › [HTTP SERVER] post /v1/auth/users/create ℹ  info      Request received
[9:49:05 PM] ›     [PROXY] ℹ  info      The upstream call to /v1/auth/users/create has returned 200
[9:49:05 PM] › [HTTP SERVER] get /v1/auth/users/user_%2F ℹ  info      Request received
[9:49:05 PM] ›     [PROXY] ℹ  info      The upstream call to /v1/auth/users/user_%2F has returned 200
[9:49:05 PM] › [HTTP SERVER] get /v1/auth/users/user_%2F ✖  error     Request terminated with error: not valid
[9:49:05 PM] › [HTTP SERVER] get /elsewhere ℹ  info      Request received
[9:49:05 PM] › [HTTP SERVER] get /elsewhere ✖  error     Request terminated with error: no path";
        let verdict = read_prism(&log.lines().map(str::to_owned).collect::<Vec<_>>(), streambird);
        let judged: Vec<_> =
            verdict.judged.iter().map(|(operation, count)| (operation.as_str(), *count)).collect();
        assert_eq!(judged, [("createUser", 1), ("getUser", 1)]);
        assert_eq!(verdict.findings, ["getUser: response not valid", "get /elsewhere: request no path"]);
    }

    #[test]
    fn what_express_says_is_counted_and_told_by_operation() {
        let lines = [
            "listening",
            r#"{"method":"POST","path":"/user","operation":"createUser","violations":[]}"#,
            r#"{"method":"GET","path":"/x","violations":["request /x not found"]}"#,
        ];
        let verdict = read_express(&lines.map(str::to_owned));
        assert_eq!(verdict.judged.into_iter().collect::<Vec<_>>(), [("createUser".to_owned(), 1)]);
        assert_eq!(verdict.findings, ["GET /x: request /x not found"]);
    }
}
