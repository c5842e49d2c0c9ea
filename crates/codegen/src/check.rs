//! Which keys may stand where: OpenAPI 3.0.3 and the `x-enroll-` extensions, as one table.
//!
//! The parser that progenitor builds on drops a key that it does not know, so that `requried` would silently make
//! everything optional. Here such a key is an error.

use serde_json::Value;

use crate::read::{Document, escape};
use crate::rule;

/// What may stand at a place.
#[derive(Clone, Copy)]
enum Shape {
    /// Anything: examples, and values that other checks look at.
    Any,
    /// A text.
    Text,
    /// A value without parts.
    Scalar,
    /// `true` or `false`. YAML 1.1's `yes` is a text, and would otherwise be taken for `false`.
    Flag,
    /// A whole number, not negative.
    Count,
    /// A number.
    Number,
    /// A flag, or what has this shape.
    FlagOr(&'static Shape),
    /// A text, or what has this shape.
    TextOr(&'static Shape),
    /// An object of this kind.
    Object(&'static Kind),
    /// An object of this kind, or a `$ref`.
    OrRef(&'static Kind),
    /// A map whose values have this shape.
    Map(&'static Shape),
    /// A list whose items have this shape.
    List(&'static Shape),
}

/// A kind of object.
struct Kind {
    name: &'static str,
    keys: &'static [(&'static str, Shape)],
    required: &'static [&'static str],
}

impl Kind {
    /// Where those with a name stand, as a `$ref` to one begins.
    fn home(&self) -> String {
        let section = COMPONENTS.keys.iter().find(|(_, shape)| match shape {
            Map(OrRef(kind)) => kind.name == self.name,
            _ => false,
        });
        format!("#/components/{}/", section.map_or("", |(name, _)| name))
    }
}

use Shape::{Any, Count, Flag, FlagOr, List, Map, Number, Object, OrRef, Scalar, Text, TextOr};

/// Checks every key of the document.
pub(crate) fn check_keys(document: &Document, report: &mut dyn FnMut(&'static str, &str, String)) {
    if document.value.as_object().is_none_or(serde_json::Map::is_empty) {
        report(rule::MISSING_KEY, "", "is empty, or no mapping; begin it with `openapi: 3.0.3`".to_owned());
        return;
    }
    check_shape(&document.value, "", Object(&DOCUMENT), report);
}

fn check_shape(
    value: &Value,
    pointer: &str,
    shape: Shape,
    report: &mut dyn FnMut(&'static str, &str, String),
) {
    match shape {
        Any => {}
        Text if value.is_string() => {}
        Text => report(rule::WRONG_KIND, pointer, "must be a text; put it in quotes".to_owned()),
        Scalar if !value.is_object() && !value.is_array() => {}
        Scalar => {
            report(rule::WRONG_KIND, pointer, "must be a text, a number, true, false or null".to_owned())
        }
        Flag if value.is_boolean() => {}
        Flag => report(rule::WRONG_KIND, pointer, "must be true or false".to_owned()),
        Count if value.is_u64() => {}
        Count => report(rule::WRONG_KIND, pointer, "must be a whole number, and not negative".to_owned()),
        Number if value.is_number() => {}
        Number => report(rule::WRONG_KIND, pointer, "must be a number".to_owned()),
        FlagOr(_) if value.is_boolean() => {}
        TextOr(_) if value.is_string() => {}
        FlagOr(inner) | TextOr(inner) => check_shape(value, pointer, *inner, report),
        OrRef(kind) if value.get("$ref").is_some() => {
            if value.as_object().is_some_and(|object| object.len() > 1) {
                report(
                    rule::REFERENCE,
                    pointer,
                    "a $ref has no siblings; move them to what it refers to".to_owned(),
                );
            }
            let home = kind.home();
            let name = value["$ref"].as_str().and_then(|target| target.strip_prefix(&home));
            if name.is_none_or(|name| name.is_empty() || name.contains('/')) {
                let message = format!("a $ref to {} is written `{home}NAME`", kind.name);
                report(rule::REFERENCE, &format!("{pointer}/$ref"), message);
            }
        }
        Object(kind) | OrRef(kind) => match value.as_object() {
            Some(object) => check_object(object, pointer, kind, report),
            None => report(rule::WRONG_KIND, pointer, format!("must be {} (a mapping)", kind.name)),
        },
        Map(inner) => match value.as_object() {
            Some(object) => {
                for (key, value) in object {
                    check_shape(value, &format!("{pointer}/{}", escape(key)), *inner, report);
                }
            }
            None => report(rule::WRONG_KIND, pointer, "must be a mapping".to_owned()),
        },
        List(inner) => match value.as_array() {
            Some(items) => {
                for (index, item) in items.iter().enumerate() {
                    check_shape(item, &format!("{pointer}/{index}"), *inner, report);
                }
            }
            None => report(rule::WRONG_KIND, pointer, "must be a list".to_owned()),
        },
    }
}

fn check_object(
    object: &serde_json::Map<String, Value>,
    pointer: &str,
    kind: &Kind,
    report: &mut dyn FnMut(&'static str, &str, String),
) {
    for (key, value) in object {
        let pointer = format!("{pointer}/{}", escape(key));
        match kind.keys.iter().find(|(known, _)| known == key) {
            Some((_, shape)) => check_shape(value, &pointer, *shape, report),
            None => {
                let nearest = kind
                    .keys
                    .iter()
                    .map(|(known, _)| (strsim::damerau_levenshtein(known, key), *known))
                    .min()
                    .filter(|(distance, _)| *distance <= 3);
                let cure = match nearest {
                    Some((_, known)) => format!("did you mean `{known}`?"),
                    None => "remove it, or see specs/README.md for the keys that may stand here".to_owned(),
                };
                report(rule::UNKNOWN_KEY, &pointer, format!("unknown key `{key}` in {}; {cure}", kind.name));
            }
        }
    }
    if object.get("nullable") == Some(&Value::Bool(true)) && !object.contains_key("type") {
        let message = "says nothing without a `type` beside it; write null as one more branch: \
                       `anyOf: [{$ref: …}, {enum: [null]}]`";
        report(rule::NULLABLE, &format!("{pointer}/nullable"), message.to_owned());
    }
    for key in kind.required {
        if !object.contains_key(*key) {
            report(rule::MISSING_KEY, pointer, format!("{} lacks `{key}`; add it", kind.name));
        }
    }
}

static DOCUMENT: Kind = Kind {
    name: "the document",
    keys: &[
        ("openapi", Text),
        ("info", Object(&INFO)),
        ("servers", List(&Object(&SERVER))),
        ("paths", Map(&Object(&PATH_ITEM))),
        ("components", Object(&COMPONENTS)),
        ("security", List(&Map(&List(&Text)))),
        ("tags", List(&Object(&TAG))),
        ("externalDocs", Object(&EXTERNAL_DOCS)),
        ("x-enroll-sources", Map(&Object(&SOURCE))),
        ("x-enroll-credentials", Map(&Object(&CREDENTIAL))),
        ("x-enroll-base-url", Object(&BASE_URL)),
        ("x-enroll-corrections", CORRECTIONS),
    ],
    required: &["openapi", "info", "paths", "x-enroll-base-url"],
};

const CORRECTIONS: Shape = List(&Object(&Kind {
    name: "a correction",
    keys: &[("source", Text), ("was", Any), ("now", Any), ("because", Text)],
    required: &["source", "was", "now", "because"],
}));

const EVIDENCE: Shape = Object(&Kind {
    name: "evidence",
    keys: &[("documented", Any), ("observed", Any), ("assumed", Any)],
    required: &[],
});

static SOURCE: Kind = Kind {
    name: "a source",
    keys: &[("title", Text), ("address", Text), ("file", Text), ("read", Text)],
    required: &["title"],
};

static CREDENTIAL: Kind = Kind {
    name: "a credential",
    keys: &[
        ("description", Text),
        ("env", Text),
        ("private", Text),
        ("example", Any),
        ("prefixes", Map(&Text)),
    ],
    required: &["description", "env"],
};

static BASE_URL: Kind =
    Kind { name: "x-enroll-base-url", keys: &[("env", Text), ("environment", Text)], required: &["env"] };

static INFO: Kind = Kind {
    name: "info",
    keys: &[
        ("title", Text),
        ("version", Text),
        ("description", Text),
        ("termsOfService", Text),
        ("contact", Object(&CONTACT)),
        ("license", Object(&LICENSE)),
        ("x-enroll-corrections", CORRECTIONS),
        ("x-enroll-evidence", EVIDENCE),
    ],
    required: &["title", "version"],
};

static CONTACT: Kind =
    Kind { name: "contact", keys: &[("name", Text), ("url", Text), ("email", Text)], required: &[] };

static LICENSE: Kind = Kind { name: "license", keys: &[("name", Text), ("url", Text)], required: &["name"] };

static EXTERNAL_DOCS: Kind =
    Kind { name: "externalDocs", keys: &[("url", Text), ("description", Text)], required: &["url"] };

static TAG: Kind = Kind {
    name: "a tag",
    keys: &[("name", Text), ("description", Text), ("externalDocs", Object(&EXTERNAL_DOCS))],
    required: &["name"],
};

static SERVER: Kind = Kind {
    name: "a server",
    keys: &[
        ("url", Text),
        ("description", Text),
        ("variables", Map(&Object(&VARIABLE))),
        ("x-enroll-environment", Text),
        ("x-enroll-default", Flag),
        ("x-enroll-evidence", EVIDENCE),
        ("x-enroll-corrections", CORRECTIONS),
    ],
    required: &["url"],
};

static VARIABLE: Kind = Kind {
    name: "a server's variable",
    keys: &[("default", Text), ("enum", List(&Text)), ("description", Text)],
    required: &["default"],
};

static COMPONENTS: Kind = Kind {
    name: "components",
    keys: &[
        ("schemas", Map(&OrRef(&SCHEMA))),
        ("responses", Map(&OrRef(&RESPONSE))),
        ("parameters", Map(&OrRef(&PARAMETER))),
        ("requestBodies", Map(&OrRef(&REQUEST_BODY))),
        ("headers", Map(&OrRef(&HEADER))),
        ("examples", Map(&OrRef(&EXAMPLE))),
        ("securitySchemes", Map(&Object(&SECURITY_SCHEME))),
    ],
    required: &[],
};

static SECURITY_SCHEME: Kind = Kind {
    name: "a security scheme",
    keys: &[
        ("type", Text),
        ("description", Text),
        ("name", Text),
        ("in", Text),
        ("scheme", Text),
        ("bearerFormat", Text),
        ("x-enroll-recipe", Object(&RECIPE)),
        ("x-enroll-evidence", EVIDENCE),
        ("x-enroll-corrections", CORRECTIONS),
    ],
    required: &["type", "x-enroll-recipe"],
};

static RECIPE: Kind = Kind {
    name: "a recipe",
    keys: &[
        ("static", Text),
        (
            "basic",
            Object(&Kind {
                name: "a basic recipe",
                keys: &[("username", Text), ("password", Text)],
                required: &["username", "password"],
            }),
        ),
        (
            "mint",
            Object(&Kind {
                name: "a mint recipe",
                keys: &[
                    ("algorithm", Text),
                    ("key", Text),
                    ("claims", Map(&Text)),
                    ("lifetime", Count),
                    ("value", Text),
                ],
                required: &["algorithm", "key", "claims", "lifetime", "value"],
            }),
        ),
        (
            "exchange",
            Object(&Kind {
                name: "an exchange recipe",
                keys: &[
                    ("operation", Text),
                    ("token", Text),
                    ("expires", Text),
                    ("expires-format", Text),
                    ("given", Text),
                    ("value", Text),
                ],
                required: &["operation", "token", "value"],
            }),
        ),
    ],
    required: &[],
};

static PATH_ITEM: Kind = Kind {
    name: "a path",
    keys: &[
        ("summary", Text),
        ("description", Text),
        ("get", Object(&OPERATION)),
        ("put", Object(&OPERATION)),
        ("post", Object(&OPERATION)),
        ("delete", Object(&OPERATION)),
        ("options", Object(&OPERATION)),
        ("head", Object(&OPERATION)),
        ("patch", Object(&OPERATION)),
        ("trace", Object(&OPERATION)),
        ("parameters", List(&OrRef(&PARAMETER))),
    ],
    required: &[],
};

static OPERATION: Kind = Kind {
    name: "an operation",
    keys: &[
        ("tags", List(&Text)),
        ("summary", Text),
        ("description", Text),
        ("externalDocs", Object(&EXTERNAL_DOCS)),
        ("operationId", Text),
        ("parameters", List(&OrRef(&PARAMETER))),
        ("requestBody", OrRef(&REQUEST_BODY)),
        ("responses", Map(&OrRef(&RESPONSE))),
        ("deprecated", Flag),
        ("security", List(&Map(&List(&Text)))),
        ("x-enroll-evidence", EVIDENCE),
        ("x-enroll-corrections", CORRECTIONS),
        (
            "x-enroll-replay",
            Object(&Kind {
                name: "x-enroll-replay",
                keys: &[
                    ("class", Text),
                    ("keys", List(&Text)),
                    ("because", Text),
                    ("x-enroll-evidence", EVIDENCE),
                ],
                required: &["class", "because"],
            }),
        ),
        (
            "x-enroll-creates",
            Object(&Kind { name: "x-enroll-creates", keys: &[("id", Text)], required: &["id"] }),
        ),
        (
            "x-enroll-lookup",
            Object(&Kind {
                name: "x-enroll-lookup",
                keys: &[
                    ("operation", Text),
                    ("keys", Map(&TextOr(&Object(&LOOKUP_BODY)))),
                    ("found", Text),
                    ("matches", Map(&Text)),
                ],
                required: &["operation", "keys", "found", "matches"],
            }),
        ),
        (
            "x-enroll-waiters",
            Map(&Object(&Kind {
                name: "a waiter",
                keys: &[("until", Text), ("description", Text)],
                required: &["until", "description"],
            })),
        ),
        (
            "x-enroll-aliases",
            Map(&Object(&Kind {
                name: "an alias",
                keys: &[("requires", List(&Text)), ("description", Text)],
                required: &["requires", "description"],
            })),
        ),
        (
            "x-enroll-pagination",
            Object(&Kind {
                name: "x-enroll-pagination",
                keys: &[("cursor", Text), ("items", Text), ("next", Text), ("more", Text)],
                required: &["cursor", "items", "next", "more"],
            }),
        ),
    ],
    required: &["operationId", "responses", "x-enroll-replay"],
};

static LOOKUP_BODY: Kind = Kind { name: "a lookup's body", keys: &[("body", Any)], required: &["body"] };

static PARAMETER: Kind = Kind {
    name: "a parameter",
    keys: &[
        ("name", Text),
        ("in", Text),
        ("description", Text),
        ("required", Flag),
        ("deprecated", Flag),
        ("allowEmptyValue", Flag),
        ("style", Text),
        ("explode", Flag),
        ("schema", OrRef(&SCHEMA)),
        ("example", Any),
        ("examples", Map(&OrRef(&EXAMPLE))),
        ("x-enroll-evidence", EVIDENCE),
        ("x-enroll-corrections", CORRECTIONS),
        ("x-enroll-private", Text),
        ("x-enroll-public", Text),
        ("x-enroll-name", Text),
    ],
    required: &["name", "in", "schema"],
};

static REQUEST_BODY: Kind = Kind {
    name: "a request body",
    keys: &[
        ("description", Text),
        ("required", Flag),
        ("content", Map(&Object(&MEDIA_TYPE))),
        ("x-enroll-evidence", EVIDENCE),
        ("x-enroll-corrections", CORRECTIONS),
    ],
    required: &["content"],
};

static RESPONSE: Kind = Kind {
    name: "a response",
    keys: &[
        ("description", Text),
        ("headers", Map(&OrRef(&HEADER))),
        ("content", Map(&Object(&MEDIA_TYPE))),
        ("links", Map(&Object(&LINK))),
        ("x-enroll-evidence", EVIDENCE),
        ("x-enroll-corrections", CORRECTIONS),
        ("x-enroll-exists", List(&Object(&CONDITION))),
        ("x-enroll-failure", Object(&CONDITION)),
        ("x-enroll-absent", Object(&CONDITION)),
    ],
    required: &["description"],
};

static LINK: Kind = Kind {
    name: "a link",
    keys: &[("description", Text), ("operationId", Text), ("parameters", Map(&Any)), ("requestBody", Any)],
    required: &["operationId"],
};

static CONDITION: Kind = Kind {
    name: "a condition",
    keys: &[("pointer", Text), ("equals", Scalar)],
    required: &["pointer", "equals"],
};

static HEADER: Kind = Kind {
    name: "a header",
    keys: &[
        ("description", Text),
        ("required", Flag),
        ("deprecated", Flag),
        ("schema", OrRef(&SCHEMA)),
        ("example", Any),
        ("examples", Map(&OrRef(&EXAMPLE))),
        ("x-enroll-evidence", EVIDENCE),
        ("x-enroll-corrections", CORRECTIONS),
    ],
    required: &["schema"],
};

static MEDIA_TYPE: Kind = Kind {
    name: "a media type",
    keys: &[
        ("schema", OrRef(&SCHEMA)),
        ("example", Any),
        ("examples", Map(&OrRef(&EXAMPLE))),
        ("encoding", Any),
    ],
    required: &[],
};

static EXAMPLE: Kind = Kind {
    name: "an example",
    keys: &[
        ("summary", Text),
        ("description", Text),
        ("value", Any),
        ("x-enroll-evidence", EVIDENCE),
        ("x-enroll-corrections", CORRECTIONS),
    ],
    required: &["value"],
};

static SCHEMA: Kind = Kind {
    name: "a schema",
    keys: &[
        ("title", Text),
        ("description", Text),
        ("type", Text),
        ("format", Text),
        ("enum", List(&Any)),
        ("nullable", Flag),
        ("example", Any),
        ("default", Any),
        ("deprecated", Flag),
        ("readOnly", Flag),
        ("writeOnly", Flag),
        ("multipleOf", Number),
        ("maximum", Number),
        ("exclusiveMaximum", Flag),
        ("minimum", Number),
        ("exclusiveMinimum", Flag),
        ("maxLength", Count),
        ("minLength", Count),
        ("pattern", Text),
        ("maxItems", Count),
        ("minItems", Count),
        ("uniqueItems", Flag),
        ("maxProperties", Count),
        ("minProperties", Count),
        ("required", List(&Text)),
        ("properties", Map(&OrRef(&SCHEMA))),
        ("additionalProperties", FlagOr(&OrRef(&SCHEMA))),
        ("items", OrRef(&SCHEMA)),
        ("allOf", List(&OrRef(&SCHEMA))),
        ("anyOf", List(&OrRef(&SCHEMA))),
        ("oneOf", List(&OrRef(&SCHEMA))),
        ("not", OrRef(&SCHEMA)),
        ("discriminator", Any),
        ("externalDocs", Object(&EXTERNAL_DOCS)),
        ("xml", Any),
        ("x-enroll-evidence", EVIDENCE),
        ("x-enroll-corrections", CORRECTIONS),
        ("x-enroll-private", Text),
        ("x-enroll-public", Text),
        ("x-enroll-name", Text),
    ],
    required: &[],
};
