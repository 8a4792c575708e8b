//! Running the outside judges. `cargo xtask test` names them in the environment; without them a test uses what
//! the machine has and says what it left out.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// What an outside judge said; nothing if it is not there.
pub struct Verdict(Option<(bool, String)>);

impl Verdict {
    /// Fails, with the judge's own words, unless it accepted the object.
    pub fn accepts(&self) {
        assert!(self.good() != Some(false), "refused by an outside judge:\n{}", self.words().unwrap_or_default());
    }

    /// Fails unless the judge refused the object.
    pub fn refuses(&self) {
        let words = self.words().unwrap_or_default();
        assert!(self.good() != Some(true), "an outside judge accepted what it must refuse:\n{words}");
    }

    /// The same, but a refusal if the judge accepted and this is found besides.
    pub fn unless(self, found: impl FnOnce() -> bool, complaint: &str) -> Self {
        match self.0 {
            Some((true, _)) if found() => Self(Some((false, complaint.to_owned()))),
            other => Self(other),
        }
    }

    fn good(&self) -> Option<bool> {
        // `req` and `crl` of OpenSSL say that a signature is wrong and may end well all the same.
        let says_so = |words: &str| ["verify failure", "verification failure"].iter().any(|said| words.contains(said));
        self.0.as_ref().map(|(good, words)| *good && !says_so(&words.to_lowercase()))
    }

    /// What it printed.
    pub fn words(&self) -> Option<&str> {
        self.0.as_ref().map(|(_, words)| words.as_str())
    }
}

/// A program in the background, which ends with this.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The judges, and a folder for the objects that they look at.
pub struct Outside {
    openssl: PathBuf,
    /// Debian's 3.0 must be told the user id, and has no way to be told for CRLs and messages.
    four: bool,
    python: Option<PathBuf>,
    folder: tempfile::TempDir,
    /// Folder of this test among the artifacts.
    name: &'static str,
}

/// A user id for OpenSSL before 4.0.
const USER_ID: &str = "distid:1234567812345678";

impl Outside {
    pub fn new(name: &'static str) -> Self {
        let openssl = env::var_os("GUIQIAN_OPENSSL4").map(PathBuf::from);
        let python = env::var_os("GUIQIAN_JUDGES").map(PathBuf::from);
        Self {
            four: openssl.is_some(),
            openssl: openssl.unwrap_or_else(|| "openssl".into()),
            python,
            name,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Puts an object where the judges find it, and among the artifacts when those are wanted; an empty one is a
    /// place where a judge puts something.
    pub fn file(&self, name: &str, octets: &[u8]) -> PathBuf {
        if let Some(artifacts) = env::var_os("GUIQIAN_ARTIFACTS").filter(|_| !octets.is_empty()) {
            let folder = Path::new(&artifacts).join("pki").join(self.name);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(name), octets).unwrap();
        }
        let path = self.folder.path().join(name);
        fs::write(&path, octets).unwrap();
        path
    }

    /// As [`Self::file`], but never among the artifacts.
    pub fn secret(&self, name: &str, octets: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, octets).unwrap();
        path
    }

    /// A key as OpenSSL reads it: PEM of ECPrivateKey (RFC 5915) on the SM2 curve.
    pub fn private_key(&self, key: &gm::sm2::KeyPair) -> Vec<u8> {
        let curve = [&[0xa0, 10, 6, 8], pki::oid::SM2.as_bytes()].concat();
        let public = [&[0xa1, 68, 3, 66, 0], &pki::Signer::public_key(key)[..]].concat();
        let body = [&[2, 1, 1, 4, 32], &key.secret().to_bytes()[..], &curve, &public].concat();
        let der = [&[0x30, body.len() as u8], &body[..]].concat();
        pki::pem::encode("EC PRIVATE KEY", &der).unwrap().into_bytes()
    }

    /// Is it OpenSSL 4?
    pub const fn has_four(&self) -> bool {
        self.four
    }

    /// Does OpenSSL end well? With its output.
    pub fn openssl<S: AsRef<OsStr>>(&self, words: &[S]) -> Verdict {
        run(Command::new(&self.openssl).args(words))
    }

    /// Starts OpenSSL 4 in the background; `None` and a line about it when only 3.0 is there.
    pub fn start<S: AsRef<OsStr>>(&self, words: &[S]) -> Option<Running> {
        if !self.four {
            println!("skipped: {} of OpenSSL 4 (GUIQIAN_OPENSSL4 is not set)", words[0].as_ref().display());
            return None;
        }
        let log = fs::File::create(self.folder.path().join("background.log")).unwrap();
        let mut command = Command::new(&self.openssl);
        command.args(words).env("OPENSSL_CONF", "/dev/null").stdout(log.try_clone().unwrap()).stderr(log);
        Some(Running(command.spawn().unwrap()))
    }

    /// What the program in the background has said.
    pub fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("background.log")).unwrap_or_default()
    }

    /// Something that only OpenSSL 4 can do; `None` and a line about it when only 3.0 is there.
    pub fn openssl4<S: AsRef<OsStr>>(&self, words: &[S]) -> Verdict {
        if self.four {
            return self.openssl(words);
        }
        println!("skipped: {} of OpenSSL 4 (GUIQIAN_OPENSSL4 is not set)", words[0].as_ref().display());
        Verdict(None)
    }

    /// `openssl verify` of a certificate under a root, at a time. 3.0 passes the user id to the leaf only, so it can
    /// check what a root signed itself.
    pub fn verify(&self, leaf: &Path, between: Option<&Path>, root: &Path, at: u64, more: &[&OsStr]) -> Verdict {
        let at = at.to_string();
        let mut words: Vec<&OsStr> = ["verify", "-attime", &at, "-CAfile"].map(OsStr::new).to_vec();
        words.push(root.as_os_str());
        if let Some(between) = between {
            words.extend([OsStr::new("-untrusted"), between.as_os_str()]);
        }
        let mine: &[&str] = if self.four { &["-check_ss_sig", "-x509_strict"] } else { &["-vfyopt", USER_ID] };
        words.extend(mine.iter().map(OsStr::new));
        words.extend(more);
        words.push(leaf.as_os_str());
        if between.is_some() { self.openssl4(&words) } else { self.openssl(&words) }
    }

    /// `openssl req -verify`.
    pub fn request(&self, request: &Path) -> Verdict {
        let mut words = ["req", "-verify", "-noout", "-inform", "DER", "-in"].map(OsStr::new).to_vec();
        words.push(request.as_os_str());
        if !self.four {
            words.extend(["-vfyopt", USER_ID].map(OsStr::new));
        }
        self.openssl(&words)
    }

    /// `openssl dgst -verify`: a bare signature over a file.
    pub fn bare(&self, key: &Path, message: &Path, signature: &Path) -> Verdict {
        let mut words = vec![OsStr::new("dgst"), OsStr::new("-sm3"), OsStr::new("-verify"), key.as_os_str()];
        if !self.four {
            words.extend(["-sigopt", USER_ID].map(OsStr::new));
        }
        words.extend([OsStr::new("-signature"), signature.as_os_str(), message.as_os_str()]);
        self.openssl(&words)
    }

    /// gmalg and gmssl by `judge.py`; `None` and a line about it when they are not there.
    pub fn judge(&self, kind: &str, object: &Path, other: &Path) -> Verdict {
        self.judge_with(kind, &[object, other])
    }

    /// As [`Self::judge`], for kinds that need more or less than two files.
    pub fn judge_with(&self, kind: &str, files: &[&Path]) -> Verdict {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside/judge.py");
        let mut words = vec![script.as_os_str(), OsStr::new(kind)];
        words.extend(files.iter().map(|file| file.as_os_str()));
        self.python(&words)
    }

    /// The codes of pkilint's findings that are warnings or worse.
    pub fn lint(&self, words: &[&str], object: &Path) -> Option<Vec<String>> {
        let mut all = vec![OsStr::new("-m")];
        all.extend(words.iter().chain(&["-s", "WARNING", "--document-format", "DER", "-f", "CSV"]).map(OsStr::new));
        all.push(object.as_os_str());
        let verdict = self.python(&all);
        let text = verdict.words()?;
        // node_path,validator,severity,code,message
        let mut lines = text.lines();
        assert!(lines.next().is_some_and(|heads| heads.contains("severity,code")), "pkilint says:\n{text}");
        Some(lines.filter_map(|line| line.split(',').nth(3)).map(str::to_owned).collect())
    }

    fn python(&self, words: &[&OsStr]) -> Verdict {
        let Some(python) = &self.python else {
            println!("skipped: {} (GUIQIAN_JUDGES is not set)", words[1].display());
            return Verdict(None);
        };
        run(Command::new(python).args(words))
    }
}

fn run(command: &mut Command) -> Verdict {
    // 4.0 looks for its configuration where it was to be installed; none is needed.
    let output = command.env("OPENSSL_CONF", "/dev/null").output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    Verdict(Some((output.status.success(), String::from_utf8_lossy(&text).into_owned())))
}

/// Two copies of an object with one bit changed: in the middle of what is signed (`part` occurs there), and in the
/// last octet of the signature.
pub fn corrupted(object: &[u8], part: &[u8]) -> [Vec<u8>; 2] {
    let at = object.windows(part.len()).rposition(|window| window == part).unwrap();
    let flipped = |position: usize| {
        let mut copy = object.to_vec();
        copy[position] ^= 1;
        copy
    };
    [flipped(at + part.len() / 2), flipped(object.len() - 1)]
}
