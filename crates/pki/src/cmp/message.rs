//! PKIMessage (RFC 9810 5.1): header, body, protection.

use der::asn1::{BitStringRef, OctetStringRef};
use der::{Decode, Reader, SliceReader, Tag};

use super::{Answer, Protection, Request};
use crate::certificate::Certificate;
use crate::{Error, UnixSeconds, encode, read};

const WHAT: &str = "PKIMessage";
/// cmp2000: what every CA understands; nothing of cmp2021 is used.
const VERSION: u8 = 2;
/// Longest nonce that is repeated, octets.
const LONGEST_NONCE: usize = 64;

/// Who talks to whom.
#[derive(Clone, Copy)]
pub struct Parties<'a> {
    /// The CA that is asked: its name is the recipient of every message.
    pub authority: &'a Certificate,
    /// By what messages are protected.
    pub protection: Protection<'a>,
}

/// A conversation, from its first question to its last answer. It can be kept and taken up again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// transactionID, 16 octets.
    pub id: Vec<u8>,
    /// senderNonce of the question that was sent last, 16 octets.
    pub nonce: Vec<u8>,
    /// senderNonce of the answer that came last.
    pub answered: Option<Vec<u8>>,
}

impl Transaction {
    /// A new one.
    ///
    /// # Errors
    /// [`Error::Signer`] if the operating system gives no random numbers.
    pub fn begin() -> Result<Self, Error> {
        Ok(Self { id: random()?, nonce: random()?, answered: None })
    }

    /// The next question: DER PKIMessage.
    ///
    /// # Errors
    /// [`Error::Signer`] if the key or random numbers cannot be had.
    pub fn ask(&mut self, parties: Parties<'_>, now: UnixSeconds, request: Request<'_>) -> Result<Vec<u8>, Error> {
        self.nonce = random()?;
        let protection = parties.protection;
        let algorithm = protection.algorithm()?;
        let octets = |number: u8, octets: &[u8]| encode::context(number, &encode::octet_string(octets));
        let header = encode::sequence(&[
            &encode::unsigned(&[VERSION]),
            &encode::context(4, &protection.sender()),
            &encode::context(4, &parties.authority.tbs.subject),
            &encode::context(0, &encode::generalized_time(now)?),
            &encode::context(1, &algorithm),
            &protection.key_id()?.map(|id| octets(2, &id)).unwrap_or_default(),
            &octets(4, &self.id),
            &octets(5, &self.nonce),
            &self.answered.as_deref().map(|nonce| octets(6, nonce)).unwrap_or_default(),
        ]);
        let body = request.body()?;
        let protected = protection.protect(&algorithm, &encode::sequence(&[&header, &body]))?;
        // Its own certificate comes along, for a CA that has it not at hand.
        let certificates = match protection {
            Protection::Signatures { certificate, .. } => encode::context(1, &encode::sequence(&[&certificate.der])),
            Protection::Secret { .. } => Vec::new(),
        };
        let protected = encode::context(0, &encode::bit_string(&protected));
        Ok(encode::sequence(&[&header, &body, &protected, &certificates]))
    }

    /// Reads the answer to the last question. Nothing of a message is believed before its protection has been checked
    /// and it is known to belong here.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Shape`], [`Error::Algorithm`]; [`Error::Signature`] for one that is not the
    /// CA's, or answers another question.
    pub fn hear(&mut self, parties: Parties<'_>, answer: &[u8]) -> Result<Answer, Error> {
        let message = Message::read(answer)?;
        let algorithm = message.algorithm.ok_or(Error::Signature("PKIMessage: without protection"))?;
        let protection = message.protection.ok_or(Error::Signature("PKIMessage: without protection"))?;
        let part = encode::sequence(&[message.header, message.body]);
        parties.protection.check(algorithm, &part, protection)?;
        if message.transaction != Some(&self.id) || message.answers != Some(&self.nonce) {
            return Err(Error::Signature("PKIMessage: of another conversation"));
        }
        let nonce = message.nonce.filter(|nonce| nonce.len() <= LONGEST_NONCE).ok_or(Error::Shape(WHAT))?;
        self.answered = Some(nonce.to_vec());
        Answer::read(message.body)
    }
}

fn random() -> Result<Vec<u8>, Error> {
    gm::random::bytes::<16>().map(|octets| octets.to_vec()).map_err(|cause| Error::Signer(Box::new(cause)))
}

/// A message taken apart.
struct Message<'a> {
    /// Whole TLV.
    header: &'a [u8],
    /// Whole TLV.
    body: &'a [u8],
    /// Whole TLV of protectionAlg.
    algorithm: Option<&'a [u8]>,
    transaction: Option<&'a [u8]>,
    nonce: Option<&'a [u8]>,
    /// recipNonce.
    answers: Option<&'a [u8]>,
    protection: Option<&'a [u8]>,
}

impl<'a> Message<'a> {
    fn read(der: &'a [u8]) -> Result<Self, Error> {
        let fault = Error::reading(WHAT);
        let mut parts = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
        let header = parts.tlv_bytes().map_err(&fault)?;
        let body = parts.tlv_bytes().map_err(&fault)?;
        let mut message =
            Self { header, body, algorithm: None, transaction: None, nonce: None, answers: None, protection: None };
        if read::next_is(&parts, read::context(0)) {
            let bits = read::content(parts.tlv_bytes().map_err(&fault)?, read::context(0), WHAT)?;
            message.protection =
                Some(BitStringRef::from_der(bits).map_err(&fault)?.as_bytes().ok_or(Error::Shape(WHAT))?);
        }
        // extraCerts: the other side's certificate is known, and is not taken from its own message.
        if read::next_is(&parts, read::context(1)) {
            parts.tlv_bytes().map_err(&fault)?;
        }
        parts.finish().map_err(&fault)?;
        message.read_header()?;
        Ok(message)
    }

    fn read_header(&mut self) -> Result<(), Error> {
        const WHAT: &str = "PKIHeader";
        let fault = Error::reading(WHAT);
        let mut fields = SliceReader::new(read::content(self.header, Tag::Sequence, WHAT)?).map_err(&fault)?;
        let version = u8::decode(&mut fields).map_err(&fault)?;
        if !(2..=3).contains(&version) {
            return Err(Error::Shape("PKIHeader: version"));
        }
        // sender and recipient, GeneralName: whom the protection proves is decided by the protection.
        fields.tlv_bytes().map_err(&fault)?;
        fields.tlv_bytes().map_err(&fault)?;
        let mut before = None;
        while !fields.is_finished() {
            let field = fields.tlv_bytes().map_err(&fault)?;
            let number = field[0].checked_sub(0xa0).filter(|number| *number <= 8).ok_or(Error::Shape(WHAT))?;
            if before.is_some_and(|before| number <= before) {
                return Err(Error::Shape("PKIHeader: a field out of its order"));
            }
            before = Some(number);
            let content = read::content(field, read::context(u32::from(number)), WHAT)?;
            let octets = || -> Result<Option<&'a [u8]>, Error> {
                Ok(Some(<&OctetStringRef>::from_der(content).map_err(&fault)?.as_bytes()))
            };
            match number {
                1 => self.algorithm = Some(content),
                4 => self.transaction = octets()?,
                5 => self.nonce = octets()?,
                6 => self.answers = octets()?,
                // messageTime, key identifiers, freeText, generalInfo.
                _ => {}
            }
        }
        Ok(())
    }
}
