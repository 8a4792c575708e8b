//! Certificate revocation lists, version 2 (RFC 5280 5, GB/T 20518 6).

use der::asn1::ObjectIdentifier;
use der::{Decode, Reader, SliceReader, Tag};
use x509_cert::time::Time;

use crate::certificate::Certificate;
use crate::{
    Error, Extension, PublicKey, Serial, Signer, UnixSeconds, encode, key, lint, oid, read, signature, signer,
};

/// reasonCode (RFC 5280 5.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // The names are those of the standard.
pub enum Reason {
    Unspecified = 0,
    KeyCompromise = 1,
    CaCompromise = 2,
    AffiliationChanged = 3,
    Superseded = 4,
    CessationOfOperation = 5,
    CertificateHold = 6,
    PrivilegeWithdrawn = 9,
    AaCompromise = 10,
}

impl Reason {
    const ALL: [Self; 9] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::CertificateHold,
        Self::PrivilegeWithdrawn,
        Self::AaCompromise,
    ];

    /// By its number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| *reason as u8 == code)
    }
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// Serial number of the certificate.
    pub serial: Serial,
    /// revocationDate: from then on it is not valid.
    pub at: UnixSeconds,
    /// reasonCode; [`Reason::Unspecified`] is not written (RFC 5280 5.3.1).
    pub reason: Reason,
}

/// What a list says: its TBSCertList.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TbsCertList {
    /// DER TBSCertList: the signed octets.
    pub der: Vec<u8>,
    /// DER Name of the issuer.
    pub issuer: Vec<u8>,
    /// thisUpdate.
    pub this_update: UnixSeconds,
    /// nextUpdate: when the list goes stale.
    pub next_update: Option<UnixSeconds>,
    /// The revoked certificates.
    pub revoked: Vec<Revoked>,
    /// cRLNumber, big-endian.
    pub number: Option<Vec<u8>>,
    /// keyIdentifier of authorityKeyIdentifier.
    pub authority_key_id: Option<Vec<u8>>,
}

/// A whole list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crl {
    /// The list as it came.
    pub der: Vec<u8>,
    /// What it says.
    pub tbs: TbsCertList,
    /// signatureValue.
    pub signature: Vec<u8>,
}

/// What goes into a list besides what its issuer decides.
#[derive(Debug, Clone)]
pub struct Template<'a> {
    /// cRLNumber: greater than in every earlier list of this issuer.
    pub number: u64,
    /// thisUpdate.
    pub this_update: UnixSeconds,
    /// nextUpdate.
    pub next_update: UnixSeconds,
    /// The revoked certificates.
    pub revoked: &'a [Revoked],
}

impl Template<'_> {
    /// The linted octets of a list that this issuer is to sign.
    ///
    /// # Errors
    /// [`Error::Lint`] with what is wrong.
    pub fn under(&self, issuer: &Certificate) -> Result<Vec<u8>, Error> {
        Ok(linted(&self.encoded(issuer)?, issuer)?.der)
    }

    /// [`Self::under`] and [`sign`] in one: long lists are read and linted once, as nothing lies in between.
    ///
    /// # Errors
    /// As these two.
    pub fn sign(&self, issuer: &Certificate, signer: &dyn Signer) -> Result<Crl, Error> {
        signed(linted(&self.encoded(issuer)?, issuer)?, issuer, signer)
    }

    fn encoded(&self, issuer: &Certificate) -> Result<Vec<u8>, Error> {
        // An empty list is left out, not written empty (RFC 5280 5.1.2.6).
        let entries = entries(self.revoked)?;
        let revoked = if entries.is_empty() { Vec::new() } else { encode::sequence(&[&entries]) };
        let own = key::identifier(&issuer.tbs.public_key);
        let key_id = issuer.tbs.subject_key_id()?.unwrap_or(&own);
        let authority = encode::sequence(&[&encode::tlv(0x80, key_id)]);
        let extensions = encode::sequence(&[
            &encode::extension(&oid::AUTHORITY_KEY_IDENTIFIER, false, &authority),
            &encode::extension(&oid::CRL_NUMBER, false, &encode::unsigned(&self.number.to_be_bytes())),
        ]);
        Ok(encode::sequence(&[
            &encode::unsigned(&[1]),
            &encode::algorithm(&oid::SM2_WITH_SM3),
            &issuer.tbs.subject,
            &encode::time(self.this_update)?,
            &encode::time(self.next_update)?,
            &revoked,
            &encode::context(0, &extensions),
        ]))
    }
}

/// The entries one behind the other. Reasons are encoded once for the whole list, times once for entries of the same
/// second.
fn entries(list: &[Revoked]) -> Result<Vec<u8>, Error> {
    const LONGEST: usize = 64;
    let reasons = Reason::ALL.map(|reason| (reason, reason_extensions(reason)));
    let mut last: Option<(UnixSeconds, Vec<u8>)> = None;
    let mut out = Vec::with_capacity(list.len() * LONGEST);
    for revoked in list {
        let time = match last.take() {
            Some((at, time)) if at == revoked.at => time,
            _ => encode::time(revoked.at)?,
        };
        let reason = reasons.iter().find(|(reason, _)| *reason == revoked.reason).map_or(&[][..], |(_, der)| der);
        out.extend(encode::sequence(&[&revoked.serial.to_der(), &time, reason]));
        last = Some((revoked.at, time));
    }
    Ok(out)
}

/// crlEntryExtensions with a reasonCode; nothing for [`Reason::Unspecified`].
fn reason_extensions(reason: Reason) -> Vec<u8> {
    if reason == Reason::Unspecified {
        return Vec::new();
    }
    let code = encode::tlv(encode::ENUMERATED, &[reason as u8]);
    encode::sequence(&[&encode::extension(&oid::REASON_CODE, false, &code)])
}

fn linted(to_be_signed: &[u8], issuer: &Certificate) -> Result<TbsCertList, Error> {
    let tbs = TbsCertList::read(to_be_signed)?;
    lint::crl(&tbs, issuer)?;
    Ok(tbs)
}

fn signed(tbs: TbsCertList, issuer: &Certificate, signer: &dyn Signer) -> Result<Crl, Error> {
    if issuer.tbs.public_key != signer.public_key() {
        return Err(Error::Signature("CertificateList: the signer is not the issuer"));
    }
    let signature = signer::sign(signer, &tbs.der, "CertificateList")?;
    let algorithm = encode::algorithm(&oid::SM2_WITH_SM3);
    let der = encode::sequence(&[&tbs.der, &algorithm, &encode::bit_string(&signature)]);
    Ok(Crl { der, tbs, signature })
}

/// Signs the octets of a template, linting them again.
///
/// # Errors
/// As [`crate::certificate::sign`].
pub fn sign(to_be_signed: &[u8], issuer: &Certificate, signer: &dyn Signer) -> Result<Crl, Error> {
    signed(linted(to_be_signed, issuer)?, issuer, signer)
}

impl Crl {
    /// Reads a DER list. Its signature is not checked: that needs the issuer.
    ///
    /// # Errors
    /// [`Error::Malformed`] and [`Error::Shape`]; [`Error::Algorithm`] for other signatures than SM2.
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        let signed = read::signed(der, "CertificateList")?;
        let (tbs, inner) = TbsCertList::with_algorithm(signed.to_be_signed)?;
        if inner != signed.algorithm {
            return Err(Error::Shape("CertificateList: the two algorithm identifiers differ"));
        }
        Ok(Self { der: der.to_vec(), tbs, signature: signed.signature.to_vec() })
    }

    /// Is this list signed by this key?
    ///
    /// # Errors
    /// [`Error::Signature`] if not.
    pub fn verify_signature(&self, issuer_key: &PublicKey) -> Result<(), Error> {
        signature::verify(issuer_key, &self.tbs.der, &self.signature, "CertificateList")
    }

    /// The line of this certificate.
    pub fn find(&self, serial: &Serial) -> Option<&Revoked> {
        self.tbs.revoked.iter().find(|entry| entry.serial == *serial)
    }
}

impl TbsCertList {
    /// Reads a DER TBSCertList.
    ///
    /// # Errors
    /// As [`Crl::read`].
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        Self::with_algorithm(der).map(|(tbs, _)| tbs)
    }

    fn with_algorithm(der: &[u8]) -> Result<(Self, &[u8]), Error> {
        const WHAT: &str = "TBSCertList";
        let fault = Error::reading(WHAT);
        let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
        if u8::decode(&mut fields).map_err(&fault)? != 1 {
            return Err(Error::Shape("TBSCertList: version is not v2"));
        }
        let algorithm = fields.tlv_bytes().map_err(&fault)?;
        read::check_sm2_with_sm3(algorithm, WHAT)?;
        let issuer = fields.tlv_bytes().map_err(&fault)?.to_vec();
        let this_update = read::unix_seconds(&Time::decode(&mut fields).map_err(&fault)?);
        let next_update = if read::next_is(&fields, Tag::UtcTime) || read::next_is(&fields, Tag::GeneralizedTime) {
            Some(read::unix_seconds(&Time::decode(&mut fields).map_err(&fault)?))
        } else {
            None
        };
        let revoked = if read::next_is(&fields, Tag::Sequence) {
            let list = read::content(fields.tlv_bytes().map_err(&fault)?, Tag::Sequence, WHAT)?;
            read::elements(list, WHAT)?.into_iter().map(read_entry).collect::<Result<_, _>>()?
        } else {
            Vec::new()
        };
        let extensions = if fields.is_finished() {
            Vec::new()
        } else {
            let list = read::content(fields.tlv_bytes().map_err(&fault)?, read::context(0), "crlExtensions")?;
            read::extensions(list, "extensions of a CRL")?
        };
        fields.finish().map_err(&fault)?;
        // A critical extension limits what the list speaks of (indirect, partitioned and delta lists).
        if extensions.iter().any(|extension| extension.critical) {
            return Err(Error::Shape("TBSCertList: a critical extension that is not understood"));
        }
        let find = |identifier: &ObjectIdentifier| extensions.iter().find(|found| found.oid == *identifier);
        let number = find(&oid::CRL_NUMBER).map(number).transpose()?;
        let authority_key_id = match find(&oid::AUTHORITY_KEY_IDENTIFIER) {
            Some(found) => crate::certificate::authority_key_id(&found.value)?.map(<[u8]>::to_vec),
            None => None,
        };
        let tbs = Self { der: der.to_vec(), issuer, this_update, next_update, revoked, number, authority_key_id };
        Ok((tbs, algorithm))
    }
}

fn number(extension: &Extension) -> Result<Vec<u8>, Error> {
    let content = read::content(&extension.value, Tag::Integer, "cRLNumber")?;
    Ok(Serial::from_integer(content)?.as_bytes().to_vec())
}

fn read_entry(der: &[u8]) -> Result<Revoked, Error> {
    const WHAT: &str = "entry of a CRL";
    let fault = Error::reading(WHAT);
    let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
    let serial = read::content(fields.tlv_bytes().map_err(&fault)?, Tag::Integer, WHAT)?;
    let at = Time::decode(&mut fields).map_err(&fault)?;
    let extensions = if fields.is_finished() {
        Vec::new()
    } else {
        read::extensions(fields.tlv_bytes().map_err(&fault)?, "extensions of an entry of a CRL")?
    };
    fields.finish().map_err(&fault)?;
    let mut reason = Reason::Unspecified;
    for extension in &extensions {
        if extension.oid == oid::REASON_CODE {
            let code = read::content(&extension.value, Tag::Enumerated, "reasonCode")?;
            let code = <[u8; 1]>::try_from(code).map_err(|_| Error::Shape("reasonCode"))?[0];
            reason = Reason::from_code(code).ok_or(Error::Shape("reasonCode: not a reason of a full list"))?;
        } else if extension.critical {
            return Err(Error::Shape("entry of a CRL: a critical extension that is not understood"));
        }
    }
    Ok(Revoked { serial: Serial::from_integer(serial)?, at: read::unix_seconds(&at), reason })
}
