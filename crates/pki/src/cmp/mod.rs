//! Asking another CA: the Certificate Management Protocol (CMP, RFC 9810, formerly RFC 4210) with requests in CRMF
//! (RFC 4211), seen from a registration authority.
//!
//! A [`Transaction`] is a conversation: a request for a certificate, perhaps questions whether it is ready, and the
//! confirmation that it has arrived. A CA withdraws what nobody confirms, so that an answer that is lost leaves no
//! certificate that nobody holds. Withdrawing a certificate is a conversation of its own.
//!
//! | file | what |
//! |---|---|
//! | `message.rs` | PKIMessage: header, body, protection |
//! | `protection.rs` | a shared secret, or signatures of both sides |
//! | `request.rs` | what is asked |
//! | `answer.rs` | what is answered |

mod answer;
mod message;
mod protection;
mod request;

pub use answer::{Answer, Refusal};
pub use message::{Parties, Transaction};
pub use protection::Protection;
pub use request::{Request, Withdrawal};

/// Media type of messages in HTTP (RFC 9811 3.2).
pub const MEDIA_TYPE: &str = "application/pkixcmp";

/// Choices of PKIBody (RFC 9810 5.1.2).
mod body {
    pub const CERTIFICATION_REQUEST: u8 = 2;
    pub const CERTIFICATION_RESPONSE: u8 = 3;
    pub const REVOCATION_REQUEST: u8 = 11;
    pub const REVOCATION_RESPONSE: u8 = 12;
    pub const CONFIRMATION: u8 = 19;
    pub const ERROR: u8 = 23;
    pub const CERTIFICATE_CONFIRM: u8 = 24;
    pub const POLLING_REQUEST: u8 = 25;
    pub const POLLING_RESPONSE: u8 = 26;
}
