//! What every operation with an existing key goes through: whose key, which token, which state, seen before; and what is
//! told when a PIN was wrong or a copy showed itself.

use serde_json::{Value, json};
use splitkey::{
    ServerShare, ServerShares,
    codec::{Refusal, Request},
    decrypt::ServerDecryptionShare,
};

use super::{
    delivery,
    door::{Reply, refused, repeated, sealed},
    entity::{device, split_key},
    generation::ids,
    rules::{Barred, KeyState, Leave, TokenChain, TokenStanding, admit, token_standing, tries_left},
    store, uuid,
    vault::{SealedShare, ShareContext, open_share},
};
use crate::{
    app::AppState,
    audit, certificate,
    error::{Problem, Result},
    message::{self, Action, Draft},
    storage::{StorageError, Tx},
};
use gm::{sm2, sm3::Digest};
use sea_orm::{ConnectionTrait, EntityTrait as _};

/// The key of a request, if this device of this account holds its other half.
pub(super) async fn own_key(tx: &Tx, device: &device::Model, request: &Request) -> Result<Option<split_key::Model>> {
    let key = split_key::Entity::find_by_id(uuid(request.header.key_id)).one(&**tx).await?;
    Ok(key.filter(|key| key.device_id == device.id && key.account_id == device.account_id))
}

/// A key whose token and state allow an operation. Token, then state and lock, then idempotency. The refusal of a cloned
/// key has written to `tx`: commit it.
pub(super) async fn admitted(
    state: &AppState,
    tx: &mut Tx,
    device: &device::Model,
    request: &Request,
    leave: Leave,
) -> Result<Result<split_key::Model, Reply>> {
    let header = &request.header;
    let key = own_key(tx, device, request).await?;
    let Some(key) = key.filter(|key| u64::try_from(key.epoch) == Ok(header.epoch) && header.sid == splitkey::Id::ZERO)
    else {
        return Ok(Err(refused(Refusal::Refused)));
    };
    let standing = standing(&key, request, leave)?;
    let key_state = KeyState::parse(&key.state).ok_or(StorageError::Secret("a key is in no known state"))?;
    if standing == TokenStanding::Clone {
        if key_state == KeyState::Active {
            freeze(state, tx, &key).await?;
        }
        return Ok(Err(refused(match key_state {
            KeyState::Suspended => Refusal::Suspended,
            KeyState::Revoked => Refusal::Revoked,
            KeyState::Active | KeyState::CloneSuspect => Refusal::CloneSuspect,
        })));
    }
    let barred = admit(key_state, key.failures, key.total_failures, leave).err().map(refusal);
    // A wrong PIN that locked the key is told as such to its own retry.
    let known = match barred {
        Some(Refusal::Locked) | None => repeated(state, &**tx, request).await?,
        Some(_) => None,
    };
    match (known, barred) {
        (Some(reply), _) => Ok(Err(reply)),
        (None, Some(refusal)) => Ok(Err(refused(refusal))),
        // The request that consumed the previous token is so old that its answer is forgotten.
        (None, None) if standing == TokenStanding::Retry => Ok(Err(refused(Refusal::NonceGone))),
        (None, None) => Ok(Ok(key)),
    }
}

fn standing(key: &split_key::Model, request: &Request, leave: Leave) -> Result<TokenStanding> {
    const BROKEN: StorageError = StorageError::Secret("a token digest has the wrong length");
    let digest = |octets: &[u8]| <[u8; 32]>::try_from(octets).map_err(|_| BROKEN);
    let chain = TokenChain {
        current: digest(&key.token_current)?,
        previous: key.token_previous.as_deref().map(digest).transpose()?,
        consumed_by: key.token_consumed_by,
    };
    let header = &request.header;
    let standing = token_standing(&chain, &header.tok.digest(), uuid(header.req_id), header.pending.map(uuid));
    Ok(match standing {
        // A copy has moved the chain on; whose phone this is was established by other means.
        TokenStanding::Clone if leave.suspicion => TokenStanding::Resync,
        standing => standing,
    })
}

const fn refusal(barred: Barred) -> Refusal {
    match barred {
        Barred::Suspended => Refusal::Suspended,
        Barred::CloneSuspect => Refusal::CloneSuspect,
        Barred::Revoked => Refusal::Revoked,
        Barred::Locked => Refusal::Locked,
    }
}

/// An attempt that was counted and turned out wrong: keeps the answer, and tells the owner.
pub(super) async fn wrong_pin(
    state: &AppState,
    request: &Request,
    key: &split_key::Model,
    action: &'static str,
) -> Result<Reply> {
    let now = state.now();
    let left = tries_left(key.failures + 1, key.total_failures + 1);
    let reply = refused(Refusal::PinWrong { left });
    let kept = sealed(state, request, &reply)?;
    let mut tx = state.db.begin().await?;
    store::answer_request(&*tx, ids(request), kept).await?;
    audit::record(&tx, now, entry(key, action, json!({ "result": "pin_wrong", "left": left }))).await?;
    let draft = pin_wrong_message(left, certificate_action(&tx, key).await?);
    message::post(&mut tx, now, key.account_id, draft).await?;
    tx.commit().await?;
    Ok(reply)
}

fn pin_wrong_message(left: u64, action: Option<Action>) -> Draft<'static> {
    if left == 0 {
        return Draft {
            kind: "pin_locked",
            title: ("证书已锁定", "Your certificate is locked"),
            body: (
                "证书密码输错次数过多，证书已锁定。请在证书详情中点击“忘记证书密码”重设密码后继续使用；若非本人操作，请立即联系客服。".to_owned(),
                "The PIN was entered wrongly too often, so the certificate is locked. Choose “Forgot the PIN” on its page \
                 to set a new one; if this was not you, contact support at once."
                    .to_owned(),
            ),
            action,
        };
    }
    Draft {
        kind: "pin_wrong",
        title: ("证书密码输入错误", "Wrong certificate PIN"),
        body: (
            format!("您的证书密码刚刚被输错，还可尝试 {left} 次。若非本人操作，请立即联系客服。"),
            format!(
                "Your certificate PIN was just entered wrongly; {left} tries are left. If this was not you, contact support at once."
            ),
        ),
        action,
    }
}

/// Two phones hold this share: neither may use it.
async fn freeze(state: &AppState, tx: &mut Tx, key: &split_key::Model) -> Result<()> {
    let now = state.now();
    store::set_state(&**tx, key.id, KeyState::CloneSuspect).await?;
    audit::record(tx, now, entry(key, "key.clone_suspect", json!({}))).await?;
    let draft = Draft {
        kind: "clone_suspect",
        title: ("证书已冻结", "Your certificate is frozen"),
        body: (
            "检测到您的密钥可能被复制到另一台设备，证书已冻结。请在您本人的手机上打开证书详情，重新核验身份后解除冻结；若手机已遗失，请注销证书。".to_owned(),
            "Your key seems to be held by another device too, so it was frozen. Open the certificate on your own phone and \
             verify your identity again to unfreeze it; if the phone is lost, revoke the certificate."
                .to_owned(),
        ),
        action: certificate_action(tx, key).await?,
    };
    message::post(tx, now, key.account_id, draft).await?;
    Ok(())
}

/// The button that leads to this key's certificate, once there is one.
pub(super) async fn certificate_action(tx: &Tx, key: &split_key::Model) -> Result<Option<Action>> {
    let row = certificate::store::with_key(&**tx, key.id).await?;
    Ok(row.map(|row| Action::OpenCertificate(row.id)))
}

pub(super) fn entry(key: &split_key::Model, action: &'static str, detail: Value) -> audit::Entry<'static> {
    audit::Entry {
        actor: audit::Actor::Account(key.account_id),
        action,
        target_kind: "key",
        target_id: Some(key.id),
        detail,
    }
}

pub(super) fn public_key(key: &split_key::Model) -> Result<sm2::PublicKey> {
    Ok(sm2::PublicKey::from_slice(&key.public_key)?)
}

/// What a key's share is bound to at `epoch`.
pub(super) fn share_context<'a>(key: &'a split_key::Model, device: &'a device::Model, epoch: u64) -> ShareContext<'a> {
    ShareContext { key_id: key.id, epoch, public_key: &key.public_key, device_key: &device.public_key }
}

/// The signing share, opened.
pub(super) fn share(state: &AppState, key: &split_key::Model, device: &device::Model) -> Result<ServerShare> {
    let destroyed = StorageError::Secret("the share is destroyed");
    let (Some(wrapped_key), Some(wrapped_share)) = (key.wrapped_key.clone(), key.wrapped_share.clone()) else {
        return Err(destroyed.into());
    };
    let context = share_context(key, device, u64::try_from(key.epoch).map_err(Problem::internal)?);
    let octets = open_share(&*state.keys.shares, &context, &SealedShare { wrapped_key, wrapped_share })?;
    ServerShare::from_bytes(public_key(key)?, &*octets).map_err(Problem::internal)
}

/// The signing share and those decryption shares whose other half the phone has: everything that a refresh replaces at
/// once.
pub(super) async fn shares(
    state: &AppState,
    db: &impl ConnectionTrait,
    key: &split_key::Model,
    device: &device::Model,
) -> Result<ServerShares> {
    let epoch = u64::try_from(key.epoch).map_err(Problem::internal)?;
    let mut shares = ServerShares::from(share(state, key, device)?);
    for row in delivery::delivered(db, key.id).await? {
        let context = share_context(key, device, epoch).of(&row.public_key);
        let sealed = SealedShare { wrapped_key: row.wrapped_key, wrapped_share: row.wrapped_share };
        let octets = open_share(&*state.keys.shares, &context, &sealed)?;
        let public = sm2::PublicKey::from_slice(&row.public_key)?;
        shares.enc.push(ServerDecryptionShare::from_bytes(public, &*octets).map_err(Problem::internal)?);
    }
    Ok(shares)
}

/// The token chain moves on with the success of a request. A phone that lost an answer before names that request until it
/// hears from us: so shall we, or the next lost answer would make it look like a clone.
pub(super) fn rotation<'a>(
    request: &Request,
    key: &'a split_key::Model,
    (presented, next): (&'a Digest, &'a Digest),
) -> store::Rotation<'a> {
    let req_id = uuid(request.header.pending.unwrap_or(request.header.req_id));
    store::Rotation { presented, current: &key.token_current, next, req_id }
}

pub(super) async fn committed(tx: Tx, reply: Reply) -> Result<Reply> {
    tx.commit().await?;
    Ok(reply)
}
