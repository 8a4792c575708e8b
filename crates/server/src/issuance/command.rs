//! `guiqian issuance halt|resume|status`, beside a platform that runs.

use std::io::Write as _;

use anyhow::Context as _;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};
use serde_json::json;
use uuid::Uuid;

use super::{
    rules::{Resumption, Voice},
    service, store,
};
use crate::{
    clock::{Clock as _, SystemClock, from_millis},
    config::IssuanceOptions,
    institution::entity::institution,
    storage::Storage,
};

/// The voice of whoever may run this program on the database.
const COMMAND_LINE: Voice = Voice(None);

/// Halts.
pub async fn halt(options: IssuanceOptions, reason: &str) -> anyhow::Result<()> {
    let (db, institution_id) = open(&options).await?;
    service::halt(&db, SystemClock.now(), COMMAND_LINE, institution_id, reason).await?;
    say(&db).await
}

/// Resumes, or asks for it where another voice is needed.
pub async fn resume(options: IssuanceOptions, reason: &str) -> anyhow::Result<()> {
    let (db, institution_id) = open(&options).await?;
    let halt = store::of(&*db, institution_id).await?.context("this is not halted")?;
    let outcome = service::resume(&db, SystemClock.now(), COMMAND_LINE, halt.id, reason).await?;
    if outcome == Resumption::Asked {
        tracing::warn!("four eyes are wanted: an operator must resume at the console too");
    }
    say(&db).await
}

/// Says what is halted.
pub async fn status(options: IssuanceOptions) -> anyhow::Result<()> {
    say(&open(&options).await?.0).await
}

async fn open(options: &IssuanceOptions) -> anyhow::Result<(Storage, Option<Uuid>)> {
    let db = options.database.open().await?;
    let institution_id = match &options.institution {
        None => None,
        Some(slug) => {
            let find = institution::Entity::find().filter(institution::Column::Slug.eq(slug));
            Some(find.one(&*db).await?.context("no institution has this short name")?.id)
        }
    };
    Ok((db, institution_id))
}

/// One line of JSON.
async fn say(db: &Storage) -> anyhow::Result<()> {
    let mut halts = Vec::new();
    for row in store::concerning(&**db, None).await? {
        halts.push(json!({
            "institution": slug(&**db, row.institution_id).await?,
            "reason": row.reason,
            "halted_at": from_millis(row.halted_at),
            "resumption_asked": row.asked_at.is_some(),
        }));
    }
    writeln!(std::io::stdout(), "{}", json!({ "halts": halts }))?;
    Ok(())
}

/// None: the whole platform.
async fn slug(db: &impl ConnectionTrait, id: Option<Uuid>) -> anyhow::Result<Option<String>> {
    let Some(id) = id else { return Ok(None) };
    Ok(institution::Entity::find_by_id(id).one(db).await?.map(|row| row.slug))
}
