//! The JavaScript face. Byte strings are `Uint8Array`, times are Unix milliseconds, ids are 16 bytes.
//!
//! An operation is used like this: `digest()` for the device key, `seal(signature)` for the network, `receive(reply)`;
//! `receive` tells in its [`Outcome`] what the server decided and throws only when a step is called out of turn.

use crate::{
    Decryption, Delivery, EpochQuestion, Error, KeyGeneration, MaskRequest, Opener, Preparation, Refresh, Route,
    Signing, Task, pdf,
};
use gm::{
    curve::Point,
    sm2::{self, Ciphertext, PublicKey},
};
use pki::log::{Entry, TreeHead};
use splitkey::{
    Id, envelope,
    pin::{self, DeviceSecret, SealedKey},
    sign::Commitment,
};
use wasm_bindgen::prelude::*;

type Result<T, E = JsError> = core::result::Result<T, E>;

/// From which device of which account to which server key.
#[wasm_bindgen(js_name = Route)]
pub struct JsRoute(Route);

#[wasm_bindgen(js_class = Route)]
impl JsRoute {
    /// Takes three ids and the server's public envelope key, 65 bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(account_id: &[u8], device_id: &[u8], envelope_id: &[u8], envelope_key: &[u8]) -> Result<Self> {
        let point = Point::from_slice(envelope_key).map_err(Error::from)?;
        let envelope_key = envelope::PublicKey { id: id(envelope_id)?, point };
        Ok(Self(Route { account_id: id(account_id)?, device_id: id(device_id)?, envelope_key }))
    }
}

/// What came of an exchange.
#[wasm_bindgen]
pub struct Outcome {
    status: &'static str,
    left: Option<u32>,
}

#[wasm_bindgen]
impl Outcome {
    /// `OK`, a refusal's code of docs/protocol.md, or `UNTRUSTED_ANSWER` when the answer failed the phone's checks.
    #[wasm_bindgen(getter)]
    pub fn status(&self) -> String {
        self.status.to_owned()
    }

    /// PIN attempts left, with `PIN_WRONG`.
    #[wasm_bindgen(getter)]
    pub fn left(&self) -> Option<u32> {
        self.left
    }
}

fn outcome(result: crate::Result<()>) -> Result<Outcome> {
    let status = match result {
        Ok(()) => "OK",
        Err(Error::Protocol(splitkey::Error::Refused(refusal))) => {
            let left = match refusal {
                splitkey::codec::Refusal::PinWrong { left } => u32::try_from(left).ok(),
                _ => None,
            };
            return Ok(Outcome { status: refusal.code(), left });
        }
        Err(Error::Protocol(splitkey::Error::Redraw)) => "RETRY",
        Err(error @ (Error::Protocol(splitkey::Error::Random) | Error::OutOfTurn)) => return Err(error.into()),
        Err(_) => "UNTRUSTED_ANSWER",
    };
    Ok(Outcome { status, left: None })
}

/// A key generation: `digest`, `seal`, `receive` twice, then `protect`.
#[wasm_bindgen(js_name = KeyGeneration)]
pub struct JsKeyGeneration {
    inner: KeyGeneration,
    made: Option<(Vec<u8>, Id, Commitment)>,
}

#[wasm_bindgen(js_class = KeyGeneration)]
impl JsKeyGeneration {
    /// Begins with the server's nonce of the enrolment, 32 bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(route: &JsRoute, enrolment_id: &[u8], server_nonce: &[u8], now: f64) -> Result<Self> {
        let nonce = array(server_nonce, "server nonce")?;
        Ok(Self { inner: KeyGeneration::new(route.0.clone(), id(enrolment_id)?, nonce, ms(now))?, made: None })
    }

    /// What the device key signs next.
    pub fn digest(&self) -> Result<Vec<u8>> {
        Ok(self.inner.digest()?.to_vec())
    }

    /// The next sealed request.
    pub fn seal(&mut self, signature: &[u8]) -> Result<Vec<u8>> {
        Ok(self.inner.seal(&array(signature, "device signature")?)?)
    }

    /// Takes the server's answer.
    pub fn receive(&mut self, reply: &[u8], now: f64) -> Result<Outcome> {
        outcome(self.inner.receive(reply, ms(now)))
    }

    /// Hides the phone's half under the PIN; the octets to store.
    pub fn protect(&mut self, pin: &str, secret: &[u8]) -> Result<Vec<u8>> {
        let secret = device_secret(secret)?;
        let (key, commitment) = self.inner.protect(pin, &secret)?;
        let blob = key.to_bytes(&secret).map_err(Error::from)?;
        self.made = Some((blob.clone(), key.key_id(), commitment));
        Ok(blob)
    }

    /// The new key's id, after `protect`.
    #[wasm_bindgen(js_name = keyId)]
    pub fn key_id(&self) -> Result<Vec<u8>> {
        let (_, key_id, _) = self.made.as_ref().ok_or(Error::OutOfTurn)?;
        Ok(key_id.0.to_vec())
    }

    /// The server's first nonce commitment, after `protect`.
    pub fn commitment(&self) -> Result<Vec<u8>> {
        let (_, _, commitment) = self.made.as_ref().ok_or(Error::OutOfTurn)?;
        Ok(commitment_bytes(commitment))
    }
}

/// Asking for a nonce commitment.
#[wasm_bindgen(js_name = Preparation)]
pub struct JsPreparation(Preparation);

#[wasm_bindgen(js_class = Preparation)]
impl JsPreparation {
    /// For one task, with the stored key.
    #[wasm_bindgen(constructor)]
    pub fn new(route: &JsRoute, blob: &[u8], secret: &[u8], task_id: &[u8], now: f64) -> Result<Self> {
        let key = SealedKey::from_bytes(blob, &device_secret(secret)?).map_err(Error::from)?;
        Ok(Self(Preparation::new(route.0.clone(), &key, id(task_id)?, ms(now))?))
    }

    /// What the device key signs.
    pub fn digest(&self) -> Result<Vec<u8>> {
        Ok(self.0.digest()?.to_vec())
    }

    /// The sealed request.
    pub fn seal(&mut self, signature: &[u8]) -> Result<Vec<u8>> {
        Ok(self.0.seal(&array(signature, "device signature")?)?)
    }

    /// Takes the server's answer.
    pub fn receive(&mut self, reply: &[u8]) -> Result<Outcome> {
        outcome(self.0.receive(reply))
    }

    /// The commitment, once.
    pub fn commitment(&mut self) -> Result<Vec<u8>> {
        Ok(commitment_bytes(&self.0.commitment()?))
    }
}

/// A signature under way.
#[wasm_bindgen(js_name = Signing)]
pub struct JsSigning {
    inner: Signing,
    secret: DeviceSecret,
}

#[wasm_bindgen(js_class = Signing)]
impl JsSigning {
    /// Unlocks the stored key with the PIN and asks for a signature over `message`.
    #[wasm_bindgen(constructor)]
    #[allow(clippy::too_many_arguments, reason = "JavaScript has no cheaper way to hand over octets")]
    pub fn new(
        route: &JsRoute,
        blob: &[u8],
        secret: &[u8],
        pin: &str,
        task_id: &[u8],
        commitment: &[u8],
        message: &[u8],
        now: f64,
    ) -> Result<Self> {
        let secret = device_secret(secret)?;
        let key = SealedKey::from_bytes(blob, &secret).map_err(Error::from)?;
        let task = Task { id: id(task_id)?, commitment: parse_commitment(commitment)?, message };
        Ok(Self { inner: Signing::new(route.0.clone(), key, pin, &secret, &task, ms(now))?, secret })
    }

    /// What the device key signs.
    pub fn digest(&self) -> Result<Vec<u8>> {
        Ok(self.inner.digest()?.to_vec())
    }

    /// The sealed request.
    pub fn seal(&mut self, signature: &[u8]) -> Result<Vec<u8>> {
        Ok(self.inner.seal(&array(signature, "device signature")?)?)
    }

    /// Takes the server's answer.
    pub fn receive(&mut self, reply: &[u8]) -> Result<Outcome> {
        outcome(self.inner.receive(reply))
    }

    /// The key's octets to store: once before the request is sent, once after the answer.
    pub fn blob(&self) -> Result<Vec<u8>> {
        Ok(self.inner.key().to_bytes(&self.secret).map_err(Error::from)?)
    }

    /// The finished, verified signature: DER SM2Signature.
    pub fn signature(&self) -> Result<Vec<u8>> {
        Ok(self.inner.result()?.0.to_der())
    }

    /// The commitment for the next signature.
    pub fn commitment(&self) -> Result<Vec<u8>> {
        Ok(commitment_bytes(self.inner.result()?.1))
    }
}

/// A refresh of the shares: `digest`, `seal`, `receive` twice. Before the first request is sent `blob` is stored, before
/// the second one `blob` and `next` side by side; afterwards `next` alone counts.
#[wasm_bindgen(js_name = Refresh)]
pub struct JsRefresh {
    inner: Refresh,
    secret: DeviceSecret,
}

#[wasm_bindgen(js_class = Refresh)]
impl JsRefresh {
    /// Unlocks the stored key with its PIN; the new shares will be hidden under `new_pin`.
    pub fn change(route: &JsRoute, blob: &[u8], secret: &[u8], pin: &str, new_pin: &str, now: f64) -> Result<Self> {
        Self::begin(route, blob, secret, Opener::Pin(pin), new_pin, now)
    }

    /// Opens the stored key with the reset masks that came for `request`.
    pub fn recover(
        route: &JsRoute,
        blob: &[u8],
        secret: &[u8],
        request: &JsMaskRequest,
        sealed_masks: &[u8],
        new_pin: &str,
        now: f64,
    ) -> Result<Self> {
        let masks = request.0.open(sealed_masks)?;
        Self::begin(route, blob, secret, Opener::Masks(masks), new_pin, now)
    }

    fn begin(route: &JsRoute, blob: &[u8], secret: &[u8], with: Opener<'_>, new_pin: &str, now: f64) -> Result<Self> {
        let secret = device_secret(secret)?;
        let key = SealedKey::from_bytes(blob, &secret).map_err(Error::from)?;
        let inner = Refresh::new(route.0.clone(), key, with, new_pin, secret.clone(), ms(now))?;
        Ok(Self { inner, secret })
    }

    /// What the device key signs next.
    pub fn digest(&self) -> Result<Vec<u8>> {
        Ok(self.inner.digest()?.to_vec())
    }

    /// The next sealed request.
    pub fn seal(&mut self, signature: &[u8]) -> Result<Vec<u8>> {
        Ok(self.inner.seal(&array(signature, "device signature")?)?)
    }

    /// Takes the server's answer.
    pub fn receive(&mut self, reply: &[u8], now: f64) -> Result<Outcome> {
        outcome(self.inner.receive(reply, ms(now)))
    }

    /// The octets of the old key to store.
    pub fn blob(&self) -> Result<Vec<u8>> {
        Ok(self.inner.key().to_bytes(&self.secret).map_err(Error::from)?)
    }

    /// The octets of the new key to store, after the first answer.
    pub fn next(&self) -> Result<Vec<u8>> {
        let next = self.inner.next().ok_or(Error::OutOfTurn)?;
        Ok(next.to_bytes(&self.secret).map_err(Error::from)?)
    }

    /// Whether the octets of `blob` are a key of the epoch that this refresh was to begin.
    #[wasm_bindgen(js_name = isNext)]
    pub fn is_next(&self, blob: &[u8]) -> Result<bool> {
        let key = SealedKey::from_bytes(blob, &self.secret).map_err(Error::from)?;
        Ok(self.inner.next().is_some_and(|next| next.epoch() == key.epoch()))
    }

    /// The commitment for the next signature, after the second answer.
    pub fn commitment(&self) -> Result<Vec<u8>> {
        Ok(commitment_bytes(self.inner.commitment()?))
    }
}

/// Asking which epoch counts.
#[wasm_bindgen(js_name = EpochQuestion)]
pub struct JsEpochQuestion(EpochQuestion);

#[wasm_bindgen(js_class = EpochQuestion)]
impl JsEpochQuestion {
    /// For a stored key.
    #[wasm_bindgen(constructor)]
    pub fn new(route: &JsRoute, blob: &[u8], secret: &[u8], now: f64) -> Result<Self> {
        let key = SealedKey::from_bytes(blob, &device_secret(secret)?).map_err(Error::from)?;
        Ok(Self(EpochQuestion::new(route.0.clone(), &key, ms(now))?))
    }

    /// What the device key signs.
    pub fn digest(&self) -> Result<Vec<u8>> {
        Ok(self.0.digest()?.to_vec())
    }

    /// The sealed request.
    pub fn seal(&mut self, signature: &[u8]) -> Result<Vec<u8>> {
        Ok(self.0.seal(&array(signature, "device signature")?)?)
    }

    /// Takes the server's answer.
    pub fn receive(&mut self, reply: &[u8]) -> Result<Outcome> {
        outcome(self.0.receive(reply))
    }

    /// Whether the octets of `blob` are of the epoch that counts.
    #[wasm_bindgen(js_name = isCurrent)]
    pub fn is_current(&self, blob: &[u8], secret: &[u8]) -> Result<bool> {
        let key = SealedKey::from_bytes(blob, &device_secret(secret)?).map_err(Error::from)?;
        Ok(key.epoch() == self.0.epoch()?)
    }
}

/// Asking for the reset masks of a forgotten PIN.
#[wasm_bindgen(js_name = MaskRequest)]
pub struct JsMaskRequest(MaskRequest);

#[wasm_bindgen(js_class = MaskRequest)]
impl JsMaskRequest {
    /// Makes a key for this one use.
    #[wasm_bindgen(constructor)]
    pub fn new(recovery_id: &[u8], key_id: &[u8]) -> Result<Self> {
        Ok(Self(MaskRequest::new(id(recovery_id)?, id(key_id)?)?))
    }

    /// The one-time public key, 65 bytes.
    #[wasm_bindgen(js_name = publicKey)]
    pub fn public_key(&self) -> Vec<u8> {
        self.0.public_key().to_bytes().to_vec()
    }

    /// What the device key signs.
    pub fn digest(&self) -> Vec<u8> {
        self.0.digest().to_vec()
    }
}

/// The stored key's public key, 65 bytes.
#[wasm_bindgen(js_name = publicKey)]
pub fn public_key(blob: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
    let key = SealedKey::from_bytes(blob, &device_secret(secret)?).map_err(Error::from)?;
    Ok(key.public_key().to_bytes().to_vec())
}

/// The encryption keys that the stored key opens: points of 65 bytes, one after the other.
#[wasm_bindgen(js_name = encryptionKeys)]
pub fn encryption_keys(blob: &[u8], secret: &[u8]) -> Result<Vec<u8>> {
    let key = SealedKey::from_bytes(blob, &device_secret(secret)?).map_err(Error::from)?;
    Ok(key.encryption_keys().iter().flat_map(PublicKey::to_bytes).collect())
}

/// The delivery of the encryption keys: `publicKey` and `requestInfo` for the request, `add` for each half that came,
/// `take`, `receipt` for the device key.
#[wasm_bindgen(js_name = Delivery)]
pub struct JsDelivery {
    inner: Delivery,
    shares: Vec<(PublicKey, Vec<u8>)>,
}

#[wasm_bindgen(js_class = Delivery)]
impl JsDelivery {
    /// Makes a key for this one use.
    #[wasm_bindgen(constructor)]
    pub fn new(enrolment_id: &[u8]) -> Result<Self> {
        Ok(Self { inner: Delivery::new(id(enrolment_id)?)?, shares: Vec::new() })
    }

    /// The one-time public key, 65 bytes.
    #[wasm_bindgen(js_name = publicKey)]
    pub fn public_key(&self) -> Vec<u8> {
        self.inner.public_key().to_bytes().to_vec()
    }

    /// DER CertificationRequestInfo for a subject (DER Name) and a public key: what an enrolment signs.
    #[wasm_bindgen(js_name = requestInfo)]
    pub fn request_info(&self, subject: &[u8], public_key: &[u8]) -> Result<Vec<u8>> {
        Ok(self.inner.request_info(subject, &PublicKey::from_slice(public_key).map_err(Error::from)?))
    }

    /// One half as it came.
    pub fn add(&mut self, public_key: &[u8], sealed: &[u8]) -> Result<()> {
        self.shares.push((PublicKey::from_slice(public_key).map_err(Error::from)?, sealed.to_vec()));
        Ok(())
    }

    /// The key's octets with the halves in it. Throws when a half is not what it should be.
    pub fn take(&self, blob: &[u8], secret: &[u8], pin: &str, masks: &[u8]) -> Result<Vec<u8>> {
        let secret = device_secret(secret)?;
        let key = SealedKey::from_bytes(blob, &secret).map_err(Error::from)?;
        let key = self.inner.take(key, &self.shares, masks, pin, &secret)?;
        Ok(key.to_bytes(&secret).map_err(Error::from)?)
    }

    /// What the device key signs to say that the halves are stored.
    pub fn receipt(&self, key_id: &[u8]) -> Result<Vec<u8>> {
        Ok(self.inner.receipt(id(key_id)?).to_vec())
    }
}

/// Something encrypted with SM2 to a public key: DER SM2Cipher.
#[wasm_bindgen(js_name = encryptTo)]
pub fn encrypt_to(public_key: &[u8], message: &[u8]) -> Result<Vec<u8>> {
    let key = PublicKey::from_slice(public_key).map_err(Error::from)?;
    Ok(sm2::encrypt(&key, message).map_err(Error::from)?.to_der().map_err(Error::from)?)
}

/// C1 of a DER SM2Cipher, 65 bytes.
#[wasm_bindgen(js_name = ciphertextPoint)]
pub fn ciphertext_point(ciphertext: &[u8]) -> Result<Vec<u8>> {
    Ok(Ciphertext::from_der(ciphertext).map_err(Error::from)?.c1.to_bytes().to_vec())
}

/// A decryption under way.
#[wasm_bindgen(js_name = Decryption)]
pub struct JsDecryption {
    inner: Decryption,
    secret: DeviceSecret,
}

#[wasm_bindgen(js_class = Decryption)]
impl JsDecryption {
    /// Unlocks the stored key with the PIN and asks for the opening of `ciphertext`, a DER SM2Cipher to `public_key`.
    #[wasm_bindgen(constructor)]
    #[allow(clippy::too_many_arguments, reason = "JavaScript has no cheaper way to hand over octets")]
    pub fn new(
        route: &JsRoute,
        blob: &[u8],
        secret: &[u8],
        pin: &str,
        task_id: &[u8],
        public_key: &[u8],
        ciphertext: &[u8],
        now: f64,
    ) -> Result<Self> {
        let secret = device_secret(secret)?;
        let key = SealedKey::from_bytes(blob, &secret).map_err(Error::from)?;
        let public = PublicKey::from_slice(public_key).map_err(Error::from)?;
        let what = (&public, Ciphertext::from_der(ciphertext).map_err(Error::from)?);
        let inner = Decryption::new(route.0.clone(), key, (pin, &secret), id(task_id)?, what, ms(now))?;
        Ok(Self { inner, secret })
    }

    /// What the device key signs.
    pub fn digest(&self) -> Result<Vec<u8>> {
        Ok(self.inner.digest()?.to_vec())
    }

    /// The sealed request.
    pub fn seal(&mut self, signature: &[u8]) -> Result<Vec<u8>> {
        Ok(self.inner.seal(&array(signature, "device signature")?)?)
    }

    /// Takes the server's answer.
    pub fn receive(&mut self, reply: &[u8]) -> Result<Outcome> {
        outcome(self.inner.receive(reply))
    }

    /// The key's octets to store: once before the request is sent, once after the answer.
    pub fn blob(&self) -> Result<Vec<u8>> {
        Ok(self.inner.key().to_bytes(&self.secret).map_err(Error::from)?)
    }

    /// What was encrypted.
    pub fn plaintext(&self) -> Result<Vec<u8>> {
        Ok(self.inner.plaintext()?.to_vec())
    }
}

/// SM3 over what the prepared signature of a PDF covers.
#[wasm_bindgen(js_name = pdfDigest)]
pub fn pdf_digest(pdf: &[u8]) -> Result<Vec<u8>> {
    Ok(pdf::digest(pdf).map_err(Error::from)?.to_vec())
}

/// A head of the transparency log that is signed by the log's key.
#[wasm_bindgen(js_name = LogHead)]
pub struct JsLogHead(TreeHead);

#[wasm_bindgen(js_class = LogHead)]
impl JsLogHead {
    /// Throws when the signature is not by this key over this head.
    #[wasm_bindgen(constructor)]
    pub fn new(public_key: &[u8], size: f64, timestamp: f64, root: &[u8], signature: &[u8]) -> Result<Self> {
        let head = TreeHead { size: ms(size), timestamp_ms: ms(timestamp), root: array(root, "root")? };
        head.verify(&array(public_key, "log key")?, signature)?;
        Ok(Self(head))
    }

    /// Whether this log begins with the whole of `earlier`; `proof` is hashes one after the other.
    pub fn continues(&self, earlier: &JsLogHead, proof: &[u8]) -> Result<bool> {
        Ok(self.0.continues(&earlier.0, &hashes(proof)?))
    }

    /// Whether the entry with this digest is number `seq`, counted from 1.
    pub fn includes(&self, digest: &[u8], seq: f64, proof: &[u8]) -> Result<bool> {
        let Some(index) = ms(seq).checked_sub(1) else { return Ok(false) };
        Ok(self.0.includes(&array(digest, "digest")?, index, &hashes(proof)?))
    }
}

/// The digest of an audit entry: what stands in the log.
#[wasm_bindgen(js_name = logEntryDigest)]
#[allow(clippy::too_many_arguments, reason = "JavaScript has no cheaper way to hand over octets")]
pub fn log_entry_digest(
    previous: &[u8],
    seq: f64,
    at: f64,
    actor_kind: &str,
    actor_id: Option<Vec<u8>>,
    action: &str,
    target_kind: &str,
    target_id: Option<Vec<u8>>,
    detail: &str,
) -> Result<Vec<u8>> {
    let uuid = |octets: Option<Vec<u8>>| octets.map(|octets| array(&octets, "id")).transpose();
    let entry = Entry {
        previous,
        seq: signed(seq),
        at: signed(at),
        actor_kind,
        actor_id: uuid(actor_id)?,
        action,
        target_kind,
        target_id: uuid(target_id)?,
        detail,
    };
    Ok(entry.digest().to_vec())
}

/// `ok`, `malformed` (not 6 to 12 digits) or `trivial`.
#[wasm_bindgen(js_name = pinStrength)]
pub fn pin_strength(digits: &str) -> String {
    match pin::strength(digits) {
        pin::Strength::Ok => "ok",
        pin::Strength::Malformed => "malformed",
        pin::Strength::Trivial => "trivial",
    }
    .to_owned()
}

fn id(bytes: &[u8]) -> Result<Id, Error> {
    Ok(Id(array(bytes, "id")?))
}

fn array<const N: usize>(bytes: &[u8], what: &'static str) -> Result<[u8; N], Error> {
    bytes.try_into().map_err(|_| Error::Length(what))
}

fn device_secret(bytes: &[u8]) -> Result<DeviceSecret, Error> {
    Ok(DeviceSecret(array(bytes, "device secret")?))
}

fn commitment_bytes(commitment: &Commitment) -> Vec<u8> {
    [&commitment.cid.0[..], &commitment.h2].concat()
}

fn parse_commitment(bytes: &[u8]) -> Result<Commitment, Error> {
    let bytes: [u8; 48] = array(bytes, "commitment")?;
    let (mut cid, mut h2) = ([0; 16], [0; 32]);
    cid.copy_from_slice(&bytes[..16]);
    h2.copy_from_slice(&bytes[16..]);
    Ok(Commitment { cid: Id(cid), h2 })
}

fn hashes(octets: &[u8]) -> Result<Vec<[u8; 32]>, Error> {
    octets.chunks(32).map(|hash| array(hash, "proof")).collect()
}

#[allow(clippy::cast_possible_truncation, reason = "a number of the log; JSON holds no larger ones exactly")]
fn signed(number: f64) -> i64 {
    number as i64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a clock reading; saturates at zero")]
fn ms(now: f64) -> u64 {
    now as u64
}
