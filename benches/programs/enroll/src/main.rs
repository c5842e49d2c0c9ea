//! A program that creates one user: what is built, and whose size is taken.

use enroll::haptik::Client;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let haptik = Client::from_env()?;
    let user = haptik
        .create_user()
        .auth_id("ada1815")
        .mobile_no("+14155550123")
        .email("ada@example.com")
        .name("Ada Lovelace")
        .language_code("en")
        .send()
        .await?;
    println!("created {}", user.auth_id);
    Ok(())
}
