//! Having a document signed by its owner's phone.

use relying::{NewSignature, Placement, Signer, State, Ticket};
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
        signer: Some(&signer(user)),
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

/// Takes the signed document in. Of two completions at once the second finds the work done.
async fn take_in(app: &App, user: &User, id: Uuid, scan: Uuid) -> Result<Document> {
    match verify_and_take_in(app, user, id, scan).await {
        Err(problem) => {
            let done = app.documents.own(user.subject, id).ok().filter(|document| document.signed_by == Some(scan));
            done.ok_or(problem)
        }
        taken => taken,
    }
}

/// The document must be what was sent, with the owner's trusted signature and nothing else.
async fn verify_and_take_in(app: &App, user: &User, id: Uuid, scan: Uuid) -> Result<Document> {
    let document = app.documents.own(user.subject, id)?;
    let sent = document.clone();
    let original = app.beside(move |app| app.documents.octets(id, &sent)).await?;
    let signed = app.platform.document(scan).await?;
    let by = app.platform.verify_signed(original.into(), signed.clone(), &app.trust, app.now()).await?;
    let same = match &user.enterprise {
        Some(enterprise) => by.enterprise.as_ref() == Some(enterprise),
        None => by.enterprise.is_none() && by.name == user.name,
    };
    if !same {
        tracing::error!(document = %id, %scan, "the document was signed by somebody else than its owner");
        return Err(SIGNED_DOCUMENT_REFUSED.into());
    }
    app.beside(move |app| app.documents.take_in(id, &document, scan, &signed)).await
}

/// Whoever is logged in for an enterprise signs for it, everybody else for themselves.
fn signer(user: &User) -> Signer {
    match &user.enterprise {
        Some(enterprise) => Signer::Enterprise { credit_code: enterprise.credit_code.clone() },
        None => Signer::Person,
    }
}

impl Documents {
    /// Keeps `signed` as the revision after `document`.
    fn take_in(&self, id: Uuid, document: &Document, scan: Uuid, signed: &[u8]) -> Result<Document> {
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
        })?;
        self.files.remove(&document.file(id))?;
        Ok(taken)
    }
}
