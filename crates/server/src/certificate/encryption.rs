//! The encryption certificate beside a signing certificate: written down, signed and revoked together with it.

use pki::{Certificate, Profile, Serial, certificate::Template};
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _, Set, sea_query::Expr};
use uuid::Uuid;

use super::{
    authority::Authority,
    entity::{certificate, encryption_certificate},
};
use crate::{
    app::AppState,
    error::{Problem, Result},
    kmc,
    outside::Purpose,
    storage::Tx,
};

/// Makes the key and writes down what will be signed, with everything but key, profile and serial number as in
/// `signing`, the template of the signing certificate.
pub async fn intend(
    state: &AppState,
    tx: &Tx,
    authority: &Authority,
    certificate: &certificate::Model,
    signing: &Template<'_>,
) -> Result<()> {
    let escrowed = kmc::generate(state, tx, certificate).await?;
    beside(tx, authority, certificate, signing, &escrowed).await
}

/// The same for the successor of `old`: its encryption key stays too.
pub async fn intend_successor(
    tx: &Tx,
    authority: &Authority,
    old: &certificate::Model,
    new: &certificate::Model,
    signing: &Template<'_>,
) -> Result<()> {
    let Some(row) = encryption_certificate::Entity::find_by_id(old.id).one(&**tx).await? else { return Ok(()) };
    let escrowed = kmc::entity::Entity::find_by_id(row.escrow_id).one(&**tx).await?;
    let escrowed = escrowed.ok_or_else(|| Problem::internal("an encryption certificate without its key"))?;
    beside(tx, authority, new, signing, &escrowed).await
}

async fn beside(
    tx: &Tx,
    authority: &Authority,
    certificate: &certificate::Model,
    signing: &Template<'_>,
    escrowed: &kmc::entity::Model,
) -> Result<()> {
    let serial = Serial::random().map_err(Problem::internal)?;
    let public_key = escrowed.public_key.as_slice().try_into().map_err(Problem::internal)?;
    let template = Template { profile: &Profile::ENCRYPTION, serial: &serial, public_key: &public_key, ..*signing };
    let row = encryption_certificate::ActiveModel {
        certificate_id: Set(certificate.id),
        institution_id: Set(certificate.institution_id),
        escrow_id: Set(escrowed.id),
        serial: Set(serial.to_string()),
        to_be_signed: Set(template.under(&authority.ca).map_err(Problem::internal)?),
        der: Set(None),
    };
    row.insert(&**tx).await?;
    Ok(())
}

/// What was written down beside `certificate`, signed, if anything was.
pub async fn signed(
    state: &AppState,
    authority: &Authority,
    certificate: &certificate::Model,
) -> Result<Option<Certificate>> {
    let Some(row) = encryption_certificate::Entity::find_by_id(certificate.id).one(&*state.db).await? else {
        return Ok(None);
    };
    authority.issue(state, certificate.id, Purpose::Encryption, &row.to_be_signed).await.map(Some)
}

/// Forgets what was written down beside a certificate that never was.
pub async fn forget(tx: &Tx, certificate_id: Uuid) -> Result<()> {
    encryption_certificate::Entity::delete_by_id(certificate_id).exec(&**tx).await?;
    Ok(())
}

/// Stores it, in the transaction that issues the signing certificate.
pub async fn store(tx: &Tx, certificate: &certificate::Model, signed: &Certificate) -> Result<()> {
    encryption_certificate::Entity::update_many()
        .col_expr(encryption_certificate::Column::Der, Expr::value(signed.der.clone()))
        .col_expr(encryption_certificate::Column::Serial, Expr::value(signed.tbs.serial.to_string()))
        .filter(encryption_certificate::Column::CertificateId.eq(certificate.id))
        .exec(&**tx)
        .await?;
    Ok(())
}
