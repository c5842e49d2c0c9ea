//! `cargo xtask bench`: how fast something is, as a ratio to what one would use instead, in one run on one machine.

mod build;
mod call;
mod concurrency;
mod consumer;
mod docs;
mod document;
mod generation;
mod programs;
mod sandbox;
mod size;

use std::time::Duration;

use self::document::Section;
use crate::{capture_program, root};

pub(crate) use self::call::checked as calls;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What is measured
    what: What,
    /// For how many seconds each server is asked, in each of the rounds
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How often each build, and each program's calls, are repeated
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Writes the figures to docs/benchmarks.md, and the ratios to the README
    #[arg(long)]
    write: bool,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum What {
    /// The build after an edit of a spec, for each provider
    Build,
    /// What a call costs: instructions, CPU time, allocations, beside programs by hand and of other generators
    Call,
    /// The documentation site: how much it weighs, and how soon something is seen of it
    Docs,
    /// Many calls at a time: how many a second, over how many connections, with how much memory
    Concurrency,
    /// The first build of a program, and how many crates that compiles, beside the same
    Consumer,
    /// Making a client of a spec, and of a document with a thousand operations
    Generation,
    /// Requests per second of the sandbox, beside those of Prism's mock
    Sandbox,
    /// How long a program is in bytes, beside the same
    Size,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let rounds = usize::from(arguments.rounds);
    let section = match arguments.what {
        What::Build => Section::from(build::measure(rounds)?),
        What::Call => call::measure(rounds)?,
        What::Docs => Section::from(docs::measure()?),
        What::Concurrency => concurrency::measure(rounds)?,
        What::Consumer => consumer::measure(rounds)?,
        What::Generation => generation::measure(rounds)?,
        What::Size => size::measure()?,
        What::Sandbox => Section::from(sandbox::measure(arguments.seconds)?),
    };
    print!("{}", section.text);
    if arguments.write { section.write() } else { Ok(()) }
}

/// When, on what and with what something was measured.
fn circumstances() -> Result<String, String> {
    let date = capture_program("date", &["+%Y-%m-%d"])?;
    let rustc = capture_program("rustc", &["--version"])?;
    let rustc = rustc.split(" (").next().unwrap_or_default().trim();
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map(|it| it.1);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let system = capture_program("uname", &["-sm"])?;
    let cpu = cpu.unwrap_or("unknown CPU");
    Ok(format!("{}, {cores} × {cpu}, {}, {rustc}, {}", date.trim(), system.trim(), libraries()?))
}

/// The libraries that all programs share, in the versions that they are locked to.
fn libraries() -> Result<String, String> {
    let path = root().join("benches/Cargo.lock");
    let lock = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let version = |name: &str| {
        let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        Some(format!("{name} {}", rest.split('"').next()?))
    };
    Ok(["reqwest", "hyper", "rustls"].into_iter().filter_map(version).collect::<Vec<_>>().join(", "))
}

/// What a process has used of the processors so far, by Linux' own account in hundredths of a second.
fn cpu_time(process: u32) -> Result<Duration, String> {
    cpu_time_at(&process.to_string(), [11, 12])
}

/// What the programs that this one has waited for have used of the processors.
fn children() -> Result<Duration, String> {
    cpu_time_at("self", [13, 14])
}

/// The sum of two of the fields that follow the program's name.
fn cpu_time_at(process: &str, indices: [usize; 2]) -> Result<Duration, String> {
    let path = format!("/proc/{process}/stat");
    let text =
        std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}; this needs Linux"))?;
    // The program's name, in parentheses, may hold anything.
    let fields: Vec<_> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    Ok(Duration::from_millis(indices.into_iter().map(ticks).sum::<u64>() * 10))
}

fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert_eq!(super::median(vec![9, 1, 5]), 5);
        assert_eq!(super::median(vec![0.5, 2.5, 1.0]), 1.0);
    }
}
