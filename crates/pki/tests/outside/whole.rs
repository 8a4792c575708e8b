//! One object of each kind that belong together, for whoever wants to look: `target/artifacts/pki`. Unlike in the other
//! tests their time is now, so that a judge needs no option for it. Each is put before OpenSSL and before the judges that
//! share no code with it or with us, and a copy with one bit changed too.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
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
use crate::tools::{Outside, Verdict, corrupted};

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

/// An object as it lies there, a corrupted copy, and how its judges are asked.
struct Exhibit<'a> {
    name: &'static str,
    octets: Vec<u8>,
    copy: Vec<u8>,
    openssl: Box<dyn Fn(&Path) -> Verdict + 'a>,
    second: Box<dyn Fn(&Path) -> Verdict + 'a>,
}

impl Exhibit<'_> {
    fn judge(&self, outside: &Outside) {
        let (object, copy) =
            (outside.file(self.name, &self.octets), outside.file(&format!("corrupted-{}", self.name), &self.copy));
        println!("{}", self.name);
        (self.openssl)(&object).accepts();
        (self.second)(&object).accepts();
        (self.openssl)(&copy).refuses();
        (self.second)(&copy).refuses();
    }
}

/// A certificate with those above it, in PEM.
fn pem(certificates: &[&Certificate]) -> Vec<u8> {
    certificates.iter().map(|certificate| certificate.to_pem()).collect::<String>().into_bytes()
}

/// The same, but one bit of the first one's subject is changed.
fn corrupted_pem(certificates: &[&Certificate]) -> Vec<u8> {
    let [copy, _] = corrupted(&certificates[0].der, &certificates[0].tbs.subject);
    [pki::pem::encode(pki::pem::CERTIFICATE, &copy).unwrap().into_bytes(), pem(&certificates[1..])].concat()
}

/// A whole institution and what it gives out, at this moment.
struct House {
    outside: Outside,
    now: UnixSeconds,
    root: Holder,
    issuing: Holder,
    sign: Holder,
    encrypt: Holder,
    revoked: Holder,
    responder: Holder,
    tsa: Holder,
}

impl House {
    /// Its objects go to this folder among the artifacts.
    fn new(folder: &'static str) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let maker = Maker { now };
        let service = |name| name::authority("桂云CA(演示)", name).unwrap();
        let root = maker.issue(&Profile::ROOT, &service("桂云CA 根(演示)"), None);
        let issuing = maker.issue(&Profile::ISSUING, &service("桂云CA(演示)"), Some(&root));
        let subject = name::enterprise("广西桂云工程有限公司(演示)", CODE, "018f3b2e").unwrap();
        let [sign, encrypt, revoked] = [&Profile::SIGNING, &Profile::ENCRYPTION, &Profile::SIGNING]
            .map(|profile| maker.issue(profile, &subject, Some(&issuing)));
        let responder = maker.issue(&Profile::OCSP_RESPONDER, &service("桂云CA OCSP(演示)"), Some(&issuing));
        let tsa = maker.issue(&Profile::TIME_STAMP, &service("时间戳(演示)"), Some(&issuing));
        Self { outside: Outside::new(folder), now, root, issuing, sign, encrypt, revoked, responder, tsa }
    }

    /// A file that the judges need beside the object in question.
    fn beside(&self, name: &str, certificate: &Certificate) -> PathBuf {
        self.outside.file(name, &pem(&[certificate]))
    }

    /// A certificate that OpenSSL verifies up to the root, and whose signature the second judge checks by its issuer.
    fn certificate(&self, name: &'static str, certificates: &[&Certificate], above: &Holder) -> Exhibit<'_> {
        let (root, between) =
            (self.beside("anchor.pem", &self.root.certificate), self.beside("issuing.pem", &self.issuing.certificate));
        let issuer = self.outside.secret(&format!("issuer-of-{name}"), &above.certificate.der);
        Exhibit {
            name,
            octets: pem(certificates),
            copy: corrupted_pem(certificates),
            openssl: Box::new(move |file| self.outside.verify(file, Some(&between), &root, self.now, &[])),
            second: Box::new(move |file| self.outside.judge("signed", file, &issuer)),
        }
    }

    /// A list that names one certificate.
    fn list(&self) -> Exhibit<'_> {
        let at = self.now - 60;
        let serial = self.revoked.certificate.tbs.serial.clone();
        let entry = Revoked { serial, at, reason: Reason::KeyCompromise };
        let list = crl::Template { number: 1, this_update: at, next_update: self.now + DAY, revoked: &[entry] };
        let octets = list.sign(&self.issuing.certificate, &self.issuing.key).unwrap().der;
        let [copy, _] = corrupted(&octets, self.revoked.certificate.tbs.serial.as_bytes());
        let issuer = self.beside("issuing.pem", &self.issuing.certificate);
        let (above, named) = (issuer.clone(), self.beside("revoked.pem", &self.revoked.certificate));
        Exhibit {
            name: "crl.der",
            octets,
            copy,
            openssl: Box::new(move |file| {
                let words = ["crl", "-verify", "-noout", "-inform", "DER", "-CAfile"].map(OsStr::new);
                let more = [issuer.as_os_str(), OsStr::new("-in"), file.as_os_str()];
                self.outside.openssl4(&[&words[..], &more].concat())
            }),
            second: Box::new(move |file| self.outside.judge_with("listed", &[file, &above, &named])),
        }
    }

    fn answer(&self, name: &'static str, word: &'static str, holder: &Holder, status: Status) -> Exhibit<'_> {
        let id = CertId::new(Hash::Sha1, &self.issuing.certificate, holder.certificate.tbs.serial.clone());
        let answers = [Answer { id, status, this_update: self.now - 60, next_update: Some(self.now + DAY) }];
        let data = ocsp::Template { produced_at: self.now, answers: &answers, nonce: None };
        let data = data.under(&self.responder.certificate).unwrap();
        let octets = ocsp::sign(&data, &self.responder.certificate, &self.responder.key).unwrap();
        let [copy, _] = corrupted(&octets, holder.certificate.tbs.serial.as_bytes());
        let (root, issuer) =
            (self.beside("anchor.pem", &self.root.certificate), self.beside("issuing.pem", &self.issuing.certificate));
        let leaf = self.beside(&format!("of-{word}.pem"), &holder.certificate);
        let responder = self.beside("responder.pem", &self.responder.certificate);
        Exhibit {
            name,
            octets,
            copy,
            openssl: Box::new(move |file| {
                let mut words = vec![OsStr::new("ocsp"), "-no_nonce".as_ref(), "-CAfile".as_ref(), root.as_os_str()];
                words.extend([OsStr::new("-verify_other"), issuer.as_os_str()]);
                words.extend([OsStr::new("-issuer"), issuer.as_os_str()]);
                words.extend([OsStr::new("-cert"), leaf.as_os_str(), OsStr::new("-respin"), file.as_os_str()]);
                let verdict = self.outside.openssl4(&words);
                let believed =
                    |text: &str| !text.contains("Response verify OK") || text.contains(&format!(": {word}\n"));
                assert!(verdict.words().is_none_or(believed), "{:?}", verdict.words());
                verdict
            }),
            second: Box::new(move |file| self.outside.judge_with("ocsp", &[file, &responder, Path::new(word)])),
        }
    }

    fn stamp(&self) -> Exhibit<'_> {
        let document = self.outside.file("document", DOCUMENT);
        let imprint = Imprint::of(Hash::Sm3, DOCUMENT);
        let (serial, along) = (Serial::random().unwrap(), [&self.tsa.certificate, &self.issuing.certificate]);
        let (policy, imprint) = (oid::ANY_POLICY, &imprint);
        let stamp = Stamp { policy, imprint, serial: &serial, at: self.now, accuracy: 1, nonce: None };
        let octets = granted(&stamp.sign(Dialect::Cms, &self.tsa.certificate, &along, &self.tsa.key).unwrap());
        let [copy, _] = corrupted(&octets, &imprint.digest);
        let root = self.beside("anchor.pem", &self.root.certificate);
        Exhibit {
            name: "timestamp.tsr",
            octets,
            copy,
            // `ts -verify` knows nothing of the user id; `cms -verify` of the token inside does.
            openssl: Box::new(move |file| {
                let token = self.outside.file("timestamp.tst", &[]);
                let words = ["ts", "-reply", "-token_out", "-in"].map(OsStr::new);
                let more = [file.as_os_str(), OsStr::new("-out"), token.as_os_str()];
                self.outside.openssl(&[&words[..], &more].concat()).accepts();
                let words = "cms -verify -binary -inform DER -purpose timestampsign -out /dev/null";
                let mut words: Vec<_> = words.split(' ').map(OsStr::new).collect();
                words.extend([OsStr::new("-CAfile"), root.as_os_str(), OsStr::new("-in"), token.as_os_str()]);
                self.outside.openssl4(&words)
            }),
            second: Box::new(move |file| self.outside.judge("timestamp", file, &document)),
        }
    }

    fn envelope(&self) -> Exhibit<'_> {
        let octets = envelope::seal(Dialect::Cms, &[&self.encrypt.certificate], DOCUMENT).unwrap();
        // Within the wrapped key: without it nothing opens. SM4-CBC alone would let a changed content through.
        let mut copy = octets.clone();
        let at = copy.len() - 120;
        copy[at] ^= 1;
        let certificate = self.beside("encrypt.pem", &self.encrypt.certificate);
        let (recipient, document) = (certificate.clone(), self.outside.file("document", DOCUMENT));
        let secret = self.encrypt.key.secret().to_bytes();
        let private = self.outside.secret("encrypt.hex", hex::encode(*secret).as_bytes());
        let key = self.outside.secret("encrypt.key", &self.outside.private_key(&self.encrypt.key));
        Exhibit {
            name: "enveloped.der",
            octets,
            copy,
            openssl: Box::new(move |file| {
                let opened = self.outside.file("opened", &[]);
                let mut words = ["cms", "-decrypt", "-binary", "-inform", "DER", "-recip"].map(OsStr::new).to_vec();
                words.extend([certificate.as_os_str(), OsStr::new("-inkey"), key.as_os_str()]);
                words.extend([OsStr::new("-out"), opened.as_os_str(), OsStr::new("-in"), file.as_os_str()]);
                let verdict = self.outside.openssl4(&words);
                verdict.unless(|| std::fs::read(&opened).unwrap() != DOCUMENT, "something else came out")
            }),
            second: Box::new(move |file| self.outside.judge_with("envelope", &[file, &recipient, &private, &document])),
        }
    }
}

#[test]
fn each_object_of_an_institution_is_accepted_by_two_judges_and_its_corrupted_copy_by_neither() {
    let house = House::new("");
    let chain = [&house.issuing.certificate, &house.root.certificate];
    let at = house.now - 60;
    let exhibits = [
        house.certificate("root.pem", &[&house.root.certificate], &house.root),
        house.certificate("chain.pem", &chain, &house.root),
        house.certificate("sign.pem", &[&house.sign.certificate], &house.issuing),
        house.certificate("encrypt.pem", &[&house.encrypt.certificate], &house.issuing),
        house.certificate("revoked.pem", &[&house.revoked.certificate], &house.issuing),
        house.list(),
        house.answer("ocsp-good.der", "good", &house.sign, Status::Good),
        house.answer(
            "ocsp-revoked.der",
            "revoked",
            &house.revoked,
            Status::Revoked { at, reason: Reason::KeyCompromise },
        ),
        house.stamp(),
        house.envelope(),
    ];
    exhibits.iter().for_each(|exhibit| exhibit.judge(&house.outside));
}

#[test]
fn openssl_finds_revoked_exactly_the_one_that_the_list_names() {
    let house = House::new("list-of-a-house");
    let (root, between) =
        (house.beside("anchor.pem", &house.root.certificate), house.beside("issuing.pem", &house.issuing.certificate));
    let list = house.outside.secret("list.der", &house.list().octets);
    let ask = |name: &str, holder: &Holder| {
        let leaf = house.outside.secret(name, &pem(&[&holder.certificate]));
        let more = [OsStr::new("-crl_check"), OsStr::new("-CRLfile"), list.as_os_str()];
        house.outside.verify(&leaf, Some(&between), &root, house.now, &more)
    };
    for (name, holder) in [("sign", &house.sign), ("encrypt", &house.encrypt), ("tsa", &house.tsa)] {
        ask(name, holder).accepts();
    }
    ask("revoked", &house.revoked).refuses();
}
