//! The phone's half of Guiqian: the split-key protocol's phone role, what a phone computes itself of a document, and
//! both exported to the web app through WebAssembly.
//!
//! | module | what |
//! |---|---|
//! | [`KeyGeneration`] | a new key, made with the server and hidden under a PIN |
//! | [`Preparation`], [`Signing`] | a signature |
//! | [`Delivery`], [`Decryption`] | the encryption keys: taken in, used |
//! | [`Refresh`], [`EpochQuestion`], [`MaskRequest`] | another PIN, or a forgotten one |
//! | [`pdf`] | the digest of a prepared PDF |
//! | `wasm` | the JavaScript face, in WebAssembly builds only |
//!
//! Storage, the device key and the network are the caller's: in the web app `web/shared/src/device`.

mod decryption;
mod delivery;
mod error;
mod exchange;
mod generation;
mod refresh;
mod signing;

pub mod pdf;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

pub use decryption::Decryption;
pub use delivery::Delivery;
pub use error::{Error, Result};
pub use exchange::Route;
pub use generation::KeyGeneration;
pub use refresh::{EpochQuestion, MaskRequest, Opener, Refresh};
pub use signing::{Preparation, Signing, Task};
