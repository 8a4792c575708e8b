//! Public key encryption (GB/T 32918.4) and its forms: `SM2Cipher` of GB/T 35276 clause 7.2, and raw C1||C3||C2.

use super::{PublicKey, SecretKey, signature::pad};
use crate::{
    Error, Result,
    curve::{Point, Scalar},
    kdf,
    sm3::Sm3,
};
use der::{
    Decode as _, Encode as _, Sequence,
    asn1::{OctetStringRef, UintRef},
};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Longest plaintext accepted: public key encryption is for keys and short secrets, files use SM4.
pub const MAX_PLAINTEXT: usize = 1 << 20;

/// A ciphertext (C1, C3, C2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ciphertext {
    /// C1 = kG.
    pub c1: Point,
    /// C3 = SM3(x2 || M || y2).
    pub c3: [u8; 32],
    /// C2 = M xor KDF(x2 || y2); as long as the plaintext.
    pub c2: Vec<u8>,
}

/// `SM2Cipher ::= SEQUENCE { XCoordinate INTEGER, YCoordinate INTEGER, HASH OCTET STRING (SIZE(32)), CipherText OCTET STRING }`
#[derive(Sequence)]
struct Sm2Cipher<'a> {
    x: UintRef<'a>,
    y: UintRef<'a>,
    hash: &'a OctetStringRef,
    cipher_text: &'a OctetStringRef,
}

impl Ciphertext {
    /// Decodes `SM2Cipher`, strictly, and checks that C1 is a point of the curve.
    pub fn from_der(bytes: &[u8]) -> Result<Self> {
        let parsed = Sm2Cipher::from_der(bytes).map_err(|_| Error::CiphertextEncoding)?;
        let mut c1 = [0; 65];
        c1[0] = 4;
        pad(parsed.x, &mut c1[1..33]).map_err(|_| Error::CiphertextEncoding)?;
        pad(parsed.y, &mut c1[33..]).map_err(|_| Error::CiphertextEncoding)?;
        Self::from_parts(&c1, parsed.hash.as_bytes(), parsed.cipher_text.as_bytes())
    }

    /// Decodes `04||x||y||C3||C2`.
    pub fn from_raw(bytes: &[u8]) -> Result<Self> {
        if bytes.len() < 65 + 32 {
            return Err(Error::CiphertextEncoding);
        }
        Self::from_parts(&bytes[..65], &bytes[65..97], &bytes[97..])
    }

    fn from_parts(c1: &[u8], c3: &[u8], c2: &[u8]) -> Result<Self> {
        if c2.is_empty() || c2.len() > MAX_PLAINTEXT {
            return Err(Error::CiphertextEncoding);
        }
        Ok(Self {
            c1: Point::from_slice(c1).map_err(|_| Error::CiphertextEncoding)?,
            c3: c3.try_into().map_err(|_| Error::CiphertextEncoding)?,
            c2: c2.to_vec(),
        })
    }

    /// `SM2Cipher` in DER.
    pub fn to_der(&self) -> Result<Vec<u8>> {
        let (x, y) = (self.c1.x(), self.c1.y());
        let refuse = |_| Error::CiphertextEncoding;
        Sm2Cipher {
            x: UintRef::new(&x).map_err(refuse)?,
            y: UintRef::new(&y).map_err(refuse)?,
            hash: OctetStringRef::new(&self.c3).map_err(refuse)?,
            cipher_text: OctetStringRef::new(&self.c2).map_err(refuse)?,
        }
        .to_der()
        .map_err(refuse)
    }

    /// `04||x||y||C3||C2`.
    pub fn to_raw(&self) -> Vec<u8> {
        [&self.c1.to_bytes()[..], &self.c3, &self.c2].concat()
    }
}

/// Encrypts 1 to [`MAX_PLAINTEXT`] bytes to a public key (GB/T 32918.4 clause 6.1).
pub fn encrypt(key: &PublicKey, plaintext: &[u8]) -> Result<Ciphertext> {
    loop {
        if let Some(ciphertext) = encrypt_with(key, plaintext, &Scalar::random()?)? {
            return Ok(ciphertext);
        }
    }
}

fn encrypt_with(key: &PublicKey, plaintext: &[u8], k: &Scalar) -> Result<Option<Ciphertext>> {
    if plaintext.is_empty() || plaintext.len() > MAX_PLAINTEXT {
        return Err(Error::PlaintextLength);
    }
    let [c1, shared] = crate::curve::Element::normalize_all([Point::mul_base(k), key.point().mul(k)])?;
    let (x, y) = (Zeroizing::new(shared.x()), Zeroizing::new(shared.y()));
    let mask = kdf::derive(&[&*x, &*y], plaintext.len());
    if mask.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    let c2 = plaintext.iter().zip(mask.iter()).map(|(byte, mask)| byte ^ mask).collect();
    let c3 = Sm3::new().chain(&*x).chain(plaintext).chain(&*y).finalize();
    Ok(Some(Ciphertext { c1, c3, c2 }))
}

/// Decrypts with a private key (GB/T 32918.4 clause 7.1).
pub fn decrypt(key: &SecretKey, ciphertext: &Ciphertext) -> Result<Zeroizing<Vec<u8>>> {
    let shared = ciphertext.c1.mul(key.scalar()).normalize().map_err(|_| Error::Decryption)?;
    open_shared(&shared, ciphertext)
}

/// The last steps of decryption, from the shared point dC1: for decryption by two parties, who compute it together.
pub fn open_shared(shared: &Point, ciphertext: &Ciphertext) -> Result<Zeroizing<Vec<u8>>> {
    let (x, y) = (Zeroizing::new(shared.x()), Zeroizing::new(shared.y()));
    let mut plaintext = kdf::derive(&[&*x, &*y], ciphertext.c2.len());
    if plaintext.iter().all(|byte| *byte == 0) {
        return Err(Error::Decryption);
    }
    for (byte, c2) in plaintext.iter_mut().zip(&ciphertext.c2) {
        *byte ^= c2;
    }
    let c3 = Sm3::new().chain(&*x).chain(&plaintext).chain(&*y).finalize();
    if bool::from(c3.ct_eq(&ciphertext.c3)) { Ok(plaintext) } else { Err(Error::Decryption) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ciphertext_of_gb_t_32918_5_annex_c_comes_out_and_opens() {
        let scalar = |text: &str| Scalar::from_slice(&hex::decode(text).unwrap()).unwrap();
        let key =
            SecretKey::from_scalar(scalar("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")).unwrap();
        let k = scalar("59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21");
        let ciphertext = encrypt_with(&key.public_key(), b"encryption standard", &k).unwrap().unwrap();
        assert_eq!(
            hex::encode_upper(ciphertext.to_raw()),
            "0404EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73\
             E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0\
             59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766\
             21886CA989CA9C7D58087307CA93092D651EFA"
        );
        assert_eq!(&**decrypt(&key, &ciphertext).unwrap(), b"encryption standard");
    }
}
