//! Questions to phones. A scan belongs to the browser that asked; to every other browser it does not exist.

mod http;

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use relying::{State, Ticket};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::problem::{
    Kind, NOT_FOUND, Problem, Result, SCAN_CANCELLED, SCAN_EXPIRED, SCAN_FAILED, SCAN_NOT_CONFIRMED, SCAN_REFUSED,
    SCAN_USED, TOO_MANY_REQUESTS,
};
use crate::session::Browser;
use crate::store::{StoreError, Table};

pub use http::{Started, routes, told};

/// A scan that is over is kept this long, so that a late completion is told what happened.
const KEPT: SignedDuration = SignedDuration::from_hours(1);
/// Scans that one browser may have open, and all browsers together.
const MOST_OF_A_BROWSER: usize = 30;
const MOST: usize = 20_000;

/// What a scan is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "purpose", rename_all = "snake_case")]
pub enum Purpose {
    /// Logging in, once.
    Login {
        /// Whether somebody is logged in by it already.
        used: bool,
    },
    /// Signing a document.
    Sign {
        /// Which document.
        document: Uuid,
        /// Whose.
        subject: Uuid,
    },
}

/// A question that was asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Scan {
    /// Digest of the browser's mark.
    browser: String,
    /// What the platform answered.
    pub ticket: Ticket,
    /// What it is for.
    #[serde(flatten)]
    pub purpose: Purpose,
}

/// All scans that are not forgotten.
pub struct Scans(Table<Scan>);

impl Scans {
    /// Opens the folder and forgets what is long over.
    pub fn open(data: &Path, now: Timestamp) -> Result<Self, StoreError> {
        let scans = Self(Table::open(&data.join("scans"))?);
        scans.forget(now)?;
        Ok(scans)
    }

    fn forget(&self, now: Timestamp) -> Result<(), StoreError> {
        for (name, _) in self.0.select(|scan| now.duration_since(scan.ticket.expires_at) > KEPT) {
            self.0.take(&name)?;
        }
        Ok(())
    }

    /// Whether this browser may ask once more.
    pub fn admit(&self, browser: &Browser, now: Timestamp) -> Result<()> {
        let open = self.0.select(|scan| scan.ticket.expires_at > now);
        let own = open.iter().filter(|(_, scan)| scan.browser == browser.id).count();
        if own >= MOST_OF_A_BROWSER || open.len() >= MOST { Err(TOO_MANY_REQUESTS.into()) } else { Ok(()) }
    }

    /// Keeps a scan for the browser that asked.
    pub fn keep(&self, browser: &Browser, ticket: Ticket, purpose: Purpose, now: Timestamp) -> Result<()> {
        self.forget(now)?;
        let name = ticket.id.to_string();
        Ok(self.0.put(&name, &Scan { browser: browser.id.clone(), ticket, purpose })?)
    }

    /// The scan, if it is this browser's.
    pub fn own(&self, browser: &Browser, id: Uuid) -> Result<Scan> {
        Ok(self.0.get(&id.to_string()).filter(|scan| scan.browser == browser.id).ok_or(NOT_FOUND)?)
    }

    /// Takes a login, which can be done once.
    fn use_up(&self, id: Uuid) -> Result<()> {
        self.0.update(&id.to_string(), |scan| match scan.map(|scan| &mut scan.purpose) {
            Some(Purpose::Login { used: used @ false }) => {
                *used = true;
                Ok(())
            }
            Some(_) => Err(Problem::from(SCAN_USED)),
            None => Err(NOT_FOUND.into()),
        })
    }
}

/// Refuses unless the owner of the phone has agreed.
pub fn confirmed(state: State) -> Result<()> {
    let refusal: Kind = match state {
        State::Confirmed => return Ok(()),
        State::Waiting | State::Claimed => SCAN_NOT_CONFIRMED,
        State::Refused => SCAN_REFUSED,
        State::Expired => SCAN_EXPIRED,
        State::Cancelled => SCAN_CANCELLED,
        State::Failed => SCAN_FAILED,
    };
    Err(refusal.into())
}

/// Lets go of the document when its scan came to nothing.
async fn settle(app: &App, scan: &Scan, state: State) -> Result<()> {
    let over = state.is_final() && state != State::Confirmed;
    if let (true, Purpose::Sign { document, .. }) = (over, &scan.purpose) {
        let (document, scan) = (*document, scan.ticket.id);
        app.beside(move |app| app.documents.stop_signing(document, scan)).await?;
    }
    Ok(())
}
