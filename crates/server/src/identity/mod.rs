//! Real names: a person proves at an outside face verification that name and identity number are theirs.

mod entity;
mod http;
pub mod rules;
mod service;

pub use http::routes;
pub use service::{Outcome, begun_before, forget, outcome, verify_again};

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    account,
    app::AppState,
    error::{Kind, Result},
};

/// The action wants a verified real name.
pub const NOT_VERIFIED: Kind = Kind::new(403, "NOT_VERIFIED", "请先完成实名认证", "Please verify your real name first");

const ALREADY_VERIFIED: Kind =
    Kind::new(409, "ALREADY_VERIFIED", "您已完成实名认证", "Your real name is verified already");

/// What the identity number's sealed form is bound to.
const PURPOSE: &str = "identity-number/v1";

/// A verified person.
#[derive(Debug, Clone)]
pub struct Person {
    /// Real name.
    pub name: String,
    /// Identity number (GB 11643), 18 characters.
    pub id_number: Zeroizing<String>,
}

/// The verified person behind an account, or the refusal that says to verify first.
pub async fn require_person(state: &AppState, account_id: Uuid) -> Result<Person> {
    use sea_orm::EntityTrait as _;
    let row = account::entity::account::Entity::find_by_id(account_id).one(&*state.db).await?;
    let row = row.filter(|row| row.verified_at.is_some()).ok_or(NOT_VERIFIED)?;
    let (Some(name), Some(sealed)) = (row.name, row.id_number) else { return Err(NOT_VERIFIED.into()) };
    let id_number = state.secrets.open_sealed(PURPOSE, account_id.as_bytes(), &sealed)?;
    let id_number = String::from_utf8(id_number.to_vec()).map_err(crate::error::Problem::internal)?;
    Ok(Person { name, id_number: Zeroizing::new(id_number) })
}
