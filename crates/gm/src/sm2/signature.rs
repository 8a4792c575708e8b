//! `SM2Signature ::= SEQUENCE { R INTEGER, S INTEGER }` (GB/T 35276 clause 7.3) and the raw form r||s.

use crate::{Error, Result, curve::Scalar};
use der::{Decode as _, Encode as _, Sequence, asn1::UintRef};

/// A signature (r, s), both in [1, n-1].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    r: [u8; 32],
    s: [u8; 32],
}

#[derive(Sequence)]
struct Sm2Signature<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

impl Signature {
    /// Takes two scalars, neither zero.
    pub fn from_scalars(r: &Scalar, s: &Scalar) -> Result<Self> {
        if bool::from(r.is_zero()) || bool::from(s.is_zero()) {
            return Err(Error::SignatureEncoding);
        }
        Ok(Self { r: r.to_bytes(), s: s.to_bytes() })
    }

    /// Decodes r||s, 64 bytes.
    pub fn from_raw(bytes: &[u8]) -> Result<Self> {
        if bytes.len() != 64 {
            return Err(Error::SignatureEncoding);
        }
        let scalar = |part| Scalar::from_slice(part).map_err(|_| Error::SignatureEncoding);
        Self::from_scalars(&scalar(&bytes[..32])?, &scalar(&bytes[32..])?)
    }

    /// r||s, 64 bytes.
    pub fn to_raw(&self) -> [u8; 64] {
        let mut out = [0; 64];
        out[..32].copy_from_slice(&self.r);
        out[32..].copy_from_slice(&self.s);
        out
    }

    /// Decodes DER, strictly: shortest lengths, no leading zeros, nothing after it.
    pub fn from_der(bytes: &[u8]) -> Result<Self> {
        let parsed = Sm2Signature::from_der(bytes).map_err(|_| Error::SignatureEncoding)?;
        let mut raw = [0; 64];
        pad(parsed.r, &mut raw[..32])?;
        pad(parsed.s, &mut raw[32..])?;
        Self::from_raw(&raw)
    }

    /// DER.
    pub fn to_der(&self) -> Vec<u8> {
        // Two INTEGERs of at most 33 bytes always fit.
        #[allow(clippy::unwrap_used)]
        let encode = |part| UintRef::new(part).unwrap();
        let sequence = Sm2Signature { r: encode(&self.r), s: encode(&self.s) };
        #[allow(clippy::unwrap_used)] // Encoding to memory cannot fail for these lengths.
        sequence.to_der().unwrap()
    }

    /// r, 32 bytes big-endian.
    pub fn r(&self) -> &[u8; 32] {
        &self.r
    }

    /// s, 32 bytes big-endian.
    pub fn s(&self) -> &[u8; 32] {
        &self.s
    }

    /// (r, s) as scalars.
    pub fn scalars(&self) -> (Scalar, Scalar) {
        // Both were in range when the signature was made; reducing changes nothing.
        (Scalar::reduce(&self.r), Scalar::reduce(&self.s))
    }
}

/// Right-aligns an INTEGER in a field of fixed width.
pub(super) fn pad(value: UintRef<'_>, out: &mut [u8]) -> Result<()> {
    let bytes = value.as_bytes();
    let start = out.len().checked_sub(bytes.len()).ok_or(Error::SignatureEncoding)?;
    out[start..].copy_from_slice(bytes);
    Ok(())
}

impl core::fmt::Debug for Signature {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Signature(")?;
        for byte in self.to_raw() {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}
