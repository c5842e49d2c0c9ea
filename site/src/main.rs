//! The site as a program: `cargo xtask docs` builds the folder and starts this on it.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use enroll_site::{Options, Site};

/// Serves the documentation on this machine, with a sandbox beside it, until Ctrl-C.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The folder that `cargo xtask docs --build` writes
    #[arg(long, value_name = "FOLDER")]
    root: PathBuf,
    /// Port of the site; 0 takes any that is free
    #[arg(long, default_value_t = 4000)]
    port: u16,
    /// Port of the sandbox, to which the buttons send their requests; if it is taken, any that is free
    #[arg(long, default_value_t = 4010)]
    sandbox_port: u16,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("enroll-site: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> io::Result<()> {
    // Whoever reads that the site is there may ask it to stop at once.
    let stop = asked_to_stop()?;
    let Arguments { root, port, sandbox_port } = arguments;
    let site = Site::start(Options { root, port, sandbox_port }).await?;
    let mut out = io::stdout();
    writeln!(out, "the documentation is at {}/", site.url())?;
    out.flush()?;
    stop.await?;
    site.stop().await;
    Ok(())
}

/// Listens from now on for Ctrl-C, and for what a supervisor sends in its place; the future waits for either.
#[cfg(unix)]
fn asked_to_stop() -> io::Result<impl Future<Output = io::Result<()>>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
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
