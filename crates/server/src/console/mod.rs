//! The console: the institutions' reviewers decide applications there, and the platform's operators run the platform.
//!
//! | file | what |
//! |---|---|
//! | `policy.rs` | roles, and who may do what |
//! | `service.rs`, `session.rs`, `own.rs` | logins by password; one's own password and sessions |
//! | `scan_login.rs` | logins by the phone, and linking one's account for it |
//! | `bootstrap.rs`, `staff.rs`, `reviewers.rs` | the first operator; everybody else |
//! | `queue.rs`, `hold.rs` | what waits, and who has it in hand |
//! | `review.rs`, `hints.rs`, `letter.rs` | one application: its material, its facts, the decision |
//! | `seen.rs` | who saw what |
//! | `certificates.rs`, `statistics.rs` | what was issued, figures |
//!
//! An institution's people see nothing of the others. The platform's own people, who belong to no institution, see all.

mod bootstrap;
mod certificates;
pub mod entity;
mod hints;
mod hold;
mod letter;
mod own;
pub mod policy;
mod queue;
mod review;
mod reviewers;
mod rules;
mod scan_login;
mod seen;
mod service;
mod session;
mod staff;
mod statistics;

pub use bootstrap::{NewReviewer, add_reviewer, ensure_bootstrap_reviewer};
pub use rules::search_words as plain_words;
pub use service::sweep;

use axum::{extract::FromRequestParts, http::request::Parts};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::{
    account::token,
    app::AppState,
    error::{FORBIDDEN, NOT_FOUND, NOT_LOGGED_IN, Problem, Result},
};
use policy::{Act, Role, Scope};

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
    /// What they are.
    pub role: Role,
}

impl Reviewer {
    fn of(row: &entity::reviewer::Model, session_id: Uuid) -> Result<Self> {
        Ok(Self {
            id: row.id,
            session_id,
            username: row.username.clone(),
            name: row.name.clone(),
            institution_id: row.institution_id,
            role: row.role()?,
        })
    }

    /// Whose business this reviewer sees.
    pub fn scope(&self) -> Scope {
        if self.institution_id.is_none() { Scope::Platform } else { Scope::Institution }
    }

    /// Whether what belongs to `institution` is this reviewer's business.
    pub fn may_see(&self, institution: Option<Uuid>) -> bool {
        self.institution_id.is_none() || self.institution_id == institution
    }

    /// Whether this reviewer may do this within their scope.
    pub fn may(&self, act: Act) -> bool {
        policy::allows(self.role, self.scope(), act)
    }

    /// Refuses what this reviewer may not do.
    pub fn require(&self, act: Act) -> Result<()> {
        if self.may(act) { Ok(()) } else { Err(FORBIDDEN.into()) }
    }

    /// Refuses what this reviewer may not do with what belongs to `institution`; another's does not exist.
    pub fn require_for(&self, act: Act, institution: Option<Uuid>) -> Result<()> {
        if self.may_see(institution) { self.require(act) } else { Err(NOT_FOUND.into()) }
    }
}

impl entity::reviewer::Model {
    /// What they are.
    pub fn role(&self) -> Result<Role> {
        Role::parse(&self.role).ok_or_else(|| Problem::internal("unknown role in the database"))
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
        let row = row.filter(|row| row.disabled_at.is_none()).ok_or(NOT_LOGGED_IN)?;
        Self::of(&row, session.id)
    }
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    session::routes()
        .merge(own::routes())
        .merge(scan_login::routes())
        .merge(reviewers::routes())
        .merge(queue::routes())
        .merge(hold::routes())
        .merge(review::routes())
        .merge(letter::routes())
        .merge(certificates::routes())
        .merge(statistics::routes())
}
