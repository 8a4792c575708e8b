//! The phone's shares at rest (docs/protocol.md, "PIN protection").
//!
//! A share is stored as its difference from a mask that the PIN gives. Every PIN gives a well-formed share, so whoever
//! copies the phone's storage cannot tell the right PIN from a wrong one without asking the server, which counts.

pub(crate) mod mask;
pub(crate) mod sealed;
mod secret;

pub use mask::{Label, ResetMasks, ResetSecret, delivery_digest, open_masks, release_digest, seal_masks};
pub use sealed::{DEFAULT_ROUNDS, MAX_ENCRYPTION_KEYS, ReceivedShare, SealedKey};
pub use secret::{DeviceSecret, Pin, Strength, strength};
