//! What is refused before it is signed.

use gm::sm2::KeyPair;
use pki::certificate::{self, Template};
use pki::crl::{self, Reason, Revoked};
use pki::{Certificate, Error, Name, Profile, Serial, Signer, name, oid};

use crate::support::{BEGIN, DAY, Institution, NOW, YEAR, template};

/// What the lint says about a good template after a change.
fn finding<'a>(made: &'a Institution, change: impl FnOnce(&mut Template<'a>)) -> String {
    let serial: &'a Serial = Box::leak(Box::new(Serial::random().unwrap()));
    let key: &'a pki::PublicKey = Box::leak(Box::new(KeyPair::generate().unwrap().public_key()));
    let subject: &'a [u8] = name::person("韦小明", "018f3b2e").unwrap().leak();
    let mut template: Template<'a> = template(&Profile::SIGNING, serial, subject, key, 1);
    change(&mut template);
    match template.under(&made.issuing.certificate) {
        Err(Error::Lint(findings)) => findings.to_string(),
        Err(other) => other.to_string(),
        Ok(_) => "nothing".to_owned(),
    }
}

#[test]
fn a_good_template_has_no_finding() {
    assert_eq!(finding(&Institution::new(), |_| ()), "nothing");
}

#[test]
fn each_fault_of_a_template_is_found_by_name() {
    let made = Institution::new();
    let short = Serial::from_bytes(&[1, 2, 3]);
    assert!(finding(&made, |t| t.serial = &short).contains("serialNumber"));
    let long = Serial::from_bytes(&[0x81; 20]);
    assert!(finding(&made, |t| t.serial = &long).contains("serialNumber"));
    assert!(finding(&made, |t| t.not_after = t.not_before).contains("ends before it begins"));
    assert!(finding(&made, |t| t.not_after = BEGIN + 11 * YEAR).contains("beyond the issuer's"));
    assert!(finding(&made, |t| t.not_after = BEGIN + 6 * YEAR).contains("longer than the profile"));
    assert!(finding(&made, |t| t.not_before = BEGIN - DAY).contains("beyond the issuer's"));
    assert!(finding(&made, |t| t.public_key = &made.issuing.certificate.tbs.public_key).contains("issuer's own"));
    assert!(finding(&made, |t| t.crl_url = Some("ftp://ca.example/ca.crl")).contains("HTTP URL"));
    assert!(finding(&made, |t| t.issuer_url = Some("http://ca.example/ a")).contains("HTTP URL"));
    assert!(finding(&made, |t| t.ocsp_url = Some("ocsp.example")).contains("HTTP URL"));
    assert!(finding(&made, |t| t.credit_code = Some("91450100MA5KXXXX7P")).contains("OrganizationCode"));
    assert!(finding(&made, |t| t.profile = &Profile::ISSUING).contains("may not have CAs under it"));
    assert!(finding(&made, |t| t.profile = &Profile::ROOT).contains("fit no profile"));
    let off_curve = [4; 65];
    assert!(finding(&made, |t| t.public_key = &off_curve).contains("not a point"));
}

#[test]
fn subjects_that_we_would_not_write_are_refused() {
    let made = Institution::new();
    let with = |subject: &[u8]| finding(&made, |t| t.subject = subject.to_vec().leak());
    assert!(with(&Name::china().to_der()).contains("no commonName"));
    let no_country = Name::new().with(oid::COMMON_NAME, "韦小明").unwrap().to_der();
    assert!(with(&no_country).contains("no countryName"));
    assert!(with(&made.issuing.certificate.tbs.subject).contains("issuer and subject are the same"));
    assert!(with(b"not a name").contains("malformed") || with(b"not a name").contains("not a Name"));
    // commonName as PrintableString instead of UTF8String.
    let mut other_type = name::person("Wei", "1").unwrap();
    let at = other_type.windows(5).position(|window| window == [0x0c, 3, b'W', b'e', b'i']).unwrap();
    other_type[at] = 0x13;
    assert!(with(&other_type).contains("another string type"));
}

#[test]
fn an_enterprises_certificate_carries_the_credit_code_of_its_subject_and_no_other() {
    const CODE: &str = "91450100MA5KXXXX7P";
    let (made, key) = (Institution::new(), KeyPair::generate().unwrap());
    let (serial, public_key) = (Serial::random().unwrap(), key.public_key());
    let subject = name::enterprise("广西桂云工程有限公司", CODE, "018f3b2e").unwrap();
    let mut template = template(&Profile::SIGNING, &serial, &subject, &public_key, 1);
    template.credit_code = Some(CODE);
    let to_be_signed = template.under(&made.issuing.certificate).unwrap();
    let certificate = certificate::sign(&to_be_signed, Some(&made.issuing.certificate), &made.issuing.key).unwrap();
    assert_eq!(certificate.tbs.organization_code(), Some(CODE));
    let access = certificate.tbs.addresses(&oid::AUTHORITY_INFO_ACCESS).unwrap();
    assert_eq!(access, ["http://ca.example/ocsp", "http://ca.example/ca.cer"]);
    template.credit_code = Some("91450100MA5KXXXX8P");
    assert!(template.under(&made.issuing.certificate).is_err());
    assert_eq!(made.signing.certificate.tbs.organization_code(), None);
}

#[test]
fn a_credit_code_is_read_in_every_form_that_cas_have_used() {
    const CODE: &[u8] = b"91450100MA5KXXXX7P";
    let mut tbs = Institution::new().signing.certificate.tbs;
    let mut read = |value: &[u8]| {
        tbs.extensions = vec![pki::Extension { oid: oid::ORGANIZATION_CODE, critical: false, value: value.to_vec() }];
        tbs.organization_code().map(str::to_owned)
    };
    let code = core::str::from_utf8(CODE).ok().map(str::to_owned);
    assert_eq!(read(&[&[0x13, 18], CODE].concat()), code);
    assert_eq!(read(&[&[0x0c, 18], CODE].concat()), code);
    assert_eq!(read(&[&[0xa0, 20, 0x13, 18], CODE].concat()), code);
    assert_eq!(read(&[&[0x80, 18], CODE].concat()), code);
    assert_eq!(read(CODE), code);
    for wrong in [&[0x13u8, 2, 0xff, 0xfe][..], &[0x30], &[0xa0, 2, 0xa0, 0], &[0xff; 9]] {
        assert_eq!(read(wrong), None, "{wrong:?}");
    }
}

#[test]
fn nobody_but_a_ca_issues_and_nobody_signs_for_another() {
    let made = Institution::new();
    let (serial, key) = (Serial::random().unwrap(), KeyPair::generate().unwrap());
    let (subject, public_key) = (name::person("韦小明", "2").unwrap(), key.public_key());
    let template = template(&Profile::SIGNING, &serial, &subject, &public_key, 1);
    let error = template.under(&made.signing.certificate).unwrap_err().to_string();
    assert!(error.contains("the issuer is not a CA"), "{error}");

    let to_be_signed = template.under(&made.issuing.certificate).unwrap();
    let wrong_key = certificate::sign(&to_be_signed, Some(&made.issuing.certificate), &made.root.key);
    assert!(matches!(wrong_key, Err(Error::Signature(_))));
    let wrong_issuer = certificate::sign(&to_be_signed, Some(&made.root.certificate), &made.root.key);
    assert!(matches!(wrong_issuer, Err(Error::Lint(_))));
}

#[test]
fn stored_octets_that_were_changed_since_are_not_signed() {
    let made = Institution::new();
    let (serial, key) = (Serial::random().unwrap(), KeyPair::generate().unwrap().public_key());
    let subject = name::person("韦小明", "3").unwrap();
    let stored = template(&Profile::SIGNING, &serial, &subject, &key, 1).under(&made.issuing.certificate).unwrap();
    let sign = |octets: &[u8]| certificate::sign(octets, Some(&made.issuing.certificate), &made.issuing.key);
    let certificate = sign(&stored).unwrap();
    assert_eq!(certificate.tbs.der, stored);
    assert_eq!(Certificate::read(&certificate.der).unwrap(), certificate);
    // keyUsage from {digitalSignature, nonRepudiation} to everything.
    let at = stored.windows(4).position(|window| window == [3, 2, 6, 0xc0]).unwrap();
    let mut changed = stored.clone();
    changed[at + 2] = 0;
    changed[at + 3] = 0xff;
    assert!(matches!(sign(&changed), Err(Error::Lint(_))));
    for length in 0..stored.len() {
        assert!(sign(&stored[..length]).is_err());
    }
}

/// A signer whose signatures are not good, like a broken module.
struct Broken(KeyPair);

impl Signer for Broken {
    fn public_key(&self) -> pki::PublicKey {
        self.0.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Signer::sign(&self.0, &[message, b"!"].concat())
    }
}

#[test]
fn a_signature_that_does_not_verify_never_leaves_the_crate() {
    let made = Institution::new();
    let broken = Broken(made.root.key.clone());
    let result = certificate::sign(&made.root.certificate.tbs.der, None, &broken);
    assert!(matches!(result, Err(Error::Signature(_))));
}

#[test]
fn each_fault_of_a_revocation_list_is_found_by_name() {
    let made = Institution::new();
    let entry = Revoked { serial: Serial::random().unwrap(), at: NOW, reason: Reason::Unspecified };
    let finding = |next_update, revoked: &[Revoked]| {
        let template = crl::Template { number: 1, this_update: NOW, next_update, revoked };
        template.under(&made.issuing.certificate).map_or_else(|error| error.to_string(), |_| "nothing".to_owned())
    };
    assert_eq!(finding(NOW + DAY, &[]), "nothing");
    assert!(finding(NOW, &[]).contains("nextUpdate"));
    assert!(finding(NOW + DAY, &[entry.clone(), entry.clone()]).contains("listed twice"));
    assert!(finding(NOW + DAY, &[Revoked { at: NOW + 1, ..entry }]).contains("after thisUpdate"));
    let template = crl::Template { number: 1, this_update: NOW, next_update: NOW + DAY, revoked: &[] };
    let error = template.under(&made.signing.certificate).unwrap_err().to_string();
    assert!(error.contains("may not sign CRLs"), "{error}");
}

#[test]
fn a_revocation_list_reads_back_as_it_was_written() {
    let made = Institution::new();
    let revoked: Vec<_> = [0, 1, 2, 3, 4, 5, 6, 9, 10]
        .into_iter()
        .map(|code| Revoked {
            serial: Serial::random().unwrap(),
            at: NOW - DAY + u64::from(code),
            reason: Reason::from_code(code).unwrap(),
        })
        .collect();
    let template = crl::Template { number: u64::MAX, this_update: NOW, next_update: NOW + DAY, revoked: &revoked };
    let to_be_signed = template.under(&made.issuing.certificate).unwrap();
    let list = crl::sign(&to_be_signed, &made.issuing.certificate, &made.issuing.key).unwrap();
    let read = pki::Crl::read(&list.der).unwrap();
    assert_eq!(read, list);
    assert_eq!(read.tbs.revoked, revoked);
    assert_eq!(read.tbs.number, Some(vec![0xff; 8]));
    assert_eq!(read.find(&revoked[3].serial), Some(&revoked[3]));
    assert!(crl::sign(&to_be_signed, &made.issuing.certificate, &made.root.key).is_err());
}

#[test]
fn a_revocation_list_made_in_one_step_holds_what_two_steps_sign_and_is_linted_too() {
    let made = Institution::new();
    let (issuer, key) = (&made.issuing.certificate, &made.issuing.key);
    let entry = |at, reason| Revoked { serial: Serial::random().unwrap(), at, reason };
    // Seconds that change back and forth.
    let revoked = [
        entry(NOW, Reason::Unspecified),
        entry(NOW, Reason::KeyCompromise),
        entry(NOW - DAY, Reason::CertificateHold),
        entry(NOW, Reason::KeyCompromise),
    ];
    let template = crl::Template { number: 7, this_update: NOW, next_update: NOW + DAY, revoked: &revoked };
    let list = template.sign(issuer, key).unwrap();
    assert_eq!(list.tbs.der, template.under(issuer).unwrap());
    list.verify_signature(&issuer.tbs.public_key).unwrap();
    assert_eq!(pki::Crl::read(&list.der).unwrap().tbs.revoked, revoked);
    assert!(matches!(template.sign(issuer, &made.root.key), Err(Error::Signature(_))));
    let twice = [revoked[0].clone(), revoked[0].clone()];
    let fault = crl::Template { revoked: &twice, ..template }.sign(issuer, key).unwrap_err();
    assert!(matches!(fault, Error::Lint(findings) if findings.to_string().contains("listed twice")));
}
