//! A key in a PKCS#11 token: AES-256, made in there, never out of it.
//!
//! Sealed values are nonce ‖ ciphertext ‖ tag of AES-GCM; purpose and context are authenticated with them. A session that
//! is lost is opened again, and a token that was away and came back is found again without a restart of the platform.

use std::{
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Function, Pkcs11},
    error::{Error, RvError},
    mechanism::{Mechanism, aead::GcmParams},
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::{Session, UserType},
    slot::Slot,
    types::AuthPin,
};
use gm::random;
use tokio::runtime::{Handle, RuntimeFlavor};
use zeroize::Zeroizing;

use super::settings::TokenSettings;
use crate::{keys::vault::KeyVault, storage::StorageError};

/// Length of the key.
const KEY_LENGTH: u64 = 32;
/// Length of a nonce, random for each value.
const NONCE_LENGTH: usize = 12;
/// Bits of the authentication tag.
const TAG_BITS: u64 = 128;
/// Sessions that are kept open.
const SESSIONS: usize = 16;
/// A module is initialised anew at most this often, however many requests find the token gone.
const PATIENCE: Duration = Duration::from_secs(1);

/// The token with its key.
pub struct Token {
    settings: TokenSettings,
    pin: AuthPin,
    /// Sessions that nobody uses at the moment.
    idle: Mutex<Vec<Open>>,
    /// Whoever works in a session reads it; whoever initialises the library anew writes it.
    module: RwLock<Module>,
    /// The token has refused the PIN: asking again would lock it.
    refused: AtomicBool,
}

struct Module {
    library: Pkcs11,
    since: Instant,
}

/// A session that is logged in, and the key's name in it.
struct Open {
    session: Session,
    key: ObjectHandle,
}

impl Token {
    /// Loads the module and reads the PIN. Whether the token and its key are there is seen at the first use.
    pub fn connect(settings: TokenSettings) -> Result<Self, StorageError> {
        let pin = AuthPin::new(settings.pin()?.as_str().into());
        let library = load(&settings)?;
        let module = RwLock::new(Module { library, since: Instant::now() });
        Ok(Self { settings, pin, idle: Mutex::default(), module, refused: AtomicBool::new(false) })
    }

    /// Makes the key when there is none. `true` if it was made.
    pub fn ensure_key(&self) -> Result<bool, StorageError> {
        let module = self.module.read().unwrap_or_else(PoisonError::into_inner);
        let slot = self.slot(&module.library)?;
        let session = module.library.open_rw_session(slot).map_err(failed("session"))?;
        self.log_in(&session)?;
        if !self.keys(&session)?.is_empty() {
            return Ok(false);
        }
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::ValueLen(KEY_LENGTH.into()),
            Attribute::Label(self.settings.key.as_bytes().to_vec()),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
        ];
        session.generate_key(&Mechanism::AesKeyGen, &template).map_err(failed("making the key"))?;
        Ok(true)
    }

    /// Does `work` in a session: first in one that is open, and when that fails for whatever reason in a fresh one, which
    /// tells whether the session was to blame.
    fn with_key<T>(&self, work: impl Fn(&Open) -> Result<T, Error>) -> Result<T, StorageError> {
        let idle = self.idle().pop();
        if let Some(open) = idle {
            let module = self.module.read().unwrap_or_else(PoisonError::into_inner);
            let done = work(&open);
            drop(module);
            if let Ok(done) = done {
                self.keep(open);
                return Ok(done);
            }
            // The others are as old as this one.
            self.idle().clear();
        }
        let open = self.open()?;
        let module = self.module.read().unwrap_or_else(PoisonError::into_inner);
        let done = work(&open);
        drop(module);
        let done = done.map_err(|error| match error {
            // What a changed value or a wrong context looks like; modules disagree on the word.
            Error::Pkcs11(
                RvError::GeneralError
                | RvError::EncryptedDataInvalid
                | RvError::EncryptedDataLenRange
                | RvError::FunctionFailed,
                Function::Decrypt,
            ) => StorageError::Secret("sealed value does not open"),
            other => failed("use of the key")(other),
        })?;
        self.keep(open);
        Ok(done)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Open>> {
        // A panic while holding the lock leaves a plain list behind: usable.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, open: Open) {
        let mut idle = self.idle();
        if idle.len() < SESSIONS {
            idle.push(open);
        }
    }

    /// A fresh session; where there is none to be had, the module is initialised anew first.
    fn open(&self) -> Result<Open, StorageError> {
        let first = {
            let module = self.module.read().unwrap_or_else(PoisonError::into_inner);
            self.open_in(&module.library)
        };
        let Err(first) = first else { return first };
        if self.refused.load(Ordering::Relaxed) {
            return Err(first);
        }
        let mut module = self.module.write().unwrap_or_else(PoisonError::into_inner);
        if module.since.elapsed() < PATIENCE {
            return Err(first);
        }
        tracing::warn!(error = %first, "the security module is initialised anew");
        self.idle().clear();
        // It may have gone as a whole; then there is nothing to end.
        let _ = module.library.clone().finalize();
        *module = Module { library: load(&self.settings)?, since: Instant::now() };
        self.open_in(&module.library)
    }

    fn open_in(&self, library: &Pkcs11) -> Result<Open, StorageError> {
        let session = library.open_ro_session(self.slot(library)?).map_err(failed("session"))?;
        self.log_in(&session)?;
        let label = &self.settings.key;
        let keys = self.keys(&session)?;
        let [key] = keys[..] else {
            return Err(StorageError::Token(format!("{} keys with the label {label}, one is needed", keys.len())));
        };
        let asked =
            [AttributeType::KeyType, AttributeType::ValueLen, AttributeType::Sensitive, AttributeType::Extractable];
        let found = session.get_attributes(key, &asked).map_err(failed("attributes of the key"))?;
        let fits = found.iter().all(|attribute| match attribute {
            Attribute::KeyType(kind) => *kind == KeyType::AES,
            Attribute::ValueLen(length) => u64::from(*length) == KEY_LENGTH,
            Attribute::Sensitive(sensitive) => *sensitive,
            Attribute::Extractable(extractable) => !extractable,
            _ => false,
        });
        if !fits || found.len() != asked.len() {
            return Err(StorageError::Token(format!("the key {label} is not an AES-256 key that cannot be taken out")));
        }
        Ok(Open { session, key })
    }

    fn slot(&self, library: &Pkcs11) -> Result<Slot, StorageError> {
        let slots = library.get_slots_with_initialized_token().map_err(failed("slots"))?;
        let mut named = Vec::new();
        for slot in slots {
            if library.get_token_info(slot).map_err(failed("token"))?.label().trim_end() == self.settings.token {
                named.push(slot);
            }
        }
        match named[..] {
            [slot] => Ok(slot),
            [] => Err(StorageError::Token(format!("there is no token {}", self.settings.token))),
            _ => Err(StorageError::Token(format!("more than one token is called {}", self.settings.token))),
        }
    }

    fn log_in(&self, session: &Session) -> Result<(), StorageError> {
        if self.refused.load(Ordering::Relaxed) {
            let why = "the token has refused the PIN; nobody asks again before a restart, or it would lock itself";
            return Err(StorageError::Token(why.to_owned()));
        }
        match session.login(UserType::User, Some(&self.pin)) {
            // One login counts for all sessions of a process.
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
            Err(error) => {
                if let Error::Pkcs11(RvError::PinIncorrect | RvError::PinLocked | RvError::PinExpired, _) = error {
                    self.refused.store(true, Ordering::Relaxed);
                }
                Err(failed("login")(error))
            }
        }
    }

    fn keys(&self, session: &Session) -> Result<Vec<ObjectHandle>, StorageError> {
        let label = Attribute::Label(self.settings.key.as_bytes().to_vec());
        session.find_objects(&[Attribute::Class(ObjectClass::SECRET_KEY), label]).map_err(failed("looking for the key"))
    }
}

fn load(settings: &TokenSettings) -> Result<Pkcs11, StorageError> {
    let library = Pkcs11::new(&settings.module)
        .map_err(|error| StorageError::Token(format!("module {}: {error}", settings.module.display())))?;
    match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        // By somebody else in this process.
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(library),
        Err(error) => Err(failed("module")(error)),
    }
}

fn failed<E: core::fmt::Display>(what: &'static str) -> impl Fn(E) -> StorageError {
    move |error| StorageError::Token(format!("{what}: {error}"))
}

/// The token for one purpose.
pub struct TokenVault {
    token: Arc<Token>,
    purpose: &'static str,
}

impl TokenVault {
    pub(super) fn new(token: &Arc<Token>, purpose: &'static str) -> Self {
        Self { token: Arc::clone(token), purpose }
    }

    /// What is authenticated: the purpose, its end, the context.
    fn authenticated(&self, context: &[u8]) -> Vec<u8> {
        [self.purpose.as_bytes(), &[0], context].concat()
    }
}

impl KeyVault for TokenVault {
    fn wrap(&self, context: &[u8], secret: &[u8]) -> Result<Vec<u8>, StorageError> {
        let nonce = random::bytes::<NONCE_LENGTH>()?;
        let authenticated = self.authenticated(context);
        let sealed = aside(|| {
            self.token.with_key(|open| {
                let mut nonce = nonce;
                let mechanism = Mechanism::AesGcm(parameters(&mut nonce, &authenticated)?);
                open.session.encrypt(&mechanism, open.key, secret)
            })
        })?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, StorageError> {
        let (nonce, sealed) =
            wrapped.split_first_chunk::<NONCE_LENGTH>().ok_or(StorageError::Secret("sealed value is too short"))?;
        let authenticated = self.authenticated(context);
        aside(|| {
            self.token.with_key(|open| {
                let mut nonce = *nonce;
                let mechanism = Mechanism::AesGcm(parameters(&mut nonce, &authenticated)?);
                open.session.decrypt(&mechanism, open.key, sealed).map(Zeroizing::new)
            })
        })
    }
}

fn parameters<'a>(nonce: &'a mut [u8], authenticated: &'a [u8]) -> Result<GcmParams<'a>, Error> {
    GcmParams::new(nonce, authenticated, TAG_BITS.into())
}

/// A token may be a machine at the other end of a network: other requests are moved to another thread meanwhile.
fn aside<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current() {
        Ok(runtime) if runtime.runtime_flavor() == RuntimeFlavor::MultiThread => tokio::task::block_in_place(work),
        _ => work(),
    }
}
