//! Checking a message against the document that it belongs to. Whether the signer's certificate is to be
//! trusted is another question: [`crate::chain`].

use der::{Decode, Tag};
use x509_cert::time::Time;

use super::{SignedData, SignerId, SignerInfo};
use crate::{Certificate, Error, UnixSeconds, encode, oid, read, signature};

/// What a signature turned out to be over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covered {
    /// The signed attributes, whose messageDigest stands for the content.
    Attributes,
    /// The embedded content.
    Content,
    /// SM3 of the document, which is not inside.
    Digest,
    /// The document itself.
    Document,
}

/// What is true of one signer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The signer's certificate, if it came along.
    pub certificate: Option<Certificate>,
    /// Does what was signed stand for this very document?
    pub digest_ok: bool,
    /// What the signature is over; none if it belongs to nothing of this.
    pub covered: Option<Covered>,
    /// When the signer says that it signed; only a claim.
    pub signing_time: Option<UnixSeconds>,
}

impl Check {
    /// Is the signature a good one, and over this document?
    pub const fn is_ok(&self) -> bool {
        self.digest_ok && self.covered.is_some()
    }
}

impl SignedData {
    /// Checks each signer against the document's octets (for a PDF: those of the ByteRange).
    pub fn check(&self, document: &[u8]) -> Vec<Check> {
        let digest = gm::sm3::digest(document);
        self.signers.iter().map(|signer| self.check_signer(signer, document, &digest)).collect()
    }

    /// The certificates of all signers, if every one of them signed this document.
    ///
    /// # Errors
    /// [`Error::Signature`] if one did not, or if there is no signer.
    pub fn verify(&self, document: &[u8]) -> Result<Vec<Certificate>, Error> {
        let fault = || Error::Signature("SignedData");
        let certificates: Option<Vec<_>> = self
            .check(document)
            .into_iter()
            .map(|check| if check.is_ok() { check.certificate } else { None })
            .collect();
        certificates.filter(|certificates| !certificates.is_empty()).ok_or_else(fault)
    }

    /// The certificate that belongs to a signer, among those that came along.
    pub fn certificate_of(&self, signer: &SignerInfo) -> Option<Certificate> {
        // Certificates of other algorithms may lie beside it: those that we cannot read are passed over.
        self.certificates.iter().filter_map(|der| Certificate::read(der).ok()).find(|found| match &signer.id {
            SignerId::IssuerAndSerial { issuer, serial } => found.tbs.issuer == *issuer && found.tbs.serial == *serial,
            SignerId::KeyId(id) => found.tbs.subject_key_id().ok().flatten() == Some(id),
        })
    }

    fn check_signer(&self, signer: &SignerInfo, document: &[u8], digest: &[u8; 32]) -> Check {
        let certificate = self.certificate_of(signer);
        let embedded = self.content.as_deref();
        let content_ok = embedded.is_none_or(|content| content == digest || content == document);
        let signed = |message: &[u8]| {
            certificate.as_ref().is_some_and(|certificate| {
                signature::verify(&certificate.tbs.public_key, message, &signer.signature, "SignedData").is_ok()
            })
        };
        let Some(attributes) = &signer.attributes else {
            let candidates: [(Covered, Option<&[u8]>); 3] = [
                (Covered::Content, embedded),
                (Covered::Digest, embedded.is_none().then_some(digest)),
                (Covered::Document, Some(document)),
            ];
            let covered =
                candidates.into_iter().find_map(|(covered, message)| message.is_some_and(signed).then_some(covered));
            return Check { certificate, digest_ok: content_ok, covered, signing_time: None };
        };
        let attributes_ok = self.attributes_fit(attributes, embedded.unwrap_or(document));
        let covered = signed(attributes).then_some(Covered::Attributes);
        Check { certificate, digest_ok: content_ok && attributes_ok, covered, signing_time: signing_time(attributes) }
    }

    /// Do the attributes name the content's type and digest (RFC 5652 5.3)?
    fn attributes_fit(&self, attributes: &[u8], content: &[u8]) -> bool {
        let digest = encode::octet_string(&gm::sm3::digest(content));
        let content_type = encode::oid(&self.content_type);
        matches!(attribute_of(attributes, &oid::MESSAGE_DIGEST), Ok(Some(value)) if value == digest)
            && matches!(attribute_of(attributes, &oid::CONTENT_TYPE), Ok(Some(value)) if value == content_type)
    }
}

fn signing_time(attributes: &[u8]) -> Option<UnixSeconds> {
    let value = attribute_of(attributes, &oid::SIGNING_TIME).ok().flatten()?;
    Time::from_der(value).ok().map(|time| read::unix_seconds(&time))
}

/// The single value of an attribute that stands in a DER SET OF Attribute exactly once.
pub(crate) fn attribute_of<'a>(set: &'a [u8], kind: &der::asn1::ObjectIdentifier) -> Result<Option<&'a [u8]>, Error> {
    const WHAT: &str = "Attributes";
    let wanted = encode::oid(kind);
    let mut found = None;
    for element in read::elements(read::content(set, Tag::Set, WHAT)?, WHAT)? {
        let parts = read::elements(read::content(element, Tag::Sequence, WHAT)?, WHAT)?;
        let [kind, values] = parts[..] else { return Err(Error::Shape(WHAT)) };
        if kind == wanted {
            let values = read::elements(read::content(values, Tag::Set, WHAT)?, WHAT)?;
            let [value] = values[..] else { return Err(Error::Shape(WHAT)) };
            if found.replace(value).is_some() {
                return Err(Error::Shape("Attributes: one of them twice"));
            }
        }
    }
    Ok(found)
}
