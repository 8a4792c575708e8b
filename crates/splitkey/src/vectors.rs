//! Known answers (`vectors.txt`), computed by an implementation that shares no code with this one.

use crate::{
    Error, Id, PhoneShare, PhoneShares, ServerShare, ServerShares, Token, binding,
    codec::{self, Body, Field, Header, Operation, Refusal, SessionOpen, ShareProof, Sign, SignReply, SignedBody},
    decrypt::{self, PhoneDecryptionShare, ServerDecryptionShare},
    envelope, keygen,
    pin::{DeviceSecret, Label, Pin, ResetSecret, mask::PinKey, sealed},
    proof::{self, Equality, Proof},
    refresh::{self, Change},
    session,
    sign::{self, Commitment, PendingSignature, ServerNonce},
};
use gm::{
    curve::{Point, Scalar},
    sm2::{self, PublicKey},
};

fn bytes(name: &str) -> Vec<u8> {
    let line = include_str!("../vectors.txt").lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
    hex::decode(line.expect(name)).unwrap()
}

fn array<const N: usize>(name: &str) -> [u8; N] {
    bytes(name).try_into().unwrap()
}

fn id(name: &str) -> Id {
    Id(array(name))
}

fn scalar(name: &str) -> Scalar {
    Scalar::from_bytes(&array(name)).unwrap()
}

fn point(name: &str) -> Point {
    Point::from_bytes(&array(name)).unwrap()
}

fn public() -> PublicKey {
    point("P").into()
}

fn header() -> Header {
    Header {
        key_id: id("key_id"),
        epoch: 1,
        device_id: id("device_id"),
        sid: Id::ZERO,
        req_id: id("req_id"),
        ts_ms: u64::from_be_bytes(array("ts_ms")),
        tok: Token(array("tok")),
        pending: None,
    }
}

fn phone_shares() -> PhoneShares {
    let sign = PhoneShare::new(public(), id("key_id"), 1, scalar("y1")).unwrap();
    PhoneShares { sign, enc: vec![PhoneDecryptionShare::new(public(), scalar("a")).unwrap()] }
}

fn server_shares() -> ServerShares {
    let sign = ServerShare::from_bytes(public(), &bytes("y2")).unwrap();
    ServerShares { sign, enc: vec![ServerDecryptionShare::from_bytes(public(), &bytes("b")).unwrap()] }
}

fn commitment() -> Commitment {
    Commitment { cid: id("cid"), h2: array("h2") }
}

fn request() -> (PendingSignature, Sign) {
    let hdr = sign::hdr(&public(), &header(), &commitment(), &array("e"), id("task_id"));
    assert_eq!(hdr, array("hdr"));
    let nonces = [scalar("w1"), scalar("t0"), scalar("t1")];
    let share = phone_shares().sign;
    PendingSignature::with_nonces(share, &hdr, commitment(), &array("e"), id("task_id"), nonces).unwrap()
}

fn nonce() -> ServerNonce {
    // As ServerNonce::to_bytes writes it.
    let mut out = codec::Writer::new();
    out.field(&id("cid")).field(&array("h2")).field(&1u64).field(&Id::ZERO).field(&point("X1"));
    out.field(&scalar("w2")).field(&point("R2")).field(&array("o"));
    ServerNonce::from_bytes(out.as_bytes()).unwrap()
}

fn reply() -> SignReply {
    codec::decode_reply(&bytes("reply")).unwrap()
}

#[test]
fn key_generation_hashes_and_proves_as_written() {
    let context = keygen::Context {
        account_id: id("account_id"),
        device_id: id("device_id"),
        enrol_id: id("enrol_id"),
        server_nonce: array("server_nonce"),
    };
    let ctx = context.digest(&array("phone_nonce"));
    assert_eq!(ctx, array("kg_ctx"));
    let phone = Proof { c: scalar("c1"), z: scalar("z1") };
    proof::verify(keygen::PHONE, &ctx, &point("X1"), &phone).unwrap();
    let server = Proof { c: scalar("c2"), z: scalar("z2") };
    proof::verify(keygen::SERVER, &ctx, &point("X2"), &server).unwrap();
    assert_eq!(keygen::commitment(&ctx, &point("X1"), &phone, &array("o1")), array("com1"));
    assert_eq!(crate::share::joint_key(&scalar("y1"), &point("X2")).unwrap(), public());
    assert_eq!(crate::share::joint_key(&scalar("y2"), &point("X1")).unwrap(), public());
}

#[test]
fn the_shares_give_the_signature_of_annex_a() {
    let (pending, message) = request();
    assert_eq!(message.q1, point("Q1"));
    assert_eq!((message.c.clone(), message.z0.clone()), (scalar("c"), scalar("z0")));
    assert_eq!(message.z1, scalar("z1_sign"));
    assert_eq!(Commitment::digest(&public(), id("cid"), &point("R2"), &array("o")), array("h2"));
    let share = server_shares().sign;
    assert_eq!(share.phone_point().unwrap().0, point("X1"));
    let partial = nonce().check(&share, &header(), &message).unwrap().answer().unwrap();
    let next = Commitment { cid: Id([0x0f; 16]), h2: [0x10; 32] };
    let answered = partial.into_reply(next, Token([0x11; 32]));
    assert_eq!(answered.s1.0, scalar("s1"));
    assert_eq!(&*codec::encode_reply(&Ok(answered.clone())), &bytes("reply"));
    assert_eq!(answered, reply());
    let signature = pending.finish(&answered).unwrap();
    assert_eq!((signature.r(), signature.s()), (&array("r"), &array("s")));
    assert_eq!(hex::encode_upper(signature.r()), "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3");
    assert_eq!(hex::encode_upper(signature.s()), "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA");
}

#[test]
fn body_envelope_and_replies_have_the_written_octets() {
    let (_, message) = request();
    let body = Body::new(&header(), &message);
    assert_eq!(body.digest(), array("body_digest"));
    let octets = body.sign(&[0x0d; 64]);
    assert_eq!(&*octets, &bytes("body"));
    let secret = sm2::SecretKey::from_bytes(&array("envelope_secret")).unwrap();
    let key = envelope::SecretKey::new(id("envelope_key_id"), secret);
    let (account_id, device_id) = (id("account_id"), id("device_id"));
    let (sealed, channel) =
        envelope::seal_with(&key.public_key(), account_id, device_id, &octets, &scalar("u")).unwrap();
    assert_eq!(sealed, bytes("envelope"));
    assert_eq!(&*channel.open(&bytes("sealed_reply")).unwrap(), &bytes("reply"));
    let opened = envelope::open(&key, &sealed).unwrap();
    assert_eq!((opened.account_id, opened.device_id), (account_id, device_id));
    let request = SignedBody::from_bytes(&opened.body)
        .unwrap()
        .authenticate(|digest, signature| *digest == array("body_digest") && *signature == [0x0d; 64])
        .unwrap();
    assert_eq!(request.header, header());
    assert_eq!(request.operation, Operation::Sign(message));
    for (name, refusal) in [("reply_pin_wrong", Refusal::PinWrong { left: 4 }), ("reply_locked", Refusal::Locked)] {
        assert_eq!(codec::decode_reply::<SignReply>(&bytes(name)).unwrap_err(), Error::Refused(refusal));
        assert_eq!(&*codec::encode_reply::<SignReply>(&Err(refusal)), &bytes(name));
    }
}

#[test]
fn the_shares_open_the_ciphertext_of_annex_c() {
    let c1 = point("C1");
    let hdr = decrypt::hdr(&public(), &public(), &header(), &c1, id("task_id"));
    assert_eq!(hdr, array("dec_hdr"));
    let ciphertext = sm2::Ciphertext {
        c1,
        c3: hex::decode("59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766")
            .unwrap()
            .try_into()
            .unwrap(),
        c2: hex::decode("21886CA989CA9C7D58087307CA93092D651EFA").unwrap(),
    };
    let (pending, mut message) =
        decrypt::PendingDecryption::new(&phone_shares(), &public(), &header(), ciphertext, id("task_id")).unwrap();
    (message.c, message.z) = (scalar("dec_c"), scalar("dec_z"));
    let enc = server_shares().enc.remove(0);
    let mut answered = decrypt::check(&public(), &enc, &header(), &message).unwrap().answer(Token::NONE).unwrap();
    assert_eq!(answered.d2, point("D2"));
    let [_, own] = enc.points().unwrap();
    let claim = Equality { first: &own, base: &c1, second: &answered.d2 };
    let written = Proof { c: scalar("dleq_c"), z: scalar("dleq_z") };
    proof::verify_equality(decrypt::EQUALITY, &hdr, &claim, &written).unwrap();
    (answered.c, answered.z) = (written.c, written.z);
    assert_eq!(&**pending.finish(&answered).unwrap(), b"encryption standard");
}

#[test]
fn sessions_and_refresh_hash_and_prove_as_written() {
    let (task_id, server) = (id("task_id"), server_shares());
    let phone_point = server.sign.phone_point().unwrap();
    assert_eq!(binding::hdr(&public(), &header(), &[&task_id.0]), array("sess_hdr"));
    let proof = ShareProof { c: scalar("sess_c"), z0: scalar("sess_z0"), z: vec![scalar("sess_z1")] };
    session::check(&server, &phone_point, &header(), &SessionOpen { task_id, proof }).unwrap();
    let proof = ShareProof { c: scalar("sess_sign_c"), z0: scalar("sess_sign_z0"), z: Vec::new() };
    let message = SessionOpen { task_id, proof };
    assert_eq!(session::check(&server, &phone_point, &header(), &message).unwrap_err(), Error::Encoding);
    session::check(&server.sign.into(), &phone_point, &header(), &message).unwrap();

    let change = Change { rho: scalar("t0"), delta: vec![scalar("t1")] };
    let com = change.commitment(&public(), &header(), &array("o"));
    assert_eq!(com, array("rf_com"));
    let sign_only = Change { rho: scalar("t0"), delta: Vec::new() };
    assert_eq!(sign_only.commitment(&public(), &header(), &array("o")), array("rf_com_sign_only"));
    assert_eq!(binding::hdr(&public(), &header(), &[&com]), array("rf_hdr"));
    assert_eq!(refresh::new_hdr(&public(), &header(), &com).unwrap(), array("rf_new_hdr"));
}

#[test]
fn masks_come_out_as_written() {
    let device = DeviceSecret(array("k_dev"));
    let key = PinKey::derive(&Pin::new("864209").unwrap(), &array("salt"), &device, 1000);
    assert_eq!(*key.0, array("pin_key"));
    let reset = ResetSecret(array("msk"));
    for (label, name) in [(Label::Sign, "sign"), (Label::Enc(public()), "enc")] {
        assert_eq!(key.mask(label, id("key_id"), 1), scalar(&format!("pin_mask_{name}")));
        assert_eq!(reset.mask(label, id("key_id"), 1), scalar(&format!("reset_mask_{name}")));
    }
    assert_eq!(*sealed::wrapping_key(&device), array("blob_key"));
}

#[test]
fn an_optional_field_is_empty_when_absent() {
    let mut out = codec::Writer::new();
    None::<Scalar>.put(&mut out);
    assert_eq!(out.as_bytes(), [0; 4]);
}
