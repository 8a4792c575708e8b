//! Keys, the user digest Z_A, and what a key signs.

use super::Signature;
use crate::{
    Error, Result,
    curve::{Point, Scalar},
    random,
    sm3::{Digest, HmacSm3, Sm3},
};
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// The user identifier used for certificates, requests, seals and messages (GM/T 0009 clause 10).
pub const DEFAULT_ID: &[u8] = b"1234567812345678";

/// a, b, x_G and y_G (GB/T 32918.5 clause 2), as they enter Z_A.
const PARAMETERS: [u8; 128] = parameters();

const fn parameters() -> [u8; 128] {
    const WORDS: [u64; 16] = [
        0xFFFFFFFE_FFFFFFFF,
        0xFFFFFFFF_FFFFFFFF,
        0xFFFFFFFF_00000000,
        0xFFFFFFFF_FFFFFFFC,
        0x28E9FA9E_9D9F5E34,
        0x4D5A9E4B_CF6509A7,
        0xF39789F5_15AB8F92,
        0xDDBCBD41_4D940E93,
        0x32C4AE2C_1F198119,
        0x5F990446_6A39C994,
        0x8FE30BBF_F2660BE1,
        0x715A4589_334C74C7,
        0xBC3736A2_F4F6779C,
        0x59BDCEE3_6B692153,
        0xD0A9877C_C62A4740,
        0x02DF32E5_2139F0A0,
    ];
    let mut out = [0; 128];
    let mut i = 0;
    while i < 16 {
        let word = WORDS[i].to_be_bytes();
        let mut j = 0;
        while j < 8 {
            out[8 * i + j] = word[j];
            j += 1;
        }
        i += 1;
    }
    out
}

/// A private key d in [1, n-2]. Wiped when dropped.
#[derive(Clone)]
pub struct SecretKey(Scalar);

impl SecretKey {
    /// A new random key.
    pub fn generate() -> Result<Self> {
        loop {
            // n-1 is the only value that random() gives and a key may not have.
            if let Ok(key) = Self::from_scalar(Scalar::random()?) {
                return Ok(key);
            }
        }
    }

    /// Decodes 32 bytes, big-endian.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self> {
        Self::from_scalar(Scalar::from_bytes(bytes).map_err(|_| Error::PrivateKey)?)
    }

    /// Takes a scalar in [1, n-2].
    pub fn from_scalar(d: Scalar) -> Result<Self> {
        let ok = !bool::from(d.is_zero()) && !bool::from((&d + &Scalar::ONE).is_zero());
        if ok { Ok(Self(d)) } else { Err(Error::PrivateKey) }
    }

    /// 32 bytes, big-endian.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.to_secret_bytes()
    }

    /// d itself.
    pub fn scalar(&self) -> &Scalar {
        &self.0
    }

    /// P = dG.
    pub fn public_key(&self) -> PublicKey {
        // d is in [1, n-2] and G has order n, so dG is not infinity.
        #[allow(clippy::unwrap_used)]
        PublicKey(Point::mul_base(&self.0).normalize().unwrap())
    }

    /// Signs the digest e = SM3(Z_A || M) with a hedged nonce: random, and still unpredictable and different for each
    /// digest if the system's random numbers should fail.
    pub fn sign_digest(&self, e: &Digest) -> Result<Signature> {
        let inverse = (&self.0 + &Scalar::ONE).invert()?;
        loop {
            let k = self.nonce(e)?;
            if let Some(signature) = self.sign_with(e, &k, &inverse)? {
                return Ok(signature);
            }
        }
    }

    fn nonce(&self, e: &Digest) -> Result<Scalar> {
        let entropy = random::secret::<32>()?;
        let key = self.0.to_secret_bytes();
        let mut wide = Zeroizing::new([0; 64]);
        for half in 0..2u8 {
            let block = HmacSm3::new(&*key).chain(b"gm sm2 nonce").chain(&[half]).chain(&*entropy).chain(e).finalize();
            wide[32 * half as usize..][..32].copy_from_slice(&block);
        }
        Scalar::reduce_wide(&wide).nonzero()
    }

    /// Steps A4 to A7 of GB/T 32918.2 clause 6.1; `None` asks for another k.
    pub(super) fn sign_with(&self, e: &Digest, k: &Scalar, inverse: &Scalar) -> Result<Option<Signature>> {
        let x = Point::mul_base(k).normalize()?.x();
        let r = &Scalar::reduce(e) + &Scalar::reduce(&x);
        if bool::from(r.is_zero()) || bool::from((&r + k).is_zero()) {
            return Ok(None);
        }
        let s = inverse * &(k - &(&r * &self.0));
        if bool::from(s.is_zero()) {
            return Ok(None);
        }
        Signature::from_scalars(&r, &s).map(Some)
    }
}

impl core::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

impl ZeroizeOnDrop for SecretKey {}

/// A public key: a point of the curve other than infinity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(Point);

impl PublicKey {
    /// Decodes `04||x||y`.
    pub fn from_bytes(bytes: &[u8; 65]) -> Result<Self> {
        Point::from_bytes(bytes).map(Self)
    }

    /// Decodes `04||x||y` from a slice.
    pub fn from_slice(bytes: &[u8]) -> Result<Self> {
        Point::from_slice(bytes).map(Self)
    }

    /// `04||x||y`.
    pub fn to_bytes(&self) -> [u8; 65] {
        self.0.to_bytes()
    }

    /// The point P.
    pub fn point(&self) -> &Point {
        &self.0
    }

    /// Verifies a signature over `message` for the user identifier `id` (GB/T 32918.2 clause 7.1).
    pub fn verify(&self, id: &[u8], message: &[u8], signature: &Signature) -> Result<()> {
        self.verify_digest(&message_digest(self, id, message)?, signature)
    }

    /// Verifies a signature over the digest e = SM3(Z_A || M). Everything here is public: variable time.
    ///
    /// The library's arithmetic judges signatures (docs/decisions/0005).
    pub fn verify_digest(&self, e: &Digest, signature: &Signature) -> Result<()> {
        let (r, s) = signature.scalars();
        let t = &r + &s;
        if bool::from(t.is_zero()) {
            return Err(Error::SignatureInvalid);
        }
        let sum = Point::mul_base_vartime(&s) + self.0.mul_vartime(&t);
        let sum = sum.normalize().map_err(|_| Error::SignatureInvalid)?;
        if &Scalar::reduce(e) + &Scalar::reduce(&sum.x()) == r { Ok(()) } else { Err(Error::SignatureInvalid) }
    }
}

impl From<Point> for PublicKey {
    fn from(point: Point) -> Self {
        Self(point)
    }
}

impl core::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PublicKey(")?;
        for byte in self.to_bytes() {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}

/// A private key together with its public key, so that Z_A need not multiply again.
#[derive(Clone, Debug)]
pub struct KeyPair {
    secret: SecretKey,
    public: PublicKey,
}

impl KeyPair {
    /// A new random key pair.
    pub fn generate() -> Result<Self> {
        Ok(SecretKey::generate()?.into())
    }

    /// The private key.
    pub fn secret(&self) -> &SecretKey {
        &self.secret
    }

    /// The public key.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs `message` for the user identifier `id`.
    pub fn sign(&self, id: &[u8], message: &[u8]) -> Result<Signature> {
        self.secret.sign_digest(&message_digest(&self.public, id, message)?)
    }
}

impl From<SecretKey> for KeyPair {
    fn from(secret: SecretKey) -> Self {
        let public = secret.public_key();
        Self { secret, public }
    }
}

/// Z_A = SM3(ENTL || ID || a || b || x_G || y_G || x_A || y_A) (GB/T 32918.2 clause 5.5).
pub fn user_digest(key: &PublicKey, id: &[u8]) -> Result<Digest> {
    let bits = id.len().checked_mul(8).and_then(|bits| u16::try_from(bits).ok()).ok_or(Error::UserId)?;
    Ok(Sm3::new()
        .chain(&bits.to_be_bytes())
        .chain(id)
        .chain(&PARAMETERS)
        .chain(&key.0.x())
        .chain(&key.0.y())
        .finalize())
}

/// e = SM3(Z_A || M).
pub fn message_digest(key: &PublicKey, id: &[u8], message: &[u8]) -> Result<Digest> {
    Ok(Sm3::new().chain(&user_digest(key, id)?).chain(message).finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        hex::decode(text).unwrap().try_into().unwrap()
    }

    #[test]
    fn the_signature_of_gb_t_32918_5_annex_a_comes_out() {
        let key = KeyPair::from(
            SecretKey::from_bytes(&bytes("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")).unwrap(),
        );
        let k = Scalar::from_bytes(&bytes("59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21")).unwrap();
        assert_eq!(
            key.public().to_bytes(),
            bytes(
                "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020\
                   CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
            )
        );
        assert_eq!(
            user_digest(key.public(), DEFAULT_ID).unwrap(),
            bytes("B2E14C5C79C6DF5B85F4FE7ED8DB7A262B9DA7E07CCB0EA9F4747B8CCDA8A4F3")
        );
        let e = message_digest(key.public(), DEFAULT_ID, b"message digest").unwrap();
        assert_eq!(e, bytes("F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640"));
        let inverse = (key.secret().scalar() + &Scalar::ONE).invert().unwrap();
        let signature = key.secret().sign_with(&e, &k, &inverse).unwrap().unwrap();
        assert_eq!(signature.r(), &bytes("F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"));
        assert_eq!(signature.s(), &bytes("B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"));
        key.public().verify(DEFAULT_ID, b"message digest", &signature).unwrap();
        assert_eq!(
            key.public().verify(DEFAULT_ID, b"message Digest", &signature).unwrap_err(),
            Error::SignatureInvalid
        );
    }

    #[test]
    fn private_keys_zero_and_n_minus_one_and_above_are_refused() {
        let n = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D541";
        for last in ["22", "23", "24"] {
            assert_eq!(SecretKey::from_bytes(&bytes(&format!("{n}{last}"))).unwrap_err(), Error::PrivateKey);
        }
        assert_eq!(SecretKey::from_bytes(&[0; 32]).unwrap_err(), Error::PrivateKey);
        SecretKey::from_bytes(&bytes(&format!("{n}21"))).unwrap();
    }

    #[test]
    fn a_user_identifier_longer_than_its_length_field_is_refused() {
        let key = KeyPair::generate().unwrap();
        assert_eq!(user_digest(key.public(), &[0; 8192]).unwrap_err(), Error::UserId);
        user_digest(key.public(), &[0; 8191]).unwrap();
    }
}
