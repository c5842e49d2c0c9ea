//! `cargo xtask bench sandbox`: requests per second of the sandbox, beside those of Prism's mock.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::cpu_time;
use crate::peers::{Program, Sandbox, free_port, install, installed};
use crate::{cargo, root};

/// So many connections ask at the same time.
const CONNECTIONS: usize = 16;

/// Each side is asked so often, in turns, so that what else the machine does meets both.
const ROUNDS: usize = 3;

/// What one side did.
#[derive(Clone, Copy, Default)]
struct Tally {
    requests: u64,
    time: Duration,
    /// Of the server's process.
    cpu: Duration,
}

pub(super) fn measure(seconds: u64) -> Result<String, String> {
    install()?;
    // Without the SDK, which the program has no use for and which takes minutes to optimise.
    cargo("build --release -p enroll-sandbox --no-default-features", &root(), &[])?;
    let sandbox = Sandbox::start_program(&root().join("target/release/enroll-sandbox"))?;
    let port = free_port()?;
    let mut command = Command::new("node");
    command.arg("node_modules/@stoplight/prism-cli/dist/index.js");
    command.args(["mock", "-p", &port.to_string()]).arg(root().join("specs/haptik.yaml"));
    command.current_dir(installed()).env("FORCE_COLOR", "0").stderr(Stdio::null());
    let (prism, _) = Program::start(&mut command, "Prism is listening")?;

    let headers = format!(
        "authorization: Bearer {}\r\nclient-id: {}\r\n",
        sandbox.variable("HAPTIK_TOKEN")?,
        sandbox.variable("HAPTIK_CLIENT_ID")?,
    );
    let sides = [
        Side {
            port: sandbox.port,
            path: "/haptik/v1.0/user/",
            headers: &headers,
            process: sandbox.process(),
        },
        Side { port, path: "/v1.0/user/", headers: &headers, process: prism.process() },
    ];
    for side in &sides {
        // Both compile what they need when it is needed first.
        side.ask(Duration::from_secs(1))?;
    }
    let mut tallies = [Tally::default(); 2];
    for _ in 0..ROUNDS {
        for (side, tally) in sides.iter().zip(&mut tallies) {
            let round = side.ask(Duration::from_secs(seconds))?;
            tally.requests += round.requests;
            tally.time += round.time;
            tally.cpu += round.cpu;
        }
    }
    report(&tallies)
}

fn report([sandbox, prism]: &[Tally; 2]) -> Result<String, String> {
    let per_second = |tally: &Tally| tally.requests as f64 / tally.time.as_secs_f64();
    let cpu = |tally: &Tally| tally.cpu.as_secs_f64() * 1e6 / tally.requests as f64;
    Ok(format!(
        "## The sandbox and Prism's mock\n\n\
         Made by `cargo xtask bench sandbox --write` ({}).\n\n\
         `createUser` of Haptik with a body of its own each time, {CONNECTIONS} connections, {ROUNDS} rounds in turns. Both check the\n\
         request against `specs/haptik.yaml`; the sandbox also checks the credentials, keeps the user, and checks its own answer.\n\n\
         | server | requests/s | CPU per request |\n|---|---:|---:|\n\
         | enroll-sandbox (release) | {:.0} | {:.0} µs |\n| Prism 5 `mock` | {:.0} | {:.0} µs |\n| ratio | {:.1} × | 1 / {:.1} |\n",
        super::circumstances()?,
        per_second(sandbox),
        cpu(sandbox),
        per_second(prism),
        cpu(prism),
        per_second(sandbox) / per_second(prism),
        cpu(prism) / cpu(sandbox),
    ))
}

/// A server under load.
struct Side<'a> {
    port: u16,
    path: &'a str,
    headers: &'a str,
    process: u32,
}

impl Side<'_> {
    /// Asks on all connections for so long: a request on each, and then the answers. One thread does it, so that what is measured
    /// is the server and not how the system shares its processors among those who ask.
    fn ask(&self, time: Duration) -> Result<Tally, String> {
        let gone = |error: std::io::Error| format!("port {}: {error}", self.port);
        let connect = || {
            let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
            stream.set_nodelay(true)?;
            Ok(stream)
        };
        let streams: Result<Vec<_>, _> = (0..CONNECTIONS).map(|_| connect()).collect();
        let mut streams = streams.map_err(gone)?;
        let before = cpu_time(self.process)?;
        let start = Instant::now();
        let mut buffer = Vec::new();
        let mut requests = 0;
        while start.elapsed() < time {
            for stream in &mut streams {
                stream.write_all(self.request(requests).as_bytes()).map_err(gone)?;
                requests += 1;
            }
            for stream in &mut streams {
                let status = answer(stream, &mut buffer).map_err(gone)?;
                if status != 200 {
                    let said = String::from_utf8_lossy(&buffer);
                    return Err(format!("port {} answers {status}: {said}", self.port));
                }
            }
        }
        let cpu = cpu_time(self.process)?.saturating_sub(before);
        Ok(Tally { requests, time: start.elapsed(), cpu })
    }

    /// A request about a person whom no other of the same round is about.
    fn request(&self, person: u64) -> String {
        let body = format!(
            "{{\"auth_id\":\"member-{person}\",\"name\":\"Ada Lovelace\",\"email\":\"ada@example.com\"}}"
        );
        let Self { path, headers, .. } = self;
        format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{headers}content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

/// Reads one answer, and gives its status.
fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<u16> {
    buffer.clear();
    let mut chunk = [0; 16 * 1024];
    loop {
        let read = stream.read(&mut chunk)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        buffer.extend_from_slice(&chunk[..read]);
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
        let length: Option<usize> =
            head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let whole = match length {
            Some(length) => buffer.len() >= end + 4 + length,
            None => buffer.ends_with(b"0\r\n\r\n"),
        };
        if whole {
            return Ok(head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0));
        }
    }
}
