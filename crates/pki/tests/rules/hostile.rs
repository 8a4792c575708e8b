//! Octets of strangers: every reader answers, none panics, and no changed bit goes unseen.

use proptest::prelude::*;
use std::sync::LazyLock;

use pki::certificate::TbsCertificate;
use pki::envelope::EnvelopedData;
use pki::enveloped_key::EnvelopedKey;
use pki::hash::Hash;
use pki::name::Attributes;
use pki::signed_data::{Attached, Dialect, Message, trim};
use pki::{Certificate, Crl, SignedData, Signer, crl, csr, key, ocsp, pem, timestamp};

use crate::support::{DAY, Institution, NOW};

const DOCUMENT: &[u8] = b"the document";

struct Objects {
    made: Institution,
    crl: Crl,
    request: Vec<u8>,
    direct: Vec<u8>,
    attributes: Vec<u8>,
    asked: Vec<u8>,
    answered: Vec<u8>,
    stamped: Vec<u8>,
}

static OBJECTS: LazyLock<Objects> = LazyLock::new(|| {
    let made = Institution::new();
    let serial = made.signing.certificate.tbs.serial.clone();
    let revoked = [crl::Revoked { serial, at: NOW - DAY, reason: crl::Reason::KeyCompromise }];
    let template = crl::Template { number: 1, this_update: NOW, next_update: NOW + DAY, revoked: &revoked };
    let to_be_signed = template.under(&made.issuing.certificate).unwrap();
    let crl = crl::sign(&to_be_signed, &made.issuing.certificate, &made.issuing.key).unwrap();
    let info = csr::info(
        &made.signing.certificate.tbs.subject,
        &made.signing.key.public_key(),
        &made.signing.key.public_key(),
    );
    let request = csr::assemble(&info, &Signer::sign(&made.signing.key, &info).unwrap());
    let sign = |message: Message| message.sign(&made.signing.certificate, &[], &made.signing.key).unwrap();
    let direct = sign(Message::digest(&gm::sm3::digest(DOCUMENT)));
    let attributes = sign(Message::with_attributes(Dialect::Cms, DOCUMENT, Attached::Embedded, NOW).unwrap());
    let id = ocsp::CertId::new(Hash::Sm3, &made.issuing.certificate, made.signing.certificate.tbs.serial.clone());
    let asked = ocsp::Request { ids: vec![id.clone()], nonce: Some(vec![7; 32]) }.to_der();
    let status = ocsp::Status::Revoked { at: NOW - DAY, reason: crl::Reason::KeyCompromise };
    let answers = [ocsp::Answer { id, status, this_update: NOW, next_update: Some(NOW + DAY) }];
    let template = ocsp::Template { produced_at: NOW, answers: &answers, nonce: Some(&[7; 32]) };
    let data = template.under(&made.responder.certificate).unwrap();
    let answered = ocsp::sign(&data, &made.responder.certificate, &made.responder.key).unwrap();
    let imprint = timestamp::Imprint::of(Hash::Sm3, DOCUMENT);
    let (policy, serial) = (pki::oid::ANY_POLICY, pki::Serial::from_bytes(&[5; 16]));
    let stamp = timestamp::Stamp { policy, imprint: &imprint, serial: &serial, at: NOW, accuracy: 1, nonce: None };
    let tsa = &made.tsa.certificate;
    let stamped = timestamp::granted(&stamp.sign(Dialect::Cms, tsa, &[tsa], &made.tsa.key).unwrap());
    Objects { made, crl, request, direct, attributes, asked, answered, stamped }
});

/// Every reader of the crate; the answers do not matter.
fn read_everything(octets: &[u8]) {
    let _ = Certificate::read(octets);
    let _ = TbsCertificate::read(octets);
    let _ = Crl::read(octets);
    let _ = csr::verify(octets);
    let _ = Attributes::read(octets);
    let _ = key::read(octets);
    let _ = trim(octets);
    let _ = ocsp::Request::read(octets);
    let _ = ocsp::Response::read(octets);
    let _ = timestamp::Request::read(octets);
    let _ = timestamp::TstInfo::read(octets);
    let _ = EnvelopedData::read(octets);
    let _ = EnvelopedKey::read(octets);
    if let Ok(timestamp::Response::Granted(token)) = timestamp::Response::read(octets) {
        let _ = token.check(&timestamp::Imprint::of(Hash::Sm3, DOCUMENT), None);
    }
    if let Ok(message) = SignedData::read(octets) {
        let _ = message.check(DOCUMENT);
    }
    let text = String::from_utf8_lossy(octets);
    let _ = pem::decode_all(pem::CERTIFICATE, &text);
}

fn believed(octets: &[u8], which: usize) -> bool {
    let Objects { made, .. } = &*OBJECTS;
    let issuer = &made.issuing.certificate.tbs.public_key;
    match which {
        0 => Certificate::read(octets).is_ok_and(|read| read.verify_signature(issuer).is_ok()),
        1 => Crl::read(octets).is_ok_and(|read| read.verify_signature(issuer).is_ok()),
        2 => csr::verify(octets).is_ok(),
        // Tag and lengths of the certificate beside the answer are not signed; what is said is.
        5 => {
            let serial = &made.signing.certificate.tbs.serial;
            let ask = ocsp::Ask { issuer: &made.issuing.certificate, serial, nonce: Some(&[7; 32]), at: NOW };
            ocsp::Response::read(octets).is_ok_and(|read| match read {
                ocsp::Response::Basic(read) => read.check(&ask).is_ok(),
                ocsp::Response::Refused(_) => false,
            })
        }
        // The same is true of a stamp: it must be the same authority, and the same time.
        7 => timestamp::Response::read(octets).is_ok_and(|read| match read {
            timestamp::Response::Granted(token) => {
                let found = token.check(&timestamp::Imprint::of(Hash::Sm3, DOCUMENT), None);
                found.is_ok_and(|found| found != made.tsa.certificate || token.info.at != NOW)
            }
            timestamp::Response::Refused { .. } => false,
        }),
        // What a message says beside signature and content is not signed: the certificate must be the same.
        _ => SignedData::read(octets)
            .and_then(|read| read.verify(DOCUMENT))
            .is_ok_and(|signers| signers[0].tbs.public_key != made.signing.certificate.tbs.public_key),
    }
}

fn object(which: usize) -> &'static [u8] {
    match which {
        0 => &OBJECTS.made.signing.certificate.der,
        1 => &OBJECTS.crl.der,
        2 => &OBJECTS.request,
        3 => &OBJECTS.direct,
        5 => &OBJECTS.answered,
        6 => &OBJECTS.asked,
        7 => &OBJECTS.stamped,
        _ => &OBJECTS.attributes,
    }
}

#[test]
fn no_object_is_believed_when_it_stops_early() {
    for which in 0..6 {
        let whole = object(which);
        for length in 0..whole.len() {
            read_everything(&whole[..length]);
            assert!(!believed(&whole[..length], which));
        }
        let mut longer = whole.to_vec();
        longer.push(0);
        assert!(!believed(&longer, which));
    }
}

#[test]
fn every_single_bit_of_a_certificate_a_list_and_a_request_counts() {
    for which in [0, 1, 2, 5] {
        assert!(believed(object(which), which));
        for position in 0..object(which).len() {
            let mut changed = object(which).to_vec();
            changed[position] ^= 1 << (position % 8);
            assert!(!believed(&changed, which), "object {which}, octet {position}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_octets_get_an_answer(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_everything(&octets);
    }

    #[test]
    fn any_change_of_any_object_gets_an_answer_and_no_belief(
        which in 0usize..8,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..4),
    ) {
        let mut octets = object(which).to_vec();
        for (at, flip) in changes {
            let at = at.index(octets.len());
            octets[at] ^= flip;
        }
        prop_assume!(octets != object(which));
        read_everything(&octets);
        // Nobody signs a question.
        prop_assert!(which == 6 || !believed(&octets, which));
    }
}
