//! Accounts: a phone number proves itself by a code or a password, a cookie carries the session.
//!
//! | file | what |
//! |---|---|
//! | `codes.rs` | codes by SMS, each good for one thing |
//! | `service.rs`, `sessions.rs` | logging in and out |
//! | `passwords.rs` | login passwords and their lock |
//! | `phone_change.rs` | another number for the account |
//! | `deletion.rs` | the end of the account |
//! | `http.rs`, `security.rs` | logging in; account and security (账号与安全) |

pub mod entity;
pub mod token;

pub mod codes;
mod deletion;
mod http;
mod passwords;
pub mod phone_change;
pub mod rules;
mod security;
mod service;
pub mod sessions;

pub use entity::account::Model as AccountRow;
pub(crate) use http::check_code;
pub use service::sweep;

use axum::{extract::FromRequestParts, http::request::Parts};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use crate::{
    app::AppState,
    error::{NOT_LOGGED_IN, Problem, Result},
};

/// The routes of this feature.
pub fn routes() -> utoipa_axum::router::OpenApiRouter<AppState> {
    http::routes().merge(security::routes())
}

/// The phone's cookie.
pub const COOKIE: &str = "gq_session";

/// Who is logged in on a phone. As a handler's argument it refuses requests without a live session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// The account.
    pub id: Uuid,
    /// The session that the request belongs to.
    pub session_id: Uuid,
}

impl Account {
    /// The account's row.
    pub async fn row(&self, state: &AppState) -> Result<AccountRow> {
        entity::account::Entity::find_by_id(self.id).one(&*state.db).await?.ok_or_else(|| NOT_LOGGED_IN.problem())
    }
}

impl Account {
    /// Whether the session has not ended since.
    pub async fn is_live(&self, state: &AppState) -> Result<bool> {
        let session = entity::session::Entity::find_by_id(self.session_id).one(&*state.db).await?;
        let now = state.now().as_millisecond();
        Ok(session.is_some_and(|session| session.ended_at.is_none() && session.expires_at > now))
    }
}

impl FromRequestParts<AppState> for Account {
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
        Ok(Self { id: session.account_id, session_id: session.id })
    }
}
