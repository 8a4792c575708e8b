//! The root's private key off-line: out of the database into an encrypted file, and back for the one thing it is needed
//! for, a new certificate of the issuing CA. Everything else works without it.

use std::{fs, path::Path};

use anyhow::{Context as _, ensure};
use gm::sm2::{KeyPair, SecretKey};
use jiff::Timestamp;
use pki::{Certificate, Profile, Serial, certificate::Template, pem, private_key};
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, Set};
use serde_json::{Value, json};

use super::{
    authority::{CA_MONTHS, context, seconds},
    entity::authority,
    rules::validity,
};
use crate::{
    audit,
    storage::{Storage, Tx, write_private},
    vault::{Purpose, Vaults},
};

/// Characters that a passphrase has at least: the file may lie about for twenty years.
const PASSPHRASE_MIN: usize = 12;

/// Writes the root key of the institution `slug` to a new file, reads it back, and only then takes it out of the
/// database.
pub async fn export(
    db: &Storage,
    vaults: &Vaults,
    now: Timestamp,
    slug: &str,
    file: &Path,
    passphrase: &str,
) -> anyhow::Result<()> {
    ensure!(passphrase.chars().count() >= PASSPHRASE_MIN, "a passphrase of at least {PASSPHRASE_MIN} characters");
    let tx = db.begin().await?;
    let row = find(&tx, slug).await?;
    ensure!(!row.is_outside(), "the CA of {slug} is elsewhere, with its keys");
    ensure!(!row.root_key.is_empty(), "the root key of {slug} is off-line already");
    let octets = vaults.of(Purpose::AuthorityKeys).unwrap(&context(row.institution_id, "root"), &row.root_key)?;
    let key = SecretKey::from_bytes(octets.as_slice().try_into().context("the root key has the wrong length")?)?;
    let sealed = private_key::seal(&key, passphrase)?;
    write_private(file, pem::encode(pem::ENCRYPTED_PRIVATE_KEY, &sealed)?.as_bytes())
        .with_context(|| format!("cannot write {}", file.display()))?;
    read(file, passphrase, &row)?;
    let entry = entry("authority.export_root", &row, json!({ "slug": slug }));
    let mut changed = row.into_active_model();
    changed.root_key = Set(Vec::new());
    changed.update(&*tx).await?;
    audit::record(&tx, now, entry).await?;
    Ok(tx.commit().await?)
}

/// Signs a new certificate for the issuing CA of the institution `slug` with the root key in `file`: the same name and
/// key, a new serial number, a later end. What the CA has issued stays good. Returns the certificate's serial number.
pub async fn renew_ca(
    db: &Storage,
    now: Timestamp,
    slug: &str,
    file: &Path,
    passphrase: &str,
) -> anyhow::Result<String> {
    let tx = db.begin().await?;
    let row = find(&tx, slug).await?;
    let key = read(file, passphrase, &row)?;
    let (root, old) = (Certificate::read(&row.root_certificate)?, Certificate::read(&row.ca_certificate)?);
    let (_, to) = validity(now, CA_MONTHS);
    let template = Template {
        profile: &Profile::ISSUING,
        serial: &Serial::random()?,
        subject: &old.tbs.subject,
        public_key: &old.tbs.public_key,
        // What was signed under the old certificate is checked at the time when it was signed.
        not_before: old.tbs.not_before,
        not_after: seconds(to).min(root.tbs.not_after),
        crl_url: None,
        issuer_url: None,
        ocsp_url: None,
        policy: None,
        credit_code: None,
    };
    let ca = pki::certificate::sign(&template.under(&root)?, Some(&root), &key)?;
    let serial = ca.tbs.serial.to_string();
    let detail = json!({ "slug": slug, "ca_serial": serial, "replaces": old.tbs.serial.to_string() });
    let entry = entry("authority.renew_ca", &row, detail);
    let mut changed = row.into_active_model();
    changed.ca_certificate = Set(ca.der);
    changed.update(&*tx).await?;
    audit::record(&tx, now, entry).await?;
    tx.commit().await?;
    Ok(serial)
}

async fn find(tx: &Tx, slug: &str) -> anyhow::Result<authority::Model> {
    let row = authority::Entity::find().filter(authority::Column::Slug.eq(slug)).one(&**tx).await?;
    row.with_context(|| format!("no institution is called {slug}"))
}

/// The key in the file, which has to be this root's.
fn read(file: &Path, passphrase: &str, row: &authority::Model) -> anyhow::Result<KeyPair> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let key = KeyPair::from(private_key::open(&pem::decode(pem::ENCRYPTED_PRIVATE_KEY, &text)?, passphrase)?);
    let root = Certificate::read(&row.root_certificate)?;
    ensure!(key.public().to_bytes() == root.tbs.public_key, "{} holds another key than this root's", file.display());
    Ok(key)
}

fn entry(action: &'static str, row: &authority::Model, detail: Value) -> audit::Entry<'static> {
    audit::Entry {
        actor: audit::Actor::System,
        action,
        target_kind: "institution",
        target_id: Some(row.institution_id),
        detail,
    }
}
