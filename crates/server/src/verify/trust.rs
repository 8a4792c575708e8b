//! Whom the platform believes when it looks at PDF signatures.

use document::pdf::{self, Chain, Report, Sm2Verifier, Verdict};
use jiff::Timestamp;
use pki::{
    Certificate, Crl, Serial,
    chain::{Revocation, Usage, Verifier},
};

use crate::{
    app::AppState,
    certificate::authority,
    error::{Problem, Result},
    pki_services,
};

/// The roots, issuing CAs and current revocation lists of all institutions, at one moment.
pub struct Trust {
    roots: Vec<Certificate>,
    intermediates: Vec<Certificate>,
    crls: Vec<Crl>,
    now: Timestamp,
}

impl Trust {
    /// What is believed now.
    pub async fn load(state: &AppState) -> Result<Self> {
        let mut trust = Self { roots: Vec::new(), intermediates: Vec::new(), crls: Vec::new(), now: state.now() };
        for (row, root, ca) in authority::all(&*state.db).await? {
            trust.roots.push(root);
            trust.intermediates.push(ca);
            let crl = match row.is_outside() {
                true => row.crl,
                false => Some(pki_services::crl::current(state, &row.slug).await?),
            };
            trust.crls.extend(crl.map(|crl| Crl::read(&crl)).transpose().map_err(Problem::internal)?);
        }
        Ok(trust)
    }

    /// Verifies every signature of a file.
    pub fn verify(&self, file: &[u8]) -> Result<Report, document::Error> {
        let judge = |leaf: &Certificate, along: &[Certificate], at: Option<Timestamp>| self.chain(leaf, along, at);
        pdf::verify(file, &Sm2Verifier(judge))
    }

    /// Is the newest signature of this file valid, over the whole file, and made with this certificate?
    pub fn newest_is_valid(&self, file: &[u8], serial: &Serial) -> bool {
        let newest = self.verify(file).ok().and_then(|mut report| report.signatures.pop());
        newest.is_some_and(|newest| {
            newest.verdict == Verdict::Valid
                && newest.covers_whole_document
                && newest.serial.as_deref() == Some(&serial.to_string())
        })
    }

    /// What is known of a certificate that claims to have signed at `claimed_at`. A claim about the future is none.
    fn chain(&self, leaf: &Certificate, along: &[Certificate], claimed_at: Option<Timestamp>) -> Chain {
        let at = claimed_at.filter(|at| *at <= self.now).unwrap_or(self.now);
        let intermediates: Vec<Certificate> = self.intermediates.iter().chain(along).cloned().collect();
        let verifier = Verifier {
            roots: &self.roots,
            intermediates: &intermediates,
            crls: &self.crls,
            revocation: Revocation::WhenKnown,
            at: authority::seconds(at),
        };
        verifier.verify(leaf, Usage::Signing).into()
    }
}
