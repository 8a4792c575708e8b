//! Split keys: the one door through which every use of a server share goes (`docs/protocol.md`).
//!
//! | file | what |
//! |---|---|
//! | `rules.rs` | who may pass, what a repeated request means |
//! | `vault.rs` | shares at rest, and the key of this process |
//! | `door.rs` | `POST /api/key-operations`: envelope, device signature, freshness, dispatch |
//! | `admission.rs` | what every operation with an existing key goes through |
//! | `generation.rs`, `sign.rs`, `decrypt.rs`, `refresh.rs` | the operations |
//! | `delivery.rs` | the encryption keys on their way to the phone |
//! | `decryption.rs` | what the owner wants opened |
//! | `recovery/` | a forgotten PIN, a frozen key |
//! | `tasks.rs` | what a signature is for, and the digest that the server itself computes for it |
//! | `device.rs` | devices and their own keys |
//! | `store.rs`, `entity.rs` | tables |
//!
//! Nothing else in the platform touches a share.

mod admission;
mod decrypt;
pub mod decryption;
pub mod delivery;
pub mod device;
mod door;
pub mod entity;
mod generation;
pub mod recovery;
mod refresh;
pub mod rules;
mod sign;
mod store;
mod tasks;
pub mod vault;

pub use store::{destroy, destroy_all, resume, suspend};

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use gm::{curve::Scalar, sm2};
use splitkey::{Id, envelope};
use tokio::sync::OwnedMutexGuard;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    app::AppState,
    storage::{Secrets, StorageError},
    vault::{Purpose, Vaults},
};
use vault::{BootKey, KeyVault};

/// Burnt nonces remembered before the expired ones are swept out.
const SWEEP_ABOVE: usize = 10_000;

/// The secrets of this feature.
pub struct KeyRoom {
    shares: Arc<dyn KeyVault>,
    resets: Arc<dyn KeyVault>,
    boot: BootKey,
    envelope: envelope::SecretKey,
    /// Nonces that this process has burnt, until they expire: a database that is restored under a running process
    /// does not bring them back.
    burnt: Mutex<Burnt>,
    /// Devices whose operations are under way.
    busy: Mutex<HashMap<Uuid, Arc<tokio::sync::Mutex<()>>>>,
}

/// When each burnt nonce expires, and at how many they are looked through for those that have.
struct Burnt {
    until: HashMap<Uuid, i64>,
    sweep_above: usize,
}

impl KeyRoom {
    /// Opens the room: the envelope's key is derived from the platform's master key, shares lie in the vaults.
    pub fn open(secrets: &Secrets, vaults: &Vaults) -> Result<Self, StorageError> {
        let seed = secrets.key("key-operations/envelope");
        let wide: Zeroizing<[u8; 64]> = {
            let mut wide = Zeroizing::new([0; 64]);
            wide[..32].copy_from_slice(&*seed);
            wide[32..].copy_from_slice(&gm::sm3::hmac(&*seed, b"more"));
            wide
        };
        let secret = sm2::SecretKey::from_scalar(Scalar::reduce_wide(&wide))?;
        let point = secret.public_key().to_bytes();
        let digest = gm::sm3::digest(&point);
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        Ok(Self {
            shares: vaults.of(Purpose::Shares),
            resets: vaults.of(Purpose::Resets),
            boot: BootKey::generate()?,
            envelope: envelope::SecretKey::new(Id(id), secret),
            burnt: Mutex::new(Burnt { until: HashMap::new(), sweep_above: SWEEP_ABOVE }),
            busy: Mutex::default(),
        })
    }

    /// The key that phones close their requests for.
    pub fn envelope_key(&self) -> envelope::PublicKey {
        self.envelope.public_key()
    }

    /// Remembers a nonce as burnt; `false` if it was already.
    fn burn(&self, cid: Uuid, expires_at: i64, now: i64) -> bool {
        // A panic while holding the lock leaves a plain map behind: usable.
        let mut burnt = self.burnt.lock().unwrap_or_else(PoisonError::into_inner);
        if burnt.until.len() > burnt.sweep_above {
            burnt.until.retain(|_, until| *until > now);
            // On a busy day most are still good: looking through them at every signature would cost more than it frees.
            burnt.sweep_above = (burnt.until.len() * 2).max(SWEEP_ABOVE);
        }
        burnt.until.insert(cid, expires_at).is_none()
    }

    /// Waits until no other operation of this device is under way.
    async fn alone(&self, device_id: Uuid) -> OwnedMutexGuard<()> {
        let turn = {
            let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
            busy.retain(|_, turn| Arc::strong_count(turn) > 1);
            Arc::clone(busy.entry(device_id).or_default())
        };
        turn.lock_owned().await
    }
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(device::register, device::list))
        .routes(routes!(device::end))
        .routes(routes!(device::present))
        .routes(routes!(door::key_operation))
        .routes(routes!(decryption::begin))
        .merge(recovery::routes())
}

fn id(uuid: Uuid) -> Id {
    Id(*uuid.as_bytes())
}

fn uuid(id: Id) -> Uuid {
    Uuid::from_bytes(id.0)
}
