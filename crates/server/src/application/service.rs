//! Transactions of applications.

use jiff::Timestamp;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::Application;
use crate::{
    error::{NOT_FOUND, Result},
    institution::{Institution, Product},
    storage::Tx,
};

/// An approved application whose certificate may be downloaded now.
#[derive(Debug, Clone)]
pub struct ReadyApplication {
    /// The application.
    pub application: Application,
    /// Who issues.
    pub institution: Institution,
    /// What was chosen.
    pub product: Product,
}

/// The application `id` of `account_id`, if its certificate may be downloaded now.
pub async fn require_ready(_db: &impl ConnectionTrait, _id: Uuid, _account_id: Uuid) -> Result<ReadyApplication> {
    Err(NOT_FOUND.into())
}

/// Moves a ready application to done, with what came of it. Doing it again with the same certificate changes nothing.
pub async fn mark_done(_tx: &mut Tx, _now: Timestamp, _id: Uuid, _certificate_id: Uuid) -> Result<()> {
    Err(NOT_FOUND.into())
}
