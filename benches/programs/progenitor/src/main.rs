//! A program that creates one user: what is built, and whose size is taken.

mod client;

use client::{CreateUserRequest, client};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let variable = std::env::var;
    let haptik =
        client(&variable("HAPTIK_BASE_URL")?, &variable("HAPTIK_TOKEN")?, &variable("HAPTIK_CLIENT_ID")?)?;
    let user = CreateUserRequest {
        auth_id: "ada1815".to_owned(),
        auth_code: None,
        mobile_no: Some("+14155550123".to_owned()),
        email: Some("ada@example.com".to_owned()),
        name: Some("Ada Lovelace".to_owned()),
        language_code: Some("en".to_owned()),
        custom_data: serde_json::Map::new(),
        phone_model: None,
        os_version: None,
        package_name: None,
    };
    println!("created {}", haptik.create_user(&user).await?.into_inner().auth_id);
    Ok(())
}
