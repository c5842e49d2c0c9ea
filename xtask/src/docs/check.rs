//! `cargo xtask docs --check`: that what is documented works.

use super::commands;
use crate::{cargo, root};

pub(crate) fn run() -> Result<(), String> {
    cargo("build -q -p enroll-sandbox", &root(), &[])?;
    commands::check()
}
