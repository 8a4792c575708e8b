//! One object of each kind that belong together, for whoever wants to look: `target/artifacts/pki`. Unlike in the other
//! tests their time is now, so that a judge needs no option for it.

use std::ffi::OsStr;
use std::time::{SystemTime, UNIX_EPOCH};

use gm::sm2::KeyPair;
use pki::certificate::{self, Template};
use pki::crl::{self, Reason, Revoked};
use pki::hash::Hash;
use pki::ocsp::{self, Answer, CertId, Status};
use pki::signed_data::Dialect;
use pki::timestamp::{Imprint, Stamp, granted};
use pki::{Certificate, Profile, Serial, Signer, UnixSeconds, envelope, name, oid};

use crate::support::{DAY, Holder, YEAR};
use crate::tools::{Outside, corrupted};

const CODE: &str = "91450100MA5KXXXX7P";
const DOCUMENT: &[u8] = "投标文件".as_bytes();

struct Maker {
    now: UnixSeconds,
}

impl Maker {
    fn issue(&self, profile: &'static Profile, subject: &[u8], issuer: Option<&Holder>) -> Holder {
        let key = KeyPair::generate().unwrap();
        let subscriber = issuer.is_some() && profile.constraints.is_none() && profile.purpose.is_none();
        let served = (issuer.is_some() && !profile.no_check).then_some(());
        let template = Template {
            profile,
            serial: &Serial::random().unwrap(),
            subject,
            public_key: &key.public_key(),
            not_before: self.now - 3600,
            not_after: self.now - 3600
                + if profile.no_check {
                    30 * DAY
                } else if profile.constraints.is_some() {
                    9 * YEAR
                } else {
                    YEAR
                },
            crl_url: served.map(|()| "http://ca.example/pki/guiyun/ca.crl"),
            issuer_url: issuer.map(|_| "http://ca.example/pki/guiyun/ca.cer"),
            ocsp_url: served.map(|()| "http://ca.example/pki/guiyun/ocsp"),
            policy: None,
            credit_code: subscriber.then_some(CODE),
        };
        let above = issuer.map(|issuer| &issuer.certificate);
        let to_be_signed = above.map_or_else(|| template.self_signed(), |above| template.under(above)).unwrap();
        let certificate = certificate::sign(&to_be_signed, above, issuer.map_or(&key, |issuer| &issuer.key)).unwrap();
        Holder { key, certificate }
    }
}

#[test]
fn a_whole_institution_is_accepted_by_openssl_as_it_lies_there() {
    let outside = Outside::new("");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let maker = Maker { now };
    let service = |name| name::authority("桂云CA(演示)", name).unwrap();
    let root = maker.issue(&Profile::ROOT, &service("桂云CA 根(演示)"), None);
    let issuing = maker.issue(&Profile::ISSUING, &service("桂云CA(演示)"), Some(&root));
    let subject = name::enterprise("广西桂云工程有限公司(演示)", CODE, "018f3b2e").unwrap();
    let sign = maker.issue(&Profile::SIGNING, &subject, Some(&issuing));
    let encrypt = maker.issue(&Profile::ENCRYPTION, &subject, Some(&issuing));
    let revoked = maker.issue(&Profile::SIGNING, &subject, Some(&issuing));
    let responder = maker.issue(&Profile::OCSP_RESPONDER, &service("桂云CA OCSP(演示)"), Some(&issuing));
    let tsa = maker.issue(&Profile::TIME_STAMP, &service("时间戳(演示)"), Some(&issuing));

    let pem = |name: &str, certificates: &[&Certificate]| {
        let text: String = certificates.iter().map(|certificate| certificate.to_pem()).collect();
        outside.file(name, text.as_bytes())
    };
    let root_file = pem("root.pem", &[&root.certificate]);
    let chain_file = pem("chain.pem", &[&issuing.certificate, &root.certificate]);
    let above = pem("issuing.pem", &[&issuing.certificate]);
    let leaves =
        [("sign", &sign), ("encrypt", &encrypt), ("revoked", &revoked), ("tsa", &tsa), ("responder", &responder)];
    let files = leaves.map(|(name, holder)| pem(&format!("{name}.pem"), &[&holder.certificate]));

    let at = now - 60;
    let entry = Revoked { serial: revoked.certificate.tbs.serial.clone(), at, reason: Reason::KeyCompromise };
    let list = crl::Template { number: 1, this_update: at, next_update: now + DAY, revoked: &[entry] };
    let list = crl::sign(&list.under(&issuing.certificate).unwrap(), &issuing.certificate, &issuing.key).unwrap();
    let list = outside.file("crl.der", &list.der);
    for (file, (name, _)) in files.iter().zip(leaves) {
        let more = ["-crl_check", "-CRLfile"].map(OsStr::new);
        let verdict =
            outside.verify(file, Some(&chain_file), &root_file, now, &[&more[..], &[list.as_os_str()]].concat());
        if name == "revoked" { verdict.refuses() } else { verdict.accepts() }
    }

    for (file, name, holder, status) in [
        (&files[0], "good", &sign, Status::Good),
        (&files[2], "revoked", &revoked, Status::Revoked { at, reason: Reason::KeyCompromise }),
    ] {
        let id = CertId::new(Hash::Sha1, &issuing.certificate, holder.certificate.tbs.serial.clone());
        let answers = [Answer { id, status, this_update: at, next_update: Some(now + DAY) }];
        let data = ocsp::Template { produced_at: now, answers: &answers, nonce: None };
        let data = data.under(&responder.certificate).unwrap();
        let der = ocsp::sign(&data, &responder.certificate, &responder.key).unwrap();
        let answer = outside.file(&format!("ocsp-{name}.der"), &der);
        let mut words = vec![OsStr::new("ocsp"), "-no_nonce".as_ref(), "-CAfile".as_ref(), root_file.as_os_str()];
        words.extend([OsStr::new("-verify_other"), above.as_os_str(), OsStr::new("-issuer"), above.as_os_str()]);
        words.extend([OsStr::new("-cert"), file.as_os_str(), OsStr::new("-respin"), answer.as_os_str()]);
        let verdict = outside.openssl4(&words);
        verdict.accepts();
        assert!(verdict.words().is_none_or(|text| text.contains("Response verify OK") && text.contains(name)));
    }

    let document = outside.file("document", DOCUMENT);
    let imprint = Imprint::of(Hash::Sm3, DOCUMENT);
    let (serial, along) = (Serial::random().unwrap(), [&tsa.certificate, &issuing.certificate]);
    let stamp =
        Stamp { policy: oid::ANY_POLICY, imprint: &imprint, serial: &serial, at: now, accuracy: 1, nonce: None };
    let token = stamp.sign(Dialect::Cms, &tsa.certificate, &along, &tsa.key).unwrap();
    outside.file("timestamp.tsr", &granted(&token));
    let token_file = outside.file("timestamp.tst", &token);
    let cms = |file: &std::path::Path| {
        let words = "cms -verify -binary -inform DER -purpose timestampsign -out /dev/null";
        let mut words: Vec<_> = words.split(' ').map(OsStr::new).collect();
        words.extend([OsStr::new("-CAfile"), root_file.as_os_str(), OsStr::new("-in"), file.as_os_str()]);
        outside.openssl4(&words)
    };
    cms(&token_file).accepts();
    outside.judge("timestamp", &token_file, &document).accepts();
    for (number, copy) in corrupted(&token, &imprint.digest).iter().enumerate() {
        cms(&outside.file(&format!("corrupted-{number}.tst"), copy)).refuses();
    }
    outside.file("enveloped.der", &envelope::seal(Dialect::Cms, &[&encrypt.certificate], DOCUMENT).unwrap());
}
