//! Login passwords: checked, set, changed, reset.
//!
//! Tries are counted per number before the password is looked at, whether or not the number has an account: of many
//! tries at once no more are looked at than may be, and a locked number tells nothing about itself.

use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, Set, sea_query::OnConflict};
use uuid::Uuid;

use super::{
    Account, AccountRow,
    codes::{self, Purpose, Slot},
    entity::{account, password as stored, session},
    rules, sessions,
};
use crate::{
    app::AppState,
    audit::{self, Actor},
    clock::from_millis,
    error::{FIELDS_INVALID, Kind, NOT_LOGGED_IN, Problem, Result},
    message::{self, Draft},
    password,
    rate::{self, EVERYBODY},
    storage::Tx,
};

const WRONG: Kind = Kind::new(
    401,
    "PASSWORD_LOGIN_WRONG",
    "手机号或密码不正确；未设置密码请用验证码登录",
    "The number or the password is wrong; without a password, log in with a code",
);
const LOCKED: Kind = Kind::new(
    429,
    "PASSWORD_LOCKED",
    "密码输错次数过多，已暂时锁定；请稍后再试，或用验证码登录",
    "Too many wrong passwords: locked for a while; try again later or log in with a code",
);
const PAUSED: Kind = Kind::new(
    429,
    "PASSWORD_LOGIN_PAUSED",
    "密码登录暂停服务，请用验证码登录",
    "Logging in with a password is paused; please use a code",
);
const PROOF_REQUIRED: Kind = Kind::new(
    403,
    "PASSWORD_PROOF_REQUIRED",
    "请先输入原密码或短信验证码",
    "Enter the present password or a code by SMS first",
);
const NOT_REGISTERED: Kind = Kind::new(
    409,
    "PHONE_NOT_REGISTERED",
    "该手机号尚未注册，请用验证码登录",
    "This number has no account yet; log in with a code",
);

/// Counters of tries.
const TRIES: &str = "password";
const TRIES_OF_A_DAY: &str = "password-day";
const FAILURES: &str = "password-failure";

/// The password row of an account.
pub async fn of(db: &impl ConnectionTrait, account_id: Uuid) -> Result<Option<stored::Model>> {
    Ok(stored::Entity::find_by_id(account_id).one(db).await?)
}

/// Checks a password for logging in.
pub async fn guarded(state: &AppState, phone: &str, password: String) -> Result<(AccountRow, stored::Model)> {
    let found = account::Entity::find()
        .filter(account::Column::Phone.eq(phone))
        .find_also_related(stored::Entity)
        .one(&*state.db)
        .await?;
    let (account, row) = found.unzip();
    let row = row.flatten();
    if !tried(state, phone, password, row.as_ref()).await? {
        return Err(refusal(state, phone, WRONG.problem()).await?);
    }
    account.zip(row).ok_or_else(|| WRONG.problem())
}

/// Counts a try and looks whether it is right; without a stored password it takes as long and says no.
async fn tried(state: &AppState, phone: &str, password: String, row: Option<&stored::Model>) -> Result<bool> {
    let now = state.now();
    let paused = state.rates.check(FAILURES, EVERYBODY, rules::PASSWORD_FAILURES, now).await;
    paused.map_err(|problem| problem.limited_as(PAUSED))?;
    for (what, limit) in LIMITS {
        state.rates.check(what, phone, limit, now).await.map_err(|problem| problem.limited_as(LOCKED))?;
    }
    let tx = state.db.begin().await?;
    for (what, limit) in LIMITS {
        let counted = rate::take_within(&*tx, what, phone, limit, now).await;
        counted.map_err(|problem| problem.limited_as(LOCKED))?;
    }
    tx.commit().await?;
    password::verify(password, row.map(|row| row.hash.clone())).await
}

const LIMITS: [(&str, rate::Limit); 2] =
    [(TRIES, rules::PASSWORD_TRIES), (TRIES_OF_A_DAY, rules::PASSWORD_TRIES_OF_A_DAY)];

/// What a wrong try is told: the last one says that the number is locked now.
async fn refusal(state: &AppState, phone: &str, wrong: Problem) -> Result<Problem> {
    let now = state.now();
    // Nobody is told here that everybody's limit is reached: the next one is.
    let counted = state.rates.take(FAILURES, EVERYBODY, rules::PASSWORD_FAILURES, now).await;
    if let Err(problem) = counted
        && !problem.is_limit()
    {
        return Err(problem);
    }
    for (what, limit) in LIMITS {
        if let Err(problem) = state.rates.check(what, phone, limit, now).await {
            return Ok(problem.limited_as(LOCKED));
        }
    }
    Ok(wrong)
}

/// Lets the number try again from the beginning, after a success.
pub async fn forgive(tx: &Tx, phone: &str) -> Result<()> {
    for (what, _) in LIMITS {
        rate::forgive(&**tx, what, phone).await?;
    }
    Ok(())
}

/// Refuses when the password that was checked is no longer the account's.
pub async fn require_same(tx: &Tx, checked: &stored::Model) -> Result<()> {
    let now = of(&**tx, checked.account_id).await?;
    if now.as_ref() == Some(checked) { Ok(()) } else { Err(WRONG.into()) }
}

/// What shows that it is the owner who wants a new password.
#[derive(Debug)]
pub enum Proof {
    /// The present password.
    Current(String),
    /// A code that was sent for this.
    Code(String),
    /// Nothing but the session: enough for the first password, right after logging in.
    Session,
}

/// Sets or changes the password of whoever is logged in; their other sessions end.
pub async fn change(state: &AppState, who: Account, password: String, proof: Proof) -> Result<()> {
    let account = who.row(state).await?;
    check_strength(&password, &account.phone)?;
    let before = of(&*state.db, who.id).await?;
    if let Proof::Current(current) = &proof
        && !tried(state, &account.phone, current.clone(), before.as_ref()).await?
    {
        let wrong = FIELDS_INVALID.field("current_password", "WRONG");
        return Err(refusal(state, &account.phone, wrong).await?);
    }
    let hash = password::hash(password).await?;
    let now = state.now();
    let mut tx = state.db.begin().await?;
    match &proof {
        Proof::Current(_) => match &before {
            Some(before) => require_same(&tx, before).await?,
            None => return Err(PROOF_REQUIRED.into()),
        },
        Proof::Code(code) => {
            let slot = Slot { purpose: Purpose::Password, phone: &account.phone, account_id: Some(who.id) };
            tx = codes::require(state, tx, slot, code, "code").await?;
            codes::spend(&tx, slot, now).await?;
        }
        Proof::Session => {
            let session = session::Entity::find_by_id(who.session_id).one(&*tx).await?.ok_or(NOT_LOGGED_IN)?;
            let since = from_millis(session.created_at);
            if of(&*tx, who.id).await?.is_some() || now > since + rules::FRESH_LOGIN {
                return Err(PROOF_REQUIRED.into());
            }
        }
    }
    store(&mut tx, now, who.id, hash, Some(who.session_id)).await?;
    forgive(&tx, &account.phone).await?;
    tx.commit().await?;
    Ok(())
}

/// A new password for whoever receives the number's messages; every session ends.
pub async fn reset(state: &AppState, phone: &str, code: &str, password: String) -> Result<()> {
    check_strength(&password, phone)?;
    let slot = Slot { purpose: Purpose::PasswordReset, phone, account_id: None };
    // A wrong code costs no hash.
    let tx = codes::require(state, state.db.begin().await?, slot, code, "code").await?;
    drop(tx);
    let hash = password::hash(password).await?;
    let now = state.now();
    let mut tx = codes::require(state, state.db.begin().await?, slot, code, "code").await?;
    codes::spend(&tx, slot, now).await?;
    let account = account::Entity::find().filter(account::Column::Phone.eq(phone)).one(&*tx).await?;
    if let Some(account) = &account {
        store(&mut tx, now, account.id, hash, None).await?;
        forgive(&tx, phone).await?;
    }
    tx.commit().await?;
    // Only who holds the number comes to know whether it has an account.
    account.map(drop).ok_or_else(|| NOT_REGISTERED.problem())
}

/// Refuses passwords that are easily guessed.
fn check_strength(password: &str, phone: &str) -> Result<()> {
    match rules::password_weakness(password, phone) {
        Some(weakness) => Err(FIELDS_INVALID.field("password", weakness)),
        None => Ok(()),
    }
}

async fn store(tx: &mut Tx, now: Timestamp, account_id: Uuid, hash: String, keep: Option<Uuid>) -> Result<()> {
    let row =
        stored::ActiveModel { account_id: Set(account_id), hash: Set(hash), changed_at: Set(now.as_millisecond()) };
    let replace = OnConflict::column(stored::Column::AccountId)
        .update_columns([stored::Column::Hash, stored::Column::ChangedAt])
        .to_owned();
    stored::Entity::insert(row).on_conflict(replace).exec_without_returning(&**tx).await?;
    sessions::end_all(tx, now, account_id, keep).await?;
    let draft = Draft {
        kind: "password_changed",
        title: ("登录密码已设置", "Login password set"),
        body: (
            "您的登录密码已更新，其他设备上的登录已退出。如非本人操作，请立即用验证码登录并重新设置。".to_owned(),
            "Your login password is new and your other logins have ended. If this was not you, log in with a code and \
             set another at once."
                .to_owned(),
        ),
        action: None,
    };
    message::post(tx, now, account_id, draft).await?;
    let entry = audit::Entry {
        actor: Actor::Account(account_id),
        action: "password.set",
        target_kind: "account",
        target_id: Some(account_id),
        detail: serde_json::json!({}),
    };
    Ok(audit::record(tx, now, entry).await?)
}
