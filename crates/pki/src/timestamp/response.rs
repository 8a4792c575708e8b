//! TimeStampResp (RFC 3161 2.4.2).

use der::asn1::BitStringRef;
use der::{Decode as _, Reader as _, SliceReader, Tag};

use super::Token;
use crate::{Error, encode, read};

/// Why there is no stamp: PKIFailureInfo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The digest's function is not known, or not good enough.
    #[error("unrecognised or unsupported algorithm")]
    BadAlg = 0,
    /// This is not a request for a stamp.
    #[error("transaction not permitted or supported")]
    BadRequest = 2,
    /// It is not DER, or its digest has the wrong length.
    #[error("the data submitted has the wrong format")]
    BadDataFormat = 5,
    /// The clock cannot be trusted now.
    #[error("the time source is not available")]
    TimeNotAvailable = 14,
    /// The authority does not work under that policy.
    #[error("the requested policy is not supported")]
    UnacceptedPolicy = 15,
    /// The authority does not know that extension.
    #[error("the requested extension is not supported")]
    UnacceptedExtension = 16,
    /// What was asked for besides cannot be had.
    #[error("the additional information is not available")]
    AddInfoNotAvailable = 17,
    /// Something is wrong at the authority.
    #[error("the request cannot be handled due to system failure")]
    SystemFailure = 25,
}

impl Failure {
    const ALL: [Self; 8] = [
        Self::BadAlg,
        Self::BadRequest,
        Self::BadDataFormat,
        Self::TimeNotAvailable,
        Self::UnacceptedPolicy,
        Self::UnacceptedExtension,
        Self::AddInfoNotAvailable,
        Self::SystemFailure,
    ];

    /// DER TimeStampResp with status *rejection*.
    pub fn to_der(self) -> Vec<u8> {
        let text = encode::sequence(&[&encode::tlv(encode::UTF8_STRING, self.to_string().as_bytes())]);
        let bit = self as usize;
        // A list of named bits, without trailing zeros (X.690 11.2.2).
        let mut bits = vec![0; bit / 8 + 2];
        bits[0] = (7 - bit % 8) as u8;
        bits[bit / 8 + 1] = 0x80 >> (bit % 8);
        let status = encode::sequence(&[&encode::unsigned(&[2]), &text, &encode::tlv(encode::BIT_STRING, &bits)]);
        encode::sequence(&[&status])
    }
}

/// DER TimeStampResp with status *granted* around a DER token.
pub fn granted(token: &[u8]) -> Vec<u8> {
    encode::sequence(&[&encode::sequence(&[&encode::unsigned(&[0])]), token])
}

/// A response that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// There is a token; see [`Token::check`] for whether to believe it.
    Granted(Box<Token>),
    /// There is none. Nobody signs this.
    Refused {
        /// 2 rejection, 3 waiting, 4 and 5 warnings of revocation.
        status: u8,
        /// Why, if it is said and known.
        failure: Option<Failure>,
    },
}

impl Response {
    /// Reads a DER TimeStampResp.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Shape`], [`Error::Algorithm`].
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        const WHAT: &str = "TimeStampResp";
        let fault = Error::reading(WHAT);
        let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
        let info = read::content(fields.tlv_bytes().map_err(&fault)?, Tag::Sequence, "PKIStatusInfo")?;
        let mut info = SliceReader::new(info).map_err(&fault)?;
        let status = u8::decode(&mut info).map_err(&fault)?;
        if read::next_is(&info, Tag::Sequence) {
            info.tlv_bytes().map_err(&fault)?;
        }
        let mut failure = None;
        if !info.is_finished() {
            let bits = BitStringRef::decode(&mut info).map_err(&fault)?;
            let set = bits.bits().position(|bit| bit);
            failure = Failure::ALL.into_iter().find(|failure| Some(*failure as usize) == set);
        }
        info.finish().map_err(&fault)?;
        match status {
            0 | 1 => {
                let token = Token::read(fields.tlv_bytes().map_err(&fault)?)?;
                fields.finish().map_err(&fault)?;
                Ok(Self::Granted(Box::new(token)))
            }
            2..=5 => {
                fields.finish().map_err(&fault)?;
                Ok(Self::Refused { status, failure })
            }
            _ => Err(Error::Shape("PKIStatusInfo: status")),
        }
    }
}
