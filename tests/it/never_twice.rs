//! "It never creates an account twice": what becomes of every create call under every failure of the network, counted
//! at the provider and not at the client.

mod crowd;
mod ensure;
mod proxy;
mod random;
mod spoilt;
mod table;
mod wallet;
mod world;
