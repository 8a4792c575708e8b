//! Passwords: Argon2id (RFC 9106), computed off the async threads.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};

use crate::error::{Problem, Result};

/// What is verified when the user name is unknown, so that the time taken tells nothing.
const NOBODY: &str = "nobody";

/// The PHC string of a password.
pub async fn hash(password: String) -> Result<String> {
    let work = move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string());
    tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?.map_err(Problem::internal)
}

/// Whether `password` is the one behind `stored`. Without `stored` it takes as long and says no.
pub async fn verify(password: String, stored: Option<String>) -> Result<bool> {
    let known = stored.is_some();
    let stored = match stored {
        Some(stored) => stored,
        None => hash(NOBODY.to_owned()).await?,
    };
    let work = move || {
        let hash = PasswordHash::new(&stored).map_err(Problem::internal)?;
        Ok::<_, Problem>(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    };
    Ok(tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?? && known)
}
