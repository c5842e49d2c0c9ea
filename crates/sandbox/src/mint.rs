//! Fake identifiers and credentials: different in every sandbox, and of no use anywhere else.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};

const DIGITS: &[u8; 10] = b"0123456789";
const HEX: &[u8; 16] = b"0123456789abcdef";
const ALPHANUMERIC: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A source of identifiers that do not repeat.
///
/// The standard library seeds every `RandomState` afresh, and hashing a counter with it is random enough for names
/// that protect nothing, so no crate is needed for it.
#[derive(Debug, Default)]
pub(crate) struct Mint {
    seed: RandomState,
    minted: AtomicU64,
}

impl Mint {
    pub(crate) fn digits(&self, length: usize) -> String {
        self.characters(DIGITS, length)
    }

    pub(crate) fn hex(&self, length: usize) -> String {
        self.characters(HEX, length)
    }

    pub(crate) fn alphanumeric(&self, length: usize) -> String {
        self.characters(ALPHANUMERIC, length)
    }

    fn characters(&self, alphabet: &[u8], length: usize) -> String {
        (0..length)
            .map(|_| {
                let number = self.seed.hash_one(self.minted.fetch_add(1, Ordering::Relaxed));
                // The remainder is smaller than the alphabet's length, which fits every integer type.
                char::from(alphabet[(number % alphabet.len() as u64) as usize])
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_their_length_and_alphabet_and_differ_between_mints() {
        let mint = Mint::default();
        let id = mint.alphanumeric(27);
        assert_eq!(id.len(), 27);
        assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert!(mint.hex(32).bytes().all(|byte| HEX.contains(&byte)));
        assert_ne!(mint.digits(12), mint.digits(12));
        assert_ne!(Mint::default().hex(32), Mint::default().hex(32));
    }
}
