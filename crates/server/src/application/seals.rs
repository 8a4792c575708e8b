//! The seals that an enterprise has from the moment it exists: drawn from its facts, before the transaction that makes
//! or changes it, because drawing takes a while.

use document::stamp::{self, CompanySeal};
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set};
use uuid::Uuid;

use super::{
    Application,
    details::{Details, EnterpriseFacts},
    rules::Kind,
    store,
};
use crate::{
    app::AppState,
    authorisation::rules::SealKind,
    certificate::entity::appearance,
    error::{NOT_FOUND, Result},
    paper,
    storage::Tx,
};

/// A drawn seal.
#[derive(Debug, Clone)]
pub struct Seal {
    kind: SealKind,
    name: String,
    /// Width and height on a page, micrometres.
    size_um: (i32, i32),
    png: Vec<u8>,
}

/// The seals that come with the end of this application; none for kinds that make or change no enterprise.
pub async fn for_application(state: &AppState, row: &Application) -> Result<Vec<Seal>> {
    match (row.kind()?.states_facts(), Details::of(state, row)?.facts) {
        (true, Some(facts)) => draw(state, facts).await,
        _ => Ok(Vec::new()),
    }
}

async fn draw(state: &AppState, facts: EnterpriseFacts) -> Result<Vec<Seal>> {
    paper::make(state, move |fonts| {
        let company = CompanySeal { name: &facts.name, line: None, code: None }.draw(fonts);
        let (person, written) = (&facts.legal_person_name, stamp::handwritten(&facts.legal_person_name, fonts));
        let pictures = [
            (SealKind::Company, format!("{}公章", facts.name), company),
            (SealKind::LegalPerson, format!("{person}法人章"), stamp::name_seal(person, fonts)),
            (SealKind::LegalPersonSignature, format!("{person}手写签名"), written),
        ];
        let mut seals = Vec::new();
        for (kind, name, picture) in pictures {
            match picture {
                Ok(picture) => seals.push(Seal::of(kind, name, picture)),
                // A name with a character that no font has: the enterprise exists without this picture.
                Err(error @ document::Error::NoGlyph { .. }) => tracing::warn!(%error, "a seal cannot be drawn"),
                Err(error) => return Err(error),
            }
        }
        Ok(seals)
    })
    .await
}

impl Seal {
    fn of(kind: SealKind, name: String, picture: stamp::Picture) -> Self {
        // Millimetres of a drawn seal are two digits; micrometres fit.
        let micrometres = |mm: f64| (mm * 1000.0).round() as i32;
        let size_um = (micrometres(picture.width_mm), micrometres(picture.height_mm));
        Self { kind, name, size_um, png: picture.png }
    }
}

/// Puts these in place of the enterprise's seals.
pub async fn replace(state: &AppState, tx: &Tx, enterprise_id: Uuid, seals: Vec<Seal>) -> Result<()> {
    appearance::Entity::delete_many().filter(appearance::Column::EnterpriseId.eq(enterprise_id)).exec(&**tx).await?;
    for seal in seals {
        let row = appearance::ActiveModel {
            id: Set(state.new_id()),
            // Nobody's own: whoever belongs to the enterprise uses it as far as they may, and it stays when they go.
            account_id: Set(enterprise_id),
            kind: Set(seal.kind.as_str().to_owned()),
            name: Set(seal.name),
            width_um: Set(seal.size_um.0),
            height_um: Set(seal.size_um.1),
            png: Set(seal.png),
            enterprise_id: Set(Some(enterprise_id)),
            created_at: Set(state.now().as_millisecond()),
        };
        row.insert(&**tx).await?;
    }
    Ok(())
}

/// The seals that come with the certificate of application `id`.
pub async fn for_download(state: &AppState, id: Uuid) -> Result<Vec<Seal>> {
    let row = store::find(&*state.db, id).await?.ok_or(NOT_FOUND)?;
    if row.kind()? == Kind::EnterpriseClaim { for_application(state, &row).await } else { Ok(Vec::new()) }
}
