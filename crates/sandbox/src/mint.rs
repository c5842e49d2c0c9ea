//! Fake identifiers and credentials: of no use anywhere else, and different in every sandbox that has no seed.

use std::sync::{Mutex, MutexGuard, PoisonError};

const DIGITS: &[u8; 10] = b"0123456789";
const HEX: &[u8; 16] = b"0123456789abcdef";
const ALPHANUMERIC: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A source of identifiers that do not repeat.
///
/// They protect nothing, so that a generator without cryptography will do.
#[derive(Debug)]
pub(crate) struct Mint {
    random: Mutex<fastrand::Rng>,
}

impl Mint {
    /// Two mints with one seed mint the same.
    pub(crate) fn new(seed: Option<u64>) -> Self {
        let random = seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
        Self { random: Mutex::new(random) }
    }

    /// A mint of its own for one part of the sandbox, so that what the others mint does not matter to it.
    pub(crate) fn fork(&self) -> Self {
        Self { random: Mutex::new(self.lock().fork()) }
    }

    pub(crate) fn digits(&self, length: usize) -> String {
        self.characters(DIGITS, length)
    }

    pub(crate) fn hex(&self, length: usize) -> String {
        self.characters(HEX, length)
    }

    pub(crate) fn alphanumeric(&self, length: usize) -> String {
        self.characters(ALPHANUMERIC, length)
    }

    /// A number from 0 up to 1, which it never is.
    pub(crate) fn fraction(&self) -> f64 {
        self.lock().f64()
    }

    fn characters(&self, alphabet: &[u8], length: usize) -> String {
        let mut random = self.lock();
        (0..length).map(|_| char::from(alphabet[random.usize(..alphabet.len())])).collect()
    }

    fn lock(&self) -> MutexGuard<'_, fastrand::Rng> {
        self.random.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_their_length_and_alphabet_and_differ_between_mints() {
        let mint = Mint::new(None);
        let id = mint.alphanumeric(27);
        assert_eq!(id.len(), 27);
        assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert!(mint.hex(32).bytes().all(|byte| HEX.contains(&byte)));
        assert_ne!(mint.digits(12), mint.digits(12));
        assert_ne!(Mint::new(None).hex(32), Mint::new(None).hex(32));
    }

    #[test]
    fn a_seed_repeats_itself_in_every_part() {
        let minted = |seed| {
            let mint = Mint::new(Some(seed));
            let (first, second) = (mint.fork(), mint.fork());
            [first.hex(8), second.hex(8), mint.hex(8)]
        };
        assert_eq!(minted(7), minted(7));
        assert_ne!(minted(7), minted(8));
    }
}
