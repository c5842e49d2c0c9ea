//! A page of text in parts, written as Markdown for the site or wrapped for a terminal.

use std::fmt::Write as _;

/// How wide a terminal is taken to be.
const COLUMNS: usize = 80;

/// A part of a page. Texts are Markdown within a line: code, strong words, links.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Block {
    Heading(String),
    Text(String),
    List(Vec<String>),
    /// Each term with what is said of it. A table would be too wide, both for the site's column and for a terminal.
    Terms(Vec<(String, Vec<String>)>),
    Code {
        language: &'static str,
        text: String,
    },
    /// A section for who wants to know exactly: folded up where a page can do that.
    Folded {
        heading: String,
        items: Vec<String>,
    },
}

/// The parts as Markdown. Headings are of the third level: those above belong to the page around.
pub(crate) fn markdown(blocks: &[Block]) -> String {
    let mut text = String::new();
    for block in blocks {
        // Writing to a `String` cannot fail.
        let _ = match block {
            Block::Heading(heading) => writeln!(text, "### {heading}\n"),
            Block::Text(paragraph) => writeln!(text, "{}\n", paragraph.trim()),
            Block::List(items) => writeln!(text, "{}", list(items)),
            Block::Terms(terms) => {
                let terms: String = terms.iter().map(|(term, texts)| item_of(term, texts)).collect();
                writeln!(text, "{terms}")
            }
            Block::Code { language, text: code } => {
                writeln!(text, "```{language}\n{}\n```\n", code.trim_end())
            }
            Block::Folded { heading, items } => {
                let items = list(items);
                writeln!(text, "<details>\n<summary>{heading}</summary>\n\n{items}\n</details>\n")
            }
        };
    }
    text
}

/// The parts for people who read in a terminal; `bold` makes headings stand out where it can.
pub(crate) fn terminal(blocks: &[Block], bold: bool) -> String {
    let mut text = String::new();
    for block in blocks {
        if !text.is_empty() {
            text.push('\n');
        }
        match block {
            Block::Heading(heading) => text.push_str(&strong(&plain(heading), bold)),
            Block::Text(paragraphs) => {
                let paragraphs = paragraphs.split("\n\n").map(|paragraph| lines("", "", paragraph));
                text.push_str(&paragraphs.collect::<Vec<_>>().join("\n"));
            }
            Block::List(items) => text.extend(items.iter().map(|item| lines("- ", "  ", item))),
            Block::Folded { heading, items } => {
                text.push_str(&strong(&plain(heading), bold));
                text.push('\n');
                text.extend(items.iter().map(|item| lines("- ", "  ", item)));
            }
            Block::Terms(terms) => {
                for (term, texts) in terms {
                    text.push_str(&lines("- ", "  ", term));
                    let texts = texts.iter().filter(|text| !text.is_empty());
                    text.extend(texts.map(|text| lines("  ", "  ", text)));
                }
            }
            Block::Code { text: code, .. } => {
                text.extend(
                    code.trim_end().lines().map(|line| format!("    {line}").trim_end().to_owned() + "\n"),
                );
            }
        }
    }
    text
}

/// A paragraph as lines that fit.
fn lines(first: &str, further: &str, paragraph: &str) -> String {
    let paragraph = plain(&one_line(paragraph));
    // No word is broken: an address or a name is of use only in one piece.
    let options = textwrap::Options::new(COLUMNS)
        .initial_indent(first)
        .subsequent_indent(further)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(&paragraph, options).iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn strong(line: &str, bold: bool) -> String {
    match bold {
        true => format!("\u{1b}[1m{line}\u{1b}[0m\n"),
        false => format!("{line}\n{}\n", "-".repeat(line.chars().count())),
    }
}

/// Markdown without its marks, but for those of code, which a reader knows.
fn plain(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    for (index, part) in markdown.split('`').enumerate() {
        if index > 0 {
            text.push('`');
        }
        match index % 2 {
            0 => text.push_str(&without_marks(part)),
            _ => text.push_str(part),
        }
    }
    text
}

fn without_marks(part: &str) -> String {
    let mut text = String::with_capacity(part.len());
    let mut rest = part;
    while let Some(c) = rest.chars().next() {
        let escaped = rest.strip_prefix('\\').and_then(|after| after.chars().next());
        if let Some(escaped) = escaped.filter(char::is_ascii_punctuation) {
            text.push(escaped);
            rest = &rest[1 + escaped.len_utf8()..];
        } else if let Some(after) = rest.strip_prefix("**") {
            rest = after;
        } else if let Some((shown, address, after)) = link(rest) {
            text.push_str(&format!("{} ({address})", without_marks(shown)));
            rest = after;
        } else if let Some((address, after)) = rest
            .strip_prefix('<')
            .filter(|after| after.starts_with("http"))
            .and_then(|after| after.split_once('>'))
        {
            text.push_str(address);
            rest = after;
        } else {
            text.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    text
}

/// `[shown](address)` at the beginning of a text, and what follows it.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (shown, after) = text.strip_prefix('[')?.split_once("](")?;
    let (address, after) = after.split_once(')')?;
    Some((shown, address, after))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn list(items: &[String]) -> String {
    items.iter().map(|item| format!("- {}\n", one_line(item))).collect()
}

/// A term, and each text in a line of its own below it.
fn item_of(term: &str, texts: &[String]) -> String {
    let mut item = format!("- **{}**", one_line(term));
    for text in texts.iter().filter(|text| !text.is_empty()) {
        // The backslash breaks the line.
        item.push_str(&format!("\\\n  {}", one_line(text)));
    }
    item + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Vec<Block> {
        vec![
            Block::Heading("What it means".to_owned()),
            Block::Text(format!(
                "A \\[long\\] text with `a_b` and [a page](https://example.com/x). {}",
                "word ".repeat(40)
            )),
            Block::Terms(vec![(
                "400 or `a|b`".to_owned(),
                vec!["**Nothing** was done.".to_owned(), String::new(), "It says so.".to_owned()],
            )]),
            Block::List(vec!["one\ntwo".to_owned()]),
            Block::Code { language: "rust", text: "let answer = 1;\n".to_owned() },
        ]
    }

    #[test]
    fn markdown_keeps_terms_and_items_in_one_piece() {
        let text = markdown(&page());
        assert!(text.contains("- **400 or `a|b`**\\\n  **Nothing** was done.\\\n  It says so.\n"), "{text}");
        assert!(text.contains("- one two\n") && text.contains("```rust\nlet answer = 1;\n```"), "{text}");
        assert!(text.starts_with("### What it means\n"), "{text}");
    }

    #[test]
    fn a_terminal_gets_lines_that_fit_and_no_marks() {
        let text = terminal(&page(), false);
        assert!(text.lines().all(|line| line.chars().count() <= COLUMNS), "{text}");
        assert!(text.contains("A [long] text with `a_b` and a page (https://example.com/x)."), "{text}");
        assert!(text.contains("- 400 or `a|b`\n  Nothing was done.\n  It says so.\n"), "{text}");
        assert!(text.contains("    let answer = 1;\n"), "{text}");
    }
}
