//! A certification authority of the tests, and people with certificates.

use document::pdf::{Chain, Placement, Report, Sm2Verifier, embed, prepare, verify};
use gm::sm2::KeyPair;
use jiff::Timestamp;
use pki::certificate::{Template, sign};
use pki::chain::{Revocation, Usage, Verifier};
use pki::signed_data::Message;
use pki::{Certificate, Profile, Serial, Signer as _, name};

use super::details;

/// 2026-01-01T00:00:00Z.
const START: u64 = 1_767_225_600;
const DAY: u64 = 86_400;

/// A root, and what it issued.
pub struct Authority {
    key: KeyPair,
    pub root: Certificate,
}

/// Somebody who signs.
pub struct Person {
    pub key: KeyPair,
    pub certificate: Certificate,
    pub name: &'static str,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let subject = name::authority("演示", "演示根CA").unwrap();
        let template = Template {
            profile: &Profile::ROOT,
            serial: &Serial::random().unwrap(),
            subject: &subject,
            public_key: &key.public_key(),
            not_before: START,
            not_after: START + 3_000 * DAY,
            crl_url: None,
            issuer_url: None,
            ocsp_url: None,
            policy: None,
            credit_code: None,
        };
        let root = sign(&template.self_signed().unwrap(), None, &key).unwrap();
        Self { key, root }
    }

    pub fn person(&self, name: &'static str, from_day: u64, days: u64) -> Person {
        let key = KeyPair::generate().unwrap();
        let serial = Serial::random().unwrap();
        let subject = name::person(name, &format!("P{serial}")).unwrap();
        let template = Template {
            profile: &Profile::SIGNING,
            serial: &serial,
            subject: &subject,
            public_key: &key.public_key(),
            not_before: START + from_day * DAY,
            not_after: START + (from_day + days) * DAY,
            crl_url: None,
            issuer_url: None,
            ocsp_url: None,
            policy: None,
            credit_code: None,
        };
        let certificate = sign(&template.under(&self.root).unwrap(), Some(&self.root), &self.key).unwrap();
        Person { key, certificate, name }
    }

    /// Verifies with this authority as the only one trusted.
    pub fn verify(&self, pdf: &[u8]) -> Report {
        self.try_verify(pdf).expect("readable")
    }

    /// As [`Self::verify`], for files that may be unreadable.
    pub fn try_verify(&self, pdf: &[u8]) -> document::Result<Report> {
        let roots = std::slice::from_ref(&self.root);
        let trust = |signer: &Certificate, others: &[Certificate], at: Option<Timestamp>| {
            let at = at.and_then(|at| u64::try_from(at.as_second()).ok()).unwrap_or(START);
            let verifier = Verifier { roots, intermediates: others, crls: &[], revocation: Revocation::WhenKnown, at };
            Chain::from(verifier.verify(signer, Usage::Signing))
        };
        verify(pdf, &Sm2Verifier(trust))
    }
}

impl Person {
    /// Prepares, signs and embeds.
    pub fn sign(&self, pdf: &[u8], placements: &[Placement<'_>]) -> Vec<u8> {
        let prepared = prepare(pdf, placements, &details(self.name)).expect("prepared");
        let message = Message::digest(&prepared.digest);
        let cms = message.sign(&self.certificate, &[], &self.key).expect("signed");
        embed(&prepared, &cms).expect("embedded")
    }
}
