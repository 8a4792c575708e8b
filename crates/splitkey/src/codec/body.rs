//! What every request carries, and the device key's signature over it.

use super::{MAX_LENGTH, Operation, OperationMessage, Reader, Writer};
use crate::{Error, Id, Result, Token};
use gm::sm3::{self, Digest};
use zeroize::Zeroizing;

/// Length of the device key's signature: ECDSA on P-256 with SHA-256, r||s.
pub const DEVICE_SIGNATURE_LENGTH: usize = 64;

/// What every request carries beside its operation's fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The split key; zero in a key generation.
    pub key_id: Id,
    /// The shares' generation; zero in a key generation, then counted up by each refresh from one.
    pub epoch: u64,
    /// The device whose key signs the body.
    pub device_id: Id,
    /// The signing session; zero outside one.
    pub sid: Id,
    /// Fresh for each request, the same in its retries.
    pub req_id: Id,
    /// The phone's clock, Unix milliseconds.
    pub ts_ms: u64,
    /// The clone token; [`Token::NONE`] in a key generation.
    pub tok: Token,
    /// The request that was under way when the phone stopped, if it never saw its answer: lets the server tell a
    /// restart from a clone.
    pub pending: Option<Id>,
}

/// A request that the device key has not signed yet.
pub struct Body {
    unsigned: Writer,
}

impl Body {
    /// Puts header and operation together.
    pub fn new<M: OperationMessage>(header: &Header, message: &M) -> Self {
        let mut fields = Writer::new();
        message.put_fields(&mut fields);
        let mut tok = Zeroizing::new(Vec::with_capacity(48));
        tok.extend_from_slice(&header.tok.0);
        if let Some(pending) = header.pending {
            tok.extend_from_slice(&pending.0);
        }
        let mut unsigned = Writer::new();
        unsigned
            .put(&[M::OP])
            .field(&header.key_id)
            .field(&header.epoch)
            .field(&header.device_id)
            .field(&header.sid)
            .field(&header.req_id)
            .field(&header.ts_ms)
            .put(&tok)
            .put(fields.as_bytes());
        Self { unsigned }
    }

    /// SM3 of the body without the signature: the message that the device key signs.
    pub fn digest(&self) -> Digest {
        sm3::digest(self.unsigned.as_bytes())
    }

    /// The whole body's octets, for the envelope.
    pub fn sign(mut self, signature: &[u8; DEVICE_SIGNATURE_LENGTH]) -> Zeroizing<Vec<u8>> {
        self.unsigned.put(signature);
        self.unsigned.finish()
    }
}

impl core::fmt::Debug for Body {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Body(..)")
    }
}

/// A received body whose device signature nobody has checked yet.
pub struct SignedBody {
    request: Request,
    signature: [u8; DEVICE_SIGNATURE_LENGTH],
}

/// A request of an authenticated device.
#[derive(Debug)]
pub struct Request {
    /// What every request carries.
    pub header: Header,
    /// What is asked.
    pub operation: Operation,
    /// SM3 of the body without the signature: tells a retry from another request under the same id.
    pub digest: Digest,
}

impl SignedBody {
    /// Reads a body. Header and fields are checked for form; nothing is believed yet.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_LENGTH {
            return Err(Error::Encoding);
        }
        let unsigned = bytes.len().checked_sub(4 + DEVICE_SIGNATURE_LENGTH).ok_or(Error::Encoding)?;
        let mut reader = Reader::new(bytes);
        let [op] = reader.array()?;
        let (key_id, epoch, device_id) = (reader.field()?, reader.field()?, reader.field()?);
        let (sid, req_id, ts_ms) = (reader.field()?, reader.field()?, reader.field()?);
        let (tok, pending) = token(reader.bytes()?)?;
        let operation = Operation::decode(op, reader.bytes()?)?;
        let signature = reader.array()?;
        reader.end()?;
        let header = Header { key_id, epoch, device_id, sid, req_id, ts_ms, tok, pending };
        let digest = sm3::digest(&bytes[..unsigned]);
        Ok(Self { request: Request { header, operation, digest }, signature })
    }

    /// The device that claims to have sent this.
    pub fn device_id(&self) -> Id {
        self.request.header.device_id
    }

    /// Hands the signed digest and the signature to `verify` and, if it says yes, the request to the caller.
    pub fn authenticate(self, verify: impl FnOnce(&Digest, &[u8; DEVICE_SIGNATURE_LENGTH]) -> bool) -> Result<Request> {
        if verify(&self.request.digest, &self.signature) { Ok(self.request) } else { Err(Error::DeviceSignature) }
    }
}

impl core::fmt::Debug for SignedBody {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SignedBody(..)")
    }
}

fn token(bytes: &[u8]) -> Result<(Token, Option<Id>)> {
    let (tok, rest) = bytes.split_first_chunk::<32>().ok_or(Error::Encoding)?;
    let pending = match rest.len() {
        0 => None,
        _ => Some(Id(rest.try_into().map_err(|_| Error::Encoding)?)),
    };
    Ok((Token(*tok), pending))
}
