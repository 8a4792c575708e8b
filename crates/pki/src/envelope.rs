//! EnvelopedData of GB/T 35275 (and its twin of RFC 5652): octets that only the holders of certain encryption
//! certificates can read. SM4-CBC under a fresh key, that key under SM2.
//!
//! An envelope hides and proves nothing. Whoever opens one for strangers must not tell a wrong padding from a wrong
//! key; what has to be genuine is signed besides.

use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode as _, Reader as _, SliceReader, Tag, TagNumber};
use gm::sm2::{self, Ciphertext, SecretKey};
use gm::sm4;
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use crate::profile::KeyUsage;
use crate::signed_data::Dialect;
use crate::{Certificate, Error, Serial, encode, oid, read};

const WHAT: &str = "EnvelopedData";

/// More recipients than anybody needs.
const MOST_RECIPIENTS: usize = 256;

const fn enveloped_data(dialect: Dialect) -> ObjectIdentifier {
    match dialect {
        Dialect::Gm => oid::GM_ENVELOPED_DATA,
        Dialect::Cms => oid::CMS_ENVELOPED_DATA,
    }
}

/// DER ContentInfo with an EnvelopedData for each of these certificates.
///
/// # Errors
/// [`Error::OutOfRange`] without recipients, or for a certificate that does not encrypt; [`Error::Signer`] if the
/// operating system gives no random numbers.
pub fn seal(dialect: Dialect, recipients: &[&Certificate], content: &[u8]) -> Result<Vec<u8>, Error> {
    if recipients.is_empty() || recipients.len() > MOST_RECIPIENTS {
        return Err(Error::OutOfRange("an envelope for nobody, or for too many"));
    }
    let random = |cause| Error::Signer(Box::new(cause));
    let key = gm::random::secret::<{ sm4::KEY_LENGTH }>().map_err(random)?;
    let iv = gm::random::bytes::<{ sm4::BLOCK_LENGTH }>().map_err(random)?;
    let infos =
        recipients.iter().map(|certificate| recipient_info(dialect, certificate, &*key)).collect::<Result<_, _>>()?;
    let algorithm = encode::sequence(&[&encode::oid(&oid::SM4_CBC), &encode::octet_string(&iv)]);
    let content = encode::sequence(&[
        &encode::oid(&dialect.data()),
        &algorithm,
        &encode::tlv(0x80, &sm4::cbc_encrypt(&key, &iv, content)),
    ]);
    let enveloped = encode::sequence(&[&version(dialect), &encode::set_of(encode::SET, infos), &content]);
    Ok(encode::sequence(&[&encode::oid(&enveloped_data(dialect)), &encode::context(0, &enveloped)]))
}

/// 1 by GB/T 35275, 0 by RFC 5652 6.1 for recipients that are named by issuer and serial number.
fn version(dialect: Dialect) -> Vec<u8> {
    encode::unsigned(&[u8::from(dialect == Dialect::Gm)])
}

fn recipient_info(dialect: Dialect, certificate: &Certificate, key: &[u8]) -> Result<Vec<u8>, Error> {
    if !certificate.tbs.key_usage()?.is_some_and(KeyUsage::encrypts) {
        return Err(Error::OutOfRange("a recipient whose certificate does not encrypt"));
    }
    let public_key = sm2::PublicKey::from_bytes(&certificate.tbs.public_key).map_err(|_| Error::PublicKey)?;
    let wrapped = sm2::encrypt(&public_key, key).map_err(|cause| Error::Signer(Box::new(cause)))?;
    Ok(encode::sequence(&[
        &version(dialect),
        &encode::sequence(&[&certificate.tbs.issuer, &certificate.tbs.serial.to_der()]),
        &encode::algorithm(&oid::SM2_ENCRYPT),
        &encode::octet_string(&wrapped.to_der().map_err(|_| Error::Shape(WHAT))?),
    ]))
}

/// An envelope that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvelopedData {
    /// Whose identifiers it uses.
    pub dialect: Dialect,
    /// For whom it is.
    pub recipients: Vec<Recipient>,
    /// Type of the content.
    pub content_type: ObjectIdentifier,
    iv: [u8; sm4::BLOCK_LENGTH],
    encrypted: Vec<u8>,
}

/// One of those who can open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// DER Name of the issuer of the recipient's certificate.
    pub issuer: Vec<u8>,
    /// Serial number of the recipient's certificate.
    pub serial: Serial,
    /// The SM4 key, encrypted to the recipient.
    pub wrapped: Ciphertext,
}

impl EnvelopedData {
    /// Reads a DER ContentInfo that holds an EnvelopedData.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Shape`]; [`Error::Algorithm`] for other algorithms than SM2 and SM4-CBC.
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        let fault = Error::reading(WHAT);
        let mut outer = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
        let dialect = match ObjectIdentifier::decode(&mut outer).map_err(&fault)? {
            oid::GM_ENVELOPED_DATA => Dialect::Gm,
            oid::CMS_ENVELOPED_DATA => Dialect::Cms,
            _ => return Err(Error::Shape("ContentInfo: not an envelopedData")),
        };
        let explicit = read::content(outer.tlv_bytes().map_err(&fault)?, read::context(0), WHAT)?;
        outer.finish().map_err(&fault)?;
        let mut fields = SliceReader::new(read::content(explicit, Tag::Sequence, WHAT)?).map_err(&fault)?;
        if u8::decode(&mut fields).map_err(&fault)? > 4 {
            return Err(Error::Shape("EnvelopedData: version"));
        }
        let set = read::content(fields.tlv_bytes().map_err(&fault)?, Tag::Set, WHAT)?;
        let infos = read::elements(set, WHAT)?;
        if infos.is_empty() || infos.len() > MOST_RECIPIENTS {
            return Err(Error::OutOfRange("an envelope for nobody, or for too many"));
        }
        let recipients = infos.into_iter().map(Recipient::read).collect::<Result<_, _>>()?;
        let content = fields.tlv_bytes().map_err(&fault)?;
        fields.finish().map_err(&fault)?;
        let (content_type, iv, encrypted) = encrypted_content(content)?;
        Ok(Self { dialect, recipients, content_type, iv, encrypted })
    }

    /// The line of this certificate.
    pub fn recipient(&self, certificate: &Certificate) -> Option<&Recipient> {
        let tbs = &certificate.tbs;
        self.recipients.iter().find(|recipient| recipient.issuer == tbs.issuer && recipient.serial == tbs.serial)
    }

    /// The content, for the holder of this certificate's whole key.
    ///
    /// # Errors
    /// [`Error::Opening`] if it is not for this certificate, or was changed.
    pub fn open(&self, certificate: &Certificate, key: &SecretKey) -> Result<Zeroizing<Vec<u8>>, Error> {
        let recipient = self.recipient(certificate).ok_or(Error::Opening(WHAT))?;
        self.open_with(&sm2::decrypt(key, &recipient.wrapped).map_err(|_| Error::Opening(WHAT))?)
    }

    /// The content, with the SM4 key that somebody has decrypted from [`Recipient::wrapped`].
    ///
    /// # Errors
    /// [`Error::Opening`].
    pub fn open_with(&self, key: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let key = key.try_into().map_err(|_| Error::Opening(WHAT))?;
        sm4::cbc_decrypt(key, &self.iv, &self.encrypted).map_err(|_| Error::Opening(WHAT))
    }
}

impl Recipient {
    fn read(der: &[u8]) -> Result<Self, Error> {
        const WHAT: &str = "RecipientInfo";
        let fault = Error::reading(WHAT);
        let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
        if u8::decode(&mut fields).map_err(&fault)? > 1 {
            return Err(Error::Shape("RecipientInfo: version"));
        }
        let id = read::elements(read::content(fields.tlv_bytes().map_err(&fault)?, Tag::Sequence, WHAT)?, WHAT)?;
        let [issuer, serial] = id[..] else { return Err(Error::Shape(WHAT)) };
        let serial = Serial::from_integer(read::content(serial, Tag::Integer, WHAT)?)?;
        let algorithm = AlgorithmIdentifierRef::decode(&mut fields).map_err(&fault)?;
        if ![oid::SM2_ENCRYPT, oid::SM2_ENCRYPT_GMSSL, oid::SM2].contains(&algorithm.oid) {
            return Err(Error::Algorithm(WHAT));
        }
        let wrapped = <&OctetStringRef>::decode(&mut fields).map_err(&fault)?.as_bytes();
        fields.finish().map_err(&fault)?;
        let wrapped = Ciphertext::from_der(wrapped).or_else(|_| Ciphertext::from_raw(wrapped));
        Ok(Self { issuer: issuer.to_vec(), serial, wrapped: wrapped.map_err(|_| Error::Shape("SM2Cipher"))? })
    }
}

type Content = (ObjectIdentifier, [u8; sm4::BLOCK_LENGTH], Vec<u8>);

/// EncryptedContentInfo, with its content inside; sharedInfo1 and 2 of GB/T 35275 are for key agreement.
fn encrypted_content(der: &[u8]) -> Result<Content, Error> {
    const WHAT: &str = "EncryptedContentInfo";
    let fault = Error::reading(WHAT);
    let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
    let content_type = ObjectIdentifier::decode(&mut fields).map_err(&fault)?;
    let algorithm = AlgorithmIdentifierRef::decode(&mut fields).map_err(&fault)?;
    let iv = algorithm.parameters.and_then(|parameters| parameters.decode_as::<&OctetStringRef>().ok());
    let iv = iv.and_then(|iv| iv.as_bytes().try_into().ok()).filter(|_| algorithm.oid == oid::SM4_CBC);
    let iv = iv.ok_or(Error::Algorithm(WHAT))?;
    let implicit = Tag::ContextSpecific { constructed: false, number: TagNumber(0) };
    let encrypted = read::content(fields.tlv_bytes().map_err(&fault)?, implicit, WHAT)?.to_vec();
    fields.finish().map_err(&fault)?;
    Ok((content_type, iv, encrypted))
}
