//! The phone's half of a decryption.

use super::{EQUALITY, PROOF, hdr};
use crate::{
    Error, Id, PhoneShares, Result,
    binding::fits,
    codec::{Decrypt, DecryptReply, Header},
    decrypt::PhoneDecryptionShare,
    proof::{self, Equality, Proof},
};
use gm::{
    curve::{Element, Point},
    sm2::{self, Ciphertext, PublicKey},
    sm3::Digest,
};
use zeroize::Zeroizing;

/// A decryption that was asked for.
#[must_use]
pub struct PendingDecryption {
    share: PhoneDecryptionShare,
    hdr: Digest,
    ciphertext: Ciphertext,
}

impl PendingDecryption {
    /// Asks for the server's half of opening `ciphertext`, which was made for the encryption key `public`.
    pub fn new(
        shares: &PhoneShares,
        public: &PublicKey,
        header: &Header,
        ciphertext: Ciphertext,
        task_id: Id,
    ) -> Result<(Self, Decrypt)> {
        let share = shares.decryption(public).cloned().ok_or(Error::Encoding)?;
        if !fits(header, shares.sign.key_id, shares.sign.epoch, share.sid) {
            return Err(Error::Encoding);
        }
        let hdr = hdr(&shares.sign.public, &share.public, header, &ciphertext.c1, task_id);
        let point = Point::mul_base(&share.a).normalize()?;
        let Proof { c, z } = proof::prove(PROOF, &hdr, &share.a, &point)?;
        let message = Decrypt { task_id, enc_key: *public.point(), c1: ciphertext.c1, c, z };
        Ok((Self { share, hdr, ciphertext }, message))
    }

    /// Checks that the server's half is right and completes the decryption. [`Error::Proof`] blames the server,
    /// [`Error::Decryption`] the ciphertext.
    pub fn finish(self, reply: &DecryptReply) -> Result<Zeroizing<Vec<u8>>> {
        let Self { share, hdr, ciphertext } = &self;
        let own = Point::mul_base(&share.a);
        let server = (Element::from(share.public.point()) - own).normalize()?;
        let equality = Equality { first: &server, base: &ciphertext.c1, second: &reply.d2 };
        let proof = Proof { c: reply.c.clone(), z: reply.z.clone() };
        proof::verify_equality(EQUALITY, hdr, &equality, &proof)?;
        let shared = (ciphertext.c1.mul(&share.a) + &reply.d2).normalize().map_err(|_| Error::Decryption)?;
        Ok(sm2::open_shared(&shared, ciphertext)?)
    }
}

impl core::fmt::Debug for PendingDecryption {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PendingDecryption(..)")
    }
}
