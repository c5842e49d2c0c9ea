//! A step of CI: whether what users and maintainers build compiles for Windows too. It is checked, and not linked or run.

use std::process::Command;

use crate::{cargo, providers, root};

const TARGET: &str = "x86_64-pc-windows-gnu";

pub(crate) fn run() -> Result<(), String> {
    if !has_target() {
        println!("  $ rustup target add {TARGET}");
        // Whether it helped is looked at, whatever it says.
        let _ = Command::new("rustup").args(["target", "add", TARGET]).current_dir(root()).status();
    }
    if !has_target() {
        // A machine without a way to it is no reason to fail; who reads this knows what was not checked.
        println!(
            "  NOT CHECKED: the standard library for {TARGET} is not there, and rustup cannot fetch it here; on a machine \
             with access run `rustup target add {TARGET}`, then `cargo xtask ci windows`"
        );
        return Ok(());
    }
    // The platform's own TLS: `ring` would need a C compiler for Windows.
    let features = [providers()?, vec!["native-tls".to_owned(), "config-file".to_owned()]].concat().join(",");
    for what in [
        format!("enroll --no-default-features --features {features}"),
        "enroll-sandbox --no-default-features".to_owned(),
        "xtask".to_owned(),
    ] {
        cargo(&format!("check --target {TARGET} -p {what}"), &root(), &[])?;
    }
    Ok(())
}

/// Whether the compiler has a standard library for it.
fn has_target() -> bool {
    let output = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(root())
        .output();
    output.is_ok_and(|output| {
        let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
    })
}
