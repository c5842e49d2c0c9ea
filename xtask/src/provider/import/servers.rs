//! Where the provider is, as far as the document says it in full.

use serde_json::{Value, json};

use super::document::Document;
use super::flatten::items;
use super::private::prose;

pub(super) fn servers(name: &str, document: &Document) -> Vec<Value> {
    let mut servers: Vec<Value> = Vec::new();
    for server in items(document.value.get("servers")).take(12) {
        let url = server["url"].as_str().unwrap_or_default().trim_end_matches('/');
        let description = server["description"].as_str().map(|text| prose(text, 160)).unwrap_or_default();
        let is_full =
            url.starts_with("https://") && !url.contains(['{', '}', ' ', '@', '?', '#']) && url.len() > 12;
        if !is_full || servers.iter().any(|known| known["url"] == url) {
            continue;
        }
        let taken: Vec<&str> =
            servers.iter().filter_map(|known| known["x-enroll-environment"].as_str()).collect();
        let environment = environment(url, &description, &taken, servers.is_empty());
        let description =
            if description.is_empty() { "As the document has it.".to_owned() } else { description };
        let mut written =
            json!({"url": url, "description": description, "x-enroll-environment": environment});
        if servers.is_empty() {
            written["x-enroll-default"] = true.into();
        }
        servers.push(written);
    }
    if servers.is_empty() {
        // What stands behind the host is the same for all installations.
        let first = items(document.value.get("servers"))
            .find_map(|server| server["url"].as_str())
            .unwrap_or_default();
        let path = match first.find("://") {
            Some(at) => first[at + 3..].find('/').map_or("", |slash| &first[at + 3 + slash..]),
            None if first.starts_with('/') => first,
            None => "",
        };
        let plain = !path.contains(['{', '}', ' ', '?', '#']);
        let path = if plain { path.trim_end_matches('/') } else { "" };
        servers.push(json!({
            "url": format!("https://{{host}}{path}"),
            "description": "No address is known that is the same for all, so that the base URL has to be configured.",
            "variables": {"host": {
                "default": format!("{name}.example.com"),
                "description": "Host of the provider. The value here is only a placeholder.",
            }},
        }));
    }
    servers
}

fn environment(url: &str, description: &str, taken: &[&str], is_first: bool) -> String {
    let text = format!("{url} {description}").to_lowercase();
    let known = ["sandbox", "staging", "test", "development", "dev", "demo", "eu", "us"];
    let word = known
        .into_iter()
        .find(|word| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == *word));
    let wish = match word {
        Some(word) => word,
        None if is_first => "production",
        None => "server",
    };
    let mut name = wish.to_owned();
    let mut number = 2;
    while taken.contains(&name.as_str()) {
        name = format!("{wish}-{number}");
        number += 1;
    }
    name
}
