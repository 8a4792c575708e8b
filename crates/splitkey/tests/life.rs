//! The life of a split key as its owner sees it: made, used, refreshed, forgotten PIN, new encryption key.

#![allow(clippy::unwrap_used)]

mod support;

use gm::sm2;
use proptest::prelude::*;
use splitkey::{
    Error, Id, PhoneShares, ServerShares, Token,
    decrypt::{self, PendingDecryption, PhoneDecryptionShare},
    pin::{ReceivedShare, ResetSecret, SealedKey},
    refresh,
    session::{self, Factors, Limits, PendingSession},
    sign::PendingSignature,
};
use support::{PIN, ROUNDS, World, answer, digest, id, nonce, pin};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_message_under_any_shares_gives_an_ordinary_signature(message in proptest::collection::vec(any::<u8>(), 0..300)) {
        let world = World::new();
        let e = sm2::message_digest(world.public(), sm2::DEFAULT_ID, &message).unwrap();
        let signature = world.sign(&e).unwrap();
        world.public().verify(sm2::DEFAULT_ID, &message, &signature).unwrap();
        let other = [&message[..], b"x"].concat();
        world.public().verify(sm2::DEFAULT_ID, &other, &signature).unwrap_err();
    }

    #[test]
    fn any_plaintext_encrypted_by_anybody_comes_out(message in proptest::collection::vec(any::<u8>(), 1..300)) {
        let (world, escrowed) = World::with_encryption();
        let ciphertext = sm2::encrypt(&escrowed.public_key(), &message).unwrap();
        let plaintext = decrypt(&world.shares, &world.server, &world, ciphertext).unwrap();
        prop_assert_eq!(&**plaintext, &message);
    }
}

fn decrypt(
    phone: &PhoneShares,
    server: &ServerShares,
    world: &World,
    ciphertext: sm2::Ciphertext,
) -> splitkey::Result<zeroize::Zeroizing<Vec<u8>>> {
    let header = splitkey::codec::Header { epoch: phone.sign.epoch(), sid: phone.sign.sid(), ..world.header() };
    let enc = &server.enc[0];
    let (pending, message) = PendingDecryption::new(phone, enc.public_key(), &header, ciphertext, id())?;
    let reply = decrypt::check(world.public(), enc, &header, &message)?.answer(Token::random()?)?;
    pending.finish(&reply)
}

/// A refresh in which both sides commit; gives the phone's new blob and the server's new shares.
fn refresh(
    world: &World,
    shares: PhoneShares,
    new_pin: &str,
    reset: &ResetSecret,
) -> splitkey::Result<(SealedKey, PhoneShares, ServerShares)> {
    let header = world.header();
    let (phone, message) = refresh::PhoneCommitted::new(shares, &header)?;
    let masks = reset.masks(header.key_id, header.epoch + 1, &world.server.encryption_keys());
    let point = world.server.sign.phone_point()?;
    let (pending, reply) =
        refresh::ServerPending::new(&world.server, &point, &header, &message, &masks, Token::random()?)?;
    let pending = refresh::ServerPending::from_bytes(&pending.to_bytes())?;
    let phone = phone.refresh(&reply)?;
    let shares = phone.shares.clone();
    let sealed =
        SealedKey::seal_shares(&shares, &phone.reset, phone.tok.clone(), &pin(new_pin), &world.device, ROUNDS)?;
    let header = world.header();
    let message = phone.complete(&header)?;
    let (server, point) = pending.complete(&world.server, &header, &message)?;
    assert_eq!(server.sign.phone_point()?, point);
    Ok((sealed, shares, server))
}

#[test]
fn a_key_survives_being_stored_and_a_wrong_pin_gives_a_share_that_only_the_server_refuses() {
    let world = World::new();
    let stored = world.sealed.to_bytes(&world.device).unwrap();
    let sealed = SealedKey::from_bytes(&stored, &world.device).unwrap();
    assert!(sealed == world.sealed);
    let e = digest("message");
    for (digits, expected) in [(PIN, None), ("864208", Some(Error::Proof)), ("111111", Some(Error::Proof))] {
        let share = sealed.unlock(&pin(digits), &world.device).unwrap();
        let (nonce, header) = (world.nonce(), world.header());
        let (pending, message) = PendingSignature::new(share, &header, nonce.commitment(), &e, id()).unwrap();
        let reply = answer(&world.server.sign, nonce, &header, &message);
        assert_eq!(reply.as_ref().err().copied(), expected);
        if let Ok(reply) = reply {
            world.public().verify_digest(&e, &pending.finish(&reply).unwrap()).unwrap();
        }
    }
}

#[test]
fn a_stored_key_opens_only_with_the_device_secret_that_closed_it() {
    let world = World::new();
    let stored = world.sealed.to_bytes(&world.device).unwrap();
    let other = splitkey::pin::DeviceSecret::random().unwrap();
    SealedKey::from_bytes(&stored, &other).unwrap_err();
    for at in 0..stored.len() {
        let mut bad = stored.clone();
        bad[at] ^= 1;
        SealedKey::from_bytes(&bad, &world.device).unwrap_err();
    }
    SealedKey::from_bytes(&stored[..stored.len() - 1], &world.device).unwrap_err();
    SealedKey::from_bytes(&[&stored[..], &[0]].concat(), &world.device).unwrap_err();
}

#[test]
fn one_answer_brings_the_commitment_for_the_next_signature() {
    let world = World::new();
    let mut nonce = world.nonce();
    for text in ["one", "two", "three"] {
        let (header, e) = (world.header(), digest(text));
        let (pending, message) = world.request(nonce.commitment(), &header, &e);
        let proven = nonce.check(&world.server.sign, &header, &message).unwrap();
        let next = proven.next_nonce(id()).unwrap();
        let reply = proven.answer().unwrap().into_reply(next.commitment(), Token::random().unwrap());
        world.public().verify_digest(&e, &pending.finish(&reply).unwrap()).unwrap();
        nonce = next;
    }
}

#[test]
fn a_session_signs_and_decrypts_without_the_pin_and_is_worth_nothing_afterwards() {
    let (world, escrowed) = World::with_encryption();
    let header = world.header();
    let (pending, message) = PendingSession::new(world.shares.clone(), &header, id()).unwrap();
    let point = world.server.sign.phone_point().unwrap();
    let (factors, session_point) = session::check(&world.server, &point, &header, &message).unwrap().open().unwrap();
    let factors = Factors::from_bytes(&factors.to_bytes()).unwrap();
    let sid = id();
    let server = factors.apply(&world.server).unwrap();
    assert_eq!(server.sign.phone_point().unwrap(), session_point);
    let limits = Limits { expires_ms: 1_800_001_800_000, max_ops: 200 };
    let nonces: Vec<_> = (0..3).map(|_| nonce(&server.sign, 1, sid)).collect();
    let commitments = nonces.iter().map(|nonce| nonce.commitment()).collect();
    let reply = factors.reply(sid, limits, commitments, Token::random().unwrap());
    let reply: splitkey::codec::SessionOpenReply =
        splitkey::codec::decode_reply(&splitkey::codec::encode_reply(&Ok(reply))).unwrap();
    let session = pending.finish(&reply).unwrap();
    assert_eq!((session.sid, session.max_ops, session.commitments.len()), (sid, 200, 3));

    let in_session = splitkey::codec::Header { sid, ..world.header() };
    for (nonce, commitment) in nonces.into_iter().zip(&session.commitments) {
        let e = digest("in the session");
        let share = session.shares.sign.clone();
        let (pending, message) = PendingSignature::new(share, &in_session, *commitment, &e, id()).unwrap();
        let reply = answer(&server.sign, nonce, &in_session, &message).unwrap();
        world.public().verify_digest(&e, &pending.finish(&reply).unwrap()).unwrap();
    }
    let ciphertext = sm2::encrypt(&escrowed.public_key(), b"bid").unwrap();
    assert_eq!(&**decrypt(&session.shares, &server, &world, ciphertext.clone()).unwrap(), b"bid");

    // The session's shares against the long-term ones: the header does not fit, and if it is forced, the proof.
    assert_eq!(
        PendingSignature::new(
            session.shares.sign.clone(),
            &world.header(),
            world.nonce().commitment(),
            &digest("later"),
            id()
        )
        .unwrap_err(),
        Error::Encoding
    );
    let late = nonce(&world.server.sign, 1, sid);
    let share = session.shares.sign.clone();
    let (_, message) = PendingSignature::new(share, &in_session, late.commitment(), &digest("later"), id()).unwrap();
    assert_eq!(late.check(&world.server.sign, &in_session, &message).unwrap_err(), Error::Proof);
    assert_eq!(decrypt(&session.shares, &world.server, &world, ciphertext).unwrap_err(), Error::Proof);
}

#[test]
fn a_session_needs_every_share_of_the_pin() {
    let (world, _) = World::with_encryption();
    let point = world.server.sign.phone_point().unwrap();
    let wrong = world.sealed.unlock_all(&pin("000001"), &world.device).unwrap();
    let right = &world.shares;
    for shares in [
        wrong.clone(),
        PhoneShares { sign: right.sign.clone(), enc: wrong.enc.clone() },
        PhoneShares { sign: wrong.sign, enc: right.enc.clone() },
    ] {
        let header = world.header();
        let (_, message) = PendingSession::new(shares, &header, id()).unwrap();
        assert_eq!(session::check(&world.server, &point, &header, &message).unwrap_err(), Error::Proof);
    }
    let header = world.header();
    let sign_only = PhoneShares { sign: right.sign.clone(), enc: Vec::new() };
    let (_, message) = PendingSession::new(sign_only, &header, id()).unwrap();
    assert_eq!(session::check(&world.server, &point, &header, &message).unwrap_err(), Error::Encoding);
}

#[test]
fn a_new_pin_comes_with_new_shares_of_the_same_key() {
    for encryption in [false, true] {
        let mut escrowed = None;
        let mut world = if encryption {
            let (world, key) = World::with_encryption();
            escrowed = Some(key);
            world
        } else {
            World::new()
        };
        let old_shares = world.sealed.unlock_all(&pin(PIN), &world.device).unwrap();
        let (old_server, reset) = (world.server.clone(), ResetSecret::random().unwrap());
        let (sealed, _, server) = refresh(&world, old_shares.clone(), "135790", &reset).unwrap();
        assert_eq!(sealed.epoch(), 2);
        (world.sealed, world.server) = (sealed, server);

        // The new PIN opens shares that sign and decrypt for the same key.
        world.shares = world.sealed.unlock_all(&pin("135790"), &world.device).unwrap();
        let e = digest("after the change");
        world.public().verify_digest(&e, &world.sign(&e).unwrap()).unwrap();
        if let Some(key) = &escrowed {
            let ciphertext = sm2::encrypt(&key.public_key(), b"plain").unwrap();
            assert_eq!(&**decrypt(&world.shares, &world.server, &world, ciphertext.clone()).unwrap(), b"plain");
            let old = PhoneShares { sign: world.shares.sign.clone(), enc: old_shares.enc.clone() };
            assert_eq!(decrypt(&old, &world.server, &world, ciphertext).unwrap_err(), Error::Proof);
        }
        // The old share is dead, and so is the old PIN.
        let nonce = world.nonce();
        let header = splitkey::codec::Header { epoch: 1, ..world.header() };
        let (_, message) =
            PendingSignature::new(old_shares.sign.clone(), &header, nonce.commitment(), &e, id()).unwrap();
        assert_eq!(nonce.check(&world.server.sign, &header, &message).unwrap_err(), Error::ForeignNonce);
        world.shares = world.sealed.unlock_all(&pin(PIN), &world.device).unwrap();
        assert_eq!(world.sign(&e).unwrap_err(), Error::Proof);
        // Before the server commits the old shares are the ones that count.
        world.server = old_server;
        world.shares = old_shares;
        world.public().verify_digest(&e, &world.sign(&e).unwrap()).unwrap();
    }
}

#[test]
fn a_forgotten_pin_is_replaced_with_the_reset_masks_and_a_refresh() {
    let (mut world, _) = World::with_encryption();
    let masks = world.reset.masks(world.sealed.key_id(), 1, &world.sealed.encryption_keys());
    let recovered = world.sealed.recover(&masks).unwrap();
    let next = ResetSecret::random().unwrap();
    let (sealed, _, server) = refresh(&world, recovered, "112358", &next).unwrap();
    (world.sealed, world.server) = (sealed, server);
    world.shares = world.sealed.unlock_all(&pin("112358"), &world.device).unwrap();
    let e = digest("after the reset");
    world.public().verify_digest(&e, &world.sign(&e).unwrap()).unwrap();
    // The consumed masks open nothing more; the next ones do.
    world.shares = world.sealed.recover(&masks).unwrap();
    assert_eq!(world.sign(&e).unwrap_err(), Error::Proof);
    world.shares =
        world.sealed.recover(&next.masks(world.sealed.key_id(), 2, &world.sealed.encryption_keys())).unwrap();
    world.public().verify_digest(&e, &world.sign(&e).unwrap()).unwrap();
}

#[test]
fn a_wrong_pin_refreshes_nothing() {
    let world = World::new();
    let wrong = world.sealed.unlock_all(&pin("864208"), &world.device).unwrap();
    assert_eq!(refresh(&world, wrong, "135790", &world.reset).unwrap_err(), Error::Proof);
}

#[test]
fn the_key_management_centre_gives_a_new_phone_a_share_that_opens_old_ciphertexts() {
    let (world, escrowed) = World::with_encryption();
    let ciphertext = sm2::encrypt(&escrowed.public_key(), b"old secret").unwrap();
    let again = decrypt::split(&escrowed).unwrap();
    let transport = sm2::SecretKey::generate().unwrap();
    let sealed = again.for_phone(&transport.public_key()).unwrap();
    let enc = PhoneDecryptionShare::receive(&transport, &sealed, escrowed.public_key()).unwrap();
    let phone = PhoneShares { sign: world.shares.sign.clone(), enc: vec![enc] };
    let server = ServerShares { sign: world.server.sign.clone(), enc: vec![again.server] };
    assert_eq!(&**decrypt(&phone, &server, &world, ciphertext.clone()).unwrap(), b"old secret");
    // The old phone with the new server share opens nothing.
    assert_eq!(decrypt(&world.shares, &server, &world, ciphertext).unwrap_err(), Error::Proof);
}

#[test]
fn the_phone_refuses_a_split_that_is_not_of_its_key() {
    let (escrowed, other) = (sm2::SecretKey::generate().unwrap(), sm2::SecretKey::generate().unwrap());
    let transport = sm2::SecretKey::generate().unwrap();
    let sealed = decrypt::split(&other).unwrap().for_phone(&transport.public_key()).unwrap();
    let refused = PhoneDecryptionShare::receive(&transport, &sealed, escrowed.public_key()).unwrap_err();
    assert_eq!(refused, Error::Proof);
    let refused = PhoneDecryptionShare::receive(&escrowed, &sealed, other.public_key()).unwrap_err();
    assert_eq!(refused, Error::Decryption);
}

#[test]
fn requests_of_another_key_epoch_or_session_cannot_even_be_built() {
    let (world, other) = (World::new(), World::new());
    let good = world.header();
    for header in [
        other.header(),
        splitkey::codec::Header { epoch: 2, ..good.clone() },
        splitkey::codec::Header { sid: id(), ..good },
    ] {
        let share = world.shares.sign.clone();
        let refused = PendingSignature::new(share, &header, world.nonce().commitment(), &digest("x"), Id::ZERO);
        assert_eq!(refused.unwrap_err(), Error::Encoding);
        assert_eq!(PendingSession::new(world.shares.clone(), &header, id()).unwrap_err(), Error::Encoding);
        assert_eq!(refresh::PhoneCommitted::new(world.shares.clone(), &header).unwrap_err(), Error::Encoding);
    }
}

#[test]
fn a_key_with_earlier_encryption_keys_opens_what_was_encrypted_to_each_before_and_after_a_refresh() {
    let (mut world, escrowed) = World::with_encryption_keys(3);
    let opens_all = |world: &World| {
        for (key, server) in escrowed.iter().zip(&world.server.enc) {
            let ciphertext = sm2::encrypt(&key.public_key(), b"an old bid").unwrap();
            let header = splitkey::codec::Header { epoch: world.shares.sign.epoch(), ..world.header() };
            let (pending, message) =
                PendingDecryption::new(&world.shares, &key.public_key(), &header, ciphertext, id()).unwrap();
            assert_eq!(message.enc_key, *server.public_key().point());
            let reply = decrypt::check(world.public(), server, &header, &message).unwrap();
            let opened = pending.finish(&reply.answer(Token::random().unwrap()).unwrap()).unwrap();
            assert_eq!(&**opened, b"an old bid");
        }
    };
    world.shares = world.sealed.unlock_all(&pin(PIN), &world.device).unwrap();
    opens_all(&world);
    let next = ResetSecret::random().unwrap();
    let (sealed, _, server) = refresh(&world, world.shares.clone(), "135790", &next).unwrap();
    (world.sealed, world.server) = (sealed, server);
    world.sealed = SealedKey::from_bytes(&world.sealed.to_bytes(&world.device).unwrap(), &world.device).unwrap();
    world.shares = world.sealed.unlock_all(&pin("135790"), &world.device).unwrap();
    opens_all(&world);
    world.shares =
        world.sealed.recover(&next.masks(world.sealed.key_id(), 2, &world.sealed.encryption_keys())).unwrap();
    opens_all(&world);
    // A proof that leaves one of the shares out is none.
    let mut fewer = world.shares.clone();
    fewer.enc.remove(1);
    assert_eq!(refresh(&world, fewer, "112358", &next).unwrap_err(), Error::Encoding);
    let mut mixed = world.shares.clone();
    mixed.enc.swap(0, 1);
    assert_eq!(refresh(&world, mixed, "112358", &next).unwrap_err(), Error::Proof);
}

#[test]
fn decryption_shares_are_taken_in_once_and_each_key_once() {
    let (mut world, _) = World::with_encryption();
    let share = world.shares.enc[0].clone();
    let again = ReceivedShare { share, reset_mask: gm::curve::Scalar::ONE };
    assert_eq!(
        world.sealed.add_decryption(std::slice::from_ref(&again), &pin(PIN), &world.device).unwrap_err(),
        Error::Encoding
    );
    let mut fresh = World::new();
    assert_eq!(fresh.sealed.add_decryption(&[], &pin(PIN), &fresh.device).unwrap_err(), Error::Encoding);
    let twice = [again.clone(), again];
    assert_eq!(fresh.sealed.add_decryption(&twice, &pin(PIN), &fresh.device).unwrap_err(), Error::Encoding);
    assert_eq!(fresh.sealed.encryption_keys(), []);
}
