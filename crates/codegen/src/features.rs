//! What a client needs of the run time beyond what every client needs: features of `enroll-core`. The manifest of its
//! package turns them on, so that nobody compiles what only another provider's client has a use for.

/// The features, each with what a client that needs it has in its source.
const FEATURES: [(&str, &str); 3] = [
    ("date-time", "ExpiryFormat::DateTime"),
    ("hs256", "Recipe::MintHs256"),
    ("patterns", ".check_pattern("),
];

/// What a client with this source needs.
pub(crate) fn of(client: &str) -> Vec<&'static str> {
    let needed = FEATURES.iter().filter(|(_, sign)| client.contains(sign));
    needed.map(|(feature, _)| *feature).collect()
}

/// All features that a client may need, for what compiles any client.
#[must_use]
pub fn core_features() -> Vec<&'static str> {
    FEATURES.iter().map(|(feature, _)| *feature).collect()
}

/// The line of a manifest by which a client depends on the run time.
#[must_use]
pub fn dependency(features: &[&str]) -> String {
    if features.is_empty() {
        return "enroll-core = { workspace = true }".to_owned();
    }
    format!("enroll-core = {{ workspace = true, features = {features:?} }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_needs_what_its_source_speaks_of() {
        let client = "recipe: ::enroll_core::generated::Recipe::MintHs256 { key: \"a\" }, problems.check_pattern(\"b\", b);";
        assert_eq!(of(client), ["hs256", "patterns"]);
        assert!(of("problems.check_length(\"b\", b);").is_empty());
    }

    #[test]
    fn a_manifest_names_the_features_only_if_there_are_any() {
        assert_eq!(dependency(&[]), "enroll-core = { workspace = true }");
        let line = r#"enroll-core = { workspace = true, features = ["hs256", "patterns"] }"#;
        assert_eq!(dependency(&["hs256", "patterns"]), line);
    }
}
