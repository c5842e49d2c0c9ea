//! Open vocabularies, defined by the macro as a provider's crate does it.

use serde_json::json;

enroll_core::open_enum! {
    /// A vocabulary with two known values.
    pub enum Chain {
        /// Ethereum.
        Eth = "ETH",
        /// Solana.
        Sol = "SOL",
    }
}

#[test]
fn known_values_are_variants_and_unknown_ones_are_kept() {
    assert_eq!(serde_json::from_str::<Chain>(r#""ETH""#).unwrap(), Chain::Eth);
    assert_eq!(Chain::from("SOL".to_owned()), Chain::Sol);
    for text in ["eth", "DOGE", "", "a \"quoted\" one"] {
        let value = Chain::from(text);
        let Chain::Unknown(unknown) = &value else { panic!("{text} is not known") };
        assert_eq!(unknown.as_str(), text);
        assert_eq!(value.as_str(), text);
        assert_eq!(value.to_string(), text);
    }
    for value in [Chain::Eth, Chain::Sol, Chain::from("DOGE")] {
        let sent = serde_json::to_string(&value).unwrap();
        assert_eq!(sent, json!(value.as_str()).to_string());
        assert_eq!(serde_json::from_str::<Chain>(&sent).unwrap(), value);
    }
    assert!(serde_json::from_str::<Chain>("7").is_err());
}
