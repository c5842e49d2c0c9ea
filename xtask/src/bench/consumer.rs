//! `cargo xtask bench consumer`: the first build of a program that creates one user, with nothing compiled beforehand.
//!
//! enroll is built as the registry would give it, unpacked from the archives; and once from the repository, where its clients are
//! generated. All programs are built from what is downloaded already, one after the other.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::document::Section;
use super::programs::{PROGRAMS, YARDSTICK, target};
use super::{children, circumstances};
use crate::{package, process, providers, root};

/// What a first build took.
#[derive(Clone, Copy)]
struct Cost {
    seconds: f64,
    crates: usize,
}

/// A program, and what it took to build it for debugging and for release.
struct Build {
    shown: String,
    /// Among [`PROGRAMS`], for the README.
    name: Option<&'static str>,
    folder: PathBuf,
    arguments: String,
    /// The least of all rounds, since whatever else the machine does can only add to it.
    costs: [Cost; 2],
}

pub(super) fn measure(rounds: usize) -> Result<Section, String> {
    let providers = providers()?;
    let packages = package::unpacked("benches/packages")?;
    let new = |shown: &str, name, folder, arguments: String| Build {
        shown: shown.to_owned(),
        name,
        folder,
        arguments,
        costs: [Cost { seconds: f64::INFINITY, crates: 0 }; 2],
    };
    let one = consumer("one", &["haptik".to_owned()], &packages)?;
    let all = consumer("all", &providers, &packages)?;
    let mut builds = vec![
        new("enroll, one provider", Some("enroll"), one, "build --offline".to_owned()),
        new(&format!("enroll, {} providers", providers.len()), None, all, "build --offline".to_owned()),
    ];
    for program in &PROGRAMS {
        let from_repository = program.name == "enroll";
        let shown = if from_repository { "enroll, one provider, from the repository" } else { program.shown };
        let name = (!from_repository).then_some(program.name);
        let arguments = format!("build --offline -p with-{0} --bin with-{0}", program.name);
        builds.push(new(shown, name, program.folder()?, arguments));
    }
    for _ in 0..rounds {
        for build in &mut builds {
            build.again()?;
        }
    }
    report(&builds, rounds)
}

impl Build {
    /// One more round.
    fn again(&mut self) -> Result<(), String> {
        for (cost, profile) in self.costs.iter_mut().zip(["", " --release"]) {
            let found = cold(&self.folder, &format!("{}{profile}", self.arguments))?;
            println!("{}{profile}: {} crates, {:.1} s", self.shown, found.crates, found.seconds);
            *cost = Cost { seconds: cost.seconds.min(found.seconds), ..found };
        }
        Ok(())
    }
}

/// Builds with an empty target directory.
fn cold(folder: &Path, arguments: &str) -> Result<Cost, String> {
    let target = target().join("cold");
    let remove = || match target.exists() {
        true => std::fs::remove_dir_all(&target).map_err(|error| format!("{}: {error}", target.display())),
        false => Ok(()),
    };
    remove()?;
    let before = children()?;
    let mut cargo = process(arguments, folder);
    // A dependency of the registry is never built incrementally, and these stand for such ones. The default of a program of one's own is
    // to have all of the information for debuggers.
    cargo.env("CARGO_TARGET_DIR", &target).env("CARGO_INCREMENTAL", "0").env("CARGO_PROFILE_DEV_DEBUG", "2");
    let output = cargo.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("cargo cannot be started: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(format!("`cargo {arguments}` failed in {}: {said}", folder.display()));
    }
    let seconds = children()?.saturating_sub(before).as_secs_f64();
    remove()?;
    Ok(Cost {
        seconds,
        crates: said.lines().filter(|line| line.trim_start().starts_with("Compiling ")).count(),
    })
}

/// A program outside of any workspace, which depends on the unpacked packages with these providers.
fn consumer(name: &str, providers: &[String], packages: &[PathBuf]) -> Result<PathBuf, String> {
    let folder = target().join("consumers").join(name);
    let features: Vec<_> = providers.iter().map(|provider| format!("{provider:?}")).collect();
    let manifest = format!(
        "[package]\nname = \"consumer-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         enroll = {{ version = {:?}, default-features = false, features = [\"rustls\", {}] }}\n\
         tokio = {{ version = \"1\", default-features = false, features = [\"macros\", \"net\", \"rt\"] }}\n\n\
         [workspace]\n\n[patch.crates-io]\n{}",
        env!("CARGO_PKG_VERSION"),
        features.join(", "),
        package::patches(packages),
    );
    let source = root().join("benches/programs/enroll/src/main.rs");
    let cannot = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(folder.join("src")).map_err(cannot)?;
    std::fs::write(folder.join("Cargo.toml"), manifest).map_err(cannot)?;
    std::fs::copy(source, folder.join("src/main.rs")).map_err(cannot)?;
    // The same versions as those of the other programs, whose lock file is made from this one.
    std::fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).map_err(cannot)?;
    Ok(folder)
}

fn report(builds: &[Build], rounds: usize) -> Result<Section, String> {
    let yardstick = builds.iter().find(|build| build.name == Some(YARDSTICK.name));
    let yardstick = yardstick.ok_or("the yardstick is not measured")?;
    let ratio =
        |build: &Build, profile: usize| build.costs[profile].seconds / yardstick.costs[profile].seconds;
    let mut text = format!(
        "## The first build of a program\n\n\
         Made by `cargo xtask bench consumer --write` ({}).\n\n\
         CPU time of `cargo build` with an empty target directory and everything downloaded, for a program that creates one user:\n\
         the least of {rounds} rounds in turns. All programs have the same versions of what they share, and TLS by rustls with `ring`,\n\
         except the last, which has none. That is the least that reqwest can do with TLS: its default features build more.\n\n\
         | program | crates | debug | ratio | release | ratio |\n|---|---:|---:|---:|---:|---:|\n",
        circumstances()?,
    );
    for build in builds {
        let [debug, release] = build.costs;
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {:.1} s | {:.2} | {:.1} s | {:.2} |",
            build.shown,
            debug.crates,
            debug.seconds,
            ratio(build, 0),
            release.seconds,
            ratio(build, 1)
        );
    }
    let row = |profile: usize| {
        let built =
            PROGRAMS.iter().map(|program| builds.iter().find(|build| build.name == Some(program.name)));
        built
            .map(|build| build.map_or("–".to_owned(), |build| format!("{:.2}", ratio(build, profile))))
            .collect()
    };
    Ok(Section { text, rows: vec![("first build, debug", row(0)), ("first build, release", row(1))] })
}
