//! The site as a folder: pages from templates, a reference for each provider, rustdoc, the specs. Every link in it is
//! relative, so that it can be opened from a disk or put under any address.

use std::fs;
use std::path::{Path, PathBuf};

use minijinja::Environment;
use serde_json::{Value, json};

use super::home;
use super::reference;
use super::samples;
use super::spec::{self, Spec};
use crate::{capture, cargo, root};

/// Makes the folder anew. It is there as a whole, or as it was before.
pub(crate) fn build(folder: &Path) -> Result<(), String> {
    refuse_foreign(folder)?;
    let specs = spec::all()?;
    let crates = crates()?;
    let draft = folder.with_extension("draft");
    remove(&draft)?;
    pages(&draft, &specs, &crates)?;
    references(&draft, &specs)?;
    assets(&draft)?;
    rustdoc(&draft, &crates)?;
    remove(folder)?;
    fs::rename(&draft, folder).map_err(|error| format!("{}: {error}", folder.display()))
}

/// Serves the folder with the sandbox beside it, until it is interrupted.
pub(crate) fn serve(folder: &Path, port: u16, sandbox_port: u16) -> Result<(), String> {
    let folder = folder.display();
    cargo(
        &format!("run -q -p enroll-site -- --root {folder} --port {port} --sandbox-port {sandbox_port}"),
        &root(),
        &[],
    )
}

/// A folder that this command has not made is somebody's, and is not replaced.
fn refuse_foreign(folder: &Path) -> Result<(), String> {
    let is_ours = folder.join("assets/scalar.js").is_file();
    let is_empty = fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
    match is_ours || is_empty {
        true => Ok(()),
        false => Err(format!("{} has something else in it; name another folder", folder.display())),
    }
}

/// A crate of the workspace: its package, its module, and what it is for.
struct Crate {
    package: String,
    module: String,
    about: String,
}

/// The libraries that one can depend on.
fn crates() -> Result<Vec<Crate>, String> {
    let metadata = capture("metadata --no-deps --format-version 1", &root())?;
    let metadata: Value =
        serde_json::from_str(&metadata).map_err(|error| format!("cargo's metadata: {error}"))?;
    let ours = root().join("crates");
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let packages = packages.filter(|it| Path::new(spec::text(&it["manifest_path"])).starts_with(&ours));
    let mut crates: Vec<Crate> = packages
        .filter_map(|package| {
            let mut targets = package["targets"].as_array()?.iter();
            let library = targets
                .find(|target| target["kind"].as_array().is_some_and(|it| it.contains(&json!("lib"))))?;
            Some(Crate {
                package: spec::text(&package["name"]).to_owned(),
                module: spec::text(&library["name"]).to_owned(),
                about: spec::text(&package["description"]).to_owned(),
            })
        })
        .collect();
    // The facade comes first: it is what one depends on.
    crates.sort_by_key(|it| (it.package != "enroll", it.package.clone()));
    Ok(crates)
}

/// The templates, and the page that each becomes.
const PAGES: &[(&str, &str, &str, &str)] = &[
    ("home", "home.html", "index.html", "enroll"),
    ("reference", "reference.html", "reference/index.html", "Reference"),
    ("decode", "decode.html", "decode/index.html", "Decode an answer"),
    ("changelog", "changelog.html", "changelog/index.html", "Changelog"),
    ("rustdoc", "rustdoc.html", "rustdoc/index.html", "Crates"),
];

fn templates() -> PathBuf {
    root().join("site/pages")
}

fn pages(folder: &Path, specs: &[Spec], crates: &[Crate]) -> Result<(), String> {
    let mut environment = Environment::new();
    environment.add_filter("inline", inline);
    for file in
        files(&templates())?.into_iter().filter(|file| file.extension().is_some_and(|it| it == "html"))
    {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        environment
            .add_template_owned(name, read(&file)?)
            .map_err(|error| format!("{}: {error:#}", file.display()))?;
    }
    let providers: Vec<Value> = specs.iter().map(home::provider).collect();
    let crates: Vec<Value> = crates
        .iter()
        .map(|it| json!({ "name": it.package, "module": it.module, "about": it.about }))
        .collect();
    let changelog = html(&read(&root().join("CHANGELOG.md"))?);
    for (page, template, file, title) in PAGES {
        let up = if file.contains('/') { "../" } else { "" };
        let template = environment.get_template(template).map_err(|error| format!("{error:#}"))?;
        let context = json!({
            "root": up, "page": page, "title": title, "providers": providers, "crates": crates,
            "changelog": changelog, "quickstart": home::QUICKSTART,
        });
        let text =
            template.render(minijinja::value::Serde(&context)).map_err(|error| format!("{error:#}"))?;
        write(&folder.join(file), text.as_bytes())?;
    }
    Ok(())
}

/// Markdown in one line, within a paragraph of the page.
fn inline(markdown: &str) -> minijinja::Value {
    let html = html(markdown);
    let html = html.trim();
    let inner = html.strip_prefix("<p>").and_then(|html| html.strip_suffix("</p>")).unwrap_or(html);
    minijinja::Value::from_safe_string(inner.to_owned())
}

/// Markdown that we wrote ourselves.
fn html(markdown: &str) -> String {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(markdown));
    html
}

fn references(folder: &Path, specs: &[Spec]) -> Result<(), String> {
    for spec in specs {
        let name = &spec.name;
        let shown = json!({ "name": name, "title": spec.title(), "document": reference::of(spec) });
        let script =
            format!("window.enroll ??= {{ references: [] }};\nwindow.enroll.references.push({shown});\n");
        write(&folder.join(format!("reference/{name}.js")), script.as_bytes())?;
        let file = format!("specs/{name}.yaml");
        write(&folder.join(&file), read(&root().join(&file))?.as_bytes())?;
    }
    let samples = samples::of(specs);
    let script = format!(
        "window.enroll ??= {{ references: [] }};\nwindow.enroll.samples = {};\nwindow.enroll.operations = {};\n",
        samples.samples, samples.operations
    );
    write(&folder.join("decode/samples.js"), script.as_bytes())
}

/// Everything of ours that is no template, and the bundle that draws the reference.
fn assets(folder: &Path) -> Result<(), String> {
    for file in files(&templates())?.into_iter().filter(|file| file.extension().is_none_or(|it| it != "html"))
    {
        let name = file.file_name().unwrap_or_default();
        write(&folder.join("assets").join(name), read(&file)?.as_bytes())?;
    }
    let scalar =
        scalar_api_reference::get_asset("scalar.js").ok_or("the crate of Scalar has no scalar.js")?;
    write(&folder.join("assets/scalar.js"), &scalar)
}

/// Rustdoc of our crates. What else is in cargo's folder is of no use here.
fn rustdoc(folder: &Path, crates: &[Crate]) -> Result<(), String> {
    let packages: String = crates.iter().map(|it| format!(" -p {}", it.package)).collect();
    cargo(&format!("doc -q --no-deps --lib --all-features{packages}"), &root(), &[])?;
    let from = root().join("target/doc");
    let is_ours = |name: &str| crates.iter().any(|it| it.module == name);
    for entry in entries(&from)? {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_other_crate = entry.join("index.html").is_file() && !is_ours(&name);
        // Our own index of the crates stands there.
        if !is_other_crate && name != "index.html" && name != "src" {
            copy(&entry, &folder.join("rustdoc").join(&name))?;
        }
    }
    for it in crates {
        let module = &it.module;
        copy(&from.join("src").join(module), &folder.join("rustdoc/src").join(module))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    if from.is_dir() {
        return entries(from)?.into_iter().try_for_each(|entry| {
            let name = entry.file_name().unwrap_or_default().to_owned();
            copy(&entry, &to.join(name))
        });
    }
    let bytes = fs::read(from).map_err(|error| format!("{}: {error}", from.display()))?;
    write(to, &bytes)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    Ok(entries(folder)?.into_iter().filter(|entry| entry.is_file()).collect())
}

/// What is in a folder, in the order of the names.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let named = |error: std::io::Error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(named)?;
    let mut entries = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(named)?;
    entries.sort();
    Ok(entries)
}

fn read(file: &Path) -> Result<String, String> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), String> {
    let folder = file.parent().unwrap_or(file);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(file, bytes));
    written.map_err(|error| format!("{}: {error}", file.display()))
}

fn remove(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}
