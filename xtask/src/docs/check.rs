//! `cargo xtask docs --check`: that what is documented works: each command on the sandbox, and the site in a browser.
//!
//! site/browser/README.md says what the browser looks at.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{commands, site};
use crate::peers::{Program, free_port, install_node};
use crate::{cargo, doctor, root};

/// Where pictures and figures of the site go, if they are asked for.
#[derive(clap::Args)]
pub(crate) struct Wanted {
    /// Also takes pictures of the pages into this folder
    #[arg(long, value_name = "FOLDER", requires = "check")]
    screenshots: Option<PathBuf>,
    /// Also writes how fast and how heavy the pages are to this file
    #[arg(long, value_name = "FILE", requires = "check")]
    figures: Option<PathBuf>,
}

pub(super) fn run(wanted: &Wanted) -> Result<(), String> {
    cargo("build -q -p enroll-sandbox", &root(), &[])?;
    commands::check()?;
    let browser = Browser::find()?;
    browser.look(&["--self-test"])?;
    let folder = built()?;
    let served = Served::start(&folder)?;
    browser.look(&["--base", &served.address])?;
    for (option, path) in [("--figures", &wanted.figures), ("--screenshots", &wanted.screenshots)] {
        if let Some(path) = path {
            browser.look(&["--base", &served.address, option, &root().join(path).display().to_string()])?;
        }
    }
    drop(served);
    browser.look(&["--base", &format!("file://{}/", folder.display())])
}

/// Writes the figures alone; gives the folder that the site is in.
pub(crate) fn figures(file: &Path) -> Result<PathBuf, String> {
    let browser = Browser::find()?;
    let folder = built()?;
    let served = Served::start(&folder)?;
    browser.look(&["--base", &served.address, "--figures", &file.display().to_string()])?;
    Ok(folder)
}

fn built() -> Result<PathBuf, String> {
    let folder = root().join("target/site");
    site::build(&folder)?;
    Ok(folder)
}

/// The site under way.
struct Served {
    address: String,
    /// Ends when this is dropped.
    _program: Program,
}

impl Served {
    fn start(folder: &Path) -> Result<Self, String> {
        cargo("build -q -p enroll-site", &root(), &[])?;
        let this =
            std::env::current_exe().map_err(|error| format!("this program cannot be found: {error}"))?;
        let [port, sandbox_port] = [free_port()?, free_port()?];
        // Cargo puts all programs of the workspace into one folder.
        let mut command = Command::new(this.with_file_name("enroll-site"));
        command.arg("--root").arg(folder);
        command.args(["--port", &port.to_string(), "--sandbox-port", &sandbox_port.to_string()]);
        let (program, _) = Program::start(&mut command, "the documentation is at")?;
        Ok(Self { address: format!("http://127.0.0.1:{port}/"), _program: program })
    }
}

/// A browser, and the program that looks at pages with it.
struct Browser {
    path: PathBuf,
    folder: PathBuf,
}

impl Browser {
    fn find() -> Result<Self, String> {
        let path = doctor::browser()?;
        let folder = root().join("target/site-browser");
        install_node(&root().join("site/browser"), &folder)?;
        Ok(Self { path, folder })
    }

    fn look(&self, arguments: &[&str]) -> Result<(), String> {
        let status = Command::new("node")
            .arg("check.mjs")
            .arg("--browser")
            .arg(&self.path)
            .args(arguments)
            .current_dir(&self.folder)
            .status()
            .map_err(|error| format!("node cannot be started: {error}; install Node.js 20, or later"))?;
        let failed = || "the site is not right in a browser; site/browser/README.md says what is looked at";
        if status.success() { Ok(()) } else { Err(failed().to_owned()) }
    }
}
