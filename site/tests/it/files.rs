//! Files of the folder, and nothing else.

use std::net::TcpListener;

use enroll_site::{Options, Site};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::{FILES, Folder, client, get, site};

#[tokio::test]
async fn every_file_is_served_as_what_it_is() {
    let (site, _folder) = site().await;
    for (path, text) in FILES {
        let answer = get(&site, &format!("/{path}")).await;
        assert_eq!(answer.status(), 200, "{path}");
        let wanted = match path.rsplit('.').next().unwrap() {
            "html" => "text/html",
            "css" => "text/css",
            _ => "text/javascript",
        };
        assert_eq!(answer.headers()["content-type"], wanted);
        assert_eq!(answer.text().await.unwrap(), text);
    }
}

#[tokio::test]
async fn a_folder_is_its_index_with_a_slash_and_without() {
    let (site, _folder) = site().await;
    for (path, title) in [
        ("/", "home"),
        ("/decode/", "decode"),
        ("/decode", "decode"),
        ("/reference/", "reference"),
        ("/reference", "reference"),
        ("/reference/index.html?api=haptik", "reference"),
    ] {
        let answer = get(&site, path).await;
        assert_eq!(answer.status(), 200, "{path}");
        // Relative links lead from the folder, so that a browser has to be told where it is.
        assert!(
            path == "/" || answer.url().path().trim_end_matches("index.html").ends_with('/'),
            "{}",
            answer.url()
        );
        assert_eq!(answer.text().await.unwrap(), format!("<title>{title}</title>"));
    }
}

#[tokio::test]
async fn every_answer_tells_the_browser_to_stay_here() {
    let (site, _folder) = site().await;
    let sandbox = site.sandbox().base_url();
    for path in ["/", "/decode", "/nothing", "/live.json"] {
        let answer = get(&site, path).await;
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'self'"), "{policy}");
        assert!(policy.contains(&format!("connect-src 'self' {sandbox};")), "{policy}");
        let hosts = policy.split_whitespace().filter(|word| word.contains("://")).count();
        assert_eq!(hosts, 1, "{policy}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    }
}

/// Sends a path as it stands, which a client would have made tidy.
async fn raw(site: &Site, path: &str) -> String {
    let mut stream = TcpStream::connect(site.url().strip_prefix("http://").unwrap()).await.unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: site\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder() {
    let (site, folder) = site().await;
    assert_eq!(std::fs::read_to_string(folder.0.join("../secret.txt")).unwrap(), "outside");
    let absolute = folder.0.parent().unwrap().join("secret.txt");
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/../../secret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/..\\secret.txt",
        &format!("/{}", absolute.display()),
        "/%00",
        "/index.html%00",
    ] {
        let answer = raw(&site, path).await;
        let status = answer.split_whitespace().nth(1).unwrap();
        assert!(["400", "404"].contains(&status), "{path}: {answer}");
        assert!(!answer.contains("outside"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn only_the_pages_of_the_site_may_use_the_sandbox() {
    let (site, _folder) = site().await;
    let url = format!("{}/haptik/v1.0/user/", site.sandbox().base_url());
    for (origin, is_allowed) in [(site.url(), true), ("http://127.0.0.1:1", false)] {
        let answer = client().post(&url).header("origin", origin).send().await.unwrap();
        assert_eq!(answer.headers().contains_key("access-control-allow-origin"), is_allowed, "{origin}");
    }
}

#[tokio::test]
async fn a_port_of_the_sandbox_that_is_taken_is_replaced_and_one_of_the_site_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let folder = Folder::new();
    let options = Options { root: folder.0.clone(), port: 0, sandbox_port: port };
    let site = Site::start(options.clone()).await.unwrap();
    assert!(!site.sandbox().base_url().ends_with(&format!(":{port}")));

    let error = Site::start(Options { port, ..options }).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot listen on 127.0.0.1:{port} (")), "{error}");
    assert!(error.ends_with("choose another with `--port`, or `--port 0` for any that is free"), "{error}");
}

#[tokio::test]
async fn a_folder_without_a_site_says_how_one_is_built() {
    let folder = Folder::new();
    let root = folder.0.join("assets");
    let error = Site::start(Options { root, port: 0, sandbox_port: 0 }).await.unwrap_err().to_string();
    assert!(
        error.ends_with("assets has no index.html; `cargo xtask docs --build` writes the site"),
        "{error}"
    );
}

#[tokio::test]
async fn a_site_that_is_stopped_answers_no_more() {
    let (site, folder) = site().await;
    std::fs::write(folder.0.join("index.html"), "of this site only").unwrap();
    // A browser keeps its connection open.
    let client = client();
    let url = site.url().to_owned();
    assert_eq!(client.get(&url).send().await.unwrap().text().await.unwrap(), "of this site only");
    site.stop().await;
    // Another may have the port by now.
    if let Ok(answer) = client.get(&url).send().await {
        assert_ne!(answer.text().await.unwrap_or_default(), "of this site only");
    }
}
