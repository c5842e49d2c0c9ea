//! Recorded exchanges: `.http` files, and HAR, which browsers and proxies write.

use std::path::Path;

use serde_json::Value;

/// One request, and what came back.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// The file and the line, for messages.
    pub(super) place: String,
    pub(super) method: String,
    /// The segments of the path, decoded.
    pub(super) segments: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    pub(super) status: u16,
    pub(super) answer_headers: Vec<(String, String)>,
    pub(super) answer: String,
}

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

impl Exchange {
    pub(super) fn header(&self, name: &str) -> &str {
        value(&self.headers, name)
    }

    pub(super) fn answer_header(&self, name: &str) -> &str {
        value(&self.answer_headers, name)
    }
}

fn value<'h>(headers: &'h [(String, String)], name: &str) -> &'h str {
    headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// Whether a file is a recording, by its name and how it begins.
pub(super) fn is_recording(path: &Path, bytes: &[u8]) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    match ending.as_str() {
        "http" | "rest" | "har" => true,
        "json" => {
            let start =
                String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).replace([' ', '\n', '\r', '\t'], "");
            start.starts_with("{\"log\":{")
        }
        _ => false,
    }
}

pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Vec<Exchange>, String> {
    let shown = path.display().to_string();
    // Whatever is not UTF-8 is no JSON either, and its values are never taken over.
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    let exchanges = if text.trim_start().starts_with('{') { har(&shown, text)? } else { http(&shown, text)? };
    if exchanges.is_empty() {
        return Err(format!(
            "{shown}:1:1: no exchange; it begins with a line such as `POST https://api.example.com/users HTTP/1.1`"
        ));
    }
    Ok(exchanges)
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Before,
    RequestHead,
    RequestBody,
    AnswerHead,
    AnswerBody,
}

fn http(shown: &str, text: &str) -> Result<Vec<Exchange>, String> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    let mut part = Part::Before;
    for (index, line) in text.lines().enumerate() {
        let place = || format!("{shown}:{}:1", index + 1);
        let without_answer = |exchange: &Exchange| {
            format!(
                "{}: has no answer; one begins with a line such as `HTTP/1.1 201 Created`",
                exchange.place
            )
        };
        let unanswered = matches!(part, Part::RequestHead | Part::RequestBody);
        if line.starts_with("###") {
            if let Some(exchange) = exchanges.last().filter(|_| unanswered) {
                return Err(without_answer(exchange));
            }
            part = Part::Before;
            continue;
        }
        if let Some(status) = status_line(line) {
            let Some(exchange) = exchanges.last_mut().filter(|_| unanswered) else {
                return Err(format!("{}: an answer without a request before it", place()));
            };
            exchange.status = status;
            part = Part::AnswerHead;
            continue;
        }
        if matches!(part, Part::Before | Part::AnswerHead | Part::AnswerBody)
            && let Some((method, target)) = request_line(line)
        {
            let mut exchange = Exchange { place: place(), method: method.to_owned(), ..Exchange::default() };
            set_target(&mut exchange, target);
            exchanges.push(exchange);
            part = Part::RequestHead;
            continue;
        }
        let Some(exchange) = exchanges.last_mut() else { continue };
        match part {
            // Comments, names and variables.
            Part::Before => {}
            Part::RequestHead | Part::AnswerHead if line.trim().is_empty() => {
                part = if part == Part::RequestHead { Part::RequestBody } else { Part::AnswerBody };
            }
            Part::RequestHead | Part::AnswerHead => match line.split_once(':') {
                Some((name, value)) if !name.trim().is_empty() => {
                    let header = (name.trim().to_lowercase(), value.trim().to_owned());
                    let headers = if part == Part::RequestHead {
                        &mut exchange.headers
                    } else {
                        &mut exchange.answer_headers
                    };
                    headers.push(header);
                }
                // A query that goes on in lines of its own.
                _ if part == Part::RequestHead && line.trim_start().starts_with(['?', '&']) => {
                    exchange.query.extend(pairs(line.trim().trim_start_matches(['?', '&'])));
                }
                _ => {
                    return Err(format!(
                        "{}: is no header; one is `name: value`, and a blank line ends them",
                        place()
                    ));
                }
            },
            Part::RequestBody => add(&mut exchange.body, line),
            Part::AnswerBody => add(&mut exchange.answer, line),
        }
    }
    match exchanges.last() {
        Some(exchange) if matches!(part, Part::RequestHead | Part::RequestBody) => Err(format!(
            "{}: has no answer; one begins with a line such as `HTTP/1.1 201 Created`",
            exchange.place
        )),
        _ => Ok(exchanges),
    }
}

fn add(body: &mut String, line: &str) {
    if !body.is_empty() {
        body.push('\n');
    }
    body.push_str(line);
}

fn status_line(line: &str) -> Option<u16> {
    let rest = line.trim_start_matches("< ").strip_prefix("HTTP/")?;
    let status = rest.split_whitespace().nth(1)?.parse().ok()?;
    (100..600).contains(&status).then_some(status)
}

fn request_line(line: &str) -> Option<(&'static str, &str)> {
    let (word, rest) = line.trim_start_matches("> ").split_once(' ')?;
    let method = METHODS.into_iter().find(|method| *method == word)?;
    let mut target = rest.trim();
    if let Some((before, version)) = target.rsplit_once(' ')
        && version.starts_with("HTTP/")
    {
        target = before.trim();
    }
    let is_target = target.starts_with(['/', '{']) || target.contains("://");
    is_target.then_some((method, target))
}

/// The path and the query. The host is not taken over: it may be a customer's own.
fn set_target(exchange: &mut Exchange, target: &str) {
    let target = target.split('#').next().unwrap_or_default();
    let path = match target.find("://") {
        Some(at) => target[at + 3..].find('/').map_or("/", |slash| &target[at + 3 + slash..]),
        // `{{host}}/users`
        None if target.starts_with('{') => target.find("}}").map_or("/", |at| &target[at + 2..]),
        None => target,
    };
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    exchange.segments = path.split('/').filter(|segment| !segment.is_empty()).map(decoded).collect();
    exchange.query.extend(pairs(query));
}

pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.trim().split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    super::flatten::decoded(text)
}

fn har(shown: &str, text: &str) -> Result<Vec<Exchange>, String> {
    let document = super::document::Document::parse(shown, text.as_bytes())?;
    let entries = document.value["log"]["entries"].as_array().cloned().unwrap_or_default();
    let headers = |value: &Value| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = value.as_array().into_iter().flatten();
        list.map(|header| (text(&header["name"]).to_lowercase(), text(&header["value"]))).collect()
    };
    let mut exchanges = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let (request, response) = (&entry["request"], &entry["response"]);
        let method = request["method"].as_str().unwrap_or_default().to_uppercase();
        let status =
            response["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or_default();
        // A browser records scripts and pictures too, and calls that it broke off.
        if !METHODS.contains(&method.as_str()) || !(100..600).contains(&status) {
            continue;
        }
        let encoded = response["content"]["encoding"].as_str() == Some("base64");
        let mut exchange = Exchange {
            place: document.finding(&format!("/log/entries/{index}"), "").trim_end_matches(": ").to_owned(),
            method,
            status,
            headers: headers(&request["headers"]),
            answer_headers: headers(&response["headers"]),
            body: request["postData"]["text"].as_str().unwrap_or_default().to_owned(),
            answer: response["content"]["text"].as_str().filter(|_| !encoded).unwrap_or_default().to_owned(),
            ..Exchange::default()
        };
        set_target(&mut exchange, request["url"].as_str().unwrap_or_default());
        exchanges.push(exchange);
    }
    Ok(exchanges)
}
