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
    pub enterprise: Holder,
    pub responder: Holder,
    pub tsa: Holder,
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
    issue_for(profile, subject, (BEGIN, BEGIN + years * YEAR), issuer)
}

pub fn issue_for(
    profile: &'static Profile,
    subject: &[u8],
    (not_before, not_after): (UnixSeconds, UnixSeconds),
    issuer: Option<&Holder>,
) -> Holder {
    let key = KeyPair::generate().unwrap();
    let (serial, public_key) = (Serial::random().unwrap(), key.public_key());
    let mut template = template(profile, &serial, subject, &public_key, 1);
    (template.not_before, template.not_after) = (not_before, not_after);
    if profile.no_check {
        // Nobody asks about it.
        (template.crl_url, template.ocsp_url) = (None, None);
    }
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

/// What one of its people holds for an enterprise.
fn enterprise(issuing: &Holder) -> Holder {
    const CODE: &str = "91450100MA5KXXXX7P";
    let key = KeyPair::generate().unwrap();
    let (serial, public_key) = (Serial::random().unwrap(), key.public_key());
    let subject = name::enterprise("广西桂云工程有限公司（演示）", CODE, "018f3b2e").unwrap();
    let mut template = template(&Profile::SIGNING, &serial, &subject, &public_key, 1);
    template.credit_code = Some(CODE);
    let to_be_signed = template.under(&issuing.certificate).unwrap();
    let certificate = certificate::sign(&to_be_signed, Some(&issuing.certificate), &issuing.key).unwrap();
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
        let enterprise = enterprise(&issuing);
        let services = |name| name::authority("桂云CA(演示)", name).unwrap();
        let days = (NOW - 10 * DAY, NOW + 20 * DAY);
        let responder = issue_for(&Profile::OCSP_RESPONDER, &services("桂云CA OCSP(演示)"), days, Some(&issuing));
        let tsa = issue(&Profile::TIME_STAMP, &services("桂云CA 时间戳(演示)"), 5, Some(&issuing));
        Self { root, issuing, signing, encryption, enterprise, responder, tsa }
    }

    pub fn all(&self) -> [(&'static str, &Holder, &Holder); 7] {
        [
            ("root", &self.root, &self.root),
            ("issuing", &self.issuing, &self.root),
            ("signing", &self.signing, &self.issuing),
            ("encryption", &self.encryption, &self.issuing),
            ("enterprise", &self.enterprise, &self.issuing),
            ("responder", &self.responder, &self.issuing),
            ("tsa", &self.tsa, &self.issuing),
        ]
    }
}
