//! The revocation list of a CA elsewhere, so that what people sign is judged by it here as anywhere.

use jiff::Timestamp;

use super::ca;
use crate::{
    app::AppState,
    certificate::{authority, entity::authority::Model},
    error::Result,
};

/// A list as it is kept.
pub struct Fetched {
    /// DER.
    pub der: Vec<u8>,
    /// When there will be a newer one.
    pub next_update: Timestamp,
}

/// The CA's newest list; none if the settings do not say where it lies.
pub async fn fetch(state: &AppState, row: &Model) -> Result<Option<Fetched>> {
    let Some(list) = ca(state, &row.slug)?.revocation_list().await? else { return Ok(None) };
    // One that does not say when it grows old is fetched again soon.
    let next_update = list.tbs.next_update.unwrap_or_else(|| authority::seconds(state.now()) + 3600);
    let next_update = i64::try_from(next_update).ok().and_then(|at| Timestamp::from_second(at).ok());
    Ok(Some(Fetched { der: list.der, next_update: next_update.unwrap_or(Timestamp::MAX) }))
}
