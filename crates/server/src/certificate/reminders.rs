//! Messages before a certificate ends: 60, 30, 7 and 1 days, each once, whatever restarts in between.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Set,
    sea_query::{Expr, ExprTrait as _, OnConflict, Query},
};
use uuid::Uuid;

use super::{
    entity::{certificate, expiry_notice},
    rules::{REMINDERS, StoredState, reminder_span},
};
use crate::{
    app::AppState,
    clock::from_millis,
    error::Result,
    message::{self, Action, Draft},
    storage::Tx,
};

/// Certificates that are read at once.
const BATCH: u64 = 200;

/// Sends every reminder that is due and was not sent; returns how many. Of those that were missed while nothing ran, the
/// nearest alone is sent.
pub async fn remind(state: &AppState) -> Result<u64> {
    let mut sent = 0;
    for days in REMINDERS {
        loop {
            let due = due(state, days).await?;
            let whole = due.len() as u64 == BATCH;
            for row in due {
                sent += u64::from(send(state, &row, days).await?);
            }
            if !whole {
                break;
            }
        }
    }
    Ok(sent)
}

async fn due(state: &AppState, days: i32) -> Result<Vec<certificate::Model>> {
    let (after, until) = reminder_span(state.now(), days);
    let sent = Query::select()
        .column(expiry_notice::Column::CertificateId)
        .from(expiry_notice::Entity)
        .and_where(Expr::col(expiry_notice::Column::Days).eq(days))
        .to_owned();
    let find = certificate::Entity::find()
        .filter(certificate::Column::State.eq(StoredState::Issued.as_str()))
        .filter(certificate::Column::NotAfter.gt(after.as_millisecond()))
        .filter(certificate::Column::NotAfter.lte(until.as_millisecond()))
        .filter(certificate::Column::Id.not_in_subquery(sent));
    Ok(find.order_by_asc(certificate::Column::NotAfter).limit(BATCH).all(&*state.db).await?)
}

/// The notice is written down with the message: of two nodes at once, one sends it.
async fn send(state: &AppState, row: &certificate::Model, days: i32) -> Result<bool> {
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let notice =
        expiry_notice::ActiveModel { certificate_id: Set(row.id), days: Set(days), sent_at: Set(now.as_millisecond()) };
    let once = OnConflict::columns([expiry_notice::Column::CertificateId, expiry_notice::Column::Days])
        .do_nothing()
        .to_owned();
    let written = expiry_notice::Entity::insert(notice).on_conflict(once).exec_without_returning(&*tx).await?;
    if written == 0 {
        return Ok(false);
    }
    message::post(&mut tx, now, row.account_id, draft(row, now)).await?;
    tx.commit().await?;
    Ok(true)
}

/// A certificate in place of another with the same end: what its holder has been told holds for it too.
pub async fn carry_over(tx: &Tx, old: Uuid, new: Uuid) -> Result<()> {
    let told = expiry_notice::Entity::find().filter(expiry_notice::Column::CertificateId.eq(old)).all(&**tx).await?;
    for notice in told {
        let notice = expiry_notice::Model { certificate_id: new, ..notice }.into_active_model().reset_all();
        expiry_notice::Entity::insert(notice).exec_without_returning(&**tx).await?;
    }
    Ok(())
}

fn draft(row: &certificate::Model, now: Timestamp) -> Draft<'static> {
    let end = from_millis(row.not_after);
    let day = jiff::tz::offset(8).to_datetime(end).date();
    // A started day counts as one.
    let left = (end.duration_since(now).as_secs() + 86_399) / 86_400;
    let whose = &row.subject_name;
    Draft {
        kind: "certificate_expiring",
        title: ("证书即将过期", "Your certificate expires soon"),
        body: (
            format!("“{whose}”的证书将于 {day} 到期，还剩 {left} 天。到期后将无法登录和签章，请及时续期。"),
            format!(
                "The certificate of {whose} ends on {day}, in {left} days. It signs nothing afterwards; please renew it \
                 in time."
            ),
        ),
        action: Some(Action::OpenCertificate(row.id)),
    }
}
