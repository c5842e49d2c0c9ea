//! Which keys may stand where: OpenAPI 3.0.3 and the `x-enroll-` extensions, as one table.
//!
//! The parser that progenitor builds on drops a key that it does not know, so that `requried` would silently make
//! everything optional. Here such a key is an error.

use serde_json::Value;

use crate::read::{Document, escape};

/// What may stand at a place.
#[derive(Clone, Copy)]
enum Shape {
    /// Anything: examples, free text, values that other checks look at.
    Any,
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

use Shape::{Any, List, Map, Object, OrRef};

/// Checks every key of the document.
pub(crate) fn check_keys(document: &Document, report: &mut dyn FnMut(&str, String)) {
    check_shape(&document.value, "", Object(&DOCUMENT), report);
}

fn check_shape(value: &Value, pointer: &str, shape: Shape, report: &mut dyn FnMut(&str, String)) {
    match shape {
        Any => {}
        OrRef(_) if value.get("$ref").is_some() => {
            if value.as_object().is_some_and(|object| object.len() > 1) {
                report(pointer, "a $ref has no siblings; move them to what it refers to".to_owned());
            }
        }
        Object(kind) | OrRef(kind) => match value.as_object() {
            Some(object) => check_object(object, pointer, kind, report),
            None => report(pointer, format!("must be {} (a mapping)", kind.name)),
        },
        Map(inner) => match value.as_object() {
            Some(object) => {
                for (key, value) in object {
                    check_shape(value, &format!("{pointer}/{}", escape(key)), *inner, report);
                }
            }
            None => report(pointer, "must be a mapping".to_owned()),
        },
        List(inner) => match value.as_array() {
            Some(items) => {
                for (index, item) in items.iter().enumerate() {
                    check_shape(item, &format!("{pointer}/{index}"), *inner, report);
                }
            }
            None => report(pointer, "must be a list".to_owned()),
        },
    }
}

fn check_object(
    object: &serde_json::Map<String, Value>,
    pointer: &str,
    kind: &Kind,
    report: &mut dyn FnMut(&str, String),
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
                report(&pointer, format!("unknown key `{key}` in {}; {cure}", kind.name));
            }
        }
    }
    for key in kind.required {
        if !object.contains_key(*key) {
            report(pointer, format!("{} lacks `{key}`; add it", kind.name));
        }
    }
}

static DOCUMENT: Kind = Kind {
    name: "the document",
    keys: &[
        ("openapi", Any),
        ("info", Object(&INFO)),
        ("servers", List(&Object(&SERVER))),
        ("paths", Map(&Object(&PATH_ITEM))),
        ("components", Object(&COMPONENTS)),
        ("security", Any),
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
    keys: &[("source", Any), ("was", Any), ("now", Any), ("because", Any)],
    required: &["source", "was", "now", "because"],
}));

const EVIDENCE: Shape = Object(&Kind {
    name: "evidence",
    keys: &[("documented", Any), ("observed", Any), ("assumed", Any)],
    required: &[],
});

static SOURCE: Kind = Kind {
    name: "a source",
    keys: &[("title", Any), ("address", Any), ("file", Any), ("read", Any)],
    required: &["title"],
};

static CREDENTIAL: Kind = Kind {
    name: "a credential",
    keys: &[("description", Any), ("env", Any), ("private", Any), ("example", Any), ("prefixes", Map(&Any))],
    required: &["description", "env"],
};

static BASE_URL: Kind =
    Kind { name: "x-enroll-base-url", keys: &[("env", Any), ("environment", Any)], required: &["env"] };

static INFO: Kind = Kind {
    name: "info",
    keys: &[
        ("title", Any),
        ("version", Any),
        ("description", Any),
        ("termsOfService", Any),
        ("contact", Any),
        ("license", Any),
        ("x-enroll-corrections", CORRECTIONS),
        ("x-enroll-evidence", EVIDENCE),
    ],
    required: &["title", "version"],
};

static EXTERNAL_DOCS: Kind =
    Kind { name: "externalDocs", keys: &[("url", Any), ("description", Any)], required: &["url"] };

static TAG: Kind = Kind {
    name: "a tag",
    keys: &[("name", Any), ("description", Any), ("externalDocs", Object(&EXTERNAL_DOCS))],
    required: &["name"],
};

static SERVER: Kind = Kind {
    name: "a server",
    keys: &[
        ("url", Any),
        ("description", Any),
        ("variables", Map(&Any)),
        ("x-enroll-environment", Any),
        ("x-enroll-default", Any),
        ("x-enroll-evidence", EVIDENCE),
        ("x-enroll-corrections", CORRECTIONS),
    ],
    required: &["url"],
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
        ("type", Any),
        ("description", Any),
        ("name", Any),
        ("in", Any),
        ("scheme", Any),
        ("bearerFormat", Any),
        ("x-enroll-recipe", Object(&RECIPE)),
        ("x-enroll-evidence", EVIDENCE),
        ("x-enroll-corrections", CORRECTIONS),
    ],
    required: &["type", "x-enroll-recipe"],
};

static RECIPE: Kind = Kind {
    name: "a recipe",
    keys: &[
        ("static", Any),
        (
            "basic",
            Object(&Kind {
                name: "a basic recipe",
                keys: &[("username", Any), ("password", Any)],
                required: &["username", "password"],
            }),
        ),
        (
            "mint",
            Object(&Kind {
                name: "a mint recipe",
                keys: &[
                    ("algorithm", Any),
                    ("key", Any),
                    ("claims", Map(&Any)),
                    ("lifetime", Any),
                    ("value", Any),
                ],
                required: &["algorithm", "key", "claims", "lifetime", "value"],
            }),
        ),
        (
            "exchange",
            Object(&Kind {
                name: "an exchange recipe",
                keys: &[
                    ("operation", Any),
                    ("token", Any),
                    ("expires", Any),
                    ("expires-format", Any),
                    ("given", Any),
                    ("value", Any),
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
        ("summary", Any),
        ("description", Any),
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
        ("tags", Any),
        ("summary", Any),
        ("description", Any),
        ("externalDocs", Object(&EXTERNAL_DOCS)),
        ("operationId", Any),
        ("parameters", List(&OrRef(&PARAMETER))),
        ("requestBody", OrRef(&REQUEST_BODY)),
        ("responses", Map(&OrRef(&RESPONSE))),
        ("deprecated", Any),
        ("security", Any),
        ("x-enroll-evidence", EVIDENCE),
        ("x-enroll-corrections", CORRECTIONS),
        (
            "x-enroll-replay",
            Object(&Kind {
                name: "x-enroll-replay",
                keys: &[("class", Any), ("keys", Any), ("because", Any), ("x-enroll-evidence", EVIDENCE)],
                required: &["class", "because"],
            }),
        ),
        (
            "x-enroll-creates",
            Object(&Kind { name: "x-enroll-creates", keys: &[("id", Any)], required: &["id"] }),
        ),
        (
            "x-enroll-lookup",
            Object(&Kind {
                name: "x-enroll-lookup",
                keys: &[("operation", Any), ("keys", Map(&Any)), ("found", Any)],
                required: &["operation", "keys", "found"],
            }),
        ),
        (
            "x-enroll-aliases",
            Map(&Object(&Kind {
                name: "an alias",
                keys: &[("requires", Any), ("description", Any)],
                required: &["requires", "description"],
            })),
        ),
        (
            "x-enroll-pagination",
            Object(&Kind {
                name: "x-enroll-pagination",
                keys: &[("cursor", Any), ("items", Any), ("next", Any), ("more", Any)],
                required: &["cursor", "items", "next", "more"],
            }),
        ),
    ],
    required: &["operationId", "responses", "x-enroll-replay"],
};

static PARAMETER: Kind = Kind {
    name: "a parameter",
    keys: &[
        ("name", Any),
        ("in", Any),
        ("description", Any),
        ("required", Any),
        ("deprecated", Any),
        ("allowEmptyValue", Any),
        ("style", Any),
        ("explode", Any),
        ("schema", OrRef(&SCHEMA)),
        ("example", Any),
        ("examples", Map(&OrRef(&EXAMPLE))),
        ("x-enroll-evidence", EVIDENCE),
        ("x-enroll-corrections", CORRECTIONS),
        ("x-enroll-private", Any),
        ("x-enroll-name", Any),
    ],
    required: &["name", "in", "schema"],
};

static REQUEST_BODY: Kind = Kind {
    name: "a request body",
    keys: &[
        ("description", Any),
        ("required", Any),
        ("content", Map(&Object(&MEDIA_TYPE))),
        ("x-enroll-evidence", EVIDENCE),
        ("x-enroll-corrections", CORRECTIONS),
    ],
    required: &["content"],
};

static RESPONSE: Kind = Kind {
    name: "a response",
    keys: &[
        ("description", Any),
        ("headers", Map(&OrRef(&HEADER))),
        ("content", Map(&Object(&MEDIA_TYPE))),
        ("links", Any),
        ("x-enroll-evidence", EVIDENCE),
        ("x-enroll-corrections", CORRECTIONS),
        ("x-enroll-exists", List(&Object(&CONDITION))),
        (
            "x-enroll-failure",
            Object(&Kind {
                name: "x-enroll-failure",
                keys: &[("pointer", Any), ("equals", Any), ("schema", OrRef(&SCHEMA))],
                required: &["pointer", "equals", "schema"],
            }),
        ),
        ("x-enroll-absent", Object(&CONDITION)),
    ],
    required: &["description"],
};

static CONDITION: Kind = Kind {
    name: "a condition",
    keys: &[("pointer", Any), ("equals", Any)],
    required: &["pointer", "equals"],
};

static HEADER: Kind = Kind {
    name: "a header",
    keys: &[
        ("description", Any),
        ("required", Any),
        ("deprecated", Any),
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
        ("summary", Any),
        ("description", Any),
        ("value", Any),
        ("x-enroll-evidence", EVIDENCE),
        ("x-enroll-corrections", CORRECTIONS),
    ],
    required: &["value"],
};

static SCHEMA: Kind = Kind {
    name: "a schema",
    keys: &[
        ("title", Any),
        ("description", Any),
        ("type", Any),
        ("format", Any),
        ("enum", Any),
        ("nullable", Any),
        ("example", Any),
        ("default", Any),
        ("deprecated", Any),
        ("readOnly", Any),
        ("writeOnly", Any),
        ("multipleOf", Any),
        ("maximum", Any),
        ("exclusiveMaximum", Any),
        ("minimum", Any),
        ("exclusiveMinimum", Any),
        ("maxLength", Any),
        ("minLength", Any),
        ("pattern", Any),
        ("maxItems", Any),
        ("minItems", Any),
        ("uniqueItems", Any),
        ("maxProperties", Any),
        ("minProperties", Any),
        ("required", Any),
        ("properties", Map(&OrRef(&SCHEMA))),
        ("additionalProperties", Any),
        ("items", OrRef(&SCHEMA)),
        ("allOf", List(&OrRef(&SCHEMA))),
        ("anyOf", List(&OrRef(&SCHEMA))),
        ("oneOf", List(&OrRef(&SCHEMA))),
        ("not", Object(&SCHEMA)),
        ("discriminator", Any),
        ("externalDocs", Object(&EXTERNAL_DOCS)),
        ("xml", Any),
        ("x-enroll-evidence", EVIDENCE),
        ("x-enroll-corrections", CORRECTIONS),
        ("x-enroll-private", Any),
        ("x-enroll-name", Any),
    ],
    required: &[],
};
