//! An institution's root and issuing CA: their keys, wrapped by the vault, and their certificates. The root's key may be
//! off-line (`root_key.rs`).

use gm::sm2::{KeyPair, SecretKey};
use jiff::Timestamp;
use pki::{Certificate, Profile, Serial, UnixSeconds, certificate::Template, name};
use sea_orm::{ActiveModelTrait as _, ConnectionTrait, EntityTrait as _, QueryOrder as _, Set};
use serde_json::json;
use uuid::Uuid;

use super::{entity::authority, rules::validity};
use crate::{
    app::AppState,
    audit,
    error::{NOT_FOUND, Problem, Result},
    institution,
    storage::StorageError,
    vault::Purpose,
};

const ROOT_MONTHS: u32 = 20 * 12;
pub(super) const CA_MONTHS: u32 = 10 * 12;

/// An institution's CA, ready to sign.
pub struct Authority {
    /// The row.
    pub row: authority::Model,
    /// The root's certificate.
    pub root: Certificate,
    /// The issuing CA's certificate.
    pub ca: Certificate,
    /// The issuing CA's key.
    pub signer: KeyPair,
}

/// Makes what the institution needs and does not have yet. Called at every start.
pub async fn ensure(state: &AppState, institution: &institution::Institution) -> Result<()> {
    if authority::Entity::find_by_id(institution.id).one(&*state.db).await?.is_some() {
        return Ok(());
    }
    let now = state.now();
    let (root_key, ca_key) = (KeyPair::generate()?, KeyPair::generate()?);
    let (root, ca) = certificates(institution, now, &root_key, &ca_key).map_err(Problem::internal)?;
    let seal = |what: &str, key: &KeyPair| -> Result<Vec<u8>> {
        let context = context(institution.id, what);
        Ok(state.vaults.of(Purpose::AuthorityKeys).wrap(&context, &*key.secret().to_bytes())?)
    };
    let row = authority::ActiveModel {
        institution_id: Set(institution.id),
        slug: Set(institution.slug.clone()),
        root_certificate: Set(root.der),
        root_key: Set(seal("root", &root_key)?),
        ca_certificate: Set(ca.der),
        ca_key: Set(seal("ca", &ca_key)?),
        crl_number: Set(0),
        crl: Set(None),
        crl_next_update: Set(None),
        created_at: Set(now.as_millisecond()),
    };
    let tx = state.db.begin().await?;
    row.insert(&*tx).await?;
    let entry = audit::Entry {
        actor: audit::Actor::System,
        action: "authority.create",
        target_kind: "institution",
        target_id: Some(institution.id),
        detail: json!({ "slug": institution.slug, "ca_serial": ca.tbs.serial.to_string() }),
    };
    audit::record(&tx, now, entry).await?;
    tx.commit().await?;
    Ok(())
}

fn certificates(
    institution: &institution::Institution,
    now: Timestamp,
    root_key: &KeyPair,
    ca_key: &KeyPair,
) -> Result<(Certificate, Certificate), pki::Error> {
    let mark = if institution.sandbox { "（演示）" } else { "" };
    let root_name = name::authority(&institution.name, &format!("{}根证书{mark}", institution.name))?;
    let ca_name = name::authority(&institution.name, &format!("{}签发证书{mark}", institution.name))?;
    let (from, to) = validity(now, ROOT_MONTHS);
    let root = Template {
        profile: &Profile::ROOT,
        serial: &Serial::random()?,
        subject: &root_name,
        public_key: &root_key.public().to_bytes(),
        not_before: seconds(from),
        not_after: seconds(to),
        crl_url: None,
        issuer_url: None,
        ocsp_url: None,
        policy: None,
        credit_code: None,
    };
    let root = pki::certificate::sign(&root.self_signed()?, None, root_key)?;
    let ca = Template {
        profile: &Profile::ISSUING,
        serial: &Serial::random()?,
        subject: &ca_name,
        public_key: &ca_key.public().to_bytes(),
        not_before: seconds(from),
        not_after: seconds(validity(now, CA_MONTHS).1),
        crl_url: None,
        issuer_url: None,
        ocsp_url: None,
        policy: None,
        credit_code: None,
    };
    let ca = pki::certificate::sign(&ca.under(&root)?, Some(&root), root_key)?;
    Ok((root, ca))
}

/// Unix seconds of a time; times before 1970 do not occur.
pub(crate) fn seconds(at: Timestamp) -> UnixSeconds {
    u64::try_from(at.as_second()).unwrap_or_default()
}

/// What a key of an institution is sealed for: `root` or `ca`.
pub(crate) fn context(institution_id: Uuid, what: &str) -> Vec<u8> {
    [institution_id.as_bytes().as_slice(), what.as_bytes()].concat()
}

/// The institution's CA with its key.
pub async fn open(state: &AppState, db: &impl ConnectionTrait, institution_id: Uuid) -> Result<Authority> {
    let row = authority::Entity::find_by_id(institution_id).one(db).await?.ok_or(NOT_FOUND)?;
    let octets = state.vaults.of(Purpose::AuthorityKeys).unwrap(&context(institution_id, "ca"), &row.ca_key)?;
    let octets = octets.as_slice().try_into().map_err(|_| StorageError::Secret("a CA key has the wrong length"))?;
    let signer = KeyPair::from(SecretKey::from_bytes(octets)?);
    let (root, ca) = read(&row)?;
    Ok(Authority { row, root, ca, signer })
}

fn read(row: &authority::Model) -> Result<(Certificate, Certificate)> {
    let read = |der: &[u8]| Certificate::read(der).map_err(Problem::internal);
    Ok((read(&row.root_certificate)?, read(&row.ca_certificate)?))
}

/// Root and issuing certificates of every institution.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<(authority::Model, Certificate, Certificate)>> {
    let rows = authority::Entity::find().order_by_asc(authority::Column::Slug).all(db).await?;
    rows.into_iter()
        .map(|row| {
            let (root, ca) = read(&row)?;
            Ok((row, root, ca))
        })
        .collect()
}
