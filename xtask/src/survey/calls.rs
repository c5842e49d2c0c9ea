//! One program of all clients, outside the workspace: each is compiled, and called against its own typed mock.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use enroll_codegen::Generated;
use serde_json::Value;

use super::folder;
use crate::root;

/// A client to be compiled and called.
pub(super) struct Client {
    pub(super) name: String,
    pub(super) spec: Value,
    pub(super) generated: Generated,
}

impl Client {
    fn module(&self) -> String {
        self.name.replace('-', "_")
    }
}

/// What became of each client: `None` if all is well, or what went wrong in compiling or calling.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) not_compiled: BTreeMap<String, String>,
    pub(super) not_answered: BTreeMap<String, String>,
}

/// Compiles all clients at once. Those that do not compile are left out, and the others compiled again.
pub(super) fn run(clients: &[Client]) -> Result<Outcome, String> {
    let mut outcome = Outcome::default();
    let folder = folder().join("program");
    loop {
        let left: Vec<&Client> =
            clients.iter().filter(|client| !outcome.not_compiled.contains_key(&client.name)).collect();
        if left.is_empty() {
            return Ok(outcome);
        }
        write(&folder, &left)?;
        let built = cargo(&folder, &["build", "--quiet", "--color", "never"])?;
        if built.status.success() {
            break;
        }
        let said = String::from_utf8_lossy(&built.stderr).into_owned();
        let mut found = false;
        for client in &left {
            if let Some(error) = error_in(&said, &client.module()) {
                outcome.not_compiled.insert(client.name.clone(), error);
                found = true;
            }
        }
        if !found {
            return Err(format!("the program of all clients does not compile:\n{said}"));
        }
    }
    let called = cargo(&folder, &["run", "--quiet"])?;
    let said = String::from_utf8_lossy(&called.stdout).into_owned();
    for client in clients.iter().filter(|client| !outcome.not_compiled.contains_key(&client.name)) {
        let line = said.lines().find_map(|line| line.strip_prefix(&format!("{}: ", client.name)));
        match line {
            Some("ok") => {}
            Some(why) => drop(outcome.not_answered.insert(client.name.clone(), why.to_owned())),
            None => {
                let error = String::from_utf8_lossy(&called.stderr);
                let error = error.trim().lines().last().unwrap_or("it said nothing");
                outcome.not_answered.insert(client.name.clone(), format!("the program ended early: {error}"));
            }
        }
    }
    Ok(outcome)
}

/// The compiler's first error in a client, on one line.
fn error_in(said: &str, module: &str) -> Option<String> {
    let lines: Vec<&str> = said.lines().collect();
    let files =
        [format!("src/{module}.rs"), format!("src/{module}_mock.rs"), format!("src/calls/{module}.rs")];
    lines.iter().enumerate().find_map(|(index, line)| {
        let place = line.trim().strip_prefix("--> ")?;
        files.iter().any(|file| place.starts_with(file.as_str())).then_some(())?;
        let error = lines[..index].iter().rev().find(|line| line.starts_with("error"))?;
        Some(format!("{error} at {place}"))
    })
}

fn cargo(folder: &Path, arguments: &[&str]) -> Result<std::process::Output, String> {
    std::process::Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", root().join("target"))
        .output()
        .map_err(|error| format!("cargo cannot be started: {error}"))
}

fn write(folder: &Path, clients: &[&Client]) -> Result<(), String> {
    let manifest = format!(
        "[package]\nname = \"enroll-survey\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [lib]\nname = \"enroll\"\npath = \"src/lib.rs\"\n\n[[bin]]\nname = \"enroll-survey\"\npath = \"src/main.rs\"\n\n\
         [dependencies]\nenroll-core = {{ path = {:?}, default-features = false, features = {:?} }}\n\
         serde_json = \"1\"\ntokio = {{ version = \"1\", features = [\"macros\", \"rt\"] }}\n\n\
         [profile.dev]\ndebug = false\n\n[workspace]\n",
        root().join("crates/core"),
        ["mock"].into_iter().chain(enroll_codegen::core_features()).collect::<Vec<_>>()
    );
    let mut library =
        "#![allow(warnings)]\npub use enroll_core::*;\npub use enroll_core::generated::httpmock;\n"
            .to_owned();
    let (mut modules, mut calls) = (String::new(), String::new());
    let mut files: Vec<(String, String)> = Vec::new();
    for client in clients {
        let module = client.module();
        let _ = write!(
            library,
            "pub mod {module} {{\n    mod generated {{\n        include!(\"{module}.rs\");\n    }}\n    pub use generated::*;\n    \
             pub mod mock {{\n        include!(\"{module}_mock.rs\");\n    }}\n}}\n"
        );
        files.push((format!("src/{module}.rs"), client.generated.client.clone()));
        let mock = client.generated.mock.replace("crate::generated", &format!("crate::{module}::generated"));
        files.push((format!("src/{module}_mock.rs"), mock));
        files.push((format!("src/calls/{module}.rs"), call(client)?));
        let _ = writeln!(modules, "#[path = \"calls/{module}.rs\"]\nmod {module};");
        let _ =
            writeln!(calls, "    tell({:?}, tokio::task::spawn_local({module}::call()).await);", client.name);
    }
    let main = format!(
        "#![allow(warnings)]\n{modules}\ntype Called = Result<(), Box<dyn std::error::Error + Send + Sync>>;\n\n\
         fn tell(name: &str, result: Result<Called, tokio::task::JoinError>) {{\n    \
         let line = match result {{\n        Ok(Ok(())) => \"ok\".to_owned(),\n        \
         Ok(Err(error)) => error.to_string().replace('\\n', \" \"),\n        \
         Err(error) => error.to_string().replace('\\n', \" \"),\n    }};\n    println!(\"{{name}}: {{line}}\");\n}}\n\n\
         #[tokio::main(flavor = \"current_thread\")]\nasync fn main() {{\n    \
         tokio::task::LocalSet::new().run_until(all()).await;\n}}\n\nasync fn all() {{\n{calls}}}\n"
    );
    files.push(("Cargo.toml".to_owned(), manifest));
    files.push(("src/lib.rs".to_owned(), library));
    files.push(("src/main.rs".to_owned(), main));
    std::fs::create_dir_all(folder.join("src/calls"))
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    // The same versions as the workspace, so that nothing else has to be fetched.
    let lock = folder.join("Cargo.lock");
    if !lock.exists() {
        std::fs::copy(root().join("Cargo.lock"), &lock)
            .map_err(|error| format!("{}: {error}", lock.display()))?;
    }
    for (file, text) in files {
        let path = folder.join(file);
        if std::fs::read_to_string(&path).is_ok_and(|known| known == text) {
            continue;
        }
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

/// A function that calls the first operation with the sample of its documentation, and looks at what was sent and what
/// came back.
fn call(client: &Client) -> Result<String, String> {
    let module = client.module();
    let samples = &client.generated.samples;
    let first = samples.find("pub(super) async fn ").ok_or("the client has no samples")?;
    let name: String =
        samples[first + 20..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let begin = samples[first..].find("let answer = ").ok_or("the sample has no answer")? + first;
    let end = samples[begin..].find("    .send()").ok_or("the sample sends nothing")? + begin;
    let sample = &samples[begin..end];

    let mut operations = client.spec["paths"].as_object().into_iter().flatten().flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().map(move |(method, operation)| (path, method, operation))
    });
    let (_, method, operation) = operations
        .find(|(_, _, operation)| operation.get("operationId").is_some())
        .ok_or("the spec has no operation")?;
    let (status, response) = operation["responses"]
        .as_object()
        .into_iter()
        .flatten()
        .find(|(status, _)| status.starts_with('2'))
        .ok_or("the operation has no success")?;
    let status: u16 = status.parse().unwrap_or(200);
    let media = response["content"].as_object().and_then(|content| content.iter().next());
    let body = operation["requestBody"]["content"].as_object().and_then(|content| content.iter().next());

    let mut text = format!(
        "//! One call of a surveyed client.\nuse enroll::httpmock::MockServer;\nuse enroll::{module}::mock::MockServerExt as _;\n\n\
         pub async fn call() -> super::Called {{\n    let server = MockServer::start_async().await;\n"
    );
    let mut matched = format!("        let when = when.into_inner().method({:?})", method.to_uppercase());
    for (header, value) in headers(&client.spec, operation) {
        let _ = write!(matched, ".header({header:?}, {value:?})");
    }
    if let Some((media_type, media)) = body {
        let value = &media["examples"]["typical"]["value"];
        if media_type == "application/x-www-form-urlencoded" {
            for (key, value) in value.as_object().into_iter().flatten() {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let _ = write!(matched, ".form_urlencoded_tuple({key:?}, {value:?})");
            }
        } else {
            let json = serde_json::to_string(value).unwrap_or_default();
            let _ = write!(
                matched,
                ".header(\"content-type\", {media_type:?}).json_body(serde_json::from_str::<serde_json::Value>({json:?}).expect(\"JSON\"))"
            );
        }
    }
    let answer = media.map(|(_, media)| media["examples"]["typical"]["value"].clone());
    let _ = write!(
        text,
        "    let mock = server.{name}(|when, then| {{\n{matched};\n        let then = then.into_inner().status({status})"
    );
    if let (Some(answer), Some((media_type, _))) = (&answer, media) {
        let _ = write!(text, ".header(\"content-type\", {media_type:?}).body({:?})", answer.to_string());
    }
    text.push_str(";\n    });\n");
    let credentials = client.spec["x-enroll-credentials"].as_object().into_iter().flatten();
    let setters: String = credentials
        .map(|(name, credential)| format!(".{name}({:?})", credential["example"].as_str().unwrap_or("fake")))
        .collect();
    let _ = write!(
        text,
        "    let client = enroll::{module}::Client::builder(){setters}.base_url(server.base_url()).build()?;\n    \
         let {module} = &client;\n    {sample}    .send()\n    .await?;\n    \
         assert_eq!(answer.status().as_u16(), {status}, \"the status\");\n    \
         assert_eq!(mock.calls(), 1, \"the number of calls\");\n"
    );
    if let Some(answer) = answer {
        let _ = write!(
            text,
            "    let expected: serde_json::Value = serde_json::from_str({:?})?;\n    \
             let decoded = serde_json::to_value(&*answer)?;\n    \
             assert_eq!(decoded, expected, \"the typed answer\");\n",
            answer.to_string()
        );
    }
    text.push_str("    Ok(())\n}\n\n// The other samples have to compile.\n");
    text.push_str("pub mod samples {\n    ");
    text.push_str(&samples.replace("pub(super)", "pub"));
    text.push_str("}\n");
    Ok(text)
}

/// The headers that say who calls.
fn headers(spec: &Value, operation: &Value) -> Vec<(String, String)> {
    let security = operation.get("security").unwrap_or(&spec["security"]);
    let schemes = security[0].as_object().into_iter().flatten();
    schemes
        .filter_map(|(name, _)| {
            let scheme = &spec["components"]["securitySchemes"][name];
            let header = scheme["name"].as_str().unwrap_or("authorization").to_lowercase();
            let template = scheme["x-enroll-recipe"]["static"].as_str()?;
            let (before, rest) = template.split_once('{')?;
            let (credential, after) = rest.split_once('}')?;
            let example = spec["x-enroll-credentials"][credential]["example"].as_str()?;
            Some((header, format!("{before}{example}{after}")))
        })
        .collect()
}
