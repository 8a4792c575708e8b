//! CA institutions: who issues, what they sell, what they want to see.

mod console;
pub mod entity;
mod http;
mod rules;
mod sandbox;
mod settings;

pub use entity::{institution::Model as Institution, product::Model as Product};
pub use http::{InstitutionRef, ProductBody};
pub use rules::line;
pub use sandbox::ensure_sandbox;

use utoipa_axum::router::OpenApiRouter;

use crate::app::AppState;

impl Institution {
    /// The policy under which it issues, if it names one.
    pub fn policy(&self) -> Option<pki::ObjectIdentifier> {
        pki::ObjectIdentifier::new(&self.policy_oid).ok()
    }
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    http::routes().merge(console::routes())
}
