//! `cargo xtask docs`: the documentation of all providers, made from the specs: as a site on this machine, as a folder of
//! pages, or in the terminal.

mod block;
mod check;
mod commands;
mod curl;
mod facts;
mod home;
mod notes;
mod reference;
mod samples;
mod site;
mod spec;
#[cfg(test)]
mod tests;

pub(crate) use self::check::figures;

use std::io::IsTerminal as _;
use std::path::PathBuf;

use crate::root;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A provider: prints what there is to know of it
    provider: Option<String>,
    /// One of its operations, such as `create-user`: prints its reference
    operation: Option<String>,
    /// Writes the site into a folder, without serving it
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, default_missing_value = "target/site", conflicts_with = "provider")]
    build: Option<PathBuf>,
    /// Tries the documentation instead of serving it
    #[arg(long, conflicts_with_all = ["provider", "build"])]
    check: bool,
    #[command(flatten)]
    wanted: check::Wanted,
    /// Port of the site; 0 takes any that is free
    #[arg(long, default_value_t = 4000)]
    port: u16,
    /// Port of the sandbox that the site's requests go to; another one if it is taken
    #[arg(long, default_value_t = 4010)]
    sandbox_port: u16,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    if let Some(provider) = &arguments.provider {
        print!("{}", terminal(provider, arguments.operation.as_deref())?);
        return Ok(());
    }
    if arguments.check {
        return check::run(&arguments.wanted);
    }
    if let Some(folder) = &arguments.build {
        let folder = root().join(folder);
        site::build(&folder)?;
        println!("open {}", folder.join("index.html").display());
        return Ok(());
    }
    let folder = root().join("target/site");
    site::build(&folder)?;
    site::serve(&folder, arguments.port, arguments.sandbox_port)
}

/// What the terminal shows of a provider, or of an operation.
fn terminal(provider: &str, operation: Option<&str>) -> Result<String, String> {
    let bold = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let spec = spec::Spec::known(provider)?;
    let blocks = match operation {
        Some(operation) => reference::page(&spec, &spec.find(operation)?),
        None => reference::overview(&spec),
    };
    Ok(block::terminal(&blocks, bold))
}
