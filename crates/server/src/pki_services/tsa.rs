//! Time stamps by the platform's clock.

use pki::{
    ObjectIdentifier, Serial,
    signed_data::Dialect,
    timestamp::{Failure, Imprint, Request, Stamp, granted},
};

use super::signers;
use crate::{
    app::AppState,
    certificate::authority::seconds,
    error::{Problem, Result},
};

/// The policy of stamps for everybody: tokens with the identifiers of RFC 5652. Under the enterprise number for examples
/// (RFC 5612): a platform that is in earnest has to be given identifiers of its own.
pub const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.20520.1");
/// The same by GM/T 0033: tokens with the identifiers of GB/T 35275. Whoever wants them names this policy.
pub const GM_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.32473.20520.2");

/// How far the platform's clock may be off, seconds.
const ACCURACY: u8 = 1;

/// Answers a DER TimeStampReq with a DER TimeStampResp.
///
/// # Errors
/// `NOT_FOUND` if no institution is there whose CA could vouch for stamps.
pub async fn answer(state: &AppState, request: &[u8]) -> Result<Vec<u8>> {
    let signer = signers::time_stamper(state).await?;
    let response = Request::read(request).and_then(|request| {
        let dialect = match request.policy {
            None | Some(POLICY) => Dialect::Cms,
            Some(GM_POLICY) => Dialect::Gm,
            Some(_) => return Err(Failure::UnacceptedPolicy),
        };
        let token = token(state, &signer, dialect, &request).map_err(|error| {
            tracing::error!(%error, "time stamp");
            Failure::SystemFailure
        })?;
        Ok(granted(&token))
    });
    Ok(response.unwrap_or_else(Failure::to_der))
}

/// A DER TimeStampToken over these octets' SM3, with certificates inside, for what the platform makes itself.
pub async fn stamp(state: &AppState, dialect: Dialect, octets: &[u8]) -> Result<Vec<u8>> {
    let signer = signers::time_stamper(state).await?;
    let imprint = Imprint::of(pki::hash::Hash::Sm3, octets);
    let request = Request { imprint, policy: None, nonce: None, certificate: true };
    token(state, &signer, dialect, &request).map_err(Problem::internal)
}

fn token(
    state: &AppState,
    signer: &signers::ServiceSigner,
    dialect: Dialect,
    request: &Request,
) -> Result<Vec<u8>, pki::Error> {
    let stamp = Stamp {
        policy: if dialect == Dialect::Gm { GM_POLICY } else { POLICY },
        imprint: &request.imprint,
        serial: &Serial::random()?,
        at: seconds(state.now()),
        accuracy: ACCURACY,
        nonce: request.nonce.as_deref(),
    };
    let along = [&signer.certificate, &signer.ca];
    stamp.sign(dialect, &signer.certificate, if request.certificate { &along } else { &[] }, &signer.key)
}
