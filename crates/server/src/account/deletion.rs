//! The end of an account (注销账号): what depends on it ends with it, what tells who it was is removed, what must be kept
//! is kept. Records of certification services are kept for five years after a certificate has ended (电子签名法 第二十四条).

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, Set,
};
use uuid::Uuid;

use super::{
    Account, AccountRow,
    codes::{self, Purpose, Slot},
    entity::{account, password, phone_change},
    passwords, sessions,
};
use crate::{
    app::AppState,
    application,
    audit::{self, Actor},
    certificate,
    error::{Kind, NOT_LOGGED_IN, Result},
    feedback, identity, message,
    storage::Tx,
};

const ACCOUNT_IN_USE: Kind = Kind::new(
    409,
    "ACCOUNT_IN_USE",
    "您还有未办结的申请或生效中的证书，请确认一并结束后再注销",
    "You have open applications or active certificates; confirm that they end with the account",
);

/// What ends with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consequences {
    /// Applications that are not finished: taken back.
    pub open_applications: usize,
    /// Certificates that may be used: revoked, their keys destroyed.
    pub active_certificates: usize,
}

/// What would end with this account now.
pub async fn consequences(db: &impl ConnectionTrait, account_id: Uuid, now: Timestamp) -> Result<Consequences> {
    Ok(Consequences {
        open_applications: application::open_of(db, account_id).await?.len(),
        active_certificates: certificate::store::usable_of(db, now, account_id).await?.len(),
    })
}

/// Ends the account of whoever is logged in and reads its number's messages.
pub async fn delete(state: &AppState, who: Account, code: &str, confirmed: bool) -> Result<()> {
    let now = state.now();
    let tx = state.db.begin().await?;
    let row = account::Entity::find_by_id(who.id).one(&*tx).await?.ok_or(NOT_LOGGED_IN)?;
    let Consequences { open_applications, active_certificates } = consequences(&*tx, who.id, now).await?;
    if !confirmed && open_applications + active_certificates > 0 {
        let problem = ACCOUNT_IN_USE.problem().with("open_applications", open_applications);
        return Err(problem.with("active_certificates", active_certificates));
    }
    let slot = Slot { purpose: Purpose::Deletion, phone: &row.phone, account_id: Some(who.id) };
    let mut tx = codes::require(state, tx, slot, code, "code").await?;
    codes::spend(&tx, slot, now).await?;
    let mut drafts = application::end_all(&mut tx, now, who.id).await?;
    drafts.extend(feedback::forget(&tx, who.id).await?);
    certificate::revocation::revoke_all(&tx, now, who.id, Actor::Account(who.id)).await?;
    sessions::end_all(&mut tx, now, who.id, None).await?;
    forget(&tx, now, row).await?;
    let entry = audit::Entry {
        actor: Actor::Account(who.id),
        action: "account.delete",
        target_kind: "account",
        target_id: Some(who.id),
        detail: serde_json::json!({ "applications": open_applications, "certificates": active_certificates }),
    };
    audit::record(&tx, now, entry).await?;
    tx.commit().await?;
    application::forget_unused(state, &drafts).await
}

/// Removes what tells who it was. The number and the identity are free for a new account.
async fn forget(tx: &Tx, now: Timestamp, row: AccountRow) -> Result<()> {
    let id = row.id;
    passwords::forgive(tx, &row.phone).await?;
    password::Entity::delete_by_id(id).exec(&**tx).await?;
    phone_change::Entity::delete_many().filter(phone_change::Column::AccountId.eq(id)).exec(&**tx).await?;
    message::forget(&**tx, id).await?;
    certificate::appearance::forget(&**tx, id).await?;
    // Who never came as far as a certificate was never certified: nothing about the identity need be kept.
    use certificate::entity::certificate as certificates;
    let certified = certificates::Entity::find().filter(certificates::Column::AccountId.eq(id)).count(&**tx).await?;
    if certified == 0 {
        identity::forget(&**tx, id).await?;
    }
    let mut row = row.into_active_model();
    row.phone = Set(format!("deleted:{id}"));
    row.name = Set(None);
    row.id_number = Set(None);
    row.id_number_mac = Set(None);
    row.verified_at = Set(None);
    row.deleted_at = Set(Some(now.as_millisecond()));
    row.update(&**tx).await?;
    Ok(())
}
