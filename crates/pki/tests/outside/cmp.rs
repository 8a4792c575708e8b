//! Conversations with another CA: OpenSSL's server for CMP. It checks what we say, with its own eyes; what it and its
//! client say is checked by us.

use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use gm::sm2::KeyPair;
use pki::cmp::{Answer, Parties, Protection, Request, Transaction, Withdrawal};
use pki::crl::Reason;
use pki::{Certificate, Error};

use crate::support::{Institution, NOW};
use crate::tools::{Outside, Running};

const SECRET: &str = "correct horse battery staple";

/// OpenSSL's server, which issues one certificate to whoever asks well.
struct Server {
    port: u16,
    _running: Running,
}

impl Server {
    fn start(outside: &Outside, issued: &Certificate, more: &[&OsStr]) -> Option<Self> {
        // Free a moment ago; nobody else takes ports here that they were not given.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let file = outside.file("issued.pem", issued.to_pem().as_bytes());
        let (listen, at) = (port.to_string(), NOW.to_string());
        let mut words =
            ["cmp", "-port", &listen, "-attime", &at, "-accept_raverified", "-rsp_cert"].map(OsStr::new).to_vec();
        words.extend([file.as_os_str(), OsStr::new("-ref_cert"), file.as_os_str()]);
        words.extend(more);
        let running = outside.start(&words)?;
        let ready = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            outside.said().contains("ACCEPT")
        });
        assert!(ready, "the server did not start:\n{}", outside.said());
        Some(Self { port, _running: running })
    }

    /// The body of the answer to one message in HTTP.
    fn post(&self, message: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let head = format!(
            "POST /pkix/ HTTP/1.0\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
            pki::cmp::MEDIA_TYPE,
            message.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(message).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        answer.split_off(end + 4)
    }
}

/// The platform's side: the issuing CA is the one that is asked.
fn parties<'a>(made: &'a Institution, protection: Protection<'a>) -> Parties<'a> {
    Parties { authority: &made.issuing.certificate, protection }
}

fn secret() -> Protection<'static> {
    Protection::Secret { reference: "guiqian", secret: SECRET.as_bytes() }
}

fn password() -> [&'static OsStr; 4] {
    ["-srv_ref", "guiqian", "-srv_secret", "pass:correct horse battery staple"].map(OsStr::new)
}

#[test]
fn a_certificate_is_asked_for_waited_for_confirmed_and_withdrawn() {
    let (outside, made) = (Outside::new("cmp"), Institution::new());
    let wanted = &made.signing.certificate;
    let more = [&password()[..], &["-poll_count", "2", "-check_after", "1"].map(OsStr::new)].concat();
    let Some(server) = Server::start(&outside, wanted, &more) else { return };
    let parties = parties(&made, secret());

    let mut talk = Transaction::begin().unwrap();
    let say = |talk: &mut Transaction, request: Request<'_>| {
        let question = talk.ask(parties, NOW, request).unwrap();
        let answer = server.post(&question);
        talk.hear(parties, &answer).unwrap_or_else(|error| panic!("{error}\n{}", outside.said()))
    };
    // This server has everything waited for.
    let wait = |talk: &mut Transaction, request: Request<'_>| {
        assert_eq!(say(talk, request), Answer::Waiting { seconds: 0 });
        assert_eq!(say(talk, Request::Poll), Answer::Waiting { seconds: 1 });
        loop {
            std::thread::sleep(Duration::from_millis(300));
            match say(talk, Request::Poll) {
                Answer::Waiting { .. } => {}
                answer => break answer,
            }
        }
    };
    let Answer::Certificate(issued) = wait(&mut talk, Request::Certificate(&wanted.tbs)) else { panic!("none") };
    assert_eq!(*issued, *wanted);
    assert_eq!(wait(&mut talk, Request::Confirm(&issued, true)), Answer::Confirmed);

    let tbs = &wanted.tbs;
    for reason in [Some(Reason::KeyCompromise), Some(Reason::CertificateHold), None] {
        let which = Withdrawal { issuer: &tbs.issuer, serial: &tbs.serial, reason };
        assert_eq!(
            wait(&mut Transaction::begin().unwrap(), Request::Withdraw(&which)),
            Answer::Withdrawn,
            "{reason:?}"
        );
    }
    // It knows no other certificate.
    let other = Withdrawal {
        issuer: &tbs.issuer,
        serial: &made.encryption.certificate.tbs.serial,
        reason: Some(Reason::Superseded),
    };
    let refused = wait(&mut Transaction::begin().unwrap(), Request::Withdraw(&other));
    assert!(matches!(refused, Answer::Refused(_)), "{refused:?}");
}

#[test]
fn an_answer_that_is_not_the_cas_or_not_to_this_question_is_refused() {
    let (outside, made) = (Outside::new("cmp"), Institution::new());
    let wanted = &made.signing.certificate;
    let Some(server) = Server::start(&outside, wanted, &password()) else { return };
    let right = parties(&made, secret());
    let mut talk = Transaction::begin().unwrap();
    let question = talk.ask(right, NOW, Request::Certificate(&wanted.tbs)).unwrap();
    let answer = server.post(&question);

    // Somebody who does not know the secret can neither answer nor ask.
    let foreign = parties(&made, Protection::Secret { reference: "guiqian", secret: b"another" });
    assert!(matches!(talk.clone().hear(foreign, &answer), Err(Error::Signature(_))));
    let question = Transaction::begin().unwrap().ask(foreign, NOW, Request::Certificate(&wanted.tbs)).unwrap();
    let refused = server.post(&question);
    assert!(!refused.windows(wanted.der.len()).any(|window| window == wanted.der), "{}", outside.said());

    // An old answer to a new question, and any octet changed.
    let mut later = talk.clone();
    later.ask(right, NOW, Request::Poll).unwrap();
    assert!(matches!(later.hear(right, &answer), Err(Error::Signature(_))));
    assert!(matches!(Transaction::begin().unwrap().hear(right, &answer), Err(Error::Signature(_))));
    for position in 0..answer.len() {
        let mut changed = answer.clone();
        changed[position] ^= 1;
        // What no protection covers: the certificates that come along, which are not looked at, and lengths of them.
        if let Ok(heard) = talk.clone().hear(right, &changed) {
            assert_eq!(heard, Answer::Certificate(Box::new(wanted.clone())), "octet {position}");
        }
    }
    for length in 0..answer.len() {
        assert!(talk.clone().hear(right, &answer[..length]).is_err(), "{length} octets");
    }
    assert!(matches!(talk.hear(right, &answer), Ok(Answer::Certificate(_))));
}

#[test]
fn questions_signed_with_sm2_are_accepted_and_those_of_others_are_not() {
    let (outside, made) = (Outside::new("cmp"), Institution::new());
    let wanted = &made.encryption.certificate;
    // The server signs its answers with SHA-256, which an SM2 key does not do: it has another key.
    let known = Known::new(&outside, &made);
    let Some(server) = Server::start(&outside, wanted, &known.words()) else { return };
    let signed_by = |signer: &KeyPair| {
        let protection = Protection::Signatures {
            certificate: &made.signing.certificate,
            signer,
            answering: &made.issuing.certificate,
        };
        let mut talk = Transaction::begin().unwrap();
        let question = talk.ask(parties(&made, protection), NOW, Request::Certificate(&wanted.tbs)).unwrap();
        let answer = server.post(&question);
        // Not protected as agreed upon, so not heard.
        assert!(talk.hear(parties(&made, protection), &answer).is_err());
        answer.windows(wanted.der.len()).any(|window| window == wanted.der)
    };
    assert!(signed_by(&made.signing.key), "refused by OpenSSL:\n{}", outside.said());
    assert!(!signed_by(&KeyPair::generate().unwrap()), "OpenSSL took a foreign signature");
}

#[test]
fn a_message_that_openssl_signed_with_sm2_is_believed_and_a_changed_one_is_not() {
    let (outside, made) = (Outside::new("cmp"), Institution::new());
    let wanted = &made.signing.certificate;
    let known = Known::new(&outside, &made);
    let Some(server) = Server::start(&outside, wanted, &known.words()) else { return };
    // OpenSSL's own client asks; its last message names the answer that it confirms.
    let key = outside.secret("person.key", &outside.private_key(&made.signing.key));
    let certificate = outside.file("person.pem", wanted.to_pem().as_bytes());
    let said: Vec<PathBuf> = ["asked.der", "confirmed.der"].map(|name| outside.file(name, &[])).to_vec();
    let out = format!("{},{}", said[0].display(), said[1].display());
    let (address, at) = (format!("127.0.0.1:{}", server.port), NOW.to_string());
    let got = outside.file("got.pem", &[]);
    let mut words =
        ["cmp", "-cmd", "cr", "-popo", "0", "-digest", "sm3", "-path", "pkix/", "-server", &address, "-attime", &at]
            .map(OsStr::new)
            .to_vec();
    words.extend([OsStr::new("-cert"), certificate.as_os_str(), OsStr::new("-key"), key.as_os_str()]);
    words.extend([OsStr::new("-newkey"), key.as_os_str(), OsStr::new("-trusted"), known.certificate.as_os_str()]);
    words.extend([
        OsStr::new("-out_trusted"),
        known.root.as_os_str(),
        OsStr::new("-untrusted"),
        known.between.as_os_str(),
    ]);
    words.extend([OsStr::new("-certout"), got.as_os_str(), OsStr::new("-reqout"), OsStr::new(&out)]);
    outside.openssl4(&words).accepts();

    let message = std::fs::read(&said[1]).unwrap();
    let protection =
        Protection::Signatures { certificate: wanted, signer: &made.signing.key, answering: &made.signing.certificate };
    let hear = |message: &[u8]| {
        let mut talk = Transaction { id: octets(message, 4), nonce: octets(message, 6), answered: None };
        talk.hear(parties(&made, protection), message)
    };
    // Its signature is believed; but a client's words are no answer.
    let heard = hear(&message);
    assert!(matches!(heard, Err(Error::Shape("PKIBody: not an answer to what was asked"))), "{heard:?}");
    // In the header, in the digest that is confirmed, in the signature.
    let digest = gm::sm3::digest(&wanted.der);
    let body = message.windows(digest.len()).position(|window| window == digest).unwrap();
    for position in [20, body + 5, body + digest.len() + 20] {
        let mut changed = message.clone();
        changed[position] ^= 1;
        let heard = hear(&changed);
        assert!(
            heard.is_err() && !matches!(heard, Err(Error::Shape("PKIBody: not an answer to what was asked"))),
            "{heard:?}"
        );
    }
}

/// OCTET STRING of 16 octets under `[number]`, in a header.
fn octets(message: &[u8], number: u8) -> Vec<u8> {
    let head = [0xa0 | number, 18, 4, 16];
    let at = message.windows(4).position(|window| window == head).unwrap();
    message[at + 4..at + 20].to_vec()
}

/// What a server of OpenSSL has that signs its answers, and believes whoever the institution certifies.
struct Known {
    /// On another curve.
    key: PathBuf,
    /// It signed this itself.
    certificate: PathBuf,
    root: PathBuf,
    between: PathBuf,
}

impl Known {
    fn new(outside: &Outside, made: &Institution) -> Self {
        let [key, certificate] = ["server.key", "server.pem"].map(|name| outside.secret(name, &[]));
        let words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 36500 \
                     -not_before 20200101000000Z -not_after 20990101000000Z -subj /CN=server -keyout";
        let mut words: Vec<_> = words.split_whitespace().map(OsStr::new).collect();
        words.extend([key.as_os_str(), OsStr::new("-out"), certificate.as_os_str()]);
        outside.openssl4(&words).accepts();
        let root = outside.file("root.pem", made.root.certificate.to_pem().as_bytes());
        let between = outside.file("issuing.pem", made.issuing.certificate.to_pem().as_bytes());
        Self { key, certificate, root, between }
    }

    fn words(&self) -> Vec<&OsStr> {
        let named = [
            ("-srv_key", &self.key),
            ("-srv_cert", &self.certificate),
            ("-srv_trusted", &self.root),
            ("-srv_untrusted", &self.between),
        ];
        named.into_iter().flat_map(|(name, file)| [OsStr::new(name), file.as_os_str()]).collect()
    }
}
