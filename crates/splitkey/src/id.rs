//! Identifiers and the clone token.

use gm::random;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A 16-byte identifier; the server makes them as UUID version 7. Not secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Id(pub [u8; 16]);

impl Id {
    /// "None": the key of a key generation, the session of an operation outside one.
    pub const ZERO: Self = Self([0; 16]);

    /// A random identifier, for requests.
    pub fn random() -> crate::Result<Self> {
        Ok(Self(random::bytes()?))
    }
}

impl core::fmt::Debug for Id {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The clone token: a fresh random value that each successful operation replaces. Two phones that hold the same share
/// cannot both know the current one.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Token(pub [u8; 32]);

impl Token {
    /// What a request carries before there is a token.
    pub const NONE: Self = Self([0; 32]);

    /// A fresh token.
    pub fn random() -> crate::Result<Self> {
        Ok(Self(random::bytes()?))
    }

    /// SM3 of the token: what the server stores in its stead.
    pub fn digest(&self) -> gm::sm3::Digest {
        gm::sm3::digest(&self.0)
    }
}

impl core::fmt::Debug for Token {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Token(..)")
    }
}
