//! The user's PDFs. Each signing makes a new revision; the one before is kept until the new one is on disk.
//!
//! ```text
//! draft ──sign──▶ signing ──confirmed──▶ signed ──sign──▶ signing ──▶ …
//!                    └── refused, cancelled, expired: back to what it was
//! ```

mod http;
mod signing;

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use relying::inspect_pdf;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::problem::{NOT_FOUND, Result, TOO_MANY_DOCUMENTS};
use crate::store::{Files, StoreError, Table};

pub use http::routes;

/// Documents that one person may keep.
const MOST: usize = 200;

/// Who signed, and when, as the file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    name: String,
    signed_at: Option<Timestamp>,
}

/// An open question to the owner's phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signing {
    scan: Uuid,
    expires_at: Timestamp,
}

/// What is known of a document besides its octets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    owner: Uuid,
    title: String,
    created_at: Timestamp,
    size: u64,
    /// Which file of this document is the current one.
    revision: u32,
    signatures: Vec<Signature>,
    signing: Option<Signing>,
    /// The scan that made the current revision.
    signed_by: Option<Uuid>,
}

impl Document {
    fn file(&self, id: Uuid) -> String {
        file_name(id, self.revision)
    }
}

fn file_name(id: Uuid, revision: u32) -> String {
    format!("{id}-{revision}.pdf")
}

/// All documents.
pub struct Documents {
    table: Table<Document>,
    files: Files,
}

impl Documents {
    /// Opens the folders.
    pub fn open(data: &Path) -> Result<Self, StoreError> {
        let table = Table::<Document>::open(&data.join("documents"))?;
        let named: BTreeSet<String> = table
            .select(|_| true)
            .into_iter()
            .filter_map(|(name, document)| Some(document.file(name.parse().ok()?)))
            .collect();
        Ok(Self { files: Files::open(&data.join("files"), &named)?, table })
    }

    /// The document, if it is this person's: to everybody else it does not exist.
    fn own(&self, owner: Uuid, id: Uuid) -> Result<Document> {
        Ok(self.table.get(&id.to_string()).filter(|document| document.owner == owner).ok_or(NOT_FOUND)?)
    }

    /// A person's documents, the newest first.
    fn of(&self, owner: Uuid) -> Vec<(Uuid, Document)> {
        let mut rows: Vec<(Uuid, Document)> = self
            .table
            .select(|document| document.owner == owner)
            .into_iter()
            .filter_map(|(name, document)| Some((name.parse().ok()?, document)))
            .collect();
        rows.sort_by_key(|(_, document)| core::cmp::Reverse(document.created_at));
        rows
    }

    /// Takes a new PDF in.
    fn add(&self, owner: Uuid, title: String, pdf: &[u8], now: Timestamp) -> Result<(Uuid, Document)> {
        let signatures = signatures(pdf)?;
        if self.table.select(|document| document.owner == owner).len() >= MOST {
            return Err(TOO_MANY_DOCUMENTS.into());
        }
        let id = Uuid::now_v7();
        let document = Document {
            owner,
            title,
            created_at: now,
            size: pdf.len() as u64,
            revision: 1,
            signatures,
            signing: None,
            signed_by: None,
        };
        self.files.put(&document.file(id), pdf)?;
        self.table.put(&id.to_string(), &document)?;
        Ok((id, document))
    }

    fn octets(&self, id: Uuid, document: &Document) -> Result<Vec<u8>> {
        Ok(self.files.get(&document.file(id))?)
    }

    /// Removes a document and its file.
    fn remove(&self, owner: Uuid, id: Uuid) -> Result<Document> {
        let document = self.own(owner, id)?;
        self.table.take(&id.to_string())?;
        self.files.remove(&document.file(id))?;
        Ok(document)
    }

    /// Ends the signing by this scan; any other stays.
    pub fn stop_signing(&self, id: Uuid, scan: Uuid) -> Result<()> {
        self.table.update(&id.to_string(), |document| {
            if let Some(document) = document
                && document.signing.as_ref().is_some_and(|signing| signing.scan == scan)
            {
                document.signing = None;
            }
            Ok(())
        })
    }
}

/// The signatures that hold for this file, whoever made them. Whether a signer's certificate is to be trusted is asked
/// of the platform, when somebody looks.
fn signatures(pdf: &[u8]) -> Result<Vec<Signature>> {
    let found = inspect_pdf(pdf)?.signatures.into_iter();
    Ok(found.map(|signature| Signature { name: signature.name, signed_at: signature.signed_at }).collect())
}
