//! Passwords: Argon2id (RFC 9106), computed off the async threads. Persons' and reviewers' alike.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};

use tokio::sync::OnceCell;

use crate::{
    error::{Problem, Result},
    heavy,
};

/// What is verified when nobody of that name has a password, so that the time taken tells nothing.
const NOBODY: &str = "nobody";

/// Hashed once: hashing anew for each unknown name would take twice as long as a known one, and tell them apart.
static NOBODYS_HASH: OnceCell<String> = OnceCell::const_new();

/// The PHC string of a password.
pub async fn hash(password: String) -> Result<String> {
    let work = move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string());
    heavy::run(work).await.map_err(Problem::internal)?.map_err(Problem::internal)
}

/// Whether `password` is the one behind `stored`. Without `stored` it takes as long and says no.
pub async fn verify(password: String, stored: Option<String>) -> Result<bool> {
    let known = stored.is_some();
    let stored = match stored {
        Some(stored) => stored,
        None => NOBODYS_HASH.get_or_try_init(|| hash(NOBODY.to_owned())).await?.clone(),
    };
    let work = move || {
        let hash = PasswordHash::new(&stored).map_err(Problem::internal)?;
        Ok::<_, Problem>(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    };
    Ok(heavy::run(work).await.map_err(Problem::internal)?? && known)
}
