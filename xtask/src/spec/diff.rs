//! `cargo xtask spec diff`: what has changed in the specs since a revision, and what follows for users.
//!
//! Two things are compared. The documents say what changed and why it matters on the wire; the surfaces say what the
//! compiler sees. What breaks a surface and is explained by no change of the document is told too.

mod compare;
pub(crate) mod expected;
mod kinds;
mod operations;
mod report;
mod schemas;
mod surface;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::process::Command;

use enroll_codegen::Document;

pub(crate) use self::kinds::Class;
use self::kinds::Kind;
use crate::{providers, root};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The revision to compare with: a tag, a branch, a commit
    revision: String,
    /// The providers; all of them, then and now, if none is named
    providers: Vec<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Fails if there is a change of this class, or a graver one
    #[arg(long, value_enum, value_name = "CLASS")]
    fail_on: Option<Class>,
}

#[derive(Clone, Copy, Default, clap::ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
    Markdown,
}

/// What has changed of one provider.
#[derive(Debug)]
pub(crate) struct ProviderDiff {
    pub(crate) provider: String,
    pub(crate) changes: Vec<Told>,
    /// The lines of the surface that differ, as a diff shows them.
    pub(crate) surface: Vec<String>,
}

/// A change, as it is told.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) provider: String,
    pub(crate) kind: &'static Kind,
    /// `specs/x.yaml:LINE:COL`, with the revision before it if it stands only there.
    pub(crate) place: String,
    pub(crate) pointer: String,
    pub(crate) what: String,
}

impl ProviderDiff {
    pub(crate) fn class(&self) -> Option<Class> {
        self.changes.iter().map(|told| told.kind.class).max()
    }
}

/// The version that the changes ask for.
pub(crate) struct Version {
    from: String,
    to: String,
    class: Option<Class>,
}

impl Version {
    /// By Semantic Versioning, where before 1.0 the middle number is the one that breaks. Behaviour counts as breaking: a
    /// call that is repeated, or an error that means something else, is found by no compiler.
    fn after(from: &str, class: Option<Class>) -> Result<Self, String> {
        let numbers: Vec<u64> = from.split('.').map_while(|number| number.parse().ok()).collect();
        let [major, minor, patch] = numbers.as_slice() else {
            return Err(format!(
                "`{from}` is no version; write three numbers into the workspace's Cargo.toml"
            ));
        };
        let to = match (class, major) {
            (None, _) => from.to_owned(),
            (Some(Class::Breaking | Class::Behaviour), 0) => format!("0.{}.0", minor + 1),
            (Some(_), 0) => format!("0.{minor}.{}", patch + 1),
            (Some(Class::Breaking | Class::Behaviour), _) => format!("{}.0.0", major + 1),
            (Some(Class::Additive), _) => format!("{major}.{}.0", minor + 1),
            (Some(Class::Documentation), _) => format!("{major}.{minor}.{}", patch + 1),
        };
        Ok(Self { from: from.to_owned(), to, class })
    }

    fn sentence(&self) -> String {
        match self.class {
            None => "nothing has changed".to_owned(),
            Some(class) => format!("the gravest is {class}: after {} comes {}", self.from, self.to),
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let Arguments { revision, .. } = arguments;
    let commit =
        git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")])
            .map_err(|_| {
                format!("`{revision}` is no revision that git knows; `git log --oneline` lists some")
            })?;
    let commit = commit.trim();
    let then = git(&["ls-tree", "--name-only", commit, "specs/"])?;
    let then: Vec<_> = then
        .lines()
        .filter_map(|path| path.strip_prefix("specs/")?.strip_suffix(".yaml"))
        .map(str::to_owned)
        .collect();
    let now = providers()?;
    let mut all: Vec<_> = then.iter().chain(&now).cloned().collect();
    all.sort();
    all.dedup();
    if let Some(unknown) = arguments.providers.iter().find(|name| !all.contains(name)) {
        return Err(format!(
            "there is no specs/{unknown}.yaml, now or at {revision}; there are {}",
            all.join(", ")
        ));
    }
    let chosen =
        all.into_iter().filter(|name| arguments.providers.is_empty() || arguments.providers.contains(name));
    let mut diffs = Vec::new();
    for provider in chosen {
        let path = format!("specs/{provider}.yaml");
        let old =
            then.contains(&provider).then(|| git(&["show", &format!("{commit}:{path}")])).transpose()?;
        let read = || std::fs::read_to_string(root().join(&path)).map_err(|error| format!("{path}: {error}"));
        let new = now.contains(&provider).then(read).transpose()?;
        diffs.push(diff(&provider, revision, old.as_deref(), new.as_deref())?);
    }
    diffs.retain(|diff| !diff.changes.is_empty() || !diff.surface.is_empty());
    let gravest = diffs.iter().filter_map(ProviderDiff::class).max();
    let version = Version::after(env!("CARGO_PKG_VERSION"), gravest)?;
    print!(
        "{}",
        match arguments.format {
            Format::Text => report::text(&diffs, &version),
            Format::Json => report::json(&diffs, &version),
            Format::Markdown => report::markdown(&diffs, &version),
        }
    );
    match (arguments.fail_on, gravest) {
        (Some(limit), Some(gravest)) if gravest >= limit => {
            Err(format!("there are changes of the class {gravest}; release them as {}", version.to))
        }
        _ => Ok(()),
    }
}

/// What git prints.
fn git(arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git").args(arguments).current_dir(root()).output().map_err(|error| {
        format!("git cannot be started: {error}; install it, for it knows what the specs were")
    })?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(format!("`git {}` failed: {said}", arguments.join(" ")))
    }
}

/// What has changed between two texts of a spec, of which one may not be there.
pub(crate) fn diff(
    provider: &str,
    revision: &str,
    old: Option<&str>,
    new: Option<&str>,
) -> Result<ProviderDiff, String> {
    let path = format!("specs/{provider}.yaml");
    let told = |kind, place: String, pointer: &str, what: String| Told {
        provider: provider.to_owned(),
        kind,
        place,
        pointer: pointer.to_owned(),
        what,
    };
    let whole = |kind, place: String, verb: &str| ProviderDiff {
        provider: provider.to_owned(),
        changes: vec![told(kind, place, "", format!("the provider `{provider}` is {verb}"))],
        surface: Vec::new(),
    };
    let (old_text, new_text) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        (None, Some(_)) => return Ok(whole(&kinds::PROVIDER_ADDED, path, "added")),
        (Some(_), None) => {
            return Ok(whole(&kinds::PROVIDER_REMOVED, format!("{revision}:{path}"), "taken out"));
        }
        (None, None) => return Err(format!("there is no {path}")),
    };
    let parse = |text: &str, place: &str| {
        Document::parse(text)
            .map_err(|finding| format!("{place}:{}: {}", finding.position.line, finding.message))
    };
    let (old, new) = (parse(old_text, &format!("{revision}:{path}"))?, parse(new_text, &path)?);
    let mut changes: Vec<_> = compare::changes(old.value(), new.value())
        .into_iter()
        .map(|change| {
            let (document, pointer, before) = match (&change.new, &change.old) {
                (Some(pointer), _) => (&new, pointer.as_str(), ""),
                (None, Some(pointer)) => (&old, pointer.as_str(), revision),
                (None, None) => (&new, "", ""),
            };
            let at = document.finding("", pointer, "").position;
            let colon = if before.is_empty() { "" } else { ":" };
            let place = format!("{before}{colon}{path}:{}:{}", at.line, at.column);
            told(change.kind, place, pointer, change.what)
        })
        .collect();
    let new_surface = enroll_codegen::surface_of_document(Path::new(&path), &new)
        .map_err(|error| format!("{error}\n`cargo xtask spec lint {provider}` says more"))?;
    let mut surface = Vec::new();
    // An old spec may lack what is demanded today. Its document is compared all the same.
    if let Ok(old_surface) = enroll_codegen::surface_of_document(Path::new(&path), &old) {
        surface = surface::lines(&old_surface, &new_surface);
        let explained = changes.iter().any(|told: &Told| told.kind.class == Class::Breaking);
        if !explained {
            for broken in surface::broken(&old_surface, &new_surface) {
                let now = broken.new.map_or_else(|| "is gone".to_owned(), |new| format!("is `{new}`"));
                let what = format!("`{}` was `{}` and {now}", broken.name, broken.old);
                changes.push(told(&kinds::SURFACE, format!("crates/{provider}/surface.txt"), "", what));
            }
        }
    }
    Ok(ProviderDiff { provider: provider.to_owned(), changes, surface })
}
