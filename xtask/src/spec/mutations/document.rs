//! Edits of the document as a whole: its form, servers, credentials, security schemes, tags, sources.

use super::{Add, Mutation, Remove, Replace, row};

const HAPTIK: &str = "haptik";
const ORIGINAL: &str = "original";
const STREAMBIRD: &str = "streambird";
const DIGIPAY: &str = "digipay";

const NOTHING: &[&str] = &[];

pub(super) const ROWS: &[Mutation] = &[
    row("the document is OpenAPI 3.1", HAPTIK, "/openapi", Replace("3.0.3", "3.1.0"), &["version"]),
    row("a quote is not closed", HAPTIK, "/info/version", Replace("'1.0'", "'1.0"), &["yaml"]),
    row("a key stands twice", HAPTIK, "/info", Add("title: Haptik"), &["duplicate-key"]),
    row("a flag is a word", HAPTIK, "/paths/~1v1.0~1user~1/post", Add("deprecated: yes"), &["wrong-kind"]),
    row("the document's version is another one", HAPTIK, "/info/version", Replace("'1.0'", "'1.1'"), NOTHING),
    row("the document's title is taken out", HAPTIK, "/info/title", Remove, &["missing-key"]),
    row("the document's description is taken out", HAPTIK, "/info/description", Remove, &["description"]),
    row("a tag's description is taken out", HAPTIK, "/tags/users/description", Remove, &["description"]),
    row(
        "a tag is declared that no operation has",
        HAPTIK,
        "/tags",
        Add("- name: messages\n  description: What is sent to people."),
        &["tag"],
    ),
    row(
        "a source is taken out that evidence names",
        HAPTIK,
        "/x-enroll-sources/integrator",
        Remove,
        &["evidence"],
    ),
    row(
        "a source is added that nothing names",
        HAPTIK,
        "/x-enroll-sources",
        Add("docs-2019:\n  title: An older revision\n  read: '2019-01-01'"),
        &["source"],
    ),
    row(
        "a schema is added that nothing uses",
        HAPTIK,
        "/components/schemas",
        Add("Orphan:\n  type: string\n  description: A word.\n  example: word"),
        &["unused-component"],
    ),
    row(
        "a server has another address",
        ORIGINAL,
        "/servers/0/url",
        Replace("https://api.getoriginal.com/v1", "https://api.getoriginal.com/v2"),
        NOTHING,
    ),
    row(
        "a server's address ends in a slash",
        ORIGINAL,
        "/servers/0/url",
        Replace("https://api.getoriginal.com/v1", "https://api.getoriginal.com/v1/"),
        &["server-url"],
    ),
    row(
        "a server's address is in clear text",
        ORIGINAL,
        "/servers/0/url",
        Replace("https://", "http://"),
        &["server-url"],
    ),
    row(
        "a server's address has a variable that is not declared",
        DIGIPAY,
        "/servers/0/url",
        Replace("{host}", "{hostname}"),
        &["server-url"],
    ),
    row(
        "a server is renamed",
        ORIGINAL,
        "/servers/0/x-enroll-environment",
        Replace("production", "live"),
        NOTHING,
    ),
    row("no server is the default any more", ORIGINAL, "/servers/0/x-enroll-default", Remove, NOTHING),
    row("two servers are the default", ORIGINAL, "/servers/1", Add("x-enroll-default: true"), &["server"]),
    row("a server is taken out", ORIGINAL, "/servers/1", Remove, NOTHING),
    row("a credential is taken out", HAPTIK, "/x-enroll-credentials/client_id", Remove, &["credentials"]),
    row(
        "a credential's variable is renamed",
        HAPTIK,
        "/x-enroll-credentials/token/env",
        Replace("HAPTIK_TOKEN", "HAPTIK_ACCESS_TOKEN"),
        NOTHING,
    ),
    row(
        "a credential is not secret any more",
        HAPTIK,
        "/x-enroll-credentials/token/private",
        Remove,
        &["privacy"],
    ),
    row(
        "a credential tells no mode any more",
        STREAMBIRD,
        "/x-enroll-credentials/api_key/prefixes",
        Remove,
        NOTHING,
    ),
    row(
        "a credential is added that no recipe uses",
        HAPTIK,
        "/x-enroll-credentials",
        Add("realm:\n  description: The realm.\n  env: HAPTIK_REALM\n  example: fake-realm"),
        &["credentials"],
    ),
    row(
        "a recipe has another word before the token",
        HAPTIK,
        "/components/securitySchemes/bearerToken/x-enroll-recipe",
        Replace("Bearer {token}", "Token {token}"),
        NOTHING,
    ),
    row(
        "a recipe names a credential that is not there",
        HAPTIK,
        "/components/securitySchemes/bearerToken/x-enroll-recipe",
        Replace("{token}", "{tokn}"),
        &["credentials"],
    ),
    row(
        "a recipe's token is looked for in the wrong place",
        DIGIPAY,
        "/components/securitySchemes/token/x-enroll-recipe/exchange/token",
        Replace("/data/access_token", "/data/token"),
        &["pointer"],
    ),
    row(
        "a credential is sent in the address",
        HAPTIK,
        "/components/securitySchemes/clientId/in",
        Replace("header", "query"),
        &["security"],
    ),
    row(
        "a credential's header is renamed",
        HAPTIK,
        "/components/securitySchemes/clientId/name",
        Replace("client-id", "x-client-id"),
        NOTHING,
    ),
    row(
        "a security scheme's evidence is taken out",
        HAPTIK,
        "/components/securitySchemes/clientId/x-enroll-evidence",
        Remove,
        &["evidence"],
    ),
    row(
        "a security scheme's description is taken out",
        HAPTIK,
        "/components/securitySchemes/clientId/description",
        Remove,
        &["description"],
    ),
    row(
        "a security scheme is not demanded any more",
        HAPTIK,
        "/security/0/clientId",
        Remove,
        &["unused-component"],
    ),
    row(
        "a security scheme is demanded that is not there",
        HAPTIK,
        "/security/0/clientId",
        Replace("clientId", "customerId"),
        &["security", "unused-component"],
    ),
];
