//! The sandbox as a program, for a quickstart or for a client in any language.
//!
//! What it prints on standard output is a valid shell script, so it can be kept in a file and sourced elsewhere.

use std::io::{self, Write};

use clap::Parser;
use enroll_sandbox::Sandbox;

/// Haptik, Original, Streambird and DigiPay, emulated on loopback until Ctrl-C.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Port to listen on; 0 takes any that is free.
    #[arg(long, default_value_t = 0)]
    port: u16,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let sandbox = Sandbox::start_on(arguments.port).await?;
    introduce(&sandbox, &mut io::stdout().lock())?;
    tokio::signal::ctrl_c().await
}

fn introduce(sandbox: &Sandbox, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "# haptik      {}", sandbox.haptik().base_url())?;
    writeln!(out, "# original    {}", sandbox.original().base_url())?;
    writeln!(out, "# streambird  {}", sandbox.streambird().base_url())?;
    writeln!(out, "# digipay     {}", sandbox.digipay().base_url())?;
    for (name, value) in sandbox.environment() {
        writeln!(out, "export {name}={value}")?;
    }
    writeln!(out, "# The credentials are made up, and good for this sandbox only. Ctrl-C stops it.")?;
    out.flush()
}
