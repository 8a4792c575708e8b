//! Signatures after GB/T 35275 (and their twins with the identifiers of RFC 5652), over crate `pki`.

use jiff::Timestamp;
use pki::chain::Fault;
use pki::name::Attributes;
use pki::{Certificate, SignedData};

use super::{Chain, Covered, Facts, Reason, SignatureVerifier};

/// Examines SignedData; what a certificate is worth is asked of a closure.
///
/// The closure gets the signer's certificate, the other certificates that came along (need not be believed), and the
/// time of signing that is claimed.
#[derive(Debug, Clone, Copy)]
pub struct Sm2Verifier<T>(
    /// Judges certificates.
    pub T,
);

impl<T> SignatureVerifier for Sm2Verifier<T>
where
    T: Fn(&Certificate, &[Certificate], Option<Timestamp>) -> Chain,
{
    fn examine(&self, contents: &[u8], covered: &Covered<'_>, claimed_at: Option<Timestamp>) -> Result<Facts, Reason> {
        let message = SignedData::read(contents).map_err(|error| match error {
            pki::Error::Algorithm(_) => Reason::UnsupportedFormat,
            _ => Reason::MalformedSignature,
        })?;
        let checks = message.check(&[covered.before, covered.after].concat());
        // A signature field is the act of one person.
        let [check] = checks.as_slice() else { return Err(Reason::MalformedSignature) };
        let signer = check.certificate.as_ref().ok_or(Reason::MalformedSignature)?;
        let others: Vec<Certificate> = message
            .certificates
            .iter()
            .filter(|der| **der != signer.der)
            .filter_map(|der| Certificate::read(der).ok())
            .collect();
        let name = |der: &[u8]| Attributes::read(der).map_or_else(|_| String::new(), |name| name.display_name().into());
        Ok(Facts {
            signer_name: name(&signer.tbs.subject),
            issuer_name: name(&signer.tbs.issuer),
            serial: signer.tbs.serial.to_string(),
            digest_ok: check.digest_ok,
            signature_ok: check.covered.is_some(),
            chain: (self.0)(signer, &others, claimed_at),
        })
    }
}

impl<T> From<Result<T, Fault>> for Chain {
    /// What a path verification means for a signature.
    fn from(outcome: Result<T, Fault>) -> Self {
        match outcome {
            Ok(_) => Self::Trusted,
            Err(Fault::Expired(_) | Fault::NotYetValid(_)) => Self::Expired,
            Err(Fault::Revoked { .. }) => Self::Revoked,
            Err(_) => Self::Untrusted,
        }
    }
}
