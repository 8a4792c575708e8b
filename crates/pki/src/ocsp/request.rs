//! OCSPRequest (RFC 6960 4.1), the nonce of RFC 9654, the GET of RFC 5019 5 and RFC 6960 A.1.

use base64::{Engine as _, engine::general_purpose};
use der::{Reader as _, SliceReader, Tag};

use super::CertId;
use crate::{Error, Extension, encode, oid, read};

const WHAT: &str = "OCSPRequest";

/// The most certificates in one request: each costs the responder a look-up.
pub const MOST_IDS: usize = 32;

/// The longest nonce (RFC 9654 2.1).
pub const MOST_NONCE: usize = 128;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The certificates that are asked about, at least one.
    pub ids: Vec<CertId>,
    /// To come back in the answer, so that it cannot be an old one; 1 to 128 octets.
    pub nonce: Option<Vec<u8>>,
}

impl Request {
    /// Reads a DER OCSPRequest. A signature on it is passed over: everybody may ask.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Shape`]; [`Error::OutOfRange`] for more than [`MOST_IDS`] certificates or a
    /// nonce of another length than 1 to 128 octets.
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        let fault = Error::reading(WHAT);
        let mut outer = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
        let body = read::content(outer.tlv_bytes().map_err(&fault)?, Tag::Sequence, "TBSRequest")?;
        if read::next_is(&outer, read::context(0)) {
            outer.tlv_bytes().map_err(&fault)?;
        }
        outer.finish().map_err(&fault)?;

        let mut fields = SliceReader::new(body).map_err(&fault)?;
        if read::next_is(&fields, read::context(0)) && fields.tlv_bytes().map_err(&fault)? != [0xa0, 3, 2, 1, 0] {
            return Err(Error::Shape("OCSPRequest: version is not v1"));
        }
        if read::next_is(&fields, read::context(1)) {
            fields.tlv_bytes().map_err(&fault)?;
        }
        let list = read::content(fields.tlv_bytes().map_err(&fault)?, Tag::Sequence, "requestList")?;
        let list = read::elements(list, WHAT)?;
        if list.is_empty() || list.len() > MOST_IDS {
            return Err(Error::OutOfRange("a request about no certificate, or about too many"));
        }
        let ids = list.into_iter().map(single).collect::<Result<_, _>>()?;
        let extensions = extensions(&mut fields, 2)?;
        fields.finish().map_err(&fault)?;
        Ok(Self { ids, nonce: nonce(&extensions)? })
    }

    /// Reads the path of a GET, percent-decoded: base64 of the DER. Clients write it with and without padding, and
    /// some with the letters of base64url.
    ///
    /// # Errors
    /// As [`Self::read`]; [`Error::Shape`] if it is not base64.
    pub fn from_path(path: &str) -> Result<Self, Error> {
        let plain: String = path.trim_end_matches('=').replace('-', "+").replace('_', "/");
        let der = general_purpose::STANDARD_NO_PAD.decode(plain);
        Self::read(&der.map_err(|_| Error::Shape("OCSPRequest: not base64"))?)
    }

    /// DER OCSPRequest.
    pub fn to_der(&self) -> Vec<u8> {
        let list: Vec<_> = self.ids.iter().map(|id| encode::sequence(&[&id.der])).collect();
        let nonce =
            self.nonce.as_deref().map(|nonce| encode::context(2, &encode::sequence(&[&nonce_extension(nonce)])));
        let body = encode::sequence(&[&encode::sequence(&[&list.concat()]), &nonce.unwrap_or_default()]);
        encode::sequence(&[&body])
    }

    /// Base64 of the DER, to be percent-encoded and put behind the responder's address and a slash.
    pub fn to_path(&self) -> String {
        general_purpose::STANDARD.encode(self.to_der())
    }
}

fn single(der: &[u8]) -> Result<CertId, Error> {
    let fault = Error::reading(WHAT);
    let mut fields = SliceReader::new(read::content(der, Tag::Sequence, "Request")?).map_err(&fault)?;
    let id = CertId::read(fields.tlv_bytes().map_err(&fault)?)?;
    extensions(&mut fields, 0)?;
    fields.finish().map_err(&fault)?;
    Ok(id)
}

/// The extensions under this tag, none of them critical except the nonce: what we do not know must not matter.
pub(super) fn extensions(fields: &mut SliceReader<'_>, tag: u32) -> Result<Vec<Extension>, Error> {
    if !read::next_is(fields, read::context(tag)) {
        return Ok(Vec::new());
    }
    let list = fields.tlv_bytes().map_err(Error::reading(WHAT))?;
    let found = read::extensions(read::content(list, read::context(tag), WHAT)?, "extensions of OCSP")?;
    if found.iter().any(|extension| extension.critical && extension.oid != oid::OCSP_NONCE) {
        return Err(Error::Shape("OCSP: a critical extension that is not understood"));
    }
    Ok(found)
}

/// The nonce among these extensions.
pub(super) fn nonce(extensions: &[Extension]) -> Result<Option<Vec<u8>>, Error> {
    let Some(found) = extensions.iter().find(|extension| extension.oid == oid::OCSP_NONCE) else { return Ok(None) };
    let nonce = read::content(&found.value, Tag::OctetString, "nonce of OCSP")?;
    if nonce.is_empty() || nonce.len() > MOST_NONCE {
        return Err(Error::OutOfRange("a nonce has 1 to 128 octets"));
    }
    Ok(Some(nonce.to_vec()))
}

pub(super) fn nonce_extension(nonce: &[u8]) -> Vec<u8> {
    encode::extension(&oid::OCSP_NONCE, false, &encode::octet_string(nonce))
}
