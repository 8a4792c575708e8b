//! SM3 (GB/T 32905), HMAC-SM3 (GB/T 15852.2) and PBKDF2-HMAC-SM3 (GM/T 0091).

use ::sm3::digest::Digest as _;
use hmac::{Hmac, KeyInit as _, Mac as _};

/// Length of a digest in bytes.
pub const LENGTH: usize = 32;

/// An SM3 digest.
pub type Digest = [u8; LENGTH];

/// The implementation itself, for libraries that take any hash of the RustCrypto traits.
pub type Implementation = ::sm3::Sm3;

/// SM3 over a message that arrives in pieces.
#[derive(Clone, Default)]
pub struct Sm3(::sm3::Sm3);

impl Sm3 {
    /// Starts an empty message.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends `data` to the message.
    pub fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    /// Appends `data` and hands the hasher on.
    #[must_use]
    pub fn chain(mut self, data: &[u8]) -> Self {
        self.update(data);
        self
    }

    /// Ends the message.
    pub fn finalize(self) -> Digest {
        self.0.finalize().into()
    }
}

impl core::fmt::Debug for Sm3 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Sm3(..)")
    }
}

/// SM3 of a whole message.
pub fn digest(data: &[u8]) -> Digest {
    Sm3::new().chain(data).finalize()
}

/// HMAC-SM3 over a message that arrives in pieces.
#[derive(Clone)]
pub struct HmacSm3(Hmac<::sm3::Sm3>);

impl HmacSm3 {
    /// Starts an empty message under `key`, which may have any length.
    pub fn new(key: &[u8]) -> Self {
        // A key of any length is accepted: longer ones are hashed first (RFC 2104 section 2).
        #[allow(clippy::unwrap_used)]
        Self(Hmac::new_from_slice(key).unwrap())
    }

    /// Appends `data` and hands the state on.
    #[must_use]
    pub fn chain(mut self, data: &[u8]) -> Self {
        self.0.update(data);
        self
    }

    /// Ends the message.
    pub fn finalize(self) -> Digest {
        self.0.finalize().into_bytes().into()
    }

    /// Ends the message and compares with `tag` in constant time.
    #[must_use]
    pub fn verify(self, tag: &[u8]) -> bool {
        self.0.verify_slice(tag).is_ok()
    }
}

impl core::fmt::Debug for HmacSm3 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("HmacSm3(..)")
    }
}

/// HMAC-SM3 of a whole message.
pub fn hmac(key: &[u8], data: &[u8]) -> Digest {
    HmacSm3::new(key).chain(data).finalize()
}

/// PBKDF2 with HMAC-SM3 as its pseudo-random function (GM/T 0091 clause 6.2; RFC 8018 section 5.2).
pub fn pbkdf2(password: &[u8], salt: &[u8], rounds: u32, out: &mut [u8]) {
    pbkdf2::pbkdf2_hmac::<::sm3::Sm3>(password, salt, rounds, out);
}
