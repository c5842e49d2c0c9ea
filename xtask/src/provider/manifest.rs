//! Single lines of a TOML file and single items of its lists, put in and taken out where their neighbours stand.
//!
//! A parser says where things are; what is not touched stays as it is, to the byte.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// Where something of a provider stands among the same things of the others.
pub(crate) enum Place {
    /// A key of a table, with a line of its own.
    Key { table: &'static [&'static str], key: String, line: String },
    /// A text in a list.
    Item { table: &'static [&'static str], key: &'static str, item: String },
}

/// The keys of a table, in no order that means anything; none if there is no such table.
pub(crate) fn keys(text: &str, table: &[&str]) -> Result<Vec<String>, String> {
    Ok(spans_of_keys(text, table)?.into_iter().map(|(key, _)| key).collect())
}

impl Place {
    /// The text with this in it, before the first of those that `is_neighbour` knows and that comes later in the
    /// alphabet; after all of them otherwise.
    pub(crate) fn insert(&self, text: &str, is_neighbour: &dyn Fn(&str) -> bool) -> Result<String, String> {
        let mut spans = self.spans(text)?;
        spans.sort_by_key(|(_, span)| span.start);
        let own = self.own();
        if spans.iter().any(|(name, _)| name == own) {
            return Err(format!("`{own}` is there already"));
        }
        let neighbours: Vec<_> = spans.iter().filter(|(name, _)| is_neighbour(name)).collect();
        let next = neighbours.iter().find(|(name, _)| name.as_str() > own);
        let last = neighbours.last().ok_or_else(|| format!("nothing that is like `{own}` is there"))?;
        let is_alone_on_its_line =
            |span: &Range<usize>| text[line(text, span).start..span.start].trim().is_empty();
        let (at, new) = match (self, next) {
            (Self::Key { line: new, .. }, Some((_, span))) => (line(text, span).start, format!("{new}\n")),
            (Self::Key { line: new, .. }, None) => (line(text, &last.1).end, format!("{new}\n")),
            (Self::Item { item, .. }, Some((_, span))) if is_alone_on_its_line(span) => {
                let start = line(text, span).start;
                (start, format!("{}\"{item}\",\n", &text[start..span.start]))
            }
            (Self::Item { item, .. }, Some((_, span))) => (span.start, format!("\"{item}\", ")),
            (Self::Item { item, .. }, None) if is_alone_on_its_line(&last.1) => {
                let line = line(text, &last.1);
                (line.end, format!("{}\"{item}\",\n", &text[line.start..last.1.start]))
            }
            (Self::Item { item, .. }, None) => (last.1.end, format!(", \"{item}\"")),
        };
        let mut changed = text.to_owned();
        changed.insert_str(at, &new);
        // Whatever the form of the file was, this must be in it now.
        if self.spans(&changed)?.iter().any(|(name, _)| name == own) {
            Ok(changed)
        } else {
            Err(format!("`{own}` could not be put in its place"))
        }
    }

    /// The text without this; the same text if it is not in there.
    pub(crate) fn take_out(&self, text: &str) -> Result<String, String> {
        let spans = self.spans(text)?;
        let Some((_, span)) = spans.iter().find(|(name, _)| name == self.own()) else {
            return Ok(text.to_owned());
        };
        let whole_line = line(text, span);
        let is_alone = text[whole_line.start..span.start].trim().is_empty()
            && text[span.end..whole_line.end].trim_matches([',', '\r', '\n', ' ']).is_empty();
        let range = match self {
            Self::Key { .. } => whole_line,
            Self::Item { .. } if is_alone => whole_line,
            Self::Item { .. } => match text[span.end..].strip_prefix(", ") {
                Some(_) => span.start..span.end + 2,
                None if text[..span.start].ends_with(", ") => span.start - 2..span.end,
                None => span.clone(),
            },
        };
        let mut changed = text.to_owned();
        changed.replace_range(range, "");
        Ok(changed)
    }

    fn own(&self) -> &str {
        match self {
            Self::Key { key, .. } => key,
            Self::Item { item, .. } => item,
        }
    }

    fn spans(&self, text: &str) -> Result<Vec<(String, Range<usize>)>, String> {
        match self {
            Self::Key { table, .. } => spans_of_keys(text, table),
            Self::Item { table, key, .. } => {
                let root = DeTable::parse(text).map_err(|error| error.message().to_owned())?;
                let found = table_at(root.get_ref(), table).and_then(|table| table.get(*key));
                let Some(DeValue::Array(items)) = found.map(|value| value.get_ref()) else {
                    return Err(format!("there is no list {}.{key}", table.join(".")));
                };
                let items = items.iter().filter_map(|item| match item.get_ref() {
                    DeValue::String(text) => Some((text.to_string(), item.span())),
                    _ => None,
                });
                Ok(items.collect())
            }
        }
    }
}

fn spans_of_keys(text: &str, table: &[&str]) -> Result<Vec<(String, Range<usize>)>, String> {
    let root = DeTable::parse(text).map_err(|error| error.message().to_owned())?;
    let keys = table_at(root.get_ref(), table).into_iter().flat_map(|table| table.keys());
    Ok(keys.map(|key| (key.get_ref().to_string(), key.span())).collect())
}

fn table_at<'a, 'i>(mut table: &'a DeTable<'i>, path: &[&str]) -> Option<&'a DeTable<'i>> {
    for key in path {
        let DeValue::Table(inner) = table.get(*key)?.get_ref() else { return None };
        table = inner;
    }
    Some(table)
}

/// The whole line, with its end, in which something begins.
fn line(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[span.start..].find('\n').map_or(text.len(), |at| span.start + at + 1);
    start..end
}
