//! Types of wallets: both spellings of the documentation and those to come, as text and as the enum.

use enroll::httpmock::MockServer;
use enroll::streambird::mock::MockServerExt;
use enroll::streambird::types::{self, WalletType};

use super::{USER, client, sandbox};

/// The five of the first page, and the later reference's names for three of them.
const DOCUMENTED: [(&str, WalletType); 8] = [
    ("ETH", WalletType::Eth),
    ("SOL", WalletType::Sol),
    ("BTC", WalletType::Btc),
    ("DOT", WalletType::Dot),
    ("XLM", WalletType::Xlm),
    ("ethereum", WalletType::Ethereum),
    ("solana", WalletType::Solana),
    ("bitcoin", WalletType::Bitcoin),
];

/// Sends a type as text and as the enum, and reads it back.
async fn assert_round_trip(text: &str, wallet_type: WalletType) {
    assert_eq!(wallet_type.as_str(), text);
    assert_eq!(wallet_type.to_string(), text);
    let server = MockServer::start_async().await;
    let create = server.mock(|when, then| {
        when.method("POST")
            .path("/v1/wallets/create")
            .json_body(serde_json::json!({"wallet_type": text, "user_id": USER}));
        then.status(200).json_body(serde_json::json!({"id": "wallet_fake", "wallet_type": text}));
    });
    let call = client(server.base_url()).create_wallet().user_id(USER);
    let by_text = call.clone().wallet_type(text).send().await.unwrap();
    let by_value = call.wallet_type(wallet_type.clone()).send().await.unwrap();
    create.assert_calls_async(2).await;
    assert_eq!(by_text.wallet_type.as_ref(), Some(&wallet_type));
    assert_eq!(*by_text, *by_value);
}

#[tokio::test]
async fn every_documented_type_round_trips() {
    for (text, wallet_type) in DOCUMENTED {
        assert_round_trip(text, wallet_type).await;
    }
}

#[tokio::test]
async fn a_type_that_is_not_documented_round_trips() {
    for text in ["DOGE", "eth", "Ethereum", "", "a b"] {
        assert!(matches!(WalletType::from(text), WalletType::Unknown(_)));
        assert_round_trip(text, WalletType::from(text)).await;
    }
}

#[tokio::test]
async fn a_type_that_was_read_can_be_sent_again() {
    let server = MockServer::start_async().await;
    server.get_wallet(|_, then| {
        then.ok(&types::Wallet::new("wallet_fake").with_wallet_type("DOGE"));
    });
    let create = server.create_user(|when, then| {
        let request = types::CreateUserRequest::new().with_email("ada@example.com").with_wallet_type("DOGE");
        when.body(&request);
        then.ok(&types::CreateUserResponse::new(USER));
    });
    let client = client(server.base_url());
    let wallet = client.get_wallet().wallet_id("wallet_fake").send().await.unwrap().into_inner();
    client.create_user().email("ada@example.com").wallet_type(wallet.wallet_type).send().await.unwrap();
    create.assert_async().await;
}

#[tokio::test]
async fn a_user_gets_the_wallet_that_was_asked_for() {
    let (sandbox, client) = sandbox().await;
    for (index, (text, wallet_type)) in DOCUMENTED.into_iter().enumerate() {
        client
            .create_user()
            .email(format!("{index}@example.com"))
            .wallet_type(wallet_type)
            .send()
            .await
            .unwrap();
        let users = sandbox.streambird().users();
        let wallets: Vec<_> = users[index].wallets.iter().map(|wallet| wallet.wallet_type.as_str()).collect();
        assert_eq!(wallets, [text]);
    }
}
