//! The fields of each operation and of its reply, in the order in which they travel.

use super::{Field, NonZero, Reader, Writer};
use crate::{Error, Id, Result, Token, sign::Commitment};
use gm::{
    curve::{Point, Scalar},
    sm3::Digest,
};

/// A list of typed fields.
pub trait Message: Sized {
    /// Appends the fields.
    fn put_fields(&self, to: &mut Writer);
    /// Takes the fields.
    fn take_fields(from: &mut Reader<'_>) -> Result<Self>;
}

/// The fields of a request.
pub trait OperationMessage: Message {
    /// The operation's number.
    const OP: u8;
    /// What the server answers.
    type Reply: Message;
}

macro_rules! message {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }

        // Recorded messages are tests for PINs, so logs get the name alone.
        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }

        impl Message for $name {
            #[allow(unused_variables)]
            fn put_fields(&self, to: &mut Writer) {
                $(to.field(&self.$field);)*
            }
            #[allow(unused_variables)]
            fn take_fields(from: &mut Reader<'_>) -> Result<Self> {
                Ok(Self { $($field: from.field()?,)* })
            }
        }
    };
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $op:literal -> $reply:ident,)*) => {
        $(impl OperationMessage for $name {
            const OP: u8 = $op;
            type Reply = $reply;
        })*

        /// What a request asks for.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Operation { $($(#[$doc])* $name($name),)* }

        impl Operation {
            /// The operation's number.
            pub const fn op(&self) -> u8 {
                match self { $(Self::$name(_) => $op,)* }
            }

            pub(super) fn decode(op: u8, fields: &[u8]) -> Result<Self> {
                let mut reader = Reader::new(fields);
                let operation = match op {
                    $($op => Self::$name($name::take_fields(&mut reader)?),)*
                    _ => return Err(Error::Encoding),
                };
                reader.end()?;
                Ok(operation)
            }
        }
    };
}

operations! {
    /// First message of a key generation.
    KeygenCommit = 1 -> KeygenCommitReply,
    /// Second message of a key generation.
    KeygenOpen = 2 -> KeygenOpenReply,
    /// Asks for a nonce commitment.
    Prepare = 3 -> PrepareReply,
    /// Asks for a partial signature.
    Sign = 4 -> SignReply,
    /// Opens a signing session.
    SessionOpen = 5 -> SessionOpenReply,
    /// Ends the session of the header.
    SessionClose = 6 -> SessionCloseReply,
    /// Asks for the server's half of a decryption.
    Decrypt = 7 -> DecryptReply,
    /// First message of a share refresh.
    RefreshCommit = 8 -> RefreshCommitReply,
    /// Second message of a share refresh.
    RefreshComplete = 9 -> RefreshCompleteReply,
    /// Asks which epoch the server holds, after a refresh that was interrupted.
    Status = 10 -> StatusReply,
}

message! {
    /// Operation 1: the phone commits to its public share.
    KeygenCommit {
        /// The enrolment that this key is for.
        enrol_id: Id,
        /// The phone's contribution to the context.
        phone_nonce: [u8; 32],
        /// `H("kg-com", ctx, X1, c1, z1, o1)`.
        com1: Digest,
    }
}

message! {
    /// Reply to operation 1: the server's public share with its proof.
    KeygenCommitReply {
        /// y2 G.
        x2: Point,
        /// Proof of y2: challenge.
        c2: Scalar,
        /// Proof of y2: response.
        z2: Scalar,
    }
}

message! {
    /// Operation 2: the phone opens its commitment.
    KeygenOpen {
        /// The enrolment of operation 1.
        enrol_id: Id,
        /// y1 G.
        x1: Point,
        /// Proof of y1: challenge.
        c1: Scalar,
        /// Proof of y1: response.
        z1: Scalar,
        /// What made the commitment hiding.
        o1: [u8; 32],
    }
}

message! {
    /// Reply to operation 2: the key exists.
    KeygenOpenReply {
        /// The new key.
        key_id: Id,
        /// Its first epoch.
        epoch: u64,
        /// The reset mask of the signing share.
        mu_sign: Scalar,
        /// The first clone token.
        tok: Token,
        /// The first nonce commitment: its id.
        cid: Id,
        /// The first nonce commitment.
        h2: Digest,
    }
}

message! {
    /// Operation 3: asks for a nonce commitment.
    Prepare {
        /// The task that will be signed.
        task_id: Id,
    }
}

message! {
    /// Reply to operation 3.
    PrepareReply {
        /// The commitment's id.
        cid: Id,
        /// `H("nonce-com", P, cid, R2, o)`.
        h2: Digest,
    }
}

message! {
    /// Operation 4: asks for a partial signature on e.
    Sign {
        /// The nonce commitment to use: its id.
        cid: Id,
        /// The nonce commitment as the phone received it.
        h2: Digest,
        /// `SM3(Z_A || M)`, computed by the phone.
        e: Digest,
        /// The task that this signature answers.
        task_id: Id,
        /// The phone's nonce point w1 G.
        q1: Point,
        /// Proof of (y1, w1): challenge.
        c: Scalar,
        /// Proof of (y1, w1): response for y1.
        z0: Scalar,
        /// Proof of (y1, w1): response for w1.
        z1: Scalar,
    }
}

message! {
    /// Reply to operation 4.
    SignReply {
        /// The server's nonce point w2 G.
        r2: Point,
        /// What made the nonce commitment hiding.
        o: [u8; 32],
        /// The partial signature.
        s1: NonZero,
        /// The next nonce commitment: its id.
        cid: Id,
        /// The next nonce commitment.
        h2: Digest,
        /// The next clone token.
        tok: Token,
    }
}

message! {
    /// Operation 5: opens a signing session.
    SessionOpen {
        /// The task that asks for the session.
        task_id: Id,
        /// Proof of the shares, tag `sess-open`.
        proof: ShareProof,
    }
}

message! {
    /// Reply to operation 5.
    SessionOpenReply {
        /// The session.
        sid: Id,
        /// When it ends at the latest, Unix milliseconds.
        expires_ms: u64,
        /// How many operations it allows.
        max_ops: u64,
        /// Factor of the signing shares.
        sigma: NonZero,
        /// Summands of the decryption shares, one for each.
        tau: Vec<NonZero>,
        /// Nonce commitments for the session's signatures.
        commitments: Vec<Commitment>,
        /// The next clone token.
        tok: Token,
    }
}

message! {
    /// Operation 6: ends the session of the header.
    SessionClose {}
}

message! {
    /// Reply to operation 6.
    SessionCloseReply {
        /// The next clone token.
        tok: Token,
    }
}

message! {
    /// Operation 7: asks for the server's half of a decryption.
    Decrypt {
        /// The task that this decryption answers.
        task_id: Id,
        /// P_E, the encryption key whose share is asked for.
        enc_key: Point,
        /// The ciphertext's first part.
        c1: Point,
        /// Proof of a: challenge.
        c: Scalar,
        /// Proof of a: response.
        z: Scalar,
    }
}

message! {
    /// Reply to operation 7.
    DecryptReply {
        /// b C1.
        d2: Point,
        /// Proof that D2 has the same logarithm to C1 as B to G: challenge.
        c: Scalar,
        /// Its response.
        z: Scalar,
        /// The next clone token.
        tok: Token,
    }
}

message! {
    /// Operation 8: the phone commits to its half of the refresh.
    RefreshCommit {
        /// `H("rf-com", P, key_id, epoch, rho_p, delta_p, o)`.
        com: Digest,
        /// Proof of the shares, tag `refresh`.
        proof: ShareProof,
    }
}

message! {
    /// Reply to operation 8.
    RefreshCommitReply {
        /// The server's factor.
        rho_s: NonZero,
        /// The server's summands, one for each decryption share.
        delta_s: Vec<Scalar>,
        /// The reset mask of the next epoch's signing share.
        mu_sign: Scalar,
        /// The reset masks of the next epoch's decryption shares.
        mu_enc: Vec<Scalar>,
        /// The next clone token.
        tok: Token,
    }
}

message! {
    /// Operation 9: the phone has stored the new shares and opens its commitment.
    RefreshComplete {
        /// The phone's factor.
        rho_p: NonZero,
        /// The phone's summands, one for each decryption share.
        delta_p: Vec<Scalar>,
        /// What made the commitment hiding.
        o: [u8; 32],
        /// Proof of the new shares, tag `refreshed`.
        proof: ShareProof,
    }
}

message! {
    /// Reply to operation 9: the new shares count from now on.
    RefreshCompleteReply {
        /// The new epoch.
        epoch: u64,
        /// A nonce commitment of the new epoch: its id.
        cid: Id,
        /// A nonce commitment of the new epoch.
        h2: Digest,
        /// The next clone token.
        tok: Token,
    }
}

message! {
    /// Operation 10: asks which epoch the server holds. Needs no proof; does not turn the clone token.
    Status {}
}

message! {
    /// Reply to operation 10.
    StatusReply {
        /// The epoch of the server's shares.
        epoch: u64,
    }
}

/// Proof of knowledge of a key's shares: y1, and a of each decryption share. Three fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareProof {
    /// Challenge.
    pub c: Scalar,
    /// Response for y1.
    pub z0: Scalar,
    /// Responses for each a.
    pub z: Vec<Scalar>,
}

impl Field for ShareProof {
    fn put(&self, to: &mut Writer) {
        to.field(&self.c).field(&self.z0).field(&self.z);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self> {
        Ok(Self { c: from.field()?, z0: from.field()?, z: from.field()? })
    }
}

impl Field for Commitment {
    fn put(&self, to: &mut Writer) {
        to.field(&self.cid).field(&self.h2);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self> {
        Ok(Self { cid: from.field()?, h2: from.field()? })
    }
}
