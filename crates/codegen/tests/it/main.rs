//! The generator as a build script uses it: what it refuses and in which words, and what it makes of the real specs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod finds;
mod mutate;
mod specs;
mod strict;
mod support;
mod surface;
