//! A CA that speaks CMP over HTTP (RFC 9810, RFC 9811), with the platform as its registration authority.

use gm::sm2::KeyPair;
use pki::{
    Certificate, Crl,
    cmp::{Answer, MEDIA_TYPE, Parties, Protection, Request, Transaction},
    pem, private_key,
};
use serde::Deserialize;

use super::{OutsideCa, ProviderError, transport::Transport};
use crate::clock::SharedClock;

/// Longest revocation list that is fetched, octets: a few million entries.
const MAX_LIST: u64 = 128 * 1024 * 1024;

/// Where the CA is and how both sides know each other: `secret` or `signatures`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CmpCaSettings {
    /// Address of the CA for CMP.
    pub url: String,
    /// PEM of the root above the CA.
    pub root: String,
    /// PEM of the CA's certificate, which signs what it issues. The root itself may issue.
    pub certificate: String,
    /// Where its revocation list lies.
    #[serde(default)]
    pub revocation_list: Option<String>,
    /// A secret that was agreed upon.
    #[serde(default)]
    pub secret: Option<SecretSettings>,
    /// SM2 signatures of both sides.
    #[serde(default)]
    pub signatures: Option<SignatureSettings>,
}

/// A shared secret and its name at the CA.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretSettings {
    /// The name.
    pub reference: String,
    /// The secret.
    pub value: String,
}

/// Certificates of both sides.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureSettings {
    /// PEM of the platform's certificate, issued by the CA to its registration authorities.
    pub certificate: String,
    /// PEM of its key: EncryptedPrivateKeyInfo.
    pub private_key: String,
    /// What opens it.
    pub passphrase: String,
    /// PEM of the certificate whose key signs answers.
    pub answering: String,
}

/// The CA.
pub struct CmpCa {
    url: String,
    root: Certificate,
    certificate: Certificate,
    revocation_list: Option<String>,
    protection: Known,
    clock: SharedClock,
    transport: Transport,
}

enum Known {
    Secret(SecretSettings),
    Signatures { certificate: Box<Certificate>, key: Box<KeyPair>, answering: Box<Certificate> },
}

impl Known {
    fn protection(&self) -> Protection<'_> {
        match self {
            Self::Secret(SecretSettings { reference, value }) => {
                Protection::Secret { reference, secret: value.as_bytes() }
            }
            Self::Signatures { certificate, key, answering } => {
                Protection::Signatures { certificate, signer: &**key, answering }
            }
        }
    }
}

fn wrong(what: &str, error: &dyn core::fmt::Display) -> ProviderError {
    ProviderError::Settings(format!("cmp: {what}: {error}"))
}

fn certificate(what: &str, text: &str) -> Result<Certificate, ProviderError> {
    let der = pem::decode(pem::CERTIFICATE, text).map_err(|error| wrong(what, &error))?;
    Certificate::read(&der).map_err(|error| wrong(what, &error))
}

impl CmpCa {
    /// The CA with these settings.
    ///
    /// # Errors
    /// [`ProviderError::Settings`] for certificates that do not fit together or a key that cannot be opened.
    pub fn new(settings: CmpCaSettings, clock: SharedClock) -> Result<Self, ProviderError> {
        let root = certificate("root", &settings.root)?;
        let own = certificate("certificate", &settings.certificate)?;
        for (one, above) in [(&root, &root), (&own, &root)] {
            one.verify_signature(&above.tbs.public_key).map_err(|error| wrong("certificate under root", &error))?;
        }
        let protection = match (settings.secret, settings.signatures) {
            (Some(secret), None) if !secret.value.is_empty() => Known::Secret(secret),
            (None, Some(known)) => {
                let der = pem::decode(pem::ENCRYPTED_PRIVATE_KEY, &known.private_key);
                let der = der.map_err(|error| wrong("private_key", &error))?;
                let key = private_key::open(&der, &known.passphrase).map_err(|error| wrong("private_key", &error))?;
                let (key, mine) = (KeyPair::from(key), certificate("signatures.certificate", &known.certificate)?);
                if key.public().to_bytes() != mine.tbs.public_key {
                    return Err(wrong("private_key", &"belongs to another certificate"));
                }
                let answering = certificate("signatures.answering", &known.answering)?;
                Known::Signatures { certificate: Box::new(mine), key: Box::new(key), answering: Box::new(answering) }
            }
            _ => return Err(wrong("protection", &"either secret or signatures, and a secret that is not empty")),
        };
        let (url, revocation_list) = (settings.url, settings.revocation_list);
        Ok(Self { url, root, certificate: own, revocation_list, protection, clock, transport: Transport::default() })
    }
}

#[async_trait::async_trait]
impl OutsideCa for CmpCa {
    fn root(&self) -> &Certificate {
        &self.root
    }

    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    async fn ask(&self, talk: &mut Transaction, request: Request<'_>) -> Result<Answer, ProviderError> {
        let now = u64::try_from(self.clock.now().as_second()).unwrap_or_default();
        let parties = || Parties { authority: &self.certificate, protection: self.protection.protection() };
        let question = talk.ask(parties(), now, request).map_err(|error| wrong("question", &error))?;
        let headers = vec![("Content-Type", MEDIA_TYPE.to_owned()), ("Accept", MEDIA_TYPE.to_owned())];
        let answer = self.transport.post_octets(self.url.clone(), headers, question).await?;
        talk.hear(parties(), &answer).map_err(|error| ProviderError::Unavailable(format!("cmp: answer: {error}")))
    }

    async fn revocation_list(&self) -> Result<Option<Crl>, ProviderError> {
        let Some(url) = &self.revocation_list else { return Ok(None) };
        let der = self.transport.get(url.clone(), MAX_LIST).await?;
        let unusable = |error: pki::Error| ProviderError::Unavailable(format!("revocation list: {error}"));
        let list = Crl::read(&der).map_err(unusable)?;
        list.verify_signature(&self.certificate.tbs.public_key).map_err(unusable)?;
        if list.tbs.issuer != self.certificate.tbs.subject {
            return Err(ProviderError::Unavailable("revocation list: of another CA".to_owned()));
        }
        Ok(Some(list))
    }
}
