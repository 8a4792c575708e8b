//! Who calls: HTTP Basic with a client id and a secret.

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD},
};
use jiff::SignedDuration;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use subtle::ConstantTimeEq as _;

use super::entity::relying_party;
use crate::{
    app::AppState,
    error::{Kind, Problem, Result},
    extract::ClientAddress,
    rate::Limit,
};

/// No such client, or another secret.
const CLIENT_UNKNOWN: Kind = Kind::new(
    401,
    "CLIENT_UNKNOWN",
    "接入方凭据无效，请检查 client_id 与 client_secret",
    "The client's credentials are not valid; check client_id and client_secret",
);
/// Wrong credentials per address.
const FAILURES: Limit = Limit { times: 30, window: SignedDuration::from_mins(1) };

/// The relying party that calls. As a handler's argument it refuses everybody else.
#[derive(Debug, Clone)]
pub struct Client(pub relying_party::Model);

impl FromRequestParts<AppState> for Client {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self> {
        let found = match credentials(parts) {
            Some((client_id, secret)) => find(state, &client_id, &secret).await?,
            None => None,
        };
        match found {
            Some(row) => Ok(Self(row)),
            None => {
                let ClientAddress(address) = ClientAddress::from_request_parts(parts, state).await?;
                state.rates.take("relying-party", &address, FAILURES, state.now()).await?;
                Err(CLIENT_UNKNOWN.into())
            }
        }
    }
}

async fn find(state: &AppState, client_id: &str, secret: &str) -> Result<Option<relying_party::Model>> {
    let row =
        relying_party::Entity::find().filter(relying_party::Column::ClientId.eq(client_id)).one(&*state.db).await?;
    let digest = secret_hash(secret);
    Ok(row.filter(|row| bool::from(digest.as_slice().ct_eq(&row.secret_hash))))
}

/// The two parts of `Authorization: Basic` (RFC 7617).
fn credentials(parts: &Parts) -> Option<(String, String)> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(BASE64.decode(encoded.trim()).ok()?).ok()?;
    text.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}

/// A new secret: 256 random bits.
pub fn new_secret() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(gm::random::bytes::<32>()?))
}

/// What the database keeps of a secret. It has 256 bits of entropy, so a plain digest is enough.
pub fn secret_hash(secret: &str) -> [u8; 32] {
    gm::sm3::digest(secret.as_bytes())
}
