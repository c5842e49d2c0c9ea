//! Changes to files, planned in memory and made all at once or not at all.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// What is to become of some files below a folder.
pub(crate) struct Plan {
    root: PathBuf,
    changes: BTreeMap<PathBuf, Change>,
}

struct Change {
    /// What stands there; nothing if the file is not there.
    before: Option<Vec<u8>>,
    /// What shall stand there; nothing if the file goes.
    after: Option<Vec<u8>>,
}

impl Plan {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), changes: BTreeMap::new() }
    }

    /// A file's text as the plan has it so far.
    pub(crate) fn text(&mut self, path: &Path) -> Result<String, String> {
        let after = self.change(path)?.after.clone();
        let bytes = after.ok_or_else(|| format!("{} is not there", slashes(path)))?;
        String::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8", slashes(path)))
    }

    /// Plans a file that is not there yet.
    pub(crate) fn create(&mut self, path: &Path, text: String) -> Result<(), String> {
        let change = self.change(path)?;
        if change.after.is_some() {
            return Err(format!("{} is there already; nothing was written", slashes(path)));
        }
        change.after = Some(text.into_bytes());
        Ok(())
    }

    pub(crate) fn replace(&mut self, path: &Path, text: String) -> Result<(), String> {
        self.change(path)?.after = Some(text.into_bytes());
        Ok(())
    }

    /// Plans that a file goes. One that is not there is no mistake: it may have been taken away by hand.
    pub(crate) fn delete(&mut self, path: &Path) -> Result<(), String> {
        self.change(path)?.after = None;
        Ok(())
    }

    /// Whether the plan says anything about a file.
    pub(crate) fn knows(&self, path: &Path) -> bool {
        self.changes.contains_key(path)
    }

    /// Makes the changes, and tells them. When one fails, those that were made are undone.
    pub(crate) fn write(&self) -> Result<String, String> {
        let changes: Vec<_> =
            self.changes.iter().filter(|(_, change)| change.before != change.after).collect();
        for (number, (path, change)) in changes.iter().enumerate() {
            let Err(error) = self.put(path, change.after.as_deref()) else { continue };
            let mut message = format!("{}: {error}; nothing was changed", slashes(path));
            // The one that failed was not put in its place; if it is new, its folder may have been made.
            let undone = number + usize::from(change.before.is_none());
            for (path, change) in changes[..undone].iter().rev() {
                if let Err(error) = self.put(path, change.before.as_deref()) {
                    let _ = write!(message, ", but {} is left over ({error})", slashes(path));
                }
            }
            return Err(message);
        }
        let mut told = String::new();
        for (path, change) in changes {
            let what = match (&change.before, &change.after) {
                (None, _) => "new",
                (_, None) => "removed",
                _ => "changed",
            };
            let _ = writeln!(told, "  {what:<8} {}", slashes(path));
        }
        Ok(told)
    }

    fn change(&mut self, path: &Path) -> Result<&mut Change, String> {
        if !self.changes.contains_key(path) {
            let before = match fs::read(self.root.join(path)) {
                Ok(bytes) => Some(bytes),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                Err(error) => return Err(format!("{}: {error}", slashes(path))),
            };
            self.changes.insert(path.to_owned(), Change { after: before.clone(), before });
        }
        // It was put there just now, if it was not there before.
        self.changes.get_mut(path).ok_or_else(|| slashes(path))
    }

    /// Puts a file in its place whole, or takes it away with the folders that are empty then.
    fn put(&self, path: &Path, bytes: Option<&[u8]>) -> std::io::Result<()> {
        let place = self.root.join(path);
        let Some(bytes) = bytes else {
            if place.exists() {
                fs::remove_file(&place)?;
            }
            let mut folder = path.parent();
            while let Some(empty) = folder.filter(|it| !it.as_os_str().is_empty()) {
                if fs::remove_dir(self.root.join(empty)).is_err() {
                    break;
                }
                folder = empty.parent();
            }
            return Ok(());
        };
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder)?;
        }
        let beside = place.with_extension("enroll-new");
        let written = fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, &place));
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written
    }
}

/// A path as it is written in messages, on every system.
pub(crate) fn slashes(path: &Path) -> String {
    let parts = path.components().map(|part| match part {
        Component::Normal(part) => part.to_string_lossy().into_owned(),
        other => other.as_os_str().to_string_lossy().into_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}
