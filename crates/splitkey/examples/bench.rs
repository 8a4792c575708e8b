//! How many operations per second each half manages on one core, beside the system's OpenSSL in the same run.
//!
//! `cargo run --release -p splitkey --example bench` prints one JSON object per line: `{"name", "value", "unit"}`.
//!
//! * `split_sign_server_per_s`: the server's half of a signature: share and nonce from their stored octets, proof check,
//!   partial signature with its self-check.
//! * `split_sign_server_with_draw_per_s`: the same with drawing the next nonce, which the server may do at leisure.
//! * `split_sign_server_cold_per_s`: the same as the first, but computing the phone's point X1 anew.
//! * `split_sign_device_per_s`: the phone's half: request, checks, completion, verification.
//! * `split_decrypt_server_per_s`: the server's half of a decryption: proof check, its half, proof of equality.

use gm::sm2::SecretKey;
use splitkey::{
    Id, PhoneShare, PhoneShares, ServerShare, Token,
    codec::{Decrypt, Header, Sign},
    decrypt::{self, PendingDecryption, PhoneDecryptionShare, ServerDecryptionShare},
    keygen::{Context, PhoneCommitted, ServerPending},
    sign::{PendingSignature, ServerNonce},
};
use std::{
    process::Command,
    time::{Duration, Instant},
};

type Failure = Box<dyn std::error::Error>;

const EPOCH: u64 = 1;

struct Pair {
    phone: PhoneShare,
    server: ServerShare,
    header: Header,
}

fn main() -> Result<(), Failure> {
    let seconds = std::env::args().nth(1).map_or(Ok(3.0), |text| text.parse())?;
    let pair = Pair::generate()?;

    let requests = pair.requests(64)?;
    let stored = pair.server.to_bytes();
    let share = || ServerShare::from_bytes(*pair.server.public_key(), &*stored);
    let server = measure(seconds, &requests, |(nonce, message)| {
        ServerNonce::from_bytes(nonce)?.check(&share()?, &pair.header, message)?.answer()?;
        Ok(())
    })?;
    report("split_sign_server_per_s", server);
    let with_draw = measure(seconds, &requests, |(nonce, message)| {
        let share = share()?;
        let proven = ServerNonce::from_bytes(nonce)?.check(&share, &pair.header, message)?;
        let next = proven.next_nonce(Id::random()?)?;
        proven.answer()?.into_reply(next.commitment(), Token::random()?);
        Ok(())
    })?;
    report("split_sign_server_with_draw_per_s", with_draw);
    let cold = measure(seconds, &requests, |(nonce, message)| {
        let share = share()?;
        share.phone_point()?;
        ServerNonce::from_bytes(nonce)?.check(&share, &pair.header, message)?.answer()?;
        Ok(())
    })?;
    report("split_sign_server_cold_per_s", cold);

    report("split_sign_device_per_s", pair.device(seconds)?);

    let shares = pair.with_encryption()?;
    let decryptions = pair.decryptions(&shares.0, 64)?;
    let decrypt = measure(seconds, &decryptions, |message| {
        decrypt::check(pair.server.public_key(), &shares.1, &pair.header, message)?.answer(Token::NONE)?;
        Ok(())
    })?;
    report("split_decrypt_server_per_s", decrypt);

    let (sign, verify) = openssl()?;
    report("openssl_sm2_sign_per_s", sign);
    report("openssl_sm2_verify_per_s", verify);
    Ok(())
}

impl Pair {
    fn generate() -> Result<Self, Failure> {
        let device_id = Id::random()?;
        let context = Context {
            account_id: Id::random()?,
            device_id,
            enrol_id: Id::random()?,
            server_nonce: gm::random::bytes()?,
        };
        let (phone, message) = PhoneCommitted::new(&context)?;
        let (pending, reply) = ServerPending::new(&context, &message)?;
        let (phone, message) = phone.open(&reply)?;
        let (server, _) = pending.open(&message)?;
        let key_id = Id::random()?;
        let reply = splitkey::codec::KeygenOpenReply {
            key_id,
            epoch: EPOCH,
            mu_sign: gm::curve::Scalar::ONE,
            tok: Token::NONE,
            cid: Id::ZERO,
            h2: [0; 32],
        };
        let phone = phone.finish(&reply)?.share;
        let header = Header {
            key_id,
            epoch: EPOCH,
            device_id,
            sid: Id::ZERO,
            req_id: Id::random()?,
            ts_ms: 0,
            tok: Token::NONE,
            pending: None,
        };
        Ok(Self { phone, server, header })
    }

    fn nonce(&self) -> Result<ServerNonce, Failure> {
        let point = self.server.phone_point()?;
        Ok(ServerNonce::draw(self.server.public_key(), point, EPOCH, Id::ZERO, Id::random()?)?)
    }

    /// Stored nonces, each with a request for it.
    fn requests(&self, count: usize) -> Result<Vec<(Vec<u8>, Sign)>, Failure> {
        let request = |_| {
            let (nonce, e) = (self.nonce()?, gm::random::bytes()?);
            let (_, message) =
                PendingSignature::new(self.phone.clone(), &self.header, nonce.commitment(), &e, Id::ZERO)?;
            Ok((nonce.to_bytes().to_vec(), message))
        };
        (0..count).map(request).collect()
    }

    fn with_encryption(&self) -> Result<(PhoneShares, ServerDecryptionShare), Failure> {
        let (escrowed, transport) = (SecretKey::generate()?, SecretKey::generate()?);
        let split = decrypt::split(&escrowed)?;
        let sealed = split.for_phone(&transport.public_key())?;
        let enc = PhoneDecryptionShare::receive(&transport, &sealed, escrowed.public_key())?;
        Ok((PhoneShares { sign: self.phone.clone(), enc: vec![enc] }, split.server))
    }

    fn decryptions(&self, shares: &PhoneShares, count: usize) -> Result<Vec<Decrypt>, Failure> {
        let enc = shares.enc.first().ok_or("no decryption share")?;
        let request = |_| {
            let ciphertext = gm::sm2::encrypt(enc.public_key(), b"a key of sixteen")?;
            Ok(PendingDecryption::new(shares, enc.public_key(), &self.header, ciphertext, Id::ZERO)?.1)
        };
        (0..count).map(request).collect()
    }

    /// The phone's two steps, in batches with the server's step between them.
    fn device(&self, seconds: f64) -> Result<f64, Failure> {
        let (end, mut spent, mut count) = (Instant::now() + Duration::from_secs_f64(seconds), 0.0, 0.0);
        while Instant::now() < end {
            let nonces = (0..64).map(|_| self.nonce()).collect::<Result<Vec<_>, _>>()?;
            let start = Spent::now();
            let requests = nonces
                .iter()
                .map(|nonce| {
                    let e = gm::random::bytes()?;
                    PendingSignature::new(self.phone.clone(), &self.header, nonce.commitment(), &e, Id::ZERO)
                })
                .collect::<Result<Vec<_>, _>>()?;
            spent += start.seconds();
            let next = self.nonce()?.commitment();
            let replies = requests
                .iter()
                .zip(nonces)
                .map(|((_, message), nonce)| {
                    Ok(nonce.check(&self.server, &self.header, message)?.answer()?.into_reply(next, Token::NONE))
                })
                .collect::<Result<Vec<_>, Failure>>()?;
            count += replies.len() as f64;
            let start = Spent::now();
            for ((pending, _), reply) in requests.into_iter().zip(&replies) {
                pending.finish(reply)?;
            }
            spent += start.seconds();
        }
        Ok(count / spent)
    }
}

fn measure<T>(seconds: f64, inputs: &[T], mut run: impl FnMut(&T) -> Result<(), Failure>) -> Result<f64, Failure> {
    inputs.iter().try_for_each(&mut run)?;
    let (end, start) = (Instant::now() + Duration::from_secs_f64(seconds), Spent::now());
    let mut count = 0.0;
    while Instant::now() < end {
        inputs.iter().try_for_each(&mut run)?;
        count += inputs.len() as f64;
    }
    Ok(count / start.seconds())
}

/// Time that this thread has spent computing, as `openssl speed` measures it: other work on the machine must not count.
/// Linux says it in nanoseconds; elsewhere the wall clock has to do.
struct Spent(Instant, Option<f64>);

impl Spent {
    fn now() -> Self {
        Self(Instant::now(), Self::processor())
    }

    fn processor() -> Option<f64> {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split(' ').next()?.parse::<f64>().ok().map(|nanoseconds| nanoseconds / 1e9)
    }

    fn seconds(&self) -> f64 {
        self.1.zip(Self::processor()).map_or_else(|| self.0.elapsed().as_secs_f64(), |(start, now)| now - start)
    }
}

/// Signatures and verifications per second of the system's `openssl speed`.
fn openssl() -> Result<(f64, f64), Failure> {
    let output = Command::new("openssl").args(["speed", "-seconds", "3", "sm2"]).output()?;
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().rev().find(|line| line.contains("SM2")).ok_or("openssl speed knows no SM2")?;
    let mut numbers = line.split_whitespace().rev().filter_map(|word| word.parse::<f64>().ok());
    let verify = numbers.next().ok_or("no number of verifications")?;
    let sign = numbers.next().ok_or("no number of signatures")?;
    Ok((sign, verify))
}

#[allow(clippy::print_stdout)]
fn report(name: &str, value: f64) {
    println!("{{\"name\":\"{name}\",\"value\":{value:.1},\"unit\":\"1/s\"}}");
}
