//! Codes by SMS: what one is good for, how often one may be had, and how it is used up.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _, Set,
};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::{entity::login_code, rules};
use crate::{
    app::AppState,
    clock::from_millis,
    error::{Kind, Result},
    rate::{self, EVERYBODY},
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
const SECRET: &str = "login-code/v1";
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What a code is good for; for everything else it is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Logging in.
    Login,
    /// A new password by somebody who is not logged in.
    PasswordReset,
    /// A new password by somebody who is.
    Password,
    /// A change of the number, to the number that the account has.
    OldPhone,
    /// A change of the number, to the new one.
    NewPhone,
    /// The end of the account.
    Deletion,
    /// A forgotten certificate PIN, within this recovery alone.
    PinReset(Uuid),
    /// The end of a device and of the keys on it.
    DeviceEnd,
}

impl Purpose {
    fn word(self) -> Cow<'static, str> {
        match self {
            Self::Login => "login".into(),
            Self::PasswordReset => "password_reset".into(),
            Self::Password => "password".into(),
            Self::OldPhone => "old_phone".into(),
            Self::NewPhone => "new_phone".into(),
            Self::Deletion => "deletion".into(),
            Self::PinReset(recovery) => format!("pin_reset:{recovery}").into(),
            Self::DeviceEnd => "device_end".into(),
        }
    }

    /// Wrong tries that wear a code out.
    const fn max_tries(self) -> i32 {
        match self {
            Self::PinReset(_) => rules::MAX_PIN_RESET_TRIES,
            _ => rules::MAX_TRIES,
        }
    }
}

/// Where a code goes, what for, and on whose behalf.
#[derive(Debug, Clone, Copy)]
pub struct Slot<'a> {
    /// What for.
    pub purpose: Purpose,
    /// Where to.
    pub phone: &'a str,
    /// The account that is logged in, if any: a code that it asked for is no use to another.
    pub account_id: Option<Uuid>,
}

impl Slot<'_> {
    fn open(&self) -> sea_orm::Condition {
        use login_code::Column;
        let whose = match self.account_id {
            Some(id) => Column::AccountId.eq(id),
            None => Column::AccountId.is_null(),
        };
        sea_orm::Condition::all()
            .add(Column::Phone.eq(self.phone))
            .add(Column::Purpose.eq(self.purpose.word()))
            .add(whose)
            .add(Column::EndedAt.is_null())
    }
}

/// Sends a code. What is answered does not depend on whether the number has an account.
pub async fn send(state: &AppState, slot: Slot<'_>, address: &str) -> Result<()> {
    let now = state.now();
    let tx = state.db.begin().await?;
    check_limits(&tx, slot.phone, address, now).await?;
    spend(&tx, slot, now).await?;
    let id = state.new_id();
    let code = fresh()?;
    let row = login_code::ActiveModel {
        id: Set(id),
        phone: Set(slot.phone.to_owned()),
        address: Set(address.to_owned()),
        code_mac: Set(mac(state, id, &code)),
        tries: Set(0),
        created_at: Set(now.as_millisecond()),
        ended_at: Set(None),
        purpose: Set(slot.purpose.word().into_owned()),
        account_id: Set(slot.account_id),
    };
    row.insert(&*tx).await?;
    tx.commit().await?;
    if let Err(error) = state.services.sms.send_code(slot.phone, &code).await {
        // A code that never left must not make the user wait for the next one.
        let tx = state.db.begin().await?;
        login_code::Entity::delete_by_id(id).exec(&*tx).await?;
        tx.commit().await?;
        return Err(error.into());
    }
    Ok(())
}

/// Per number over all purposes, per network, and for everybody together.
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
    let today = of_phone.filter(Column::CreatedAt.gt((now - DAY).as_millisecond())).count(&**tx).await?;
    if today >= rules::DAILY_PER_PHONE {
        return Err(CODE_DAILY_LIMIT.problem().retry_after(DAY.as_secs()));
    }
    let daily = rate::take_within(&**tx, "code", address, rules::CODES_PER_NETWORK, now).await;
    daily.map_err(|problem| problem.limited_as(CODE_DAILY_LIMIT))?;
    rate::take_within(&**tx, "code", EVERYBODY, rules::CODES_OF_EVERYBODY, now).await
}

/// A started second counts as a whole one.
fn seconds_until(until: Timestamp, now: Timestamp) -> i64 {
    let milliseconds = until.as_millisecond() - now.as_millisecond();
    milliseconds.max(0).saturating_add(999) / 1000
}

/// What came of a code.
#[derive(Debug)]
pub enum Checked {
    /// It is right; [`spend`] uses it up.
    Right,
    /// It is not; [`refuse`] counts the try.
    Wrong(Box<login_code::Model>),
    /// There is none, it is too old or worn out.
    Gone,
}

/// Compares a code with the one that was sent. Nothing changes yet.
pub async fn check(state: &AppState, tx: &Tx, slot: Slot<'_>, code: &str) -> Result<Checked> {
    let latest = login_code::Entity::find().filter(slot.open()).order_by_desc(login_code::Column::CreatedAt);
    let latest = latest.one(&**tx).await?;
    let Some(latest) = latest.filter(|row| from_millis(row.created_at) + rules::CODE_LIFETIME > state.now()) else {
        return Ok(Checked::Gone);
    };
    let right = bool::from(mac(state, latest.id, code).as_slice().ct_eq(&latest.code_mac));
    Ok(if right { Checked::Right } else { Checked::Wrong(Box::new(latest)) })
}

/// Lets a right code through. Otherwise keeps the wrong try — also when the caller gives up — and says what to do next,
/// naming the request's field.
pub async fn require(state: &AppState, tx: Tx, slot: Slot<'_>, code: &str, field: &str) -> Result<Tx> {
    let row = match check(state, &tx, slot, code).await? {
        Checked::Right => return Ok(tx),
        Checked::Gone => return Err(CODE_EXPIRED.into()),
        Checked::Wrong(row) => *row,
    };
    let tries = row.tries + 1;
    let worn_out = tries >= slot.purpose.max_tries();
    let mut row = row.into_active_model();
    row.tries = Set(tries);
    if worn_out {
        row.ended_at = Set(Some(state.now().as_millisecond()));
    }
    row.update(&*tx).await?;
    tx.commit().await?;
    Err(if worn_out { CODE_EXPIRED.problem() } else { CODE_WRONG.field(field, "WRONG") })
}

/// Uses up every code of the slot.
pub async fn spend(tx: &Tx, slot: Slot<'_>, now: Timestamp) -> Result<()> {
    login_code::Entity::update_many()
        .col_expr(login_code::Column::EndedAt, now.as_millisecond().into())
        .filter(slot.open())
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Forgets codes that count towards no limit any more.
pub async fn sweep(db: &impl ConnectionTrait, now: Timestamp) -> Result<u64> {
    let before = (now - DAY - DAY).as_millisecond();
    let gone = login_code::Entity::delete_many().filter(login_code::Column::CreatedAt.lt(before)).exec(db).await?;
    Ok(gone.rows_affected)
}

fn fresh() -> Result<String> {
    // 2^64 is so much larger than a million that the remainder is uniform for all purposes.
    let number = u64::from_be_bytes(gm::random::bytes::<8>()?) % 1_000_000;
    Ok(format!("{number:06}"))
}

fn mac(state: &AppState, id: Uuid, code: &str) -> Vec<u8> {
    let mac = gm::sm3::HmacSm3::new(&*state.secrets.key(SECRET));
    mac.chain(id.as_bytes()).chain(code.as_bytes()).finalize().to_vec()
}
