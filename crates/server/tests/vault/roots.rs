//! `guiqian authority export-root` and `renew-ca`: the root key lies off-line, OpenSSL reads it, everything goes on.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use pki::chain::{Revocation, Usage, Verifier};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use server::{
    audit::entity as entries,
    certificate::entity::{authority, certificate},
};

use crate::{common::Platform, stage::Stage};

const SLUG: &str = "guiyun";
const PASSPHRASE: &str = "桂林山水甲天下 2026-11";

/// As an operator types it.
fn guiqian(platform: &Platform, words: &[&str], passphrase: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guiqian"));
    command.arg("authority").args(words).arg("--passphrase-file").arg(passphrase);
    command.arg("--data").arg(platform.folder()).args(platform.database().arguments());
    command.output().unwrap()
}

#[track_caller]
fn refused(output: &Output, why: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(why), "{said}");
}

#[track_caller]
fn done(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn openssl(words: &[&str], file: &Path, passphrase: &Path) -> Output {
    let mut command = Command::new("openssl");
    command.args(words).arg("-in").arg(file).arg("-passin").arg(format!("file:{}", passphrase.display()));
    command.output().unwrap()
}

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn pem(&self, name: &str, der: &[u8]) -> PathBuf {
        self.file(name, pki::pem::encode(pki::pem::CERTIFICATE, der).unwrap())
    }

    /// Exports the root key of `slug`.
    fn export(&self, platform: &Platform, slug: &str) -> PathBuf {
        let (file, passphrase) = (self.path(&format!("{slug}.pem")), self.file("passphrase", PASSPHRASE));
        done(&guiqian(platform, &["export-root", slug, file.to_str().unwrap()], &passphrase));
        file
    }
}

async fn row(platform: &Platform) -> authority::Model {
    let rows = authority::Entity::find().filter(authority::Column::Slug.eq(SLUG));
    rows.one(&*platform.state.db).await.unwrap().unwrap()
}

async fn audited(platform: &Platform, action: &str) -> Vec<entries::Model> {
    let rows = entries::Entity::find().filter(entries::Column::Action.eq(action));
    rows.all(&*platform.state.db).await.unwrap()
}

/// OpenSSL 4 says so too: 3.0 does not know the user id of the Chinese standards.
#[expect(clippy::disallowed_methods, reason = "where the program is")]
fn openssl_agrees(desk: &Desk, platform: &Platform, row: &authority::Model, leaf: &[u8]) {
    let Some(program) = std::env::var_os("GUIQIAN_OPENSSL4") else {
        eprintln!("skipped: OpenSSL 4 is not there (GUIQIAN_OPENSSL4)");
        return;
    };
    let mut verify = Command::new(program);
    // The platform's clock stands still, OpenSSL's does not.
    let at = platform.state.now().as_second().to_string();
    verify.args(["verify", "-x509_strict", "-attime", &at, "-CAfile"]).arg(desk.pem("root", &row.root_certificate));
    verify.arg("-untrusted").arg(desk.pem("ca", &row.ca_certificate)).arg(desk.pem("leaf", leaf));
    let verified = verify.output().unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

#[tokio::test]
async fn openssl_reads_the_exported_root_key_and_the_database_has_it_no_more() {
    let (platform, desk) = (Platform::start().await, Desk::new());
    let before = row(&platform).await;
    let file = desk.export(&platform, SLUG);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let after = row(&platform).await;
    assert!(!before.root_key.is_empty() && after.root_key.is_empty());
    assert_eq!(after.ca_key, before.ca_key);

    let passphrase = desk.path("passphrase");
    let public = openssl(&["pkey", "-pubout", "-outform", "DER"], &file, &passphrase);
    assert!(public.status.success(), "{}", String::from_utf8_lossy(&public.stderr));
    let root = pki::Certificate::read(&after.root_certificate).unwrap();
    assert_eq!(pki::key::read(&public.stdout).unwrap(), root.tbs.public_key);
    let wrong = desk.file("wrong", "another passphrase");
    assert!(!openssl(&["pkey", "-noout"], &file, &wrong).status.success());

    let entry = audited(&platform, "authority.export_root").await;
    assert_eq!((entry.len(), entry[0].target_id), (1, Some(after.institution_id)));
    let again = guiqian(&platform, &["export-root", SLUG, desk.path("again").to_str().unwrap()], &passphrase);
    refused(&again, "off-line already");
}

#[tokio::test]
async fn what_cannot_be_exported_well_stays_in_the_database() {
    let (platform, desk) = (Platform::start().await, Desk::new());
    let before = row(&platform).await;
    let passphrase = desk.file("passphrase", PASSPHRASE);
    let there = desk.file("there", "something else");
    refused(&guiqian(&platform, &["export-root", SLUG, there.to_str().unwrap()], &passphrase), "cannot write");
    assert_eq!(fs::read_to_string(&there).unwrap(), "something else");
    let file = desk.path("root.pem");
    let short = desk.file("short", "kurz");
    refused(&guiqian(&platform, &["export-root", SLUG, file.to_str().unwrap()], &short), "at least 12 characters");
    refused(&guiqian(&platform, &["export-root", "nobody", file.to_str().unwrap()], &passphrase), "no institution");
    assert!(!file.exists());
    assert_eq!(row(&platform).await, before);
}

#[tokio::test]
async fn without_root_keys_the_platform_starts_issues_and_publishes() {
    let (platform, desk) = (Platform::start().await, Desk::new());
    for institution in authority::Entity::find().all(&*platform.state.db).await.unwrap() {
        desk.export(&platform, &institution.slug);
    }
    let mut stage = Stage::on(platform.restart().await);
    let (mut phone, mut key) = stage.person(1).await;
    stage.log_in(&mut phone, &mut key).await;
    // Far enough that every list and every service's certificate is made anew.
    stage.platform.clock.advance(jiff::SignedDuration::from_hours(24 * 40));
    server::pki_services::ensure(&stage.platform.state).await.unwrap();
    assert!(server::pki_services::crl::refresh(&stage.platform.state).await.unwrap() > 0);
    stage.platform = stage.platform.restart().await;
}

#[tokio::test]
async fn the_root_key_from_the_file_renews_the_issuing_ca_and_older_certificates_stay_good() {
    let (stage, desk) = (Stage::open().await, Desk::new());
    stage.person(1).await;
    let platform = &stage.platform;
    let (file, passphrase) = (desk.export(platform, SLUG), desk.path("passphrase"));
    let before = row(platform).await;

    let renew = |file: &Path, passphrase: &Path| {
        guiqian(platform, &["renew-ca", SLUG, "--root-key", file.to_str().unwrap()], passphrase)
    };
    refused(&renew(&file, &desk.file("wrong", "another passphrase")), "cannot be opened");
    let slugs = authority::Entity::find().all(&*platform.state.db).await.unwrap();
    let other = slugs.into_iter().find(|row| row.slug != SLUG).unwrap().slug;
    refused(&renew(&desk.export(platform, &other), &passphrase), "another key");
    assert_eq!(row(platform).await, before);

    let said: serde_json::Value = serde_json::from_str(&done(&renew(&file, &passphrase))).unwrap();
    let after = row(platform).await;
    assert!(after.root_key.is_empty(), "the key was lent, not given back");
    let [old, new] = [&before, &after].map(|row| pki::Certificate::read(&row.ca_certificate).unwrap());
    assert_eq!(said["ca_serial"], new.tbs.serial.to_string());
    assert_ne!(new.tbs.serial, old.tbs.serial);
    assert_eq!((&new.tbs.subject, new.tbs.public_key), (&old.tbs.subject, old.tbs.public_key));

    let leaf = certificate::Entity::find().one(&*platform.state.db).await.unwrap().unwrap().der.unwrap();
    let verifier = Verifier {
        roots: &[pki::Certificate::read(&after.root_certificate).unwrap()],
        intermediates: &[new],
        crls: &[],
        revocation: Revocation::WhenKnown,
        at: u64::try_from(platform.state.now().as_second()).unwrap(),
    };
    verifier.verify(&pki::Certificate::read(&leaf).unwrap(), Usage::Signing).unwrap();
    openssl_agrees(&desk, platform, &after, &leaf);

    let entry = audited(platform, "authority.renew_ca").await;
    assert_eq!((entry.len(), entry[0].target_id), (1, Some(after.institution_id)));
    // What is issued next hangs from it too.
    stage.person(2).await;
}
