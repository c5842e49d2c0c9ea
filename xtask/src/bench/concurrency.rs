//! `cargo xtask bench concurrency`: many calls at a time: how many a second, how long one takes, over how many connections, and
//! with how much memory.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use super::document::Section;
use super::programs::{PROGRAMS, Server, YARDSTICK, number, run};
use super::{circumstances, median};

/// Calls that are under way at the same time.
const IN_FLIGHT: [u32; 3] = [1, 16, 256];

/// Calls of one run.
const CALLS: u32 = 20_000;

/// What the runs of one program with so many calls in flight showed.
#[derive(Default)]
struct Runs {
    per_second: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    connections: Vec<f64>,
    peak: Vec<f64>,
}

pub(super) fn measure(rounds: usize) -> Result<Section, String> {
    let binaries = PROGRAMS.iter().map(|program| program.build("measured")).collect::<Result<Vec<_>, _>>()?;
    Server::build()?;
    let mut text = format!(
        "## Many calls at a time\n\n\
         Made by `cargo xtask bench concurrency --write` ({}).\n\n\
         {CALLS} calls by one thread, so many of them under way at any time, at a server with one thread; medians of {rounds} rounds in\n\
         turns. HTTP/1.1 has one call on a connection at a time, and a pool opens one for each call that finds none idle; `enroll` has 64\n\
         requests under way at most, unless told, and lets the others wait. Memory is the most that the client had resident.\n\n\
         | in flight | program | calls/s | ratio | p50 | p99 | connections | memory | ratio |\n\
         |---:|---|---:|---:|---:|---:|---:|---:|---:|\n",
        circumstances()?
    );
    for in_flight in IN_FLIGHT {
        lines(&mut text, in_flight, &with_so_many(in_flight, &binaries, rounds)?)?;
    }
    Ok(Section::from(text))
}

fn with_so_many(in_flight: u32, binaries: &[PathBuf], rounds: usize) -> Result<Vec<Runs>, String> {
    let mut all: Vec<_> = binaries.iter().map(|_| Runs::default()).collect();
    for _ in 0..rounds {
        for (binary, runs) in binaries.iter().zip(&mut all) {
            // A new server each time, which begins to count connections at nothing.
            let server = Server::start()?;
            let figures = run(Command::new(binary).args([
                &server.base_url,
                &CALLS.to_string(),
                &in_flight.to_string(),
            ]))?;
            runs.per_second.push(f64::from(CALLS) * 1e9 / number(&figures, "wall_ns")?);
            runs.p50.push(number(&figures, "p50_ns")? / 1e3);
            runs.p99.push(number(&figures, "p99_ns")? / 1e3);
            runs.peak.push(number(&figures, "peak_kib")? / 1024.0);
            runs.connections.push(server.connections()?);
        }
    }
    Ok(all)
}

fn lines(text: &mut String, in_flight: u32, all: &[Runs]) -> Result<(), String> {
    let yardstick = PROGRAMS.iter().zip(all).find(|(program, _)| program.name == YARDSTICK.name);
    let (_, yardstick) = yardstick.ok_or("the yardstick is not measured")?;
    // Of each round by itself: its programs had the same neighbours.
    let ratio = |ours: &[f64], theirs: &[f64]| {
        median(ours.iter().zip(theirs).map(|(one, other)| one / other).collect::<Vec<_>>())
    };
    for (program, runs) in PROGRAMS.iter().zip(all) {
        let of = |values: &Vec<f64>| median(values.clone());
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "| {in_flight} | {} | {:.0} | {:.2} | {:.0} µs | {:.0} µs | {:.0} | {:.1} MiB | {:.2} |",
            program.shown,
            of(&runs.per_second),
            ratio(&runs.per_second, &yardstick.per_second),
            of(&runs.p50),
            of(&runs.p99),
            of(&runs.connections),
            of(&runs.peak),
            ratio(&runs.peak, &yardstick.peak),
        );
    }
    Ok(())
}
