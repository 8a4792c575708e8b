//! Having a document signed by its owner's phone.

use bytes::Bytes;
use document::pdf::{self, Chain, Sm2Verifier, Verdict};
use relying::{MAX_DOCUMENT, NewSignature, Placement, State, Ticket};
use uuid::Uuid;

use super::{Document, Documents, Signing, file_name, signatures};
use crate::app::App;
use crate::extract::Caller;
use crate::problem::{DOCUMENT_CHANGED, NOT_FOUND, Problem, Result, SCAN_CANCELLED, SIGNED_DOCUMENT_REFUSED};
use crate::scans::{Purpose, confirmed, told};
use crate::session::{Browser, User};

/// Asks the owner's phone.
pub async fn start(
    app: &App,
    browser: &Browser,
    caller: Caller,
    user: &User,
    id: Uuid,
    placements: &[Placement],
) -> Result<Ticket> {
    app.scans.admit(browser, app.now())?;
    let document = app.documents.own(user.subject, id)?;
    if let Some(open) = &document.signing {
        withdraw(app, user, id, open.scan).await?;
    }
    let (revision, read) = (document.revision, document.clone());
    let octets = app.beside(move |app| app.documents.octets(id, &read)).await?;
    let new = NewSignature {
        subject: user.subject,
        title: &document.title,
        pdf: &octets,
        placements,
        browser: &told(browser, caller),
    };
    let ticket = app.platform.create_sign(&new).await?;
    let (kept, browser, subject, now) = (ticket.clone(), browser.clone(), user.subject, app.now());
    app.beside(move |app| {
        let signing = Signing { scan: kept.id, expires_at: kept.expires_at };
        app.scans.keep(&browser, kept, Purpose::Sign { document: id, subject }, now)?;
        app.documents.table.update(&id.to_string(), |document| {
            let document = document.ok_or(NOT_FOUND)?;
            if document.revision != revision {
                return Err(Problem::from(DOCUMENT_CHANGED));
            }
            document.signing = Some(signing);
            Ok(())
        })
    })
    .await?;
    Ok(ticket)
}

/// Takes an earlier question about the same document back. If the phone was faster, its signature counts.
pub async fn withdraw(app: &App, user: &User, id: Uuid, scan: Uuid) -> Result<()> {
    let over = match app.platform.cancel(scan).await {
        Ok(()) => true,
        Err(relying::Error::Refused(_)) => match app.platform.scan(scan).await {
            Ok(found) if found.state == State::Confirmed => {
                take_in(app, user, id, scan).await?;
                return Err(DOCUMENT_CHANGED.into());
            }
            Ok(found) => found.state.is_final(),
            // The platform does not know it any more.
            Err(relying::Error::Refused(_)) => true,
            Err(error) => return Err(error.into()),
        },
        Err(error) => return Err(error.into()),
    };
    if over {
        app.beside(move |app| app.documents.stop_signing(id, scan)).await?;
    }
    Ok(())
}

/// Fetches what the phone has signed. Asking again answers the same.
pub async fn complete(app: &App, browser: &Browser, user: &User, scan: Uuid) -> Result<(Uuid, Document)> {
    let kept = app.scans.own(browser, scan)?;
    let Purpose::Sign { document: id, subject } = kept.purpose else { return Err(NOT_FOUND.into()) };
    if subject != user.subject {
        return Err(NOT_FOUND.into());
    }
    let document = app.documents.own(subject, id)?;
    if document.signed_by == Some(scan) {
        return Ok((id, document));
    }
    let state = app.platform.scan(scan).await?.state;
    if state.is_final() && state != State::Confirmed {
        app.beside(move |app| app.documents.stop_signing(id, scan)).await?;
    }
    confirmed(state)?;
    take_in(app, user, id, scan).await.map(|document| (id, document))
}

async fn take_in(app: &App, user: &User, id: Uuid, scan: Uuid) -> Result<Document> {
    let signed = app.platform.document(scan).await?;
    platform_believes(app, &signed).await?;
    let user = user.clone();
    app.beside(move |app| app.documents.take_in(&user, id, scan, &signed)).await
}

/// The platform verifies the result like any stranger's file, certificate and revocation included.
async fn platform_believes(app: &App, signed: &Bytes) -> Result<()> {
    if signed.len() > MAX_DOCUMENT {
        // Larger than what it takes for verification; the checks of our own remain.
        return Ok(());
    }
    let report = match app.platform.verify_document(signed.clone()).await {
        Err(error) if error.code().is_some_and(|code| code.starts_with("PDF_")) => None,
        answer => Some(answer?),
    };
    match report.as_ref().and_then(|report| report.signatures.last()) {
        Some(newest) if newest.verdict == "valid" && newest.covers_whole_document => Ok(()),
        _ => Err(SIGNED_DOCUMENT_REFUSED.into()),
    }
}

impl Documents {
    fn take_in(&self, user: &User, id: Uuid, scan: Uuid, signed: &[u8]) -> Result<Document> {
        let document = self.own(user.subject, id)?;
        let before = self.octets(id, &document)?;
        if !is_signed_by(user, &before, signed) {
            tracing::error!(document = %id, %scan, "the platform's document is not the one that was sent, signed by its owner");
            return Err(SIGNED_DOCUMENT_REFUSED.into());
        }
        let signatures = signatures(signed)?;
        let revision = document.revision + 1;
        self.files.put(&file_name(id, revision), signed)?;
        let taken = self.table.update(&id.to_string(), |row| {
            let row = row.ok_or(NOT_FOUND)?;
            if row.signing.as_ref().is_none_or(|signing| signing.scan != scan) || row.revision != document.revision {
                return Err(Problem::from(SCAN_CANCELLED));
            }
            row.revision = revision;
            row.size = signed.len() as u64;
            row.signatures = signatures;
            row.signing = None;
            row.signed_by = Some(scan);
            Ok(row.clone())
        });
        // Of two completions at once the second finds the work done.
        let taken = match taken {
            Err(problem) => match self.own(user.subject, id)? {
                row if row.signed_by == Some(scan) => return Ok(row),
                _ => return Err(problem),
            },
            Ok(taken) => taken,
        };
        self.files.remove(&document.file(id))?;
        Ok(taken)
    }
}

/// The octets that were sent, untouched, and behind them one signature of this person over everything.
fn is_signed_by(user: &User, before: &[u8], signed: &[u8]) -> bool {
    let own_check = Sm2Verifier(|_: &_, _: &[_], _| Chain::Trusted);
    let newest = pdf::verify(signed, &own_check).ok().and_then(|mut report| report.signatures.pop());
    signed.len() > before.len()
        && signed.starts_with(before)
        && newest.is_some_and(|newest| {
            newest.verdict == Verdict::Valid
                && newest.covers_whole_document
                && newest.signer_name.as_deref() == Some(&user.name)
        })
}
