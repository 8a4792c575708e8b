//! Making a certificate: template → to-be-signed octets (to be stored) → signature.

use der::asn1::ObjectIdentifier;

use super::{Certificate, TbsCertificate};
use crate::{Error, Profile, PublicKey, Serial, Signer, UnixSeconds, encode, key, lint, oid, profile, signer};

/// What goes into a certificate besides what its issuer and its profile decide.
#[derive(Debug, Clone)]
pub struct Template<'a> {
    /// The row of the table.
    pub profile: &'static Profile,
    /// Unique under the issuer; see [`Serial::random`].
    pub serial: &'a Serial,
    /// DER Name.
    pub subject: &'a [u8],
    /// The subject's key.
    pub public_key: &'a PublicKey,
    /// First second of validity.
    pub not_before: UnixSeconds,
    /// Last second of validity.
    pub not_after: UnixSeconds,
    /// Where the issuer's CRL lies.
    pub crl_url: Option<&'a str>,
    /// Where the issuer's own certificate lies.
    pub issuer_url: Option<&'a str>,
    /// Where the issuer's OCSP responder answers.
    pub ocsp_url: Option<&'a str>,
    /// The policy under which it is issued.
    pub policy: Option<ObjectIdentifier>,
    /// The unified social credit code of an enterprise; the same that stands in the subject.
    pub credit_code: Option<&'a str>,
}

impl Template<'_> {
    /// The linted octets of a certificate that this issuer is to sign.
    ///
    /// # Errors
    /// [`Error::Lint`] with what is wrong.
    pub fn under(&self, issuer: &Certificate) -> Result<Vec<u8>, Error> {
        let key_id = match issuer.tbs.subject_key_id()? {
            Some(key_id) => key_id.to_vec(),
            None => key::identifier(&issuer.tbs.public_key).to_vec(),
        };
        self.to_be_signed(&issuer.tbs.subject, &key_id, Some(issuer))
    }

    /// The linted octets of a certificate that its own key is to sign.
    ///
    /// # Errors
    /// [`Error::Lint`] with what is wrong.
    pub fn self_signed(&self) -> Result<Vec<u8>, Error> {
        self.to_be_signed(self.subject, &key::identifier(self.public_key), None)
    }

    fn to_be_signed(
        &self,
        issuer: &[u8],
        issuer_key_id: &[u8],
        certificate: Option<&Certificate>,
    ) -> Result<Vec<u8>, Error> {
        let validity = encode::sequence(&[&encode::time(self.not_before)?, &encode::time(self.not_after)?]);
        let extensions = encode::sequence(&[&self.extensions(issuer_key_id).concat()]);
        let der = encode::sequence(&[
            &encode::context(0, &encode::unsigned(&[2])),
            &self.serial.to_der(),
            &encode::algorithm(&oid::SM2_WITH_SM3),
            issuer,
            &validity,
            self.subject,
            &key::subject_public_key_info(self.public_key),
            &encode::context(3, &extensions),
        ]);
        lint::certificate(&TbsCertificate::read(&der)?, certificate)?;
        Ok(der)
    }

    fn extensions(&self, issuer_key_id: &[u8]) -> Vec<Vec<u8>> {
        let authority = encode::sequence(&[&encode::tlv(0x80, issuer_key_id)]);
        let subject = encode::octet_string(&key::identifier(self.public_key));
        let mut list = vec![
            encode::extension(&oid::AUTHORITY_KEY_IDENTIFIER, false, &authority),
            encode::extension(&oid::SUBJECT_KEY_IDENTIFIER, false, &subject),
        ];
        if let Some(constraints) = self.profile.constraints {
            list.push(encode::extension(&oid::BASIC_CONSTRAINTS, true, &constraints.to_der()));
        }
        list.push(encode::extension(&oid::KEY_USAGE, true, &self.profile.key_usage.to_der()));
        if let Some(purpose) = self.profile.purpose {
            list.push(encode::extension(&oid::EXTENDED_KEY_USAGE, purpose.critical, &purpose.to_der()));
        }
        if self.profile.no_check {
            list.push(encode::extension(&oid::OCSP_NO_CHECK, false, &profile::NO_CHECK));
        }
        if let Some(policy) = &self.policy {
            let policies = encode::sequence(&[&encode::sequence(&[&encode::oid(policy)])]);
            list.push(encode::extension(&oid::CERTIFICATE_POLICIES, false, &policies));
        }
        if let Some(url) = self.crl_url {
            // DistributionPoint { distributionPoint [0] { fullName [0] { uniformResourceIdentifier [6] } } }
            let point = encode::context(0, &encode::context(0, &encode::tlv(0x86, url.as_bytes())));
            let points = encode::sequence(&[&encode::sequence(&[&point])]);
            list.push(encode::extension(&oid::CRL_DISTRIBUTION_POINTS, false, &points));
        }
        let access = |method, url: &str| encode::sequence(&[&encode::oid(method), &encode::tlv(0x86, url.as_bytes())]);
        let ocsp = self.ocsp_url.map(|url| access(&oid::OCSP, url)).unwrap_or_default();
        let issuer = self.issuer_url.map(|url| access(&oid::CA_ISSUERS, url)).unwrap_or_default();
        if !(ocsp.is_empty() && issuer.is_empty()) {
            let value = encode::sequence(&[&ocsp, &issuer]);
            list.push(encode::extension(&oid::AUTHORITY_INFO_ACCESS, false, &value));
        }
        if let Some(code) = self.credit_code {
            let value = encode::tlv(encode::PRINTABLE_STRING, code.as_bytes());
            list.push(encode::extension(&oid::ORGANIZATION_CODE, false, &value));
        }
        list
    }
}

/// Signs the octets of a template, linting them again: what was stored may have been changed since.
///
/// `issuer` is the certificate of the signer, none for a self-signed one.
///
/// # Errors
/// [`Error::Lint`]; [`Error::Signer`] with the signer's cause; [`Error::Signature`] if the signer holds
/// another key than the issuer's certificate names.
pub fn sign(to_be_signed: &[u8], issuer: Option<&Certificate>, signer: &dyn Signer) -> Result<Certificate, Error> {
    let tbs = TbsCertificate::read(to_be_signed)?;
    lint::certificate(&tbs, issuer)?;
    let issuer_key = issuer.map_or(&tbs.public_key, |issuer| &issuer.tbs.public_key);
    if *issuer_key != signer.public_key() {
        return Err(Error::Signature("Certificate: the signer is not the issuer"));
    }
    let signature = signer::sign(signer, to_be_signed, "Certificate")?;
    let der =
        encode::sequence(&[to_be_signed, &encode::algorithm(&oid::SM2_WITH_SM3), &encode::bit_string(&signature)]);
    Ok(Certificate { der, tbs, signature })
}
