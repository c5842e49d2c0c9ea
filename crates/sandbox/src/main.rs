//! The sandbox as a program, for a quickstart or for a client in any language.
//!
//! What it prints on standard output is a valid shell script, so it can be kept in a file and sourced elsewhere. What it
//! logs goes to standard error.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use enroll_sandbox::Sandbox;

/// Haptik, Original, Streambird and DigiPay, and any other provider by its spec, emulated on loopback until Ctrl-C.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Port to listen on; 0 takes any that is free
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Give each provider a port of its own too, counting up from this one; 0 takes any that are free
    #[arg(long, value_name = "FIRST", num_args = 0..=1, default_missing_value = "0")]
    ports: Option<u16>,
    /// Make ids, credentials and dates the same in every run
    #[arg(long)]
    seed: Option<u64>,
    /// How many users each provider keeps; the oldest goes when there are more
    #[arg(long, default_value_t = 20_000)]
    capacity: usize,
    /// After how many seconds a user of Original has a wallet
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wallet_after: u64,
    /// Let the pages of this origin, such as http://127.0.0.1:4000, send requests from a browser and read the answers
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Option<String>,
    /// What to write to standard error for each request
    #[arg(long, value_enum, default_value_t = Log::Text)]
    log: Log,
}

#[derive(Clone, Copy, ValueEnum)]
enum Log {
    Text,
    Json,
    None,
}

// One thread: to answer takes less than to wake another one for it.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("enroll-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> io::Result<()> {
    start_log(arguments.log);
    let mut builder = Sandbox::builder()
        .port(arguments.port)
        .capacity(arguments.capacity)
        .wallet_after(Duration::from_secs(arguments.wallet_after));
    if let Some(first) = arguments.ports {
        builder = builder.ports(first);
    }
    if let Some(seed) = arguments.seed {
        builder = builder.seed(seed);
    }
    if let Some(origin) = &arguments.allow_origin {
        builder = builder.allow_origin(origin);
    }
    // Whoever reads that the sandbox runs may ask it to stop at once.
    let stop = asked_to_stop()?;
    let sandbox = builder.start().await?;
    introduce(&sandbox, &mut io::stdout().lock())?;
    stop.await?;
    sandbox.stop().await;
    Ok(())
}

fn start_log(log: Log) {
    let lines = tracing_subscriber::fmt().with_writer(io::stderr).with_target(false);
    match log {
        Log::Text => lines.with_ansi(false).init(),
        Log::Json => lines.json().flatten_event(true).init(),
        Log::None => {}
    }
}

fn introduce(sandbox: &Sandbox, out: &mut impl Write) -> io::Result<()> {
    for (name, base_url) in sandbox.base_urls() {
        writeln!(out, "# {name:<11} {base_url}")?;
    }
    writeln!(out, "# control     {}/_control/openapi.yaml", sandbox.base_url())?;
    for (name, value) in sandbox.environment() {
        writeln!(out, "export {name}={value}")?;
    }
    writeln!(out, "# With these variables in its environment: cargo run --example quickstart -- --from-env")?;
    writeln!(out, "# The credentials are made up, and good for this sandbox only. Ctrl-C stops it.")?;
    out.flush()
}

/// Listens from now on for Ctrl-C, and for what a supervisor sends in its place; the future waits for either.
#[cfg(unix)]
fn asked_to_stop() -> io::Result<impl Future<Output = io::Result<()>>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        Ok(())
    })
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
fn asked_to_stop() -> io::Result<impl Future<Output = io::Result<()>>> {
    Ok(tokio::signal::ctrl_c())
}
