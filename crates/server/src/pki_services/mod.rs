//! What other people's software asks: the institutions' certificates and revocation lists, whether a certificate is
//! revoked now (OCSP), and time stamps.
//!
//! | file | what |
//! |---|---|
//! | `crl.rs` | revocation lists |
//! | `ocsp.rs` | answers about single certificates |
//! | `ahead.rs` | such answers before anybody asks |
//! | `tsa.rs` | time stamps |
//! | `signers.rs` | the delegated certificates that sign for the last two |
//! | `withdrawal.rs` | the end of such a certificate before its time |
//! | `http.rs` | routes, media types, caching |

mod ahead;
pub mod crl;
pub mod entity;
mod http;
pub mod ocsp;
mod signers;
pub mod tsa;
pub mod withdrawal;

pub use ahead::presign;
pub use signers::ensure;

use axum::routing::get;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::AppState,
    certificate::entity::authority,
    error::{NOT_FOUND, Result},
};

/// What the services keep in memory.
#[derive(Default)]
pub struct Services {
    signers: signers::Signers,
    kept: ocsp::Kept,
}

/// The addresses that a certificate of an institution carries.
pub struct Urls {
    /// The revocation list.
    pub crl: String,
    /// The issuing CA's certificate.
    pub issuer: String,
    /// The OCSP responder.
    pub ocsp: String,
}

impl Urls {
    /// Of the institution `slug`.
    pub fn of(state: &AppState, slug: &str) -> Self {
        let at = |name: &str| format!("{}/pki/{slug}/{name}", state.config.origin);
        Self { crl: at("ca.crl"), issuer: at("ca.cer"), ocsp: at("ocsp") }
    }
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(http::ca))
        .routes(routes!(http::root))
        .routes(routes!(http::ca_crl))
        .routes(routes!(http::ocsp_post))
        .routes(routes!(http::ocsp_get))
        .routes(routes!(http::time_stamp))
        // One operation of the description under two paths.
        .route("/pki/{slug}/ocsp/{request}/{*rest}", get(http::ocsp_get_with_slashes))
}

async fn authority(state: &AppState, slug: &str) -> Result<authority::Model> {
    let row = authority::Entity::find().filter(authority::Column::Slug.eq(slug)).one(&*state.db).await?;
    row.ok_or_else(|| NOT_FOUND.problem())
}
