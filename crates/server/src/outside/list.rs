//! The revocation list of a CA elsewhere, so that what people sign is judged by it here as anywhere.

use jiff::Timestamp;
use pki::Crl;

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

/// The CA's newest list; none if the settings do not say where it lies, or if an older one than we know lies there.
pub async fn fetch(state: &AppState, row: &Model) -> Result<Option<Fetched>> {
    let Some(list) = ca(state, &row.slug)?.revocation_list().await? else { return Ok(None) };
    let known = row.crl.as_ref().and_then(|known| Crl::read(known).ok());
    if known.is_some_and(|known| list.tbs.this_update < known.tbs.this_update) {
        tracing::warn!(slug = row.slug, "an old revocation list lies where the newest should be");
        return Ok(None);
    }
    // One that does not say when it grows old is fetched again soon.
    let next_update = list.tbs.next_update.unwrap_or_else(|| authority::seconds(state.now()) + 3600);
    let next_update = i64::try_from(next_update).ok().and_then(|at| Timestamp::from_second(at).ok());
    Ok(Some(Fetched { der: list.der, next_update: next_update.unwrap_or(Timestamp::MAX) }))
}
