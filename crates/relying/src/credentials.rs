//! Who the relying party is to the platform.

use core::fmt;

use serde::Deserialize;

/// HTTP Basic credentials; the secret is never printed.
#[derive(Clone, Deserialize)]
pub struct Credentials {
    /// Public name of the client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

impl Credentials {
    /// Reads the JSON that the platform hands out: an object with `client_id` and `client_secret`.
    ///
    /// # Errors
    /// [`crate::Error::Configuration`] if it is not of that form.
    pub fn from_json(json: &[u8]) -> crate::Result<Self> {
        const FORM: crate::Error = crate::Error::Configuration("credentials are JSON with client_id and client_secret");
        let credentials: Self = serde_json::from_slice(json).map_err(|_| FORM)?;
        let usable = !credentials.client_id.is_empty() && !credentials.client_id.contains(':');
        if usable && !credentials.client_secret.is_empty() { Ok(credentials) } else { Err(FORM) }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}
