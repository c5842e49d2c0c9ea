//! What Streambird keeps of a user, and how it is answered.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::redact::Redacted;
use crate::table::{Key, Record};

/// A user as Streambird keeps it. `Debug` shows ids and times, and not what they belong to.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct User {
    /// `user_` and 27 letters or digits.
    pub user_id: String,
    /// The app that the user belongs to.
    pub app_id: String,
    /// `active` or `pending`.
    pub status: String,
    /// Empty if none was given.
    pub first_name: String,
    /// Empty if none was given.
    pub middle_name: String,
    /// Empty if none was given.
    pub last_name: String,
    /// E-mail addresses, in the order in which they were attached.
    pub emails: Vec<Identifier>,
    /// Phone numbers in E.164, in the order in which they were attached.
    pub phone_numbers: Vec<Identifier>,
    /// Wallets, at most one of a type.
    pub wallets: Vec<Wallet>,
    /// The caller's own data.
    pub metadata: Map<String, Value>,
    /// In epoch seconds.
    pub created_at: i64,
    /// In epoch seconds.
    pub updated_at: i64,
}

impl Record for User {
    fn keys(&self) -> Vec<Key> {
        let identifiers = |kind, id_kind, identifiers: &[Identifier]| -> Vec<Key> {
            let keys = identifiers.iter().map(|it| [(kind, it.value.clone()), (id_kind, it.id.clone())]);
            keys.flatten().collect()
        };
        let mut keys = vec![("user_id", self.user_id.clone())];
        keys.extend(identifiers("email", "email_id", &self.emails));
        keys.extend(identifiers("phone_number", "phone_number_id", &self.phone_numbers));
        keys.extend(self.wallets.iter().map(|wallet| ("wallet_id", wallet.id.clone())));
        keys
    }
}

impl User {
    /// The wallet on the blockchain of this type, whichever way that is spelt.
    pub(super) fn wallet_of(&self, wallet_type: &str) -> Option<&Wallet> {
        self.wallets.iter().find(|wallet| chain(&wallet.wallet_type) == chain(wallet_type))
    }

    pub(super) fn to_json(&self) -> Value {
        json!({
            "user_id": self.user_id,
            "app_id": self.app_id,
            "status": self.status,
            "first_name": self.first_name,
            "middle_name": self.middle_name,
            "last_name": self.last_name,
            "active": self.status == "active",
            "emails": self.emails.iter().map(|email| email.to_json("email")).collect::<Vec<_>>(),
            "phone_numbers": self.phone_numbers.iter().map(|it| it.to_json("phone_number")).collect::<Vec<_>>(),
            "wallets": self.wallets.iter().map(|wallet| wallet.to_json(self)).collect::<Vec<_>>(),
            "idp_providers": [],
            "totps": [],
            "webauthn_credentials": [],
            "metadata": self.metadata,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("user_id", &self.user_id)
            .field("app_id", &self.app_id)
            .field("status", &self.status)
            .field("first_name", &Redacted::Personal)
            .field("middle_name", &Redacted::Personal)
            .field("last_name", &Redacted::Personal)
            .field("emails", &self.emails)
            .field("phone_numbers", &self.phone_numbers)
            .field("wallets", &self.wallets)
            .field("metadata", &Redacted::Personal)
            .field("created_at", &self.created_at)
            .field("updated_at", &self.updated_at)
            .finish()
    }
}

/// An e-mail address or a phone number that is attached to a user.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identifier {
    /// `email_` or `pn_`, and 27 letters or digits.
    pub id: String,
    /// The address or the number itself.
    pub value: String,
    /// Whether the user has proved that it is theirs.
    pub verified: bool,
    /// In epoch seconds.
    pub created_at: i64,
    /// In epoch seconds.
    pub updated_at: i64,
}

impl Identifier {
    /// The identifier as an object that has the address or number under this name.
    pub(super) fn to_json(&self, name: &str) -> Value {
        json!({
            "id": self.id,
            name: self.value,
            "verified": self.verified,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identifier")
            .field("id", &self.id)
            .field("value", &Redacted::Personal)
            .field("verified", &self.verified)
            .finish_non_exhaustive()
    }
}

/// A wallet of a user, made by the provider.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wallet {
    /// `wallet_` and 27 letters or digits.
    pub id: String,
    /// The blockchain, as the request that made the wallet spelt it.
    pub wallet_type: String,
    /// A made-up address.
    pub public_address: String,
    /// In epoch seconds.
    pub created_at: i64,
    /// In epoch seconds.
    pub updated_at: i64,
}

impl Wallet {
    pub(super) fn to_json(&self, user: &User) -> Value {
        json!({
            "id": self.id,
            "app_id": user.app_id,
            "user_id": user.user_id,
            "public_address": self.public_address,
            "wallet_type": self.wallet_type,
            "is_default": true,
            "verified": true,
            "is_read_only": false,
            "is_imported": false,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        })
    }
}

impl fmt::Debug for Wallet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wallet")
            .field("id", &self.id)
            .field("wallet_type", &self.wallet_type)
            .field("public_address", &Redacted::Personal)
            .finish_non_exhaustive()
    }
}

/// The blockchain of a wallet type; the older and the newer reference spell three of them differently.
pub(super) fn chain(wallet_type: &str) -> &str {
    match wallet_type {
        "ethereum" => "ETH",
        "solana" => "SOL",
        "bitcoin" => "BTC",
        other => other,
    }
}
