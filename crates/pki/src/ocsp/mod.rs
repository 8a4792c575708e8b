//! Online certificate status (RFC 6960, RFC 5019, RFC 9654) with SM2 and SM3: is this certificate revoked, now?
//!
//! | file | what |
//! |---|---|
//! | `id.rs` | how a certificate is named: by digests of its issuer and its serial number |
//! | `request.rs` | questions, as octets and as the path of a GET |
//! | `response.rs` | answers: what is to be signed, and the signature around it |
//! | `check.rs` | whether to believe an answer |
//!
//! An answer is signed by a certificate that the issuing CA has made for nothing else
//! ([`crate::Profile::OCSP_RESPONDER`]), so the CA's key is not needed for it.

mod check;
mod id;
mod request;
mod response;

pub use check::{Ask, Fault};
pub use id::{CertId, Issuer};
pub use request::{MOST_IDS, MOST_NONCE, Request};
pub use response::{Answer, BasicResponse, Refusal, Response, Status, Template, sign};
