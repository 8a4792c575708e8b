//! SM2EnvelopedKey (GB/T 35276 7.4): an encryption key on its way from the key management centre to its owner, under
//! the owner's signing key. Plain functions of the standard; how the platform splits keys is in `docs/protocol.md`.

use der::asn1::BitStringRef;
use der::{Decode as _, Reader as _, SliceReader, Tag};
use gm::sm2::{self, Ciphertext, SecretKey};
use gm::sm4;
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use crate::{Error, PublicKey, encode, oid, read};

const WHAT: &str = "SM2EnvelopedKey";

/// An envelope that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvelopedKey {
    /// The SM4 key, encrypted to the owner's signing key.
    pub wrapped: Ciphertext,
    /// The public half of the key inside.
    pub public_key: PublicKey,
    /// SM4-ECB of the private half.
    encrypted: Vec<u8>,
}

/// DER SM2EnvelopedKey: `key` for the holder of the signing key `owner`.
///
/// # Errors
/// [`Error::PublicKey`]; [`Error::Signer`] if the operating system gives no random numbers.
pub fn seal(key: &SecretKey, owner: &PublicKey) -> Result<Vec<u8>, Error> {
    let owner = sm2::PublicKey::from_bytes(owner).map_err(|_| Error::PublicKey)?;
    let random = |cause| Error::Signer(Box::new(cause));
    let session = gm::random::secret::<{ sm4::KEY_LENGTH }>().map_err(random)?;
    let wrapped = sm2::encrypt(&owner, &*session).map_err(random)?;
    // 32 octets, two blocks: the encrypted form is safe to leave the function, the plain one is overwritten by it.
    let mut private = key.to_bytes();
    sm4::ecb_encrypt(&session, &mut *private).map_err(|_| Error::Shape(WHAT))?;
    Ok(encode::sequence(&[
        &encode::algorithm(&oid::SM4_ECB),
        &wrapped.to_der().map_err(|_| Error::Shape(WHAT))?,
        &encode::bit_string(&key.public_key().to_bytes()),
        &encode::bit_string(&*private),
    ]))
}

impl EnvelopedKey {
    /// Reads a DER SM2EnvelopedKey.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Shape`]; [`Error::Algorithm`] for another cipher than SM4-ECB;
    /// [`Error::PublicKey`].
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        let fault = Error::reading(WHAT);
        let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
        let algorithm = AlgorithmIdentifierRef::decode(&mut fields).map_err(&fault)?;
        let plain = algorithm.parameters.is_none_or(|parameters| parameters.is_null());
        if !plain || ![oid::SM4_ECB, oid::SM4].contains(&algorithm.oid) {
            return Err(Error::Algorithm(WHAT));
        }
        let wrapped =
            Ciphertext::from_der(fields.tlv_bytes().map_err(&fault)?).map_err(|_| Error::Shape("SM2Cipher"))?;
        let public_key = BitStringRef::decode(&mut fields).map_err(&fault)?;
        let public_key: PublicKey =
            public_key.as_bytes().and_then(|octets| octets.try_into().ok()).ok_or(Error::PublicKey)?;
        crate::signature::check_point(&public_key)?;
        let encrypted = BitStringRef::decode(&mut fields).map_err(&fault)?;
        fields.finish().map_err(&fault)?;
        match encrypted.as_bytes() {
            Some(octets) if [32, 48, 64].contains(&octets.len()) => {
                Ok(Self { wrapped, public_key, encrypted: octets.to_vec() })
            }
            _ => Err(Error::Shape(WHAT)),
        }
    }

    /// The key inside, with the owner's whole signing key.
    ///
    /// # Errors
    /// [`Error::Opening`] if it is for somebody else, was changed, or the two halves of the key do not belong together.
    pub fn open(&self, owner: &SecretKey) -> Result<SecretKey, Error> {
        let session = sm2::decrypt(owner, &self.wrapped).map_err(|_| Error::Opening(WHAT))?;
        self.open_with(&session)
    }

    /// The key inside, with the SM4 key that somebody has decrypted from [`Self::wrapped`].
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(&self, session: &[u8]) -> Result<SecretKey, Error> {
        const FAULT: Error = Error::Opening(WHAT);
        let session = session.try_into().map_err(|_| FAULT)?;
        let mut plain = Zeroizing::new(self.encrypted.clone());
        sm4::ecb_decrypt(session, &mut plain).map_err(|_| FAULT)?;
        // 32 octets by the standard; with a block of padding, or behind 32 zeros, from some centres.
        let private = match &plain[..] {
            key if key.len() == 32 => key,
            padded if padded.len() == 48 && padded[32..] == [16; 16] => &padded[..32],
            long if long.len() == 64 && long[..32] == [0; 32] => &long[32..],
            _ => return Err(FAULT),
        };
        let private = Zeroizing::new(<[u8; 32]>::try_from(private).map_err(|_| FAULT)?);
        let key = SecretKey::from_bytes(&private).map_err(|_| FAULT)?;
        if key.public_key().to_bytes() == self.public_key { Ok(key) } else { Err(FAULT) }
    }
}
