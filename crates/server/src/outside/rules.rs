//! Is a certificate what was asked for, without I/O.

use pki::{Certificate, UnixSeconds, certificate::TbsCertificate, name::Attributes, profile::KeyUsage};

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Signing.
    Signing,
    /// Having things encrypted for its holder.
    Encryption,
}

impl Purpose {
    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signing => "signing",
            Self::Encryption => "encryption",
        }
    }

    const fn allowed_by(self, usage: KeyUsage) -> bool {
        match self {
            Self::Signing => usage.signs() && !usage.encrypts(),
            Self::Encryption => usage.encrypts() && !usage.signs(),
        }
    }
}

/// What is wrong with what the CA `above` issued for `wanted`. The CA decides about number, addresses, policy and the
/// last day; about key, holder and use it does not.
pub fn check(
    issued: &Certificate,
    wanted: &TbsCertificate,
    purpose: Purpose,
    above: &Certificate,
    now: UnixSeconds,
) -> Result<(), &'static str> {
    let tbs = &issued.tbs;
    if tbs.issuer != above.tbs.subject || issued.verify_signature(&above.tbs.public_key).is_err() {
        return Err("it is not signed by the CA that was asked");
    }
    if tbs.public_key != wanted.public_key {
        return Err("it has another key");
    }
    let read = |name: &[u8]| Attributes::read(name).map_err(|_| "its subject cannot be read");
    if read(&tbs.subject)? != read(&wanted.subject)? {
        return Err("it names somebody else");
    }
    let enterprise = |tbs: &TbsCertificate| tbs.enterprise().map_err(|_| "it does not say plainly for whom it speaks");
    if enterprise(tbs)? != enterprise(wanted)? {
        return Err("it speaks for somebody else");
    }
    let usage = tbs.key_usage().ok().flatten().ok_or("it has no key usage")?;
    if !purpose.allowed_by(usage) {
        return Err("its key usage is not the one of its kind");
    }
    if tbs.basic_constraints().ok().flatten().is_some_and(|constraints| constraints.ca) {
        return Err("it is a CA's certificate");
    }
    if now < tbs.not_before || tbs.not_after <= now {
        return Err("it is not valid now");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use gm::sm2::KeyPair;
    use pki::{Profile, Serial, Signer as _, certificate::Template, name};

    use super::*;

    const NOW: UnixSeconds = 1_800_000_000;

    struct Made {
        ca: Certificate,
        key: KeyPair,
    }

    fn template<'a>(
        profile: &'static Profile,
        serial: &'a Serial,
        subject: &'a [u8],
        public_key: &'a pki::PublicKey,
    ) -> Template<'a> {
        Template {
            profile,
            serial,
            subject,
            public_key,
            not_before: NOW - 60,
            not_after: NOW + 86_400,
            crl_url: None,
            issuer_url: None,
            ocsp_url: None,
            policy: None,
            credit_code: None,
        }
    }

    fn ca() -> Made {
        let (key, serial) = (KeyPair::generate().expect("a key"), Serial::random().expect("a number"));
        let subject = name::authority("外部CA", "外部CA 签发").expect("a name");
        let public_key = key.public_key();
        let root = template(&Profile::ROOT, &serial, &subject, &public_key).self_signed().expect("octets");
        Made { ca: pki::certificate::sign(&root, None, &key).expect("a certificate"), key }
    }

    fn issued(by: &Made, change: impl FnOnce(&mut Template<'_>)) -> Certificate {
        let serial = Serial::from_bytes(&[7]);
        let subject = name::person("韦桂花", "01").expect("a name");
        let key = KeyPair::from(gm::sm2::SecretKey::from_bytes(&[9; 32]).expect("a key")).public_key();
        let mut wanted = template(&Profile::SIGNING, &serial, &subject, &key);
        // The lint wants addresses on what people get.
        (wanted.crl_url, wanted.issuer_url, wanted.ocsp_url) =
            (Some("http://ca.test/crl"), Some("http://ca.test/ca"), Some("http://ca.test/ocsp"));
        change(&mut wanted);
        let octets = wanted.under(&by.ca).expect("octets");
        pki::certificate::sign(&octets, Some(&by.ca), &by.key).expect("a certificate")
    }

    #[test]
    fn only_what_was_asked_for_is_taken() {
        let (made, other) = (ca(), ca());
        let wanted = issued(&made, |_| {}).tbs;
        let verdict = |issued: &Certificate, purpose| check(issued, &wanted, purpose, &made.ca, NOW);
        let number = Serial::from_bytes(&[8]);
        let good = issued(&made, |template| (template.serial, template.not_after) = (&number, NOW + 10));
        assert_eq!(verdict(&good, Purpose::Signing), Ok(()));
        assert!(verdict(&good, Purpose::Encryption).is_err(), "a signing certificate does not encrypt");
        assert!(verdict(&issued(&other, |_| {}), Purpose::Signing).is_err(), "another CA's");
        let key = KeyPair::generate().expect("a key").public_key();
        assert!(verdict(&issued(&made, |template| template.public_key = &key), Purpose::Signing).is_err());
        let somebody = name::person("李四", "01").expect("a name");
        assert!(verdict(&issued(&made, |template| template.subject = &somebody), Purpose::Signing).is_err());
        let both = issued(&made, |template| template.profile = &Profile::ENCRYPTION);
        assert!(verdict(&both, Purpose::Signing).is_err());
        assert_eq!(verdict(&both, Purpose::Encryption), Ok(()));
        assert!(verdict(&issued(&made, |template| template.not_after = NOW), Purpose::Signing).is_err());
        assert!(verdict(&issued(&made, |template| template.not_before = NOW + 1), Purpose::Signing).is_err());
    }
}
