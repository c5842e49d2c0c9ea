//! Keys, and the form of the whole document.

use std::path::Path;

use enroll_codegen::generate_from_text;
use serde_json::json;

use super::{body, lookup, property, refused, replace};

#[test]
fn a_misspelt_key_is_told_with_the_nearest_one_at_every_level() {
    refused(
        replace("openapi: ", "opanapi: "),
        &[
            "1:1: the document lacks `openapi`; add it",
            "1:1 /opanapi: unknown key `opanapi` in the document; did you mean `openapi`?",
        ],
    );
    refused(
        replace("title: X", "titel: X"),
        &[
            "2:1 /info: info lacks `title`; add it",
            "2:8 /info/titel: unknown key `titel` in info; did you mean `title`?",
        ],
    );
    refused(
        replace("{env: X_BASE", "{enf: X_BASE"),
        &[
            "3:1 /x-enroll-base-url: x-enroll-base-url lacks `env`; add it",
            "3:21 /x-enroll-base-url/enf: unknown key `enf` in x-enroll-base-url; did you mean `env`?",
        ],
    );
    refused(
        replace("read: 2024", "raed: 2024"),
        &["5:26 /x-enroll-sources/page/raed: unknown key `raed` in a source; did you mean `read`?"],
    );
    refused(
        replace("was: one", "wass: one"),
        &[
            "7:5 /x-enroll-corrections/0: a correction lacks `was`; add it",
            "7:20 /x-enroll-corrections/0/wass: unknown key `wass` in a correction; did you mean `was`?",
        ],
    );
    refused(
        replace("private: secret", "privat: secret"),
        &["9:48 /x-enroll-credentials/token/privat: unknown key `privat` in a credential; did you mean \
            `private`?"],
    );
    refused(
        replace("x-enroll-environment", "x-enroll-enviroment"),
        &["12:5 /servers/0/x-enroll-enviroment: unknown key `x-enroll-enviroment` in a server; did you \
            mean `x-enroll-environment`?"],
    );
    refused(
        replace("{name: users}", "{nam: users}"),
        &[
            "14:5 /tags/0: a tag lacks `name`; add it",
            "14:6 /tags/0/nam: unknown key `nam` in a tag; did you mean `name`?",
        ],
    );
    refused(
        replace("    put:", "    putt:"),
        &["19:5 /paths/~1users~1{id}/putt: unknown key `putt` in a path; did you mean `put`?"],
    );
    refused(
        replace("operationId: ", "operationID: "),
        &[
            "19:5 /paths/~1users~1{id}/put: an operation lacks `operationId`; add it",
            "20:7 /paths/~1users~1{id}/put/operationID: unknown key `operationID` in an operation; did you \
            mean `operationId`?",
        ],
    );
    refused(
        replace("class: keyed", "clas: keyed"),
        &[
            "21:7 /paths/~1users~1{id}/put/x-enroll-replay: x-enroll-replay lacks `class`; add it",
            "21:25 /paths/~1users~1{id}/put/x-enroll-replay/clas: unknown key `clas` in x-enroll-replay; \
            did you mean `class`?",
        ],
    );
    refused(
        replace("{documented: page}", "{documentd: page}"),
        &["22:27 /paths/~1users~1{id}/put/x-enroll-evidence/documentd: unknown key `documentd` in \
            evidence; did you mean `documented`?"],
    );
    refused(
        replace("{id: /email}", "{idd: /email}"),
        &[
            "23:7 /paths/~1users~1{id}/put/x-enroll-creates: x-enroll-creates lacks `id`; add it",
            "23:26 /paths/~1users~1{id}/put/x-enroll-creates/idd: unknown key `idd` in x-enroll-creates; \
            did you mean `id`?",
        ],
    );
    refused(
        lookup("operation: findUser, keys: {email: email}, fuond: '', matches: {email: /email}"),
        &[
            "24:7 /paths/~1users~1{id}/put/x-enroll-lookup: x-enroll-lookup lacks `found`; add it",
            "24:68 /paths/~1users~1{id}/put/x-enroll-lookup/fuond: unknown key `fuond` in x-enroll-lookup; \
            did you mean `found`?",
        ],
    );
    refused(
        replace("path, required", "path, requried"),
        &["26:32 /paths/~1users~1{id}/put/parameters/0/requried: unknown key `requried` in a parameter; \
            did you mean `required`?"],
    );
    refused(
        replace(
            "        content:\n          application/json:\n",
            "        contents:\n          application/json:\n",
        ),
        &[
            "27:7 /paths/~1users~1{id}/put/requestBody: a request body lacks `content`; add it",
            "28:9 /paths/~1users~1{id}/put/requestBody/contents: unknown key `contents` in a request body; \
            did you mean `content`?",
        ],
    );
    refused(
        body("shema: {$ref: '#/components/schemas/User'}"),
        &["30:13 /paths/~1users~1{id}/put/requestBody/content/application~1json/shema: unknown key \
            `shema` in a media type; did you mean `schema`?"],
    );
    refused(
        replace("{value: {email", "{valeu: {email"),
        &[
            "32:15 /paths/~1users~1{id}/put/requestBody/content/application~1json/examples/typical: an \
            example lacks `value`; add it",
            "32:25 /paths/~1users~1{id}/put/requestBody/content/application~1json/examples/typical/valeu: \
            unknown key `valeu` in an example; did you mean `value`?",
        ],
    );
    refused(
        replace("description: No.", "desciption: No."),
        &[
            "35:9 /paths/~1users~1{id}/put/responses/400: a response lacks `description`; add it",
            "36:11 /paths/~1users~1{id}/put/responses/400/desciption: unknown key `desciption` in a \
            response; did you mean `description`?",
        ],
    );
    refused(
        replace("{pointer: /message", "{ponter: /message"),
        &[
            "38:29 /paths/~1users~1{id}/put/responses/400/x-enroll-exists/0: a condition lacks `pointer`; \
            add it",
            "38:30 /paths/~1users~1{id}/put/responses/400/x-enroll-exists/0/ponter: unknown key `ponter` \
            in a condition; did you mean `pointer`?",
        ],
    );
    refused(
        replace("equals: 0", "equal: 0"),
        &[
            "43:7 /components/responses/Ok/x-enroll-failure: a condition lacks `equals`; add it",
            "43:40 /components/responses/Ok/x-enroll-failure/equal: unknown key `equal` in a condition; \
            did you mean `equals`?",
        ],
    );
    refused(
        replace("{pointer: /data", "{piointer: /data"),
        &[
            "44:7 /components/responses/Ok/x-enroll-absent: a condition lacks `pointer`; add it",
            "44:25 /components/responses/Ok/x-enroll-absent/piointer: unknown key `piointer` in a \
            condition; did you mean `pointer`?",
        ],
    );
    refused(
        replace("scheme: bearer", "sheme: bearer"),
        &["51:7 /components/securitySchemes/token/sheme: unknown key `sheme` in a security scheme; did \
            you mean `scheme`?"],
    );
    refused(
        replace("{static: ", "{statik: "),
        &["52:25 /components/securitySchemes/token/x-enroll-recipe/statik: unknown key `statik` in a \
            recipe; did you mean `static`?"],
    );
    refused(
        replace("      required: [email]", "      requried: [email]"),
        &["56:7 /components/schemas/User/requried: unknown key `requried` in a schema; did you mean \
            `required`?"],
    );
    refused(
        replace("minLength", "minLenght"),
        &["58:31 /components/schemas/User/properties/email/minLenght: unknown key `minLenght` in a \
            schema; did you mean `minLength`?"],
    );
    refused(
        property("{type: object, additionalProperties: {typ: string}}"),
        &["60:56 /components/schemas/User/properties/country/additionalProperties/typ: unknown key `typ` \
            in a schema; did you mean `type`?"],
    );
    refused(
        replace("  schemas:", "  schema:"),
        &["53:3 /components/schema: unknown key `schema` in components; did you mean `schemas`?"],
    );
    refused(
        replace("components:\n", "componets:\n"),
        &["39:1 /componets: unknown key `componets` in the document; did you mean `components`?"],
    );
}

#[test]
fn a_key_that_resembles_none_is_told_to_be_removed() {
    refused(
        replace("servers:", "x-internal: true\nservers:"),
        &["10:1 /x-internal: unknown key `x-internal` in the document; remove it, or see specs/README.md \
            for the keys that may stand here"],
    );
}

/// Of two values one would be lost.
#[test]
fn a_key_that_stands_twice_is_refused() {
    refused(
        replace("info: ", "info: {}\ninfo: "),
        &["3:1: the key `info` stands here a second time; remove one"],
    );
    refused(
        replace("        email: {", "        email: {type: string}\n        email: {"),
        &["59:9: the key `email` stands here a second time; remove one"],
    );
    refused(
        replace("        '400':", "        200: {description: Twice.}\n        '400':"),
        &["35:9 /paths/~1users~1{id}/put/responses/200: the key `200` stands here a second time; remove \
            one"],
    );
}

#[test]
fn what_is_no_yaml_is_refused_where_it_stops_to_be() {
    refused(
        replace("info: {title: X, version: '1'}", "info: [title: X"),
        &["3:18: while parsing a flow mapping, did not find expected ',' or '}'"],
    );
    refused(replace("info:", "\tinfo:"), &["1:10: while scanning a plain scalar, found a tab"]);
    refused(replace("title: X", "title: @X"), &["2:15: unexpected character: `@'"]);
    refused(replace("read: 2024-01-24", "read: *page"), &["5:32: alias references unknown anchor"]);
}

#[test]
fn what_yaml_has_and_json_has_not_is_refused() {
    refused(replace("title: X", "<<: {title: X}"), &["2:8: has a merge key (`<<`); write the keys out"]);
    refused(
        replace("equals: 0", "equals: .nan"),
        &["43:48: non-finite float `.nan` rejected by the configured policy"],
    );
    refused(replace("title: X", "title: !word X"), &["2:21: unsupported tag `!word`"]);
    refused(
        replace("components:", "---\ncomponents:"),
        &["40:1: begins a second document; a spec is one, without `---` inside"],
    );
}

#[test]
fn a_place_is_compared_with_a_value_that_has_no_parts() {
    let told = "43:40 /components/responses/Ok/x-enroll-failure/equals: must be a text, a number, true, false or null";
    refused(replace("equals: 0", "equals: {}"), &[told]);
    refused(replace("equals: 0", "equals: [0]"), &[told]);
}

#[test]
fn only_openapi_3_0_is_read() {
    refused(replace("3.0.3", "3.1.0"), &["1:1 /openapi: must be '3.0.3', the only version that is read"]);
    refused(
        replace("openapi: 3.0.3", "swagger: \"2.0\""),
        &[
            "1:1: the document lacks `openapi`; add it",
            "1:1 /swagger: unknown key `swagger` in the document; remove it, or see specs/README.md for \
            the keys that may stand here",
        ],
    );
    refused(replace("3.0.3", "3.0"), &["1:1 /openapi: must be a text; put it in quotes"]);
}

#[test]
fn a_list_and_a_mapping_are_told_apart() {
    refused(
        replace("- {name: id, in: path, required: true, schema: {type: string}}", "{name: id}"),
        &["25:7 /paths/~1users~1{id}/put/parameters: must be a list"],
    );
    refused(replace("info: {title: X, version: '1'}", "info: [X]"), &["2:1 /info: must be info (a mapping)"]);
    refused(
        replace("{class: keyed, keys: [email], because: It is unique.}", "keyed"),
        &["21:7 /paths/~1users~1{id}/put/x-enroll-replay: must be x-enroll-replay (a mapping)"],
    );
}

#[test]
fn a_document_that_is_empty_or_no_mapping_is_refused() {
    for text in ["", "# Only a comment.\n", "{}", "[]", "- a\n- b\n", "text"] {
        refused(text, &["1:1: is empty, or no mapping; begin it with `openapi: 3.0.3`"]);
    }
}

#[test]
fn a_document_that_is_too_large_is_refused_with_the_cure() {
    let text = format!("a: [{}]", "1,".repeat(300_000));
    let error = generate_from_text(Path::new("specs/x.yaml"), &text).unwrap_err();
    let told = "is too large a document to be read; reduce it to the operations that are needed";
    assert!(error.to_string().ends_with(told), "{error}");
}

/// The parser calls itself for each level: without a limit the build script would die without a word.
#[test]
fn deep_nesting_is_refused() {
    let nested = |levels: usize| format!("a: {}{}", "[".repeat(levels), "]".repeat(levels));
    refused(nested(33), &["1:35: is nested more than 32 deep; give the inner part a name and use a $ref"]);
    for levels in [1_000, 100_000] {
        let error = generate_from_text(Path::new("specs/x.yaml"), &nested(levels)).unwrap_err();
        assert_eq!(error.findings().len(), 1);
        assert_eq!(error.findings()[0].position.line, 1);
    }
}

/// To YAML 1.1 these are booleans, numbers and a date.
#[test]
fn what_looks_like_something_else_stays_a_text() {
    let country = |values: &str| replace("[NO, SE]", values);
    let spec = country("[NO, on, y, Off, 010, 1_000, 12:30:45, 2024-01-24, '1.0', 'null', 'true']");
    let value = enroll_codegen::read(Path::new("specs/x.yaml"), &spec).unwrap();
    let expected =
        json!(["NO", "on", "y", "Off", "010", "1_000", "12:30:45", "2024-01-24", "1.0", "null", "true"]);
    assert_eq!(value["components"]["schemas"]["Country"]["enum"], expected);
    assert_eq!(value["x-enroll-sources"]["page"]["read"], "2024-01-24");
    assert_eq!(value["components"]["schemas"]["User"]["properties"]["email"]["minLength"], 3);
    for value in ["true", "7", "0.5", "null", "~"] {
        refused(
            country(&format!("[NO, {value}]")),
            &[
                "61:5 /components/schemas/Country: an enum has `type: string` and texts as values; put them in quotes",
            ],
        );
    }
}
