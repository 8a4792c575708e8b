//! What becomes of applications when their owner leaves.

use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::{
    Application,
    entity::{application, material},
    rules::{self, Event},
    service,
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
        service::forget_unused(state, object).await?;
    }
    Ok(())
}
