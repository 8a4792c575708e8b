//! `guiqian keys move-to-token`: everything or nothing, and afterwards the key file opens nothing any more.

use std::process::{Command, Output};

use sea_orm::{ActiveModelTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, Set};
use serde_json::Value;
use server::{
    app::AppState,
    certificate::{authority, entity::authority as authorities},
    keys::entity::{reset_mask, split_key},
    providers::Providers,
    storage::{Secrets, StorageError},
    transparency::entity::key as log_key,
    vault::{Purpose, Vaults},
};

use crate::{
    common::Platform,
    phone::PIN,
    softhsm::{self, TestToken},
    stage::Stage,
};

/// As an operator types it.
fn move_to_token(platform: &Platform) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guiqian"));
    command.args(["keys", "move-to-token", "--data"]).arg(platform.folder());
    command.args(platform.database().arguments()).output().unwrap()
}

/// Every wrapped secret of the database.
async fn wrapped(db: &impl ConnectionTrait) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for row in authorities::Entity::find().all(db).await.unwrap() {
        all.extend([row.root_key, row.ca_key]);
    }
    all.extend(split_key::Entity::find().all(db).await.unwrap().into_iter().filter_map(|row| row.wrapped_key));
    all.extend(reset_mask::Entity::find().all(db).await.unwrap().into_iter().map(|row| row.wrapped_mask));
    all.extend(log_key::Entity::find().all(db).await.unwrap().into_iter().map(|row| row.sealed));
    all
}

async fn moved(token: &TestToken) -> (Stage, Value) {
    let mut stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    stage.log_in(&mut phone, &mut key).await;
    let before = wrapped(&*stage.platform.state.db).await;
    token.configure(stage.platform.folder());
    let output = move_to_token(&stage.platform);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let after = wrapped(&*stage.platform.state.db).await;
    assert_eq!(before.len(), after.len());
    assert!(before.iter().all(|old| !after.contains(old)), "everything is wrapped anew");

    stage = Stage::on(stage.platform.restart().await);
    phone.http = phone.http.moved(stage.platform.router.clone());
    key.commitments.clear();
    stage.log_in(&mut phone, &mut key).await;
    phone.change_pin(&mut key, PIN, "517203").await.unwrap();
    (stage, said)
}

#[tokio::test]
async fn after_the_move_phones_sign_and_institutions_issue_as_before() {
    let Some(token) = softhsm::token().await else { return };
    let (stage, said) = moved(&token).await;
    let institutions = authorities::Entity::find().all(&*stage.platform.state.db).await.unwrap().len() as u64;
    // Of the signing key and of the encryption key.
    assert_eq!((&said["shares"], &said["resets"], &said["key_made"]), (&2.into(), &1.into(), &true.into()));
    assert!(said["private_keys"].as_u64().unwrap() > institutions * 2, "CAs, services and the log: {said}");
    // A new person gets a certificate.
    stage.person(2).await;
    let again = move_to_token(&stage.platform);
    assert!(!again.status.success());
    assert!(String::from_utf8_lossy(&again.stderr).contains("in the token already"));
}

#[tokio::test]
async fn after_the_move_the_key_file_opens_nothing() {
    let Some(token) = softhsm::token().await else { return };
    let (stage, _) = moved(&token).await;
    let file = Vaults::in_file(&Secrets::open(&stage.platform.folder().join("secrets")).unwrap());
    for row in authorities::Entity::find().all(&*stage.platform.state.db).await.unwrap() {
        let context = [row.institution_id.as_bytes().as_slice(), b"ca"].concat();
        assert!(file.of(Purpose::AuthorityKeys).unwrap(&context, &row.ca_key).is_err());
        authority::open(&stage.platform.state, &*stage.platform.state.db, row.institution_id).await.unwrap();
    }
    for row in reset_mask::Entity::find().all(&*stage.platform.state.db).await.unwrap() {
        assert!(file.of(Purpose::Resets).unwrap(row.key_id.as_bytes(), &row.wrapped_mask).is_err());
    }
}

#[tokio::test]
async fn a_move_that_fails_at_the_last_secret_has_moved_nothing() {
    let Some(token) = softhsm::token().await else { return };
    let stage = Stage::open().await;
    let (mut phone, mut key) = stage.person(1).await;
    let state = &stage.platform.state;
    let sealed = damage(state, |sealed| *sealed.last_mut().unwrap() ^= 1).await;
    let before = wrapped(&*state.db).await;
    token.configure(stage.platform.folder());
    let output = move_to_token(&stage.platform);
    assert!(!output.status.success());
    assert_eq!(wrapped(&*state.db).await, before);
    assert_eq!(damage(state, |damaged| *damaged.last_mut().unwrap() ^= 1).await.len(), sealed.len());

    // The token is named but holds nothing: the platform does not start half and half.
    let opened = AppState::open(state.config.clone(), stage.platform.clock.clone(), Providers::sandbox()).await;
    let error = opened.map(drop).unwrap_err().to_string();
    assert!(error.contains("keys move-to-token"), "{error}");
    std::fs::remove_file(stage.platform.folder().join("secrets").join(server::vault::SETTINGS)).unwrap();
    let stage = Stage::on(stage.platform.restart().await);
    phone.http = phone.http.moved(stage.platform.router.clone());
    key.commitments.clear();
    stage.log_in(&mut phone, &mut key).await;
}

/// Changes the sealed key of the log, the last that is moved; returns what it was.
async fn damage(state: &AppState, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let tx = state.db.begin().await.unwrap();
    let row = log_key::Entity::find().one(&*tx).await.unwrap().unwrap();
    let (was, mut sealed) = (row.sealed.clone(), row.sealed.clone());
    change(&mut sealed);
    let mut changed = row.into_active_model();
    changed.sealed = Set(sealed);
    changed.update(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    was
}

#[tokio::test]
async fn without_settings_nothing_is_moved() {
    let Some(_token) = softhsm::token().await else { return };
    let platform = Platform::start().await;
    let output = move_to_token(&platform);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("vault.json"));
    let error: StorageError =
        Vaults::in_file(&platform.state.secrets).of(Purpose::Check).unwrap(b"", &[0; 40]).map(drop).unwrap_err();
    assert!(!matches!(error, StorageError::Token(_)));
}
