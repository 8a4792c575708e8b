//! An institution's root and issuing CA: their keys, wrapped by the vault, and their certificates. The root's key may be
//! off-line (`root_key.rs`), and both may be elsewhere: then a CA there is asked (`outside/`).

use gm::sm2::{KeyPair, SecretKey};
use jiff::Timestamp;
use pki::{Certificate, Profile, Serial, UnixSeconds, certificate::Template, name};
use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryOrder as _, QuerySelect as _,
    Set,
};
use serde_json::json;
use uuid::Uuid;

use super::{entity::authority, rules::validity};
use crate::{
    app::AppState,
    audit,
    error::{Kind, NOT_FOUND, Problem, Result},
    institution,
    outside::{self, Purpose as Use},
    providers::OutsideCa,
    storage::StorageError,
    vault::Purpose,
};

/// The settings name a CA elsewhere for an institution that has its own.
const OWN_CA: Kind = Kind::new(
    409,
    "OWN_CA",
    "该机构已有自己的CA，不能改由外部CA签发；请为外部CA新建机构",
    "This institution has issued with a CA of its own; a CA elsewhere needs another institution",
);
const ROOT_MONTHS: u32 = 20 * 12;
pub(super) const CA_MONTHS: u32 = 10 * 12;

/// An institution's CA.
pub struct Authority {
    /// The row.
    pub row: authority::Model,
    /// The root's certificate.
    pub root: Certificate,
    /// The issuing CA's certificate.
    pub ca: Certificate,
    /// The issuing CA's key; none if it is elsewhere.
    key: Option<KeyPair>,
}

impl Authority {
    /// The issuing CA's key.
    ///
    /// # Errors
    /// An internal one if it is elsewhere: whatever needs the key itself is not done for such an institution.
    pub fn signer(&self) -> Result<&KeyPair> {
        self.key.as_ref().ok_or_else(|| Problem::internal("the key of this CA is elsewhere"))
    }

    /// Has a CA elsewhere the key?
    pub const fn is_outside(&self) -> bool {
        self.key.is_none()
    }

    /// The certificate of these linted octets, written down for the certificate `id`. A CA elsewhere makes it like them:
    /// at least its number is another one.
    pub async fn issue(&self, state: &AppState, id: Uuid, purpose: Use, to_be_signed: &[u8]) -> Result<Certificate> {
        match &self.key {
            Some(key) => pki::certificate::sign(to_be_signed, Some(&self.ca), key).map_err(Problem::internal),
            None => outside::issuing::issue(state, self, id, purpose, to_be_signed).await,
        }
    }
}

/// Makes what the institution needs and does not have yet. Called at every start.
pub async fn ensure(state: &AppState, institution: &institution::Institution) -> Result<()> {
    let known = authority::Entity::find_by_id(institution.id).one(&*state.db).await?;
    if let Some(ca) = state.services.cas.get(&institution.slug) {
        return follow(state, institution, known, &**ca).await;
    }
    if known.is_some() {
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

/// Keeps the certificates of a CA elsewhere as the settings have them.
async fn follow(
    state: &AppState,
    institution: &institution::Institution,
    known: Option<authority::Model>,
    ca: &dyn OutsideCa,
) -> Result<()> {
    let (now, root, own) = (state.now(), ca.root().der.clone(), ca.certificate().der.clone());
    if let Some(row) = &known {
        if !row.is_outside() {
            tracing::error!(
                slug = institution.slug,
                "has issued with a CA of its own; a CA elsewhere needs another institution"
            );
            return Err(OWN_CA.into());
        }
        if row.ca_certificate == own && row.root_certificate == root {
            return Ok(());
        }
    }
    let tx = state.db.begin().await?;
    match known {
        Some(row) => {
            let mut row = row.into_active_model();
            (row.root_certificate, row.ca_certificate) = (Set(root), Set(own));
            row.update(&*tx).await?;
        }
        None => {
            let row = authority::ActiveModel {
                institution_id: Set(institution.id),
                slug: Set(institution.slug.clone()),
                root_certificate: Set(root),
                root_key: Set(Vec::new()),
                ca_certificate: Set(own),
                ca_key: Set(Vec::new()),
                crl_number: Set(0),
                crl: Set(None),
                crl_next_update: Set(None),
                created_at: Set(now.as_millisecond()),
            };
            row.insert(&*tx).await?;
        }
    }
    let entry = audit::Entry {
        actor: audit::Actor::System,
        action: "authority.outside",
        target_kind: "institution",
        target_id: Some(institution.id),
        detail: json!({ "slug": institution.slug, "ca_serial": ca.certificate().tbs.serial.to_string() }),
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

/// Are the keys of this institution's CA elsewhere?
pub async fn is_outside(db: &impl ConnectionTrait, institution_id: Uuid) -> Result<bool> {
    // The row holds the revocation list too, which may be long.
    let key = authority::Entity::find_by_id(institution_id)
        .select_only()
        .column(authority::Column::CaKey)
        .into_tuple::<Vec<u8>>()
        .one(db)
        .await?;
    Ok(key.is_some_and(|key| key.is_empty()))
}

/// The institution's CA with its key, if it is here.
pub async fn open(state: &AppState, db: &impl ConnectionTrait, institution_id: Uuid) -> Result<Authority> {
    let row = authority::Entity::find_by_id(institution_id).one(db).await?.ok_or(NOT_FOUND)?;
    let (root, ca) = read(&row)?;
    if row.is_outside() {
        return Ok(Authority { row, root, ca, key: None });
    }
    let octets = state.vaults.of(Purpose::AuthorityKeys).unwrap(&context(institution_id, "ca"), &row.ca_key)?;
    let octets = octets.as_slice().try_into().map_err(|_| StorageError::Secret("a CA key has the wrong length"))?;
    let key = Some(KeyPair::from(SecretKey::from_bytes(octets)?));
    Ok(Authority { row, root, ca, key })
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
