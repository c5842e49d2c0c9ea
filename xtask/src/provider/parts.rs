//! What a provider consists of in this repository: the one list of it, followed forwards to add a provider and backwards
//! to take it away.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value};

use super::manifest::Place;
use super::name::Name;
use super::plan::Plan;

/// Something that a provider adds to the tree.
pub(crate) enum Part {
    /// A file of its own.
    File { path: PathBuf, text: Text },
    /// A line or an item of a manifest, among those of the other providers.
    Entry { path: &'static str, place: Place, neighbours: Vec<String> },
    /// Its package in the lock file, and the facade's dependency on it.
    Lock { package: String },
    /// A row of a table in a document.
    Row { path: &'static str, head: &'static str, cell: String },
    /// Its name in a row of the facade's features.
    Feature { path: &'static str, row_ends: &'static str, word: String },
}

/// Where the text of a file comes from.
pub(crate) enum Text {
    Spec,
    Manifest,
    Library,
    Surface,
}

/// What the documents and the crate say of a provider.
pub(crate) struct About {
    name: String,
    module: String,
    title: String,
    row: String,
    surface: String,
    core: String,
}

const MANIFEST: &str = include_str!("template/manifest.toml");
const LIBRARY: &str = include_str!("template/lib.rs");
const SKELETON: &str = include_str!("template/spec.yaml");

/// Every part of a provider.
pub(crate) fn of(root: &Path, name: &Name) -> Result<Vec<Part>, String> {
    let word = name.word();
    let package = format!("enroll-{word}");
    let folder = Path::new("crates").join(word);
    let version = version(root)?;
    let mut others = providers(root)?;
    others.retain(|other| other != word);
    let entry = |path, place, neighbours: &dyn Fn(&String) -> String| Part::Entry {
        path,
        place,
        neighbours: others.iter().map(neighbours).collect(),
    };
    let packages = |other: &String| format!("enroll-{other}");
    let facade = "crates/enroll/Cargo.toml";
    let item = |key, item| Place::Item { table: &["features"], key, item };
    let mut parts = vec![
        Part::File { path: spec_path(name), text: Text::Spec },
        Part::File { path: folder.join("Cargo.toml"), text: Text::Manifest },
        Part::File { path: folder.join("src/lib.rs"), text: Text::Library },
        Part::File { path: folder.join("surface.txt"), text: Text::Surface },
        entry(
            "Cargo.toml",
            Place::Key {
                table: &["workspace", "dependencies"],
                key: package.clone(),
                line: format!(
                    "{package} = {{ path = \"crates/{word}\", version = \"{version}\", default-features = false }}"
                ),
            },
            &packages,
        ),
        entry(facade, item("default", word.to_owned()), &String::clone),
        entry(
            facade,
            Place::Key {
                table: &["features"],
                key: word.to_owned(),
                line: format!("{word} = [\"dep:{package}\"]"),
            },
            &String::clone,
        ),
    ];
    for feature in ["mock", "schemars"] {
        parts.push(entry(facade, item(feature, format!("{package}?/{feature}")), &|other| {
            format!("enroll-{other}?/{feature}")
        }));
    }
    parts.extend([
        entry(
            facade,
            Place::Key {
                table: &["dependencies"],
                key: package.clone(),
                line: format!("{package} = {{ workspace = true, optional = true }}"),
            },
            &packages,
        ),
        Part::Lock { package },
        Part::Row {
            path: "README.md",
            head: "| provider | module |",
            cell: format!("| `enroll::{}` |", name.module()),
        },
        Part::Feature {
            path: "crates/enroll/README.md",
            row_ends: "| the providers; all are on by default |",
            word: word.to_owned(),
        },
    ]);
    Ok(parts)
}

impl Part {
    pub(crate) fn insert(&self, plan: &mut Plan, about: &About, spec: &str) -> Result<(), String> {
        match self {
            Self::File { path, text } => {
                let text = match text {
                    Text::Spec => spec.to_owned(),
                    Text::Manifest => about.fill_in(MANIFEST),
                    Text::Library => about.fill_in(LIBRARY),
                    Text::Surface => about.surface.clone(),
                };
                plan.create(path, text)
            }
            Self::Entry { path, place, neighbours } => edit(plan, path, |text| {
                place.insert(text, &|known| neighbours.iter().any(|neighbour| neighbour == known))
            }),
            Self::Lock { package } => edit(plan, "Cargo.lock", |text| lock(text, package)),
            Self::Row { path, head, .. } => edit(plan, path, |text| {
                let missing = || format!("there is no table that begins with `{head}`");
                let start = text.find(head).ok_or_else(missing)?;
                let rows = text[start..].split_inclusive('\n').take_while(|row| row.starts_with('|'));
                let end = start + rows.map(str::len).sum::<usize>();
                Ok(format!("{}{}\n{}", &text[..end], about.row, &text[end..]))
            }),
            Self::Feature { path, row_ends, word } => edit(plan, path, |text| {
                with_features(text, row_ends, |features| features.push(format!("`{word}`")))
            }),
        }
    }

    /// The same backwards. What is not there any more is no mistake: somebody has begun by hand.
    pub(crate) fn take_out(&self, plan: &mut Plan) -> Result<(), String> {
        match self {
            Self::File { path, .. } => plan.delete(path),
            Self::Entry { path, place, .. } => edit(plan, path, |text| place.take_out(text)),
            Self::Lock { package } => edit(plan, "Cargo.lock", |text| Ok(unlock(text, package))),
            Self::Row { path, cell, .. } => edit(plan, path, |text| {
                let stays = |row: &&str| !(row.starts_with('|') && row.contains(cell.as_str()));
                Ok(text.split_inclusive('\n').filter(stays).collect())
            }),
            Self::Feature { path, row_ends, word } => edit(plan, path, |text| {
                with_features(text, row_ends, |features| {
                    features.retain(|known| *known != format!("`{word}`"))
                })
            }),
        }
    }
}

impl About {
    /// # Errors
    /// What is wrong with the spec, if no client can be generated from it.
    pub(crate) fn read(name: &Name, spec: &str) -> Result<Self, String> {
        let path = spec_path(name);
        let generated = enroll_codegen::generate_from_text(&path, spec).map_err(|error| error.to_string())?;
        let surface = enroll_codegen::surface(&path, spec).map_err(|error| error.to_string())?;
        let spec = enroll_codegen::read(&path, spec).map_err(|error| error.to_string())?;
        let title = one_line(spec["info"]["title"].as_str().unwrap_or_default());
        Ok(Self {
            name: name.word().to_owned(),
            module: name.module(),
            row: row(name, &title, &spec),
            surface: surface.to_string(),
            core: enroll_codegen::dependency(&generated.features),
            title,
        })
    }

    fn description(&self) -> String {
        format!("Typed client for creating users at {}", self.title)
    }

    fn fill_in(&self, template: &str) -> String {
        fill_in(template, &self.name, &self.module, &self.description(), &self.core)
    }
}

/// A crate's file as the template has it.
pub(crate) fn fill_in(template: &str, name: &str, module: &str, description: &str, core: &str) -> String {
    let filled = template.replace("{name}", name).replace("{module}", module);
    filled.replace("{description}", description).replace("{core}", core)
}

/// The spec that a provider begins with when nothing is known of it.
pub(crate) fn skeleton(name: &Name) -> String {
    SKELETON
        .replace("{title}", &name.title())
        .replace("{name}", name.word())
        .replace("{ENV}", &name.variables())
}

/// Files that the commands did not write, or that were changed since.
#[derive(Default)]
pub(crate) struct ByHand {
    /// They would be lost.
    pub(crate) at_risk: Vec<(PathBuf, &'static str)>,
    /// They would not compile any more.
    pub(crate) in_the_way: Vec<(PathBuf, &'static str)>,
}

/// What is about this provider and was written by hand.
pub(crate) fn written_by_hand(root: &Path, name: &Name, plan: &Plan) -> Result<ByHand, String> {
    let (word, module) = (name.word(), name.module());
    let mut found = ByHand::default();
    let folder = Path::new("crates").join(word);
    for path in files(root, &folder)? {
        if !plan.knows(&path) {
            found.at_risk.push((path, "written by hand"));
        }
    }
    let seeds = Path::new("specs/seeds").join(format!("{word}.yaml"));
    if root.join(&seeds).exists() {
        found.at_risk.push((seeds, "the facts of its first page, written by hand"));
    }
    let manifest = read(&root.join(&folder).join("Cargo.toml")).unwrap_or_default();
    let description = description(&manifest).unwrap_or_default();
    // What a spec needs follows from the spec, by whichever command it was written down.
    let core = core(&manifest).unwrap_or_default();
    for (path, expected) in [
        (spec_path(name), skeleton(name)),
        (folder.join("Cargo.toml"), fill_in(MANIFEST, word, &module, &description, core)),
        (folder.join("src/lib.rs"), fill_in(LIBRARY, word, &module, &description, core)),
    ] {
        if read(&root.join(&path)).is_ok_and(|text| text != expected) && !is_committed(root, &path) {
            found.at_risk.push((path, "changed by hand, and not committed"));
        }
    }
    for (place, why) in [
        ("crates/sandbox/src", "its emulation in the sandbox"),
        ("crates/sandbox/tests/it", "tests of its emulation"),
        ("tests/it", "tests of it"),
    ] {
        for path in [format!("{place}/{module}.rs"), format!("{place}/{module}")] {
            if root.join(&path).exists() {
                found.in_the_way.push((path.into(), why));
            }
        }
    }
    Ok(found)
}

/// Whether git has the file as it is.
fn is_committed(root: &Path, path: &Path) -> bool {
    let mut git = Command::new("git");
    git.arg("-C").arg(root).args(["diff", "--quiet", "HEAD", "--"]).arg(path);
    let is_tracked =
        Command::new("git").arg("-C").arg(root).args(["ls-files", "--error-unmatch"]).arg(path).output();
    is_tracked.is_ok_and(|output| output.status.success())
        && git.output().is_ok_and(|output| output.status.success())
}

/// The names of all providers: the stems of the specs.
pub(crate) fn providers(root: &Path) -> Result<Vec<String>, String> {
    let folder = root.join("specs");
    let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}

pub(crate) fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// What a crate's manifest says that the crate is.
pub(crate) fn description(manifest: &str) -> Option<String> {
    let manifest: toml::Table = manifest.parse().ok()?;
    Some(manifest.get("package")?.get("description")?.as_str()?.to_owned())
}

/// The line by which a crate depends on the run time.
pub(crate) fn core(manifest: &str) -> Option<&str> {
    manifest.lines().find(|line| line.starts_with("enroll-core = "))
}

fn spec_path(name: &Name) -> PathBuf {
    Path::new("specs").join(format!("{}.yaml", name.word()))
}

fn version(root: &Path) -> Result<String, String> {
    let manifest: toml::Table =
        read(&root.join("Cargo.toml"))?.parse().map_err(|error| format!("Cargo.toml: {error}"))?;
    let version = manifest.get("workspace").and_then(|it| it.get("package")).and_then(|it| it.get("version"));
    version
        .and_then(toml::Value::as_str)
        .map(str::to_owned)
        .ok_or("Cargo.toml: workspace.package has no version".to_owned())
}

/// Every file below a folder, as paths from the root; none if there is no such folder.
pub(crate) fn files(root: &Path, folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(root.join(folder)) else { return Ok(found) };
    for entry in entries {
        let entry = entry.map_err(|error| format!("{}: {error}", folder.display()))?;
        let path = folder.join(entry.file_name());
        if entry.path().is_dir() { found.extend(files(root, &path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}

fn edit(
    plan: &mut Plan,
    path: &str,
    change: impl FnOnce(&str) -> Result<String, String>,
) -> Result<(), String> {
    let file = Path::new(path);
    let text = plan.text(file)?;
    let changed = change(&text).map_err(|error| format!("{path}: {error}"))?;
    plan.replace(file, changed)
}

/// A title cannot break out of the line that it stands in, be it TOML or a comment of Rust.
fn one_line(title: &str) -> String {
    let plain: String =
        title.chars().map(|it| if it.is_control() || "\"\\|`".contains(it) { ' ' } else { it }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The provider's row in the table of the README.
fn row(name: &Name, title: &str, spec: &Value) -> String {
    let operations = || {
        let items = spec["paths"].as_object().into_iter().flat_map(Map::values);
        items.filter_map(Value::as_object).flat_map(Map::values).filter(|it| it.get("operationId").is_some())
    };
    let creates = operations().find(|operation| operation.get("x-enroll-creates").is_some());
    let method = creates.map_or("–".to_owned(), |it| {
        format!("`{}`", snake_case(it["operationId"].as_str().unwrap_or_default()))
    });
    let words = |values: Vec<String>, without: &str| {
        if values.is_empty() { without.to_owned() } else { values.join(", ") }
    };
    let replay = creates.map_or(&Value::Null, |it| &it["x-enroll-replay"]);
    let keys = || {
        let keys = replay["keys"].as_array().into_iter().flatten().filter_map(Value::as_str);
        words(keys.map(|key| key.replace('_', " ")).collect(), "its keys")
    };
    let repeat = match replay["class"].as_str() {
        Some("upsert") => "updates the same user".to_owned(),
        Some("keyed") => format!("refused, by {}", keys()),
        Some("never") => "may make a second account".to_owned(),
        _ => "–".to_owned(),
    };
    let credentials = spec["x-enroll-credentials"].as_object().into_iter().flat_map(Map::keys);
    let credentials = words(credentials.map(|name| name.replace('_', " ")).collect(), "none");
    let servers = spec["servers"].as_array().into_iter().flatten();
    let servers = servers.filter_map(|server| server["x-enroll-environment"].as_str()).map(str::to_owned);
    let servers = words(servers.collect(), "by base URL");
    format!("| {title} | `enroll::{}` | {method} | {repeat} | {credentials} | {servers} |", name.module())
}

fn snake_case(id: &str) -> String {
    let mut text = String::new();
    for (index, letter) in id.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

/// The lock file with a provider's package in it, as cargo writes it.
fn lock(text: &str, package: &str) -> Result<String, String> {
    let name = |block: &str| block.split('"').nth(1).unwrap_or_default().to_owned();
    let mut blocks: Vec<String> = text.split("[[package]]\n").map(str::to_owned).collect();
    let version =
        blocks.iter().find(|block| name(block) == "enroll").and_then(|block| block.split('"').nth(3));
    let version = version.ok_or("the facade is not in it")?.to_owned();
    for block in blocks.iter_mut().skip(1).filter(|block| name(block) == "enroll") {
        let mut lines: Vec<&str> = block.lines().collect();
        let own = format!(" \"{package}\",");
        let is_dependency = |line: &&str| line.starts_with(" \"");
        let at = lines.iter().position(|line| is_dependency(line) && *line > own.as_str());
        let at = at.or_else(|| lines.iter().rposition(is_dependency).map(|last| last + 1));
        lines.insert(at.ok_or("the facade has no dependencies there")?, &own);
        *block = lines.join("\n") + "\n";
    }
    let block = format!(
        "name = \"{package}\"\nversion = \"{version}\"\ndependencies = [\n \"enroll-codegen\",\n \"enroll-core\",\n]\n\n"
    );
    let at = blocks
        .iter()
        .skip(1)
        .position(|known| name(known).as_str() > package)
        .map_or(blocks.len(), |at| at + 1);
    blocks.insert(at, block);
    Ok(blocks.join("[[package]]\n"))
}

fn unlock(text: &str, package: &str) -> String {
    let own = format!("name = \"{package}\"\n");
    let blocks: Vec<_> = text.split("[[package]]\n").filter(|block| !block.starts_with(&own)).collect();
    blocks.join("[[package]]\n").replace(&format!(" \"{package}\",\n"), "")
}

/// The row of features with the providers' names changed and in order.
fn with_features(
    text: &str,
    row_ends: &str,
    change: impl FnOnce(&mut Vec<String>),
) -> Result<String, String> {
    let row = text.lines().find(|line| line.ends_with(row_ends));
    let row = row.ok_or_else(|| format!("there is no row that ends with `{row_ends}`"))?;
    let names = row.trim_end_matches(row_ends).trim_matches(['|', ' ']);
    let mut features: Vec<String> = names.split(", ").map(str::to_owned).collect();
    change(&mut features);
    features.sort();
    Ok(text.replacen(row, &format!("| {} {row_ends}", features.join(", ")), 1))
}
