//! Requests that each break one rule of a spec: where and what is told, and that nothing private is repeated.

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use super::{check, contract};
use crate::contract::{Contract, Kind, Route};

/// Stands in each request below where a private value could.
const PLANTED: &str = "planted";

/// The headers of a request that is fine.
fn headers() -> HeaderMap {
    let pairs = [
        ("authorization", "Bearer fake"),
        ("client-id", "fake"),
        ("x-api-key", "fake"),
        ("companyid", "fake"),
        ("content-type", "Application/JSON; charset=utf-8"),
    ];
    pairs.into_iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
}

/// Asserts the first thing that is wrong with a request, and that its canary is not in anything that is told.
#[track_caller]
fn assert_refused(
    contract: &Contract,
    (method, target): (&str, &str),
    headers: &HeaderMap,
    body: &[u8],
    (kind, location): (Kind, &str),
) {
    let violations = check(contract, method, target, headers, body);
    let shown: Vec<_> = violations.iter().map(|violation| format!("{violation:?} {violation}")).collect();
    let place = format!("{method} {target} {}: {shown:#?}", String::from_utf8_lossy(body));
    let found = violations.first().map(|first| (first.kind, first.location.as_str()));
    assert_eq!(found, Some((kind, location)), "{place}");
    assert!(!shown.concat().contains(PLANTED), "{place}");
}

#[test]
fn a_body_that_breaks_a_rule_is_refused_at_its_place() {
    let (haptik, original) = (contract("haptik"), contract("original"));
    let (streambird, digipay) = (contract("streambird"), contract("digipay"));
    let haptik_create = (&haptik, ("POST", "/v1.0/user/"));
    let original_create = (&original, ("POST", "/v1/user"));
    let create = (&streambird, ("POST", "/v1/auth/users/create"));
    let update = (&streambird, ("PUT", "/v1/auth/users/user_1/update"));
    let search = (&streambird, ("POST", "/v1/auth/users/search"));
    let wallet = (&streambird, ("POST", "/v1/wallets/create"));
    let register = (&digipay, ("POST", "/digipay/v3/auth/user_register"));
    let table: &[(_, &str, Kind, &str)] = &[
        (haptik_create, "", Kind::Missing, "body"),
        (haptik_create, "{}", Kind::Missing, "body /auth_id"),
        (haptik_create, r#"{"name": "planted"}"#, Kind::Missing, "body /auth_id"),
        (haptik_create, r#"{"auth_id": null, "name": "planted"}"#, Kind::Invalid, "body /auth_id"),
        (haptik_create, r#"{"auth_id": 1, "name": "planted"}"#, Kind::Invalid, "body /auth_id"),
        (haptik_create, r#"{"auth_id": "1", "custom_data": "planted"}"#, Kind::Invalid, "body /custom_data"),
        (haptik_create, r#""planted""#, Kind::Invalid, "body"),
        (haptik_create, r#"["planted"]"#, Kind::Invalid, "body"),
        (haptik_create, "null", Kind::Invalid, "body"),
        (haptik_create, "planted", Kind::Malformed, "body"),
        (haptik_create, r#"{"auth_id": "planted""#, Kind::Malformed, "body"),
        (haptik_create, r#"{"auth_id": "planted",}"#, Kind::Malformed, "body"),
        (haptik_create, r#"{"auth_id": "planted"} planted"#, Kind::Malformed, "body"),
        (haptik_create, r#"{"auth_id": "1", "planted": 1, "planted": 2}"#, Kind::Malformed, "body"),
        (haptik_create, r#"{"auth_id": "1", "custom_data": {"a": 1, "a": 1}}"#, Kind::Malformed, "body"),
        (haptik_create, r#"{"auth_id": "1", "custom_data": 1e400}"#, Kind::Malformed, "body"),
        (haptik_create, r#"{"auth_id": "\ud800 planted"}"#, Kind::Malformed, "body"),
        (haptik_create, "\u{feff}{}", Kind::Malformed, "body"),
        (original_create, r#"{"email": "planted"}"#, Kind::Invalid, "body /email"),
        (original_create, r#"{"email": "Ada <planted@example.com>"}"#, Kind::Invalid, "body /email"),
        (original_create, r#"{"user_external_id": ["planted"]}"#, Kind::Invalid, "body /user_external_id"),
        (create, "{}", Kind::Missing, "body"),
        (create, r#"{"first_name": "planted"}"#, Kind::Missing, "body"),
        (create, r#"{"email": ""}"#, Kind::Invalid, "body /email"),
        (create, r#"{"email": null, "last_name": "planted"}"#, Kind::Invalid, "body /email"),
        (create, r#"{"phone_number": "planted"}"#, Kind::Invalid, "body /phone_number"),
        (create, r#"{"phone_number": "+0415555planted"}"#, Kind::Invalid, "body /phone_number"),
        (
            create,
            r#"{"email": "a@example.com", "include_user": "planted"}"#,
            Kind::Invalid,
            "body /include_user",
        ),
        (create, r#"{"email": "a@example.com", "metadata": ["planted"]}"#, Kind::Invalid, "body /metadata"),
        (create, r#"{"email": "a@example.com", "wallet_type": 7}"#, Kind::Invalid, "body /wallet_type"),
        (update, r#"{"emails": []}"#, Kind::Invalid, "body /emails"),
        (update, r#"{"emails": [{"email": "planted"}]}"#, Kind::Invalid, "body /emails/0/email"),
        (update, r#"{"emails": ["planted"]}"#, Kind::Invalid, "body /emails/0"),
        (search, r#"{"limit": 9}"#, Kind::Invalid, "body /limit"),
        (search, r#"{"limit": 101}"#, Kind::Invalid, "body /limit"),
        (search, r#"{"limit": 10.0}"#, Kind::Invalid, "body /limit"),
        (search, r#"{"limit": 123456789012345678901234567890}"#, Kind::Invalid, "body /limit"),
        (wallet, r#"{"user_id": "planted"}"#, Kind::Missing, "body /wallet_type"),
        (register, r#"{"user_type": "planted"}"#, Kind::Invalid, "body /user_type"),
        (
            register,
            r#"{"transaction_pin": 1234, "login_pin": "planted"}"#,
            Kind::Invalid,
            "body /transaction_pin",
        ),
        (register, r#"{"kyc_process_status": {"planted": 1}}"#, Kind::Invalid, "body /kyc_process_status"),
    ];
    for ((contract, call), body, kind, location) in table {
        assert_refused(contract, *call, &headers(), body.as_bytes(), (*kind, location));
    }
}

#[test]
fn a_body_that_is_no_text_is_refused() {
    let body = b"{\"auth_id\": \"planted \xff\"}";
    assert_refused(&contract("haptik"), ("POST", "/v1.0/user/"), &headers(), body, (Kind::Malformed, "body"));
}

#[test]
fn a_body_is_refused_where_none_is_declared() {
    let original = contract("original");
    assert_refused(
        &original,
        ("GET", "/v1/user/1"),
        &headers(),
        b"{\"planted\": 1}",
        (Kind::Undeclared, "body"),
    );
    assert_eq!(check(&original, "GET", "/v1/user/1", &headers(), b""), []);
}

#[test]
fn deep_nesting_is_refused_and_does_not_overflow_the_stack() {
    let haptik = contract("haptik");
    let wrapped = |inner: String| format!(r#"{{"auth_id": "1", "custom_data": {inner}}}"#).into_bytes();
    let deep = wrapped("[".repeat(100_000));
    assert_refused(&haptik, ("POST", "/v1.0/user/"), &headers(), &deep, (Kind::Malformed, "body"));
    let deep = wrapped(r#"{"a":"#.repeat(100_000));
    assert_refused(&haptik, ("POST", "/v1.0/user/"), &headers(), &deep, (Kind::Malformed, "body"));
    let allowed = wrapped(format!("{{\"a\": {}{}}}", "[".repeat(100), "]".repeat(100)));
    assert_eq!(check(&haptik, "POST", "/v1.0/user/", &headers(), &allowed), []);
}

#[test]
fn a_query_that_breaks_a_rule_is_refused_at_its_place() {
    let (original, digipay) = (contract("original"), contract("digipay"));
    let find = |query: &str| format!("/v1/user?{query}");
    let list = |query: &str| format!("/digipay/v3/user/user_detail?{query}");
    let table: &[(_, String, Kind, &str)] = &[
        (&original, find("email=planted"), Kind::Invalid, "query email"),
        // A plus that is not encoded is a space.
        (&original, find("email=planted+1@example.com"), Kind::Invalid, "query email"),
        (&original, find("email="), Kind::Invalid, "query email"),
        (&original, find("email"), Kind::Invalid, "query email"),
        (&original, find("e-mail=planted%40example.com"), Kind::Undeclared, "query e-mail"),
        (&original, find("planted%40example.com"), Kind::Undeclared, "query *"),
        (&original, find("%2Bplanted=1"), Kind::Undeclared, "query *"),
        (&original, find("4155550123=planted"), Kind::Undeclared, "query *"),
        (
            &original,
            find("user_external_id=planted&user_external_id=2"),
            Kind::Duplicated,
            "query user_external_id",
        ),
        (&original, find("user_external_id=planted%ff"), Kind::Malformed, "query"),
        (&digipay, list("limit=planted"), Kind::Invalid, "query limit"),
        (&digipay, list("limit=1.5"), Kind::Invalid, "query limit"),
        (&digipay, list("limit=1e400"), Kind::Invalid, "query limit"),
        (&digipay, list("limit=0x10"), Kind::Invalid, "query limit"),
        (&digipay, list("limit=+10"), Kind::Invalid, "query limit"),
        (&digipay, list("limit=%2010"), Kind::Invalid, "query limit"),
        (&digipay, list("is_active=True"), Kind::Invalid, "query is_active"),
        (&digipay, list("is_active=1"), Kind::Invalid, "query is_active"),
        (&digipay, list("Limit=10"), Kind::Undeclared, "query Limit"),
    ];
    for (contract, target, kind, location) in table {
        assert_refused(contract, ("GET", target), &headers(), b"", (*kind, location));
    }
    let fine = list("limit=10&skip=-1&is_active=true&search_keyword=ada+l%C3%B6velace&&user_id=");
    assert_eq!(check(&digipay, "GET", &fine, &headers(), b""), []);
    assert_eq!(check(&original, "GET", &find("email=ada%2B1@example.com"), &headers(), b""), []);
}

#[test]
fn a_header_that_is_absent_or_of_another_kind_is_refused() {
    let haptik = contract("haptik");
    let digipay = contract("digipay");
    let user = ("POST", "/v1.0/user/");
    let body = br#"{"auth_id": "planted"}"#;
    let with = |name: &str, value: &'static str| {
        let mut headers = headers();
        headers.insert(name.parse::<http::HeaderName>().unwrap(), HeaderValue::from_static(value));
        headers
    };
    let table = [
        (with("authorization", "Basic planted"), Kind::Credentials, "header authorization"),
        (with("authorization", "Bearer"), Kind::Credentials, "header authorization"),
        (with("authorization", "Bearer "), Kind::Credentials, "header authorization"),
        (with("authorization", "planted"), Kind::Credentials, "header authorization"),
        (with("client-id", ""), Kind::Credentials, "header client-id"),
        (with("content-type", "text/planted"), Kind::MediaType, "header content-type"),
        (with("content-type", "application/json-planted"), Kind::MediaType, "header content-type"),
        (with("content-type", ""), Kind::MediaType, "header content-type"),
    ];
    for (headers, kind, location) in table {
        assert_refused(&haptik, user, &headers, body, (kind, location));
    }
    for name in [AUTHORIZATION, CONTENT_TYPE] {
        let mut headers = headers();
        headers.remove(&name);
        let kind = if name == AUTHORIZATION { Kind::Credentials } else { Kind::MediaType };
        assert_refused(&haptik, user, &headers, body, (kind, &format!("header {name}")));
    }
    let mut twice = headers();
    twice.append(CONTENT_TYPE, HeaderValue::from_static("text/planted"));
    assert_refused(&haptik, user, &twice, body, (Kind::MediaType, "header content-type"));
    // The scheme's word may be in any case, and an operation may have a requirement of its own.
    assert_eq!(check(&haptik, "POST", user.1, &with("authorization", "bEARER fake"), body), []);
    let authenticate = ("POST", "/digipay/v3/auth/authenticate");
    assert_refused(&digipay, authenticate, &headers(), b"", (Kind::Credentials, "header authorization"));
    assert_eq!(check(&digipay, "POST", authenticate.1, &with("authorization", "Basic fake"), b""), []);
}

#[test]
fn only_a_few_of_many_violations_are_told() {
    let body = format!(r#"{{"emails": [{}1]}}"#, "1, ".repeat(10_000));
    let violations =
        check(&contract("streambird"), "PUT", "/v1/auth/users/user_1/update", &headers(), body.as_bytes());
    let places: Vec<_> = violations.iter().map(|violation| violation.location.as_str()).collect();
    assert_eq!(
        places,
        ["body /emails/0", "body /emails/1", "body /emails/2", "body /emails/3", "body /emails/4"]
    );
}

#[test]
fn what_is_wrong_is_said_in_words_that_name_the_cure() {
    let told = |provider: &str, method: &str, target: &str, body: &str| {
        let violations = check(&contract(provider), method, target, &headers(), body.as_bytes());
        violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    let create = "/v1/auth/users/create";
    assert_eq!(told("streambird", "POST", create, "{}"), "body: one of `email`, `phone_number` is required");
    assert_eq!(told("haptik", "POST", "/v1.0/user/", "{}"), "body /auth_id: is required");
    assert_eq!(
        told("haptik", "POST", "/v1.0/user/", r#"{"auth_id": "a", "auth_id": "a"}"#),
        "body: is not valid JSON: a key stands twice in an object at line 1 column 32"
    );
    assert_eq!(
        told("streambird", "POST", "/v1/auth/users/search", r#"{"limit": 5000}"#),
        "body /limit: value is greater than the maximum of 100"
    );
}

#[test]
fn a_path_leads_to_an_operation_segment_by_segment() {
    let original = contract("original");
    let found = |method: &str, path: &str| match original.route(method, path) {
        Route::Found { operation, parameters } => Some((
            operation.id().to_owned(),
            parameters.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>(),
        )),
        _ => None,
    };
    let operation = |id: &str, parameters: &[&str]| {
        Some((id.to_owned(), parameters.iter().map(|it| (*it).to_owned()).collect()))
    };
    assert_eq!(found("POST", "/v1/user"), operation("createUser", &[]));
    assert_eq!(found("GET", "/v1/user/a%2Fb%20%C3%B6"), operation("getUser", &["uid=a/b ö"]));
    for path in
        ["/user", "/v1/user/", "/v1/user/1/", "/v1/user/1/2", "/v1/user/%FF", "/v1/User", "v1/user", "", "/"]
    {
        assert!(matches!(original.route("GET", path), Route::Unknown), "{path}");
    }
    for method in ["DELETE", "post", ""] {
        let Route::WrongMethod { allowed } = original.route(method, "/v1/user") else { panic!("{method}") };
        assert_eq!(allowed, ["GET", "POST"]);
    }
}
