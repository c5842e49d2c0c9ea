//! `cargo xtask provider`: everything that a provider needs beside its spec is made, or taken away again, in one step.
//!
//! What there is to make stands once, in [`parts`], and both commands follow it. All of it is planned in memory and
//! then written, so that a mistake leaves nothing behind.

mod import;
mod manifest;
mod name;
mod parts;
mod plan;
pub(crate) mod rehearsal;
#[cfg(test)]
mod tests;

pub(crate) use self::import::import_quietly;
pub(crate) use self::parts::core;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use self::name::Name;
use self::parts::About;
use self::plan::Plan;
use crate::root;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Adds a provider: its spec, crate, feature, module, and its lines in the documents
    New(New),
    /// Takes a provider away, as if it had never been added
    Remove(Remove),
}

#[derive(clap::Args)]
struct New {
    /// The provider's name in lower case, with dashes between words: `acme-id`
    name: String,
    /// What the spec is made from: one OpenAPI document, or recorded HTTP exchanges; may be given more than once
    #[arg(long, value_name = "FILE")]
    from: Vec<PathBuf>,
    /// The operations to keep of an OpenAPI document, separated by commas; all of them if it is left out
    #[arg(long, value_name = "ID", value_delimiter = ',', requires = "from")]
    operations: Vec<String>,
}

#[derive(clap::Args)]
struct Remove {
    /// The provider's name
    name: String,
    /// Also takes away what was written by hand for it
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    run_at(&root(), arguments)
}

/// The same in another tree.
fn run_at(root: &Path, arguments: &Arguments) -> Result<(), String> {
    match &arguments.command {
        Command::New(arguments) => {
            // A bad name is told before anything is read.
            let name = Name::new(root, &arguments.name)?;
            let spec = match arguments.from.as_slice() {
                [] => parts::skeleton(&name),
                sources => import::import(&arguments.name, sources, &arguments.operations)?,
            };
            let plan = new(root, &name, spec)?;
            let (told, next) = (plan.write()?, next_steps(&name, arguments.from.is_empty()));
            tell(&format!("{} is there:\n{told}{next}", name.word()));
            Ok(())
        }
        Command::Remove(arguments) => {
            let plan = remove(root, &arguments.name, arguments.force)?;
            let told = plan.write()?;
            tell(&format!("{} is gone:\n{told}", arguments.name));
            Ok(())
        }
    }
}

/// The names of all providers of a tree.
pub(crate) fn names(root: &Path) -> Result<Vec<String>, String> {
    parts::providers(root)
}

/// Everything that a new provider adds to the tree.
fn new(root: &Path, name: &Name, spec: String) -> Result<Plan, String> {
    let about = About::read(name, &spec)?;
    let mut plan = Plan::new(root);
    for part in parts::of(root, name)? {
        part.insert(&mut plan, &about, &spec)?;
    }
    Ok(plan)
}

/// Everything that goes with a provider.
fn remove(root: &Path, word: &str, force: bool) -> Result<Plan, String> {
    let known = parts::providers(root)?;
    if !known.iter().any(|known| known == word) {
        return Err(format!("there is no provider `{word}`; there are {}", known.join(", ")));
    }
    let name = Name::known(word);
    let mut plan = Plan::new(root);
    for part in parts::of(root, &name)? {
        part.take_out(&mut plan)?;
    }
    let by_hand = parts::written_by_hand(root, &name, &plan)?;
    let shown = |paths: &[(PathBuf, &str)]| -> String {
        paths.iter().map(|(path, why)| format!("\n  {}: {why}", plan::slashes(path))).collect()
    };
    if !by_hand.in_the_way.is_empty() {
        return Err(format!(
            "other files are about {word} too, which this command did not write; take them, and what refers to them, \
             away first:{}",
            shown(&by_hand.in_the_way)
        ));
    }
    if !by_hand.at_risk.is_empty() && !force {
        return Err(format!(
            "nothing was removed, since work would be lost; commit or copy it, or say --force:{}",
            shown(&by_hand.at_risk)
        ));
    }
    for (path, _) in by_hand.at_risk {
        plan.delete(&path)?;
    }
    Ok(plan)
}

/// Prints what was done. It is done, whether or not anybody reads on.
fn tell(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn next_steps(name: &Name, is_skeleton: bool) -> String {
    let (word, module) = (name.word(), name.module());
    let spec = if is_skeleton {
        format!(
            "  1. Replace the guesses in specs/{word}.yaml by what its pages say; specs/README.md says how.\n"
        )
    } else {
        format!(
            "  1. Read specs/{word}.yaml: above all the replay class of each operation, which nothing can know but you.\n"
        )
    };
    format!(
        "Next:\n{spec}  2. cargo xtask spec lint {word}\n  3. cargo test --workspace\n\
         In Rust it is `enroll::{module}`; the sandbox answers for it from the spec: `sandbox.stub({word:?})`.\n\
         `cargo xtask provider remove {word}` undoes all of this.\n"
    )
}
