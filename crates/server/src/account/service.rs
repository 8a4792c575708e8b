//! Codes, logins and logouts.

use jiff::{SignedDuration, Timestamp};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, Set,
};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::{
    Account, AccountRow,
    entity::{account, login_code, session},
    rules, token,
};
use crate::{
    app::AppState,
    audit::{self, Actor},
    clock::from_millis,
    error::{Kind, Problem, Result},
    storage::Tx,
};

const CODE_TOO_SOON: Kind = Kind::new(
    429,
    "CODE_TOO_SOON",
    "验证码已发送，请稍后再获取",
    "A code has just been sent; wait before asking again",
);
const CODE_DAILY_LIMIT: Kind = Kind::new(
    429,
    "CODE_DAILY_LIMIT",
    "今日获取验证码次数已达上限，请明天再试",
    "No more codes today; try again tomorrow",
);
const CODE_WRONG: Kind = Kind::new(422, "CODE_WRONG", "验证码不正确，请重新输入", "The code is wrong; enter it again");
const CODE_EXPIRED: Kind =
    Kind::new(422, "CODE_EXPIRED", "验证码已失效，请重新获取", "The code is no longer good; ask for a new one");

/// The key of the codes' digests.
const PURPOSE: &str = "login-code/v1";
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Sends a code to `phone`. What is answered does not depend on whether the number has an account.
pub async fn send_code(state: &AppState, phone: &str, address: &str) -> Result<()> {
    let now = state.now();
    let tx = state.db.begin().await?;
    check_limits(&tx, phone, address, now).await?;
    end_codes(&tx, phone, now).await?;
    let id = state.new_id();
    let code = fresh_code()?;
    let row = login_code::ActiveModel {
        id: Set(id),
        phone: Set(phone.to_owned()),
        address: Set(address.to_owned()),
        code_mac: Set(code_mac(state, id, &code)),
        tries: Set(0),
        created_at: Set(now.as_millisecond()),
        ended_at: Set(None),
    };
    row.insert(&*tx).await?;
    tx.commit().await?;
    if let Err(error) = state.services.sms.send_code(phone, &code).await {
        // A code that never left must not make the user wait for the next one.
        login_code::Entity::delete_by_id(id).exec(&*state.db).await?;
        return Err(error.into());
    }
    Ok(())
}

async fn check_limits(tx: &Tx, phone: &str, address: &str, now: Timestamp) -> Result<()> {
    use login_code::{Column, Entity};
    let of_phone = Entity::find().filter(Column::Phone.eq(phone));
    let latest = of_phone.clone().order_by_desc(Column::CreatedAt).one(&**tx).await?;
    if let Some(latest) = latest {
        let wait = from_millis(latest.created_at) + rules::RESEND_AFTER;
        if wait > now {
            return Err(CODE_TOO_SOON.problem().retry_after(seconds_until(wait, now)));
        }
    }
    let since = (now - DAY).as_millisecond();
    let phone_today = of_phone.filter(Column::CreatedAt.gt(since)).count(&**tx).await?;
    let from_address = Entity::find().filter(Column::Address.eq(address));
    let address_today = from_address.filter(Column::CreatedAt.gt(since)).count(&**tx).await?;
    if phone_today >= rules::DAILY_PER_PHONE || address_today >= rules::DAILY_PER_ADDRESS {
        return Err(CODE_DAILY_LIMIT.problem().retry_after(DAY.as_secs()));
    }
    Ok(())
}

/// A started second counts as a whole one.
fn seconds_until(until: Timestamp, now: Timestamp) -> i64 {
    let milliseconds = until.as_millisecond() - now.as_millisecond();
    milliseconds.max(0).saturating_add(999) / 1000
}

async fn end_codes(tx: &Tx, phone: &str, now: Timestamp) -> Result<()> {
    login_code::Entity::update_many()
        .col_expr(login_code::Column::EndedAt, now.as_millisecond().into())
        .filter(login_code::Column::Phone.eq(phone))
        .filter(login_code::Column::EndedAt.is_null())
        .exec(&**tx)
        .await?;
    Ok(())
}

fn fresh_code() -> Result<String> {
    // 2^64 is so much larger than a million that the remainder is uniform for all purposes.
    let number = u64::from_be_bytes(gm::random::bytes::<8>()?) % 1_000_000;
    Ok(format!("{number:06}"))
}

fn code_mac(state: &AppState, id: Uuid, code: &str) -> Vec<u8> {
    let mac = gm::sm3::HmacSm3::new(&*state.secrets.key(PURPOSE));
    mac.chain(id.as_bytes()).chain(code.as_bytes()).finalize().to_vec()
}

/// A login that has begun: its account and the token for the cookie.
pub struct Login {
    /// The account, perhaps just made.
    pub account: AccountRow,
    /// For the cookie.
    pub token: String,
}

/// Logs in with a code, making the account at first use.
pub async fn log_in(state: &AppState, phone: &str, code: &str, address: &str, user_agent: &str) -> Result<Login> {
    let now = state.now();
    let tx = state.db.begin().await?;
    let latest = login_code::Entity::find()
        .filter(login_code::Column::Phone.eq(phone))
        .filter(login_code::Column::EndedAt.is_null())
        .order_by_desc(login_code::Column::CreatedAt)
        .one(&*tx)
        .await?
        .filter(|row| from_millis(row.created_at) + rules::CODE_LIFETIME > now)
        .ok_or(CODE_EXPIRED)?;
    if !bool::from(code_mac(state, latest.id, code).as_slice().ct_eq(&latest.code_mac)) {
        return Err(count_wrong_try(tx, latest, now).await?);
    }
    end_codes(&tx, phone, now).await?;
    let account = find_or_create(state, &tx, phone).await?;
    let token = token::fresh()?;
    let session_id = state.new_id();
    let session = session::ActiveModel {
        id: Set(session_id),
        account_id: Set(account.id),
        token_digest: Set(token::digest(&token)),
        address: Set(address.to_owned()),
        user_agent: Set(user_agent.chars().take(300).collect()),
        created_at: Set(now.as_millisecond()),
        expires_at: Set((now + rules::SESSION_LIFETIME).as_millisecond()),
        ended_at: Set(None),
    };
    session.insert(&*tx).await?;
    let entry = audit::Entry {
        actor: Actor::Account(account.id),
        action: "session.begin",
        target_kind: "session",
        target_id: Some(session_id),
        detail: serde_json::json!({ "address": address }),
    };
    audit::record(&tx, now, entry).await?;
    tx.commit().await?;
    Ok(Login { account, token })
}

/// Keeps the wrong try — also when the caller gives up — and says what to do next.
async fn count_wrong_try(tx: Tx, code: login_code::Model, now: Timestamp) -> Result<Problem> {
    let tries = code.tries + 1;
    let worn_out = tries >= rules::MAX_TRIES;
    let mut row = code.into_active_model();
    row.tries = Set(tries);
    if worn_out {
        row.ended_at = Set(Some(now.as_millisecond()));
    }
    row.update(&*tx).await?;
    tx.commit().await?;
    if worn_out { Ok(CODE_EXPIRED.problem()) } else { Ok(CODE_WRONG.field("code", "WRONG")) }
}

async fn find_or_create(state: &AppState, tx: &Tx, phone: &str) -> Result<AccountRow> {
    let known = account::Entity::find().filter(account::Column::Phone.eq(phone)).one(&**tx).await?;
    if let Some(known) = known {
        return Ok(known);
    }
    let row = account::ActiveModel {
        id: Set(state.new_id()),
        phone: Set(phone.to_owned()),
        name: Set(None),
        id_number: Set(None),
        id_number_mac: Set(None),
        verified_at: Set(None),
        created_at: Set(state.now().as_millisecond()),
    };
    let row = row.insert(&**tx).await?;
    let entry = audit::Entry {
        actor: Actor::Account(row.id),
        action: "account.create",
        target_kind: "account",
        target_id: Some(row.id),
        detail: serde_json::json!({}),
    };
    audit::record(tx, state.now(), entry).await?;
    Ok(row)
}

/// Ends the session that the request belongs to.
pub async fn log_out(state: &AppState, who: Account) -> Result<()> {
    let now = state.now();
    let tx = state.db.begin().await?;
    session::Entity::update_many()
        .col_expr(session::Column::EndedAt, now.as_millisecond().into())
        .filter(session::Column::Id.eq(who.session_id))
        .exec(&*tx)
        .await?;
    let entry = audit::Entry {
        actor: Actor::Account(who.id),
        action: "session.end",
        target_kind: "session",
        target_id: Some(who.session_id),
        detail: serde_json::json!({}),
    };
    audit::record(&tx, now, entry).await?;
    tx.commit().await?;
    Ok(())
}
