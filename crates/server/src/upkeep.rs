//! `guiqian keys …` and `guiqian authority …`: what an operator does with keys, from the command line.

use std::{fs, io::Write as _, path::Path};

use anyhow::{Context as _, ensure};
use zeroize::Zeroizing;

use crate::{
    certificate::root_key,
    clock::{Clock as _, SystemClock},
    config::{DatabaseOptions, ExportOptions, RenewOptions},
    storage::{Secrets, Storage},
    vault::{self, Vaults},
};

/// Wraps everything anew under the token's key and says how much that was.
pub async fn move_to_token(options: DatabaseOptions) -> anyhow::Result<()> {
    let db = options.open().await?;
    let moved = vault::move_to_token(&db, &options.data.join("secrets"), SystemClock.now()).await?;
    say(&serde_json::to_string(&moved)?)
}

/// Takes a root key out of the database into an encrypted file.
pub async fn export_root(options: ExportOptions) -> anyhow::Result<()> {
    let db = options.place.open().await?;
    let vaults = vaults(&db, &options.place).await?;
    let passphrase = match &options.passphrase_file {
        Some(file) => first_line(file)?,
        None => {
            let passphrase = ask("Passphrase for the root key: ")?;
            ensure!(ask("Once more: ")? == passphrase, "the two are not the same");
            passphrase
        }
    };
    let (slug, file) = (&options.slug, &options.file);
    root_key::export(&db, &vaults, SystemClock.now(), slug, file, &passphrase).await?;
    say(&format!("{} holds the root key of {slug}; the database does not hold it any more", file.display()))
}

/// Signs a new certificate for an issuing CA.
pub async fn renew_ca(options: RenewOptions) -> anyhow::Result<()> {
    let db = options.place.open().await?;
    let passphrase = match &options.passphrase_file {
        Some(file) => first_line(file)?,
        None => ask("Passphrase of the root key: ")?,
    };
    let serial = root_key::renew_ca(&db, SystemClock.now(), &options.slug, &options.root_key, &passphrase).await?;
    say(&serde_json::json!({ "slug": options.slug, "ca_serial": serial }).to_string())
}

/// The platform's own vaults, and no others.
async fn vaults(db: &Storage, options: &DatabaseOptions) -> anyhow::Result<Vaults> {
    let folder = options.data.join("secrets");
    let vaults = Vaults::open(&Secrets::open(&folder)?, &folder)?;
    vault::settle(db, &vaults, SystemClock.now()).await?;
    Ok(vaults)
}

fn first_line(file: &Path) -> anyhow::Result<Zeroizing<String>> {
    let text = Zeroizing::new(fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?);
    Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
}

fn ask(question: &str) -> anyhow::Result<Zeroizing<String>> {
    Ok(Zeroizing::new(rpassword::prompt_password(question).context("no terminal; give --passphrase-file")?))
}

fn say(line: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}
