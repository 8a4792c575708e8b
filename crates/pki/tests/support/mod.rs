//! A small institution for tests: root, issuing CA, a person with both certificates.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use gm::sm2::KeyPair;
use pki::certificate::{self, Template};
use pki::{Certificate, Profile, Serial, Signer, UnixSeconds, name};

/// 2026-01-01T00:00:00Z.
pub const BEGIN: UnixSeconds = 1_767_225_600;
pub const DAY: UnixSeconds = 86_400;
pub const YEAR: UnixSeconds = 365 * DAY;
/// A day in the middle of everything's validity.
pub const NOW: UnixSeconds = BEGIN + 200 * DAY;

pub struct Holder {
    pub key: KeyPair,
    pub certificate: Certificate,
}

pub struct Institution {
    pub root: Holder,
    pub issuing: Holder,
    pub signing: Holder,
    pub encryption: Holder,
}

/// A template with addresses, so that every extension occurs.
pub fn template<'a>(
    profile: &'static Profile,
    serial: &'a Serial,
    subject: &'a [u8],
    public_key: &'a pki::PublicKey,
    years: u64,
) -> Template<'a> {
    Template {
        profile,
        serial,
        subject,
        public_key,
        not_before: BEGIN,
        not_after: BEGIN + years * YEAR,
        crl_url: Some("http://ca.example/ca.crl"),
        issuer_url: Some("http://ca.example/ca.cer"),
        ocsp_url: Some("http://ca.example/ocsp"),
        policy: Some(pki::oid::ANY_POLICY),
        credit_code: None,
    }
}

pub fn issue(profile: &'static Profile, subject: &[u8], years: u64, issuer: Option<&Holder>) -> Holder {
    let key = KeyPair::generate().unwrap();
    let (serial, public_key) = (Serial::random().unwrap(), key.public_key());
    let mut template = template(profile, &serial, subject, &public_key, years);
    let Some(issuer) = issuer else {
        template.crl_url = None;
        template.issuer_url = None;
        template.ocsp_url = None;
        template.policy = None;
        let to_be_signed = template.self_signed().unwrap();
        let certificate = certificate::sign(&to_be_signed, None, &key).unwrap();
        return Holder { key, certificate };
    };
    let to_be_signed = template.under(&issuer.certificate).unwrap();
    let certificate = certificate::sign(&to_be_signed, Some(&issuer.certificate), &issuer.key).unwrap();
    Holder { key, certificate }
}

impl Institution {
    pub fn new() -> Self {
        let root = issue(&Profile::ROOT, &name::authority("桂云CA(演示)", "桂云CA 根(演示)").unwrap(), 20, None);
        let authority = name::authority("桂云CA(演示)", "桂云CA(演示)").unwrap();
        let issuing = issue(&Profile::ISSUING, &authority, 10, Some(&root));
        let person = name::person("韦小明", "018f3b2e").unwrap();
        let signing = issue(&Profile::SIGNING, &person, 1, Some(&issuing));
        let encryption = issue(&Profile::ENCRYPTION, &person, 1, Some(&issuing));
        Self { root, issuing, signing, encryption }
    }

    pub fn all(&self) -> [(&'static str, &Holder, &Holder); 4] {
        [
            ("root", &self.root, &self.root),
            ("issuing", &self.issuing, &self.root),
            ("signing", &self.signing, &self.issuing),
            ("encryption", &self.encryption, &self.issuing),
        ]
    }
}
