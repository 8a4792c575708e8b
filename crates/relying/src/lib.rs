//! Client library for relying parties: log people in by their phone, have them sign PDFs, check both.
//!
//! A relying party has a `client_id` and a `client_secret` from the platform. All of the library goes through one
//! [`Client`]:
//!
//! ```no_run
//! use futures::StreamExt as _;
//! use relying::{Browser, Client, Credentials, Event, State, Trust};
//!
//! # async fn example(now: jiff::Timestamp) -> relying::Result<()> {
//! let credentials = Credentials { client_id: "my-platform".into(), client_secret: "…".into() };
//! let client = Client::new("https://ca.example", credentials)?;
//!
//! // 1. Ask. The answer holds four digits that page and phone both show.
//! let browser = Browser { address: "203.0.113.7".into(), user_agent: "Firefox/140".into(), browser_id: None };
//! let login = client.create_login(&browser).await?;
//!
//! // 2. Show the code, which changes every two seconds, until the phone has answered.
//! let mut events = std::pin::pin!(client.events(login.id));
//! while let Some(event) = events.next().await {
//!     match event? {
//!         Event::Code(code) => println!("show as QR code: {}", code.code),
//!         Event::State(state) => println!("{state:?}"),
//!     }
//! }
//!
//! // 3. Check the answer yourself: the signature over the statement, the certificate, and that it is about this login.
//! let scan = client.scan(login.id).await?;
//! if scan.state == State::Confirmed {
//!     let person = client.verify_login(&login, &scan, &Trust::Platform, now).await?;
//!     println!("{} ({}) is logged in", person.name, person.subject);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Signing a PDF is the same walk with [`Client::create_sign`], and ends with [`Client::document`] and
//! [`Client::verify_signed`].
//!
//! # What to believe
//!
//! [`Client::verify_login`] does not take the platform's word for a login: it verifies the person's SM2 signature over
//! the statement, the certificate's chain and revocation list, and that the statement names this very request, its check
//! number and a time that is not over. With [`Trust::Pinned`] the roots are those that you were given on paper; with
//! [`Trust::Platform`] they come from the platform over the same connection.
//!
//! Whether somebody acts for an enterprise is read from the certificate itself, never from the platform's answer beside
//! it; which person of the enterprise it is, only the platform knows.
//!
//! [`Client::verify_signed`] does the same for a signed PDF: the octets that were sent, untouched, and one trusted
//! signature over everything. [`Client::verify_document`] on the other hand asks the platform's opinion of any PDF.
//!
//! Requests that fail on the network are not repeated by the library, except that [`Client::events`] reconnects.

mod client;
mod credentials;
mod error;
mod events;
mod login;
mod model;
mod signed;
mod trust;

pub use client::{Client, MAX_DOCUMENT};
pub use credentials::Credentials;
pub use document::Error as PdfError;
pub use error::{Error, LoginFault, Problem, SignatureFault};
pub use events::{CodeEvent, Event};
pub use login::VerifiedLogin;
pub use model::{
    Action, Appearance, Browser, Enterprise, NewSignature, Placement, RectMm, ScanRequest, ScanResult, SignatureReport,
    Signer, State, Ticket, Verification,
};
pub use signed::{FoundSignature, PdfFacts, VerifiedSignature, inspect_pdf};
pub use trust::Trust;

/// Result of this crate.
pub type Result<T, E = Error> = core::result::Result<T, E>;
