//! Downloads that were begun and never finished. What they have left behind ends with them: a key without a certificate, a
//! certificate that nobody holds, an encryption key that nothing was encrypted to.

use jiff::SignedDuration;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QuerySelect as _, Set,
};
use serde_json::json;

use super::{
    encryption,
    entity::{certificate, enrolment},
    rules::StoredState,
};
use crate::{
    app::AppState,
    audit::{self, Actor},
    error::Result,
    keys, kmc, outside,
    storage::Tx,
};

/// After its end a download may still be under way in a request that takes its time, not longer than this.
const SPARE: SignedDuration = SignedDuration::from_hours(1);
const BATCH: u64 = 1000;

/// Ends what unfinished downloads have left behind; returns how many those were.
pub async fn sweep(state: &AppState) -> Result<usize> {
    let over = (state.now() - SPARE).as_millisecond();
    let unfinished = || {
        enrolment::Entity::find()
            .filter(enrolment::Column::CertificateId.is_null())
            .filter(enrolment::Column::KeyId.is_not_null())
            .filter(enrolment::Column::ExpiresAt.lt(over))
    };
    let mut ended = 0;
    for row in unfinished().limit(BATCH).all(&*state.db).await? {
        let tx = state.db.begin().await?;
        // Another node may have been faster.
        let Some(row) = unfinished().filter(enrolment::Column::Id.eq(row.id)).one(&*tx).await? else { continue };
        end(state, &tx, row).await?;
        tx.commit().await?;
        ended += 1;
    }
    Ok(ended)
}

async fn end(state: &AppState, tx: &Tx, row: enrolment::Model) -> Result<()> {
    let intended = certificate::Entity::find()
        .filter(certificate::Column::EnrolmentId.eq(row.id))
        .filter(certificate::Column::State.eq(StoredState::Issuing.as_str()))
        .one(&**tx)
        .await?;
    let serial = intended.as_ref().map(|intended| intended.serial.clone());
    if let Some(intended) = intended {
        outside::issuing::abandon(state, tx, intended.id).await?;
        encryption::forget(tx, intended.id).await?;
        kmc::forget(tx, intended.id).await?;
        certificate::Entity::delete_by_id(intended.id).exec(&**tx).await?;
    }
    keys::destroy(&**tx, row.key_id).await?;
    let (id, key) = (row.id, row.key_id);
    let mut row = row.into_active_model();
    row.key_id = Set(None);
    row.update(&**tx).await?;
    let entry = audit::Entry {
        actor: Actor::System,
        action: "enrolment.abandon",
        target_kind: "enrolment",
        target_id: Some(id),
        detail: json!({ "key": key, "serial": serial }),
    };
    Ok(audit::record(tx, state.now(), entry).await?)
}
