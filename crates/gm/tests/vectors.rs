//! Published vectors of SM3 and SM4, and what must be refused.

#![allow(clippy::unwrap_used)]

use gm::{
    Error, kdf,
    sm2::{self, Ciphertext, DEFAULT_ID, KeyPair, SecretKey, Signature},
    sm3::{self, HmacSm3, Sm3},
    sm4,
};
use proptest::prelude::*;

fn unhex<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

#[test]
fn sm3_gives_the_digests_of_gb_t_32905_annex_a() {
    assert_eq!(sm3::digest(b"abc"), unhex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"));
    assert_eq!(
        sm3::digest(&b"abcd".repeat(16)),
        unhex("debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732")
    );
}

#[test]
fn hmac_sm3_compares_whole_tags_only() {
    let key = [0x0b; 20];
    let tag = sm3::hmac(&key, b"Hi There");
    assert!(HmacSm3::new(&key).chain(b"Hi ").chain(b"There").verify(&tag));
    assert!(!HmacSm3::new(&key).chain(b"Hi There").verify(&tag[..31]));
    assert!(!HmacSm3::new(&key).chain(b"Hi there").verify(&tag));
}

const KEY: [u8; 16] = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10];

#[test]
fn sm4_gives_the_block_of_gb_t_32907_annex_a() {
    // One block through counter mode: E(KEY, KEY) is the key stream for the counter block KEY.
    let mut block = [0; 16];
    sm4::Ctr::new(&KEY, &KEY).apply(&mut block);
    assert_eq!(block, unhex("681edf34d206965e86b3e94f536e4246"));
}

#[test]
fn sm4_gcm_gives_the_ciphertext_of_rfc_8998_appendix_a_1() {
    let nonce = unhex("00001234567800000000abcd");
    let aad = hex::decode("feedfacedeadbeeffeedfacedeadbeefabaddad2").unwrap();
    let plaintext: Vec<u8> = [0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0xee, 0xaa].iter().flat_map(|b| [*b; 8]).collect();
    let sealed = sm4::gcm_encrypt(&KEY, &nonce, &aad, &plaintext).unwrap();
    assert_eq!(
        hex::encode(&sealed),
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735\
         d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d\
         83de3541e4c2b58177e065a9bf7b62ec"
    );
    assert_eq!(sm4::gcm_decrypt(&KEY, &nonce, &aad, &sealed).unwrap(), plaintext);
    for bit in 0..8 * sealed.len() {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(sm4::gcm_decrypt(&KEY, &nonce, &aad, &changed).unwrap_err(), Error::Decryption);
    }
    assert_eq!(sm4::gcm_decrypt(&KEY, &nonce, b"", &sealed).unwrap_err(), Error::Decryption);
    assert_eq!(sm4::gcm_decrypt(&KEY, &nonce, &aad, &sealed[..15]).unwrap_err(), Error::Decryption);
}

#[test]
fn the_key_derivation_function_counts_from_one_and_joins_its_pieces() {
    let whole = kdf::derive(&[b"shared secret"], 70);
    assert_eq!(whole[..], kdf::derive(&[b"shared ", b"secret"], 70)[..]);
    assert_eq!(whole[..32], sm3::digest(b"shared secret\0\0\0\x01"));
    assert_eq!(whole[32..64], sm3::digest(b"shared secret\0\0\0\x02"));
    assert_eq!(whole.len(), 70);
    assert!(kdf::derive(&[b"x"], 0).is_empty());
}

#[test]
fn signatures_in_a_strange_encoding_are_refused() {
    let key = KeyPair::generate().unwrap();
    let signature = key.sign(DEFAULT_ID, b"m").unwrap();
    let der = signature.to_der();
    assert_eq!(Signature::from_der(&der).unwrap(), signature);
    assert_eq!(Signature::from_raw(&signature.to_raw()).unwrap(), signature);
    for bad in [
        &der[..der.len() - 1],
        &[&der[..], &[0]].concat(),
        &[],
        &hex::decode("3006020100020101").unwrap(),
        &hex::decode("3006020101020100").unwrap(),
        &hex::decode("30060201ff020101").unwrap(),
        &hex::decode("300702020001020101").unwrap(),
        &hex::decode("30810602010102010 1".replace(' ', "")).unwrap(),
    ] {
        assert_eq!(Signature::from_der(bad).unwrap_err(), Error::SignatureEncoding, "{}", hex::encode(bad));
    }
    let n = hex::decode("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123").unwrap();
    for bad in [[&n[..], &[1; 32]].concat(), [&[1; 32], &n[..]].concat(), vec![0; 64], vec![1; 63], vec![1; 65]] {
        assert_eq!(Signature::from_raw(&bad).unwrap_err(), Error::SignatureEncoding);
    }
}

#[test]
fn ciphertexts_in_a_strange_encoding_are_refused() {
    let key = KeyPair::generate().unwrap();
    assert_eq!(sm2::encrypt(key.public(), b"").unwrap_err(), Error::PlaintextLength);
    let good = sm2::encrypt(key.public(), b"plain").unwrap();
    let (der, raw) = (good.to_der().unwrap(), good.to_raw());
    assert_eq!(Ciphertext::from_der(&der).unwrap(), good);
    assert_eq!(Ciphertext::from_raw(&raw).unwrap(), good);
    for length in 0..der.len() {
        assert_eq!(Ciphertext::from_der(&der[..length]).unwrap_err(), Error::CiphertextEncoding);
    }
    assert_eq!(Ciphertext::from_der(&[&der[..], &[0]].concat()).unwrap_err(), Error::CiphertextEncoding);
    for length in 0..=97 {
        assert_eq!(Ciphertext::from_raw(&raw[..length]).unwrap_err(), Error::CiphertextEncoding);
    }
    let mut off_curve = raw;
    off_curve[64] ^= 1;
    assert_eq!(Ciphertext::from_raw(&off_curve).unwrap_err(), Error::CiphertextEncoding);
}

fn key() -> impl Strategy<Value = KeyPair> {
    proptest::array::uniform32(any::<u8>())
        .prop_filter_map("a private key", |bytes| SecretKey::from_bytes(&bytes).ok().map(KeyPair::from))
}

fn bytes(from: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), from..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_is_signed_verifies_and_nothing_else_does(key in key(), other in key(), message in bytes(0), bit in 0usize..512) {
        let signature = key.sign(DEFAULT_ID, &message).unwrap();
        key.public().verify(DEFAULT_ID, &message, &signature).unwrap();
        prop_assert_eq!(other.public().verify(DEFAULT_ID, &message, &signature), Err(Error::SignatureInvalid));
        let mut raw = signature.to_raw();
        raw[bit / 8] ^= 1 << (bit % 8);
        if let Ok(changed) = Signature::from_raw(&raw) {
            prop_assert_eq!(key.public().verify(DEFAULT_ID, &message, &changed), Err(Error::SignatureInvalid));
        }
        prop_assert_eq!(Signature::from_der(&signature.to_der()), Ok(signature));
    }

    #[test]
    fn what_is_encrypted_opens_and_a_changed_bit_is_refused(key in key(), other in key(), message in bytes(1), bit in any::<usize>()) {
        let ciphertext = sm2::encrypt(key.public(), &message).unwrap();
        prop_assert_eq!(&**sm2::decrypt(key.secret(), &ciphertext).unwrap(), &message);
        prop_assert_eq!(sm2::decrypt(other.secret(), &ciphertext).unwrap_err(), Error::Decryption);
        let mut raw = ciphertext.to_raw();
        let bit = bit % (8 * raw.len());
        raw[bit / 8] ^= 1 << (bit % 8);
        let opened = Ciphertext::from_raw(&raw).and_then(|changed| sm2::decrypt(key.secret(), &changed));
        prop_assert!(matches!(opened, Err(Error::Decryption | Error::CiphertextEncoding)));
    }

    #[test]
    fn counter_mode_can_start_anywhere(data in bytes(1), at in any::<prop::sample::Index>()) {
        let at = at.index(data.len());
        let mut whole = data.clone();
        sm4::Ctr::new(&KEY, &[7; 16]).apply(&mut whole);
        let mut tail = data[at..].to_vec();
        let mut ctr = sm4::Ctr::new(&KEY, &[7; 16]);
        ctr.seek(at as u64);
        ctr.apply(&mut tail);
        prop_assert_eq!(&tail, &whole[at..]);
    }

    #[test]
    fn a_digest_does_not_depend_on_how_its_message_arrives(data in bytes(0), at in any::<prop::sample::Index>()) {
        let at = at.index(data.len() + 1);
        prop_assert_eq!(Sm3::new().chain(&data[..at]).chain(&data[at..]).finalize(), sm3::digest(&data));
    }
}
