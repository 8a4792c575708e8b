//! An institution's root and issuing keys and certificates.
use crate::{app::AppState, error::Result, institution};

/// Makes what the institution needs and does not have yet. Called at every start.
pub async fn ensure(_state: &AppState, _institution: &institution::Institution) -> Result<()> {
    Ok(())
}
