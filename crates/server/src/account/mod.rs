//! Accounts: a phone number proves itself by a code, a cookie carries the session.

pub mod entity;
pub mod token;

mod http;
pub mod rules;
mod service;

pub use entity::account::Model as AccountRow;
pub use http::routes;

use axum::{extract::FromRequestParts, http::request::Parts};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use crate::{
    app::AppState,
    error::{NOT_LOGGED_IN, Problem, Result},
};

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
