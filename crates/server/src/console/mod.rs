//! The console: reviewers log in, see the queue of their institution, approve or refuse.
//!
//! A reviewer belongs to one institution and sees nothing of the others. The first reviewer, made at first start, belongs
//! to the platform: sees every institution's queue, and alone reads the audit log.

mod certificate_actions;
mod certificates;
pub mod entity;
mod review;
mod rules;
mod service;
mod session;

pub use service::{add_reviewer, ensure_bootstrap_reviewer};

use axum::{extract::FromRequestParts, http::request::Parts};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::{
    account::token,
    app::AppState,
    error::{NOT_LOGGED_IN, Problem, Result},
};

/// The console's cookie.
pub const COOKIE: &str = "gq_console";

/// Who is logged in at the console. As a handler's argument it refuses requests without a live session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewer {
    /// The reviewer.
    pub id: Uuid,
    /// The session that the request belongs to.
    pub session_id: Uuid,
    /// Login name.
    pub username: String,
    /// Name shown.
    pub name: String,
    /// Whose applications and certificates; none: every institution's.
    pub institution_id: Option<Uuid>,
    /// `reviewer`.
    pub role: String,
}

impl Reviewer {
    fn of(row: &entity::reviewer::Model, session_id: Uuid) -> Self {
        Self {
            id: row.id,
            session_id,
            username: row.username.clone(),
            name: row.name.clone(),
            institution_id: row.institution_id,
            role: row.role.clone(),
        }
    }

    /// Whether what belongs to `institution` is this reviewer's business.
    pub fn may_see(&self, institution: Option<Uuid>) -> bool {
        self.institution_id.is_none() || self.institution_id == institution
    }
}

impl FromRequestParts<AppState> for Reviewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self> {
        let token = token::from_cookie(&parts.headers, COOKIE).ok_or(NOT_LOGGED_IN)?;
        let session = entity::session::Entity::find()
            .filter(entity::session::Column::TokenDigest.eq(token::digest(&token)))
            .filter(entity::session::Column::EndedAt.is_null())
            .filter(entity::session::Column::ExpiresAt.gt(state.now().as_millisecond()))
            .one(&*state.db)
            .await?
            .ok_or(NOT_LOGGED_IN)?;
        let row = entity::reviewer::Entity::find_by_id(session.reviewer_id).one(&*state.db).await?;
        let row = row.ok_or(NOT_LOGGED_IN)?;
        Ok(Self::of(&row, session.id))
    }
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    session::routes().merge(review::routes()).merge(certificates::routes()).merge(certificate_actions::routes())
}
