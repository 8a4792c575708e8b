//! Time stamps (RFC 3161; GM/T 0033 and GB/T 20520 use the same shapes): these octets existed at this time.
//!
//! | file | what |
//! |---|---|
//! | `request.rs` | what is to be stamped: its digest, and how the answer has to look |
//! | `token.rs` | TSTInfo in a signed message of the authority; making one, believing one |
//! | `response.rs` | the token, or why there is none |
//!
//! A token exists in both dialects of signed messages: readers of RFC 3161 want the identifiers of RFC 5652,
//! GM/T 0033 those of GB/T 35275. Signed attributes, TSTInfo and signature are the same in both.

mod request;
mod response;
mod token;

pub use request::{Imprint, Request};
pub use response::{Failure, Response, granted};
pub use token::{Fault, Stamp, Token, TstInfo};
