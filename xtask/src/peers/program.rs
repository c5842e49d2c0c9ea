//! A program that runs beside this one, and the sandbox as such a program.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::install;

/// How long a program may stay silent while a line of it is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program under way, ended when this is dropped.
pub(crate) struct Program {
    child: Child,
    lines: Receiver<String>,
}

impl Program {
    /// Starts it, and waits for the line by which it says that it is ready. Gives the lines up to there.
    pub(crate) fn start(command: &mut Command, ready: &str) -> Result<(Self, Vec<String>), String> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // Node.js makes the pipe that it is given one that does not block, for all who share it.
            .stderr(stderr()?)
            .spawn()
            .map_err(|error| format!("{name} cannot be started: {error}"))?;
        let output = child.stdout.take();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let lines = output.into_iter().flat_map(|output| BufReader::new(output).lines());
            // Whoever waited for the lines may be gone.
            lines.map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let program = Self { child, lines };
        let lines = program.lines_to(ready).map_err(|error| format!("{name} {error}"))?;
        Ok((program, lines))
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// The lines up to the first that contains this.
    pub(crate) fn lines_to(&self, last: &str) -> Result<Vec<String>, String> {
        let mut lines = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => lines.push(line),
                Err(_) => {
                    let said = lines.join("\n");
                    return Err(format!(
                        "never said `{last}`; it said `{said}`, and see {}",
                        stderr_path().display()
                    ));
                }
            }
            if lines.last().is_some_and(|line| line.contains(last)) {
                return Ok(lines);
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What all programs write to standard error, one after the other.
fn stderr() -> Result<File, String> {
    let path = stderr_path();
    let file = std::fs::create_dir_all(install::folder())
        .and_then(|()| File::options().create(true).append(true).open(&path));
    file.map_err(|error| format!("{}: {error}", path.display()))
}

fn stderr_path() -> std::path::PathBuf {
    install::folder().join("stderr.txt")
}

/// A running `enroll-sandbox`.
pub(crate) struct Sandbox {
    pub(crate) port: u16,
    /// What it prints to be put into the environment.
    pub(crate) environment: Vec<(String, String)>,
    program: Program,
}

impl Sandbox {
    pub(crate) fn start() -> Result<Self, String> {
        let this =
            std::env::current_exe().map_err(|error| format!("this program cannot be found: {error}"))?;
        // Cargo puts all programs of the workspace into one folder.
        Self::start_program(&this.with_file_name("enroll-sandbox"))
    }

    pub(crate) fn start_program(path: &Path) -> Result<Self, String> {
        let port = free_port()?;
        let mut command = Command::new(path);
        command.args(["--log", "none", "--port"]).arg(port.to_string());
        let (program, lines) = Program::start(&mut command, "# The credentials")?;
        let exports = lines.iter().filter_map(|line| line.strip_prefix("export ")?.split_once('='));
        let environment = exports.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(Self { port, environment, program })
    }

    pub(crate) fn process(&self) -> u32 {
        self.program.process()
    }

    pub(crate) fn variable(&self, name: &str) -> Result<&str, String> {
        let found = self.environment.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).ok_or_else(|| format!("the sandbox tells no {name}"))
    }
}

/// A port that nothing listens on.
pub(crate) fn free_port() -> Result<u16, String> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("there is no free port: {error}"))
}

/// Sends a request and waits for the end of the answer.
pub(crate) fn send(port: u16, head: &str, body: &str) -> Result<(), String> {
    let exchange = || {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        let length = body.len();
        write!(
            stream,
            "{head}\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )?;
        stream.read_to_end(&mut Vec::new())
    };
    exchange().map(drop).map_err(|error: std::io::Error| format!("no answer from port {port}: {error}"))
}
