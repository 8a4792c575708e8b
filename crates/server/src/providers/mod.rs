//! Outside services: a trait each, a sandbox that walks the same way, and a real one.

mod alipay_face;
mod aliyun_sms;
mod cmp;
mod sandbox;
mod settings;
mod transport;

use std::{collections::BTreeMap, sync::Arc};

use pki::{
    Certificate, Crl,
    cmp::{Answer, Request, Transaction},
};
use uuid::Uuid;

use crate::{clock::SharedClock, storage::Storage};

pub use alipay_face::{AlipayFace, AlipayFaceSettings};
pub use aliyun_sms::{AliyunSms, AliyunSmsSettings};
pub use cmp::{CmpCa, CmpCaSettings, SecretSettings, SignatureSettings};
pub use sandbox::{SandboxFace, SandboxSms};

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

/// Sends codes and notices to phones.
#[async_trait::async_trait]
pub trait SmsProvider: Send + Sync + 'static {
    /// Sends a login code to `phone`.
    async fn send_code(&self, phone: &str, code: &str) -> Result<(), ProviderError>;
    /// Tells `phone` that something waits.
    async fn send_notice(&self, phone: &str, notice: &SmsNotice<'_>) -> Result<(), ProviderError>;
}

/// What an SMS other than a code says. Providers want a template of each approved beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmsNotice<'a> {
    /// An enterprise invites.
    Invitation {
        /// Its full name.
        enterprise: &'a str,
    },
    /// An application waits for the administrator.
    Consent,
    /// An application has been approved.
    Approval,
}

/// A face verification to be made.
#[derive(Debug, Clone)]
pub struct FaceRequest {
    /// Our name for it, unique.
    pub id: Uuid,
    /// Real name.
    pub name: String,
    /// Identity number.
    pub id_number: String,
    /// Where the browser goes afterwards.
    pub return_url: String,
}

/// A face verification that the provider knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaceStarted {
    /// The provider's name for it.
    pub reference: String,
    /// Where to send the browser.
    pub redirect_url: String,
}

/// How a face verification went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaceOutcome {
    /// The person has not finished.
    Pending,
    /// Name, number and face belong together.
    Passed,
    /// They do not, or the person gave up; a stable code.
    Failed(String),
}

/// Verifies that a face, a name and an identity number belong together, on pages of its own.
#[async_trait::async_trait]
pub trait FaceProvider: Send + Sync + 'static {
    /// Announces a verification.
    async fn begin(&self, request: &FaceRequest) -> Result<FaceStarted, ProviderError>;
    /// Asks how it went.
    async fn outcome(&self, reference: &str) -> Result<FaceOutcome, ProviderError>;
}

/// A CA elsewhere that issues for an institution. The conversation is kept by whoever asks, so that it can be taken up
/// again after a restart.
#[async_trait::async_trait]
pub trait OutsideCa: Send + Sync + 'static {
    /// The root above it.
    fn root(&self) -> &Certificate;
    /// Its own certificate.
    fn certificate(&self) -> &Certificate;
    /// The next question of a conversation, and the answer.
    async fn ask(&self, talk: &mut Transaction, request: Request<'_>) -> Result<Answer, ProviderError>;
    /// Its newest revocation list, checked; none if the settings do not say where it lies.
    async fn revocation_list(&self) -> Result<Option<Crl>, ProviderError>;
}

/// CAs elsewhere by the short name of the institution for which they issue.
pub type OutsideCas = BTreeMap<String, Arc<dyn OutsideCa>>;

/// The services in use.
#[derive(Clone)]
pub struct Services {
    /// SMS.
    pub sms: Arc<dyn SmsProvider>,
    /// Face verification.
    pub face: Arc<dyn FaceProvider>,
    /// Institutions that do not issue themselves.
    pub cas: OutsideCas,
}

/// Which services are real; what is absent is played by the sandbox.
#[derive(Clone, Default)]
pub struct Providers {
    /// SMS.
    pub sms: Option<Arc<dyn SmsProvider>>,
    /// Face verification.
    pub face: Option<Arc<dyn FaceProvider>>,
    /// Institutions that do not issue themselves; all others do.
    pub cas: OutsideCas,
}

impl Providers {
    /// All stand-ins.
    pub fn sandbox() -> Self {
        Self::default()
    }

    /// Fills the gaps with the sandbox's own.
    pub fn resolve(self, db: &Storage, clock: &SharedClock) -> Services {
        let sandbox_sms = || -> Arc<dyn SmsProvider> { Arc::new(SandboxSms::new(db.clone(), clock.clone())) };
        let sandbox_face = || -> Arc<dyn FaceProvider> { Arc::new(SandboxFace::new(db.clone(), clock.clone())) };
        Services {
            sms: self.sms.unwrap_or_else(sandbox_sms),
            face: self.face.unwrap_or_else(sandbox_face),
            cas: self.cas,
        }
    }
}
