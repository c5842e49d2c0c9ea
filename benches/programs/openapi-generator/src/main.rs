//! A program that creates one user: what is built, and whose size is taken.

mod client;

use haptik_openapi_generator::apis::users_api::create_user;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let variable = std::env::var;
    let haptik = client::configuration(
        &variable("HAPTIK_BASE_URL")?,
        &variable("HAPTIK_TOKEN")?,
        &variable("HAPTIK_CLIENT_ID")?,
    )?;
    let request = client::request("ada1815", "+14155550123", "ada@example.com", "Ada Lovelace", "en");
    println!("created {}", create_user(&haptik, request).await?.auth_id);
    Ok(())
}
