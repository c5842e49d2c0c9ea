//! Everything that an error says, provoked: by the embedded sandbox, by a port at which nobody listens, and by a server
//! that misbehaves.
//!
//! It needs no credentials and no network. What it prints is what a person would read in a log.

use std::error::Error as StdError;
use std::fmt::Debug;
use std::time::Duration;

use enroll::{Delivery, Error, HttpOptions, Retry, haptik, original};
use enroll_sandbox::Sandbox;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn StdError>> {
    by_the_sandbox(&Sandbox::start().await?).await?;
    by_the_network().await
}

/// What one does about an error, where there is no time for more. The order matters: what may have been done comes
/// first.
fn decide<E>(error: &Error<E>) -> String {
    match error.delivery() {
        Delivery::Accepted => format!("keep {:?}: the account was made", error.created_id()),
        Delivery::Unknown => "look before sending it again: the account may be there".to_owned(),
        _ if error.is_existing() => "log in instead: the account was there before".to_owned(),
        _ if error.is_denied() => "page us: our credentials are at fault".to_owned(),
        _ if error.is_throttled() => format!("come back in {:?}", error.retry_after()),
        _ if error.is_invalid_request() => format!("correct {} fields", error.problems().len()),
        _ if error.is_connect() => "try again: nothing was sent".to_owned(),
        _ => "show it to the customer: the provider said no".to_owned(),
    }
}

/// Prints what a person reads, and then everything that a program can ask.
fn explain<T, E: Debug>(what: &str, result: Result<T, Error<E>>) {
    let Err(error) = result else { return println!("{what}: nothing went wrong") };
    println!("{what}\n  {error}");
    // The causes say nothing that `Display` has said, and nothing private either.
    let mut cause = error.source();
    while let Some(error) = cause {
        println!("    because {error}");
        cause = error.source();
    }
    println!("  decision:   {}", decide(&error));
    println!("  delivery:   {:?}", error.delivery());
    let predicates = [
        ("invalid request", error.is_invalid_request()),
        ("connect", error.is_connect()),
        ("time-out", error.is_timeout()),
        ("rejected", error.is_rejected()),
        ("denied", error.is_denied()),
        ("throttled", error.is_throttled()),
        ("existing", error.is_existing()),
        ("unreadable", error.is_unreadable()),
        ("in doubt", error.is_in_doubt()),
    ];
    let hold: Vec<_> = predicates.iter().filter(|(_, holds)| *holds).map(|(name, _)| *name).collect();
    println!(
        "  it is:      {}",
        if hold.is_empty() { "none of the kinds".to_owned() } else { hold.join(", ") }
    );
    println!("  operation:  {}, a repeat of which is {:?}", error.operation(), error.operation().replay);
    for problem in error.problems() {
        println!("  problem:    {problem}");
    }
    for attempt in error.attempts() {
        println!("  attempt {}:  {:?}, status {:?}", attempt.number, attempt.delivery, attempt.status);
    }
    if let Some(status) = error.status() {
        // Headers and bytes may hold what is private: a program may look at them, a log may not.
        let (headers, bytes) = (error.headers().len(), error.raw_body().len());
        println!("  answer:     {status}, {headers} headers, {bytes} bytes");
    }
    if let Some(wait) = error.retry_after() {
        println!("  come back:  in {wait:?}");
    }
    if let Some(id) = error.created_id() {
        println!("  created:    {id}");
    }
    // The provider's own words, typed. Its `Debug` hides what is private.
    if let Some(body) = error.into_body() {
        println!("  body:       {body:?}");
    }
    println!();
}

async fn by_the_sandbox(sandbox: &Sandbox) -> Result<(), Box<dyn StdError>> {
    let clients = sandbox.config().build()?;

    let without_keys = clients.streambird()?.create_user().first_name("Ada").header("no name", "1");
    explain("two things wrong with the request", without_keys.send().await);

    explain(
        "an address that the provider refuses",
        clients.streambird()?.create_user().email("ada").send().await,
    );

    let stranger = haptik::Client::builder()
        .token("fake-token")
        .client_id("fake-client")
        .base_url(sandbox.haptik().base_url())
        .http(HttpOptions::default().with_no_proxy())
        .build()?;
    explain("credentials that are not accepted", stranger.create_user().auth_id("member-42").send().await);

    let create = clients.original()?.create_user().user_external_id("member-42");
    create.clone().send().await?;
    explain("an external id that is taken", create.send().await);

    let register = clients.digipay()?.user_register().dial_code("+1").phone_number("4155550123");
    register.clone().send().await?;
    explain("a failure inside a success", register.send().await);
    Ok(())
}

async fn by_the_network() -> Result<(), Box<dyn StdError>> {
    let unused = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    let nobody = client(format!("http://{unused}"))?;
    explain("nobody listens", nobody.create_user().user_external_id("member-42").send().await);

    for (what, answer) in [
        ("too many calls", "HTTP/1.1 429 Too Many Requests\r\nretry-after: 120\r\ncontent-length: 0\r\n\r\n"),
        ("a gateway's page", "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 15\r\n\r\n<h1>sorry</h1>\r\n"),
        (
            "a success that breaks off",
            "HTTP/1.1 201 Created\r\ncontent-length: 900\r\n\r\n{\"data\": {\"uid\": \"2716",
        ),
        (
            "a success of another shape",
            "HTTP/1.1 201 Created\r\ncontent-length: 28\r\n\r\n{\"data\": {\"uid\": \"2716\"}}   ",
        ),
        ("a connection that breaks", ""),
    ] {
        let create = client(server(answer).await?)?.create_user().user_external_id("member-42");
        explain(what, create.send().await);
    }

    let silent = TcpListener::bind("127.0.0.1:0").await?;
    let create = client(format!("http://{}", silent.local_addr()?))?.create_user();
    explain("no answer in time", create.deadline(Duration::from_millis(50)).send().await);
    Ok(())
}

/// A client that is quick to repeat, so that this example is quick.
fn client(base_url: String) -> Result<original::Client, enroll::ConfigError> {
    let retry = Retry::default().with_base_backoff(Duration::from_millis(1));
    original::Client::builder()
        .api_key("fake-key")
        .api_secret("fake-secret")
        .base_url(base_url)
        .http(HttpOptions::default().with_no_proxy().with_retry(retry))
        .build()
}

/// A server that answers every request with these bytes and hangs up.
async fn server(answer: &'static str) -> Result<String, std::io::Error> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // The requests are short, and come in one piece. What becomes of the connection is the client's to see.
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    Ok(format!("http://{address}"))
}
