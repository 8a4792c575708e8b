//! Cross-checks against the system's `openssl` in both directions. Where there is none, the tests say so and pass.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use gm::{
    sm2::{self, Ciphertext, DEFAULT_ID, KeyPair, PublicKey, SecretKey, Signature},
    sm3, sm4,
};
use std::{
    path::Path,
    process::{Command, Output},
};
use tempfile::TempDir;

/// SubjectPublicKeyInfo of an SM2 key up to the point.
const SPKI: &str = "3059301306072a8648ce3d020106082a811ccf5501822d034200";
/// ECPrivateKey (RFC 5915) with named curve, around the 32 bytes of d.
const SEC1: (&str, &str) = ("303102010104 20", "a00a06082a811ccf5501822d");

fn present() -> bool {
    let present = Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success());
    if !present {
        eprintln!("no openssl on this machine: nothing was compared");
    }
    present
}

fn openssl(dir: &TempDir, line: &str) -> Output {
    Command::new("openssl").args(line.split(' ')).current_dir(dir).output().unwrap()
}

fn must(dir: &TempDir, line: &str) -> Vec<u8> {
    let output = openssl(dir, line);
    assert!(output.status.success(), "openssl {line}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn write(dir: &TempDir, name: &str, bytes: &[u8]) {
    std::fs::write(dir.path().join(name), bytes).unwrap();
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

fn write_keys(dir: &TempDir, key: &KeyPair) {
    write(dir, "pub.der", &[hex::decode(SPKI).unwrap(), key.public().to_bytes().to_vec()].concat());
    let unhex = |text: &str| hex::decode(text.replace(' ', "")).unwrap();
    write(dir, "key.der", &[unhex(SEC1.0), key.secret().to_bytes().to_vec(), unhex(SEC1.1)].concat());
    must(dir, "pkey -pubin -inform DER -in pub.der -out pub.pem");
    must(dir, "pkey -inform DER -in key.der -out key.pem");
}

const VERIFY: &str =
    "pkeyutl -verify -pubin -inkey pub.pem -rawin -digest sm3 -pkeyopt distid:1234567812345678 -sigfile sig.der -in";

#[test]
fn openssl_accepts_our_signatures_and_refuses_them_for_another_message() {
    if !present() {
        return;
    }
    let dir = TempDir::new().unwrap();
    for round in 0..4 {
        let key = KeyPair::generate().unwrap();
        write_keys(&dir, &key);
        let message = vec![round; 50 * usize::from(round) + 1];
        write(&dir, "sig.der", &key.sign(DEFAULT_ID, &message).unwrap().to_der());
        write(&dir, "message", &message);
        write(&dir, "other", &[&message[..], b"x"].concat());
        must(&dir, &format!("{VERIFY} message"));
        assert!(!openssl(&dir, &format!("{VERIFY} other")).status.success());
    }
}

#[test]
fn we_accept_the_signatures_of_openssl_and_refuse_changed_ones() {
    if !present() {
        return;
    }
    let dir = TempDir::new().unwrap();
    must(&dir, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2 -out key.pem");
    must(&dir, "pkey -in key.pem -pubout -outform DER -out pub.der");
    let spki = read(&dir.path().join("pub.der"));
    let public = PublicKey::from_slice(&spki[spki.len() - 65..]).unwrap();
    for text in ["", "message digest", "标书"] {
        write(&dir, "message", text.as_bytes());
        must(
            &dir,
            "pkeyutl -sign -inkey key.pem -rawin -digest sm3 -pkeyopt distid:1234567812345678 -in message -out sig",
        );
        let der = read(&dir.path().join("sig"));
        let signature = Signature::from_der(&der).unwrap();
        assert_eq!(signature.to_der(), der);
        public.verify(DEFAULT_ID, text.as_bytes(), &signature).unwrap();
        public.verify(DEFAULT_ID, b"other", &signature).unwrap_err();
        public.verify(b"other id", text.as_bytes(), &signature).unwrap_err();
        for at in [0, 31, 32, 63] {
            let mut raw = signature.to_raw();
            raw[at] ^= 1;
            if let Ok(changed) = Signature::from_raw(&raw) {
                public.verify(DEFAULT_ID, text.as_bytes(), &changed).unwrap_err();
            }
        }
    }
}

#[test]
fn ciphertexts_pass_both_ways() {
    if !present() {
        return;
    }
    let dir = TempDir::new().unwrap();
    let key = KeyPair::from(SecretKey::generate().unwrap());
    write_keys(&dir, &key);
    for plaintext in [&b"k"[..], b"0123456789abcdef", &[0xab; 300]] {
        write(&dir, "plain", plaintext);
        must(&dir, "pkeyutl -encrypt -pubin -inkey pub.pem -pkeyopt digest:sm3 -in plain -out theirs");
        let theirs = Ciphertext::from_der(&read(&dir.path().join("theirs"))).unwrap();
        assert_eq!(&**sm2::decrypt(key.secret(), &theirs).unwrap(), plaintext);
        let ours = sm2::encrypt(key.public(), plaintext).unwrap().to_der().unwrap();
        write(&dir, "ours", &ours);
        must(&dir, "pkeyutl -decrypt -inkey key.pem -pkeyopt digest:sm3 -in ours -out opened");
        assert_eq!(read(&dir.path().join("opened")), plaintext);
    }
}

#[test]
fn digests_and_streams_are_the_same() {
    if !present() {
        return;
    }
    let dir = TempDir::new().unwrap();
    for length in [0, 1, 55, 56, 63, 64, 65, 1000] {
        let data: Vec<u8> = (0..length).map(|i| i as u8).collect();
        write(&dir, "data", &data);
        assert_eq!(must(&dir, "dgst -sm3 -binary data"), sm3::digest(&data));
        let theirs = must(&dir, "dgst -sm3 -mac HMAC -macopt hexkey:00112233445566778899aabbccddeeff -binary data");
        assert_eq!(theirs, sm3::hmac(&hex::decode("00112233445566778899aabbccddeeff").unwrap(), &data));
        let line = "enc -sm4-ctr -K 0123456789abcdeffedcba9876543210 -iv 000102030405060708090a0bfffffffe -in data";
        let (mut ours, key) = (data, hex::decode("0123456789abcdeffedcba9876543210").unwrap().try_into().unwrap());
        let iv = hex::decode("000102030405060708090a0bfffffffe").unwrap().try_into().unwrap();
        sm4::Ctr::new(&key, &iv).apply(&mut ours);
        assert_eq!(must(&dir, line), ours);
    }
    let line = "kdf -keylen 40 -kdfopt digest:SM3 -kdfopt pass:864209 -kdfopt hexsalt:0102030405060708 -kdfopt iter:1000 -binary PBKDF2";
    let mut ours = [0; 40];
    sm3::pbkdf2(b"864209", &[1, 2, 3, 4, 5, 6, 7, 8], 1000, &mut ours);
    assert_eq!(must(&dir, line), ours);
}
