//! What may not be signed: checked on the encoded octets, before the key of a CA touches them.

use crate::certificate::{Certificate, TbsCertificate};
use crate::crl::TbsCertList;
use crate::name::{self, Attributes};
use crate::{Error, Profile, encode, key, oid};

/// What a lint found, in the order of its rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings(pub Vec<&'static str>);

impl core::fmt::Display for Findings {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl Findings {
    fn unless(&mut self, holds: bool, finding: &'static str) {
        if !holds {
            self.0.push(finding);
        }
    }

    fn into_result(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Lint(self)) }
    }
}

/// Checks a TBSCertificate against RFC 5280 and `docs/profiles.md`; `issuer` is the certificate that its
/// signer works under, none for a self-signed one.
///
/// # Errors
/// [`Error::Lint`] with everything that was found.
pub fn certificate(tbs: &TbsCertificate, issuer: Option<&Certificate>) -> Result<(), Error> {
    let mut found = Findings(Vec::new());
    let serial = tbs.serial.as_bytes();
    found.unless((8..=20).contains(&serial.len()), "serialNumber has fewer than 8 or more than 20 octets");
    found.unless(
        serial.len() < 20 || serial.first().is_some_and(|first| *first < 0x80),
        "serialNumber is longer than 20 octets with its sign",
    );
    names(&mut found, &tbs.subject);
    validity(&mut found, tbs);
    found.unless(
        contains(&tbs.der, &key::subject_public_key_info(&tbs.public_key)),
        "SubjectPublicKeyInfo is not in the form id-ecPublicKey with the SM2 curve",
    );
    extensions(&mut found, tbs);
    match issuer {
        Some(issuer) => under(&mut found, tbs, &issuer.tbs),
        None => {
            found.unless(tbs.is_self_issued(), "self-signed, but issuer and subject differ");
            found.unless(
                tbs.authority_key_id()?.is_some_and(|id| id == key::identifier(&tbs.public_key)),
                "authorityKeyIdentifier of a self-signed certificate is not its own",
            );
        }
    }
    found.into_result()
}

fn names(found: &mut Findings, subject: &[u8]) {
    let Ok(attributes) = Attributes::read(subject) else {
        return found.0.push("subject is not a Name");
    };
    found.unless(attributes.get(&oid::COMMON_NAME).is_some(), "subject has no commonName");
    found.unless(attributes.get(&oid::COUNTRY).is_some(), "subject has no countryName");
    let mut rebuilt = crate::Name::new();
    for (attribute, value) in attributes.iter() {
        let Some(kind) = name::KINDS.iter().find(|kind| kind.oid == *attribute) else {
            return found.0.push("subject has an attribute that our names do not use");
        };
        match rebuilt.clone().with(kind.oid, value) {
            Ok(longer) => rebuilt = longer,
            Err(_) => return found.0.push(name::fault(kind, value).unwrap_or("subject has a value that is refused")),
        }
    }
    found.unless(rebuilt.to_der() == subject, "subject uses another string type or order than our names do");
}

fn validity(found: &mut Findings, tbs: &TbsCertificate) {
    found.unless(tbs.not_before < tbs.not_after, "validity ends before it begins");
    let encoded = (encode::time(tbs.not_before), encode::time(tbs.not_after));
    let canonical = matches!(encoded, (Ok(begin), Ok(end)) if contains(&tbs.der, &encode::sequence(&[&begin, &end])));
    found.unless(canonical, "a time is not UTCTime to 2049 and GeneralizedTime after");
}

fn extensions(found: &mut Findings, tbs: &TbsCertificate) {
    const KNOWN: [(der::asn1::ObjectIdentifier, bool); 11] = [
        (oid::AUTHORITY_KEY_IDENTIFIER, false),
        (oid::SUBJECT_KEY_IDENTIFIER, false),
        (oid::BASIC_CONSTRAINTS, true),
        (oid::KEY_USAGE, true),
        (oid::CERTIFICATE_POLICIES, false),
        (oid::CRL_DISTRIBUTION_POINTS, false),
        (oid::AUTHORITY_INFO_ACCESS, false),
        (oid::ORGANIZATION_CODE, false),
        (oid::EXTENDED_KEY_USAGE, false),
        (oid::EXTENDED_KEY_USAGE, true),
        (oid::OCSP_NO_CHECK, false),
    ];
    for extension in &tbs.extensions {
        found.unless(
            KNOWN.contains(&(extension.oid, extension.critical)),
            "an extension that no profile has, or with the wrong criticality",
        );
        if [oid::CRL_DISTRIBUTION_POINTS, oid::AUTHORITY_INFO_ACCESS].contains(&extension.oid) {
            let addresses = tbs.addresses(&extension.oid).unwrap_or_default();
            found.unless(
                !addresses.is_empty() && addresses.into_iter().all(is_http),
                "an address that is not an HTTP URL",
            );
        }
    }
    credit_code(found, tbs);
    found.unless(
        matches!(tbs.subject_key_id(), Ok(Some(id)) if id == key::identifier(&tbs.public_key)),
        "subjectKeyIdentifier is missing or not that of the key",
    );
    match Profile::of(tbs) {
        None => found.0.push("key usage and basic constraints fit no profile"),
        Some(profile) => found.unless(
            tbs.not_after.saturating_sub(tbs.not_before) <= profile.most_days * 86_400,
            "validity is longer than the profile allows",
        ),
    }
}

fn credit_code(found: &mut Findings, tbs: &TbsCertificate) {
    let Some(extension) = tbs.extension(&oid::ORGANIZATION_CODE) else { return };
    let code = Attributes::read(&tbs.subject)
        .ok()
        .and_then(|subject| subject.get(&oid::ORGANIZATIONAL_UNIT).map(str::to_owned));
    found.unless(
        code.is_some_and(|code| {
            name::is_credit_code(&code) && extension.value == encode::tlv(encode::PRINTABLE_STRING, code.as_bytes())
        }),
        "OrganizationCode is not the credit code of the subject",
    );
}

fn under(found: &mut Findings, tbs: &TbsCertificate, issuer: &TbsCertificate) {
    found.unless(tbs.issuer == issuer.subject, "issuer is not the subject of the issuer's certificate");
    found.unless(!tbs.is_self_issued(), "issuer and subject are the same");
    found.unless(tbs.public_key != issuer.public_key, "the key is the issuer's own");
    let key_id =
        issuer.subject_key_id().ok().flatten().map_or(key::identifier(&issuer.public_key).to_vec(), <[u8]>::to_vec);
    found.unless(
        matches!(tbs.authority_key_id(), Ok(Some(id)) if id == key_id),
        "authorityKeyIdentifier is missing or not the issuer's",
    );
    found.unless(
        tbs.not_before >= issuer.not_before && tbs.not_after <= issuer.not_after,
        "validity goes beyond the issuer's",
    );
    let may = issuer.key_usage().ok().flatten().is_some_and(|usage| usage.any(crate::profile::KeyUsage::KEY_CERT_SIGN));
    let ca = issuer.basic_constraints().ok().flatten().filter(|constraints| constraints.ca);
    found.unless(may && ca.is_some(), "the issuer is not a CA");
    let is_ca = tbs.basic_constraints().ok().flatten().is_some_and(|constraints| constraints.ca);
    let deeper = ca.is_none_or(|constraints| constraints.path_length != Some(0));
    found.unless(!is_ca || deeper, "the issuer may not have CAs under it");
}

/// Checks a TBSCertList against RFC 5280 5 and `docs/profiles.md`.
///
/// # Errors
/// [`Error::Lint`] with everything that was found.
pub fn crl(tbs: &TbsCertList, issuer: &Certificate) -> Result<(), Error> {
    let mut found = Findings(Vec::new());
    found.unless(tbs.issuer == issuer.tbs.subject, "issuer is not the subject of the issuer's certificate");
    let may = issuer.tbs.key_usage()?.is_some_and(|usage| usage.any(crate::profile::KeyUsage::CRL_SIGN));
    found.unless(may, "the issuer may not sign CRLs");
    found.unless(
        tbs.next_update.is_some_and(|next| next > tbs.this_update),
        "nextUpdate is missing or not after thisUpdate",
    );
    found.unless(tbs.number.is_some(), "cRLNumber is missing");
    found.unless(
        tbs.authority_key_id.is_some() && tbs.authority_key_id.as_deref() == issuer.tbs.subject_key_id()?,
        "authorityKeyIdentifier is missing or not the issuer's",
    );
    found.unless(tbs.revoked.iter().all(|entry| entry.at <= tbs.this_update), "an entry lies after thisUpdate");
    let mut serials: Vec<_> = tbs.revoked.iter().map(|entry| &entry.serial).collect();
    serials.sort_unstable();
    found.unless(serials.windows(2).all(|pair| pair[0] != pair[1]), "a serial number is listed twice");
    found.into_result()
}

fn is_http(address: &str) -> bool {
    let behind = address.strip_prefix("http://").or_else(|| address.strip_prefix("https://"));
    behind.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic()))
}

fn contains(whole: &[u8], part: &[u8]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}
