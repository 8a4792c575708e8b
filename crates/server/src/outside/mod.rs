//! CAs elsewhere. An institution that the settings name has its certificates issued by a CA of its own, which is asked
//! over CMP (RFC 9810); people, review and keys stay here.
//!
//! | file | what |
//! |---|---|
//! | `issuing.rs` | a certificate is asked for, checked, and confirmed |
//! | `withdrawal.rs` | what is revoked here is revoked there |
//! | `list.rs` | the CA's revocation list, fetched |
//! | `rules.rs` | is it what was asked for |

pub mod entity;
pub mod issuing;
pub mod list;
mod rules;
pub mod withdrawal;

pub use rules::Purpose;

use std::{sync::Arc, time::Duration};

use crate::{
    app::AppState,
    error::{Kind, PROVIDER_UNAVAILABLE, Result},
    providers::OutsideCa,
};

/// The CA takes its time.
pub const ISSUER_BUSY: Kind = Kind::new(
    503,
    "ISSUER_BUSY",
    "CA机构正在签发，请一分钟后再点下载，无需重新填写",
    "The CA is still issuing. Try the download again in a minute; nothing needs to be entered again",
);
/// The CA has refused, or gave something else than what was asked for.
pub const ISSUER_REFUSED: Kind = Kind::new(
    502,
    "ISSUER_REFUSED",
    "CA机构未签发该证书，请稍后再试或联系该机构",
    "The CA did not issue this certificate; try again later or ask the institution",
);

/// How long to wait before asking once more, when the CA wishes so many seconds.
fn pause(seconds: u64) -> Duration {
    Duration::from_secs(seconds.clamp(1, 5))
}

/// The CA that issues for the institution `slug`.
fn ca(state: &AppState, slug: &str) -> Result<Arc<dyn OutsideCa>> {
    state.services.cas.get(slug).cloned().ok_or_else(|| {
        tracing::error!(slug, "the settings do not name the CA that issues for this institution");
        PROVIDER_UNAVAILABLE.problem()
    })
}
