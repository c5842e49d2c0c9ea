//! `cargo xtask fuzz`: bytes of every form for what reads bytes, guided by which code they reach, for as long as one likes.
//!
//! libFuzzer is linked as a library. Its command, cargo-fuzz, would add flags of the compiler, which stand here instead,
//! and a sanitizer, which has nothing to find in crates without unsafe code; installing it took longer than fuzzing.

mod seeds;

use std::path::Path;
use std::process::Command;

use crate::{capture_program, cargo, root};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What is tried; both if it is left out
    target: Option<Target>,
    /// For how many seconds each is tried
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Target {
    /// Requests, on the sandbox's reading of the specs
    Request,
    /// Specs, on the generator
    Spec,
}

/// What cargo-fuzz tells the compiler, without a sanitizer.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let fuzz = root().join("fuzz");
    // The same versions as the workspace, so that little else has to be fetched.
    std::fs::copy(root().join("Cargo.lock"), fuzz.join("Cargo.lock"))
        .map_err(|error| format!("Cargo.lock cannot be copied: {error}"))?;
    // With a target of its own, what runs while building is built without the flags.
    let version = capture_program("rustc", &["-vV"])?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or("`rustc -vV` names no host")?;
    cargo(&format!("build --release --target {host}"), &fuzz, &[("RUSTFLAGS", FLAGS)])?;
    let programs = fuzz.join("target").join(host).join("release");
    let both = [Target::Request, Target::Spec];
    let targets = arguments.target.as_ref().map_or(both.as_slice(), std::slice::from_ref);
    targets.iter().try_for_each(|target| try_target(*target, &programs, arguments.seconds))
}

fn try_target(target: Target, programs: &Path, seconds: u32) -> Result<(), String> {
    let fuzz = root().join("fuzz");
    let name = match target {
        Target::Request => "request",
        Target::Spec => "spec",
    };
    let corpus = fuzz.join("corpus").join(name);
    let artifacts = fuzz.join("artifacts").join(name);
    for folder in [&corpus, &artifacts] {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let mut command = Command::new(programs.join(name));
    match target {
        Target::Request => {
            let corpus = corpus.to_str().ok_or("the checkout's path is not UTF-8; move it")?;
            let seeds = "test -p enroll-sandbox --lib the_seeds_are_files_for_the_fuzzer";
            cargo(seeds, &root(), &[("ENROLL_FUZZ_SEEDS", corpus)])?;
            command.arg("-max_len=8192");
        }
        Target::Spec => {
            let dictionary = seeds::write(&corpus)?;
            command.arg("-max_len=4096").arg(format!("-dict={}", dictionary.display()));
        }
    }
    command.arg(format!("-max_total_time={seconds}")).arg("-timeout=20").arg("-print_final_stats=1");
    command.arg(format!("-artifact_prefix={}/", artifacts.display())).arg(&corpus).current_dir(&fuzz);
    println!("  $ fuzz/{name} for {seconds} s");
    let log = fuzz.join("target").join(format!("{name}.log"));
    let file = std::fs::File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let status = command.stderr(file).status().map_err(|error| format!("{name}: {error}"))?;
    let text = std::fs::read(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    if !status.success() {
        println!("{}", lines[lines.len().saturating_sub(40)..].join("\n"));
        return Err(format!("{name}: the fuzzer found something; fuzz/README.md says what to do with it"));
    }
    let executions = lines.iter().find(|line| line.starts_with("stat::number_of_executed_units"));
    println!("{name}: nothing found; {}", executions.unwrap_or(&"stat::number_of_executed_units: unknown"));
    Ok(())
}

/// As long as CI does.
pub(crate) fn briefly() -> Result<(), String> {
    run(&Arguments { target: None, seconds: 30 })
}
