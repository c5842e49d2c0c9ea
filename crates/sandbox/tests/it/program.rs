//! The sandbox as a program: what it prints, what it logs, and how it ends.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::{Value, json};

use crate::{answer, client};

/// The last line that the program prints before it serves.
const LAST_LINE: &str = "# The credentials are made up";

/// A running program. It is ended when the test is over, whatever comes of it.
struct Program {
    child: Child,
    /// What it has printed on standard output.
    script: String,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments).spawn().unwrap();
        let mut script = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        while !script.lines().last().is_some_and(|line| line.starts_with(LAST_LINE)) {
            assert_ne!(lines.read_line(&mut script).unwrap(), 0, "it ended after {script}");
        }
        Self { child, script }
    }

    /// The address after this word in the comments of the script.
    fn url(&self, word: &str) -> String {
        let mut comments = self.script.lines().filter_map(|line| line.strip_prefix("# "));
        let found = comments.find_map(|line| line.strip_prefix(word).map(str::trim));
        found.unwrap_or_else(|| panic!("no {word} in {}", self.script)).to_owned()
    }

    /// The value of a variable, as a shell has it that has read the script.
    fn variable(&self, name: &str) -> String {
        let script = format!("set -eu\n{}\nprintf %s \"${name}\"", self.script);
        let shell = Command::new("sh").arg("-c").arg(script).env_clear().output().unwrap();
        assert!(shell.status.success() && shell.stderr.is_empty(), "{shell:?}");
        String::from_utf8(shell.stdout).unwrap()
    }

    /// Asks the program to end, as a supervisor does, and gives how it ended and what it had logged.
    fn terminate(mut self) -> (ExitStatus, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap(), log)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already if all went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_enroll-sandbox"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn what_is_printed_configures_a_client_of_every_provider() {
    for arguments in [&[][..], &["--ports"], &["--port", "0", "--ports", "0", "--log", "none"]] {
        let program = Program::start(arguments);
        let haptik = client()
            .post(format!("{}/v1.0/user/", program.variable("HAPTIK_BASE_URL")))
            .bearer_auth(program.variable("HAPTIK_TOKEN"))
            .header("client-id", program.variable("HAPTIK_CLIENT_ID"))
            .json(&json!({ "auth_id": "member-42" }));
        let streambird = client()
            .post(format!("{}/v1/auth/users/create", program.variable("STREAMBIRD_BASE_URL")))
            .bearer_auth(program.variable("STREAMBIRD_API_KEY"))
            .json(&json!({ "email": "ada@example.com" }));
        let digipay = client()
            .post(format!("{}/digipay/v3/auth/authenticate", program.variable("DIGIPAY_BASE_URL")))
            .basic_auth(
                program.variable("DIGIPAY_CLIENT_ID"),
                Some(program.variable("DIGIPAY_CLIENT_SECRET")),
            );
        // No token is signed here, but the key is accepted.
        let original = client()
            .get(format!("{}/user/1", program.variable("ORIGINAL_BASE_URL")))
            .header("x-api-key", program.variable("ORIGINAL_API_KEY"));
        for request in [haptik, streambird, digipay] {
            let (status, body) = answer(request).await;
            assert_eq!(status, 200, "{arguments:?}: {body}");
        }
        let (status, body) = answer(original).await;
        let missing = json!("Access token is missing.");
        assert_eq!((status, &body["error"]["detail"]["message"]), (401, &missing), "{arguments:?}");
        assert!(program.variable("ORIGINAL_API_SECRET").starts_with("fake-"));
        assert!(program.variable("DIGIPAY_COMPANY_ID").starts_with("fa4e"));
        assert!(program.terminate().0.success(), "{arguments:?}");
    }
}

#[tokio::test]
async fn every_provider_has_its_own_port_and_all_share_one() {
    let program = Program::start(&["--ports", "--log", "none"]);
    let control = program.url("control");
    let shared = control.strip_suffix("/_control/openapi.yaml").unwrap();
    let state = answer(client().get(format!("{shared}/_control/state"))).await.1;
    let mut origins = vec![shared.to_owned()];
    for (provider, path) in [
        ("haptik", "/v1.0/user/"),
        ("original", "/v1/user"),
        ("streambird", "/v1/auth/users/create"),
        ("digipay", "/digipay/v3/auth/user_register"),
    ] {
        let base_url = program.url(provider);
        assert_eq!(state["providers"][provider]["base_url"], json!(base_url));
        let origin = base_url.strip_suffix("/v1").unwrap_or(&base_url).to_owned();
        // The same operation is there at both addresses: without credentials, both refuse it alike.
        let own = answer(client().post(format!("{origin}{path}"))).await;
        let common = answer(client().post(format!("{shared}/{provider}{path}"))).await;
        assert_eq!((own.0, &own), (401, &common), "{provider}");
        // The port has this provider only, and the control of all.
        assert_eq!(client().post(format!("{origin}/{provider}{path}")).send().await.unwrap().status(), 404);
        let (status, health) = answer(client().get(format!("{origin}/_health"))).await;
        assert_eq!((status, &health["status"]), (200, &json!("ok")), "{provider}");
        origins.push(origin);
    }
    origins.sort();
    origins.dedup();
    assert_eq!(origins.len(), 5, "{origins:?}");
    assert_eq!(answer(client().get(format!("{shared}/_health"))).await.0, 200);
}

#[tokio::test]
async fn every_request_is_a_line_of_the_log_that_holds_nothing_of_it() {
    let canaries =
        ["4155550177", "canary@example.com", "canary-password", "canary-pin", "canary-id", "canary-q"];
    for (format, is_json) in [("text", false), ("json", true)] {
        let program = Program::start(&["--log", format]);
        let (digipay, original) =
            (program.variable("DIGIPAY_BASE_URL"), program.variable("ORIGINAL_BASE_URL"));
        let haptik = program.variable("HAPTIK_BASE_URL");
        let exchange = client().post(format!("{digipay}/digipay/v3/auth/authenticate")).basic_auth(
            program.variable("DIGIPAY_CLIENT_ID"),
            Some(program.variable("DIGIPAY_CLIENT_SECRET")),
        );
        let token = answer(exchange).await.1["data"]["access_token"].as_str().unwrap().to_owned();
        let register = client()
            .post(format!("{digipay}/digipay/v3/auth/user_register"))
            .header("authorization", format!("Token {token}"))
            .header("companyid", program.variable("DIGIPAY_COMPANY_ID"))
            .json(&json!({
                "phone_number": canaries[0], "email": canaries[1], "password": canaries[2], "login_pin": canaries[3],
            }));
        assert_eq!(answer(register).await.1["success"], 1);
        for url in [
            format!("{original}/user/canary-id"),
            format!("{original}/user?email=canary%40example.com&x=canary-q"),
            format!("{haptik}/canary-id?canary-q"),
            format!("{haptik}/v1.0/user/?canary-q"),
            format!("{}/canary-id", haptik.strip_suffix("/haptik").unwrap()),
        ] {
            client().get(url).header("x-canary", "canary-q").send().await.unwrap();
        }
        let secrets = [program.variable("DIGIPAY_CLIENT_SECRET"), program.variable("HAPTIK_TOKEN"), token];
        let (status, log) = program.terminate();
        assert!(status.success());
        for planted in canaries.into_iter().chain(secrets.iter().map(String::as_str)) {
            assert!(!log.contains(planted), "{planted} in {log}");
        }

        let lines: Vec<_> = log.lines().collect();
        assert_eq!(lines.len(), 7, "{log}");
        if is_json {
            let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
            let said: Vec<_> = lines
                .iter()
                .map(|line| (&line["provider"], &line["operation"], &line["http.response.status_code"]))
                .collect();
            let none = Value::Null;
            let expected = [
                (&json!("digipay"), &json!("authenticate"), &json!(200)),
                (&json!("digipay"), &json!("userRegister"), &json!(200)),
                (&json!("original"), &json!("getUser"), &json!(401)),
                (&json!("original"), &json!("findUser"), &json!(401)),
                (&json!("haptik"), &none, &json!(404)),
                (&json!("haptik"), &none, &json!(405)),
                (&none, &none, &json!(404)),
            ];
            assert_eq!(said, expected);
        } else {
            assert!(lines[1].contains("operation=\"userRegister\" http.response.status_code=200"), "{log}");
            assert!(!log.contains('\u{1b}'), "{log}");
        }
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_told_in_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for arguments in [["--port", &port], ["--ports", &port]] {
        let output = command(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty(), "{output:?}");
        let error = String::from_utf8(output.stderr).unwrap();
        let told = format!("enroll-sandbox: cannot listen on 127.0.0.1:{port} (");
        assert!(error.starts_with(&told) && error.lines().count() == 1, "{error}");
        assert!(error.contains("choose another port") && !error.contains("Os {"), "{error}");
    }
}

#[tokio::test]
async fn the_choices_that_are_made_at_the_start_hold() {
    let script = || {
        let program =
            Program::start(&["--seed", "7", "--capacity", "1", "--wallet-after", "0", "--log", "none"]);
        let script = program.script.clone();
        (program, script)
    };
    let ((program, one), (other, again)) = (script(), script());
    let credentials = |script: &str| -> Vec<String> {
        let variables =
            script.lines().filter(|line| line.starts_with("export ") && !line.contains("_BASE_URL"));
        variables.map(str::to_owned).collect()
    };
    assert_eq!(credentials(&one), credentials(&again));
    assert!(credentials(&one).len() >= 8);
    assert!(other.terminate().0.success());

    for name in ["first", "second"] {
        let create = client()
            .post(format!("{}/v1.0/user/", program.variable("HAPTIK_BASE_URL")))
            .bearer_auth(program.variable("HAPTIK_TOKEN"))
            .header("client-id", program.variable("HAPTIK_CLIENT_ID"))
            .json(&json!({ "auth_id": name }));
        assert_eq!(answer(create).await.0, 200);
    }
    let state = program.url("control").replace("openapi.yaml", "state");
    let haptik = answer(client().get(state)).await.1["providers"]["haptik"].clone();
    assert_eq!((&haptik["evicted"], &haptik["users"][0]["auth_id"]), (&json!(1), &json!("second")));
    assert_eq!(program.terminate().0.code(), Some(0));
}
