//! `cargo xtask ci`: what CI runs. Each step is a row of one table.

use std::process::Command;
use std::time::Instant;

use crate::root;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The step to run; all of them if it is left out
    step: Option<String>,
    /// Lists the steps
    #[arg(long)]
    list: bool,
    /// Leaves a step out; may be given more than once
    #[arg(long)]
    skip: Vec<String>,
}

/// A step: its name, what it is for, and its commands with their environment.
struct Step {
    name: &'static str,
    about: &'static str,
    commands: &'static [Run],
}

struct Run {
    environment: &'static [(&'static str, &'static str)],
    /// The arguments for cargo.
    arguments: &'static str,
}

const fn cargo(arguments: &'static str) -> Run {
    Run { environment: &[], arguments }
}

const STEPS: &[Step] = &[
    Step { name: "test", about: "the README's test command", commands: &[cargo("test --workspace")] },
    Step {
        name: "quickstart",
        about: "the README's first command",
        commands: &[cargo("run --example quickstart")],
    },
    Step { name: "facts", about: "every fact of the seeds is stated", commands: &[cargo("xtask facts")] },
    Step { name: "fmt", about: "formatting", commands: &[cargo("fmt --all --check")] },
    Step {
        name: "clippy",
        about: "clippy without a warning",
        commands: &[cargo("clippy --workspace --all-targets --all-features -- -D warnings")],
    },
    Step {
        name: "doc",
        about: "documentation without a warning",
        commands: &[Run {
            environment: &[("RUSTDOCFLAGS", "-D warnings")],
            arguments: "doc --workspace --no-deps --all-features",
        }],
    },
    Step {
        name: "features",
        about: "every feature alone, and none",
        commands: &[
            cargo("check -p enroll --no-default-features"),
            cargo("check -p enroll --no-default-features --features digipay"),
            cargo("check -p enroll --no-default-features --features haptik"),
            cargo("check -p enroll --no-default-features --features original"),
            cargo("check -p enroll --no-default-features --features streambird"),
            cargo("check -p enroll --no-default-features --features rustls"),
            cargo("check -p enroll --no-default-features --features native-tls"),
            cargo("check -p enroll --no-default-features --features config-file"),
            cargo("check -p enroll --no-default-features --features mock"),
            cargo("check -p enroll --no-default-features --features schemars"),
        ],
    },
];

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    if arguments.list {
        for step in STEPS {
            println!("{:<12}{}", step.name, step.about);
        }
        return Ok(());
    }
    let known = |name: &String| STEPS.iter().any(|step| step.name == *name);
    if let Some(unknown) = arguments.step.iter().chain(&arguments.skip).find(|name| !known(name)) {
        return Err(format!("there is no step `{unknown}`; `cargo xtask ci --list` shows the steps"));
    }
    let mut times = Vec::new();
    for step in STEPS {
        let wanted = arguments.step.as_ref().is_none_or(|name| name == step.name);
        if wanted && !arguments.skip.iter().any(|name| name == step.name) {
            let start = Instant::now();
            println!("==> {}: {}", step.name, step.about);
            step.commands.iter().try_for_each(execute)?;
            times.push((step.name, start.elapsed()));
        }
    }
    for (name, time) in times {
        println!("{name:<12}{:>7.1} s", time.as_secs_f64());
    }
    Ok(())
}

fn execute(run: &Run) -> Result<(), String> {
    println!("  $ cargo {}", run.arguments);
    let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(run.arguments.split(' '))
        .envs(run.environment.iter().copied())
        .current_dir(root())
        .status()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`cargo {}` failed", run.arguments)) }
}
