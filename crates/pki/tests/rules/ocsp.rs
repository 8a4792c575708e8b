//! Questions and answers about revocation.

use pki::crl::Reason;
use pki::hash::Hash;
use pki::ocsp::{Answer, Ask, BasicResponse, CertId, Fault, MOST_IDS, Refusal, Request, Response, Status, Template};
use pki::{Error, Profile, Serial, ocsp};
use proptest::prelude::*;

use crate::support::{BEGIN, DAY, Holder, Institution, NOW, issue, issue_for};

fn answer(made: &Institution, status: Status) -> Answer {
    let serial = made.signing.certificate.tbs.serial.clone();
    let id = CertId::new(Hash::Sm3, &made.issuing.certificate, serial);
    Answer { id, status, this_update: NOW, next_update: Some(NOW + DAY) }
}

fn signed(responder: &Holder, answers: &[Answer], nonce: Option<&[u8]>) -> BasicResponse {
    let data = Template { produced_at: NOW, answers, nonce }.under(&responder.certificate).unwrap();
    let der = ocsp::sign(&data, &responder.certificate, &responder.key).unwrap();
    match Response::read(&der).unwrap() {
        Response::Basic(response) => response,
        Response::Refused(refusal) => panic!("{refusal:?}"),
    }
}

fn ask(made: &Institution) -> Ask<'_> {
    let serial = &made.signing.certificate.tbs.serial;
    Ask { issuer: &made.issuing.certificate, serial, nonce: None, at: NOW + 60 }
}

#[test]
fn an_answer_of_the_responder_is_believed_for_its_certificate_and_its_time() {
    let made = Institution::new();
    let revoked = Status::Revoked { at: NOW - DAY, reason: Reason::CertificateHold };
    for status in [Status::Good, Status::Unknown, revoked] {
        let response = signed(&made.responder, &[answer(&made, status.clone())], Some(b"0123456789abcdef"));
        let good = ask(&made);
        assert_eq!(response.check(&good), Ok(&status));
        assert_eq!(response.check(&Ask { nonce: Some(b"0123456789abcdef"), ..good }), Ok(&status));
        assert_eq!(response.check(&Ask { nonce: Some(b"0123456789abcdee"), ..good }), Err(Fault::Nonce));
        assert_eq!(response.check(&Ask { at: NOW - 301, ..good }), Err(Fault::NotYet));
        assert_eq!(response.check(&Ask { at: NOW + DAY + 301, ..good }), Err(Fault::Stale));
        let other = Serial::from_bytes(&[7; 16]);
        assert_eq!(response.check(&Ask { serial: &other, ..good }), Err(Fault::AnotherCertificate));
        assert_eq!(response.check(&Ask { issuer: &made.root.certificate, ..good }), Err(Fault::Signature));
    }
    let response = signed(&made.responder, &[answer(&made, Status::Good)], None);
    assert_eq!(response.check(&Ask { nonce: Some(b"wanted"), ..ask(&made) }), Err(Fault::Nonce));
}

#[test]
fn an_answer_without_next_update_holds_for_the_moment() {
    let made = Institution::new();
    let response = signed(&made.responder, &[Answer { next_update: None, ..answer(&made, Status::Good) }], None);
    assert_eq!(response.check(&ask(&made)), Ok(&Status::Good));
    assert_eq!(response.check(&Ask { at: NOW + 301, ..ask(&made) }), Err(Fault::Stale));
}

#[test]
fn nobody_answers_for_a_ca_but_the_responder_that_it_chose() {
    let (made, stranger) = (Institution::new(), Institution::new());
    let response = signed(&stranger.responder, &[answer(&made, Status::Good)], None);
    assert_eq!(response.check(&ask(&made)), Err(Fault::Signature));
    // A subscriber of the same CA is no responder: it is not signed, and not believed if somebody else signs it.
    let data = Template { produced_at: NOW, answers: &[answer(&made, Status::Good)], nonce: None };
    let data = data.under(&made.signing.certificate).unwrap();
    assert!(matches!(ocsp::sign(&data, &made.signing.certificate, &made.signing.key), Err(Error::OutOfRange(_))));
    assert!(matches!(ocsp::sign(&data, &made.responder.certificate, &made.signing.key), Err(Error::Signature(_))));
    let mut response = signed(&made.responder, &[answer(&made, Status::Good)], None);
    response.signature = pki::Signer::sign(&made.signing.key, &response.data).unwrap();
    response.certificates = vec![made.signing.certificate.der.clone()];
    assert_eq!(response.check(&ask(&made)), Err(Fault::Signature));
    // The issuing CA itself may answer.
    response.signature = pki::Signer::sign(&made.issuing.key, &response.data).unwrap();
    assert_eq!(response.check(&ask(&made)), Ok(&Status::Good));
}

#[test]
fn a_responder_whose_certificate_has_ended_is_not_believed() {
    let made = Institution::new();
    let subject = &made.responder.certificate.tbs.subject;
    let days = (BEGIN, BEGIN + 30 * DAY);
    let ended = issue_for(&Profile::OCSP_RESPONDER, subject, days, Some(&made.issuing));
    let response = signed(&ended, &[answer(&made, Status::Good)], None);
    assert_eq!(response.check(&ask(&made)), Err(Fault::Signature));
}

#[test]
fn a_request_about_several_certificates_keeps_their_order_and_its_nonce() {
    let made = Institution::new();
    let ids: Vec<_> = [Hash::Sm3, Hash::Sha1, Hash::Sha256]
        .into_iter()
        .zip(1u8..)
        .map(|(hash, number)| CertId::new(hash, &made.issuing.certificate, Serial::from_bytes(&[number; 16])))
        .collect();
    for nonce in [None, Some(vec![7]), Some(vec![7; 32]), Some(vec![7; 128])] {
        let request = Request { ids: ids.clone(), nonce };
        assert_eq!(Request::read(&request.to_der()).unwrap(), request);
        assert_eq!(Request::from_path(&request.to_path()).unwrap(), request);
        let url_safe = request.to_path().replace('+', "-").replace('/', "_");
        assert_eq!(Request::from_path(url_safe.trim_end_matches('=')).unwrap(), request);
    }
}

#[test]
fn requests_that_rfc_6960_and_rfc_9654_do_not_allow_are_refused() {
    let made = Institution::new();
    let id = CertId::new(Hash::Sm3, &made.issuing.certificate, Serial::from_bytes(&[1; 16]));
    let with = |ids: Vec<CertId>, nonce: Option<Vec<u8>>| Request::read(&Request { ids, nonce }.to_der());
    assert!(matches!(with(vec![], None), Err(Error::OutOfRange(_))));
    assert!(with(vec![id.clone(); MOST_IDS], None).is_ok());
    assert!(matches!(with(vec![id.clone(); MOST_IDS + 1], None), Err(Error::OutOfRange(_))));
    assert!(matches!(with(vec![id.clone()], Some(vec![])), Err(Error::OutOfRange(_))));
    assert!(matches!(with(vec![id.clone()], Some(vec![1; 129])), Err(Error::OutOfRange(_))));
    for path in ["", "!", "MA==", "MAA", "=", "////", "%4D"] {
        assert!(Request::from_path(path).is_err(), "{path}");
    }
    // A digest one octet short of its function's length.
    let good = Request { ids: vec![id], nonce: None }.to_der();
    let short = hex::encode(&good).replacen("0420", "041f", 1);
    assert!(Request::read(&hex::decode(short).unwrap()).is_err());
    // A critical extension that nobody knows: OBJECT IDENTIFIER 1.2.3, critical, NULL.
    let extension = hex::decode("a20d300b300906022a030101ff04020500").unwrap();
    let outer = good[2..].to_vec();
    let inner = [&outer[2..], &extension[..]].concat();
    let body = [&[0x30, inner.len() as u8], &inner[..]].concat();
    let critical = [&[0x30, body.len() as u8], &body[..]].concat();
    assert!(critical.len() < 130 && Request::read(&critical).is_err());
}

#[test]
fn a_digest_function_that_nobody_knows_is_answered_and_not_refused() {
    let made = Institution::new();
    let id = CertId::new(Hash::Sm3, &made.issuing.certificate, Serial::from_bytes(&[1; 16]));
    let der = hex::encode(Request { ids: vec![id], nonce: None }.to_der());
    // SM3 becomes 1.2.156.10197.1.409.
    let request = Request::read(&hex::decode(der.replace("2a811ccf55018311", "2a811ccf55018319")).unwrap()).unwrap();
    assert!(!ocsp::Issuer::of(&made.issuing.certificate).issued(&request.ids[0]));
}

#[test]
fn a_refusal_says_why_and_is_no_answer() {
    for refusal in [Refusal::MalformedRequest, Refusal::InternalError, Refusal::TryLater, Refusal::Unauthorized] {
        assert_eq!(Response::read(&refusal.to_der()).unwrap(), Response::Refused(refusal));
    }
    assert_eq!(Refusal::MalformedRequest.to_der(), [0x30, 3, 0x0a, 1, 1]);
    for wrong in [&[0x30, 3, 0x0a, 1, 0][..], &[0x30, 3, 0x0a, 1, 4], &[0x30, 3, 0x0a, 1, 9], &[0x30, 0], &[]] {
        assert!(Response::read(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_response_out_of_its_time_or_about_nothing_is_not_made() {
    let made = Institution::new();
    let responder = &made.responder.certificate;
    let template = |answers: &[Answer]| Template { produced_at: NOW, answers, nonce: None }.under(responder);
    assert!(template(&[]).is_err());
    assert!(template(&[Answer { this_update: NOW + 1, ..answer(&made, Status::Good) }]).is_err());
    assert!(template(&[Answer { next_update: Some(NOW), ..answer(&made, Status::Good) }]).is_err());
}

#[test]
fn a_certificate_for_services_of_a_ca_signs_no_documents() {
    use pki::chain::{Revocation, Usage, Verifier};
    let made = Institution::new();
    let (roots, between) = ([made.root.certificate.clone()], [made.issuing.certificate.clone()]);
    let revocation = Revocation::WhenKnown;
    let verifier = Verifier { roots: &roots, intermediates: &between, crls: &[], revocation, at: NOW };
    let ask = |holder: &Holder, usage| verifier.verify(&holder.certificate, usage).is_ok();
    assert!(ask(&made.signing, Usage::Signing) && !ask(&made.signing, Usage::TimeStamp));
    assert!(ask(&made.tsa, Usage::TimeStamp) && !ask(&made.tsa, Usage::Signing));
    assert!(!ask(&made.responder, Usage::TimeStamp) && !ask(&made.responder, Usage::Signing));
    let other = issue(&Profile::ENCRYPTION, &made.encryption.certificate.tbs.subject, 1, Some(&made.issuing));
    assert!(!ask(&other, Usage::TimeStamp));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_answered_is_what_is_read(
        serials in proptest::collection::vec(proptest::collection::vec(1u8..0x7f, 8..20), 1..5),
        reasons in proptest::collection::vec(0u8..11, 5),
        nonce in proptest::option::of(proptest::collection::vec(any::<u8>(), 1..=128)),
        ages in proptest::collection::vec(0u64..YEARS, 5),
    ) {
        let made = &*MADE;
        let answers: Vec<_> = serials.iter().zip(reasons).zip(ages).map(|((serial, reason), age)| {
            let id = CertId::new(Hash::Sha256, &made.issuing.certificate, Serial::from_bytes(serial));
            let status = match Reason::from_code(reason) {
                Some(reason) => Status::Revoked { at: NOW - age, reason },
                None => Status::Good,
            };
            Answer { id, status, this_update: NOW - age, next_update: (age % 2 == 0).then_some(NOW + 1 + age) }
        }).collect();
        let response = signed(&made.responder, &answers, nonce.as_deref());
        prop_assert_eq!(response.answers, answers);
        prop_assert_eq!(response.nonce, nonce);
        prop_assert_eq!(response.produced_at, NOW);
    }
}

const YEARS: u64 = 20 * 365 * DAY;
static MADE: std::sync::LazyLock<Institution> = std::sync::LazyLock::new(Institution::new);
