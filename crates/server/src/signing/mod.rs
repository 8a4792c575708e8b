//! Signing PDFs: the document is prepared and its digest fixed when a phone claims the request; when the phone answers,
//! the signature goes in, and the result is checked before anybody is told.
//!
//! Nothing here has routes of its own: the phone's are in `scan/`, the relying party's in `relying/`.

use bytes::Bytes;
use document::pdf::{self, Details, Placement, Prepared, RectMm};
use jiff::Timestamp;
use pki::signed_data::Message;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::{
    account::Account,
    app::AppState,
    certificate::{
        authority,
        entity::{appearance, certificate},
    },
    enterprise,
    error::{FIELDS_INVALID, Kind, Problem, Result},
    heavy,
    scan::model::{StoredDocument, StoredPlacement},
    verify,
};

/// Our own result did not pass our own check.
const RESULT_INVALID: Kind = Kind::new(
    500,
    "SIGNING_RESULT_INVALID",
    "签章未通过校验，请重新发起",
    "The signed document did not pass the check; please start again",
);

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
}

/// Refuses what could not be signed later: unreadable files, placements off the page, other people's pictures.
/// Returns the number of pages.
pub async fn check(state: &AppState, account_id: Uuid, file: Bytes, placements: &[StoredPlacement]) -> Result<u32> {
    let pictures = pictures(state, account_id, placements).await?;
    let (placements, now) = (placements.to_vec(), state.now());
    blocking(move || {
        let pages = pdf::page_sizes_mm(&file).map_err(|error| problem(&error))?.len();
        trial(&file, &placements, &pictures, "试签", now)?;
        u32::try_from(pages).map_err(Problem::internal)
    })
    .await
}

/// A document that waits for its signature.
#[derive(Debug)]
pub struct PreparedDocument {
    /// What is stored of it.
    pub document: StoredDocument,
    /// SM3 of the octets that the ByteRange names.
    pub digest: [u8; 32],
}

/// Prepares the document for the person who has just claimed the request.
pub async fn prepare(state: &AppState, account: Account, document: StoredDocument) -> Result<PreparedDocument> {
    let name = account.row(state).await?.name.unwrap_or_default();
    let pictures = pictures(state, account.id, &document.placements).await?;
    prepare_as(state, name, pictures, document).await
}

/// Prepares the document for a signature under that name, one picture for each placement.
pub async fn prepare_as(
    state: &AppState,
    name: String,
    pictures: Vec<Bytes>,
    mut document: StoredDocument,
) -> Result<PreparedDocument> {
    let file = state.blobs.get(&document.source).await?;
    let (placements, now) = (document.placements.clone(), state.now());
    let prepared = blocking(move || trial(&file, &placements, &pictures, &name, now)).await?;
    document.prepared_size = prepared.bytes.len() as u64;
    document.prepared = Some(state.blobs.put(prepared.bytes).await?);
    Ok(PreparedDocument { document, digest: prepared.digest })
}

fn trial(
    file: &[u8],
    placements: &[StoredPlacement],
    pictures: &[Bytes],
    name: &str,
    signed_at: Timestamp,
) -> Result<Prepared> {
    let placements: Vec<Placement<'_>> = placements
        .iter()
        .zip(pictures)
        .map(|(StoredPlacement { at, .. }, png)| Placement {
            page: at.page,
            rect: RectMm { x_mm: at.x_mm, y_mm: at.y_mm, width_mm: at.width_mm, height_mm: at.height_mm },
            png,
        })
        .collect();
    pdf::prepare(file, &placements, &Details { name, reason: None, signed_at }).map_err(|error| problem(&error))
}

/// The picture of each placement; all of them must be this person's, or an enterprise's that the person belongs to. Which
/// seal goes with which certificate is decided when a certificate is named.
async fn pictures(state: &AppState, account_id: Uuid, placements: &[StoredPlacement]) -> Result<Vec<Bytes>> {
    let wanted = placements.iter().map(|placement| placement.appearance_id);
    let known = appearance::Entity::find().filter(appearance::Column::Id.is_in(wanted)).all(&*state.db).await?;
    let belongs: Vec<Uuid> = enterprise::store::memberships_of(&*state.db, account_id)
        .await?
        .into_iter()
        .map(|(membership, _)| membership.enterprise_id)
        .collect();
    let own = known.into_iter().filter(|row| match row.enterprise_id {
        None => row.account_id == account_id,
        Some(enterprise_id) => belongs.contains(&enterprise_id),
    });
    // One picture may stand on hundreds of pages: it is kept once.
    let own: Vec<(Uuid, Bytes)> = own.map(|row| (row.id, row.png.into())).collect();
    placements
        .iter()
        .map(|placement| {
            let found = own.iter().find(|(id, _)| *id == placement.appearance_id);
            let unknown = || FIELDS_INVALID.field("placements", "APPEARANCE_UNKNOWN");
            found.map(|(_, png)| png.clone()).ok_or_else(unknown)
        })
        .collect()
}

/// Puts the signature in, and checks the result as any stranger would.
pub async fn finish(
    state: &AppState,
    mut document: StoredDocument,
    certificate: &certificate::Model,
    signature: &[u8],
) -> Result<StoredDocument> {
    let name = document.prepared.as_deref().ok_or_else(|| Problem::internal("a claimed document is not prepared"))?;
    let file = state.blobs.get(name).await?;
    let authority = authority::open(state, &*state.db, certificate.institution_id).await?;
    let der = certificate.der.as_deref().ok_or_else(|| Problem::internal("a certificate without its octets"))?;
    let signer = pki::Certificate::read(der).map_err(Problem::internal)?;
    let mut above = vec![authority.ca, authority.root];
    // A root may issue itself.
    above.dedup();
    let (signature, trust) = (signature.to_vec(), verify::Trust::load(state).await?);
    let signed = blocking(move || {
        let prepared = Prepared::reopen(file.to_vec()).map_err(Problem::internal)?;
        let cms = Message::digest(&prepared.digest).assemble(&signer, &above, &signature).map_err(Problem::internal)?;
        let signed = pdf::embed(&prepared, &cms).map_err(Problem::internal)?;
        if trust.newest_is_valid(&signed, &signer.tbs.serial) { Ok(signed) } else { Err(RESULT_INVALID.problem()) }
    })
    .await?;
    document.signed = Some(state.blobs.put(signed).await?);
    Ok(document)
}

/// What is wrong with somebody's PDF, under the document crate's stable code.
pub fn problem(error: &document::Error) -> Problem {
    let kind = Kind::new(
        422,
        error.code(),
        "文件无法签署，请检查后重新上传",
        "This file cannot be signed; check it and upload it again",
    );
    kind.detail(error.to_string(), error.to_string())
}

/// Runs work that takes longer than a moment beside the event loop, see [`heavy`].
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    heavy::run(work).await.map_err(Problem::internal)?
}
