//! Names, manifests, and all or nothing: tried in a copy of the files that a provider touches.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::name::Name;
use super::parts::{self, providers};
use super::{new, remove};

/// A copy of what the commands look at, which goes when the test ends.
struct Tree(PathBuf);

impl Tree {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let tree =
            Self(std::env::temp_dir().join(format!("enroll-provider-{}-{number}", std::process::id())));
        let mut wanted: Vec<String> =
            ["Cargo.toml", "Cargo.lock", "README.md", "crates/enroll/Cargo.toml", "crates/enroll/README.md"]
                .map(str::to_owned)
                .to_vec();
        for file in ["src/lib.rs", "src/config.rs", "src/file.rs"] {
            wanted.push(format!("crates/enroll/{file}"));
        }
        for provider in providers(&crate::root()).unwrap() {
            wanted.push(format!("specs/{provider}.yaml"));
            wanted.push(format!("crates/{provider}/Cargo.toml"));
            wanted.push(format!("crates/{provider}/src/lib.rs"));
        }
        wanted
            .iter()
            .for_each(|path| tree.write(path, &fs::read_to_string(crate::root().join(path)).unwrap()));
        tree
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn add(&self, name: &str) {
        let name = Name::new(&self.0, name).unwrap();
        new(&self.0, &name, parts::skeleton(&name)).unwrap().write().unwrap();
    }

    fn remove(&self, name: &str, force: bool) -> Result<String, String> {
        remove(&self.0, name, force)?.write()
    }

    /// Every file and folder, with what stands in it.
    fn everything(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    found.insert(path.clone(), Vec::new());
                    walk(&path, found);
                } else {
                    found.insert(path.clone(), fs::read(&path).unwrap());
                }
            }
        }
        let mut found = BTreeMap::new();
        walk(&self.0, &mut found);
        found
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_name_that_cannot_be_one_is_refused_with_the_cure() {
    let root = crate::root();
    for (word, why) in [
        ("", "lower-case"),
        ("AcmeId", "lower-case"),
        ("acme_id", "lower-case"),
        ("acme--id", "single dashes"),
        ("-acme", "beginning with a letter"),
        ("9lives", "beginning with a letter"),
        ("../acme", "lower-case"),
        ("acmé", "lower-case"),
        ("match", "reserved word"),
        ("gen", "reserved word"),
        ("self", "reserved word"),
        ("nul", "Windows"),
        ("com7", "Windows"),
        ("default", "something else"),
        ("http", "something else"),
        ("profiles", "something else"),
        ("std", "something else"),
        ("token", "crates/codegen/src/"),
        ("config", "a module of this name"),
        ("mock", "a feature of this name"),
        ("rustls", "a feature of this name"),
        ("config-file", "a feature of this name"),
        ("toml", "a dependency of this name"),
        ("codegen", "crates/codegen is there already"),
        ("sandbox", "crates/sandbox is there already"),
        ("tests", "tests is there already"),
        ("a-name-that-is-longer-than-anybody-needs", "shorter"),
    ] {
        let error = Name::new(&root, word).err().unwrap_or_else(|| panic!("{word} was taken"));
        assert!(error.contains(why), "{word}: {error}");
    }
    for provider in providers(&root).unwrap() {
        assert!(Name::new(&root, &provider).err().unwrap().contains("there is one already"));
    }
    for good in ["aa-probe", "q9", "nullbox", "comet-probe", "console-probe"] {
        assert_eq!(Name::new(&root, good).err(), None);
    }
}

#[test]
fn what_was_added_can_be_taken_away_to_the_byte() {
    // Before, among and after the others in the alphabet, and two at a time.
    let tree = Tree::new();
    let before = tree.everything();
    for name in ["aa-probe", "mm-probe", "zz-probe"] {
        tree.add(name);
        let between = tree.everything();
        tree.add("m-probe");
        tree.remove("m-probe", false).unwrap();
        assert!(between == tree.everything());
        tree.remove(name, false).unwrap();
        assert!(before == tree.everything(), "{name} left something behind");
    }
}

#[test]
fn entries_stand_in_alphabetical_order_and_nothing_else_is_moved() {
    let tree = Tree::new();
    let texts = || {
        let paths = ["Cargo.toml", "crates/enroll/Cargo.toml", "README.md"];
        paths.map(|path| fs::read_to_string(tree.0.join(path)).unwrap())
    };
    let before = texts();
    for name in ["aa-probe", "mm-probe", "zz-probe"] {
        tree.add(name);
    }
    let after = texts();
    for (before, after) in before.iter().zip(&after) {
        let is_old = |line: &&str| !line.contains("-probe") && !line.contains("_probe");
        let old: Vec<_> = after.lines().filter(is_old).collect();
        // The one line that is changed, and not new, is the list of default features.
        let expected: Vec<_> = before.lines().filter(|line| !line.starts_with("default = ")).collect();
        assert_eq!(old, expected);
    }
    let facade: toml::Table = after[1].parse().unwrap();
    let list =
        |name: &str| facade["features"][name].as_array().unwrap().iter().map(|it| it.as_str().unwrap());
    let mut expected = providers(&tree.0).unwrap();
    assert_eq!(expected.len(), providers(&crate::root()).unwrap().len() + 3);
    assert_eq!(list("default").take(expected.len()).collect::<Vec<_>>(), expected);
    expected.iter_mut().for_each(|name| *name = format!("enroll-{name}?/mock"));
    assert_eq!(list("mock").filter(|it| it.contains('?')).collect::<Vec<_>>(), expected);
    assert_eq!(list("mm-probe").collect::<Vec<_>>(), ["dep:enroll-mm-probe"]);
    assert!(facade["dependencies"].get("enroll-zz-probe").is_some());
}

#[test]
fn nothing_is_left_behind_when_something_cannot_be_written() {
    let tree = Tree::new();
    let name = Name::new(&tree.0, "aa-probe").unwrap();
    // Files are written beside their place first, and here that cannot be.
    fs::create_dir_all(tree.0.join("crates/enroll/README.enroll-new")).unwrap();
    let before = tree.everything();
    let plan = new(&tree.0, &name, parts::skeleton(&name)).unwrap();
    let error = plan.write().unwrap_err();
    assert!(error.contains("crates/enroll/README.md") && error.ends_with("nothing was changed"), "{error}");
    assert!(before == tree.everything());
}

#[test]
fn nothing_is_written_when_something_cannot_be_planned() {
    let tree = Tree::new();
    let name = Name::new(&tree.0, "aa-probe").unwrap();
    let refused = |spec: &str| {
        let before = tree.everything();
        let error = new(&tree.0, &name, spec.to_owned()).and_then(|plan| plan.write()).unwrap_err();
        assert!(before == tree.everything());
        error
    };
    let skeleton = parts::skeleton(&name);
    let error = refused(&skeleton.replace("operationId: createUser", "operationID: createUser"));
    assert!(error.contains("specs/aa-probe.yaml:") && error.contains("operationID"), "{error}");
    tree.write("README.md", "# No table\n");
    assert_eq!(refused(&skeleton), "README.md: there is no table that begins with `| provider | module |`");
}

#[test]
fn what_was_written_by_hand_is_not_removed_unasked() {
    let tree = Tree::new();
    let refused = |name: &str, force: bool, what: &str| {
        let before = tree.everything();
        let error = tree.remove(name, force).unwrap_err();
        assert!(error.contains(what), "{error}");
        assert!(before == tree.everything());
    };
    refused("nobody", true, "there is no provider `nobody`; there are ");
    let before = tree.everything();
    tree.add("aa-probe");
    tree.write("crates/aa-probe/src/ext.rs", "//! By hand.\n");
    refused("aa-probe", false, "crates/aa-probe/src/ext.rs: written by hand");
    tree.write("specs/seeds/aa-probe.yaml", "seed: x\n");
    refused("aa-probe", false, "specs/seeds/aa-probe.yaml: the facts of its first page");
    let spec = fs::read_to_string(tree.0.join("specs/aa-probe.yaml")).unwrap();
    tree.write("specs/aa-probe.yaml", &spec.replace("Aa Probe", "AA Probe"));
    refused("aa-probe", false, "specs/aa-probe.yaml: changed by hand, and not committed");
    tree.write("crates/sandbox/src/aa_probe.rs", "//! By hand.\n");
    refused("aa-probe", true, "crates/sandbox/src/aa_probe.rs: its emulation in the sandbox");
    fs::remove_dir_all(tree.0.join("crates/sandbox")).unwrap();
    tree.remove("aa-probe", true).unwrap();
    fs::remove_dir(tree.0.join("specs/seeds")).unwrap_or_default();
    assert!(before == tree.everything());
}

#[test]
fn the_crates_of_the_providers_are_what_the_templates_say() {
    let root = crate::root();
    for provider in providers(&root).unwrap() {
        let read = |file: &str| fs::read_to_string(root.join("crates").join(&provider).join(file)).unwrap();
        let manifest = read("Cargo.toml");
        let description = parts::description(&manifest).unwrap();
        let spec = root.join(format!("specs/{provider}.yaml"));
        let core = enroll_codegen::dependency(&enroll_codegen::generate(&spec).unwrap().features);
        let fill_in =
            |template| parts::fill_in(template, &provider, &provider.replace('-', "_"), &description, &core);
        assert_eq!(manifest, fill_in(include_str!("template/manifest.toml")), "crates/{provider}/Cargo.toml");
        let library = read("src/lib.rs");
        // A provider may have something by hand beside what is generated.
        let expected = fill_in(include_str!("template/lib.rs"));
        assert!(library.starts_with(&expected), "crates/{provider}/src/lib.rs begins as the template does");
    }
}
