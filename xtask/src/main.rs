//! The commands of this workspace. Each is a variant of [`Command`], and its first line of documentation is its help.

mod bench;
mod ci;
mod consumer;
mod docs;
mod doctor;
mod facts;
mod fuzz;
mod generate;
mod package;
mod peers;
mod pointer;
mod provider;
mod spec;
mod survey;
mod windows;

use std::path::{Path, PathBuf};
use std::process::{Command as Process, ExitCode};

use clap::{CommandFactory as _, Parser, Subcommand};

/// The commands of this workspace. All work offline once the dependencies are there.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Measures how fast something is beside what one would use instead; the first time it installs that
    Bench(bench::Arguments),
    /// Runs what CI runs, step by step; with a step's name, that step alone
    Ci(ci::Arguments),
    /// Serves the documentation of all providers; with a provider's and an operation's name, prints theirs
    Docs(docs::Arguments),
    /// Says what this machine lacks for the commands, and how to get it
    Doctor(doctor::Arguments),
    /// Counts how many facts of the seed pages the specs state, and fails below all of them
    Facts(facts::Arguments),
    /// Tries requests of every form on the sandbox, and specs of every form on the generator
    Fuzz(fuzz::Arguments),
    /// Refreshes what follows from the specs: the surface files, which show in a review what a spec changes for users
    Generate(generate::Arguments),
    /// Makes archives for the registry, with the clients generated; `--check` builds programs against them
    Package(package::Arguments),
    /// Asks judges that nobody here wrote about the SDK and the sandbox; the first time it installs them
    Peers(peers::Arguments),
    /// Adds a provider with all that it needs, or takes one away
    Provider(provider::Arguments),
    /// Looks at the specs: `lint` finds what is wrong with them, `diff` says what has changed and what follows
    Spec(spec::Arguments),
    /// Takes documents that others wrote from import to a typed call; the first time it downloads them
    Survey(survey::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Some(Command::Bench(arguments)) => bench::run(&arguments),
        Some(Command::Ci(arguments)) => ci::run(&arguments),
        Some(Command::Docs(arguments)) => docs::run(&arguments),
        Some(Command::Doctor(arguments)) => doctor::run(&arguments),
        Some(Command::Facts(arguments)) => facts::run(&arguments),
        Some(Command::Fuzz(arguments)) => fuzz::run(&arguments),
        Some(Command::Generate(arguments)) => generate::run(&arguments),
        Some(Command::Package(arguments)) => package::run(&arguments),
        Some(Command::Peers(arguments)) => peers::run(&arguments),
        Some(Command::Provider(arguments)) => provider::run(&arguments),
        Some(Command::Spec(arguments)) => spec::run(&arguments),
        Some(Command::Survey(arguments)) => survey::run(&arguments),
        // Without a command, it lists them.
        None => Arguments::command().print_help().map_err(|error| error.to_string()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's root.
fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// The names of all providers: the stems of the specs.
fn providers() -> Result<Vec<String>, String> {
    provider::names(&root())
}

/// Runs cargo in a folder, with its output shown.
fn cargo(arguments: &str, folder: &Path, environment: &[(&str, &str)]) -> Result<(), String> {
    println!("  $ cargo {arguments}");
    let status = process(arguments, folder)
        .envs(environment.iter().copied())
        .status()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`cargo {arguments}` failed")) }
}

/// What cargo prints.
fn capture(arguments: &str, folder: &Path) -> Result<String, String> {
    let output =
        process(arguments, folder).output().map_err(|error| format!("cargo cannot be started: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("`cargo {arguments}` failed: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

/// What a program prints.
fn capture_program(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Process::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("{program} cannot be started: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{program} failed: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }
}

fn process(arguments: &str, folder: &Path) -> Process {
    let mut process = Process::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    process.args(arguments.split(' ')).current_dir(folder);
    process
}
