//! Replies: one byte of status, then the fields of that status.

use super::{Message, Reader, Writer};
use crate::{Error, Result};
use zeroize::Zeroizing;

/// Why the server did not do it. Nothing more detailed ever reaches the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The proof did not verify.
    #[error("wrong PIN, {left} tries left")]
    PinWrong {
        /// Tries before the key is locked.
        left: u64,
    },
    /// Too many wrong PINs.
    #[error("locked")]
    Locked,
    /// The nonce was used, has expired, or died with the server's process. Draw anew on both sides.
    #[error("nonce gone")]
    NonceGone,
    /// This request id was used with another content.
    #[error("conflict")]
    Conflict,
    /// The clone token is neither the current one nor a retry.
    #[error("another device seems to hold this key")]
    CloneSuspect,
    /// The key is suspended.
    #[error("suspended")]
    Suspended,
    /// The key is revoked.
    #[error("revoked")]
    Revoked,
    /// Come again later.
    #[error("try again later")]
    Retry,
    /// Anything else: unknown task, other digest, expired, foreign, malformed.
    #[error("refused")]
    Refused,
}

impl Refusal {
    /// A stable name for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PinWrong { .. } => "PIN_WRONG",
            Self::Locked => "LOCKED",
            Self::NonceGone => "NONCE_GONE",
            Self::Conflict => "CONFLICT",
            Self::CloneSuspect => "CLONE_SUSPECT",
            Self::Suspended => "SUSPENDED",
            Self::Revoked => "REVOKED",
            Self::Retry => "RETRY",
            Self::Refused => "REFUSED",
        }
    }

    const fn status(&self) -> u8 {
        match self {
            Self::PinWrong { .. } => 1,
            Self::Locked => 2,
            Self::NonceGone => 3,
            Self::Conflict => 4,
            Self::CloneSuspect => 5,
            Self::Suspended => 6,
            Self::Revoked => 7,
            Self::Retry => 8,
            Self::Refused => 9,
        }
    }
}

/// The octets of a reply: `enc(status) enc(fields)`.
pub fn encode_reply<M: Message>(reply: &Result<M, Refusal>) -> Zeroizing<Vec<u8>> {
    let mut fields = Writer::new();
    let status = match reply {
        Ok(message) => {
            message.put_fields(&mut fields);
            0
        }
        Err(refusal) => {
            if let Refusal::PinWrong { left } = refusal {
                fields.field(left);
            }
            refusal.status()
        }
    };
    let mut out = Writer::new();
    out.put(&[status]).put(fields.as_bytes());
    out.finish()
}

/// Reads a reply; a refusal becomes [`Error::Refused`].
pub fn decode_reply<M: Message>(bytes: &[u8]) -> Result<M> {
    let mut reader = Reader::new(bytes);
    let [status] = reader.array()?;
    let mut fields = Reader::new(reader.bytes()?);
    reader.end()?;
    let refusal = match status {
        0 => {
            let message = M::take_fields(&mut fields)?;
            fields.end()?;
            return Ok(message);
        }
        1 => Refusal::PinWrong { left: fields.field()? },
        2 => Refusal::Locked,
        3 => Refusal::NonceGone,
        4 => Refusal::Conflict,
        5 => Refusal::CloneSuspect,
        6 => Refusal::Suspended,
        7 => Refusal::Revoked,
        8 => Refusal::Retry,
        9 => Refusal::Refused,
        _ => return Err(Error::Encoding),
    };
    fields.end()?;
    Err(refusal.into())
}
