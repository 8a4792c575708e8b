//! What verification answers.

use jiff::Timestamp;

use crate::pdf::RectMm;

/// What is known about the signer's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    /// Leads to a root that the verifier trusts, valid at the time of signing.
    Trusted,
    /// Leads to no such root.
    Untrusted,
    /// Was not valid at the time of signing.
    Expired,
    /// Was revoked before the signature.
    Revoked,
}

impl Chain {
    /// The name used in interfaces.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::Untrusted => "untrusted",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// The conclusion about one signature.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verdict {
    /// The person of the certificate signed what the document shows now.
    Valid,
    /// The signature does not hold for this document.
    Invalid,
    /// Nothing speaks against it, but it cannot be confirmed.
    #[default]
    Unknown,
}

impl Verdict {
    /// The name used in interfaces.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Unknown => "unknown",
        }
    }
}

/// Why a verdict is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// ByteRange is not "everything from the start but one gap".
    ByteRangeInvalid,
    /// The gap of ByteRange is not exactly the Contents of the signature, or hides something.
    ContentsInvalid,
    /// The signed octets are not a readable PDF by themselves.
    RevisionUnreadable,
    /// The signature is not part of the revision that it covers.
    NotInItsRevision,
    /// The document's octets are not those that were signed.
    DigestMismatch,
    /// The signature value does not fit the certificate's key.
    SignatureWrong,
    /// What a reader sees was changed after signing.
    ChangedAfterSigning,
    /// Others signed later; the signature still holds.
    LaterSignatures,
    /// Octets without visible effect follow, which no signature covers.
    UnsignedOctets,
    /// Somebody signed later whose signature cannot be confirmed, and with it what it shows on the pages.
    LaterSignatureUnconfirmed,
    /// A form of signature that is not SM2 after GB/T 35275.
    UnsupportedFormat,
    /// Contents cannot be read.
    MalformedSignature,
    /// The certificate leads to no trusted root.
    CertificateUntrusted,
    /// The certificate was not valid at the time of signing.
    CertificateExpired,
    /// The certificate was revoked.
    CertificateRevoked,
}

impl Reason {
    /// The stable code used in interfaces.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::ByteRangeInvalid => "BYTE_RANGE_INVALID",
            Self::ContentsInvalid => "CONTENTS_INVALID",
            Self::RevisionUnreadable => "REVISION_UNREADABLE",
            Self::NotInItsRevision => "NOT_IN_ITS_REVISION",
            Self::DigestMismatch => "DIGEST_MISMATCH",
            Self::SignatureWrong => "SIGNATURE_WRONG",
            Self::ChangedAfterSigning => "CHANGED_AFTER_SIGNING",
            Self::LaterSignatures => "LATER_SIGNATURES",
            Self::UnsignedOctets => "UNSIGNED_OCTETS",
            Self::LaterSignatureUnconfirmed => "LATER_SIGNATURE_UNCONFIRMED",
            Self::UnsupportedFormat => "UNSUPPORTED_FORMAT",
            Self::MalformedSignature => "MALFORMED_SIGNATURE",
            Self::CertificateUntrusted => "CERTIFICATE_UNTRUSTED",
            Self::CertificateExpired => "CERTIFICATE_EXPIRED",
            Self::CertificateRevoked => "CERTIFICATE_REVOKED",
        }
    }

    fn refutes(self) -> bool {
        matches!(
            self,
            Self::ByteRangeInvalid
                | Self::ContentsInvalid
                | Self::RevisionUnreadable
                | Self::NotInItsRevision
                | Self::DigestMismatch
                | Self::SignatureWrong
                | Self::ChangedAfterSigning
                | Self::MalformedSignature
                | Self::CertificateRevoked
        )
    }
}

/// What a [`super::SignatureVerifier`] found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Common name of the certificate.
    pub signer_name: String,
    /// Common name of its issuer.
    pub issuer_name: String,
    /// Serial number, lower case hexadecimal.
    pub serial: String,
    /// The digest inside of the signature is that of the covered octets.
    pub digest_ok: bool,
    /// The signature value verifies with the certificate's key.
    pub signature_ok: bool,
    /// What is known about the certificate.
    pub chain: Chain,
}

/// One signature.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SignatureReport {
    /// Position in the order of signing, from 0.
    pub index: usize,
    /// From the certificate; as long as none could be read, what the signature claims.
    pub signer_name: Option<String>,
    /// Who issued the certificate.
    pub issuer_name: Option<String>,
    /// Serial number of the certificate, lower case hexadecimal.
    pub serial: Option<String>,
    /// The time that the signer claims.
    pub signed_at: Option<Timestamp>,
    /// Form of the signature.
    pub sub_filter: String,
    /// Every octet of the file, but the signature itself, is covered.
    pub covers_whole_document: bool,
    /// Octets follow after what is covered.
    pub later_revision_exists: bool,
    /// The covered octets are those that were signed.
    pub digest_ok: bool,
    /// The signature value verifies.
    pub signature_ok: bool,
    /// What is known about the certificate; `None` if none could be read.
    pub chain: Option<Chain>,
    /// The conclusion.
    pub verdict: Verdict,
    /// What led to it.
    pub reasons: Vec<Reason>,
    /// Page on which it shows, from 1.
    pub page: Option<u32>,
    /// Where it shows on that page.
    pub rect_mm: Option<RectMm>,
}

impl SignatureReport {
    pub(super) fn take(&mut self, facts: Facts) {
        if !facts.digest_ok {
            self.reasons.push(Reason::DigestMismatch);
        }
        if !facts.signature_ok {
            self.reasons.push(Reason::SignatureWrong);
        }
        match facts.chain {
            Chain::Trusted => {}
            Chain::Untrusted => self.reasons.push(Reason::CertificateUntrusted),
            Chain::Expired => self.reasons.push(Reason::CertificateExpired),
            Chain::Revoked => self.reasons.push(Reason::CertificateRevoked),
        }
        self.signer_name = Some(facts.signer_name);
        self.issuer_name = Some(facts.issuer_name);
        self.serial = Some(facts.serial);
        self.digest_ok = facts.digest_ok;
        self.signature_ok = facts.signature_ok;
        self.chain = Some(facts.chain);
    }

    /// What the reasons so far come to.
    pub(super) fn standing(&self) -> Verdict {
        let confirmed = self.digest_ok && self.signature_ok && self.chain == Some(Chain::Trusted);
        if self.reasons.iter().any(|reason| reason.refutes()) {
            Verdict::Invalid
        } else if confirmed && !self.reasons.contains(&Reason::LaterSignatureUnconfirmed) {
            Verdict::Valid
        } else {
            Verdict::Unknown
        }
    }

    pub(super) fn decide(&mut self) {
        self.verdict = self.standing();
    }
}

/// All signatures of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// There is a signature, the newest covers the whole file, and every one fits its document, whoever made it.
    pub intact: bool,
    /// In the order of signing.
    pub signatures: Vec<SignatureReport>,
}
