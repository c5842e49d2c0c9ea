//! The configuration as a TOML file, with profiles. Whatever is unknown, misspelt or of the wrong type is an error, all
//! of it at once.

use std::path::Path;
use std::time::Duration;

use enroll_core::generated::Settings;
use enroll_core::{ConfigError, Problem};
use toml::{Table, Value};

use crate::Config;
use crate::config::PROVIDERS;

/// The environment variable that chooses a profile.
const PROFILE_ENV: &str = "ENROLL_PROFILE";

impl Config {
    /// The settings of a TOML file. The profile that the environment variable `ENROLL_PROFILE` names, if it is set,
    /// replaces what it says otherwise.
    ///
    /// ```toml
    /// [http]
    /// operation_timeout = "4s"
    ///
    /// [haptik]
    /// token = "…"
    /// client_id = "…"
    /// environment = "staging"
    ///
    /// [profiles.production.haptik]
    /// base_url = "https://…"
    /// ```
    ///
    /// # Errors
    /// If the file cannot be read or is no TOML; and everything in it that is unknown or of the wrong type, at once. The
    /// messages name settings and never repeat their values.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let profile = std::env::var(PROFILE_ENV).ok().filter(|name| !name.is_empty());
        Self::read(path.as_ref(), profile.as_deref())
    }

    /// The same with a profile chosen in code.
    ///
    /// # Errors
    /// As [`from_file`](Self::from_file), and if there is no such profile.
    pub fn from_file_with_profile(path: impl AsRef<Path>, profile: &str) -> Result<Self, ConfigError> {
        Self::read(path.as_ref(), Some(profile))
    }

    fn read(path: &Path, profile: Option<&str>) -> Result<Self, ConfigError> {
        let scope = path.display().to_string();
        let failed = |problems| ConfigError::new(scope.clone(), problems);
        let one = |message: String| failed(vec![Problem::new("file", message)]);
        let text = std::fs::read_to_string(path).map_err(|error| one(format!("cannot be read ({error})")))?;
        // toml's own message quotes the line, which may hold a secret; the line's number is enough.
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
            one(format!("is no TOML (line {line})"))
        })?;
        let mut reader = Reader { config: Self::new(), problems: Vec::new() };
        let mut profiles = Table::new();
        for (name, value) in table {
            match (name.as_str(), value) {
                ("profiles", Value::Table(table)) => profiles = table,
                (_, value) => reader.section("", &name, value),
            }
        }
        let mut found = profile.is_none();
        for (name, value) in profiles {
            let chosen = Some(name.as_str()) == profile;
            found |= chosen;
            let prefix = format!("profiles.{name}.");
            match value {
                Value::Table(table) if chosen => {
                    table.into_iter().for_each(|(name, value)| reader.section(&prefix, &name, value));
                }
                // A profile that is not chosen is checked all the same: its mistakes are found today.
                Value::Table(table) => {
                    let mut other = Reader { config: Self::new(), problems: Vec::new() };
                    table.into_iter().for_each(|(name, value)| other.section(&prefix, &name, value));
                    reader.problems.extend(other.problems);
                }
                _ => reader.problem("profiles.", &name, "must be a table"),
            }
        }
        if !found {
            reader.problem("", PROFILE_ENV, "names no profile of the file; add it under [profiles]");
        }
        if reader.problems.is_empty() { Ok(reader.config) } else { Err(failed(reader.problems)) }
    }
}

struct Reader {
    config: Config,
    problems: Vec<Problem>,
}

impl Reader {
    fn problem(&mut self, prefix: &str, name: &str, message: &str) {
        self.problems.push(Problem::new(format!("{prefix}{name}"), message));
    }

    fn section(&mut self, prefix: &str, name: &str, value: Value) {
        let Value::Table(table) = value else {
            return self.problem(prefix, name, "must be a table");
        };
        let prefix = format!("{prefix}{name}.");
        if name == "http" {
            return table.into_iter().for_each(|(key, value)| self.http(&prefix, &key, value));
        }
        let Some(settings) = self.config.settings(name) else {
            let message = if PROVIDERS.contains(&name) {
                format!("is not in this build; enable the feature `{name}`")
            } else {
                format!("is unknown; there are `http`, `profiles`, `{}`", PROVIDERS.join("`, `"))
            };
            return self.problem(prefix.trim_end_matches('.'), "", &message);
        };
        let mut section = Settings::new(settings.provider());
        for (key, value) in table {
            match value {
                Value::String(text) => section.set_named(&key, text),
                _ => section.problem(&key, "must be a string"),
            }
        }
        let problems = section.take_problems();
        settings.overlay(section);
        for Problem { subject, message, .. } in problems {
            self.problem(&prefix, &subject, &message);
        }
    }

    fn http(&mut self, prefix: &str, key: &str, value: Value) {
        let options = std::mem::take(&mut self.config.http);
        let changed = match (key, value) {
            ("connect_timeout", value) => {
                duration(&value).map(|time| options.clone().with_connect_timeout(time))
            }
            ("attempt_timeout", value) => {
                duration(&value).map(|time| options.clone().with_attempt_timeout(time))
            }
            ("operation_timeout", value) => {
                duration(&value).map(|time| options.clone().with_operation_timeout(time))
            }
            ("max_body", Value::Integer(bytes)) => usize::try_from(bytes)
                .map(|bytes| options.clone().with_max_body(bytes))
                .map_err(|_| "must be a number of bytes"),
            ("max_body", _) => Err("must be a number of bytes"),
            ("allow_plain_http", Value::Boolean(allowed)) => Ok(options.clone().set_plain_http(allowed)),
            ("proxy", Value::Boolean(used)) => Ok(options.clone().set_proxy(used)),
            ("allow_plain_http" | "proxy", _) => Err("must be true or false"),
            ("user_agent", Value::String(product)) => Ok(options.clone().with_user_agent(product)),
            ("user_agent", _) => Err("must be a string"),
            _ => Err(
                "is unknown; there are `connect_timeout`, `attempt_timeout`, `operation_timeout`, `max_body`, \
                 `allow_plain_http`, `proxy` and `user_agent`",
            ),
        };
        self.config.http = changed.unwrap_or_else(|message| {
            self.problem(prefix, key, message);
            options
        });
    }
}

fn duration(value: &Value) -> Result<Duration, &'static str> {
    let text = value.as_str().ok_or("must be a time such as \"5s\" or \"500ms\"")?;
    humantime::parse_duration(text).map_err(|_| "must be a time such as \"5s\" or \"500ms\"")
}
