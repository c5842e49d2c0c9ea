//! `cargo xtask survey`: documents that none of us wrote go all the way from a vendor's OpenAPI to a typed call.
//!
//! Each is reduced to its operations on users, imported, linted as a spec of the house, generated, compiled, and called
//! against its own typed mock. Nothing of it stays but the table in docs/survey.md.

mod calls;
mod documents;
mod package;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use self::calls::Client;
use self::documents::{DOCUMENTS, Public};
use crate::provider::import_quietly;
use crate::root;
use crate::spec::lint_text;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The documents; all of them if none is named
    names: Vec<String>,
    /// Writes the table to docs/survey.md
    #[arg(long, conflicts_with = "names")]
    write: bool,
}

/// What became of one document.
#[derive(Default)]
struct Row {
    name: String,
    package: String,
    size: u64,
    openapi: String,
    operations: usize,
    /// The first thing that went wrong, by its stage.
    failures: BTreeMap<Stage, String>,
    /// What the importer left out.
    notes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Imports,
    Lints,
    Generates,
    Compiles,
    Answers,
}

const STAGES: [(Stage, &str); 5] = [
    (Stage::Imports, "imports"),
    (Stage::Lints, "lints"),
    (Stage::Generates, "generates"),
    (Stage::Compiles, "compiles"),
    (Stage::Answers, "answers"),
];

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    if let Some(unknown) =
        arguments.names.iter().find(|name| !DOCUMENTS.iter().any(|known| known.name == **name))
    {
        let known: Vec<_> = DOCUMENTS.iter().map(|public| public.name).collect();
        return Err(format!("no document is called `{unknown}`; there are {}", known.join(", ")));
    }
    let wanted = |public: &&Public| {
        arguments.names.is_empty() || arguments.names.iter().any(|name| name == public.name)
    };
    let (mut rows, mut clients) = (Vec::new(), Vec::new());
    for public in DOCUMENTS.iter().filter(wanted) {
        let (row, client) = prepare(public)?;
        rows.push(row);
        clients.extend(client);
    }
    let outcome = calls::run(&clients)?;
    for row in &mut rows {
        if let Some(why) = outcome.not_compiled.get(&row.name) {
            row.failures.insert(Stage::Compiles, why.clone());
        }
        if let Some(why) = outcome.not_answered.get(&row.name) {
            row.failures.insert(Stage::Answers, why.clone());
        }
    }
    let table = table(&rows);
    print!("{table}");
    if arguments.write {
        let path = root().join("docs/survey.md");
        std::fs::write(&path, document(&table)).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let failed = rows.iter().filter(|row| !row.failures.is_empty()).count();
    if failed == 0 {
        Ok(())
    } else {
        Err(format!("{failed} of {} documents did not go all the way", rows.len()))
    }
}

/// Where everything is kept: packages, specs, and the program of all clients.
fn folder() -> PathBuf {
    root().join("target/survey")
}

/// From the package to the generated client.
fn prepare(public: &Public) -> Result<(Row, Option<Client>), String> {
    let path = package::document(public)?;
    let mut row = Row {
        name: public.name.to_owned(),
        package: {
            let (package, version) = package::parts(public.package);
            format!("{package} {version}")
        },
        size: std::fs::metadata(&path).map(|data| data.len()).unwrap_or_default(),
        operations: public.operations.len(),
        ..Row::default()
    };
    row.openapi = version(&path);
    let operations: Vec<String> = public.operations.iter().map(|name| (*name).to_owned()).collect();
    let text = match import_quietly(public.name, &[path], &operations) {
        Ok((text, notes)) => {
            row.notes = notes.len();
            text
        }
        Err(error) => {
            row.failures.insert(Stage::Imports, shortened(&error));
            return Ok((row, None));
        }
    };
    let specs = folder().join("specs");
    let kept = specs.join(format!("{}.yaml", public.name));
    std::fs::create_dir_all(&specs)
        .and_then(|()| std::fs::write(&kept, &text))
        .map_err(|error| format!("{}: {error}", kept.display()))?;
    let shown = PathBuf::from(format!("specs/{}.yaml", public.name));
    if let Some(finding) = lint_text(&shown, &text).first() {
        let place = format!("{}:{}", finding.position.line, finding.position.column);
        row.failures
            .insert(Stage::Lints, shortened(&format!("{place} {}: {}", finding.pointer, finding.message)));
    }
    match (enroll_codegen::generate_from_text(&shown, &text), enroll_codegen::read(&shown, &text)) {
        (Ok(generated), Ok(spec)) => {
            Ok((row, Some(Client { name: public.name.to_owned(), spec, generated })))
        }
        (Err(error), _) | (_, Err(error)) => {
            row.failures.insert(Stage::Generates, shortened(&error.to_string()));
            Ok((row, None))
        }
    }
}

/// What the document says of its version; some say it last.
fn version(path: &Path) -> String {
    let text = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let after = text.split("openapi").skip(1).map(|rest| rest.trim_start_matches(['"', '\'', ':', ' ']));
    let version =
        after.map(|rest| rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect::<String>());
    version.into_iter().find(|version| version.starts_with("3.")).unwrap_or_default()
}

fn shortened(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default().replace('|', "/");
    let root = root().display().to_string();
    line.replace(&format!("{root}/"), "").chars().take(240).collect()
}

fn table(rows: &[Row]) -> String {
    let mut text = "| document | package | size | OpenAPI | operations | left out | imports | lints | generates | compiles | answers |\n\
                    |---|---|---|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for row in rows {
        let mut stopped = false;
        let stages = STAGES.map(|(stage, _)| {
            let failed = row.failures.contains_key(&stage);
            let shown = if failed {
                "no"
            } else if stopped {
                "–"
            } else {
                "yes"
            };
            // What does not lint may well compile.
            stopped |= failed && stage != Stage::Lints;
            shown
        });
        text.push_str(&format!(
            "| {} | {} | {} KiB | {} | {} | {} | {} |\n",
            row.name,
            row.package,
            row.size.div_ceil(1024),
            row.openapi,
            row.operations,
            row.notes,
            stages.join(" | ")
        ));
    }
    let whole = rows.iter().filter(|row| row.failures.is_empty()).count();
    text.push_str(&format!("\n{whole} of {} documents go all the way.\n", rows.len()));
    for row in rows {
        for (stage, name) in STAGES {
            if let Some(why) = row.failures.get(&stage) {
                text.push_str(&format!("- {} ({name}): {why}\n", row.name));
            }
        }
    }
    text
}

fn document(table: &str) -> String {
    format!(
        "# Documents that none of us wrote\n\n\
         Made by `cargo xtask survey --write`. Each is a vendor's OpenAPI document that a public package ships. It is reduced\n\
         to operations on users, made into a spec by what `cargo xtask provider new --from` uses, linted by the rules of the\n\
         house, generated and compiled; then its first operation is called with the sample of its documentation, against its\n\
         own typed mock, which looks at what was sent, and the typed answer is compared with what the mock said. \"Left out\"\n\
         counts the optional things that nothing here can send, each told by the importer with its line.\n\n{table}"
    )
}
