//! What becomes of applications when their owner leaves.

use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::{
    Application, drafts,
    entity::{application, material},
    letters,
    rules::{self, Event},
    store::{self, Extra, Mover},
};
use crate::{app::AppState, error::Result, storage::Tx};

/// The applications of an account to which something may still happen.
pub async fn open_of(db: &impl ConnectionTrait, account_id: Uuid) -> Result<Vec<Application>> {
    let rows = application::Entity::find().filter(application::Column::AccountId.eq(account_id)).all(db).await?;
    let mut open = Vec::new();
    for row in rows {
        if row.state()?.is_open() {
            open.push(row);
        }
    }
    Ok(open)
}

/// Takes back or closes every open application of an account, and removes the pictures of those that nobody has seen.
/// Returns the objects that these named, for [`forget_unused`] after the commit.
pub async fn end_all(tx: &mut Tx, now: Timestamp, account_id: Uuid) -> Result<Vec<String>> {
    let mut objects = Vec::new();
    for row in open_of(&**tx, account_id).await? {
        if row.submitted_at.is_none() {
            objects.extend(store::materials(&**tx, row.id).await?.into_iter().map(|material| material.blob));
            material::Entity::delete_many().filter(material::Column::ApplicationId.eq(row.id)).exec(&**tx).await?;
        }
        let (route, from) = (store::route(&**tx, &row).await?, row.state()?);
        let event = [Event::Withdraw, Event::Expire].into_iter().find(|event| rules::next(route, from, *event).is_ok());
        if let Some(event) = event {
            store::advance(tx, now, row, event, Mover::Applicant(account_id), Extra::default()).await?;
        }
    }
    Ok(objects)
}

/// Removes objects that no row names any more.
pub async fn forget_unused(state: &AppState, objects: &[String]) -> Result<()> {
    for object in objects {
        drafts::forget_unused(state, object).await?;
    }
    Ok(())
}

/// Ends an open application because what it rests on is gone, and tells those whom it concerns why.
pub async fn close(tx: &mut Tx, now: Timestamp, row: Application, reason: &str) -> Result<()> {
    let (route, from) = (store::route(&**tx, &row).await?, row.state()?);
    let event = [Event::Refuse, Event::Expire].into_iter().find(|event| rules::next(route, from, *event).is_ok());
    let Some(event) = event else { return Ok(()) };
    let extra = Extra { reason: Some(reason), ..Extra::default() };
    let row = store::advance(tx, now, row, event, Mover::System, extra).await?;
    letters::tell(tx, now, &row, Some(reason)).await
}

/// Ends whatever a person has open in an enterprise that they leave, and what others have open for them there.
pub async fn end_in_enterprise(tx: &mut Tx, now: Timestamp, enterprise_id: Uuid, account_id: Uuid) -> Result<()> {
    let theirs = Condition::any()
        .add(application::Column::AccountId.eq(account_id))
        .add(application::Column::HolderId.eq(account_id));
    let open = application::Entity::find()
        .filter(application::Column::EnterpriseId.eq(enterprise_id))
        .filter(application::Column::OpenSlot.is_not_null())
        .filter(theirs)
        .all(&**tx)
        .await?;
    for row in open {
        close(tx, now, row, "该人员已离开企业（the person has left the enterprise）").await?;
    }
    Ok(())
}
