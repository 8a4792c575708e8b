//! Signing: operations 3 and 4 (`docs/protocol.md`, "The server's transactions").
//!
//! A signature is two transactions. The first burns the nonce and counts an attempt, and is on the disk before any
//! secret is touched; the second takes the attempt back, moves the token on and keeps the answer, and is on the disk
//! before the answer leaves. A crash between the two loses the nonce and one attempt, never more.

use jiff::Timestamp;
use serde_json::{Value, json};
use splitkey::{
    Error, Id, ServerShare, Token,
    codec::{Prepare, PrepareReply, Refusal, Request, Sign, SignReply, encode_reply},
    sign::{PartialSignature, ServerNonce},
};
use uuid::Uuid;

use super::{
    admission::{admitted, committed, entry, public_key, rotation, share, wrong_pin},
    door::{Reply, refused, sealed},
    entity::{device, nonce, split_key},
    generation::ids,
    id,
    rules::Leave,
    store, tasks, uuid,
};
use crate::{
    app::AppState,
    audit,
    error::{Problem, Result},
    fail_point,
    storage::Tx,
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
    let key = match admitted(state, &mut tx, device, request, Leave::NONE).await? {
        Ok(key) => key,
        Err(reply) => return committed(tx, reply).await,
    };
    if tasks::open(&*tx, now, uuid(message.task_id), &key).await?.is_none() {
        return Ok(refused(Refusal::Refused));
    }
    let share = share(state, &key, device)?;
    let cid = Uuid::new_v4();
    let nonce = share
        .phone_point()
        .and_then(|point| ServerNonce::draw(share.public_key(), point, request.header.epoch, Id::ZERO, id(cid)))
        .map_err(Problem::internal)?;
    store::sweep_requests(&*tx, now).await?;
    let sealed_nonce = state.keys.boot.seal(cid.as_bytes(), &nonce.to_bytes())?;
    store::keep_nonce(&*tx, now, cid, &key, sealed_nonce).await?;
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
        Ok((partial, next)) => conclude(state, request, &reserved, partial, &next).await,
        Err(Error::Proof) => wrong_pin(state, request, &reserved.key, "key.sign").await,
        Err(Error::ForeignNonce) => Ok(refused(Refusal::NonceGone)),
        Err(Error::Redraw) => Ok(refused(Refusal::Retry)),
        Err(error) => Err(Problem::internal(error)),
    }
}

/// A nonce that is burnt and an attempt that is counted, both on the disk.
struct Reserved {
    key: split_key::Model,
    nonce: ServerNonce,
    /// What the audit log will say of it.
    purpose: Value,
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
    let key = match admitted(state, &mut tx, device, request, Leave::NONE).await? {
        Ok(key) => key,
        Err(reply) => return Ok(Err(committed(tx, reply).await?)),
    };
    let public_key = public_key(&key)?;
    let task = tasks::open(&*tx, now, uuid(message.task_id), &key).await?;
    let Some(task) = task.filter(|task| task.digest(&public_key) == Some(message.e)) else {
        return Ok(Err(refused(Refusal::Refused)));
    };
    let purpose = json!({
        "task": uuid(message.task_id), "e": hex::encode(message.e), "result": "ok",
        "for": task.kind(), "relying_party": task.relying_party(),
    });
    let Some((row, nonce)) = nonce(state, &tx, now, &key, message).await? else {
        return Ok(Err(refused(Refusal::NonceGone)));
    };
    store::begin_request(&*tx, now, ids(request), &request.digest, None).await?;
    if !store::burn_nonce(&*tx, row.id).await? {
        return Ok(Err(refused(Refusal::NonceGone)));
    }
    if !store::reserve_attempt(&*tx, key.id, Leave::NONE).await? {
        return Ok(Err(refused(Refusal::Locked)));
    }
    fail_point::reach("before_burn").await;
    tx.commit().await?;
    if !state.keys.burn(row.id, row.expires_at, now.as_millisecond()) {
        // Burnt by this process before: the database under us is not the one that we wrote.
        return Ok(Err(refused(Refusal::NonceGone)));
    }
    fail_point::reach("after_burn").await;
    Ok(Ok(Reserved { key, nonce, purpose }))
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
    let presented = request.header.tok.digest();
    let rotation = rotation(request, key, (&presented, &next_digest));
    if !store::succeed(&*tx, key.id, &rotation, Leave::NONE).await? {
        // Revoked, suspended or overtaken in between: the partial signature is dropped.
        return Ok(refused(Refusal::Retry));
    }
    store::answer_request(&*tx, ids(request), kept).await?;
    store::keep_nonce(&*tx, now, cid, key, sealed_nonce).await?;
    audit::record(&tx, now, entry(key, "key.sign", reserved.purpose.clone())).await?;
    fail_point::reach("before_conclusion").await;
    tx.commit().await?;
    fail_point::reach("after_conclusion").await;
    Ok(reply)
}
