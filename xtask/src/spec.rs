//! `cargo xtask spec …`: what can be asked about the hand-written documents in specs/.

pub(crate) mod diff;
mod lint;
pub(crate) mod mutations;

/// What is wrong with the text of a spec.
pub(crate) use lint::lint as lint_text;
pub(crate) use lint::operations::VERBS;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Tells what has changed in the specs since a revision, what follows for users, and the version that it asks for
    Diff(diff::Arguments),
    /// Finds what is wrong with specs: OpenAPI, the rules of the house, and all that keeps a client from being generated
    Lint(lint::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    match &arguments.command {
        Command::Diff(arguments) => diff::run(arguments),
        Command::Lint(arguments) => lint::run(arguments),
    }
}
