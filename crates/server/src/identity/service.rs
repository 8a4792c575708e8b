//! Beginning a verification and settling it.

use jiff::SignedDuration;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, Set,
};
use uuid::Uuid;

use super::{
    ALREADY_VERIFIED, PURPOSE,
    entity::{self, Model as Verification},
    rules,
};
use crate::{
    account::entity::account,
    app::AppState,
    audit::{self, Actor},
    error::{FIELDS_INVALID, NOT_FOUND, Result, TOO_MANY_REQUESTS},
    message::{self, Draft},
    providers::{FaceOutcome, FaceRequest},
    storage::Tx,
};

/// Attempts of one account in a day: each costs money at the provider.
const DAILY: u64 = 10;
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// A verification that gives the account its real name.
const FIRST: &str = "real_name";
/// A verification that the account's real name is still whose it was.
const AGAIN: &str = "again";

/// What the user entered.
#[derive(Debug)]
pub struct Claim<'a> {
    /// Name.
    pub name: &'a str,
    /// Identity number.
    pub id_number: &'a str,
    /// Page to come back to.
    pub return_path: &'a str,
}

/// Begins a verification; returns it and where to send the browser. The attempt is stored before the provider hears of it.
pub async fn begin(state: &AppState, account_id: Uuid, claim: Claim<'_>, origin: &str) -> Result<(Uuid, String)> {
    let now = state.now();
    // Birthdays are days of China.
    let today = jiff::tz::offset(8).to_datetime(now).date();
    let name = rules::parse_name(claim.name).ok_or_else(|| FIELDS_INVALID.field("name", "NAME_INVALID"))?;
    let number = rules::parse_id_number(claim.id_number, today)
        .ok_or_else(|| FIELDS_INVALID.field("id_number", "ID_NUMBER_INVALID"))?;
    if !rules::is_own_path(claim.return_path) {
        return Err(FIELDS_INVALID.field("return_url_path", "PATH_INVALID"));
    }
    let tx = state.db.begin().await?;
    let account = account::Entity::find_by_id(account_id).one(&*tx).await?.ok_or(NOT_FOUND)?;
    if account.verified_at.is_some() {
        return Err(ALREADY_VERIFIED.into());
    }
    start(state, tx, account_id, Attempt { purpose: FIRST, name, number, return_path: claim.return_path }, origin).await
}

/// Begins to verify that it is still the person of this account, under the name and number of the first verification.
pub async fn verify_again(
    state: &AppState,
    account_id: Uuid,
    return_path: &str,
    origin: &str,
) -> Result<(Uuid, String)> {
    if !rules::is_own_path(return_path) {
        return Err(FIELDS_INVALID.field("return_url_path", "PATH_INVALID"));
    }
    let person = super::require_person(state, account_id).await?;
    let attempt = Attempt { purpose: AGAIN, name: person.name, number: person.id_number.to_string(), return_path };
    let tx = state.db.begin().await?;
    start(state, tx, account_id, attempt, origin).await
}

/// What is handed to the provider, and what it will mean.
struct Attempt<'a> {
    purpose: &'static str,
    name: String,
    number: String,
    return_path: &'a str,
}

/// Stores an attempt, then announces it to the provider.
async fn start(
    state: &AppState,
    tx: Tx,
    account_id: Uuid,
    attempt: Attempt<'_>,
    origin: &str,
) -> Result<(Uuid, String)> {
    let now = state.now();
    let recent = entity::Entity::find()
        .filter(entity::Column::AccountId.eq(account_id))
        .filter(entity::Column::CreatedAt.gt((now - DAY).as_millisecond()));
    if recent.count(&*tx).await? >= DAILY {
        return Err(TOO_MANY_REQUESTS.problem().retry_after(DAY.as_secs()));
    }
    let id = state.new_id();
    let Attempt { purpose, name, number, return_path } = attempt;
    let row = entity::ActiveModel {
        id: Set(id),
        account_id: Set(account_id),
        name: Set(name.clone()),
        id_number: Set(state.secrets.seal(PURPOSE, account_id.as_bytes(), number.as_bytes())?),
        id_number_mac: Set(number_mac(state, &number)),
        status: Set("pending".to_owned()),
        reason_code: Set(None),
        provider_reference: Set(None),
        return_path: Set(return_path.to_owned()),
        created_at: Set(now.as_millisecond()),
        updated_at: Set(now.as_millisecond()),
        purpose: Set(purpose.to_owned()),
    };
    let row = row.insert(&*tx).await?;
    record(&tx, state, account_id, id, "identity.begin").await?;
    tx.commit().await?;
    let request = FaceRequest { id, name, id_number: number, return_url: return_url(origin, return_path, id) };
    let started = state.services.face.begin(&request).await?;
    let mut row = row.into_active_model();
    row.provider_reference = Set(Some(started.reference));
    let tx = state.db.begin().await?;
    row.update(&*tx).await?;
    tx.commit().await?;
    Ok((id, started.redirect_url))
}

/// The page to come back to, with the verification's id as its parameter.
fn return_url(origin: &str, path: &str, id: Uuid) -> String {
    let (path, fragment) =
        path.split_once('#').map_or((path, String::new()), |(path, rest)| (path, format!("#{rest}")));
    let join = if path.contains('?') { '&' } else { '?' };
    format!("{origin}{path}{join}verification={id}{fragment}")
}

fn number_mac(state: &AppState, number: &str) -> Vec<u8> {
    gm::sm3::hmac(&*state.secrets.key("identity-number-lookup/v1"), number.as_bytes()).to_vec()
}

/// Looks at a verification, asking the provider how it went when that is not known yet.
pub async fn look(state: &AppState, account_id: Uuid, id: Uuid) -> Result<Verification> {
    let row = entity::Entity::find_by_id(id).one(&*state.db).await?;
    let row = row.filter(|row| row.account_id == account_id).ok_or(NOT_FOUND)?;
    let Some(reference) = row.provider_reference.as_ref().filter(|_| row.status == "pending") else { return Ok(row) };
    match state.services.face.outcome(reference).await? {
        FaceOutcome::Pending => Ok(row),
        FaceOutcome::Passed => settle(state, id, Ok(())).await,
        FaceOutcome::Failed(reason) => settle(state, id, Err(&reason)).await,
    }
}

/// How a verification went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The person has not finished at the provider.
    Pending,
    /// It is the person.
    Passed,
    /// It is not, or the person gave up.
    Failed,
}

/// How a verification that [`verify_again`] began went.
pub async fn outcome(state: &AppState, account_id: Uuid, id: Uuid) -> Result<Outcome> {
    let row = look(state, account_id, id).await?;
    if row.purpose != AGAIN {
        return Err(NOT_FOUND.into());
    }
    Ok(match row.status.as_str() {
        "passed" => Outcome::Passed,
        "failed" => Outcome::Failed,
        _ => Outcome::Pending,
    })
}

/// Whether a verification was begun before a moment; one that is gone was.
pub async fn begun_before(state: &AppState, id: Uuid, moment: jiff::Timestamp) -> Result<bool> {
    let row = entity::Entity::find_by_id(id).one(&*state.db).await?;
    Ok(row.is_none_or(|row| row.created_at < moment.as_millisecond()))
}

/// Writes the outcome down, once. A person who passed, but whose identity belongs to another account, has failed.
async fn settle(state: &AppState, id: Uuid, outcome: Result<(), &str>) -> Result<Verification> {
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let row = entity::Entity::find_by_id(id).one(&*tx).await?.ok_or(NOT_FOUND)?;
    if row.status != "pending" {
        return Ok(row);
    }
    let taken = account::Entity::find()
        .filter(account::Column::IdNumberMac.eq(row.id_number_mac.clone()))
        .filter(account::Column::Id.ne(row.account_id))
        .count(&*tx)
        .await?
        > 0;
    let account = account::Entity::find_by_id(row.account_id).one(&*tx).await?.ok_or(NOT_FOUND)?;
    let first = row.purpose == FIRST;
    let failure = match outcome {
        // Under the name and number that the account has: nothing of the account changes.
        Ok(()) if !first => None,
        Ok(()) if taken => Some("IDENTITY_TAKEN"),
        Ok(()) if account.verified_at.is_some() => Some("ALREADY_VERIFIED"),
        Ok(()) => None,
        Err(reason) => Some(reason),
    };
    if failure.is_none() && first {
        let mut account = account.into_active_model();
        account.name = Set(Some(row.name.clone()));
        account.id_number = Set(Some(row.id_number.clone()));
        account.id_number_mac = Set(Some(row.id_number_mac.clone()));
        account.verified_at = Set(Some(now.as_millisecond()));
        account.update(&*tx).await?;
    }
    let account_id = row.account_id;
    let mut change = row.into_active_model();
    change.status = Set(if failure.is_none() { "passed" } else { "failed" }.to_owned());
    change.reason_code = Set(failure.map(str::to_owned));
    change.updated_at = Set(now.as_millisecond());
    let row = change.update(&*tx).await?;
    record(&tx, state, account_id, id, if failure.is_none() { "identity.pass" } else { "identity.fail" }).await?;
    if failure.is_none() && first {
        message::post(&mut tx, now, account_id, passed_message()).await?;
    }
    tx.commit().await?;
    Ok(row)
}

fn passed_message() -> Draft<'static> {
    Draft {
        kind: "identity_verified",
        title: ("实名认证成功", "Real name verified"),
        body: (
            "您已完成实名认证，现在可以申请个人证书。".to_owned(),
            "Your real name is verified. You can apply for a personal certificate now.".to_owned(),
        ),
        action: None,
    }
}

async fn record(tx: &Tx, state: &AppState, account_id: Uuid, id: Uuid, action: &str) -> Result<()> {
    let entry = audit::Entry {
        actor: Actor::Account(account_id),
        action,
        target_kind: "identity_verification",
        target_id: Some(id),
        detail: serde_json::json!({}),
    };
    Ok(audit::record(tx, state.now(), entry).await?)
}

/// Removes every attempt of a person who leaves.
pub async fn forget(db: &impl ConnectionTrait, account_id: Uuid) -> Result<()> {
    entity::Entity::delete_many().filter(entity::Column::AccountId.eq(account_id)).exec(db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_return_address_names_the_verification() {
        let id = Uuid::nil();
        let parameter = "verification=00000000-0000-0000-0000-000000000000";
        assert_eq!(return_url("http://a", "/x", id), format!("http://a/x?{parameter}"));
        assert_eq!(return_url("http://a", "/x?y=1#z", id), format!("http://a/x?y=1&{parameter}#z"));
    }
}
