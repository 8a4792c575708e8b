//! The token itself: what it seals opens for the same purpose and context only; it may go and come back.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, sync::Arc, time::Duration};

use axum::http::StatusCode;
use cryptoki::object::{Attribute, AttributeType, ObjectClass};
use server::{
    app::AppState,
    error::KEYS_UNAVAILABLE,
    providers::Providers,
    storage::StorageError,
    vault::{Purpose, Token, TokenSettings, Vaults},
};

use crate::{
    common::Platform,
    softhsm::{self, KEY, TestToken},
    stage::Stage,
};

fn connected(token: &TestToken, folder: &Path) -> Arc<Token> {
    token.configure(folder);
    let settings = TokenSettings::read(&folder.join("secrets")).unwrap().unwrap();
    Arc::new(Token::connect(settings).unwrap())
}

fn vaults(token: &TestToken, folder: &Path) -> Vaults {
    let connected = connected(token, folder);
    connected.ensure_key().unwrap();
    Vaults::in_token(&connected)
}

/// Longer than a module is left alone after it was initialised.
fn wait() {
    std::thread::sleep(Duration::from_millis(1100));
}

#[tokio::test]
async fn what_the_token_sealed_opens_for_the_same_purpose_and_context_only() {
    let Some(token) = softhsm::token().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let vaults = vaults(&token, folder.path());
    let shares = vaults.of(Purpose::Shares);
    let sealed = shares.wrap(b"row 1", b"a secret of sixteen").unwrap();
    assert_eq!(shares.unwrap(b"row 1", &sealed).unwrap().as_slice(), b"a secret of sixteen");
    assert_ne!(shares.wrap(b"row 1", b"a secret of sixteen").unwrap(), sealed, "each time another nonce");

    let refused = |opened: Result<_, StorageError>| matches!(opened.unwrap_err(), StorageError::Secret(_));
    assert!(refused(shares.unwrap(b"row 2", &sealed)));
    assert!(refused(vaults.of(Purpose::Resets).unwrap(b"row 1", &sealed)));
    for position in [0, 12, sealed.len() - 1] {
        let mut changed = sealed.clone();
        changed[position] ^= 1;
        assert!(refused(shares.unwrap(b"row 1", &changed)), "octet {position}");
    }
    assert!(refused(shares.unwrap(b"row 1", &sealed[..5])));
    assert!(refused(shares.unwrap(b"row 1", &sealed[..20])));
    assert!(shares.unwrap(b"row 1", &sealed).is_ok(), "refusals do no harm");
}

#[tokio::test]
async fn the_key_cannot_be_taken_out_and_is_made_once() {
    let Some(token) = softhsm::token().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let connected = connected(&token, folder.path());
    assert!(connected.ensure_key().unwrap());
    assert!(!connected.ensure_key().unwrap());
    let session = token.session();
    let keys = session.find_objects(&[Attribute::Class(ObjectClass::SECRET_KEY)]).unwrap();
    assert_eq!(keys.len(), 1);
    let asked = [AttributeType::Sensitive, AttributeType::Extractable, AttributeType::NeverExtractable];
    let found = session.get_attributes(keys[0], &asked).unwrap();
    let expected = [Attribute::Sensitive(true), Attribute::Extractable(false), Attribute::NeverExtractable(true)];
    assert_eq!(found, expected);
    assert!(session.get_attributes(keys[0], &[AttributeType::Value]).unwrap().is_empty(), "the value is not told");
}

#[tokio::test]
async fn a_key_that_could_be_taken_out_is_not_used() {
    let Some(token) = softhsm::token().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let connected = connected(&token, folder.path());
    let template = [
        Attribute::ValueLen(32.into()),
        Attribute::Label(KEY.into()),
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(true),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
    ];
    token.session().generate_key(&cryptoki::mechanism::Mechanism::AesKeyGen, &template).unwrap();
    let error = Vaults::in_token(&connected).of(Purpose::Shares).wrap(b"", b"secret").unwrap_err();
    assert!(error.to_string().contains("cannot be taken out"), "{error}");
}

#[tokio::test]
async fn lost_sessions_are_opened_again() {
    let Some(token) = softhsm::token().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let vaults = vaults(&token, folder.path());
    let shares = vaults.of(Purpose::Shares);
    let sealed = shares.wrap(b"row", b"secret").unwrap();
    // The login counts for the process: whoever logs out does it for all sessions.
    token.session().logout().unwrap();
    assert_eq!(shares.unwrap(b"row", &sealed).unwrap().as_slice(), b"secret");
    // The whole module ends.
    wait();
    softhsm::library(&token.module).finalize().unwrap();
    assert_eq!(shares.unwrap(b"row", &sealed).unwrap().as_slice(), b"secret");
}

#[tokio::test]
async fn without_its_token_the_platform_says_so_and_goes_on_when_it_is_back() {
    let Some(token) = softhsm::token().await else { return };
    let platform = Platform::start_after(|data| token.configure(data)).await;
    let mut stage = Stage::on(platform);
    let (mut phone, mut key) = stage.person(1).await;
    stage.log_in(&mut phone, &mut key).await;

    token.pull_out();
    wait();
    let vault = stage.platform.state.vaults.of(Purpose::Shares);
    let gone = vault.wrap(b"", b"secret").unwrap_err();
    assert!(gone.to_string().contains("security module"), "{gone}");
    let (http, number) = (phone.http.clone(), 2);
    let (mut second, application) = {
        let data = stage.platform.folder().to_owned();
        crate::phone::journey::approved(&http, crate::common::ORIGIN, &data, number, stage.now()).await
    };
    let enrolment = second.begin(&application).await;
    let refused = second.generate(&enrolment).await.map(drop).unwrap_err();
    assert!(format!("{refused:?}").contains(KEYS_UNAVAILABLE.code), "{refused:?}");

    token.put_back();
    wait();
    stage.log_in(&mut phone, &mut key).await;
    let enrolment = second.begin(&application).await;
    let mut key = second.generate(&enrolment).await.unwrap();
    second.complete(&enrolment, &mut key).await.expect(StatusCode::CREATED.as_u16());
    stage.platform = stage.platform.restart().await;
}

#[tokio::test]
async fn a_wrong_pin_is_tried_once_and_a_pin_that_others_can_read_not_at_all() {
    let Some(token) = softhsm::token().await else { return };
    let folder = tempfile::tempdir().unwrap();
    vaults(&token, folder.path());
    // Out of the login that the first vault made for all.
    token.session().logout().unwrap();
    token.configure_with(folder.path(), "000000", KEY);
    let settings = || TokenSettings::read(&folder.path().join("secrets")).unwrap().unwrap();
    let wrong = Vaults::in_token(&Arc::new(Token::connect(settings()).unwrap())).of(Purpose::Shares);
    let first = wrong.wrap(b"", b"secret").unwrap_err().to_string();
    assert!(first.contains("login"), "{first}");
    let second = wrong.wrap(b"", b"secret").unwrap_err().to_string();
    assert!(second.contains("nobody asks again"), "{second}");

    fs::set_permissions(token.pin_file(), fs::Permissions::from_mode(0o640)).unwrap();
    let error = Token::connect(settings()).map(drop).unwrap_err().to_string();
    assert!(error.contains("others may read it"), "{error}");
}

#[tokio::test]
async fn a_platform_starts_with_its_own_vault_only() {
    let Some(token) = softhsm::token().await else { return };
    let platform = Platform::start_after(|data| token.configure(data)).await;
    let settings = platform.folder().join("secrets").join(server::vault::SETTINGS);
    let open = async || {
        let (config, clock) = (platform.state.config.clone(), platform.clock.clone());
        AppState::open(config, clock, Providers::sandbox()).await.map(drop)
    };
    open().await.unwrap();

    token.configure_with(platform.folder(), softhsm::PIN, "another");
    let error = open().await.unwrap_err().to_string();
    assert!(error.contains("0 keys with the label another"), "{error}");
    let other = TokenSettings::read(&platform.folder().join("secrets")).unwrap().unwrap();
    Token::connect(other).unwrap().ensure_key().unwrap();
    let error = open().await.unwrap_err().to_string();
    assert!(error.contains("not the one of this database"), "{error}");

    fs::remove_file(&settings).unwrap();
    let error = open().await.unwrap_err().to_string();
    assert!(error.contains("put vault.json back"), "{error}");
}
