//! Octets and keys for the holder of a certificate.

use gm::sm2::{KeyPair, SecretKey};
use pki::envelope::{self, EnvelopedData};
use pki::enveloped_key::{self, EnvelopedKey};
use pki::signed_data::Dialect;
use pki::{Error, Signer};
use proptest::prelude::*;
use std::sync::LazyLock;

use crate::support::Institution;

static MADE: LazyLock<Institution> = LazyLock::new(Institution::new);

fn key_in(der: &[u8], owner: &KeyPair) -> Result<SecretKey, Error> {
    EnvelopedKey::read(der)?.open(owner.secret())
}

#[test]
fn a_key_in_an_envelope_is_that_of_its_public_half_and_only_the_owner_gets_it() {
    let (owner, stranger, key) =
        (KeyPair::generate().unwrap(), KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let der = enveloped_key::seal(key.secret(), &owner.public_key()).unwrap();
    assert_eq!(EnvelopedKey::read(&der).unwrap().public_key, key.public_key());
    assert_eq!(*key_in(&der, &owner).unwrap().to_bytes(), *key.secret().to_bytes());
    assert!(matches!(key_in(&der, &stranger), Err(Error::Opening(_))));
    for position in 0..der.len() {
        let mut changed = der.clone();
        changed[position] ^= 1;
        let opened = key_in(&changed, &owner).map(|key| *key.to_bytes());
        assert!(opened.is_err(), "octet {position}");
    }
    for length in 0..der.len() {
        assert!(key_in(&der[..length], &owner).is_err());
    }
}

#[test]
fn padded_and_zero_filled_keys_of_other_centres_are_read() {
    let (owner, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let session = [7; 16];
    let wrapped = gm::sm2::encrypt(owner.public(), &session).unwrap().to_der().unwrap();
    let private = key.secret().to_bytes();
    let make = |mut plain: Vec<u8>| {
        gm::sm4::ecb_encrypt(&session, &mut plain).unwrap();
        let bits = |octets: &[u8]| [&[3, (octets.len() + 1) as u8, 0], octets].concat();
        // SM4-ECB with NULL parameters.
        let algorithm = hex::decode("300c06082a811ccf550168010500").unwrap();
        let body = [&algorithm[..], &wrapped[..], &bits(&key.public_key()), &bits(&plain)].concat();
        let length = if body.len() < 0x100 { vec![0x81] } else { vec![0x82, (body.len() >> 8) as u8] };
        [&[0x30], &length[..], &[body.len() as u8], &body[..]].concat()
    };
    for plain in [private.to_vec(), [&private[..], &[16; 16]].concat(), [&[0; 32], &private[..]].concat()] {
        assert_eq!(*key_in(&make(plain), &owner).unwrap().to_bytes(), *private);
    }
    for plain in [[&private[..], &[0; 16]].concat(), [&private[..], &[0; 32]].concat(), vec![0; 32], vec![0xff; 32]] {
        assert!(matches!(key_in(&make(plain), &owner), Err(Error::Opening(_))));
    }
    assert!(matches!(key_in(&make(vec![1; 16]), &owner), Err(Error::Shape(_))));
}

#[test]
fn every_recipient_opens_an_envelope_and_nobody_else() {
    let (made, other) = (&*MADE, Institution::new());
    for dialect in [Dialect::Gm, Dialect::Cms] {
        let recipients = [&made.encryption.certificate, &other.encryption.certificate];
        let der = envelope::seal(dialect, &recipients, b"a bid").unwrap();
        let read = EnvelopedData::read(&der).unwrap();
        assert_eq!((read.dialect, read.recipients.len()), (dialect, 2));
        for holder in [&made.encryption, &other.encryption] {
            assert_eq!(&**read.open(&holder.certificate, holder.key.secret()).unwrap(), b"a bid");
        }
        let wrong_key = read.open(&made.encryption.certificate, other.encryption.key.secret());
        assert!(matches!(wrong_key, Err(Error::Opening(_))));
        assert!(read.recipient(&made.signing.certificate).is_none());
        assert!(read.open(&made.signing.certificate, made.signing.key.secret()).is_err());
    }
}

#[test]
fn nothing_is_encrypted_to_a_certificate_that_signs_or_to_nobody() {
    let made = &*MADE;
    for wrong in [&[&made.signing.certificate][..], &[&made.encryption.certificate, &made.issuing.certificate], &[]] {
        assert!(matches!(envelope::seal(Dialect::Gm, wrong, b"a bid"), Err(Error::OutOfRange(_))));
    }
}

#[test]
fn envelopes_with_other_ciphers_or_without_content_are_refused() {
    let der = envelope::seal(Dialect::Gm, &[&MADE.encryption.certificate], b"a bid").unwrap();
    let text = hex::encode(&der);
    // SM4-CBC becomes SM4-GCM; SM2 encryption becomes the signature.
    for (found, other) in [("2a811ccf55016802", "2a811ccf55016808"), ("2a811ccf5501822d03", "2a811ccf5501822d01")] {
        assert!(text.contains(found));
        let changed = hex::decode(text.replace(found, other)).unwrap();
        assert!(matches!(EnvelopedData::read(&changed), Err(Error::Algorithm(_))), "{found}");
    }
    for length in 0..der.len() {
        assert!(EnvelopedData::read(&der[..length]).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_content_goes_there_and_back(content in proptest::collection::vec(any::<u8>(), 0..2000), gm in any::<bool>()) {
        let holder = &MADE.encryption;
        let dialect = if gm { Dialect::Gm } else { Dialect::Cms };
        let der = envelope::seal(dialect, &[&holder.certificate], &content).unwrap();
        let opened = EnvelopedData::read(&der).unwrap().open(&holder.certificate, holder.key.secret()).unwrap();
        prop_assert_eq!(&**opened, &content[..]);
    }

    #[test]
    fn any_change_of_an_envelope_gets_an_answer(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 1u8..), 1..4),
    ) {
        let holder = &MADE.encryption;
        static DER: LazyLock<Vec<u8>> = LazyLock::new(|| envelope::seal(Dialect::Gm, &[&MADE.encryption.certificate], b"a bid").unwrap());
        let mut octets = DER.clone();
        for (at, flip) in changes {
            let at = at.index(octets.len());
            octets[at] ^= flip;
        }
        let _ = EnvelopedData::read(&octets).map(|read| read.open(&holder.certificate, holder.key.secret()));
        let _ = EnvelopedKey::read(&octets).map(|read| read.open(holder.key.secret()));
    }
}
