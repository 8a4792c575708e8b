//! PDFs: what a file is before it is sent, and whether what comes back is that file with the person's signature.

use std::sync::Mutex;

use bytes::Bytes;
use document::pdf::{self, Chain, Sm2Verifier};
use jiff::Timestamp;
use pki::Certificate;

use crate::{Client, Enterprise, Error, Result, SignatureFault, Trust};

/// A signature that holds for its file. Whether its certificate is to be trusted is another question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSignature {
    /// Name in the certificate.
    pub name: String,
    /// The time that the signer claims.
    pub signed_at: Option<Timestamp>,
}

/// What is known of a PDF without asking anybody.
#[derive(Debug, Clone, PartialEq)]
pub struct PdfFacts {
    /// Width and height of each page as seen, in millimetres.
    pub pages_mm: Vec<(f64, f64)>,
    /// The signatures that hold, in the order of signing.
    pub signatures: Vec<FoundSignature>,
}

/// Reads a PDF as the platform will, so that a file that cannot be signed is refused when it is uploaded.
///
/// # Errors
/// What is wrong with the file; [`document::Error::code`] is the code that the platform would give.
pub fn inspect_pdf(octets: &[u8]) -> Result<PdfFacts, document::Error> {
    let pages_mm = pdf::page_sizes_mm(octets)?;
    let report = pdf::verify(octets, &Sm2Verifier(|_: &_, _: &[_], _| Chain::Untrusted))?;
    let holding = report.signatures.into_iter().filter(|signature| signature.digest_ok && signature.signature_ok);
    let signatures = holding
        .map(|signature| FoundSignature {
            name: signature.signer_name.unwrap_or_default(),
            signed_at: signature.signed_at,
        })
        .collect();
    Ok(PdfFacts { pages_mm, signatures })
}

/// A document that came back signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedSignature {
    /// The name in the certificate.
    pub name: String,
    /// The enterprise that the certificate speaks for; none: the person alone.
    pub enterprise: Option<Enterprise>,
    /// The certificate that signed.
    pub certificate: Certificate,
    /// The time that the signature claims.
    pub signed_at: Option<Timestamp>,
}

impl Client {
    /// Verifies what [`Client::document`] gave: the octets that were sent are still there, untouched; behind them stands
    /// one signature more, which covers everything and changed nothing else that a reader sees; its certificate is to be
    /// trusted now. Compare the name, or better the certificate, with whom you asked.
    ///
    /// # Errors
    /// [`Error::Signature`] with what does not fit; errors of fetching the issuer's certificate and list.
    pub async fn verify_signed(
        &self,
        original: Bytes,
        signed: Bytes,
        trust: &Trust,
        now: Timestamp,
    ) -> Result<VerifiedSignature> {
        // Hashing and reading tens of megabytes takes longer than an event loop may wait.
        let checked = tokio::task::spawn_blocking(move || check(&original, &signed)).await;
        let verified = checked.map_err(|_| Error::Answer("the signed document cannot be checked"))??;
        match trust.check(self, &verified.certificate, now).await {
            Err(Error::Login(_)) => Err(SignatureFault::Untrusted.into()),
            outcome => outcome.map(|()| verified),
        }
    }
}

/// Everything but the certificate's worth.
fn check(original: &[u8], signed: &[u8]) -> Result<VerifiedSignature, SignatureFault> {
    if !signed.starts_with(original) {
        return Err(SignatureFault::OtherDocument);
    }
    let seen: Mutex<Vec<Certificate>> = Mutex::default();
    let remember = |certificate: &Certificate, _: &[Certificate], _| {
        if let Ok(mut seen) = seen.lock() {
            seen.push(certificate.clone());
        }
        Chain::Trusted
    };
    let mut report = pdf::verify(signed, &Sm2Verifier(remember)).map_err(|_| SignatureFault::Unreadable)?;
    let before = pdf::verify(original, &Sm2Verifier(|_: &_, _: &[_], _| Chain::Trusted))
        .map_err(|_| SignatureFault::Unreadable)?;
    if report.signatures.len() != before.signatures.len() + 1 {
        return Err(SignatureFault::NotSigned);
    }
    // Earlier signatures that held must hold still.
    let spoiled = report.signatures.iter().zip(&before.signatures).any(|(now, before)| now.verdict != before.verdict);
    let newest = report.signatures.pop().ok_or(SignatureFault::NotSigned)?;
    if spoiled || newest.verdict != pdf::Verdict::Valid || !newest.covers_whole_document {
        return Err(SignatureFault::NotSigned);
    }
    let seen = seen.into_inner().unwrap_or_default();
    let mut of_serial = seen.into_iter().filter(|one| Some(one.tbs.serial.to_string()) == newest.serial);
    let certificate = of_serial.next().ok_or(SignatureFault::NotSigned)?;
    // Two issuers may use one number; which of them is meant must not depend on the order of signatures.
    if of_serial.any(|other| other != certificate) {
        return Err(SignatureFault::NotSigned);
    }
    let enterprise = Enterprise::of(&certificate).map_err(|_| SignatureFault::NotSigned)?;
    let name = newest.signer_name.unwrap_or_default();
    Ok(VerifiedSignature { name, enterprise, certificate, signed_at: newest.signed_at })
}
