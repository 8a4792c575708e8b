//! A phone without a screen: a device key, the phone's half of a split key, and the requests that an app makes. It is
//! driven through the router in tests, and over HTTP by the crash test and the bench.

#![allow(dead_code, missing_docs, clippy::unwrap_used)]

pub mod journey;
pub mod refresh;
pub mod transport;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use gm::{curve::Point, sm2};
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::{Value, json};
use splitkey::{
    Id, PhoneShare, Token,
    codec::{Body, Header, OperationMessage, Prepare, Refusal, Sign, SignReply, decode_reply},
    decrypt::{PendingDecryption, PhoneDecryptionShare},
    envelope,
    keygen::{Context, PhoneCommitted},
    pin::{self, DeviceSecret, Pin, ReceivedShare, SealedKey},
    sign::{Commitment, PendingSignature},
};
use uuid::Uuid;

use transport::{Reply, Transport};

/// The right PIN.
pub const PIN: &str = "284617";
/// Another one.
pub const WRONG_PIN: &str = "903752";
/// Quick to derive: what the PIN protects is not what is tested here.
pub const ROUNDS: u32 = 2;

/// A phone that is logged in and has registered its device key.
pub struct Phone<T> {
    pub http: T,
    pub account_id: Uuid,
    pub device_id: Uuid,
    pub device_key: SigningKey,
    pub envelope_key: envelope::PublicKey,
    pub secret: DeviceSecret,
    pub now: Box<dyn Fn() -> u64 + Send + Sync>,
    /// The request that was sent last.
    pub last_request: Id,
}

/// A key on a phone.
pub struct Key {
    pub sealed: SealedKey,
    pub commitments: Vec<Commitment>,
}

impl Clone for Key {
    fn clone(&self) -> Self {
        Self { sealed: self.sealed.clone(), commitments: self.commitments.clone() }
    }
}

/// A signing request that was built and not yet sent.
pub struct Prepared {
    pub octets: Vec<u8>,
    pub channel: envelope::PhoneChannel,
    pub pending: PendingSignature,
    pub req_id: Id,
}

/// How a key operation ended without success.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// The door refused inside the envelope.
    Refused(Refusal),
    /// The door answered with a problem.
    Problem(u16, String),
    /// The answer is not acceptable.
    Bad(splitkey::Error),
}

impl<T: Transport> Phone<T> {
    /// Registers a device for whoever is logged in on this transport.
    pub async fn register(mut http: T, now: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        let device_key = SigningKey::from_slice(&gm::random::bytes::<32>().unwrap()).unwrap();
        let public_key = BASE64.encode(device_key.verifying_key().to_sec1_point(false).as_bytes());
        let me = http.get("/api/me").await.ok().json();
        let platform = http.get("/api/platform").await.ok().json();
        let envelope_key = envelope::PublicKey {
            id: id(id_of(&platform["envelope_key"]["id"])),
            point: Point::from_slice(&unbase64(&platform["envelope_key"]["public_key"])).unwrap(),
        };
        let device = json!({ "name": "测试手机", "public_key": public_key });
        let device = http.post("/api/devices", device).await.expect(201).json();
        Self {
            http,
            account_id: id_of(&me["id"]),
            device_id: id_of(&device["id"]),
            device_key,
            envelope_key,
            secret: DeviceSecret::random().unwrap(),
            now: Box::new(now),
            last_request: Id::ZERO,
        }
    }

    /// Closes a request for the door.
    pub fn close<M: OperationMessage>(&self, header: &Header, message: &M) -> (Vec<u8>, envelope::PhoneChannel) {
        let body = Body::new(header, message);
        let signature: Signature = self.device_key.sign(&body.digest());
        let octets = body.sign(&signature.to_bytes().into());
        envelope::seal(&self.envelope_key, id(self.account_id), id(self.device_id), &octets).unwrap()
    }

    /// Sends sealed octets to the door.
    pub async fn send(&mut self, octets: &[u8]) -> Reply {
        self.http.call("POST", "/api/key-operations", Some("application/octet-stream"), octets.to_vec()).await
    }

    /// One operation.
    pub async fn operate<M: OperationMessage>(&mut self, header: &Header, message: &M) -> Result<M::Reply, Failure> {
        let (octets, channel) = self.close(header, message);
        self.last_request = header.req_id;
        let reply = self.send(&octets).await;
        opened(&channel, &reply)
    }

    /// A header outside of any key.
    pub fn bare_header(&self) -> Header {
        Header {
            key_id: Id::ZERO,
            epoch: 0,
            device_id: id(self.device_id),
            sid: Id::ZERO,
            req_id: Id::random().unwrap(),
            ts_ms: (self.now)(),
            tok: Token::NONE,
            pending: None,
        }
    }

    /// A header for this key.
    pub fn header(&self, key: &Key) -> Header {
        key.sealed.header(id(self.device_id), Id::random().unwrap(), (self.now)())
    }

    /// Begins the download of an approved application.
    pub async fn begin(&mut self, application_id: &str) -> Value {
        let device = json!({ "device_id": self.device_id });
        self.http.post(&format!("/api/applications/{application_id}/enrolments"), device).await.expect(201).json()
    }

    /// Makes the key of an enrolment.
    pub async fn generate(&mut self, enrolment: &Value) -> Result<Key, Failure> {
        let context = Context {
            account_id: id(self.account_id),
            device_id: id(self.device_id),
            enrol_id: id(id_of(&enrolment["id"])),
            server_nonce: unbase64(&enrolment["server_nonce"]).try_into().unwrap(),
        };
        let (phone, message) = PhoneCommitted::new(&context).unwrap();
        let reply = self.operate(&self.bare_header(), &message).await?;
        let (phone, message) = phone.open(&reply).unwrap();
        let reply = self.operate(&self.bare_header(), &message).await?;
        let new = phone.finish(&reply).unwrap();
        let sealed = SealedKey::seal(&new, &Pin::new(PIN).unwrap(), &self.secret, ROUNDS).unwrap();
        Ok(Key { sealed, commitments: vec![new.commitment] })
    }

    /// Signs the certification request of an enrolment, ends it and takes the encryption keys in; the certificate.
    pub async fn complete(&mut self, enrolment: &Value, key: &mut Key) -> Reply {
        let transport = sm2::SecretKey::generate().unwrap();
        let mut reply = self.request(enrolment, key, &transport).await;
        if reply.status == 201 {
            let issued = reply.json();
            self.take_delivery(enrolment, key, &transport, &issued["delivery"]).await;
            reply.body = serde_json::to_vec(&issued["certificate"]).unwrap();
        }
        reply
    }

    /// Names the one-time key, signs the certification request and hands it in.
    pub async fn request(&mut self, enrolment: &Value, key: &mut Key, transport: &sm2::SecretKey) -> Reply {
        self.name_transport(enrolment, transport).await.expect(204);
        let info = self.request_info(enrolment, key, transport);
        let signature = self.sign(key, PIN, id_of(&enrolment["id"]), &info).await.unwrap();
        self.hand_in(enrolment, key, &signature).await
    }

    pub async fn name_transport(&mut self, enrolment: &Value, transport: &sm2::SecretKey) -> Reply {
        let named = json!({ "public_key": BASE64.encode(transport.public_key().to_bytes()) });
        self.http.put(&format!("/api/enrolments/{}/transport-key", text(&enrolment["id"])), named).await
    }

    /// What the certification request of an enrolment says.
    pub fn request_info(&self, enrolment: &Value, key: &Key, transport: &sm2::SecretKey) -> Vec<u8> {
        let (subject, public) = (unbase64(&enrolment["subject"]), key.sealed.public_key().to_bytes());
        pki::csr::info(&subject, &public, &transport.public_key().to_bytes())
    }

    pub async fn hand_in(&mut self, enrolment: &Value, key: &Key, signature: &sm2::Signature) -> Reply {
        let path = format!("/api/enrolments/{}/completion", text(&enrolment["id"]));
        self.http.post(&path, completion(key, signature)).await
    }

    /// Stores the halves of the encryption keys and says so.
    pub async fn take_delivery(
        &mut self,
        enrolment: &Value,
        key: &mut Key,
        transport: &sm2::SecretKey,
        delivery: &Value,
    ) {
        key.sealed = self.with_delivery(key, transport, delivery);
        self.acknowledge(enrolment, key, transport).await.expect(204);
    }

    /// The key with the halves that were delivered.
    pub fn with_delivery(&self, key: &Key, transport: &sm2::SecretKey, delivery: &Value) -> SealedKey {
        let masks = pin::open_masks(transport, &unbase64(&delivery["masks"])).unwrap();
        let shares = delivery["shares"].as_array().unwrap();
        assert_eq!(shares.len(), masks.len());
        let received = shares.iter().zip(masks).map(|(share, reset_mask)| {
            let public = sm2::PublicKey::from_slice(&unbase64(&share["public_key"])).unwrap();
            let share = PhoneDecryptionShare::receive(transport, &unbase64(&share["sealed"]), public).unwrap();
            ReceivedShare { share, reset_mask }
        });
        let mut sealed = key.sealed.clone();
        sealed.add_decryption(&received.collect::<Vec<_>>(), &Pin::new(PIN).unwrap(), &self.secret).unwrap();
        sealed
    }

    /// Says that the halves are stored.
    pub async fn acknowledge(&mut self, enrolment: &Value, key: &Key, transport: &sm2::SecretKey) -> Reply {
        let said = pin::delivery_digest(id(id_of(&enrolment["id"])), key.sealed.key_id(), &transport.public_key());
        let signature: Signature = self.device_key.sign(&said);
        let receipt = json!({
            "public_key": BASE64.encode(transport.public_key().to_bytes()),
            "device_signature": BASE64.encode(signature.to_bytes()),
        });
        self.http.post(&format!("/api/enrolments/{}/delivery-receipt", text(&enrolment["id"])), receipt).await
    }

    /// Opens what was encrypted to one of the certificate's encryption keys.
    pub async fn decrypt(
        &mut self,
        key: &mut Key,
        pin: &str,
        certificate_id: &str,
        public: &sm2::PublicKey,
        ciphertext: &sm2::Ciphertext,
    ) -> Result<Vec<u8>, Failure> {
        let new = json!({
            "public_key": BASE64.encode(public.to_bytes()), "c1": BASE64.encode(ciphertext.c1.to_bytes()),
        });
        let begun = self.http.post(&format!("/api/certificates/{certificate_id}/decryptions"), new).await;
        if begun.status != 201 {
            return Err(Failure::Problem(begun.status, begun.code()));
        }
        let task = id(id_of(&begun.json()["id"]));
        let header = self.header(key);
        let shares = key.sealed.unlock_all(&Pin::new(pin).unwrap(), &self.secret).unwrap();
        let (pending, message) = PendingDecryption::new(&shares, public, &header, ciphertext.clone(), task).unwrap();
        key.sealed.pending.get_or_insert(header.req_id);
        let reply = self.operate(&header, &message).await?;
        (key.sealed.tok, key.sealed.pending) = (reply.tok.clone(), None);
        pending.finish(&reply).map(|plain| plain.to_vec()).map_err(Failure::Bad)
    }

    /// Asks for a nonce commitment.
    pub async fn prepare(&mut self, key: &mut Key, task_id: Uuid) -> Result<(), Failure> {
        let header = self.header(key);
        let reply = self.operate(&header, &Prepare { task_id: id(task_id) }).await?;
        key.commitments.push(Commitment { cid: reply.cid, h2: reply.h2 });
        Ok(())
    }

    /// Unlocks the share.
    pub fn unlock(&self, key: &Key, pin: &str) -> PhoneShare {
        key.sealed.unlock(&Pin::new(pin).unwrap(), &self.secret).unwrap()
    }

    /// Builds a signing request for a message, with the newest commitment.
    pub fn build(&self, key: &mut Key, pin: &str, task_id: Uuid, message: &[u8]) -> Prepared {
        let e = sm2::message_digest(key.sealed.public_key(), sm2::DEFAULT_ID, message).unwrap();
        let share = self.unlock(key, pin);
        let commitment = key.commitments.pop().expect("a commitment");
        self.build_with(key, share, commitment, task_id, &e)
    }

    /// Builds a signing request from its parts.
    pub fn build_with(
        &self,
        key: &mut Key,
        share: PhoneShare,
        commitment: Commitment,
        task_id: Uuid,
        e: &[u8; 32],
    ) -> Prepared {
        let header = self.header(key);
        let (pending, message) = PendingSignature::new(share, &header, commitment, e, id(task_id)).unwrap();
        key.sealed.pending.get_or_insert(header.req_id);
        let (octets, channel) = self.close::<Sign>(&header, &message);
        Prepared { octets, channel, pending, req_id: header.req_id }
    }

    /// Takes the door's answer to a signing request.
    pub fn finish(&self, key: &mut Key, prepared: Prepared, reply: &Reply) -> Result<sm2::Signature, Failure> {
        // As on a real phone, the request whose answer was lost keeps standing until one is answered.
        let reply: SignReply = opened(&prepared.channel, reply)?;
        (key.sealed.tok, key.sealed.pending) = (reply.tok.clone(), None);
        key.commitments.push(Commitment::from(&reply));
        prepared.pending.finish(&reply).map_err(Failure::Bad)
    }

    /// A whole signature.
    pub async fn sign(
        &mut self,
        key: &mut Key,
        pin: &str,
        task_id: Uuid,
        message: &[u8],
    ) -> Result<sm2::Signature, Failure> {
        if key.commitments.is_empty() {
            self.prepare(key, task_id).await?;
        }
        let prepared = self.build(key, pin, task_id, message);
        let reply = self.send(&prepared.octets).await;
        self.finish(key, prepared, &reply)
    }

    /// Scans a code.
    pub async fn claim(&mut self, code: &str) -> Reply {
        self.http.post("/api/scan-claims", json!({ "code": code })).await
    }

    /// Signs what a claimed request asks for: the statement, or the digest that this phone computes from the document.
    pub async fn sign_request(&mut self, key: &mut Key, request: &Value) -> Result<sm2::Signature, Failure> {
        let message = self.message(request).await;
        self.sign(key, PIN, id_of(&request["id"]), &message).await
    }

    /// The message of a claimed request.
    pub async fn message(&mut self, request: &Value) -> Vec<u8> {
        if request["action"] == "login" {
            return unbase64(&request["statement"]);
        }
        let pdf = self.http.get(&format!("/api/scan-requests/{}/document", text(&request["id"]))).await.ok().body;
        let digest = document::pdf::digest(&pdf).unwrap();
        assert_eq!(hex::encode(digest), text(&request["document"]["digest"]));
        digest.to_vec()
    }

    /// Confirms a claimed request with a signature.
    pub async fn confirm(&mut self, request: &Value, signature: &sm2::Signature) -> Reply {
        let answer = json!({
            "decision": "confirm",
            "certificate_id": request["certificates"][0]["id"],
            "signature": BASE64.encode(signature.to_der()),
        });
        self.http.post(&format!("/api/scan-requests/{}/answer", text(&request["id"])), answer).await
    }
}

/// The reply inside the envelope.
pub fn opened<R: splitkey::codec::Message>(channel: &envelope::PhoneChannel, reply: &Reply) -> Result<R, Failure> {
    if reply.status != 200 {
        return Err(Failure::Problem(reply.status, reply.code()));
    }
    match channel.open(&reply.body).and_then(|octets| decode_reply(&octets)) {
        Ok(message) => Ok(message),
        Err(splitkey::Error::Refused(refusal)) => Err(Failure::Refused(refusal)),
        Err(error) => Err(Failure::Bad(error)),
    }
}

/// The key of the encryption certificate beside a certificate.
pub fn encryption_key(certificate: &Value) -> sm2::PublicKey {
    let pem = text(&certificate["encryption"]["certificate_pem"]);
    let der = pki::pem::decode(pki::pem::CERTIFICATE, &pem).unwrap();
    let read = pki::Certificate::read(&der).unwrap();
    assert_eq!(pki::Profile::of(&read.tbs), Some(&pki::Profile::ENCRYPTION));
    sm2::PublicKey::from_bytes(&read.tbs.public_key).unwrap()
}

/// A JSON string's content.
#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a string, not {value}")).to_owned()
}

pub fn unbase64(value: &Value) -> Vec<u8> {
    BASE64.decode(text(value)).unwrap()
}

/// What ends a download.
pub fn completion(key: &Key, signature: &sm2::Signature) -> Value {
    json!({ "key_id": uuid(key.sealed.key_id()), "signature": BASE64.encode(signature.to_der()) })
}

pub fn id_of(value: &Value) -> Uuid {
    text(value).parse().unwrap()
}

pub fn id(uuid: Uuid) -> Id {
    Id(*uuid.as_bytes())
}

pub fn uuid(id: Id) -> Uuid {
    Uuid::from_bytes(id.0)
}
