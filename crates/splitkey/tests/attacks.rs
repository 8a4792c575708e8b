//! The attacks that the one-round scheme without its additions falls to (docs/protocol.md, "Attacks"), each tried.

#![allow(clippy::unwrap_used)]

mod support;

use gm::{
    curve::{Element, Point, Scalar},
    sm2::{self, Signature},
    sm3::Digest,
};
use splitkey::{
    Error, Id, Token, codec,
    codec::{Message, NonZero, Sign, SignReply, Writer},
    keygen::{PhoneCommitted, ServerPending},
    sign::{PendingSignature, ServerNonce},
};
use support::{World, answer, context, digest, id, scalar};

/// The shares of the scheme without additions, for showing that an attack would work there.
struct Plain {
    y1: Scalar,
    y2: Scalar,
    public: sm2::PublicKey,
}

impl Plain {
    fn new() -> Self {
        let (y1, y2) = (Scalar::random().unwrap(), Scalar::random().unwrap());
        let public = (Point::mul_base(&(&y1 * &y2)) - &Point::GENERATOR).normalize().unwrap().into();
        Self { y1, y2, public }
    }

    /// The server's r for a nonce and the phone's point.
    fn r(&self, e: &Digest, w2: &Scalar, q1: &Point) -> Scalar {
        let q = (Point::mul_base(w2) + q1.mul(&self.y2)).normalize().unwrap();
        &Scalar::reduce(e) + &Scalar::reduce(&q.x())
    }

    /// The server's partial signature.
    fn partial(&self, r: &Scalar, w2: &Scalar) -> Scalar {
        &self.y2.invert().unwrap() * &(r + w2)
    }

    /// The phone's completion, without any check.
    fn complete(&self, r: &Scalar, s1: &Scalar, w1: &Scalar) -> Scalar {
        &(&self.y1.invert().unwrap() * &(s1 + w1)) - r
    }
}

fn base(k: &Scalar) -> Point {
    Point::mul_base(k).normalize().unwrap()
}

/// 2^i.
fn power(i: usize) -> Scalar {
    let mut bytes = [0; 32];
    bytes[31 - i / 8] = 1 << (i % 8);
    Scalar::reduce(&bytes)
}

/// What a malicious server computes from 256 open requests: per request two nonces to choose from, the choice that
/// makes the sum of the finished signatures a forgery, and the forgery.
struct Ros {
    /// (r, w2) of both choices.
    choices: Vec<[(Scalar, Scalar); 2]>,
    weights: Vec<Scalar>,
    chosen: Vec<usize>,
    r: Scalar,
}

impl Ros {
    const OPEN: usize = 256;

    fn prepare(
        points: &[Point],
        digests: &[Digest],
        forged: &Digest,
        choose: impl Fn(usize, usize, &Point, &Digest) -> (Scalar, Scalar),
        y2: &Scalar,
    ) -> Self {
        let choices: Vec<[(Scalar, Scalar); 2]> = points
            .iter()
            .zip(digests)
            .enumerate()
            .map(|(i, (q1, e))| [choose(i, 0, q1, e), choose(i, 1, q1, e)])
            .collect();
        let sum = |choice: &(Scalar, Scalar)| &choice.0 + &choice.1;
        let weights: Vec<Scalar> = choices
            .iter()
            .enumerate()
            .map(|(i, both)| &power(i) * &(&sum(&both[1]) - &sum(&both[0])).invert().unwrap())
            .collect();
        let combined =
            points.iter().zip(&weights).fold(Element::IDENTITY, |total, (q1, weight)| total + q1.mul_vartime(weight));
        let w2 = Scalar::random().unwrap();
        let q = (base(&w2), combined.normalize().unwrap().mul(y2));
        let q = (q.1 + &q.0).normalize().unwrap();
        let r = &Scalar::reduce(forged) + &Scalar::reduce(&q.x());
        let fixed =
            choices.iter().zip(&weights).fold(Scalar::ZERO, |total, (both, weight)| total + weight * &sum(&both[0]));
        let target = (&(&r + &w2) - &fixed).to_bytes();
        let chosen = (0..Self::OPEN).map(|i| usize::from(target[31 - i / 8] >> (i % 8) & 1)).collect();
        Self { choices, weights, chosen, r }
    }

    /// The forgery from the finished signatures' r + s.
    fn forge(&self, sums: &[Scalar]) -> Signature {
        let sum = sums.iter().zip(&self.weights).fold(Scalar::ZERO, |total, (sum, weight)| total + weight * sum);
        Signature::from_scalars(&self.r, &(&sum - &self.r)).unwrap()
    }
}

#[test]
fn attack_1_ros_forges_in_the_plain_scheme_and_ends_at_the_commitment_here() {
    let forged = |public: &sm2::PublicKey| sm2::message_digest(public, sm2::DEFAULT_ID, b"never shown").unwrap();
    let digests: Vec<Digest> = (0..Ros::OPEN).map(|i| digest(&format!("ordinary document {i}"))).collect();

    // Without commitments: 256 signatures that the user wanted, and a 257th.
    let plain = Plain::new();
    let e = forged(&plain.public);
    let w1: Vec<Scalar> = digests.iter().map(|_| Scalar::random().unwrap()).collect();
    let points: Vec<Point> = w1.iter().map(base).collect();
    let any = |_, _, q1: &Point, e: &Digest| {
        let w2 = Scalar::random().unwrap();
        (plain.r(e, &w2, q1), w2)
    };
    let ros = Ros::prepare(&points, &digests, &e, any, &plain.y2);
    let sums: Vec<Scalar> = (0..Ros::OPEN)
        .map(|i| {
            let (r, w2) = &ros.choices[i][ros.chosen[i]];
            let s = plain.complete(r, &plain.partial(r, w2), &w1[i]);
            &s + r
        })
        .collect();
    plain.public.verify_digest(&e, &ros.forge(&sums)).unwrap();

    // Here: the server holds y2 and knows every Q1, but has committed to one nonce per request before.
    let world = World::new();
    let y2 = scalar(&*world.server.sign.to_bytes());
    let server = Plain { y1: Scalar::ONE, y2, public: *world.public() };
    let e = forged(&server.public);
    let nonces: Vec<ServerNonce> = digests.iter().map(|_| world.nonce()).collect();
    let header = world.header();
    let (pendings, messages): (Vec<_>, Vec<_>) =
        nonces.iter().zip(&digests).map(|(nonce, e)| world.request(nonce.commitment(), &header, e)).unzip();
    let points: Vec<Point> = messages.iter().map(|message| message.q1).collect();
    let secrets: Vec<(Scalar, [u8; 32])> = nonces.iter().map(secrets).collect();
    let committed_or_other = |i: usize, choice: usize, q1: &Point, e: &Digest| {
        let w2 = if choice == 0 { secrets[i].0.clone() } else { Scalar::random().unwrap() };
        (server.r(e, &w2, q1), w2)
    };
    let ros = Ros::prepare(&points, &digests, &e, committed_or_other, &server.y2);
    let mut refused = 0;
    for (i, pending) in pendings.into_iter().enumerate() {
        let (r, w2) = &ros.choices[i][ros.chosen[i]];
        let reply = reply(base(w2), secrets[i].1, server.partial(r, w2));
        match pending.finish(&reply) {
            Ok(_) => assert_eq!(ros.chosen[i], 0),
            Err(error) => {
                assert_eq!((error, ros.chosen[i]), (Error::Commitment, 1));
                refused += 1;
            }
        }
    }
    // The forgery needs them all.
    assert!(refused > 0);
}

/// (w2, o) of a nonce: the server's own secrets, read from its storage form.
fn secrets(nonce: &ServerNonce) -> (Scalar, [u8; 32]) {
    let bytes = nonce.to_bytes();
    let mut reader = codec::Reader::new(&bytes);
    for _ in 0..5 {
        reader.bytes().unwrap();
    }
    let w2 = reader.field().unwrap();
    reader.bytes().unwrap();
    (w2, reader.array().unwrap())
}

fn reply(r2: Point, o: [u8; 32], s1: Scalar) -> SignReply {
    SignReply { r2, o, s1: NonZero(s1), cid: Id::ZERO, h2: [0; 32], tok: Token::NONE }
}

#[test]
fn attack_3_nothing_that_the_server_hands_out_early_contains_its_nonce_point() {
    let world = World::new();
    let nonce = world.nonce();
    let point = base(&secrets(&nonce).0);
    let early = codec::encode_reply(&Ok(codec::PrepareReply::from(nonce.commitment())));
    assert!(!early.windows(32).any(|window| window == point.x()));
}

#[test]
fn attacks_4_and_5_a_point_without_a_known_logarithm_is_not_answered() {
    let world = World::new();
    let (header, e) = (world.header(), digest("message"));
    // Any point U, or w1 X2 + uG.
    let x2 = &world.keygen.0.x2;
    let shifted = (x2.mul(&Scalar::random().unwrap()) + Point::mul_base(&power(3))).normalize().unwrap();
    for q1 in [base(&Scalar::random().unwrap()), shifted] {
        let nonce = world.nonce();
        let (_, mut message) = world.request(nonce.commitment(), &header, &e);
        message.q1 = q1;
        assert_eq!(nonce.check(&world.server.sign, &header, &message).unwrap_err(), Error::Proof);
    }
    // Why: in the plain scheme the phone reads y2 U from the answer, up to sign.
    let plain = Plain::new();
    let (u, w2) = (base(&Scalar::random().unwrap()), Scalar::random().unwrap());
    let r = plain.r(&e, &w2, &u);
    let s1 = plain.partial(&r, &w2);
    let r2 = base(&plain.y2).mul(&s1) - Point::mul_base(&r);
    let q = (Point::mul_base(&w2) + u.mul(&plain.y2)).normalize().unwrap();
    let candidates = [Element::from(q) - r2, -Element::from(q) - r2];
    assert!(candidates.contains(&u.mul(&plain.y2)));
}

#[test]
fn attacks_6_and_7_a_nonce_that_answers_twice_would_give_its_share_away() {
    // The types forbid both (see the examples that must not compile in `splitkey::sign`); this is what they prevent.
    let plain = Plain::new();
    let (w1, w2) = (Scalar::random().unwrap(), Scalar::random().unwrap());
    let (one, other) = (Scalar::random().unwrap(), Scalar::random().unwrap());
    let difference = (&one - &other).invert().unwrap();
    let d2 = &(&plain.partial(&one, &w2) - &plain.partial(&other, &w2)) * &difference;
    assert_eq!(d2.invert().unwrap(), plain.y2);
    let finished = |r: &Scalar| &plain.complete(r, r, &w1) + r;
    assert_eq!((&(&finished(&one) - &finished(&other)) * &difference).invert().unwrap(), plain.y1);
}

#[test]
fn attack_8_neither_side_can_choose_its_point_after_seeing_the_others() {
    let context = context(id());
    // A server that answers with a point whose logarithm it does not know: X2 = U - X1 cannot be proven.
    let (phone, commit) = PhoneCommitted::new(&context).unwrap();
    let (_, mut reply) = ServerPending::new(&context, &commit).unwrap();
    reply.x2 = base(&Scalar::random().unwrap());
    assert_eq!(phone.open(&reply).unwrap_err(), Error::Proof);
    // A phone that replaces its point, with a proof of its own, after it has seen X2.
    let (phone, commit) = PhoneCommitted::new(&context).unwrap();
    let (pending, reply) = ServerPending::new(&context, &commit).unwrap();
    let (_, first) = phone.open(&reply).unwrap();
    let (other, other_commit) = PhoneCommitted::new(&context).unwrap();
    let (_, other_reply) = ServerPending::new(&context, &other_commit).unwrap();
    let (_, mut second) = other.open(&other_reply).unwrap();
    second.o1 = first.o1;
    assert_eq!(pending.open(&second).unwrap_err(), Error::Commitment);
    // The server's proof sent back as the phone's: the roles have different tags, and the commitment is missing.
    let (phone, commit) = PhoneCommitted::new(&context).unwrap();
    let (pending, reply) = ServerPending::new(&context, &commit).unwrap();
    let (_, mut mirrored) = phone.open(&reply).unwrap();
    (mirrored.x1, mirrored.c1, mirrored.z1) = (reply.x2, reply.c2, reply.z2);
    assert_eq!(pending.open(&mirrored).unwrap_err(), Error::Commitment);
}

#[test]
fn attack_9_a_server_that_signs_another_message_gets_no_signature() {
    let world = World::new();
    let (header, e, evil) = (world.header(), digest("shown"), digest("not shown"));
    let nonce = world.nonce();
    let (pending, message) = world.request(nonce.commitment(), &header, &e);
    let (w2, o) = secrets(&nonce);
    let server = Plain { y1: Scalar::ONE, y2: scalar(&*world.server.sign.to_bytes()), public: *world.public() };
    let r = server.r(&evil, &w2, &message.q1);
    assert_eq!(pending.finish(&reply(base(&w2), o, server.partial(&r, &w2))).unwrap_err(), Error::Partial);
    // The same with the proof moved to the other message: the server's own check refuses it.
    let moved = Sign { e: evil, ..message };
    assert_eq!(nonce.check(&world.server.sign, &header, &moved).unwrap_err(), Error::Proof);
}

#[test]
fn attack_10_a_wrong_partial_is_caught_before_anything_is_released() {
    let world = World::new();
    let (header, e) = (world.header(), digest("message"));
    for wrong in [Scalar::ONE, power(200)] {
        let nonce = world.nonce();
        let (pending, message) = world.request(nonce.commitment(), &header, &e);
        let mut reply = answer(&world.server.sign, nonce, &header, &message).unwrap();
        reply.s1 = NonZero(&reply.s1.0 + &wrong);
        assert_eq!(pending.finish(&reply).unwrap_err(), Error::Partial);
    }
}

#[test]
fn attack_13_a_nonce_of_another_key_epoch_or_session_is_refused() {
    let (world, other) = (World::new(), World::new());
    let (header, e) = (world.header(), digest("message"));
    let good = world.nonce();
    let (_, message) = world.request(good.commitment(), &header, &e);
    let foreign = |nonce: ServerNonce| nonce.check(&world.server.sign, &header, &message).unwrap_err();
    assert_eq!(foreign(other.nonce()), Error::ForeignNonce);
    assert_eq!(foreign(support::nonce(&world.server.sign, 2, Id::ZERO)), Error::ForeignNonce);
    assert_eq!(foreign(support::nonce(&world.server.sign, 1, id())), Error::ForeignNonce);
    assert_eq!(foreign(world.nonce()), Error::ForeignNonce);
    // The message with the id of another open nonce: the commitment is part of what was proven.
    let nonce = world.nonce();
    let moved = Sign { cid: nonce.commitment().cid, h2: nonce.commitment().h2, ..message.clone() };
    assert_eq!(nonce.check(&world.server.sign, &header, &moved).unwrap_err(), Error::Proof);
    good.check(&world.server.sign, &header, &message).unwrap();
}

#[test]
fn a_recorded_request_is_good_for_nothing_else() {
    let world = World::new();
    let (header, e) = (world.header(), digest("message"));
    let nonce = world.nonce();
    let stored = nonce.to_bytes();
    let (_, message) = world.request(nonce.commitment(), &header, &e);
    // Under another request id, for another task, from another device, for another key.
    let nonce = || ServerNonce::from_bytes(&stored).unwrap();
    let replayed = codec::Header { req_id: id(), ..header.clone() };
    assert_eq!(nonce().check(&world.server.sign, &replayed, &message).unwrap_err(), Error::Proof);
    let device = codec::Header { device_id: id(), ..header.clone() };
    assert_eq!(nonce().check(&world.server.sign, &device, &message).unwrap_err(), Error::Proof);
    let task = Sign { task_id: id(), ..message.clone() };
    assert_eq!(nonce().check(&world.server.sign, &header, &task).unwrap_err(), Error::Proof);
    let other = World::new();
    assert_eq!(nonce().check(&other.server.sign, &header, &message).unwrap_err(), Error::Proof);
}

#[test]
fn two_requests_for_one_message_share_nothing() {
    let world = World::new();
    let (header, e) = (world.header(), digest("message"));
    let commitment = world.nonce().commitment();
    let task_id = id();
    let request = || {
        let share = world.shares.sign.clone();
        PendingSignature::new(share, &header, commitment, &e, task_id).unwrap().1
    };
    let (one, other) = (request(), request());
    assert!(one.q1 != other.q1 && one.c != other.c && one.z0 != other.z0 && one.z1 != other.z1);
}

#[test]
fn no_secret_and_no_point_is_ever_printed() {
    let (world, _) = World::with_encryption();
    let nonce = world.nonce();
    let header = world.header();
    let (pending, message) = world.request(nonce.commitment(), &header, &digest("message"));
    let y2 = world.server.sign.to_bytes();
    let mut fields = Writer::new();
    message.put_fields(&mut fields);
    let printed = format!(
        "{world_shares:?} {server:?} {nonce:?} {pending:?} {message:?} {header:?} {sealed:?} {device:?} {reset:?} \
         {new_key:?} {keygen:?}",
        world_shares = world.shares,
        server = world.server,
        sealed = world.sealed,
        device = world.device,
        reset = world.reset,
        new_key = world.new_key,
        keygen = world.keygen,
    );
    let (w2, o) = secrets(&nonce);
    let secret_values: [&[u8]; 10] = [
        &world.keygen.1.o1,
        &*y2,
        &w2.to_bytes(),
        &o,
        &message.q1.x(),
        &message.c.to_bytes(),
        &message.z0.to_bytes(),
        &world.keygen.1.x1.x(),
        &header.tok.0,
        &world.device.0,
    ];
    for value in secret_values {
        let list = format!("{:?}", &value[..8]);
        assert!(!printed.to_lowercase().contains(&hex::encode(value)));
        assert!(!printed.contains(list.trim_matches(['[', ']'])));
    }
}
