//! Beginning a recovery and proving that it is the owner who asks.

use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _, Set};
use serde_json::json;
use uuid::Uuid;

use super::{
    entity::{Entity, Model},
    rules::{self, Kind},
    store,
};
use crate::{
    account::{
        Account,
        codes::{self, Purpose, Slot},
    },
    app::AppState,
    audit::{self, Actor},
    clock::from_millis,
    error::{Kind as Refusal, NOT_FOUND, Problem, Result},
    identity::{self, Outcome},
    keys::{
        entity::split_key,
        rules::{Barred, KeyState, Leave, admit},
    },
};

const OVER: Refusal =
    Refusal::new(409, "KEY_RECOVERY_OVER", "本次操作已失效，请重新开始", "This has expired; please start again");
const NOT_FROZEN: Refusal = Refusal::new(
    409,
    "KEY_NOT_FROZEN",
    "该证书没有被冻结，可以直接使用",
    "This certificate is not frozen; you can use it as it is",
);
const LOCKED: Refusal = Refusal::new(
    409,
    "KEY_LOCKED",
    "证书密码已锁定，请使用“忘记证书密码”",
    "The PIN is locked; choose “Forgot the PIN” instead",
);
const SUSPENDED: Refusal = Refusal::new(
    409,
    "KEY_SUSPENDED",
    "该证书已被CA机构暂停，请联系客服",
    "The institution has suspended this certificate; please contact support",
);
const REVOKED: Refusal = Refusal::new(
    409,
    "KEY_REVOKED",
    "该证书已注销，请重新申领证书",
    "This certificate is revoked; please apply for a new one",
);

/// The account's key, in a state in which it can be recovered.
async fn recoverable(state: &AppState, who: Account, key_id: Uuid, kind: Kind) -> Result<split_key::Model> {
    let key = split_key::Entity::find_by_id(key_id).one(&*state.db).await?;
    let key = key.filter(|key| key.account_id == who.id).ok_or(NOT_FOUND)?;
    let stands = KeyState::parse(&key.state).ok_or(NOT_FOUND)?;
    let barred = admit(stands, key.failures, key.total_failures, Leave::NONE).err();
    match (kind, barred) {
        (_, Some(Barred::Suspended)) => Err(SUSPENDED.into()),
        (_, Some(Barred::Revoked)) => Err(REVOKED.into()),
        (Kind::Unfreeze, None) => Err(NOT_FROZEN.into()),
        (Kind::Unfreeze, Some(Barred::Locked)) => Err(LOCKED.into()),
        _ => Ok(key),
    }
}

/// Begins a recovery in the place of any that is under way, and sends the code where one is asked for.
pub async fn begin(state: &AppState, who: Account, key_id: Uuid, kind: Kind, address: &str) -> Result<Model> {
    let key = recoverable(state, who, key_id, kind).await?;
    let now = state.now();
    state.rates.take("key-recovery", &who.id.to_string(), rules::BEGINNINGS, now).await?;
    let stands = KeyState::parse(&key.state).ok_or(NOT_FOUND)?;
    let id = state.new_id();
    if kind.wants_code() {
        let number = number(state, who, &key).await?;
        codes::send(state, slot(id, who, &number), address).await?;
    }
    let row = super::entity::ActiveModel {
        id: Set(id),
        account_id: Set(who.id),
        key_id: Set(key.id),
        device_id: Set(key.device_id),
        kind: Set(kind.as_str().to_owned()),
        face_required: Set(kind.wants_face(stands, state.config.pin_reset_face)),
        code_at: Set(None),
        verification_id: Set(None),
        face_at: Set(None),
        releases: Set(0),
        attempts: Set(0),
        created_at: Set(now.as_millisecond()),
        expires_at: Set((now + rules::LIFETIME).as_millisecond()),
        done_at: Set(None),
        ended_at: Set(None),
    };
    let tx = state.db.begin().await?;
    store::end_others(&*tx, now, key.id).await?;
    let row = row.insert(&*tx).await?;
    let entry = audit::Entry {
        actor: Actor::Account(who.id),
        action: "key.recovery_begin",
        target_kind: "key",
        target_id: Some(key.id),
        detail: json!({ "recovery": id, "kind": kind.as_str() }),
    };
    audit::record(&tx, now, entry).await?;
    tx.commit().await?;
    Ok(row)
}

/// The number of the enrolment; for keys older than this platform remembers, the account's.
pub async fn number(state: &AppState, who: Account, key: &split_key::Model) -> Result<String> {
    match &key.reset_phone {
        Some(number) => Ok(number.clone()),
        None => Ok(who.row(state).await?.phone),
    }
}

/// A code of this recovery is no use to another.
fn slot(id: Uuid, who: Account, number: &str) -> Slot<'_> {
    Slot { purpose: Purpose::PinReset(id), phone: number, account_id: Some(who.id) }
}

/// The account's recovery of that id, whatever became of it.
pub async fn own(state: &AppState, who: Account, id: Uuid) -> Result<Model> {
    let row = Entity::find_by_id(id).one(&*state.db).await?;
    row.filter(|row| row.account_id == who.id).ok_or_else(|| NOT_FOUND.problem())
}

/// The account's recovery of that id, if it is still under way.
pub async fn under_way(state: &AppState, who: Account, id: Uuid) -> Result<Model> {
    let row = own(state, who, id).await?;
    let good = row.done_at.is_none() && row.ended_at.is_none() && state.now() < from_millis(row.expires_at);
    if good { Ok(row) } else { Err(OVER.into()) }
}

/// The key of a recovery.
pub async fn key(state: &AppState, row: &Model) -> Result<split_key::Model> {
    split_key::Entity::find_by_id(row.key_id).one(&*state.db).await?.ok_or_else(|| NOT_FOUND.problem())
}

/// Sends another code.
pub async fn send_again(state: &AppState, who: Account, id: Uuid, address: &str) -> Result<()> {
    let row = under_way(state, who, id).await?;
    if !Kind::parse(&row.kind).is_some_and(Kind::wants_code) || row.code_at.is_some() {
        return Ok(());
    }
    let number = number(state, who, &key(state, &row).await?).await?;
    codes::send(state, slot(id, who, &number), address).await
}

/// Takes the code. The same call again changes nothing.
pub async fn confirm(state: &AppState, who: Account, id: Uuid, code: &str) -> Result<Model> {
    let row = under_way(state, who, id).await?;
    if row.code_at.is_some() {
        return Ok(row);
    }
    let number = number(state, who, &key(state, &row).await?).await?;
    let slot = slot(id, who, &number);
    let tx = state.db.begin().await?;
    let tx = codes::require(state, tx, slot, code, "code").await?;
    let now = state.now();
    codes::spend(&tx, slot, now).await?;
    let mut row = row.into_active_model();
    row.code_at = Set(Some(now.as_millisecond()));
    let row = row.update(&*tx).await?;
    tx.commit().await?;
    Ok(row)
}

/// Sends the owner to the face verification, under the name and number that the account was verified with.
pub async fn show_face(state: &AppState, who: Account, id: Uuid, path: &str, origin: &str) -> Result<String> {
    let row = under_way(state, who, id).await?;
    let (verification, address) = identity::verify_again(state, who.id, path, origin).await?;
    let tx = state.db.begin().await?;
    let mut row = row.into_active_model();
    row.verification_id = Set(Some(verification));
    row.update(&*tx).await?;
    tx.commit().await?;
    Ok(address)
}

/// How the face verification stands; writes down that it passed.
pub async fn look(state: &AppState, who: Account, id: Uuid) -> Result<(Model, Option<Outcome>)> {
    let row = own(state, who, id).await?;
    let Some(verification) = row.verification_id.filter(|_| row.face_at.is_none()) else {
        let passed = row.face_at.map(|_| Outcome::Passed);
        return Ok((row, passed));
    };
    let outcome = identity::outcome(state, who.id, verification).await?;
    if outcome != Outcome::Passed {
        return Ok((row, Some(outcome)));
    }
    let tx = state.db.begin().await?;
    let mut row = row.into_active_model();
    row.face_at = Set(Some(state.now().as_millisecond()));
    let row = row.update(&*tx).await?;
    tx.commit().await?;
    Ok((row, Some(outcome)))
}

/// Whether the key may still be recovered: it can have been suspended or revoked since the recovery began.
pub async fn still_recoverable(state: &AppState, who: Account, row: &Model) -> Result<split_key::Model> {
    let kind = Kind::parse(&row.kind).ok_or_else(|| Problem::internal("a recovery is of no known kind"))?;
    recoverable(state, who, row.key_id, kind).await
}
