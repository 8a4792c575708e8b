//! Whether to believe an answer (RFC 6960 3.2).

use super::{BasicResponse, CertId, Issuer, Status};
use crate::profile::KeyUsage;
use crate::{Certificate, PublicKey, Serial, UnixSeconds, oid, signature};

/// How far the responder's clock may be from ours.
const SKEW: UnixSeconds = 5 * 60;

/// What was asked, and what is known without asking.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The certificate that issued the one in question; believed.
    pub issuer: &'a Certificate,
    /// The one in question.
    pub serial: &'a Serial,
    /// What was sent along; the answer must repeat it.
    pub nonce: Option<&'a [u8]>,
    /// Now.
    pub at: UnixSeconds,
}

/// Why an answer is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Neither the issuer nor a responder of its choice signed this.
    #[error("not signed by a responder of the issuer")]
    Signature,
    /// It is about other certificates.
    #[error("no answer about this certificate")]
    AnotherCertificate,
    /// It does not repeat what was sent along.
    #[error("the nonce is not that of the request")]
    Nonce,
    /// It is from the future.
    #[error("the answer is dated after now")]
    NotYet,
    /// It has gone stale.
    #[error("the answer is out of date")]
    Stale,
}

impl BasicResponse {
    /// What is to be believed of the certificate in question.
    ///
    /// # Errors
    /// The [`Fault`] that was found first, in their order.
    pub fn check(&self, ask: &Ask<'_>) -> Result<&Status, Fault> {
        let signed = |key: &PublicKey| signature::verify(key, &self.data, &self.signature, "BasicOCSPResponse").is_ok();
        let delegated = || {
            let read = self.certificates.iter().filter_map(|der| Certificate::read(der).ok());
            read.filter(|found| may_answer(found, ask)).any(|found| signed(&found.tbs.public_key))
        };
        if !(delegated() || signed(&ask.issuer.tbs.public_key)) {
            return Err(Fault::Signature);
        }
        let issuer = Issuer::of(ask.issuer);
        let about = |id: &CertId| id.serial == *ask.serial && issuer.issued(id);
        let answer = self.answers.iter().find(|answer| about(&answer.id)).ok_or(Fault::AnotherCertificate)?;
        if ask.nonce.is_some() && ask.nonce != self.nonce.as_deref() {
            return Err(Fault::Nonce);
        }
        if answer.this_update > ask.at + SKEW {
            return Err(Fault::NotYet);
        }
        // Without nextUpdate it holds for the moment in which it was made.
        if answer.next_update.unwrap_or(self.produced_at) + SKEW < ask.at {
            return Err(Fault::Stale);
        }
        Ok(&answer.status)
    }
}

/// Made by the issuer for this, valid now, and not to be asked about itself.
fn may_answer(found: &Certificate, ask: &Ask<'_>) -> bool {
    let tbs = &found.tbs;
    tbs.issuer == ask.issuer.tbs.subject
        && tbs.purposes().ok().flatten().is_some_and(|purposes| purposes.contains(&oid::OCSP_SIGNING))
        && tbs.key_usage().ok().flatten().is_none_or(|usage| usage.any(KeyUsage::DIGITAL_SIGNATURE))
        && tbs.extension(&oid::OCSP_NO_CHECK).is_some()
        && (tbs.not_before..=tbs.not_after).contains(&ask.at)
        && found.verify_signature(&ask.issuer.tbs.public_key).is_ok()
}
