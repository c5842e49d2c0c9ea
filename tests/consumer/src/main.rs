//! Calls one provider from outside the workspace, against a server of ten lines that answers as the provider's page
//! shows.

use std::error::Error;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base_url = format!("http://{}", listener.local_addr()?);
    let server = tokio::spawn(answer(listener));

    let haptik = enroll::haptik::Client::builder()
        .token("fake-token")
        .client_id("fake-client")
        .base_url(base_url)
        .build()?;
    let user = haptik.create_user().auth_id("member-42").name("Ada Lovelace").send().await?;
    assert_eq!(user.auth_id, "member-42");
    println!("created {} at {}", user.auth_id, user.status());

    let request = server.await??;
    assert!(request.starts_with("POST /v1.0/user/ HTTP/1.1\r\n"), "{request}");
    Ok(())
}

async fn answer(listener: TcpListener) -> Result<String, std::io::Error> {
    let (mut stream, _) = listener.accept().await?;
    let mut request = String::new();
    let mut buffer = [0; 4096];
    while !request.ends_with('}') {
        let length = stream.read(&mut buffer).await?;
        request.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
    let body = r#"{"auth_id":"member-42","mobile_no":null,"email":null,"name":"Ada Lovelace"}"#;
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    Ok(request)
}
