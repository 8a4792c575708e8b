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

    /// What is asked for, and changes of it.
    #[derive(Clone, Copy)]
    struct Asked<'a> {
        profile: &'static Profile,
        subject: &'a [u8],
        key: &'a pki::PublicKey,
        days: (UnixSeconds, UnixSeconds),
    }

    fn issued(by: &Made, asked: Asked<'_>) -> Certificate {
        let serial = Serial::random().expect("a number");
        let mut wanted = template(asked.profile, &serial, asked.subject, asked.key);
        (wanted.not_before, wanted.not_after) = asked.days;
        // The lint wants addresses on what people get.
        (wanted.crl_url, wanted.issuer_url, wanted.ocsp_url) =
            (Some("http://ca.test/crl"), Some("http://ca.test/ca"), Some("http://ca.test/ocsp"));
        let octets = wanted.under(&by.ca).expect("octets");
        pki::certificate::sign(&octets, Some(&by.ca), &by.key).expect("a certificate")
    }

    #[test]
    fn only_what_was_asked_for_is_taken() {
        let (made, other) = (ca(), ca());
        let [key, foreign] = [(); 2].map(|()| KeyPair::generate().expect("a key").public_key());
        let [subject, somebody] = ["韦桂花", "李四"].map(|person| name::person(person, "01").expect("a name"));
        let asked = Asked { profile: &Profile::SIGNING, subject: &subject, key: &key, days: (NOW - 60, NOW + 86_400) };
        let wanted = issued(&made, asked).tbs;
        let verdict = |by: &Made, asked, purpose| check(&issued(by, asked), &wanted, purpose, &made.ca, NOW);
        let shorter = Asked { days: (NOW, NOW + 10), ..asked };
        assert_eq!(verdict(&made, shorter, Purpose::Signing), Ok(()), "number and days are the CA's to choose");
        assert!(verdict(&made, shorter, Purpose::Encryption).is_err(), "a signing certificate does not encrypt");
        assert!(verdict(&other, asked, Purpose::Signing).is_err(), "another CA's");
        assert!(verdict(&made, Asked { key: &foreign, ..asked }, Purpose::Signing).is_err());
        assert!(verdict(&made, Asked { subject: &somebody, ..asked }, Purpose::Signing).is_err());
        let encrypts = Asked { profile: &Profile::ENCRYPTION, ..asked };
        assert!(verdict(&made, encrypts, Purpose::Signing).is_err());
        assert_eq!(verdict(&made, encrypts, Purpose::Encryption), Ok(()));
        assert!(verdict(&made, Asked { days: (NOW - 60, NOW), ..asked }, Purpose::Signing).is_err());
        assert!(verdict(&made, Asked { days: (NOW + 1, NOW + 60), ..asked }, Purpose::Signing).is_err());
    }
}
