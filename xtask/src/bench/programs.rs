//! The programs of `benches/`, each of which creates one user: how they are built, and the server that they call.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::peers::Program as Running;
use crate::{cargo, root};

/// A program that is measured.
pub(super) struct Program {
    /// Its folder in `benches/programs`.
    pub(super) name: &'static str,
    /// What it is, as a row of a table says.
    pub(super) shown: &'static str,
}

/// All programs; the README's table has a column for each, in this order.
pub(super) const PROGRAMS: [Program; 5] = [
    Program { name: "enroll", shown: "enroll" },
    YARDSTICK,
    Program { name: "progenitor", shown: "progenitor 0.15, plain" },
    Program { name: "openapi-generator", shown: "openapi-generator 7.26" },
    Program { name: "hyper", shown: "hyper, by hand" },
];

/// What all others are compared with.
pub(super) const YARDSTICK: Program = Program { name: "reqwest", shown: "reqwest and serde, by hand" };

/// Where cargo builds them: not where it builds the SDK, since they are of other workspaces.
pub(super) fn target() -> PathBuf {
    root().join("target/benches")
}

impl Program {
    /// The folder from which cargo builds it.
    pub(super) fn folder(&self) -> Result<PathBuf, String> {
        if self.name == "openapi-generator" {
            generate()?;
            return Ok(root().join("benches/programs/openapi-generator"));
        }
        Ok(root().join("benches"))
    }

    /// The program driven by the harness. It is copied away, because another feature builds to the same place.
    pub(super) fn build(&self, feature: &str) -> Result<PathBuf, String> {
        let Self { name, .. } = self;
        build_in(
            &self.folder()?,
            &format!("--profile measured -p with-{name} --bin measured-{name} --features {feature}"),
        )?;
        let built = target().join(format!("measured/measured-{name}"));
        let kept = target().join(format!("{feature}-{name}"));
        std::fs::copy(&built, &kept).map_err(|error| format!("{}: {error}", built.display()))?;
        Ok(kept)
    }
}

pub(super) fn build_in(folder: &Path, arguments: &str) -> Result<(), String> {
    let target = target().display().to_string();
    cargo(&format!("build --quiet {arguments}"), folder, &[("CARGO_TARGET_DIR", &*target)])
}

/// What the harness prints of a run.
pub(super) fn run(command: &mut Command) -> Result<Value, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{name} cannot be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name} failed"));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("{name} printed no figures: {error}"))
}

/// A number among what the harness prints.
pub(super) fn number(figures: &Value, name: &str) -> Result<f64, String> {
    figures[name].as_f64().ok_or_else(|| format!("the harness printed no `{name}`"))
}

/// The server, under way until this is dropped.
pub(super) struct Server {
    pub(super) base_url: String,
    _running: Running,
}

impl Server {
    pub(super) fn build() -> Result<(), String> {
        build_in(&root().join("benches"), "--profile measured -p server")
    }

    /// Starts it anew; it has been built.
    pub(super) fn start() -> Result<Self, String> {
        let mut command = Command::new(target().join("measured/server"));
        let (running, lines) = Running::start(&mut command, "listening on ")?;
        let port = lines.last().and_then(|line| line.rsplit(' ').next()).unwrap_or_default();
        Ok(Self { base_url: format!("http://127.0.0.1:{port}"), _running: running })
    }
}

impl Server {
    /// How many connections have been opened, besides the one that asks this.
    pub(super) fn connections(&self) -> Result<f64, String> {
        let asked = || {
            let address = self.base_url.trim_start_matches("http://");
            let mut stream = TcpStream::connect(address)?;
            stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        let answer = asked().map_err(|error: std::io::Error| format!("{}: {error}", self.base_url))?;
        let number = answer.rsplit("\r\n").next().and_then(|text| text.parse().ok());
        number.ok_or_else(|| format!("{} tells no number of connections", self.base_url))
    }
}

/// openapi-generator's client, from the spec as it is now.
fn generate() -> Result<(), String> {
    let folder = root().join("target/openapi-generator");
    let client = folder.join("client");
    let jar = folder.join("python/openapi_generator_cli/openapi-generator.jar");
    if !jar.is_file() {
        let requirements = root().join("benches/programs/openapi-generator/requirements.txt");
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
        pip.args(["--require-hashes", "--target"]).arg(folder.join("python")).arg("-r").arg(requirements);
        quietly(&mut pip, "install Python 3.11 or later with pip")?;
    }
    // What an earlier spec left would stay. There may be nothing.
    let _ = std::fs::remove_dir_all(&client);
    let mut java = Command::new("java");
    // It takes the body of a link for a text, which by OpenAPI may be any value.
    java.arg("-jar")
        .arg(jar)
        .args(["generate", "--skip-validate-spec", "-g", "rust", "-i"])
        .arg(root().join("specs/haptik.yaml"));
    java.arg("-o").arg(client).arg("--additional-properties=packageName=haptik-openapi-generator");
    quietly(&mut java, "install Java 11 or later: apt-get install default-jre-headless")
}

/// Runs a program whose output only matters if it fails.
fn quietly(command: &mut Command, cure: &str) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name} cannot be started: {error}; {cure}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }
}
