//! What lets a copied phone be searched for its PIN, and that none of it lies on the phone (docs/protocol.md, "Values
//! that turn a copied phone into a search").
//!
//! The attacker of these tests has everything that the phone stores, `K_dev` included, and one more value.

#![allow(clippy::unwrap_used)]

mod support;

use gm::{
    curve::{Element, Point, Scalar},
    sm2::{self, PublicKey, Signature},
    sm3, sm4,
};
use splitkey::{
    Id, Token,
    codec::{Header, Reader, Sign, SignReply},
    decrypt::{self, PendingDecryption},
    pin::{DeviceSecret, ResetSecret, SealedKey},
    refresh,
    session::{self, PendingSession},
    transcript,
};
use std::collections::HashMap;
use support::{PIN, ROUNDS, World, answer, digest, id, pin, scalar};

/// The stored key, read as docs/protocol.md writes it and not by the crate's own reader.
struct Blob {
    plain: Vec<u8>,
    key_id: [u8; 16],
    epoch: [u8; 8],
    salt: [u8; 16],
    public: PublicKey,
    k_dev: [u8; 32],
    sign: [Scalar; 2],
    enc: Option<([Scalar; 2], Point)>,
}

impl Blob {
    fn open(bytes: &[u8], device: &DeviceSecret) -> Self {
        let mut reader = Reader::new(bytes);
        assert_eq!(reader.bytes().unwrap(), [1]);
        let (key_id, nonce): ([u8; 16], [u8; 12]) = (reader.array().unwrap(), reader.array().unwrap());
        let key = transcript::hash("blob-key", &[&device.0]);
        let aad = transcript::octets("blob", &[&[1], &key_id]);
        let plain = sm4::gcm_decrypt(key[..16].try_into().unwrap(), &nonce, &aad, reader.bytes().unwrap()).unwrap();
        let mut reader = Reader::new(&plain);
        let public = PublicKey::from_bytes(&reader.array().unwrap()).unwrap();
        let (epoch, salt) = (reader.array().unwrap(), reader.array().unwrap());
        assert_eq!(u64::from_be_bytes(reader.array().unwrap()), u64::from(ROUNDS));
        let pair = |reader: &mut Reader<'_>| [reader.field().unwrap(), reader.field().unwrap()];
        let sign = pair(&mut reader);
        let _: (Token, Option<Id>) = (reader.field().unwrap(), reader.field().unwrap());
        let enc = (!reader.is_empty()).then(|| {
            let public = reader.field().unwrap();
            (pair(&mut reader), public)
        });
        reader.end().unwrap();
        Self { key_id, epoch, salt, public, k_dev: device.0, sign, enc, plain: plain.clone() }
    }

    fn mask(&self, digits: &str, label: &str) -> Scalar {
        let label = match (label, &self.enc) {
            ("enc", Some((_, public))) => [&b"enc"[..], &public.to_bytes()].concat(),
            _ => label.as_bytes().to_vec(),
        };
        let mut key = [0; 32];
        sm3::pbkdf2(digits.as_bytes(), &[&self.salt[..], &self.k_dev].concat(), ROUNDS, &mut key);
        transcript::hash_to_scalar("pin-mask", &[&label, &self.key_id, &self.epoch, &key])
    }

    /// y1 if `digits` were the PIN.
    fn y1(&self, digits: &str) -> Scalar {
        &self.sign[0] + &self.mask(digits, "sign")
    }

    /// a if `digits` were the PIN.
    fn a(&self, digits: &str) -> Scalar {
        &self.enc.as_ref().unwrap().0[0] + &self.mask(digits, "enc")
    }

    fn contains(&self, value: &[u8]) -> bool {
        self.plain.windows(value.len()).any(|window| window == value)
    }
}

/// Candidates: the right PIN in a small window, because the search is what matters and not its length.
fn candidates() -> impl Iterator<Item = String> {
    (864_200..864_216).map(|pin| pin.to_string())
}

fn search(test: impl Fn(&str) -> bool) -> Option<String> {
    let mut hits = candidates().filter(|digits| test(digits));
    let hit = hits.next();
    assert!(hits.next().is_none());
    hit
}

fn found() -> Option<String> {
    Some(PIN.to_owned())
}

fn base(k: &Scalar) -> Element {
    Point::mul_base(k)
}

struct Signing {
    header: Header,
    message: Sign,
    reply: SignReply,
    signature: Signature,
}

struct Case {
    world: World,
    escrowed: sm2::SecretKey,
    blob: Blob,
    signing: Signing,
}

fn case() -> Case {
    let (world, escrowed) = World::with_encryption();
    let blob = Blob::open(&world.sealed.to_bytes(&world.device).unwrap(), &world.device);
    let (nonce, header) = (world.nonce(), world.header());
    let (pending, message) = world.request(nonce.commitment(), &header, &digest("message"));
    let reply = answer(&world.server.sign, nonce, &header, &message).unwrap();
    let signature = pending.finish(&reply).unwrap();
    Case { signing: Signing { header, message, reply, signature }, world, escrowed, blob }
}

/// P + G.
fn shifted(public: &PublicKey) -> Element {
    Element::from(public.point()) + &Point::GENERATOR
}

#[test]
fn every_pin_gives_a_share_and_nothing_that_is_stored_tells_them_apart() {
    let Case { world, blob, .. } = case();
    for digits in candidates() {
        let share = world.sealed.unlock_all(&pin(&digits), &world.device).unwrap();
        assert_eq!((share.sign.key_id(), share.sign.epoch()), (world.sealed.key_id(), 1));
        assert!(!bool::from(blob.y1(&digits).is_zero()));
    }
    // The blob's own fields against each other: c - cr = mu - F, with mu unknown and another one per share.
    let difference = |[by_pin, by_reset]: &[Scalar; 2]| by_pin - by_reset;
    let (sign, enc) = (difference(&blob.sign), difference(&blob.enc.as_ref().unwrap().0));
    assert_eq!(
        search(|digits| &sign - &enc == blob.mask(digits, "enc") - blob.mask(digits, "sign")),
        None,
        "the masks differ by label"
    );
    // With one mask for both shares, that very comparison finds the PIN.
    let mu = Scalar::random().unwrap();
    let (y1, a) = (blob.y1(PIN), blob.a(PIN));
    let common = &(&blob.sign[0] - &(&y1 - &mu)) - &(&blob.enc.as_ref().unwrap().0[0] - &(&a - &mu));
    assert_eq!(search(|digits| common == blob.mask(digits, "enc") - blob.mask(digits, "sign")), found());
}

#[test]
fn each_point_of_the_table_finds_the_pin_and_is_not_on_the_phone() {
    let Case { world, blob, .. } = case();
    let (reply, open) = &world.keygen;
    // X1 and X2.
    assert_eq!(search(|digits| base(&blob.y1(digits)) == Element::from(open.x1)), found());
    let p = Element::from(blob.public.point());
    assert_eq!(search(|digits| reply.x2.mul(&blob.y1(digits)) - &Point::GENERATOR == p), found());
    // A and B.
    let b = scalar(&*world.server.enc[0].to_bytes());
    let p_e = *world.server.enc[0].public_key().point();
    let own = base(&b);
    let phone = Element::from(p_e) - own;
    assert_eq!(search(|digits| base(&blob.a(digits)) == phone), found());
    assert_eq!(search(|digits| Element::from(p_e) - base(&blob.a(digits)) == own), found());
    for point in [open.x1, reply.x2, own.normalize().unwrap(), phone.normalize().unwrap()] {
        assert!(!blob.contains(&point.x()) && !blob.contains(&point.y()));
    }
    // The searched-for values themselves.
    for secret in [blob.y1(PIN), blob.a(PIN), b, scalar(&*world.server.sign.to_bytes())] {
        assert!(!blob.contains(&secret.to_bytes()));
    }
}

#[test]
fn a_recorded_request_finds_the_pin_and_is_not_on_the_phone() {
    let Case { world, blob, signing, .. } = case();
    let Sign { cid, h2, e, task_id, q1, c, z0, z1 } = &signing.message;
    let header = &signing.header;
    let fields: [&[u8]; 10] = [
        &world.public().to_bytes(),
        &header.key_id.0,
        &header.epoch.to_be_bytes(),
        &header.device_id.0,
        &header.sid.0,
        &header.req_id.0,
        &cid.0,
        h2,
        e,
        &task_id.0,
    ];
    let hdr = transcript::hash("hdr", &fields);
    let test = |digits: &str| {
        let x1 = base(&blob.y1(digits)).normalize().unwrap();
        let minus = -c;
        let [t0, t1] = Point::mul_add_base_all_vartime([(z0, &minus, &x1), (z1, &minus, q1)]).unwrap();
        let points = [&x1, q1, &t0, &t1].map(Point::to_bytes);
        *c == transcript::hash_to_scalar("req-auth", &[&hdr, &points[0], &points[1], &points[2], &points[3]])
    };
    assert_eq!(search(test), found());
    for value in [q1.x(), c.to_bytes(), z0.to_bytes(), z1.to_bytes()] {
        assert!(!blob.contains(&value));
    }
}

#[test]
fn a_recorded_reply_finds_the_pin_and_is_not_on_the_phone() {
    let Case { world, blob, signing, .. } = case();
    let (r, s) = signing.signature.scalars();
    let (s1, q1) = (&signing.reply.s1.0, Element::from(signing.message.q1));
    // (Q1, s1) with the public signature.
    let sum = &r + &s;
    assert_eq!(search(|digits| base(&(&(&blob.y1(digits) * &sum) - s1)) == q1), found());
    // (R2, s1) with the public signature.
    let x2 = (base(&r) + &signing.reply.r2).normalize().unwrap().mul(&s1.invert().unwrap()).normalize().unwrap();
    assert_eq!(search(|digits| x2.mul(&blob.y1(digits)) == shifted(world.public())), found());
    for value in [signing.reply.r2.x(), s1.to_bytes(), signing.reply.o] {
        assert!(!blob.contains(&value));
    }
}

#[test]
fn a_recorded_decryption_finds_the_pin_and_is_not_on_the_phone() {
    let Case { world, escrowed, blob, .. } = case();
    let ciphertext = sm2::encrypt(&escrowed.public_key(), b"secret").unwrap();
    let header = world.header();
    let (pending, message) =
        PendingDecryption::new(&world.shares, &escrowed.public_key(), &header, ciphertext.clone(), id()).unwrap();
    let enc = &world.server.enc[0];
    let reply = decrypt::check(world.public(), enc, &header, &message).unwrap().answer(Token::NONE).unwrap();
    pending.finish(&reply).unwrap();
    let test = |digits: &str| {
        let shared = (ciphertext.c1.mul(&blob.a(digits)) + &reply.d2).normalize().unwrap();
        sm2::open_shared(&shared, &ciphertext).is_ok()
    };
    assert_eq!(search(test), found());
    for value in [reply.d2.x(), reply.c.to_bytes(), reply.z.to_bytes(), message.c.to_bytes(), message.z.to_bytes()] {
        assert!(!blob.contains(&value));
    }
}

/// PINs (one, other) under which both blobs hold the same y1.
fn collisions(one: &Blob, other: &Blob) -> Vec<(String, String)> {
    let first: HashMap<[u8; 32], String> = candidates().map(|digits| (one.y1(&digits).to_bytes(), digits)).collect();
    let hit = |digits: String| first.get(&other.y1(&digits).to_bytes()).map(|found| (found.clone(), digits));
    candidates().filter_map(hit).collect()
}

#[test]
fn two_blobs_of_one_share_find_both_pins_and_a_refresh_prevents_it() {
    let Case { world, blob, .. } = case();
    let masks = world.reset.masks(world.sealed.key_id(), 1, &world.sealed.encryption_keys());
    let seal = |shares, masks, digits| {
        let sealed = SealedKey::seal_shares(shares, masks, Token::NONE, &pin(digits), &world.device, ROUNDS).unwrap();
        Blob::open(&sealed.to_bytes(&world.device).unwrap(), &world.device)
    };
    // The same share under another PIN: what must never be done.
    let careless = seal(&world.shares, &masks, "864201");
    assert_eq!(collisions(&blob, &careless), [(PIN.to_owned(), "864201".to_owned())]);
    // A change of PIN as it is done.
    let (header, next) = (
        world.header(),
        ResetSecret::random().unwrap().masks(world.sealed.key_id(), 2, &world.sealed.encryption_keys()),
    );
    let (phone, message) = refresh::PhoneCommitted::new(world.shares.clone(), &header).unwrap();
    let point = world.server.sign.phone_point().unwrap();
    let (_, reply) = refresh::ServerPending::new(&world.server, &point, &header, &message, &next, Token::NONE).unwrap();
    let phone = phone.refresh(&reply).unwrap();
    let refreshed = seal(&phone.shares, &phone.reset, "864201");
    assert_eq!(collisions(&blob, &refreshed), []);
}

#[test]
fn a_session_in_memory_is_no_test_without_its_factor() {
    let Case { world, blob, .. } = case();
    let header = world.header();
    let (pending, message) = PendingSession::new(world.shares.clone(), &header, id()).unwrap();
    let point = world.server.sign.phone_point().unwrap();
    let (factors, _) = session::check(&world.server, &point, &header, &message).unwrap().open().unwrap();
    let limits = session::Limits { expires_ms: 0, max_ops: 1 };
    let reply = factors.reply(id(), limits, Vec::new(), Token::NONE);
    pending.finish(&reply).unwrap();
    // y1 sigma is what a memory dump gives. For each PIN there is a sigma that explains it.
    let in_memory = &blob.y1(PIN) * &reply.sigma.0;
    assert_eq!(search(|digits| blob.y1(digits) == in_memory), None);
    for digits in candidates() {
        let sigma = &in_memory * &blob.y1(&digits).invert().unwrap();
        assert_eq!(&blob.y1(&digits) * &sigma, in_memory);
    }
    // With sigma it is one.
    assert_eq!(search(|digits| &blob.y1(digits) * &reply.sigma.0 == in_memory), found());
}

#[test]
fn the_servers_share_or_the_escrowed_key_with_the_servers_share_finds_the_pin_as_the_protocol_concedes() {
    let Case { world, escrowed, blob, .. } = case();
    let y2 = scalar(&*world.server.sign.to_bytes());
    assert_eq!(search(|digits| base(&(&blob.y1(digits) * &y2)) == shifted(world.public())), found());
    let b = scalar(&*world.server.enc[0].to_bytes());
    let a = escrowed.scalar() - &b;
    assert_eq!(search(|digits| blob.a(digits) == a), found());
    // Without K_dev there is nothing to search.
    let stored = world.sealed.to_bytes(&world.device).unwrap();
    let other = DeviceSecret::random().unwrap();
    assert!(SealedKey::from_bytes(&stored, &other).is_err());
    assert!(stored.windows(32).all(|window| window != blob.sign[0].to_bytes()));
}

#[test]
fn what_the_phone_may_keep_is_all_it_keeps() {
    // The stored form has exactly these fields, and this length: a field more would be seen here.
    let (signing, both) = (World::new(), case());
    let field = |lengths: &[usize]| lengths.iter().map(|length| 4 + length).sum::<usize>();
    let common = field(&[65, 8, 16, 8, 32, 32, 32, 0]);
    let blob = Blob::open(&signing.sealed.to_bytes(&signing.device).unwrap(), &signing.device);
    assert_eq!(blob.plain.len(), common);
    assert_eq!(both.blob.plain.len(), common + field(&[65, 32, 32]));
}

#[test]
fn each_encryption_key_is_refreshed_by_a_summand_of_its_own() {
    // With one summand for both, their difference survives the refresh, and two blobs are a test for both PINs.
    let (world, _) = World::with_encryption_keys(2);
    let point = world.server.sign.phone_point().unwrap();
    let masks = ResetSecret::random().unwrap().masks(world.sealed.key_id(), 2, &world.server.encryption_keys());
    let header = world.header();
    let (phone, message) = refresh::PhoneCommitted::new(world.shares.clone(), &header).unwrap();
    let (_, reply) =
        refresh::ServerPending::new(&world.server, &point, &header, &message, &masks, Token::NONE).unwrap();
    assert!(reply.delta_s.len() == 2 && reply.delta_s[0] != reply.delta_s[1]);
    let message = phone.refresh(&reply).unwrap().complete(&header).unwrap();
    assert!(message.delta_p.len() == 2 && message.delta_p[0] != message.delta_p[1]);
}
