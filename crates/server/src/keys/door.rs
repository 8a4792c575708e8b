//! `POST /api/key-operations`: envelope, device signature, freshness; then the operation.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};
use sea_orm::EntityTrait as _;
use splitkey::{
    codec::{Operation, Refusal, Request, SignedBody, encode_reply},
    envelope,
};
use zeroize::Zeroizing;

use super::{
    decrypt,
    device::signed_by,
    entity::device,
    generation, refresh,
    rules::{Seen, seen, timely},
    sign, store, uuid,
};
use crate::{
    app::AppState,
    error::{BODY_TOO_LARGE, Kind, Problem, ProblemBody, Result},
    extract::{ClientAddress, Octets},
    fail_point,
    rate::Limit,
};

/// The envelope does not open: another key, or changed octets.
const ENVELOPE_UNREADABLE: Kind = Kind::new(
    400,
    "ENVELOPE_UNREADABLE",
    "请求无法解密，请刷新页面后重试",
    "The request cannot be decrypted; reload the page and try again",
);
/// The envelope names a device that is not registered.
const DEVICE_UNKNOWN: Kind =
    Kind::new(404, "DEVICE_UNKNOWN", "此设备未登记，请重新登录", "This device is not registered; please log in again");

/// Requests per address that fail before anybody is authenticated. They are not counted as wrong PINs, or anybody could
/// lock anybody's key.
const FORGERIES: Limit = Limit { times: 60, window: jiff::SignedDuration::from_mins(1) };

/// What an operation answers: the encoded reply. A refusal is an answer too.
pub(super) type Reply = Zeroizing<Vec<u8>>;

/// Encodes a refusal. Its message type does not matter: a refusal has the same octets for every operation.
pub(super) fn refused(refusal: Refusal) -> Reply {
    encode_reply::<splitkey::codec::PrepareReply>(&Err(refusal))
}

/// One key operation: a sealed envelope in, a sealed envelope out (`docs/protocol.md`).
#[utoipa::path(
    post, path = "/api/key-operations", tag = "keys",
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "Sealed request, at most 8 KiB"),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream", description = "Sealed reply, refusals included"),
        (status = "default", body = ProblemBody, content_type = "application/problem+json")
    )
)]
pub async fn key_operation(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    request: Octets,
) -> Result<Response> {
    let body = request.of_type(&["application/octet-stream"])?.body;
    if body.len() > envelope::MAX_LENGTH {
        return Err(BODY_TOO_LARGE.into());
    }
    let Ok(opened) = envelope::open(&state.keys.envelope, &body) else {
        return Err(forged(&state, &address, ENVELOPE_UNREADABLE).await);
    };
    let device = device::Entity::find_by_id(uuid(opened.device_id)).one(&*state.db).await?;
    let Some(device) = device.filter(|device| device.ended_at.is_none()) else {
        return Err(forged(&state, &address, DEVICE_UNKNOWN).await);
    };
    let request = SignedBody::from_bytes(&opened.body)
        .ok()
        .filter(|body| body.device_id() == opened.device_id && device.account_id == uuid(opened.account_id))
        .and_then(|body| body.authenticate(|digest, by| signed_by(&device.public_key, digest, by)).ok());
    let reply = match request {
        Some(request) if timely(request.header.ts_ms, state.now()) => finished(&state, device, request).await?,
        Some(_) => refused(Refusal::Refused),
        None => {
            state.rates.take("key-operation", &address, FORGERIES, state.now()).await?;
            refused(Refusal::Refused)
        }
    };
    fail_point::reach("before_send").await;
    let sealed = opened.channel.seal(&reply).map_err(crate::error::Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "no-store")], sealed)
        .into_response())
}

/// Counts a request that nobody can have meant. Only these are counted: an honest operation costs no counter.
async fn forged(state: &AppState, address: &str, kind: Kind) -> Problem {
    let counted = state.rates.take("key-operation", address, FORGERIES, state.now()).await;
    counted.err().unwrap_or_else(|| kind.problem())
}

/// Carries an operation to its end, also when the phone hangs up in the middle: what is burnt and counted shall be
/// answered, and the answer kept. One device's operations run one after another, so that a request that comes again
/// while the first is under way waits for its answer instead of being told that the nonce is gone.
async fn finished(state: &AppState, device: device::Model, request: Request) -> Result<Reply> {
    let state = state.clone();
    let work = async move {
        let _alone = state.keys.alone(device.id).await;
        operate(&state, &device, &request).await
    };
    tokio::spawn(work).await.map_err(crate::error::Problem::internal)?
}

async fn operate(state: &AppState, device: &device::Model, request: &Request) -> Result<Reply> {
    match &request.operation {
        Operation::KeygenCommit(message) => generation::commit(state, device, request, message).await,
        Operation::KeygenOpen(message) => generation::open(state, device, request, message).await,
        Operation::Prepare(message) => sign::prepare(state, device, request, message).await,
        Operation::Sign(message) => sign::sign(state, device, request, message).await,
        Operation::RefreshCommit(message) => refresh::commit(state, device, request, message).await,
        Operation::RefreshComplete(message) => refresh::complete(state, device, request, message).await,
        Operation::Status(_) => refresh::status(state, device, request).await,
        Operation::Decrypt(message) => decrypt::decrypt(state, device, request, message).await,
        // Sessions are part of the protocol, not yet of this platform.
        Operation::SessionOpen(_) | Operation::SessionClose(_) => Ok(refused(Refusal::Refused)),
    }
}

/// The answer to a request that was seen before, or `None` for a new one.
pub(super) async fn repeated(
    state: &AppState,
    db: &impl sea_orm::ConnectionTrait,
    request: &Request,
) -> Result<Option<Reply>> {
    let (device_id, req_id) = (uuid(request.header.device_id), uuid(request.header.req_id));
    let stored = store::request(db, device_id, req_id).await?;
    let known = stored.as_ref().map(|row| (row.digest.as_slice(), row.sealed_reply.is_some()));
    Ok(match seen(known, &request.digest) {
        Seen::Never => None,
        Seen::Conflict => Some(refused(Refusal::Conflict)),
        Seen::Lost => Some(refused(Refusal::NonceGone)),
        Seen::Answered => {
            let sealed = stored.and_then(|row| row.sealed_reply).unwrap_or_default();
            // Sealed by a process that is gone: the answer is as lost as if it had never been given.
            Some(state.keys.boot.open(&request.digest, &sealed).unwrap_or_else(|| refused(Refusal::NonceGone)))
        }
    })
}

/// A reply as it is stored for an identical retry.
pub(super) fn sealed(state: &AppState, request: &Request, reply: &Reply) -> Result<Vec<u8>> {
    Ok(state.keys.boot.seal(&request.digest, reply)?)
}
