//! TimeStampToken: TSTInfo (RFC 3161 2.4.2) in a signed message, with the authority's certificate named in a signed
//! attribute (RFC 5035, RFC 5816).

use der::asn1::ObjectIdentifier;
use der::{DateTime, Decode as _, Reader as _, SliceReader, Tag};

use super::{Imprint, Request, request};
use crate::hash::Hash;
use crate::profile::Profile;
use crate::signed_data::{Attached, Covered, Dialect, Message, attribute, attribute_of};
use crate::{Certificate, Error, Serial, SignedData, Signer, UnixSeconds, encode, oid, read, signer};

/// What a stamp says besides who made it.
#[derive(Debug, Clone)]
pub struct Stamp<'a> {
    /// The policy under which it is made.
    pub policy: ObjectIdentifier,
    /// What existed.
    pub imprint: &'a Imprint,
    /// Unique under the authority.
    pub serial: &'a Serial,
    /// When.
    pub at: UnixSeconds,
    /// How far the clock may be off, seconds.
    pub accuracy: u8,
    /// The request's.
    pub nonce: Option<&'a [u8]>,
}

impl Stamp<'_> {
    /// DER TSTInfo. `ordering` is false: two stamps of one second say nothing about which came first.
    fn to_der(&self) -> Result<Vec<u8>, Error> {
        let nonce = self.nonce.map(|nonce| encode::tlv(encode::INTEGER, nonce)).unwrap_or_default();
        Ok(encode::sequence(&[
            &encode::unsigned(&[1]),
            &encode::oid(&self.policy),
            &self.imprint.to_der(),
            &self.serial.to_der(),
            &encode::generalized_time(self.at)?,
            &encode::sequence(&[&encode::unsigned(&[self.accuracy])]),
            &nonce,
        ]))
    }

    /// DER TimeStampToken of this authority; `along` are the certificates that go inside, none if the client did not
    /// ask for them.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the certificate is not that of an authority for time stamps, or not valid at that
    /// time; [`Error::Signer`] with the signer's cause; [`Error::Signature`] if the signer holds another key.
    pub fn sign(
        &self,
        dialect: Dialect,
        authority: &Certificate,
        along: &[&Certificate],
        signer: &dyn Signer,
    ) -> Result<Vec<u8>, Error> {
        if Profile::of(&authority.tbs) != Some(&Profile::TIME_STAMP) {
            return Err(Error::OutOfRange("only an authority for time stamps signs them"));
        }
        if !(authority.tbs.not_before..=authority.tbs.not_after).contains(&self.at) {
            return Err(Error::OutOfRange("a time stamp outside the validity of its authority"));
        }
        let named = attribute(&oid::SIGNING_CERTIFICATE_V2, &signing_certificate(authority));
        let message = Message::with(dialect, oid::TST_INFO, &self.to_der()?, Attached::Embedded, vec![named]);
        let signature = signer::sign(signer, message.to_be_signed(), "TimeStampToken")?;
        message.assemble_with(authority, along, &signature)
    }
}

/// DER SigningCertificateV2 that names this certificate by SM3, issuer and serial number.
fn signing_certificate(certificate: &Certificate) -> Vec<u8> {
    let issuer = encode::sequence(&[&encode::context(4, &certificate.tbs.issuer)]);
    let issuer_serial = encode::sequence(&[&issuer, &certificate.tbs.serial.to_der()]);
    let digest = encode::octet_string(&gm::sm3::digest(&certificate.der));
    let id = encode::sequence(&[&encode::algorithm(&oid::SM3), &digest, &issuer_serial]);
    encode::sequence(&[&encode::sequence(&[&id])])
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TstInfo {
    /// The policy under which it was made.
    pub policy: ObjectIdentifier,
    /// What existed.
    pub imprint: Imprint,
    /// Unique under the authority.
    pub serial: Serial,
    /// When; fractions of a second are cut off.
    pub at: UnixSeconds,
    /// Content of an INTEGER.
    pub nonce: Option<Vec<u8>>,
}

/// A token that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The message around it.
    pub message: SignedData,
    /// What it says.
    pub info: TstInfo,
}

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Not exactly one signer, a wrong signature, or the signer's certificate is not there.
    #[error("not signed by an authority whose certificate is there")]
    Signature,
    /// The signed attributes name another certificate, or none.
    #[error("the signed attributes do not name this certificate")]
    AnotherCertificate,
    /// The certificate is not for time stamps alone.
    #[error("the certificate is not for time stamps")]
    Usage,
    /// The certificate was not valid when the stamp was made.
    #[error("the certificate was not valid at that time")]
    Validity,
    /// It is a stamp of other octets.
    #[error("a stamp of something else")]
    Imprint,
    /// It does not fit the request: nonce, policy or certificate.
    #[error("not the answer to this request")]
    Request,
}

impl Token {
    /// Reads a DER TimeStampToken of either dialect.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Shape`]; [`Error::Algorithm`] for other algorithms than SM2 and SM3.
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        let message = SignedData::read(der)?;
        if message.content_type != oid::TST_INFO {
            return Err(Error::Shape("TimeStampToken: the content is not a TSTInfo"));
        }
        let info = message.content.as_deref().ok_or(Error::Shape("TimeStampToken: no content"))?;
        let info = TstInfo::read(info)?;
        Ok(Self { message, info })
    }

    /// The authority's certificate, if this is its stamp of these octets' digest. `known` is a certificate that the
    /// token does not carry. Whether to trust the certificate is the next question: [`crate::chain`] with
    /// [`crate::chain::Usage::TimeStamp`] at [`TstInfo::at`].
    ///
    /// # Errors
    /// The [`Fault`] that was found first, in their order.
    pub fn check(&self, imprint: &Imprint, known: Option<&Certificate>) -> Result<Certificate, Fault> {
        let mut message = self.message.clone();
        message.certificates.extend(known.map(|certificate| certificate.der.clone()));
        let content = message.content.as_deref().unwrap_or_default();
        let checks = message.check(content);
        let ([check], [signer]) = (&checks[..], &message.signers[..]) else { return Err(Fault::Signature) };
        let attributes = signer.attributes.as_deref().ok_or(Fault::Signature)?;
        let certificate = check.certificate.as_ref().filter(|_| check.is_ok()).ok_or(Fault::Signature)?;
        if check.covered != Some(Covered::Attributes) {
            return Err(Fault::Signature);
        }
        if !names(attributes, certificate) {
            return Err(Fault::AnotherCertificate);
        }
        let purposes = certificate.tbs.purposes().ok().flatten();
        let critical = certificate.tbs.extension(&oid::EXTENDED_KEY_USAGE).is_some_and(|extension| extension.critical);
        if !critical || purposes.is_none_or(|purposes| purposes != [oid::TIME_STAMPING]) {
            return Err(Fault::Usage);
        }
        if !(certificate.tbs.not_before..=certificate.tbs.not_after).contains(&self.info.at) {
            return Err(Fault::Validity);
        }
        if self.info.imprint != *imprint {
            return Err(Fault::Imprint);
        }
        Ok(certificate.clone())
    }

    /// As [`Self::check`], and it answers this request.
    ///
    /// # Errors
    /// The [`Fault`] that was found first, in their order.
    pub fn answers(&self, request: &Request, known: Option<&Certificate>) -> Result<Certificate, Fault> {
        let certificate = self.check(&request.imprint, known)?;
        let policy = request.policy.is_none_or(|policy| policy == self.info.policy);
        let inside = self.message.certificates.contains(&certificate.der);
        // A token must not carry certificates that nobody asked for (RFC 3161 2.4.1), but many do.
        if self.info.nonce == request.nonce && policy && (inside || !request.certificate) {
            Ok(certificate)
        } else {
            Err(Fault::Request)
        }
    }
}

/// Do the signed attributes name this certificate? SigningCertificateV2, whose function is SHA-256 by default.
fn names(attributes: &[u8], certificate: &Certificate) -> bool {
    const WHAT: &str = "SigningCertificateV2";
    let first = |der| {
        let content = read::content(der, Tag::Sequence, WHAT).and_then(|content| read::elements(content, WHAT));
        content.ok().and_then(|elements| elements.first().copied())
    };
    let id = attribute_of(attributes, &oid::SIGNING_CERTIFICATE_V2).ok().flatten().and_then(first).and_then(first);
    let Some(id) = id.and_then(|id| read::content(id, Tag::Sequence, WHAT).ok()) else { return false };
    let Ok(fields) = read::elements(id, WHAT) else { return false };
    let (hash, digest) = match fields[..] {
        [algorithm, digest, ..] if algorithm.first() == Some(&encode::SEQUENCE) => {
            (Hash::read(algorithm, WHAT).ok().flatten(), digest)
        }
        [digest, ..] => (Some(Hash::Sha256), digest),
        [] => return false,
    };
    hash.is_some_and(|hash| digest == encode::octet_string(&hash.digest(&certificate.der)))
}

impl TstInfo {
    /// Reads a DER TSTInfo, the content of a token.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::Shape`]; [`Error::Algorithm`] for digests that are not known.
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        const WHAT: &str = "TSTInfo";
        let fault = Error::reading(WHAT);
        let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
        if u8::decode(&mut fields).map_err(&fault)? != 1 {
            return Err(Error::Shape("TSTInfo: version is not v1"));
        }
        let policy = ObjectIdentifier::decode(&mut fields).map_err(&fault)?;
        let imprint = Imprint::read(fields.tlv_bytes().map_err(&fault)?).map_err(|_| Error::Algorithm(WHAT))?;
        let serial = Serial::from_integer(read::content(fields.tlv_bytes().map_err(&fault)?, Tag::Integer, WHAT)?)?;
        let at = time(read::content(fields.tlv_bytes().map_err(&fault)?, Tag::GeneralizedTime, WHAT)?)?;
        // accuracy, then ordering: nothing here depends on them.
        for tag in [Tag::Sequence, Tag::Boolean] {
            if read::next_is(&fields, tag) {
                fields.tlv_bytes().map_err(&fault)?;
            }
        }
        let nonce = read::next_is(&fields, Tag::Integer).then(|| request::nonce(&mut fields)).transpose()?;
        // tsa [0] repeats what the certificate says.
        if read::next_is(&fields, read::context(0)) {
            fields.tlv_bytes().map_err(&fault)?;
        }
        if read::next_is(&fields, read::context(1)) {
            let implicit = fields.tlv_bytes().map_err(&fault)?;
            let list = read::extensions(&[&[encode::SEQUENCE], &implicit[1..]].concat(), WHAT)?;
            if list.iter().any(|extension| extension.critical) {
                return Err(Error::Shape("TSTInfo: a critical extension that is not understood"));
            }
        }
        fields.finish().map_err(&fault)?;
        Ok(Self { policy, imprint, serial, at, nonce })
    }
}

/// `YYYYMMDDhhmmss[.s...]Z`.
fn time(text: &[u8]) -> Result<UnixSeconds, Error> {
    const REFUSED: Error = Error::Shape("TSTInfo: genTime");
    let text = core::str::from_utf8(text).ok().and_then(|text| text.strip_suffix('Z')).ok_or(REFUSED)?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "1"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    // DER allows no zero at the end of a fraction (X.690 11.7.3).
    if whole.len() != 14 || !digits(whole) || !digits(fraction) || fraction.ends_with('0') {
        return Err(REFUSED);
    }
    let year = whole[..4].parse().map_err(|_| REFUSED)?;
    let part = |at: usize| whole[at..at + 2].parse::<u8>().map_err(|_| REFUSED);
    let moment = DateTime::new(year, part(4)?, part(6)?, part(8)?, part(10)?, part(12)?).map_err(|_| REFUSED)?;
    Ok(moment.unix_duration().as_secs())
}
