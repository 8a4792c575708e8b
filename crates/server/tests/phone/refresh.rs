//! Another PIN, a forgotten one, a frozen key: what the phone does for them.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use gm::sm2::SecretKey;
use p256::ecdsa::{Signature, signature::Signer as _};
use serde_json::{Value, json};
use splitkey::{
    PhoneShares,
    codec::{RefreshComplete, RefreshCompleteReply, Status},
    envelope,
    pin::{Pin, ResetMasks, SealedKey, release_digest},
    refresh::PhoneCommitted,
    sign::Commitment,
};

use super::{
    Failure, Key, Phone, ROUNDS, id, id_of, opened, text,
    transport::{Reply, Transport},
    unbase64, uuid,
};

/// A refresh whose first answer has come: both keys are stored, the second request is ready.
pub struct Begun {
    pub next: SealedKey,
    pub octets: Vec<u8>,
    pub channel: envelope::PhoneChannel,
    pub message: RefreshComplete,
}

impl<T: Transport> Phone<T> {
    /// All shares that a PIN opens.
    pub fn shares(&self, key: &Key, pin: &str) -> PhoneShares {
        key.sealed.unlock_all(&Pin::new(pin).unwrap(), &self.secret).unwrap()
    }

    /// The first half of a refresh.
    pub async fn begin_refresh(&mut self, key: &mut Key, shares: PhoneShares, new_pin: &str) -> Result<Begun, Failure> {
        let header = self.header(key);
        let (phone, message) = PhoneCommitted::new(shares, &header).unwrap();
        key.sealed.pending.get_or_insert(header.req_id);
        let reply = self.operate(&header, &message).await?;
        (key.sealed.tok, key.sealed.pending) = (reply.tok.clone(), None);
        let phone = phone.refresh(&reply).unwrap();
        let pin = Pin::new(new_pin).unwrap();
        let mut next =
            SealedKey::seal_shares(&phone.shares, &phone.reset, phone.tok.clone(), &pin, &self.secret, ROUNDS).unwrap();
        let header = self.header(key);
        next.pending = Some(header.req_id);
        let message = phone.complete(&header).unwrap();
        let (octets, channel) = self.close(&header, &message);
        Ok(Begun { next, octets, channel, message })
    }

    /// Takes the answer to the second half: the new key counts.
    pub fn finish_refresh(&self, key: &mut Key, mut begun: Begun, reply: &Reply) -> Result<(), Failure> {
        let reply: RefreshCompleteReply = opened(&begun.channel, reply)?;
        assert_eq!(reply.epoch, begun.next.epoch());
        (begun.next.tok, begun.next.pending) = (reply.tok, None);
        key.sealed = begun.next;
        key.commitments = vec![Commitment { cid: reply.cid, h2: reply.h2 }];
        Ok(())
    }

    /// A whole refresh from opened shares.
    pub async fn refresh(&mut self, key: &mut Key, shares: PhoneShares, new_pin: &str) -> Result<(), Failure> {
        let begun = self.begin_refresh(key, shares, new_pin).await?;
        let reply = self.send(&begun.octets).await;
        self.finish_refresh(key, begun, &reply)
    }

    /// A change of the PIN.
    pub async fn change_pin(&mut self, key: &mut Key, old: &str, new: &str) -> Result<(), Failure> {
        let shares = self.shares(key, old);
        self.refresh(key, shares, new).await
    }

    /// Which epoch the server holds.
    pub async fn epoch(&mut self, key: &Key) -> Result<u64, Failure> {
        let header = self.header(key);
        Ok(self.operate(&header, &Status {}).await?.epoch)
    }

    /// Begins a recovery.
    pub async fn recover(&mut self, key: &Key, kind: &str) -> Reply {
        let question = json!({ "key_id": uuid(key.sealed.key_id()), "kind": kind });
        self.http.post("/api/key-recoveries", question).await
    }

    /// Walks through the sandbox's face verification.
    pub async fn show_face(&mut self, recovery: &Value, outcome: &str) -> Value {
        let path = format!("/api/key-recoveries/{}", text(&recovery["id"]));
        let back = json!({ "return_url_path": "/certificates" });
        let started = self.http.post(&format!("{path}/face"), back).await.expect(201).json();
        let address = text(&started["redirect_url"]);
        let page = address[address.find("/sandbox").expect("a page of the sandbox")..].to_owned();
        let form = format!("outcome={outcome}").into_bytes();
        self.http.call("POST", &page, Some("application/x-www-form-urlencoded"), form).await.expect(303);
        self.http.get(&path).await.ok().json()
    }

    /// The code last sent to a number.
    pub async fn sent_code(&mut self, number: &str) -> String {
        super::journey::sent_code(&mut self.http, number).await
    }

    /// Confirms the code of a recovery.
    pub async fn confirm_code(&mut self, recovery: &Value, code: &str) -> Reply {
        let path = format!("/api/key-recoveries/{}/code", text(&recovery["id"]));
        self.http.post(&path, json!({ "code": code })).await
    }

    /// Asks for the reset masks with a one-time key.
    pub async fn ask_masks(&mut self, key: &Key, recovery: &Value, secret: &SecretKey) -> Reply {
        let public = secret.public_key();
        let digest = release_digest(id(id_of(&recovery["id"])), key.sealed.key_id(), &public);
        let signature: Signature = self.device_key.sign(&digest);
        let question = json!({
            "public_key": BASE64.encode(public.to_bytes()),
            "device_signature": BASE64.encode(signature.to_bytes()),
        });
        self.http.post(&format!("/api/key-recoveries/{}/masks", text(&recovery["id"])), question).await
    }

    /// The shares that the reset masks give.
    pub async fn recovered(&mut self, key: &Key, recovery: &Value) -> PhoneShares {
        let secret = SecretKey::generate().unwrap();
        let sealed = self.ask_masks(key, recovery, &secret).await.ok().json();
        let masks = ResetMasks::open(&secret, &unbase64(&sealed["sealed_masks"])).unwrap();
        key.sealed.recover(&masks).unwrap()
    }

    /// A recovery of a forgotten PIN with everything proven.
    pub async fn proven(&mut self, key: &Key, number: &str) -> Value {
        let recovery = self.recover(key, "pin_reset").await.expect(201).json();
        let code = self.sent_code(number).await;
        self.confirm_code(&recovery, &code).await.ok();
        let recovery = self.show_face(&recovery, "passed").await;
        assert_eq!(recovery["proven"], true);
        recovery
    }
}
