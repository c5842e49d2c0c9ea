//! `cargo xtask ci`: what CI runs. Each step is a row of one table.

use std::time::Instant;

use crate::{bench, capture, cargo, consumer, fuzz, package, provider, root, windows};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The steps to run; all of them if none is named
    steps: Vec<String>,
    /// Lists the steps
    #[arg(long)]
    list: bool,
    /// Leaves a step out; may be given more than once
    #[arg(long)]
    skip: Vec<String>,
}

/// A step: its name, what it is for, and what it does.
struct Step {
    name: &'static str,
    about: &'static str,
    actions: &'static [Action],
}

enum Action {
    /// cargo with these arguments.
    Cargo(&'static str),
    /// The same with warnings of rustdoc denied.
    StrictDoc(&'static str),
    /// Something else.
    Call(fn() -> Result<(), String>),
}

use Action::{Call, Cargo, StrictDoc};

const STEPS: &[Step] = &[
    Step { name: "test", about: "the README's test command", actions: &[Cargo("test --workspace")] },
    Step {
        name: "quickstart",
        about: "the README's first command",
        actions: &[Cargo("run --example quickstart")],
    },
    Step { name: "facts", about: "every fact of the seeds is stated", actions: &[Cargo("xtask facts")] },
    Step {
        name: "lint",
        about: "nothing is wrong with the specs, by OpenAPI and by the rules of the house",
        actions: &[Cargo("xtask spec lint")],
    },
    Step {
        name: "generate",
        about: "the surface files are what the specs give",
        actions: &[Cargo("xtask generate --check")],
    },
    Step { name: "fmt", about: "formatting", actions: &[Cargo("fmt --all --check")] },
    Step {
        name: "clippy",
        about: "clippy without a warning",
        actions: &[Cargo("clippy --workspace --all-targets --all-features -- -D warnings")],
    },
    Step {
        name: "doc",
        about: "documentation without a warning",
        actions: &[StrictDoc("doc --workspace --no-deps --all-features")],
    },
    Step {
        name: "features",
        about: "every feature alone, and none",
        actions: &[
            Call(each_feature_alone),
            Cargo("clippy -p enroll-sandbox --no-default-features -- -D warnings"),
            // Without what single specs turn on, which no build of all providers is.
            Cargo("clippy -p enroll-core --all-targets -- -D warnings"),
        ],
    },
    Step {
        name: "docs",
        about: "the documentation works: its commands on the sandbox, its site in a browser, without a network",
        actions: &[Cargo("xtask docs --check")],
    },
    Step {
        name: "peers",
        about: "judges that nobody here wrote find nothing wrong with the specs, the SDK and the sandbox",
        actions: &[Cargo("xtask peers")],
    },
    Step {
        name: "survey",
        about: "documents that none of us wrote go all the way to a typed call",
        actions: &[Cargo("xtask survey")],
    },
    Step {
        name: "consumer",
        about: "a program outside the workspace compiles one provider alone, and calls it",
        actions: &[Call(consumer::run)],
    },
    Step {
        name: "package",
        about: "programs outside the workspace build against the packaged archives, offline, and run every sample",
        actions: &[Call(package::checked)],
    },
    Step {
        name: "calls",
        about: "a call costs no more instructions, relative to a program written by hand, than is written down",
        actions: &[Call(bench::calls)],
    },
    Step {
        name: "windows",
        about: "the facade, the sandbox and these commands compile for Windows",
        actions: &[Call(windows::run)],
    },
    Step {
        name: "provider",
        about: "a provider costs one file: in a copy of the tree some are added, tested with all others, and removed",
        actions: &[Call(provider::rehearsal::run)],
    },
    Step {
        name: "fuzz",
        about: "requests of every form on the sandbox and specs of every form on the generator, half a minute each",
        actions: &[Call(fuzz::briefly)],
    },
];

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    if arguments.list {
        for step in STEPS {
            println!("{:<12}{}", step.name, step.about);
        }
        return Ok(());
    }
    let steps = chosen(arguments)?;
    let mut times = Vec::new();
    let mut failure = None;
    for step in steps {
        let start = Instant::now();
        println!("==> {}: {}", step.name, step.about);
        let result = step.actions.iter().try_for_each(execute);
        times.push((step.name, start.elapsed()));
        if let Err(error) = result {
            failure = Some(format!("{error}; `cargo xtask ci {}` runs this step alone", step.name));
            break;
        }
    }
    // Also when a step has failed: a step that got slow is as interesting then.
    for (name, time) in &times {
        println!("{name:<12}{:>7.1} s", time.as_secs_f64());
    }
    println!("{:<12}{:>7.1} s", "together", times.iter().map(|(_, time)| time.as_secs_f64()).sum::<f64>());
    failure.map_or(Ok(()), Err)
}

/// The steps that are to run, in the order of the table.
fn chosen(arguments: &Arguments) -> Result<Vec<&'static Step>, String> {
    let Arguments { steps, skip, list: _ } = arguments;
    let known = |name: &String| STEPS.iter().any(|step| step.name == *name);
    if let Some(unknown) = steps.iter().chain(skip).find(|name| !known(name)) {
        return Err(format!("there is no step `{unknown}`; `cargo xtask ci --list` shows the steps"));
    }
    let among = |names: &[String], step: &Step| names.iter().any(|name| name == step.name);
    let wanted = |step: &&Step| (steps.is_empty() || among(steps, step)) && !among(skip, step);
    Ok(STEPS.iter().filter(wanted).collect())
}

fn execute(action: &Action) -> Result<(), String> {
    match action {
        Cargo(arguments) => cargo(arguments, &root(), &[]),
        StrictDoc(arguments) => cargo(arguments, &root(), &[("RUSTDOCFLAGS", "-D warnings")]),
        Call(function) => function(),
    }
}

/// Checks the facade without any feature, and with each that it has.
fn each_feature_alone() -> Result<(), String> {
    let facade = root().join("crates/enroll");
    let metadata = capture("metadata --no-deps --format-version 1", &facade)?;
    let metadata: serde_json::Value =
        serde_json::from_str(&metadata).map_err(|error| format!("cargo's metadata: {error}"))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let features = packages.filter(|it| it["name"] == "enroll").filter_map(|it| it["features"].as_object());
    let features: Vec<_> =
        features.flat_map(|features| features.keys()).filter(|name| *name != "default").collect();
    if features.is_empty() {
        return Err("cargo's metadata: the package enroll has no features".to_owned());
    }
    cargo("check -p enroll --no-default-features", &root(), &[])?;
    features.into_iter().try_for_each(|feature| {
        cargo(&format!("check -p enroll --no-default-features --features {feature}"), &root(), &[])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(steps: &[&str], skip: &[&str]) -> Result<Vec<&'static str>, String> {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let chosen = chosen(&Arguments { steps: owned(steps), skip: owned(skip), list: false })?;
        Ok(chosen.into_iter().map(|step| step.name).collect())
    }

    #[test]
    fn without_a_name_all_steps_run() {
        assert_eq!(names(&[], &[]).map(|names| names.len()), Ok(STEPS.len()));
    }

    #[test]
    fn steps_run_in_the_order_of_the_table_and_not_of_the_command() {
        assert_eq!(names(&["fmt", "test", "doc"], &["doc"]), Ok(vec!["test", "fmt"]));
    }

    #[test]
    fn an_unknown_step_is_refused_before_any_runs() {
        let error = names(&["test", "tset"], &[]).err().unwrap_or_default();
        assert!(error.contains("`tset`") && error.contains("--list"), "{error}");
    }

    #[test]
    fn every_step_has_a_name_of_its_own() {
        let mut names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }
}
