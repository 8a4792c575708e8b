//! The two halves of a signing key: `1 + d = y1 y2`, and nobody ever holds d.

use crate::{
    Error, Id, Result,
    decrypt::{PhoneDecryptionShare, ServerDecryptionShare},
};
use gm::{
    curve::{Element, Point, Scalar},
    sm2::PublicKey,
};
use zeroize::Zeroizing;

/// `P + G`, which is `y1 y2 G`.
fn shifted(public: &PublicKey) -> Result<Point> {
    Ok((Element::from(public.point()) + &Point::GENERATOR).normalize()?)
}

/// The phone's half of a signing key, unlocked: y1, and to which key it belongs.
///
/// It exists in memory between the PIN and the request. At rest it is a [`crate::pin::SealedKey`].
#[derive(Clone)]
pub struct PhoneShare {
    pub(crate) public: PublicKey,
    pub(crate) key_id: Id,
    pub(crate) epoch: u64,
    /// Zero for the long-term share.
    pub(crate) sid: Id,
    pub(crate) y1: Scalar,
}

impl PhoneShare {
    pub(crate) fn new(public: PublicKey, key_id: Id, epoch: u64, y1: Scalar) -> Result<Self> {
        Ok(Self { public, key_id, epoch, sid: Id::ZERO, y1: y1.nonzero()? })
    }

    /// The public key P.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The key.
    pub fn key_id(&self) -> Id {
        self.key_id
    }

    /// The shares' generation.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The session that this share belongs to; zero for the long-term share.
    pub fn sid(&self) -> Id {
        self.sid
    }

    /// X2 = y1^-1 (P + G), the server's point. Recomputed at each use: stored, it would be a test for PINs.
    pub(crate) fn server_point(&self, inverse: &Scalar) -> Result<Point> {
        Ok(shifted(&self.public)?.mul(inverse).normalize()?)
    }
}

impl core::fmt::Debug for PhoneShare {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "PhoneShare({:?}, epoch {})", self.key_id, self.epoch)
    }
}

/// The server's half of a signing key: y2.
#[derive(Clone)]
pub struct ServerShare {
    pub(crate) public: PublicKey,
    pub(crate) y2: Scalar,
    pub(crate) inverse: Scalar,
}

impl ServerShare {
    pub(crate) fn new(public: PublicKey, y2: Scalar) -> Result<Self> {
        let inverse = y2.invert()?;
        Ok(Self { public, y2, inverse })
    }

    /// Reads what [`ServerShare::to_bytes`] gave, for the key with this public key.
    pub fn from_bytes(public: PublicKey, bytes: &[u8]) -> Result<Self> {
        Self::new(public, Scalar::from_slice(bytes).map_err(|_| Error::Encoding)?)
    }

    /// The share of the same key with another secret.
    pub(crate) fn with(&self, y2: Scalar) -> Result<Self> {
        Self::new(self.public, y2)
    }

    /// The secret, 32 bytes. Store it only wrapped; P, key id and epoch belong into the wrapping's additional data.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.y2.to_secret_bytes()
    }

    /// The public key P.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// X1 = y2^-1 (P + G), the point that phone's proofs are checked against. Keep it in memory or sealed under a key
    /// that lives only in memory; next to a copy of the phone's storage it is a test for PINs.
    pub fn phone_point(&self) -> Result<PhonePoint> {
        Ok(PhonePoint(shifted(&self.public)?.mul(&self.inverse).normalize()?))
    }
}

impl core::fmt::Debug for ServerShare {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ServerShare(..)")
    }
}

/// Everything of one key that the phone unlocks with one PIN.
#[derive(Clone, Debug)]
pub struct PhoneShares {
    /// The signing share.
    pub sign: PhoneShare,
    /// The decryption shares, of the encryption certificate and of those before it, in ascending order of P_E.
    pub enc: Vec<PhoneDecryptionShare>,
}

impl PhoneShares {
    /// The decryption share for the encryption key P_E.
    pub fn decryption(&self, public: &PublicKey) -> Option<&PhoneDecryptionShare> {
        self.enc.iter().find(|share| share.public == *public)
    }
}

impl From<PhoneShare> for PhoneShares {
    fn from(sign: PhoneShare) -> Self {
        Self { sign, enc: Vec::new() }
    }
}

/// Everything of one key that the server holds.
#[derive(Clone, Debug)]
pub struct ServerShares {
    /// The signing share.
    pub sign: ServerShare,
    /// The decryption shares, of the encryption certificate and of those before it, in ascending order of P_E.
    pub enc: Vec<ServerDecryptionShare>,
}

impl ServerShares {
    /// The encryption keys P_E.
    pub fn encryption_keys(&self) -> Vec<PublicKey> {
        self.enc.iter().map(|share| share.public).collect()
    }
}

impl From<ServerShare> for ServerShares {
    fn from(sign: ServerShare) -> Self {
        Self { sign, enc: Vec::new() }
    }
}

/// X1, the phone's point of one key and epoch. See [`ServerShare::phone_point`].
#[derive(Clone, PartialEq, Eq)]
pub struct PhonePoint(pub(crate) Point);

impl core::fmt::Debug for PhonePoint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PhonePoint(..)")
    }
}

impl Drop for PhonePoint {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// P = y P' - G from the own share and the other's point; refuses infinity.
pub(crate) fn joint_key(own: &Scalar, other: &Point) -> Result<PublicKey> {
    Ok((other.mul(own) - &Point::GENERATOR).normalize()?.into())
}
