//! Another phone number for an account: a code on the new number, and either a code on the old one or, when the old one
//! is gone, a signature by a certificate of the account.

use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, Set,
};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Account, AccountRow,
    codes::{self, Purpose, Slot},
    entity::{account, phone_change},
    passwords, rules, sessions,
};
use crate::{
    app::AppState,
    audit::{self, Actor},
    certificate,
    clock::from_millis,
    error::{FIELDS_INVALID, Kind, NOT_FOUND, Problem, Result},
    message::{self, Draft},
    rate::Limit,
    storage::Tx,
};

const PHONE_TAKEN: Kind = Kind::new(
    409,
    "PHONE_TAKEN",
    "该手机号已有账号，请换一个号码，或先注销那个账号",
    "This number has an account of its own; use another, or close that account first",
);
const SIGNATURE_WRONG: Kind =
    Kind::new(422, "PHONE_CHANGE_SIGNATURE_WRONG", "签名无效，请重试", "The signature is not valid; please try again");
const CHANGE_OVER: Kind =
    Kind::new(409, "PHONE_CHANGE_OVER", "本次更换已失效，请重新开始", "This change is over; please start again");

/// Changes that one account may begin.
const BEGINNINGS: Limit = Limit { times: 10, window: jiff::SignedDuration::from_hours(24) };

/// What a certificate's key signs: a JSON object with its keys in this order and no spaces. The phone shows the values
/// that it finds in these octets.
#[derive(Serialize)]
struct Statement<'a> {
    #[serde(rename = "type")]
    type_: &'static str,
    version: u32,
    request: Uuid,
    account: Uuid,
    phone: &'a str,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

/// Begins a change and sends a code to the new number. Whether that number has an account is told only to whoever reads
/// the code.
pub async fn begin(state: &AppState, who: Account, phone: &str, address: &str) -> Result<phone_change::Model> {
    let account = who.row(state).await?;
    if account.phone == phone {
        return Err(FIELDS_INVALID.field("phone", "UNCHANGED"));
    }
    let now = state.now();
    state.rates.take("phone-change", &who.id.to_string(), BEGINNINGS, now).await?;
    let slot = Slot { purpose: Purpose::NewPhone, phone, account_id: Some(who.id) };
    codes::send(state, slot, address).await?;
    let (id, expires_at) = (state.new_id(), now + rules::PHONE_CHANGE_LIFETIME);
    let statement = Statement {
        type_: "guiqian-phone-change",
        version: 1,
        request: id,
        account: who.id,
        phone,
        issued_at: now,
        expires_at,
    };
    let row = phone_change::ActiveModel {
        id: Set(id),
        account_id: Set(who.id),
        phone: Set(phone.to_owned()),
        statement: Set(serde_json::to_vec(&statement).map_err(Problem::internal)?),
        created_at: Set(now.as_millisecond()),
        expires_at: Set(expires_at.as_millisecond()),
        proof: Set(None),
        done_at: Set(None),
    };
    let tx = state.db.begin().await?;
    let row = row.insert(&*tx).await?;
    tx.commit().await?;
    Ok(row)
}

/// The change of that id, if it belongs to this account and may still be completed.
pub async fn open(
    db: &impl ConnectionTrait,
    now: Timestamp,
    account_id: Uuid,
    id: Uuid,
) -> Result<Option<phone_change::Model>, DbErr> {
    let row = phone_change::Entity::find_by_id(id).one(db).await?;
    Ok(row.filter(|row| row.account_id == account_id && row.done_at.is_none() && now < from_millis(row.expires_at)))
}

/// What shows that it is the owner who changes the number.
#[derive(Debug)]
pub enum Proof {
    /// A code on the old number.
    OldCode(String),
    /// A signature over the statement.
    Signature {
        /// By which certificate.
        certificate_id: Uuid,
        /// DER SM2Signature.
        signature: Vec<u8>,
    },
}

/// Completes a change; the account's other sessions end.
pub async fn complete(state: &AppState, who: Account, id: Uuid, code: &str, proof: Proof) -> Result<AccountRow> {
    let now = state.now();
    let tx = state.db.begin().await?;
    let account = account::Entity::find_by_id(who.id).one(&*tx).await?.ok_or(NOT_FOUND)?;
    let own = phone_change::Entity::find_by_id(id).one(&*tx).await?.filter(|row| row.account_id == who.id);
    own.ok_or(NOT_FOUND)?;
    let row = open(&*tx, now, who.id, id).await?.ok_or(CHANGE_OVER)?;
    let new = Slot { purpose: Purpose::NewPhone, phone: &row.phone, account_id: Some(who.id) };
    let mut tx = codes::require(state, tx, new, code, "code").await?;
    let word = match &proof {
        Proof::OldCode(code) => {
            let old = Slot { purpose: Purpose::OldPhone, phone: &account.phone, account_id: Some(who.id) };
            tx = codes::require(state, tx, old, code, "old_code").await?;
            codes::spend(&tx, old, now).await?;
            "old_number"
        }
        Proof::Signature { certificate_id, signature } => {
            check_signature(&tx, now, &row, *certificate_id, signature).await?;
            "certificate"
        }
    };
    codes::spend(&tx, new, now).await?;
    let taken = account::Entity::find().filter(account::Column::Phone.eq(&row.phone)).count(&*tx).await?;
    if taken > 0 {
        return Err(PHONE_TAKEN.into());
    }
    let account = move_account(&mut tx, now, who, account, &row).await?;
    let mut row = row.into_active_model();
    (row.proof, row.done_at) = (Set(Some(word.to_owned())), Set(Some(now.as_millisecond())));
    row.update(&*tx).await?;
    let entry = audit::Entry {
        actor: Actor::Account(who.id),
        action: "account.change_phone",
        target_kind: "account",
        target_id: Some(who.id),
        detail: serde_json::json!({ "change": id, "proof": word }),
    };
    audit::record(&tx, now, entry).await?;
    tx.commit().await?;
    Ok(account)
}

async fn check_signature(
    tx: &Tx,
    now: Timestamp,
    row: &phone_change::Model,
    certificate_id: Uuid,
    signature: &[u8],
) -> Result<()> {
    let usable = certificate::store::usable_of(&**tx, now, row.account_id).await?;
    let certificate = usable.into_iter().find(|certificate| certificate.id == certificate_id);
    let certificate = certificate.ok_or_else(|| FIELDS_INVALID.field("certificate_id", "NOT_USABLE"))?;
    let read = certificate.der.as_deref().and_then(|der| pki::Certificate::read(der).ok());
    let key = read.ok_or_else(|| Problem::internal("an issued certificate cannot be read"))?.tbs.public_key;
    pki::signature::verify(&key, &row.statement, signature, "phone change").map_err(|_| SIGNATURE_WRONG.problem())
}

async fn move_account(
    tx: &mut Tx,
    now: Timestamp,
    who: Account,
    account: AccountRow,
    row: &phone_change::Model,
) -> Result<AccountRow> {
    passwords::forgive(tx, &account.phone).await?;
    let mut account = account.into_active_model();
    account.phone = Set(row.phone.clone());
    let account = account.update(&**tx).await?;
    sessions::end_all(tx, now, who.id, Some(who.session_id)).await?;
    let masked = rules::mask_phone(&row.phone);
    let draft = Draft {
        kind: "phone_changed",
        title: ("手机号已更换", "Phone number changed"),
        body: (
            format!("您的登录手机号已更换为 {masked}，其他设备上的登录已退出，证书不受影响。"),
            format!("You now log in with {masked}. Your other logins have ended; your certificates stay as they are."),
        ),
        action: None,
    };
    message::post(tx, now, who.id, draft).await?;
    Ok(account)
}
