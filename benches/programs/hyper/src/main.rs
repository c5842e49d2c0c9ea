//! A program that creates one user: what is built, and whose size is taken.

mod client;

use client::{CreateUser, Haptik};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let variable = std::env::var;
    let haptik = Haptik::new(
        &variable("HAPTIK_BASE_URL")?,
        &variable("HAPTIK_TOKEN")?,
        &variable("HAPTIK_CLIENT_ID")?,
    )?;
    let user = CreateUser {
        auth_id: "ada1815",
        mobile_no: "+14155550123",
        email: "ada@example.com",
        name: "Ada Lovelace",
        language_code: "en",
    };
    let user = haptik.create_user(&user).await?;
    println!("created {}", user.auth_id);
    Ok(())
}
