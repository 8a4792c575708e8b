//! Key generation: operations 1 and 2. Its request must come from the device that an open enrolment names.

use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set, sea_query::Expr};
use serde_json::json;
use splitkey::{
    Id, Token,
    codec::{KeygenCommit, KeygenOpen, KeygenOpenReply, Refusal, Request, encode_reply},
    keygen::{Context, ServerPending},
    pin::{Label, ResetSecret},
    sign::ServerNonce,
};
use uuid::Uuid;

use super::{
    door::{Reply, refused, repeated, sealed},
    entity::{device, reset_mask, split_key},
    id,
    rules::KeyState,
    store, uuid,
    vault::{ShareContext, seal_share},
};
use crate::{
    account::entity::account,
    app::AppState,
    audit,
    certificate::entity::enrolment,
    clock::from_millis,
    error::{Problem, Result},
    fail_point,
    storage::Tx,
};

/// The first epoch of a key.
const FIRST_EPOCH: u64 = 1;

/// The enrolment, if this device may generate a key for it now.
async fn open_enrolment(
    tx: &Tx,
    state: &AppState,
    device: &device::Model,
    enrol_id: Id,
) -> Result<Option<enrolment::Model>> {
    let row = enrolment::Entity::find_by_id(uuid(enrol_id)).one(&**tx).await?;
    Ok(row.filter(|row| {
        row.device_id == device.id
            && row.account_id == device.account_id
            && row.certificate_id.is_none()
            && state.now() < from_millis(row.expires_at)
    }))
}

fn is_plain(request: &Request) -> bool {
    let header = &request.header;
    header.key_id == Id::ZERO && header.sid == Id::ZERO && header.epoch == 0 && header.tok == Token::NONE
}

/// Operation 1: the server draws its share and proves it.
pub(super) async fn commit(
    state: &AppState,
    device: &device::Model,
    request: &Request,
    message: &KeygenCommit,
) -> Result<Reply> {
    let tx = state.db.begin().await?;
    if let Some(reply) = repeated(state, &*tx, request).await? {
        return Ok(reply);
    }
    let Some(enrolment) = open_enrolment(&tx, state, device, message.enrol_id).await?.filter(|_| is_plain(request))
    else {
        return Ok(refused(Refusal::Refused));
    };
    let server_nonce = enrolment.server_nonce.as_slice().try_into().map_err(Problem::internal)?;
    let context = Context {
        account_id: id(device.account_id),
        device_id: id(device.id),
        enrol_id: message.enrol_id,
        server_nonce,
    };
    let Ok((pending, reply)) = ServerPending::new(&context, message) else {
        return Ok(refused(Refusal::Refused));
    };
    let sealed_pending = state.keys.boot.seal(enrolment.id.as_bytes(), &pending.to_bytes())?;
    store::sweep_requests(&*tx, state.now()).await?;
    store::keep_generation(&*tx, enrolment.id, sealed_pending, enrolment.expires_at).await?;
    let reply = encode_reply(&Ok(reply));
    let kept = sealed(state, request, &reply)?;
    store::begin_request(&*tx, state.now(), ids(request), &request.digest, Some(kept)).await?;
    tx.commit().await?;
    fail_point::reach("generation_begun").await;
    Ok(reply)
}

/// Operation 2: the phone opens its commitment and the key exists.
pub(super) async fn open(
    state: &AppState,
    device: &device::Model,
    request: &Request,
    message: &KeygenOpen,
) -> Result<Reply> {
    let mut tx = state.db.begin().await?;
    if let Some(reply) = repeated(state, &*tx, request).await? {
        return Ok(reply);
    }
    let Some(enrolment) = open_enrolment(&tx, state, device, message.enrol_id).await?.filter(|_| is_plain(request))
    else {
        return Ok(refused(Refusal::Refused));
    };
    let Some(pending) = store::take_generation(&*tx, enrolment.id).await? else {
        return Ok(refused(Refusal::Refused));
    };
    // Begun by a process that is gone: begin again with operation 1.
    let pending = state.keys.boot.open(enrolment.id.as_bytes(), &pending.sealed);
    let Some(pending) = pending.and_then(|octets| ServerPending::from_bytes(&octets).ok()) else {
        return Ok(refused(Refusal::Retry));
    };
    let Ok((share, phone_point)) = pending.open(message) else {
        // The state is used up whatever the outcome: a second guess at an opening needs a new commitment.
        tx.commit().await?;
        return Ok(refused(Refusal::Refused));
    };
    let key_id = state.new_id();
    let public_key = share.public_key().to_bytes();
    let context = ShareContext { key_id, epoch: FIRST_EPOCH, public_key: &public_key, device_key: &device.public_key };
    let sealed_share = seal_share(&*state.keys.shares, &context, &share.to_bytes())?;
    let reset = ResetSecret::random().map_err(Problem::internal)?;
    let wrapped_mask = state.keys.resets.wrap(key_id.as_bytes(), &reset.0)?;
    let mu_sign = reset.mask(Label::Sign, id(key_id), FIRST_EPOCH);
    let tok = Token::random().map_err(Problem::internal)?;
    let cid = Uuid::new_v4();
    let nonce = ServerNonce::draw(share.public_key(), phone_point, FIRST_EPOCH, Id::ZERO, id(cid))
        .map_err(Problem::internal)?;
    let now = state.now();
    // A phone that lost the answer to its first try begins again; the key it never had is destroyed.
    if let Some(orphan) = enrolment.key_id {
        store::destroy(&*tx, [orphan]).await?;
    }
    // A code for a forgotten PIN goes to the number of this moment, whatever number the account has later.
    let owner = account::Entity::find_by_id(device.account_id).one(&*tx).await?;
    let row = split_key::ActiveModel {
        id: Set(key_id),
        account_id: Set(device.account_id),
        device_id: Set(device.id),
        enrolment_id: Set(enrolment.id),
        public_key: Set(public_key.to_vec()),
        state: Set(KeyState::Active.as_str().to_owned()),
        epoch: Set(FIRST_EPOCH as i64),
        failures: Set(0),
        total_failures: Set(0),
        token_current: Set(tok.digest().to_vec()),
        token_previous: Set(None),
        token_consumed_by: Set(None),
        wrapped_key: Set(Some(sealed_share.wrapped_key)),
        wrapped_share: Set(Some(sealed_share.wrapped_share)),
        created_at: Set(now.as_millisecond()),
        pin_changed_at: Set(None),
        pin_reset_at: Set(None),
        reset_phone: Set(owner.map(|owner| owner.phone)),
    };
    let key = row.insert(&*tx).await?;
    let row = reset_mask::ActiveModel {
        key_id: Set(key_id),
        wrapped_mask: Set(wrapped_mask),
        created_at: Set(now.as_millisecond()),
    };
    row.insert(&*tx).await?;
    let sealed_nonce = state.keys.boot.seal(cid.as_bytes(), &nonce.to_bytes())?;
    store::keep_nonce(&*tx, now, cid, &key, sealed_nonce).await?;
    enrolment::Entity::update_many()
        .col_expr(enrolment::Column::KeyId, Expr::value(key_id))
        .filter(enrolment::Column::Id.eq(enrolment.id))
        .exec(&*tx)
        .await?;
    let commitment = nonce.commitment();
    let reply = encode_reply(&Ok(KeygenOpenReply {
        key_id: id(key_id),
        epoch: FIRST_EPOCH,
        mu_sign,
        tok,
        cid: commitment.cid,
        h2: commitment.h2,
    }));
    let kept = sealed(state, request, &reply)?;
    store::begin_request(&*tx, now, ids(request), &request.digest, Some(kept)).await?;
    let entry = audit::Entry {
        actor: audit::Actor::Account(device.account_id),
        action: "key.generate",
        target_kind: "key",
        target_id: Some(key_id),
        detail: json!({ "device": device.id, "enrolment": enrolment.id }),
    };
    audit::record(&tx, now, entry).await?;
    tx.wake(device.account_id);
    fail_point::reach("generation_before_commit").await;
    tx.commit().await?;
    fail_point::reach("generation_after_commit").await;
    Ok(reply)
}

/// Under which name a request is remembered.
pub(super) fn ids(request: &Request) -> (Uuid, Uuid) {
    (uuid(request.header.device_id), uuid(request.header.req_id))
}
