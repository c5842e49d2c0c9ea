//! What of a surface's change breaks programs. The documents say why something changed; this sees what they do not.

use enroll_codegen::Surface;

/// A line of the surface that is another, or gone.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) name: String,
    pub(super) old: String,
    /// `None` if it is gone.
    pub(super) new: Option<String>,
}

/// All lines that differ, as a diff shows them.
pub(super) fn lines(old: &Surface, new: &Surface) -> Vec<String> {
    let gone = old.lines().filter(|(name, value)| new.get(name) != Some(value)).map(|it| (it, '-'));
    let come = new.lines().filter(|(name, value)| old.get(name) != Some(value)).map(|it| (it, '+'));
    let mut lines: Vec<_> = gone.chain(come).collect();
    lines.sort_by(|((one, _), sign), ((other, _), other_sign)| {
        (one, *sign == '+').cmp(&(other, *other_sign == '+'))
    });
    lines.into_iter().map(|((name, value), sign)| format!("{sign} {name}: {value}")).collect()
}

/// What a program may rely on and does not find any more.
pub(super) fn broken(old: &Surface, new: &Surface) -> Vec<Broken> {
    old.lines()
        // What has blanks in its name, a status for instance, has no name in Rust; a scheme has none either.
        .filter(|(name, _)| name.matches(' ').count() == 1 && !name.starts_with("scheme "))
        .filter_map(|(name, old)| {
            let new = new.get(name);
            let same = new.is_some_and(|new| in_rust(name, old) == in_rust(name, new));
            (!same).then(|| Broken {
                name: name.to_owned(),
                old: old.to_owned(),
                new: new.map(str::to_owned),
            })
        })
        .collect()
}

/// The part of a line that the compiler sees.
fn in_rust<'a>(name: &str, value: &'a str) -> &'a str {
    let (kind, item) = name.split_once(' ').unwrap_or((name, ""));
    let before = |separator: &str| value.split(separator).next().unwrap_or(value);
    match (kind, item.split_once('.').map(|(_, member)| member)) {
        // A setting is a setter, whatever variable it is read from, and a server a constant.
        ("setting" | "server", _) => "",
        // A method without arguments; a waiter's line has its arguments, and what it gives.
        ("operation", None) => value.split_once(" waits by ").map_or("", |(arguments, _)| arguments),
        ("operation", Some("send")) => value,
        ("operation", Some("outcome" | "ensure")) => before("; "),
        ("operation", Some("stream")) => "",
        // A setter takes whatever can become its type.
        ("operation", Some(_)) => before(", "),
        ("type", Some(_)) => before("; "),
        ("enum", Some(_)) if value.starts_with('`') => "",
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn surface(text: &str) -> Surface {
        enroll_codegen::surface(Path::new("specs/haptik.yaml"), text).unwrap()
    }

    #[test]
    fn only_what_the_compiler_sees_breaks() {
        let text = std::fs::read_to_string(crate::root().join("specs/haptik.yaml")).unwrap();
        let old = surface(&text);
        let broken = |from: &str, to: &str| {
            assert!(text.contains(from), "{from}");
            broken(&old, &surface(&text.replace(from, to))).into_iter().map(|it| it.name).collect::<Vec<_>>()
        };
        assert_eq!(broken("env: HAPTIK_TOKEN", "env: HAPTIK_KEY"), Vec::<String>::new());
        assert_eq!(broken("/v1.0/user/:", "/v2.0/user/:"), Vec::<String>::new());
        assert_eq!(broken("x-enroll-environment: staging", "x-enroll-environment: test"), ["server STAGING"]);
        assert_eq!(
            broken("operationId: updateUserLanguage", "operationId: setLanguage"),
            [
                "operation update_user_language",
                "operation update_user_language.auth_id",
                "operation update_user_language.language_code",
                "operation update_user_language.send",
            ]
        );
    }
}
