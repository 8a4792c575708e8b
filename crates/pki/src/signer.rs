//! Who signs.

use gm::sm2;

use crate::Error;
use crate::key::PublicKey;

/// A key that can sign, wherever it lives: in memory under a key-encryption key, in a security module,
/// or split between two parties.
pub trait Signer {
    /// The key that others verify with.
    fn public_key(&self) -> PublicKey;

    /// DER SM2Signature over `message` with Z of the default user id 1234567812345678 (GB/T 35276).
    ///
    /// # Errors
    /// [`Error::Signer`] with the cause, if the key cannot be used now.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error>;
}

impl Signer for sm2::KeyPair {
    fn public_key(&self) -> PublicKey {
        self.public().to_bytes()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature = sm2::KeyPair::sign(self, sm2::DEFAULT_ID, message);
        signature.map(|signature| signature.to_der()).map_err(|cause| Error::Signer(Box::new(cause)))
    }
}

/// Signs and checks the result before anybody sees it: a fault in the signer must not become a document.
pub(crate) fn sign(signer: &dyn Signer, message: &[u8], what: &'static str) -> Result<Vec<u8>, Error> {
    let signature = signer.sign(message)?;
    crate::signature::verify(&signer.public_key(), message, &signature, what)?;
    Ok(signature)
}
