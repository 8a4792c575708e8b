//! Stand-ins that keep what they are told in the database: the SMS outbox and the face verification page are shown by
//! [`crate::sandbox`].

use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};

use super::{FaceOutcome, FaceProvider, FaceRequest, FaceStarted, ProviderError, SmsNotice, SmsProvider};
use crate::{
    account::token,
    clock::{SharedClock, new_id},
    sandbox::entity::{face, sms},
    storage::Storage,
};

fn failed(error: impl core::fmt::Display) -> ProviderError {
    ProviderError::Unavailable(error.to_string())
}

/// Puts messages into the outbox of the sandbox page.
pub struct SandboxSms {
    db: Storage,
    clock: SharedClock,
}

impl SandboxSms {
    /// An outbox in `db`.
    pub fn new(db: Storage, clock: SharedClock) -> Self {
        Self { db, clock }
    }
}

impl SandboxSms {
    async fn keep(&self, phone: &str, text: String, code: Option<&str>) -> Result<(), ProviderError> {
        let now = self.clock.now();
        let row = sms::ActiveModel {
            id: Set(new_id(now)),
            phone: Set(phone.to_owned()),
            text: Set(text),
            code: Set(code.map(str::to_owned)),
            at: Set(now.as_millisecond()),
        };
        let tx = self.db.begin().await.map_err(failed)?;
        row.insert(&*tx).await.map_err(failed)?;
        tx.commit().await.map_err(failed)
    }
}

#[async_trait::async_trait]
impl SmsProvider for SandboxSms {
    async fn send_code(&self, phone: &str, code: &str) -> Result<(), ProviderError> {
        self.keep(phone, format!("【桂签】验证码 {code}，5 分钟内有效，请勿告诉他人。"), Some(code)).await
    }

    async fn send_notice(&self, phone: &str, notice: &SmsNotice<'_>) -> Result<(), ProviderError> {
        let text = match notice {
            SmsNotice::Invitation { enterprise } => {
                format!("【桂签】{enterprise}邀请您成为办事人员，请在 7 天内登录桂签处理。")
            }
            SmsNotice::Consent => "【桂签】有一项企业申请等待您同意并盖章，请登录桂签处理。".to_owned(),
            SmsNotice::Approval => "【桂签】您的申请已通过审核，请登录桂签下载证书。".to_owned(),
        };
        self.keep(phone, text, None).await
    }
}

/// Plays the provider's page: two buttons, passed and not passed.
pub struct SandboxFace {
    db: Storage,
    clock: SharedClock,
}

impl SandboxFace {
    /// Sessions in `db`.
    pub fn new(db: Storage, clock: SharedClock) -> Self {
        Self { db, clock }
    }
}

#[async_trait::async_trait]
impl FaceProvider for SandboxFace {
    async fn begin(&self, request: &FaceRequest) -> Result<FaceStarted, ProviderError> {
        let now = self.clock.now();
        let reference = token::fresh().map_err(failed)?;
        let row = face::ActiveModel {
            id: Set(new_id(now)),
            token: Set(reference.clone()),
            verification_id: Set(request.id),
            name: Set(request.name.clone()),
            return_url: Set(request.return_url.clone()),
            outcome: Set(None),
            created_at: Set(now.as_millisecond()),
        };
        let tx = self.db.begin().await.map_err(failed)?;
        row.insert(&*tx).await.map_err(failed)?;
        tx.commit().await.map_err(failed)?;
        // The page stands at the same address as the one to come back to.
        let host_at = request.return_url.find("://").map_or(0, |at| at + 3);
        let path_at = request.return_url[host_at..].find('/').map_or(request.return_url.len(), |at| host_at + at);
        let redirect_url = format!("{}/sandbox/face/{reference}", &request.return_url[..path_at]);
        Ok(FaceStarted { reference, redirect_url })
    }

    async fn outcome(&self, reference: &str) -> Result<FaceOutcome, ProviderError> {
        let row =
            face::Entity::find().filter(face::Column::Token.eq(reference)).one(&*self.db).await.map_err(failed)?;
        let row = row.ok_or_else(|| ProviderError::Refused("unknown reference".to_owned()))?;
        Ok(match row.outcome.as_deref() {
            None => FaceOutcome::Pending,
            Some("passed") => FaceOutcome::Passed,
            Some(_) => FaceOutcome::Failed("FACE_NOT_PASSED".to_owned()),
        })
    }
}
