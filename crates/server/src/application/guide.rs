//! The next step towards a certificate: 去认证 → 去申请 → (审核中) → 去下载 (manual 1.4).

use sea_orm::{ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Application,
    entity::application,
    rules::{Ending, State},
};
use crate::{account::AccountRow, error::Result};

/// The next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Guide {
    /// Verify the real name.
    Verify,
    /// Apply for a certificate, or finish the draft.
    Apply,
    /// Wait for the administrator or the review.
    Wait,
    /// Download the certificate.
    Download,
    /// Nothing is left to do.
    Done,
}

/// The next step for `account`, and the application it speaks of: of those that end with a certificate in this
/// person's hands, one that can be downloaded, else the newest.
pub async fn guide(db: &impl ConnectionTrait, account: &AccountRow) -> Result<(Guide, Option<Uuid>)> {
    if account.verified_at.is_none() {
        return Ok((Guide::Verify, None));
    }
    let mine = Condition::any()
        .add(application::Column::AccountId.eq(account.id))
        .add(application::Column::HolderId.eq(account.id));
    let rows = application::Entity::find()
        .filter(mine)
        .order_by_desc(application::Column::CreatedAt)
        .order_by_desc(application::Column::Id)
        .all(db)
        .await?;
    let mut newest = None;
    for row in &rows {
        let Some(step) = step(row, account.id)? else { continue };
        if step == Guide::Download {
            return Ok((step, Some(row.id)));
        }
        newest = newest.or(Some((step, Some(row.id))));
    }
    Ok(newest.unwrap_or((Guide::Apply, None)))
}

fn step(row: &Application, account_id: Uuid) -> Result<Option<Guide>> {
    if row.holder() != account_id || row.kind_row()?.ending != Ending::Certificate {
        return Ok(None);
    }
    Ok(match row.state()? {
        // What somebody else still writes for this person is not theirs to finish.
        State::Draft => (row.account_id == account_id).then_some(Guide::Apply),
        State::WithAdmin | State::WithReviewer | State::WithSecondReviewer | State::Approved => Some(Guide::Wait),
        State::PaymentDue | State::Ready => Some(Guide::Download),
        State::Done => Some(Guide::Done),
        State::Refused | State::Withdrawn | State::Expired => None,
    })
}
