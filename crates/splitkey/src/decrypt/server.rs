//! The server's half of a decryption.

use super::{EQUALITY, PROOF, hdr};
use crate::{
    Error, Result, Token,
    codec::{Decrypt, DecryptReply, Header},
    decrypt::ServerDecryptionShare,
    proof::{self, Equality, Proof},
};
use gm::{curve::Point, sm2::PublicKey, sm3::Digest};

/// A request whose proof was right.
pub struct ProvenDecryption<'a> {
    share: &'a ServerDecryptionShare,
    own: Point,
    hdr: Digest,
    c1: Point,
}

/// Checks the phone's proof. [`Error::Proof`] means a wrong PIN, or outside its session a wrong share.
///
/// `signing` is the signing key's P, which names the key in the proof.
pub fn check<'a>(
    signing: &PublicKey,
    share: &'a ServerDecryptionShare,
    header: &Header,
    message: &Decrypt,
) -> Result<ProvenDecryption<'a>> {
    let [phone, own] = share.points()?;
    let hdr = hdr(signing, &share.public, header, &message.c1, message.task_id);
    proof::verify(PROOF, &hdr, &phone, &Proof { c: message.c.clone(), z: message.z.clone() })?;
    Ok(ProvenDecryption { share, own, hdr, c1: message.c1 })
}

impl ProvenDecryption<'_> {
    /// D2 = b C1 with its proof. Never store it: next to the ciphertext and a copy of the phone it is a test for PINs.
    pub fn answer(self, tok: Token) -> Result<DecryptReply> {
        let d2 = self.c1.mul(&self.share.b).normalize().map_err(|_| Error::Redraw)?;
        let equality = Equality { first: &self.own, base: &self.c1, second: &d2 };
        let Proof { c, z } = proof::prove_equality(EQUALITY, &self.hdr, &self.share.b, &equality)?;
        Ok(DecryptReply { d2, c, z, tok })
    }
}

impl core::fmt::Debug for ProvenDecryption<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ProvenDecryption(..)")
    }
}
