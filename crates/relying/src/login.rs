//! Verifying a login: not the platform's word, but the person's signature.

use jiff::{SignedDuration, Timestamp};
use pki::name::Attributes;
use pki::{Certificate, pem, signature};
use serde::Deserialize;
use uuid::Uuid;

use crate::model::{Action, Enterprise, ScanRequest, State, Ticket};
use crate::{Client, LoginFault, Result, Trust};

/// How much clocks may differ.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// Somebody who is logged in, proved by their signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedLogin {
    /// The person, as this relying party alone knows them. The platform vouches for it; the certificate does not name it.
    pub subject: Uuid,
    /// The person's name: the one in a personal certificate; of an enterprise's certificate the platform vouches for it.
    pub name: String,
    /// The enterprise that the certificate speaks for; none: the person alone.
    pub enterprise: Option<Enterprise>,
    /// The certificate that signed.
    pub certificate: Certificate,
    /// Which relying party the statement names: this one, as the platform knows it.
    pub relying_party: Uuid,
}

/// What a login signs: a JSON object with its keys in this order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Statement {
    #[serde(rename = "type")]
    kind: String,
    version: u32,
    request: Uuid,
    relying_party: Uuid,
    #[allow(dead_code)] // for the person's eyes
    name: String,
    check_number: String,
    issued_at: Timestamp,
    expires_at: Timestamp,
}

impl Client {
    /// Verifies the answer to a login: the signature over the statement, the certificate with its chain and revocation
    /// list, and that the statement is about the request of this ticket and about now.
    ///
    /// # Errors
    /// [`crate::Error::Login`] with what does not fit; errors of fetching the issuer's certificate and list.
    pub async fn verify_login(
        &self,
        ticket: &Ticket,
        scan: &ScanRequest,
        trust: &Trust,
        now: Timestamp,
    ) -> Result<VerifiedLogin> {
        let verified = check(ticket, scan, now)?;
        trust.check(self, &verified.certificate, now).await?;
        Ok(verified)
    }
}

/// Everything but the certificate's worth.
fn check(ticket: &Ticket, scan: &ScanRequest, now: Timestamp) -> Result<VerifiedLogin, LoginFault> {
    let (Action::Login, State::Confirmed, Some(result)) = (scan.action, scan.state, &scan.result) else {
        return Err(LoginFault::NotConfirmed);
    };
    let octets = result.statement.as_deref().ok_or(LoginFault::Statement)?;
    let statement: Statement = serde_json::from_slice(octets).map_err(|_| LoginFault::Statement)?;
    if statement.kind != "guiqian-login" || statement.version != 1 {
        return Err(LoginFault::Statement);
    }
    if scan.id != ticket.id || statement.request != ticket.id || statement.check_number != ticket.check_number {
        return Err(LoginFault::OtherRequest);
    }
    if statement.expires_at != ticket.expires_at
        || now > statement.expires_at.saturating_add(SKEW).unwrap_or(Timestamp::MAX)
        || now < statement.issued_at.saturating_sub(SKEW).unwrap_or(Timestamp::MIN)
    {
        return Err(LoginFault::Time);
    }
    let der = pem::decode(pem::CERTIFICATE, &result.certificate_pem).map_err(|_| LoginFault::Certificate)?;
    let certificate = Certificate::read(&der).map_err(|_| LoginFault::Certificate)?;
    signature::verify(&certificate.tbs.public_key, octets, &result.signature, "login")
        .map_err(|_| LoginFault::Signature)?;
    let name = Attributes::read(&certificate.tbs.subject).map_err(|_| LoginFault::Certificate)?;
    let name = name.display_name().to_owned();
    if name != result.name {
        return Err(LoginFault::Name);
    }
    let enterprise = Enterprise::of(&certificate).map_err(|_| LoginFault::Certificate)?;
    if enterprise != result.enterprise {
        return Err(LoginFault::Enterprise);
    }
    let name = match (&enterprise, &result.person_name) {
        (None, Some(person)) if *person != name => return Err(LoginFault::Name),
        (None, _) => name,
        (Some(_), person) => person.clone().filter(|person| !person.is_empty()).ok_or(LoginFault::Name)?,
    };
    Ok(VerifiedLogin { subject: result.subject, name, enterprise, certificate, relying_party: statement.relying_party })
}
