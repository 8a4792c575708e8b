//! Making a message: what is to be signed, then the message around the signature.

use der::asn1::ObjectIdentifier;

use super::Dialect;
use crate::{Certificate, Error, Signer, UnixSeconds, encode, oid, signature, signer};

/// Does the message carry its content?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attached {
    /// Inside.
    Embedded,
    /// Elsewhere; the reader must have it.
    Detached,
}

/// A message that waits for its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    dialect: Dialect,
    content_type: ObjectIdentifier,
    content: Vec<u8>,
    attached: Attached,
    /// DER SET OF Attribute.
    attributes: Option<Vec<u8>>,
}

impl Message {
    /// GB/T 35275 over a document, known by its SM3: the digest is the content, embedded, and is signed as
    /// it is, without attributes.
    pub fn digest(sm3_of_document: &[u8; 32]) -> Self {
        Self::direct(sm3_of_document)
    }

    /// GB/T 35275 over content of any kind, embedded, without attributes.
    pub fn direct(content: &[u8]) -> Self {
        let dialect = Dialect::Gm;
        let content_type = dialect.data();
        Self { dialect, content_type, content: content.to_vec(), attached: Attached::Embedded, attributes: None }
    }

    /// With the attributes contentType, messageDigest and signingTime (RFC 5652 11), as CMS readers want.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a time after the year 9999.
    pub fn with_attributes(
        dialect: Dialect,
        content: &[u8],
        attached: Attached,
        signing_time: UnixSeconds,
    ) -> Result<Self, Error> {
        let signing_time = attribute(&oid::SIGNING_TIME, &encode::time(signing_time)?);
        Ok(Self::with(dialect, dialect.data(), content, attached, vec![signing_time]))
    }

    /// Content of any type, with the attributes contentType and messageDigest and these.
    pub(crate) fn with(
        dialect: Dialect,
        content_type: ObjectIdentifier,
        content: &[u8],
        attached: Attached,
        mut attributes: Vec<Vec<u8>>,
    ) -> Self {
        attributes.push(attribute(&oid::CONTENT_TYPE, &encode::oid(&content_type)));
        attributes.push(attribute(&oid::MESSAGE_DIGEST, &encode::octet_string(&gm::sm3::digest(content))));
        let attributes = Some(encode::set_of(encode::SET, attributes));
        Self { dialect, content_type, content: content.to_vec(), attached, attributes }
    }

    /// The octets that the signer signs: M of e = SM3(Z ‖ M).
    pub fn to_be_signed(&self) -> &[u8] {
        self.attributes.as_deref().unwrap_or(&self.content)
    }

    /// DER ContentInfo with this signature (DER or r‖s), the signer's certificate and those above it.
    ///
    /// # Errors
    /// [`Error::Signature`] if the signature is not that of the certificate's key over [`Self::to_be_signed`].
    pub fn assemble(
        &self,
        certificate: &Certificate,
        above: &[Certificate],
        signature: &[u8],
    ) -> Result<Vec<u8>, Error> {
        let along: Vec<_> = core::iter::once(certificate).chain(above).collect();
        self.assemble_with(certificate, &along, signature)
    }

    /// As [`Self::assemble`], with these certificates and no others inside.
    pub(crate) fn assemble_with(
        &self,
        certificate: &Certificate,
        along: &[&Certificate],
        signature: &[u8],
    ) -> Result<Vec<u8>, Error> {
        signature::verify(&certificate.tbs.public_key, self.to_be_signed(), signature, "SignedData")?;
        let content = match self.attached {
            Attached::Embedded => encode::context(0, &encode::octet_string(&self.content)),
            Attached::Detached => Vec::new(),
        };
        let certificates: Vec<Vec<u8>> = along.iter().map(|certificate| certificate.der.clone()).collect();
        let certificates = if certificates.is_empty() { Vec::new() } else { encode::set_of(0xa0, certificates) };
        // RFC 5652 5.1 has version 3 for contents of another type; GB/T 35275 knows only 1.
        let version = if self.dialect == Dialect::Cms && self.content_type != oid::CMS_DATA { 3 } else { 1 };
        let signed_data = encode::sequence(&[
            &encode::unsigned(&[version]),
            &encode::tlv(encode::SET, &encode::algorithm(&oid::SM3)),
            &encode::sequence(&[&encode::oid(&self.content_type), &content]),
            &certificates,
            &encode::tlv(encode::SET, &self.signer_info(certificate, &signature::to_der(signature)?)),
        ]);
        Ok(encode::sequence(&[&encode::oid(&self.dialect.signed_data()), &encode::context(0, &signed_data)]))
    }

    fn signer_info(&self, certificate: &Certificate, signature: &[u8]) -> Vec<u8> {
        // The SET OF goes in under the tag [0] IMPLICIT, but is signed under its own tag.
        let attributes = self.attributes.as_ref().map(|set| [&[0xa0], &set[1..]].concat()).unwrap_or_default();
        encode::sequence(&[
            &encode::unsigned(&[1]),
            &encode::sequence(&[&certificate.tbs.issuer, &certificate.tbs.serial.to_der()]),
            &encode::algorithm(&oid::SM3),
            &attributes,
            // The standard names 1.2.156.10197.1.301.1 here; files in the field and all readers have 501.
            &encode::algorithm(&oid::SM2_WITH_SM3),
            &encode::octet_string(signature),
        ])
    }

    /// Signs and assembles with a key that is at hand.
    ///
    /// # Errors
    /// [`Error::Signer`] with the signer's cause, and as [`Self::assemble`].
    pub fn sign(
        &self,
        certificate: &Certificate,
        above: &[Certificate],
        signer: &dyn Signer,
    ) -> Result<Vec<u8>, Error> {
        let signature = signer::sign(signer, self.to_be_signed(), "SignedData")?;
        self.assemble(certificate, above, &signature)
    }
}

/// One Attribute with a single value.
pub(crate) fn attribute(kind: &ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    encode::sequence(&[&encode::oid(kind), &encode::tlv(encode::SET, value)])
}
