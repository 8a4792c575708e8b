//! Is a certificate to be trusted, for a use, at a time (RFC 5280 6, without name constraints and policies)?
//!
//! Names are compared octet for octet. Order of the answers: first what nothing can mend (no path, wrong
//! use), then time, then revocation; a revocation after the moment in question does not matter
//! (GM/T 0031 6.2.3 d), so for a signature the moment is when it was made.

use crate::certificate::{Certificate, TbsCertificate};
use crate::crl::{Crl, Reason};
use crate::profile::KeyUsage;
use crate::{Serial, UnixSeconds, oid};

/// The longest path, root and leaf included.
const LONGEST: usize = 6;

/// The most signatures that one search checks: certificates come from strangers, who may have made many with
/// the same name and key so that every one could be above every other.
const MOST_SIGNATURES: usize = 64;

/// Why a certificate is not trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// No chain of good signatures and CA certificates leads to a trusted root.
    #[error("no path to a trusted root")]
    Untrusted,
    /// The certificate is not for this use.
    #[error("the certificate is not for this use")]
    Usage,
    /// It, or a certificate above it, has a critical extension that we do not know.
    #[error("a critical extension is not understood")]
    CriticalExtension,
    /// It, or a certificate above it, is not valid yet.
    #[error("not valid before {0}")]
    NotYetValid(UnixSeconds),
    /// It, or a certificate above it, is not valid any more.
    #[error("expired at {0}")]
    Expired(UnixSeconds),
    /// It, or a certificate above it, was revoked by then.
    #[error("{serial} was revoked at {at}: {reason:?}")]
    Revoked {
        /// Which certificate.
        serial: Serial,
        /// Since when.
        at: UnixSeconds,
        /// Why.
        reason: Reason,
    },
    /// A list is required and there is none that is signed by the issuer and fresh.
    #[error("no current revocation list")]
    RevocationUnknown,
}

/// What the certificate is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// Checking the subject's signature: digitalSignature or nonRepudiation, and not for the services of a CA only.
    Signing,
    /// Encrypting to the subject: keyEncipherment, dataEncipherment or keyAgreement.
    Encryption,
    /// Checking a time stamp: id-kp-timeStamping alone, critical (RFC 3161 2.3).
    TimeStamp,
    /// Whatever it is for.
    Any,
}

/// Must every certificate below the root have a current list of its issuer?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// A missing or stale list is a [`Fault::RevocationUnknown`], for the leaf and the CAs above it.
    Required,
    /// As above, but only for the leaf.
    RequiredForLeaf,
    /// Lists that are there and current count; missing ones do not matter.
    WhenKnown,
}

/// What is believed, and when.
#[derive(Debug, Clone, Copy)]
pub struct Verifier<'a> {
    /// Self-signed certificates that are believed without proof.
    pub roots: &'a [Certificate],
    /// Certificates that may stand between; need not be believed.
    pub intermediates: &'a [Certificate],
    /// Lists of any of the issuers; need not be believed.
    pub crls: &'a [Crl],
    /// How strict about lists.
    pub revocation: Revocation,
    /// The moment in question.
    pub at: UnixSeconds,
}

impl<'a> Verifier<'a> {
    /// The path from `leaf` to a root, the leaf first.
    ///
    /// # Errors
    /// The [`Fault`] that weighs most.
    pub fn verify<'b>(&self, leaf: &'b Certificate, usage: Usage) -> Result<Vec<&'b Certificate>, Fault>
    where
        'a: 'b,
    {
        let mut path = vec![leaf];
        let mut left = MOST_SIGNATURES;
        if !self.extend(&mut path, &mut left) {
            return Err(Fault::Untrusted);
        }
        check_usage(&leaf.tbs, usage)?;
        for certificate in &path {
            check_critical(&certificate.tbs)?;
        }
        for certificate in &path {
            if self.at < certificate.tbs.not_before {
                return Err(Fault::NotYetValid(certificate.tbs.not_before));
            }
            if self.at > certificate.tbs.not_after {
                return Err(Fault::Expired(certificate.tbs.not_after));
            }
        }
        for (position, pair) in path.windows(2).enumerate() {
            self.check_revocation(pair[0], pair[1], position == 0)?;
        }
        Ok(path)
    }

    /// Goes up from the end of the path until a root is reached, depth first.
    fn extend<'b>(&self, path: &mut Vec<&'b Certificate>, left: &mut usize) -> bool
    where
        'a: 'b,
    {
        // `path` begins with the leaf, so it is never empty.
        let last = path[path.len() - 1];
        if self.roots.iter().any(|root| root.der == last.der) {
            return true;
        }
        if path.len() == LONGEST {
            return false;
        }
        let below = path.len() - 1;
        for issuer in self.roots.iter().chain(self.intermediates) {
            if path.iter().any(|known| known.der == issuer.der) || !may_issue(last, issuer, below) {
                continue;
            }
            let Some(fewer) = left.checked_sub(1) else { return false };
            *left = fewer;
            if last.verify_signature(&issuer.tbs.public_key).is_ok() {
                path.push(issuer);
                if self.extend(path, left) {
                    return true;
                }
                path.pop();
            }
        }
        false
    }

    fn check_revocation(&self, certificate: &Certificate, issuer: &Certificate, leaf: bool) -> Result<(), Fault> {
        let may = issuer.tbs.key_usage().ok().flatten().is_none_or(|usage| usage.any(KeyUsage::CRL_SIGN));
        let good = |list: &&Crl| {
            may && list.tbs.issuer == issuer.tbs.subject
                && list.tbs.next_update.is_none_or(|next| next >= self.at)
                && list.verify_signature(&issuer.tbs.public_key).is_ok()
        };
        let required = match self.revocation {
            Revocation::Required => true,
            Revocation::RequiredForLeaf => leaf,
            Revocation::WhenKnown => false,
        };
        // The newest list knows most.
        let Some(list) = self.crls.iter().filter(good).max_by_key(|list| list.tbs.this_update) else {
            return if required { Err(Fault::RevocationUnknown) } else { Ok(()) };
        };
        match list.find(&certificate.tbs.serial) {
            Some(entry) if entry.at <= self.at => {
                Err(Fault::Revoked { serial: entry.serial.clone(), at: entry.at, reason: entry.reason })
            }
            _ => Ok(()),
        }
    }
}

/// Could `issuer`, with `below` CA certificates between it and the leaf, have signed this?
fn may_issue(certificate: &Certificate, issuer: &Certificate, below: usize) -> bool {
    let (tbs, above) = (&certificate.tbs, &issuer.tbs);
    // Certificates that were read have readable extensions.
    let ids = (tbs.authority_key_id().ok().flatten(), above.subject_key_id().ok().flatten());
    let ca = above.basic_constraints().ok().flatten().is_some_and(|constraints| {
        constraints.ca && constraints.path_length.is_none_or(|most| below <= usize::from(most))
    });
    let may = above.key_usage().ok().flatten().is_none_or(|usage| usage.any(KeyUsage::KEY_CERT_SIGN));
    tbs.issuer == above.subject && !matches!(ids, (Some(wanted), Some(found)) if wanted != found) && ca && may
}

fn check_usage(leaf: &TbsCertificate, usage: Usage) -> Result<(), Fault> {
    // GM/T 0015 decides by keyUsage; without it nothing says what the certificate is for.
    let found = leaf.key_usage().ok().flatten();
    let purposes = leaf.purposes().ok().flatten();
    let service = |purpose: &_| [oid::TIME_STAMPING, oid::OCSP_SIGNING].contains(purpose);
    let fits = match usage {
        // Purposes are no rule of GB/T 20518, but a certificate with none but these vouches for no document.
        Usage::Signing => found.is_some_and(KeyUsage::signs) && !purposes.is_some_and(|all| all.iter().all(service)),
        Usage::TimeStamp => {
            let critical = leaf.extension(&oid::EXTENDED_KEY_USAGE).is_some_and(|extension| extension.critical);
            found.is_some_and(KeyUsage::signs) && critical && purposes.is_some_and(|all| all == [oid::TIME_STAMPING])
        }
        Usage::Encryption => found.is_some_and(KeyUsage::encrypts),
        Usage::Any => true,
    };
    if fits { Ok(()) } else { Err(Fault::Usage) }
}

fn check_critical(tbs: &TbsCertificate) -> Result<(), Fault> {
    let known = [oid::KEY_USAGE, oid::BASIC_CONSTRAINTS, oid::EXTENDED_KEY_USAGE, oid::CERTIFICATE_POLICIES];
    let understood = |extension: &crate::Extension| !extension.critical || known.contains(&extension.oid);
    if tbs.extensions.iter().all(understood) { Ok(()) } else { Err(Fault::CriticalExtension) }
}
