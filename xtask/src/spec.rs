//! `cargo xtask spec …`: what can be asked about the hand-written documents in specs/.

#[cfg(test)]
mod mutations;
