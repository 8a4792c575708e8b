//! Refresh of the shares: operations 8 and 9, and the question which epoch counts, operation 10 (`docs/protocol.md`,
//! "Refresh").
//!
//! Operation 8 is an attempt at the PIN like a signature and is counted like one, or it has the leave of a proven
//! [`recovery`]. Operation 9 is one transaction: until it is on the disk the old shares, the old PIN and the old reset
//! secret count; afterwards only the new ones.

use gm::sm3::Digest;
use sea_orm::EntityTrait as _;
use serde_json::json;
use splitkey::{
    Error, Id, PhonePoint, ServerShares, Token,
    codec::{
        RefreshCommit, RefreshCommitReply, RefreshComplete, RefreshCompleteReply, Refusal, Request, StatusReply,
        encode_reply,
    },
    pin::ResetSecret,
    refresh::ServerPending,
    sign::ServerNonce,
};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    admission::{admitted, certificate_action, committed, entry, own_key, rotation, share_context, shares, wrong_pin},
    door::{Reply, refused, repeated, sealed},
    entity::{device, split_key},
    generation::ids,
    id,
    recovery::{self, rules::Kind},
    rules::{KeyState, Leave},
    store::{self, NextEpoch},
    uuid,
    vault::seal_share,
};
use crate::{
    app::AppState,
    audit,
    error::{Problem, Result},
    fail_point,
    message::{self, Draft},
    storage::Tx,
};

type Recovery = recovery::entity::Model;

/// A key whose attempt is counted, and with whose leave.
struct Reserved {
    key: split_key::Model,
    recovery: Option<Recovery>,
    leave: Leave,
}

/// The recovery under way for the key of a request, and what it lets pass.
async fn leave(
    state: &AppState,
    tx: &Tx,
    device: &device::Model,
    request: &Request,
) -> Result<(Option<Recovery>, Leave)> {
    let Some(key) = own_key(tx, device, request).await? else { return Ok((None, Leave::NONE)) };
    let under_way = recovery::open(&**tx, state.now(), &key).await?;
    let leave = under_way.as_ref().map_or(Leave::NONE, recovery::rules::leave);
    // A recovery that nothing was proven for is none.
    Ok((under_way.filter(|_| leave != Leave::NONE), leave))
}

/// Operation 8: the phone proves the old shares and commits to its contribution; the server draws its own.
pub(super) async fn commit(
    state: &AppState,
    device: &device::Model,
    request: &Request,
    message: &RefreshCommit,
) -> Result<Reply> {
    let reserved = match reserve(state, device, request).await? {
        Ok(reserved) => reserved,
        Err(reply) => return Ok(reply),
    };
    let shares = shares(state, &*state.db, &reserved.key, device).await?;
    let reset = ResetSecret::random().map_err(Problem::internal)?;
    let tok = Token::random().map_err(Problem::internal)?;
    let drawn = draw(&shares, request, message, &reset, tok.clone());
    fail_point::reach("refresh_computed").await;
    match drawn {
        Ok((pending, reply)) => begin(state, request, &reserved, (&pending, &reset), (reply, &tok)).await,
        Err(Error::Proof) if reserved.leave.lock => not_recovered(state, request).await,
        Err(Error::Proof) => wrong_pin(state, request, &reserved.key, "key.refresh").await,
        Err(error) => Err(Problem::internal(error)),
    }
}

/// The first transaction: the attempt is counted before the proof is looked at.
async fn reserve(state: &AppState, device: &device::Model, request: &Request) -> Result<Result<Reserved, Reply>> {
    let mut tx = state.db.begin().await?;
    let now = state.now();
    let (recovery, leave) = leave(state, &tx, device, request).await?;
    let key = match admitted(state, &mut tx, device, request, leave).await? {
        Ok(key) => key,
        Err(reply) => return Ok(Err(committed(tx, reply).await?)),
    };
    store::sweep_requests(&*tx, now).await?;
    store::begin_request(&*tx, now, ids(request), &request.digest, None).await?;
    if let Some(recovery) = &recovery
        && !recovery::attempt(&*tx, now, recovery.id).await?
    {
        return Ok(Err(refused(Refusal::Refused)));
    }
    if !store::reserve_attempt(&*tx, key.id, leave).await? {
        return Ok(Err(refused(Refusal::Locked)));
    }
    tx.commit().await?;
    fail_point::reach("refresh_reserved").await;
    Ok(Ok(Reserved { key, recovery, leave }))
}

/// Checks the proof of the old shares and draws the server's contribution.
fn draw(
    shares: &ServerShares,
    request: &Request,
    message: &RefreshCommit,
    reset: &ResetSecret,
    tok: Token,
) -> Result<(ServerPending, RefreshCommitReply), Error> {
    let header = &request.header;
    let next = header.epoch.checked_add(1).ok_or(Error::Encoding)?;
    let masks = reset.masks(header.key_id, next, &shares.encryption_keys());
    ServerPending::new(shares, &shares.sign.phone_point()?, header, message, &masks, tok)
}

/// The second transaction, after a right proof.
async fn begin(
    state: &AppState,
    request: &Request,
    reserved: &Reserved,
    (pending, reset): (&ServerPending, &ResetSecret),
    (reply, tok): (RefreshCommitReply, &Token),
) -> Result<Reply> {
    let (key, now) = (&reserved.key, state.now());
    let octets: Zeroizing<Vec<u8>> = Zeroizing::new([&reset.0[..], &pending.to_bytes()].concat());
    let sealed_pending = state.keys.boot.seal(&context(key), &octets)?;
    let reply = encode_reply(&Ok(reply));
    let kept = sealed(state, request, &reply)?;
    let tx = state.db.begin().await?;
    let (presented, next) = (request.header.tok.digest(), tok.digest());
    if !store::succeed(&*tx, key.id, &rotation(request, key, (&presented, &next)), reserved.leave).await? {
        return Ok(refused(Refusal::Retry));
    }
    let recovery_id = reserved.recovery.as_ref().map(|recovery| recovery.id);
    store::keep_refresh(&*tx, now, key.id, sealed_pending, recovery_id).await?;
    store::answer_request(&*tx, ids(request), kept).await?;
    tx.commit().await?;
    fail_point::reach("refresh_begun").await;
    Ok(reply)
}

/// What was recovered from the reset mask is not the share.
async fn not_recovered(state: &AppState, request: &Request) -> Result<Reply> {
    let reply = refused(Refusal::Refused);
    let kept = sealed(state, request, &reply)?;
    let tx = state.db.begin().await?;
    store::answer_request(&*tx, ids(request), kept).await?;
    committed(tx, reply).await
}

/// Operation 9: the phone has stored its new shares and opens its commitment; the next epoch begins.
pub(super) async fn complete(
    state: &AppState,
    device: &device::Model,
    request: &Request,
    message: &RefreshComplete,
) -> Result<Reply> {
    let mut tx = state.db.begin().await?;
    // Done, the header's epoch is the one before: its retry is known by its id alone.
    if let Some(reply) = repeated(state, &*tx, request).await? {
        return Ok(reply);
    }
    let (recovery, leave) = leave(state, &tx, device, request).await?;
    let key = match admitted(state, &mut tx, device, request, leave).await? {
        Ok(key) => key,
        Err(reply) => return committed(tx, reply).await,
    };
    let Some((pending, reset, begun_with)) = taken(state, &tx, &key).await? else {
        return committed(tx, refused(Refusal::NonceGone)).await;
    };
    let old = shares(state, &*tx, &key, device).await?;
    let (new, phone_point) = match pending.complete(&old, &request.header, message) {
        Ok(new) => new,
        // Used up whatever the outcome: another opening needs another commitment.
        Err(Error::Redraw) => return committed(tx, refused(Refusal::Retry)).await,
        Err(_) => return committed(tx, refused(Refusal::Refused)).await,
    };
    let recovery = recovery.filter(|recovery| begun_with == Some(recovery.id));
    let next = Next { new, phone_point, reset, recovery, leave };
    conclude(state, tx, device, request, &key, next).await
}

/// What the server kept between the messages, if this process began it: once.
async fn taken(
    state: &AppState,
    tx: &Tx,
    key: &split_key::Model,
) -> Result<Option<(ServerPending, ResetSecret, Option<Uuid>)>> {
    let Some(row) = store::take_refresh(&**tx, state.now(), key.id).await? else { return Ok(None) };
    let opened = state.keys.boot.open(&context(key), &row.sealed);
    let read = opened.and_then(|octets| {
        let (reset, pending) = octets.split_first_chunk::<32>()?;
        Some((ServerPending::from_bytes(pending).ok()?, ResetSecret(*reset), row.recovery_id))
    });
    Ok(read)
}

/// What the next epoch is made of.
struct Next {
    new: ServerShares,
    phone_point: PhonePoint,
    reset: ResetSecret,
    recovery: Option<Recovery>,
    leave: Leave,
}

/// The one transaction.
async fn conclude(
    state: &AppState,
    mut tx: Tx,
    device: &device::Model,
    request: &Request,
    key: &split_key::Model,
    next: Next,
) -> Result<Reply> {
    let now = state.now();
    let epoch = request.header.epoch.checked_add(1).ok_or_else(|| Problem::internal("epochs are used up"))?;
    let context = share_context(key, device, epoch);
    let mut decryption_shares = Vec::with_capacity(next.new.enc.len());
    for share in &next.new.enc {
        let public = share.public_key().to_bytes().to_vec();
        let sealed = seal_share(&*state.keys.shares, &context.of(&public), &share.to_bytes())?;
        decryption_shares.push((public, sealed));
    }
    let next_epoch = NextEpoch {
        epoch: i64::try_from(epoch).map_err(Problem::internal)?,
        share: seal_share(&*state.keys.shares, &context, &next.new.sign.to_bytes())?,
        decryption_shares,
        wrapped_mask: state.keys.resets.wrap(key.id.as_bytes(), &next.reset.0)?,
    };
    let tok = Token::random().map_err(Problem::internal)?;
    let (presented, following) = (request.header.tok.digest(), tok.digest());
    let turned = rotation(request, key, (&presented, &following));
    if !store::begin_epoch(&*tx, now, key, next_epoch, &turned, next.leave).await? {
        return Ok(refused(Refusal::Retry));
    }
    let cid = Uuid::new_v4();
    let nonce = ServerNonce::draw(next.new.sign.public_key(), next.phone_point, epoch, Id::ZERO, id(cid));
    let nonce = nonce.map_err(Problem::internal)?;
    let sealed_nonce = state.keys.boot.seal(cid.as_bytes(), &nonce.to_bytes())?;
    store::keep_nonce(&*tx, now, cid, key, sealed_nonce).await?;
    let h2: Digest = nonce.commitment().h2;
    let reply = encode_reply(&Ok(RefreshCompleteReply { epoch, cid: id(cid), h2, tok }));
    let kept = sealed(state, request, &reply)?;
    store::begin_request(&*tx, now, ids(request), &request.digest, Some(kept)).await?;
    tell(state, &mut tx, key, epoch, next.recovery.as_ref()).await?;
    fail_point::reach("refresh_before_commit").await;
    tx.commit().await?;
    fail_point::reach("refresh_after_commit").await;
    Ok(reply)
}

/// Ends the recovery, writes the change down, tells the owner.
async fn tell(
    state: &AppState,
    tx: &mut Tx,
    key: &split_key::Model,
    epoch: u64,
    recovery: Option<&Recovery>,
) -> Result<()> {
    let now = state.now();
    let kind = recovery.and_then(|recovery| Kind::parse(&recovery.kind));
    if let Some(recovery) = recovery {
        recovery::done(&**tx, now, recovery).await?;
    }
    let way = kind.map_or("pin", Kind::as_str);
    audit::record(tx, now, entry(key, "key.refresh", json!({ "epoch": epoch, "way": way, "result": "ok" }))).await?;
    let (kind, title, body) = match kind {
        None => (
            "pin_changed",
            ("证书密码已修改", "Certificate PIN changed"),
            (
                "您的证书密码已修改，旧密码已失效。若非本人操作，请立即注销证书并联系客服。",
                "Your certificate's PIN was changed; the old one no longer works. If this was not you, revoke the \
                 certificate at once and contact support.",
            ),
        ),
        Some(Kind::PinReset) => (
            "pin_reset",
            ("证书密码已重设", "Certificate PIN reset"),
            (
                "您通过短信验证和身份核验重设了证书密码，证书和密钥不变。若非本人操作，请立即注销证书并联系客服。",
                "The PIN of your certificate was reset by a code and your face; certificate and key are unchanged. If \
                 this was not you, revoke the certificate at once and contact support.",
            ),
        ),
        Some(Kind::Unfreeze) => (
            "key_unfrozen",
            ("证书已解除冻结", "Certificate unfrozen"),
            (
                "身份核验已通过，证书已解除冻结；其他设备上的密钥副本已失效。",
                "Your identity was verified and the certificate works again; any copy of its key elsewhere is dead.",
            ),
        ),
    };
    let body = (body.0.to_owned(), body.1.to_owned());
    let action = certificate_action(tx, key).await?;
    message::post(tx, now, key.account_id, Draft { kind, title, body, action }).await?;
    Ok(())
}

/// Operation 10: which epoch counts. Moves nothing; a phone asks it when it does not know how a refresh ended.
pub(super) async fn status(state: &AppState, device: &device::Model, request: &Request) -> Result<Reply> {
    let key = split_key::Entity::find_by_id(uuid(request.header.key_id)).one(&*state.db).await?;
    let key = key.filter(|key| key.device_id == device.id && key.account_id == device.account_id);
    Ok(match key {
        None => refused(Refusal::Refused),
        Some(key) if key.state == KeyState::Revoked.as_str() => refused(Refusal::Revoked),
        Some(key) => encode_reply(&Ok(StatusReply { epoch: u64::try_from(key.epoch).map_err(Problem::internal)? })),
    })
}

/// What the sealed state of a refresh is bound to.
fn context(key: &split_key::Model) -> Vec<u8> {
    [key.id.as_bytes(), &key.epoch.to_be_bytes()[..]].concat()
}
