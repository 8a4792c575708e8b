//! Certificates (X.509, GB/T 20518): reading one, and making one in two steps.

mod template;

pub use template::{Template, sign};

use der::asn1::ObjectIdentifier;
use der::{Decode, Reader, SliceReader, Tag};
use x509_cert::time::Time;

use crate::name::{self, Attributes};
use crate::profile::{BasicConstraints, KeyUsage};
use crate::{Error, Extension, PublicKey, Serial, UnixSeconds, key, oid, read, signature};

/// An enterprise, as a certificate names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enterprise {
    /// Full name.
    pub name: String,
    /// Unified social credit code.
    pub credit_code: String,
}

/// What a certificate says: its TBSCertificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TbsCertificate {
    /// DER TBSCertificate: the signed octets.
    pub der: Vec<u8>,
    /// serialNumber.
    pub serial: Serial,
    /// DER Name of the issuer.
    pub issuer: Vec<u8>,
    /// First second of validity.
    pub not_before: UnixSeconds,
    /// Last second of validity.
    pub not_after: UnixSeconds,
    /// DER Name of the subject.
    pub subject: Vec<u8>,
    /// The subject's key.
    pub public_key: PublicKey,
    /// All extensions in their order.
    pub extensions: Vec<Extension>,
}

/// A whole certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate as it came.
    pub der: Vec<u8>,
    /// What it says.
    pub tbs: TbsCertificate,
    /// signatureValue.
    pub signature: Vec<u8>,
}

impl Certificate {
    /// Reads a DER certificate. Its signature is not checked: that needs the issuer.
    ///
    /// # Errors
    /// [`Error::Malformed`] and [`Error::Shape`]; [`Error::Algorithm`] for other keys and signatures than SM2.
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        const WHAT: &str = "Certificate";
        let signed = read::signed(der, WHAT)?;
        let (tbs, inner) = TbsCertificate::with_algorithm(signed.to_be_signed)?;
        if inner != signed.algorithm {
            return Err(Error::Shape("Certificate: the two algorithm identifiers differ"));
        }
        Ok(Self { der: der.to_vec(), tbs, signature: signed.signature.to_vec() })
    }

    /// Is this certificate signed by this key?
    ///
    /// # Errors
    /// [`Error::Signature`] if not.
    pub fn verify_signature(&self, issuer_key: &PublicKey) -> Result<(), Error> {
        signature::verify(issuer_key, &self.tbs.der, &self.signature, "Certificate")
    }

    /// PEM text.
    pub fn to_pem(&self) -> String {
        // The label is one of RFC 7468.
        #[allow(clippy::unwrap_used)]
        crate::pem::encode(crate::pem::CERTIFICATE, &self.der).unwrap()
    }
}

impl TbsCertificate {
    /// Reads a DER TBSCertificate.
    ///
    /// # Errors
    /// As [`Certificate::read`].
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        Self::with_algorithm(der).map(|(tbs, _)| tbs)
    }

    fn with_algorithm(der: &[u8]) -> Result<(Self, &[u8]), Error> {
        const WHAT: &str = "TBSCertificate";
        let fault = Error::reading(WHAT);
        let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;

        let version = fields.tlv_bytes().map_err(&fault)?;
        if version != [0xa0, 3, 2, 1, 2] {
            return Err(Error::Shape("TBSCertificate: version is not v3"));
        }
        let serial = read::content(fields.tlv_bytes().map_err(&fault)?, Tag::Integer, "serialNumber")?;
        let algorithm = fields.tlv_bytes().map_err(&fault)?;
        read::check_sm2_with_sm3(algorithm, WHAT)?;
        let issuer = fields.tlv_bytes().map_err(&fault)?;
        let validity = read::content(fields.tlv_bytes().map_err(&fault)?, Tag::Sequence, "Validity")?;
        let mut times = SliceReader::new(validity).map_err(&fault)?;
        let not_before = Time::decode(&mut times).map_err(&fault)?;
        let not_after = Time::decode(&mut times).map_err(&fault)?;
        times.finish().map_err(&fault)?;
        let subject = fields.tlv_bytes().map_err(&fault)?;
        let public_key = key::read(fields.tlv_bytes().map_err(&fault)?)?;
        // issuerUniqueID [1] and subjectUniqueID [2] IMPLICIT BIT STRING: never written, skipped where they occur.
        for number in [1, 2] {
            let unique = Tag::ContextSpecific { constructed: false, number: der::TagNumber(number) };
            if read::next_is(&fields, unique) {
                fields.tlv_bytes().map_err(&fault)?;
            }
        }
        let extensions = if fields.is_finished() {
            Vec::new()
        } else {
            let list = read::content(fields.tlv_bytes().map_err(&fault)?, read::context(3), "extensions")?;
            read::extensions(list, "extensions of a certificate")?
        };
        fields.finish().map_err(&fault)?;
        let tbs = Self {
            der: der.to_vec(),
            serial: Serial::from_integer(serial)?,
            issuer: issuer.to_vec(),
            not_before: read::unix_seconds(&not_before),
            not_after: read::unix_seconds(&not_after),
            subject: subject.to_vec(),
            public_key,
            extensions,
        };
        // Every later question may rely on these being readable.
        tbs.key_usage()?;
        tbs.basic_constraints()?;
        tbs.subject_key_id()?;
        tbs.authority_key_id()?;
        tbs.purposes()?;
        Ok((tbs, algorithm))
    }

    /// The extension with this identifier.
    pub fn extension(&self, identifier: &ObjectIdentifier) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.oid == *identifier)
    }

    /// Do issuer and subject bear the same name?
    pub fn is_self_issued(&self) -> bool {
        self.issuer == self.subject
    }

    /// keyUsage.
    ///
    /// # Errors
    /// [`Error::Malformed`]; a certificate that was read has none.
    pub fn key_usage(&self) -> Result<Option<KeyUsage>, Error> {
        self.extension(&oid::KEY_USAGE).map(|found| KeyUsage::from_der(&found.value)).transpose()
    }

    /// The purposes in extKeyUsage; none without that extension.
    ///
    /// # Errors
    /// [`Error::Malformed`]; a certificate that was read has none.
    pub fn purposes(&self) -> Result<Option<Vec<ObjectIdentifier>>, Error> {
        const WHAT: &str = "extKeyUsage";
        self.extension(&oid::EXTENDED_KEY_USAGE)
            .map(|found| Vec::<ObjectIdentifier>::from_der(&found.value).map_err(Error::reading(WHAT)))
            .transpose()
    }

    /// basicConstraints.
    ///
    /// # Errors
    /// [`Error::Malformed`]; a certificate that was read has none.
    pub fn basic_constraints(&self) -> Result<Option<BasicConstraints>, Error> {
        self.extension(&oid::BASIC_CONSTRAINTS).map(|found| BasicConstraints::from_der(&found.value)).transpose()
    }

    /// The addresses in cRLDistributionPoints or authorityInfoAccess: every uniformResourceIdentifier there.
    ///
    /// # Errors
    /// [`Error::Malformed`] or [`Error::Shape`].
    pub fn addresses(&self, extension: &ObjectIdentifier) -> Result<Vec<&str>, Error> {
        const WHAT: &str = "uniformResourceIdentifier";
        const URI: u8 = 0x86;
        let Some(found) = self.extension(extension) else { return Ok(Vec::new()) };
        let addresses = read::find_all(&found.value, URI, WHAT)?;
        addresses.into_iter().map(|address| core::str::from_utf8(address).map_err(|_| Error::Shape(WHAT))).collect()
    }

    /// The enterprise that the certificate speaks for; none for a person's. Its name, its code in the subject and the
    /// code of the extension must say the same.
    ///
    /// # Errors
    /// [`Error::Shape`] for a certificate that says it half, or in two ways.
    pub fn enterprise(&self) -> Result<Option<Enterprise>, Error> {
        let subject = Attributes::read(&self.subject)?;
        let named = (subject.get(&oid::ORGANIZATION), subject.get(&oid::ORGANIZATIONAL_UNIT), self.organization_code());
        match named {
            (None, None, None) => Ok(None),
            (Some(name), Some(unit), Some(code))
                if unit == code && name::is_credit_code(code) && subject.get(&oid::COMMON_NAME) == Some(name) =>
            {
                Ok(Some(Enterprise { name: name.to_owned(), credit_code: code.to_owned() }))
            }
            _ => Err(Error::Shape("a certificate that does not say plainly for whom it speaks")),
        }
    }

    /// OrganizationCode, in any of the forms that CAs have used: PrintableString or another string, under an
    /// explicit tag or without one, or bare ASCII.
    pub fn organization_code(&self) -> Option<&str> {
        let value = self.extension(&oid::ORGANIZATION_CODE)?.value.as_slice();
        let text = |octets| core::str::from_utf8(octets).ok().filter(|text| is_code(text));
        let mut inner = value;
        // At most one explicit tag around one string.
        for _ in 0..2 {
            let mut reader = SliceReader::new(inner).ok()?;
            let Ok(header) = der::Header::decode(&mut reader) else { break };
            let Ok(content) = reader.read_slice(header.length()) else { break };
            if !reader.is_finished() {
                break;
            }
            inner = content;
            if !header.tag().is_constructed() {
                return text(inner);
            }
        }
        text(value)
    }

    /// subjectKeyIdentifier.
    ///
    /// # Errors
    /// [`Error::Malformed`]; a certificate that was read has none.
    pub fn subject_key_id(&self) -> Result<Option<&[u8]>, Error> {
        self.extension(&oid::SUBJECT_KEY_IDENTIFIER)
            .map(|found| read::content(&found.value, Tag::OctetString, "subjectKeyIdentifier"))
            .transpose()
    }

    /// keyIdentifier of authorityKeyIdentifier.
    ///
    /// # Errors
    /// [`Error::Malformed`]; a certificate that was read has none.
    pub fn authority_key_id(&self) -> Result<Option<&[u8]>, Error> {
        let Some(found) = self.extension(&oid::AUTHORITY_KEY_IDENTIFIER) else { return Ok(None) };
        authority_key_id(&found.value)
    }
}

/// An old organisation code has 9 characters, a credit code 18.
fn is_code(text: &str) -> bool {
    text.len() >= 9 && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
}

/// keyIdentifier [0] of a DER AuthorityKeyIdentifier; issuer and serial number in it are not used.
pub(crate) fn authority_key_id(value: &[u8]) -> Result<Option<&[u8]>, Error> {
    const WHAT: &str = "authorityKeyIdentifier";
    let content = read::content(value, Tag::Sequence, WHAT)?;
    let elements = read::elements(content, WHAT)?;
    let identifier = Tag::ContextSpecific { constructed: false, number: der::TagNumber(0) };
    elements
        .iter()
        .find(|element| element.first() == Some(&0x80))
        .map(|element| read::content(element, identifier, WHAT))
        .transpose()
}
