//! Heads and consistency proofs. Anybody may ask: only who compares notes with others can be sure that everybody is
//! shown the same log.

use axum::extract::State;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use gm::sm3::Digest;
use pki::log::Plan;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{key, tree};
use crate::{
    app::AppState,
    error::{NOT_FOUND, ProblemBody, QUERY_INVALID, Result},
    extract::{Json, Query},
};

/// A head that the log has signed (`docs/transparency.md`).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LogHead {
    /// Entries that it covers.
    pub size: i64,
    /// When it was signed, Unix milliseconds.
    pub timestamp_ms: i64,
    /// Base64 of the root's hash.
    pub root: String,
    /// Base64 of the DER SM2Signature.
    pub signature: String,
    /// Base64 of the log's public key, an uncompressed point. Whoever has seen it before believes that one.
    pub public_key: String,
}

/// The newest head.
pub async fn newest(db: &impl ConnectionTrait) -> Result<LogHead> {
    let head = tree::newest(db).await?.ok_or(NOT_FOUND)?;
    Ok(LogHead {
        size: head.size,
        timestamp_ms: head.at,
        root: BASE64.encode(&head.root),
        signature: BASE64.encode(&head.signature),
        public_key: BASE64.encode(key::public(db).await?.ok_or(NOT_FOUND)?),
    })
}

/// A proof's hashes as they travel.
pub fn words(proof: Vec<Digest>) -> Vec<String> {
    proof.into_iter().map(|hash| BASE64.encode(hash)).collect()
}

/// The newest signed head of the transparency log.
#[utoipa::path(get, path = "/api/log/head", tag = "log",
    responses((status = 200, body = LogHead), (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn head(State(state): State<AppState>) -> Result<Json<LogHead>> {
    Ok(Json(newest(&*state.db).await?))
}

/// Between which sizes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ConsistencyQuery {
    /// The smaller, at least 1.
    from: i64,
    /// The larger, at most that of the newest head.
    to: i64,
}

/// That the log of one size is the beginning of that of a larger one.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogConsistency {
    /// The smaller size.
    from: i64,
    /// The larger size.
    to: i64,
    /// Base64 hashes in the order of RFC 9162 section 2.1.4.
    proof: Vec<String>,
}

/// A proof that nothing before was changed (RFC 9162 section 2.1.4).
#[utoipa::path(get, path = "/api/log/consistency", tag = "log", params(ConsistencyQuery),
    responses((status = 200, body = LogConsistency), (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn consistency(
    State(state): State<AppState>,
    Query(ConsistencyQuery { from, to }): Query<ConsistencyQuery>,
) -> Result<Json<LogConsistency>> {
    let size = tree::newest(&*state.db).await?.map_or(0, |head| head.size);
    let plan = Plan::consistency(tree::number(from), tree::number(to)).filter(|_| to <= size);
    let plan = plan.ok_or_else(|| QUERY_INVALID.field("to", "NO_SUCH_SIZE"))?;
    let proof = tree::fill(&*state.db, &[plan]).await?.pop().unwrap_or_default();
    Ok(Json(LogConsistency { from, to, proof: words(proof) }))
}
