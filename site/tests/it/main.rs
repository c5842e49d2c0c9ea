//! The site by real requests, as a browser sends them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod decode;
mod files;
mod live;
#[cfg(unix)]
mod program;
mod quiet;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use enroll_site::{Options, Site};
use reqwest::{Client, Response};
use serde_json::Value;

/// The files of a site, each with what stands in it.
const FILES: [(&str, &str); 5] = [
    ("index.html", "<title>home</title>"),
    ("decode/index.html", "<title>decode</title>"),
    ("reference/index.html", "<title>reference</title>"),
    ("assets/site.css", "body {}"),
    ("assets/theme.js", "window.enroll ??= {};"),
];

/// A folder with a site in it, which is gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("site-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let folder = Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).join("root"));
        for (path, text) in FILES {
            let path = folder.0.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        fs::write(folder.0.join("../secret.txt"), "outside").unwrap();
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays below `target`.
        let _ = fs::remove_dir_all(self.0.parent().unwrap());
    }
}

/// A site on free ports, with its folder.
async fn site() -> (Site, Folder) {
    quiet::listen();
    let folder = Folder::new();
    let options = Options { root: folder.0.clone(), port: 0, sandbox_port: 0 };
    (Site::start(options).await.unwrap(), folder)
}

/// A client that takes no notice of the machine's proxy settings.
fn client() -> Client {
    // The workspace builds reqwest with rustls and without a default provider of cryptography, so one is named here.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Client::builder().no_proxy().tls_backend_preconfigured(tls).build().unwrap()
}

async fn get(site: &Site, path: &str) -> Response {
    client().get(format!("{}{path}", site.url())).send().await.unwrap()
}

async fn json(response: Response) -> Value {
    assert_eq!(response.headers()["content-type"], "application/json");
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

/// The spec of every provider, by its name.
fn specs() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    let read = |path: &PathBuf| {
        let spec = enroll_codegen::read(path, &fs::read_to_string(path).unwrap()).unwrap();
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), spec)
    };
    paths.iter().map(read).collect()
}

/// The operations of a spec: path, method, and what is said of them.
fn operations(spec: &Value) -> Vec<(&str, &str, &Value)> {
    let items = spec["paths"].as_object().unwrap().iter();
    let operations = items.flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, value)| (path.as_str(), method.as_str(), value))
    });
    operations.filter(|(_, _, value)| value["operationId"].is_string()).collect()
}

fn resolve<'a>(spec: &'a Value, value: &'a Value) -> &'a Value {
    value["$ref"].as_str().map_or(value, |target| spec.pointer(&target[1..]).unwrap())
}
