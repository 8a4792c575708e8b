//! The transparency log: a Merkle tree over the audit entries whose heads are signed, so that whoever has seen a head
//! notices any entry that is changed, taken out or slipped in before it (`docs/transparency.md`).
//!
//! The tree lies over the audit log and adds nothing to what a signature costs: every few seconds what is new is
//! integrated and a head is signed.
//!
//! | file | what |
//! |---|---|
//! | `key.rs` | the key that signs heads |
//! | `tree.rs` | integrating entries, proving |
//! | `uses.rs` | what was done with one's own key, each with its proof |
//! | `http.rs` | heads and consistency proofs, for everybody |
//! | `check.rs` | `guiqian audit verify` |

pub mod check;
pub mod entity;
mod http;
mod key;
mod tree;
mod uses;

pub use tree::integrate;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::AppState, error::Result};

/// Makes the key at first start, and covers what there is.
pub async fn ensure(state: &AppState) -> Result<()> {
    key::ensure(state).await?;
    // A log that does not fit together must not keep the platform from serving, and is not signed.
    if let Err(error) = integrate(state).await {
        tracing::error!(%error, "transparency log");
    }
    Ok(())
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(http::head)).routes(routes!(http::consistency)).routes(routes!(uses::uses))
}
