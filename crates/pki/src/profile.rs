//! What each kind of certificate may be used for: one row of a table per kind (`docs/profiles.md`).
//!
//! Key usage and basic constraints follow GB/T 20518 (GM/T 0015 5.2.4): a certificate either signs or
//! encrypts, never both.

use der::asn1::{BitStringRef, ObjectIdentifier};
use der::{Decode, Reader, SliceReader, Tag};

use crate::certificate::TbsCertificate;
use crate::{Error, encode, oid, read};

/// The bits of keyUsage (RFC 5280 4.2.1.3); bit n of the standard is `1 << n` here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsage(pub u16);

impl KeyUsage {
    /// digitalSignature (0).
    pub const DIGITAL_SIGNATURE: Self = Self(1);
    /// nonRepudiation (1).
    pub const NON_REPUDIATION: Self = Self(1 << 1);
    /// keyEncipherment (2).
    pub const KEY_ENCIPHERMENT: Self = Self(1 << 2);
    /// dataEncipherment (3).
    pub const DATA_ENCIPHERMENT: Self = Self(1 << 3);
    /// keyAgreement (4).
    pub const KEY_AGREEMENT: Self = Self(1 << 4);
    /// keyCertSign (5).
    pub const KEY_CERT_SIGN: Self = Self(1 << 5);
    /// cRLSign (6).
    pub const CRL_SIGN: Self = Self(1 << 6);

    /// Both sets of bits.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Is any of these bits set?
    pub const fn any(self, of: Self) -> bool {
        self.0 & of.0 != 0
    }

    /// A signing certificate by GM/T 0015: digitalSignature or nonRepudiation. Other bits do not matter,
    /// because certificates in the field carry all of them.
    pub const fn signs(self) -> bool {
        self.any(Self::DIGITAL_SIGNATURE.and(Self::NON_REPUDIATION))
    }

    /// An encryption certificate by GM/T 0015: keyEncipherment, dataEncipherment or keyAgreement.
    pub const fn encrypts(self) -> bool {
        self.any(Self::KEY_ENCIPHERMENT.and(Self::DATA_ENCIPHERMENT).and(Self::KEY_AGREEMENT))
    }

    /// DER BIT STRING without trailing zero bits (X.690 11.2.2).
    pub(crate) fn to_der(self) -> Vec<u8> {
        let bits = 16 - self.0.leading_zeros() as usize;
        let mut content = vec![0; 1 + bits.div_ceil(8)];
        content[0] = (8 * bits.div_ceil(8) - bits) as u8;
        for bit in (0..bits).filter(|bit| self.0 >> bit & 1 == 1) {
            content[1 + bit / 8] |= 0x80 >> (bit % 8);
        }
        encode::tlv(encode::BIT_STRING, &content)
    }

    pub(crate) fn from_der(der: &[u8]) -> Result<Self, Error> {
        let bits = BitStringRef::from_der(der).map_err(Error::reading("keyUsage"))?;
        let usage = bits.bits().enumerate().filter(|(_, set)| *set).try_fold(0u16, |usage, (bit, _)| {
            (bit < 9).then_some(usage | 1 << bit).ok_or(Error::Shape("keyUsage: a bit that X.509 does not have"))
        })?;
        Ok(Self(usage))
    }
}

/// basicConstraints (RFC 5280 4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    /// cA.
    pub ca: bool,
    /// pathLenConstraint: how many issuing certificates may follow.
    pub path_length: Option<u8>,
}

impl BasicConstraints {
    pub(crate) fn to_der(self) -> Vec<u8> {
        let ca: &[u8] = if self.ca { &[0x01, 0x01, 0xff] } else { &[] };
        let path_length = self.path_length.map(|length| encode::unsigned(&[length])).unwrap_or_default();
        encode::sequence(&[ca, &path_length])
    }

    pub(crate) fn from_der(der: &[u8]) -> Result<Self, Error> {
        const WHAT: &str = "basicConstraints";
        let fault = Error::reading(WHAT);
        let mut fields = SliceReader::new(read::content(der, Tag::Sequence, WHAT)?).map_err(&fault)?;
        // cA FALSE is the default, and written all the same by some CAs.
        let ca = read::next_is(&fields, Tag::Boolean) && bool::decode(&mut fields).map_err(&fault)?;
        let path_length = if fields.is_finished() { None } else { Some(u8::decode(&mut fields).map_err(&fault)?) };
        fields.finish().map_err(&fault)?;
        Ok(Self { ca, path_length })
    }
}

/// One kind of certificate.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name in `docs/profiles.md`.
    pub name: &'static str,
    /// keyUsage, always critical.
    pub key_usage: KeyUsage,
    /// basicConstraints, critical; only certificates of CAs carry it.
    pub constraints: Option<BasicConstraints>,
    /// extKeyUsage, for those that do one thing only.
    pub purpose: Option<Purpose>,
    /// id-pkix-ocsp-nocheck: it lives too short to be asked about.
    pub no_check: bool,
    /// The longest validity in days.
    pub most_days: u64,
}

/// The single purpose in an extKeyUsage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purpose {
    /// Its identifier.
    pub oid: ObjectIdentifier,
    /// RFC 3161 2.3 wants it critical for time stamps.
    pub critical: bool,
}

impl Purpose {
    pub(crate) fn to_der(self) -> Vec<u8> {
        encode::sequence(&[&encode::oid(&self.oid)])
    }
}

/// DER NULL, the value of id-pkix-ocsp-nocheck.
pub(crate) const NO_CHECK: [u8; 2] = [5, 0];

const CA_USAGE: KeyUsage = KeyUsage::KEY_CERT_SIGN.and(KeyUsage::CRL_SIGN);

impl Profile {
    /// The self-signed certificate at the top of an institution.
    pub const ROOT: Self = Self {
        name: "root",
        key_usage: CA_USAGE,
        constraints: Some(BasicConstraints { ca: true, path_length: None }),
        purpose: None,
        no_check: false,
        most_days: 30 * 366,
    };
    /// The CA that issues to subscribers; nothing stands between it and them.
    pub const ISSUING: Self = Self {
        name: "issuing",
        key_usage: CA_USAGE,
        constraints: Some(BasicConstraints { ca: true, path_length: Some(0) }),
        purpose: None,
        no_check: false,
        most_days: 15 * 366,
    };
    /// A subscriber's signing certificate; the key is split between phone and server.
    pub const SIGNING: Self = Self {
        name: "signing",
        key_usage: KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::NON_REPUDIATION),
        constraints: None,
        purpose: None,
        no_check: false,
        most_days: 5 * 366,
    };
    /// A subscriber's encryption certificate; the key comes from the key management centre.
    pub const ENCRYPTION: Self = Self {
        name: "encryption",
        key_usage: KeyUsage::KEY_ENCIPHERMENT.and(KeyUsage::DATA_ENCIPHERMENT).and(KeyUsage::KEY_AGREEMENT),
        constraints: None,
        purpose: None,
        no_check: false,
        most_days: 5 * 366,
    };

    /// Who answers for an issuing CA whether its certificates are revoked (RFC 6960 4.2.2.2).
    pub const OCSP_RESPONDER: Self = Self {
        name: "OCSP responder",
        key_usage: KeyUsage::DIGITAL_SIGNATURE,
        constraints: None,
        purpose: Some(Purpose { oid: oid::OCSP_SIGNING, critical: false }),
        no_check: true,
        most_days: 60,
    };
    /// Who signs time stamps (RFC 3161 2.3).
    pub const TIME_STAMP: Self = Self {
        name: "time stamp",
        key_usage: KeyUsage::DIGITAL_SIGNATURE.and(KeyUsage::NON_REPUDIATION),
        constraints: None,
        purpose: Some(Purpose { oid: oid::TIME_STAMPING, critical: true }),
        no_check: false,
        most_days: 6 * 366,
    };

    /// The table.
    pub const ALL: [&'static Self; 6] =
        [&Self::ROOT, &Self::ISSUING, &Self::SIGNING, &Self::ENCRYPTION, &Self::OCSP_RESPONDER, &Self::TIME_STAMP];

    /// The row that a certificate belongs to, if its key usage, basic constraints, purpose and their criticality
    /// are exactly those of a row.
    pub fn of(certificate: &TbsCertificate) -> Option<&'static Self> {
        let exactly = |identifier, value: Option<(bool, Vec<u8>)>| match (certificate.extension(identifier), value) {
            (Some(found), Some((critical, value))) => found.critical == critical && found.value == value,
            (None, None) => true,
            _ => false,
        };
        Self::ALL.into_iter().find(|row| {
            (row == &&Self::ROOT) == certificate.is_self_issued()
                && exactly(&oid::KEY_USAGE, Some((true, row.key_usage.to_der())))
                && exactly(&oid::BASIC_CONSTRAINTS, row.constraints.map(|row| (true, row.to_der())))
                && exactly(&oid::EXTENDED_KEY_USAGE, row.purpose.map(|row| (row.critical, row.to_der())))
                && exactly(&oid::OCSP_NO_CHECK, row.no_check.then(|| (false, NO_CHECK.to_vec())))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_usages_have_the_encodings_of_the_facts_sheet() {
        assert_eq!(Profile::SIGNING.key_usage.to_der(), [3, 2, 6, 0xc0]);
        assert_eq!(Profile::ENCRYPTION.key_usage.to_der(), [3, 2, 3, 0x38]);
        assert_eq!(Profile::ROOT.key_usage.to_der(), [3, 2, 1, 0x06]);
        for row in Profile::ALL {
            assert_eq!(KeyUsage::from_der(&row.key_usage.to_der()).unwrap(), row.key_usage);
        }
        let decipher_only = KeyUsage(1 << 8);
        assert_eq!(decipher_only.to_der(), [3, 3, 7, 0, 0x80]);
        assert_eq!(KeyUsage::from_der(&decipher_only.to_der()).unwrap(), decipher_only);
        assert!(KeyUsage::from_der(&[3, 3, 6, 0, 0x40]).is_err());
    }

    #[test]
    fn no_profile_signs_and_encrypts() {
        assert!(Profile::ALL.iter().all(|row| !(row.key_usage.signs() && row.key_usage.encrypts())));
    }

    #[test]
    fn basic_constraints_read_back_and_an_explicit_false_is_accepted() {
        for row in Profile::ALL.iter().filter_map(|row| row.constraints) {
            assert_eq!(BasicConstraints::from_der(&row.to_der()).unwrap(), row);
        }
        let no = BasicConstraints { ca: false, path_length: None };
        assert_eq!(BasicConstraints::from_der(&[0x30, 0]).unwrap(), no);
        assert_eq!(BasicConstraints::from_der(&[0x30, 3, 1, 1, 0]).unwrap(), no);
        assert!(BasicConstraints::from_der(&[0x30, 3, 1, 1]).is_err());
    }
}
