//! Any change of any message is refused, and the refusal tells nothing.

#![allow(clippy::unwrap_used)]

mod support;

use gm::sm2;
use proptest::prelude::*;
use splitkey::{
    Error, Id, Token,
    codec::{
        self, Body, Decrypt, DecryptReply, KeygenCommit, KeygenCommitReply, KeygenOpen, Message, Operation, Reader,
        RefreshCommit, RefreshComplete, SessionOpen, Sign, SignReply, SignedBody, Writer,
    },
    decrypt::{self, PendingDecryption},
    envelope,
    keygen::{PhoneCommitted, ServerPending},
    pin::ResetSecret,
    refresh,
    session::{self, PendingSession},
};
use support::{World, answer, context, digest, id};

/// `message` with one bit of its octets flipped, unless it no longer is a message.
fn flipped<M: Message>(message: &M, bit: usize) -> Option<M> {
    let mut out = Writer::new();
    message.put_fields(&mut out);
    let mut octets = out.as_bytes().to_vec();
    let bit = bit % (8 * octets.len());
    octets[bit / 8] ^= 1 << (bit % 8);
    let mut reader = Reader::new(&octets);
    let message = M::take_fields(&mut reader).ok()?;
    reader.end().ok()?;
    Some(message)
}

fn octets<M: Message>(message: &M) -> usize {
    let mut out = Writer::new();
    message.put_fields(&mut out);
    8 * out.as_bytes().len()
}

/// Every seventh bit: all fields, quickly.
fn bits<M: Message>(message: &M) -> impl Iterator<Item = usize> {
    (0..octets(message)).step_by(7)
}

#[test]
fn a_changed_signing_request_is_never_answered() {
    let world = World::new();
    let (header, e) = (world.header(), digest("message"));
    let nonce = world.nonce();
    let (_, message) = world.request(nonce.commitment(), &header, &e);
    let stored = nonce.to_bytes();
    for changed in bits(&message).filter_map(|bit| flipped(&message, bit)) {
        let nonce = splitkey::sign::ServerNonce::from_bytes(&stored).unwrap();
        let refused = nonce.check(&world.server.sign, &header, &changed).unwrap_err();
        assert!(matches!(refused, Error::Proof | Error::ForeignNonce), "{refused}");
    }
    // What the header binds: key, epoch, device, session, request.
    let other = |change: fn(&mut codec::Header)| {
        let mut header = header.clone();
        change(&mut header);
        header
    };
    for (header, expected) in [
        (other(|h| h.key_id.0[0] ^= 1), Error::Proof),
        (other(|h| h.device_id.0[0] ^= 1), Error::Proof),
        (other(|h| h.req_id.0[0] ^= 1), Error::Proof),
        (other(|h| h.epoch ^= 1), Error::ForeignNonce),
        (other(|h| h.sid.0[0] ^= 1), Error::ForeignNonce),
    ] {
        let nonce = splitkey::sign::ServerNonce::from_bytes(&stored).unwrap();
        assert_eq!(nonce.check(&world.server.sign, &header, &message).unwrap_err(), expected);
    }
}

#[test]
fn a_changed_partial_signature_never_becomes_a_signature() {
    let world = World::new();
    let (header, e) = (world.header(), digest("message"));
    let nonce = world.nonce();
    let commitment = nonce.commitment();
    let stored = nonce.to_bytes();
    // The last three fields are the next commitment and the next token; the envelope alone protects those.
    let protected = 8 * ((4 + 65) + (4 + 32) + (4 + 32));
    for bit in (0..protected).step_by(7) {
        let nonce = splitkey::sign::ServerNonce::from_bytes(&stored).unwrap();
        let (pending, message) = world.request(commitment, &header, &e);
        let reply: SignReply = answer(&world.server.sign, nonce, &header, &message).unwrap();
        let Some(changed) = flipped(&reply, bit) else { continue };
        assert!(matches!(pending.finish(&changed).unwrap_err(), Error::Commitment | Error::Partial));
    }
}

#[test]
fn a_changed_key_generation_ends_without_a_key() {
    let context = context(id());
    let (phone, commit) = PhoneCommitted::new(&context).unwrap();
    let (pending, reply): (ServerPending, KeygenCommitReply) = ServerPending::new(&context, &commit).unwrap();
    let stored = pending.to_bytes();
    for bit in bits(&reply) {
        let (phone, commit) = PhoneCommitted::new(&context).unwrap();
        let (_, reply) = ServerPending::new(&context, &commit).unwrap();
        let Some(changed) = flipped(&reply, bit) else { continue };
        assert_eq!(phone.open(&changed).unwrap_err(), Error::Proof);
    }
    let (_, open): (_, KeygenOpen) = phone.open(&reply).unwrap();
    for changed in bits(&open).filter_map(|bit| flipped(&open, bit)) {
        let pending = ServerPending::from_bytes(&stored).unwrap();
        // The enrolment is the caller's to compare; every other field is bound by the commitment.
        if changed.enrol_id == open.enrol_id {
            assert_eq!(pending.open(&changed).unwrap_err(), Error::Commitment);
        }
    }
    // A changed first message: another context or another commitment.
    for changed in bits(&commit).filter_map(|bit| flipped(&commit, bit)) {
        let Ok((pending, reply)) = ServerPending::new(&context, &changed) else {
            assert_ne!(changed.enrol_id, commit.enrol_id);
            continue;
        };
        let (phone, _): (PhoneCommitted, KeygenCommit) = PhoneCommitted::new(&context).unwrap();
        let refused = phone.open(&reply).err().or_else(|| pending.open(&open).err());
        assert!(matches!(refused, Some(Error::Proof | Error::Commitment)));
    }
}

#[test]
fn changed_session_decryption_and_refresh_messages_are_refused() {
    let (world, escrowed) = World::with_encryption();
    let point = world.server.sign.phone_point().unwrap();
    let header = world.header();

    let (_, open): (_, SessionOpen) = PendingSession::new(world.shares.clone(), &header, id()).unwrap();
    for changed in bits(&open).filter_map(|bit| flipped(&open, bit)) {
        let refused = session::check(&world.server, &point, &header, &changed).unwrap_err();
        assert!(matches!(refused, Error::Proof | Error::Encoding));
    }

    let ciphertext = sm2::encrypt(&escrowed.public_key(), b"secret").unwrap();
    let enc = &world.server.enc[0];
    let ask = || {
        PendingDecryption::new(&world.shares, &escrowed.public_key(), &header, ciphertext.clone(), Id::ZERO).unwrap()
    };
    let (_, message): (_, Decrypt) = ask();
    for changed in bits(&message).filter_map(|bit| flipped(&message, bit)) {
        assert_eq!(decrypt::check(world.public(), enc, &header, &changed).unwrap_err(), Error::Proof);
    }
    let reply = decrypt::check(world.public(), enc, &header, &message).unwrap().answer(Token::NONE).unwrap();
    for bit in (0..8 * (4 + 65 + 4 + 32 + 4 + 32)).step_by(7) {
        let Some(changed): Option<DecryptReply> = flipped(&reply, bit) else { continue };
        assert_eq!(ask().0.finish(&changed).unwrap_err(), Error::Proof);
    }

    let masks = ResetSecret::random().unwrap().masks(header.key_id, 2, &world.server.encryption_keys());
    let (phone, commit): (_, RefreshCommit) = refresh::PhoneCommitted::new(world.shares.clone(), &header).unwrap();
    for changed in bits(&commit).filter_map(|bit| flipped(&commit, bit)) {
        let refused =
            refresh::ServerPending::new(&world.server, &point, &header, &changed, &masks, Token::NONE).unwrap_err();
        assert!(matches!(refused, Error::Proof | Error::Encoding));
    }
    let (pending, reply) =
        refresh::ServerPending::new(&world.server, &point, &header, &commit, &masks, Token::NONE).unwrap();
    let complete: RefreshComplete = phone.refresh(&reply).unwrap().complete(&header).unwrap();
    let stored = pending.to_bytes();
    for changed in bits(&complete).filter_map(|bit| flipped(&complete, bit)) {
        let pending = refresh::ServerPending::from_bytes(&stored).unwrap();
        let refused = pending.complete(&world.server, &header, &changed).unwrap_err();
        assert!(matches!(refused, Error::Proof | Error::Commitment | Error::Encoding));
    }
}

/// A signing request on the line, with what opens it.
fn on_the_line() -> (Vec<u8>, envelope::PhoneChannel, envelope::SecretKey, Vec<u8>) {
    let world = World::new();
    let header = world.header();
    let (_, message) = world.request(world.nonce().commitment(), &header, &digest("message"));
    let body = Body::new(&header, &message).sign(&[9; 64]);
    let key = envelope::SecretKey::new(id(), sm2::SecretKey::generate().unwrap());
    let (sealed, channel) = envelope::seal(&key.public_key(), id(), header.device_id, &body).unwrap();
    (sealed, channel, key, body.to_vec())
}

#[test]
fn a_changed_envelope_does_not_open_in_either_direction() {
    let (sealed, channel, key, body) = on_the_line();
    for bit in (0..8 * sealed.len()).step_by(5) {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(envelope::open(&key, &changed).unwrap_err(), Error::Envelope);
    }
    for length in 0..sealed.len() {
        assert_eq!(envelope::open(&key, &sealed[..length]).unwrap_err(), Error::Envelope);
    }
    let opened = envelope::open(&key, &sealed).unwrap();
    assert_eq!(&*opened.body, &body);
    assert_eq!(envelope::key_id(&sealed).unwrap(), key.public_key().id);
    let reply = opened.channel.seal(b"reply").unwrap();
    for bit in 0..8 * reply.len() {
        let mut changed = reply.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(channel.open(&changed).unwrap_err(), Error::Envelope);
    }
    assert_eq!(&**channel.open(&reply).unwrap(), b"reply");
    // A retry is answered under the same key: never with the same nonce.
    assert_ne!(opened.channel.seal(b"reply").unwrap()[..12], reply[..12]);
    // A reply to another request does not pass, nor does a request as a reply.
    let (_, other, _, _) = on_the_line();
    assert_eq!(other.open(&reply).unwrap_err(), Error::Envelope);
    assert_eq!(channel.open(&sealed).unwrap_err(), Error::Envelope);
    // Another server key.
    let foreign = envelope::SecretKey::new(key.public_key().id, sm2::SecretKey::generate().unwrap());
    assert_eq!(envelope::open(&foreign, &sealed).unwrap_err(), Error::Envelope);
    assert_eq!(envelope::open(&key, &[0; 9000]).unwrap_err(), Error::Envelope);
}

#[test]
fn a_changed_body_has_another_digest_or_is_no_body() {
    let (_, _, _, body) = on_the_line();
    let digest = SignedBody::from_bytes(&body).unwrap().authenticate(|_, _| true).unwrap().digest;
    for bit in 0..8 * body.len() {
        let mut changed = body.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let accepted = SignedBody::from_bytes(&changed)
            .and_then(|body| body.authenticate(|signed, signature| *signed == digest && *signature == [9; 64]));
        assert!(matches!(accepted.unwrap_err(), Error::Encoding | Error::DeviceSignature), "bit {bit}");
    }
    for length in 0..body.len() {
        SignedBody::from_bytes(&body[..length]).unwrap_err();
    }
    SignedBody::from_bytes(&[&body[..], &[0]].concat()).unwrap_err();
}

#[test]
fn a_header_names_the_request_that_was_under_way_or_none() {
    let world = World::new();
    let mut header = world.header();
    for pending in [None, Some(id())] {
        header.pending = pending;
        let body = Body::new(&header, &codec::Status {}).sign(&[0; 64]);
        let request = SignedBody::from_bytes(&body).unwrap().authenticate(|_, _| true).unwrap();
        assert_eq!(request.header, header);
        assert_eq!(request.operation, Operation::Status(codec::Status {}));
    }
}

#[test]
fn an_operation_that_does_not_exist_is_malformed() {
    let (_, _, _, body) = on_the_line();
    for op in [0, 11, 255] {
        let mut changed = body.clone();
        changed[4] = op;
        assert_eq!(SignedBody::from_bytes(&changed).unwrap_err(), Error::Encoding);
    }
}

#[test]
fn scalars_and_points_out_of_range_are_malformed() {
    let world = World::new();
    let header = world.header();
    let (_, message) = world.request(world.nonce().commitment(), &header, &digest("message"));
    let n = hex::decode("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123").unwrap();
    let mut out = Writer::new();
    message.put_fields(&mut out);
    let fields = out.as_bytes();
    let last = fields.len() - 32;
    for bad in [&n[..], &[0xff; 32]] {
        let fields = [&fields[..last], bad].concat();
        assert_eq!(Sign::take_fields(&mut Reader::new(&fields)).unwrap_err(), Error::Encoding);
    }
    // s1 = 0, and a point at infinity in two spellings.
    let reply = SignReply {
        r2: gm::curve::Point::GENERATOR,
        o: [0; 32],
        s1: codec::NonZero(gm::curve::Scalar::ONE),
        cid: Id::ZERO,
        h2: [0; 32],
        tok: Token::NONE,
    };
    let mut out = Writer::new();
    reply.put_fields(&mut out);
    let good = out.as_bytes().to_vec();
    SignReply::take_fields(&mut Reader::new(&good)).unwrap();
    let mut zero = good.clone();
    zero[69 + 36 + 4..][..32].fill(0);
    let mut infinity = good.clone();
    infinity[4..69].fill(0);
    let short = [&[0, 0, 0, 1, 0][..], &good[69..]].concat();
    for bad in [zero, infinity, short] {
        assert_eq!(SignReply::take_fields(&mut Reader::new(&bad)).unwrap_err(), Error::Encoding);
    }
}

proptest! {
    #[test]
    fn octets_of_strangers_are_refused_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), op in 0u8..12) {
        prop_assert!(SignedBody::from_bytes(&bytes).is_err());
        let key = envelope::SecretKey::new(Id::ZERO, sm2::SecretKey::from_bytes(&[7; 32]).unwrap());
        prop_assert!(envelope::open(&key, &bytes).is_err());
        let _ = codec::decode_reply::<SignReply>(&bytes);
        let _ = codec::decode_reply::<codec::SessionOpenReply>(&bytes);
        let _ = splitkey::sign::ServerNonce::from_bytes(&bytes);
        let _ = session::Factors::from_bytes(&bytes);
        // A well formed frame around strange fields.
        let mut body = Writer::new();
        body.put(&[op]).put(&[0; 16]).put(&[0; 8]).put(&[0; 16]).put(&[0; 16]).put(&[0; 16]).put(&[0; 8]);
        body.put(&[0; 32]).put(&bytes).put(&[0; 64]);
        let _ = SignedBody::from_bytes(body.as_bytes());
    }
}
