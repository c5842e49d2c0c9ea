//! A checkout is the same on every system: no links, no names that another system refuses or takes for one.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// What git has, with each file's mode; `None` where there is no checkout, as in an archive of the sources.
fn files() -> Option<Vec<(String, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    if !root.join(".git").exists() {
        return None;
    }
    let output = Command::new("git").args(["ls-files", "-s", "-z"]).current_dir(root).output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let entry = |line: &str| {
        let (head, path) = line.split_once('\t')?;
        Some((head.split(' ').next()?.to_owned(), path.to_owned()))
    };
    Some(text.split('\0').filter_map(entry).collect())
}

/// Whether Windows refuses a part of a path: names of devices, whatever their extension, and some characters.
fn is_refused(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().to_lowercase();
    let numbered = stem.len() == 4 && stem.ends_with(|c: char| c.is_ascii_digit() && c != '0');
    let device = matches!(stem.as_str(), "con" | "prn" | "aux" | "nul" | "conin$" | "conout$")
        || numbered && (stem.starts_with("com") || stem.starts_with("lpt"));
    let character = |c: char| c.is_control() || "<>:\"\\|?*".contains(c);
    device || part.contains(character) || part.ends_with(['.', ' '])
}

#[test]
fn names_that_windows_refuses_are_known() {
    for refused in ["con", "Aux.rs", "nul.txt", "com1", "LPT9.md", "a:b", "what?", "end.", "end "] {
        assert!(is_refused(refused), "{refused}");
    }
    for taken in ["console.rs", "com.rs", "auxiliary", "null", "lpt", "core", ".gitignore", "a b"] {
        assert!(!is_refused(taken), "{taken}");
    }
}

#[test]
fn every_system_can_check_this_out() {
    let Some(files) = files() else { return };
    assert!(files.len() > 200, "{}", files.len());
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (mode, path) in &files {
        assert!(mode.starts_with("100"), "{path} is a link or a submodule, which Windows does not check out");
        assert!(path.len() < 150, "{path} is too long below a folder of a user's");
        for part in path.split('/') {
            assert!(!is_refused(part), "{path}: Windows refuses `{part}`");
        }
        if let Some(other) = seen.insert(path.to_lowercase(), path) {
            panic!("{path} and {other} are one file where case does not count");
        }
    }
}

#[test]
fn line_ends_are_the_same_on_every_system() {
    let attributes =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.gitattributes")).unwrap();
    assert!(attributes.lines().any(|line| line == "* text=auto eol=lf"), "{attributes}");
}
