//! Which roots are believed, and the certificates between a person and a root.

use jiff::Timestamp;
use pki::chain::{Revocation, Usage, Verifier};
use pki::{Certificate, Crl, oid, pem};

use crate::{Client, Error, LoginFault, Result};

/// Which roots are believed.
#[derive(Debug, Clone)]
pub enum Trust {
    /// Those that the platform names. The connection must be `https`, or a network that nobody else is in.
    Platform,
    /// These and no others, such as those handed over on paper.
    Pinned(Vec<Certificate>),
}

impl Trust {
    /// Pins the certificates of a PEM file.
    ///
    /// # Errors
    /// [`Error::Configuration`] if it holds none, or one that cannot be read.
    pub fn pinned(pem_text: &str) -> Result<Self> {
        const FORM: Error = Error::Configuration("a PEM file with at least one SM2 certificate is needed");
        let ders = pem::decode_all(pem::CERTIFICATE, pem_text).map_err(|_| FORM)?;
        let roots: Vec<_> =
            ders.iter().map(|der| Certificate::read(der)).collect::<Result<_, _>>().map_err(|_| FORM)?;
        if roots.is_empty() { Err(FORM) } else { Ok(Self::Pinned(roots)) }
    }

    /// Is this certificate one to believe for signatures at `now`?
    pub(crate) async fn check(&self, client: &Client, leaf: &Certificate, now: Timestamp) -> Result<()> {
        let folder = issuer_folder(leaf).ok_or(LoginFault::Untrusted)?;
        let root = async {
            match self {
                Self::Pinned(_) => Ok(None),
                Self::Platform => client.public(&format!("{folder}root.cer")).await.map(Some),
            }
        };
        let (issuer, list) = (format!("{folder}ca.cer"), format!("{folder}ca.crl"));
        let (issuer, list, root) = futures::try_join!(client.public(&issuer), client.public(&list), root)?;
        let issuer = Certificate::read(&issuer).map_err(|_| LoginFault::Untrusted)?;
        let list = Crl::read(&list).map_err(|_| LoginFault::Untrusted)?;
        let named = root.map(|root| Certificate::read(&root)).transpose().map_err(|_| LoginFault::Untrusted)?;
        let roots = match (self, &named) {
            (Self::Pinned(roots), _) => roots.as_slice(),
            (Self::Platform, named) => named.as_slice(),
        };
        let verifier = Verifier {
            roots,
            intermediates: core::slice::from_ref(&issuer),
            crls: core::slice::from_ref(&list),
            revocation: Revocation::RequiredForLeaf,
            at: u64::try_from(now.as_second()).unwrap_or_default(),
        };
        verifier.verify(leaf, Usage::Signing).map(drop).map_err(|_| LoginFault::Untrusted.into())
    }
}

/// The folder below the platform in which the issuer's public objects lie, such as `pki/guiyun/`.
///
/// The certificate names a whole address (authorityInfoAccess, caIssuers), but a certificate that is not verified yet
/// must not make us call addresses of its choice: only the folder is taken, and asked of our own platform.
fn issuer_folder(leaf: &Certificate) -> Option<String> {
    let access = &leaf.tbs.extension(&oid::AUTHORITY_INFO_ACCESS)?.value;
    folder_named(&String::from_utf8_lossy(access))
}

/// The address of an OCSP responder, which lies in the same folder, may stand before that of the issuer.
fn folder_named(addresses: &str) -> Option<String> {
    addresses.split("/pki/").skip(1).find_map(|path| {
        let (slug, rest) = path.split_once('/')?;
        let plain =
            !slug.is_empty() && slug.len() <= 64 && slug.bytes().all(|o| o.is_ascii_alphanumeric() || o == b'-');
        (plain && rest.starts_with("ca.cer")).then(|| format!("pki/{slug}/"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuers_folder_is_found_beside_a_responder() {
        let issuer = "https://ca.example/pki/guiyun/ca.cer";
        let folder = Some("pki/guiyun/".to_owned());
        assert_eq!(folder_named(issuer), folder);
        assert_eq!(folder_named(&format!("https://ca.example/pki/guiyun/ocsp0\u{8}{issuer}")), folder);
        assert_eq!(folder_named("https://ca.example/pki/../ca.cer"), None);
        assert_eq!(folder_named("https://ca.example/pki/guiyun/ocsp"), None);
    }
}
