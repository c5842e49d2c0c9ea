//! `cargo xtask bench call`: what one call costs the client, beside programs by hand and of other generators.
//!
//! Instructions are counted by callgrind, twice, with so many calls and with double, so that starting up is no part of the
//! difference. They repeat to a thousandth on any machine, also a busy one, which no time does.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use super::document::{Section, recorded};
use super::programs::{PROGRAMS, Program, Server, YARDSTICK, number, run, target};
use super::{circumstances, median};

const HEADING: &str = "A call";

/// Calls under callgrind, and half of them.
const COUNTED: [u64; 2] = [1_000, 2_000];

/// Calls of a round whose time is taken. Five rounds are 50,000.
const TIMED: u64 = 10_000;

/// So much may the ratio grow beyond what docs/benchmarks.md says before it counts as a regression: the libraries of another
/// machine differ by less.
const TOLERANCE: f64 = 0.02;

/// What a call costs.
#[derive(Default)]
struct Cost {
    instructions: f64,
    nanoseconds: Vec<f64>,
    allocations: f64,
    bytes: f64,
}

pub(super) fn measure(rounds: usize) -> Result<Section, String> {
    Server::build()?;
    let server = Server::start()?;
    let mut costs = Vec::new();
    let mut binaries = Vec::new();
    for program in &PROGRAMS {
        let counting = program.build("count")?;
        let figures = run(Command::new(counting).args([server.base_url.as_str(), "2000"]))?;
        let calls = number(&figures, "calls")?;
        let binary = program.build("measured")?;
        costs.push(Cost {
            instructions: instructions(program, &binary, &server)?,
            allocations: number(&figures, "allocations")? / calls,
            bytes: number(&figures, "bytes")? / calls,
            nanoseconds: Vec::new(),
        });
        binaries.push(binary);
    }
    // In turns, so that what else the machine does meets all alike.
    for _ in 0..rounds {
        for (binary, cost) in binaries.iter().zip(&mut costs) {
            let figures = run(Command::new(binary).args([&server.base_url, &TIMED.to_string()]))?;
            cost.nanoseconds.push(number(&figures, "cpu_ns")? / TIMED as f64);
        }
    }
    report(&costs, rounds)
}

fn report(costs: &[Cost], rounds: usize) -> Result<Section, String> {
    let yardstick = PROGRAMS.iter().zip(costs).find(|(program, _)| program.name == YARDSTICK.name);
    let (_, yardstick) = yardstick.ok_or("the yardstick is not measured")?;
    // Of each round by itself: its programs had the same neighbours.
    let time = |cost: &Cost| {
        median(cost.nanoseconds.iter().zip(&yardstick.nanoseconds).map(|(one, other)| one / other).collect())
    };
    let mut text = format!(
        "## {HEADING}\n\n\
         Made by `cargo xtask bench call --write` ({}).\n\n\
         One user is created at Haptik over loopback http, again and again on one connection, at a server in another process.\n\
         Instructions are those of callgrind, without the kernel's; CPU time is the client's own, user and system, the median of\n\
         {rounds} rounds of {TIMED} calls in turns. Ratios are to the program written by hand.\n\n\
         | program | instructions | ratio | CPU time | ratio | allocations | ratio | bytes | ratio |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        circumstances()?
    );
    for (program, cost) in PROGRAMS.iter().zip(costs) {
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.3} | {:.1} µs | {:.2} | {:.1} | {:.2} | {:.0} | {:.2} |",
            program.shown,
            cost.instructions,
            cost.instructions / yardstick.instructions,
            median(cost.nanoseconds.clone()) / 1_000.0,
            time(cost),
            cost.allocations,
            cost.allocations / yardstick.allocations,
            cost.bytes,
            cost.bytes / yardstick.bytes,
        );
    }
    let row = |ratio: &dyn Fn(&Cost) -> f64| costs.iter().map(|cost| format!("{:.2}", ratio(cost))).collect();
    let rows = vec![
        ("instructions per call", row(&|cost| cost.instructions / yardstick.instructions)),
        ("CPU time per call", row(&time)),
        ("allocations per call", row(&|cost| cost.allocations / yardstick.allocations)),
    ];
    Ok(Section { text, rows })
}

/// Instructions of a call.
fn instructions(program: &Program, binary: &Path, server: &Server) -> Result<f64, String> {
    let mut totals = [0.0; 2];
    for (calls, total) in COUNTED.iter().zip(&mut totals) {
        let profile = target().join(format!("callgrind.{}.{calls}", program.name));
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--quiet", "--tool=callgrind"]);
        valgrind.arg(format!("--callgrind-out-file={}", profile.display()));
        run(valgrind.arg(binary).args([&server.base_url, &calls.to_string()]))
            .map_err(|error| format!("{error}; valgrind is needed: apt-get install valgrind"))?;
        let text =
            std::fs::read_to_string(&profile).map_err(|error| format!("{}: {error}", profile.display()))?;
        let counted = text.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok());
        *total = counted.ok_or_else(|| format!("{} has no totals", profile.display()))?;
    }
    Ok((totals[1] - totals[0]) / (COUNTED[1] - COUNTED[0]) as f64)
}

/// The step of CI: a call costs no more instructions, relative to the program by hand, than docs/benchmarks.md says.
pub(crate) fn checked() -> Result<(), String> {
    Server::build()?;
    let server = Server::start()?;
    let count = |program: &Program| instructions(program, &program.build("measured")?, &server);
    let [enroll, yardstick] = [count(&PROGRAMS[0])?, count(&YARDSTICK)?];
    let before = recorded(HEADING, PROGRAMS[0].shown)?;
    let before: f64 = before
        .get(1)
        .and_then(|ratio| ratio.parse().ok())
        .ok_or("docs/benchmarks.md has no ratio of instructions; run `cargo xtask bench call --write`")?;
    let now = enroll / yardstick;
    println!("{enroll:.0} instructions a call, {yardstick:.0} by hand: {now:.3} (before: {before:.3})");
    if now <= before + TOLERANCE {
        Ok(())
    } else {
        Err(format!(
            "a call costs {now:.3} × the instructions of the program by hand, and docs/benchmarks.md says {before:.3}; \
             `callgrind_annotate target/benches/callgrind.enroll.{}` shows where, and `cargo xtask bench call --write` \
             renews the figure if it must be so",
            COUNTED[1]
        ))
    }
}
