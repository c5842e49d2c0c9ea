//! `cargo xtask doctor`: what this machine has and lacks, which command asks for it, and how to get it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::root;

#[derive(clap::Args)]
pub(crate) struct Arguments {}

/// Something that a command needs.
struct Need {
    name: &'static str,
    /// Programs of which one is enough.
    programs: &'static [&'static str],
    /// What to ask the program for, and what its answer must contain.
    ask: &'static [&'static str],
    contains: &'static str,
    /// Whether building and testing need it.
    required: bool,
    /// Which command needs it.
    wanted_by: &'static str,
    cure: &'static str,
}

/// A need that a version's being printed satisfies.
const fn need(
    name: &'static str,
    programs: &'static [&'static str],
    required: bool,
    wanted_by: &'static str,
    cure: &'static str,
) -> Need {
    Need { name, programs, ask: &["--version"], contains: "", required, wanted_by, cure }
}

/// What the documentation can be looked at with by a program.
const BROWSERS: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

const NEEDS: &[Need] = &[
    need("cargo", &["cargo"], true, "everything", "install rustup, then `rustup toolchain install stable`"),
    need("rustc", &["rustc"], true, "everything", "install rustup, then `rustup toolchain install stable`"),
    need("C compiler", &["cc", "gcc", "clang"], true, "everything: TLS", "apt-get install gcc"),
    need("git", &["git"], false, "spec diff, package", "apt-get install git"),
    need("rustfmt", &["rustfmt"], false, "ci fmt", "rustup component add rustfmt"),
    need("clippy", &["cargo-clippy"], false, "ci clippy", "rustup component add clippy"),
    need("C++ compiler", &["c++", "g++", "clang++"], false, "fuzz", "apt-get install g++"),
    need(
        "Node.js",
        &["node", "nodejs"],
        false,
        "peers, docs --check, bench sandbox",
        "apt-get install nodejs",
    ),
    need("npm", &["npm"], false, "peers, docs --check, survey, bench sandbox", "apt-get install npm"),
    need("Python", &["python3"], false, "peers, survey", "apt-get install python3"),
    Need {
        ask: &["-m", "pip", "--version"],
        ..need("pip", &["python3"], false, "peers, survey", "apt-get install python3-pip")
    },
    Need {
        ask: &["target", "list", "--installed"],
        contains: "x86_64-pc-windows-gnu",
        ..need("Windows target", &["rustup"], false, "ci windows", "rustup target add x86_64-pc-windows-gnu")
    },
    need("curl", &["curl"], false, "docs --check", "apt-get install curl"),
    need("jq", &["jq"], false, "docs --check", "apt-get install jq"),
    Need {
        ask: &["version"],
        ..need("OpenSSL", &["openssl"], false, "docs --check", "apt-get install openssl")
    },
    need("valgrind", &["valgrind"], false, "ci calls, bench call", "apt-get install valgrind"),
    need("Java", &["java"], false, "bench: openapi-generator", "apt-get install default-jre-headless"),
    need("browser", BROWSERS, false, "docs --check, bench docs", "apt-get install chromium"),
    need("pngquant", &["pngquant"], false, "docs --check --screenshots", "apt-get install pngquant"),
];

/// So much is used by the target directory after all steps of CI.
const DISK: u64 = 20 << 30;

pub(crate) fn run(_: &Arguments) -> Result<(), String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let (report, lacking) = examine(&path);
    print!("{report}");
    // A machine without `df` is not ill.
    if let Some(free) = free_space(&path, &root()) {
        let cure = if free < DISK { "; all of CI needs 20 GiB: `cargo clean` makes room" } else { "" };
        println!("{:<16}{} GiB free{cure}", "disk", free >> 30);
    }
    if lacking.is_empty() { Ok(()) } else { Err(format!("required and not there: {}", lacking.join("; "))) }
}

/// The browser that the documentation is looked at with.
pub(crate) fn browser() -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = BROWSERS.iter().find_map(|name| program(name, &path));
    found.ok_or_else(|| format!("there is none of {}; apt-get install chromium", BROWSERS.join(", ")))
}

/// A line for each need, and the cures of what is required and not there.
fn examine(path: &OsStr) -> (String, Vec<String>) {
    let (mut report, mut lacking) = (String::new(), Vec::new());
    for need in NEEDS {
        let line = match found(need, path) {
            Some(version) => version,
            None => {
                let kind = if need.required { "MISSING, required" } else { "missing" };
                if need.required {
                    lacking.push(format!("{} ({})", need.name, need.cure));
                }
                format!("{kind}; {} needs it: {}", need.wanted_by, need.cure)
            }
        };
        report.push_str(&format!("{:<16}{line}\n", need.name));
    }
    (report, lacking)
}

/// The version of what is there.
fn found(need: &Need, path: &OsStr) -> Option<String> {
    need.programs.iter().find_map(|name| {
        let output = Command::new(program(name, path)?).args(need.ask).env("PATH", path).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = text.lines().find(|line| line.contains(need.contains) && !line.trim().is_empty());
        output.status.success().then_some(line?.trim().to_owned())
    })
}

fn program(name: &str, path: &OsStr) -> Option<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(path).map(|folder| folder.join(&file)).find(|file| file.is_file())
}

fn free_space(path: &OsStr, folder: &Path) -> Option<u64> {
    let output = Command::new(program("df", path)?).arg("-Pk").arg(folder).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let kibibytes: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kibibytes << 10)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// A folder with programs that print this.
    fn machine(name: &str, programs: &[(&str, &str)]) -> PathBuf {
        let folder = root().join("target/tmp/doctor").join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        for (name, script) in programs {
            let file = folder.join(name);
            std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a program");
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("its permissions");
        }
        folder
    }

    const REQUIRED: [(&str, &str); 3] =
        [("cargo", "echo cargo 1.2.3"), ("rustc", "echo rustc 1.2.3"), ("gcc", "echo gcc 4.5")];

    #[test]
    fn an_empty_machine_lacks_what_is_required_and_is_told_the_cure() {
        let (report, lacking) = examine(machine("empty", &[]).as_os_str());
        assert_eq!(lacking.len(), 3, "{report}");
        assert!(lacking[2].contains("apt-get install gcc"), "{lacking:?}");
        assert_eq!(report.lines().count(), NEEDS.len());
    }

    #[test]
    fn a_machine_with_what_is_required_lacks_only_what_is_optional() {
        let (report, lacking) = examine(machine("bare", &REQUIRED).as_os_str());
        assert_eq!(lacking, [""; 0]);
        assert!(report.contains("gcc 4.5"), "{report}");
        assert!(report.contains("missing; fuzz needs it: apt-get install g++"), "{report}");
    }

    #[test]
    fn a_program_that_fails_is_not_there() {
        let (_, lacking) =
            examine(machine("broken", &[REQUIRED[0], REQUIRED[2], ("rustc", "echo no; exit 1")]).as_os_str());
        assert!(matches!(&*lacking, [one] if one.starts_with("rustc")), "{lacking:?}");
    }

    #[test]
    fn another_target_is_not_the_one_for_windows() {
        let linux = machine("linux", &[("rustup", "echo x86_64-unknown-linux-gnu")]);
        assert!(examine(linux.as_os_str()).0.contains("rustup target add x86_64-pc-windows-gnu"));
        let both = "echo x86_64-unknown-linux-gnu; echo x86_64-pc-windows-gnu";
        let both = machine("both", &[("rustup", both)]);
        assert!(!examine(both.as_os_str()).0.contains("rustup target add"));
    }
}
