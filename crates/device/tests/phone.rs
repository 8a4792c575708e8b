//! The phone against the server's half of the protocol, without network or storage.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use device::{Error, KeyGeneration, Preparation, Route, Signing, Task};
use gm::sm2;
use p256::ecdsa::{
    Signature, SigningKey,
    signature::{Signer as _, Verifier as _},
};
use splitkey::{
    Id, ServerShare, Token,
    codec::{KeygenOpenReply, Operation, PrepareReply, Refusal, Request, SignedBody, encode_reply},
    envelope::{self, ServerChannel},
    keygen::{Context, ServerPending},
    pin::{DeviceSecret, Label, ResetSecret, SealedKey},
    sign::{Commitment, ServerNonce},
};

const PIN: &str = "864209";
const NOW: u64 = 1_800_000_000_000;

struct Server {
    envelope_key: envelope::SecretKey,
    device_key: SigningKey,
    context: Context,
    share: Option<ServerShare>,
    nonces: Vec<(Id, ServerNonce)>,
}

impl Server {
    fn new() -> Self {
        let [account_id, device_id, enrol_id] = [(); 3].map(|()| Id::random().unwrap());
        Self {
            envelope_key: envelope::SecretKey::new(Id::random().unwrap(), sm2::SecretKey::generate().unwrap()),
            device_key: SigningKey::from_slice(&[7; 32]).unwrap(),
            context: Context { account_id, device_id, enrol_id, server_nonce: [9; 32] },
            share: None,
            nonces: Vec::new(),
        }
    }

    fn route(&self) -> Route {
        let Context { account_id, device_id, .. } = self.context;
        Route { account_id, device_id, envelope_key: self.envelope_key.public_key() }
    }

    fn approve(&self, digest: &[u8]) -> [u8; 64] {
        let signature: Signature = self.device_key.sign(digest);
        signature.to_bytes().into()
    }

    fn receive(&self, bytes: &[u8]) -> (Request, ServerChannel) {
        let opened = envelope::open(&self.envelope_key, bytes).unwrap();
        let request = SignedBody::from_bytes(&opened.body)
            .unwrap()
            .authenticate(|digest, signature| {
                self.device_key.verifying_key().verify(digest, &Signature::from_slice(signature).unwrap()).is_ok()
            })
            .unwrap();
        (request, opened.channel)
    }

    fn draw(&mut self) -> Commitment {
        let share = self.share.as_ref().unwrap();
        let cid = Id::random().unwrap();
        let nonce = ServerNonce::draw(share.public_key(), share.phone_point().unwrap(), 1, Id::ZERO, cid).unwrap();
        let commitment = nonce.commitment();
        self.nonces.push((cid, nonce));
        commitment
    }

    /// Answers a signing request; a proof that fails is a wrong PIN.
    fn answer(&mut self, bytes: &[u8]) -> Vec<u8> {
        let (request, channel) = self.receive(bytes);
        let reply = match &request.operation {
            Operation::Prepare(_) => {
                let reply = PrepareReply::from(self.draw());
                return channel.seal(&encode_reply(&Ok(reply))).unwrap();
            }
            Operation::Sign(message) => {
                let at = self.nonces.iter().position(|(cid, _)| *cid == message.cid).unwrap();
                let (_, nonce) = self.nonces.remove(at);
                let next = self.draw();
                let share = self.share.as_ref().unwrap();
                match nonce.check(share, &request.header, message) {
                    Ok(proven) => Ok(proven.answer().unwrap().into_reply(next, Token::random().unwrap())),
                    Err(_) => Err(Refusal::PinWrong { left: 4 }),
                }
            }
            _ => panic!("not a signing request"),
        };
        channel.seal(&encode_reply(&reply)).unwrap()
    }
}

struct Phone {
    secret: DeviceSecret,
    blob: Vec<u8>,
    commitment: Commitment,
}

impl Phone {
    fn enrol(server: &mut Server) -> Self {
        let mut generation = KeyGeneration::new(server.route(), server.context.enrol_id, [9; 32], NOW).unwrap();
        let request = generation.seal(&server.approve(&generation.digest().unwrap())).unwrap();
        let (request, channel) = server.receive(&request);
        let Operation::KeygenCommit(message) = request.operation else { panic!("not a commitment") };
        let (pending, reply) = ServerPending::new(&server.context, &message).unwrap();
        generation.receive(&channel.seal(&encode_reply(&Ok(reply))).unwrap(), NOW).unwrap();

        let request = generation.seal(&server.approve(&generation.digest().unwrap())).unwrap();
        let (request, channel) = server.receive(&request);
        let Operation::KeygenOpen(message) = request.operation else { panic!("not an opening") };
        let (share, _) = pending.open(&message).unwrap();
        server.share = Some(share);
        let key_id = Id::random().unwrap();
        let mu_sign = ResetSecret::random().unwrap().mask(Label::Sign, key_id, 1);
        let Commitment { cid, h2 } = server.draw();
        let reply = KeygenOpenReply { key_id, epoch: 1, mu_sign, tok: Token::random().unwrap(), cid, h2 };
        generation.receive(&channel.seal(&encode_reply(&Ok(reply))).unwrap(), NOW).unwrap();

        let secret = DeviceSecret::random().unwrap();
        let (key, commitment) = generation.protect(PIN, &secret).unwrap();
        Self { blob: key.to_bytes(&secret).unwrap(), secret, commitment }
    }

    fn key(&self) -> SealedKey {
        SealedKey::from_bytes(&self.blob, &self.secret).unwrap()
    }

    fn ask(&self, server: &Server, pin: &str, message: &[u8]) -> (Signing, Vec<u8>) {
        let task = Task { id: Id::random().unwrap(), commitment: self.commitment, message };
        let mut signing = Signing::new(server.route(), self.key(), pin, &self.secret, &task, NOW).unwrap();
        let request = signing.seal(&server.approve(&signing.digest().unwrap())).unwrap();
        (signing, request)
    }
}

#[test]
fn a_key_is_made_and_signs_again_and_again_with_one_round_trip_each() {
    let mut server = Server::new();
    let mut phone = Phone::enrol(&mut server);
    for message in [&b"first"[..], b"second", b""] {
        let (mut signing, request) = phone.ask(&server, PIN, message);
        signing.receive(&server.answer(&request)).unwrap();
        let (signature, next) = signing.result().unwrap();
        phone.key().public_key().verify(sm2::DEFAULT_ID, message, signature).unwrap();
        phone.commitment = *next;
        phone.blob = signing.key().to_bytes(&phone.secret).unwrap();
    }
}

#[test]
fn a_commitment_can_be_fetched_without_the_pin() {
    let mut server = Server::new();
    let mut phone = Phone::enrol(&mut server);
    let mut preparation = Preparation::new(server.route(), &phone.key(), Id::random().unwrap(), NOW).unwrap();
    assert!(matches!(preparation.commitment(), Err(Error::OutOfTurn)));
    let request = preparation.seal(&server.approve(&preparation.digest().unwrap())).unwrap();
    preparation.receive(&server.answer(&request)).unwrap();
    phone.commitment = preparation.commitment().unwrap();
    let (mut signing, request) = phone.ask(&server, PIN, b"message");
    signing.receive(&server.answer(&request)).unwrap();
    signing.result().unwrap();
}

#[test]
fn a_wrong_pin_is_told_by_the_server_alone_and_leaves_the_token() {
    let mut server = Server::new();
    let phone = Phone::enrol(&mut server);
    let (mut signing, request) = phone.ask(&server, "135790", b"message");
    let refused = signing.receive(&server.answer(&request)).unwrap_err();
    let Error::Protocol(splitkey::Error::Refused(refusal)) = refused else { panic!("{refused}") };
    assert_eq!(refusal, Refusal::PinWrong { left: 4 });
    assert!(signing.key().tok == phone.key().tok);
    assert!(signing.result().is_err());
}

#[test]
fn the_request_under_way_is_named_in_what_is_stored_until_its_answer_came() {
    let mut server = Server::new();
    let phone = Phone::enrol(&mut server);
    let (mut signing, request) = phone.ask(&server, PIN, b"message");
    assert!(signing.key().pending.is_some());
    signing.receive(&server.answer(&request)).unwrap();
    assert!(signing.key().pending.is_none());
    assert!(signing.key().tok != phone.key().tok);
}

#[test]
fn a_changed_answer_releases_nothing_and_a_second_one_is_not_looked_at() {
    let mut server = Server::new();
    let phone = Phone::enrol(&mut server);
    let (mut signing, request) = phone.ask(&server, PIN, b"message");
    let mut answer = server.answer(&request);
    *answer.last_mut().unwrap() ^= 1;
    assert!(matches!(signing.receive(&answer), Err(Error::Protocol(splitkey::Error::Envelope))));
    *answer.last_mut().unwrap() ^= 1;
    assert!(matches!(signing.receive(&answer), Err(Error::OutOfTurn)));
    assert!(signing.result().is_err());
}

#[test]
fn steps_out_of_turn_and_weak_pins_are_refused() {
    let server = Server::new();
    let mut generation = KeyGeneration::new(server.route(), server.context.enrol_id, [9; 32], NOW).unwrap();
    assert!(matches!(generation.protect(PIN, &DeviceSecret::random().unwrap()), Err(Error::OutOfTurn)));
    let signature = server.approve(&generation.digest().unwrap());
    generation.seal(&signature).unwrap();
    assert!(matches!(generation.digest(), Err(Error::OutOfTurn)));
    assert!(matches!(generation.seal(&signature), Err(Error::OutOfTurn)));
    for pin in ["123456", "12345", "abcdef"] {
        assert!(matches!(generation.protect(pin, &DeviceSecret::random().unwrap()), Err(Error::WeakPin)), "{pin}");
    }
}
