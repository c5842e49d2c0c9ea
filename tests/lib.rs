//! Nothing: the tests are in `it/`. Cargo wants a target beside them.
