//! The platform's own papers as PDF: A4, Chinese, to be printed and stamped or to take an electronic seal.
//!
//! ```text
//! typed input ─► Draft (what it says) ─► Layout (where it stands) ─► PDF with subset fonts
//! ```
//!
//! The same input gives the same octets: dates and numbers are handed in. Values from people are bounded
//! ([`MAX_VALUE`]), freed of control characters, and a character that the font lacks is printed as 〓 with a note.

mod clean;
mod content;
mod fonts;
mod forms;
mod layout;
mod lines;
mod pages;
mod write;

pub use clean::MAX_VALUE;
pub(crate) use clean::one_line;
pub use content::{Enterprise, Head, Person, Terms};
pub(crate) use fonts::FaceReader;
pub use fonts::{Face, Fonts};
pub use forms::{
    AdminTransfer, Authorisation, Change, EnterpriseApplication, EnterpriseChange, Permission, PersonalApplication,
    Purpose, Recovery, SealTemplate, Target,
};

use crate::Result;
use crate::pdf::RectMm;

/// A rectangle on one of the pages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PageSpot {
    /// Page, from 1.
    pub page: u32,
    /// On the page as seen.
    pub rect: RectMm,
}

/// A finished paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Paper {
    /// The file.
    pub pdf: Vec<u8>,
    /// How many pages.
    pub pages: u32,
    /// Where the enterprise's seal goes, on paper or electronically.
    pub seal: Option<PageSpot>,
    /// Where the signature goes.
    pub signature: Option<PageSpot>,
    /// Characters that the font lacks; 〓 stands in their place.
    pub missing: Vec<char>,
}

/// Lays out and writes.
fn finish(draft: &content::Draft, fonts: &Fonts) -> Result<Paper> {
    let layout = layout::lay_out(draft, fonts)?;
    let about = write::About { title: draft.title, number: &draft.number, date: draft.date };
    Ok(Paper {
        pdf: write::write(&layout.pages, &about, fonts)?,
        pages: u32::try_from(layout.pages.len()).unwrap_or(u32::MAX),
        seal: layout.seal,
        signature: layout.signature,
        missing: layout.missing.into_iter().collect(),
    })
}
