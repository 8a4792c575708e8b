//! OCSPResponse and BasicOCSPResponse (RFC 6960 4.2).

use der::asn1::{BitStringRef, GeneralizedTime, ObjectIdentifier, OctetStringRef};
use der::{Decode as _, Header, Reader as _, SliceReader, Tag};

use super::{CertId, request};
use crate::crl::Reason;
use crate::{Certificate, Error, Signer, UnixSeconds, encode, oid, profile, read, signer};

const WHAT: &str = "OCSPResponse";
const MOST_CERTIFICATES: usize = 8;

/// Why there is no answer (OCSPResponseStatus).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // The names are those of the standard.
pub enum Refusal {
    MalformedRequest = 1,
    InternalError = 2,
    TryLater = 3,
    SigRequired = 5,
    Unauthorized = 6,
}

impl Refusal {
    const ALL: [Self; 5] =
        [Self::MalformedRequest, Self::InternalError, Self::TryLater, Self::SigRequired, Self::Unauthorized];

    /// DER OCSPResponse, unsigned.
    pub fn to_der(self) -> Vec<u8> {
        encode::sequence(&[&encode::tlv(encode::ENUMERATED, &[self as u8])])
    }
}

/// What is known of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Issued and not revoked.
    Good,
    /// Not to be used.
    Revoked {
        /// Since when.
        at: UnixSeconds,
        /// Why; [`Reason::Unspecified`] is not written.
        reason: Reason,
    },
    /// Not issued here.
    Unknown,
}

/// What is said of one certificate: SingleResponse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Which.
    pub id: CertId,
    /// What is known.
    pub status: Status,
    /// When it was known.
    pub this_update: UnixSeconds,
    /// Until when this may be repeated; none means that newer knowledge is always there.
    pub next_update: Option<UnixSeconds>,
}

/// What goes into a response besides its signer.
#[derive(Debug, Clone)]
pub struct Template<'a> {
    /// When it is signed.
    pub produced_at: UnixSeconds,
    /// One for each certificate of the request, in its order.
    pub answers: &'a [Answer],
    /// The request's.
    pub nonce: Option<&'a [u8]>,
}

impl Template<'_> {
    /// DER ResponseData that this responder is to sign.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a response that says nothing, or whose times contradict each other.
    pub fn under(&self, responder: &Certificate) -> Result<Vec<u8>, Error> {
        let ordered = |answer: &Answer| {
            answer.this_update <= self.produced_at && answer.next_update.is_none_or(|next| next > self.produced_at)
        };
        if self.answers.is_empty() || !self.answers.iter().all(ordered) {
            return Err(Error::OutOfRange("an OCSP response without answers, or out of its time"));
        }
        let answers: Vec<_> = self.answers.iter().map(single).collect::<Result<_, _>>()?;
        let nonce = self.nonce.map(|nonce| encode::context(1, &encode::sequence(&[&request::nonce_extension(nonce)])));
        Ok(encode::sequence(&[
            // responderID byName: the alternative is a digest by SHA-1.
            &encode::context(1, &responder.tbs.subject),
            &encode::generalized_time(self.produced_at)?,
            &encode::sequence(&[&answers.concat()]),
            &nonce.unwrap_or_default(),
        ]))
    }
}

fn single(answer: &Answer) -> Result<Vec<u8>, Error> {
    let status = match &answer.status {
        Status::Good => encode::tlv(0x80, &[]),
        Status::Revoked { at, reason } => {
            let reason = match reason {
                Reason::Unspecified => Vec::new(),
                reason => encode::context(0, &encode::tlv(encode::ENUMERATED, &[*reason as u8])),
            };
            encode::context(1, &[encode::generalized_time(*at)?, reason].concat())
        }
        Status::Unknown => encode::tlv(0x82, &[]),
    };
    let next = answer.next_update.map(|next| Ok(encode::context(0, &encode::generalized_time(next)?))).transpose()?;
    let this = encode::generalized_time(answer.this_update)?;
    Ok(encode::sequence(&[&answer.id.der, &status, &this, &next.unwrap_or_default()]))
}

/// Signs a DER ResponseData: the whole DER OCSPResponse, with the responder's certificate inside.
///
/// # Errors
/// [`Error::OutOfRange`] if the certificate is not that of a responder; [`Error::Signature`] if the signer holds
/// another key; [`Error::Signer`] with the signer's cause.
pub fn sign(response_data: &[u8], responder: &Certificate, signer: &dyn Signer) -> Result<Vec<u8>, Error> {
    if crate::Profile::of(&responder.tbs) != Some(&profile::Profile::OCSP_RESPONDER) {
        return Err(Error::OutOfRange("only an OCSP responder signs OCSP responses"));
    }
    if responder.tbs.public_key != signer.public_key() {
        return Err(Error::Signature("BasicOCSPResponse: the signer is not the responder"));
    }
    let signature = signer::sign(signer, response_data, "BasicOCSPResponse")?;
    let basic = encode::sequence(&[
        response_data,
        &encode::algorithm(&oid::SM2_WITH_SM3),
        &encode::bit_string(&signature),
        &encode::context(0, &encode::sequence(&[&responder.der])),
    ]);
    let bytes = encode::sequence(&[&encode::oid(&oid::OCSP_BASIC), &encode::octet_string(&basic)]);
    Ok(encode::sequence(&[&encode::tlv(encode::ENUMERATED, &[0]), &encode::context(0, &bytes)]))
}

/// A response that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// There is an answer; see [`BasicResponse::check`] for whether to believe it.
    Basic(BasicResponse),
    /// There is none. Nobody signs this.
    Refused(Refusal),
}

/// A signed answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasicResponse {
    /// DER ResponseData: the signed octets.
    pub data: Vec<u8>,
    /// When it was signed.
    pub produced_at: UnixSeconds,
    /// What is said.
    pub answers: Vec<Answer>,
    /// The request's nonce, if the responder repeats it.
    pub nonce: Option<Vec<u8>>,
    /// DER SM2Signature, or r‖s.
    pub signature: Vec<u8>,
    /// DER of the certificates that came along.
    pub certificates: Vec<Vec<u8>>,
}

impl Response {
    /// Reads a DER OCSPResponse.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Shape`]; [`Error::Algorithm`] for other signatures than SM2 and other types
    /// than the basic one.
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        let fault = Error::reading(WHAT);
        let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
        let status = read::content(fields.tlv_bytes().map_err(&fault)?, Tag::Enumerated, WHAT)?;
        let [status] = status[..] else { return Err(Error::Shape("OCSPResponse: status")) };
        if status != 0 {
            fields.finish().map_err(&fault)?;
            let refusal = Refusal::ALL.into_iter().find(|refusal| *refusal as u8 == status);
            return refusal.map(Self::Refused).ok_or(Error::Shape("OCSPResponse: status"));
        }
        let bytes = read::content(fields.tlv_bytes().map_err(&fault)?, read::context(0), WHAT)?;
        fields.finish().map_err(&fault)?;
        let mut bytes = SliceReader::new(read::content(bytes, Tag::Sequence, WHAT)?).map_err(&fault)?;
        if ObjectIdentifier::decode(&mut bytes).map_err(&fault)? != oid::OCSP_BASIC {
            return Err(Error::Algorithm("OCSPResponse: another type than the basic one"));
        }
        let basic = <&OctetStringRef>::decode(&mut bytes).map_err(&fault)?.as_bytes();
        bytes.finish().map_err(&fault)?;
        BasicResponse::read(basic).map(Self::Basic)
    }
}

impl BasicResponse {
    fn read(der: &[u8]) -> Result<Self, Error> {
        const WHAT: &str = "BasicOCSPResponse";
        let fault = Error::reading(WHAT);
        let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
        let data = fields.tlv_bytes().map_err(&fault)?;
        read::check_sm2_with_sm3(fields.tlv_bytes().map_err(&fault)?, WHAT)?;
        let signature = BitStringRef::decode(&mut fields).map_err(&fault)?;
        let signature = signature.as_bytes().ok_or(Error::Shape(WHAT))?.to_vec();
        let mut certificates = Vec::new();
        if read::next_is(&fields, read::context(0)) {
            let list = read::content(fields.tlv_bytes().map_err(&fault)?, read::context(0), WHAT)?;
            let list = read::elements(read::content(list, Tag::Sequence, WHAT)?, WHAT)?;
            certificates = list.into_iter().map(<[u8]>::to_vec).collect();
        }
        fields.finish().map_err(&fault)?;
        if certificates.len() > MOST_CERTIFICATES {
            return Err(Error::OutOfRange("an OCSP response with so many certificates"));
        }
        let (produced_at, answers, nonce) = response_data(data)?;
        Ok(Self { data: data.to_vec(), produced_at, answers, nonce, signature, certificates })
    }
}

type Data = (UnixSeconds, Vec<Answer>, Option<Vec<u8>>);

fn response_data(der: &[u8]) -> Result<Data, Error> {
    const WHAT: &str = "ResponseData";
    let fault = Error::reading(WHAT);
    let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
    if read::next_is(&fields, read::context(0)) && fields.tlv_bytes().map_err(&fault)? != [0xa0, 3, 2, 1, 0] {
        return Err(Error::Shape("ResponseData: version is not v1"));
    }
    // responderID: the signer is found by trying the certificates that may sign.
    let responder = Header::peek(&fields).map_err(&fault)?.tag();
    if ![read::context(1), read::context(2)].contains(&responder) {
        return Err(Error::Shape("ResponseData: responderID"));
    }
    fields.tlv_bytes().map_err(&fault)?;
    let produced_at = time(&mut fields)?;
    let list = read::content(fields.tlv_bytes().map_err(&fault)?, Tag::Sequence, WHAT)?;
    let list = read::elements(list, WHAT)?;
    if list.len() > request::MOST_IDS {
        return Err(Error::OutOfRange("an OCSP response with so many answers"));
    }
    let answers = list.into_iter().map(read_single).collect::<Result<_, _>>()?;
    let extensions = request::extensions(&mut fields, 1)?;
    fields.finish().map_err(&fault)?;
    Ok((produced_at, answers, request::nonce(&extensions)?))
}

fn read_single(der: &[u8]) -> Result<Answer, Error> {
    const WHAT: &str = "SingleResponse";
    let fault = Error::reading(WHAT);
    let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
    let id = CertId::read(fields.tlv_bytes().map_err(&fault)?)?;
    let status = match fields.tlv_bytes().map_err(&fault)? {
        [0x80, 0] => Status::Good,
        [0x82, 0] => Status::Unknown,
        revoked => {
            let inside = read::content(revoked, read::context(1), "RevokedInfo")?;
            let mut inside = SliceReader::new(inside).map_err(&fault)?;
            let at = time(&mut inside)?;
            let mut reason = Reason::Unspecified;
            if !inside.is_finished() {
                let code = read::content(inside.tlv_bytes().map_err(&fault)?, read::context(0), "RevokedInfo")?;
                let code = read::content(code, Tag::Enumerated, "reasonCode")?;
                let [code] = code[..] else { return Err(Error::Shape("reasonCode")) };
                reason = Reason::from_code(code).ok_or(Error::Shape("reasonCode"))?;
            }
            inside.finish().map_err(&fault)?;
            Status::Revoked { at, reason }
        }
    };
    let this_update = time(&mut fields)?;
    let mut next_update = None;
    if read::next_is(&fields, read::context(0)) {
        let next = read::content(fields.tlv_bytes().map_err(&fault)?, read::context(0), WHAT)?;
        let mut next = SliceReader::new(next).map_err(&fault)?;
        next_update = Some(time(&mut next)?);
        next.finish().map_err(&fault)?;
    }
    request::extensions(&mut fields, 1)?;
    fields.finish().map_err(&fault)?;
    Ok(Answer { id, status, this_update, next_update })
}

fn time(fields: &mut SliceReader<'_>) -> Result<UnixSeconds, Error> {
    let time = GeneralizedTime::decode(fields).map_err(Error::reading(WHAT))?;
    Ok(time.to_unix_duration().as_secs())
}
