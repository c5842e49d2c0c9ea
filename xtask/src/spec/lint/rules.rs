//! The rules of the house: each with a name, and its reason. What the generator itself refuses has its rules there.

use enroll_codegen::{RULES as GENERATOR, Rule};

use super::examples::{self, Example};

macro_rules! rules {
    ($($name:ident = $id:literal: $about:literal;)*) => {
        $(pub(super) const $name: &str = $id;)*

        const HOUSE: &[Rule] = &[$(Rule { id: $id, about: $about }),*];
    };
}

rules! {
    OPERATION_ID = "operation-id":
        "An operation's id is in camelCase and begins with a verb (`createUser`): it is the name of the method in every \
         language. The provider's own name, which is the last word of the path, may stay as it is.";
    TAG = "tag":
        "Every operation has a tag, every tag is declared at the top with a description, and none is declared in vain: \
         the documentation is grouped by them.";
    AMBIGUOUS_PATH = "ambiguous-path":
        "No two paths are the same but for the names of their parameters. A server, and the sandbox, could not tell them \
         apart.";
    EVIDENCE = "evidence":
        "Every operation, parameter, property, answer, header and security scheme says how it is known: `documented` or \
         `observed`, with sources that the document declares, or `assumed`, with a sentence that says why. A property \
         that is a `$ref` has it in the schema that it refers to. Without it nobody can tell a fact from a guess when \
         the provider changes.";
    CORRECTION = "correction":
        "A correction names a source that the document declares, and says in a sentence why the source is not followed.";
    SOURCE = "source":
        "Every declared source is named by some evidence or correction. One that is not has been forgotten, or should \
         be taken out.";
    PRIVACY = "privacy":
        "What is called like a secret (`password`, `pin`, `otp`, `token`, `secret`) is marked `x-enroll-private: secret`, \
         and what is called like a person's datum (`email`, `phone_number`, `name`, `birth_date`, `address`) is marked \
         `personal` or `secret`: only then is it kept out of logs. What is no such thing in spite of its name says so, in \
         a sentence, by `x-enroll-public`. A credential called like a secret is `private: secret`.";
    DESCRIPTION = "description":
        "Everything a user of the SDK meets is described: the document, tags, servers, credentials, operations (with a \
         summary), parameters, named schemas, properties, bodies, answers, headers, links and security schemes. The \
         descriptions are the SDK's documentation.";
    UNIT = "unit":
        "A time says whether it counts seconds or milliseconds, or in which form it is written; an amount says its \
         currency or unit; a phone number says its form (E.164, or which digits). What is not known is said to be not \
         known. A description and a `format` must not say different things.";
    EXAMPLE = "example":
        "Every property and parameter has an `example`, and every body has named `examples`: the documentation shows \
         them, the mock answers with them, and the tests decode them. OpenAPI allows one of the two keys at a place.";
    SAMPLE = "sample":
        "Every example, whether written here or copied from the provider's page, satisfies its schema. One of a page that \
         does not shows that the schema is wrong, or that the page is, which a correction then says.";
    ROUND_TRIP = "round-trip":
        "Every example comes out as it went in when it is decoded and encoded again: its properties are all declared. A \
         property that is not would be lost without a word.";
    MINTED = "minted":
        "Nothing in an example belongs to anybody: addresses are at example.com or another reserved domain, numbers in \
         international form begin with +1415555, and no token looks like a real one.";
    OPEN_OBJECT = "open-object":
        "Nothing uses `additionalProperties: false`. A provider that adds a property would make its answers unreadable, \
         and a request that it takes would be refused here.";
    OPEN_VOCABULARY = "open-vocabulary":
        "A vocabulary is open: `anyOf` the known words and any text. A provider adds words without asking, and a closed \
         enum would turn the whole answer into an error.";
    STRICT_RESPONSE = "strict-response":
        "An answer is described no more tightly than the evidence allows: no length, range or pattern stands on it, and \
         what is required of it is not merely assumed. A provider that breaks its own rule has answered all the same.";
    SHARED_SCHEMA = "shared-schema":
        "An object is either sent or received. Requests are checked strictly and answers read leniently, so that one \
         schema for both is wrong for one of them.";
    UNUSED_COMPONENT = "unused-component":
        "Every component is used by some operation. One that is not was forgotten when its last use went, or its use was \
         misspelt.";
    LINK = "link":
        "A link leads to an operation of this document, fills parameters that it has, and takes values from where the \
         answer has them.";
    POINTER = "pointer":
        "A JSON pointer into an answer (the new account's id, the flag of a failure, the token of an exchange, what a \
         waiter waits for) leads to something that the answer's schema has. Otherwise the client looks in vain, and only \
         at run time.";
    SERVER_URL = "server-url":
        "A server's address is an absolute https URL without a query and without a slash at the end, since paths begin \
         with one; the variables in it are declared, and no others.";
    URL = "url":
        "The addresses of documentation, of a contact and of a licence are absolute https or http URLs: they become links.";
    MEDIA_TYPE = "media-type":
        "A body's media type is well formed, and one whose schema is an object is JSON, a form or the like: a text has no \
         properties.";
    FORMAT = "format":
        "A format is one that OpenAPI 3.0.3, JSON Schema or specs/README.md defines for the type that it stands beside. \
         Any other is ignored by every reader, so `e-mail` would check nothing.";
    MISPLACED_KEYWORD = "misplaced-keyword":
        "A keyword stands beside a type that it speaks of. `minLength` on an integer says nothing.";
    LIMITS = "limits":
        "A least value is not above the greatest one, and a multiple is of something above zero. Otherwise no value is \
         right.";
    DEFAULT = "default":
        "A default satisfies its own schema, and what is required has none: it would never be used.";
    DUPLICATE = "duplicate":
        "A list that names things (what is required, the values of an enum, tags) names each once. The second was meant \
         to be something else.";
}

/// Every rule, those of the generator first.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    GENERATOR.iter().chain(HOUSE)
}

/// What a rule demands and why, with an example.
pub(super) fn explain(id: &str) -> Result<String, String> {
    let Some(rule) = all().find(|rule| rule.id == id) else {
        let nearest = all().map(|rule| (strsim::damerau_levenshtein(rule.id, id), rule.id)).min();
        let nearest = nearest.map_or("", |(_, nearest)| nearest);
        return Err(format!(
            "there is no rule `{id}`; did you mean `{nearest}`? `cargo xtask spec lint --rules` lists all"
        ));
    };
    let mut text = format!("{}\n\n{}\n", rule.id, wrapped(rule.about));
    if let Some(Example { right, wrong, .. }) = examples::all().find(|example| example.rule == id) {
        let shown = |part: &str| if part.is_empty() { "  (nothing)\n".to_owned() } else { indented(part) };
        text += &format!("\nwrong:\n{}\nright:\n{}", shown(wrong), shown(right));
    }
    Ok(text)
}

fn indented(text: &str) -> String {
    let text = text.trim_matches('\n');
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let indent = lines.map(|line| line.len() - line.trim_start().len()).min().unwrap_or_default();
    text.lines().map(|line| format!("  {}\n", line.get(indent..).unwrap_or_default())).collect()
}

/// Lines of at most 80 characters.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if !line.is_empty() && line.len() + word.len() < 80 => {
                *line = format!("{line} {word}")
            }
            Some(line) if line.is_empty() => word.clone_into(line),
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}
