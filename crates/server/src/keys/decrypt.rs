//! Decryption: operation 7. The owner names a ciphertext's first part beforehand; the server gives its half for that one
//! and no other. Two transactions as in [`super::sign`]; there is no nonce to burn.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::Expr};
use serde_json::json;
use splitkey::{
    Error, ServerShares, Token,
    codec::{Decrypt, Refusal, Request, encode_reply},
    decrypt,
};

use super::{
    admission::{admitted, committed, entry, rotation, shares, wrong_pin},
    door::{Reply, refused, sealed},
    entity::{decryption, device, split_key},
    generation::ids,
    rules::Leave,
    store, tasks, uuid,
};
use crate::{
    app::AppState,
    audit,
    error::{Problem, Result},
};

/// A decryption whose attempt is counted.
struct Reserved {
    key: split_key::Model,
    shares: ServerShares,
    task: decryption::Model,
}

/// Operation 7: the server's half of a decryption.
pub(super) async fn decrypt(
    state: &AppState,
    device: &device::Model,
    request: &Request,
    message: &Decrypt,
) -> Result<Reply> {
    let reserved = match reserve(state, device, request, message).await? {
        Ok(reserved) => reserved,
        Err(reply) => return Ok(reply),
    };
    let Reserved { key, shares, .. } = &reserved;
    let share = shares.enc.iter().find(|share| *share.public_key().point() == message.enc_key);
    let share = share.ok_or_else(|| Problem::internal("a decryption share is gone"))?;
    let tok = Token::random().map_err(Problem::internal)?;
    let answered = decrypt::check(shares.sign.public_key(), share, &request.header, message)
        .and_then(|proven| proven.answer(tok.clone()));
    match answered {
        Ok(reply) => conclude(state, request, &reserved, encode_reply(&Ok(reply)), &tok).await,
        Err(Error::Proof) => wrong_pin(state, request, key, "key.decrypt").await,
        Err(Error::Redraw) => Ok(refused(Refusal::Retry)),
        Err(error) => Err(Problem::internal(error)),
    }
}

/// The first transaction: the attempt is counted before the proof is looked at.
async fn reserve(
    state: &AppState,
    device: &device::Model,
    request: &Request,
    message: &Decrypt,
) -> Result<Result<Reserved, Reply>> {
    let mut tx = state.db.begin().await?;
    let now = state.now();
    let key = match admitted(state, &mut tx, device, request, Leave::NONE).await? {
        Ok(key) => key,
        Err(reply) => return Ok(Err(committed(tx, reply).await?)),
    };
    let shares = shares(state, &*tx, &key, device).await?;
    let task = tasks::decryption(&*tx, now, uuid(message.task_id), &key, &message.c1).await?;
    let held = shares.enc.iter().any(|share| *share.public_key().point() == message.enc_key);
    let Some(task) = task.filter(|_| held) else { return Ok(Err(refused(Refusal::Refused))) };
    store::sweep_requests(&*tx, now).await?;
    store::begin_request(&*tx, now, ids(request), &request.digest, None).await?;
    if !store::reserve_attempt(&*tx, key.id, Leave::NONE).await? {
        return Ok(Err(refused(Refusal::Locked)));
    }
    tx.commit().await?;
    Ok(Ok(Reserved { key, shares, task }))
}

/// The second transaction, after a right proof.
async fn conclude(
    state: &AppState,
    request: &Request,
    reserved: &Reserved,
    reply: Reply,
    tok: &Token,
) -> Result<Reply> {
    let (key, now) = (&reserved.key, state.now());
    let kept = sealed(state, request, &reply)?;
    let tx = state.db.begin().await?;
    let (presented, next) = (request.header.tok.digest(), tok.digest());
    let rotation = rotation(request, key, (&presented, &next));
    if !store::succeed(&*tx, key.id, &rotation, Leave::NONE).await? {
        return Ok(refused(Refusal::Retry));
    }
    store::answer_request(&*tx, ids(request), kept).await?;
    decryption::Entity::update_many()
        .col_expr(decryption::Column::AnsweredAt, Expr::value(now.as_millisecond()))
        .filter(decryption::Column::Id.eq(reserved.task.id))
        .exec(&*tx)
        .await?;
    let detail = json!({
        "task": reserved.task.id, "c1": hex::encode(gm::sm3::digest(&reserved.task.c1)),
        "escrow": reserved.task.escrow_id, "result": "ok", "for": "owner",
    });
    audit::record(&tx, now, entry(key, "key.decrypt", detail)).await?;
    tx.commit().await?;
    Ok(reply)
}
