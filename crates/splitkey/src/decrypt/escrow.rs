//! What the key management centre hands out when an encryption key is enrolled or recovered.

use super::{PhoneDecryptionShare, ServerDecryptionShare};
use crate::{
    Error, Result,
    codec::{Reader, Writer},
};
use gm::{
    curve::{Element, Point, Scalar},
    sm2::{self, PublicKey, SecretKey},
};
use zeroize::Zeroizing;

/// dE in two summands, with what lets the phone check them.
pub struct EscrowSplit {
    /// For the phone, sealed to its transport key; see [`EscrowSplit::for_phone`].
    a: Scalar,
    b_point: Point,
    /// For the server, under its wrapping key.
    pub server: ServerDecryptionShare,
}

/// Splits dE: a random, b = dE - a.
pub fn split(key: &SecretKey) -> Result<EscrowSplit> {
    let public = key.public_key();
    let a = Scalar::random()?;
    let b = (key.scalar() - &a).nonzero().map_err(|_| Error::Redraw)?;
    let b_point = Point::mul_base(&b).normalize()?;
    Ok(EscrowSplit { a, b_point, server: ServerDecryptionShare { public, b } })
}

impl EscrowSplit {
    /// `enc(a) enc(B)`, SM2-encrypted to the phone's one-time transport key.
    pub fn for_phone(&self, transport: &PublicKey) -> Result<Vec<u8>> {
        let mut plain = Writer::new();
        plain.field(&self.a).field(&self.b_point);
        Ok(sm2::encrypt(transport, plain.as_bytes())?.to_der()?)
    }
}

impl core::fmt::Debug for EscrowSplit {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("EscrowSplit(..)")
    }
}

impl PhoneDecryptionShare {
    /// Opens what [`EscrowSplit::for_phone`] gave and checks aG + B = P_E. B is forgotten here.
    pub fn receive(transport: &SecretKey, sealed: &[u8], public: PublicKey) -> Result<Self> {
        let plain: Zeroizing<Vec<u8>> = sm2::decrypt(transport, &sm2::Ciphertext::from_der(sealed)?)?;
        let mut reader = Reader::new(&plain);
        let (a, b_point): (Scalar, Point) = (reader.field()?, reader.field()?);
        reader.end()?;
        if Point::mul_base(&a) + &b_point != Element::from(public.point()) {
            return Err(Error::Proof);
        }
        Self::new(public, a)
    }
}
