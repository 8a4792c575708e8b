//! What is answered: bodies of responses.

use der::asn1::BitStringRef;
use der::{Decode, Reader, SliceReader, Tag};

use super::body;
use crate::certificate::Certificate;
use crate::{Error, read};

/// Longest text of the other side that is kept, characters.
const LONGEST_TEXT: usize = 300;

/// What the CA answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The certificate (cp, ip). Its signature and what it says are not checked yet.
    Certificate(Box<Certificate>),
    /// Not yet; ask again after so many seconds (pollRep, or a status *waiting*).
    Waiting {
        /// As the CA wishes; 0 if it does not say.
        seconds: u64,
    },
    /// The confirmation has arrived (pkiConf).
    Confirmed,
    /// The certificate is withdrawn, or no longer (rp).
    Withdrawn,
    /// No.
    Refused(Refusal),
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// PKIStatus: 2 rejection, 4 and 5 warnings of revocation.
    pub status: u8,
    /// Bits of PKIFailureInfo (RFC 9810 5.2.3), least first.
    pub failures: Vec<u8>,
    /// The CA's own words, at most 300 characters, without control characters.
    pub text: String,
}

impl Refusal {
    /// badCertId: the CA knows no such certificate (bit 4).
    pub const UNKNOWN: u8 = 4;
    /// certRevoked: the certificate has been revoked already (bit 10).
    pub const REVOKED_ALREADY: u8 = 10;

    /// Does the CA name this failure?
    pub fn names(&self, failure: u8) -> bool {
        self.failures.contains(&failure)
    }
}

impl core::fmt::Display for Refusal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "status {}, failures {:?}, \"{}\"", self.status, self.failures, self.text)
    }
}

/// PKIStatusInfo.
struct Status {
    status: u8,
    refusal: Refusal,
}

impl Status {
    /// accepted and grantedWithMods.
    const fn granted(&self) -> bool {
        self.status < 2
    }

    const fn waiting(&self) -> bool {
        self.status == 3
    }

    fn read(der: &[u8]) -> Result<Self, Error> {
        const WHAT: &str = "PKIStatusInfo";
        let fault = Error::reading(WHAT);
        let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
        let status = u8::decode(&mut fields).map_err(&fault)?;
        if status > 6 {
            return Err(Error::Shape("PKIStatusInfo: status"));
        }
        let mut text = String::new();
        if read::next_is(&fields, Tag::Sequence) {
            let lines = read::content(fields.tlv_bytes().map_err(&fault)?, Tag::Sequence, WHAT)?;
            for line in read::elements(lines, WHAT)? {
                let line = read::content(line, Tag::Utf8String, WHAT)?;
                let line = core::str::from_utf8(line).map_err(|_| Error::Shape(WHAT))?;
                text.extend((!text.is_empty()).then_some(' '));
                text.extend(line.chars().filter(|character| !character.is_control()));
            }
        }
        let mut failures = Vec::new();
        if !fields.is_finished() {
            let bits = BitStringRef::decode(&mut fields).map_err(&fault)?;
            failures = (0..=u8::MAX).zip(bits.bits()).filter_map(|(number, set)| set.then_some(number)).collect();
        }
        fields.finish().map_err(&fault)?;
        let text = text.chars().take(LONGEST_TEXT).collect();
        Ok(Self { status, refusal: Refusal { status, failures, text } })
    }
}

impl Answer {
    /// Reads a DER PKIBody.
    pub(super) fn read(body: &[u8]) -> Result<Self, Error> {
        const WHAT: &str = "PKIBody";
        let number = body.first().and_then(|first| first.checked_sub(0xa0)).ok_or(Error::Shape(WHAT))?;
        let content = read::content(body, read::context(u32::from(number)), WHAT)?;
        match number {
            // An initialisation response (1) has the form of a certification response, and some CAs answer so.
            1 | body::CERTIFICATION_RESPONSE => certificate(content),
            body::POLLING_RESPONSE => polling(content),
            body::CONFIRMATION => Ok(Self::Confirmed),
            body::REVOCATION_RESPONSE => withdrawn(content),
            body::ERROR => {
                let parts =
                    read::elements(read::content(content, Tag::Sequence, "ErrorMsgContent")?, "ErrorMsgContent")?;
                let status = Status::read(parts.first().ok_or(Error::Shape("ErrorMsgContent"))?)?;
                // Since RFC 9483 an error may also say that one has to wait.
                Ok(if status.waiting() { Self::Waiting { seconds: 0 } } else { Self::Refused(status.refusal) })
            }
            _ => Err(Error::Shape("PKIBody: not an answer to what was asked")),
        }
    }
}

/// CertRepMessage with one CertResponse.
fn certificate(content: &[u8]) -> Result<Answer, Error> {
    const WHAT: &str = "CertRepMessage";
    let mut parts = read::elements(read::content(content, Tag::Sequence, WHAT)?, WHAT)?;
    // caPubs: whom to trust is not learnt from whom one asks.
    if parts.first().is_some_and(|part| part[0] == 0xa1) {
        parts.remove(0);
    }
    let [responses] = parts[..] else { return Err(Error::Shape(WHAT)) };
    let responses = read::elements(read::content(responses, Tag::Sequence, WHAT)?, WHAT)?;
    let [response] = responses[..] else { return Err(Error::Shape("CertRepMessage: not one response")) };
    let response = read::elements(read::content(response, Tag::Sequence, WHAT)?, WHAT)?;
    // certReqId is not looked at: there is but one request in the conversation.
    let [_, status, ref rest @ ..] = response[..] else { return Err(Error::Shape(WHAT)) };
    let status = Status::read(status)?;
    if status.waiting() {
        return Ok(Answer::Waiting { seconds: 0 });
    }
    if !status.granted() {
        return Ok(Answer::Refused(status.refusal));
    }
    let pair = rest.first().filter(|part| part[0] == 0x30).ok_or(Error::Shape("CertResponse: without certificate"))?;
    let pair = read::elements(read::content(pair, Tag::Sequence, WHAT)?, WHAT)?;
    // certOrEncCert: [0] in clear; a key that the CA would make is not asked for.
    let plain = pair.first().ok_or(Error::Shape("CertifiedKeyPair"))?;
    let plain = read::content(plain, read::context(0), "CertOrEncCert")?;
    Ok(Answer::Certificate(Box::new(Certificate::read(plain)?)))
}

/// PollRepContent.
fn polling(content: &[u8]) -> Result<Answer, Error> {
    const WHAT: &str = "PollRepContent";
    let entries = read::elements(read::content(content, Tag::Sequence, WHAT)?, WHAT)?;
    let [entry] = entries[..] else { return Err(Error::Shape(WHAT)) };
    let mut fields = SliceReader::new(read::content(entry, Tag::Sequence, WHAT)?).map_err(Error::reading(WHAT))?;
    fields.tlv_bytes().map_err(Error::reading(WHAT))?;
    let seconds = u64::decode(&mut fields).map_err(Error::reading(WHAT))?;
    Ok(Answer::Waiting { seconds })
}

/// RevRepContent with one status.
fn withdrawn(content: &[u8]) -> Result<Answer, Error> {
    const WHAT: &str = "RevRepContent";
    let parts = read::elements(read::content(content, Tag::Sequence, WHAT)?, WHAT)?;
    let statuses = read::content(parts.first().ok_or(Error::Shape(WHAT))?, Tag::Sequence, WHAT)?;
    let statuses = read::elements(statuses, WHAT)?;
    let [status] = statuses[..] else { return Err(Error::Shape(WHAT)) };
    let status = Status::read(status)?;
    // 4 and 5: a revocation is about to happen, or has happened, which is what was asked for.
    let done = status.granted() || matches!(status.status, 4 | 5);
    Ok(if done { Answer::Withdrawn } else { Answer::Refused(status.refusal) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::encode;

    fn status(number: u8, text: &str, failures: &[u8]) -> Vec<u8> {
        let text = encode::sequence(&[&encode::tlv(encode::UTF8_STRING, text.as_bytes())]);
        let mut bits = vec![0, 0, 0, 0, 0];
        failures.iter().for_each(|bit| bits[1 + usize::from(bit / 8)] |= 0x80 >> (bit % 8));
        encode::sequence(&[&encode::unsigned(&[number]), &text, &encode::tlv(encode::BIT_STRING, &bits)])
    }

    fn error(number: u8, failures: &[u8]) -> Result<Answer, Error> {
        Answer::read(&encode::context(body::ERROR, &encode::sequence(&[&status(number, "no\tway", failures)])))
    }

    #[test]
    fn a_refusal_says_why_and_keeps_its_text_printable() {
        let Ok(Answer::Refused(refusal)) = error(2, &[4, 10]) else { panic!("not refused") };
        assert_eq!((refusal.status, refusal.text.as_str()), (2, "noway"));
        assert!(refusal.names(Refusal::UNKNOWN) && refusal.names(Refusal::REVOKED_ALREADY) && !refusal.names(5));
        assert_eq!(error(3, &[]).unwrap(), Answer::Waiting { seconds: 0 });
        assert!(error(7, &[]).is_err());
    }

    #[test]
    fn a_withdrawal_that_has_happened_already_is_one() {
        let answer = |number| {
            let statuses = encode::sequence(&[&status(number, "", &[])]);
            Answer::read(&encode::context(body::REVOCATION_RESPONSE, &encode::sequence(&[&statuses]))).unwrap()
        };
        for number in [0, 1, 4, 5] {
            assert_eq!(answer(number), Answer::Withdrawn, "{number}");
        }
        assert!(matches!(answer(2), Answer::Refused(_)));
    }

    #[test]
    fn a_response_without_its_certificate_or_with_two_is_refused() {
        let response = encode::sequence(&[&encode::unsigned(&[0]), &status(0, "", &[])]);
        for responses in [vec![response.clone()], vec![response.clone(), response], Vec::new()] {
            let responses = encode::sequence(&[&responses.concat()]);
            let message = encode::sequence(&[&responses]);
            assert!(Answer::read(&encode::context(body::CERTIFICATION_RESPONSE, &message)).is_err());
        }
    }

    proptest! {
        #[test]
        fn garbage_is_refused_or_read_and_never_more(kind in 0u8..31, octets in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Answer::read(&octets);
            let _ = Answer::read(&encode::context(kind, &octets));
            let _ = Answer::read(&encode::context(kind, &encode::sequence(&[&octets])));
        }
    }
}
