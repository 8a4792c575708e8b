//! Serial numbers of certificates.

use crate::{Error, encode};

/// A serial number: positive, at most 20 octets where we make it (RFC 5280 4.1.2.2).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Serial(Vec<u8>);

impl Serial {
    /// A new number of 16 octets, 126 bits of them random.
    ///
    /// # Errors
    /// [`Error::Signer`] if the operating system gives no random numbers.
    pub fn random() -> Result<Self, Error> {
        let mut bytes = gm::random::bytes::<16>().map_err(|cause| Error::Signer(Box::new(cause)))?;
        // 01 in front: always positive and always of the same length.
        bytes[0] = bytes[0] & 0x3f | 0x40;
        Ok(Self(bytes.to_vec()))
    }

    /// From big-endian octets; leading zeros do not count.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes[bytes.iter().take_while(|byte| **byte == 0).count()..].to_vec())
    }

    /// From hexadecimal digits, as the server and the user see them.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for anything but hexadecimal digits.
    pub fn from_hex(text: &str) -> Result<Self, Error> {
        const REFUSED: Error = Error::OutOfRange("a serial number is written in hexadecimal digits");
        let digit = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8).ok_or(REFUSED);
        if text.is_empty() {
            return Err(REFUSED);
        }
        // From the end: the first octet may have one digit only.
        let pairs = text.as_bytes().rchunks(2).rev();
        let bytes: Result<Vec<u8>, _> =
            pairs.map(|pair| pair.iter().try_fold(0, |octet, next| Ok(octet << 4 | digit(*next)?))).collect();
        Ok(Self::from_bytes(&bytes?))
    }

    /// Big-endian octets without leading zeros.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// From the content of an INTEGER; a negative one is refused.
    pub(crate) fn from_integer(content: &[u8]) -> Result<Self, Error> {
        match content.first() {
            Some(first) if *first < 0x80 => Ok(Self::from_bytes(content)),
            _ => Err(Error::Shape("serialNumber: negative or empty")),
        }
    }

    /// DER INTEGER.
    pub(crate) fn to_der(&self) -> Vec<u8> {
        encode::unsigned(&self.0)
    }
}

impl core::fmt::Display for Serial {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl core::fmt::Debug for Serial {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Serial({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_serial_is_positive_of_sixteen_octets_and_not_repeated() {
        let (one, other) = (Serial::random().unwrap(), Serial::random().unwrap());
        assert_ne!(one, other);
        assert_eq!(one.to_der()[..2], [2, 16]);
    }

    #[test]
    fn hexadecimal_goes_there_and_back() {
        let serial = Serial::from_hex("00ab1").unwrap();
        assert_eq!(serial.as_bytes(), [0x0a, 0xb1]);
        assert_eq!(Serial::from_hex(&serial.to_string()).unwrap(), serial);
        assert!(Serial::from_hex("").is_err());
        assert!(Serial::from_hex("+1").is_err());
        assert!(Serial::from_hex("é1").is_err());
    }
}
