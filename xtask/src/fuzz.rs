//! `cargo xtask fuzz`: the sandbox's contracts against requests of every form, for as long as one likes.
//!
//! The fuzzer's own command is installed below the target directory, in a version that was tried.

use crate::{cargo, root};

/// The version of cargo-fuzz.
const VERSION: &str = "0.13.2";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// For how many seconds requests are tried
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let root = root();
    let tools = root.join("target/tools");
    let tools = tools.to_str().ok_or("the checkout's path is not UTF-8; move it")?;
    cargo(&format!("install cargo-fuzz --version {VERSION} --locked --root {tools}"), &root, &[])?;

    let corpus = root.join("fuzz/corpus/request");
    let corpus = corpus.to_str().ok_or("the checkout's path is not UTF-8; move it")?;
    let seeds = "test -p enroll-sandbox --lib the_seeds_are_files_for_the_fuzzer";
    cargo(seeds, &root, &[("ENROLL_FUZZ_SEEDS", corpus)])?;

    // The same versions as the workspace, so that little else has to be fetched.
    std::fs::copy(root.join("Cargo.lock"), root.join("fuzz/Cargo.lock"))
        .map_err(|error| format!("Cargo.lock cannot be copied: {error}"))?;
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{tools}/bin:{path}");
    // The sanitizer wants a compiler that takes unstable flags, and a stable one does if it is told to.
    let environment = [("PATH", path.as_str()), ("RUSTC_BOOTSTRAP", "1")];
    let seconds = arguments.seconds;
    cargo(&format!("fuzz run request -- -max_total_time={seconds} -max_len=8192"), &root, &environment)
        .map_err(|error| format!("{error}; fuzz/README.md says what to do with a find"))
}

/// As long as CI does.
pub(crate) fn briefly() -> Result<(), String> {
    run(&Arguments { seconds: 60 })
}
