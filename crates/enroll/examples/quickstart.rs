//! Creates one user at each provider and prints what came back.
//!
//! Without arguments it starts the embedded sandbox and calls that: no credentials, no network. With `--from-env` it
//! calls what the environment names, for example a sandbox that runs by itself.

use std::error::Error;
use std::time::{Duration, Instant};

use enroll::{Clients, Config, StatusCode};
use enroll_sandbox::Sandbox;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let from_env = std::env::args().any(|argument| argument == "--from-env");
    // The sandbox lives as long as this variable.
    let sandbox = if from_env { None } else { Some(Sandbox::start().await?) };
    let config = match &sandbox {
        Some(sandbox) => sandbox.config(),
        None => Config::from_env(),
    };
    create_users(&config.build()?).await
}

/// What a sign-up handler does: the same person, at four services.
async fn create_users(clients: &Clients) -> Result<(), Box<dyn Error>> {
    println!("{:<12}{:<34}{:<22}time", "provider", "user", "status");

    let start = Instant::now();
    let user = clients
        .haptik()?
        .create_user()
        .auth_id("member-42")
        .name("Ada Lovelace")
        .email("ada@example.com")
        .mobile_no("+14155550123")
        .send()
        .await?;
    row("haptik", &user.auth_id, user.status(), start.elapsed());

    let start = Instant::now();
    let user = clients
        .original()?
        .create_user()
        .user_external_id("member-42")
        .email("ada@example.com")
        .send()
        .await?;
    row("original", &user.data.uid, user.status(), start.elapsed());

    let start = Instant::now();
    let user = clients
        .streambird()?
        .create_user()
        .email("ada@example.com")
        .phone_number("+14155550123")
        .first_name("Ada")
        .last_name("Lovelace")
        .wallet_type("ETH")
        .send()
        .await?;
    row("streambird", &user.user_id, user.status(), start.elapsed());

    let start = Instant::now();
    let user = clients
        .digipay()?
        .user_register()
        .dial_code("+1")
        .phone_number("4155550123")
        .user_type(2)
        .first_name("Ada")
        .last_name("Lovelace")
        .email("ada@example.com")
        .password("correct horse battery staple")
        .login_pin("4711")
        .transaction_pin("1174")
        .send()
        .await?;
    row("digipay", &user.data.user_id, user.status(), start.elapsed());
    Ok(())
}

fn row(provider: &str, user: &str, status: StatusCode, time: Duration) {
    println!("{provider:<12}{user:<34}{:<22}{:.1} ms", status.to_string(), time.as_secs_f64() * 1000.0);
}
