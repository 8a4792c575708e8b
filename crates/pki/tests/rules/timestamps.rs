//! Time stamps: questions, tokens, and what is no token.

use der::asn1::ObjectIdentifier;
use pki::hash::Hash;
use pki::signed_data::{Attached, Dialect, Message};
use pki::timestamp::{Failure, Fault, Imprint, Request, Response, Stamp, Token, TstInfo, granted};
use pki::{Certificate, Error, Profile, Serial, name};
use proptest::prelude::*;

use crate::support::{BEGIN, Holder, Institution, NOW, YEAR, issue};

const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.25.1");
const DOCUMENT: &[u8] = b"the document";

fn stamp(
    authority: &Holder,
    dialect: Dialect,
    imprint: &Imprint,
    along: &[&Certificate],
    nonce: Option<&[u8]>,
) -> Token {
    let serial = Serial::from_bytes(&[5; 16]);
    let stamp = Stamp { policy: POLICY, imprint, serial: &serial, at: NOW, accuracy: 1, nonce };
    let der = stamp.sign(dialect, &authority.certificate, along, &authority.key).unwrap();
    match Response::read(&granted(&der)).unwrap() {
        Response::Granted(token) => *token,
        refused => panic!("{refused:?}"),
    }
}

#[test]
fn a_stamp_of_either_dialect_is_believed_for_its_octets_and_answers_its_request() {
    let made = Institution::new();
    let tsa = &made.tsa.certificate;
    for dialect in [Dialect::Cms, Dialect::Gm] {
        for hash in [Hash::Sm3, Hash::Sha256, Hash::Sha384, Hash::Sha512] {
            let imprint = Imprint::of(hash, DOCUMENT);
            let request =
                Request { imprint: imprint.clone(), policy: Some(POLICY), nonce: Some(vec![9, 9]), certificate: true };
            assert_eq!(Request::read(&request.to_der()).unwrap(), request);
            let token = stamp(&made.tsa, dialect, &imprint, &[tsa, &made.issuing.certificate], Some(&[9, 9]));
            assert_eq!(token.message.dialect, dialect);
            assert_eq!((token.info.at, token.info.policy), (NOW, POLICY));
            assert_eq!(token.check(&imprint, None).as_ref(), Ok(tsa));
            assert_eq!(token.answers(&request, None).as_ref(), Ok(tsa));
            assert_eq!(token.check(&Imprint::of(hash, b"another"), None), Err(Fault::Imprint));
            for other in [
                Request { nonce: Some(vec![9, 8]), ..request.clone() },
                Request { nonce: None, ..request.clone() },
                Request { policy: Some(ObjectIdentifier::new_unwrap("2.25.2")), ..request.clone() },
            ] {
                assert_eq!(token.answers(&other, None), Err(Fault::Request));
            }
        }
    }
}

#[test]
fn a_token_without_certificates_needs_the_authoritys_from_elsewhere() {
    let made = Institution::new();
    let imprint = Imprint::of(Hash::Sm3, DOCUMENT);
    let token = stamp(&made.tsa, Dialect::Cms, &imprint, &[], None);
    assert!(token.message.certificates.is_empty());
    assert_eq!(token.check(&imprint, None), Err(Fault::Signature));
    assert_eq!(token.check(&imprint, Some(&made.signing.certificate)), Err(Fault::Signature));
    assert_eq!(token.check(&imprint, Some(&made.tsa.certificate)).as_ref(), Ok(&made.tsa.certificate));
    let request = Request { imprint, policy: None, nonce: None, certificate: true };
    assert_eq!(token.answers(&request, Some(&made.tsa.certificate)), Err(Fault::Request));
}

#[test]
fn nobody_but_an_authority_for_time_stamps_makes_them() {
    let made = Institution::new();
    let (imprint, serial) = (Imprint::of(Hash::Sm3, DOCUMENT), Serial::from_bytes(&[5; 16]));
    let stamp = Stamp { policy: POLICY, imprint: &imprint, serial: &serial, at: NOW, accuracy: 1, nonce: None };
    let sign = |holder: &Holder, key| stamp.sign(Dialect::Cms, &holder.certificate, &[], key);
    assert!(matches!(sign(&made.signing, &made.signing.key), Err(Error::OutOfRange(_))));
    assert!(matches!(sign(&made.responder, &made.responder.key), Err(Error::OutOfRange(_))));
    assert!(matches!(sign(&made.tsa, &made.signing.key), Err(Error::Signature(_))));
    let late = Stamp { at: BEGIN + 6 * YEAR, ..stamp.clone() };
    assert!(matches!(late.sign(Dialect::Cms, &made.tsa.certificate, &[], &made.tsa.key), Err(Error::OutOfRange(_))));
}

#[test]
fn a_token_whose_certificate_was_exchanged_is_not_believed() {
    let made = Institution::new();
    let imprint = Imprint::of(Hash::Sm3, DOCUMENT);
    let mut token = stamp(&made.tsa, Dialect::Cms, &imprint, &[&made.tsa.certificate], None);
    // Same key, issuer and serial number, but issued anew for documents.
    let subject = name::authority("桂云CA(演示)", "桂云CA 时间戳(演示)").unwrap();
    let other = issue(&Profile::SIGNING, &subject, 1, Some(&made.issuing));
    token.message.certificates = vec![other.certificate.der];
    assert_eq!(token.check(&imprint, None), Err(Fault::Signature));
    // An ordinary message over a TSTInfo names no certificate in its attributes.
    let info = token.message.content.unwrap();
    let message = Message::with_attributes(Dialect::Cms, &info, Attached::Embedded, NOW).unwrap();
    let der = message.sign(&made.tsa.certificate, &[], &made.tsa.key).unwrap();
    assert!(Token::read(&der).is_err(), "the content is data");
}

#[test]
fn what_rfc_3161_does_not_allow_is_refused_with_its_own_failure() {
    let request =
        Request { imprint: Imprint::of(Hash::Sm3, DOCUMENT), policy: None, nonce: Some(vec![1]), certificate: true };
    let good = hex::encode(request.to_der());
    let read = |text: &str| Request::read(&hex::decode(text).unwrap());
    assert_eq!(read(&good).as_ref(), Ok(&request));
    assert_eq!(read(&good.replacen("020101", "020102", 1)), Err(Failure::BadRequest));
    // SM3 becomes 1.2.156.10197.1.409, and SHA-1 is not good enough.
    assert_eq!(read(&good.replace("83110420", "83190420")), Err(Failure::BadAlg));
    let sha1 = Request { imprint: Imprint::of(Hash::Sha1, DOCUMENT), ..request.clone() };
    assert_eq!(Request::read(&sha1.to_der()), Err(Failure::BadAlg));
    let short = Imprint { hash: Hash::Sm3, digest: vec![1; 31] };
    assert_eq!(Request::read(&Request { imprint: short, ..request.clone() }.to_der()), Err(Failure::BadDataFormat));
    for nonce in [vec![], vec![0, 1], vec![0xff, 0x80], vec![1; 65]] {
        let asked = Request { nonce: Some(nonce), ..request.clone() };
        assert_eq!(Request::read(&asked.to_der()), Err(Failure::BadDataFormat));
    }
    let negative = Request { nonce: Some(vec![0x80]), ..request };
    assert_eq!(Request::read(&negative.to_der()).unwrap(), negative, "any number is a nonce");
    let body = [&hex::decode(&good).unwrap()[2..], &[0xa0, 0]].concat();
    let extended = [&[0x30, body.len() as u8], &body[..]].concat();
    assert_eq!(Request::read(&extended), Err(Failure::UnacceptedExtension));
    for wrong in [&[][..], b"GET", &[0x30, 0], &[0x30, 3, 2, 1, 1]] {
        assert_eq!(Request::read(wrong), Err(Failure::BadDataFormat));
    }
}

#[test]
fn a_refusal_says_why() {
    for (failure, bits) in [
        (Failure::BadAlg, "03020780"),
        (Failure::BadRequest, "03020520"),
        (Failure::BadDataFormat, "03020204"),
        (Failure::UnacceptedPolicy, "0303000001"),
        (Failure::UnacceptedExtension, "030407000080"),
        (Failure::SystemFailure, "03050600000040"),
    ] {
        let der = failure.to_der();
        assert!(hex::encode(&der).ends_with(bits), "{failure:?}");
        assert_eq!(Response::read(&der).unwrap(), Response::Refused { status: 2, failure: Some(failure) });
    }
    assert!(Response::read(&[0x30, 5, 0x30, 3, 2, 1, 0]).is_err(), "granted, but no token");
    assert!(Response::read(&[0x30, 5, 0x30, 3, 2, 1, 9]).is_err());
}

#[test]
fn fractions_of_a_second_are_read_and_other_times_are_refused() {
    let made = Institution::new();
    let imprint = Imprint::of(Hash::Sm3, DOCUMENT);
    let info = stamp(&made.tsa, Dialect::Cms, &imprint, &[], None).message.content.unwrap();
    let at = info.windows(15).position(|window| window.ends_with(b"Z") && window.starts_with(b"2026")).unwrap();
    let read = |time: &str| {
        let mut changed = [&info[..at - 1], &[time.len() as u8], time.as_bytes(), &info[at + 15..]].concat();
        changed[1] = (changed.len() - 2) as u8;
        TstInfo::read(&changed).map(|info| info.at)
    };
    assert_eq!(read("20260720000000Z").unwrap(), NOW);
    assert_eq!(read("20260720000000.5Z").unwrap(), NOW);
    for wrong in [
        "20260720000000.50Z",
        "20260720000000.Z",
        "20260720000000",
        "20261320000000Z",
        "202607200000Z",
        "2026072000000000Z",
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_asked_is_what_is_read(
        digest in proptest::collection::vec(any::<u8>(), 32),
        nonce in proptest::option::of(any::<u64>()),
        arcs in proptest::option::of(0u32..1_000_000),
        certificate in any::<bool>(),
    ) {
        let nonce = nonce.map(|nonce| {
            let bytes = (u128::from(nonce) | 1 << 64).to_be_bytes();
            bytes[7..].to_vec()
        });
        let policy = arcs.map(|arc| ObjectIdentifier::new(&format!("1.2.{arc}")).unwrap());
        let request = Request { imprint: Imprint { hash: Hash::Sm3, digest }, policy, nonce, certificate };
        prop_assert_eq!(Request::read(&request.to_der()), Ok(request));
    }
}
