//! Answers signed before anybody asks (`serve --presign-ocsp`): every minute those that are missing or grow old. Like every
//! answer that is kept they are sent only while they still say what the database says.

use std::sync::Arc;

use super::{
    ocsp::{self, Row},
    signers,
};
use crate::{
    app::AppState,
    certificate::{
        authority::seconds,
        entity::{authority, certificate},
    },
    error::{Problem, Result},
    heavy,
};
use jiff::SignedDuration;
use pki::{
    Serial,
    hash::Hash,
    ocsp::{CertId, Status},
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};

/// How many certificates of the whole platform are answered ahead, the newest of each institution. With two digests
/// for each they fit into the room for kept answers with others that were asked about.
const MOST: u64 = 12_000;
/// What people's software asks by: OpenSSL, browsers and Java by SHA-1, Chinese software by SM3.
const DIGESTS: [Hash; 2] = [Hash::Sha1, Hash::Sm3];
/// An answer that grows old sooner than this is signed anew: the next round comes in a minute.
const SPARE: SignedDuration = SignedDuration::from_secs(120);
/// How many certificates are worked on before others get their turn at the processor.
const AT_ONCE: usize = 200;

/// Signs what is due; returns how many answers that were.
pub async fn presign(state: &AppState) -> Result<u64> {
    let mut authorities = authority::Entity::find().all(&*state.db).await?;
    authorities.retain(|authority| !authority.is_outside());
    let share = MOST / u64::try_from(authorities.len()).map_or(1, |count| count.max(1));
    let mut made = 0;
    for authority in authorities {
        let signer = signers::responder(state, &authority.slug).await?;
        let rows = newest(state, &authority, share).await?;
        for some in rows.chunks(AT_ONCE) {
            let (state, signer, some) = (state.clone(), Arc::clone(&signer), some.to_vec());
            let signed = heavy::run(move || sign(&state, &signer, &some)).await.map_err(Problem::internal)?;
            made += signed.map_err(Problem::internal)?;
        }
    }
    Ok(made)
}

/// The certificates that have not ended yet, newest first.
async fn newest(state: &AppState, authority: &authority::Model, most: u64) -> Result<Vec<(String, Row)>> {
    use certificate::Column;
    let rows: Vec<(String, String, Option<i64>, Option<String>)> = certificate::Entity::find()
        .select_only()
        .columns([Column::Serial, Column::State, Column::RevokedAt, Column::RevocationReason])
        .filter(Column::InstitutionId.eq(authority.institution_id))
        .filter(Column::NotAfter.gte(state.now().as_millisecond()))
        .order_by_desc(Column::CreatedAt)
        .limit(most)
        .into_tuple()
        .all(&*state.db)
        .await?;
    Ok(rows.into_iter().map(|(serial, word, at, reason)| (serial, (word, at, reason))).collect())
}

fn sign(state: &AppState, signer: &signers::ServiceSigner, rows: &[(String, Row)]) -> Result<u64, pki::Error> {
    let now = state.now();
    let (at, later) = (seconds(now), seconds(now + SPARE));
    let mut made = 0;
    for (serial, row) in rows {
        let status = ocsp::of_row(row, at);
        for hash in DIGESTS {
            let id = CertId::new(hash, &signer.ca, Serial::from_hex(serial)?);
            let by = &signer.certificate.tbs.serial;
            if status != Status::Unknown && state.pki.kept.find(&id, &status, by, later).is_none() {
                ocsp::make_and_keep(state, signer, id, status.clone())?;
                made += 1;
            }
        }
    }
    Ok(made)
}
