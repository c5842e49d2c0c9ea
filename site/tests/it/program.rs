//! The site as a program: what it prints, and how it ends.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use crate::{Folder, client};

fn start(arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_enroll-site"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[tokio::test]
async fn it_says_where_the_site_is_and_ends_when_it_is_asked_to() {
    let folder = Folder::new();
    let root = folder.0.to_str().unwrap();
    for signal in ["-TERM", "-INT"] {
        let mut child = start(&["--root", root, "--port", "0", "--sandbox-port", "0"]);
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.strip_prefix("the documentation is at ").unwrap().trim_end();
        let home = client().get(url).send().await.unwrap();
        assert_eq!((home.status().as_u16(), home.url().as_str()), (200, url));
        assert!(url.starts_with("http://127.0.0.1:") && url.ends_with('/'), "{url}");

        let id = child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let mut log = String::new();
        child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert!(child.wait().unwrap().success(), "{log}");
        assert_eq!(log, "");
    }
}

#[test]
fn what_is_wrong_is_told_in_one_line() {
    let output =
        start(&["--root", "nowhere", "--port", "0", "--sandbox-port", "0"]).wait_with_output().unwrap();
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(error, "enroll-site: nowhere has no index.html; `cargo xtask docs --build` writes the site\n");
}
