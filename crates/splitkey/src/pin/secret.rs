//! What the user types, and what the phone adds to it.

use crate::{Error, Result};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Fewest digits of a PIN.
pub const MIN_DIGITS: usize = 6;
/// Most digits of a PIN.
pub const MAX_DIGITS: usize = 12;

/// A PIN: 6 to 12 digits. Wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Pin(Vec<u8>);

impl Pin {
    /// Takes 6 to 12 ASCII digits. Trivial ones pass here, since they may be a mistyped good one; see [`strength`] for
    /// choosing.
    pub fn new(digits: &str) -> Result<Self> {
        match strength(digits) {
            Strength::Malformed => Err(Error::Pin),
            Strength::Trivial | Strength::Ok => Ok(Self(digits.as_bytes().to_vec())),
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl core::fmt::Debug for Pin {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Pin(..)")
    }
}

/// Whether a PIN may be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// Yes.
    Ok,
    /// Not 6 to 12 digits.
    Malformed,
    /// Among the first that a thief tries: one step repeated (000000, 123456, 987654, 135791), one short block repeated
    /// (121212, 123123), or every digit doubled (112233).
    Trivial,
}

/// Judges a PIN that somebody wants to choose. Five guesses must not be enough.
pub fn strength(digits: &str) -> Strength {
    let digits = digits.as_bytes();
    if !(MIN_DIGITS..=MAX_DIGITS).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return Strength::Malformed;
    }
    let step = |pair: &[u8]| (10 + pair[1] - pair[0]) % 10;
    let one_step = digits.windows(2).all(|pair| step(pair) == step(digits));
    let repeated = (1..=digits.len() / 2).any(|block| digits.iter().zip(&digits[block..]).all(|(a, b)| a == b));
    let doubled = digits.chunks(2).all(|pair| pair.len() == 2 && pair[0] == pair[1]);
    if one_step || repeated || doubled { Strength::Trivial } else { Strength::Ok }
}

/// `K_dev`: 32 bytes that only this device can produce. Natively they come out of the key store; in a browser they lie
/// encrypted under a key that cannot be exported.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DeviceSecret(pub [u8; 32]);

impl DeviceSecret {
    /// A new random one.
    pub fn random() -> Result<Self> {
        Ok(Self(*gm::random::secret()?))
    }
}

impl core::fmt::Debug for DeviceSecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("DeviceSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_that_a_thief_tries_first_may_not_be_chosen() {
        for pin in ["000000", "123456", "654321", "135791", "890123", "121212", "123123", "112233", "12341234"] {
            assert_eq!(strength(pin), Strength::Trivial, "{pin}");
        }
        for pin in ["135790", "864209", "246813", "112358", "19491001", "100000"] {
            assert_eq!(strength(pin), Strength::Ok, "{pin}");
        }
    }

    #[test]
    fn what_is_not_six_to_twelve_digits_is_no_pin() {
        for pin in ["", "12345", "1234567890123", "12345a", "１２３４５６", "123 456"] {
            assert_eq!(strength(pin), Strength::Malformed, "{pin}");
            assert_eq!(Pin::new(pin).unwrap_err(), Error::Pin);
        }
        Pin::new("111111").unwrap();
    }
}
