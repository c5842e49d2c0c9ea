//! A call of an operation by curl, for the sandbox: its variables are those that the sandbox prints.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::spec::{Operation, Spec, text};

/// One command, with what it needs before it. An alias says which parameters it is called with.
pub(crate) fn of(spec: &Spec, operation: &Operation<'_>, alias: Option<&str>) -> String {
    let (before, headers) = credentials(spec, operation);
    format!("{before}{}\n", command(spec, operation, alias, &headers))
}

fn command(spec: &Spec, operation: &Operation<'_>, alias: Option<&str>, headers: &[String]) -> String {
    let base_url = text(&spec.root["x-enroll-base-url"]["env"]);
    let (path, query, mut headers) = (path(spec, operation), query(spec, operation, alias), headers.to_vec());
    let body = body(spec, operation);
    if let Some((media_type, _)) = &body {
        headers.push(quoted(&format!("Content-Type: {media_type}")));
    }
    let method = match operation.http_method.as_str() {
        "GET" => String::new(),
        method => format!("-X {method} "),
    };
    let mut lines = vec![format!("curl {method}\"${base_url}{path}{query}\"")];
    lines.extend(headers.iter().map(|header| format!("-H {header}")));
    lines.extend(body.map(|(_, body)| format!("-d {}", quoted(&body))));
    lines.join(" \\\n  ")
}

/// What has to be run before, and the headers, each quoted.
fn credentials(spec: &Spec, operation: &Operation<'_>) -> (String, Vec<String>) {
    let security = match &operation.value["security"] {
        Value::Null => &spec.root["security"],
        own => own,
    };
    let (mut before, mut headers) = (String::new(), Vec::new());
    // The first alternative, as the client does it.
    for (name, _) in security[0].as_object().into_iter().flatten() {
        let scheme = &spec.root["components"]["securitySchemes"][name];
        let header = match scheme["type"] == "http" {
            true => "Authorization",
            false => text(&scheme["name"]),
        };
        let recipe = &scheme["x-enroll-recipe"];
        if let Some(template) = recipe["static"].as_str() {
            headers.push(format!("\"{header}: {}\"", with_variables(spec, template)));
        } else if recipe["basic"].is_object() {
            let [user, password] =
                ["username", "password"].map(|key| variable(spec, text(&recipe["basic"][key])));
            before.push_str(&format!("basic=$(printf %s \"{user}:{password}\" | base64 -w 0)\n"));
            headers.push(format!("\"{header}: Basic $basic\""));
        } else if recipe["mint"].is_object() {
            before.push_str(&minted(spec, &recipe["mint"]));
            headers
                .push(format!("\"{header}: {}\"", text(&recipe["mint"]["value"]).replace("{jwt}", "$jwt")));
        } else if recipe["exchange"].is_object() {
            before.push_str(&exchanged(spec, &recipe["exchange"]));
            headers.push(format!(
                "\"{header}: {}\"",
                text(&recipe["exchange"]["value"]).replace("{token}", "$token")
            ));
        }
    }
    (before, headers)
}

/// A JSON Web Token that is signed on the spot (RFC 7515).
fn minted(spec: &Spec, mint: &Value) -> String {
    let claims = mint["claims"].as_object().into_iter().flatten();
    let claims: String = claims
        .map(|(name, value)| format!("\\\"{name}\\\":\\\"{}\\\",", with_variables(spec, text(value))))
        .collect();
    let (lifetime, key) = (&mint["lifetime"], variable(spec, text(&mint["key"])));
    format!(
        "base64url() {{ openssl base64 -A | tr '+/' '-_' | tr -d '='; }}\n\
         head=$(printf %s '{{\"alg\":\"HS256\",\"typ\":\"JWT\"}}' | base64url)\n\
         claims=$(printf %s \"{{{claims}\\\"exp\\\":$(($(date +%s) + {lifetime}))}}\" | base64url)\n\
         signature=$(printf %s \"$head.$claims\" | openssl dgst -sha256 -hmac \"{key}\" -binary | base64url)\n\
         jwt=\"$head.$claims.$signature\"\n"
    )
}

/// A token that another operation hands out.
fn exchanged(spec: &Spec, exchange: &Value) -> String {
    let wanted = text(&exchange["operation"]);
    let Some(operation) = spec.operations().into_iter().find(|operation| operation.id() == wanted) else {
        return String::new();
    };
    let (before, headers) = credentials(spec, &operation);
    let command = command(spec, &operation, None, &headers).replacen("curl ", "curl -s ", 1);
    let path: String = text(&exchange["token"])
        .split('/')
        .skip(1)
        .map(|token| match token.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            true => format!(".{token}"),
            false => format!("[\"{token}\"]"),
        })
        .collect();
    format!("{before}token=$({command} | jq -r '{path}')\n")
}

fn path(spec: &Spec, operation: &Operation<'_>) -> String {
    let mut path = operation.path.to_owned();
    for parameter in parameters(spec, operation).filter(|parameter| parameter["in"] == "path") {
        let value = encoded(&plain(example(parameter)));
        path = path.replace(&format!("{{{}}}", text(&parameter["name"])), &value);
    }
    path
}

fn query(spec: &Spec, operation: &Operation<'_>, alias: Option<&str>) -> String {
    let wanted = |parameter: &Value| match alias {
        Some(alias) => {
            let required = operation.value["x-enroll-aliases"][alias]["requires"].as_array();
            required.is_some_and(|required| required.contains(&parameter["name"]))
        }
        None => parameter["required"] == true,
    };
    let pairs: Vec<_> = parameters(spec, operation)
        .filter(|parameter| parameter["in"] == "query" && wanted(parameter))
        .map(|parameter| format!("{}={}", text(&parameter["name"]), encoded(&plain(example(parameter)))))
        .collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

fn parameters<'a>(spec: &'a Spec, operation: &Operation<'a>) -> impl Iterator<Item = &'a Value> {
    let item = &spec.root["paths"][operation.path]["parameters"];
    let own = &operation.value["parameters"];
    [item, own].into_iter().filter_map(Value::as_array).flatten().map(|it| spec.resolve("", it).1)
}

fn example(parameter: &Value) -> &Value {
    if parameter["example"].is_null() { &parameter["schema"]["example"] } else { &parameter["example"] }
}

/// The body's media type, and the example that the Rust sample has too.
fn body(spec: &Spec, operation: &Operation<'_>) -> Option<(String, String)> {
    let (_, body) = spec.resolve("", &operation.value["requestBody"]);
    let (media_type, content) = body["content"].as_object()?.iter().next()?;
    let examples = content["examples"].as_object()?;
    let (_, example) = examples.get_key_value("typical").or_else(|| examples.iter().next())?;
    let value = &spec.resolve("", example).1["value"];
    let text = match media_type == "application/x-www-form-urlencoded" {
        true => {
            let pairs = value.as_object().into_iter().flatten();
            pairs
                .map(|(name, value)| format!("{name}={}", encoded(&plain(value))))
                .collect::<Vec<_>>()
                .join("&")
        }
        false => serde_json::to_string_pretty(value).unwrap_or_default(),
    };
    Some((media_type.clone(), text))
}

/// A template with the variable of each credential in its place.
fn with_variables(spec: &Spec, template: &str) -> String {
    let credentials = spec.root["x-enroll-credentials"].as_object().into_iter().flatten();
    credentials.fold(template.to_owned(), |text, (name, _)| {
        text.replace(&format!("{{{name}}}"), &variable(spec, name))
    })
}

fn variable(spec: &Spec, credential: &str) -> String {
    format!("${}", text(&spec.root["x-enroll-credentials"][credential]["env"]))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// A text that the shell takes as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
