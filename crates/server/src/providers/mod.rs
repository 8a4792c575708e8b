//! Outside services: a trait each, a sandbox that walks the same way, and a real one.

use std::{path::Path, sync::Arc};

/// Why an outside service did not do it.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It does not answer, or answers nonsense.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// It refused.
    #[error("refused: {0}")]
    Refused(String),
    /// The settings are wrong.
    #[error("settings: {0}")]
    Settings(String),
}

impl From<ProviderError> for crate::error::Problem {
    fn from(error: ProviderError) -> Self {
        tracing::error!(%error, "outside service");
        crate::error::PROVIDER_UNAVAILABLE.into()
    }
}

/// Sends codes to phones.
#[async_trait::async_trait]
pub trait SmsProvider: Send + Sync + 'static {
    /// Sends a login code to `phone`.
    async fn send_code(&self, phone: &str, code: &str) -> Result<(), ProviderError>;
}

/// The services in use. None means: the sandbox of the platform itself.
#[derive(Clone, Default)]
pub struct Providers {
    /// SMS.
    pub sms: Option<Arc<dyn SmsProvider>>,
}

impl Providers {
    /// All stand-ins.
    pub fn sandbox() -> Self {
        Self::default()
    }

    /// Real services with the settings in a JSON file.
    pub fn from_file(file: &Path) -> Result<Self, ProviderError> {
        Err(ProviderError::Settings(format!("{}: not read yet", file.display())))
    }
}
