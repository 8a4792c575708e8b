//! SM2 (GB/T 32918): key pairs, digital signatures with user identifier, public key encryption.

mod cipher;
mod key;
mod signature;

pub use cipher::{Ciphertext, MAX_PLAINTEXT, decrypt, encrypt, open_shared};
pub use key::{DEFAULT_ID, KeyPair, PublicKey, SecretKey, message_digest, user_digest};
pub use signature::Signature;
