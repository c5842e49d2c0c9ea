//! A README for each package that has none: a provider's follows from its spec.

use std::fmt::Write as _;
use std::path::Path;

use enroll_codegen::Document;
use serde_json::Value;

use super::stage::read;

/// What a provider's client does, what it has to be told, and what a repeat of each call does.
pub(super) fn of_provider(name: &str, spec: &Path) -> Result<String, String> {
    let text = read(spec)?;
    let document = Document::parse(&text).map_err(|finding| finding.message)?;
    let surface = enroll_codegen::surface(spec, &text).map_err(|error| error.to_string())?;
    let root = document.value();
    let title = word(&root["info"]["title"]);
    let module = name.replace('-', "_");
    let mut readme = format!(
        "# enroll-{name}\n\nA typed client for {title}, which creates accounts never twice and leaks nothing. Most programs take it \
         from the facade [`enroll`](https://docs.rs/enroll), as `enroll::{module}`, with the feature `{name}`.\n\n{}\n",
        prose(word(&root["info"]["description"]))
    );
    // Writing to a `String` cannot fail.
    let _ =
        write!(readme, "\n## Settings\n\n| setting | environment variable | what it is |\n|---|---|---|\n");
    let base_url = &root["x-enroll-base-url"];
    for (setting, key, about) in [
        ("base_url", "env", "where requests and credentials go"),
        ("environment", "environment", "a server by its name"),
    ] {
        if let Some(variable) = base_url[key].as_str() {
            let _ = writeln!(readme, "| `{setting}` | `{variable}` | {about} |");
        }
    }
    for (setting, credential) in root["x-enroll-credentials"].as_object().into_iter().flatten() {
        let about = first_sentence(word(&credential["description"]));
        let _ = writeln!(readme, "| `{setting}` | `{}` | {about} |", word(&credential["env"]));
    }
    let _ = write!(
        readme,
        "\n## Operations\n\n| method | request | a repeat of it | what it does |\n|---|---|---|---|\n"
    );
    for (line, value) in surface.lines() {
        let Some(method) = line.strip_prefix("operation ").filter(|method| !method.contains([' ', '.']))
        else {
            continue;
        };
        let mut parts = value.split("; ");
        let (request, replay) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let summary = summary(root, request);
        if !summary.is_empty() {
            let _ = writeln!(readme, "| `{method}` | `{request}` | {replay} | {summary} |");
        }
    }
    readme.push_str(
        "\nNothing was checked against the vendor's live server. Each fact says in the spec what supports it.\n\nLicensed \
         under MIT or Apache-2.0, as you like.\n",
    );
    Ok(readme)
}

/// The first lines of a library as a README.
pub(super) fn of_docs(name: &str, library: &str) -> String {
    let lines = library.lines().map_while(|line| line.strip_prefix("//!"));
    let words: Vec<_> = lines.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    format!("# {name}\n\n{}\n\nLicensed under MIT or Apache-2.0, as you like.\n", words.join("\n"))
}

/// The summary of the operation with this method and path.
fn summary<'a>(root: &'a Value, request: &str) -> &'a str {
    let Some((method, path)) = request.split_once(' ') else { return "" };
    word(&root["paths"][path][method.to_lowercase()]["summary"])
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A spec's words, so that nothing in them is taken for HTML or for a link.
fn prose(text: &str) -> String {
    text.trim().replace('<', "&lt;").replace('[', "\\[")
}

fn first_sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    prose(text.split_inclusive(". ").next().unwrap_or_default()).replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{providers, root};

    #[test]
    fn a_provider_s_readme_names_its_variables_and_its_operations() {
        for provider in providers().unwrap() {
            let spec = root().join(format!("specs/{provider}.yaml"));
            let readme = of_provider(&provider, &spec).unwrap();
            let document = Document::parse(&read(&spec).unwrap()).unwrap();
            for (_, credential) in document.value()["x-enroll-credentials"].as_object().unwrap() {
                assert!(readme.contains(word(&credential["env"])), "{provider}: {credential}");
            }
            let operations = document.value()["paths"].as_object().unwrap().len();
            assert!(readme.matches("| `").count() >= operations, "{readme}");
        }
    }

    #[test]
    fn a_library_s_words_are_a_readme() {
        assert!(of_docs("x", "//! One.\n//!\n//! Two.\nmod a;\n").starts_with("# x\n\nOne.\n\nTwo.\n\n"));
    }
}
