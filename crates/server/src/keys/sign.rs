//! Signing: operations 3 and 4 (`docs/protocol.md`, "The server's transactions").
//!
//! A signature is two transactions. The first burns the nonce and counts an attempt, and is on the disk before any
//! secret is touched; the second takes the attempt back, moves the token on and keeps the answer, and is on the disk
//! before the answer leaves. A crash between the two loses the nonce and one attempt, never more.

use gm::sm2;
use jiff::Timestamp;
use sea_orm::EntityTrait as _;
use serde_json::json;
use splitkey::{
    Error, Id, ServerShare, Token,
    codec::{Prepare, PrepareReply, Refusal, Request, Sign, SignReply, encode_reply},
    sign::{PartialSignature, ServerNonce},
};
use uuid::Uuid;

use super::{
    door::{Reply, refused, repeated, sealed},
    entity::{device, nonce, split_key},
    fail_point,
    generation::ids,
    id,
    rules::{Barred, KeyState, TokenChain, TokenStanding, admit, token_standing, tries_left},
    store, tasks, uuid,
    vault::{SealedShare, ShareContext, open_share},
};
use crate::{
    app::AppState,
    audit,
    error::{Problem, Result},
    message,
    storage::{StorageError, Tx},
};

/// Operation 3: hands out a nonce commitment for a task.
pub(super) async fn prepare(
    state: &AppState,
    device: &device::Model,
    request: &Request,
    message: &Prepare,
) -> Result<Reply> {
    let mut tx = state.db.begin().await?;
    let now = state.now();
    let admitted = match admitted(state, &mut tx, device, request).await? {
        Ok(admitted) => admitted,
        Err(reply) => return committed(tx, reply).await,
    };
    if tasks::open(&*tx, now, uuid(message.task_id), &admitted.key).await?.is_none() {
        return Ok(refused(Refusal::Refused));
    }
    let share = share(state, &admitted.key, device)?;
    let cid = Uuid::new_v4();
    let nonce = share
        .phone_point()
        .and_then(|point| ServerNonce::draw(share.public_key(), point, request.header.epoch, Id::ZERO, id(cid)))
        .map_err(Problem::internal)?;
    store::sweep_requests(&*tx, now).await?;
    let sealed_nonce = state.keys.boot.seal(cid.as_bytes(), &nonce.to_bytes())?;
    store::keep_nonce(&*tx, now, cid, &admitted.key, sealed_nonce).await?;
    let reply = encode_reply(&Ok(PrepareReply::from(nonce.commitment())));
    let kept = sealed(state, request, &reply)?;
    store::begin_request(&*tx, now, ids(request), &request.digest, Some(kept)).await?;
    committed(tx, reply).await
}

/// Operation 4: the partial signature.
pub(super) async fn sign(state: &AppState, device: &device::Model, request: &Request, message: &Sign) -> Result<Reply> {
    let reserved = match reserve(state, device, request, message).await? {
        Ok(reserved) => reserved,
        Err(reply) => return Ok(reply),
    };
    let share = share(state, &reserved.key, device)?;
    let answered = answer(&reserved.nonce, &share, request, message);
    fail_point::reach("after_computation").await;
    match answered {
        Ok((partial, next)) => conclude(state, request, message, &reserved, partial, &next).await,
        Err(Error::Proof) => wrong_pin(state, request, &reserved).await,
        Err(Error::ForeignNonce) => Ok(refused(Refusal::NonceGone)),
        Err(Error::Redraw) => Ok(refused(Refusal::Retry)),
        Err(error) => Err(Problem::internal(error)),
    }
}

/// A key whose token and state allow an operation.
struct Admitted {
    key: split_key::Model,
}

/// Token, then state and lock, then idempotency. The refusal of a cloned key has written to `tx`: commit it.
async fn admitted(
    state: &AppState,
    tx: &mut Tx,
    device: &device::Model,
    request: &Request,
) -> Result<Result<Admitted, Reply>> {
    let header = &request.header;
    let own = |key: &split_key::Model| key.device_id == device.id && key.account_id == device.account_id;
    let key = split_key::Entity::find_by_id(uuid(header.key_id)).one(&**tx).await?.filter(own);
    let Some(key) = key.filter(|key| u64::try_from(key.epoch) == Ok(header.epoch) && header.sid == Id::ZERO) else {
        return Ok(Err(refused(Refusal::Refused)));
    };
    let chain = chain(&key)?;
    let standing = token_standing(&chain, &header.tok.digest(), uuid(header.req_id), header.pending.map(uuid));
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
    let barred = admit(key_state, key.failures, key.total_failures).err().map(|barred| match barred {
        Barred::Suspended => Refusal::Suspended,
        Barred::CloneSuspect => Refusal::CloneSuspect,
        Barred::Revoked => Refusal::Revoked,
        Barred::Locked => Refusal::Locked,
    });
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
        (None, None) => Ok(Ok(Admitted { key })),
    }
}

fn chain(key: &split_key::Model) -> Result<TokenChain> {
    const BROKEN: StorageError = StorageError::Secret("a token digest has the wrong length");
    let digest = |octets: &[u8]| <[u8; 32]>::try_from(octets).map_err(|_| BROKEN);
    Ok(TokenChain {
        current: digest(&key.token_current)?,
        previous: key.token_previous.as_deref().map(digest).transpose()?,
        consumed_by: key.token_consumed_by,
    })
}

/// A nonce that is burnt and an attempt that is counted, both on the disk.
struct Reserved {
    key: split_key::Model,
    nonce: ServerNonce,
    failures: i32,
    total_failures: i32,
}

/// The first transaction.
async fn reserve(
    state: &AppState,
    device: &device::Model,
    request: &Request,
    message: &Sign,
) -> Result<Result<Reserved, Reply>> {
    let mut tx = state.db.begin().await?;
    let now = state.now();
    let key = match admitted(state, &mut tx, device, request).await? {
        Ok(Admitted { key }) => key,
        Err(reply) => return Ok(Err(committed(tx, reply).await?)),
    };
    let public_key = public_key(&key)?;
    let task = tasks::open(&*tx, now, uuid(message.task_id), &key).await?;
    if task.and_then(|task| task.digest(&public_key)) != Some(message.e) {
        return Ok(Err(refused(Refusal::Refused)));
    }
    let Some((row, nonce)) = nonce(state, &tx, now, &key, message).await? else {
        return Ok(Err(refused(Refusal::NonceGone)));
    };
    store::begin_request(&*tx, now, ids(request), &request.digest, None).await?;
    if !store::burn_nonce(&*tx, row.id).await? {
        return Ok(Err(refused(Refusal::NonceGone)));
    }
    if !store::reserve_attempt(&*tx, key.id).await? {
        return Ok(Err(refused(Refusal::Locked)));
    }
    fail_point::reach("before_burn").await;
    tx.commit().await?;
    if !state.keys.burn(row.id, row.expires_at, now.as_millisecond()) {
        // Burnt by this process before: the database under us is not the one that we wrote.
        return Ok(Err(refused(Refusal::NonceGone)));
    }
    fail_point::reach("after_burn").await;
    let (failures, total_failures) = (key.failures + 1, key.total_failures + 1);
    Ok(Ok(Reserved { key, nonce, failures, total_failures }))
}

/// The nonce that the request names, if this process made it for this key.
async fn nonce(
    state: &AppState,
    tx: &Tx,
    now: Timestamp,
    key: &split_key::Model,
    message: &Sign,
) -> Result<Option<(nonce::Model, ServerNonce)>> {
    let Some(row) = store::open_nonce(&**tx, now, uuid(message.cid), key).await? else { return Ok(None) };
    let octets = row.sealed.as_deref().and_then(|sealed| state.keys.boot.open(row.id.as_bytes(), sealed));
    let nonce = octets.and_then(|octets| ServerNonce::from_bytes(&octets).ok());
    // Another h2 than ours is a request for a nonce that never was.
    let nonce = nonce.filter(|nonce| nonce.commitment().h2 == message.h2);
    Ok(nonce.map(|nonce| (row, nonce)))
}

/// Proof, partial signature, and the next nonce.
fn answer(
    nonce: &ServerNonce,
    share: &ServerShare,
    request: &Request,
    message: &Sign,
) -> Result<(PartialSignature, ServerNonce), Error> {
    let octets = nonce.to_bytes();
    let proven = ServerNonce::from_bytes(&octets)?.check(share, &request.header, message)?;
    let next = proven.next_nonce(id(Uuid::new_v4()))?;
    Ok((proven.answer()?, next))
}

/// The second transaction, after a right proof.
async fn conclude(
    state: &AppState,
    request: &Request,
    message: &Sign,
    reserved: &Reserved,
    partial: PartialSignature,
    next: &ServerNonce,
) -> Result<Reply> {
    let (key, now) = (&reserved.key, state.now());
    let tok = Token::random().map_err(Problem::internal)?;
    let next_digest = tok.digest();
    let reply: SignReply = partial.into_reply(next.commitment(), tok);
    let reply = encode_reply(&Ok(reply));
    let cid = uuid(next.commitment().cid);
    let sealed_nonce = state.keys.boot.seal(cid.as_bytes(), &next.to_bytes())?;
    let kept = sealed(state, request, &reply)?;
    let tx = state.db.begin().await?;
    let rotation = store::Rotation {
        presented: &request.header.tok.digest(),
        current: &key.token_current,
        next: &next_digest,
        // A phone that lost an answer before names that request until it hears from us: so shall we, or the next lost
        // answer would make it look like a clone.
        req_id: uuid(request.header.pending.unwrap_or(request.header.req_id)),
    };
    if !store::succeed(&*tx, key.id, &rotation).await? {
        // Revoked, suspended or overtaken in between: the partial signature is dropped.
        return Ok(refused(Refusal::Retry));
    }
    store::answer_request(&*tx, ids(request), kept).await?;
    store::keep_nonce(&*tx, now, cid, key, sealed_nonce).await?;
    let detail = json!({ "task": uuid(message.task_id), "e": hex::encode(message.e), "result": "ok" });
    audit::record(&tx, now, entry(key, "key.sign", detail)).await?;
    fail_point::reach("before_conclusion").await;
    tx.commit().await?;
    fail_point::reach("after_conclusion").await;
    Ok(reply)
}

/// The second transaction, after a wrong proof. The attempt was counted by the first one.
async fn wrong_pin(state: &AppState, request: &Request, reserved: &Reserved) -> Result<Reply> {
    let (key, now) = (&reserved.key, state.now());
    let left = tries_left(reserved.failures, reserved.total_failures);
    let reply = refused(Refusal::PinWrong { left });
    let kept = sealed(state, request, &reply)?;
    let mut tx = state.db.begin().await?;
    store::answer_request(&*tx, ids(request), kept).await?;
    audit::record(&tx, now, entry(key, "key.sign", json!({ "result": "pin_wrong", "left": left }))).await?;
    let draft = message::Draft {
        kind: "pin_wrong",
        title: ("证书密码输入错误", "Wrong certificate PIN"),
        body: (
            format!("您的证书密码刚刚被输错，还可尝试 {left} 次。若非本人操作，请立即联系客服。"),
            format!(
                "Your certificate PIN was just entered wrongly; {left} tries are left. If this was not you, contact support at once."
            ),
        ),
        action: None,
    };
    message::post(&mut tx, now, key.account_id, draft).await?;
    tx.commit().await?;
    Ok(reply)
}

/// Two phones hold this share: neither may use it.
async fn freeze(state: &AppState, tx: &mut Tx, key: &split_key::Model) -> Result<()> {
    let now = state.now();
    store::set_state(&**tx, key.id, KeyState::CloneSuspect, false).await?;
    audit::record(tx, now, entry(key, "key.clone_suspect", json!({}))).await?;
    let draft = message::Draft {
        kind: "clone_suspect",
        title: ("证书已冻结", "Your certificate is frozen"),
        body: (
            "检测到您的密钥可能被复制到另一台设备，证书已冻结。请联系客服重新核验身份。".to_owned(),
            "Your key seems to be held by another device too, so it was frozen. Please contact support to prove who you are.".to_owned(),
        ),
        action: None,
    };
    message::post(tx, now, key.account_id, draft).await?;
    Ok(())
}

fn entry(key: &split_key::Model, action: &'static str, detail: serde_json::Value) -> audit::Entry<'static> {
    audit::Entry {
        actor: audit::Actor::Account(key.account_id),
        action,
        target_kind: "key",
        target_id: Some(key.id),
        detail,
    }
}

fn public_key(key: &split_key::Model) -> Result<sm2::PublicKey> {
    Ok(sm2::PublicKey::from_slice(&key.public_key)?)
}

fn share(state: &AppState, key: &split_key::Model, device: &device::Model) -> Result<ServerShare> {
    let destroyed = StorageError::Secret("the share is destroyed");
    let (Some(wrapped_key), Some(wrapped_share)) = (key.wrapped_key.clone(), key.wrapped_share.clone()) else {
        return Err(destroyed.into());
    };
    let context = ShareContext {
        key_id: key.id,
        epoch: u64::try_from(key.epoch).map_err(Problem::internal)?,
        public_key: &key.public_key,
        device_key: &device.public_key,
    };
    let octets = open_share(&*state.keys.shares, &context, &SealedShare { wrapped_key, wrapped_share })?;
    ServerShare::from_bytes(public_key(key)?, &*octets).map_err(Problem::internal)
}

async fn committed(tx: Tx, reply: Reply) -> Result<Reply> {
    tx.commit().await?;
    Ok(reply)
}
