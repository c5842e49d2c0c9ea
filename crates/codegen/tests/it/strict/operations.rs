//! Operations, their parameters, bodies and answers, and the credentials that they carry.

use std::path::Path;

use enroll_codegen::generate_from_text;

use super::{COUNTRY, PARAMETER, body, lookup, parameter, recipe, refused, replace, schemas};

#[test]
fn what_every_operation_needs_is_missed() {
    refused(
        replace("      operationId: putUser\n", ""),
        &["19:5 /paths/~1users~1{id}/put: an operation lacks `operationId`; add it"],
    );
    refused(
        replace("      x-enroll-replay: {class: keyed, keys: [email], because: It is unique.}\n", ""),
        &["19:5 /paths/~1users~1{id}/put: an operation lacks `x-enroll-replay`; add it"],
    );
    refused(
        replace(", because: It is unique.", ""),
        &["21:7 /paths/~1users~1{id}/put/x-enroll-replay: x-enroll-replay lacks `because`; add it"],
    );
}

#[test]
fn a_replay_class_must_be_one_and_have_its_keys() {
    refused(
        replace("class: keyed", "class: idempotent"),
        &["21:25 /paths/~1users~1{id}/put/x-enroll-replay/class: must be `safe`, `upsert`, `keyed` or \
            `never`"],
    );
    refused(
        replace("class: keyed, keys: [email]", "class: keyed"),
        &["21:7 /paths/~1users~1{id}/put/x-enroll-replay: `keys` belong to the class `keyed`, and to no \
            other"],
    );
    refused(
        replace("class: keyed, keys: [email]", "class: upsert, keys: [email]"),
        &["21:7 /paths/~1users~1{id}/put/x-enroll-replay: `keys` belong to the class `keyed`, and to no \
            other"],
    );
    refused(
        replace("keys: [email]", "keys: [emial]"),
        &["21:39 /paths/~1users~1{id}/put/x-enroll-replay/keys: `emial` is no property of the request"],
    );
}

#[test]
fn a_credential_goes_into_a_header_and_nowhere_else() {
    refused(
        replace("type: http\n      scheme: bearer", "type: apiKey\n      in: query\n      name: token"),
        &["49:5 /components/securitySchemes/token: must be `type: http` with a scheme, or `type: apiKey` \
            in a header: credentials are never sent in an address"],
    );
    refused(
        replace("type: http\n      scheme: bearer", "type: apiKey\n      in: cookie\n      name: token"),
        &["49:5 /components/securitySchemes/token: must be `type: http` with a scheme, or `type: apiKey` \
            in a header: credentials are never sent in an address"],
    );
    refused(
        replace("type: http\n      scheme: bearer", "type: apiKey\n      in: header\n      name: X Token"),
        &["49:5 /components/securitySchemes/token: must be `type: http` with a scheme, or `type: apiKey` \
            in a header: credentials are never sent in an address"],
    );
}

#[test]
fn a_recipe_is_whole_and_names_what_there_is() {
    refused(
        replace("'Bearer {token}'", "'Bearer {tokken}'"),
        &["52:7 /components/securitySchemes/token/x-enroll-recipe: `tokken` is no credential; add it to \
            x-enroll-credentials"],
    );
    refused(
        recipe("{basic: {username: user, password: token}}"),
        &["52:7 /components/securitySchemes/token/x-enroll-recipe: `user` is no credential; add it to \
            x-enroll-credentials"],
    );
    refused(
        recipe("{exchange: {operation: login, token: /t, value: '{token}'}}"),
        &["52:36 /components/securitySchemes/token/x-enroll-recipe/exchange/operation: `login` is no \
            operation of this document"],
    );
    refused(
        recipe(
            "{exchange: {operation: putUser, token: /t, expires: /e, expires-format: soon, value: '{token}'}}",
        ),
        &["52:80 /components/securitySchemes/token/x-enroll-recipe/exchange/expires-format: must be \
            `datetime` (UTC), `datetime+05:30`, `epoch-seconds` or `seconds-from-now`"],
    );
    refused(
        recipe("{mint: {algorithm: none, key: token, claims: {}, lifetime: 10, value: '{jwt}'}}"),
        &[
            "52:32 /components/securitySchemes/token/x-enroll-recipe/mint/algorithm: must be HS256, the \
            only one that is supported",
            "52:73 /components/securitySchemes/token/x-enroll-recipe/mint/lifetime: must be more than 60 \
            seconds",
        ],
    );
    refused(
        recipe("{}"),
        &["52:7 /components/securitySchemes/token/x-enroll-recipe: must be one of `static`, `basic`, \
            `mint` and `exchange`"],
    );
    refused(
        replace("  - token: []", "  - tokken: []"),
        &["15:1 /security: `tokken` is no security scheme; add it to components/securitySchemes"],
    );
    refused(
        replace("  token: {desc", "  userToken: {desc"),
        &[
            "9:3 /x-enroll-credentials/userToken: a credential's name is a setter's name: write it in \
            snake_case",
            "52:7 /components/securitySchemes/token/x-enroll-recipe: `token` is no credential; add it to \
            x-enroll-credentials",
        ],
    );
}

#[test]
fn path_parameters_and_the_path_agree() {
    refused(
        replace("in: path, required: true", "in: path"),
        &["26:11 /paths/~1users~1{id}/put/parameters/0: a path parameter needs `required: true`"],
    );
    refused(
        replace("name: id, in: path", "name: uid, in: path"),
        &[
            "19:5 /paths/~1users~1{id}/put: the path's {id} is not among the parameters; add it",
            "26:11 /paths/~1users~1{id}/put/parameters/0: the path has no {uid}",
        ],
    );
    refused(
        replace(PARAMETER, "        []\n"),
        &["19:5 /paths/~1users~1{id}/put: the path's {id} is not among the parameters; add it"],
    );
    refused(
        replace("  /users/{id}:", "  users/{id}:"),
        &["18:3 /paths/users~1{id}: a path begins with a slash"],
    );
    refused(
        replace("  /users/{id}:", "  /users/{id}?all=true:"),
        &["18:3 /paths/~1users~1{id}?all=true: is no path: `//`, `?`, `#` and braces without a partner \
            cannot be in one"],
    );
    refused(
        replace("  /users/{id}:", "  /users//{id}:"),
        &["18:3 /paths/~1users~1~1{id}: is no path: `//`, `?`, `#` and braces without a partner cannot \
            be in one"],
    );
}

#[test]
fn a_parameter_that_cannot_be_sent_as_documented_is_refused() {
    refused(
        replace("in: path", "in: cookie"),
        &[
            "19:5 /paths/~1users~1{id}/put: the path's {id} is not among the parameters; add it",
            "26:22 /paths/~1users~1{id}/put/parameters/0/in: must be in path, query or header; other \
            places are not supported",
        ],
    );
    refused(
        replace("schema: {type: string}}", "schema: {type: object}}"),
        &["26:11 /paths/~1users~1{id}/put/parameters/0: a parameter is a plain value, or in a query a \
            list of strings"],
    );
    refused(
        parameter("name: tags, in: query, explode: false, schema: {type: array, items: {type: string}}"),
        &["27:35 /paths/~1users~1{id}/put/parameters/1/explode: must be true: a list is sent as one \
            parameter an item"],
    );
    refused(
        parameter("name: tags, in: query, style: deepObject, schema: {type: string}"),
        &["27:35 /paths/~1users~1{id}/put/parameters/1/style: must be `form`, the only one that is \
            supported"],
    );
    refused(
        parameter("name: X Y, in: header, schema: {type: string}"),
        &["27:11 /paths/~1users~1{id}/put/parameters/1: `X Y` is no header's name"],
    );
    refused(
        parameter("name: id, in: query, x-enroll-name: id_too, schema: {type: string}"),
        &["27:11 /paths/~1users~1{id}/put/parameters/1: another parameter is called `id` too, which is \
            not supported"],
    );
    refused(
        parameter("name: body, in: query, schema: {type: string}"),
        &["19:5 /paths/~1users~1{id}/put: a parameter `body` beside a request body is not supported"],
    );
}

#[test]
fn a_request_body_has_one_form() {
    refused(
        replace(
            "        content:\n          application/json:\n",
            "        content:\n          text/plain: {}\n          application/json:\n",
        ),
        &["28:9 /paths/~1users~1{id}/put/requestBody/content: a request body has one media type: \
            application/json, one that ends in +json, or application/x-www-form-urlencoded"],
    );
    refused(
        replace("          application/json:\n", "          application/xml:\n"),
        &["28:9 /paths/~1users~1{id}/put/requestBody/content: a request body has one media type: \
            application/json, one that ends in +json, or application/x-www-form-urlencoded"],
    );
    refused(
        body("schema: {$ref: '#/components/schemas/Country'}"),
        &[
            "21:39 /paths/~1users~1{id}/put/x-enroll-replay/keys: `email` is no property of the request",
            "27:7 /paths/~1users~1{id}/put/requestBody: the request body `Country` must be an object with \
            properties",
        ],
    );
    refused(
        body("schema: {type: object}"),
        &["29:11 /paths/~1users~1{id}/put/requestBody/content/application~1json: needs a `schema` that \
            is a $ref to a named schema"],
    );
}

#[test]
fn names_that_collide_or_cannot_be_written_are_refused() {
    refused(
        replace("        nickname: {", "        E-Mail: {type: string}\n        e_mail: {"),
        &["60:9 /components/schemas/User/properties/e_mail: `e_mail` is taken in Rust; give `e_mail` an \
            x-enroll-name"],
    );
    refused(
        replace("        nickname: {", "        send: {"),
        &["19:5 /paths/~1users~1{id}/put: `send` is taken in Rust; give `send` an x-enroll-name"],
    );
    refused(
        replace("        nickname: {", "        '1st': {"),
        &["59:9 /components/schemas/User/properties/1st: `1st` is no name in Rust; give it an \
            x-enroll-name"],
    );
    refused(
        replace("        nickname: {", "        '+': {"),
        &["59:9 /components/schemas/User/properties/+: `+` is no name in Rust; give it an x-enroll-name"],
    );
    refused(
        parameter("name: email, in: query, schema: {type: string}"),
        &["19:5 /paths/~1users~1{id}/put: `email` is taken in Rust; give `email` an x-enroll-name"],
    );
    refused(
        replace("    Country:\n", "    user: {type: object, properties: {a: {}}}\n    Country:\n"),
        &["61:5 /components/schemas/user: another type is called `User` in Rust too; rename one"],
    );
    refused(
        replace("    Country:\n", "    '1st': {type: object, properties: {a: {}}}\n    Country:\n"),
        &["61:5 /components/schemas/1st: `1st` cannot be a type's name; choose another"],
    );
    refused(
        replace("[NO, SE]", "[NO, 'no']"),
        &["61:5 /components/schemas/Country: two of the values have the same name in Rust, or one is \
            `Unknown`"],
    );
    refused(
        replace("[NO, SE]", "[NO, unknown]"),
        &["61:5 /components/schemas/Country: two of the values have the same name in Rust, or one is \
            `Unknown`"],
    );
    refused(
        replace("operationId: putUser", "operationId: move"),
        &["20:7 /paths/~1users~1{id}/put/operationId: `move` cannot be a method's name; choose another \
            operationId"],
    );
    refused(
        replace("operationId: putUser", "operationId: client"),
        &["20:7 /paths/~1users~1{id}/put/operationId: `client` is taken; choose another operationId"],
    );
    refused(
        replace(
            "    put:",
            "    get: {operationId: put_user, x-enroll-replay: {class: safe, because: It reads.}, parameters: [{name: id, in: path, required: true, schema: {type: string}}], responses: {'200': {description: Yes.}}}\n    put:",
        ),
        &["21:7 /paths/~1users~1{id}/put/operationId: `put_user` is taken; choose another operationId"],
    );
    refused(
        replace("environment: test", "environment: '1'"),
        &["12:5 /servers/0/x-enroll-environment: `1` is no constant's name, or taken; choose another"],
    );
}

#[test]
fn a_type_of_the_generator_has_a_name_of_its_own() {
    refused(
        schemas(&format!("{COUNTRY}    PutUserFailure: {{type: object, properties: {{a: {{}}}}}}\n")),
        &["64:5 /components/schemas/PutUserFailure: another type is called `PutUserFailure` in Rust too; \
            rename one"],
    );
}

#[test]
fn a_status_is_one_and_an_operation_has_an_answer() {
    refused(
        replace("        '400':", "        '4000':"),
        &["35:9 /paths/~1users~1{id}/put/responses/4000: is no status; write '200', '4XX' or default"],
    );
    refused(
        replace("        '400':", "        6XX:"),
        &["35:9 /paths/~1users~1{id}/put/responses/6XX: is no status; write '200', '4XX' or default"],
    );
    refused(
        replace("        '400':", "        default_:"),
        &["35:9 /paths/~1users~1{id}/put/responses/default_: is no status; write '200', '4XX' or default"],
    );
}

#[test]
fn a_lookup_finds_a_user_by_what_the_request_has() {
    let at = "24:7 /paths/~1users~1{id}/put/x-enroll-lookup";
    let keys = "keys: {email: email}";
    let matches = "matches: {email: /email}";
    assert!(
        generate_from_text(
            Path::new("specs/x.yaml"),
            &lookup(&format!("operation: findUser, {keys}, found: '', {matches}"))
        )
        .is_ok()
    );
    refused(
        lookup(&format!("operation: seekUser, {keys}, found: '', {matches}")),
        &[
            "24:25 /paths/~1users~1{id}/put/x-enroll-lookup/operation: `seekUser` is no operation of this document",
        ],
    );
    refused(
        lookup(&format!("operation: putUser, {keys}, found: '', {matches}")),
        &[
            "24:25 /paths/~1users~1{id}/put/x-enroll-lookup/operation: an account is looked up by query or body, not \
             by path",
            "24:45 /paths/~1users~1{id}/put/x-enroll-lookup/keys: `email` is no parameter of putUser",
        ],
    );
    refused(
        lookup(&format!("operation: findUser, {keys}, found: /email, {matches}")),
        &[
            "24:68 /paths/~1users~1{id}/put/x-enroll-lookup/found: points at no user, and no list of users, in the \
           lookup's answer",
        ],
    );
    refused(
        lookup(&format!("operation: findUser, {keys}, found: ''")),
        &[&format!("{at}: x-enroll-lookup lacks `matches`; add it")],
    );
    refused(
        lookup("operation: findUser, keys: {email: {body: {email: ada}}}, found: '', matches: {name: /name}"),
        &[
            "24:53 /paths/~1users~1{id}/put/x-enroll-lookup/keys/email: has no \"{value}\" for the key",
            "24:94 /paths/~1users~1{id}/put/x-enroll-lookup/matches: lacks `email`: say where the user has it",
        ],
    );
}

#[test]
fn only_a_read_is_waited_for() {
    refused(
        replace(
            "description: Puts a user in its place.",
            "x-enroll-waiters: {waitForUser: {until: /email, description: Waits.}}",
        ),
        &[
            "24:7 /paths/~1users~1{id}/put/x-enroll-waiters: only an operation of the class `safe` and without aliases is \
           asked again and again",
        ],
    );
}
