//! What is asked: bodies of requests.

use super::body;
use crate::certificate::{Certificate, TbsCertificate};
use crate::crl::Reason;
use crate::{Error, Serial, encode, key, oid};

/// The number of the one certificate in a message: certReqId.
const ONE: u8 = 0;
/// removeFromCRL, which full lists do not know (RFC 5280 5.3.1).
const REMOVE_FROM_CRL: u8 = 8;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub enum Request<'a> {
    /// A certificate like this one (cr): subject, key, validity and extensions are taken over, the issuer's own
    /// statements (serial number, addresses, key identifiers) are not asked for. The registration authority vouches
    /// that the subject holds the key (raVerified, RFC 4211 4).
    Certificate(&'a TbsCertificate),
    /// Is it ready? (pollReq)
    Poll,
    /// It has arrived, and is what was asked for (certConf); `false`: it is not wanted.
    Confirm(&'a Certificate, bool),
    /// Withdraw a certificate (rr).
    Withdraw(&'a Withdrawal<'a>),
}

/// Which certificate is withdrawn, and how.
#[derive(Debug, Clone, Copy)]
pub struct Withdrawal<'a> {
    /// DER Name of its issuer.
    pub issuer: &'a [u8],
    /// Its number.
    pub serial: &'a Serial,
    /// Why; none: a hold is over.
    pub reason: Option<Reason>,
}

impl Request<'_> {
    /// DER PKIBody.
    pub(super) fn body(&self) -> Result<Vec<u8>, Error> {
        let one = encode::unsigned(&[ONE]);
        Ok(match self {
            Self::Certificate(wanted) => {
                let request = encode::sequence(&[&one, &template(wanted)?]);
                let verified: &[u8] = &[0x80, 0];
                let message = encode::sequence(&[&request, verified]);
                encode::context(body::CERTIFICATION_REQUEST, &encode::sequence(&[&message]))
            }
            Self::Poll => encode::context(body::POLLING_REQUEST, &encode::sequence(&[&encode::sequence(&[&one])])),
            Self::Confirm(certificate, accepted) => {
                // By the digest of the certificate's own signature (RFC 9810 5.3.18): SM3.
                let digest = encode::octet_string(&gm::sm3::digest(&certificate.der));
                let rejection = encode::sequence(&[&encode::unsigned(&[2])]);
                let status: &[u8] = if *accepted { &[] } else { &rejection };
                let status = encode::sequence(&[&digest, &one, status]);
                encode::context(body::CERTIFICATE_CONFIRM, &encode::sequence(&[&status]))
            }
            Self::Withdraw(which) => {
                let reason = which.reason.map_or(REMOVE_FROM_CRL, |reason| reason as u8);
                let reason = encode::tlv(encode::ENUMERATED, &[reason]);
                let entry = encode::sequence(&[&encode::extension(&oid::REASON_CODE, false, &reason)]);
                let serial = encode::integer_content(which.serial.as_bytes());
                let details = [encode::tlv(0x81, &serial), encode::context(3, which.issuer)].concat();
                let details = encode::sequence(&[&encode::sequence(&[&details]), &entry]);
                encode::context(body::REVOCATION_REQUEST, &encode::sequence(&[&details]))
            }
        })
    }
}

/// CertTemplate (RFC 4211 5). Its tags are implicit, but for those around a CHOICE.
fn template(wanted: &TbsCertificate) -> Result<Vec<u8>, Error> {
    let validity =
        [encode::context(0, &encode::time(wanted.not_before)?), encode::context(1, &encode::time(wanted.not_after)?)];
    // Key identifiers and addresses are the issuer's to state.
    let left_to_the_issuer = [
        oid::AUTHORITY_KEY_IDENTIFIER,
        oid::SUBJECT_KEY_IDENTIFIER,
        oid::CRL_DISTRIBUTION_POINTS,
        oid::AUTHORITY_INFO_ACCESS,
    ];
    let extensions: Vec<Vec<u8>> = wanted
        .extensions
        .iter()
        .filter(|extension| !left_to_the_issuer.contains(&extension.oid))
        .map(|extension| encode::extension(&extension.oid, extension.critical, &extension.value))
        .collect();
    let key = key::subject_public_key_info(&wanted.public_key);
    Ok(encode::sequence(&[
        &encode::context(4, &validity.concat()),
        &encode::context(5, &wanted.subject),
        &encode::retagged(6, &key),
        &encode::context(9, &extensions.concat()),
    ]))
}
