//! Signed messages: SignedData of GB/T 35275 (the shape of PKCS#7 1.5) and its twin with the identifiers of
//! RFC 5652, which other software knows.
//!
//! **What is signed.** Without attributes the SM2 signature is over the *content octets*, with Z of the
//! default user id. A document's signature (`/GM.sm2cms.detached` in PDF, type `Sign` in OFD) embeds the
//! 32 octets of SM3(document) as content: the signer signs these 32 octets as its message M.
//! With attributes the signature is over the DER of their SET OF, and `messageDigest` holds SM3(content).
//!
//! Written are: [`Message::digest`] for documents and [`Message::with_attributes`] for RFC 5652 readers.
//! Read are all the variants that Chinese software writes; see [`Covered`].

mod check;
mod read;
mod write;

pub(crate) use check::attribute_of;
pub use check::{Check, Covered};
pub use read::{SignedData, SignerId, SignerInfo, trim};
pub(crate) use write::attribute;
pub use write::{Attached, Message};

use der::asn1::ObjectIdentifier;

use crate::oid;

/// Whose identifiers a message uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// GB/T 35275: 1.2.156.10197.6.1.4.2.x.
    Gm,
    /// RFC 5652: 1.2.840.113549.1.7.x.
    Cms,
}

impl Dialect {
    /// signedData.
    pub const fn signed_data(self) -> ObjectIdentifier {
        match self {
            Self::Gm => oid::GM_SIGNED_DATA,
            Self::Cms => oid::CMS_SIGNED_DATA,
        }
    }

    /// data.
    pub const fn data(self) -> ObjectIdentifier {
        match self {
            Self::Gm => oid::GM_DATA,
            Self::Cms => oid::CMS_DATA,
        }
    }
}
