//! A token for each test. One process has one SoftHSM, so the tests take turns.

use std::{
    collections::HashSet,
    env, fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    session::{Session, UserType},
    types::AuthPin,
};
use serde_json::json;
use server::vault::SETTINGS;
use tokio::sync::{Mutex, MutexGuard};

/// The user's PIN of every token here.
pub const PIN: &str = "918273";
/// The key's label.
pub const KEY: &str = "guiqian-kek";

static TURN: Mutex<()> = Mutex::const_new(());

/// A token without a key, and the turn to use it.
pub struct TestToken {
    pub module: PathBuf,
    pub label: String,
    /// Where SoftHSM keeps it.
    pub folder: PathBuf,
    home: tempfile::TempDir,
    _turn: MutexGuard<'static, ()>,
}

#[expect(clippy::disallowed_methods, reason = "where the module is")]
fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name).map(PathBuf::from)
}

/// A fresh token; `None` where nobody said where SoftHSM is. `cargo xtask test` always does.
pub async fn token() -> Option<TestToken> {
    let (Some(module), Some(configuration)) = (variable("GUIQIAN_PKCS11"), variable("SOFTHSM2_CONF")) else {
        assert!(variable("CI").is_none(), "continuous integration has SoftHSM (GUIQIAN_PKCS11, SOFTHSM2_CONF)");
        eprintln!("skipped: SoftHSM is not there (GUIQIAN_PKCS11, SOFTHSM2_CONF)");
        return None;
    };
    let turn = TURN.lock().await;
    let tokens = fs::read_to_string(configuration).unwrap();
    let tokens = tokens.lines().find_map(|line| line.strip_prefix("directories.tokendir = ")).unwrap().to_owned();
    let before = folders(&tokens);
    let label = format!("t{}", &uuid::Uuid::new_v4().simple().to_string()[..16]);
    let library = library(&module);
    // SoftHSM's last slot holds a token that is not initialised yet.
    let slot = *library.get_all_slots().unwrap().last().unwrap();
    let officer: AuthPin = AuthPin::new("officer1".into());
    library.init_token(slot, &officer, &label).unwrap();
    let session = library.open_rw_session(slot).unwrap();
    session.login(UserType::So, Some(&officer)).unwrap();
    session.init_pin(&AuthPin::new(PIN.into())).unwrap();
    session.logout().unwrap();
    let folder = folders(&tokens).difference(&before).next().unwrap().clone();
    Some(TestToken { module, label, folder, home: tempfile::tempdir().unwrap(), _turn: turn })
}

fn folders(place: &str) -> HashSet<PathBuf> {
    fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// This process's SoftHSM.
pub fn library(module: &Path) -> Pkcs11 {
    let library = Pkcs11::new(module).unwrap();
    // The platform may have been first.
    let _ = library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
    library
}

impl TestToken {
    /// Puts the settings into a platform's folder, with a PIN file of its own beside the token.
    pub fn configure(&self, data: &Path) {
        self.configure_with(data, PIN, KEY);
    }

    pub fn configure_with(&self, data: &Path, pin: &str, key: &str) {
        let secrets = data.join("secrets");
        fs::create_dir_all(&secrets).unwrap();
        let pin_file = self.pin_file();
        fs::write(&pin_file, format!("{pin}\n")).unwrap();
        fs::set_permissions(&pin_file, fs::Permissions::from_mode(0o600)).unwrap();
        let settings = json!({ "module": self.module, "token": self.label, "pin_file": pin_file, "key": key });
        fs::write(secrets.join(SETTINGS), settings.to_string()).unwrap();
    }

    pub fn pin_file(&self) -> PathBuf {
        self.home.path().join("pin")
    }

    /// A session of the token's user.
    pub fn session(&self) -> Session {
        let library = library(&self.module);
        let slots = library.get_slots_with_initialized_token().unwrap();
        let named = |slot: &&_| library.get_token_info(**slot).unwrap().label().trim_end() == self.label;
        let session = library.open_rw_session(*slots.iter().find(named).unwrap()).unwrap();
        // Sessions of the platform may have logged in for all.
        let _ = session.login(UserType::User, Some(&AuthPin::new(PIN.into())));
        session
    }

    /// Pulls the token out of its slot; put back with [`TestToken::put_back`].
    pub fn pull_out(&self) {
        fs::rename(&self.folder, self.elsewhere()).unwrap();
    }

    pub fn put_back(&self) {
        fs::rename(self.elsewhere(), &self.folder).unwrap();
    }

    fn elsewhere(&self) -> PathBuf {
        let tokens = self.folder.parent().unwrap();
        // In the same file system, beside the folder of tokens.
        tokens.parent().unwrap().join(&self.label)
    }
}
